"""The task asks its ECS agent for protection while jobs run; the agent is a local HTTP server."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from annotator.protection import TaskProtection

LONGEST = timedelta(hours=2)
BEGIN = {"ProtectionEnabled": True, "ExpiresInMinutes": 125}
END = {"ProtectionEnabled": False}


class Agent:
    """The requests that the agent got, and its next answer."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, object]]] = []
        self.status = 200
        self.answer = b'{"protection": {"ProtectionEnabled": true}}'
        agent = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                agent.requests.append((self.path, json.loads(body)))
                self.send_response(agent.status)
                self.send_header("Content-Length", str(len(agent.answer)))
                self.end_headers()
                self.wfile.write(agent.answer)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/api/task"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def agent() -> Iterator[Agent]:
    running = Agent()
    yield running
    running.server.shutdown()


def test_a_task_is_protected_from_the_start_of_its_first_job_to_the_end_of_its_last(
    agent: Agent,
) -> None:
    protection = TaskProtection(agent.url, LONGEST)
    with protection.hold():
        with protection.hold():
            assert [body for _, body in agent.requests] == [BEGIN, BEGIN]
        assert len(agent.requests) == 2
    assert [body for _, body in agent.requests] == [BEGIN, BEGIN, END]
    assert {path for path, _ in agent.requests} == {"/api/task/task-protection/v1/state"}


def test_a_job_that_fails_ends_the_protection_as_well(agent: Agent) -> None:
    protection = TaskProtection(agent.url, LONGEST)
    with pytest.raises(OSError, match="disk"), protection.hold():
        raise OSError("disk")
    assert agent.requests[-1][1] == END


@pytest.mark.parametrize("status", [400, 500])
def test_a_refused_protection_stops_no_job(agent: Agent, status: int) -> None:
    agent.status = status
    with TaskProtection(agent.url, LONGEST).hold():
        assert agent.requests


@pytest.mark.parametrize("answer", [b"", b"[]", b"no JSON", b'{"failure": {"Reason": "busy"}}'])
def test_an_unexpected_answer_stops_no_job(agent: Agent, answer: bytes) -> None:
    agent.answer = answer
    with TaskProtection(agent.url, LONGEST).hold():
        assert agent.requests


def test_a_missing_agent_stops_no_job(agent: Agent) -> None:
    agent.server.shutdown()
    agent.server.server_close()
    for url in (agent.url, None):
        with TaskProtection(url, LONGEST).hold():
            pass


def test_a_protection_is_at_most_two_days_long(agent: Agent) -> None:
    with TaskProtection(agent.url, timedelta(days=9)).hold():
        assert agent.requests[0][1]["ExpiresInMinutes"] == 2_880
