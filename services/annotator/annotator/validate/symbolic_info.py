"""What VCF 4.4 and 4.5 ask of INFO in records that have symbolic alleles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from annotator.rules import values as rules
from annotator.rules.rule import Rule
from annotator.validate.rows import Rows
from annotator.vcf.columns import INFO

FROM_MINOR_VERSION = 4
_WITH_LENGTH = (b"DEL", b"DUP", b"INV", b"INS", b"CNV")
_REPEAT = b"<CNV:TR>"
_BASES = re.compile(rb"[ACGTUNRYSWKMBDHVacgtunryswkmbdhv]+|\.")
_COUNTED = {b"RUS": 1, b"RUL": 1, b"RUC": 1, b"RB": 1, b"CIRUC": 2, b"CIRB": 2}


def faults(rows: Rows) -> Iterator[tuple[int, Rule, str]]:
    """Rows of a block, the rule that each breaks, and the words for it."""
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
