"""A file in parts, through the services' own processes, SQS and Step Functions."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from annotator.bundle import EMBEDDED, find
from annotator.vcf import bgzf
from local.csq import Result
from local.stack import Stack
from tests.e2e.conftest import SPLIT_BYTES
from tests.e2e.users import user
from tests.support.annotation import refusal, run

pytestmark = pytest.mark.e2e

_BUNDLE = "grch38-21q21"
_WINDOW = (25_000_000, 26_600_000)
_RECORDS = 8_000
_HEADER = """##fileformat=VCFv4.2
##contig=<ID=21,length=46709983>
##INFO=<ID=TAG,Number=1,Type=String,Description="What does not become smaller">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
"""


def many_variants(bad: int = 0) -> bytes:
    """A file of several parts: random variants of a piece of chromosome 21.

    The record of the number ``bad``, from 1, has a position that is none.
    """
    rng = random.Random(21)
    fasta = find(_BUNDLE, EMBEDDED).reference.read_text().partition("\n")[2]
    sequence = fasta.replace("\n", "").upper()
    lines = []
    for at in sorted(rng.sample(range(*_WINDOW), _RECORDS)):
        alt = rng.choice([base for base in "ACGT" if base != sequence[at]])
        tag = f"{rng.getrandbits(2_048):x}"
        lines.append(f"21\t{at + 1}\t.\t{sequence[at]}\t{alt}\t.\tPASS\tTAG={tag}\n")
    if bad:
        lines[bad - 1] = lines[bad - 1].replace("21\t", "21\tx", 1)
    return (_HEADER + "".join(lines)).encode()


def packed(text: bytes, path: Path) -> Path:
    with bgzf.Writer(path) as out:
        out.write(text)
        out.end()
    assert path.stat().st_size > SPLIT_BYTES
    return path


def test_a_large_file_is_annotated_in_parts_and_the_result_is_that_of_one_task(
    stack: Stack, tmp_path: Path
) -> None:
    text = many_variants()
    path = packed(text, tmp_path / "large.vcf.gz")
    client = user(stack, "lars")
    client.call("POST", "/account/upgrade")
    job_id = client.submit(client.upload(path), _BUNDLE)
    job = client.wait_for(job_id, "completed")
    events = client.get(f"/jobs/{job_id}/events")
    facts = ("submitted", "started", "split", "completed")
    assert [event["type"] for event in events] == [f"gas.job.{fact}.v1" for fact in facts]
    assert events[2]["data"]["parts"] >= 3
    assert job["counts"]["records"] == _RECORDS
    (tmp_path / "whole").mkdir()
    whole = run(text, tmp_path / "whole", bundle=find(_BUNDLE, EMBEDDED))
    assert Result.of(client.download(job_id)).records == whole.records


def test_a_part_that_is_refused_fails_the_job_as_one_task_would_tell_its_user(
    stack: Stack, tmp_path: Path
) -> None:
    text = many_variants(bad=_RECORDS - 100)
    client = user(stack, "lars")
    upload = client.upload(packed(text, tmp_path / "bad.vcf.gz"))
    job = client.wait_for(client.submit(upload, _BUNDLE), "failed")
    (tmp_path / "whole").mkdir()
    wanted = refusal(text, tmp_path / "whole", bundle=find(_BUNDLE, EMBEDDED))
    assert job["error"] == {"code": wanted.code, "message": wanted.message, "line": wanted.line}
    assert wanted.line == _HEADER.count("\n") + _RECORDS - 100
    types = [event["type"] for event in client.get(f"/jobs/{job['job_id']}/events")]
    assert "gas.job.split.v1" in types
