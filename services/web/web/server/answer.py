"""Runs the WSGI application and keeps the beginning of its answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any

from web.server.environ import Environ

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_PART_BYTES = 64 << 10
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


@dataclass(slots=True)
class Answer:
    """The status, the headers and what was made of the content so far.

    ``rest`` makes the further parts, None if that is all; ``close`` must be called at the end.
    """

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    rest: Iterator[bytes] | None = None
    close: Callable[[], None] = lambda: None

    @property
    def is_generated(self) -> bool:
        """True for content whose length is not known before its end: an export, not a file."""
        return all(name != b"content-length" for name, _ in self.headers)


def answer_to(app: WSGIApplication, environ: Environ, size: int, seconds: float) -> Answer:
    """Call the application; the answer has at least ``size`` bytes, or all, or what there is by
    ``seconds`` after the call.
    """
    answer = Answer()

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: _ExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        if exc_info and exc_info[1]:
            raise exc_info[1]
        answer.status = int(status[:3])
        answer.headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in headers
            if name.lower() != "date"  # the server sends its own
        ]
        return answer.parts.append

    content: Iterable[bytes] = app(environ, start_response)
    answer.close = getattr(content, "close", lambda: None)
    try:
        _fill(answer, iter(content), size, time.monotonic() + seconds)
    except BaseException:
        answer.close()
        raise
    if answer.rest is None:
        answer.close()
    return answer


def _fill(answer: Answer, content: Iterator[bytes], size: int, deadline: float) -> None:
    made = 0
    for part in content:
        answer.parts.append(part)
        made += len(part)
        if made >= size or time.monotonic() > deadline:
            answer.rest = content
            return


def next_part(rest: Iterator[bytes]) -> bytes | None:
    """The next part that is not empty; None after the last."""
    return next((part for part in rest if part), None)


def pieces(part: bytes) -> Iterator[bytes]:
    """The part in pieces that a client of a slow line can take within the time-out."""
    view: Any = memoryview(part)
    return (bytes(view[i : i + _PART_BYTES]) for i in range(0, len(part), _PART_BYTES))
