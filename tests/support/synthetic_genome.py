"""A small made-up genome: genes on both strands, exons, untranslated ends, overlapping transcripts.

``consequence`` computes the expected consequence of a change without the engine.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

from annotator.bundle import Bundle
from annotator.bundling.build import build

LENGTH = 2_400
COMPLEMENT = str.maketrans("ACGT", "TGCA")
CODONS = [a + b + c for a in "TCAG" for b in "TCAG" for c in "TCAG"]
# NCBI translation tables 1 and 2, codons in the order TCAG.
CODES = {
    1: "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    2: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG",
}
STARTS = {1: {"ATG"}, 2: {"ATT", "ATC", "ATA", "ATG", "GTG"}}


@dataclass(frozen=True)
class Transcript:
    """Exons and coding parts: 1-based closed intervals, in the order of the reference."""

    gene: str
    name: str
    contig: str
    strand: str
    exons: tuple[tuple[int, int], ...]
    coding: tuple[tuple[int, int], ...]

    def bases(self) -> list[int]:
        """The 1-based positions of the coding sequence, in the order of translation."""
        positions = [at for start, end in self.coding for at in range(start, end + 1)]
        return positions[::-1] if self.strand == "-" else positions


A = Transcript(
    "A", "A.1", "1", "+",
    ((201, 320), (501, 620), (801, 960)), ((231, 320), (501, 620), (801, 899)),
)  # fmt: skip
B = Transcript("B", "B.1", "1", "-", ((1201, 1330), (1501, 1650)), ((1233, 1330), (1501, 1600)))
C = Transcript("A", "A.2", "1", "+", ((201, 320), (801, 960)), ((231, 320), (801, 899)))
D = Transcript("D", "D.1", "M", "+", ((301, 600),), ((301, 600),))
TRANSCRIPTS = (A, B, C, D)
GENETIC_CODES = {"1": 1, "M": 2}


def sequences(seed: int = 7) -> dict[str, str]:
    """The contigs; coding sequences begin with ATG, end with TAA, and have no other stop codon."""
    rng = random.Random(seed)
    contigs = {name: [rng.choice("ACGT") for _ in range(LENGTH)] for name in GENETIC_CODES}
    for transcript in (A, B, D):  # C reads the codons of A
        code = dict(zip(CODONS, CODES[GENETIC_CODES[transcript.contig]], strict=True))
        sense = [codon for codon in CODONS if code[codon] != "*"]
        positions = transcript.bases()
        text = "ATG" + "".join(rng.choice(sense) for _ in range(len(positions) // 3 - 2)) + "TAA"
        for position, base in zip(positions, text, strict=True):
            contigs[transcript.contig][position - 1] = (
                base if transcript.strand == "+" else base.translate(COMPLEMENT)
            )
    return {name: "".join(bases) for name, bases in contigs.items()}


def consequence(genome: dict[str, str], transcript: Transcript, position: int, alt: str) -> str:
    """The Sequence Ontology term of ``alt`` at the 1-based ``position`` for the transcript.

    Empty outside of it. In introns near an exon it is the most special of several terms.
    """
    start, end = transcript.exons[0][0], transcript.exons[-1][1]
    if not start <= position <= end:
        return ""
    positions = transcript.bases()
    if position in positions:
        return _of_codon(genome, transcript, positions, position, alt)
    if any(first <= position <= last for first, last in transcript.exons):
        before = position < transcript.coding[0][0]
        return (
            "5_prime_UTR_variant" if before == (transcript.strand == "+") else "3_prime_UTR_variant"
        )
    for (_, left), (right, _) in zip(transcript.exons, transcript.exons[1:], strict=False):
        if left < position < right:
            is_left = position - left < right - position
            distance = min(position - left, right - position)
            return _of_intron(distance, is_donor=is_left == (transcript.strand == "+"))
    raise AssertionError(f"{position} is not in {transcript.name}")


def _of_intron(distance: int, *, is_donor: bool) -> str:
    """The term at that distance from the nearer exon, 1 for the first base of the intron."""
    if distance <= 2:
        return "splice_donor_variant" if is_donor else "splice_acceptor_variant"
    if is_donor and distance <= 6:
        return "splice_donor_5th_base_variant" if distance == 5 else "splice_donor_region_variant"
    if distance <= 8:
        return "splice_region_variant"
    if not is_donor and distance <= 17:
        return "splice_polypyrimidine_tract_variant"
    return "intron_variant"


def _of_codon(
    genome: dict[str, str], transcript: Transcript, positions: list[int], position: int, alt: str
) -> str:
    contig = genome[transcript.contig]
    code = dict(zip(CODONS, CODES[GENETIC_CODES[transcript.contig]], strict=True))
    at = positions.index(position)
    triplet = positions[at - at % 3 : at - at % 3 + 3]
    before = "".join(contig[place - 1] for place in triplet)
    after = "".join(alt if place == position else contig[place - 1] for place in triplet)
    if transcript.strand == "-":
        before, after = before.translate(COMPLEMENT), after.translate(COMPLEMENT)
    if at < 3:
        starts = STARTS[GENETIC_CODES[transcript.contig]]
        return "start_retained_variant" if after in starts else "start_lost"
    if code[before] == code[after]:
        return "stop_retained_variant" if code[before] == "*" else "synonymous_variant"
    if code[after] == "*":
        return "stop_gained"
    return "stop_lost" if code[before] == "*" else "missense_variant"


def build_bundle(root: Path) -> Bundle:
    """Build the bundle ``synthetic`` in ``root``, from a FASTA, a GFF3 and a TSV."""
    source = root / "source"
    source.mkdir(parents=True)
    genome = sequences()
    fasta = "".join(f">{name}\n{bases}\n" for name, bases in genome.items())
    (source / "genome.fa").write_text(fasta)
    (source / "genes.gff3").write_text("##gff-version 3\n" + "".join(map(_gff, TRANSCRIPTS)))
    known = f"CHROM\tPOS\tREF\tALT\tID\tSIG\nchr1\t240\t{genome['1'][239]}\tN\tr1\tbad thing\n"
    (source / "known.tsv").write_text(known)
    recipe = {
        "name": "synthetic", "version": "1", "title": "A made-up genome", "species": "none",
        "assembly": "made-1", "source": "made for tests", "fasta": {"at": "genome.fa"},
        "genes": {"at": "genes.gff3"}, "genetic_codes": {"M": 2}, "with_chr": True,
        "known": [{
            "name": "made", "version": "1", "licence": "none", "citation": "none",
            "at": {"at": "known.tsv"}, "format": "tsv",
            "fields": [{"id": "MADE_SIG", "column": "SIG", "description": "Significance"}],
        }],
    }  # fmt: skip
    (source / "recipe.json").write_text(json.dumps(recipe))
    return build(source / "recipe.json", root / "bundles", lambda _: None)


def _gff(transcript: Transcript) -> str:
    def line(kind: str, start: int, end: int, attributes: str, phase: str = ".") -> str:
        row = (transcript.contig, "made", kind, start, end, ".", transcript.strand, phase)
        return "\t".join(map(str, (*row, attributes))) + "\n"

    start, end = transcript.exons[0][0], transcript.exons[-1][1]
    gene, parent = f"gene:{transcript.gene}", f"Parent=transcript:{transcript.name}"
    text = ""
    if transcript.name.endswith(".1"):
        attributes = f"ID={gene};Name={transcript.gene};biotype=protein_coding"
        text += line("gene", start, end, f"{attributes};gene_id={transcript.gene}")
    text += line(
        "mRNA", start, end, f"ID=transcript:{transcript.name};Parent={gene};biotype=protein_coding"
    )
    text += "".join(line("exon", *exon, parent) for exon in transcript.exons)
    first, last = transcript.coding[0][0], transcript.coding[-1][1]
    sides = ("five_prime_UTR", "three_prime_UTR")[:: 1 if transcript.strand == "+" else -1]
    if start < first:
        text += line(sides[0], start, first - 1, parent)
    if last < end:
        text += line(sides[1], last + 1, end, parent)
    read = 0
    parts = transcript.coding if transcript.strand == "+" else transcript.coding[::-1]
    for part in parts:
        text += line("CDS", *part, f"ID=CDS:{transcript.name};{parent}", str(-read % 3))
        read += part[1] - part[0] + 1
    return text
