"""Alarms and the dashboard ask for what is measured, and go off when they should."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode.cfn_yaml import load

from gas.events import FailureCode
from gas.observability.metrics import NAMESPACE, UNITS
from tests.deploy.measured import SERVICES, measured_by

ECS = Path(__file__).resolve().parents[2] / "ecs"
RESOURCES = load(str(ECS / "alarms.yaml"))["Resources"]
WORKERS = {"annotator", "archiver", "restorer", "thawer", "notifier"}
Value = str | tuple[str, str]
"""A metric of AWS, or the service that measures ours, perhaps with a code."""


@dataclass(frozen=True, slots=True)
class Series:
    """A series of ours that is asked for: a metric of a service, perhaps of one code only."""

    metric: str
    service: str
    code: str | None = None


def alarms() -> dict[str, Any]:
    """The properties of all alarms, by logical id."""
    kind = "AWS::CloudWatch::Alarm"
    return {name: one["Properties"] for name, one in RESOURCES.items() if one["Type"] == kind}


def metrics_of(alarm: Any) -> dict[str, Any]:
    """The metrics that an alarm computes with, by their ids."""
    return {
        one["Id"]: one["MetricStat"]["Metric"] for one in alarm["Metrics"] if "MetricStat" in one
    }


def series_of(metric: Any) -> Series:
    """The series that a metric of ours asks for."""
    dimensions = {one["Name"]: str(one["Value"]) for one in metric["Dimensions"]}
    return Series(metric["MetricName"], dimensions.pop("service"), dimensions.pop("code", None))


def alarmed() -> dict[str, set[Series]]:
    """The series of ours that each alarm asks for."""
    asked = {name: metrics_of(one).values() for name, one in alarms().items() if "Metrics" in one}
    found = {
        name: {series_of(metric) for metric in metrics if metric["Namespace"] == NAMESPACE}
        for name, metrics in asked.items()
    }
    return {name: series for name, series in found.items() if series}


def shown() -> Iterator[Series]:
    """The series of ours on the dashboard."""
    body = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    for widget in json.loads(re.sub(r"\$\{[^}]+\}", "x", body))["widgets"]:
        for namespace, metric, *rest in widget["properties"]["metrics"]:
            if namespace == NAMESPACE:
                dimensions = dict(zip(rest[::2], rest[1::2], strict=True))
                yield Series(metric, dimensions.pop("service"), dimensions.pop("code", None))
                assert not dimensions


def test_every_metric_has_a_unit_and_every_unit_a_metric() -> None:
    measured = {one.metric for service in SERVICES for one in measured_by(service)}
    assert measured == set(UNITS)


def test_each_series_that_is_asked_for_is_measured_by_that_service_and_code() -> None:
    for series in {*shown(), *(one for asked in alarmed().values() for one in asked)}:
        lines = [one for one in measured_by(series.service) if one.metric == series.metric]
        assert lines, f"{series.service} measures no {series.metric}"
        if series.code is not None:
            # A line without the code would be missing from the series.
            assert {one.by for one in lines} == {"code"}, series
            assert series.code in set(FailureCode), series


def test_the_dashboard_shows_jobs_that_failed_for_whatever_reason() -> None:
    codes = {series.code for series in shown() if series.metric == "failed_jobs"}
    assert codes == set(FailureCode) - {FailureCode.CANCELLED}, "which no job fails with"


@pytest.mark.parametrize("alarm", sorted(alarmed()))
def test_an_alarm_hears_every_service_that_measures_its_metrics(alarm: str) -> None:
    asked = alarmed()[alarm]
    for metric in {series.metric for series in asked}:
        measuring = {s for s in SERVICES if metric in {one.metric for one in measured_by(s)}}
        assert {series.service for series in asked if series.metric == metric} == measuring


MATH: dict[str, Callable[..., Any]] = {"SUM": sum, "MAX": max}


def goes_off(alarm: str, values: Mapping[Value, float]) -> bool:
    """Whether the alarm's value is beyond its threshold, where all others are 0."""
    found = alarms()[alarm]
    assert found["AlarmActions"] == found["OKActions"] == [{"Ref": "Alarms"}]
    assert found["TreatMissingData"] == "notBreaching", "nothing is logged while all is well"
    assert found["ComparisonOperator"] == "GreaterThanThreshold"
    if "Metrics" not in found:
        return bool(values.get(found["MetricName"], 0) > found["Threshold"])
    seen = {
        id: values.get((series.service, series.code) if series.code else series.service, 0)
        for id, metric in metrics_of(found).items()
        for series in [series_of(metric)]
    }
    (result,) = [one for one in found["Metrics"] if one["ReturnData"]]
    names = {**MATH, **seen, "METRICS": lambda: list(seen.values())}
    return bool(eval(result["Expression"], {"__builtins__": {}}, names) > found["Threshold"])


@pytest.mark.parametrize(
    ("alarm", "values"),
    [
        *(("DeadThreadsAlarm", {worker: 1}) for worker in sorted(WORKERS)),
        *(("OutboxAgeAlarm", {worker: 301}) for worker in sorted(WORKERS)),
        *(("GivenUpAlarm", {service: 1}) for service in sorted(WORKERS | {"reconciler"})),
        *(("FailedJobsAlarm", {(name, "internal"): 1}) for name in ("annotator", "reconciler")),
        ("NoFreeLeaseAlarm", {"annotator": 1001}),
        ("StuckRestoresAlarm", {"reconciler": 1}),
        ("RestoredLogAlarm", {"reconciler": 1}),
        # SES reviews an account at 5 and 0.1 per cent: an operator is told before.
        ("BouncesAlarm", {"Reputation.BounceRate": 0.045}),
        ("ComplaintsAlarm", {"Reputation.ComplaintRate": 0.0009}),
    ],
)
def test_operators_are_told(alarm: str, values: dict[Value, float]) -> None:
    assert goes_off(alarm, values)
    assert not goes_off(alarm, dict.fromkeys(values, 0))


@pytest.mark.parametrize(
    ("alarm", "values"),
    [
        ("OutboxAgeAlarm", {"annotator": 200, "archiver": 200}),  # the oldest counts, not the sum
        ("FailedJobsAlarm", {("annotator", "not_vcf"): 50}),  # the files' fault
        ("NoFreeLeaseAlarm", {"annotator": 500}),
        ("BouncesAlarm", {"Reputation.BounceRate": 0.01}),
        ("ComplaintsAlarm", {"Reputation.ComplaintRate": 0.0001}),
    ],
)
def test_operators_are_not_told_of_what_is_usual(alarm: str, values: dict[Value, float]) -> None:
    assert not goes_off(alarm, values)
