"""What is counted of samples, against a count by hand of the file's own words."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from annotator.output.parquet.schema import arrow_schema
from annotator.report.sample_checks import MOST_SHOWN, SampleChecks
from tests.support.annotation import run, vcf

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tHG1\tHG2"
LINES = """\
MT\t3460\t.\tG\tA\t.\t.\tDP=9\tGT:AD:DP\t0/1:6,4:10\t1/1:0,30:30
MT\t3461\t.\tC\tA\t.\t.\tDP=9\tGT:AD:DP\t0/0:6,0:6\t./.:.:.
MT\t3462\t.\tC\tCT\t.\t.\tDP=9\tGT:AD:DP\t0/1:5,5:10\t1:0,7:7
"""


def test_genotypes_depths_and_balances_are_counted_sample_by_sample(tmp_path: Path) -> None:
    summary = run(vcf(LINES.rstrip(), columns=COLUMNS), tmp_path).summary
    first, second = summary["samples"]
    assert (first["name"], first["het"], first["hom_ref"], first["missing"]) == ("HG1", 2, 1, 0)
    assert (second["hom"], second["hemi"], second["missing"]) == (1, 1, 1)
    assert (first["transitions"], first["transversions"]) == (1, 0)
    assert (second["transitions"], second["transversions"]) == (1, 0)
    assert summary["depths"]["of"] == "genotypes"
    by_depth = dict(zip(summary["depths"]["from"], summary["depths"]["counts"], strict=True))
    assert {depth: n for depth, n in by_depth.items() if n} == {5: 2, 10: 2, 30: 1}
    balances = summary["allele_balances"]
    counts = dict(zip(balances["from"], balances["counts"], strict=True))
    assert {balance: n for balance, n in counts.items() if n} == {0.4: 1, 0.5: 1}


def test_without_samples_the_depth_is_that_of_the_sites(tmp_path: Path) -> None:
    summary = run(vcf("MT\t3460\t.\tG\tA\t.\t.\tDP=12"), tmp_path).summary
    assert summary["samples"] == []
    assert summary["depths"]["of"] == "alleles"
    assert sum(summary["depths"]["counts"]) == 1
    assert summary["highest_population_frequencies"]["unknown"] == 1


@pytest.mark.parametrize("samples", [1, 3, 20])
def test_any_number_of_samples_is_read_alike(samples: int) -> None:
    schema = arrow_schema(samples, [])
    table = pa.table({field.name: pa.nulls(4, field.type) for field in schema})
    words = [
        ["het", "hom", "hemi", None][(row + n) % 4] for row in range(4) for n in range(samples)
    ]
    columns = {
        "contig": ["chrX", "X", "chrY", "chr1"],
        "pos": [5_000_000, 20_000, 5_000_000, 7],
        "type": ["SNV"] * 4,
        "ref": ["A", "c", "A", "G"],
        "alt": ["G", "T", "T", "C"],
    }
    grid = np.array(words, dtype=object).reshape(4, samples)
    if samples > 16:
        columns["samples_zygosity"] = grid.tolist()
    else:
        columns |= {f"s{n + 1}_zygosity": grid[:, n].tolist() for n in range(samples)}
    for name, values in columns.items():
        field = schema.field(name)
        at = schema.get_field_index(name)
        table = table.set_column(at, field, pa.array(values, field.type))
    checks = SampleChecks.empty([f"s{n}" for n in range(samples)], "GRCh38")
    checks.count(table)
    twice = SampleChecks.empty(checks.names, "GRCh38")
    twice.add(checks)
    twice.add(checks)
    found = twice.as_json()["samples"]
    assert len(found) == samples
    for n, sample in enumerate(found):
        carried = [word in {"het", "hom", "hemi"} for word in grid[:, n]]
        assert sample["het"] == 2 * int((grid[:, n] == "het").sum())
        assert sample["missing"] == 2
        assert sample["transitions"] == 2 * sum(carried[:2])
        assert sample["transversions"] == 2 * sum(carried[2:])
        # The second row lies in the pseudoautosomal region.
        assert sample["x_heterozygous"] == 2 * (grid[0, n] == "het")
        assert sample["x_homozygous_or_hemizygous"] == 2 * (grid[0, n] in {"hom", "hemi"})
        assert sample["y_carried"] == 2 * carried[2]


def test_of_very_many_samples_the_first_are_shown_and_the_rest_counted() -> None:
    found = SampleChecks.empty([f"s{n}" for n in range(MOST_SHOWN + 5)], "GRCh38").as_json()
    assert len(found["samples"]) == MOST_SHOWN
    assert found["samples_left_out"] == 5
