"""What the services measure, as their source says it: each line of a log with ``metrics``."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import grimp

SERVICES = ("annotator", "archiver", "restorer", "reconciler", "thawer", "notifier", "web")
_LEVELS = {"debug", "info", "warning", "error", "exception"}


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric that a module logs; ``by`` names the field that has a series for each value."""

    metric: str
    module: str
    by: str | None = None


@cache
def measured_by(service: str) -> frozenset[Measured]:
    """What the modules measure that a process of the service loads.

    The reconciler is a thread of the restorer that logs under a name of its own.
    """
    start = "reconciler.loop" if service == "reconciler" else f"{service}.__main__"
    imports = deepcopy(_imports())
    if service == "restorer":
        for module in imports.find_descendants("reconciler"):
            imports.remove_module(module)
    modules = imports.find_upstream_modules(start) | {start}
    return frozenset(found for module in modules for found in _of_module(module))


@cache
def _imports() -> grimp.ImportGraph:
    return grimp.build_graph("gas", *SERVICES, "notifier", cache_dir=None)


@cache
def _of_module(module: str) -> frozenset[Measured]:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return frozenset(found for function in functions for found in _of_function(function, module))


def _of_function(function: ast.FunctionDef, module: str) -> Iterator[Measured]:
    for call in ast.walk(function):
        if not isinstance(call, ast.Call) or getattr(call.func, "attr", "") not in _LEVELS:
            continue
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if "metrics" not in given:
            continue
        by = given.get("metrics_by")
        field = str(by.value) if isinstance(by, ast.Constant) else None
        assert field is None or field in given, f"{module}: a line by {field} needs the field"
        for name in _names(given["metrics"], function):
            yield Measured(name, module, field)


def _names(values: ast.expr, function: ast.FunctionDef) -> Iterator[str]:
    """The keys of a dict that is written there, or made in the function before."""
    if isinstance(values, ast.Dict):
        yield from (str(key.value) for key in values.keys if isinstance(key, ast.Constant))
        return
    assert isinstance(values, ast.Name)
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id == values.id:
                yield from _names(node.value, function)
            elif (
                isinstance(target, ast.Subscript)
                and getattr(target.value, "id", "") == values.id
                and isinstance(target.slice, ast.Constant)
            ):
                yield str(target.slice.value)
