"""The time-outs and sizes of the server, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """All times in seconds; tests use shorter ones.

    - ``header``, ``body``: from the first wait until the header, or the body, is complete
    - ``stall``: how long a client may leave what was sent to it unread
    - ``keep_alive``: for an idle connection; longer than a load balancer's 60 s, which otherwise
      sends a request into a connection that is just being closed
    - ``page_threads``, ``variant_threads``, ``stream_threads``: of each lane (``lanes``)
    - ``waiting``, ``wait``: how many requests may wait for a thread of a lane, and how long
    - ``streams``: generated downloads at once
    - ``buffer_bytes``: the part of an answer that is made before anything is sent
    - ``fill``: how long the buffer may take to fill before its content is sent
    - ``follow``: how long a page follows its job before it has to ask for that again
    - ``quiet``: of that, after how long without news a sign of life is sent; proxies wait for 60 s
    - ``hung``: a lane is hung if none of its threads has ended anything for so long
    - ``stop``: how long requests may run on after SIGTERM
    """

    header: float = 20
    body: float = 20
    stall: float = 25
    keep_alive: int = 75
    page_threads: int = 24
    variant_threads: int = 8
    stream_threads: int = 8
    waiting: int = 256
    wait: float = 10
    streams: int = 6
    buffer_bytes: int = 2 << 20
    fill: float = 1
    follow: float = 600
    quiet: float = 20
    hung: float = 30
    stop: int = 6
