"""Each service's role allows every call that its code makes, and not what it must never do."""

import os
from collections.abc import Iterator

import pytest

from tests.crash.matrix import ON_S3, ON_VAULT, emulators
from tests.crash.site import Site
from tests.crash.stories import STORIES, Story
from tests.deploy.permissions import Permission, needed
from tests.deploy.policies import Roles

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
    """The service whose queue that is: queues are read in one loop for all."""
    return resource.rsplit(":", 1)[1].split("-", 1)[1].split("-", maxsplit=1)[0]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Calls]]:
    """What the services called in every story, on both kinds of cold storage, by prefix."""
    calls: dict[str, Calls] = {}
    with (
        emulators(tmp_path_factory.mktemp("emulators")) as environment,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in environment.items():
            patch.setenv(name, value)
        for store, stories in (("s3", ON_S3), ("vault", ON_VAULT)):
            site = Site(os.environ["AWS_ENDPOINT_URL"], vault=store == "vault")
            here = calls.setdefault(site.prefix, set())

            def record(service: str, operation: str, params: object, into: Calls = here) -> None:
                for action, resource in needed(operation, params, PLACE):
                    who = queue_of(resource) if service == "worker" else service
                    into.add((who, (action, resource)))

            site.on_call = record
            with site.warming_up():
                for name in stories:
                    story = Story(site, site.begin())
                    STORIES[name](story)
                    site.forget(story.user_id)
        yield calls


@pytest.mark.e2e
def test_every_call_that_a_story_makes_is_allowed(made: dict[str, Calls]) -> None:
    refused = {
        (service, action, resource)
        for prefix, calls in made.items()
        for service, (action, resource) in calls
        if not roles_of(prefix).allows(service, action, resource)
    }
    assert refused == set()
    assert {service for calls in made.values() for service, _ in calls} == set(SERVICES)
    assert (
        len({(service, action) for calls in made.values() for service, (action, _) in calls}) > 60
    )


def table(name: str) -> str:
    return f"arn:aws:dynamodb:{PLACE}:table/gas-{name}"


def queue(name: str) -> str:
    return f"arn:aws:sqs:{PLACE}:gas-{name}"


def key(bucket: str) -> str:
    return f"arn:aws:s3:::gas-{bucket}-{ACCOUNT}-{REGION}/user/job/file"


NEVER = {
    # nobody throws an event or a projection away (that none is written over, the code sees to)
    "dynamodb:DeleteItem": (SERVICES, (table("events"), table("jobs"), table("accounts"))),
    "dynamodb:Scan": (SERVICES, (table("events"), table("jobs"), table("profiles"))),
    "dynamodb:DeleteTable": (SERVICES, (table("events"),)),
    # personal data: only where people log in and where they are mailed
    "dynamodb:GetItem": (("annotator", "archiver", "restorer", "thawer"), (table("profiles"),)),
    # accounts: only web changes a plan
    "dynamodb:PutItem": (("notifier", *SERVICES[2:]), (table("accounts"), table("profiles"))),
    # uploads are the user's: no worker writes them, and only two delete what is of no job any more
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


@pytest.mark.parametrize("service", SERVICES)
def test_nobody_takes_messages_from_anothers_queue(service: str) -> None:
    roles = roles_of("gas")
    taken = {
        name
        for name in ("annotator", "annotator-large", "archiver", "restorer", "thawer", "notifier")
        if roles.allows(service, "sqs:ReceiveMessage", queue(name))
    }
    assert {name.split("-")[0] for name in taken} == ({service} if service != "web" else set())


@pytest.mark.parametrize("service", SERVICES)
def test_an_installation_cannot_touch_another_one(service: str) -> None:
    roles = roles_of("gas")
    for statement in roles.statements[service]:
        assert statement.allows
        for resource in statement.resources:
            assert resource != "*"
            assert "gas" in resource or "example.org" in resource
        assert not any("*" in action for action in statement.actions)
