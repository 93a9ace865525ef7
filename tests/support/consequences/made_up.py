"""A made-up piece of chromosome 21: genes of one and of several exons on both strands."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CONTIG = "21"
STOPS = ("TAA", "TAG", "TGA")
LINE = 60
SWAP = str.maketrans("ACGT", "TGCA")


@dataclass(frozen=True)
class MadeUp:
    """Files of a genome and its gene models, and what is in them."""

    reference: Path
    genes: Path
    sequence: str


def bases(chance: random.Random, count: int) -> str:
    return "".join(chance.choices("ACGT", k=count))


def coding(chance: random.Random, codons: int) -> str:
    """An open reading frame: ATG, codons that are no stops, a stop."""
    body = ""
    while len(body) < 3 * codons:
        codon = bases(chance, 3)
        body += "" if codon in STOPS else codon
    return "ATG" + body + chance.choice(STOPS)


def write(folder: Path, seed: int, genes: int = 16) -> MadeUp:
    """Genes on alternating strands; every fourth begins inside its coding sequence."""
    chance = random.Random(seed)
    genome, lines = bases(chance, 3000), ["##gff-version 3"]
    for number in range(genes):
        strand = "+-"[number % 2]
        block, exons, cds, phase = _gene(
            chance, starts_inside=number % 4 == 3, single=number % 5 == 0
        )
        begin = len(genome)
        if strand == "-":
            block = block[::-1].translate(SWAP)
            exons = [(len(block) - end, len(block) - start) for start, end in reversed(exons)]
            cds = [(len(block) - end, len(block) - start) for start, end in reversed(cds)]
        lines += _lines(number, strand, begin, exons, cds, phase)
        genome += block + bases(chance, chance.randint(200, 8000))
    return _written(folder, genome, lines)


def write_genome(folder: Path, sequence: str) -> Path:
    """A FASTA of one contig, with its index."""
    reference = folder / "reference.fa"
    rows = [sequence[at : at + LINE] for at in range(0, len(sequence), LINE)]
    head = f">{CONTIG}\n"
    reference.write_text(head + "\n".join(rows) + "\n")
    index = f"{CONTIG}\t{len(sequence)}\t{len(head)}\t{LINE}\t{LINE + 1}\n"
    Path(f"{reference}.fai").write_text(index)
    return reference


def _written(folder: Path, genome: str, lines: list[str]) -> MadeUp:
    genes = folder / "genes.gff3"
    genes.write_text("\n".join(lines) + "\n")
    return MadeUp(write_genome(folder, genome), genes, genome)


Spans = list[tuple[int, int]]


def _gene(
    chance: random.Random, *, starts_inside: bool, single: bool
) -> tuple[str, Spans, Spans, int]:
    """Its bases, exons and coding spans (from 0, half-open), and the phase it begins with."""
    frame = coding(chance, chance.randint(60, 160))
    phase = chance.choice([1, 2]) if starts_inside else 0
    before = "" if starts_inside else bases(chance, chance.randint(3, 90))
    frame = frame[6 - phase :] if starts_inside else frame
    transcript = before + frame + bases(chance, chance.randint(10, 400))
    first, last = len(before), len(before) + len(frame)
    cuts = [] if single else sorted(chance.sample(range(4, last - 1), chance.randint(2, 6)))
    block, exons, cds = "", [], []
    for start, end in zip([0, *cuts], [*cuts, len(transcript)], strict=True):
        block += "GT" + bases(chance, chance.randint(40, 300)) + "AG" if start else ""
        shift = len(block) - start
        block += transcript[start:end]
        exons.append((start + shift, end + shift))
        if max(start, first) < min(end, last):
            cds.append((max(start, first) + shift, min(end, last) + shift))
    return block, exons, cds, phase


def _lines(
    number: int, strand: str, begin: int, exons: Spans, cds: Spans, first_phase: int
) -> Iterator[str]:
    name, parent = f"TX{number}", f"Parent=transcript:TX{number}"
    whole = exons[0][0], exons[-1][1]

    def line(kind: str, span: tuple[int, int], phase: str, about: str) -> str:
        start, end = begin + span[0] + 1, begin + span[1]
        return "\t".join((CONTIG, "made-up", kind, str(start), str(end), ".", strand, phase, about))

    yield line("gene", whole, ".", f"ID=gene:G{number};Name=G{number};biotype=protein_coding")
    about = (
        f"ID=transcript:{name};Parent=gene:G{number};biotype=protein_coding;transcript_id={name}"
    )
    yield line("mRNA", whole, ".", about)
    yield from (line("exon", span, ".", parent) for span in exons)
    phases, done = {}, -first_phase
    for span in cds if strand == "+" else reversed(cds):
        phases[span] = -done % 3
        done += span[1] - span[0]
    yield from (line("CDS", span, str(phases[span]), f"ID=CDS:P{number};{parent}") for span in cds)


def changes(
    chance: random.Random, sequence: str, spans: Spans, count: int
) -> Iterator[tuple[int, str, str]]:
    """Random changes (position from 1, REF, ALT) within spans (from 1, closed), as in VCF."""
    made = 0
    while made < count:
        start, end = chance.choice(spans)
        length = chance.choice([1, 1, 1, 2, 3, 4, 6])
        at = chance.choice([chance.randint(start, end), start, end, end - 2])
        if at < start or at + length - 1 > end:
            continue
        ref = sequence[at - 1 : at + length - 1]
        kind = chance.choice(["same", "same", "ins", "copy", "del", "delins"])
        if kind in ("ins", "copy"):
            brought = chance.choice([1, 2, 3, 3, 4, 6, 9, 12])
            copied = sequence[at : at + brought]
            ref, length = ref[0], 1
            alt = ref + (copied if kind == "copy" else bases(chance, brought))
        elif kind == "del":
            alt = ref[0]
        elif kind == "same":
            alt = bases(chance, len(ref))
        else:
            alt = bases(chance, chance.randint(1, 7))
        # An insertion between this span and its neighbour is in neither.
        at_edge = (alt.startswith(ref) and at + length > end) or (alt.endswith(ref) and at == start)
        if alt != ref and set(ref) <= set("ACGT") and not at_edge:
            made += 1
            yield at, ref, alt
