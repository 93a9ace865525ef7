"""Reads a file over HTTP from a public address, within bounds, into a file here.

The standard library's client, as each connection is made to the very address that was judged: a
library's pool would look the name up again, and a name can have another address a moment later.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from annotator.fetching.public import addresses_of, is_public
from annotator.fetching.watchdog import Watchdog
from gas.domain.source_url import PORTS, BadUrl, SourceUrl

_CHUNK_BYTES = 1 << 18
_MOST_REDIRECTS = 5
_REDIRECTS = {301, 302, 303, 307, 308}
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_WINDOW_SECONDS = 60
_MOST_TRIED = 3

Told = Callable[[int, int | None], None]
"""Gets the bytes so far, and those of the whole file if the server told."""


class FetchFailed(Exception):
    """The file cannot be had; the message is for its user. ``may_pass``: another try may help."""

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass


class TooLarge(FetchFailed):
    """The file has more bytes than the user may send."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is fetched, and how long it may take.

    ``ports``: those that may be asked, None for any; ``allows_private``: also addresses that are
    not public, for development alone. ``patience_seconds`` may pass without a byte,
    ``most_seconds`` in all; after a minute ``least_bytes_per_second`` must come.
    """

    most_seconds: float = 3_600
    patience_seconds: float = 30
    least_bytes_per_second: int = 50_000
    ports: frozenset[int] | None = PORTS
    allows_private: bool = False


def _dial(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), seconds)


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches files by rules; how names are looked up and connections made can be replaced."""

    rules: Rules = Rules()
    resolve: Callable[[str, int], Sequence[str]] = addresses_of
    dial: Callable[[str, int, float], socket.socket] = _dial
    clock: Callable[[], float] = time.monotonic
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def fetch(self, url: SourceUrl, to: Path, most_bytes: int, told: Told) -> None:
        """Write the file at ``url`` into ``to``. Raises FetchFailed, or what ``told`` raises."""
        pace = _Pace(self.rules, most_bytes, self.clock)
        for _ in range(_MOST_REDIRECTS + 1):
            told(0, None)
            with self._answer(url) as (answer, dog):
                if answer.status in _REDIRECTS:
                    url = self._next(url, answer)
                    continue
                _must_be_file(answer)
                total, size = answer.length, 0
                pace.begin()
                with to.open("wb") as file:
                    for chunk in self._chunks(url, answer, dog, pace):
                        size += file.write(chunk)
                        told(size, total)
                return
        raise FetchFailed(f"The server redirected more than {_MOST_REDIRECTS} times.")

    def _next(self, url: SourceUrl, answer: http.client.HTTPResponse) -> SourceUrl:
        try:
            return url.redirected(answer.headers.get("Location") or "", self.rules.ports)
        except BadUrl as bad:
            raise FetchFailed(f"{url.host} redirects, but not to where files are: {bad}") from None

    @contextmanager
    def _answer(self, url: SourceUrl) -> Iterator[tuple[http.client.HTTPResponse, Watchdog]]:
        """The answer to a GET, behind its headers. Raises FetchFailed."""
        raw = self._connected(url)
        connection = http.client.HTTPConnection(url.host, url.port)
        is_secure = url.scheme == "https"
        # As the file is: what a server packed on its way would be another one.
        headers = {"Accept-Encoding": "identity", "User-Agent": "GAS", "Accept": "*/*"}
        try:
            with Watchdog(raw, self.rules.patience_seconds) as dog:
                with self._converted(url):
                    connection.sock = (
                        self.tls.wrap_socket(raw, server_hostname=url.host) if is_secure else raw
                    )
                    # Else the header Host would name the port of https.
                    connection.default_port = 443 if is_secure else 80
                    connection.request("GET", url.target, headers=headers)
                    answer = connection.getresponse()
                dog.feed()
                yield answer, dog
        finally:
            connection.close()
            raw.close()

    @contextmanager
    def _converted(self, url: SourceUrl) -> Iterator[None]:
        """Errors of the connection as FetchFailed."""
        try:
            yield
        except ssl.SSLCertVerificationError:
            raise FetchFailed(f"The certificate of {url.host} is not valid.") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FetchFailed(
                f"The connection to {url.host} broke off, or nothing came for"
                f" {self.rules.patience_seconds:.0f} seconds ({type(error).__name__}).",
                may_pass=True,
            ) from None

    def _connected(self, url: SourceUrl) -> socket.socket:
        """A connection to an address of the host that was judged."""
        try:
            addresses = self.resolve(url.host, url.port)
        except (OSError, UnicodeError):
            message = f"The name {url.host} is not known. Check the address."
            raise FetchFailed(message, may_pass=True) from None
        if not self.rules.allows_private and not all(map(is_public, addresses)):
            raise FetchFailed(
                f"{url.host} is not on the public internet: files are fetched from there alone."
            )
        for address in addresses[:_MOST_TRIED]:
            try:
                return self.dial(address, url.port, self.rules.patience_seconds)
            except OSError:
                continue
        raise FetchFailed(f"{url.host} does not accept connections.", may_pass=True)

    def _chunks(
        self,
        url: SourceUrl,
        answer: http.client.HTTPResponse,
        dog: Watchdog,
        pace: _Pace,
    ) -> Iterator[bytes]:
        """The body, piece by piece as it comes. Raises FetchFailed."""
        total, size = answer.length, 0
        pace.check_size(total or 0)
        while True:
            with self._converted(url):
                chunk = answer.read1(_CHUNK_BYTES)
            # Where no length was told, a body that was cut off ends like a whole one.
            if dog.has_ended_it or (not chunk and total is not None and size < total):
                message = f"The connection to {url.host} ended after {size:,} bytes."
                raise FetchFailed(message, may_pass=True)
            if not chunk:
                return
            dog.feed()
            size += len(chunk)
            pace.check(size)
            yield chunk


class _Pace:
    """Judges whether a body comes fast enough, and is not too large."""

    def __init__(self, rules: Rules, most_bytes: int, clock: Callable[[], float]) -> None:
        self._rules, self._most, self._clock = rules, most_bytes, clock
        self._until = clock() + rules.most_seconds
        self._mark, self._marked_at = 0, clock()

    def check_size(self, size: int) -> None:
        """Raise TooLarge for a body of so many bytes, if it is."""
        if size > self._most:
            raise TooLarge(
                f"The file has {size:,} bytes or more; you may send {self._most:,} at most."
            )

    def begin(self) -> None:
        """A body begins."""
        self._mark, self._marked_at = 0, self._clock()

    def check(self, size: int) -> None:
        """Judge a body of which so many bytes are there. Raises FetchFailed."""
        self.check_size(size)
        now = self._clock()
        if now > self._until:
            minutes = self._rules.most_seconds / 60
            raise FetchFailed(f"The file did not come within {minutes:.0f} minutes.")
        seconds = now - self._marked_at
        if seconds < _WINDOW_SECONDS:
            return
        least = self._rules.least_bytes_per_second
        if size - self._mark < least * seconds:
            raise FetchFailed(f"The server is too slow: less than {least:,} bytes a second came.")
        self._mark, self._marked_at = size, now


def _must_be_file(answer: http.client.HTTPResponse) -> None:
    status = answer.status
    if status == http.client.OK:
        return
    reasons = {
        401: "it wants a login: use a signed address, or upload the file",
        403: "it refuses: the address may need a login, or a signed one may have expired",
        404: "there is no such file",
        410: "the file is gone",
    }
    why = reasons.get(status, "it has no file to give now")
    raise FetchFailed(f"The server answered {status}: {why}.", may_pass=status in _PASSING)
