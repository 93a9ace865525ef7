"""The part of a page that the page fetches again, with ``?part=live``; a 304 if it is as before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, make_response, render_template, request


def is_part() -> bool:
    """True if only that part of the page is asked for."""
    return request.args.get("part") == "live"


def part_of_page(
    template: str, state: tuple[object, ...] | None, values: Callable[[], Mapping[str, Any]]
) -> Response:
    """The part, or that it is the one which the page has: then nothing is read and written for it.

    ``state`` decides all that the part shows, apart from tokens of forms; None if that is unknown.
    """
    if state is None:
        return make_response(render_template(template, **values()))
    tag = hashlib.sha256(repr(state).encode()).hexdigest()[:32]
    if request.if_none_match.contains(tag):
        answer = Response(status=304)
    else:
        answer = make_response(render_template(template, **values()))
    answer.set_etag(tag)
    return answer
