"""A stand-in for DynamoDB with a log of many equal jobs, made up as it is read.

It answers in place of the network, behind botocore, so that all of a client's own work is done:
requests are built, serialized and signed, answers parsed. Pages end where DynamoDB's do, after
1 MB, also within a stream. Rows are only remembered as written or not: one with another content
than that of the first job is an error.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.hooks import BaseEventHooks

from gas.aws.items import wire
from gas.eventstore.log import StoredEvent

_PAGE_BYTES = 1 << 20
_ID = "019b76da-a800-7000-8000-{:012x}"
_FIRST = 1 << 40
"""No id of the template is as high."""


class StandIn:
    """The tables of ``streams`` jobs, each with the events of ``life``.

    ``requests`` counts calls by operation and table, ``seconds`` is its own CPU time.
    """

    def __init__(self, life: list[StoredEvent], streams: int, prefix: str) -> None:
        self.streams = streams
        self.requests: Counter[str] = Counter()
        self.seconds = 0.0
        self.read_bytes: Counter[str] = Counter()
        self._prefix = prefix
        self._old = life[0].stream.partition("/")[2]
        self._events = [
            json.dumps(
                wire(
                    {
                        "stream": entry.stream,
                        "version": entry.version,
                        "event_id": entry.event_id,
                        "event": entry.text,
                    }
                )
            )
            for entry in life
        ]
        # What the pages of a scan are measured by: the stored item, not what is asked of it.
        self.stream_bytes = sum(len(entry.text) + 250 for entry in life)
        self._row: str | None = None
        self.written = bytearray(streams)
        self._lock = threading.Lock()
        self._operations: dict[str, Callable[[str, dict[str, Any]], str]] = {
            "Scan": self._scan,
            "Query": self._query,
            "BatchGetItem": self._batch_get,
            "PutItem": self._put,
        }

    def hook_into(self, events: BaseEventHooks) -> None:
        """Answer every request of the clients that are made from now on."""
        handler: Any = self._answer  # the stubs know no handlers that answer
        events.register("before-send.dynamodb", handler)

    def row_bytes(self) -> int:
        """The size of a row; 0 before the first was written."""
        return len(self._row or "")

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        began = time.thread_time()
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        asked = json.loads(request.body)
        table = self._table_of(asked)
        text = self._operations[operation](table, asked)
        with self._lock:
            self.requests[f"{operation} {table}"] += 1
            self.read_bytes[table] += len(text)
            self.seconds += time.thread_time() - began
        return AWSResponse(request.url, 200, {}, _Raw(text.encode()))  # type: ignore[arg-type]

    def _table_of(self, asked: dict[str, Any]) -> str:
        name = asked.get("TableName") or next(iter(asked["RequestItems"]))
        return str(name).removeprefix(f"{self._prefix}-")

    def _scan(self, table: str, asked: dict[str, Any]) -> str:
        if table == "accounts":
            return json.dumps({"Items": []})
        each = len(self._events) if table == "events" else 1
        size = self.stream_bytes / each if table == "events" else self.row_bytes() or 1
        number, total = asked["Segment"], asked["TotalSegments"]
        places = range(
            number * self.streams // total * each, (number + 1) * self.streams // total * each
        )
        last = asked.get("ExclusiveStartKey")
        begin = self._place(last, each) + 1 if last else places.start
        end = min(places.stop, begin + max(1, int(_PAGE_BYTES / size)))
        items = ", ".join(self._items(table, begin, end, each))
        more = (
            f', "LastEvaluatedKey": {self._key(table, end - 1, each)}' if end < places.stop else ""
        )
        return f'{{"Items": [{items}]{more}}}'

    def _items(self, table: str, begin: int, end: int, each: int) -> Iterator[str]:
        for place in range(begin, end):
            job = _ID.format(_FIRST + place // each)
            if table == "events":
                yield self._events[place % each].replace(self._old, job)
            elif self.written[place]:
                yield self._key(table, place, each)

    def _key(self, table: str, place: int, each: int) -> str:
        job = _ID.format(_FIRST + place // each)
        if table == "events":
            return json.dumps(wire({"stream": f"job/{job}", "version": place % each + 1}))
        return json.dumps(wire({"user_id": "u", "job_id": job}))

    def _place(self, key: dict[str, Any], each: int) -> int:
        job = key.get("job_id") or key["stream"]
        return self._number(job["S"]) * each + int(key.get("version", {"N": "1"})["N"]) - 1

    def _number(self, name: str) -> int:
        return int(name.rpartition("-")[2], 16) - _FIRST

    def _query(self, table: str, asked: dict[str, Any]) -> str:
        each = len(self._events)
        place = self._number(asked["ExpressionAttributeValues"][":stream"]["S"]) * each
        items = ", ".join(self._items(table, place, place + each, each))
        return f'{{"Items": [{items}]}}'

    def _batch_get(self, table: str, asked: dict[str, Any]) -> str:
        (wanted,) = asked["RequestItems"].values()
        found = []
        for key in wanted["Keys"]:
            if table == "events":
                found.append(json.dumps(key))
            elif self.written[self._number(key["job_id"]["S"])]:
                found.append((self._row or "").replace(self._old, key["job_id"]["S"]))
        return f'{{"Responses": {{"{self._prefix}-{table}": [{", ".join(found)}]}}}}'

    def _put(self, _: str, asked: dict[str, Any]) -> str:
        item = asked["Item"]
        row = json.dumps(item).replace(item["job_id"]["S"], self._old)
        self._row = self._row or row
        if row != self._row:
            raise ValueError(f"another row than the first: {row}")
        self.written[self._number(item["job_id"]["S"])] = 1
        return "{}"


class _Raw:
    """The body of an answer, as urllib3 gives it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        """The body, in one piece."""
        yield self._body
