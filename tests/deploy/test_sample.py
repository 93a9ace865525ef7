"""The task that has the public sample annotated on AWS."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from ecs.environment import NotDeployed
from ecs.sample import start_sample
from local.stack import REGION

NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}}
DEFINITION = "arn:aws:ecs:us-east-1:123456789012:task-definition/gas-web:7"
TASK = "arn:aws:ecs:us-east-1:123456789012:task/gas/one"


@pytest.fixture
def ecs() -> Any:
    """A client that only answers what it is told to, and refuses malformed requests."""
    return boto3.client("ecs", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")


def answers(ecs: Any, services: list[dict[str, Any]], run: dict[str, Any] | None) -> Stubber:
    stub = Stubber(ecs)
    asked = {"cluster": "gas", "services": ["web"]}
    stub.add_response("describe_services", {"services": services}, asked)
    if run is not None:
        command = ["python", "-m", "web.sample", "--release", "1a2b"]
        wanted = {
            "cluster": "gas",
            "taskDefinition": DEFINITION,
            "launchType": "FARGATE",
            "count": 1,
            "networkConfiguration": NETWORK,
            "overrides": {"containerOverrides": [{"name": "web", "command": command}]},
            "startedBy": "sample",
        }
        stub.add_response("run_task", run, wanted)
    return stub


def test_it_is_the_web_service_with_another_command(ecs: Any) -> None:
    service = {"taskDefinition": DEFINITION, "networkConfiguration": NETWORK}
    with answers(ecs, [service], {"tasks": [{"taskArn": TASK}], "failures": []}) as stub:
        assert start_sample(ecs, "gas", "1a2b") == TASK
        stub.assert_no_pending_responses()


def test_what_hinders_it_is_reported(ecs: Any) -> None:
    service = {"taskDefinition": DEFINITION, "networkConfiguration": NETWORK}
    full = {"tasks": [], "failures": [{"reason": "Capacity is unavailable"}]}
    with answers(ecs, [service], full), pytest.raises(NotDeployed, match="Capacity is unavail"):
        start_sample(ecs, "gas", "1a2b")
    with answers(ecs, [], None), pytest.raises(NotDeployed, match="no service web"):
        start_sample(ecs, "gas", "1a2b")
    stub = Stubber(ecs)
    stub.add_client_error("describe_services", "ClusterNotFoundException")
    with stub, pytest.raises(NotDeployed, match="ClusterNotFoundException") as raised:
        start_sample(ecs, "gas", "1a2b")
    assert not isinstance(raised.value, ClientError)
