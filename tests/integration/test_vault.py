"""The Glacier API by boto3, against a server of vaults that checks its requests."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from botocore.exceptions import ClientError

from gas.archive import glacier
from gas.archive.glacier import GlacierVault
from gas.archive.store import Readiness
from gas.archive.vault import NoCapacity
from gas.aws.clients import Aws
from gas.events import Tier
from gas.messaging.queue import SqsQueue
from gas.settings import Settings

pytestmark = pytest.mark.integration


@pytest.fixture
def vault(installation: Settings, vaults: str) -> Iterator[GlacierVault]:
    patch = pytest.MonkeyPatch()
    patch.setenv("AWS_ENDPOINT_URL_GLACIER", vaults)
    aws = Aws(installation)
    aws.glacier().create_vault(vaultName="vault")
    yield GlacierVault(
        aws.glacier(),
        aws.glacier(attempts=1),
        name="vault",
        topic_arn=installation.topic_arn("restore-notices"),
    )
    patch.undo()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"result")
    return path


def output(vault: GlacierVault, retrieval: str) -> bytes:
    """What the retrieval returns, once it is readable."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = vault.retrieval(retrieval)
        assert found
        if found.readiness is Readiness.READABLE:
            return b"".join(vault.output(retrieval))
        time.sleep(0.1)
    raise AssertionError("the retrieval is not readable")


def test_a_large_archive_is_uploaded_in_parts_and_read_back_whole(
    vault: GlacierVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glacier, "ONE_UPLOAD_BYTES", 1 << 20)
    path = tmp_path / "large"
    path.write_bytes(os.urandom((40 << 20) + 17))
    archive_id = vault.upload(path, "{}")
    assert output(vault, vault.initiate(archive_id, "{}", Tier.EXPEDITED)) == path.read_bytes()


def test_a_refusal_for_lack_of_capacity_is_an_error_of_its_own(
    vault: GlacierVault, vaults: str, file: Path
) -> None:
    archive_id = vault.upload(file, "{}")
    requests.put(f"{vaults}/-/next?refuse=1", timeout=10)
    with pytest.raises(NoCapacity):
        vault.initiate(archive_id, "{}", Tier.EXPEDITED)
    assert output(vault, vault.initiate(archive_id, "{}", Tier.STANDARD)) == b"result"


def test_a_failed_retrieval_is_not_listed(vault: GlacierVault, vaults: str, file: Path) -> None:
    archive_id = vault.upload(file, "{}")
    requests.put(f"{vaults}/-/next?fail=1", timeout=10)
    retrieval = vault.initiate(archive_id, "{}", Tier.EXPEDITED)
    deadline = time.monotonic() + 20
    while (found := vault.retrieval(retrieval)) and found.readiness is Readiness.THAWING:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert found is not None
    assert archive_id not in {listed.archive_id for listed in vault.retrievals()}


def test_all_retrievals_are_listed_however_many_pages_they_fill(
    vault: GlacierVault, file: Path
) -> None:
    archive_id = vault.upload(file, "{}")
    requested = {vault.initiate(archive_id, "{}", Tier.STANDARD) for _ in range(60)}
    assert requested <= {found.id for found in vault.retrievals()}


def test_unknown_ids_are_reported_as_unknown(vault: GlacierVault) -> None:
    assert vault.retrieval("nothing") is None
    vault.delete("nothing")
    with pytest.raises(ClientError):
        vault.initiate("nothing", "{}", Tier.STANDARD)


def test_a_suppressed_notice_never_arrives(
    vault: GlacierVault, vaults: str, installation: Settings, file: Path
) -> None:
    queue = SqsQueue(Aws(installation).sqs(), installation.named("thawer"))
    while found := queue.receive(10, 2, 30):
        for message in found:
            queue.delete(message)
    requests.put(f"{vaults}/-/next?silent=1", timeout=10)
    retrieval = vault.initiate(vault.upload(file, "{}"), "{}", Tier.EXPEDITED)
    assert output(vault, retrieval) == b"result"
    assert queue.receive(10, 2, 30) == []
