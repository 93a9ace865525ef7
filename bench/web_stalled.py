"""``python -m bench.web_stalled``: how fast the web server answers while clients stall.

Starts the real server of web on an embedded stack, lets 0 and 240 clients stall in six ways, and
prints the latency of the job list and the login, over the traffic port.
"""

from __future__ import annotations

import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from local.client import log_in, make_token
from local.demo import running_stack
from local.ports import HOST
from local.stack import Stack

_TIMES = 50
_EACH = 40
_SLOW_READER_BYTES = 4096


def _connect(port: int, text: str) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SLOW_READER_BYTES)
    client.settimeout(10)
    client.connect((HOST, port))
    client.sendall(text.encode())
    return client


def _texts(stack: Stack, browser: requests.Session, token: str) -> tuple[str, ...]:
    """What the clients of each kind send before they stall."""
    host = f"Host: {HOST}:{stack.web_port}\r\n"
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    post = f"POST /api/v1/uploads HTTP/1.1\r\n{host}Content-Length: 1000\r\n"
    return (
        "",
        "GET /jobs HTTP/1.1\r\nHost: x",
        post + "\r\n{",
        f"{post}Authorization: Bearer {token}\r\n\r\n{{",
        f"GET /jobs HTTP/1.1\r\n{host}Cookie: {cookies}\r\n\r\n",
        f"GET /readyz HTTP/1.1\r\n{host}\r\n",
    )


@contextmanager
def _stalled(port: int, texts: tuple[str, ...]) -> Iterator[int]:
    clients = [_connect(port, text) for text in texts for _ in range(_EACH)]
    try:
        yield len(clients)
    finally:
        for client in clients:
            client.close()


def _milliseconds(ask: Callable[[], requests.Response]) -> list[float]:
    taken = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        answer = ask()
        taken.append((time.perf_counter() - began) * 1000)
        if answer.status_code not in {200, 302}:
            raise RuntimeError(f"the server answers {answer.status_code}: {answer.text}")
    return sorted(taken)


def _row(name: str, stalled: int, taken: list[float]) -> tuple[str, ...]:
    p95 = taken[int(0.95 * len(taken))]
    figures = (statistics.median(taken), p95, taken[-1])
    return (name, str(stalled), *(f"{one:.0f}" for one in figures))


def measure(stack: Stack) -> list[tuple[str, ...]]:
    """A row for each page and number of stalled clients: median, p95 and largest milliseconds."""
    browser = log_in(stack.url, "stalled@example.org")
    texts = _texts(stack, browser, make_token(stack.url, browser))

    def ask(path: str) -> Callable[[], requests.Response]:
        # Each on a new connection, as from a new visitor.
        return lambda: requests.get(
            stack.url + path, cookies=browser.cookies, timeout=10, allow_redirects=False
        )

    rows: list[tuple[str, ...]] = []
    for kinds in ((), texts):
        with _stalled(stack.web_port, kinds) as stalled:
            rows += [_row("job list", stalled, _milliseconds(ask("/jobs")))]
            rows += [_row("login", stalled, _milliseconds(ask("/login")))]
    return rows


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder), 300) as stack:
        print("| page | stalled clients | median ms | p95 ms | max ms |\n|---|---:|---:|---:|---:|")
        for row in measure(stack):
            print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
