"""A file of 2 MB with 100,000 contigs: all that its page asks for is answered, and is small."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from annotator.report.summary import MOST_CONTIGS
from gas.domain.job import Job
from tests.support.exports import completed
from tests.support.served import Served, served
from tests.support.variants import annotate
from tests.support.web_server import User, WebServer

CONTIGS = 100_000
MOST_BYTES = 300_000
"""Of an answer, uncompressed: a page with every contig would have tens of megabytes."""
BUSIEST = "scaffold99999"


class Site:
    """The server, and its user with that job."""

    def __init__(self, running: Served, user: User, job: Job) -> None:
        self._running, self._user, self.job = running, user, job

    def get(self, path: str) -> Any:
        """The answer to the user's browser, checked to be whole and small."""
        cookie = self._user.browser.get_cookie("gas_session")
        assert cookie
        answer = requests.get(
            f"{self._running.url}{path}",
            headers={"Cookie": f"gas_session={cookie.value}"},
            timeout=60,
            allow_redirects=False,
        )
        assert answer.status_code == 200, path
        assert len(answer.content) < MOST_BYTES, path
        return answer


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("contigs")
    file = folder / "many.vcf"
    records = [f"scaffold{number}\t1\t.\tA\tC\t.\t.\t." for number in range(CONTIGS)]
    records += [f"{BUSIEST}\t{position}\t.\tA\tC\t.\t.\t." for position in range(2, 5)]
    header = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    file.write_text(header + "\n".join(records) + "\n")
    server = WebServer()
    user = server.user()
    job = completed(server, user, annotate(file, folder / "out"))
    with served(server.app) as running:
        yield Site(running, user, job)


def test_the_page_opens_whole_and_shows_the_contigs_with_the_most_records(site: Site) -> None:
    page = site.get(f"/jobs/{site.job.job_id}").text
    assert page.rstrip().endswith("</html>")
    assert BUSIEST in page, "it is the last contig of the file"
    # Each as a label and as the question behind it, in the figure and in its table.
    assert page.count("scaffold") <= 4 * MOST_CONTIGS
    assert "99,940 more contigs, with fewer records, are not shown." in page
    assert "my.vcf.gz" in site.get(f"/jobs/{site.job.job_id}?part=live").text


def test_the_summary_counts_all_records_and_lists_some_contigs(site: Site) -> None:
    summary = site.get(f"/api/v1/jobs/{site.job.job_id}/summary").json()
    assert summary["records"] == CONTIGS + 3
    assert len(summary["contigs"]) == len(summary["density"]["counts"]) == MOST_CONTIGS
    assert summary["contigs_left_out"] == CONTIGS - MOST_CONTIGS
    assert summary["contigs"][BUSIEST] == 4
    assert sum(summary["density"]["counts"][BUSIEST]) == 4


@pytest.mark.parametrize("path", ["/variants/facets", "/variants?limit=50", "/variants/columns"])
def test_what_the_table_asks_for_is_bounded_too(site: Site, path: str) -> None:
    assert site.get(f"/api/v1/jobs/{site.job.job_id}{path}").json()


def test_a_single_contig_of_them_all_is_found(site: Site) -> None:
    found = site.get(f"/api/v1/jobs/{site.job.job_id}/variants?region={BUSIEST}:2-4").json()
    assert [row["pos"] for row in found["items"]] == [2, 3, 4]
