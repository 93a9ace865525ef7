"""The demo's second job: a sample on chromosome 21, with the bundle ``grch38-21q21``."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from local.client import Client, expect
from local.csq import Result

BUNDLE = "grch38-21q21"
SAMPLE = Path(__file__).parent / "data" / "grch38-21q21-sample.vcf"
_POSITION = "25891784"


class Teller(Protocol):
    """Prints what happens; ``local.demo.Storyteller``."""

    def step(self, text: str) -> AbstractContextManager[None]:
        """One step of the story."""

    def note(self, text: str) -> None:
        """Something seen on the way."""


def play_chromosome_21(user: Client, tell: Teller, seconds: float = 120) -> bytes:
    """Annotate the sample and check its change; gives the annotated file. Raises Surprise."""
    with tell.step(f"a second job, on the bundle {BUNDLE}: {SAMPLE.name}"):
        names = [bundle["name"] for bundle in user.get("/bundles")["bundles"]]
        expect(BUNDLE in names, f"the API lists the bundles {names}")
        job_id = user.submit(user.upload(SAMPLE), bundle=BUNDLE)
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


def _check(result: bytes, job: dict[str, Any]) -> None:
    found = Result.of(result)
    expect(len(found.records) == job["counts"]["records"], "the result lacks records")
    expect(job["counts"]["pathogenic"] == 1, f"{job['counts']} does not have 1 as pathogenic")
    (record,) = [fields for fields in found.records if fields[1] == _POSITION]
    entry = found.missense(record, "APP", "p.Val717Ile")
    expect(entry, f"21:{_POSITION} C>T: {record[7]}")
    for word in ("CLINVAR_SIG=Not_provided|Pathogenic", "rs63750264"):
        expect(word in record[7], f"21:{_POSITION} C>T: {record[7]}")
