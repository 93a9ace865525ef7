"""What is asked of INFO in records that have symbolic alleles or breakends."""

from __future__ import annotations

import re
from collections.abc import Iterator

from annotator.rules import values as rules
from annotator.rules.rule import Rule
from annotator.validate.rows import Rows
from annotator.vcf.columns import INFO
from annotator.vcf.words import shown

FROM_MINOR_VERSION = 4
_WITH_LENGTH = (b"DEL", b"DUP", b"INV", b"INS", b"CNV")
_REPEAT = b"<CNV:TR>"
_BASES = re.compile(rb"[ACGTUNRYSWKMBDHVacgtunryswkmbdhv]+|\.")
_COUNTED = {b"RUS": 1, b"RUL": 1, b"RUC": 1, b"RB": 1, b"CIRUC": 2, b"CIRB": 2}


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


def faults(rows: Rows) -> Iterator[tuple[int, Rule, str]]:
    """What 4.4 and 4.5 ask: rows of a block, the rule that each breaks, and the words for it."""
    table, column = rows.table, rows.table.column(INFO)
    for row, alts in rows.odd.items():
        firsts = {alt[1:-1].split(b":")[0] for alt in alts if alt.startswith(b"<")}
        if not firsts & set(_WITH_LENGTH):
            continue
        text = table.text[column.starts[row] : column.ends[row]]
        info = dict(entry.partition(b"=")[::2] for entry in text.split(b";"))
        if b"SVLEN" not in info and b"END" not in info:
            yield row, rules.INFO_SVLEN, "INFO: a symbolic allele has no SVLEN"
        if firsts & {b"DEL", b"DUP"} and b"SVCLAIM" not in info:
            yield row, rules.INFO_SVCLAIM, "INFO: a deletion or duplication has no SVCLAIM"
        if _REPEAT in alts:
            for words in _repeats(alts, info):
                yield row, rules.INFO_REPEAT, words


def _repeats(alts: list[bytes], info: dict[bytes, bytes]) -> Iterator[str]:
    lengths = info.get(b"RN")
    if lengths is None:
        total = alts.count(_REPEAT)
    else:
        total = sum(int(one[:9]) for one in lengths.split(b",") if one.isdigit())
    for key, times in _COUNTED.items():
        if key in info and len(info[key].split(b",")) != times * total:
            yield f"INFO: {key.decode()} has another number of values than RN means"
    if any(not _BASES.fullmatch(one) for one in info.get(b"RUS", b".").split(b",")):
        yield "INFO: RUS is not of bases"
