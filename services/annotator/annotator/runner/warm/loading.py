"""What a loader does from its start to its end.

Its arguments are the folder of bundles, the bundle's name, how many servers, the seconds of a small
request, and the descriptor of the socket to the worker. One JSON line goes there once servers are
ready, or once it is known that they never will be.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

from annotator import bundle as bundles
from annotator.bundle import Bundle
from annotator.consequences.bundled import engine_of, native_of
from annotator.consequences.engine import DatabaseUnusable, EngineMissing
from annotator.processes.forking import NotForkable
from annotator.processes.pipes import Limits
from annotator.runner.warm.loader import Loader, Serve, ServersFail, Unusable
from annotator.runner.warm.server import serve

_ADDRESS_SPACE_BYTES = 12 << 30
_MAPPINGS = 2
"""mehari and our own gene models each map the reference."""
_CPU_SECONDS = 1 << 30
_FILE_BYTES = 1 << 20


def main(arguments: list[str]) -> int:
    """Serve until the worker ends; returns the exit status.

    Raises what else keeps it from starting, which is not the bundle's fault.
    """
    folder, name, servers, seconds, descriptor = arguments
    worker = socket.socket(fileno=int(descriptor))
    try:
        bundle = bundles.find(name, Path(folder))
        loader = Loader(worker, int(servers), _service(bundle), float(seconds))
        loader.start()
    except (DatabaseUnusable, EngineMissing, Unusable) as error:
        worker.sendall(_line({"unusable": str(error)}))
        return 1
    worker.sendall(_line({"ready": os.getpid()}))
    try:
        loader.run()
    except (Unusable, ServersFail, NotForkable) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        loader.stop()
    return 0


def _service(bundle: Bundle) -> Serve:
    space = _ADDRESS_SPACE_BYTES + _MAPPINGS * bundle.reference.stat().st_size
    Limits(space, _CPU_SECONDS, _FILE_BYTES).apply()
    native = native_of(bundle)
    return lambda words: serve(words, lambda: engine_of(bundle, native))


def _line(word: dict[str, object]) -> bytes:
    return json.dumps(word).encode() + b"\n"
