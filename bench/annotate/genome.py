"""A made-up genome for measurements: a reference, gene models, known variants and a VCF.

All of it follows from the seed. Genes have exons, untranslated ends and coding sequences that
translate, on both strands; variants lie anywhere, a tenth of them insertions and deletions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Bases = npt.NDArray[np.uint8]

_BASES = np.frombuffer(b"ACGT", dtype=np.uint8)
FILE_SEED, KNOWN_SEED = 2, 3
_LINE = 60
_EXONS = 5
_EXON_BASES = 240
_INTRON_BASES = 1500
_GENE_EVERY = 35_000
"""With 5,000 bases on both sides genes cover half of the genome."""
_STOPS = {b"TAA", b"TAG", b"TGA"}
_CODONS = [
    codon
    for a in b"ACGT"
    for b in b"ACGT"
    for c in b"ACGT"
    if (codon := bytes((a, b, c))) not in _STOPS
]
_COMPLEMENT = bytes.maketrans(b"ACGT", b"TGCA")


@dataclass(frozen=True, slots=True)
class Genome:
    """Names and sequences of contigs, in order."""

    contigs: dict[str, Bases]

    @property
    def bases(self) -> int:
        """The sum of the contigs' lengths."""
        return sum(len(sequence) for sequence in self.contigs.values())


def make_genome(
    folder: Path, bases: int, contigs: int, seed: int = 1, gene_every: int = _GENE_EVERY
) -> Genome:
    """Write ``reference.fa`` and ``genes.gff3`` to ``folder``.

    A gene of 7,200 bases with two transcripts, one of them canonical, begins every ``gene_every``.
    """
    random = np.random.default_rng(seed)
    length = bases // contigs
    genome = Genome({f"{n}": _BASES[random.integers(0, 4, length)] for n in range(1, contigs + 1)})
    lines = ["##gff-version 3\n"]
    for name, sequence in genome.contigs.items():
        for number, start in enumerate(range(5_000, length - gene_every, gene_every)):
            strand = "+-"[number % 2]
            exons = [
                (at, at + _EXON_BASES)
                for at in range(
                    start,
                    start + _EXONS * (_EXON_BASES + _INTRON_BASES),
                    _EXON_BASES + _INTRON_BASES,
                )
            ]
            coding = [
                (exons[0][0] + 60, exons[0][1]),
                *exons[1:-1],
                (exons[-1][0], exons[-1][1] - 60),
            ]
            _write_coding(sequence, coding, strand, random)
            lines += _gene(name, f"G{name}_{number}", exons, coding, strand)
    (folder / "genes.gff3").write_text("".join(lines))
    with (folder / "reference.fa").open("wb") as fasta:
        for name, sequence in genome.contigs.items():
            fasta.write(f">{name}\n".encode())
            whole = len(sequence) // _LINE * _LINE
            rows = sequence[:whole].reshape(-1, _LINE)
            ends = np.full((len(rows), 1), ord("\n"), dtype=np.uint8)
            fasta.write(np.hstack([rows, ends]).tobytes())
            if whole < len(sequence):
                fasta.write(sequence[whole:].tobytes() + b"\n")
    return genome


