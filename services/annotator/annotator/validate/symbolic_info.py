"""What is asked of INFO in records that have symbolic alleles or breakends."""

from __future__ import annotations

from collections.abc import Iterator

from annotator.rules import values as rules
from annotator.rules.rule import Rule
from annotator.validate.repeats import REPEAT, repeat_faults
from annotator.validate.rows import Rows
from annotator.vcf.columns import INFO, REF
from annotator.vcf.words import shown

FROM_MINOR_VERSION = 4
_COMPUTED_END = 5
_MOST_DIGITS = 12
_WITH_LENGTH = {b"DEL", b"DUP", b"INV", b"INS", b"CNV"}
_SPANNING = _WITH_LENGTH - {b"INS"}
_NO_SPAN = {b"", b"BND"}
_CLAIMS = {b"D", b"J", b"DJ", b"."}
_MUST_CLAIM = {b"DEL", b"DUP"}
_WITH_CLAIM = {
    b"DEL": {b"D", b"J", b"DJ"},
    b"DUP": {b"D", b"J", b"DJ"},
    b"INS": {b"J", b"DJ", b"."},
    b"INV": {b"J", b"DJ", b"."},
    b"CNV": {b"D", b"."},
    b"BND": {b"J", b"."},
}
_KINDS = {b"DEL", b"DUP", b"INS", b"INV"}
_GAINS = {b"DUP", b"INS"}
_TYPE_KEY = b"SVTYPE="


def contradictions(rows: Rows) -> Iterator[tuple[int, Rule, str]]:
    """Rows whose SVTYPE is another kind than ALT, in any version, and the words for it."""
    table, column = rows.table, rows.table.column(INFO)
    for row, alts in rows.odd.items():
        kinds = {_kind(alt) for alt in alts}
        if not kinds & {*_KINDS, b"BND"}:
            continue
        entries = table.text[column.starts[row] : column.ends[row]].split(b";")
        of_type = (entry for entry in entries if entry.startswith(_TYPE_KEY))
        svtype = next(of_type, b"").removeprefix(_TYPE_KEY).split(b":")[0]
        if _is_another(svtype, kinds):
            text = f"INFO: SVTYPE is {shown(svtype)}, and ALT is of another kind"
            yield row, rules.INFO_SVTYPE_ALT, text


def _kind(alt: bytes) -> bytes:
    """The first word of a symbolic allele, BND for a breakend, and nothing for bases."""
    if alt.startswith(b"<"):
        return alt[1:-1].split(b":")[0]
    return b"BND" if b"[" in alt or b"]" in alt else b""


def _is_another(svtype: bytes, kinds: set[bytes]) -> bool:
    # CNV stands for gains and losses, and a word that is no kind breaks another rule.
    if svtype not in _KINDS | {b"BND"} or svtype in kinds:
        return False
    if svtype == b"BND" or b"BND" in kinds:
        return True
    return kinds <= _KINDS and not (svtype in _GAINS and kinds & _GAINS)


def faults(rows: Rows, minor_version: int) -> Iterator[tuple[int, Rule, str]]:
    """What 4.4 and 4.5 ask: rows of a block, the rule that each breaks, and the words for it."""
    table, column = rows.table, rows.table.column(INFO)
    refs = table.column(REF).lengths
    for row, alts in rows.odd.items():
        kinds = [_kind(alt) for alt in alts]
        if not _WITH_CLAIM.keys() & set(kinds):
            continue
        text = table.text[column.starts[row] : column.ends[row]]
        info = dict(entry.partition(b"=")[::2] for entry in text.split(b";"))
        for words in _lengths(kinds, info):
            yield row, rules.INFO_SVLEN, words
        for words in _claims(kinds, info):
            yield row, rules.INFO_SVCLAIM, words
        position = int(rows.positions[row])
        if minor_version >= _COMPUTED_END and not _is_end(position, int(refs[row]), kinds, info):
            yield row, rules.INFO_END_COMPUTED, "INFO: END is not where REF or SVLEN end"
        if REPEAT in alts:
            for words in repeat_faults(alts, info):
                yield row, rules.INFO_REPEAT, words


def _of_each(kinds: list[bytes], text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kind of each allele and its value, where there are as many; else another rule tells."""
    values = text.split(b",")
    return zip(kinds, values, strict=True) if len(values) == len(kinds) else iter(())


def _lengths(kinds: list[bytes], info: dict[bytes, bytes]) -> Iterator[str]:
    if b"END" in info or not _WITH_LENGTH & set(kinds):
        return
    if b"SVLEN" not in info:
        yield "INFO: a symbolic allele has no SVLEN"
    elif any(k in _WITH_LENGTH and v == b"." for k, v in _of_each(kinds, info[b"SVLEN"])):
        yield "INFO: SVLEN is missing for a symbolic allele"


def _claims(kinds: list[bytes], info: dict[bytes, bytes]) -> Iterator[str]:
    if b"SVCLAIM" not in info:
        if _MUST_CLAIM & set(kinds):
            yield "INFO: a deletion or duplication has no SVCLAIM"
        return
    for kind, value in _of_each(kinds, info[b"SVCLAIM"]):
        # What is no claim at all is told with the values of the key.
        if value in _CLAIMS and kind in _WITH_CLAIM and value not in _WITH_CLAIM[kind]:
            yield f"INFO: SVCLAIM of {shown(kind)} cannot be {shown(value)}"


def _is_end(position: int, bases: int, kinds: list[bytes], info: dict[bytes, bytes]) -> bool:
    """False if END is another than REF, of so many bases, and SVLEN say of symbolic alleles.

    What is inserted is not looked at: whether its SVLEN counts is not said.
    """
    end = info.get(b"END", b"")
    if not end.isdigit() or not _SPANNING & set(kinds) or not set(kinds) <= _SPANNING | _NO_SPAN:
        return True
    ends = [position + bases - 1]
    for kind, value in _of_each(kinds, info.get(b"SVLEN", b"")):
        length = value.lstrip(b"+-")
        if kind in _SPANNING and length.isdigit():
            ends.append(position + int(length[:_MOST_DIGITS]))
    is_told = len(ends) == 1 + sum(kind in _SPANNING for kind in kinds)
    return not is_told or int(end[:_MOST_DIGITS]) == max(ends)
