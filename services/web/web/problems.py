"""Errors of the REST API: problem details (RFC 9457), each with a stable type.

Pages show the same problems as text.
"""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

TYPE_PREFIX = "urn:gas:problem:"


class Problem(Exception):
    """An error for the caller. Programs read its type, so ``slug``, the end of it, never changes.

    ``title`` is the same for all problems of a type, ``detail`` explains this one and says what to
    do; ``extra`` are further members of the JSON object.
    """

    def __init__(self, status: int, slug: str, title: str, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.title = title
        self.detail = detail
        self.extra = extra

    def response(self) -> Response:
        """The problem as ``application/problem+json``."""
        answer = jsonify(
            type=TYPE_PREFIX + self.slug,
            title=self.title,
            status=self.status,
            detail=self.detail,
            **self.extra,
        )
        answer.status_code = self.status
        answer.content_type = "application/problem+json"
        if self.status == 401:
            answer.headers["WWW-Authenticate"] = 'Bearer realm="GAS"'
        return answer


def not_found() -> Problem:
    """404 for a job that does not exist or is another user's: callers cannot tell which."""
    return Problem(404, "not-found", "Not found", "You have no job with this id.")


def invalid_body(error: ValidationError) -> Problem:
    """422 for a JSON body that does not match its model; names every invalid field."""
    faults = [
        {"field": ".".join(map(str, fault["loc"])) or "body", "message": fault["msg"]}
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    detail = "; ".join(f"{fault['field']}: {fault['message']}" for fault in faults)
    return Problem(422, "invalid-request", "The request is not valid", detail, errors=faults)


def invalid_field(field: str, message: str, status: int = 422) -> Problem:
    """A problem with one field, parameter or header of the request."""
    return Problem(
        status,
        "invalid-request",
        "The request is not valid",
        f"{field}: {message}",
        errors=[{"field": field, "message": message}],
    )


def from_http(error: HTTPException) -> Problem:
    """An error of Flask itself, such as an unknown path or method, as a problem."""
    status = error.code or 500
    slug = (error.name or "error").lower().replace(" ", "-")
    return Problem(status, slug, error.name, error.description or error.name)