def _write_coding(
    sequence: Bases, coding: list[tuple[int, int]], strand: str, random: np.random.Generator
) -> None:
    length = sum(end - start for start, end in coding)
    chosen = random.integers(0, len(_CODONS), length // 3 - 2)
    text = b"ATG" + b"".join(_CODONS[n] for n in chosen) + b"TAA"
    if strand == "-":
        text = text[::-1].translate(_COMPLEMENT)
    written = 0
    for start, end in coding:
        part = text[written : written + end - start]
        sequence[start:end] = np.frombuffer(part, dtype=np.uint8)
        written += end - start


def _gene(
    contig: str, gene: str, exons: list[tuple[int, int]], coding: list[tuple[int, int]], strand: str
) -> list[str]:
    def line(kind: str, start: int, end: int, phase: str, attributes: str) -> str:
        return f"{contig}\tmade\t{kind}\t{start + 1}\t{end}\t.\t{strand}\t{phase}\t{attributes}\n"

    start, end = exons[0][0], exons[-1][1]
    lines = [
        line(
            "gene",
            start,
            end,
            ".",
            f"ID=gene:{gene};Name={gene};biotype=protein_coding;gene_id={gene}",
        )
    ]
    for transcript, parts in ((f"{gene}.1", slice(None)), (f"{gene}.2", slice(0, _EXONS))):
        parent = f"Parent=transcript:{transcript}"
        tag = ";tag=Ensembl_canonical" if transcript.endswith(".1") else ""
        lines.append(
            line(
                "mRNA", start, end, ".",
                f"ID=transcript:{transcript};Parent=gene:{gene};Name={gene}"
                f";biotype=protein_coding;transcript_id={transcript}{tag}",
            )
        )  # fmt: skip
        lines += [line("exon", *exon, ".", parent) for exon in exons[parts]]
        # Exons are whole codons long, so each part begins with a whole codon.
        lines += [
            line("CDS", *part, "0", f"ID=CDS:{transcript};{parent}") for part in coding[parts]
        ]
    return lines


def write_variants(genome: Genome, path: Path, variants: int, seed: int = FILE_SEED) -> None:
    """Write about that many variants of one sample to ``path``, as plain text."""
    random = np.random.default_rng(seed)
    with path.open("wb") as out:
        out.write(b"##fileformat=VCFv4.2\n")
        for name, sequence in genome.contigs.items():
            out.write(f"##contig=<ID={name},length={len(sequence)}>\n".encode())
        out.write(_HEADER)
        for name, sequence in genome.contigs.items():
            share = variants * len(sequence) // genome.bases
            for text in _records(name, sequence, share, random):
                out.write(text)


_HEADER = b"""\
##FILTER=<ID=PASS,Description="All filters passed">
##INFO=<ID=AC,Number=A,Type=Integer,Description="Allele count">
##INFO=<ID=AF,Number=A,Type=Float,Description="Allele frequency">
##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tsample
"""
_OTHERS = {ord("A"): "CGT", ord("C"): "AGT", ord("G"): "ACT", ord("T"): "ACG"}
_GENOTYPES = ("0/1", "1/1", "0|1", "1|0")


def alleles(sequence: Bases, position: int, kind: int) -> tuple[str, str]:
    """REF and ALT at the 0-based ``position``; ``kind`` from 0 to 19 says what it is."""
    base = chr(sequence[position])
    if kind < 18:
        return base, _OTHERS[sequence[position]][kind % 3]
    if kind == 18:
        return base, base + "ACGT"[position % 4]
    return sequence[position : position + 3].tobytes().decode(), base


def _drawn(
    sequence: Bases, count: int, random: np.random.Generator
) -> Iterator[tuple[int, int, int]]:
    """Positions from 0, in order, and for each what is there and how often it was read."""
    positions = np.unique(random.integers(100, len(sequence) - 100, count))
    kinds = random.integers(0, 20, len(positions))
    depths = random.integers(8, 60, len(positions))
    return zip(positions.tolist(), kinds.tolist(), depths.tolist(), strict=True)


def _records(name: str, sequence: Bases, count: int, random: np.random.Generator) -> list[bytes]:
    blocks, rows = [], []
    for position, kind, depth in _drawn(sequence, count, random):
        ref, alt = alleles(sequence, position, kind)
        genotype = _GENOTYPES[depth % 4]
        count_of = 2 if genotype == "1/1" else 1
        rows.append(
            f"{name}\t{position + 1}\t.\t{ref}\t{alt}\t{depth * 11}.{kind}\tPASS"
            f"\tAC={count_of};AF={count_of / 2};DP={depth}"
            f"\tGT:DP:GQ\t{genotype}:{depth}:{depth + 20}\n"
        )
        if len(rows) == 50_000:
            blocks.append("".join(rows).encode())
            rows.clear()
    return [*blocks, "".join(rows).encode()]


def write_known(genome: Genome, path: Path, variants: int, seed: int = KNOWN_SEED) -> None:
    """Write known variants to the TSV ``path``: CHROM POS REF ALT ID AF significance.

    With the number and the seed of a file of variants they are those of the file.
    """
    random = np.random.default_rng(seed)
    with path.open("w") as out:
        out.write("#CHROM\tPOS\tREF\tALT\tKNOWN_ID\tKNOWN_AF\tKNOWN_SIG\n")
        for name, sequence in genome.contigs.items():
            share = variants * len(sequence) // genome.bases
            for position, kind, _ in _drawn(sequence, share, random):
                ref, alt = alleles(sequence, position, kind)
                significance = "Pathogenic" if kind == 7 else "Benign"
                out.write(
                    f"{name}\t{position + 1}\t{ref}\t{alt}\trs{position}"
                    f"\t{(position % 997) / 1000:.3f}\t{significance}\n"
                )
