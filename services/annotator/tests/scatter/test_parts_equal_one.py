"""A file that is annotated in parts, wherever it is cut, gives what one task gives."""

import gzip
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pysam
import pytest

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.rejection import Rejected
from annotator.runner import protocol
from annotator.runner.parent import Disproved
from annotator.scatter.joining import Joined
from annotator.scatter.plan import SplitPlan
from annotator.scatter.splitting import Asked
from annotator.scatter.workplace import Workplace
from annotator.vcf import bgzf
from tests.support import scattered, synthetic_genome
from tests.support.annotation import COLUMNS, Annotated

DATA = Path(__file__).parent.parent / "data" / "grch38-21q21"
SEED = 21


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return bundles.find("grch38-21q21")


def packed(content: bytes, folder: Path) -> bytes:
    (folder / "plain").write_bytes(content)
    pysam.tabix_compress(str(folder / "plain"), str(folder / "packed"), force=True)
    return (folder / "packed").read_bytes()


def compared(one: Annotated, other: Annotated) -> None:
    assert other.text == one.text
    assert other.table == one.table
    assert other.log == one.log
    assert other.summary == one.summary
    assert other.counts == one.counts
    times = ("started_at", "ended_at")
    assert {k: v for k, v in other.provenance.items() if k not in times} == {
        k: v for k, v in one.provenance.items() if k not in times
    }
    first, second = (
        pq.read_table(found.path.parent / protocol.RESULT_VARIANTS) for found in (one, other)
    )
    assert second.equals(first)
    assert second.schema.metadata == first.schema.metadata


def test_random_cuts_of_real_variants(bundle: Bundle, tmp_path: Path) -> None:
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    place = scattered.workplace(bundle, tmp_path)
    asked = scattered.stored((DATA / "random.vcf.gz").read_bytes(), place, tmp_path)
    one = scattered.whole(asked, place, tmp_path / "one")
    for number in range(2):
        records = rng.choice([400, 1_000, 2_500])
        root = f"{scattered.ROOT}/{number}"
        wanted = replace(asked, part_records=records)
        plan, done = scattered.joined(wanted, place, root)
        print(f"{records} records a part: {plan.parts} parts")
        compared(one, scattered.fetched(done, place, tmp_path / str(number)))


SAMPLES = ("one", "two", "three")
GENOTYPES = ("0|1", "1|0", "1|1", "0/1", "./.", "0|0")


def cohort(rng: random.Random) -> list[str]:
    """Records with samples: dense enough for joint changes, some of them faulty in every way."""
    rows = []
    for contig, bases in synthetic_genome.sequences().items():
        for at in sorted(rng.sample(range(1, len(bases) + 1), 300)):
            ref = bases[at - 1]
            alt = rng.choice([base for base in "ACGT" if base != ref])
            if rng.random() < 0.01:
                alt = "N"  # without an answer
            if rng.random() < 0.01:
                ref = alt  # not what the reference has
            if rng.random() < 0.05:
                alt += "," + rng.choice([base for base in "ACGT" if base not in {ref, alt}])
            filters = rng.choice(["PASS", "q10", "."])
            genotypes = "\t".join(rng.choice(GENOTYPES) for _ in SAMPLES)
            name = f"rs{rng.randrange(300)}"
            rows.append(
                f"chr{contig}\t{at}\t{name}\t{ref}\t{alt}\t9\t{filters}\tX=1;Y\tGT\t{genotypes}"
            )
    rows += [f"scaffold\t{at}\t.\tA\tC\t.\t.\t.\tGT\t0|1\t0|1\t0|1" for at in range(1, 60)]
    return rows


def unix(rows: list[str], header: str = "##fileformat=VCFv4.2\n") -> bytes:
    columns = "\t".join((COLUMNS, "FORMAT", *SAMPLES))
    return (f"{header}{columns}\n" + "".join(f"{row}\n" for row in rows)).encode()


def bcf(content: bytes, folder: Path) -> bytes:
    (folder / "as.vcf").write_bytes(content)
    pysam.bcftools.view(
        "-Ob", "-o", str(folder / "as.bcf"), str(folder / "as.vcf"), catch_stdout=False
    )
    return (folder / "as.bcf").read_bytes()


HEADER_OF_BCF = (
    "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=2400>\n##contig=<ID=chrM,length=2400>\n"
    '##contig=<ID=scaffold>\n##FILTER=<ID=q10,Description="">\n'
    '##INFO=<ID=X,Number=1,Type=Integer,Description="">\n##INFO=<ID=Y,Number=0,Type=Flag,Description="">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="">\n'
)


def blank(rows: list[str], rng: random.Random) -> list[str]:
    return [line for row in rows for line in ([""] * (rng.random() < 0.1) + [row])]


def shuffled(rows: list[str], rng: random.Random) -> list[str]:
    return rng.sample(rows, len(rows))


