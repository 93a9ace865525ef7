"""Addresses that files are fetched from: what is allowed of them, before any host is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urljoin, urlsplit

from gas.domain.plain_text import hidden_characters

PORTS = frozenset({80, 443})
MOST_CHARACTERS = 4_000
_DEFAULT_PORT = {"http": 80, "https": 443}
_SAFE = "/%:@!$&'()*+,;=~-._?"
_MOST_NAME = 255


class BadUrl(ValueError):
    """The address is not one that a file is fetched from; the message says why."""


@dataclass(frozen=True, slots=True)
class SourceUrl:
    """An address: ``host`` in ASCII, ``target`` the path with its query. It may hold secrets."""

    scheme: str
    host: str
    port: int
    target: str

    def __repr__(self) -> str:
        """Without path and query: logs and traces of errors show it."""
        return f"{type(self).__name__}({self.scheme}://{self.host}:{self.port}/…)"

    @property
    def filename(self) -> str:
        """The last part of the path as a name for users, or the host where there is none."""
        path = self.target.partition("?")[0]
        name = re.sub(r"[/\\]", "_", unquote(path.rpartition("/")[2], errors="replace"))
        for character in hidden_characters(name):
            name = name.replace(character, "")
        return name.strip()[-_MOST_NAME:] or self.host

    def redirected(self, location: str, ports: frozenset[int] | None = PORTS) -> SourceUrl:
        """Where a redirect leads to. Raises BadUrl."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        try:
            joined = urljoin(f"{self.scheme}://{host}:{self.port}{self.target}", location)
        except ValueError:
            raise BadUrl("The server redirects to what is no address.") from None
        found = parse(joined, ports)
        if self.scheme == "https" and found.scheme == "http":
            raise BadUrl("The server redirects from https to http, where anybody could read along.")
        return found


def parse(text: str, ports: frozenset[int] | None = PORTS) -> SourceUrl:
    """The address in ``text``; ``ports`` are those that are allowed, None all. Raises BadUrl."""
    if len(text) > MOST_CHARACTERS:
        raise BadUrl(f"The address has more than {MOST_CHARACTERS:,} characters.")
    if hidden_characters(text) or re.search(r"[\s\\]", text):
        raise BadUrl("The address has blanks, backslashes or control characters in it.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise BadUrl("This is no address: write it as https://example.org/file.vcf.gz.") from None
    if parts.scheme not in _DEFAULT_PORT:
        raise BadUrl("The address must begin with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise BadUrl("The address has a name or password in it: use a signed address instead.")
    host = _ascii(parts.hostname or "")
    port = _DEFAULT_PORT[parts.scheme] if port is None else port
    if ports is not None and port not in ports:
        allowed = " and ".join(map(str, sorted(ports)))
        raise BadUrl(f"Files are fetched from the ports {allowed} only, not from {port}.")
    target = quote(parts.path or "/", safe=_SAFE)
    if parts.query:
        target += "?" + quote(parts.query, safe=_SAFE)
    return SourceUrl(parts.scheme, host, port, target)


def _ascii(host: str) -> str:
    try:
        found = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        found = ""
    if not found or not re.fullmatch(r"[0-9a-z._:%-]{1,253}", found):
        raise BadUrl("The address names no host: write it as https://example.org/file.vcf.gz.")
    return found
