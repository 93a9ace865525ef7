"""CloudFormation stacks: prepare a change set, show it, execute it, explain a failure in a line."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ecs.environment import NotDeployed

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ChangeTypeDef, ResourceChangeTypeDef

NETWORK_STACK = "Network"
"""The logical id of the nested stack (``gas.yaml``) that everything else runs in."""

_WAIT_SECONDS = 3_600.0
_PAUSE_SECONDS = 2.0
_HALF_DEPLOYED = {
    # Statuses in which CloudFormation accepts no change set, with what to do.
    "ROLLBACK_COMPLETE": "its first deployment failed: `make destroy` it, then deploy anew",
    "ROLLBACK_FAILED": "its first deployment failed: `make destroy` it, then deploy anew",
    "CREATE_FAILED": "its first deployment failed: `make destroy` it, then deploy anew",
    "DELETE_FAILED": "it was not removed completely: `make destroy` it again",
    "UPDATE_ROLLBACK_FAILED": "an update could not be rolled back: see docs/operations.md",
}


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Changes of one stack, prepared but not executed; ``lines`` describe one resource each.

    ``uprooted`` names the parts of a network that would be replaced or removed.
    """

    stack: str
    id: str
    lines: tuple[str, ...]
    uprooted: tuple[str, ...] = ()


def uproots(change: ResourceChangeTypeDef) -> bool:
    """True for a change that takes a network, or a part of one, away from under what is in it."""
    goes = change.get("Action") == "Remove" or change.get("Replacement") == "True"
    # Of nested stacks only a removal says nothing of what is inside.
    kinds = {"AWS::EC2::VPC", "AWS::EC2::Subnet"}
    is_network_stack = (
        change.get("ResourceType") == "AWS::CloudFormation::Stack"
        and change.get("LogicalResourceId") == NETWORK_STACK
    )
    return goes and (change.get("ResourceType") in kinds or is_network_stack)


