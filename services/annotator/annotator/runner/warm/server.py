"""A server of a warm engine: answers one request after another, until it is told of no more.

It is a copy of the loader, which never annotated and never used polars: both keep threads that a
copy would wait for for ever. Whatever an engine raises becomes an answer; where it crashes or hangs
the loader starts another server.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable

import polars as pl

from annotator.consequences.engine import DatabaseUnusable, Engine, EngineMissing
from annotator.consequences.pick import Selection
from annotator.runner.warm import wire

READY, DONE, UNUSABLE = b"R", b"D", b"U"
MOST_REQUEST_BYTES = 256 << 20
MOST_REASON = 500
_SELECTIONS: dict[str, Selection] = {"all": "all", "mane": "mane", "picked": "picked"}
_REQUEST = {
    "contig": pl.String,
    "pos": pl.Int64,
    "ref": pl.String,
    "alt": pl.String,
    "record": pl.Int64,
}
_STREAM_SECONDS = 30


def serve(loader: socket.socket, make_engine: Callable[[], Engine]) -> None:
    """Answer what the loader hands over; returns when the loader has ended."""
    try:
        engine = make_engine()
        engine.annotate(pl.DataFrame(schema=_REQUEST))  # what is made on first use is made now
    except (DatabaseUnusable, EngineMissing) as error:
        loader.sendall(UNUSABLE + str(error).encode()[:MOST_REASON])
        return
    loader.sendall(READY)
    while True:
        _, descriptors, _, _ = socket.recv_fds(loader, 1, 1)
        if not descriptors:
            return
        with socket.socket(fileno=descriptors[0]) as stream:
            stream.settimeout(_STREAM_SECONDS)
            is_well = _answer(stream, engine)
        loader.sendall(DONE)
        if not is_well:
            os._exit(1)  # after a panic nobody knows what state the engine is in


def _answer(stream: socket.socket, engine: Engine) -> bool:
    """Answer one request; False if the engine should not be used again."""
    try:
        head, frames = wire.receive(stream, MOST_REQUEST_BYTES)
        alleles, selection = _understood(head, frames)
    except (wire.Garbled, OSError) as error:
        return _failed(stream, f"the request cannot be read: {error}")
    try:
        answer = engine.annotate(alleles, selection)
    except Exception as error:
        return _failed(stream, _reason(error))
    except BaseException as error:  # a panic of a Rust library is not an Exception
        _failed(stream, _reason(error))
        return False
    with contextlib.suppress(OSError):  # who asked may be gone
        wire.send(stream, {"status": "answered"}, (answer.rows, answer.unanswered))
    return True


def _understood(
    head: dict[str, object], frames: list[pl.DataFrame]
) -> tuple[pl.DataFrame, Selection]:
    selection = _SELECTIONS.get(str(head.get("transcripts")))
    if selection is None or len(frames) != 1 or dict(frames[0].schema) != _REQUEST:
        raise wire.Garbled("it is not a chunk of alleles")
    return frames[0], selection


def _failed(stream: socket.socket, reason: str) -> bool:
    with contextlib.suppress(OSError):
        wire.send(stream, {"status": "failed", "reason": reason[:MOST_REASON]})
    return True


def _reason(error: BaseException) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
