"""The keys of INFO and FORMAT that the specification reserves, with their Number and Type."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Key, Number, Type, first and last minor version of VCF 4. A star stands for what is not said,
# and "Numeric" for Integer or Float.
# Sources: "Fixed fields", "Genotype fields" and "keys used for structural variants" of 4.1 to 4.5.
_INFO = """
AA 1 String 1 5|AC A Integer 1 5|AD R Integer 3 5|ADF R Integer 3 5|ADR R Integer 3 5
AF A Float 1 5|AN 1 Integer 1 5|BQ 1 Float 1 5|CIGAR A String 1 5|DB 0 Flag 1 5
DP 1 Integer 1 5|END 1 Integer 1 5|H2 0 Flag 1 5|H3 0 Flag 1 5|MQ 1 Numeric 1 2|MQ 1 Float 3 5
MQ0 1 Integer 1 5|NS 1 Integer 1 5|SB 4 Integer 3 5|SOMATIC 0 Flag 1 5|VALIDATED 0 Flag 1 5
1000G 0 Flag 1 5|IMPRECISE 0 Flag 1 5|NOVEL 0 Flag 1 5|SVTYPE 1 String 1 5|SVLEN . Integer 1 3
SVLEN A Integer 4 5|CIPOS 2 Integer 1 3|CIPOS . Integer 4 5|CIEND 2 Integer 1 3
CIEND . Integer 4 5|HOMLEN . Integer 1 3|HOMLEN A Integer 4 5|HOMSEQ . String 1 3
HOMSEQ A String 4 5|BKPTID . String 1 3|BKPTID A String 4 5|MEINFO 4 String 1 3|MEINFO . String 4 5
METRANS 4 String 1 3|METRANS . String 4 5|DGVID 1 String 1 3|DGVID A String 4 5
DBVARID 1 String 1 3|DBVARID A String 4 5|DBRIPID 1 String 1 3|DBRIPID A String 4 5
MATEID * String 1 3|MATEID A String 4 5|PARID 1 String 1 3|PARID A String 4 5
EVENT 1 String 1 3|EVENT A String 4 5|EVENTTYPE A String 4 5
CILEN 2 Integer 1 3|CILEN . Integer 4 5|DPADJ . Integer 1 3|CN 1 Integer 1 3|CN A Float 4 5
CNADJ . Integer 1 3|CICN 2 Integer 1 3|CICN . Float 4 5|CICNADJ . Integer 1 3
SVCLAIM A String 4 5|RN A Integer 4 5|RUS . String 4 5|RUL . Integer 4 5|RB . Integer 4 5
RUC . Float 4 5|CIRB . Integer 4 5|CIRUC . Float 4 5|RUB . Integer 4 5
"""
_FORMAT = """
AD R Integer 3 5|ADF R Integer 3 5|ADR R Integer 3 5|DP 1 Integer 1 5|EC A Integer 1 5
FT 1 String 1 5|GL G Float 1 5|GLE 1 String 1 2|GP G Float 1 5|GQ 1 Numeric 1 2
GQ 1 Integer 3 5|GT 1 String 1 5
HQ 2 Integer 1 5|MQ 1 Integer 1 5|PL G Integer 1 5|PP G Integer 4 5|PQ 1 Integer 1 5
PS 1 Integer 1 5|PSL P String 4 5|PSO P Integer 4 5|PSQ P Integer 4 5|CN 1 Integer 1 3
CN 1 Float 4 5|CNQ 1 Float 1 5|CNL * Float 1 5|CNP * Float 1 5|NQ 1 Integer 1 5
HAP 1 Integer 1 5|AHAP 1 Integer 1 5|CICN 2 Float 4 5|LEN 1 Integer 5 5|LA . Integer 5 5
LAA . Integer 5 5|LAD LR Integer 5 5|LADF LR Integer 5 5|LADR LR Integer 5 5|LEC LA Integer 5 5
LGL LG Float 5 5|LGP LG Float 5 5|LPL LG Integer 5 5|LPP LG Integer 5 5|LGT 1 String 4 5
"""
_MODIFICATIONS = re.compile(
    rb"(DP|AD)?M(?:[0-9]+[ACGTUN]|5(?:m|hm|f|ca)C|5(?:hm|f|ca)U|6mA|8oxoG|[Xx]aoN)"
)
_MODIFIED_SINCE = 5
_ANY = b"*"
_STRAND_BIAS = b"SB"
_TYPES = {b"Numeric": (b"Integer", b"Float")}


@dataclass(frozen=True, slots=True)
class Field:
    """A definition of INFO or FORMAT; ``number`` and ``type`` as the header writes them."""

    number: bytes
    type: bytes


def _parsed(text: str) -> dict[tuple[bytes, int], Field]:
    found = {}
    for entry in text.replace("\n", "|").strip("|").split("|"):
        key, number, type, first, last = entry.encode().split()
        for minor in range(int(first), int(last) + 1):
            found[key, minor] = Field(number, type)
    return found


_TABLES = {b"INFO": _parsed(_INFO), b"FORMAT": _parsed(_FORMAT)}


def reserved(column: bytes, key: bytes, minor_version: int) -> Field | None:
    """How that version of VCF defines a key of ``INFO`` or ``FORMAT``.

    A star is for anything, the Type Numeric for Integer or Float.
    """
    found = _TABLES[column].get((key, min(max(minor_version, 1), 5)))
    if found is None and column == b"FORMAT" and minor_version >= _MODIFIED_SINCE:
        return _base_modification(key)
    return found


def _base_modification(key: bytes) -> Field | None:
    """The definition of a key such as M5mC or DPM27551C, by section 1.6.2 of VCF 4.5."""
    found = _MODIFICATIONS.fullmatch(key)
    if not found:
        return None
    return Field(b"M", b"Integer" if found[1] else b"Float")


def assumed(column: bytes, key: bytes, minor_version: int) -> Field:
    """The definition of a key that the header does not define: the reserved one, or any text.

    SB has four numbers by the tables, and one in the examples of the specification.
    """
    found = reserved(column, key, minor_version) or Field(_ANY, _ANY)
    if key == _STRAND_BIAS:
        found = Field(_ANY, _ANY)
    type = {_ANY: b"String", b"Numeric": b"Float"}.get(found.type, found.type)
    return Field(b"." if found.number == _ANY else found.number, type)


def differences(column: bytes, key: bytes, given: Field, minor_version: int) -> list[str]:
    """What a definition must say of a reserved key, and does not.

    Before VCF 4.3, which brought the tables, a dot may stand for any Number.
    """
    wanted = reserved(column, key, minor_version)
    if wanted is None:
        return []
    wrong = []
    is_open = given.number == b"." and minor_version < 3
    if wanted.number not in (given.number, _ANY) and not is_open:
        wrong.append(f"Number {wanted.number.decode()}")
    types = _TYPES.get(wanted.type, (wanted.type,))
    if given.type not in types and wanted.type != _ANY:
        wrong.append(f"Type {' or '.join(type.decode() for type in types)}")
    return wrong
