"""Free ports on loopback: the ones of the last run if they are still free."""

from __future__ import annotations

import json
import socket
from pathlib import Path

HOST = "127.0.0.1"
CLOSED_TO_BROWSERS = frozenset(
    {
        1719,
        1720,
        1723,
        2049,
        3659,
        4045,
        4190,
        5060,
        5061,
        6000,
        6566,
        *range(6665, 6670),
        6679,
        6697,
        10080,
    }
)
"""Ports above 1023 that every browser refuses to open (the Fetch standard's "bad ports")."""


def is_free(port: int) -> bool:
    """True if a server could listen on that port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose(names: tuple[str, ...], remembered: Path) -> dict[str, int]:
    """A free port for each name: the one that the file has from the last run, if it is free."""
    before: dict[str, int] = json.loads(remembered.read_text()) if remembered.exists() else {}
    chosen = {name: before[name] for name in names if name in before and is_free(before[name])}
    probes = []
    for name in names:
        if name not in chosen:
            probe = socket.socket()
            probe.bind((HOST, 0))
            probes.append(probe)  # held until all are chosen, so that none is chosen twice
            chosen[name] = probe.getsockname()[1]
    for probe in probes:
        probe.close()
    remembered.parent.mkdir(parents=True, exist_ok=True)
    remembered.write_text(json.dumps(chosen))
    return chosen
