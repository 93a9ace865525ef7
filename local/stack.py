"""The embedded stack: its processes, their commands and their environment."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from local.ports import HOST, choose

ROOT = Path(__file__).resolve().parent.parent
EMULATORS = ROOT / ".venv-emulators" / "bin"
WORKERS = ("annotator", "archiver", "restorer", "thawer", "notifier")
REGION = "us-east-1"
SERVICES = "cloudformation,dynamodb,iam,s3,ses,sns,sqs,stepfunctions,sts"
"""What the emulator has to play of AWS."""
OPERATOR = "operator@example.org"
"""The address of who sees the operators' pages; `local.setup` has the login provider verify it."""
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


@dataclass(frozen=True, slots=True)
class Stack:
    """One embedded stack; all its files are in the folder ``state``."""

    state: Path
    web_port: int
    aws_port: int
    login_port: int
    health_port: int
    grace_seconds: int
    keeps_state: bool = True
    """Whether the emulator's state is there again at the next start; if not, it ends at once."""

    @classmethod
    def plan(
        cls, state: Path, *, web_port: int, grace_seconds: int, keeps_state: bool = True
    ) -> Stack:
        """A stack on free ports; a ``web_port`` of 0 is any free one."""
        found = choose(("aws", "login", "health", "web"), state / "ports.json")
        return cls(
            state=state.resolve(),
            web_port=web_port or found["web"],
            aws_port=found["aws"],
            login_port=found["login"],
            health_port=found["health"],
            grace_seconds=grace_seconds,
            keeps_state=keeps_state,
        )

    @property
    def url(self) -> str:
        """The address of GAS."""
        return f"http://{HOST}:{self.web_port}"

    @property
    def aws_url(self) -> str:
        """The address of the AWS emulator."""
        return f"http://{HOST}:{self.aws_port}"

    @property
    def health(self) -> Path:
        """The folder with the health file of each worker."""
        return self.state / "health"

    @property
    def log(self) -> Path:
        """The file with the output of all processes."""
        return self.state / "stack.log"

    def environment(self) -> dict[str, str]:
        """The environment of the services: as on AWS, except for the emulator's address."""
        return {
            **CREDENTIALS,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.aws_url,
            "GAS_PUBLIC_URL": self.url,
            "GAS_LISTEN_HOST": HOST,
            "GAS_LISTEN_PORT": str(self.web_port),
            "GAS_HEALTH_PORT": str(self.health_port),
            "GAS_OIDC_ISSUER": f"http://{HOST}:{self.login_port}",
            "GAS_OIDC_LABEL": "the local test provider",
            "GAS_GRACE_SECONDS": str(self.grace_seconds),
            # Whoever asks: there is no operator to ask here.
            "GAS_BILLING": "open",
            "GAS_OPERATORS": OPERATOR,
            # One user does what many do elsewhere: scripts make jobs by the hundred.
            "GAS_FREE_OPEN_UPLOADS": "10000",
            "GAS_PREMIUM_OPEN_UPLOADS": "10000",
            "GAS_FREE_WAITING_JOBS": "10000",
            "GAS_PREMIUM_WAITING_JOBS": "10000",
            "GAS_FREE_REQUESTS": "100000/minute",
            "GAS_PREMIUM_REQUESTS": "100000/minute",
            "GAS_LOGINS": "100000/minute",
            "GAS_VISITS": "100000/minute",
            "GAS_API_TOKENS": "1000",
            # The emulator shares the machine with all services, so it may be slow.
            "GAS_AWS_SECONDS": "15",
            # Short waits: a person is looking, and the emulator costs nothing.
            "GAS_POLL_SECONDS": "1",
            "GAS_VISIBILITY_SECONDS": "15",
            "GAS_RETRY_SECONDS": "1",
            "GAS_RELAY_SECONDS": "3",
            "GAS_CLAIM_SECONDS": "15",
            "GAS_STOP_SECONDS": "8",
            **json.loads(os.environ.get("GAS_LOCAL_OVERRIDES", "{}")),
        }

    def processes(self) -> dict[str, tuple[list[str], dict[str, str]]]:
        """The command of each process, and its additional environment variables."""
        emulator_data = self.state / "aws"
        processes = {
            "aws": (
                [
                    sys.executable,
                    "-m",
                    "local.linger",
                    str(self.health),
                    str(EMULATORS / "ministack"),
                ],
                {
                    "BIND_HOST": HOST,
                    "GATEWAY_PORT": str(self.aws_port),
                    "SERVICES": SERVICES,
                    "IOT_MTLS_ENABLED": "0",
                    "PERSIST_STATE": "1" if self.keeps_state else "0",
                    "STATE_DIR": str(emulator_data / "state"),
                    "S3_PERSIST": "1",
                    "S3_DATA_DIR": str(emulator_data / "s3"),
                },
            ),
            "login": (
                [str(EMULATORS / "oidc-provider-mock"), "-H", HOST, "-p", str(self.login_port)],
                {},
            ),
            "web": (self._kept("web", [sys.executable, "-m", "web"]), _named("web")),
        }
        for name in WORKERS:
            alive = {"GAS_HEALTH_FILE": str(self.health / name), **_named(name)}
            command = [sys.executable, "-m", name]
            processes[name] = (self._kept(name, command), alive)
        processes["setup"] = ([sys.executable, "-m", "local.setup", str(self.state)], {})
        return processes

    def _kept(self, name: str, command: list[str]) -> list[str]:
        """The command, restarted when it dies."""
        return [sys.executable, "-m", "local.respawn", str(self._pids / name), *command]

    @property
    def _pids(self) -> Path:
        return self.state / "pids"

    def pid_of(self, name: str) -> int:
        """The current process id of a service. Raises FileNotFoundError or ValueError."""
        return int((self._pids / name).read_text("ascii"))

    def save(self) -> None:
        """Write ``stack.json``, where other commands find the running stack."""
        self.health.mkdir(parents=True, exist_ok=True)
        self._pids.mkdir(exist_ok=True)
        for stale in self.health.iterdir():
            stale.unlink()
        document = {
            "web_port": self.web_port,
            "aws_port": self.aws_port,
            "login_port": self.login_port,
            "health_port": self.health_port,
            "grace_seconds": self.grace_seconds,
        }
        (self.state / "stack.json").write_text(json.dumps(document))

    @classmethod
    def load(cls, state: Path) -> Stack:
        """The stack that runs, or ran last, in the folder ``state``. Raises FileNotFoundError."""
        return cls(state=state.resolve(), **json.loads((state / "stack.json").read_text()))


def _named(service: str) -> dict[str, str]:
    # boto3 puts it into its User-Agent, so that requests can be told apart by who makes them.
    return {"AWS_SDK_UA_APP_ID": f"gas-{service}"}


def use_environment(stack: Stack) -> None:
    """Set this process's environment variables to those of the stack's services."""
    os.environ.update(stack.environment())
