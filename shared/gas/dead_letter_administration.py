"""What operators do with dead letters on the web: send back and discard, each as an event.

The event comes first: a crash in between leaves a letter that says nothing of it, and whoever
repeats the act finds the event and only does the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gas.domain.letter import Discard, LetterCommand, Redrive
from gas.events import CATALOGUE, UNREADABLE, Event, LetterDiscarded, LetterRedriven
from gas.eventstore.repository import JobRepository, LetterRepository, WriteContext
from gas.messaging.dead_letters import DEAD_LETTER_QUEUES, DeadLetters, log_left, reopen
from gas.messaging.queue import Message
from gas.recovery.jobs import submit_dead_letter_again
from gas.tables.uploads import UploadTable

MAX_AT_ONCE = 20
"""Letters that one request sends back: each takes some ten calls of AWS, and a person waits."""

MAX_SEARCHED = 100
"""Letters that are looked through for one: SQS cannot receive by id, and a person waits."""


class NoSuchQueue(LookupError):
    """There is no dead-letter queue of that name."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, and why: ``by`` is the operator's user id."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeadLetterAdministration:
    """``letters_of`` are the dead letters of a queue, by its short name."""

    letters_of: Callable[[str], DeadLetters]
    letters: LetterRepository
    jobs: JobRepository
    write_context: WriteContext
    uploads: UploadTable

    def look(self, queue: str, limit: int) -> list[Message]:
        """Up to ``limit`` letters of that queue. Raises NoSuchQueue."""
        return self._queue(queue).look(limit)

    def redrive(
        self,
        queue: str,
        letter_id: str | None,
        act: Act,
        left: Callable[[Message, str], None] = log_left,
    ) -> int:
        """Send one letter back, or up to 20 for None; returns how many. Raises NoSuchQueue.

        Jobs that failed because of them are reopened; a job that the log has lost is submitted
        again. A letter whose job cannot be read stays, and ``left`` is called with the reason.
        """

        def before(letter: Message) -> None:
            if not submit_dead_letter_again(letter.body, self.write_context, self.uploads):
                reopen(letter, self.jobs, act.by, act.reason)
            # After what may refuse it: of a letter that stays nothing became.
            self._record(letter, Redrive(LetterRedriven(**_about(queue, letter, act))))

        limit = MAX_SEARCHED if letter_id else MAX_AT_ONCE
        return self._queue(queue).redrive(letter_id, before, limit, left)

    def discard(self, queue: str, letter_id: str, act: Act) -> int:
        """Delete one letter for good; returns 1, or 0 if it is not there. Raises NoSuchQueue."""

        def before(letter: Message) -> None:
            self._record(letter, Discard(LetterDiscarded(**_about(queue, letter, act))))

        return self._queue(queue).discard(letter_id, before, MAX_SEARCHED)

    def _record(self, letter: Message, command: LetterCommand) -> None:
        self.letters.execute(letter.id, command)

    def _queue(self, name: str) -> DeadLetters:
        if name not in DEAD_LETTER_QUEUES:
            raise NoSuchQueue(name)
        return self.letters_of(name)


def event_in(letter: Message) -> Event | None:
    """The event that the letter carries; None if it is none that this program can read."""
    try:
        return CATALOGUE.parse(letter.body)
    except UNREADABLE:
        return None


def _about(queue: str, letter: Message, act: Act) -> dict[str, Any]:
    event = event_in(letter)
    return {
        "user_id": act.by,
        "letter_id": letter.id,
        "queue": queue,
        "reason": act.reason,
        "subject": event.subject if event else None,
        "event_type": event.type if event else None,
        "body_sha256": hashlib.sha256(letter.body.encode()).hexdigest(),
    }
