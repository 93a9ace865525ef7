import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from annotator.bundle import EMBEDDED, NoSuchBundle, find, installed
from annotator.bundle_cache import BadBundle, BundleCache
from gas.files.bucket import Pin, Span
from gas.files.published import entry_key, file_key, retired_key
from gas.memory.files import MemoryFiles
from tests.support import synthetic_genome

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class CountingFiles(MemoryFiles):
    """A bucket that remembers which files were read."""

    def __init__(self) -> None:
        super().__init__("bundles", lambda: NOW)
        self.streamed: list[str] = []

    def stream(self, key: str, pin: Pin | None = None, span: Span | None = None) -> Iterator[bytes]:
        self.streamed.append(key)
        return super().stream(key, pin, span)


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
                key = file_key(f"{name}@1", str(path.relative_to(bundle.folder)))
                files.write(key, content)
        files.write(entry_key(f"{name}@1"), b"{}")
    return files


def add_version(files: CountingFiles, old: str, version: str) -> None:
    """Publish the files of ``old`` as another version too."""
    new = f"{old.split('@', maxsplit=1)[0]}@{version}"
    for key, content in list(files.objects.items()):
        if key.startswith(file_key(old, "")):
            named = content.replace(b'"version": "1"', f'"version": "{version}"'.encode(), 1)
            is_manifest = key.endswith("/manifest.json")
            files.write(key.replace(f"/{old}/", f"/{new}/"), named if is_manifest else content)
    files.write(entry_key(new), b"{}")


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
    assert files.streamed.count("versions/one@1/reference.fa") == 1
    assert told == [bundle.version]


def test_a_name_is_the_newest_version_that_is_not_retired_and_each_has_its_place(
    tmp_path: Path,
) -> None:
    files = bucket_of(tmp_path / "made", "one")
    cache = tmp_path / "cache"
    bundle_cache = BundleCache(EMBEDDED, cache, files)
    with bundle_cache.using("one") as old:
        add_version(files, "one@1", "2")
        with bundle_cache.using("one") as new:
            assert (old.version, new.version) == ("one@1", "one@2")
            assert {path.name for path in cache.iterdir()} == {"one@1", "one@2"}
    with bundle_cache.using("one@1") as pinned:
        assert pinned.version == "one@1"
    files.write(retired_key("one@2"), b"")
    with bundle_cache.using("one") as offered:
        assert offered.version == "one@1"
    shutil.rmtree(cache)
    with bundle_cache.using("one@2") as retired:
        assert retired.version == "one@2", "for jobs that are run again"
    files.write(retired_key("one@1"), b"")
    with pytest.raises(NoSuchBundle), bundle_cache.using("one"):
        pass
    assert "one" not in [bundle.manifest.name for bundle in bundle_cache.all()]


def test_an_installed_bundle_hides_published_ones_unless_their_version_is_named(
    tmp_path: Path,
) -> None:
    files = bucket_of(tmp_path / "made", "human-mt")
    bundle_cache = BundleCache(EMBEDDED, tmp_path / "cache", files)
    here = find("human-mt").version
    for wanted, got in (("human-mt", here), (here, here), ("human-mt@1", "human-mt@1")):
        with bundle_cache.using(wanted) as bundle:
            assert bundle.version == got
    assert [one.version for one in bundle_cache.all() if one.manifest.name == "human-mt"] == [here]


def test_an_error_of_whoever_uses_a_bundle_is_theirs(tmp_path: Path) -> None:
    bundle_cache = BundleCache(EMBEDDED, tmp_path, bucket_of(tmp_path / "made", "one"))
    with pytest.raises(NoSuchBundle, match="mine"), bundle_cache.using("human-mt"):
        raise NoSuchBundle("mine")


def test_the_least_recently_used_bundle_is_removed_unless_it_is_in_use(tmp_path: Path) -> None:
    files = bucket_of(tmp_path / "made", "one", "two", "three")
    cache = tmp_path / "cache"
    bundle_cache = BundleCache(EMBEDDED, cache, files, most_bytes=1)
    with bundle_cache.using("one"):
        with bundle_cache.using("two"):
            assert {path.name for path in cache.iterdir()} == {"one@1", "two@1"}
        os.utime(cache / "one@1" / "manifest.json", (0, 0))
        with bundle_cache.using("three"):
            assert {path.name for path in cache.iterdir()} == {"one@1", "three@1"}


def test_a_bundle_that_differs_from_its_manifest_is_not_used(tmp_path: Path) -> None:
    files = bucket_of(tmp_path / "made", "one")
    files.write("versions/one@1/genes.gff3", b"other")
    with (
        pytest.raises(BadBundle, match=r"genes\.gff3"),
        BundleCache(EMBEDDED, tmp_path / "cache", files).using("one"),
    ):
        pass
    assert not (tmp_path / "cache" / "one@1").exists()


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
