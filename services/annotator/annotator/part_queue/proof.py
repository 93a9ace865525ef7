"""The SHA-256 of a result that S3 made of parts: it is read once, which proves the copy as well."""

from __future__ import annotations

import hashlib
from contextlib import closing

from annotator.heartbeat import OnTick
from annotator.scatter.joining import JoinedFile
from gas.files.assembly import DamagedPiece
from gas.files.read_ahead import Readable, Reading


def sha256_of(file: JoinedFile, files: Readable, on_tick: OnTick) -> str:
    """The SHA-256 of a joined file, in hexadecimal digits.

    Raises DamagedPiece if the object is not made of its pieces, NoSuchFile, FileChanged, and what
    ``on_tick`` raises.
    """
    if file.sha256:
        return file.sha256
    whole, tree = hashlib.sha256(), hashlib.sha256()
    with closing(Reading(files, file.key)) as reading:
        if reading.size_bytes != file.size_bytes:
            raise DamagedPiece(f"{file.key}: {reading.size_bytes} bytes, not {file.size_bytes}")
        for size in file.pieces:
            piece = hashlib.sha256()
            for chunk in reading.take(size):
                piece.update(chunk)
                whole.update(chunk)
                on_tick(1.0, 0)
            tree.update(size.to_bytes(8, "big") + piece.digest())
    if tree.hexdigest() != file.tree_sha256:
        raise DamagedPiece(f"{file.key} is not made of its pieces")
    return whole.hexdigest()
