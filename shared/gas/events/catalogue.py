"""Every event type that GAS has published, and how to read an event from JSON.

The schema of a body may only grow. Any other change is a new version: add the new class to
``BODIES``, and an upcaster that turns the ``data`` of the old type into that of the new one. Keep a
sample of each version in ``tests/contract/samples``: old events must stay readable for ever.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gas.events.account import (
    AccountClosed,
    AccountDowngraded,
    AccountErased,
    AccountRegistered,
    AccountReinstated,
    AccountSuspended,
    AccountTermsAccepted,
    AccountTokenCreated,
    AccountUpgraded,
)
from gas.events.bodies import EventBody
from gas.events.bundle import BundleReinstated, BundleRetired
from gas.events.envelope import Event, schema_uri
from gas.events.job import (
    JobArchived,
    JobCancelled,
    JobCompleted,
    JobDeleted,
    JobDeletionRequested,
    JobDeletionWithdrawn,
    JobFailed,
    JobInputFetched,
    JobReopened,
    JobRestored,
    JobRestoreRequested,
    JobSplit,
    JobStarted,
    JobSubmitted,
)
from gas.events.letter import LetterDiscarded, LetterRedriven

Data = dict[str, Any]
Upcaster = Callable[[Data], tuple[str, Data]]
"""Takes the ``data`` of an old version; returns the type and ``data`` of a newer one."""

BODIES: tuple[type[EventBody], ...] = (
    AccountRegistered,
    AccountUpgraded,
    AccountDowngraded,
    AccountSuspended,
    AccountReinstated,
    AccountClosed,
    AccountErased,
    AccountTokenCreated,
    AccountTermsAccepted,
    JobSubmitted,
    JobInputFetched,
    JobStarted,
    JobSplit,
    JobCompleted,
    JobFailed,
    JobArchived,
    JobRestoreRequested,
    JobRestored,
    JobCancelled,
    JobReopened,
    JobDeleted,
    JobDeletionRequested,
    JobDeletionWithdrawn,
    LetterRedriven,
    LetterDiscarded,
    BundleRetired,
    BundleReinstated,
)

_OUR_TYPE = re.compile(r"gas\.[a-z]+\.[a-z_]+\.v[0-9]+")
_JSON_OBJECT: TypeAdapter[Data] = TypeAdapter(dict[str, Any])


class InvalidEvent(ValueError):
    """The text is not an event of GAS and never will be; the message is the reason."""


class UnknownEventType(LookupError):
    """A well-formed event of GAS, of a type or version that this program does not know (yet)."""


UNREADABLE = (InvalidEvent, UnknownEventType)
"""For ``except``: this program cannot read the text, whatever the reason."""


class Catalogue:
    """The event types that a program can read, with upcasters for old versions."""

    def __init__(
        self, bodies: Sequence[type[EventBody]], upcasters: Mapping[str, Upcaster]
    ) -> None:
        self._bodies = {body.TYPE: body for body in bodies}
        self._upcasters = dict(upcasters)

    @property
    def bodies(self) -> tuple[type[EventBody], ...]:
        """The current body classes, in the order of ``docs/events.md``."""
        return tuple(self._bodies.values())

    def parse(self, text: str | bytes) -> Event:
        """Read one event from CloudEvents JSON; returns it in its newest version.

        Raises InvalidEvent if the text can never be an event, UnknownEventType if a newer
        program may be able to read it.
        """
        try:
            envelope = _JSON_OBJECT.validate_json(text)
        except ValidationError as error:
            raise InvalidEvent(f"not a JSON object: {_first_fault(error)}") from None
        event_type, data = self._newest(envelope.get("type"), envelope.get("data"))
        try:
            body = self._bodies[event_type].model_validate(data)
            return Event.model_validate(
                {**envelope, "type": event_type, "dataschema": schema_uri(event_type), "data": body}
            )
        except ValidationError as error:
            raise InvalidEvent(f"{event_type}: {_first_fault(error)}") from None

    def _newest(self, event_type: object, data: object) -> tuple[str, Data]:
        if not isinstance(event_type, str) or not _OUR_TYPE.fullmatch(event_type):
            raise InvalidEvent(f"type {event_type!r} is not gas.<stream>.<fact>.v<version>")
        if not isinstance(data, dict):
            raise InvalidEvent(f"{event_type}: data is not a JSON object")
        while event_type in self._upcasters:
            event_type, data = self._upcasters[event_type](data)
        if event_type not in self._bodies:
            raise UnknownEventType(event_type)
        return event_type, data


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place}: {fault['msg']}" if place else fault["msg"]


CATALOGUE = Catalogue(BODIES, upcasters={})
