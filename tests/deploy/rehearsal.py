"""Deploys, changes and removes all of GAS with ``ecs.deploy`` on LocalStack: ``make test-deploy``.

LocalStack 4.14 makes VPCs, queues, tables, roles, log groups, secrets and nested stacks for real.
For what it has not (ECS, load balancers, alarms) its stacks hold resources that only have a name.
It has no elastic addresses, so the VPC is one that exists already.
"""

from __future__ import annotations

import dataclasses
import os
import sys

from ecs.deploy import Deployment
from ecs.environment import Environment, NotDeployed
from local.emulator_session import session
from local.stack import CREDENTIALS, REGION

DIGEST = "@sha256:" + "a" * 64
IMAGES = ("Web", "Annotator", "Archiver", "Restorer", "Thawer")
RUNNING = {
    *("Roles", "Cluster", "Web", "Alarms"),
    *("Notifier", "Annotator", "Archiver", "Restorer", "Thawer"),
}


def environment() -> Environment:
    """One whose VPC is made here."""
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


def resources(stack: str) -> dict[str, str]:
    """The physical ids of a stack's resources."""
    found = (
        session()
        .client("cloudformation")
        .describe_stack_resources(StackName=stack)["StackResources"]
    )
    return {one["LogicalResourceId"]: one.get("PhysicalResourceId", "") for one in found}


def check_encryption(kept: dict[str, str]) -> None:
    """Whether the key of the installation encrypts what is kept. Raises AssertionError.

    Buckets are not asked: LocalStack's templates do not know their encryption.
    """
    key = kept["Key"]
    sqs = session().client("sqs")
    urls = [id for name, id in kept.items() if name.endswith(("Queue", "DeadLetters"))]
    assert len(urls) == 12, urls
    for url in urls:
        said = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert said["KmsMasterKeyId"].endswith(key), url
    sns = session().client("sns")
    topic = sns.get_topic_attributes(TopicArn=kept["EventsTopic"])["Attributes"]
    assert topic["KmsMasterKeyId"].endswith(key), topic
    tables = [id for name, id in kept.items() if name.endswith("Table")]
    assert len(tables) == 7, tables
    for table in tables:
        found = session().client("dynamodb").describe_table(TableName=table)
        assert found["Table"]["SSEDescription"]["KMSMasterKeyArn"].endswith(key), table


def rehearse() -> None:
    """Raises AssertionError or NotDeployed where something is not as it should be."""
    said: list[str] = []
    first = environment()
    deployment = Deployment(first, said.append)

    assert not deployment.up("none", lambda _: False), "declined, and yet deployed"
    assert deployment.up("none", lambda _: True)
    assert any("AWS::CloudFormation::Stack" in line for line in said), said
    there = resources("rehearsal")
    assert set(there) == RUNNING, there
    worker = resources(there["Annotator"])
    assert set(worker) == {"Task", "Workers", "Scaling", "ScaleByLoad"}, worker
    queues = session().client("sqs").list_queues(QueueNamePrefix="rehearsal-")
    assert len(queues["QueueUrls"]) == 12, queues
    check_encryption(resources("rehearsal-data"))
    print("deployed: the data, and nested stacks for", ", ".join(sorted(there)))

    longer = {**first.parameters, "GraceSeconds": "600", "LogDays": "30"}
    changed = Deployment(dataclasses.replace(first, parameters=longer), said.append)
    assert changed.up("none", lambda _: True)
    sqs = session().client("sqs")
    url = sqs.get_queue_url(QueueName="rehearsal-archiver")["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
    assert answer["Attributes"]["DelaySeconds"] == "600", answer
    print("changed: a grace period of ten minutes has reached the archiver's queue")

    assert changed.down(lambda _: True)
    assert not changed.down(lambda _: True)
    assert sqs.get_queue_url(QueueName="rehearsal-archiver")["QueueUrl"] == url
    print("removed: all that runs; the queues and tables are still there")


def main() -> int:
    """Rehearse against the LocalStack that ``AWS_ENDPOINT_URL`` names; gives the exit status."""
    os.environ.update(CREDENTIALS)
    try:
        rehearse()
    except (AssertionError, NotDeployed) as error:
        print(f"the rehearsal failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
