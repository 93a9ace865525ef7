"""What the server and the application tell each other about a request, in its environment."""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

MAX_BODY_BYTES = 64 << 10
"""The largest request body: forms and small JSON. Files are uploaded to S3 directly."""

ADMITTING = "gas.admitting"
"""Set while the body is not read yet: the application only decides whether it may be sent."""

ADMITTED = "gas.admitted"
"""Set by the application if it may."""

REFUSAL = "gas.refusal"
"""A Problem with which the server refuses the request; the application writes the answer."""

GONE = "gas.gone"
"""A ``threading.Event`` that is set when the client has closed the connection."""


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


def client_gone() -> threading.Event:
    """An event that is set when the client of this request has gone: nobody waits for the answer.

    Long work, such as a query, looks at it and stops. Outside the server it is never set.
    """
    environ: dict[str, Any] = request.environ
    gone: threading.Event = environ.setdefault(GONE, threading.Event())
    return gone
