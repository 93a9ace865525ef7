"""The SHA-256 of a result that S3 made of parts: it is read once, which proves the copy as well."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from annotator.heartbeat import OnTick
from annotator.scatter.joining import JoinedFile
from gas.files.assembly import DamagedPiece
from gas.files.bucket import Files


def sha256_of(file: JoinedFile, files: Files, on_tick: OnTick) -> str:
    """The SHA-256 of a joined file, in hexadecimal digits.

    Raises DamagedPiece if the object is not made of its pieces, NoSuchFile, and what ``on_tick``
    raises.
    """
    if file.sha256:
        return file.sha256
    whole, tree = hashlib.sha256(), hashlib.sha256()
    chunks = _chunks(file, files, on_tick)
    left = memoryview(b"")
    for size in file.pieces:
        piece, need = hashlib.sha256(), size
        while need:
            if not left:
                left = memoryview(next(chunks, b""))
            if not left:
                raise DamagedPiece(f"{file.key} is shorter than its pieces")
            piece.update(left[:need])
            whole.update(left[:need])
            left, need = left[need:], max(0, need - len(left))
        tree.update(size.to_bytes(8, "big") + piece.digest())
    beyond = next(chunks, b"")
    if left or beyond or tree.hexdigest() != file.tree_sha256:
        raise DamagedPiece(f"{file.key} is not made of its pieces")
    return whole.hexdigest()


def _chunks(file: JoinedFile, files: Files, on_tick: OnTick) -> Iterator[bytes]:
    for chunk in files.stream(file.key):
        on_tick(1.0, 0)
        yield chunk
