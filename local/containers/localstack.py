"""``python -m local.containers.localstack VARIABLE COMMAND…``: a command with its own LocalStack.

The container listens on a free port of loopback; its address is in the environment variable that is
named, and the container is removed when the command ends. The image is that of ``GAS_AWS_IMAGE``.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import docker
from testcontainers.community.localstack import LocalStackContainer
from testcontainers.core.config import ConnectionMode, testcontainers_config
from testcontainers.core.docker_client import DockerClient

from local.emulator_session import CONFIG, session
from local.ports import HOST
from local.stack import CREDENTIALS, REGION

# The last LocalStack that needs no account token.
DEFAULT_IMAGE = "localstack/localstack:4.14.0"
_PORT = 4566
_START_SECONDS = 180.0
_PULL_SECONDS = 30.0


class NotStarted(Exception):
    """LocalStack did not start; the message says why."""


@contextlib.contextmanager
def running_localstack() -> Iterator[str]:
    """The address of a new LocalStack, which ends with the block. Raises NotStarted."""
    image = os.environ.get("GAS_AWS_IMAGE") or DEFAULT_IMAGE
    testcontainers_config.ryuk_disabled = not _has_reaper()
    container = LocalStackContainer(image, edge_port=_PORT, region_name=REGION)
    container.with_env("LOCALSTACK_AUTH_TOKEN", os.environ.get("LOCALSTACK_AUTH_TOKEN", ""))
    if _publishes_here(container.get_docker_client()):
        # Docker would listen on every address of this machine; a port of None means a free one.
        container.ports[str(_PORT)] = (HOST, None)  # type: ignore[assignment]
        testcontainers_config.connection_mode_override = ConnectionMode.docker_host
    try:
        yield _started(container)
    finally:
        container.stop()


def _started(container: LocalStackContainer) -> str:
    try:
        container.start(timeout=_START_SECONDS)
        url = container.get_url().replace("localhost", HOST)
        # It prints that it is ready a moment before the first request succeeds.
        session(url).client("sts", config=CONFIG).get_caller_identity()
    except Exception as error:
        raise NotStarted(f"{container.image} did not start: {error}") from error
    return url


def _publishes_here(client: DockerClient) -> bool:
    """Whether the engine publishes ports on this machine's own loopback address.

    Not one on another machine, nor one outside of the container that we run in. One that was
    started in our container does, although the library would go by the bridge's address.
    """
    if client.host() not in {"localhost", HOST}:
        return False
    mode = client.get_connection_mode()
    if mode is not ConnectionMode.gateway_ip:
        return mode is ConnectionMode.docker_host
    bridge = client.client.networks.get("bridge").attrs
    with socket.socket() as probe:
        try:
            probe.bind((bridge["IPAM"]["Config"][0]["Gateway"], 0))
        except (OSError, LookupError):
            return False
    return True


def _has_reaper() -> bool:
    """Whether the container that removes ours after a crash is there, or can be pulled.

    Without it a killed process leaves its LocalStack running; nothing else depends on it.
    """
    if testcontainers_config.ryuk_disabled:
        return False
    image = testcontainers_config.ryuk_image
    try:
        docker.from_env().images.get(image)
    except docker.errors.ImageNotFound:
        try:
            pulled = subprocess.run(
                ["docker", "pull", "--quiet", image],
                capture_output=True,
                timeout=_PULL_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return pulled.returncode == 0
    return True


def main() -> int:
    """Start, run, stop; gives the command's exit status."""
    variable, *command = sys.argv[1:]
    # So that the container is removed too when we are told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    print("starting LocalStack …", flush=True)
    try:
        with running_localstack() as url:
            print(f"LocalStack is ready at {url} ({time.monotonic() - began:.0f} s)", flush=True)
            environment = {**os.environ, **CREDENTIALS, variable: url}
            return subprocess.run(command, env=environment, check=False).returncode
    except NotStarted as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
