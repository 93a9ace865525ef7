"""Checks what `make up` needs before Compose starts; each fault is one line that says what to do.

Needs only Python, like `make up`.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from local.ports import HOST, is_free

_LEAST_COMPOSE = (2, 20)  # `required: false` of a dependency
_LAST_WITHOUT_TOKEN = (4, 14)
_SECONDS = 20
IMAGES = ("gas-web", "gas-annotator", "gas-archiver", "gas-restorer", "gas-thawer", "gas-local")

Run = Callable[[Sequence[str]], tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Port:
    """A port that a service listens on, and the make variable that changes it."""

    variable: str
    default: int
    hint: str
    profile: str | None = None


PORTS = (
    Port("GAS_WEB_PORT", 5000, "make up PORT={other}"),
    Port("GAS_HEALTH_PORT", 5080, "GAS_HEALTH_PORT={other} make up"),
    Port("GAS_AWS_PORT", 4566, "GAS_AWS_PORT={other} make up"),
    Port("GAS_LOGIN_PORT", 9400, "GAS_LOGIN_PORT={other} make up"),
    Port("GAS_VAULT_PORT", 4567, "GAS_VAULT_PORT={other} make up STORE=vault", "vault"),
    Port("GAS_TRACES_PORT", 4318, "end what listens there", "observability"),
)


def faults(
    environment: Mapping[str, str], run: Run, free: Callable[[int], bool], *, images: bool
) -> Iterator[str]:
    """Everything that prevents a start; with ``images`` the images must exist already."""
    if engine := engine_fault(run):
        yield engine
        return
    if token := _token(environment):
        yield token
    if images:
        for image in IMAGES:
            if run(["docker", "image", "inspect", image])[0]:
                yield f"the image {image} is not there: make images"
    ours = run(["docker", "compose", "ps", "--quiet"])[1].strip()
    if not ours:
        yield from _ports(environment, free)


def engine_fault(run: Run) -> str | None:
    """Why nothing can be built or started; None if it can."""
    if run(["docker", "--version"])[0]:
        return "there is no docker here: install Docker Engine or Docker Desktop, or use `make dev`"
    status, said = run(["docker", "compose", "version", "--short"])
    found = re.search(r"(\d+)\.(\d+)", said)
    if status or not found or (int(found[1]), int(found[2])) < _LEAST_COMPOSE:
        least = ".".join(map(str, _LEAST_COMPOSE))
        has = said.strip() or "none"
        return f"Docker Compose {least} or newer is needed (found {has}): update it"
    if run(["docker", "info"])[0]:
        return "the container engine does not answer: start Docker, or use `make dev` without it"
    return None


def _token(environment: Mapping[str, str]) -> str | None:
    image = environment.get("GAS_AWS_IMAGE", "")
    if "localstack/" not in image or environment.get("LOCALSTACK_AUTH_TOKEN"):
        return None
    version = re.search(r":(\d+)\.(\d+)", image)
    if version and (int(version[1]), int(version[2])) <= _LAST_WITHOUT_TOKEN:
        return None
    return f"{image} starts only with a LOCALSTACK_AUTH_TOKEN: set it, or leave GAS_AWS_IMAGE out"


def _ports(environment: Mapping[str, str], free: Callable[[int], bool]) -> Iterator[str]:
    profiles = environment.get("COMPOSE_PROFILES", "").split(",")
    for port in PORTS:
        if port.profile and port.profile not in profiles:
            continue
        number = int(environment.get(port.variable) or port.default)
        if not free(number):
            hint = port.hint.format(other=number + 1)
            yield f"port {number} on {HOST} is in use; choose another: {hint}"


def _run(command: Sequence[str]) -> tuple[int, str]:
    if shutil.which(command[0]) is None:
        return 127, ""
    try:
        done = subprocess.run(
            list(command), capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return 124, ""
    return done.returncode, done.stdout


def main() -> int:
    """Print every fault; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m local.containers.preflight", description=__doc__
    )
    parser.add_argument("--images", action="store_true", help="the images must be there already")
    parser.add_argument("--engine", action="store_true", help="look at the engine alone")
    given = parser.parse_args()
    if given.engine:
        found = list(filter(None, [engine_fault(_run) or _token(os.environ)]))
    else:
        found = list(faults(os.environ, _run, is_free, images=given.images))
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
