"""How objects are made of many: no part is too small or too large, and none is missing."""

import contextlib
import hashlib
import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gas.files import assembly
from gas.files.assembly import COPIED_BYTES, LocalPiece, Piece, Run, StoredPiece, parts_of
from gas.files.s3_assembly import S3Assembly

LEAST, MOST = 50, 500
SEED = 4


class Nowhere:
    bucket = "nowhere"

    def stream(self, key: str) -> Iterator[bytes]:
        raise NotImplementedError


def piece(size: int, rng: Random) -> Piece:
    digest = hashlib.sha256(bytes([size % 256])).hexdigest()
    if rng.random() < 0.2:
        return LocalPiece(Path("local"), size, digest)
    return StoredPiece(Nowhere(), "key", size, digest)


def is_copied(runs: list[Run]) -> bool:
    return len(runs) == 1 and isinstance(runs[0].piece, StoredPiece)


@pytest.mark.parametrize("seed", range(SEED, SEED + 40))
def test_parts_of_random_pieces(seed: int) -> None:
    rng = Random(seed)
    sizes = [
        int(10 ** rng.uniform(0, 3.5)) * (rng.random() > 0.1) for _ in range(rng.randint(1, 30))
    ]
    pieces = [piece(size, rng) for size in sizes]
    parts = list(parts_of(pieces, LEAST, MOST))
    assert [
        (id(run.piece), at)
        for part in parts
        for run in part
        for at in range(run.first, run.first + run.size_bytes)
    ] == [(id(one), at) for one in pieces for at in range(one.size_bytes)]
    for number, part in enumerate(parts, start=1):
        size = sum(run.size_bytes for run in part)
        assert size >= LEAST or number == len(parts)
        assert size <= (MOST if is_copied(part) else 2 * LEAST)


def test_large_neighbours_are_copied_as_they_are() -> None:
    rng = Random(SEED)
    pieces = [StoredPiece(Nowhere(), str(n), rng.randint(LEAST, MOST), "00") for n in range(9)]
    assert list(parts_of(pieces, LEAST, MOST)) == [[Run(one, 0, one.size_bytes)] for one in pieces]


def test_a_copy_has_a_gibibyte_at_most() -> None:
    """S3 answers a copy when it is done, and a client waits only for so long."""
    size = 3 * COPIED_BYTES + 1
    runs = [run for (run,) in parts_of([StoredPiece(Nowhere(), "key", size, "00")])]
    assert sum(run.size_bytes for run in runs) == size
    assert max(run.size_bytes for run in runs) == COPIED_BYTES
    assert min(run.size_bytes for run in runs) >= assembly.LEAST_PART_BYTES


def test_many_large_pieces_are_no_more_parts_than_s3_takes() -> None:
    """Copies grow where pieces of a gibibyte would be more than 10,000."""
    sizes = [2 * COPIED_BYTES - 1] * 2_000 + [COPIED_BYTES + 1] * 7_000
    parts = list(parts_of([StoredPiece(Nowhere(), "key", size, "00") for size in sizes]))
    assert len(parts) <= 10_000
    assert max(run.size_bytes for part in parts for run in part) <= assembly.MOST_PART_BYTES


class CopyingClient:
    """Answers as S3 does; a copy is answered once as many are under way as ``copies`` tells."""

    def __init__(self, copies: int) -> None:
        self._all_here = threading.Barrier(copies)
        self._one_too_many = threading.Barrier(5)
        self._lock = threading.Lock()
        self._sending = self.most_sent = self.copied = 0
        self.ended: list[str] = []

    def create_multipart_upload(self, **_: Any) -> Any:
        return {"UploadId": "upload"}

    def upload_part_copy(self, PartNumber: int, **_: Any) -> Any:
        self._all_here.wait(10)
        with self._lock:
            self.copied += 1
        return {"CopyPartResult": {"ETag": str(PartNumber)}}

    def get_object(self, Range: str, **_: Any) -> Any:
        first, last = Range.removeprefix("bytes=").split("-")
        return {"Body": io.BytesIO(bytes(int(last) + 1 - int(first)))}

    def upload_part(self, PartNumber: int, **_: Any) -> Any:
        with self._lock:
            self._sending += 1
            self.most_sent = max(self.most_sent, self._sending)
        with contextlib.suppress(threading.BrokenBarrierError):
            self._one_too_many.wait(1)
        with self._lock:
            self._sending -= 1
        return {"ETag": str(PartNumber)}

    def complete_multipart_upload(self, MultipartUpload: Any, **_: Any) -> None:
        numbers = [part["PartNumber"] for part in MultipartUpload["Parts"]]
        assert numbers == sorted(numbers)
        self.ended.append("completed")

    def abort_multipart_upload(self, **_: Any) -> None:
        self.ended.append("aborted")


def assembling(client: Any, sizes: list[int], on_part: Callable[[], object]) -> None:
    pieces = [StoredPiece(Nowhere(), str(n), size, "00") for n, size in enumerate(sizes)]
    S3Assembly(client, client, "bucket", "key").run(pieces, "text/plain", {}, on_part)


def test_sixteen_copies_are_under_way_at_once_and_each_is_told() -> None:
    client, told = CopyingClient(16), []
    assembling(client, [assembly.LEAST_PART_BYTES] * 32, lambda: told.append(client.copied))
    assert len(told) == client.copied == 32
    assert client.ended == ["completed"]


def test_what_is_sent_through_this_process_is_bounded() -> None:
    client = CopyingClient(1)
    assembling(client, [assembly.LEAST_PART_BYTES // 2] * 64, lambda: None)
    assert 1 < client.most_sent <= 4
    assert client.ended == ["completed"]


def test_an_object_that_nobody_wants_any_more_is_aborted_and_copied_no_further() -> None:
    def unwanted() -> None:
        raise InterruptedError

    client = CopyingClient(1)
    with pytest.raises(InterruptedError):
        assembling(client, [assembly.LEAST_PART_BYTES] * 5_000, unwanted)
    assert client.ended == ["aborted"]
    assert client.copied < 5_000
