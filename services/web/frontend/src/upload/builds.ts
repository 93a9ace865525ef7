// Whether a file's contigs are those of a bundle; the same score as the annotator's (annotator/recognition.py).
export interface Bundle {
  name: string;
  title: string;
  contigs: { name: string; length: number; aliases: string[] }[];
}

const AUTO = "auto";
// Of the first and the last large chromosome, so that a piece of a genome is known too.
const BUILDS: Record<string, readonly number[]> = {
  "GRCh38 (hg38)": [248_956_422, 46_709_983, 156_040_895],
  "GRCh37 (hg19)": [249_250_621, 48_129_895, 155_270_560],
  "NCBI36 (hg18)": [247_249_719, 46_944_323, 154_913_754],
  "T2T-CHM13v2.0": [248_387_328, 45_090_682, 154_259_566],
};

/** +2 for a contig of the same length, -2 for another length, +1 where the file gives none; null: none is known. */
function score(contigs: ReadonlyMap<string, number | null>, bundle: Bundle): number | null {
  const known = new Map(bundle.contigs.flatMap(({ name, length, aliases }) => [name, ...aliases].map((each) => [each, length])));
  let sum: number | null = null;
  for (const [name, length] of contigs) {
    const there = known.get(name);
    if (there !== undefined) sum = (sum ?? 0) + (length === null ? 1 : length === there ? 2 : -2);
  }
  return sum;
}

function buildOf(contigs: ReadonlyMap<string, number | null>): string | undefined {
  const lengths = new Set(contigs.values());
  return Object.keys(BUILDS).find((build) => BUILDS[build]?.some((length) => lengths.has(length)));
}

/** What is wrong with the file for that choice, in words; null if nothing is, as far as its header tells. */
export function buildFault(
  contigs: ReadonlyMap<string, number | null>,
  chosen: string,
  bundles: readonly Bundle[],
): string | null {
  const asked = chosen === AUTO ? bundles : bundles.filter(({ name }) => name === chosen);
  // Nothing is told of a file without contigs, or of a bundle without a description.
  if (!contigs.size || !asked.length || asked.some((bundle) => !bundle.contigs.length)) return null;
  const scores = asked.map((bundle) => score(contigs, bundle));
  if (scores.some((each) => each !== null && each > 0)) return null;
  const build = buildOf(contigs);
  const of = build ? ` The file is of ${build}.` : "";
  const titles = asked.map(({ title }) => title).join(", ");
  if (chosen === AUTO) return `No reference has the contigs of the file, with their lengths.${of} There are: ${titles}.`;
  const why = scores[0] === null ? "has none of the contigs of the file" : "has other lengths of its contigs";
  return `Another genome build: ${titles} ${why}.${of} Choose the reference that it was made with.`;
}

/** The bundle that fits best; undefined if none does. */
export function fitting(contigs: ReadonlyMap<string, number | null>, bundles: readonly Bundle[]): Bundle | undefined {
  const scored = bundles.map((bundle) => ({ bundle, points: score(contigs, bundle) ?? 0 }));
  return scored.filter(({ points }) => points > 0).sort((a, b) => b.points - a.points)[0]?.bundle;
}
