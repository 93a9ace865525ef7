"""Metrics as log lines in CloudWatch's embedded metric format: no agent and no API call is needed.

A line logged with ``metrics={"attempts": 1}`` has the values as plain fields, which are counted by
service, and by the value of the field that ``metrics_by`` names as well. If GAS_METRICS is
``emf``, the field ``_aws`` makes CloudWatch extract them as metrics
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
    "failed_jobs": "Count",
    "no_free_lease": "Count",
    "outbox_age_seconds": "Seconds",
    "unreadable_events": "Count",
    "unreadable_jobs": "Count",
    "dead_threads": "Count",
    "lost_periods": "Count",
    "quarantined": "Count",
    "accounts_erased": "Count",
}
"""Every metric and its unit. Alarms and the dashboard (``ecs/alarms.yaml``) use these names."""


class Emf:
    """A structlog processor that expands ``metrics``; their dimension is the service.

    With ``metrics_by="code"`` there is a second series for each value of the line's field ``code``.
    """

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled

    def __call__(self, _: Any, __: str, line: EventDict) -> EventDict:
        values: dict[str, float] | None = line.pop("metrics", None)
        by: str | None = line.pop("metrics_by", None)
        if values is None:
            return line
        line.update(values)
        if self._enabled:
            line["_aws"] = {
                "Timestamp": int(time.time() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": NAMESPACE,
                        "Dimensions": [["service"], ["service", by]] if by else [["service"]],
                        "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in values],
                    }
                ],
            }
        return line
