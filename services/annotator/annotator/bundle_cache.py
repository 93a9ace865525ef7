"""The bundles that an annotator can use: those installed, and those of a bucket.

A bundle of the bucket is fetched once and kept in a cache within a bound: the one that was not used
for longest goes first, never one that is in use.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from annotator import bundle as bundles
from annotator.bundle import MANIFEST, Bundle, Manifest, NoSuchBundle
from gas.files.bucket import Files, NoSuchFile

logger = structlog.get_logger()

_FOREVER = timedelta(days=36_500)


class BadBundle(Exception):
    """A bundle of the bucket is not what its manifest says."""


class BundleCache:
    """Bundles by name. ``files`` holds one folder for each bundle of the bucket, or is None."""

    def __init__(
        self, installed: Path, cache: Path, files: Files | None = None, most_bytes: int = 20 << 30
    ) -> None:
        self._installed = installed
        self._cache = cache
        self._files = files
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._in_use: Counter[str] = Counter()
        self._fetching: dict[str, threading.Lock] = {}

    def all(self) -> list[Bundle]:
        """All bundles by their manifests; those of the bucket need not be here."""
        found = {bundle.manifest.name: bundle for bundle in bundles.installed(self._installed)}
        if self._files:
            soon = datetime.now(UTC) + _FOREVER
            for key in self._files.stored_before(soon):
                name, _, rest = key.partition("/")
                if rest == MANIFEST and name not in found:
                    found[name] = Bundle(self._cache / name, self._manifest(name))
        return list(found.values())

    @contextlib.contextmanager
    def using(self, name: str) -> Iterator[Bundle]:
        """The bundle ``name``, kept here meanwhile. Raises NoSuchBundle, BadBundle."""
        try:
            bundle = bundles.find(name, self._installed)
        except NoSuchBundle:
            if self._files is None:
                raise
        else:
            yield bundle
            return
        with self._lock:
            self._in_use[name] += 1
            fetching = self._fetching.setdefault(name, threading.Lock())
        try:
            with fetching:
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
        """The bundle in the cache, as the bucket has it now."""
        manifest = self._manifest(name)
        place = self._cache / name
        if (place / MANIFEST).exists() and Bundle(place).manifest == manifest:
            (place / MANIFEST).touch()  # used now
            return Bundle(place)
        self._cache.mkdir(parents=True, exist_ok=True)
        work = self._cache / f".{name}.fetching"
        shutil.rmtree(work, ignore_errors=True)
        for file, wanted in manifest.sha256.items():
            self._fetch(f"{name}/{file}", work / file, wanted)
        (work / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
        shutil.rmtree(place, ignore_errors=True)
        work.rename(place)
        logger.info("bundle fetched", bundle=f"{name}@{manifest.version}")
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
            raise BadBundle(f"{key} does not have the SHA-256 that the bundle's manifest gives")

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
