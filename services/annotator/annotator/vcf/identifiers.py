"""How the names in a VCF are written: keys, filters, contigs, symbolic alleles.

Rules: sections 1.2 to 1.6 of the specification of VCF 4.1 to 4.5.
"""

from __future__ import annotations

import re

STRICT_NAMES = 3
"""The minor version from which on contigs are named as in SAM."""
_KEY = re.compile(rb"[A-Za-z_][0-9A-Za-z_.]*")
_LEGACY_KEY = b"1000G"
_LOOSE_KEY = re.compile(rb"[^\s,:;=]+")
_FIRST_TYPES = rb"(?:DEL|INS|DUP|INV|CNV|BND)"
_SUBTYPES = rb"(?::[^:<>\s,]+)*"
_SYMBOL = re.compile(_FIRST_TYPES + _SUBTYPES + rb"|\*|NON_REF|X|[RYMKSWHBVDN]")
_OWN_SYMBOL = re.compile(_FIRST_TYPES + _SUBTYPES + rb"|[^:<>\s,]+")
_NO_BREAKENDS = 4
"""The minor version from which on BND is no type of symbolic alleles."""
_RESERVED_SYMBOL = re.compile(_FIRST_TYPES + rb"|(?:DEL|INS):ME|DUP:TANDEM|CNV:TR")
_NO_FILTER = re.compile(rb"[0.]|.*[\s;,].*", re.DOTALL)
_LOOSE_CONTIG = re.compile(rb'[^\s<>"]+')
_CONTIG = re.compile(rb"[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*")
_MISSING = b"."


def is_used_key(name: bytes, minor_version: int) -> bool:
    """True if ``name`` can stand in FORMAT: before 4.3 only its examples say how it is written."""
    if minor_version < STRICT_NAMES:
        return bool(_LOOSE_KEY.fullmatch(name))
    return is_key(name, b"FORMAT")


def is_key(name: bytes, column: bytes) -> bool:
    """True if ``name`` can be a key of the column INFO or FORMAT.

    >>> is_key(b"1000G", b"INFO"), is_key(b"1000G", b"FORMAT")
    (True, False)
    """
    return bool(_KEY.fullmatch(name)) or (name == _LEGACY_KEY and column == b"INFO")


def is_filter(name: bytes) -> bool:
    """True if ``name`` can be the ID of a filter."""
    return not _NO_FILTER.fullmatch(name)


def is_symbol(name: bytes, minor_version: int) -> bool:
    """True if ``name``, without brackets, can be a symbolic allele.

    From 4.3 on there may be names of one's own, but those with subtypes are of the known types.

    >>> is_symbol(b"DEL:ME:ALU", 2), is_symbol(b"TRA", 2), is_symbol(b"TRA", 3)
    (True, False, True)
    """
    if minor_version < STRICT_NAMES:
        return bool(_SYMBOL.fullmatch(name))
    is_breakend = name.startswith(b"BND:") and minor_version >= _NO_BREAKENDS
    return bool(_OWN_SYMBOL.fullmatch(name)) and not is_breakend


def is_defined_contig(name: bytes, minor_version: int) -> bool:
    """True if ``name`` can be the ID of ``##contig``.

    GATK's files of GRCh38 are of VCF 4.2 and define contigs with colons: the header may.
    """
    if minor_version < STRICT_NAMES:
        return bool(_LOOSE_CONTIG.fullmatch(name))
    return bool(_CONTIG.fullmatch(name)) and not _RESERVED_SYMBOL.fullmatch(name)


def is_chromosome(name: bytes, minor_version: int) -> bool:
    """True if ``name`` can be a record's CHROM: a contig, or ``<ID>`` of the assembly file."""
    if name.startswith(b"<") and name.endswith(b">"):
        name = name[1:-1]
    if name == _MISSING or not is_defined_contig(name, minor_version):
        return False
    return minor_version >= STRICT_NAMES or b":" not in name
