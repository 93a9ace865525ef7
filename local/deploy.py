"""Deploys ``ecs/data.yaml`` and ``ecs/scatter.yaml`` to an emulator: the templates of AWS.

``python -m local.deploy`` deploys it with the settings in the environment variables.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from gas.aws.clients import Aws
from gas.aws.errors import AwsError
from gas.messaging.queue import MAX_DELAY_SECONDS
from gas.settings import ColdSettings, Settings, load
from local.emulator_session import CONFIG, session
from notifier.settings import NotifierSettings
from web.settings import WebSettings

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

ECS = Path(__file__).resolve().parent.parent / "ecs"
_WAIT_SECONDS = 120.0
_PAUSE_SECONDS = 0.2


class DeploymentFailed(Exception):
    """The stack could not be created; the message has CloudFormation's reason."""


def deploy(settings: Settings, web_origin: str) -> None:
    """Create or update the stacks ``<prefix>-data`` and ``<prefix>-scatter``, and wait for them.

    Waits for the emulator as well. Raises DeploymentFailed.
    """
    client = session(settings.endpoint_url, settings.region).client("cloudformation", config=CONFIG)
    put_stack(
        client,
        settings.named("data"),
        ECS / "data.yaml",
        {
            "Prefix": settings.prefix,
            "QueueDelaySeconds": str(min(settings.grace_seconds, MAX_DELAY_SECONDS)),
            "WebOrigin": web_origin,
        },
    )
    put_stack(client, settings.named("scatter"), ECS / "scatter.yaml", {"Prefix": settings.prefix})


def put_stack(
    client: CloudFormationClient, name: str, template: Path, parameters: dict[str, str]
) -> dict[str, str]:
    """Create or update a stack and wait until it is there; gives its outputs.

    Raises DeploymentFailed.
    """
    arguments = {
        "StackName": name,
        "TemplateBody": template.read_text("utf-8"),
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
        "Capabilities": ["CAPABILITY_IAM"],
    }
    deadline = time.monotonic() + _WAIT_SECONDS
    _until(lambda: _is_reachable(client), deadline, "the AWS emulator does not answer")
    try:
        client.create_stack(**arguments)  # type: ignore[arg-type]
    except client.exceptions.AlreadyExistsException:
        try:
            client.update_stack(**arguments)  # type: ignore[arg-type]
        except ClientError as error:
            if "No updates" not in str(error):
                raise DeploymentFailed(str(error)) from error

    def is_complete() -> bool:
        found = client.describe_stacks(StackName=name)["Stacks"][0]
        status = found["StackStatus"]
        if "FAILED" in status or "ROLLBACK" in status:
            raise DeploymentFailed(f"{status}: {found.get('StackStatusReason', '')}")
        return status.endswith("COMPLETE")

    _until(is_complete, deadline, f"stack {name} is not complete")
    outputs = client.describe_stacks(StackName=name)["Stacks"][0].get("Outputs", [])
    return {output["OutputKey"]: output["OutputValue"] for output in outputs}


def allow_sender(settings: Settings, mail_from: str) -> None:
    """Let the emulator's SES send as that address; on AWS an operator verifies the domain."""
    ses = session(settings.endpoint_url, settings.region).client("ses", config=CONFIG)
    ses.verify_email_identity(EmailAddress=mail_from)


def make_vault(settings: ColdSettings) -> None:
    """Create the vault if results are archived in one; on AWS an operator creates it."""
    if settings.archive_store == "vault" and settings.vault:
        Aws(settings).glacier().create_vault(vaultName=settings.vault)


def deploy_all() -> None:
    """Create everything that the services need. Raises DeploymentFailed."""
    deploy(load(Settings), load(WebSettings).public_url)
    make_vault(load(ColdSettings))
    allow_sender(load(Settings), load(NotifierSettings).mail_from)


def _is_reachable(client: CloudFormationClient) -> bool:
    try:
        client.list_stacks()
    except AwsError:
        return False
    return True


def _until(condition: Callable[[], bool], deadline: float, complaint: str) -> None:
    while not condition():
        if time.monotonic() > deadline:
            raise DeploymentFailed(f"{complaint} after {_WAIT_SECONDS:.0f} s")
        time.sleep(_PAUSE_SECONDS)


if __name__ == "__main__":
    try:
        deploy_all()
    except DeploymentFailed as error:
        raise SystemExit(f"not deployed: {error}") from None
