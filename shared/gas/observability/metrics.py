"""Metrics as log lines in CloudWatch's embedded metric format, so they need no agent and no call.

A line logged with ``metrics=measures(...)`` has the values as plain fields; where GAS_METRICS is
``emf`` it says besides, in ``_aws``, that CloudWatch shall make metrics of them
(docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring, "Embedded metric format specification").
"""

from __future__ import annotations

import time
from typing import Any, Literal

from structlog.typing import EventDict

NAMESPACE = "GAS"
Unit = Literal["Seconds", "Count", "Count/Second"]
UNITS: dict[str, Unit] = {
    "queue_delay_seconds": "Seconds",
    "handler_seconds": "Seconds",
    "attempts": "Count",
    "failed_attempts": "Count",
    "given_up": "Count",
    "variants": "Count",
    "variants_per_second": "Count/Second",
    "annotation_seconds": "Seconds",
    "archive_seconds": "Seconds",
    "restore_seconds": "Seconds",
    "refused_jobs": "Count",
    "overdue_restores": "Count",
}
"""Every metric there is, and its unit; alarms and the dashboard (``ecs``) name no other."""


class Emf:
    """A processor of log lines; CloudWatch has a series of each metric for each service."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled

    def __call__(self, _: Any, __: str, line: EventDict) -> EventDict:
        values: dict[str, float] | None = line.pop("metrics", None)
        if values is None:
            return line
        line.update(values)
        if self._enabled:
            line["_aws"] = {
                "Timestamp": int(time.time() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": NAMESPACE,
                        "Dimensions": [["service"]],
                        "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in values],
                    }
                ],
            }
        return line
