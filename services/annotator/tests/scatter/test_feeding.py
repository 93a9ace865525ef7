"""An upload through a pipe: whoever fails at either end, nobody waits for ever."""

import hashlib
import os
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from annotator.bundle import Bundle
from annotator.rejection import Rejected
from annotator.scatter.feeding import fed
from annotator.scatter.splitting import split
from annotator.scatter.workplace import Workplace
from gas.files.bucket import FileChanged, NoSuchFile, Pin, Span
from gas.memory.files import MemoryFiles
from tests.support import scattered, synthetic_genome
from tests.support.annotation import vcf

MANY = 3 << 20


def chunks(count: int = 8) -> Generator[bytes]:
    for n in range(count):
        yield bytes([n]) * (MANY // count)


def test_all_of_it_is_read_and_hashed(tmp_path: Path) -> None:
    with fed(tmp_path / "pipe", chunks(), MANY) as feed:
        content = (tmp_path / "pipe").read_bytes()
    assert content == b"".join(chunks())
    assert len(content) == MANY
    assert feed.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("read", [None, 0, 10])
def test_who_reads_may_end_or_never_begin(read: int | None, tmp_path: Path) -> None:
    with fed(tmp_path / "pipe", chunks(), MANY) as feed:
        if read is not None:
            reader = os.open(tmp_path / "pipe", os.O_RDONLY)
            os.read(reader, read)
            os.close(reader)
    assert not feed.sha256


def test_what_the_bucket_raises_is_raised_whatever_the_reader_says(tmp_path: Path) -> None:
    def broken() -> Generator[bytes]:
        yield b"some"
        raise FileChanged("upload")

    def read() -> None:
        with fed(tmp_path / "pipe", broken(), MANY):
            assert (tmp_path / "pipe").read_bytes() == b"some"
            raise ValueError("the file ends too early")

    with pytest.raises(FileChanged):
        read()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return synthetic_genome.build_bundle(tmp_path_factory.mktemp("bundle"))


class _Failing:
    """The bucket of a place, of which an upload cannot be read beyond its first bytes."""

    def __init__(self, files: MemoryFiles, error: Exception) -> None:
        self._files, self._error = files, error

    def stream(self, key: str, pin: Pin, span: Span) -> Any:
        if span.first == 0:
            raise self._error
        return self._files.stream(key, pin, span)


@pytest.mark.parametrize("error", [NoSuchFile("upload"), TimeoutError("S3 is slow")])
def test_a_bucket_that_fails_is_not_the_files_fault(
    error: Exception, bundle: Bundle, tmp_path: Path
) -> None:
    place: Workplace = scattered.workplace(bundle, tmp_path)
    asked = scattered.stored(vcf("1\t5\t.\tA\tC\t.\t.\t."), place, tmp_path)
    failing: Any = _Failing(place.inputs, error)  # type: ignore[arg-type]
    with pytest.raises(type(error)):
        split(asked, scattered.ROOT, replace(place, inputs=failing))
    with pytest.raises(Rejected, match="replaced after it was submitted"):
        split(replace(asked, size_bytes=asked.size_bytes + 1), scattered.ROOT, place)
