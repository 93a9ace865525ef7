"""What each record of a block is: where it lies, and whether the engine can judge it.

The engine is given records whose REF is the reference's and that have an allele made of bases. All
others stay in the result as they are, and the log says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from annotator.bundle import Bundle
from annotator.rejection import invalid
from annotator.rules import records as rules
from annotator.rules.rule import Rule
from annotator.validate import structural
from annotator.validate.contigs import UNKNOWN, Contigs
from annotator.validate.reference import Reference
from annotator.validate.rows import Rows
from annotator.validate.status import Status
from annotator.vcf.columns import ALT, INFO, POS, REF, UPPER, Offsets, Table, distinct, marks
from annotator.vcf.words import shown

_NO_BASE = marks(b"ACGTNacgtn", but=True)
SEQUENCE = re.compile(rb"[ACGTNacgtn]+")
_AMBIGUOUS = re.compile(rb"[ACGTNRYSWKMBDHVacgtnryswkmbdhv]+")
_SYMBOLIC = re.compile(rb"[ACGTNacgtn]*<[^<>\s,:]+(?::[^<>\s,:]+)*>")
_BASES_OR_DOT = rb"(?:[ACGTNacgtn]+|\.)"
_MATE = rb"(?:<[^\[\]<>\s,]+>|[^\[\]<>\s,]+):[0-9]+"
_BREAKEND = re.compile(
    _BASES_OR_DOT + rb"(\[|\])" + _MATE + rb"\1|(\[|\])" + _MATE + rb"\2" + _BASES_OR_DOT
    + rb"|\.[ACGTNacgtn]+|[ACGTNacgtn]+\."
)  # fmt: skip


# What a window can be asked about; symbolic alleles may reach into one from outside.
_OF_SEQUENCE = (Status.JUDGED, Status.AMBIGUOUS, Status.SAME_AS_REFERENCE)

_COMPARED = (Status.JUDGED, Status.STRUCTURAL)


class Examiner:
    """Looks at blocks of records of one file."""

    def __init__(self, bundle: Bundle, reference: Reference, contigs: Contigs) -> None:
        self._lengths = np.array([contig.length for contig in bundle.manifest.contigs] + [1 << 40])
        self._reference = reference
        self._bundle = bundle
        self.contigs = contigs

    def examine(self, table: Table, line_of: Callable[[int], int]) -> Rows:
        """Look at all records of ``table``. Raises Rejected; ``line_of`` gives a row's line."""
        contigs = self.contigs.numbers(table)
        in_bundle = np.array(self.contigs.in_bundle, dtype=np.int64)[contigs]
        spans = table.column(POS)
        positions, bad = table.numbers(spans, 10)
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            text = spans[np.array([row])].texts(table.text)[0]
            raise invalid(
                f"POS must be a whole number, not {shown(text)}.", line_of(row), rules.POS_NUMBER
            )
        rows = Rows(
            table,
            contigs,
            positions,
            np.array(self.contigs.lengths, dtype=np.int64)[contigs],
            np.zeros(table.rows, dtype=np.int8),
            np.ones(table.rows, dtype=np.int64),
            np.ones(table.rows, dtype=np.bool_),
        )
        self._alleles(rows)
        self._places(rows, in_bundle)
        self._structural(rows)
        self._outside_windows(rows, in_bundle)
        self._against_the_reference(rows, in_bundle)
        return rows

    def _alleles(self, rows: Rows) -> None:
        table = rows.table
        refs, alts = table.column(REF), table.column(ALT)
        ref_lengths, alt_lengths = refs.lengths, alts.lengths
        first_ref, first_alt = UPPER.take(table.first(refs)), UPPER.take(table.first(alts))
        plain = (_NO_BASE.take(first_ref) | _NO_BASE.take(first_alt)) == 0
        short = (ref_lengths == 1) & (alt_lengths == 1)
        others = np.flatnonzero(~short)  # few: most variants are of one base
        plain[others] = table.count(_NO_BASE, refs[others]) == 0
        plain[others] &= table.count(_NO_BASE, alts[others]) == 0
        plain &= (ref_lengths > 0) & (alt_lengths > 0)
        single = plain & short
        rows.status[single & (first_ref == first_alt)] = Status.SAME_AS_REFERENCE
        longer = plain & ~single
        last_ref = UPPER.take(table.bytes[np.maximum(refs.ends - 1, 0)])
        last_alt = UPPER.take(table.bytes[np.maximum(alts.ends - 1, 0)])
        shortest = np.minimum(ref_lengths, alt_lengths)
        trimmed = (last_ref != last_alt) & ((shortest == 1) | (first_ref != first_alt))
        rows.is_normal[longer & ~trimmed] = False
        same_length = np.flatnonzero(longer & (ref_lengths == alt_lengths) & ~trimmed)
        for row in same_length.tolist():
            ref = table.text[refs.starts[row] : refs.ends[row]]
            if ref.upper() == table.text[alts.starts[row] : alts.ends[row]].upper():
                rows.status[row] = Status.SAME_AS_REFERENCE
        for row in np.flatnonzero(~plain).tolist():
            ref = table.text[refs.starts[row] : refs.ends[row]]
            alleles = table.text[alts.starts[row] : alts.ends[row]].split(b",")
            self._one(rows, row, ref, alleles)

    def _one(self, rows: Rows, row: int, ref: bytes, alts: list[bytes]) -> None:
        rows.odd[row] = alts
        rows.alternates[row] = 0 if alts == [b"."] else len(alts)
        sequences = [alt for alt in alts if SEQUENCE.fullmatch(alt)]
        rows.faults += [(row, rule, text) for rule, text in _faults(ref, alts)]
        if not _are_readable(ref, alts):
            rows.status[row] = Status.UNREADABLE_ALLELE
        elif alts == [b"."]:
            rows.status[row] = Status.NO_ALTERNATE
        elif not SEQUENCE.fullmatch(ref):
            rows.status[row] = Status.AMBIGUOUS
        elif all(alt.upper() == ref.upper() for alt in sequences):
            # One allele that can be judged is enough: the others have no answer.
            rows.status[row] = _why_none(alts, sequences)
        rows.is_normal[row] = _is_normal([ref, *sequences])

    def _places(self, rows: Rows, in_bundle: Offsets) -> None:
        lengths = rows.contig_lengths
        outside = (rows.positions < 1) | (rows.positions > lengths)
        if outside.any():
            telomere = outside & ((rows.positions == 0) | (rows.positions == lengths + 1))
            rows.status[outside] = Status.OFF_CONTIG
            rows.status[telomere] = Status.TELOMERE
        rows.status[in_bundle == UNKNOWN] = Status.UNKNOWN_CONTIG

    def _structural(self, rows: Rows) -> None:
        """Read structural variants: what they say of themselves decides what becomes of them."""
        table, info, refs = rows.table, rows.table.column(INFO), rows.table.column(REF)
        for row, alts in rows.odd.items():
            if rows.status[row] not in {Status.SYMBOLIC, Status.JUDGED}:
                continue
            try:
                found = structural.alleles_of(
                    int(rows.positions[row]),
                    table.text[refs.starts[row] : refs.ends[row]],
                    alts,
                    table.text[info.starts[row] : info.ends[row]],
                    partial(self._length, int(rows.contigs[row])),
                )
            except structural.NoInterval:
                if rows.status[row] == Status.SYMBOLIC:
                    rows.status[row] = Status.NO_INTERVAL
                continue
            if found:
                rows.structural[row] = found
                if rows.status[row] == Status.SYMBOLIC:
                    rows.status[row] = Status.STRUCTURAL

    def _length(self, own: int, contig: bytes | None) -> int:
        """Bases of a contig by the user's name, or of that of the number ``own``; 0 if unknown."""
        number = self.contigs.in_bundle[own] if contig is None else self.contigs.known(contig)
        return 0 if number == UNKNOWN else int(self._lengths[number])

    def _outside_windows(self, rows: Rows, in_bundle: Offsets) -> None:
        """Set aside what is not all in windows, before REF is compared: there is only N."""
        lasts = rows.positions + rows.table.column(REF).lengths - 1
        outside = ~self._bundle.is_covered(in_bundle, rows.positions, lasts)
        rows.status[outside & np.isin(rows.status, _OF_SEQUENCE)] = Status.OUTSIDE_WINDOWS

    def _against_the_reference(self, rows: Rows, in_bundle: Offsets) -> None:
        refs = rows.table.column(REF)
        judged = np.isin(rows.status, _COMPARED)
        for number in distinct(in_bundle[judged]):
            chosen = np.flatnonzero(judged & (in_bundle == number))
            other, same = self._reference.compared(
                number, rows.positions[chosen], rows.table.bytes, refs[chosen]
            )
            rows.status[chosen[other]] = Status.OTHER_REFERENCE
            rows.agreeing += int((same & (rows.status[chosen] == Status.JUDGED)).sum())


