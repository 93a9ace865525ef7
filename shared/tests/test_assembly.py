"""How objects are made of many: no part is too small or too large, and none is missing."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from gas.files.assembly import LocalPiece, Piece, Run, StoredPiece, parts_of

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
