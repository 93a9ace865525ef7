"""The lines of records are found again by their numbers."""

import gzip
import random
from pathlib import Path

import numpy as np
import pytest

from annotator.vcf.reading import Input
from annotator.vcf.record_lines import lines_of

SEED = 5


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_empty_lines_and_the_header_count(pack: type[bytes], end: bytes, tmp_path: Path) -> None:
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    lines = [b"##fileformat=VCFv4.2", *[b"##note=x"] * rng.randint(0, 9), b"#CHROM"]
    wanted = []
    for number in range(60_000):  # some blocks
        lines += [b""] * (rng.random() < 0.1)
        lines.append(b"1\t%d\t.\tA\tC\t.\t.\tNOTE=%d" % (number + 1, number))
        wanted.append(len(lines))
    path = tmp_path / "input"
    path.write_bytes(pack(end.join([*lines, b""])))
    asked = np.array([1, *rng.sample(range(1, 60_001), 500), 7, 7, 60_000])
    found = lines_of(Input(path, 1 << 30).blocks(), asked)
    assert found.tolist() == [wanted[number - 1] for number in asked.tolist()]
