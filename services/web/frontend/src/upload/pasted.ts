// Lines that were pasted, as a file.
const HEADER = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
const COLUMNS = 8;
const MOST_LOOKED_AT = 100;
const NAME = /^(rs\d+|([^:]+:)?[cgmnpr]\.\S+|[^-:\s]+[-:]\d+[-:][ACGT]+[-:>][ACGT]+)$/i;
const SPACED = /([\w)]):?\s+(?=[cgmn]\.)/g; // as in "APP c.2149G>A"
const PROTEIN = /^\(?p\.\S+$/;
const RECORD = /^\S+\s+\d+\s+(\S+\s+)?[ACGTN]+\s+[ACGT,]+(\s|$)/i;

function isOfNames(line: string): boolean {
  const parts = line.replace(SPACED, "$1:").split(/[\s,;]+/).filter(Boolean);
  const others = parts.filter((part) => !PROTEIN.test(part));
  return (others.length ? others : parts).every((part) => NAME.test(part));
}

/** Whether a text is a list of rs numbers or HGVS names: a first guess, the annotator decides. */
export function isListOfNames(text: string): boolean {
  if (text.startsWith("##fileformat=")) return false;
  const lines = text.split(/\r\n?|\n/).map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
  const first = lines.slice(0, MOST_LOOKED_AT);
  const named = first.filter(isOfNames).length;
  return named > 0 && 2 * (named + first.filter((line) => RECORD.test(line)).length) > first.length;
}

// What is copied from a page or a mail often has spaces for tabs, and often ends after ALT.
function record(line: string): string {
  const fields = line.includes("\t") ? line.split("\t") : line.trim().split(/\s+/);
  while (fields.length < COLUMNS) fields.push(".");
  return fields.join("\t");
}

/** The text as a VCF, or as the list that it is. Lines without a header get one; `number` makes its name one of its own. */
export function pastedFile(text: string, number: number): File {
  const lines = text.replace(/\r\n?/g, "\n").trim().split("\n");
  const type = "text/plain";
  if (isListOfNames(text)) return new File([`${lines.join("\n")}\n`], `pasted-${number}.txt`, { type });
  const hasHeader = lines[0]?.startsWith("##fileformat=VCF");
  const records = lines.filter((line) => line && !line.startsWith("#")).map(record);
  const content = hasHeader ? `${lines.join("\n")}\n` : `${HEADER}${records.join("\n")}\n`;
  return new File([content], `pasted-${number}.vcf`, { type });
}
