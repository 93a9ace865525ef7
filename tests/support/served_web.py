"""The web server on in-memory ports, on a port of this machine, for a real browser."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from werkzeug.serving import make_server

from local.ports import HOST
from tests.support.browser import Window
from tests.support.web_server import User, WebServer


@contextlib.contextmanager
def served(server: WebServer) -> Iterator[str]:
    """The address of the server, which runs until the block ends."""
    http = make_server(HOST, 0, server.app, threaded=True)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{http.server_port}"
    finally:
        http.shutdown()
        thread.join(10)


def give_session(window: Window, user: User, url: str) -> None:
    """Log the user in, in that window; the clock of the session is the world's, which stands."""
    cookie = user.browser.get_cookie("gas_session")
    assert cookie
    window.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
