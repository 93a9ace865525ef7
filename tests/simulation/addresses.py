"""Files at addresses on the internet, as users give them and the annotator fetches them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from annotator.fetching.reading import FetchFailed, Rules
from annotator.runner.parent import Stopped
from gas.domain.source_url import SourceUrl
from tests.simulation.tasks import Simulator

SECRET = "topsecret"
_HOST = "https://files.example.org"
_STEPS = 3
_MISSING = 0.15


class Addresses:
    """The files by their names, which are never used twice; fetching takes time and may fail.

    Some addresses give no file, now and always.
    """

    rules = Rules()

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self.files: dict[str, bytes] = {}
        self._missing: set[str] = set()

    def offer(self, user_id: str, size: int) -> str:
        """The address of a new file of at least so many bytes, or of one that is not there."""
        name = f"{len(self.files)}.vcf"
        self.files[name] = f"vcf {user_id}/{name}".encode().ljust(size, b"x")
        if self._simulator.rng.random() < _MISSING:
            self._missing.add(name)
        return f"{_HOST}/{name}?signature={SECRET}"

    def fetch(
        self,
        url: SourceUrl,
        to: Path,
        most_bytes: int,
        told: Callable[[int, int | None], None],
    ) -> None:
        """Write the file; raises what the annotator's fetcher raises, and what ``told`` does."""
        simulator, content = self._simulator, self.files[url.filename]
        for step in range(_STEPS):
            simulator.pause()
            told(len(content) * step // _STEPS, len(content))
        if simulator.rng.random() < simulator.stop_rate:
            simulator.current.interrupted = True
            raise Stopped
        if url.filename in self._missing:
            raise FetchFailed("The server answered 404: there is no such file.")
        if simulator.rng.random() < simulator.fault_rate:
            raise FetchFailed("The connection was lost.", may_pass=True)
        to.write_bytes(content)
