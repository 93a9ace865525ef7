"""``python -m local.setup STATE``: deploy, wait until every service answers, print that, and stay.

Then it has the public sample annotated.

Runs beside the services. If it fails it ends, and with it the whole stack.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests

from local.deploy import DeploymentFailed, deploy_all
from local.ports import HOST
from local.stack import OPERATOR, ROOT, WORKERS, Stack, use_environment

READY = "GAS is ready at "
_WAIT_SECONDS = 90.0


def wait_until_ready(stack: Stack) -> None:
    """Return once the web server and every worker answer. Raises DeploymentFailed."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while silent := _silent(stack):
        if time.monotonic() > deadline:
            raise DeploymentFailed(f"no answer from {', '.join(silent)}: see {stack.log}")
        time.sleep(0.1)


def make_operator(stack: Stack) -> None:
    """Let the login provider vouch for the operator's address, as it does for nobody else's."""
    claims = {"email": OPERATOR, "email_verified": True, "name": "Operator"}
    address = f"http://{HOST}:{stack.login_port}/users/{OPERATOR}"
    with contextlib.suppress(requests.RequestException):  # a stack without operators is one too
        requests.put(address, json=claims, timeout=5)


def _silent(stack: Stack) -> list[str]:
    silent = [name for name in WORKERS if not (stack.health / name).exists()]
    try:
        is_up = requests.get(f"{stack.url}/readyz", timeout=2).ok
    except requests.RequestException:
        is_up = False
    return silent if is_up else ["web", *silent]


def main() -> int:
    """Set up, then wait for SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    stack = Stack.load(Path(sys.argv[1]))
    use_environment(stack)
    try:
        deploy_all()
        wait_until_ready(stack)
        make_operator(stack)
    except DeploymentFailed as error:
        print(f"GAS could not start: {error}", flush=True)
        return 1
    print(f"{READY}{stack.url}", flush=True)
    print(f"the mails that it sends: {stack.aws_url}/_ministack/ses/messages", flush=True)
    # Beside what people do: nobody waits for it, and a stack without a sample is a stack too.
    sample = subprocess.Popen([sys.executable, "-m", "web.sample"], cwd=ROOT)
    try:
        signal.pause()
    finally:
        sample.terminate()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
