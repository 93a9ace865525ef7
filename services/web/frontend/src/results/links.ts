// Addresses of a variant and its gene elsewhere.
import type { Value } from "./api.ts";

export interface Place {
  contig: string;
  pos: number;
  end: number;
  ref: string;
  alt: string;
}

export interface Elsewhere {
  name: string;
  address: string;
}

const FLANK = 50;

const plainContig = (contig: string): string => contig.replace(/^chr/i, "").replace(/^M$/, "MT");

function ofPlace({ contig, pos, end, ref, alt }: Place, assembly: string): Elsewhere[] {
  const chromosome = plainContig(contig);
  const is38 = assembly.startsWith("GRCh38");
  if (!is38 && !assembly.startsWith("GRCh37")) return [];
  const range = `${Math.max(1, pos - FLANK)}-${end + FLANK}`;
  const ensembl = is38 ? "https://www.ensembl.org" : "https://grch37.ensembl.org";
  const links = [
    { name: "Ensembl", address: `${ensembl}/Homo_sapiens/Location/View?r=${chromosome}:${range}` },
    { name: "UCSC", address: `https://genome.ucsc.edu/cgi-bin/hgTracks?db=${is38 ? "hg38" : "hg19"}&position=chr${chromosome === "MT" ? "M" : chromosome}:${range}` },
  ];
  if (!/^[ACGTN]+$/i.test(ref + alt)) return links;
  const gnomad = { name: "gnomAD", address: `https://gnomad.broadinstitute.org/variant/${chromosome}-${pos}-${ref}-${alt}?dataset=${is38 ? "gnomad_r4" : "gnomad_r2_1"}` };
  return [gnomad, ...links];
}

const text = (value: Value | undefined): string => (value === null || value === undefined ? "" : String(value));

/** Where else the variant is described: by place, by rs name, by ClinVar's number, by gene. */
export function elsewhere(place: Place, assembly: string, names: { rs: string[]; clinvar: string; symbol: Value | undefined }): Elsewhere[] {
  const links = ofPlace(place, assembly);
  for (const rs of names.rs.slice(0, 3)) links.push({ name: `dbSNP ${rs}`, address: `https://www.ncbi.nlm.nih.gov/snp/${encodeURIComponent(rs)}` });
  const [rs] = names.rs;
  if (/^\d+$/.test(names.clinvar)) links.push({ name: "ClinVar", address: `https://www.ncbi.nlm.nih.gov/clinvar/variation/${names.clinvar}/` });
  else if (rs) links.push({ name: "ClinVar", address: `https://www.ncbi.nlm.nih.gov/clinvar/?term=${encodeURIComponent(rs)}` });
  const symbol = encodeURIComponent(text(names.symbol));
  if (!symbol) return links;
  return [
    ...links,
    { name: "OMIM", address: `https://www.omim.org/search?search=${symbol}` },
    { name: "DECIPHER", address: `https://www.deciphergenomics.org/gene/${symbol}/overview/clinical-info` },
  ];
}
