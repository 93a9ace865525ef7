"""Errors of the REST API: problem details (RFC 9457), each with a stable type.

Pages show the same problems as text.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask import Response, jsonify
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from gas.observability import tracing
from web.accounts.operators import Operators

TYPE_PREFIX = "urn:gas:problem:"
_RETRY_SECONDS = 10


class Problem(Exception):
    """An error for the caller. Programs read its type, so ``slug``, the end of it, never changes.

    ``title`` is the same for all problems of a type, ``detail`` explains this one and says what to
    do; ``extra`` are further members of the JSON object. ``retry_after`` (seconds) is a member too,
    and a header.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        title: str,
        detail: str,
        *,
        retry_after: int | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.title = title
        self.detail = detail
        self.extra = extra if retry_after is None else {**extra, "retry_after": retry_after}
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer, of a page as well as of JSON."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}

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
        answer.headers.update(self.headers)
        if self.status == 401:
            answer.headers["WWW-Authenticate"] = 'Bearer realm="GAS"'
        return answer


def not_found() -> Problem:
    """404 for a job that does not exist or is another user's: callers cannot tell which."""
    return Problem(404, "not-found", "Not found", "You have no job with this id.")


def suspended(operators: Operators) -> Problem:
    """403 for a user whose account operators have suspended."""
    return Problem(
        403,
        "account-suspended",
        "Your account is suspended",
        "Your account is suspended. Your files and results are kept, and your waiting jobs wait."
        f" {operators.request}",
    )


def closed() -> Problem:
    """403 for what is sent in the name of an account that is closed."""
    return Problem(
        403,
        "account-closed",
        "Your account is closed",
        "Your account is closed, and everything of yours is being deleted. Whoever logs in again"
        " begins a new, empty account.",
    )


def unavailable() -> Problem:
    """503 while AWS does not answer, with an id by which operators find the request in the log."""
    trace_id = _trace_id()
    return Problem(
        503,
        "unavailable",
        "GAS is not available",
        "Nothing is lost. Please try again in a minute."
        f" If that does not help, send us this id: {trace_id}",
        retry_after=_RETRY_SECONDS,
        trace_id=trace_id,
    )


def internal() -> Problem:
    """500 for a fault of ours, with an id by which operators find the request in the log."""
    trace_id = _trace_id()
    return Problem(
        500,
        "internal",
        "Something went wrong on our side",
        "Nothing is lost. Please try again in a minute."
        f" If that does not help, send us this id: {trace_id}",
        trace_id=trace_id,
    )


def unreadable(operators: Operators) -> Problem:
    """409 for a job or an account with an event that this release cannot read."""
    trace_id = _trace_id()
    return Problem(
        409,
        "record-unreadable",
        "A record cannot be read",
        "The history of this job or account has an entry that this version of GAS cannot read, so"
        " nothing was changed. Nothing is lost, and trying again does not help."
        f" {operators.request} Send them this id: {trace_id}",
        trace_id=trace_id,
    )


def busy() -> Problem:
    """503 while too many requests or downloads run already."""
    trace_id = _trace_id()
    return Problem(
        503,
        "busy",
        "GAS is busy",
        f"Too many people ask at the same time. Please try again in a minute. Id: {trace_id}",
        retry_after=_RETRY_SECONDS,
        trace_id=trace_id,
    )


def too_slow() -> Problem:
    """408 for a body that does not arrive in time."""
    return Problem(
        408,
        "request-timeout",
        "The request took too long",
        "Your request did not arrive in full. Check the connection and send it again.",
    )


def too_large() -> Problem:
    """413 for a body that turns out to be too large while it arrives."""
    return from_http(RequestEntityTooLarge())


def _trace_id() -> str:
    """The id of the current trace, or a new one where traces are off."""
    return tracing.log_ids().get("trace_id") or uuid4().hex


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
