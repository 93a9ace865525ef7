"""A file in parts, through the services' own processes, SQS and Step Functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotator.bundle import EMBEDDED, find
from local.csq import Result
from local.stack import Stack
from tests.e2e.conftest import SPLIT_BYTES
from tests.e2e.users import user
from tests.support.annotation import refusal, run
from tests.support.large_vcf import BUNDLE, HEADER, many_variants, packed

pytestmark = pytest.mark.e2e

_RECORDS = 8_000
_SECONDS = 240
"""The longest wait for the end of a job: some 20 parts, on a machine that may be busy."""


def test_a_large_file_is_annotated_in_parts_and_the_result_is_that_of_one_task(
    stack: Stack, tmp_path: Path
) -> None:
    text = many_variants(_RECORDS)
    path = packed(text, tmp_path / "large.vcf.gz")
    assert path.stat().st_size > SPLIT_BYTES
    client = user(stack, "lars")
    client.call("POST", "/account/upgrade")
    job_id = client.submit(client.upload(path), BUNDLE)
    job = client.wait_for(job_id, "completed", seconds=_SECONDS)
    events = client.get(f"/jobs/{job_id}/events")
    facts = ("submitted", "started", "split", "completed")
    assert [event["type"] for event in events] == [f"gas.job.{fact}.v1" for fact in facts]
    assert events[2]["data"]["parts"] >= 3
    assert job["counts"]["records"] == _RECORDS
    (tmp_path / "whole").mkdir()
    whole = run(text, tmp_path / "whole", bundle=find(BUNDLE, EMBEDDED))
    assert Result.of(client.download(job_id)).records == whole.records


def test_a_part_that_is_refused_fails_the_job_as_one_task_would_tell_its_user(
    stack: Stack, tmp_path: Path
) -> None:
    text = many_variants(_RECORDS, bad=_RECORDS - 100)
    client = user(stack, "lars")
    upload = client.upload(packed(text, tmp_path / "bad.vcf.gz"))
    job = client.wait_for(client.submit(upload, BUNDLE), "failed", seconds=_SECONDS)
    (tmp_path / "whole").mkdir()
    wanted = refusal(text, tmp_path / "whole", bundle=find(BUNDLE, EMBEDDED))
    assert job["error"] == {"code": wanted.code, "message": wanted.message, "line": wanted.line}
    assert wanted.line == HEADER.count("\n") + _RECORDS - 100
    types = [event["type"] for event in client.get(f"/jobs/{job['job_id']}/events")]
    assert "gas.job.split.v1" in types
