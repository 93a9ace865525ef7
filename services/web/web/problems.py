"""Errors of the REST API: RFC 9457 problem details, each with a stable type."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

TYPE_PREFIX = "urn:gas:problem:"


class Problem(Exception):
    """An error to tell the caller of the API. ``slug`` ends its ``type`` and never changes."""

    def __init__(self, status: int, slug: str, title: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.title = title
        self.detail = detail
        self.more = more

    def response(self) -> Response:
        """The problem as ``application/problem+json``."""
        answer = jsonify(
            type=TYPE_PREFIX + self.slug,
            title=self.title,
            status=self.status,
            detail=self.detail,
            **self.more,
        )
        answer.status_code = self.status
        answer.content_type = "application/problem+json"
        if self.status == 401:
            answer.headers["WWW-Authenticate"] = 'Bearer realm="GAS"'
        return answer


def not_found() -> Problem:
    """The job is another user's, or there is none: callers cannot tell which."""
    return Problem(404, "not-found", "Not found", "There is no such job.")


def invalid_body(error: ValidationError) -> Problem:
    """The JSON body does not fit; every field at fault is named."""
    faults = [
        {"field": ".".join(map(str, fault["loc"])) or "body", "message": fault["msg"]}
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    detail = "; ".join(f"{fault['field']}: {fault['message']}" for fault in faults)
    return Problem(422, "invalid-request", "The request is not valid", detail, errors=faults)


def invalid_field(field: str, message: str, status: int = 422) -> Problem:
    """One field or parameter is at fault."""
    return Problem(
        status,
        "invalid-request",
        "The request is not valid",
        f"{field}: {message}",
        errors=[{"field": field, "message": message}],
    )


def from_http(error: HTTPException) -> Problem:
    """What Flask itself refuses, such as an unknown path or method."""
    status = error.code or 500
    slug = (error.name or "error").lower().replace(" ", "-")
    return Problem(status, slug, error.name, error.description or error.name)