class Stacks:
    """The stacks of one account and region; ``pause`` is the seconds between two status queries."""

    def __init__(self, client: CloudFormationClient, pause: float = _PAUSE_SECONDS) -> None:
        self._client = client
        self._pause = pause

    def status(self, stack: str) -> str | None:
        """The status of a stack; None if it does not exist."""
        try:
            return self._client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise

    def outputs(self, stack: str) -> dict[str, str]:
        """The outputs of a stack, by name."""
        found = self._client.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
        return {output["OutputKey"]: output["OutputValue"] for output in found}

    def prepare(
        self, stack: str, template: Path, parameters: Mapping[str, str]
    ) -> ChangeSet | None:
        """Make a change set; None if nothing would change. Raises NotDeployed."""
        status = self.status(stack)
        if status in _HALF_DEPLOYED:
            raise NotDeployed(f"stack {stack} is {status}: {_HALF_DEPLOYED[status]}")
        if status and status.endswith("IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            raise NotDeployed(f"stack {stack} is {status}: wait until that is over")
        # REVIEW_IN_PROGRESS: a first change set was made and never executed, so there is nothing to
        # update.
        is_new = status in {None, "REVIEW_IN_PROGRESS"}
        made = self._client.create_change_set(
            StackName=stack,
            ChangeSetName=f"deploy-{time.time_ns()}",
            ChangeSetType="CREATE" if is_new else "UPDATE",
            TemplateBody=template.read_text("utf-8"),
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
            Capabilities=["CAPABILITY_IAM"],
            IncludeNestedStacks=True,
        )
        id = made["Id"]
        if not self._has_changes(id):
            self._client.delete_change_set(ChangeSetName=id)
            return None
        changes = tuple(self._nested_changes(id, 0))
        return ChangeSet(
            stack,
            id,
            tuple(_line(change, depth) for change, depth in changes),
            tuple(change.get("LogicalResourceId", "") for change, _ in changes if uproots(change)),
        )

    def deploy(self, stack: str, template: Path, parameters: Mapping[str, str]) -> None:
        """Create or update a stack without asking. Raises NotDeployed."""
        change = self.prepare(stack, template, parameters)
        if change:
            self.execute(change)

    def discard(self, change: ChangeSet) -> None:
        """Delete a change set without executing it."""
        self._client.delete_change_set(ChangeSetName=change.id)

    def execute(self, change: ChangeSet) -> None:
        """Execute the changes and wait until they are done. Raises NotDeployed."""
        self._client.execute_change_set(ChangeSetName=change.id)
        self._wait(change.stack)

    def delete(self, stack: str) -> None:
        """Delete a stack and wait until it is gone. Raises NotDeployed."""
        if self.status(stack) is None:
            return
        self._client.delete_stack(StackName=stack)
        self._wait(stack)

    def protect(self, stack: str) -> None:
        """Turn on termination protection: the stack cannot be deleted by mistake."""
        self._client.update_termination_protection(
            StackName=stack, EnableTerminationProtection=True
        )

    def _has_changes(self, id: str) -> bool:
        """Wait until the change set is made; False if it is empty. Raises NotDeployed."""
        deadline = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < deadline:
            found = self._client.describe_change_set(ChangeSetName=id)
            reason = found.get("StatusReason", "")
            if found["Status"] == "CREATE_COMPLETE":
                return True
            if found["Status"] == "FAILED":
                # The API has no other sign of an empty change set than its text.
                if "didn't contain changes" in reason or "No updates" in reason:
                    return False
                raise NotDeployed(f"the change set was refused: {reason}")
            time.sleep(self._pause)
        raise NotDeployed("the change set was not made within an hour")

    def _nested_changes(self, id: str, depth: int) -> Iterator[tuple[ResourceChangeTypeDef, int]]:
        """Every resource that changes, with how deep its stack is nested."""
        for change in self._changes(id):
            what = change.get("ResourceChange", {})
            yield what, depth
            nested = what.get("ChangeSetId")
            if nested:
                yield from self._nested_changes(nested, depth + 1)

    def _changes(self, id: str) -> Iterator[ChangeTypeDef]:
        token: dict[str, str] = {}
        while True:
            page = self._client.describe_change_set(ChangeSetName=id, **token)  # type: ignore[arg-type]
            yield from page.get("Changes", [])
            if "NextToken" not in page:
                return
            token = {"NextToken": page["NextToken"]}

    def _wait(self, stack: str) -> None:
        deadline = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < deadline:
            status = self.status(stack)
            if status is None or status == "DELETE_COMPLETE":
                return
            if not status.endswith("IN_PROGRESS"):
                if "FAILED" in status or "ROLLBACK" in status:
                    raise NotDeployed(f"stack {stack} is {status}: {self._reason(stack)}")
                return
            time.sleep(self._pause)
        raise NotDeployed(
            f"stack {stack} is still changing after an hour; see its events in the console"
        )

    def _reason(self, stack: str) -> str:
        """Which resource failed first, and why; searches nested stacks as well."""
        events = self._client.describe_stack_events(StackName=stack)["StackEvents"]
        failed = [event for event in events if event.get("ResourceStatus", "").endswith("FAILED")]
        for event in reversed(failed):  # the newest is first
            nested = event.get("PhysicalResourceId", "")
            if event.get("ResourceType") == "AWS::CloudFormation::Stack" and nested not in {
                "",
                event.get("StackId"),
            }:
                return self._reason(nested)
            return f"{event.get('LogicalResourceId')}: {event.get('ResourceStatusReason', '')}"
        return "see its events"


def _line(change: ResourceChangeTypeDef, depth: int) -> str:
    replaced = "  REPLACED" if change.get("Replacement") == "True" else ""
    action, name = change.get("Action", ""), change.get("LogicalResourceId", "")
    indent = "  " * depth
    return f"{indent}{action:<7} {name:<28} {change.get('ResourceType', '')}{replaced}"
