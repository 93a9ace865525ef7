"""A file that is large enough to be cut, with few records: random variants of chromosome 21."""

from __future__ import annotations

import random
from pathlib import Path

from annotator.bundle import EMBEDDED, find
from annotator.vcf import bgzf

BUNDLE = "grch38-21q21"
HEADER = """##fileformat=VCFv4.2
##contig=<ID=21,length=46709983>
##INFO=<ID=TAG,Number=1,Type=String,Description="What does not become smaller">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
"""
_WINDOW = (25_000_000, 26_600_000)


def many_variants(records: int, bad: int = 0, tag_bits: int = 2_048, seed: int = 21) -> bytes:
    """A file of so many variants, each with a text of so many random bits.

    The record of the number ``bad``, from 1, has a position that is none.
    """
    rng = random.Random(seed)
    fasta = find(BUNDLE, EMBEDDED).reference.read_text().partition("\n")[2]
    sequence = fasta.replace("\n", "").upper()
    lines = []
    for at in sorted(rng.sample(range(*_WINDOW), records)):
        alt = rng.choice([base for base in "ACGT" if base != sequence[at]])
        tag = f"{rng.getrandbits(tag_bits):x}"
        lines.append(f"21\t{at + 1}\t.\t{sequence[at]}\t{alt}\t.\tPASS\tTAG={tag}\n")
    if bad:
        lines[bad - 1] = lines[bad - 1].replace("21\t", "21\tx", 1)
    return (HEADER + "".join(lines)).encode()


def packed(text: bytes, path: Path) -> Path:
    """The text as BGZF at that path."""
    with bgzf.Writer(path) as out:
        out.write(text)
        out.end()
    return path
