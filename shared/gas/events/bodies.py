"""The base of every event body, and values that both streams use."""

from abc import abstractmethod
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Plan(StrEnum):
    """The plan of a user: Free results go to cold storage, Premium results stay available."""

    FREE = "free"
    PREMIUM = "premium"


class Tier(StrEnum):
    """How fast, and at what price, cold storage restores something."""

    EXPEDITED = "expedited"
    STANDARD = "standard"
    BULK = "bulk"


class Fact(BaseModel):
    """A frozen value; unknown fields are ignored, so that schemas can grow."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class EventBody(Fact):
    """The ``data`` of one event type. ``TYPE`` is ``gas.<stream>.<fact>.v<schema version>``."""

    TYPE: ClassVar[str]

    user_id: str

    @property
    @abstractmethod
    def stream(self) -> str:
        """The stream that the event belongs to: ``job/<job_id>`` or ``account/<user_id>``."""
