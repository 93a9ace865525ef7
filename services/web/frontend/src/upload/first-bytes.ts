// What a file's first bytes say, so that a wrong one is refused before it is sent. The annotator checks everything.
import { type Header, headerOf } from "./header.ts";
import { isListOfNames } from "./pasted.ts";

const HEAD_BYTES = 65_536;
const INFLATED_BYTES = 1 << 20;
const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";
const ZIP = "PK\u0003\u0004";
const OTHERS: readonly (readonly [magic: string, name: string])[] = [
  ["BZh", "compressed with bzip2. Compress it with gzip or bgzip"],
  ["\u00fd7zXZ", "compressed with xz. Compress it with gzip or bgzip"],
  ["(\u00b5/\u00fd", "compressed with zstd. Compress it with gzip or bgzip"],
  ["BAM\u0001", "a BAM file. Call variants first, and upload their VCF"],
  ["CRAM", "a CRAM file. Call variants first, and upload their VCF"],
  ["\u00ff\u00fe", "text in UTF-16. Save it as UTF-8"],
  ["\u00fe\u00ff", "text in UTF-16. Save it as UTF-8"],
  ["%PDF", "a PDF"],
  ["<", "a web page or XML. A download may have failed"],
  ["@", "a FASTQ or SAM file. Call variants first, and upload their VCF"],
  [">", "a FASTA file. Call variants first, and upload their VCF"],
];

const latin1 = new TextDecoder("latin1"); // for the magic bytes of other formats
const utf8 = new TextDecoder();

/** What the beginning of a file tells: `fault` in words for its owner, null if there is none. */
export interface Head {
  fault: string | null;
  /** Null where it cannot be read here, as in BCF. */
  header: Header | null;
  /** A list of names of variants, of which none tells the reference. */
  needsReference: boolean;
  /** SHA-256 of the first bytes, hexadecimal; empty where the browser computes none. */
  sha256: string;
}

/** The blocks of bgzip that are whole in these bytes, or all of them if they are of plain gzip. */
function members(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const blocks: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  // BSIZE follows "BC" in the extra field, which begins at byte 12 and has it first.
  while (at + 18 <= bytes.length && bytes[at + 3] === 4 && bytes[at + 12] === 66 && bytes[at + 13] === 67) {
    const size = (bytes[at + 16] ?? 0) + 256 * (bytes[at + 17] ?? 0) + 1;
    if (at + size > bytes.length) break;
    blocks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return blocks.length ? blocks : [bytes];
}

// As much as can be had: the cut end of a compressed file is no fault here.
async function inflated(member: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>[]> {
  const reader = new Blob([member]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    while (size < INFLATED_BYTES) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value as Uint8Array<ArrayBuffer>);
      size += value.length;
    }
  } catch (error) {
    if (!chunks.length) throw error;
  } finally {
    reader.cancel().catch(() => undefined);
  }
  return chunks;
}

async function inflatedHead(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (const member of members(bytes)) {
    for (const chunk of await inflated(member)) {
      chunks.push(chunk);
      size += chunk.length;
    }
    if (size >= INFLATED_BYTES) break;
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function faultOf(text: string, isInside: boolean): string | null {
  if (text.startsWith("##fileformat=VCF") || text.startsWith("BCF\u0002")) return null;
  const it = isInside ? "Inside, this is" : "This is";
  if (text.startsWith(ZIP)) {
    // A ZIP archive may have one VCF in it, which the annotator looks for.
    return text.includes("[Content_Types].xml") ? `${it} a spreadsheet or another office document. Save it as VCF.` : null;
  }
  const other = OTHERS.find(([magic]) => text.startsWith(magic));
  if (other) return `${it} ${other[1]}.`;
  return `${it} not a VCF file: it does not begin with the line ##fileformat=VCFv4.2 (or another version), nor is it a list of rs numbers or HGVS names.`;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (!globalThis.isSecureContext) return "";
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const bad = (fault: string): Head => ({ fault, header: null, needsReference: false, sha256: "" });
// Names that count along a chromosome tell the annotator which reference they are of.
const GENOMIC = /(^|[\s:,;])[gm]\.\d|(^|\s)\S+[-:]\d+[-:][ACGT]+[-:>][ACGT]|^\S+\s+\d+\s/im;

/** What a file's first 64 KiB tell. */
export async function headOf(file: File): Promise<Head> {
  if (file.size === 0) return bad("The file is empty. Choose a VCF file with at least its header.");
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  } catch {
    return bad("The file cannot be read. It may have been moved or changed: choose it again.");
  }
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  let head: Uint8Array = bytes;
  try {
    if (isPacked) head = await inflatedHead(bytes);
  } catch {
    return bad("The file is damaged: it begins like gzip but cannot be unpacked. Compress it again.");
  }
  const text = utf8.decode(head);
  const isList = isListOfNames(text.replace("\ufeff", ""));
  const fault = isList ? null : faultOf(latin1.decode(head).replace(BYTE_ORDER_MARK, ""), isPacked);
  const header = text.startsWith("##fileformat=VCF") ? headerOf(text) : null;
  return { fault, header, needsReference: isList && !GENOMIC.test(text), sha256: await sha256(bytes) };
}
