"""A zip that is written piece by piece, for a receiver that reads while it is made."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime

_EPOCH = 1980  # the first year that ZIP knows


class _Pipe(io.RawIOBase):
    """Takes what the zip writes, until it is drained. Cannot seek, so sizes follow the content."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        written = bytes(content)  # type: ignore[call-overload]  # a buffer of any kind
        self._written.append(written)
        return len(written)

    def drain(self) -> bytes:
        """What was written since the last time."""
        content = b"".join(self._written)
        self._written.clear()
        return content


class ZipStream:
    """A zip of entries that are added one after the other; each yields what is to be sent.

    In memory are one chunk of an entry and some 500 bytes for each entry so far.
    """

    def __init__(self) -> None:
        self._pipe = _Pipe()
        self._zip = zipfile.ZipFile(self._pipe, "w")

    def add(
        self, name: str, chunks: Iterable[bytes], at: datetime, *, is_packed: bool
    ) -> Iterator[bytes]:
        """Add an entry of that time. ``is_packed`` content is stored as it is, other deflated."""
        moment = at if at.year >= _EPOCH else at.replace(year=_EPOCH)
        info = zipfile.ZipInfo(name, moment.timetuple()[:6])
        info.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        # Nobody knows yet how long it gets, and one over 4 GiB needs another header.
        with self._zip.open(info, "w", force_zip64=True) as entry:
            for chunk in chunks:
                entry.write(chunk)
                if content := self._pipe.drain():
                    yield content
        yield self._pipe.drain()

    def end(self) -> bytes:
        """The directory, with which a zip ends."""
        self._zip.close()
        return self._pipe.drain()
