"""Which genome build a file is of, as its header tells: by contigs, else by what it calls it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from annotator import assemblies
from annotator.bundle import Bundle
from annotator.vcf.header import Header

_LINES = (b"##reference=", b"##assembly=", b"##contig=", b"##genome")
_SPELLINGS = {
    "GRCh38": re.compile(rb"grch38|hg38|hs38|(?<![a-z0-9])b38|assembly38", re.IGNORECASE),
    "GRCh37": re.compile(rb"grch37|hg19|hs37|(?<![a-z0-9])b37|g1k_v37", re.IGNORECASE),
    "NCBI36": re.compile(rb"ncbi36|hg18|(?<![a-z0-9])b36", re.IGNORECASE),
    "T2T-CHM13v2.0": re.compile(rb"chm13|(?<![a-z0-9])hs1(?![a-z0-9])", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Build:
    """An assembly, such as GRCh37, and what tells it."""

    assembly: str
    by: str

    def __str__(self) -> str:
        return f"{self.assembly}, by {self.by}"


def told(header: Header) -> Build | None:
    """The build of a file; None if its header tells none, or several."""
    contigs = {name.decode("utf-8", "replace"): length for name, length in header.contigs.items()}
    by_contigs = assemblies.recognised(contigs)
    if by_contigs:
        return Build(by_contigs, "the names and lengths of its contigs")
    named = {
        assembly: line
        for line in header.lines
        if line.startswith(_LINES)
        for assembly, spelling in _SPELLINGS.items()
        if spelling.search(line)
    }
    if len(named) != 1:
        return None
    ((assembly, line),) = named.items()
    return Build(assembly, f"the line {line[:80].decode('utf-8', 'replace')}")


def sentence(header: Header) -> str:
    """The build in words, with a blank before them, or nothing."""
    build = told(header)
    return f" The file is of {build}." if build else ""


def is_another(header: Header, bundle: Bundle) -> bool:
    """True if a contig of the file is, in another assembly, what the bundle has a contig of.

    Names with a version tell it without a length: NC_000021.8 is the 21 of GRCh37. What both
    assemblies have alike, such as the mitochondrion, does not count.
    """
    build = told(header)
    if build is None or not header.contigs or build.assembly == bundle.manifest.assembly:
        return False
    theirs = assemblies.names_of(build.assembly)
    for name in header.contigs:
        one = theirs.get(name.decode("utf-8", "replace"))
        here = bundle.contig_of.get(one.name) if one else None
        if one and here and here.length != one.length:
            return True
    return False
