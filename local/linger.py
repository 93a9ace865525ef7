"""``python -m local.linger FOLDER COMMAND…``: run the emulator, and stop it after its clients.

A service that stops returns its messages to their queues, so the emulator must still be running.
An emulator that keeps its state (``PERSIST_STATE=1``) is then given the time to write it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

_LONGEST_SECONDS = 10.0


def main() -> int:
    """Run until SIGTERM has come and every health file in the folder is gone."""
    folder = Path(sys.argv[1])
    # A session of its own: the signal to our process group must not reach it.
    child = subprocess.Popen(sys.argv[2:], start_new_session=True)

    def stop(*_: object) -> None:
        deadline = time.monotonic() + _LONGEST_SECONDS
        while any(folder.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        if os.environ.get("PERSIST_STATE") == "1":
            child.terminate()
        else:
            child.kill()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return child.wait()


if __name__ == "__main__":
    raise SystemExit(main())
