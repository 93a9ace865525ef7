"""How the names in a VCF are written: keys, filters, contigs, symbolic alleles.

Rules: sections 1.2 to 1.6 of the specification of VCF 4.1 to 4.5.
"""

from __future__ import annotations

import re

STRICT_NAMES = 3
"""The minor version from which on contigs are named as in SAM."""
_KEY = re.compile(rb"[A-Za-z_][0-9A-Za-z_.]*")
_LEGACY_KEY = b"1000G"
_FIRST_TYPES = rb"(?:DEL|INS|DUP|INV|CNV|BND)"
_SYMBOL = re.compile(_FIRST_TYPES + rb"(?::[^:<>\s,]+)*|\*|NON_REF|X|[RYMKSWHBVDN]")
_RESERVED_SYMBOL = re.compile(_FIRST_TYPES + rb"|(?:DEL|INS):ME|DUP:TANDEM|CNV:TR")
_NO_FILTER = re.compile(rb"[0.]|.*[\s;,].*", re.DOTALL)
_LOOSE_CONTIG = re.compile(rb'[^\s<>"]+')
_CONTIG = re.compile(rb"[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*")
_MISSING = b"."


def is_key(name: bytes, column: bytes) -> bool:
    """True if ``name`` can be a key of the column INFO or FORMAT.

    >>> is_key(b"1000G", b"INFO"), is_key(b"1000G", b"FORMAT")
    (True, False)
    """
    return bool(_KEY.fullmatch(name)) or (name == _LEGACY_KEY and column == b"INFO")


def is_filter(name: bytes) -> bool:
    """True if ``name`` can be the ID of a filter."""
    return not _NO_FILTER.fullmatch(name)


def is_symbol(name: bytes) -> bool:
    """True if ``name``, without brackets, can be a symbolic allele.

    >>> is_symbol(b"DEL:ME:ALU"), is_symbol(b"TRA")
    (True, False)
    """
    return bool(_SYMBOL.fullmatch(name))


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