def named_like_ours(rows: list[str]) -> list[str]:
    """One record near the end has an undefined key that the result has as well."""
    return [*rows[:-9], rows[-9].replace("\t.\tGT", "\tCSQ=x\tGT"), *rows[-8:]]


def in_empty_blocks(content: bytes, folder: Path) -> bytes:
    """Small blocks of BGZF with empty ones between, as in files that were laid end to end."""
    with bgzf.Writer(folder / "blocks") as out:
        for at in range(0, len(content), 3_000):
            out.write(content[at : at + 3_000])
            out.end()
    return (folder / "blocks").read_bytes()


FORMS: dict[str, Callable[[list[str], random.Random, Path], bytes]] = {
    "plain": lambda rows, _, __: unix(rows),
    "bgzip": lambda rows, _, folder: packed(unix(rows), folder),
    "empty blocks": lambda rows, _, folder: in_empty_blocks(unix(rows), folder),
    "gzip": lambda rows, _, __: gzip.compress(unix(rows)),
    "Windows": lambda rows, _, folder: packed(unix(rows).replace(b"\n", b"\r\n"), folder),
    "blank lines": lambda rows, rng, folder: packed(unix(blank(rows, rng)), folder),
    "unsorted": lambda rows, rng, folder: packed(unix(shuffled(rows, rng)), folder),
    "undefined CSQ": lambda rows, _, folder: packed(unix(named_like_ours(rows)), folder),
    "no records": lambda _, __, folder: packed(unix([]), folder),
    "BCF": lambda rows, _, folder: bcf(unix(rows, HEADER_OF_BCF), folder),
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    folder = tmp_path_factory.mktemp("small")
    return scattered.workplace(synthetic_genome.build_bundle(folder), folder)


def scattered_again(asked: Asked, place: Workplace, root: str) -> tuple[SplitPlan, Joined]:
    """As the service does: a plan that proves wrong is made again, carefully."""
    try:
        return scattered.joined(asked, place, root)
    except Disproved:
        return scattered.joined(replace(asked, carefully=True), place, f"{root}/again")


@pytest.mark.parametrize(
    ("form", "is_split"),
    [*((form, False) for form in FORMS), ("bgzip", True), ("unsorted", True)],
)
def test_random_cuts_of_files_of_any_form(
    form: str, is_split: bool, small: Workplace, tmp_path: Path
) -> None:
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    content = FORMS[form](cohort(rng), rng, tmp_path)
    asked = scattered.stored(content, small, tmp_path, split_multiallelics=is_split)
    one = scattered.whole(asked, small, tmp_path / "one")
    wanted = replace(asked, part_records=rng.randrange(30, 150))
    root = f"{scattered.ROOT}/{form}/{is_split}"
    plan, done = scattered_again(wanted, small, root)
    print(f"{wanted.part_records} records a part: {plan.parts} parts")
    assert (plan.parts > 2) == (form != "no records")
    compared(one, scattered.fetched(done, small, tmp_path / "parts"))


@pytest.mark.parametrize(
    ("at", "bad"),
    [
        (500, "chrM\t5\t.\tA\tC\t.\t.\t.\tGT\t0|1\t0|1"),
        (200, "chr1\tx\t.\tA\tC\t.\t.\t.\tGT\t0|1\t0|1\t0|1"),
        (400, "##info\tof\ta\theader"),
    ],
)
def test_a_fault_is_told_with_the_line_that_one_task_tells(
    at: int, bad: str, small: Workplace, tmp_path: Path
) -> None:
    rows = cohort(random.Random(SEED))
    rows[at] = rows[-1] = bad
    asked = scattered.stored(packed(unix(rows), tmp_path), small, tmp_path, part_records=100)
    with pytest.raises(Rejected) as alone:
        scattered.whole(asked, small, tmp_path / "one")
    with pytest.raises(Rejected) as together:
        scattered_again(asked, small, f"{scattered.ROOT}/fault{at}")
    assert together.value.message == alone.value.message
    assert together.value.line == alone.value.line == at + 3
    assert together.value.code == alone.value.code


def test_a_file_of_another_build_is_refused_once_all_parts_are_known(
    small: Workplace, tmp_path: Path
) -> None:
    swap = str.maketrans("ACGT", "CGTA")
    rows = [row.split("\t") for row in cohort(random.Random(SEED))[:600]]
    moved = ["\t".join([*row[:3], row[3].translate(swap), *row[4:]]) for row in rows]
    asked = scattered.stored(packed(unix(moved), tmp_path), small, tmp_path, part_records=300)
    with pytest.raises(Rejected) as alone:
        scattered.whole(asked, small, tmp_path / "one")
    with pytest.raises(Rejected) as together:
        scattered.joined(asked, small, f"{scattered.ROOT}/build")
    assert "wrong" in alone.value.code
    assert (together.value.message, together.value.line) == (
        alone.value.message,
        alone.value.line,
    )
