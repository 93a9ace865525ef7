from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from annotator.references import publish, publish_if_possible
from gas.files.references import index_key, sequence_key
from gas.memory.files import MemoryFiles
from tests.support import synthetic_genome

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class FragileFiles(MemoryFiles):
    """A bucket whose first upload of an index fails."""

    def __init__(self) -> None:
        super().__init__("results", lambda: NOW)
        self.puts: list[str] = []

    def put(
        self,
        key: str,
        path: Path,
        content_type: str,
        metadata: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.puts.append(key)
        if key.endswith(".fai") and self.puts.count(key) == 1:
            raise OSError("broken off")
        super().put(key, path, content_type, metadata)


def test_a_sequence_is_stored_once_and_again_where_that_was_broken_off(tmp_path: Path) -> None:
    bundle = synthetic_genome.build_bundle(tmp_path)
    files = FragileFiles()
    with pytest.raises(OSError, match="broken off"):
        publish(bundle, files)
    for _ in range(2):
        publish(bundle, files)
    keys = [sequence_key(bundle.version), index_key(bundle.version)]
    assert files.puts == keys * 2
    assert b"".join(files.stream(keys[0])) == bundle.reference.read_bytes()


def test_a_failure_does_not_stop_the_job(tmp_path: Path) -> None:
    files = FragileFiles()
    publish_if_possible(synthetic_genome.build_bundle(tmp_path), files)
    assert len(files.puts) == 2
