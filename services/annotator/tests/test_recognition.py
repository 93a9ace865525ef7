import json
from pathlib import Path

import pysam
import pytest

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.bundling.build import build
from annotator.recognition import Head, head_of, recognise
from annotator.rejection import Rejected
from gas.events import FailureCode
from tests.support import synthetic_genome
from tests.support.annotation import record, vcf


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> list[Bundle]:
    synthetic = synthetic_genome.build_bundle(tmp_path_factory.mktemp("synthetic"))
    return [bundles.find("human-mt"), synthetic]


@pytest.mark.parametrize(
    ("contigs", "name"),
    [
        ({b"MT": 16569}, "human-mt"),
        ({b"chrM": None}, "human-mt"),
        ({b"chr1": synthetic_genome.LENGTH, b"M": synthetic_genome.LENGTH}, "synthetic"),
        ({b"1": None, b"2": None}, "synthetic"),
        ({b"M": 16569, b"77": 5}, "human-mt"),
    ],
)
def test_the_bundle_with_most_contigs_of_those_lengths_is_chosen(
    contigs: dict[bytes, int | None], name: str, installed: list[Bundle]
) -> None:
    assert recognise(Head(contigs), installed).manifest.name == name


@pytest.mark.parametrize("contigs", [{}, {b"chr7": 5}, {b"MT": 16571}])
def test_where_no_bundle_fits_the_message_lists_the_installed_ones(
    contigs: dict[bytes, int | None], installed: list[Bundle]
) -> None:
    with pytest.raises(Rejected, match="Human mitochondrion") as rejected:
        recognise(Head(contigs), installed)
    assert rejected.value.code is FailureCode.WRONG_BUILD


def test_a_file_without_contigs_gets_the_only_installed_bundle(
    installed: list[Bundle],
) -> None:
    assert recognise(Head({}), installed[:1]) is installed[0]


def test_the_first_bytes_of_a_compressed_file_are_enough(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(vcf(*(record(f"{n}\t.\tN\tA") for n in range(1, 16_000))))
    pysam.tabix_compress(str(plain), str(tmp_path / "packed"))
    head = tmp_path / "head"
    head.write_bytes((tmp_path / "packed").read_bytes()[:30_000])
    assert head_of(head).contigs == {b"MT": 16569}


def test_records_give_the_contigs_where_the_header_has_none(tmp_path: Path) -> None:
    head = tmp_path / "head"
    rows = [record("5\t.\tN\tA", contig) for contig in ("chr21", "chr21", "chrM")]
    head.write_bytes(vcf(*rows, header="##fileformat=VCFv4.2\n"))
    assert head_of(head).contigs == {b"chr21": None, b"chrM": None}
    head.write_bytes(vcf(*rows))
    assert head_of(head).contigs == {b"MT": 16569}, "what the header says comes first"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\x89PNG and more", "a PNG image"), (b"<html>Sign in, please</html>", "an HTML")],
)
def test_a_file_that_is_not_a_vcf_is_told_so_and_not_asked_for_its_reference(
    tmp_path: Path, content: bytes, words: str, installed: list[Bundle]
) -> None:
    head = tmp_path / "head"
    head.write_bytes(content)
    found = head_of(head)
    assert found.contigs == {}
    with pytest.raises(Rejected, match=words) as rejected:
        recognise(found, installed)
    assert rejected.value.code is FailureCode.NOT_VCF


def builds_of_one_genome(folder: Path) -> list[Bundle]:
    """The made-up genome, and another build of it: same names and lengths, other bases."""
    one = synthetic_genome.build_bundle(folder)
    source = folder / "source"
    (source / "genome.fa").write_text(
        "".join(f">{n}\n{bases}\n" for n, bases in synthetic_genome.sequences(seed=8).items())
    )
    changes = {"name": "later", "known": []}
    recipe = json.loads((source / "recipe.json").read_text()) | changes
    (source / "recipe.json").write_text(json.dumps(recipe))
    other = build(source / "recipe.json", folder / "bundles", lambda _: None)
    return [one, Bundle(other.folder, other.manifest.model_copy(update={"assembly": "GRCh37"}))]


def test_of_two_builds_the_one_with_the_bases_of_the_records_is_chosen(tmp_path: Path) -> None:
    installed = builds_of_one_genome(tmp_path)
    head = tmp_path / "head"
    for seed, bundle in ((7, installed[0]), (8, installed[1])):
        bases = synthetic_genome.sequences(seed)["1"]
        rows = [record(f"{at}\t.\t{bases[at - 1]}\tN", "chr1") for at in range(50, 90)]
        head.write_bytes(vcf(*rows, header="##fileformat=VCFv4.2\n"))
        assert recognise(head_of(head), installed) is bundle
    bases = synthetic_genome.sequences(8)["1"]
    rows = [
        record(f"{at}\t.\t{bases[at - 1] if at % 10 == 0 else 'N'}\tA", "chr1")
        for at in range(50, 90)
    ]
    head.write_bytes(vcf(*rows, header="##fileformat=VCFv4.2\n"))
    assert recognise(head_of(head), installed) is installed[1], "an N says nothing"
    head.write_bytes(vcf(*(record(f"{at}\t.\tACGTACGT\tN", "chr1") for at in range(50, 90))))
    with pytest.raises(Rejected, match="bases that its records give as REF"):
        recognise(Head({b"1": None}, records=head_of(head).records), installed)


def test_of_two_builds_the_one_that_the_header_names_is_chosen(tmp_path: Path) -> None:
    installed = builds_of_one_genome(tmp_path)
    head = tmp_path / "head"
    lines = "##fileformat=VCFv4.2\n##reference=file:///ucsc.hg19.fa\n##contig=<ID=1>\n"
    head.write_bytes(vcf(header=lines))
    assert recognise(head_of(head), installed) is installed[1]
    head.write_bytes(vcf(header=lines.replace("hg19", "mine")))
    assert recognise(head_of(head), installed) is installed[0]
