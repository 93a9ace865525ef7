"""A published version of a bundle as the fold of what operators did with it on the web.

Whether it is retired is told by the bucket of bundles, where commands mark it too: this is only the
record of who did it, and why.
"""

from dataclasses import dataclass

from gas.domain.errors import OutOfOrder
from gas.events import BundleBody, Event


@dataclass(frozen=True, slots=True)
class BundleVersion:
    """The state of the stream ``bundle/<bundle_id>``; ``last`` is the last act."""

    version: int
    last: BundleBody


@dataclass(frozen=True, slots=True)
class Record:
    """Record an act; ``of`` is what the event says."""

    of: BundleBody


def evolve(bundle: BundleVersion | None, event: Event) -> BundleVersion:
    """The bundle after ``event``. Raises OutOfOrder if the event does not follow."""
    expected = bundle.version + 1 if bundle else 1
    if event.streamversion != expected or not isinstance(event.data, BundleBody):
        raise OutOfOrder(f"{event.type} cannot be event {expected} of {event.subject}")
    return BundleVersion(expected, event.data)


def decide(bundle: BundleVersion | None, command: Record) -> tuple[BundleBody, ...]:
    """The event, or none if it says the same as the last one: then its effect is only repeated."""
    return () if bundle and bundle.last == command.of else (command.of,)
