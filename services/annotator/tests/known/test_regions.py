"""Stretches that overlap: cut into such as do not, and looked up, as a plain search finds them."""

import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from annotator.bundling.regions import Region, disjoint
from annotator.bundling.sorted_file import REGION_KEYS, write_indexed
from annotator.known.regions import Regions


def joined(values: list[list[str]]) -> list[str]:
    return ["&".join(dict.fromkeys(value for (value,) in values))]


def stretches(rng: random.Random, bases: int, count: int) -> list[Region]:
    longest = rng.choice((1, 30, bases // 10))
    found = []
    for number in range(count):
        contig, first = rng.choice("12"), rng.randint(1, bases)
        found.append(Region(contig, first, first + rng.randrange(longest), (f"v{number}",)))
    return sorted(found, key=lambda one: (one.contig, one.first))


@pytest.mark.parametrize("seed", range(6))
def test_what_lies_over_each_base_stays_so(seed: int) -> None:
    given = stretches(random.Random(seed), 300, 40)
    found = list(disjoint(given, joined))
    for contig in "12":
        mine = [one for one in found if one.contig == contig]
        assert all(one.last < after.first for one, after in pairwise(mine))
        for base in range(1, 400):
            over = [
                one.values[0]
                for one in given
                if one.contig == contig and one.first <= base <= one.last
            ]
            said = [one.values[0] for one in mine if one.first <= base <= one.last]
            assert said == (["&".join(over)] if over else [])


@pytest.mark.parametrize("seed", range(6))
def test_the_lookup_finds_what_a_plain_search_finds(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    bases = rng.choice((3_000, 200_000, 40_000_000))
    given = list(disjoint(stretches(rng, bases, 3_000), joined))
    path = tmp_path / "regions.tsv.gz"
    write_indexed(
        (*REGION_KEYS, "V"), ("\t".join(map(str, (*o[:3], *o[3]))) + "\n" for o in given), path
    )
    regions = Regions(path, 1)
    for _ in range(20):
        contig, start = rng.choice("123"), rng.randint(1, bases)
        width = rng.choice((50, 5_000, bases))
        firsts = np.sort([rng.randint(start, start + width) for _ in range(200)])
        lasts = firsts + [rng.choice((0, 0, 1, 40)) for _ in range(200)]
        found: dict[int, list[str]] = {}
        for indexes, values in regions.find(contig.encode(), firsts, lasts):
            for index, value in zip(indexes.tolist(), values, strict=True):
                found.setdefault(index, []).append(value.decode())
        mine = [one for one in given if one.contig == contig]
        for index, (first, last) in enumerate(zip(firsts.tolist(), lasts.tolist(), strict=True)):
            wanted = [o.values[0] for o in mine if o.first <= last and o.last >= first]
            assert found.get(index, []) == wanted
