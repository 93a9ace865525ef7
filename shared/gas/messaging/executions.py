"""Executions of the state machine that spreads the parts of a file over many tasks.

It sends one message for each part, waits for an answer to the token in it, and sends a last message
when all parts are answered. The definition is in ``ecs/scatter.yaml``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from json import dumps, loads
from typing import Any, Protocol

import structlog
from botocore.exceptions import ClientError

from gas.aws.errors import error_code

logger = structlog.get_logger()

MACHINE = "scatter"
"""The short name of the state machine."""

# Limits of Amazon Step Functions API reference, "SendTaskFailure" and "StopExecution".
_MAX_ERROR = 256
_MAX_CAUSE = 32_768

# Nobody waits for the answer any more, or it was given before.
_OVER = {"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"}
_GONE = {"ExecutionDoesNotExist", "StateMachineDoesNotExist"}


@dataclass(frozen=True, slots=True)
class Scatter:
    """The input of an execution: the job, the number of its split, and where its items are.

    ``items_key`` is an object in ``bucket`` with what ``items_of`` gives.
    """

    user_id: str
    job_id: str
    split: int
    bucket: str
    items_key: str

    @property
    def name(self) -> str:
        """The name of the execution, of which there is never a second one."""
        return execution_name(self.job_id, self.split)


def items_of(parts: int) -> str:
    """The items of an execution for so many parts, as JSON: their numbers, from 0.

    An array, because LocalStack 4.14 reads no JSON Lines.
    """
    return dumps([{"number": number} for number in range(parts)])


def execution_name(job_id: str, split: int) -> str:
    """The name of the execution for a split of a job, by the split's number."""
    return f"{job_id}-{split}"


def job_of(body: str) -> str | None:
    """The id of the job that an execution sent that message for; None for any other message."""
    try:
        message = loads(body)
    except ValueError:
        return None
    is_ours = isinstance(message, dict) and {"kind", "job_id", "token"} <= set(message)
    return str(message["job_id"]) if is_ours else None


class Executions(Protocol):
    """Starts executions, and answers the tokens that they wait for."""

    def start(self, scatter: Scatter) -> None:
        """Start the execution; no effect if it was started before."""

    def is_running(self, name: str) -> bool:
        """True while the execution waits for something; False also if there is no such one."""

    def stop(self, name: str, reason: str) -> None:
        """Stop the execution; no effect if there is no such one, or it has ended."""

    def beat(self, token: str) -> bool:
        """Report that the work for the token goes on; False if nobody waits for it any more."""

    def answer(self, token: str) -> None:
        """Report that the work for the token is done; no effect if nobody waits for it."""

    def refuse(self, token: str, error: str, cause: str) -> None:
        """Report that it will not be done, so the execution ends; no effect as in ``answer``."""


class StatesClient(Protocol):
    """What is used of boto3's client of Step Functions, whose types are no dependency."""

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> Any: ...
    def describe_execution(self, *, executionArn: str) -> Any: ...
    def stop_execution(self, *, executionArn: str, cause: str) -> Any: ...
    def send_task_heartbeat(self, *, taskToken: str) -> Any: ...
    def send_task_success(self, *, taskToken: str, output: str) -> Any: ...
    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> Any: ...


class StepFunctions:
    """Executions of the state machine with that ARN, in AWS Step Functions."""

    def __init__(self, client: StatesClient, machine_arn: str) -> None:
        self._client = client
        self._machine = machine_arn

    def start(self, scatter: Scatter) -> None:
        try:
            self._client.start_execution(
                stateMachineArn=self._machine, name=scatter.name, input=dumps(asdict(scatter))
            )
        except ClientError as error:
            if error_code(error) != "ExecutionAlreadyExists":
                raise

    def is_running(self, name: str) -> bool:
        try:
            found = self._client.describe_execution(executionArn=self._arn(name))
        except ClientError as error:
            if error_code(error) in _GONE:
                return False
            raise
        return bool(found["status"] in {"RUNNING", "PENDING_REDRIVE"})

    def stop(self, name: str, reason: str) -> None:
        # Asked first: an execution that has ended cannot be stopped, and the error for that has no
        # code of its own.
        if not self.is_running(name):
            return
        try:
            self._client.stop_execution(executionArn=self._arn(name), cause=reason[:_MAX_CAUSE])
        except ClientError as error:
            if error_code(error) not in {*_GONE, "ValidationException"}:
                raise

    def beat(self, token: str) -> bool:
        try:
            self._client.send_task_heartbeat(taskToken=token)
        except ClientError as error:
            return _still(error)
        return True

    def answer(self, token: str) -> None:
        try:
            self._client.send_task_success(taskToken=token, output="{}")
        except ClientError as error:
            _still(error)

    def refuse(self, token: str, error: str, cause: str) -> None:
        try:
            self._client.send_task_failure(
                taskToken=token, error=error[:_MAX_ERROR], cause=cause[:_MAX_CAUSE]
            )
        except ClientError as failure:
            _still(failure)

    def _arn(self, name: str) -> str:
        return f"{self._machine.replace(':stateMachine:', ':execution:')}:{name}"


def _still(error: ClientError) -> bool:
    """False for an error that says that the token is over. Raises any other."""
    if error_code(error) not in _OVER:
        raise error
    logger.info("nobody waits for this part any more", reason=error_code(error))
    return False
