"""While a job runs, ECS is asked not to end its task to scale in.

The task's own agent takes the wish (docs.aws.amazon.com/AmazonECS/latest/developerguide, "Task
scale-in protection endpoint"). It is a courtesy, not a promise: a task that is ended all the same
gives its job back, and another does it.
"""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPException

import structlog

logger = structlog.get_logger()

AGENT = "ECS_AGENT_URI"
_TIMEOUT_SECONDS = 5
_LONGEST_MINUTES = 2_880  # ECS takes no more


class TaskProtection:
    """Protects this task while at least one job runs; where there is no agent, nothing to do."""

    def __init__(self, agent_url: str | None, longest_job: timedelta) -> None:
        self._url = f"{agent_url}/task-protection/v1/state" if agent_url else None
        # Should the end never be told, the task is free again by itself.
        self._minutes = min(int(longest_job.total_seconds() // 60) + 5, _LONGEST_MINUTES)
        self._lock = threading.Lock()
        self._running = 0

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Protect the task for the time of the block."""
        with self._lock:
            self._running += 1
            self._tell({"ProtectionEnabled": True, "ExpiresInMinutes": self._minutes})
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                if not self._running:
                    self._tell({"ProtectionEnabled": False})

    def _tell(self, wish: dict[str, bool | int]) -> None:
        if self._url is None:
            return
        request = urllib.request.Request(  # noqa: S310  # the agent's address is ECS's own
            self._url,
            data=json.dumps(wish).encode(),
            headers={"Content-Type": "application/json"},
            method="PUT",
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
                failure = json.load(answer).get("failure")
        except (OSError, HTTPException, ValueError, AttributeError) as error:
            failure = f"{type(error).__name__}: {error}"
        if failure:
            logger.warning("the task's protection was not changed", wish=wish, reason=str(failure))
