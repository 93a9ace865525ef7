"""Adds to a header what the records use and it does not define."""

from __future__ import annotations

import re

from annotator.bundle import Bundle
from annotator.diagnostics import Kind
from annotator.validate.contigs import UNKNOWN
from annotator.validate.findings import Survey
from annotator.vcf.reserved import assumed
from annotator.vcf.words import shown

_ADDED = b"Not defined in the upload; added by GAS"
_UNWRITABLE = re.compile(rb'[\s,<>"=;]|^$')
"""What would end a name in a header line; quotes around it are no help to htslib."""


def define(found: Survey, bundle: Bundle) -> None:
    """Add definitions of filters, keys and contigs; those that no header can have are noted."""
    header = found.header
    for name in sorted(found.undefined_filters):
        if _is_writable(found, "filter", name):
            header.add_line(b'##FILTER=<ID=%b,Description="%b">' % (name, _ADDED))
    for column, key in sorted(found.undefined_keys):
        field = assumed(column.encode(), key, header.minor_version)
        if _is_writable(found, column, key):
            header.add_line(
                b'##%b=<ID=%b,Number=%b,Type=%b,Description="%b">'
                % (column.encode(), key, field.number, field.type, _ADDED)
            )
        defined = header.info if column == "INFO" else header.format
        defined[key] = field
    _define_contigs(found, bundle)


def _define_contigs(found: Survey, bundle: Bundle) -> None:
    for name, known in zip(found.contigs.names, found.contigs.in_bundle, strict=True):
        is_of_assembly = name.startswith(b"<") and name.endswith(b">")  # not of the reference
        if name in found.header.contigs or is_of_assembly:
            continue
        if not _is_writable(found, "contig", name):
            continue
        length = b""
        if known != UNKNOWN:
            length = b",length=%d" % bundle.manifest.contigs[known].length
        found.header.add_line(b"##contig=<ID=%b%b>" % (name, length))
        text = f"contig {shown(name)} was added to the header"
        found.diagnostics.add(Kind.REPAIR, None, text)


def _is_writable(found: Survey, what: str, name: bytes) -> bool:
    if not _UNWRITABLE.search(name):
        return True
    text = f"{what} {shown(name)} cannot be defined in the header: no program would read it"
    found.diagnostics.add(Kind.FAULT, None, text)
    return False
