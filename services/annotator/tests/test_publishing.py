"""Bundles are published as versions that never change, and retired without being lost."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from annotator.bundle import MANIFEST, Bundle
from annotator.bundle_cache import BundleCache
from annotator.publishing import CannotPublish, publish
from gas.files.published import (
    NotPublished,
    mark_retired,
    newest,
    published,
    unmark_retired,
)
from gas.memory.files import MemoryFiles
from tests.support import synthetic_genome


class Clock:
    """A clock that goes on by a minute each time."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(minutes=1)
        return self.time


class Failing(MemoryFiles):
    """A bucket that fails once, at the file of that name, and remembers what was stored."""

    def __init__(self, fails_at: str = "") -> None:
        super().__init__("bundles", Clock())
        self.fails_at = fails_at
        self.stored: list[str] = []

    def put(self, key: str, path: Path, content_type: str, *more: object) -> None:
        if self.fails_at and key.endswith(self.fails_at):
            self.fails_at = ""
            raise OSError("the connection broke")
        self.stored.append(key)
        super().put(key, path, content_type)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return synthetic_genome.build_bundle(tmp_path_factory.mktemp("built"))


def quiet(_: str) -> None:
    pass


def as_version(bundle: Bundle, version: str, to: Path, title: str = "") -> Bundle:
    """A copy of the bundle as another version."""
    folder = to / version
    shutil.copytree(bundle.folder, folder)
    about = json.loads((folder / MANIFEST).read_text())
    about |= {"version": version} | ({"title": title} if title else {})
    (folder / MANIFEST).write_text(json.dumps(about))
    return Bundle(folder)


def test_a_published_bundle_is_what_workers_fetch(built: Bundle, tmp_path: Path) -> None:
    files = Failing()
    publish(built, files, quiet)
    assert files.stored[-2:] == [
        "versions/synthetic@1/manifest.json",
        "catalogue/synthetic@1.json",
    ], "what offers the version comes last"
    shown = json.loads(files.objects["catalogue/synthetic@1.json"])
    assert (shown["name"], shown["version"], shown["known"][0]["licence"]) == (
        "synthetic", "1", "none",
    )  # fmt: skip
    with BundleCache(tmp_path / "none", tmp_path / "cache", files).using("synthetic") as fetched:
        assert fetched.manifest == built.manifest
        for file in built.manifest.sha256:
            assert (fetched.folder / file).read_bytes() == (built.folder / file).read_bytes()


def test_an_interrupted_run_offers_nothing_and_the_next_one_goes_on(built: Bundle) -> None:
    files = Failing("transcripts.parquet")
    with pytest.raises(OSError, match="broke"):
        publish(built, files, quiet)
    assert published(files) == []
    before = list(files.stored)
    publish(built, files, quiet)
    assert [one.id for one in published(files)] == ["synthetic@1"]
    assert before
    assert all(files.stored.count(key) == 1 for key in before), "nothing is sent twice"


def test_a_version_never_changes_and_the_same_one_again_is_no_error(
    built: Bundle, tmp_path: Path
) -> None:
    files = Failing()
    publish(built, files, quiet)
    stored = list(files.stored)
    publish(built, files, quiet)
    assert files.stored == stored
    with pytest.raises(CannotPublish, match="other contents"):
        publish(as_version(built, "1", tmp_path, "another title"), files, quiet)
    assert files.stored == stored


def test_a_bundle_with_faults_is_not_published(built: Bundle, tmp_path: Path) -> None:
    files = Failing()
    damaged = as_version(built, "2", tmp_path)
    with (damaged.folder / "genes.gff3").open("a") as genes:
        genes.write("# edited\n")
    with pytest.raises(CannotPublish, match=r"genes\.gff3 is not what it was"):
        publish(damaged, files, quiet)
    with pytest.raises(CannotPublish, match="letters, digits"):
        publish(as_version(built, "of May", tmp_path), files, quiet)
    earlier = as_version(built, "3", tmp_path)
    (earlier.folder / "transcripts.parquet").unlink()
    with pytest.raises(CannotPublish, match="build it again"):
        publish(earlier, files, quiet)
    assert files.stored == []


def test_a_retired_version_is_not_offered_but_stays_until_that_is_undone(
    built: Bundle, tmp_path: Path
) -> None:
    files = Failing()
    publish(as_version(built, "2026.2", tmp_path), files, quiet)
    publish(built, files, quiet)  # published later, so it is the newer one

    def offered() -> str | None:
        one = newest(published(files)).get("synthetic")
        return one.id if one else None

    assert offered() == "synthetic@1"
    left = mark_retired("synthetic@1", "wrong frequencies", files)
    assert left
    assert left.id == offered() == "synthetic@2026.2"
    with BundleCache(tmp_path / "none", tmp_path / "cache", files).using("synthetic@1") as old:
        assert old.manifest == built.manifest
    assert mark_retired("synthetic@2026.2", "", files) is None
    assert offered() is None
    unmark_retired("synthetic@1", files)
    assert offered() == "synthetic@1"
    with pytest.raises(NotPublished, match=r"synthetic@9 is not published\. These are: synth"):
        mark_retired("synthetic@9", "", files)
