"""What can go wrong for an operator who deploys: incomplete files, incomplete stacks."""

import json
import secrets
from pathlib import Path

import boto3
import pytest

from ecs.deploy import HERE
from ecs.environment import FOLDER, NotDeployed, read
from ecs.stacks import Stacks
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
