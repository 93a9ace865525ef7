"""A file in parts, through the services' own processes, SQS and Step Functions."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from annotator.bundle import EMBEDDED, find
from annotator.vcf import bgzf
from local.csq import Result
from local.stack import Stack
from tests.e2e.conftest import PART_BYTES, SPLIT_BYTES
from tests.e2e.users import user
from tests.support.annotation import run

pytestmark = pytest.mark.e2e

_RECORDS = 12_000
_HEADER = """##fileformat=VCFv4.2
##contig=<ID=MT,length=16569>
##INFO=<ID=TAG,Number=1,Type=String,Description="What does not become smaller">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
"""


def mitochondrial() -> bytes:
    """A file of several parts: most places of the mitochondrion."""
    rng = random.Random(21)
    fasta = find("human-mt", EMBEDDED).reference.read_text().splitlines()
    sequence = "".join(fasta[1:]).upper()
    lines = []
    for at in sorted(rng.sample(range(len(sequence)), _RECORDS)):
        alt = rng.choice([base for base in "ACGT" if base != sequence[at]])
        tag = f"{rng.getrandbits(128):x}"
        lines.append(f"MT\t{at + 1}\t.\t{sequence[at]}\t{alt}\t.\tPASS\tTAG={tag}\n")
    return (_HEADER + "".join(lines)).encode()


def test_a_large_file_is_annotated_in_parts_and_the_result_is_that_of_one_task(
    stack: Stack, tmp_path: Path
) -> None:
    text, path = mitochondrial(), tmp_path / "large.vcf.gz"
    with bgzf.Writer(path) as out:
        out.write(text)
        out.end()
    assert path.stat().st_size > max(SPLIT_BYTES, 2 * PART_BYTES)
    client = user(stack, "lars")
    client.call("POST", "/account/upgrade")
    job_id = client.annotate(path)
    job = client.wait_for(job_id, "completed")
    events = client.get(f"/jobs/{job_id}/events")
    facts = ("submitted", "started", "split", "completed")
    assert [event["type"] for event in events] == [f"gas.job.{fact}.v1" for fact in facts]
    assert events[2]["data"]["parts"] >= 3
    assert job["counts"]["records"] == _RECORDS
    (tmp_path / "whole").mkdir()
    whole = run(text, tmp_path / "whole")
    assert Result.of(client.download(job_id)).records == whole.records
