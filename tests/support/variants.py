"""Annotates small files without any service, and reads what comes out."""

from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.consequences.bundled import engine_of
from annotator.consequences.engine import Engine
from annotator.runner import job, protocol

DEMO = "grch38-21q21"
DATA = Path(__file__).parents[2] / "services" / "annotator" / "tests" / "data" / DEMO
HEADER = (
    "##fileformat=VCFv4.4\n##contig=<ID=21,length=46709983>\n"
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="depth">\n'
    '##INFO=<ID=END,Number=1,Type=Integer,Description="end">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">\n'
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="depths">\n'
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="depth">\n'
    '##FORMAT=<ID=GQ,Number=1,Type=Float,Description="quality">\n'
    '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="phase set">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
)
Row = dict[str, Any]


@cache
def engine() -> Engine:
    return engine_of(bundles.find(DEMO))


def annotate(source: Path, folder: Path, bundle: Bundle | None = None, **wishes: Any) -> Path:
    """Annotate with a bundle, by default the demo's; the folder of the results."""
    folder.mkdir(exist_ok=True)
    task = protocol.Task(
        input=str(source),
        filename=source.name,
        bundle=bundle.manifest.name if bundle else DEMO,
        folder=str(folder),
        max_inflated_bytes=1 << 30,
        max_seconds=600,
        **wishes,
    )
    used = engine_of(bundle) if bundle else engine()
    job.annotate(task, used, bundle or bundles.find(DEMO), lambda *_: None)
    return folder


def vcf(path: Path, records: list[str], samples: int = 0) -> Path:
    """A VCF of such records, each with the columns from CHROM on, separated by blanks."""
    names = [f"\tS{number}" for number in range(1, samples + 1)]
    columns = HEADER + "".join(["\tFORMAT", *names] if samples else []) + "\n"
    lines = ["\t".join(record.split()) + "\n" for record in records]
    path.write_text(columns + "".join(lines))
    return path


def rows_of(records: list[str], folder: Path, samples: int = 0, **wishes: Any) -> list[Row]:
    """The rows of the table of such records."""
    source = vcf(folder / "in.vcf", records, samples)
    table = pq.read_table(annotate(source, folder / "out", **wishes) / protocol.RESULT_VARIANTS)
    rows: list[Row] = table.to_pylist()
    return rows
