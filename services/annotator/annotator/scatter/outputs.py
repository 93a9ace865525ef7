"""The files that a part makes, and how the small ones of them are one object."""

from __future__ import annotations

import zipfile
from pathlib import Path

VCF, TSV, PAGES = "part.vcf", "part.tsv", "part.pages"
"""Blocks of BGZF, and what is between the first bytes and the footer of a Parquet file."""
FOOTER, INDEX, TALLY = "footer", "index.csi", "tally.json"
NUMBERS = "numbers.parquet"
"""The columns of the Parquet file that have numbers of the part, where the plan is not counted."""
FINDINGS, IDENTIFIERS = "findings.json", "findings.npz"
TOLD = "told.zip"
"""What the join reads of each part: all but the bytes that it copies."""
STORED = (VCF, TSV, PAGES, TOLD)
_MEMBERS = (FINDINGS, IDENTIFIERS, TALLY, INDEX, FOOTER, NUMBERS)


def pack(folder: Path) -> None:
    """Put what is told of a part into one file of its folder."""
    with zipfile.ZipFile(folder / TOLD, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name in _MEMBERS:
            if (folder / name).exists():
                packed.write(folder / name, name)


def unpack(told: Path, folder: Path) -> None:
    """Write what ``pack`` put together into a folder, over what is there of another part."""
    with zipfile.ZipFile(told) as packed:
        for name in set(_MEMBERS) & set(packed.namelist()):
            (folder / name).write_bytes(packed.read(name))
