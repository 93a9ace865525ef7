// Lines that were pasted, as a file.
const HEADER = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
const COLUMNS = 8;

// What is copied from a page or a mail often has spaces for tabs, and often ends after ALT.
function record(line: string): string {
  const fields = line.includes("\t") ? line.split("\t") : line.trim().split(/\s+/);
  while (fields.length < COLUMNS) fields.push(".");
  return fields.join("\t");
}

/** The text as a VCF; lines without a header get one. `number` makes its name one of its own. */
export function pastedFile(text: string, number: number): File {
  const lines = text.replace(/\r\n?/g, "\n").trim().split("\n");
  const hasHeader = lines[0]?.startsWith("##fileformat=VCF");
  const records = lines.filter((line) => line && !line.startsWith("#")).map(record);
  const content = hasHeader ? `${lines.join("\n")}\n` : `${HEADER}${records.join("\n")}\n`;
  return new File([content], `pasted-${number}.vcf`, { type: "text/plain" });
}
