"""Compresses our static files for browsers that take gzip.

Only what is the same for everybody: a compressed page would tell an eavesdropper its secrets by its
length (BREACH).
"""

from __future__ import annotations

import gzip
from functools import lru_cache

from web.server.answer import Answer
from web.server.environ import Environ

_TYPES = (b"text/css", b"text/javascript", b"application/javascript", b"image/svg+xml")
_MIN_BYTES = 1000  # below it a packet is saved by nothing
_KEPT = 64  # files, each once compressed


def compress(answer: Answer, environ: Environ) -> None:
    """Compress the answer in place if it is a whole public text file and the client takes that."""
    headers = dict(answer.headers)
    if not (answer.status == 200 and answer.rest is None and _is_public_text(headers)):
        return
    answer.headers.append((b"vary", b"Accept-Encoding"))
    body = b"".join(answer.parts)
    if "gzip" not in environ.get("HTTP_ACCEPT_ENCODING", "") or len(body) < _MIN_BYTES:
        return
    small = _gzipped(body)
    changed = {b"content-length", b"accept-ranges", b"etag"}
    kept = [(name, value) for name, value in answer.headers if name not in changed]
    # The bytes differ from those that the ETag names, though the content does not.
    tags = [(b"etag", b"W/" + headers[b"etag"])] if b"etag" in headers else []
    size = str(len(small)).encode()
    answer.headers = [*kept, *tags, (b"content-length", size), (b"content-encoding", b"gzip")]
    answer.parts = [small]


def _is_public_text(headers: dict[bytes, bytes]) -> bool:
    kind = headers.get(b"content-type", b"").partition(b";")[0]
    is_plain = b"content-encoding" not in headers
    return is_plain and kind in _TYPES and b"public" in headers.get(b"cache-control", b"")


@lru_cache(_KEPT)
def _gzipped(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)
