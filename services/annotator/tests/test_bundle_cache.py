import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from annotator.bundle import EMBEDDED, NoSuchBundle, installed
from annotator.bundle_cache import BadBundle, BundleCache
from gas.files.bucket import Pin
from gas.memory.files import MemoryFiles
from tests.support import synthetic_genome

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class CountingFiles(MemoryFiles):
    """A bucket that remembers which files were read."""

    def __init__(self) -> None:
        super().__init__("bundles", lambda: NOW)
        self.streamed: list[str] = []

    def stream(self, key: str, pin: Pin | None = None) -> Iterator[bytes]:
        self.streamed.append(key)
        return super().stream(key, pin)


def bucket_of(folder: Path, *names: str) -> CountingFiles:
    """A bucket with copies of the made-up bundle, under other names."""
    files = CountingFiles()
    bundle = synthetic_genome.build_bundle(folder)
    for name in names:
        for path in bundle.folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                if path.name == "manifest.json":
                    content = content.replace(b'"synthetic"', f'"{name}"'.encode())
                files.write(f"{name}/{path.relative_to(bundle.folder)}", content)
    return files


def test_an_installed_bundle_is_used_in_place(tmp_path: Path) -> None:
    with BundleCache(EMBEDDED, tmp_path).using("human-mt") as bundle:
        assert bundle.folder == EMBEDDED / "human-mt"


def test_a_bundle_of_the_bucket_is_downloaded_once(tmp_path: Path) -> None:
    files = bucket_of(tmp_path / "made", "one")
    told: list[str] = []
    bundle_cache = BundleCache(
        EMBEDDED, tmp_path / "cache", files, on_download=lambda bundle: told.append(bundle.version)
    )
    for _ in range(2):
        with bundle_cache.using("one") as bundle:
            assert bundle.reference.exists()
            assert bundle.manifest.name == "one"
    assert files.streamed.count("one/reference.fa") == 1
    assert told == [bundle.version]


def test_a_newer_version_in_the_bucket_is_downloaded(tmp_path: Path) -> None:
    files = bucket_of(tmp_path / "made", "one")
    bundle_cache = BundleCache(EMBEDDED, tmp_path / "cache", files)
    with bundle_cache.using("one"):
        pass
    manifest = files.objects["one/manifest.json"]
    files.write("one/manifest.json", manifest.replace(b'"version": "1"', b'"version": "2"', 1))
    with bundle_cache.using("one") as bundle:
        assert bundle.version == "one@2"


def test_the_least_recently_used_bundle_is_removed_unless_it_is_in_use(tmp_path: Path) -> None:
    files = bucket_of(tmp_path / "made", "one", "two", "three")
    cache = tmp_path / "cache"
    bundle_cache = BundleCache(EMBEDDED, cache, files, most_bytes=1)
    with bundle_cache.using("one"):
        with bundle_cache.using("two"):
            assert {path.name for path in cache.iterdir()} == {"one", "two"}
        os.utime(cache / "one" / "manifest.json", (0, 0))
        with bundle_cache.using("three"):
            assert {path.name for path in cache.iterdir()} == {"one", "three"}


def test_a_bundle_that_differs_from_its_manifest_is_not_used(tmp_path: Path) -> None:
    files = bucket_of(tmp_path / "made", "one")
    files.write("one/genes.gff3", b"other")
    with (
        pytest.raises(BadBundle, match=r"genes\.gff3"),
        BundleCache(EMBEDDED, tmp_path / "cache", files).using("one"),
    ):
        pass
    assert not (tmp_path / "cache" / "one").exists()


def test_a_missing_bundle_is_named_in_the_error(tmp_path: Path) -> None:
    files = bucket_of(tmp_path / "made", "one")
    for bundle_cache in (
        BundleCache(EMBEDDED, tmp_path),
        BundleCache(EMBEDDED, tmp_path / "cache", files),
    ):
        with pytest.raises(NoSuchBundle, match="nothing"), bundle_cache.using("nothing"):
            pass


def test_all_usable_bundles_are_listed_by_their_manifests(tmp_path: Path) -> None:
    files = bucket_of(tmp_path / "made", "one", "two")
    bundle_cache = BundleCache(EMBEDDED, tmp_path / "cache", files)
    names = [bundle.manifest.name for bundle in bundle_cache.all()]
    assert names == [*(bundle.manifest.name for bundle in installed(EMBEDDED)), "one", "two"]
