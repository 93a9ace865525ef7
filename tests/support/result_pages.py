"""An installation with results to look at: a sample, a family, an empty file, a link."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gas.domain.account import SYSTEM_USER_ID
from gas.domain.job import Job
from tests.support.exports import completed_of
from tests.support.family_vcf import CHILD, Planted, family_vcf
from tests.support.variants import annotate, vcf
from tests.support.web_server import User, WebServer
from web import sample

LONG_NAME = "a_very_long_file_name_without_any_place_to_break_" * 4 + ".vcf.gz"
LONG_SAMPLE = "a-sample-with-the-name-of-its-project-plate-and-well-P0012345-A01-repeat"
_SITES = 400
_SEED = 17


@dataclass(frozen=True)
class Results:
    """Completed jobs of ``owner``, who has shared one, and the public ``sample``."""

    server: WebServer
    owner: User
    sample: Job
    family: Job
    empty: Job
    other: Job
    family_text: str

    def planted_key(self, planted: Planted) -> str:
        """The key of a planted variant, from the file alone."""
        records = [line for line in self.family_text.splitlines() if line[0] != "#"]
        place = f"{planted.site.contig}\t{planted.site.pos}\t"
        (number,) = [n for n, line in enumerate(records, start=1) if line.startswith(place)]
        return f"{number}.1"

    def key(self, job: Job, query: str) -> str:
        """The key of the one variant that the query finds."""
        found = self.owner.call("GET", f"/jobs/{job.job_id}/variants?{query}").json
        (row,) = found["items"]
        return str(row["key"])

    def link(self, job: Job, query: str = "") -> str:
        """The path of a new share of the owner's job."""
        made = self.owner.call("POST", f"/jobs/{job.job_id}/shares", json={"query": query})
        url = str(made.json["url"])
        return url[url.index("/jobs/") :]


def results(folder: Path) -> Results:
    """Annotate the files, and complete a job with each."""
    family = folder / "family.vcf"
    text = family_vcf(_SITES, _SEED).replace(f"\t{CHILD}\t", f"\t{LONG_SAMPLE}\t", 1)
    family.write_text(text)
    public = annotate(sample.FILE, folder / "sample")
    server = WebServer()
    owner = server.user()
    server.world.register(SYSTEM_USER_ID)
    return Results(
        server,
        owner,
        sample=completed_of(server, SYSTEM_USER_ID, public, sample.FILE.name),
        family=completed_of(server, owner.id, annotate(family, folder / "family"), LONG_NAME),
        empty=completed_of(
            server, owner.id, annotate(vcf(folder / "none.vcf", []), folder / "none")
        ),
        other=completed_of(server, owner.id, public, "other.vcf"),
        family_text=text,
    )
