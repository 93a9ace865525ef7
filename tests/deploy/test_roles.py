"""Each service's role allows nothing that it must never do, and what the stories do not show."""

import pytest

from gas.messaging.dead_letters import OUTBOX, QUEUES
from gas.tables.uploads import FETCHED
from tests.deploy.roles import ACCOUNT, PLACE, REGION, SERVICES, key, queue, roles_of, table

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


def test_only_web_stores_and_reads_the_uploads_of_a_batch() -> None:
    roles = roles_of("gas")
    for action in ("BatchWriteItem", "BatchGetItem"):
        may = [s for s in SERVICES if roles.allows(s, f"dynamodb:{action}", table("uploads"))]
        assert may == ["web"], action
    assert not roles.allows("web", "dynamodb:BatchWriteItem", table("events"))


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
