"""The copies on disk, and the limits of the engine."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from gas.events import ResultFile, ResultKind
from gas.files.bucket import NoSuchFile
from web.variants.cache import BadCopy, Room, StillCopying, VariantCache
from web.variants.engine import Engine, Limits, Superseded, TooBusy, TooLarge, TooLong, Unreadable
from web.variants.turns import Turns

SLOW = "SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE a.range % 7 = b.range % 5"


class CountingFiles:
    """A bucket that counts its downloads; ``gate`` holds them back."""

    bucket = "results"

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.downloads: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    def stream(self, key: str) -> Iterator[bytes]:
        self.downloads.append(key)
        if key not in self.objects:
            raise NoSuchFile(key)
        content = self.objects[key]
        yield content[: len(content) // 2]
        assert self.gate.wait(10)
        yield content[len(content) // 2 :]

    def add(self, name: str, size: int = 1_000) -> ResultFile:
        content = hashlib.sha256(name.encode()).digest() * (size // 32)
        self.objects[name] = content
        digest = hashlib.sha256(content).hexdigest()
        return ResultFile(
            kind=ResultKind.VARIANTS, key=name, size_bytes=len(content), sha256=digest
        )


@pytest.fixture
def files() -> CountingFiles:
    return CountingFiles()


def cache_of(files: CountingFiles, folder: Path, most_bytes: int = 1 << 20) -> VariantCache:
    return VariantCache(files, Room(folder, most_bytes))  # type: ignore[arg-type]


def test_twenty_people_cause_one_copy(files: CountingFiles, tmp_path: Path) -> None:
    file = files.add("a", 3_200)
    caches = [cache_of(files, tmp_path) for _ in range(2)]  # as two processes of one task
    files.gate.clear()

    def read(number: int) -> int:
        with caches[number % 2].open(file, wait_seconds=10) as path:
            return len(path.read_bytes())

    with ThreadPoolExecutor(20) as pool:
        sizes = [pool.submit(read, number) for number in range(20)]
        files.gate.set()
        assert {size.result() for size in sizes} == {3_200}
    assert files.downloads == ["a"]


def test_who_waits_too_long_is_told_how_much_is_here(files: CountingFiles, tmp_path: Path) -> None:
    file, cache = files.add("a", 64_000), cache_of(files, tmp_path)
    files.gate.clear()
    with pytest.raises(StillCopying) as caught, cache.open(file, wait_seconds=0.2):
        pass
    assert 0 <= caught.value.fraction < 1
    files.gate.set()
    with cache.open(file, wait_seconds=10):
        assert cache.fraction(file) == 1.0


def test_the_least_recently_used_goes_but_none_in_use(files: CountingFiles, tmp_path: Path) -> None:
    cache = cache_of(files, tmp_path, most_bytes=2_500)
    used, old, new = (files.add(name, 992) for name in ("used", "old", "new"))
    with cache.open(used, 5), contextlib.ExitStack() as stack:
        with cache.open(old, 5):
            pass
        stack.enter_context(cache.open(new, 5))
        assert (cache.fraction(used), cache.fraction(old), cache.fraction(new)) == (1.0, 0.0, 1.0)


def test_to_open_a_copy_does_not_change_it(files: CountingFiles, tmp_path: Path) -> None:
    file, cache = files.add("a"), cache_of(files, tmp_path)
    times = []
    for _ in range(2):
        with cache.open(file, 5) as path:
            times.append((path.stat().st_mtime_ns, path.stat().st_atime_ns))
    assert times[0][0] == times[1][0]
    assert times[0][1] < times[1][1]


def test_a_copy_that_is_not_what_the_event_says_is_refused(
    files: CountingFiles, tmp_path: Path
) -> None:
    file, cache = files.add("a"), cache_of(files, tmp_path)
    files.objects["a"] = b"something else"
    with pytest.raises(BadCopy), cache.open(file, 5):
        pass
    assert list(tmp_path.iterdir()) == []
    del files.objects["a"]
    with pytest.raises(NoSuchFile), cache.open(file, 5):
        pass


def test_a_question_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    engine = Engine(tmp_path, Limits(seconds=0.3))
    began = time.monotonic()
    with engine.session() as session, pytest.raises(TooLong):
        session.rows(SLOW)
    assert time.monotonic() - began < 10
    with engine.session() as session:
        assert session.rows("SELECT 1") == [(1,)]


def test_a_newer_question_of_the_same_view_replaces_the_older(tmp_path: Path) -> None:
    engine = Engine(tmp_path, Limits(seconds=60))
    started = threading.Event()

    def older() -> str:
        try:
            with engine.session("tab-1") as session:
                started.set()
                session.rows(SLOW)
        except Superseded:
            return "replaced"
        return "answered"

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(older)
        assert started.wait(5)
        with engine.session("tab-2") as session:
            assert session.rows("SELECT 1") == [(1,)]
        assert not waiting.done()
        with engine.session("tab-1") as session:
            assert session.rows("SELECT 2") == [(2,)]
        assert waiting.result(timeout=30) == "replaced"


def test_more_questions_than_allowed_wait_and_then_are_told(tmp_path: Path) -> None:
    engine = Engine(tmp_path, Limits(at_once=1, wait_seconds=0.1))
    with engine.session(), pytest.raises(TooBusy), engine.session():
        pass


def test_what_takes_long_lets_others_go_on(tmp_path: Path) -> None:
    limits = Limits(seconds=30, at_once=1, slow_at_once=1, patience_seconds=0.05, wait_seconds=10)
    engine = Engine(tmp_path, limits)
    started = threading.Event()

    def slow() -> str:
        try:
            with engine.session("tab") as session:
                started.set()
                session.rows(SLOW)
        except Superseded:
            return "stopped"
        return "answered"

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(slow)
        assert started.wait(5)
        with engine.session() as session:
            assert session.rows("SELECT 1") == [(1,)]
        assert not waiting.done()
        with engine.session("tab"):
            pass
        assert waiting.result(timeout=30) == "stopped"
    # Both turns are free again: neither was lost.
    with engine.session(), engine.session(seconds=1):
        pass


def test_who_comes_again_does_not_overtake_who_waits() -> None:
    turns, order = Turns(1), []

    def wait(name: str) -> None:
        assert turns.take(10)
        order.append(name)

    assert turns.take(0)
    with ThreadPoolExecutor(2) as pool:
        for number, name in enumerate(("first", "second")):
            pool.submit(wait, name)
            while turns.waiting == number:
                time.sleep(0.001)
        for name in ("first", "second"):
            turns.give_back()
            assert not turns.take(0)
            while name not in order:
                time.sleep(0.001)
    assert order == ["first", "second"]
    turns.give_back()
    assert turns.take(0)


def test_memory_is_bounded(tmp_path: Path) -> None:
    engine = Engine(tmp_path, Limits(memory="30MB"))
    with engine.session() as session, pytest.raises(TooLarge):
        session.rows("SELECT list(range::VARCHAR) FROM range(50000000)")


@pytest.mark.parametrize(
    "sql",
    [
        "FROM read_csv('/etc/passwd')",
        "FROM read_text('/etc/hostname')",
        "ATTACH '/tmp/other.db'",
        "COPY (SELECT 1) TO '/tmp/gas-test-out.csv'",
        "SET threads = 8",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "LOAD httpfs",
    ],
)
def test_nothing_outside_the_folder_can_be_reached(tmp_path: Path, sql: str) -> None:
    engine = Engine(tmp_path, Limits())
    with (
        engine.session() as session,
        pytest.raises(Exception, match=r"(?i)disabled|locked|lock|perm"),
    ):
        session.rows(sql)
    assert not Path("/tmp/gas-test-out.csv").exists()


def test_the_metadata_of_a_file_are_read_once_for_all_questions(tmp_path: Path) -> None:
    engine, path = Engine(tmp_path, Limits()), tmp_path / "x.parquet"
    duckdb.execute(f"COPY (SELECT 7 AS x) TO '{path}' (FORMAT parquet)")
    old = (1_000_000_000, 1_000_000_000)
    os.utime(path, old)

    def answer() -> object:
        with engine.session() as session:
            return session.rows("SELECT x FROM read_parquet(?)", [str(path)])

    first, content = answer(), path.read_bytes()
    footer = int.from_bytes(content[-8:-4], "little")
    path.write_bytes(content[: -8 - footer] + bytes(footer) + content[-8:])  # none to read any more
    os.utime(path, old)
    assert answer() == first == [(7,)]


def test_the_metadata_of_a_few_files_only_are_kept(tmp_path: Path) -> None:
    engine, path = Engine(tmp_path, Limits()), tmp_path / "x.parquet"
    kept = "SELECT memory_usage_bytes FROM duckdb_memory() WHERE tag = 'OBJECT_CACHE'"
    sizes = []
    duckdb.execute(f"COPY (SELECT 7 AS x) TO '{path}' (FORMAT parquet)")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    for number in range(20):
        other = tmp_path / f"{number}.parquet"
        os.link(path, other)
        with engine.session(file=other.name) as session:
            assert session.rows("SELECT x FROM read_parquet(?)", [str(other)]) == [(7,)]
            sizes.append(session.rows(kept)[0][0])
    assert max(sizes) < 9 * sizes[0]
    assert min(sizes[1:8]) > sizes[0]


def test_a_file_that_is_no_parquet_is_unreadable(tmp_path: Path) -> None:
    engine = Engine(tmp_path, Limits())
    path = tmp_path / "x.parquet"
    path.write_bytes(b"PAR1 and then nothing of it")
    with engine.session() as session, pytest.raises(Unreadable):
        session.rows("FROM read_parquet(?)", [str(path)])
