"""Each service's role allows every call of its code, and nothing that it must never do."""

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
from gas.tables.uploads import FETCHED
from local.demo import DEMO_VCF
from tests.crash.closing import begin_uploads, close_account, objects_of
from tests.crash.installation import Installation
from tests.crash.matrix import ON_S3, ON_VAULT, emulators
from tests.crash.stories import Story
from tests.crash.troubles import STORIES
from tests.deploy.permissions import Permission, needed
from tests.deploy.policies import Roles
from tests.support.file_server import ok, serving
from web.accounts.sessions import Sessions
from web.operation.wiring import OVERVIEW
from web.ports import Ports

ACCOUNT, REGION = "000000000000", "us-east-1"
PLACE = f"{REGION}:{ACCOUNT}"
SERVICES = ("web", "notifier", "annotator", "archiver", "restorer", "thawer")
Calls = set[tuple[str, Permission]]


def roles_of(prefix: str) -> Roles:
    return Roles(
        {
            "Prefix": prefix,
            "Vault": f"{prefix}-archive",
            "MailDomain": "example.org",
            "AWS::AccountId": ACCOUNT,
            "AWS::Region": REGION,
            "AWS::Partition": "aws",
        }
    )


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


def table(name: str) -> str:
    return f"arn:aws:dynamodb:{PLACE}:table/gas-{name}"


def queue(name: str) -> str:
    return f"arn:aws:sqs:{PLACE}:gas-{name}"


def key(bucket: str) -> str:
    return f"arn:aws:s3:::gas-{bucket}-{ACCOUNT}-{REGION}/user/job/file"


NEVER = {
    # No service deletes an event or a projection (IAM cannot forbid to overwrite one).
    "dynamodb:DeleteItem": (SERVICES, (table("events"), table("jobs"), table("accounts"))),
    "dynamodb:Scan": (
        SERVICES,
        (table("events"), table("jobs"), table("profiles"), table("personal"), table("sessions")),
    ),
    "dynamodb:DeleteTable": (SERVICES, (table("events"),)),
    # Personal data: only where users log in and where their mails are sent.
    "dynamodb:GetItem": (
        ("annotator", "archiver", "restorer", "thawer"),
        (table("profiles"), table("personal"), table("sessions")),
    ),
    # Only web writes who users are, and what they write.
    "dynamodb:PutItem": (
        SERVICES[1:],
        (table("profiles"), table("personal"), table("sessions")),
    ),
    # Uploads: no worker writes what users send, and only two services delete those without a job.
    "s3:PutObject": (("notifier", "annotator", "archiver", "restorer", "thawer"), (key("inputs"),)),
    "s3:DeleteObject": (("web", "notifier", "annotator"), (key("inputs"), key("archive"))),
    "s3:RestoreObject": (("web", "notifier", "annotator", "archiver"), (key("archive"),)),
    "s3:DeleteBucket": (SERVICES, (key("results").partition("/")[0],)),
    "ses:SendRawEmail": (
        ("web", "annotator", "archiver", "restorer", "thawer"),
        (f"arn:aws:ses:{PLACE}:identity/example.org",),
    ),
    "sns:Publish": (SERVICES, (f"arn:aws:sns:{PLACE}:gas-restore-notices",)),
    "sqs:PurgeQueue": (SERVICES, (queue("annotator"), queue("archiver"))),
    "iam:PassRole": (SERVICES, (f"arn:aws:iam::{ACCOUNT}:role/gas",)),
    "secretsmanager:GetSecretValue": (SERVICES, (f"arn:aws:secretsmanager:{PLACE}:secret:gas",)),
}


@pytest.mark.parametrize("action", NEVER)
def test_what_a_service_must_never_do_is_not_allowed(action: str) -> None:
    services, resources = NEVER[action]
    roles = roles_of("gas")
    allowed = [
        (service, resource)
        for service in services
        for resource in resources
        if roles.allows(service, action, resource)
    ]
    assert allowed == []


def test_only_the_annotator_writes_inputs_and_only_those_that_it_fetches() -> None:
    roles = roles_of("gas")
    inputs = f"arn:aws:s3:::gas-inputs-{ACCOUNT}-{REGION}/user"
    fetched, sent = f"{inputs}/{FETCHED}0190", f"{inputs}/0190"
    workers = SERVICES[1:]
    assert [s for s in workers if roles.allows(s, "s3:PutObject", fetched)] == ["annotator"]
    assert not [s for s in workers if roles.allows(s, "s3:PutObject", sent)]


