"""A survey finds the same, however many slices it divides the file into."""

from collections.abc import Callable
from pathlib import Path

import pysam
import pytest

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.rejection import Rejected
from annotator.validate.findings import Survey
from annotator.validate.survey import survey
from annotator.vcf.blocks import START
from annotator.vcf.reading import Input
from tests.support import synthetic_genome
from tests.support.annotation import HEADER, record, vcf

Write = Callable[[bytes, Path], Path]
FEW_BYTES = 5_000


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return synthetic_genome.build_bundle(tmp_path_factory.mktemp("synthetic"))


def rows_of(bundle: Bundle) -> list[str]:
    genome = synthetic_genome.sequences()
    return [
        f"{contig}\t{position}\t.\t{base}\t{'A' if base != 'A' else 'C'}\t.\tq{position % 3}\tX=1"
        for contig, bases in genome.items()
        for position, base in enumerate(bases, start=1)
    ]


def packed(content: bytes, folder: Path) -> Path:
    """The content as BGZF, in blocks of 64 KB."""
    plain, path = folder / "plain", folder / "packed.vcf.gz"
    plain.write_bytes(content)
    pysam.tabix_compress(str(plain), str(path), force=True)
    return path


def plain(content: bytes, folder: Path) -> Path:
    path = folder / "plain.vcf"
    path.write_bytes(content)
    return path


def surveyed(path: Path, bundle: Bundle, workers: int) -> Survey:
    return survey(Input(path, 1 << 30), bundle, lambda *_: None, workers, FEW_BYTES)


def facts(found: Survey) -> tuple[object, ...]:
    return (
        found.records,
        found.statuses,
        found.is_sorted,
        found.contigs.names,
        found.header.text(),
        list(found.diagnostics.rows()),
        sorted(found.diagnostics.shown()),
        found.first_line,
    )


@pytest.mark.parametrize("write", [plain, packed])
@pytest.mark.parametrize("order", ["sorted", "reversed", "interleaved"])
def test_the_findings_do_not_depend_on_the_slices(
    order: str, write: Write, bundle: Bundle, tmp_path: Path
) -> None:
    rows = rows_of(bundle)
    if order == "reversed":
        rows.reverse()
    elif order == "interleaved":
        rows = [*rows[::2], *rows[1::2]]
    content = vcf(*rows, header="##fileformat=VCFv4.2\n##contig=<ID=1>\n")
    path = write(content, tmp_path)
    alone, together = (surveyed(path, bundle, workers) for workers in (1, 4))
    assert facts(alone) == facts(together)
    assert alone.is_sorted is (order == "sorted")
    assert alone.records == 2 * synthetic_genome.LENGTH


def test_an_identifier_that_two_slices_have_is_noted_as_in_one(
    bundle: Bundle, tmp_path: Path
) -> None:
    rows = rows_of(bundle)
    for n in (10, 2_000, 4_000):
        rows[n] = rows[n].replace("\t.\t", "\trs7\t", 1)
    path = plain(vcf(*rows, header="##fileformat=VCFv4.2\n"), tmp_path)
    alone, together = (surveyed(path, bundle, workers) for workers in (1, 4))
    assert facts(alone) == facts(together)
    (note,) = [one for one in together.diagnostics.as_json() if one["rule"] == "id-unique"]
    assert [one["line"] for one in note["first"]] == [2_003, 4_003]


@pytest.mark.parametrize("write", [plain, packed])
def test_records_can_be_read_from_every_cut(write: Write, bundle: Bundle, tmp_path: Path) -> None:
    rows = rows_of(bundle)
    path = write(vcf(*rows, header="##fileformat=VCFv4.2\n"), tmp_path)
    found = surveyed(path, bundle, 4)
    assert found.cuts[0].record == 0
    for cut in found.cuts:
        block = next(Input(path, 1 << 30).blocks(cut.place, cut.line))
        assert block.text.startswith(rows[cut.record].encode() + b"\n")
        assert cut.line == cut.record + 3


@pytest.mark.parametrize("write", [plain, packed])
@pytest.mark.parametrize("fault", [0, 2_000, 4_790])
def test_a_fault_in_any_slice_is_reported_with_its_line_in_the_file(
    fault: int, write: Write, bundle: Bundle, tmp_path: Path
) -> None:
    rows = rows_of(bundle)
    rows[fault] = rows[fault].replace("\t", "\tx", 1)
    path = write(vcf(*rows, header="##fileformat=VCFv4.2\n"), tmp_path)
    for workers in (1, 4):
        with pytest.raises(Rejected) as rejected:
            surveyed(path, bundle, workers)
        assert rejected.value.line == fault + 3


def test_slices_begin_at_line_starts_and_lose_nothing(tmp_path: Path) -> None:
    content = vcf(*(record(f"{n}\t.\tN\tA") for n in range(1, 16_000)), header=HEADER)
    for path in (plain(content, tmp_path), packed(content, tmp_path)):
        source = Input(path, 1 << 30)
        places = source.slices(START, 5)
        assert len(places) > 2
        texts = [
            b"".join(block.text for block in source.blocks(begin, 1, end))
            for begin, end in zip(places, [*places[1:], None], strict=True)
        ]
        assert b"".join(texts) == content
        assert all(text.endswith(b"\n") for text in texts)


@pytest.mark.parametrize("write", [plain, packed])
def test_no_slice_begins_in_a_long_header(write: Write, bundle: Bundle, tmp_path: Path) -> None:
    header = "##fileformat=VCFv4.2\n" + "##note=padding\n" * 200_000
    path = write(vcf(*rows_of(bundle)[:30], header=header), tmp_path)
    alone, together = (surveyed(path, bundle, workers) for workers in (1, 8))
    assert facts(alone) == facts(together)
    assert together.records == 30


def test_a_small_file_is_not_sliced(tmp_path: Path) -> None:
    path = plain(vcf(record("73\t.\tA\tG")), tmp_path)
    found = survey(Input(path, 1 << 30), bundles.find("human-mt"), lambda *_: None, 8)
    assert found.records == 1
