"""The bundles that an annotator can use: the installed ones, and those in a bucket.

A bundle from the bucket is downloaded once and kept in a cache of bounded size. When the cache is
too large the least recently used bundle is deleted first, never one that is in use.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from annotator import bundle as bundles
from annotator.bundle import MANIFEST, Bundle, Manifest, NoSuchBundle
from gas.files.bucket import Files, NoSuchFile

logger = structlog.get_logger()

_FOREVER = timedelta(days=36_500)


class BadBundle(Exception):
    """A file of a bundle in the bucket does not have the checksum of the bundle's manifest."""


class BundleCache:
    """Bundles by name, for the threads of one process.

    ``installed`` and ``cache`` are folders; ``files`` is a bucket with one folder for each bundle,
    or None; ``most_bytes`` bounds the cache. An installed bundle hides one of the same name in the
    bucket. ``on_download`` is told of each that was downloaded.
    """

    def __init__(
        self,
        installed: Path,
        cache: Path,
        files: Files | None = None,
        most_bytes: int = 20 << 30,
        on_download: Callable[[Bundle], object] = lambda _: None,
    ) -> None:
        self._installed = installed
        self._cache = cache
        self._files = files
        self._most_bytes = most_bytes
        self._on_download = on_download
        self._lock = threading.Lock()
        self._in_use: Counter[str] = Counter()
        self._fetching: dict[str, threading.Lock] = {}

    def all(self) -> list[Bundle]:
        """All bundles, with their manifests; those of the bucket may not be downloaded yet."""
        found = {bundle.manifest.name: bundle for bundle in bundles.installed(self._installed)}
        if self._files:
            # All keys: nothing was stored after a moment in the far future.
            for file in self._files.stored_before(datetime.now(UTC) + _FOREVER):
                name, _, rest = file.key.partition("/")
                if rest == MANIFEST and name not in found:
                    found[name] = Bundle(self._cache / name, self._manifest(name))
        return list(found.values())

    @contextlib.contextmanager
    def using(self, name: str) -> Iterator[Bundle]:
        """The bundle ``name``, downloaded, and not deleted before the block ends.

        Raises NoSuchBundle, BadBundle.
        """
        try:
            bundle = bundles.find(name, self._installed)
        except NoSuchBundle:
            if self._files is None:
                raise
        else:
            yield bundle
            return
        with self._lock:
            # Before the download, so that another thread that makes room leaves it alone.
            self._in_use[name] += 1
            fetching = self._fetching.setdefault(name, threading.Lock())
        try:
            with fetching:  # one lock for each bundle: two threads never download the same one
                bundle = self._fetched(name)
            yield bundle
        finally:
            with self._lock:
                self._in_use[name] -= 1

    def _manifest(self, name: str) -> Manifest:
        assert self._files
        try:
            text = b"".join(self._files.stream(f"{name}/{MANIFEST}"))
        except NoSuchFile:
            raise NoSuchBundle(name) from None
        return Manifest.model_validate_json(text)

    def _fetched(self, name: str) -> Bundle:
        """The bundle in the cache; downloaded if it is missing or the bucket's one differs."""
        manifest = self._manifest(name)
        place = self._cache / name
        if (place / MANIFEST).exists() and Bundle(place).manifest == manifest:
            (place / MANIFEST).touch()  # `_make_room` reads when it was last used
            return Bundle(place)
        self._cache.mkdir(parents=True, exist_ok=True)
        work = self._cache / f".{name}.fetching"
        shutil.rmtree(work, ignore_errors=True)
        for file, wanted in manifest.sha256.items():
            self._fetch(f"{name}/{file}", work / file, wanted)
        # The manifest is written last, and the folder is renamed when it is complete: a process
        # that dies during the download leaves nothing that looks like a bundle.
        (work / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
        shutil.rmtree(place, ignore_errors=True)
        work.rename(place)
        logger.info("bundle downloaded", bundle=f"{name}@{manifest.version}")
        self._on_download(Bundle(place))
        self._make_room()
        return Bundle(place)

    def _fetch(self, key: str, to: Path, wanted: str) -> None:
        assert self._files
        to.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with to.open("wb") as file:
            for chunk in self._files.stream(key):
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != wanted:
            raise BadBundle(f"{key} does not have the SHA-256 of the bundle's manifest")

    def _make_room(self) -> None:
        kept = sorted(
            (path.parent for path in self._cache.glob(f"[!.]*/{MANIFEST}")),
            key=lambda folder: (folder / MANIFEST).stat().st_mtime,
        )
        sizes = {folder: _size(folder) for folder in kept}
        for folder in kept:
            with self._lock:
                if sum(sizes.values()) <= self._most_bytes:
                    return
                if not self._in_use[folder.name]:
                    shutil.rmtree(folder, ignore_errors=True)
                    del sizes[folder]


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
