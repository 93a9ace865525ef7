"""What the forms of operators have in common: who acts, and why."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gas.domain.errors import IllegalStep
from gas.domain.plain_text import without_hidden
from web.identity.requester import current_profile
from web.ports import ports

Act = Callable[[str], tuple[str, str]]
"""Gets the reason; returns a category of flashed messages and a sentence."""

MOST_REASON = 500
"""Characters of a reason; events keep it for ever."""


def operator_id() -> str:
    """Who acts, as events name them: the user id, and no address."""
    return current_profile().user_id


def act(back: str, do: Act) -> Response:
    """Do it with the form's reason, and go ``back`` with what became of it.

    Without a reason nothing is done.
    """
    reason = without_hidden(" ".join(request.form.get("reason", "").split()))[:MOST_REASON]
    if not reason:
        flash("Nothing was done: say why, so that the log can tell others.", "warning")
        return redirect(back)
    try:
        category, sentence = do(reason)
    except IllegalStep as obstacle:
        category, sentence = "warning", f"Nothing was done: {obstacle}."
    ports().operation.readings.forget()
    flash(sentence, category)
    return redirect(back)
