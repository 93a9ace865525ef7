"""The demo's second job: a sample on chromosome 21, with the bundle ``grch38-21q21``."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from typing import Any, Protocol

import requests

from local.client import TIMEOUT_SECONDS, Client, expect
from local.csq import Result
from web.sample import BUNDLE, FILE

_POSITION = "25891784"


class Teller(Protocol):
    """Prints what happens; ``local.demo.Storyteller``."""

    def step(self, text: str) -> AbstractContextManager[None]:
        """One step of the story."""

    def note(self, text: str) -> None:
        """Something seen on the way."""


def play_chromosome_21(user: Client, tell: Teller, seconds: float = 120) -> bytes:
    """Annotate the sample and check its change; gives the annotated file. Raises Surprise."""
    with tell.step(f"a second job, on the bundle {BUNDLE}: {FILE.name}"):
        names = [bundle["name"] for bundle in user.get("/bundles")["bundles"]]
        expect(BUNDLE in names, f"the API lists the bundles {names}")
        job_id = user.submit(user.upload(FILE), bundle=BUNDLE)
        job = user.wait_for(job_id, "completed", seconds=seconds)
        result = user.download(job_id)
        _check(result, job)
        counts = job["counts"]
        tell.note(f"{counts['records']:,} records, {counts['annotated']:,} annotated")
        tell.note(
            "21:25891784 C>T, which we put into a sample of the 1000 Genomes Project, is a"
            " missense variant of APP (p.Val717Ile), known to be pathogenic"
        )
    return result


def look_at_public_sample(url: str, tell: Teller, seconds: float = 120) -> None:
    """See the public sample without an account. Raises Surprise."""
    with tell.step("a sample result, which anyone may read without an account"):
        deadline = time.monotonic() + seconds
        while (page := requests.get(f"{url}/sample", timeout=TIMEOUT_SECONDS)).status_code == 404:
            expect(time.monotonic() < deadline, f"no sample after {seconds:.0f} s")
            time.sleep(0.2)
        expect(page.ok, f"the page of the sample answers {page.status_code}")
        expect("HG00096" in page.text, "the page does not say what the sample is")
        expect("Delete this job" not in page.text, "the page offers to delete the sample")


def _check(result: bytes, job: dict[str, Any]) -> None:
    found = Result.of(result)
    expect(len(found.records) == job["counts"]["records"], "the result lacks records")
    expect(job["counts"]["pathogenic"] == 2, f"{job['counts']} does not have 2 as pathogenic")
    (record,) = [fields for fields in found.records if fields[1] == _POSITION]
    entry = found.missense(record, "APP", "p.Val717Ile")
    expect(entry, f"21:{_POSITION} C>T: {record[7]}")
    for word in ("CLINVAR_SIG=Not_provided|Pathogenic", "rs63750264"):
        expect(word in record[7], f"21:{_POSITION} C>T: {record[7]}")