def _why_none(alts: list[bytes], sequences: list[bytes]) -> Status:
    """What becomes of alternates of which none is another sequence than REF."""
    if any(_is_ambiguous(alt) for alt in alts):
        return Status.AMBIGUOUS
    return Status.SAME_AS_REFERENCE if sequences else Status.SYMBOLIC


def _faults(ref: bytes, alts: list[bytes]) -> Iterator[tuple[Rule, str]]:
    """The rules that alleles break, and the words for it."""
    if not SEQUENCE.fullmatch(ref):
        yield rules.REF_BASES, f"REF must be bases (A, C, G, T, N), not {shown(ref)}"
    for alt in alts:
        if _is_ambiguous(alt) or not (_is_allele(alt) or (alt == b"." and len(alts) == 1)):
            yield rules.ALT_ALLELES, f"ALT {shown(alt)} is not an allele"
    # Two symbolic alleles may differ in INFO alone.
    plain = [alt.upper() for alt in alts if not alt.startswith(b"<")]
    different = set(plain)
    if len(different) < len(plain):
        yield rules.ALT_TWICE, "ALT has an allele twice"
    if ref.upper() in different:
        yield rules.ALT_TWICE, "ALT is the same as REF"


def _are_readable(ref: bytes, alts: list[bytes]) -> bool:
    return bool(_AMBIGUOUS.fullmatch(ref)) and (alts == [b"."] or all(map(_is_allele, alts)))


def _is_allele(alt: bytes) -> bool:
    if alt == b"*" or _AMBIGUOUS.fullmatch(alt) or _SYMBOLIC.fullmatch(alt):
        return True
    return bool(_BREAKEND.fullmatch(alt))


def _is_ambiguous(alt: bytes) -> bool:
    return bool(_AMBIGUOUS.fullmatch(alt)) and not SEQUENCE.fullmatch(alt)


def _is_normal(alleles: list[bytes]) -> bool:
    """Trimmed and left-aligned (Tan et al. 2015, doi:10.1093/bioinformatics/btv112)."""
    alleles = [allele.upper() for allele in alleles]
    if len({allele[-1:] for allele in alleles}) == 1:
        return max(map(len, alleles)) == 1
    return min(map(len, alleles)) == 1 or len({allele[:1] for allele in alleles}) > 1
