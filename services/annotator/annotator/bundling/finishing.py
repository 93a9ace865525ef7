"""The last steps of a bundle: the checksums of its files, and its place once it is complete."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from annotator.bundle import MANIFEST


def checksums_of(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file of a bundle but its manifest, by path."""
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    checksums = {}
    for file in sorted(files):
        if file.parts[0].startswith(".") or str(file) == MANIFEST:
            continue
        with (folder / file).open("rb") as opened:
            checksums[str(file)] = hashlib.file_digest(opened, "sha256").hexdigest()
    return checksums


def put_in_place(work: Path, place: Path) -> Path:
    """Move the complete bundle to its place, where an older one may be; gives the place."""
    old = place.with_name(f".{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    work.rename(place)
    shutil.rmtree(old, ignore_errors=True)
    return place
