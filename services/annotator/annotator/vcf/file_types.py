"""What files are that are no VCF, told by their first bytes."""

from __future__ import annotations

import re

_KNOWN = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"PK\x03\x04": "a ZIP archive",
    b"%PDF": "a PDF document",
    b"BCF": "a BCF file",
    b"BAM\x01": "a BAM file",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"<": "an HTML or XML page",
    b"{": "a JSON document",
    b"@": "a FASTQ or SAM file",
    b">": "a FASTA file",
}
_GENOTYPING = re.compile(
    rb"23andMe|AncestryDNA|MyHeritage|FamilyTreeDNA|Living DNA"
    rb"|^\W*rsid\b|^\"?(?:rs|i)[0-9]+\"?[\t,]",
    re.IGNORECASE,
)
"""The first lines of what companies give their customers: a comment, column names, or a call."""


def looks_like(text: bytes) -> str:
    """What a file that begins with ``text`` seems to be."""
    for magic, name in _KNOWN.items():
        if text.startswith(magic):
            return name
    if b"\x00" in text[:1000]:
        return "a binary file"
    if _GENOTYPING.search(text[:1000]):
        return (
            "genotypes as 23andMe and other companies give them to their customers, which lack REF"
            " and ALT (bcftools convert --tsv2vcf makes a VCF of them)"
        )
    return "a text file without a VCF header"
