"""The bundles that an annotator can use: the installed ones, and those that are published.

A version from the bucket is downloaded once and kept in a cache of bounded size, beside other
versions of the same bundle. When the cache is too large the least recently used one is deleted
first, never one that is in use.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from annotator import bundle as bundles
from annotator.bundle import MANIFEST, Bundle, Manifest, NoSuchBundle
from gas.files.bucket import Files, NoSuchFile
from gas.files.published import file_key, newest, published

logger = structlog.get_logger()


class BadBundle(Exception):
    """A file of a bundle in the bucket does not have the checksum of the bundle's manifest."""


class BundleCache:
    """Bundles by name or ``NAME@VERSION``, for the threads of one process.

    ``installed`` and ``cache`` are folders; ``files`` is the bucket of published bundles, or None;
    ``most_bytes`` bounds the cache. A name alone is the installed bundle of that name, or else the
    version published last that is not retired. ``on_download`` is told of each that was downloaded.
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
        """What new jobs can use, one version of each name; some may not be downloaded yet."""
        found = {bundle.manifest.name: bundle for bundle in bundles.installed(self._installed)}
        if self._files:
            for name, version in newest(published(self._files)).items():
                if name not in found:
                    manifest = self._manifest(version.id)
                    found[name] = Bundle(self._cache / version.id, manifest)
        return list(found.values())

    @contextlib.contextmanager
    def using(self, wanted: str) -> Iterator[Bundle]:
        """That bundle, a name or ``NAME@VERSION``, downloaded and kept until the block ends.

        Retired versions can be used by their version. Raises NoSuchBundle, BadBundle.
        """
        name, _, version = wanted.partition("@")
        installed = self._installed_bundle(name)
        if installed and version in ("", installed.manifest.version):
            yield installed
            return
        bundle_id = wanted if version else self._newest(name)
        with self._lock:
            # Before the download, so that another thread that makes room leaves it alone.
            self._in_use[bundle_id] += 1
            fetching = self._fetching.setdefault(bundle_id, threading.Lock())
        try:
            with fetching:  # one lock for each version: two threads never download the same one
                bundle = self._fetched(bundle_id)
            yield bundle
        finally:
            with self._lock:
                self._in_use[bundle_id] -= 1

    def _installed_bundle(self, name: str) -> Bundle | None:
        try:
            return bundles.find(name, self._installed)
        except NoSuchBundle:
            return None

    def _newest(self, name: str) -> str:
        offered = newest(published(self._files)) if self._files else {}
        if name not in offered:
            raise NoSuchBundle(name)
        return offered[name].id

    def _manifest(self, bundle_id: str) -> Manifest:
        if self._files is None or "/" in bundle_id:
            raise NoSuchBundle(bundle_id)
        try:
            text = b"".join(self._files.stream(file_key(bundle_id, MANIFEST)))
        except NoSuchFile:
            raise NoSuchBundle(bundle_id) from None
        return Manifest.model_validate_json(text)

    def _fetched(self, bundle_id: str) -> Bundle:
        """The version in the cache; downloaded if it is missing or the bucket's one differs."""
        manifest = self._manifest(bundle_id)
        place = self._cache / bundle_id
        if (place / MANIFEST).exists() and Bundle(place).manifest == manifest:
            (place / MANIFEST).touch()  # `_make_room` reads when it was last used
            return Bundle(place)
        self._cache.mkdir(parents=True, exist_ok=True)
        work = self._cache / f".{bundle_id}.fetching"
        shutil.rmtree(work, ignore_errors=True)
        for file, wanted in manifest.sha256.items():
            self._fetch(file_key(bundle_id, file), work / file, wanted)
        # The manifest is written last, and the folder is renamed when it is complete: a process
        # that dies during the download leaves nothing that looks like a bundle.
        (work / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
        shutil.rmtree(place, ignore_errors=True)
        work.rename(place)
        logger.info("bundle downloaded", bundle=bundle_id)
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
