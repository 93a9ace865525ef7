from pathlib import Path

import pysam
import pytest

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.recognition import contigs_of, recognise
from annotator.rejection import Rejected
from gas.events import FailureCode
from tests import synthetic
from tests.annotation import record, vcf


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> list[Bundle]:
    made = synthetic.build_bundle(tmp_path_factory.mktemp("synthetic"))
    return [bundles.find("human-mt"), made]


@pytest.mark.parametrize(
    ("contigs", "name"),
    [
        ({b"MT": 16569}, "human-mt"),
        ({b"chrM": None}, "human-mt"),
        ({b"chr1": synthetic.LENGTH, b"M": synthetic.LENGTH}, "synthetic"),
        ({b"1": None, b"2": None}, "synthetic"),
        ({b"M": 16569, b"77": 5}, "human-mt"),
    ],
)
def test_the_bundle_with_most_contigs_of_those_lengths_is_taken(
    contigs: dict[bytes, int | None], name: str, installed: list[Bundle]
) -> None:
    assert recognise(contigs, installed).manifest.name == name


@pytest.mark.parametrize("contigs", [{}, {b"chr7": 5}, {b"MT": 16571}])
def test_where_nothing_fits_the_user_is_told_what_there_is(
    contigs: dict[bytes, int | None], installed: list[Bundle]
) -> None:
    with pytest.raises(Rejected, match="Human mitochondrion") as rejected:
        recognise(contigs, installed)
    assert rejected.value.code is FailureCode.WRONG_BUILD


def test_the_only_bundle_there_is_takes_files_that_name_no_contigs(
    installed: list[Bundle],
) -> None:
    assert recognise({}, installed[:1]) is installed[0]


def test_the_head_of_a_compressed_file_is_enough(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(vcf(*(record(f"{n}\t.\tN\tA") for n in range(1, 16_000))))
    pysam.tabix_compress(str(plain), str(tmp_path / "packed"))
    head = tmp_path / "head"
    head.write_bytes((tmp_path / "packed").read_bytes()[:30_000])
    assert contigs_of(head) == {b"MT": 16569}


def test_a_header_without_contigs_is_helped_out_by_the_records(tmp_path: Path) -> None:
    head = tmp_path / "head"
    rows = [record("5\t.\tN\tA", contig) for contig in ("chr21", "chr21", "chrM")]
    head.write_bytes(vcf(*rows, header="##fileformat=VCFv4.2\n"))
    assert contigs_of(head) == {b"chr21": None, b"chrM": None}
    head.write_bytes(vcf(*rows))
    assert contigs_of(head) == {b"MT": 16569}, "what the header says comes first"


def test_what_is_no_vcf_names_no_contigs(tmp_path: Path) -> None:
    head = tmp_path / "head"
    head.write_bytes(b"\x89PNG and more")
    assert contigs_of(head) == {}
