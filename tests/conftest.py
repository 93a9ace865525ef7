"""The AWS emulator, started once for all tests that need it, and installations on it."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gas.platform.aws import Aws
from gas.platform.settings import Settings
from local.deploy import deploy
from local.ports import HOST, choose
from local.stack import CREDENTIALS, EMULATORS


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
        "SERVICES": "cloudformation,dynamodb,iam,s3,ses,sns,sqs,sts",
    }
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [str(EMULATORS / "ministack")], env=environment, stdout=log, stderr=log
        )
        yield f"http://{HOST}:{port}"
        process.terminate()
        process.wait(20)


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
