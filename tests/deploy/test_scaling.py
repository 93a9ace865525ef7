"""The simulated scaling rules are those of the template; they react and do not oscillate."""

import itertools
import re
from dataclasses import replace
from typing import Any

import pytest
from cfnlint.decode.cfn_yaml import load

from bench.scale.fleet import Job, run
from bench.scale.rules import TEMPLATE, Rules, Scaler

WORKER: Any = load(str(TEMPLATE))
DEFAULTS = {name: str(parameter.get("Default")) for name, parameter in WORKER["Parameters"].items()}
RULES = Rules.as_written()


def text_of(expression: Any) -> str:
    """An expression of the template, with the values of the annotator's service."""
    if isinstance(expression, str):
        return expression
    substituted = expression["Fn::Sub"]
    text, more = substituted if isinstance(substituted, list) else (substituted, {})
    values = DEFAULTS | {name: value["Fn::If"][1] for name, value in more.items()}
    return re.sub(r"\$\{(\w+)\}", lambda found: str(values[found[1]]), text)


def load_of_template(**measured: float | None) -> float:
    """The load that CloudWatch would calculate; its ``IF`` and ``FILL`` become Python functions."""
    policy = WORKER["Resources"]["ScaleByLoad"]["Properties"]
    metrics = policy["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]
    names: dict[str, Any] = {
        "IF": lambda condition, a, b: a if condition else b,
        "FILL": lambda measurement, instead: instead if measurement is None else measurement,
        **measured,
    }
    for metric in metrics["Metrics"]:
        if "Expression" in metric:
            names[metric["Id"]] = eval(text_of(metric["Expression"]), {"__builtins__": {}}, names)
        else:
            assert metric["Id"] in measured
    return float(names["load"])


@pytest.mark.parametrize(
    ("waiting", "large", "age", "tasks", "cpu", "parts"),
    list(itertools.product((0, 1, 500), (0, 7), (0, 100, 5_000), (0, 1, 9), (0, 30, 100), (0, 40))),
)
def test_the_simulated_load_is_that_of_the_template(
    waiting: int, large: int, age: float, tasks: int, cpu: float, parts: int
) -> None:
    simulated = RULES.load(waiting, large, age, tasks, cpu, parts)
    measured = {"waiting": waiting, "large": large, "age": age, "tasks": tasks, "cpu": cpu}
    assert simulated == pytest.approx(load_of_template(**measured, parts=parts))


def test_parts_of_a_large_file_alone_ask_for_more_tasks() -> None:
    measured = {"waiting": 0, "large": None, "age": 0, "tasks": 2, "cpu": 100}
    assert load_of_template(**measured, parts=None) == RULES.target
    # Two for each task are as many as it should have; ten times as many ask for ten times the tasks
    assert load_of_template(**measured, parts=40) == 10 * RULES.target


def test_one_message_starts_a_task_where_none_runs_and_there_is_no_cpu_to_measure() -> None:
    empty = {"large": None, "parts": None, "age": 0, "tasks": None, "cpu": None}
    assert load_of_template(waiting=0, **empty) == 0
    assert load_of_template(waiting=1, **empty) > RULES.target
    scaler = Scaler(replace(RULES, least=0), 0)
    assert [scaler.see(60.0 * n, 200) for n in range(3)] == [0, 0, 1]


def test_tasks_are_added_after_three_minutes_and_removed_after_fifteen() -> None:
    scaler = Scaler(RULES, 2)
    assert [scaler.see(60.0 * n, 250) for n in range(3)] == [2, 2, 5]
    assert [scaler.see(60.0 * (3 + n), 20) for n in range(15)] == [5] * 14 + [1]


def test_a_steady_load_keeps_a_steady_fleet() -> None:
    busy = [Job(second / 4, cpu=1.0, left=1.0) for second in range(4 * 4 * 3_600)]
    history = run(RULES, busy, 4 * 3_600)
    later = {tasks for at, _, tasks in history.minutes if at > 2 * 3_600}
    assert later <= {3, 4}, "four cores of work need two to three tasks at 60 per cent"
    assert max(history.delays[len(history.delays) // 2 :]) <= 1
