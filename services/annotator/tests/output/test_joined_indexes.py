"""An index that is put together of those of parts finds what one of the whole file finds."""

import random
from pathlib import Path

import pysam
import pytest

from annotator.output import csi, index
from annotator.vcf import bgzf

SEED = 9
LENGTH = 3_000_000
HEADER = b"".join(
    (
        b"##fileformat=VCFv4.2\n",
        *(b"##contig=<ID=%s,length=%d>\n" % (name, LENGTH) for name in (b"1", b"2", b"3")),
        b'##INFO=<ID=END,Number=1,Type=Integer,Description="">\n',
        b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n",
    )
)


def records(rng: random.Random) -> list[bytes]:
    """Records of three contigs, dense and sparse, some of them long enough to span any cut."""
    rows = []
    for contig, count in (("1", 6_000), ("2", 3), ("3", 2_000)):
        for n, at in enumerate(sorted(rng.choices(range(1, LENGTH), k=count))):
            end = at + int(10 ** rng.uniform(0, 5.5)) if rng.random() < 0.05 else at
            pad = rng.randbytes(rng.choice([2, 200])).hex()
            rows.append(f"{contig}\t{at}\t{contig}_{n}_{pad}\tA\t<DEL>\t.\t.\tEND={end}\n".encode())
    return rows


def indexed(rows: list[bytes], cuts: list[int], folder: Path) -> Path:
    """The rows in a file, in blocks that end at the cuts, with an index that is put together."""
    path = folder / "joined.vcf.gz"
    joined = csi.Index()
    with bgzf.Writer(path) as out:
        out.write(HEADER)
        for first, last in zip([0, *cuts], [*cuts, len(rows)], strict=True):
            part = folder / "part.vcf"
            with bgzf.Writer(part) as blocks:
                blocks.write(b"".join(rows[first:last]))
                blocks.flush()
            at = out.append(part)
            index.write_of_blocks(part, HEADER, folder / "part.csi")
            joined.add(csi.read(folder / "part.csi"), at)
        out.end()
    joined.write(path.with_name(f"{path.name}.csi"))
    return path


def found(path: Path, contig: str, begin: int, end: int) -> list[str]:
    with pysam.TabixFile(str(path), index=f"{path}.csi") as file:
        return [row.split("\t")[2] for row in file.fetch(contig, begin, end)]


@pytest.mark.parametrize("parts", [1, 2, 9])
def test_random_cuts_and_regions(parts: int, tmp_path: Path) -> None:
    print(f"seed {SEED}")
    rng = random.Random(SEED + parts)
    rows = records(rng)
    path = indexed(rows, sorted(rng.sample(range(1, len(rows)), parts - 1)), tmp_path)
    whole = tmp_path / "whole.vcf.gz"
    whole.write_bytes(path.read_bytes())
    index.write(whole)
    regions = []
    for _ in range(150):
        begin = rng.randrange(LENGTH)
        regions.append((rng.choice("123"), begin, begin + int(10 ** rng.uniform(0, 6))))
    for row in rows[:: len(rows) // 150]:  # and where records are
        contig, at = row.split(b"\t")[:2]
        regions.append((contig.decode(), int(at) - 1, int(at)))
    assert sum(bool(found(whole, *region)) for region in regions) > 150
    for region in regions:
        assert found(path, *region) == found(whole, *region), region
    assert _counts(path) == _counts(whole)


def _counts(path: Path) -> str:
    return str(pysam.bcftools.index("--stats", str(path)))


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    with bgzf.Writer(tmp_path / "other") as out:
        out.write(bytes(64))
        out.end()
    with pytest.raises(csi.NotCsi):
        csi.read(tmp_path / "other")
