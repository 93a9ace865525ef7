"""What vaults keep: archives with ids of their own, multipart uploads, and slow retrievals."""

from __future__ import annotations

import csv
import io
import json
import os
import secrets
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.utils import calculate_tree_hash
from moto.glacier import models

from local.emulator_session import session

SHARE = float(os.environ.get("GAS_VAULT_SECONDS", "0.5"))
SECONDS = {"Expedited": SHARE, "Standard": 2 * SHARE, "Bulk": 4 * SHARE}
REGION = os.environ.get("AWS_REGION", "us-east-1")
WANTED: Counter[str] = Counter()
"""What must happen the next so many times: ``refuse``, ``fail`` or ``silent``."""


def is_wanted(what: str) -> bool:
    """True if that was requested for the next time; a request counts once."""
    if not WANTED[what]:
        return False
    WANTED[what] -= 1
    return True


def tree_hash(body: bytes) -> str:
    """Glacier's SHA-256 tree hash of a body, in hexadecimal."""
    return str(calculate_tree_hash(io.BytesIO(body)))  # type: ignore[arg-type]


def stamp(moment: datetime) -> str:
    """A time in Glacier's format."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Retrieval:
    """One job of a vault."""

    def __init__(self, vault: Vault, asked: dict[str, Any]) -> None:
        self.vault = vault
        self.asked = asked
        self.job_id = secrets.token_urlsafe(60)
        self.tier = asked.get("Tier") or "Standard"
        self.began = datetime.now(UTC)
        self.ends = self.began + timedelta(seconds=SECONDS[self.tier])
        self.fails = is_wanted("fail")
        if asked.get("SNSTopic") and not is_wanted("silent"):
            timer = threading.Timer(SECONDS[self.tier] + 0.05, self._announce)
            timer.daemon = True
            timer.start()

    @property
    def is_done(self) -> bool:
        """True once the tier's time is over."""
        return datetime.now(UTC) > self.ends

    def to_dict(self) -> dict[str, Any]:
        """The job as DescribeJob returns it and the notice contains it."""
        archive = self.vault.archives.get(self.asked.get("ArchiveId", ""), {})
        is_archive = self.asked["Type"] == "archive-retrieval"
        done = "Failed" if self.fails else "Succeeded"
        return {
            "Action": "ArchiveRetrieval" if is_archive else "InventoryRetrieval",
            "ArchiveId": self.asked.get("ArchiveId"),
            "ArchiveSizeInBytes": archive.get("size"),
            "ArchiveSHA256TreeHash": archive.get("sha256"),
            "SHA256TreeHash": archive.get("sha256"),
            "Completed": self.is_done,
            "CompletionDate": stamp(self.ends) if self.is_done else None,
            "CreationDate": stamp(self.began),
            "JobDescription": self.asked.get("Description"),
            "JobId": self.job_id,
            "SNSTopic": self.asked.get("SNSTopic"),
            "StatusCode": done if self.is_done else "InProgress",
            "StatusMessage": done if self.is_done else None,
            "Tier": self.tier,
            "VaultARN": self.vault.arn,
        }

    def _announce(self) -> None:
        client = session(region=REGION).client("sns")
        client.publish(TopicArn=self.asked["SNSTopic"], Message=json.dumps(self.to_dict()))


class Vault(models.Vault):
    """A vault in which every archive has a unique id."""

    __module__ = models.__name__  # moto files its models by the module that they are from

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.uploads: dict[str, dict[str, Any]] = {}

    def create_archive(self, body: bytes, description: str) -> dict[str, Any]:
        archive_id = secrets.token_urlsafe(90)
        self.archives[archive_id] = {
            "archive_id": archive_id,
            "body": body,
            "size": len(body),
            "sha256": tree_hash(body),
            "creation_date": stamp(datetime.now(UTC)),
            "description": description,
        }
        kept: dict[str, Any] = self.archives[archive_id]
        return kept

    def inventory(self) -> str:
        """The inventory in Glacier's CSV format."""
        text = io.StringIO()
        names = ("ArchiveId", "ArchiveDescription", "CreationDate", "Size", "SHA256TreeHash")
        writer = csv.DictWriter(text, names)
        writer.writeheader()
        writer.writerows(self.get_archive_list())
        return text.getvalue()
