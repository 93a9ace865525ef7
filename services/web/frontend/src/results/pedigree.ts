// Pedigree files (PED, FAM): family, individual, father, mother, sex, phenotype, separated by blanks or tabs.
export interface Member {
  sample: string;
  role: string;
}

const MOST_LINES = 10_000;
const AFFECTED = "2";
const UNAFFECTED = "1";

/** What a pedigree says does not fit the file; the message says what to do. */
export class BadPedigree extends Error {}

interface Line {
  id: string;
  father: string;
  mother: string;
  phenotype: string;
}

function lineOf(text: string, number: number): Line {
  const [, id, father, mother, , phenotype] = text.trim().split(/\s+/);
  if (!id || !father || !mother || phenotype === undefined) {
    throw new BadPedigree(`Line ${number} needs six columns: family, individual, father, mother, sex, phenotype.`);
  }
  return { id, father, mother, phenotype };
}

function linesOf(text: string): Line[] {
  const lines = text.split(/\r?\n/);
  if (lines.length > MOST_LINES) throw new BadPedigree(`The file has more than ${MOST_LINES} lines.`);
  return lines.flatMap((line, at) => (line.trim() && !line.startsWith("#") ? [lineOf(line, at + 1)] : []));
}

/** The roles of the samples. The child is the affected sample with parents in the file; the first of several. */
export function membersOf(text: string, samples: readonly string[]): Member[] {
  const lines = linesOf(text).filter(({ id }) => samples.includes(id));
  if (!lines.length) throw new BadPedigree(`None of its individuals is a sample of this file, which has ${samples.slice(0, 5).join(", ")}.`);
  const hasParents = (line: Line): boolean => samples.includes(line.father) || samples.includes(line.mother);
  const child = lines.find((line) => line.phenotype === AFFECTED && hasParents(line)) ?? lines.find(hasParents);
  const members: Member[] = [];
  if (child) {
    members.push({ sample: child.id, role: "child" });
    if (samples.includes(child.father)) members.push({ sample: child.father, role: "father" });
    if (samples.includes(child.mother)) members.push({ sample: child.mother, role: "mother" });
  }
  for (const { id, phenotype } of lines) {
    if (phenotype === AFFECTED) members.push({ sample: id, role: "affected" });
    if (phenotype === UNAFFECTED) members.push({ sample: id, role: "unaffected" });
  }
  return members;
}
