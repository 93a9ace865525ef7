"""The columns of ``variants.parquet``. ``docs/variants-parquet.md`` is the text for readers.

Names are those of VCF and CSQ in lower case. Raise ``VERSION`` whenever a column is removed, is
renamed, or changes its type or meaning; a new column needs no new version.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa

from annotator.bundle import KnownField

VERSION = "1"
WIDE_SAMPLES = 16
"""Up to so many samples have columns of their own; of more, each column is a list."""
KNOWN_PREFIX = "known_"
KNOWN_TYPES = {
    "Integer": pa.int64(),
    "Float": pa.float64(),
    "Flag": pa.string(),
    "String": pa.string(),
}
WORD = pa.dictionary(pa.int32(), pa.string())
"""A string in the file; given to the writer as numbers of words, so that it reads none twice."""


class Column(NamedTuple):
    """A column: its name, its type, and what it says."""

    name: str
    type: pa.DataType
    about: str


RECORD = (
    Column("record", pa.int64(), "number of the record in the annotated VCF, from 1"),
    Column("allele", pa.int32(), "number of the allele in ALT, from 1; 0 where ALT is `.`"),
    Column("contig_number", pa.int32(), "place of the contig in the order of the file, from 0"),
    Column("contig", WORD, "CHROM as the file writes it"),
    Column("pos", pa.int64(), "POS, 1-based"),
    Column(
        "end_pos", pa.int64(), "last position, inclusive: INFO/END, or that of the last base of REF"
    ),
    Column("id", pa.string(), "ID; null for `.`"),
    Column("ref", pa.string(), "REF"),
    Column("alt", pa.string(), "this allele of ALT; null for `.`"),
    Column(
        "type",
        WORD,
        "SNV, MNV, insertion, deletion, indel, symbolic (breakends too), or none (`.` and `*`)",
    ),
    Column("qual", pa.float64(), "QUAL"),
    Column("filter", WORD, "FILTER as the file writes it; null for `.`"),
    Column("dp", pa.int32(), "INFO/DP"),
    Column(
        "not_annotated", pa.string(), "why the allele has no consequence; null where it has one"
    ),
    Column("samples_carrying", pa.int32(), "number of samples that carry the allele"),
    Column("allele_count", pa.int32(), "copies of the allele in all genotypes"),
    Column("allele_number", pa.int32(), "called alleles in all genotypes, of any kind"),
)
"""What the record says of itself."""

TRANSCRIPT = (
    Column("consequence", WORD, "VEP's terms, joined by `&`, the most severe first"),
    Column("term", WORD, "the most severe of them"),
    Column("impact", WORD, "HIGH, MODERATE, LOW or MODIFIER"),
    Column("symbol", WORD, "name of the gene"),
    Column("gene", WORD, "id of the gene"),
    Column("feature_type", WORD, "Transcript; null between genes"),
    Column("feature", WORD, "id of the transcript"),
    Column("biotype", WORD, "biotype of the transcript"),
    Column("exon", pa.string(), "`n/m` or `n-n/m`"),
    Column("intron", pa.string(), "`n/m` or `n-n/m`"),
    Column("hgvsc", pa.string(), "HGVS name of the transcript's change"),
    Column("hgvsp", pa.string(), "HGVS name of the protein's change"),
    Column("cdna_start", pa.int32(), "first base in the cDNA, 1-based; null for `?`"),
    Column("cdna_end", pa.int32(), "last base in the cDNA, inclusive; null for `?`"),
    Column("cds_start", pa.int32(), "first base in the CDS, 1-based; null for `?`"),
    Column("cds_end", pa.int32(), "last base in the CDS, inclusive; null for `?`"),
    Column("protein_start", pa.int32(), "first amino acid, 1-based; null for `?`"),
    Column("protein_end", pa.int32(), "last amino acid, inclusive; null for `?`"),
    Column("amino_acids", pa.string(), "`before/after`"),
    Column("codons", pa.string(), "`before/after`, what changes in upper case"),
    Column("distance", pa.int32(), "bases to the transcript, up or down stream of it"),
    Column("strand", pa.int8(), "1 or -1"),
    Column("flags", WORD, "cds_start_NF, cds_end_NF"),
    Column("symbol_source", WORD, "who named the gene"),
    Column("hgnc_id", WORD, "`HGNC:n`"),
    Column("canonical", pa.bool_(), "whether it is Ensembl's canonical transcript"),
    Column("mane", WORD, "MANE_Select or MANE_Plus_Clinical"),
    Column("mane_select", WORD, "id of the MANE Select transcript at RefSeq"),
    Column("mane_plus_clinical", WORD, "id of the MANE Plus Clinical one at RefSeq"),
    Column("tsl", pa.int8(), "transcript support level, 1 the best"),
    Column("appris", WORD, "APPRIS annotation"),
    Column("ccds", WORD, "id in CCDS"),
    Column("ensp", WORD, "id of the protein"),
    Column("sift", pa.string(), "`prediction(score)`"),
    Column("polyphen", pa.string(), "`prediction(score)`"),
    Column("domains", pa.string(), "protein domains, joined by `&`"),
    Column("hgvs_offset", pa.int32(), "bases by which HGVS shifts the allele in 3' direction"),
    Column("gas_so_terms", pa.string(), "finer terms of the Sequence Ontology, joined by `&`"),
)
"""What is said of the allele in one transcript: flat for the picked one, in lists for all."""
PICK = Column("pick", pa.bool_(), "whether this is the picked transcript")

ALLELE = (
    Column("variant_class", WORD, "VEP's class of the variant"),
    Column("hgvsg", pa.string(), "HGVS name of the genome's change"),
    Column("worst_term", WORD, "the most severe term in any transcript"),
    Column("worst_impact", WORD, "its impact"),
    Column("all_terms", WORD, "every term in any transcript, joined by `&`, worst first"),
    Column("all_symbols", WORD, "every gene of any transcript, joined by `&`"),
    Column("has_mane", pa.bool_(), "whether one of the transcripts is of MANE"),
)
"""What all transcripts together say of the allele."""

KNOWN = (
    Column("existing_variation", pa.string(), "names in databases, joined by `&`"),
    Column("af", pa.float64(), "frequency in all populations"),
    Column("gnomade_af", pa.float64(), "frequency in gnomAD's exomes"),
    Column("gnomadg_af", pa.float64(), "frequency in gnomAD's genomes"),
    Column("max_af", pa.float64(), "highest frequency in one population"),
    Column("max_af_pops", pa.string(), "that population; several are joined by `&`"),
    Column("clin_sig", pa.string(), "clinical significance, joined by `&`"),
    Column("is_pathogenic", pa.bool_(), "whether a source says, undisputed, that it is pathogenic"),
)
"""What the bundle's sources of known variants say of the allele."""

