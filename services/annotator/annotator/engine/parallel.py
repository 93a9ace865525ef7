"""Runs parts of a file side by side, each in a process of its own."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess

from annotator.engine.part import Part
from annotator.engine.pipes import EngineFailed
from annotator.engine.rejection import Rejected
from annotator.engine.summary import Summary

Tick = Callable[[float, int], None]
Annotate = Callable[[Part, Tick], Summary]

_LISTEN_SECONDS = 0.2


def side_by_side(parts: list[Part], workers: int, annotate: Annotate, tick: Tick) -> list[Summary]:
    """What ``annotate`` gives for each part, in their order; as many at once as there are workers.

    Raises what the first part that failed raised, EngineFailed or Rejected; all have ended then.
    """
    if len(parts) <= 1 or workers <= 1:
        return _one_by_one(parts, annotate, tick)
    context = get_context("fork")
    heard = _Heard(len(parts), tick)
    left = list(parts)
    running: dict[Connection, ForkProcess] = {}
    try:
        while left or running:
            while left and len(running) < workers:
                part = left.pop(0)
                mine, theirs = context.Pipe(duplex=False)
                child = context.Process(target=_child, args=(part, annotate, theirs))
                child.start()
                theirs.close()
                running[mine] = child
            for connection in wait(list(running), _LISTEN_SECONDS):
                if not isinstance(connection, Connection) or heard.hear(connection):
                    continue
                running.pop(connection).join()
                connection.close()
    finally:
        for child in running.values():
            child.terminate()
            child.join()
    return heard.summaries()


def _one_by_one(parts: list[Part], annotate: Annotate, tick: Tick) -> list[Summary]:
    summaries: list[Summary] = []
    for n, part in enumerate(parts):

        def share(fraction: float, variants: int, n: int = n) -> None:
            before = sum(summary.records for summary in summaries)
            tick((n + fraction) / len(parts), before + variants)

        summaries.append(annotate(part, share))
    return summaries


def _child(part: Part, annotate: Annotate, to: Connection) -> None:
    try:
        summary = annotate(part, lambda fraction, n: to.send((part.number, fraction, n)))
        to.send((part.number, summary))
    except (EngineFailed, Rejected) as error:
        to.send((part.number, error))
    except BaseException:
        to.send((part.number, EngineFailed(traceback.format_exc())))


class _Heard:
    """What the children have said."""

    def __init__(self, parts: int, tick: Tick) -> None:
        self._shares = [(0.0, 0)] * parts
        self._summaries: dict[int, Summary] = {}
        self._tick = tick

    def hear(self, connection: Connection) -> bool:
        """Take one word; False once there are no more. Raises what the child raised."""
        try:
            number, *said = connection.recv()
        except EOFError:
            return False
        if isinstance(said[0], BaseException):
            raise said[0]
        if isinstance(said[0], Summary):
            self._summaries[number] = said[0]
            return True
        self._shares[number] = (said[0], said[1])
        done = sum(share for share, _ in self._shares) / len(self._shares)
        self._tick(done, sum(variants for _, variants in self._shares))
        return True

    def summaries(self) -> list[Summary]:
        """All of them, in the order of the parts. Raises EngineFailed if one is missing."""
        if len(self._summaries) != len(self._shares):
            raise EngineFailed("a part ended without a word")
        return [self._summaries[number] for number in sorted(self._summaries)]
