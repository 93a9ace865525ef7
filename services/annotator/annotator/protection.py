"""ECS scale-in protection: while a job runs, ECS is asked not to stop its task to scale in.

The request goes to the task's own agent (docs.aws.amazon.com/AmazonECS/latest/developerguide, "Task
scale-in protection endpoint"). Nothing depends on it: a task that is stopped all the same returns
its job to the queue, and another task runs it.
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
_MAX_MINUTES = 2_880  # ECS accepts no more: 48 hours
_MARGIN_MINUTES = 5


class TaskProtection:
    """Protects this task while at least one job runs; without an agent (not on ECS) does nothing.

    ``longest_job`` is the longest time that one job may take.
    """

    def __init__(self, agent_url: str | None, longest_job: timedelta) -> None:
        self._url = f"{agent_url}/task-protection/v1/state" if agent_url else None
        # If the request to unprotect is lost, the protection expires by itself after this time.
        minutes = int(longest_job.total_seconds() // 60) + _MARGIN_MINUTES
        self._minutes = min(minutes, _MAX_MINUTES)
        self._lock = threading.Lock()
        self._running = 0

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Protect the task for the time of the block. A failure is logged, never raised."""
        with self._lock:
            self._running += 1
            # Also when it is protected already: each request restarts the expiry time.
            self._request({"ProtectionEnabled": True, "ExpiresInMinutes": self._minutes})
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                if not self._running:
                    self._request({"ProtectionEnabled": False})

    def _request(self, state: dict[str, bool | int]) -> None:
        if self._url is None:
            return
        request = urllib.request.Request(  # noqa: S310  # the agent's address is ECS's own
            self._url,
            data=json.dumps(state).encode(),
            headers={"Content-Type": "application/json"},
            method="PUT",
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
                failure = json.load(answer).get("failure")
        except (OSError, HTTPException, ValueError, AttributeError) as error:
            failure = f"{type(error).__name__}: {error}"
        if failure:
            logger.warning("task protection not changed", state=state, reason=str(failure))
