"""Checksums of files, read in pieces."""

import hashlib
from pathlib import Path

_CHUNK_BYTES = 1 << 20


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
