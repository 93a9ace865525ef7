"""``gas-health FILE|URL…``: is the process beside us alive? For containers.

A worker is alive while it keeps its file fresh, a web server while it answers.
"""

import sys
import time
import urllib.request
from pathlib import Path

_FRESH_SECONDS = 120
_ANSWER_SECONDS = 2


def is_alive(target: str) -> bool:
    """True if the file was written lately, or the address answers with success."""
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
