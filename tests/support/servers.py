"""Servers that tests start for themselves: the AWS emulator and the server of Glacier vaults."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import requests

from gas.settings import Settings
from local.deploy import deploy
from local.ports import HOST, choose
from local.stack import CREDENTIALS, EMULATORS, REGION, ROOT, SERVICES

# What only the tests of the templates need.
_SERVICES_OF_TEMPLATES = "ec2,ecr,ecs,elasticloadbalancing,logs,monitoring,secretsmanager"


def wait_for(url: str, *processes: subprocess.Popen[bytes]) -> None:
    """Wait until the URL answers, 30 s at most.

    Raises AssertionError where it does not, or where one of its processes has ended.
    """
    for _ in range(300):
        assert all(process.poll() is None for process in processes), f"the server of {url} ended"
        with contextlib.suppress(requests.ConnectionError):
            requests.get(url, timeout=5)
            return
        time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


@contextlib.contextmanager
def _running(
    name: str, command: Sequence[str], environment: Mapping[str, str], url: str, folder: Path
) -> Iterator[str]:
    with (folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=log, stderr=log, cwd=ROOT
        )
        try:
            wait_for(url, process)
            yield url
        finally:
            process.terminate()
            process.wait(20)


@contextlib.contextmanager
def running_emulator(folder: Path) -> Iterator[str]:
    """An AWS emulator on a free port; its URL. ``folder`` gets its log."""
    port = choose(("aws",), folder / "ports.json")["aws"]
    environment = {
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SERVICES": f"{SERVICES},{_SERVICES_OF_TEMPLATES}",
    }
    command = [str(EMULATORS / "ministack")]
    with _running("emulator", command, environment, f"http://{HOST}:{port}", folder) as url:
        yield url


@contextlib.contextmanager
def running_vaults(aws_url: str, folder: Path) -> Iterator[str]:
    """A server of Glacier vaults that publishes its notices to the emulator's topics; its URL."""
    port = choose(("vaults",), folder / "ports.json")["vaults"]
    environment = {**CREDENTIALS, "AWS_ENDPOINT_URL": aws_url, "AWS_REGION": REGION}
    command = [str(EMULATORS / "python"), "-m", "local.vaults", HOST, str(port)]
    with _running("vaults", command, environment, f"http://{HOST}:{port}", folder) as url:
        yield url


@contextlib.contextmanager
def deployed_installation(aws_url: str) -> Iterator[Settings]:
    """The data template, deployed under a new prefix; the settings of the services on it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        settings = Settings(
            prefix=f"t{secrets.token_hex(4)}", endpoint_url=aws_url, grace_seconds=1
        )
        deploy(settings, "http://127.0.0.1:5000")
        yield settings
