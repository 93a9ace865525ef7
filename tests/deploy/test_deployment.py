"""What can go wrong for an operator who deploys: incomplete files, incomplete stacks."""

import json
import secrets
from pathlib import Path

import boto3
import pytest

from ecs.deploy import HERE
from ecs.environment import FOLDER, Environment, NotDeployed, read
from ecs.push import push
from ecs.registry import IMAGES, digest_of
from ecs.service_roles import SERVICES, create_service_roles
from ecs.stacks import Stacks, uproots
from local.emulator_session import session
from local.stack import CREDENTIALS, REGION

GOOD = {"Prefix": "gas", "PublicUrl": "https://gas.test", "GraceSeconds": 3600}


def written(folder: Path, text: str) -> Path:
    (folder / "mine.json").write_text(text)
    return folder


def test_an_environment_is_read(tmp_path: Path) -> None:
    text = json.dumps({"region": "eu-west-1", "parameters": GOOD, "data": {"OwnKey": "yes"}})
    environment = read("mine", written(tmp_path, text))
    assert environment.region == "eu-west-1"
    assert environment.data_parameters == {
        "OwnKey": "yes",
        "Prefix": "gas",
        "QueueDelaySeconds": "900",
        "WebOrigin": "https://gas.test",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "mine.json is not an environment"),
        ("[]", "mine.json is not an environment"),
        ('{"region": "eu-west-1"}', "mine.json is not an environment"),
        ('{"region": "r", "parameters": {"Prefix": "gas"}}', "set PublicUrl in"),
        (
            '{"region": "r", "parameters": {"Prefix": "g", "PublicUrl": "https://x.example.org"}}',
            "set PublicUrl in environments/mine.json first",
        ),
        (
            '{"region": "eu-west-1", "parameters": {"Prefix": "g", "PublicUrl": "https://gas.test",'
            ' "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/c"}}',
            "the certificate is in us-east-1, the environment in eu-west-1",
        ),
    ],
)
def test_an_incomplete_file_is_refused_with_what_to_do(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(NotDeployed, match=message):
        read("mine", written(tmp_path, text))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_the_examples_name_existing_parameters_and_are_refused_until_they_are_edited(
    path: Path,
) -> None:
    document = json.loads(path.read_text())
    for part, template in (("parameters", "gas.yaml"), ("data", "data.yaml")):
        for name in document.get(part, {}):
            assert f"\n  {name}:\n" in (HERE / template).read_text(), name
    with pytest.raises(NotDeployed, match="CertificateArn"):
        read(path.stem)


def test_an_unknown_environment_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotDeployed, match="there are: production, staging"):
        read("stagging")


@pytest.fixture
def stacks(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Stacks:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("cloudformation", endpoint_url=emulator, region_name=REGION)
    return Stacks(client, pause=0.2)


@pytest.mark.integration
def test_changes_are_shown_before_they_are_made_and_the_stack_is_then_complete(
    stacks: Stacks,
) -> None:
    name = f"s{secrets.token_hex(4)}"
    change = stacks.prepare(name, HERE / "registry.yaml", {"Prefix": name})
    assert change is not None
    assert len(change.lines) == 5
    assert all(line.startswith("Add ") for line in change.lines)
    stacks.execute(change)
    assert stacks.status(name) == "CREATE_COMPLETE"
    stacks.delete(name)
    assert stacks.status(name) in {None, "DELETE_COMPLETE"}


@pytest.mark.integration
def test_a_stack_whose_creation_failed_is_not_touched(stacks: Stacks, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(
        "Resources:\n  It: {Type: AWS::ECS::Service, Properties: {DesiredCount: x}}\n"
    )
    name = f"s{secrets.token_hex(4)}"
    change = stacks.prepare(name, broken, {})
    assert change is not None
    with pytest.raises(NotDeployed, match=f"stack {name} is ROLLBACK_COMPLETE: It: "):
        stacks.execute(change)
    with pytest.raises(NotDeployed, match="`make destroy` it, then deploy anew"):
        stacks.prepare(name, HERE / "registry.yaml", {"Prefix": name})
    stacks.delete(name)


@pytest.mark.integration
def test_a_push_that_was_done_is_repeated_without_pushing(
    emulator: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": emulator}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", "")  # no docker: nothing can be pushed
    prefix = f"p{secrets.token_hex(4)}"
    environment = Environment("mine", REGION, {"Prefix": prefix, "PublicUrl": "https://gas.test"})
    with pytest.raises(NotDeployed, match="docker was not found"):
        push(environment, "1a2b3c4")
    ecr = boto3.client("ecr", region_name=REGION)
    for image in IMAGES:
        manifest = json.dumps({"schemaVersion": 2, "name": image})
        ecr.put_image(
            repositoryName=f"{prefix}/{image}", imageTag="1a2b3c4", imageManifest=manifest
        )
    push(environment, "1a2b3c4")
    assert capsys.readouterr().out.count("is in the registry already") == len(IMAGES)
    assert digest_of(ecr, f"{prefix}/web", "another") is None
    assert digest_of(ecr, f"{prefix}/none", "another") is None


@pytest.mark.integration
def test_a_new_account_gets_the_roles_of_services_and_keeps_them(emulator: str) -> None:
    iam = session(emulator).client("iam")
    assert create_service_roles(iam) == list(SERVICES)
    assert create_service_roles(iam) == []


@pytest.mark.parametrize(
    ("kind", "name", "action", "replacement", "expected"),
    [
        ("AWS::EC2::VPC", "Vpc", "Modify", "True", True),
        ("AWS::EC2::Subnet", "PrivateA", "Remove", "", True),
        ("AWS::EC2::Subnet", "PrivateA", "Modify", "False", False),
        ("AWS::EC2::NatGateway", "NatB", "Remove", "", False),
        ("AWS::CloudFormation::Stack", "Network", "Remove", "", True),
        ("AWS::CloudFormation::Stack", "Network", "Modify", "False", False),
        ("AWS::CloudFormation::Stack", "Alarms", "Remove", "", False),
    ],
)
def test_a_change_that_takes_the_network_away_is_recognised(
    kind: str, name: str, action: str, replacement: str, expected: bool
) -> None:
    change = {"ResourceType": kind, "LogicalResourceId": name, "Action": action}
    assert uproots({**change, "Replacement": replacement}) is expected  # type: ignore[typeddict-item]


@pytest.mark.integration
def test_removed_subnets_are_named_in_the_change_set(stacks: Stacks, tmp_path: Path) -> None:
    name = f"s{secrets.token_hex(4)}"
    template = tmp_path / "network.yaml"
    vpc = "Resources:\n  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.8.0.0/16}}\n"
    subnet = (
        "  Private: {Type: AWS::EC2::Subnet,"
        " Properties: {VpcId: !Ref Vpc, CidrBlock: 10.8.1.0/24}}\n"
    )
    template.write_text(vpc + subnet)
    change = stacks.prepare(name, template, {})
    assert change is not None
    assert change.uprooted == ()
    stacks.execute(change)
    template.write_text(vpc)
    change = stacks.prepare(name, template, {})
    assert change is not None
    assert change.uprooted == ("Private",)
    stacks.discard(change)
    stacks.delete(name)
