"""A large object that is read by several requests at once."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from gas.files.bucket import CHUNK_BYTES, FileChanged, Pin, Span
from gas.files.read_ahead import AT_ONCE, Reading
from gas.memory.files import MemoryFiles

SPAN = 1_000
CONTENT = random.Random(71).randbytes(40 * SPAN + 7)


@pytest.fixture
def files() -> MemoryFiles:
    bucket = MemoryFiles("results", lambda: datetime.now(UTC))
    bucket.write("key", CONTENT)
    return bucket


def read(reading: Reading, sizes: list[int]) -> list[bytes]:
    with closing(reading):
        return [b"".join(reading.take(size)) for size in sizes]


class Spans:
    """A bucket that counts requests; ``fault`` is raised in the middle of some spans."""

    def __init__(self, files: MemoryFiles, fault: Exception | None = None, times: int = 1) -> None:
        self.info = files.info
        self._files, self._fault, self._times = files, fault, times
        self._lock = threading.Lock()
        self.asked: dict[int, int] = {}

    def stream(self, key: str, pin: Pin | None = None, span: Span | None = None) -> Iterator[bytes]:
        assert span
        with self._lock:
            tries = self.asked[span.first] = self.asked.get(span.first, 0) + 1
        whole = b"".join(self._files.stream(key, pin, span))
        yield whole[:10]
        if self._fault and span.first % (3 * SPAN) == 0 and tries <= self._times:
            raise self._fault
        yield whole[10:]


@pytest.mark.parametrize("seed", range(10))
def test_the_bytes_come_in_order_however_they_are_asked_for(seed: int, files: MemoryFiles) -> None:
    rng = random.Random(seed)
    sizes: list[int] = []
    while sum(sizes) < len(CONTENT):
        sizes.append(rng.choice([0, 1, rng.randint(1, 9 * SPAN)]))
    found = read(Reading(files, "key", rng.choice([7, SPAN, len(CONTENT), 1 << 20])), sizes)
    assert [len(one) for one in found[:-1]] == sizes[:-1]
    assert b"".join(found) == CONTENT


def test_no_more_is_in_memory_than_a_few_spans(files: MemoryFiles) -> None:
    bucket = Spans(files)
    with closing(Reading(bucket, "key", SPAN)) as reading:
        assert b"".join(reading.take(SPAN)) == CONTENT[:SPAN]
        assert 1 < len(bucket.asked) <= AT_ONCE + 1
    assert max(bucket.asked) <= AT_ONCE * SPAN


def test_chunks_are_small_enough_to_say_in_between_that_one_is_there() -> None:
    files = MemoryFiles("results", lambda: datetime.now(UTC))
    files.write("key", bytes(3 * CHUNK_BYTES + 1))
    with closing(Reading(files, "key")) as reading:
        assert [len(chunk) for chunk in reading.take(1 << 30)] == [*[CHUNK_BYTES] * 3, 1]


def test_a_span_whose_connection_breaks_is_read_again(files: MemoryFiles) -> None:
    bucket = Spans(files, ConnectionClosedError(endpoint_url="s3"), times=2)
    assert read(Reading(bucket, "key", SPAN), [len(CONTENT)]) == [CONTENT]
    assert set(bucket.asked.values()) == {1, 3}


def test_a_span_that_is_refused_again_and_again_is_an_error(files: MemoryFiles) -> None:
    refused = ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, "GetObject")
    with pytest.raises(ClientError):
        read(Reading(Spans(files, refused, times=3), "key", SPAN), [len(CONTENT)])


def test_an_object_that_is_replaced_meanwhile_is_noticed(files: MemoryFiles) -> None:
    with closing(Reading(files, "key", SPAN)) as reading:
        b"".join(reading.take(SPAN))
        files.write("key", CONTENT[::-1])
        with pytest.raises(FileChanged):
            b"".join(reading.take(len(CONTENT)))


def test_an_empty_object_has_no_bytes(files: MemoryFiles) -> None:
    files.write("empty", b"")
    assert read(Reading(files, "empty"), [0, 9]) == [b"", b""]
