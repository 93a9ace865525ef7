"""Repositories: load, decide, append, publish. The only way to change an aggregate.

The rules themselves are in ``gas.domain``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Generic, Protocol, TypeVar

from gas.aws.backoff import Pause, pause
from gas.domain import account as account_domain
from gas.domain import bundle as bundle_domain
from gas.domain import job as job_domain
from gas.domain import job_rules
from gas.domain import letter as letter_domain
from gas.domain.account import Account, AccountCommand
from gas.domain.bundle import BundleVersion
from gas.domain.errors import IllegalStep, OutOfOrder
from gas.domain.job import Job
from gas.domain.job_rules import JobCommand
from gas.domain.letter import Letter, LetterCommand
from gas.events import UNREADABLE, Event, EventBody
from gas.eventstore.guards import Guard, GuardFailed
from gas.eventstore.log import Conflict, EventLog
from gas.eventstore.publisher import EventBus, Marks, publish_committed
from gas.eventstore.rows import Row, account_row, job_row
from gas.observability import tracing

MAX_CONFLICTS = 10
"""Lost races after which a command fails: more than the processes that write one stream at once."""

BROKEN_STREAM = (*UNREADABLE, OutOfOrder)
"""For ``except``: what ``load`` raises where a stream cannot be read or folded."""

# Callers expect these, so a trace does not show them as errors.
_EXPECTED_ERRORS = (IllegalStep, GuardFailed)


class Versioned(Protocol):
    """The state of an aggregate; ``version`` is the number of its events."""

    @property
    def version(self) -> int: ...


State = TypeVar("State", bound=Versioned)
Command = TypeVar("Command")


@dataclass(frozen=True, slots=True)
class Aggregate(Generic[State, Command]):
    """One kind of aggregate: how its streams are named, folded, decided and projected.

    ``kind`` begins the name of its streams: ``job`` for ``job/<job_id>``. A kind without a
    projection has no ``row``.
    """

    kind: str
    evolve: Callable[[State | None, Event], State]
    decide: Callable[[State | None, Command], Sequence[EventBody]]
    row: Callable[[State], Row | None]

    def stream(self, id: str) -> str:
        """The name of the stream of the aggregate with that id."""
        return f"{self.kind}/{id}"

    def fold(self, events: Sequence[Event]) -> State | None:
        """The state after ``events``; None where there are none."""
        start: State | None = None
        return reduce(self.evolve, events, start)


JOB: Aggregate[Job, JobCommand] = Aggregate("job", job_domain.evolve, job_rules.decide, job_row)
ACCOUNT: Aggregate[Account, AccountCommand] = Aggregate(
    "account", account_domain.evolve, account_domain.decide, account_row
)
LETTER: Aggregate[Letter, LetterCommand] = Aggregate(
    "letter", letter_domain.evolve, letter_domain.decide, lambda _: None
)

BUNDLE: Aggregate[BundleVersion, bundle_domain.Record] = Aggregate(
    "bundle", bundle_domain.evolve, bundle_domain.decide, lambda _: None
)


@dataclass(frozen=True, slots=True)
class WriteContext:
    """The ports that writing needs; ``source`` is the CloudEvents source: ``/gas/annotator``.

    ``pause`` waits between two tries of a command. ``marks`` removes published events from the
    outbox, by default the log, at once.
    """

    log: EventLog
    bus: EventBus
    now: Callable[[], datetime]
    new_id: Callable[[], str]
    source: str
    pause: Pause = pause
    marks: Marks | None = None

    def publish(self, event: Event) -> None:
        """Publish a committed event, or leave it for the relay."""
        publish_committed(self.marks or self.log, self.bus, event)


class Repository(Generic[State, Command]):
    """Loads and changes the aggregates of one kind."""

    def __init__(self, aggregate: Aggregate[State, Command], write_context: WriteContext) -> None:
        self._aggregate = aggregate
        self._context = write_context

    def load(self, id: str) -> State | None:
        """The state after all events in the log, strongly consistent; None if there is no event.

        Raises one of ``BROKEN_STREAM``.
        """
        return self._aggregate.fold(self._context.log.read(self._aggregate.stream(id)))

    def execute(
        self,
        id: str,
        command: Command,
        *,
        known: State | None = None,
        cause: Event | None = None,
        guards: Sequence[Guard] = (),
    ) -> State:
        """Execute ``command``; returns the state afterwards.

        Idempotent: nothing is appended where the command's aim is reached already. ``known`` is a
        state that the caller has; it saves a read, and a stale one costs a second attempt. If
        another writer appends first, the state is loaded and decided again after a pause. ``cause``
        is the event that led to the command. Raises an IllegalStep of the rules, GuardFailed, or
        Conflict after ten lost races.
        """
        return self._traced(id, command, known or self.load(id), cause, guards)

    def publish_again(self, id: str) -> None:
        """Publish the first event of the aggregate once more, whose message may be lost."""
        self._context.bus.publish(self._context.log.read(self._aggregate.stream(id))[0])

    def begin(self, id: str, command: Command, *, guards: Sequence[Guard] = ()) -> State:
        """Execute the first command of an aggregate whose id was made just now.

        As ``execute``, without a read of a stream that cannot exist.
        """
        return self._traced(id, command, None, None, guards)

    def _traced(
        self,
        id: str,
        command: Command,
        state: State | None,
        cause: Event | None,
        guards: Sequence[Guard],
    ) -> State:
        name = f"{self._aggregate.kind}: {type(command).__name__}"
        with tracing.writing(
            self._aggregate.stream(id), name, begins=state is None, expected=_EXPECTED_ERRORS
        ):
            return self._write(id, command, state, cause, guards)

    def _write(
        self,
        id: str,
        command: Command,
        state: State | None,
        cause: Event | None,
        guards: Sequence[Guard],
    ) -> State:
        for tries in range(1, MAX_CONFLICTS + 1):
            bodies = self._aggregate.decide(state, command)
            if not bodies and state is not None:
                return state
            events = self._seal(bodies, state.version if state else 0, cause)
            after = reduce(self._aggregate.evolve, events, state)
            assert after is not None, "a fold of at least one event is a state"
            try:
                self._context.log.append(events, self._aggregate.row(after), guards)
            except Conflict:
                if tries < MAX_CONFLICTS:
                    self._context.pause(tries)
                # Decide again on the new state: what was legal may not be any more.
                state = self.load(id)
                continue
            # Only committed events are published. A crash from here on leaves them in the outbox.
            for event in events:
                self._context.publish(event)
            return after
        raise Conflict(f"{self._aggregate.stream(id)}: {MAX_CONFLICTS} conflicts in a row")

    def _seal(self, bodies: Sequence[EventBody], version: int, cause: Event | None) -> list[Event]:
        return [
            Event.of(
                body,
                id=self._context.new_id(),
                time=self._context.now(),
                source=self._context.source,
                streamversion=version + position,
                cause=cause,
                traceparent=tracing.traceparent(),
            )
            for position, body in enumerate(bodies, start=1)
        ]


JobRepository = Repository[Job, JobCommand]
AccountRepository = Repository[Account, AccountCommand]
LetterRepository = Repository[Letter, LetterCommand]
BundleRepository = Repository[BundleVersion, bundle_domain.Record]
