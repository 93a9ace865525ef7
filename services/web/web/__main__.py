"""``python -m web``: serve pages and API."""

from __future__ import annotations

import atexit
import gc
import sys

from gas.aws.clients import Aws
from gas.observability import logs, tracing
from gas.settings import load
from web.addresses import PublicAddress
from web.allocator import bound_arenas
from web.app import create_app
from web.backends import AwsBulkhead, patience
from web.live.hub import Hub
from web.ports import wire
from web.server.serving import serve
from web.settings import WebSettings

# Less than any age at which workers relay events that are still in the outbox.
_MARK_SECONDS = 0.5


def main() -> int:
    """Serve until SIGTERM; returns 1 if the port is in use."""
    bound_arenas()  # first, as it counts for threads that start later
    settings = load(WebSettings)
    logs.configure("web", settings)
    tracing.configure("web")
    aws = Aws(settings, patience(settings.aws_seconds))
    AwsBulkhead(settings.aws_seconds).register(aws.events)
    wired = wire(settings, aws, mark_seconds=_MARK_SECONDS)
    app = create_app(settings, wired)
    app.wsgi_app = PublicAddress(app.wsgi_app, settings)  # type: ignore[method-assign]
    # Else the interpreter looks through every object at its end, which costs more time than all the
    # rest of the stop.
    atexit.register(gc.freeze)
    try:
        serve(
            app,
            settings.listen_host,
            settings.listen_port,
            settings.health_port,
            Hub(wired.live),
        )
    except OSError as error:
        print(
            f"cannot listen on {settings.listen_host}:{settings.listen_port}"
            f" or {settings.health_port}: {error}",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
