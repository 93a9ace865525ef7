"""What each column of ``variants.parquet`` means, as ``docs/variants-parquet.md`` says it."""

from __future__ import annotations

RECORD: dict[str, str] = {
    "record": "number of the record in the annotated VCF, from 1",
    "allele": "number of the allele in ALT, from 1; 0 where ALT is `.`",
    "contig_number": "place of the contig in the order of the file, from 0",
    "contig": "CHROM as the file writes it",
    "pos": "POS, 1-based",
    "end_pos": "last position, inclusive: INFO/END, or that of the last base of REF",
    "id": "ID; null for `.`",
    "ref": "REF",
    "alt": "this allele of ALT; null for `.`",
    "type": "SNV, MNV, insertion, deletion, indel, symbolic (breakends too), or none (`.` and `*`)",
    "qual": "QUAL",
    "filter": "FILTER as the file writes it; null for `.`",
    "dp": "INFO/DP",
    "not_annotated": "why the allele has no consequence; null where it has one",
    "samples_carrying": "number of samples that carry the allele",
    "allele_count": "copies of the allele in all genotypes",
    "allele_number": "called alleles in all genotypes, of any kind",
    "carriers_gq": "highest GQ of the samples that carry the allele",
    "carriers_ad_alt": "highest AD of this allele in samples that carry it",
    "carriers_ab": "highest balance of the samples that carry the allele: of a heterozygote the"
    " smaller one of `ab` and 1 − `ab`, of another carrier 1",
}
"""Of the record and its allele."""

TRANSCRIPT: dict[str, str] = {
    "consequence": "VEP's terms, joined by `&`, the most severe first",
    "term": "the most severe of them",
    "impact": "HIGH, MODERATE, LOW or MODIFIER",
    "symbol": "name of the gene",
    "gene": "id of the gene",
    "feature_type": "Transcript; null between genes",
    "feature": "id of the transcript",
    "biotype": "biotype of the transcript",
    "exon": "`n/m` or `n-n/m`",
    "intron": "`n/m` or `n-n/m`",
    "hgvsc": "HGVS name of the transcript's change",
    "hgvsp": "HGVS name of the protein's change",
    "cdna_start": "first base in the cDNA, 1-based; null for `?`",
    "cdna_end": "last base in the cDNA, inclusive; null for `?`",
    "cds_start": "first base in the CDS, 1-based; null for `?`",
    "cds_end": "last base in the CDS, inclusive; null for `?`",
    "protein_start": "first amino acid, 1-based; null for `?`",
    "protein_end": "last amino acid, inclusive; null for `?`",
    "amino_acids": "`before/after`",
    "codons": "`before/after`, what changes in upper case",
    "distance": "bases to the transcript, up or down stream of it",
    "strand": "1 or -1",
    "flags": "cds_start_NF, cds_end_NF",
    "symbol_source": "who named the gene",
    "hgnc_id": "`HGNC:n`",
    "canonical": "whether it is Ensembl's canonical transcript",
    "mane": "MANE_Select or MANE_Plus_Clinical",
    "mane_select": "id of the MANE Select transcript at RefSeq",
    "mane_plus_clinical": "id of the MANE Plus Clinical one at RefSeq",
    "tsl": "transcript support level, 1 the best",
    "appris": "APPRIS annotation",
    "ccds": "id in CCDS",
    "ensp": "id of the protein",
    "sift": "`prediction(score)`",
    "polyphen": "`prediction(score)`",
    "domains": "protein domains, joined by `&`",
    "hgvs_offset": "bases by which HGVS shifts the allele in 3' direction",
    "gas_so_terms": "finer terms of the Sequence Ontology, joined by `&`",
}
"""Of the picked transcript, and in lists of all transcripts."""

ALLELE: dict[str, str] = {
    "variant_class": "VEP's class of the variant",
    "hgvsg": "HGVS name of the genome's change",
    "worst_term": "the most severe term in any transcript",
    "worst_impact": "its impact",
    "all_terms": "every term in any transcript, joined by `&`, worst first",
    "all_symbols": "every gene of any transcript, joined by `&`",
    "has_mane": "whether one of the transcripts is of MANE",
}
"""Of all transcripts together."""

KNOWN: dict[str, str] = {
    "existing_variation": "names in databases, joined by `&`",
    "af": "frequency in all populations",
    "gnomade_af": "frequency in gnomAD's exomes",
    "gnomadg_af": "frequency in gnomAD's genomes",
    "max_af": "highest frequency in one population",
    "max_af_pops": "that population; several are joined by `&`",
    "clin_sig": "clinical significance, joined by `&`",
    "is_pathogenic": "whether a source says, undisputed, that it is pathogenic",
}
"""Of known variants."""

SAMPLE: dict[str, str] = {
    "gt": "GT as the file writes it",
    "zygosity": "of this allele: hom_ref, het, hom, hemi (haploid), other (another ALT only), "
    "partial (some alleles are `.`); null where none is called",
    "copies": "copies of this allele; null where none is called",
    "dp": "DP",
    "gq": "GQ",
    "ad_ref": "AD of REF",
    "ad_alt": "AD of this allele",
    "ab": "allele balance: ad_alt by the sum of AD",
    "ps": "PS, the phase set",
}
"""Of each sample: ``sN_gt`` for ``gt``."""
