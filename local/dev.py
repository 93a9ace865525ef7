"""``make dev``: run the embedded stack until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path
from typing import TextIO

import honcho.manager
from honcho.printer import Message, Printer

from local.ports import CLOSED_TO_BROWSERS, HOST, is_free
from local.stack import ROOT, Stack

STOP_SECONDS = 15  # honcho's own 5 s are less than a handler may need to finish


class LogPrinter(Printer):  # type: ignore[misc]
    """Everything goes to the log; what the set-up says, people see as well."""

    def __init__(self, log: TextIO) -> None:
        super().__init__(log, colour=False)

    def write(self, message: Message) -> None:
        """Write one message of one process."""
        super().write(message)
        self.output.flush()
        if message.name == "setup" and message.type == "line":
            data = message.data
            text = data.decode() if isinstance(data, bytes) else str(data)
            print(text.rstrip("\n"), flush=True)


def run(stack: Stack) -> int:
    """Run all processes until one ends or we are told to stop; gives the exit status."""
    stack.state.mkdir(parents=True, exist_ok=True)
    stack.save()
    with stack.log.open("w", encoding="utf-8") as log:
        honcho.manager.KILL_WAIT = STOP_SECONDS
        manager = honcho.manager.Manager(LogPrinter(log))
        environment = {**os.environ, **stack.environment(), "PYTHONUNBUFFERED": "1"}
        for name, (command, more) in stack.processes().items():
            manager.add_process(
                name, shlex.join(["exec", *command]).replace("'exec'", "exec"),
                env={**environment, **more}, cwd=str(ROOT),
            )  # fmt: skip
        manager.loop()
    told_to_stop = manager.returncode in {130, 143}
    return 0 if told_to_stop else manager.returncode or 1


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=5000, help="of the web server; 0 takes any")
    parser.add_argument("--grace", type=int, default=300, help="seconds until Free results archive")
    parser.add_argument("--state", type=Path, default=ROOT / ".gas" / "dev")
    parser.add_argument("--once", action="store_true", help="forget the data at the end")
    arguments = parser.parse_args()
    if arguments.port and not is_free(arguments.port):
        print(
            f"port {arguments.port} on {HOST} is in use; choose another: make dev PORT=5001",
            file=sys.stderr,
        )
        return 1
    if arguments.port in CLOSED_TO_BROWSERS:
        print(
            f"no browser opens port {arguments.port}; choose another: make dev PORT=5001",
            file=sys.stderr,
        )
        return 1
    if not 1 <= arguments.grace <= 31_536_000:
        parser.error("--grace must be from 1 second to a year")
    stack = Stack.plan(
        arguments.state,
        web_port=arguments.port,
        grace_seconds=arguments.grace,
        keeps_state=not arguments.once,
    )
    print(f"starting; every process logs to {stack.log}", flush=True)
    return run(stack)


if __name__ == "__main__":
    raise SystemExit(main())
