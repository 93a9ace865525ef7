"""Changes inside nested stacks are shown, and the network under what runs is not replaced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from ecs.deploy import Deployment
from ecs.environment import Environment, NotDeployed
from ecs.registry import IMAGES
from ecs.stacks import ChangeSet, Stacks
from local.stack import CREDENTIALS, REGION

ROOT, NETWORK, WEB = (
    f"arn:aws:cloudformation:{REGION}:1:changeSet/{name}/1" for name in ("root", "network", "web")
)
STACK = "AWS::CloudFormation::Stack"


def change(name: str, kind: str = STACK, action: str = "Modify", **more: str) -> dict[str, Any]:
    """One entry of a change set."""
    what = {"LogicalResourceId": name, "ResourceType": kind, "Action": action, **more}
    return {"Type": "Resource", "ResourceChange": what}


class Answers:
    """CloudFormation's answers to ``prepare``, in the order in which it should ask."""

    def __init__(self) -> None:
        client = boto3.client(
            "cloudformation", region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b"
        )
        self.stub = Stubber(client)
        self.stacks = Stacks(client, pause=0)
        stack = {"StackName": "gas", "CreationTime": "2026-01-01T00:00:00Z"}
        self.stub.add_response(
            "describe_stacks", {"Stacks": [stack | {"StackStatus": "UPDATE_COMPLETE"}]}
        )
        wanted = {
            **dict.fromkeys(("ChangeSetName", "TemplateBody", "Parameters", "Capabilities"), ANY),
            "StackName": "gas",
            "ChangeSetType": "UPDATE",
            # Without it a change set says of a nested stack only that it changes.
            "IncludeNestedStacks": True,
        }
        self.stub.add_response("create_change_set", {"Id": ROOT}, wanted)
        self.stub.add_response("describe_change_set", {"Status": "CREATE_IN_PROGRESS"})
        self.stub.add_response("describe_change_set", {"Status": "CREATE_COMPLETE"})

    def page(self, id: str, *changes: dict[str, Any], token: str = "", to: str = "") -> None:
        """The page of a change set that ``token`` asks for; ``to`` leads to the next."""
        wanted = {"ChangeSetName": id} | ({"NextToken": token} if token else {})
        answer = {"Changes": list(changes)} | ({"NextToken": to} if to else {})
        self.stub.add_response("describe_change_set", answer, wanted)


def test_a_subnet_that_is_replaced_on_the_last_page_of_a_nested_stack_is_named(
    tmp_path: Path,
) -> None:
    template = tmp_path / "gas.yaml"
    template.write_text("Resources: {}")
    answers = Answers()
    answers.page(ROOT, change("Network", ChangeSetId=NETWORK), to="more")
    answers.page(NETWORK, change("NatB", "AWS::EC2::NatGateway", "Add"), to="more")
    subnet = change("PrivateA", "AWS::EC2::Subnet", Replacement="True")
    answers.page(NETWORK, subnet, token="more")
    answers.page(ROOT, change("Web", ChangeSetId=WEB), change("Alarms"), token="more")
    answers.page(WEB, change("Service", "AWS::ECS::Service", Replacement="False"))
    with answers.stub:
        found = answers.stacks.prepare("gas", template, {})
        answers.stub.assert_no_pending_responses()
    assert found is not None
    assert found.uprooted == ("PrivateA",)
    shown = [(len(line) - len(line.lstrip()), line.split()) for line in found.lines]
    assert shown == [
        (0, ["Modify", "Network", STACK]),
        (2, ["Add", "NatB", "AWS::EC2::NatGateway"]),
        (2, ["Modify", "PrivateA", "AWS::EC2::Subnet", "REPLACED"]),
        (0, ["Modify", "Web", STACK]),
        (2, ["Modify", "Service", "AWS::ECS::Service"]),
        (0, ["Modify", "Alarms", STACK]),
    ]


@pytest.mark.integration
@pytest.mark.parametrize("uprooted", [("PrivateA", "Vpc"), ()])
def test_a_network_under_what_runs_is_never_taken_away_whatever_is_answered(
    emulator: str, monkeypatch: pytest.MonkeyPatch, uprooted: tuple[str, ...]
) -> None:
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": emulator}.items():
        monkeypatch.setenv(name, value)
    done: list[str] = []
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    def prepared(_: Stacks, stack: str, *__: object) -> ChangeSet:
        return ChangeSet(
            stack, f"{stack}-1", ("Modify Network",), () if "data" in stack else uprooted
        )

    monkeypatch.setattr(Stacks, "prepare", prepared)
    monkeypatch.setattr(Stacks, "execute", lambda _, each: done.append(f"execute {each.stack}"))
    monkeypatch.setattr(Stacks, "discard", lambda _, each: done.append(f"discard {each.stack}"))
    images = {f"{name.capitalize()}Image": "an/image@sha256:1" for name in IMAGES}
    environment = Environment(
        "mine", REGION, {"Prefix": "gas", "PublicUrl": "https://gas.test", **images}
    )
    deployment = Deployment(environment, report=lambda _: None)
    if not uprooted:
        # Asked, and the answer is no: nothing is left behind either.
        assert not deployment.up("1", no)
        assert len(asked) == 1
    else:
        with pytest.raises(NotDeployed, match="PrivateA, Vpc would be replaced or removed"):
            deployment.up("1", lambda _: True)
    assert done == ["discard gas-data", "discard gas"]