def test_besides_web_only_the_archiver_writes_accounts_to_record_the_end_of_one() -> None:
    roles = roles_of("gas")
    may = [s for s in SERVICES if roles.allows(s, "dynamodb:PutItem", table("accounts"))]
    assert may == ["web", "archiver"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_receives_messages_only_from_its_own_queue(service: str) -> None:
    roles = roles_of("gas")
    taken = {name for name in QUEUES if roles.allows(service, "sqs:ReceiveMessage", queue(name))}
    assert {name.split("-")[0] for name in taken} == ({service} if service != "web" else set())


def test_the_notifier_may_stop_mail_and_give_up_claims_and_web_may_say_so() -> None:
    roles = roles_of("gas")
    suppressions, dead = table("suppressions"), queue("notifier-feedback-dlq")
    assert roles.allows("notifier", "dynamodb:PutItem", suppressions)
    assert roles.allows("notifier", "dynamodb:DeleteItem", table("inbox"))
    assert roles.allows("notifier", "sqs:SendMessage", dead)
    assert roles.allows("web", "dynamodb:GetItem", suppressions)
    assert not roles.allows("web", "dynamodb:PutItem", suppressions)


def test_only_web_looks_at_dead_letters_and_at_one_address() -> None:
    roles = roles_of("gas")
    for name in (*QUEUES, OUTBOX):
        for action in ("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"):
            allowed = {
                s for s in SERVICES if roles.allows(s, f"sqs:{action}", queue(f"{name}-dlq"))
            }
            assert allowed == {"web"}, (name, action)
    index = table("profiles") + "/index/by-address"
    assert [s for s in SERVICES if roles.allows(s, "dynamodb:Query", index)] == ["web"]
    assert not [s for s in SERVICES if roles.allows(s, "dynamodb:Scan", index)]
    assert [
        s for s in SERVICES if roles.allows(s, "dynamodb:Scan", table("jobs/index/stored"))
    ] == ["web"]


def test_only_the_annotator_makes_parts_and_touches_the_executions_that_spread_them() -> None:
    roles = roles_of("gas")
    machine = f"arn:aws:states:{PLACE}:stateMachine:gas-scatter"
    execution = f"arn:aws:states:{PLACE}:execution:gas-scatter:job-3"
    needed_of = {
        key("parts"): ("s3:GetObject", "s3:PutObject"),
        machine: (
            "states:StartExecution",
            *("states:SendTaskSuccess", "states:SendTaskFailure", "states:SendTaskHeartbeat"),
        ),
        execution: ("states:DescribeExecution", "states:StopExecution"),
        table("progress"): ("dynamodb:UpdateItem",),
    }
    for resource, actions in needed_of.items():
        for action in actions:
            may = [s for s in SERVICES if roles.allows(s, action, resource)]
            assert may == ["annotator"], (action, resource)
    # Reconciliation deletes what crashes left, and the archiver what users delete.
    for action, others in (("DeleteObject", ["restorer"]), ("DeleteObjectVersion", None)):
        may = [s for s in SERVICES if roles.allows(s, f"s3:{action}", key("parts"))]
        assert may == ["annotator", *(others or ["archiver", "restorer"])], action
    other = f"arn:aws:states:{PLACE}:stateMachine:other-scatter"
    assert not roles.allows("annotator", "states:StartExecution", other)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_may_mark_many_events_at_once_and_no_statement_does_more(
    service: str,
) -> None:
    roles = roles_of("gas")
    # One at a time is in the stories; under load marks are removed by one batch of statements.
    assert roles.allows(service, "dynamodb:PartiQLUpdate", table("events"))
    assert not roles.allows(service, "dynamodb:PartiQLUpdate", table("jobs"))
    for action in ("PartiQLDelete", "PartiQLInsert", "PartiQLSelect"):
        assert not roles.allows(service, f"dynamodb:{action}", table("events"))


@pytest.mark.parametrize("service", SERVICES)
def test_every_worker_may_set_unreadable_events_aside(service: str) -> None:
    assert roles_of("gas").allows(service, "sqs:SendMessage", queue("outbox-dlq"))


@pytest.mark.parametrize("service", SERVICES[1:])
def test_every_worker_may_say_that_it_is_there(service: str) -> None:
    assert roles_of("gas").allows(service, "dynamodb:PutItem", table("inbox"))


@pytest.mark.parametrize("service", SERVICES)
def test_an_installation_cannot_touch_another_one(service: str) -> None:
    roles = roles_of("gas")
    for statement in roles.statements[service]:
        assert statement.allows
        for resource in statement.resources:
            assert resource != "*"
            assert "gas" in resource or "example.org" in resource
        assert not any("*" in action for action in statement.actions)
