"""The bundle grch38-21q21: real genes and known variants in windows of a contig."""

import filecmp
import gzip
from collections.abc import Iterator
from pathlib import Path

import pysam
import pytest

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.bundling.build import build
from annotator.recognition import Head, recognise
from annotator.rejection import Rejected
from gas.events import FailureCode
from tests.support.annotation import Annotated, run, vcf

RECIPE = Path(bundles.__file__).parent / "recipes" / "grch38-21q21.json"
SOURCE = RECIPE.with_suffix("")
DATA = Path(__file__).parent / "data" / "grch38-21q21"
PLAIN = "##fileformat=VCFv4.2\n"
ALZHEIMER = "25891784\trs63750264\tC\tT"
"""A change of APP, p.Val717Ile."""


def silently(_: str) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return build(RECIPE, tmp_path_factory.mktemp("bundles"), silently)


@pytest.fixture(scope="module")
def sequence(bundle: Bundle) -> str:
    with pysam.FastaFile(str(bundle.reference)) as fasta:
        bases: str = fasta.fetch("21")
    return bases


def records(path: Path) -> Iterator[list[str]]:
    opening = gzip.open if path.suffix == ".gz" else open
    with opening(path, "rt") as lines:
        for line in lines:
            if not line.startswith("#"):
                yield line.rstrip("\n").split("\t")


def annotated(bundle: Bundle, folder: Path, *changes: str, contig: str = "21") -> Annotated:
    rows = (f"{contig}\t{change}\t.\t.\t." for change in changes)
    return run(vcf(*rows, header=PLAIN), folder, bundle=bundle)


def info(record: list[str]) -> dict[str, str]:
    return dict(field.partition("=")[::2] for field in record[7].split(";"))


def test_building_it_twice_gives_the_same_bytes(bundle: Bundle, tmp_path: Path) -> None:
    again = build(RECIPE, tmp_path, silently)
    for path in bundle.folder.rglob("*"):
        if path.is_file():
            assert filecmp.cmp(
                path, again.folder / path.relative_to(bundle.folder), shallow=False
            ), path


def test_the_installed_one_is_what_its_recipe_builds(bundle: Bundle) -> None:
    assert bundles.find("grch38-21q21").manifest == bundle.manifest


def test_the_contig_has_its_length_and_is_n_outside_the_windows(
    bundle: Bundle, sequence: str
) -> None:
    (contig,) = bundle.manifest.contigs
    assert len(sequence) == contig.length == 46_709_983
    known = sum(last - first + 1 for first, last in contig.windows)
    assert len(sequence) - sequence.count("N") == known > 1_000_000
    assert len(contig.windows) == 10


@pytest.mark.parametrize(
    ("path", "least"),
    [
        (SOURCE / "dbsnp.vcf.gz", 32_685),
        (SOURCE / "clinvar.vcf.gz", 56),
        (DATA / "random.vcf.gz", 6_000),
        (DATA / "sample.vcf", 132),
    ],
)
def test_ref_is_what_the_sequence_has(path: Path, least: int, sequence: str) -> None:
    count = 0
    for _, position, _, ref, *_ in records(path):
        first = int(position) - 1
        assert sequence[first : first + len(ref)] == ref, position
        count += 1
    assert count == least


def coding_sequences(sequence: str) -> dict[str, str]:
    """The coding sequence of each transcript whose bases are all known and that begins its CDS."""
    parts: dict[str, list[tuple[int, int, int]]] = {}
    strands: dict[str, str] = {}
    for row in records(SOURCE / "genes.gff3.gz"):
        if row[2] == "CDS":
            parent = dict(pair.split("=") for pair in row[8].split(";"))["Parent"]
            parts.setdefault(parent, []).append((int(row[3]), int(row[4]), int(row[7])))
            strands[parent] = row[6]
    found = {}
    for transcript, stretches in parts.items():
        bases = "".join(sequence[first - 1 : last] for first, last, _ in sorted(stretches))
        phase = sorted(stretches)[0 if strands[transcript] == "+" else -1][2]
        if "N" not in bases and phase == 0:
            if strands[transcript] == "-":
                bases = bases[::-1].translate(str.maketrans("ACGT", "TGCA"))
            found[transcript] = bases
    return found


def test_complete_coding_sequences_translate_without_an_internal_stop(sequence: str) -> None:
    found = coding_sequences(sequence)
    assert len(found) == 16
    complete = 0
    for transcript, bases in found.items():
        codons = [bases[at : at + 3] for at in range(0, len(bases) - 2, 3)]
        stops = [n for n, codon in enumerate(codons) if codon in {"TAA", "TAG", "TGA"}]
        assert stops in ([], [len(codons) - 1]), transcript
        complete += codons[0] == "ATG" and bool(stops) and len(bases) % 3 == 0
    assert complete == 15


@pytest.mark.parametrize("name", ["21", "chr21", "NC_000021.9", "CM000683.2"])
def test_every_name_of_the_contig_works_and_is_kept(
    name: str, bundle: Bundle, tmp_path: Path
) -> None:
    found = annotated(bundle, tmp_path, ALZHEIMER, contig=name)
    assert found.records[0][0] == name
    assert {row["GENE"] for row in found.table} == {"APP"}
    assert "missense_variant" in {row["CONSEQUENCE"] for row in found.table}
    assert info(found.records[0])["CLINVAR_SIG"] == "Not_provided|Pathogenic"
    assert info(found.records[0])["DBSNP_ID"] == "rs63750264"
    assert found.counts["pathogenic"] == found.summary["known_pathogenic"] == 1


