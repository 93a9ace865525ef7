"""What a change of codons means: VEP's terms for coding changes, codons and amino acids.

VEP judges the change where the user wrote it, without moving it 3', and by the peptides of the
touched codons alone. Where that leads VEP astray we say what the protein does: see
docs/annotation.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

from annotator.consequences.genetic_code import LETTERS, amino_acids, starts, translate
from annotator.consequences.vocabulary import BIT


@dataclass(frozen=True, slots=True)
class CodonChange:
    """Codons (upper case, 5' to 3') before and after a change, both in one genetic code.

    ``offset`` bases lie before the change, which takes ``replaced`` bases away and brings
    ``brought``. ``is_start``: they begin with the codon that starts the protein. ``behind`` are
    bases that follow the codons and may slide into the codon that starts or ends the protein.
    ``is_partial``: the change is in a last codon that is not whole.
    """

    table: int
    codons: str
    offset: int
    replaced: int
    brought: str
    is_start: bool = False
    behind: str = ""
    is_partial: bool = False

    @property
    def changed(self) -> str:
        """The codons after the change."""
        kept = self.codons[self.offset + self.replaced :]
        return self.codons[: self.offset] + self.brought + kept


@dataclass(frozen=True, slots=True)
class CodingAnswer:
    """Terms as bits, and Codons and Amino_acids as VEP writes them."""

    bits: int
    codons: str
    amino_acids: str


def judge(change: CodonChange) -> CodingAnswer:
    """What the change does.

    >>> judge(CodonChange(1, "GAA", 0, 1, "T")).codons
    'Gaa/Taa'
    >>> judge(CodonChange(1, "GAA", 0, 1, "T")).amino_acids
    'E/*'
    """
    before = translate(change.codons, change.table)
    after = translate(change.changed, change.table)
    bits = _bits(change, before, after)
    same = before == after
    peptides = before if same else f"{before or '-'}/{after or '-'}"
    return CodingAnswer(bits, _codons_text(change), peptides)


def _codons_text(change: CodonChange) -> str:
    head = change.codons[: change.offset].lower()
    tail = change.codons[change.offset + change.replaced :].lower()
    gone = change.codons[change.offset : change.offset + change.replaced]
    return f"{head + gone + tail or '-'}/{head + change.brought + tail or '-'}"


def _bits(change: CodonChange, before: str, after: str) -> int:
    if change.is_partial:
        return BIT["incomplete_terminal_codon_variant"] | BIT["coding_sequence_variant"]
    is_frameshift = (len(change.brought) - change.replaced) % 3 != 0
    bits = 0
    if change.is_start:
        if _loses_start(change):
            return _with_start_lost(change, before, after, is_frameshift)
        # Whatever codon starts it, a protein begins with methionine.
        before, after = "M" + before[1:], after and "M" + after[1:]
        if before == after and not is_frameshift:
            return BIT["start_retained_variant"]
    is_changed = before != after or is_frameshift
    is_near_stop = "*" in before or (change.behind and is_changed)
    if is_near_stop and _keeps_stop(change):
        return BIT["stop_retained_variant"]
    bits |= _stop_bits(before, after)
    if is_frameshift:
        bits |= BIT["frameshift_variant"]
    else:
        bits |= _inframe_bits(change, before, after, bits)
    return bits or BIT["coding_sequence_variant"]


def _loses_start(change: CodonChange) -> bool:
    first = (change.changed + change.behind)[:3]
    return first not in starts(change.table)


def _with_start_lost(change: CodonChange, before: str, after: str, is_frameshift: bool) -> int:
    bits = BIT["start_lost"] | (_stop_bits(before, after) & BIT["stop_lost"])
    if is_frameshift:
        return bits | BIT["frameshift_variant"]
    if _is_inframe_deletion(change):
        bits |= BIT["inframe_deletion"]
    return bits


def _keeps_stop(change: CodonChange) -> bool:
    """True if the protein ends as it did, with bases that were behind or that are brought."""
    old, new = (
        # Whatever codon starts it, a protein begins with methionine.
        translate(codons + change.behind, change.table)[change.is_start :].partition("*")[:2]
        for codons in (change.codons, change.changed)
    )
    return old == new and old[1] == "*"


def _stop_bits(before: str, after: str) -> int:
    if "*" in before and "*" not in after:
        return BIT["stop_lost"]
    # The stop of the gene is the last codon; one that others follow is new.
    if "*" in before and after.index("*") == len(after) - 1:
        return BIT["stop_retained_variant"]
    return BIT["stop_gained"] if "*" in after else 0


def _inframe_bits(change: CodonChange, before: str, after: str, stop_bits: int) -> int:
    if len(before) == len(after):
        if before == after:
            return 0 if "X" in before or stop_bits else BIT["synonymous_variant"]
        has_news = not stop_bits or stop_bits == BIT["stop_retained_variant"]
        is_known = before.replace("X", "") and after.replace("X", "")
        return BIT["missense_variant"] if has_news and is_known else 0
    if len(change.brought) > change.replaced:
        if after.startswith(before) or after.endswith(before):
            return BIT["inframe_insertion"]
    elif _is_inframe_deletion(change):
        return BIT["inframe_deletion"]
    # Nothing of the protein follows a new stop that comes first; residues before the old one count.
    is_new = stop_bits == BIT["stop_gained"]
    if stop_bits == BIT["stop_lost"] or (is_new and after.startswith("*")):
        return 0
    return BIT["protein_altering_variant"]


def _is_inframe_deletion(change: CodonChange) -> bool:
    """True if nothing but bases are gone: what is left is the codons' begin and end."""
    before, after = change.codons, change.changed
    if len(after) >= len(before):
        return False
    same = 0
    while same < len(after) and before[same] == after[same]:
        same += 1
    rest = len(after) - same
    return rest == 0 or before.endswith(after[same:])


@cache
def single_base_answers(table: int) -> tuple[CodingAnswer, ...]:
    """The answer for every codon (125), place (3) and new base (4), in that order."""
    return tuple(
        judge(CodonChange(table, "".join(codon), place, 1, base))
        for codon in product(LETTERS, repeat=3)
        for place in range(3)
        for base in "ACGT"
    )


def stop_is_kept(before: str, after: str, table: int) -> bool:
    """True if two sequences of codons (the second may go on) tell the same protein to its stop."""
    known = amino_acids(table)

    def protein(sequence: str) -> str | None:
        peptide = ""
        for at in range(0, len(sequence) - 2, 3):
            peptide += known.get(sequence[at : at + 3], "X")
            if peptide[-1] == "*":
                return peptide
        return None

    first = protein(before)
    return first is not None and first == protein(after)
