"""The index of a result finds the same records as the index of htslib."""

import random
import shutil
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


@pytest.mark.parametrize("seed", range(4))
def test_regions_are_found_as_with_htslibs_index(seed: int, tmp_path: Path) -> None:
    run(random_file(seed), tmp_path, workers=2, smallest_part=400, smallest_slice=10_000)
    ours = tmp_path / protocol.RESULT_VCF
    theirs = tmp_path / "theirs.vcf.gz"
    shutil.copy(ours, theirs)
    pysam.tabix_index(str(theirs), preset="vcf", force=True)
    rng = random.Random(seed)
    with pysam.TabixFile(str(ours)) as mine, pysam.TabixFile(str(theirs)) as other:
        assert mine.contigs == other.contigs
        for _ in range(300):
            contig = rng.choice(mine.contigs)
            begin = rng.randint(0, CONTIGS[contig])
            region = (contig, begin, begin + rng.choice((1, 200, 30_000, 5_000_000)))
            assert list(mine.fetch(*region)) == list(other.fetch(*region))
        assert all(list(mine.fetch(one)) == list(other.fetch(one)) for one in mine.contigs)


def test_the_index_counts_the_records_of_each_contig(tmp_path: Path) -> None:
    rows = [record("73\t.\tA\tG"), record("263\t.\tA\tG"), record("5\t.\tA\tG", "chr7")]
    run(vcf(*rows), tmp_path)
    statistics = pysam.bcftools.index("-s", str(tmp_path / protocol.RESULT_VCF))
    assert isinstance(statistics, str)
    assert [row.split("\t")[::2] for row in statistics.splitlines()] == [["MT", "2"], ["chr7", "1"]]


def test_a_file_without_records_has_an_index(tmp_path: Path) -> None:
    run(vcf(), tmp_path)
    with pysam.TabixFile(str(tmp_path / protocol.RESULT_VCF)) as found:
        assert not found.contigs


def test_positions_beyond_the_range_of_an_index_do_not_fail_the_job(tmp_path: Path) -> None:
    beyond = 1 << 32
    found = run(vcf(record("73\t.\tA\tG"), record(f"{beyond}\t.\tA\tG", "wheat")), tmp_path)
    assert [fields[1] for fields in found.records] == ["73", str(beyond)]
