"""Files in a bucket."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from gas.files import assembly
from gas.files.assembly import DamagedPiece, LocalPiece, StoredPiece
from gas.files.bucket import FileChanged, NoSuchFile, Pin, Span
from gas.runtime.repositories import utc_now
from tests.contract.cold_storage import ColdStorage


def test_files_are_stored_described_streamed_and_deleted(cold_storage: ColdStorage) -> None:
    content = b"x" * 3_000_000
    file = cold_storage.stored(content)
    info = cold_storage.warm.info(file.key)
    assert (info.size_bytes, info.sha256) == (len(content), file.sha256)
    chunks = list(cold_storage.warm.stream(file.key))
    assert b"".join(chunks) == content
    assert max(map(len, chunks)) <= 1 << 20
    assert file.key in _stored(cold_storage, timedelta(minutes=1))
    assert file.key not in _stored(cold_storage, -timedelta(minutes=1))
    cold_storage.warm.copy(file.key, "copies/one")
    assert b"".join(cold_storage.warm.stream("copies/one")) == content
    with pytest.raises(NoSuchFile):
        cold_storage.warm.copy("never/was", "copies/two")
    cold_storage.warm.delete([file.key, "never/was"])
    assert b"".join(cold_storage.warm.stream("copies/one")) == content, "a copy has its own life"
    cold_storage.warm.delete([])
    with pytest.raises(NoSuchFile):
        cold_storage.warm.info(file.key)
    with pytest.raises(NoSuchFile):
        cold_storage.warm.stream(file.key)


def test_what_was_deleted_can_be_brought_back_and_what_was_erased_cannot(
    cold_storage: ColdStorage,
) -> None:
    files, began = cold_storage.warm, utc_now() - timedelta(minutes=1)
    kept, deleted, erased = (cold_storage.stored(b"content") for _ in range(3))
    files.delete([deleted.key, erased.key])
    files.delete([deleted.key])  # once more: two markers in S3
    files.erase(erased.key)
    found = set(files.deleted_since(began))
    assert deleted.key in found
    assert {kept.key, erased.key}.isdisjoint(found)
    for file in (kept, deleted, erased):
        files.bring_back(file.key)
    assert cold_storage.content(deleted.key) == cold_storage.content(kept.key) == b"content"
    assert deleted.key not in set(files.deleted_since(began))
    with pytest.raises(NoSuchFile):
        files.info(erased.key)
    with pytest.raises(ValueError, match="whole bucket"):
        files.erase("")


def test_a_pinned_content_is_read_and_copied_whatever_was_written_since(
    cold_storage: ColdStorage,
) -> None:
    files, path = cold_storage.warm, cold_storage.folder / "other"
    key = cold_storage.stored(b"submitted").key
    info = files.info(key)
    etag = info.etag.strip('"')
    pin, by_etag = Pin(etag, info.version_id), Pin(etag)
    assert b"".join(files.stream(key, by_etag)) == b"submitted"
    path.write_bytes(b"written later")
    files.put(key, path, "text/plain")
    assert b"".join(files.stream(key)) == b"written later"
    assert b"".join(files.stream(key, pin)) == b"submitted"
    assert files.info(key, pin).etag == info.etag
    files.copy(key, "copies/pinned", pin)
    assert b"".join(files.stream("copies/pinned")) == b"submitted"
    for wrong in (by_etag, Pin("0" * 32, info.version_id)):
        with pytest.raises(FileChanged):
            files.stream(key, wrong)
        with pytest.raises(FileChanged):
            files.info(key, wrong)
        with pytest.raises(FileChanged):
            files.copy(key, "copies/another", wrong)
    files.erase(key)
    with pytest.raises((NoSuchFile, FileChanged)):
        files.stream(key, pin)


def test_metadata_is_kept_with_a_file_and_its_copies(
    cold_storage: ColdStorage, tmp_path: Path
) -> None:
    path = tmp_path / "content"
    path.write_bytes(b"x")
    cold_storage.warm.put("u/j/a/with", path, "text/plain", {"from": "here"})
    cold_storage.warm.copy("u/j/a/with", "u/j/a/copy")
    assert cold_storage.warm.info("u/j/a/copy").metadata == {"from": "here"}
    assert cold_storage.warm.info(cold_storage.stored().key).metadata == {}
    cold_storage.warm.quarantine("u/j/a/with", "period 1")


def _stored(cold_storage: ColdStorage, ago: timedelta) -> set[str]:
    return {file.key for file in cold_storage.warm.stored_before(utc_now() + ago)}


def test_spans_and_keys(cold_storage: ColdStorage) -> None:
    files = cold_storage.warm
    keys = sorted(cold_storage.stored(b"0123456789").key for _ in range(3))
    assert b"".join(files.stream(keys[0], span=Span(2, 4))) == b"234"
    assert b"".join(files.stream(keys[0], span=Span(8, 99))) == b"89"
    info = files.info(keys[0])
    pin = Pin(info.etag.strip('"'), info.version_id)
    files.copy(keys[1], keys[0])
    assert b"".join(files.stream(keys[0], pin, Span(2, 4))) == b"234"
    with pytest.raises(NoSuchFile):
        files.stream("never/was", span=Span(0, 1))
    below = f"listed/{keys[0]}/"
    for n in (2, 10, 1):
        files.copy(keys[0], f"{below}{n}")
    assert list(files.keys(below)) == [f"{below}{n}" for n in (1, 10, 2)]
    assert list(files.keys(f"{below}never")) == []


def pieces_of(
    cold_storage: ColdStorage, tmp_path: Path, sizes: list[int]
) -> tuple[list[assembly.Piece], bytes]:
    """A local head and tail and stored pieces of those sizes between them, and all their bytes."""
    rng = Random(1)
    contents = [rng.randbytes(size) for size in (300, *sizes, 28)]
    pieces: list[assembly.Piece] = []
    for content in contents[1:-1]:
        key = cold_storage.stored(content).key
        digest = hashlib.sha256(content).hexdigest()
        pieces.append(StoredPiece(cold_storage.warm, key, len(content), digest))
    for name, content in (("head", contents[0]), ("tail", contents[-1])):
        (tmp_path / name).write_bytes(content)
    ends = (LocalPiece.of(tmp_path / "head"), LocalPiece.of(tmp_path / "tail"))
    return [ends[0], *pieces, ends[1]], b"".join(contents)


@pytest.mark.parametrize("sizes", [[0, 5, 700_000], [12 << 20, 1, 9 << 20, 0, 6 << 20, 8 << 20]])
def test_an_object_is_made_of_many(
    sizes: list[int], cold_storage: ColdStorage, tmp_path: Path
) -> None:
    pieces, content = pieces_of(cold_storage, tmp_path, sizes)
    files = cold_storage.warm
    made = files.assemble("made/one", pieces, "application/gzip", {"from": "j"})
    assert b"".join(files.stream("made/one")) == content
    info = files.info("made/one")
    assert (info.size_bytes, dict(info.metadata)) == (len(content), {"from": "j"})
    whole = hashlib.sha256(content).hexdigest()
    assert made.sha256 == (whole if len(content) <= assembly.WHOLE_BYTES else None)
    tree = hashlib.sha256()
    for piece in pieces:
        tree.update(piece.size_bytes.to_bytes(8, "big") + bytes.fromhex(piece.sha256))
    assert (made.size_bytes, made.tree_sha256) == (len(content), tree.hexdigest())


def test_nothing_is_made_of_a_piece_that_is_another_or_gone(
    cold_storage: ColdStorage, tmp_path: Path
) -> None:
    pieces, _ = pieces_of(cold_storage, tmp_path, [9])
    stored = pieces[1]
    assert isinstance(stored, StoredPiece)
    pieces[1] = StoredPiece(stored.files, stored.key, 9, hashlib.sha256(b"other").hexdigest())
    with pytest.raises(DamagedPiece):
        cold_storage.warm.assemble("made/never", pieces, "text/plain")
    pieces[1] = StoredPiece(stored.files, "never/was", 9, stored.sha256)
    with pytest.raises(NoSuchFile):
        cold_storage.warm.assemble("made/never", pieces, "text/plain")
    assert list(cold_storage.warm.keys("made/never")) == []
