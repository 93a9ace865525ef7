"""Uploads that were announced: whose, which key, how large, and the job made of each.

A row with an idempotency key (``gas.eventstore.guards``) is in the same table.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol

from gas.aws.batches import get_all, put_all
from gas.aws.items import Item, plain, wire
from gas.eventstore.guards import idempotency_row

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


FETCHED = "url-"
"""Begins the ids of uploads that GAS fetches: the annotator may write these keys and no others
(``ecs/roles.yaml``).
"""


@dataclass(frozen=True, slots=True)
class Upload:
    """One announced upload: ``key`` in the bucket of inputs, ``filename`` as the user named it.

    ``expires_at`` is in seconds since 1970 (TTL), None once the upload has a job. One that is sent
    in parts has ``parts_id``, the bucket's id of it, and parts of ``part_bytes``, the last one
    perhaps shorter. ``source_url`` is where GAS fetches the file, of ``size_bytes`` at most, until
    it has.
    """

    upload_id: str
    user_id: str
    key: str
    filename: str
    size_bytes: int
    expires_at: int | None = None
    job_id: str | None = None
    parts_id: str | None = None
    part_bytes: int | None = None
    source_url: str | None = None


_FIELDS = tuple(field.name for field in fields(Upload))


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What an idempotency key was used for: the job, and the SHA-256 of the request's body.

    Rows that were written before bodies were compared have no SHA-256.
    """

    job_id: str
    body_sha256: str | None


class UploadTable(Protocol):
    """The table ``gas-uploads``. ``job_id`` is set by the event log, in the job's transaction."""

    def put(self, upload: Upload) -> None:
        """Store a new upload; one that has become a job stays as it is."""

    def put_new(self, uploads: Sequence[Upload]) -> None:
        """Store up to 25 uploads whose ids were made just now. If it raises, some may be stored."""

    def get(self, upload_id: str) -> Upload | None:
        """The upload, strongly consistent, or None."""

    def get_all(self, upload_ids: Collection[str]) -> dict[str, Upload]:
        """Up to 100 uploads by their ids, strongly consistent; without those not there."""

    def count_open(self, user_id: str, now: int, most: int) -> int:
        """How many uploads of the user have no job and end after ``now``; counts up to ``most``.

        Eventually consistent.
        """

    def use_of_key(self, user_id: str, key: str) -> KeyUse | None:
        """What the user's idempotency key was used for, or None."""

    def discard(self, upload_id: str) -> bool:
        """Delete the upload, so that it can never become a job; False if it has one already."""

    def forget(self, upload_id: str) -> None:
        """Delete the row of an upload whose job is deleted; idempotent."""

    def forget_source(self, upload_id: str) -> None:
        """Remove the address that the upload was fetched from; idempotent."""

    def all_open(self, user_id: str, limit: int) -> list[str]:
        """The ids of up to ``limit`` of the user's uploads without a job, over or not.

        Eventually consistent.
        """


class DynamoUploadTable:
    """``gas-uploads`` in DynamoDB."""

    def __init__(self, client: DynamoDBClient, prefix: str) -> None:
        self._client = client
        self._table = f"{prefix}-uploads"

    def put(self, upload: Upload) -> None:
        try:
            self._client.put_item(
                TableName=self._table,
                Item=_item_of(upload),
                ConditionExpression="attribute_not_exists(job_id)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            # Two processes put the same upload, and the other one has submitted it meanwhile.
            return

    def put_new(self, uploads: Sequence[Upload]) -> None:
        put_all(self._client, self._table, [_item_of(upload) for upload in uploads])

    def get(self, upload_id: str) -> Upload | None:
        values = self._item(upload_id)
        return _upload_from(values) if values else None

    def get_all(self, upload_ids: Collection[str]) -> dict[str, Upload]:
        keys = [dict(wire({"upload_id": upload_id})) for upload_id in set(upload_ids)]
        found = map(_upload_from, map(plain, get_all(self._client, self._table, keys)))
        return {upload.upload_id: upload for upload in found}

    def count_open(self, user_id: str, now: int, most: int) -> int:
        answer = self._client.query(
            TableName=self._table,
            # Sparse: an upload that has a job has no expiry, and a key's row no user.
            IndexName="open",
            KeyConditionExpression="user_id = :user AND expires_at > :now",
            ExpressionAttributeValues=wire({":user": user_id, ":now": now}),
            Select="COUNT",
            Limit=most,
        )
        return answer["Count"]

    def use_of_key(self, user_id: str, key: str) -> KeyUse | None:
        values = self._item(idempotency_row(user_id, key))
        return KeyUse(values["job_id"], values.get("body_sha256")) if values else None

    def discard(self, upload_id: str) -> bool:
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=wire({"upload_id": upload_id}),
                # Against a submission at the same moment: one of the two writes fails.
                ConditionExpression="attribute_not_exists(job_id)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def forget(self, upload_id: str) -> None:
        self._client.delete_item(TableName=self._table, Key=wire({"upload_id": upload_id}))

    def forget_source(self, upload_id: str) -> None:
        with contextlib.suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._client.update_item(
                TableName=self._table,
                Key=wire({"upload_id": upload_id}),
                UpdateExpression="REMOVE source_url",
                ConditionExpression="attribute_exists(source_url)",
            )

    def all_open(self, user_id: str, limit: int) -> list[str]:
        answer = self._client.query(
            TableName=self._table,
            IndexName="open",
            KeyConditionExpression="user_id = :user",
            ExpressionAttributeValues=wire({":user": user_id}),
            Limit=limit,
        )
        return [plain(item)["upload_id"] for item in answer["Items"]]

    def _item(self, upload_id: str) -> dict[str, Any] | None:
        answer = self._client.get_item(
            TableName=self._table, Key=wire({"upload_id": upload_id}), ConsistentRead=True
        )
        item = answer.get("Item")
        return plain(item) if item else None


def _item_of(upload: Upload) -> Item:
    return dict(wire({name: value for name, value in asdict(upload).items() if value is not None}))


def _upload_from(values: dict[str, Any]) -> Upload:
    # While a release is rolled out, others may write fields that this one does not know.
    return Upload(**{name: values[name] for name in _FIELDS if name in values})
