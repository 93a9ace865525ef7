"""The AWS emulator, started once for all tests that need it, and installations on it."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from gas.aws.clients import Aws
from gas.settings import Settings
from local.deploy import deploy
from local.ports import HOST, choose
from local.stack import CREDENTIALS, EMULATORS, REGION, ROOT

# what only the tests of the templates need
_DEPLOYED = "ec2,ecr,ecs,elasticloadbalancing,logs,monitoring,secretsmanager"


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The back end: the embedded one, or what ``GAS_TEST_AWS_URL`` names (LocalStack, say)."""
    if chosen := os.environ.get("GAS_TEST_AWS_URL"):
        yield chosen
        return
    folder: Path = tmp_path_factory.mktemp("emulator")
    port = choose(("aws",), folder / "ports.json")["aws"]
    environment = {
        **os.environ,
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SERVICES": f"cloudformation,dynamodb,iam,s3,ses,sns,sqs,sts,{_DEPLOYED}",
    }
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [str(EMULATORS / "ministack")], env=environment, stdout=log, stderr=log
        )
        url = f"http://{HOST}:{port}"
        _wait_for(url, process)
        yield url
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def vaults(emulator: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of Glacier vaults whose notices go to the emulator's topics."""
    folder: Path = tmp_path_factory.mktemp("vaults")
    port = choose(("vaults",), folder / "ports.json")["vaults"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [str(EMULATORS / "python"), "-m", "local.vaults", HOST, str(port)],
            env={**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": emulator, "AWS_REGION": REGION},
            stdout=log,
            stderr=log,
            cwd=ROOT,
        )
        url = f"http://{HOST}:{port}"
        _wait_for(url, process)
        yield url
        process.terminate()
        process.wait(20)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the server ended"
        with contextlib.suppress(requests.ConnectionError):
            requests.get(url, timeout=5)
            return
        time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


@pytest.fixture(scope="module")
def installation(emulator: str) -> Iterator[Settings]:
    """The data template, deployed under a prefix of its own."""
    patch = pytest.MonkeyPatch()
    for name, value in CREDENTIALS.items():
        patch.setenv(name, value)
    settings = Settings(
        prefix=f"t{secrets.token_hex(4)}", AWS_ENDPOINT_URL=emulator, grace_seconds=1
    )
    deploy(settings, "http://127.0.0.1:5000")
    yield settings
    patch.undo()


@pytest.fixture
def aws(installation: Settings) -> Aws:
    return Aws(installation)
