"""What the server and the application tell each other about a request, in its environment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask, Response, has_request_context, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

MAX_BODY_BYTES = 64 << 10
"""The largest request body: forms and small JSON. Files are uploaded to S3 directly."""

ADMITTING = "gas.admitting"
"""Set while the body is not read yet: the application only decides whether it may be sent."""

ADMITTED = "gas.admitted"
"""Set by the application if it may."""

CALLER = "gas.caller"
"""Who sent the request, as the application found when it was asked whether the body may be sent.

Kept for the request itself, so that the database is asked once.
"""

REFUSAL = "gas.refusal"
"""A Problem with which the server refuses the request; the application writes the answer."""

DEPARTURE = "gas.departure"
"""The ``Departure`` of the request's client."""


class Departure:
    """Whether the client has closed the connection: nobody waits for the answer any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._has_happened = False
        self._calls: list[Callable[[], None]] = []

    @property
    def has_happened(self) -> bool:
        """True once the client has gone."""
        return self._has_happened

    def happen(self) -> None:
        """The client has gone: stop what works for it."""
        with self._lock:
            self._has_happened = True
            calls, self._calls = self._calls, []
        for stop in calls:
            stop()

    @contextmanager
    def stops(self, stop: Callable[[], None]) -> Iterator[None]:
        """Call ``stop``, from another thread, if the client goes during the block."""
        with self._lock:
            if not self._has_happened:
                self._calls.append(stop)
        if self._has_happened:
            stop()
        try:
            yield
        finally:
            with self._lock:
                if stop in self._calls:
                    self._calls.remove(stop)


class AdmittingFlask(Flask):
    """A Flask that can be asked whether a request may send its body, before any view runs.

    So a wrong path, a missing session or token and a body that is too large cost no waiting.
    """

    def preprocess_request(self) -> ResponseReturnValue | None:
        """Run the hooks before the view, except for a request that the server refuses."""
        # The hooks ask the database who it is; a server that has no thread left must not wait.
        if REFUSAL in request.environ:
            raise request.environ[REFUSAL]
        return super().preprocess_request()

    def dispatch_request(self) -> ResponseReturnValue:
        """Call the view, except for a request whose body is not read yet."""
        environ = request.environ
        if ADMITTING not in environ or request.routing_exception is not None:
            return super().dispatch_request()
        if (request.content_length or 0) > MAX_BODY_BYTES:
            raise RequestEntityTooLarge
        environ[ADMITTED] = True
        return Response(status=204)


@contextmanager
def stopped_with_client(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop``, from another thread, if this request's client goes during the block.

    For long work that can be interrupted, such as a query. Outside a request it does nothing.
    """
    departure = request.environ.get(DEPARTURE) if has_request_context() else None
    if departure is None:
        yield
        return
    with departure.stops(stop):
        yield
