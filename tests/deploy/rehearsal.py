"""Deploys, changes and removes all of GAS with ``ecs.deploy`` on LocalStack: ``make test-deploy``.

LocalStack 4.14 implements VPCs, queues, tables, roles, log groups, secrets and nested stacks.
What it does not implement (ECS, load balancers, alarms) are resources that only have a name.
It has no elastic addresses, so the stacks use a VPC that exists already.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys

from cfnlint.decode.cfn_yaml import load

from ecs.deploy import HERE, Deployment
from ecs.environment import Environment, NotDeployed
from local.emulator_session import session
from local.stack import CREDENTIALS, REGION

DIGEST = "@sha256:" + "a" * 64
_COMMAND_SECONDS = 120
IMAGES = ("Web", "Annotator", "Archiver", "Restorer", "Thawer")
RUNNING = {
    *("Roles", "Cluster", "Scatter", "Web", "Alarms"),
    *("Notifier", "Annotator", "Archiver", "Restorer", "Thawer"),
}


def environment() -> Environment:
    """An environment with a new VPC."""
    ec2 = session().client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24")["Subnet"]["SubnetId"]
        for n in range(4)
    ]
    return Environment(
        "rehearsal",
        REGION,
        {
            "Prefix": "rehearsal",
            "PublicUrl": "https://gas.test",
            "CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/one",
            "MailFrom": "gas@gas.test",
            "MailDomain": "gas.test",
            "OidcClientId": "client",
            "AlarmMail": "operators@gas.test",
            "ExistingVpcId": vpc,
            "ExistingPublicSubnets": ",".join(subnets[:2]),
            "ExistingPrivateSubnets": ",".join(subnets[2:]),
            **{f"{name}Image": f"registry.test/{name.lower()}{DIGEST}" for name in IMAGES},
        },
        {"OwnKey": "yes"},
    )


def described(kind: str) -> int:
    """How many resources of that type the data stack's template has."""
    found = load(str(HERE / "data.yaml"))["Resources"].values()
    return sum(resource["Type"] == kind for resource in found)


def resources(stack: str) -> dict[str, str]:
    """The physical ids of a stack's resources, by logical id."""
    client = session().client("cloudformation")
    found = client.describe_stack_resources(StackName=stack)["StackResources"]
    return {item["LogicalResourceId"]: item.get("PhysicalResourceId", "") for item in found}


def check_encryption(kept: dict[str, str]) -> None:
    """Check that queues, topic and tables are encrypted with the key. Raises AssertionError.

    Buckets are left out: LocalStack ignores their encryption in templates.
    """
    key = kept["Key"]
    sqs = session().client("sqs")
    urls = [id for name, id in kept.items() if name.endswith(("Queue", "DeadLetters"))]
    assert len(urls) == described("AWS::SQS::Queue"), urls
    for url in urls:
        queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert queue["KmsMasterKeyId"].endswith(key), url
    sns = session().client("sns")
    for name in ("EventsTopic", "MailFeedbackTopic"):
        topic = sns.get_topic_attributes(TopicArn=kept[name])["Attributes"]
        assert topic["KmsMasterKeyId"].endswith(key), topic
    tables = [id for name, id in kept.items() if name.endswith("Table")]
    assert len(tables) == described("AWS::DynamoDB::Table"), tables
    for table in tables:
        found = session().client("dynamodb").describe_table(TableName=table)
        assert found["Table"]["SSEDescription"]["KMSMasterKeyArn"].endswith(key), table


def make_premium(installation: Environment) -> None:
    """As operations.md has it: a user logs in, and an operator gives Premium and takes it back.

    Raises AssertionError.
    """
    variables = {
        **os.environ,
        "GAS_PREFIX": installation.prefix,
        "GAS_ACCOUNT_ID": "000000000000",
        "AWS_REGION": installation.region,
    }

    def run(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *command],
            env=variables, capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    user, why = "ada@example.org", ("--reason", "a rehearsal")
    run("web.token_command", user)  # its first part is what a login does
    for change, state in (
        (("plan", user, "premium"), "Premium"),
        (("suspend", user), "suspended"),
        (("restore", user), "Premium"),
    ):
        assert state in run("gas", "account", *change, *why), change
    shown = json.loads(run("gas", "account", "show", user))
    assert shown["plan"] == "premium", shown
    assert shown["history"][-1]["reason"] == "a rehearsal", shown
    run("gas", "verify")


def rehearse() -> None:
    """Deploy, change, remove. Raises AssertionError or NotDeployed."""
    lines: list[str] = []
    first = environment()
    deployment = Deployment(first, lines.append)

    assert not deployment.up("none", lambda _: False), (
        "the change set was declined and still deployed"
    )
    assert deployment.up("none", lambda _: True)
    assert any("AWS::CloudFormation::Stack" in line for line in lines), lines
    running = resources("rehearsal")
    assert set(running) == RUNNING, running
    worker = resources(running["Annotator"])
    assert set(worker) == {"Task", "Workers", "Scaling", "ScaleByLoad"}, worker
    queues = session().client("sqs").list_queues(QueueNamePrefix="rehearsal-")
    assert len(queues["QueueUrls"]) == described("AWS::SQS::Queue"), queues
    check_encryption(resources("rehearsal-data"))
    print("deployed: the data, and nested stacks for", ", ".join(sorted(running)))
    make_premium(first)
    print("a user has Premium")

    longer = {**first.parameters, "GraceSeconds": "600", "LogDays": "30"}
    changed = Deployment(dataclasses.replace(first, parameters=longer), lines.append)
    assert changed.up("none", lambda _: True)
    sqs = session().client("sqs")
    url = sqs.get_queue_url(QueueName="rehearsal-archiver")["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
    assert answer["Attributes"]["DelaySeconds"] == "600", answer
    print("changed: the archiver's queue has a grace period of ten minutes")

    assert changed.down(lambda _: True)
    assert not changed.down(lambda _: True)
    assert sqs.get_queue_url(QueueName="rehearsal-archiver")["QueueUrl"] == url
    print("removed: everything that runs; the queues and tables still exist")


def main() -> int:
    """Rehearse on the LocalStack of ``AWS_ENDPOINT_URL``; returns the exit status."""
    os.environ.update(CREDENTIALS)
    try:
        rehearse()
    except (AssertionError, NotDeployed) as error:
        print(f"the rehearsal failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
