"""One address: whatever a request says, links and redirects have that of GAS_PUBLIC_URL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.wrappers import Response

from web.settings import WebSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_SAFE = {"GET", "HEAD"}


class PublicAddress:
    """WSGI middleware that refuses a foreign ``Host`` and replaces the rest by the public address.

    In development the other names of this machine lead to the public one: a session, a login and an
    upload work for one origin only. Programs of the API, which follow no redirect, are just served.
    """

    def __init__(self, app: WSGIApplication, settings: WebSettings) -> None:
        self._app = app
        self._url = settings.public_url.rstrip("/")
        parts = urlsplit(self._url)
        self._scheme, self._host = parts.scheme, parts.netloc.lower()
        standard = 443 if parts.scheme == "https" else 80
        port = parts.port or standard
        self._ours = _names(parts.hostname or "", port, standard)
        is_local = settings.env == "development" and f"{parts.hostname}" in _LOOPBACK
        self._aliases = {
            name for alias in _LOOPBACK if is_local for name in _names(alias, port, standard)
        } - self._ours

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        host = str(environ.get("HTTP_HOST", "")).lower()
        path = str(environ["PATH_INFO"])
        if host in self._aliases:
            if environ["REQUEST_METHOD"] in _SAFE and not path.startswith(("/api/", "/readyz")):
                return self._redirect(environ)(environ, start_response)
        elif host not in self._ours:
            return _foreign(self._url)(environ, start_response)
        environ["HTTP_HOST"] = self._host
        environ["wsgi.url_scheme"] = self._scheme
        return self._app(environ, start_response)

    def _redirect(self, environ: WSGIEnvironment) -> Response:
        raw = str(environ.get("RAW_URI", ""))
        target = raw if raw.startswith("/") else "/"  # else it could name another host
        return Response(status=307, headers={"Location": f"{self._url}{target}"})


def _names(host: str, port: int, standard: int) -> set[str]:
    """The values of ``Host`` that mean this address; browsers leave a standard port out."""
    return {f"{host}:{port}".lower(), *([host.lower()] if port == standard else [])}


def _foreign(url: str) -> Response:
    return Response(f"There is no such site here. GAS is at {url}\n", status=400)
