"""A gene of three exons, small enough to count on the fingers, and an engine that knows it alone.

Exons 10,001-10,050, 10,101-10,160 and 10,201-10,300 on the plus strand; the coding sequence is
10,021-10,221, 111 bases in 37 codons: the start codon at 10,021, the stop codon at 10,219.
"""

from itertools import pairwise
from pathlib import Path

import polars as pl

from annotator.consequences import gff3, transcript_table
from annotator.consequences.engine import Answer
from annotator.consequences.gene_model_engine import GeneModelEngine, GeneModels
from annotator.consequences.genome import Genome
from tests.support.consequences import made_up

EXONS = ((10_001, 10_050), (10_101, 10_160), (10_201, 10_300))
CDS = ((10_021, 10_050, 0), (10_101, 10_160, 0), (10_201, 10_221, 0))
LENGTH = 30_000


def sequence() -> str:
    """C wherever nothing else is needed: ATG, then GAA (Glu), a stop TAA; introns GT…AG."""
    bases = ["C"] * LENGTH
    coding = "ATG" + "GAA" * 35 + "TAA"
    places = [at for start, end, _ in CDS for at in range(start, end + 1)]
    for at, base in zip(places, coding, strict=True):
        bases[at - 1] = base
    for (_, end), (start, _) in pairwise(EXONS):
        bases[end : end + 2] = "GT"
        bases[start - 3 : start - 1] = "AG"
    return "".join(bases)


def gff(*, attributes: str = "", strand: str = "+") -> str:
    """The gene in Ensembl's flavour; ``attributes`` are more of the transcript's."""
    parent = "Parent=transcript:T1"
    same = "biotype=protein_coding"
    about = f"ID=transcript:T1;Parent=gene:G1;{same};transcript_id=T1;version=3{attributes}"
    rows = [
        (
            "gene",
            *(EXONS[0][0], EXONS[-1][1]),
            ".",
            f"ID=gene:G1;Name=ONE;{same};gene_id=G1",
        ),
        ("mRNA", *(EXONS[0][0], EXONS[-1][1]), ".", about),
        *(("exon", *span, ".", parent) for span in EXONS),
        *(("CDS", *span, f"ID=CDS:P1;{parent};protein_id=P1;version=2") for span in CDS),
    ]
    lines = (
        f"21\ttest\t{kind}\t{start}\t{end}\t.\t{strand}\t{phase}\t{text}"
        for kind, start, end, phase, text in rows
    )
    return "\n".join(lines) + "\n"


def engine(folder: Path) -> GeneModelEngine:
    genome = Genome(made_up.write_genome(folder, sequence()))
    transcripts = list(gff3.parse(gff().splitlines(), {"21": "21"}))
    return GeneModelEngine(
        GeneModels(transcript_table.build(transcripts, genome.names, {}), genome)
    )


def ask(engine: GeneModelEngine, *alleles: tuple[int, str, str], contig: str = "21") -> Answer:
    frame = pl.DataFrame(
        [(contig, *allele) for allele in alleles],
        schema=["contig", "pos", "ref", "alt"],
        orient="row",
    )
    return engine.annotate(frame)
