"""The operators' overview tells which workers run, what they do, and how long messages waited."""

from __future__ import annotations

from datetime import timedelta

from gas.tables.presence import GONE_AFTER, WorkerSign
from tests.support.web_server import User, WebServer


def overview(server: WebServer, operator: User) -> str:
    server.desk.readings.forget()
    return str(operator.browser.get("/operator?part=live").text)


def test_workers_are_shown_until_they_have_not_been_heard_of_for_three_minutes() -> None:
    server = WebServer(operators="grace@example.org")
    operator, now = server.operator(), server.world.now
    assert "No worker has been heard of" in overview(server, operator)
    for pid, waited in ((7, 400.0), (8, 0.25)):
        taken = now() - timedelta(seconds=20 if pid == 7 else 5)
        server.desk.presence.say(
            WorkerSign("archiver", "archiver", "host-a", pid, now(), now(), pid, taken, waited)
        )
    page = overview(server, operator)
    assert "host-a, 7" in page
    assert "host-a, 8" in page
    assert "0.2 s, taken" in page, "of the message that was taken last, by whomever"
    assert "7 min, taken" not in page
    server.world.pass_time(GONE_AFTER)
    assert "host-a" not in overview(server, operator)
