"""What operators see of jobs in parts: which part which worker is at."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from annotator.part_queue.messages import JoinMessage, PartMessage, ToDo
from gas.domain.job_rules import Start
from tests.support.web_server import WebServer


def rows(server: WebServer) -> list[str]:
    """The text of each row of the box *At work*."""
    server.desk.readings.forget()
    page = server.operator().browser.get("/operator").text
    box = page.partition('id="at-work"')[2].partition("</tbody>")[0]
    found = re.findall(r"<tr>(.*?)</tr>", box.partition("<tbody>")[2], re.DOTALL)
    return [" ".join(re.sub("<[^>]*>", " ", row).split()) for row in found]


def test_each_part_that_a_worker_is_at_is_shown_with_its_host() -> None:
    server = WebServer(operators="grace@example.org")
    job = server.world.submit(server.user().id)
    server.world.jobs.execute(job.job_id, Start("engine/1", "human-mt@1"))
    ids: dict[str, Any] = {"user_id": job.user_id, "job_id": job.job_id, "split": 3, "token": "t"}
    works: list[ToDo] = [PartMessage(number=number, **ids) for number in (9, 10, 1_000)]
    works.append(JoinMessage(**ids))
    leases = server.world.part_leases
    gone = PartMessage(number=2, **ids)
    leases.acquire(job.user_id, gone.work_id, "host-0/x", 9)
    server.world.pass_time(timedelta(seconds=leases.lease_seconds + 1))
    for at, work in enumerate(reversed(works)):
        leases.acquire(job.user_id, work.work_id, f"host-{at}/x", 9)
    leases.acquire(job.user_id, "another/3", "host-9/x", 9)
    shown = rows(server)
    assert [row.partition(" ")[0] for row in shown] == ["host-3", "host-2", "host-1", "host-0"]
    places = [re.search(r"part [0-9,]+|join", row) for row in shown]
    assert [place and place[0] for place in places] == ["part 10", "part 11", "part 1,001", "join"]


def test_a_job_in_parts_of_which_none_is_at_work_is_one_row() -> None:
    server = WebServer(operators="grace@example.org")
    job = server.world.submit(server.user().id)
    server.world.jobs.execute(job.job_id, Start("engine/1", "human-mt@1"))
    (row,) = rows(server)
    assert row.startswith("none holds it")
