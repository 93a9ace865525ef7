"""Measured values are fields of log lines, and CloudWatch metrics where the setting says so."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gas.memory.queue import MemoryQueue
from gas.messaging import delivery
from gas.messaging.delivery import ConsumerPolicy, MessageDelivery, Postponed, ignore_given_up
from gas.messaging.queue import Message
from gas.observability.metrics import UNITS, Emf

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_values_are_plain_fields() -> None:
    line = Emf(False)(None, "info", {"event": "archived", "metrics": {"archive_seconds": 2.0}})
    assert line == {"event": "archived", "archive_seconds": 2.0}


def test_values_are_described_as_metrics_for_cloudwatch() -> None:
    line = Emf(True)(
        None, "info", {"event": "archived", "service": "archiver", "metrics": {"attempts": 1}}
    )
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive == {
        "Namespace": "GAS",
        "Dimensions": [["service"]],
        "Metrics": [{"Name": "attempts", "Unit": "Count"}],
    }
    assert line["attempts"] == 1
    assert line["_aws"]["Timestamp"] > 1_700_000_000_000


def test_a_line_without_values_is_unchanged() -> None:
    assert Emf(True)(None, "info", {"event": "ready"}) == {"event": "ready"}


class KeepingLogger:
    """A logger that keeps its lines, whatever other tests have configured."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def info(self, event: str, **fields: Any) -> None:
        self.lines.append({"event": event, **fields})

    error = exception = info


def postponed(_: str) -> None:
    raise Postponed(NOW)


def broken(_: str) -> None:
    raise OSError


@pytest.mark.parametrize(
    ("handle", "receives", "outcome", "more"),
    [
        (lambda _: None, 1, "done", {}),
        (postponed, 2, "postponed", {}),
        (broken, 1, "failed", {"failed_attempts": 1}),
    ],
)
def test_every_delivery_is_measured(
    monkeypatch: pytest.MonkeyPatch,
    handle: Callable[[str], None],
    receives: int,
    outcome: str,
    more: dict[str, int],
) -> None:
    logger = KeepingLogger()
    monkeypatch.setattr(delivery, "logger", logger)
    message_delivery = MessageDelivery(
        MemoryQueue(lambda: NOW), handle, ignore_given_up, ConsumerPolicy(), lambda: NOW
    )
    message = Message("m", "{}", "r", receives, queue="gas-x", sent_at=NOW - timedelta(seconds=9))
    message_delivery.deliver(message)
    (line,) = (line for line in logger.lines if line["event"] == "message handled")
    assert line["outcome"] == outcome
    assert line["metrics"] == {
        "handler_seconds": 0,
        "attempts": receives,
        "queue_delay_seconds": 9,
        **more,
    }
    assert set(line["metrics"]) <= set(UNITS)


def test_a_value_is_counted_by_another_field_of_its_line_as_well() -> None:
    line = Emf(True)(
        None,
        "info",
        {
            "event": "failed",
            "code": "internal",
            "metrics": {"failed_jobs": 1},
            "metrics_by": "code",
        },
    )
    (described,) = line["_aws"]["CloudWatchMetrics"]
    assert described["Dimensions"] == [["service"], ["service", "code"]]
    assert line["code"] == "internal"
    assert "metrics_by" not in line


def test_every_measured_value_has_a_unit() -> None:
    root = Path(__file__).resolve().parents[2]
    sources = [*root.glob("shared/gas/**/*.py"), *root.glob("services/*/[a-z]*/**/*.py")]
    texts = [path.read_text() for path in sources if "tests" not in path.parts]
    groups = [found for text in texts for found in re.findall(r"metrics=\{([^}]*)\}", text)]
    names = {name for group in groups for name in re.findall(r'"(\w+)":', group)}
    assert "given_up" in names
    assert names <= set(UNITS), "with GAS_METRICS=emf such a line of the log would raise"
