"""The bundles that are offered now: the installed ones, and those in the bucket of bundles."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog
from pydantic import ValidationError

from gas.aws.errors import AwsError
from gas.files.bucket import Files, NoSuchFile
from gas.files.published import PublishedVersion, entry_key, published, retired_key
from web.bundles import BundleList, DescribedBundle, with_published

logger = structlog.get_logger()

KEPT_SECONDS = 60.0
"""How long a list of published bundles is used: a new version is offered so much later at most."""
_MOST_VERSIONS = 1_000
_READERS = 8


class OfferedBundles:
    """Gives the list to the threads of one process; ``files`` is the bucket, or None.

    If the bucket cannot be read, the last list that was read is used.
    """

    def __init__(
        self,
        installed: BundleList,
        files: Files | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._installed = installed
        self._files = files
        self._clock = clock
        self._current = installed
        self._entries: dict[str, DescribedBundle] = {}
        self._read_at: float | None = None
        self._reading = threading.Lock()

    @property
    def files(self) -> Files | None:
        """The bucket of published bundles, if there is one."""
        return self._files

    def forget(self) -> None:
        """Read the bucket at the next question: something was changed there."""
        with self._reading:
            self._read_at = None

    def now(self) -> BundleList:
        """The bundles as they were at most a minute ago."""
        if self._files is None or not self._is_due():
            return self._current
        # While one thread reads the others go on with what they have, but for the first list.
        if self._reading.acquire(blocking=self._read_at is None):
            try:
                if self._is_due():
                    self._read(self._files)
            finally:
                self._reading.release()
        return self._current

    def _is_due(self) -> bool:
        return self._read_at is None or self._clock() - self._read_at >= KEPT_SECONDS

    def _read(self, files: Files) -> None:
        try:
            versions = published(files)[:_MOST_VERSIONS]
            with ThreadPoolExecutor(_READERS) as readers:
                found = list(readers.map(lambda one: self._described(one, files), versions))
        except AwsError as error:
            logger.warning("the bucket of bundles cannot be read", error=str(error))
        else:
            present = (one for one in found if one)
            self._current = with_published(self._installed, present)
        self._read_at = self._clock()

    def _described(self, version: PublishedVersion, files: Files) -> DescribedBundle | None:
        """A version as its entry tells; None where it cannot be read."""
        try:
            if version.id not in self._entries:  # it never changes
                text = _text(entry_key(version.id), files)
                self._entries[version.id] = DescribedBundle.model_validate_json(text)
            why = _text(retired_key(version.id), files).strip() if version.is_retired else ""
        except (NoSuchFile, ValidationError) as error:
            logger.warning("a published bundle has no entry", bundle=version.id, error=str(error))
            return None
        return self._entries[version.id].model_copy(
            update={
                "published_at": version.published_at,
                "retired": version.is_retired,
                "retired_because": why,
            }
        )


def _text(key: str, files: Files) -> str:
    return b"".join(files.stream(key)).decode("utf-8")
