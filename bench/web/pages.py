"""``python -m bench.web.pages --url URL``: first load of a running GAS's pages, as a visitor.

Of each page: requests, compressed bytes, when it is complete, with the CPU slowed four times, and
what the page's main thread computed until it was quiet, slowed in the same way: until it has, no
click is answered. That is CPU time, so other work on the machine hardly changes it.
The measured browser has an empty cache for each page.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from statistics import median

import requests
from playwright.sync_api import Browser

from tests.support.browser import running_browser

_SLOWED = 4
_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Load:
    """A first load: ``milliseconds`` until ``ready`` was there, ``computed`` until all is quiet."""

    requests: int
    bytes: int
    milliseconds: float
    computed: float


def load(browser: Browser, url: str, ready: str) -> Load:
    """Load the page with an empty cache and a slow CPU, until the element is there."""
    sizes: list[float] = []
    # Not the window of the tests: it loads axe-core into each page.
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWED})
        devtools.on("Network.loadingFinished", lambda e: sizes.append(e["encodedDataLength"]))
        began = time.monotonic()
        page.goto(url, wait_until="commit")
        page.locator(ready).first.wait_for()
        milliseconds = (time.monotonic() - began) * 1000
        page.wait_for_load_state("networkidle")
        metrics = devtools.send("Performance.getMetrics")["metrics"]
        (seconds,) = (one["value"] for one in metrics if one["name"] == "TaskDuration")
    return Load(len(sizes), int(sum(sizes)), milliseconds, seconds * 1000)


def pages_of(url: str) -> dict[str, tuple[str, str]]:
    """Address and element of each page; those of results are of the public sample."""
    sample = requests.get(f"{url}/sample", timeout=_TIMEOUT_SECONDS)
    sample.raise_for_status()
    table = f"{sample.url}/variants"
    asked = {"q": "Val717Ile"}
    api = f"{url}/api/v1{table.removeprefix(url)}"
    found = requests.get(api, params=asked, timeout=_TIMEOUT_SECONDS).json()
    key = found["items"][0]["key"]
    return {
        "landing": (url, "h1"),
        "overview": (sample.url, "gas-plot svg"),
        "table": (table, "#grid tbody tr[data-key]"),
        "variant": (f"{table}/{key}", "#details .facts"),
        "gene": (f"{sample.url}/genes/APP", "#list table"),
    }


def main() -> None:
    """Measure each page several times; prints medians."""
    parser = argparse.ArgumentParser(prog="python -m bench.web.pages")
    parser.add_argument("--url", required=True)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    print(f"{'page':10} {'requests':>8} {'KB':>6} {'ready, ms':>10} {'computed, ms':>13}")
    with running_browser() as browser:
        for name, (url, ready) in pages_of(given.url.rstrip("/")).items():
            loads = [load(browser, url, ready) for _ in range(given.times)]
            milliseconds = median(one.milliseconds for one in loads)
            computed = median(one.computed for one in loads)
            first = loads[0]
            print(
                f"{name:10} {first.requests:8} {first.bytes / 1000:6.0f} {milliseconds:10.0f}"
                f" {computed:13.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
