"""The messages that the state machine sends (``ecs/scatter.yaml``), and how they are told apart."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from gas.events import CATALOGUE, Event, InvalidEvent
from gas.messaging.executions import execution_name


class _ToDo(BaseModel):
    """Something to do for one split of a job; ``token`` is what the execution waits for."""

    user_id: str
    job_id: str
    split: int
    token: str

    @property
    def execution(self) -> str:
        """The name of the execution that sent it."""
        return execution_name(self.job_id, self.split)


class PartMessage(_ToDo):
    """Annotate the part with that number, from 0."""

    kind: Literal["part"] = "part"
    number: int = Field(ge=0)

    @property
    def work_id(self) -> str:
        """What is done by one process at a time."""
        return f"{self.job_id}/{self.number}"


class JoinMessage(_ToDo):
    """All parts are done: make the result of them."""

    kind: Literal["join"] = "join"

    @property
    def work_id(self) -> str:
        """What is done by one process at a time."""
        return f"{self.job_id}/join"


ToDo = PartMessage | JoinMessage
_TO_DO: TypeAdapter[ToDo] = TypeAdapter(Annotated[ToDo, Field(discriminator="kind")])


def read(body: str) -> ToDo | Event:
    """What a message of the queue of parts is. Raises InvalidEvent, UnknownEventType."""
    if not _is_to_do(body):
        return CATALOGUE.parse(body)
    try:
        return _TO_DO.validate_json(body)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise InvalidEvent(f"not a part: {fault['loc']}: {fault['msg']}") from None


def _is_to_do(body: str) -> bool:
    try:
        document = json.loads(body)
    except ValueError:
        return False  # the catalogue says what is wrong with it
    # Events in CloudEvents JSON have a type.
    return isinstance(document, dict) and "kind" in document and "type" not in document
