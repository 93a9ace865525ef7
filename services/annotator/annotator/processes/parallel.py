"""Does pieces of work side by side, each in a process of its own."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import Any, Generic, TypeVar

from annotator.processes.pipes import EngineFailed
from annotator.rejection import Rejected

T = TypeVar("T")
R = TypeVar("R")
Tick = Callable[[float, int], None]

_LISTEN_SECONDS = 0.2


def side_by_side(
    pieces: Sequence[T], workers: int, work: Callable[[T, Tick], R], tick: Tick
) -> list[R]:
    """What ``work`` gives for each piece, in their order; as many at once as there are workers.

    ``tick`` gets the share of all that is done, and the sum of what the pieces count. Raises what
    the first piece that failed raised, EngineFailed or Rejected; all have ended then.
    """
    heard: _Heard[R] = _Heard(len(pieces), tick)
    if len(pieces) <= 1 or workers <= 1:
        for number, piece in enumerate(pieces):
            heard.results[number] = work(piece, heard.tick_of(number))
            heard.tick_of(number)(1.0, 0)
        return heard.in_order()
    context = get_context("fork")
    left = list(enumerate(pieces))
    running: dict[Connection, ForkProcess] = {}
    try:
        while left or running:
            while left and len(running) < workers:
                number, piece = left.pop(0)
                mine, theirs = context.Pipe(duplex=False)
                child = context.Process(target=_child, args=(number, piece, work, theirs))
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
    return heard.in_order()


def _child(number: int, piece: Any, work: Callable[[Any, Tick], Any], to: Connection) -> None:
    try:
        done = work(piece, lambda share, n: to.send((number, "tick", (share, n))))
        to.send((number, "done", done))
    except (EngineFailed, Rejected) as error:
        to.send((number, "failed", error))
    except BaseException:
        to.send((number, "failed", EngineFailed(traceback.format_exc())))


class _Heard(Generic[R]):
    """What the children have said."""

    def __init__(self, pieces: int, tick: Tick) -> None:
        self._shares = [(0.0, 0)] * pieces
        self._tick = tick
        self.results: dict[int, R] = {}

    def hear(self, connection: Connection) -> bool:
        """Take one word; False once there are no more. Raises what the child raised."""
        try:
            number, kind, said = connection.recv()
        except EOFError:
            return False
        if kind == "failed":
            raise said
        if kind == "done":
            self.results[number] = said
        else:
            self.tick_of(number)(*said)
        return True

    def tick_of(self, number: int) -> Tick:
        """Takes how far that piece is."""

        def tick(share: float, count: int) -> None:
            self._shares[number] = (share, max(count, self._shares[number][1]))
            done = sum(share for share, _ in self._shares) / len(self._shares)
            self._tick(done, sum(count for _, count in self._shares))

        return tick

    def in_order(self) -> list[R]:
        """All results. Raises EngineFailed if one is missing."""
        if len(self.results) != len(self._shares):
            raise EngineFailed("a process ended without a word")
        return [self.results[number] for number in sorted(self.results)]