def test_each_allele_has_its_own_known_values(bundle: Bundle, tmp_path: Path) -> None:
    found = annotated(bundle, tmp_path, "25881080\t.\tG\tA,C,T", "25891784\t.\tC\tA,G,T")
    first, second = map(info, found.records)
    assert first["CLINVAR_SIG"] == "Likely_benign,.,Likely_benign"
    assert second["DBSNP_ID"] == "rs63750264,rs63750264,rs63750264"
    assert found.counts["pathogenic"] == 1


def test_frequencies_are_found_by_population(bundle: Bundle, tmp_path: Path) -> None:
    found = annotated(bundle, tmp_path, "25000156\t.\tA\tG", "25004214\t.\tC\tA,T")
    first, second = map(info, found.records)
    assert (first["AF_GLOBAL"], first["AF_AFR"], first["AF_AMR"]) == ("0.0282", "0.1006", "0.0086")
    assert (first["AF_EAS"], first["AF_EUR"], first["AF_SAS"]) == ("0", "0.002", "0")
    assert (second["AF_GLOBAL"], second["AF_AFR"]) == (".,0.0158", "0.0045,0.0582")


def test_all_of_a_real_sample_is_known(bundle: Bundle, tmp_path: Path) -> None:
    found = run((DATA / "sample.vcf").read_bytes(), tmp_path, bundle=bundle)
    assert len(found.records) == 132
    assert all(info(record)["DBSNP_ID"] == record[2] for record in found.records)
    assert found.counts["annotated"] == 132


def test_an_uncertain_submission_does_not_outvote_a_pathogenic_one(
    bundle: Bundle, tmp_path: Path
) -> None:
    found = annotated(bundle, tmp_path, "25891796\t.\tC\tT")
    assert "Uncertain_significance" in info(found.records[0])["CLINVAR_SIG"]
    assert found.counts["pathogenic"] == 1


def test_a_record_without_an_id_gets_its_name_in_dbsnp(bundle: Bundle, tmp_path: Path) -> None:
    found = annotated(bundle, tmp_path, "25891784\t.\tC\tA,T", "25891784\tmine\tC\tT")
    assert [record[2] for record in found.records] == ["rs63750264", "mine"]


def test_outside_the_windows_variants_are_kept_and_counted(bundle: Bundle, tmp_path: Path) -> None:
    outside = ("24985580\t.\tA\tC", "26000307\t.\tG\tT", "26000306\t.\tNN\tN", "43900000\t.\tT\tG")
    found = annotated(bundle, tmp_path, outside[0], outside[2], outside[1], ALZHEIMER, outside[3])
    assert len(found.records) == 5
    assert found.summary["not_annotated"] == {"outside_windows": 4}
    assert "not annotated\toutside_windows\t4" in found.log
    assert found.log.count("not in this demo bundle") == 4
    assert found.counts["annotated"] == 1


def test_the_ends_of_a_window_are_inside(bundle: Bundle, sequence: str, tmp_path: Path) -> None:
    ends = [at for window in bundle.manifest.contigs[0].windows for at in window]
    changes = [
        f"{at}\t.\t{sequence[at - 1]}\t{'ACGT'.replace(sequence[at - 1], '')[0]}" for at in ends
    ]
    found = annotated(bundle, tmp_path, *changes)
    assert found.summary["not_annotated"] == {}


def test_a_file_that_lies_wholly_outside_is_not_of_a_wrong_build(
    bundle: Bundle, tmp_path: Path
) -> None:
    rows = [f"{contig}\t{at}\t.\tA\tC\t.\t.\t." for contig in ("chr20", "chr21") for at in (5, 9)]
    found = run(vcf(*rows, header=PLAIN), tmp_path, bundle=bundle)
    assert found.summary["not_annotated"] == {"outside_windows": 2, "unknown_contig": 2}
    assert found.counts["annotated"] == 0


def test_another_build_is_noticed_all_the_same(bundle: Bundle, tmp_path: Path) -> None:
    grch37 = PLAIN + "##contig=<ID=21,length=48129895>\n"
    inside = [f"21\t{at}\t.\tN\tA\t.\t.\t." for at in range(25_000_001, 25_000_004)]
    wrong = "21\t25891784\t.\tG\tT\t.\t.\t."
    most = vcf(*inside, *[wrong] * 4, header=PLAIN)
    for content in (vcf(*inside, header=grch37), most):
        with pytest.raises(Rejected) as rejected:
            run(content, tmp_path, bundle=bundle)
        assert rejected.value.code is FailureCode.WRONG_BUILD


def test_it_is_recognised_but_a_whole_genome_goes_to_the_default(bundle: Bundle) -> None:
    installed = [bundle, bundles.find("human-mt")]
    assert recognise(Head({b"chr21": 46_709_983, b"chr22": 5}), installed) is bundle
    assert recognise(Head({b"21": None}), installed) is bundle
    whole = {b"chr1": 248_956_422, b"chr21": 46_709_983, b"chrM": 16_569}
    assert recognise(Head(whole), installed).manifest.name == "human-mt"
