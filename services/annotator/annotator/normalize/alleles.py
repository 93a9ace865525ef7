"""The minimal form of a change, by which variants are compared."""

from __future__ import annotations


def trimmed(position: int, ref: bytes, alt: bytes) -> tuple[int, bytes, bytes]:
    """A change without the bases that both share at its ends; each keeps one at least.

    As in Tan et al. 2015, doi:10.1093/bioinformatics/btv112, but for the left alignment.
    """
    shared = 0
    while shared < min(len(ref), len(alt)) - 1 and ref[-1 - shared] == alt[-1 - shared]:
        shared += 1
    ref, alt = ref[: len(ref) - shared], alt[: len(alt) - shared]
    before = 0
    while before < min(len(ref), len(alt)) - 1 and ref[before] == alt[before]:
        before += 1
    return position + before, ref[before:], alt[before:]
