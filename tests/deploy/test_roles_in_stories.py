"""Each service's role allows every call of its code."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from annotator.handler import handle
from gas.dead_letter_administration import Act
from gas.messaging.dead_letters import OUTBOX, QUEUES
from gas.messaging.queue import SqsQueue
from gas.tables.rates import RateTable, Window
from local.demo import DEMO_VCF
from tests.crash.closing import begin_uploads, close_account, objects_of
from tests.crash.installation import Installation
from tests.crash.matrix import ON_S3, ON_VAULT, emulators
from tests.crash.stories import Story
from tests.crash.troubles import STORIES
from tests.deploy.permissions import Permission, needed
from tests.deploy.roles import PLACE, SERVICES, roles_of
from tests.support.file_server import ok, serving
from web.accounts.sessions import Sessions
from web.operation.wiring import OVERVIEW
from web.ports import Ports

Calls = set[tuple[str, Permission]]


def queue_of(resource: str) -> str:
    """The service of a queue: one loop receives from all queues, for all services."""
    return resource.rsplit(":", 1)[1].split("-", 1)[1].split("-", maxsplit=1)[0]


def use_browser(sessions: Sessions, user_id: str) -> None:
    """What pages do with sessions: the stories use API tokens only."""
    key = sessions.rotate(sessions.begin(user_id))
    began = sessions.now()
    assert replace(sessions, now=lambda: began + timedelta(minutes=5)).open(key)
    sessions.end(user_id, key.session_id)
    assert sessions.of_user(user_id) == []


def count_logins(rates: RateTable, key: str) -> None:
    """What the login does with counts."""
    for now in (0, 0, 60):
        rates.add(key, 1, now, 60)
    assert rates.get(key, 60) == Window(1, 120)


def fetch_an_input(installation: Installation, user_id: str) -> None:
    """A job on a file that the annotator fetches; its lane is that of large files."""
    with serving() as server:
        server.answers["/my.vcf"] = ok(DEMO_VCF.read_bytes())
        body = {"url": server.url("/my.vcf"), "bundle": "human-mt"}
        status, job = installation.request(user_id, "POST", "/uploads/url", body)
        assert status == 202
        submitted = installation.web_ports.jobs.log.read(f"job/{job['job_id']}")[0]
        handle(submitted, installation.annotator_ports)
    found = installation.request(user_id, "GET", f"/jobs/{job['job_id']}")[1]
    assert (found["status"], found["awaits_fetch"]) == ("completed", False)


def use_operators_pages(ports: Ports, queues: dict[str, SqsQueue], operator: str) -> None:
    """What operators read, and what they do with a dead letter of each kind."""
    operation = ports.operation
    boxes = operation.readings.boxes([*OVERVIEW, "costs"])
    assert not [box.problem for box in boxes.values() if box.problem]
    operation.sources.leases.held(operator)
    ports.accounts.profiles.at_address("nobody@example.org")
    for name in (*QUEUES, OUTBOX):
        operation.letters.look(name, 1)
    queue = queues["notifier"]
    for _ in range(2):
        queue.send("a letter")
    for letter in queue.receive(2, 1, 0):
        queue.dead_letter(letter, "a test")
    act = Act(operator, "a test")
    first, second = operation.letters.look("notifier", 2)
    assert operation.letters.redrive("notifier", first.id, act) == 1
    assert operation.letters.discard("notifier", second.id, act) == 1
    (back,) = queue.receive(1, 1, 30)
    queue.delete(back)


@pytest.fixture(scope="module")
def calls_made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Calls]]:
    """The calls of the services in every story, on both kinds of cold storage, by prefix."""
    calls: dict[str, Calls] = {}
    used: set[str] = set()
    with (
        emulators(tmp_path_factory.mktemp("emulators")) as environment,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in environment.items():
            patch.setenv(name, value)
        for store, stories in (("s3", ON_S3), ("vault", ON_VAULT)):
            installation = Installation(os.environ["AWS_ENDPOINT_URL"], vault=store == "vault")
            calls_here = calls.setdefault(installation.prefix, set())

            def record(
                service: str, operation: str, params: object, into: Calls = calls_here
            ) -> None:
                for action, resource in needed(operation, params, PLACE):
                    caller = queue_of(resource) if service == "worker" else service
                    into.add((caller, (action, resource)))

            installation.on_call = record
            with installation.processes.warming_up():
                for name in stories:
                    story = Story(installation, installation.begin())
                    STORIES[name](story)
                    use_browser(installation.web_ports.sessions, story.user_id)
                    if "operator" not in used:
                        used.add("operator")
                        use_operators_pages(
                            installation.web_ports, installation.queues, story.user_id
                        )
                    count_logins(installation.web_ports.rates.shared, story.user_id)
                    if name == stories[-1]:
                        fetch_an_input(installation, story.user_id)
                        begin_uploads(installation, story.user_id)
                        close_account(installation, story.user_id)
                        assert objects_of(installation, story.user_id) == []
                    installation.forget(story.user_id)
        yield calls


@pytest.mark.e2e
def test_every_call_that_a_story_makes_is_allowed(calls_made: dict[str, Calls]) -> None:
    roles = {prefix: roles_of(prefix) for prefix in calls_made}
    refused = {
        (service, action, resource)
        for prefix, calls in calls_made.items()
        for service, (action, resource) in calls
        if not roles[prefix].allows(service, action, resource)
    }
    assert refused == set()
    assert {service for calls in calls_made.values() for service, _ in calls} == set(SERVICES)
    assert (
        len({(service, action) for calls in calls_made.values() for service, (action, _) in calls})
        > 60
    )
