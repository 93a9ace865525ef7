// What a file's first bytes say, so that a wrong one is refused before it is sent. The annotator checks everything.
const HEAD_BYTES = 65_536;
const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";
const OTHERS: readonly (readonly [magic: string, name: string])[] = [
  ["BCF\u0002", "a BCF file. Convert it with `bcftools view -Oz`"],
  ["PK\u0003\u0004", "a ZIP archive or a spreadsheet. Upload the VCF itself, plain or compressed with gzip or bgzip"],
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

const latin1 = new TextDecoder("latin1");

// As much as can be had: the cut end of a compressed file is no fault here.
async function inflatedHead(head: Blob): Promise<Uint8Array> {
  const reader = head.stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  try {
    const { value } = await reader.read();
    return value ?? new Uint8Array();
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function fault(text: string, isInside: boolean): string | null {
  if (text.replace(BYTE_ORDER_MARK, "").startsWith("##fileformat=VCF")) return null;
  const it = isInside ? "Inside, this is" : "This is";
  const other = OTHERS.find(([magic]) => text.startsWith(magic));
  if (other) return `${it} ${other[1]}.`;
  return `${it} not a VCF file: it does not begin with the line ##fileformat=VCFv4.2 (or another version).`;
}

/** What is wrong with a file by its first 64 KiB, in words for its owner; null if nothing is. */
export async function faultOfFirstBytes(file: File): Promise<string | null> {
  if (file.size === 0) return "The file is empty. Choose a VCF file with at least its header.";
  const head = file.slice(0, HEAD_BYTES);
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await head.arrayBuffer());
  } catch {
    return "The file cannot be read. It may have been moved or changed: choose it again.";
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return fault(latin1.decode(bytes), false);
  try {
    return fault(latin1.decode(await inflatedHead(head)), true);
  } catch {
    return "The file is damaged: it begins like gzip but cannot be unpacked. Compress it again.";
  }
}
