"""The warm engines of a worker: one for each bundle in use lately, bounded by number and memory."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from annotator.bundle import Bundle
from annotator.consequences.engine import DatabaseUnusable, EngineMissing
from annotator.runner.warm.calls import BASE_SECONDS
from annotator.runner.warm.process import CannotStart, WarmProcess

logger = structlog.get_logger()


class Pool(Protocol):
    """Where a job's process gets its way to an engine."""

    def using(self, bundle: Bundle) -> contextlib.AbstractContextManager[socket.socket | None]:
        """A connector for one job; None if it shall load the engine itself."""


class NoWarmEngines:
    """Every job loads its engine."""

    @contextlib.contextmanager
    def using(self, bundle: Bundle) -> Iterator[None]:  # noqa: ARG002
        """Nothing to use."""
        yield None


@dataclass
class _Place:
    """What is known of a bundle's engine; ``users`` are jobs that run with it now."""

    starting: threading.Lock = field(default_factory=threading.Lock)
    engine: WarmProcess | None = None
    users: int = 0


class WarmEngines:
    """For the threads of one worker.

    At most ``most`` engines of together ``most_bytes`` are kept: the least recently used one ends,
    never one that a job uses. Each has ``servers`` processes; ``seconds`` bounds a small request.
    """

    def __init__(
        self, most: int, most_bytes: int, servers: int, seconds: float = BASE_SECONDS
    ) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._servers, self._seconds = servers, seconds
        self._lock = threading.Lock()
        self._places: dict[str, _Place] = {}  # the least recently used first

    @contextlib.contextmanager
    def using(self, bundle: Bundle) -> Iterator[socket.socket | None]:
        """A connector for one job.

        None where no engine is kept warm: there is no room, it does not start, or the bundle's
        engine is a program. Raises DatabaseUnusable, EngineMissing.
        """
        if bundle.manifest.engine == "snpeff" or not self._most:
            yield None
            return
        place = self._taken(bundle)
        try:
            connector = self._connector(place, bundle) if place else None
            with connector or contextlib.nullcontext():
                yield connector
        finally:
            if place:
                with self._lock:
                    place.users -= 1
        self._make_room(0)

    def check(self, bundles: Iterable[Bundle]) -> None:
        """Start an engine for each, so that faults are logged now and the first jobs are quick.

        No more stay than there is room for.
        """
        for bundle in bundles:
            try:
                with self.using(bundle):
                    pass
            except (DatabaseUnusable, EngineMissing) as error:
                logger.error("a bundle cannot be used", bundle=bundle.version, reason=str(error))

    def running(self) -> list[WarmProcess]:
        """The engines that are warm, the least recently used first."""
        with self._lock:
            engines = [place.engine for place in self._places.values()]
        return [engine for engine in engines if engine and engine.is_running]

    def stop(self) -> None:
        """End all engines; jobs that use them fail."""
        with self._lock:
            places, self._places = list(self._places.values()), {}
        for place in places:
            if place.engine:
                place.engine.end()

    def _taken(self, bundle: Bundle) -> _Place | None:
        """The bundle's place, now the most recently used; None if all places are in use."""
        key = f"{bundle.folder}@{bundle.manifest.version}"
        with self._lock:
            place = self._places.pop(key, None)
        if place is None:
            if not self._make_room(1):
                return None
            place = _Place()
        with self._lock:
            place = self._places.pop(key, place)  # another thread may have been quicker
            self._places[key] = place
            place.users += 1
        return place

    def _connector(self, place: _Place, bundle: Bundle) -> socket.socket | None:
        with place.starting:  # one lock for each bundle: it is loaded once
            try:
                if place.engine is None or not place.engine.is_running:
                    self._start(place, bundle)
                assert place.engine
                return place.engine.connector()
            except (CannotStart, OSError) as error:
                logger.error("no warm engine", bundle=bundle.version, reason=str(error))
                return None

    def _start(self, place: _Place, bundle: Bundle) -> None:
        if place.engine:
            logger.error("the warm engine had ended", bundle=bundle.version)
            place.engine.end()
            place.engine = None
        place.engine = WarmProcess(bundle, self._servers, self._seconds)
        megabytes = place.engine.memory_bytes() >> 20
        logger.info("warm engine started", bundle=bundle.version, megabytes=megabytes)

    def _make_room(self, coming: int) -> bool:
        """End engines until ``coming`` more may start; False if those in use fill all places."""
        while True:
            with self._lock:
                used = sum(
                    place.engine.memory_bytes() for place in self._places.values() if place.engine
                )
                is_room = len(self._places) + coming <= self._most and used <= self._most_bytes
                idle = [key for key, place in self._places.items() if not place.users]
                if is_room or not idle:
                    return is_room
                ending = self._places.pop(idle[0])
            if ending.engine:
                logger.info("warm engine ended for others", bundle=ending.engine.bundle.version)
                ending.engine.end()
