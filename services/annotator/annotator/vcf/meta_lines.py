"""Reads the structured lines of a header, ``##key=<…>``, and checks them against the rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from annotator.rules import header as rules
from annotator.rules.rule import Rule
from annotator.vcf.words import shown

Tell = Callable[[Rule, str], None]
Attributes = dict[bytes, bytes]

_ATTRIBUTE = re.compile(
    rb'([A-Za-z_][A-Za-z0-9_.]*)=("(?:[^"\\]|\\.)*"|\[[^\]]*\]|(?:[^,"][^,]*)?)(?:,|$)'
)
_NEEDS = {
    b"INFO": (b"ID", b"Number", b"Type", b"Description"),
    b"FORMAT": (b"ID", b"Number", b"Type", b"Description"),
    b"FILTER": (b"ID", b"Description"),
    b"ALT": (b"ID", b"Description"),
    b"contig": (b"ID",),
    b"META": (b"ID",),
    b"SAMPLE": (b"ID",),
    b"PEDIGREE": (b"ID",),
}
_DESCRIBED_AT_WILL = {b"FILTER", b"ALT"}
_AT_WILL_SINCE = 4
STRUCTURED = frozenset(_NEEDS)
_ORDER = (b"ID", b"Number", b"Type", b"Description")
_OF_FIELDS = (b"Number", b"Type")
_NAMES = {b"META", b"SAMPLE", b"PEDIGREE"}
_NO_NAME = re.compile(rb"[\s:]")
# A host is a name, which is not of digits alone, or an address of four numbers.
_ADDRESS = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://(?![0-9]+(?:[:/]|$))[^\s<>]+|file:[^\s<>]+")
ADDRESSES = (b"assembly", b"pedigreeDB")
_QUOTED = (b"Description", b"Source", b"Version")
_BARE = (b"ID", b"Number")  # of Type in quotes its own rule is told
_WITH_QUOTES = {b"INFO", b"FORMAT", b"FILTER", b"ALT"}
_TYPES = {b"Integer", b"Float", b"Flag", b"Character", b"String"}
_WORDS = {b"Character", b"String"}
_WHOLE = re.compile(rb"[0-9]+|\.|[AGR]")
_NUMBER = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?%?")
_SOME = re.compile(rb".+")
_OF_TYPE = {b"Integer": re.compile(rb"[+-]?[0-9]+"), b"Float": _NUMBER}


def attributes_of(key: bytes, value: bytes, minor_version: int, tell: Tell) -> Attributes | None:
    """The attributes of a line ``##key=value``, None if unreadable. Tells what is wrong."""
    name = key.decode("utf-8", "replace")
    if not (value.startswith(b"<") and value.endswith(b">")):
        tell(rules.BRACKETS, f"##{name} must be written as ##{name}=<…>")
        return None
    attributes = _read(name, value[1:-1], tell)
    if attributes is None:
        return None
    needs = _NEEDS.get(key, ())
    if key == b"PEDIGREE" and minor_version < 3:
        needs = ()
    if key in _DESCRIBED_AT_WILL and minor_version >= _AT_WILL_SINCE:
        needs = needs[:1]
    missing = [need.decode() for need in needs if need not in attributes]
    if missing:
        tell(rules.REQUIRED, f"##{name} has no {' and no '.join(missing)}")
    if key in _WITH_QUOTES:
        _check_quotes(name, attributes, tell)
        _check_order(name, attributes, tell)
    if key in _NAMES and b" " in attributes.get(b"ID", b""):
        tell(rules.NAME_ID, f"##{name}: the ID {shown(attributes[b'ID'])} has a space")
    _CHECKS.get(key, _check_nothing)(attributes, minor_version, tell)
    return attributes


def _read(name: str, text: bytes, tell: Tell) -> Attributes | None:
    attributes: Attributes = {}
    at = 0
    while at < len(text):
        found = _ATTRIBUTE.match(text, at)
        if not found:
            tell(rules.ATTRIBUTES, f"##{name} cannot be read from {shown(text[at:])} on")
            return attributes or None
        key, value = found.groups()
        if key in attributes:
            tell(rules.ATTRIBUTES, f"##{name} has {key.decode()} twice")
        if not value:
            tell(rules.ATTRIBUTES, f"##{name}: {key.decode()} is empty")
        attributes[key] = value
        at = found.end()
    if text.endswith(b",") or not text:
        tell(rules.ATTRIBUTES, f"##{name} ends with a comma" if text else f"##{name} is empty")
    return attributes


def _check_quotes(name: str, attributes: Attributes, tell: Tell) -> None:
    for quoted in _QUOTED:
        if quoted in attributes and not _is_quoted(attributes[quoted]):
            tell(rules.QUOTED, f"##{name}: {quoted.decode()} must stand in double quotes")
    for bare in _BARE:
        if _is_quoted(attributes.get(bare, b"")):
            tell(rules.QUOTED, f"##{name}: {bare.decode()} stands without quotes")


def _check_order(name: str, attributes: Attributes, tell: Tell) -> None:
    given = [key for key in attributes if key in _ORDER]
    if given != [key for key in _ORDER if key in attributes]:
        order = ", ".join(key.decode() for key in _ORDER if key in attributes)
        tell(rules.ATTRIBUTE_ORDER, f"##{name} must have {order} in this order")


