"""Events of a dead letter: what an operator did with it.

The letter's text is not kept: it may be personal, and events are for ever.
"""

from typing import ClassVar

from pydantic import Field

from gas.events.bodies import EventBody


class LetterBody(EventBody):
    """The body of an event of the stream ``letter/<letter_id>``; ``user_id`` is the operator.

    ``queue`` is the short name of the queue that the letter was given up in, ``subject`` and
    ``event_type`` those of the event in it, if it is one, ``body_sha256`` the digest of its text.
    """

    letter_id: str
    queue: str
    reason: str
    subject: str | None = None
    event_type: str | None = None
    body_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @property
    def stream(self) -> str:
        return f"letter/{self.letter_id}"


class LetterRedriven(LetterBody):
    """An operator sent a dead letter back to its queue. ``reason`` is why."""

    TYPE: ClassVar[str] = "gas.letter.redriven.v1"


class LetterDiscarded(LetterBody):
    """An operator deleted a dead letter for good. ``reason`` is why."""

    TYPE: ClassVar[str] = "gas.letter.discarded.v1"
