"""Files that no task can annotate are refused alike, whether they are cut or not."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pysam
import pytest

from annotator.rejection import Rejected
from annotator.scatter import cuts, store
from annotator.scatter.splitting import split
from annotator.scatter.workplace import Workplace
from annotator.vcf import bgzf, blocks
from tests.support import scattered, synthetic_genome
from tests.support.annotation import COLUMNS, vcf

HEADER = "##fileformat=VCFv4.2\n"
MOST_OF_A_LINE = 100_000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    folder = tmp_path_factory.mktemp("odd")
    return scattered.workplace(synthetic_genome.build_bundle(folder), folder)


def rows(count: int = 2_000) -> list[str]:
    """Records that overlap no other."""
    bases = synthetic_genome.sequences()["1"]
    return [
        f"1\t{at}\t.\t{bases[at - 1]}\t{'C' if bases[at - 1] != 'C' else 'G'}\t.\t.\t."
        for at in range(1, count + 1)
    ]


def packed(content: bytes, folder: Path) -> bytes:
    (folder / "plain").write_bytes(content)
    pysam.tabix_compress(str(folder / "plain"), str(folder / "packed"), force=True)
    return (folder / "packed").read_bytes()


def with_samples(calls: tuple[str, ...], but: dict[int, tuple[str, ...]]) -> bytes:
    """Records with those calls, ``but`` some, by the number of the record from 0."""
    header = f'{HEADER}##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    found = ["\t".join((row, "GT", *but.get(number, calls))) for number, row in enumerate(rows())]
    return vcf(*found, header=header, columns=f"{COLUMNS}\tFORMAT\tA\tB")


def with_row(row: str, at: int = 1_500) -> bytes:
    found = rows()
    found[at] = row
    return vcf(*found, header=HEADER)


ODD: dict[str, Callable[[Path], bytes]] = {
    "no end of BGZF": lambda folder: packed(vcf(*rows(), header=HEADER), folder)[:-28],
    "ends in a block": lambda folder: packed(vcf(*rows(), header=HEADER), folder)[:-60],
    "a byte is another": lambda folder: _spoilt(packed(vcf(*rows(), header=HEADER), folder)),
    "gzip that ends early": lambda _: gzip.compress(vcf(*rows(), header=HEADER))[:-500],
    "no VCF": lambda folder: packed(b"<html></html>\n" * 50, folder),
    "no column line": lambda folder: packed(HEADER.encode() * 9, folder),
    "another build": lambda folder: packed(
        vcf(*rows(), header=f"{HEADER}##contig=<ID=1,length=7>\n"), folder
    ),
    "a NUL byte": lambda folder: packed(with_row("1\t9\t.\tA\0\tC\t.\t.\t."), folder),
    "a missing column": lambda folder: packed(with_row("1\t1501\t.\tA\tC\t.\t."), folder),
    "a sample is missing far on": lambda folder: packed(
        with_samples(("0/1", "1/1"), but={1_777: ("0/1",)}), folder
    ),
    "a line of more than the most": lambda folder: packed(
        with_row(f"1\t1501\t.\tA\tC\t.\t.\tX={'x' * MOST_OF_A_LINE}"), folder
    ),
    "spaces": lambda folder: packed(with_row("1 1501 . A C . . ."), folder),
    "many at one place": lambda folder: packed(vcf(*rows(9), *rows(10)[-1:] * 10_001), folder),
}


def _spoilt(content: bytes) -> bytes:
    at = len(content) // 2
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.fixture
def short_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of a line is 100,000 bytes, not 64 MiB."""
    monkeypatch.setattr(blocks, "MAX_LINE_BYTES", MOST_OF_A_LINE)


@pytest.mark.usefixtures("short_lines")
@pytest.mark.parametrize("odd", ODD)
def test_refused_as_by_one_task(odd: str, place: Workplace, tmp_path: Path) -> None:
    asked = scattered.stored(ODD[odd](tmp_path), place, tmp_path, part_records=300)
    with pytest.raises(Rejected) as alone:
        scattered.whole(asked, place, tmp_path / "one")
    with pytest.raises(Rejected) as together:
        scattered.joined(asked, place, f"{scattered.ROOT}/{odd}")
    assert (together.value.code, together.value.message, together.value.line) == (
        alone.value.code,
        alone.value.message,
        alone.value.line,
    )


def test_empty_blocks_between_others_change_nothing(place: Workplace, tmp_path: Path) -> None:
    text = vcf(*rows(), header=HEADER)
    plain = packed(text, tmp_path)
    pieces = [packed(text[at : at + 9_000], tmp_path) for at in range(0, len(text), 9_000)]
    # Each piece ends with an empty block, the end of a file; some have several.
    content = b"".join(piece + bgzf.END * (number % 3) for number, piece in enumerate(pieces))
    found = []
    for name, upload in (("plain", plain), ("empty", content)):
        asked = scattered.stored(upload, place, tmp_path, part_records=300)
        plan, done = scattered.joined(asked, place, f"{scattered.ROOT}/{name}")
        assert plan.parts > 3
        found.append(scattered.fetched(done, place, tmp_path / f"{name} result"))
    assert found[1].text == found[0].text
    assert found[1].table == found[0].table
    assert found[1].log == found[0].log


def test_no_file_has_more_parts_than_can_be_joined(
    place: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cuts, "MOST_PARTS", 7)
    content = packed(vcf(*rows(), header=HEADER), tmp_path)
    asked = scattered.stored(content, place, tmp_path, part_records=1)
    plan = split(asked, f"{scattered.ROOT}/few", place)
    assert plan.parts == 7
    plan = split(replace(asked, part_records=None), f"{scattered.ROOT}/bytes", place)
    assert 1 <= plan.parts <= 7


def test_cuts_are_between_genes_or_contigs_and_behind_what_is_replaced(
    place: Workplace, tmp_path: Path
) -> None:
    bases = synthetic_genome.sequences()["1"]
    found = rows()
    deleted = bases[1_999:2_050]
    found[1_999] = f"1\t2000\t.\t{deleted}\t{deleted[0]}\t.\t.\t."
    found += [f"M\t{at}\t.\tA\tC\t.\t.\t." for at in (5, 5, 5)]
    found += [f"unknown\t{at}\t.\tA\tC\t.\t.\t." for at in (1, 2, 2, 3)]
    asked = scattered.stored(vcf(*found, header=HEADER), place, tmp_path, part_records=1)
    root = f"{scattered.ROOT}/cuts"
    split(asked, root, place)
    begins = [(part.contig, part.position) for part in store.part_plans(place.parts, root)]
    islands = place.bundle.is_between_genes
    number = [contig.name for contig in place.bundle.manifest.contigs].index("1")
    on_first = np.array([position for contig, position in begins if contig == 0])
    assert islands(number, on_first[1:], on_first[1:]).all()
    assert len(on_first) > 20
    assert on_first.max() == 2_000, "what lies within the deletion is not cut from it"
    assert begins[len(on_first) :] == [(1, 5), (2, 1), (2, 2), (2, 3)]
