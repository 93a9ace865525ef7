"""``python -m local.respawn FILE COMMAND…``: run a command, and restart it when it dies, like ECS.

The file always has the id of the running process. There is no restart after exit status 2, which
means wrong settings, and none after SIGTERM.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

_PAUSE_SECONDS = 1.0
_WRONG_SETTINGS = 2


def main() -> int:
    """Keep the command running; returns its last exit status."""
    stopping = False
    child: subprocess.Popen[bytes] | None = None

    def stop(number: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True
        if child and child.poll() is None:
            child.send_signal(number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while True:
        child = subprocess.Popen(sys.argv[2:])
        Path(sys.argv[1]).write_text(str(child.pid), "ascii")
        if stopping:
            child.terminate()
        status = child.wait()
        if stopping or status == _WRONG_SETTINGS:
            return 0 if stopping else status
        print(f"it died (status {status}) and is started again", file=sys.stderr, flush=True)
        time.sleep(_PAUSE_SECONDS)
        if stopping:
            return 0


if __name__ == "__main__":
    raise SystemExit(main())
