"""Translation by NCBI's genetic codes (ncbi.nlm.nih.gov/Taxonomy/Utils/wprintgc.cgi), in columns.

Bases are numbers: A 0, C 1, G 2, T 3, anything else 4. A codon is a number below 125.
"""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import numpy.typing as npt

Bases = npt.NDArray[np.uint8]
Columns = npt.NDArray[np.int64]

LETTERS = "ACGTN"
UNKNOWN = 4
MITOCHONDRIAL_CODE = 2
_NCBI_ORDER = ["".join(codon) for codon in product("TCAG", repeat=3)]
_AMINO_ACIDS = {
    1: "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    2: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG",
}
_STARTS = {1: frozenset({"ATG"}), 2: frozenset({"ATT", "ATC", "ATA", "ATG", "GTG"})}
"""Codons that start a protein. Of the standard code only ATG: TTG and CTG are listed by NCBI, but
neither VEP nor HGVS takes an ATG that became one of them for a start that was kept."""

COMPLEMENT = np.array([3, 2, 1, 0, UNKNOWN], dtype=np.uint8)
CODE_OF_BYTE = np.full(256, UNKNOWN, dtype=np.uint8)
for _code, _letter in enumerate("ACGT"):
    CODE_OF_BYTE[[ord(_letter), ord(_letter.lower())]] = _code
BYTE_OF_CODE = np.frombuffer(LETTERS.encode(), dtype=np.uint8)


class UnknownGeneticCode(ValueError):
    """A genetic code that human genes do not have."""


@cache
def amino_acids(table: int) -> dict[str, str]:
    """One-letter amino acid of each codon of ACGT; ``*`` is a stop."""
    if table not in _AMINO_ACIDS:
        raise UnknownGeneticCode(f"translation table {table} is not among {list(_AMINO_ACIDS)}")
    return dict(zip(_NCBI_ORDER, _AMINO_ACIDS[table], strict=True))


def starts(table: int) -> frozenset[str]:
    """The codons that start a protein in that table."""
    return _STARTS[table]


def translate(sequence: str, table: int) -> str:
    """The peptide of upper-case ``sequence``: X for unknown codons and for a part of a codon.

    A stop directly followed by the part of a codon stands alone, as VEP prints it.
    """
    known = amino_acids(table)
    whole = len(sequence) - len(sequence) % 3
    peptide = "".join(known.get(sequence[at : at + 3], "X") for at in range(0, whole, 3))
    if whole == len(sequence):
        return peptide
    return peptide if peptide == "*" else peptide + "X"


_SWAP = str.maketrans("ACGTN", "TGCAN")


def reverse_complement(sequence: str) -> str:
    """The other strand of upper-case ``sequence``."""
    return sequence[::-1].translate(_SWAP)