SAMPLE = (
    Column("gt", WORD, "GT as the file writes it"),
    Column(
        "zygosity",
        WORD,
        "of this allele: hom_ref, het, hom, hemi (haploid), other (another ALT only), partial"
        " (some alleles are `.`); null where none is called",
    ),
    Column("copies", pa.int16(), "copies of this allele; null where none is called"),
    Column("dp", pa.int32(), "DP"),
    Column("gq", pa.float32(), "GQ"),
    Column("ad_ref", pa.int32(), "AD of REF"),
    Column("ad_alt", pa.int32(), "AD of this allele"),
    Column("ab", pa.float32(), "allele balance: ad_alt by the sum of AD"),
    Column("ps", pa.int64(), "PS, the phase set"),
)
"""What one sample says of the allele."""

TOGETHER = (
    Column("carriers_gq", pa.float32(), "highest GQ of the samples that carry the allele"),
    Column("carriers_ad_alt", pa.int32(), "highest AD of this allele in samples that carry it"),
    Column(
        "carriers_ab",
        pa.float32(),
        "highest balance of the samples that carry the allele: of a heterozygote the smaller one"
        " of `ab` and 1 − `ab`, of another carrier 1",
    ),
)
"""What several samples say together: a filter on any of them reads these alone."""
ZYGOSITIES = Column(
    "zygosities",
    pa.int64(),
    "`zygosity` of up to 16 samples, three bits each, those of the first sample the lowest: 0 none,"
    " 1 hom_ref, 2 het, 3 hom, 4 hemi, 5 other, 6 partial without this allele, 7 partial with it",
)
ZYGOSITY_BITS = 3


def together_columns(samples: int) -> list[Column]:
    """The columns that several samples have together."""
    if samples < 2:
        return []
    return [*TOGETHER, ZYGOSITIES] if samples <= WIDE_SAMPLES else [*TOGETHER]


def sample_columns(samples: int) -> list[Column]:
    """The columns of so many samples: ``s1_gt`` … each, or ``samples_gt`` … as lists."""
    if samples <= WIDE_SAMPLES:
        return [
            Column(f"s{number}_{field.name}", field.type, field.about)
            for number in range(1, samples + 1)
            for field in SAMPLE
        ]
    return [Column(f"samples_{field.name}", pa.list_(field.type), field.about) for field in SAMPLE]


def known_columns(fields: Iterable[KnownField]) -> list[Column]:
    """A column for each field of the sources: ``known_CLNSIG`` holds INFO/CLNSIG."""
    return [
        Column(KNOWN_PREFIX + field.id, KNOWN_TYPES[field.type], field.description)
        for field in fields
    ]


TRANSCRIPTS_PREFIX = "transcripts_"
TRANSCRIPTS = tuple(
    Column(TRANSCRIPTS_PREFIX + column.name, pa.list_(column.type), column.about)
    for column in (*TRANSCRIPT, PICK)
)
"""The same of all transcripts, each column a list in the order of CSQ.

Not one list of structures: of that, DuckDB reads every field to look at one, which took 15 to 50
times as long.
"""


def columns(samples: int, known: Iterable[KnownField]) -> list[Column]:
    """All columns of a file, in order."""
    return [
        *RECORD,
        *TRANSCRIPT,
        *ALLELE,
        *KNOWN,
        *known_columns(known),
        *together_columns(samples),
        *sample_columns(samples),
        *TRANSCRIPTS,
    ]


def arrow_schema(samples: int, known: Iterable[KnownField]) -> pa.Schema:
    """The same for pyarrow."""
    return pa.schema([(column.name, column.type) for column in columns(samples, known)])
