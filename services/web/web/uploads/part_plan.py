"""How a file is cut into parts: all of one size but the last one, which has the rest."""

from __future__ import annotations

from gas.files.part_uploads import MOST_PARTS
from gas.tables.uploads import Upload

_MEBIBYTE = 1 << 20
# What is lost when a connection breaks; S3 wants at least 5 MiB.
_LEAST_PART_BYTES = 8 * _MEBIBYTE


def part_bytes_for(size_bytes: int) -> int:
    """The size of the parts of a file, so that there are ``MOST_PARTS`` at most."""
    mebibytes = -(-size_bytes // (MOST_PARTS * _MEBIBYTE))
    return max(_LEAST_PART_BYTES, mebibytes * _MEBIBYTE)


def part_count(upload: Upload) -> int:
    """How many parts the upload has; 0 if it is not sent in parts."""
    return -(-upload.size_bytes // upload.part_bytes) if upload.part_bytes else 0


def part_size(upload: Upload, number: int) -> int:
    """The bytes of the part with that number, which is from 1 to ``part_count``."""
    part_bytes = upload.part_bytes or upload.size_bytes
    return min(part_bytes, upload.size_bytes - (number - 1) * part_bytes)
