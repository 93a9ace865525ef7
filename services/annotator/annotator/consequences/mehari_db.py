"""Writes the transcript database that mehari reads, from our transcripts and the reference.

mehari is given gene models in one flavour whatever ours came in, under numbers of our own, so that
nothing depends on what it makes of accessions; and transcripts whose first codon is not whole with
N for the bases that are not known, because VEP counts these in proteins.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from annotator.consequences.engine import DatabaseUnusable, EngineMissing
from annotator.consequences.gene_models import Span
from annotator.consequences.genetic_code import COMPLEMENT
from annotator.consequences.genome import Genome, text
from annotator.consequences.transcript_table import TranscriptTable

DATABASE = "transcripts.bin.zst"
COMPRESSION_LEVEL = 3
"""More makes it hardly smaller and takes minutes for a whole genome."""
_HOW = (
    "mehari has packages for Linux on x86_64 with Python 3.12 and 3.13 only: use one of these, or "
    "a bundle whose engine needs no mehari"
)


def build(table: TranscriptTable, genome: Genome, assembly: str, folder: Path) -> Path:
    """Write the database of ``table`` into ``folder``; the same input gives the same content.

    ``assembly`` is ``GRCh37`` or ``GRCh38``. Raises EngineMissing where mehari is not installed.
    """
    mehari = _module()
    models, sequences = folder / "mehari.gff3", folder / "mehari.fa"
    models.write_text("".join(_gff3(table)))
    with sequences.open("w") as file:
        for number in range(len(table)):
            file.write(f">{feature_id(number)}\n{spliced(table, genome, number)}\n")
    database = folder / DATABASE
    mehari.build_transcript_db(
        assembly=assembly,
        annotation=[models],
        transcript_sequences=sequences,
        transcript_source="ensembl",
        transcript_source_version="1",
        disable_filters=True,
        compression_level=COMPRESSION_LEVEL,
        output=database,
    )
    for left_over in (models, sequences, folder / f"{DATABASE}.report.jsonl"):
        left_over.unlink(missing_ok=True)
    return database


def native_annotator(database: Path, reference: Path) -> Any:
    """mehari with ``database`` and the FASTA loaded. Raises EngineMissing, DatabaseUnusable."""
    mehari = _module()
    try:
        return mehari._mehari.SeqvarsAnnotator([str(database)], str(reference), [])
    except (RuntimeError, ValueError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DatabaseUnusable(
            f"mehari cannot read {database.name}: {reason}; build the bundle again"
        ) from None


def _module() -> Any:
    try:
        return importlib.import_module("mehari")
    except ImportError:
        raise EngineMissing(_HOW) from None


def feature_id(number: int) -> str:
    """The name in mehari's database of the transcript of that number (from 0) in the table."""
    return f"ENST{number:011d}.1"


def number_of_feature(names: pl.Expr) -> pl.Expr:
    """The numbers in the table of transcripts with those names in mehari's database."""
    return names.str.slice(4, 11).cast(pl.Int64)


def padding(table: TranscriptTable, number: int) -> int:
    """How many N stand before the sequence of a transcript whose first codon is not whole."""
    starts_with_codon = table.coding_first[number] == 1
    return int(table.missing[number]) if starts_with_codon else 0


def spliced(table: TranscriptTable, genome: Genome, number: int) -> str:
    """The transcript's bases, 5' to 3', as DNA."""
    spans = _exons(table, number)
    positions = np.concatenate([np.arange(start, end + 1) for start, end in spans])
    bases = genome.bases(int(table.contig[number]), positions)
    oriented = bases if table.strand[number] == 1 else COMPLEMENT[bases[::-1]]
    return "N" * padding(table, number) + text(oriented)


def _gff3(table: TranscriptTable) -> Iterator[str]:
    yield "##gff-version 3\n"
    for number in range(len(table)):
        yield from _lines(table, number)


def _lines(table: TranscriptTable, number: int) -> Iterator[str]:
    exons = _exons(table, number)
    cds = _clipped(exons, int(table.low_coding[number]), int(table.high_coding[number]))
    strand = int(table.strand[number])
    pad = padding(table, number)
    exons, cds = _padded(exons, strand, pad), _padded(cds, strand, pad)
    name, gene = feature_id(number).split(".")[0], f"ENSG{number:011d}"
    biotype = "protein_coding" if cds else "lncRNA"

    def line(kind: str, span: Span, phase: object, attributes: str) -> str:
        sign = "+" if strand == 1 else "-"
        contig = table.contig_names[int(table.contig[number])]
        columns = (contig, "gas", kind, *span, ".", sign, phase, attributes)
        return "\t".join(map(str, columns)) + "\n"

    whole = exons[0][0], exons[-1][1]
    same = f"biotype={biotype};version=1"
    yield line("gene", whole, ".", f"ID=gene:{gene};Name=g{number};gene_id={gene};{same}")
    about = f"ID=transcript:{name};Parent=gene:{gene};Name=g{number}-1;transcript_id={name};{same}"
    yield line("mRNA" if cds else "lnc_RNA", whole, ".", about)
    for span in exons:
        yield line("exon", span, ".", f"Parent=transcript:{name}")
    protein = f"ENSP{number:011d}"
    about = f"ID=CDS:{protein};Parent=transcript:{name};protein_id={protein};version=1"
    for span, phase in zip(cds, _phases(cds, strand), strict=True):
        yield line("CDS", span, phase, about)


def _exons(table: TranscriptTable, number: int) -> tuple[Span, ...]:
    first, after = table.exons.first[number : number + 2].tolist()
    starts = table.exons.starts[first:after].tolist()
    return tuple(zip(starts, table.exons.ends[first:after].tolist(), strict=True))


def _clipped(exons: tuple[Span, ...], low: int, high: int) -> tuple[Span, ...]:
    """The coding part of exons: like VEP, all of them between the ends of the CDS."""
    spans = ((max(start, low), min(end, high)) for start, end in exons)
    return tuple((start, end) for start, end in spans if start <= end)


def _padded(spans: tuple[Span, ...], strand: int, pad: int) -> tuple[Span, ...]:
    if not pad or not spans:
        return spans
    if strand == 1:
        return ((spans[0][0] - pad, spans[0][1]), *spans[1:])
    return (*spans[:-1], (spans[-1][0], spans[-1][1] + pad))


def _phases(cds: tuple[Span, ...], strand: int) -> list[int]:
    """GFF3 phases of coding spans (in genomic order) whose first codon is whole."""
    ordered = cds if strand == 1 else cds[::-1]
    phases, before = [], 0
    for start, end in ordered:
        phases.append(-before % 3)
        before += end - start + 1
    return phases if strand == 1 else phases[::-1]
