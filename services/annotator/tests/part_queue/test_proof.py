"""The proof of a result that S3 made of parts."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime

import pytest

from annotator.part_queue.proof import sha256_of
from annotator.scatter.joining import JoinedFile
from gas.files.assembly import DamagedPiece
from gas.files.bucket import CHUNK_BYTES
from gas.files.read_ahead import SPAN_BYTES
from gas.memory.files import MemoryFiles

SIZES = (0, 7, CHUNK_BYTES, 1, SPAN_BYTES + 3, 0, CHUNK_BYTES - 1, 0)


def joined(content: bytes, files: MemoryFiles) -> JoinedFile:
    """A file of pieces of those sizes, which the bucket has."""
    tree, at = hashlib.sha256(), 0
    for size in SIZES:
        digest = hashlib.sha256(content[at : at + size]).digest()
        tree.update(size.to_bytes(8, "big") + digest)
        at += size
    files.write("key", content)
    return JoinedFile("name", "key", at, None, tree.hexdigest(), SIZES)


@pytest.fixture
def files() -> MemoryFiles:
    return MemoryFiles("results", lambda: datetime.now(UTC))


def test_a_whole_file_has_its_sha256_and_says_that_it_is_read(files: MemoryFiles) -> None:
    content = random.Random(5).randbytes(sum(SIZES))
    ticks: list[float] = []
    found = sha256_of(joined(content, files), files, lambda fraction, _: ticks.append(fraction))
    assert found == hashlib.sha256(content).hexdigest()
    assert len(ticks) > 4


@pytest.mark.parametrize("change", ["shorter", "longer", "another byte", "empty"])
def test_a_file_that_is_not_made_of_its_pieces_is_damaged(change: str, files: MemoryFiles) -> None:
    content = random.Random(5).randbytes(sum(SIZES))
    file = joined(content, files)
    other = bytes([content[100] ^ 1])
    files.write(
        "key",
        {
            "shorter": content[:-1],
            "longer": content + b"x",
            "another byte": content[:100] + other + content[101:],
            "empty": b"",
        }[change],
    )
    with pytest.raises(DamagedPiece):
        sha256_of(file, files, lambda *_: None)