def _check_alt(attributes: Mapping[bytes, bytes], _: int, tell: Tell) -> None:
    for key in _OF_FIELDS:
        if key in attributes:
            text = f"##ALT has no {key.decode()}: only INFO and FORMAT have"
            tell(rules.ALT_ATTRIBUTES, text)


def _is_quoted(value: bytes) -> bool:
    return len(value) >= 2 and value.startswith(b'"') and value.endswith(b'"')


def unquoted(value: bytes) -> bytes:
    """The value without the quotes around it."""
    return value[1:-1] if _is_quoted(value) else value


def _check_nothing(attributes: Mapping[bytes, bytes], _: int, tell: Tell) -> None:
    pass


def _check_meta(attributes: Mapping[bytes, bytes], _: int, tell: Tell) -> None:
    type = attributes.get(b"Type", b"String")
    if type not in _TYPES:
        tell(rules.META_VALUES, f"##META: Type cannot be {shown(type)}")
    number = attributes.get(b"Number", b".")
    if not _WHOLE.fullmatch(number):
        tell(rules.META_VALUES, f"##META: Number cannot be {shown(number)}")
    for need in (b"Type", b"Number"):
        if need not in attributes:
            tell(rules.META_VALUES, f"##META has no {need.decode()}")
    if b"Values" not in attributes:
        if type in _WORDS:
            tell(rules.META_VALUES, "##META has no Values")
        return
    values = attributes[b"Values"]
    if not (values.startswith(b"[") and values.endswith(b"]")):
        tell(rules.META_VALUES, "##META: Values must be a list, [first, second, …]")
        return
    is_value = _OF_TYPE.get(type, _SOME)
    if not all(is_value.fullmatch(value.strip()) for value in values[1:-1].split(b",")):
        text = f"##META: Values {shown(values)} has an empty value, or one of another Type"
        tell(rules.META_VALUES, text)


def _check_sample(attributes: Mapping[bytes, bytes], minor_version: int, tell: Tell) -> None:
    if minor_version >= 3:
        return
    keys = (b"Genomes", b"Mixture", b"Description")
    missing = [key.decode() for key in keys if key not in attributes]
    if missing:
        tell(rules.SAMPLE_GENOMES, f"##SAMPLE has no {' and no '.join(missing)}")
        return
    parts = [unquoted(attributes[key]).rstrip(b";").split(b";") for key in keys]
    if any(not part.strip() for part in [*parts[0], *parts[1]]):
        tell(rules.SAMPLE_GENOMES, "##SAMPLE: Genomes or Mixture has an empty part")
    if len({len(part) for part in parts}) != 1:
        tell(rules.SAMPLE_GENOMES, "##SAMPLE: Genomes, Mixture and Description differ in length")
    for key in keys[:2]:
        if _is_quoted(attributes[key]):
            tell(rules.SAMPLE_GENOMES, f"##SAMPLE: {key.decode()} stands without quotes")


def _check_pedigree(attributes: Mapping[bytes, bytes], minor_version: int, tell: Tell) -> None:
    if len(attributes) < 2:
        what = "two genomes" if minor_version < 3 else "an ancestor"
        tell(rules.PEDIGREE_NAMES, f"##PEDIGREE does not name {what}")
    for value in attributes.values():
        if _NO_NAME.search(value) and not _is_quoted(value):
            text = f"##PEDIGREE: {shown(value)} cannot be the name of a genome"
            tell(rules.PEDIGREE_NAMES, text)


def _check_contig(attributes: Mapping[bytes, bytes], _: int, tell: Tell) -> None:
    length = unquoted(attributes.get(b"length", b"0"))
    if not length.isdigit():
        tell(rules.CONTIG_LENGTH, f"##contig: the length {shown(length)} is no whole number")
    for key in (b"md5", b"M5"):
        md5 = unquoted(attributes.get(key, b""))
        if md5 and not re.fullmatch(rb"[0-9A-Fa-f]{32}", md5):
            tell(
                rules.CONTIG_MD5, f"##contig: the md5 {shown(md5)} is not of 32 hexadecimal digits"
            )


_CHECKS = {
    b"ALT": _check_alt,
    b"META": _check_meta,
    b"SAMPLE": _check_sample,
    b"PEDIGREE": _check_pedigree,
    b"contig": _check_contig,
}


def check_address(key: bytes, value: bytes, minor_version: int, tell: Tell) -> None:
    """Check the unstructured lines whose value is an address."""
    if key == b"assembly" and not _is_address(value):
        tell(rules.ASSEMBLY, f"##assembly must be an address, not {shown(value)}")
    elif key == b"pedigreeDB":
        inside = value[1:-1] if value.startswith(b"<") and value.endswith(b">") else b""
        if not _is_address(inside or value) or (minor_version < 3 and not inside):
            shape = "an address in <…>" if minor_version < 3 else "an address"
            tell(rules.PEDIGREE_DB, f"##pedigreeDB must be {shape}, not {shown(value)}")


def _is_address(value: bytes) -> bool:
    return bool(_ADDRESS.fullmatch(value))
