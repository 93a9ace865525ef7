"""The index of a result finds its records."""

import random
import re
from pathlib import Path

import pysam
import pysam.bcftools
import pytest

from annotator.runner import protocol
from tests.support.annotation import record, run, vcf

CONTIGS = {"MT": 16_500, "un1": 60_000, "un2": 240_000_000, "un3": 500_000_000}
BASES = "GATC"
META = (
    "##fileformat=VCFv4.5\n"
    '##INFO=<ID=END,Number=1,Type=Integer,Description="end">\n'
    '##INFO=<ID=SVLEN,Number=A,Type=Integer,Description="length">\n'
    '##INFO=<ID=SVCLAIM,Number=A,Type=String,Description="claim">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">\n'
    '##FORMAT=<ID=LEN,Number=1,Type=Integer,Description="length of a block">\n'
)


def line(rng: random.Random, contig: str, position: int) -> str:
    base = rng.choice(BASES)
    length = rng.choice((3, 500, 20_000, 3_000_000))
    alt, info, sample = rng.choice([
        (rng.choice("GATC".replace(base, "")), ".", "GT\t0/1"),
        (rng.choice("GATC".replace(base, "")), ".", "GT\t0/1"),
        ("<DEL>", f"END={position + length}", "GT\t0/1"),
        ("<DEL>", f"X=1;SVLEN={length};SVCLAIM=D", "GT\t0/1"),
        ("<DUP>", f"SVLEN=-{length};SVCLAIM=D", "GT\t0/1"),
        ("<*>", ".", f"GT:LEN\t0/0:{length}"),
    ])  # fmt: skip
    return f"{contig}\t{position}\t.\t{base}\t{alt}\t.\t.\t{info}\t{sample}"


def random_file(seed: int) -> bytes:
    rng = random.Random(seed)
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts"
    rows = [
        line(rng, contig, position)
        for contig, bases in CONTIGS.items()
        for position in sorted(rng.randint(1, bases) for _ in range(1_500))
        if contig != "MT"
    ]
    return vcf("MT\t73\t.\tA\tG\t.\t.\t.\tGT\t0/1", *rows, header=META, columns=columns)


def fetched(path: Path, contig: str, first: int, last: int) -> list[str]:
    """The records that the index gives for a region, 1-based and closed."""
    with pysam.TabixFile(str(path), index=f"{path}.csi") as file:
        return list(file.fetch(contig, first - 1, last))


@pytest.mark.parametrize("seed", range(4))
def test_every_record_is_found_by_its_region(seed: int, tmp_path: Path) -> None:
    done = run(random_file(seed), tmp_path, workers=2, smallest_part=400, smallest_slice=10_000)
    assert done.index.name.endswith(".csi")
    lines = ["\t".join(fields) for fields in done.records]
    places = [(fields[0], int(fields[1])) for fields in done.records]
    rng = random.Random(seed)
    for at in rng.sample(range(len(lines)), 200):
        contig, position = places[at]
        assert lines[at] in fetched(done.path, contig, position, position)
        end = position + length_of(done.records[at]) - 1
        assert lines[at] in fetched(done.path, contig, end, end)
        last = position + rng.choice((1, 200, 30_000, 5_000_000))
        begun = [
            line
            for line, (name, start) in zip(lines, places, strict=True)
            if name == contig and position <= start <= last
        ]
        found = fetched(done.path, contig, position, last)
        assert [line for line in found if int(line.split("\t")[1]) >= position] == begun


def length_of(fields: list[str]) -> int:
    """How many bases of the reference a record covers, by its END alone."""
    end = re.search(r"(?:^|;)END=(\d+)", fields[7])
    return int(end[1]) - int(fields[1]) + 1 if end else len(fields[3])


def test_a_contig_beyond_the_range_of_tabix_is_indexed(tmp_path: Path) -> None:
    beyond = 1 << 29  # where a TBI ends
    rows = [record(f"{position}\t.\tA\tG", "wheat") for position in (7, beyond + 7)]
    done = run(vcf(record("73\t.\tA\tG"), *rows), tmp_path)
    assert len(fetched(done.path, "wheat", beyond, beyond + 10)) == 1


def test_the_index_counts_the_records_of_each_contig(tmp_path: Path) -> None:
    rows = [record("73\t.\tA\tG"), record("263\t.\tA\tG"), record("5\t.\tA\tG", "chr7")]
    run(vcf(*rows), tmp_path)
    statistics = pysam.bcftools.index("-s", str(tmp_path / protocol.RESULT_VCF))
    assert isinstance(statistics, str)
    assert [row.split("\t")[::2] for row in statistics.splitlines()] == [["MT", "2"], ["chr7", "1"]]


def test_a_file_without_records_has_an_index(tmp_path: Path) -> None:
    done = run(vcf(), tmp_path)
    with pysam.TabixFile(str(done.path), index=str(done.index)) as found:
        assert not found.contigs


def test_positions_beyond_the_range_of_an_index_do_not_fail_the_job(tmp_path: Path) -> None:
    beyond = 1 << 32
    found = run(vcf(record("73\t.\tA\tG"), record(f"{beyond}\t.\tA\tG", "wheat")), tmp_path)
    assert [fields[1] for fields in found.records] == ["73", str(beyond)]


FAR = 99_999_999_999
"""Farther than an index reaches, which htslib refuses to write then."""


@pytest.mark.parametrize(
    "record_with",
    [
        "<DEL>\t.\t.\tEND={}",
        "<DEL>\t.\t.\tX=1;SVLEN=-{}",
        "<DUP>\t.\t.\tSVLEN={}",
        "A\t.\t.\tEND={}",
    ],
)
def test_an_end_beyond_the_range_of_an_index_fails_no_job(record_with: str, tmp_path: Path) -> None:
    far = "un2\t5\t.\tG\t" + record_with.format(FAR) + "\tGT\t0/1"
    whole = random_file(9).decode().splitlines(keepends=True)
    header = [text for text in whole if text.startswith("#")]
    source = [*header, *whole[len(header) :: 5]]
    first = next(at for at, text in enumerate(source) if text.startswith("un2"))
    source.insert(first, f"{far}\n")
    done = run("".join(source).encode(), tmp_path, workers=2, smallest_part=400)
    lines = ["\t".join(fields) for fields in done.records]
    assert sum(str(FAR) in text for text in lines) == 1
    for at in range(0, len(lines), 17):
        contig, position = done.records[at][0], int(done.records[at][1])
        assert lines[at] in fetched(done.path, contig, position, position)
        end = position + length_of(done.records[at]) - 1
        assert lines[at] in fetched(done.path, contig, end, end)
    assert str(FAR) in "".join(fetched(done.path, "un2", 5, 5))
    assert sorted(tmp_path.glob("*near*")) == []


def test_a_block_of_reference_beyond_the_range_of_an_index_fails_no_job(tmp_path: Path) -> None:
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts"
    rows = f"un2\t5\t.\tG\t<*>\t.\t.\t.\tGT:LEN\t0/0:{FAR}", "un2\t9\t.\tG\tA\t.\t.\t.\tGT\t0/1"
    mt = "MT\t73\t.\tA\tG\t.\t.\t.\tGT\t0/1"
    done = run(vcf(mt, *rows, header=META, columns=columns), tmp_path)
    assert [text.split("\t")[1] for text in fetched(done.path, "un2", 5, 9)] == ["5", "9"]
