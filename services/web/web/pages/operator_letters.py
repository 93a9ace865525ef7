"""Operators' dead letters: look, send back, discard."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from gas.dead_letter_administration import MAX_AT_ONCE, MAX_SEARCHED, Act, event_in
from gas.events import Event
from gas.messaging.dead_letters import DEAD_LETTER_QUEUES
from gas.messaging.queue import Message
from web.identity.operators import require_operator
from web.operation.shared_readings import Box
from web.pages.operator_acts import act, operator_id
from web.ports import ports
from web.problems import Problem

blueprint = Blueprint("operator_letters", __name__, url_prefix="/operator/dead-letters")
blueprint.before_request(require_operator)

_MOST_SHOWN = 20
_MOST_BODY = 20_000  # characters of a letter that are shown
_GONE = (
    "Nothing was done: this letter was not found. It was sent back or discarded, or somebody moves"
    f" it at this moment. Of a queue with more, only {MAX_SEARCHED} letters are looked through."
)


@dataclass(frozen=True, slots=True)
class ShownLetter:
    """A letter with the event in it, if it is one, and its text as a person reads it."""

    message: Message
    event: Event | None
    text: str

    @property
    def job_id(self) -> str | None:
        """The job that it is about."""
        return getattr(self.event.data, "job_id", None) if self.event else None


@blueprint.get("")
def letter_list() -> str:
    """How many letters each queue has, and those of one queue."""
    box = ports().operation.readings.boxes(["queues"])["queues"]
    queue = request.args.get("queue") or _first_with_letters(box)
    letters = ports().operation.letters.look(_known(queue), _MOST_SHOWN) if queue else []
    return render_template(
        "operator/letters.html",
        box=box,
        queue=queue,
        letters=[_shown(letter) for letter in letters],
        most=_MOST_SHOWN,
        at_once=MAX_AT_ONCE,
    )


@blueprint.post("/<queue>/redrive")
def redrive(queue: str) -> Response:
    """Send one letter back, or many."""
    letter_id = request.form.get("letter_id") or None

    def do(reason: str) -> tuple[str, str]:
        administration = ports().operation.letters
        kept: list[str] = []
        count = administration.redrive(
            _known(queue),
            letter_id,
            Act(operator_id(), reason),
            left=lambda _, why: kept.append(why),
        )
        if kept:
            stay = "One letter stays" if len(kept) == 1 else f"{len(kept)} letters stay"
            return "warning", f"{stay}: {kept[0]}. Sent back to {queue}: {count}."
        if not count:
            return "warning", _GONE if letter_id else "There was nothing to send back."
        letters = "1 letter was" if count == 1 else f"{count} letters were"
        return "success", f"{letters} sent back to {queue}."

    return act(url_for("operator_letters.letter_list", queue=queue), do)


@blueprint.post("/<queue>/discard")
def discard(queue: str) -> Response:
    """Delete one letter for good."""
    letter_id = request.form.get("letter_id", "")

    def do(reason: str) -> tuple[str, str]:
        administration = ports().operation.letters
        count = administration.discard(_known(queue), letter_id, Act(operator_id(), reason))
        return ("success", "The letter is discarded.") if count else ("warning", _GONE)

    return act(url_for("operator_letters.letter_list", queue=queue), do)


def _known(queue: str) -> str:
    if queue not in DEAD_LETTER_QUEUES:
        raise Problem(404, "not-found", "Not found", f"There is no queue {queue}.")
    return queue


def _first_with_letters(box: Box) -> str:
    if box.value is None:
        return ""
    return next((line.name for line in box.value.lines if line.dead), "")


def _shown(letter: Message) -> ShownLetter:
    try:
        text = json.dumps(json.loads(letter.body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = letter.body
    return ShownLetter(letter, event_in(letter), text[:_MOST_BODY])
