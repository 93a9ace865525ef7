"""Writes that meet a transaction, against answers as DynamoDB gives them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

from gas.aws.backoff import pause_seconds
from gas.aws.clients import Aws
from gas.domain.account import Register
from gas.eventstore.dynamo_log import DynamoEventLog
from gas.eventstore.repository import ACCOUNT, Repository
from gas.settings import Settings
from gas.tables.uploads import DynamoUploadTable
from tests.support.world import World

TAKEN = {
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
}
BUSY = {"__type": "com.amazonaws.dynamodb.v20120810#TransactionConflictException"}


class Body:
    """The body of an answer, as urllib3 streams it."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = json.dumps(content).encode()

    def stream(self) -> Iterable[bytes]:
        yield self._content


class Answers:
    """Answers requests to DynamoDB; the first ``times`` of one operation with an error."""

    def __init__(self, operation: str, error: dict[str, Any], times: int) -> None:
        self.asked: Counter[str] = Counter()
        self._operation, self._error, self._times = operation, error, times

    def __call__(self, request: AWSRequest, **_: Any) -> AWSResponse:
        target: Any = request.headers["X-Amz-Target"]
        operation = target.decode().rpartition(".")[2]
        self.asked[operation] += 1
        fails = operation == self._operation and self.asked[operation] <= self._times
        content = self._error if fails else {"Items": []}
        return AWSResponse(str(request.url), 400 if fails else 200, HTTPHeaders(), Body(content))


def answered(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> Aws:
    """Clients whose requests are answered by ``answers``."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    aws = Aws(Settings(endpoint_url="http://dynamodb"))
    hook: Any = answers
    aws.events.register("before-send.dynamodb", hook)
    return aws


def test_an_append_that_meets_a_transaction_is_tried_again_after_a_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, answers = World(), Answers("TransactWriteItems", TAKEN, 3)
    log = DynamoEventLog(answered(answers, monkeypatch).dynamodb(), "gas")
    account = Repository(ACCOUNT, replace(world.write_context, log=log)).execute("u", Register("u"))
    assert account.version == 1
    assert answers.asked["TransactWriteItems"] == 4
    assert world.paused == [1, 2, 3]


def test_a_write_of_one_item_that_meets_a_transaction_is_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = Answers("DeleteItem", BUSY, 2)
    uploads = DynamoUploadTable(answered(answers, monkeypatch).dynamodb(), "gas")
    assert uploads.discard("upload")
    assert answers.asked["DeleteItem"] == 3


def test_a_write_that_meets_transactions_for_ever_fails_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gas.aws.backoff.pause_seconds", lambda tries: 0.0)
    answers = Answers("DeleteItem", BUSY, 99)
    uploads = DynamoUploadTable(answered(answers, monkeypatch).dynamodb(), "gas")
    with pytest.raises(ClientError):
        uploads.discard("upload")
    assert answers.asked["DeleteItem"] == 10


def test_pauses_double_up_to_a_second_and_are_random_from_the_start() -> None:
    longest = [pause_seconds(tries, lambda low, high: high) for tries in range(1, 11)]
    assert longest[:3] == [0.025, 0.05, 0.1]
    assert max(longest) == 1.0
    assert sum(longest) < timedelta(seconds=6).total_seconds()
    assert pause_seconds(5, lambda low, high: low) == 0.0
    assert len({pause_seconds(5) for _ in range(20)}) > 1
