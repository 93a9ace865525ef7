"""How full the queues of an installation are, which no API of SQS says of all at once."""

from __future__ import annotations

from collections import Counter

import requests

_observer = requests.Session()


def depths_of(endpoint_url: str, prefix: str) -> Counter[str]:
    """How many messages each queue with that prefix has, by its name without the prefix."""
    answer = _observer.get(f"{endpoint_url}/_ministack/sqs/messages", timeout=20)
    return Counter(
        {
            name.removeprefix(prefix): len(messages)
            for regions in answer.json()["messages"].values()
            for queues in regions.values()
            for url, messages in queues.items()
            if (name := url.rsplit("/", 1)[-1]).startswith(prefix)
        }
    )
