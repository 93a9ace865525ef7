"""A dead letter as the fold of what operators did with it, and the rules of that.

The letter itself is a message of SQS: this is only the record of its end.
"""

from dataclasses import dataclass, replace

from gas.domain.errors import OutOfOrder
from gas.events import Event, LetterBody, LetterDiscarded, LetterRedriven


@dataclass(frozen=True, slots=True)
class Letter:
    """The state of the stream ``letter/<letter_id>`` after ``version`` events."""

    letter_id: str
    version: int
    is_discarded: bool


@dataclass(frozen=True, slots=True)
class Redrive:
    """Record that the letter is sent back; ``of`` is what the event says."""

    of: LetterRedriven


@dataclass(frozen=True, slots=True)
class Discard:
    """Record that the letter is deleted; ``of`` is what the event says."""

    of: LetterDiscarded


LetterCommand = Redrive | Discard


def evolve(letter: Letter | None, event: Event) -> Letter:
    """The letter after ``event``. Raises OutOfOrder if the event does not follow."""
    expected = letter.version + 1 if letter else 1
    body = event.data
    if event.streamversion != expected or not isinstance(body, LetterBody):
        raise OutOfOrder(f"{event.type} cannot be event {expected} of {event.subject}")
    is_discarded = isinstance(body, LetterDiscarded)
    if letter is None:
        return Letter(body.letter_id, 1, is_discarded)
    return replace(letter, version=expected, is_discarded=is_discarded)


def decide(letter: Letter | None, command: LetterCommand) -> tuple[LetterBody, ...]:
    """The event, or none if the same was recorded last: then its effect is only repeated.

    A letter is still there after its event where a process died between the two, and may then be
    treated otherwise.
    """
    if letter is not None and letter.is_discarded == isinstance(command, Discard):
        return ()
    return (command.of,)
