"""Health check of a container: ``gas-health FILE|URL…``, exits with 0 or 1.

A worker is healthy while it keeps its file fresh (``GAS_HEALTH_FILE``), a web server while it
answers.
"""

import sys
import time
import urllib.request
from pathlib import Path

# The consumer touches its file after each long poll (20 s at most), so six polls may fail.
_FRESH_SECONDS = 120
# Below the timeout of the health checks in compose.yaml (3 s) and ecs/ (5 s).
_ANSWER_SECONDS = 2


def is_alive(target: str) -> bool:
    """True if the file was written in the last 120 s, or the URL answers with a 2xx status."""
    try:
        if target.startswith("http"):
            with urllib.request.urlopen(target, timeout=_ANSWER_SECONDS) as answer:  # noqa: S310
                return bool(200 <= answer.status < 300)
        return time.time() - Path(target).stat().st_mtime < _FRESH_SECONDS
    except OSError:
        return False


def main() -> int:
    """The exit status: 0 if everything that the command line names is alive."""
    return 0 if all(map(is_alive, sys.argv[1:])) else 1


if __name__ == "__main__":
    raise SystemExit(main())
