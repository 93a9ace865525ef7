"""How fast a browser sends a large file, and many small ones, beside curl on the same back end.

``python -m bench.uploads [MEGABYTES]``, by default 1,000; needs Chromium and curl.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from local.client import Client, log_in, make_token
from local.demo import DEMO_VCF, running_stack
from local.stack import Stack
from tests.support.browser import running_browser, window

_SMALL_FILES = 100
_TIMEOUT_SECONDS = 1800
_PERSON = "ada@example.org"


def large_file(path: Path, megabytes: int) -> Path:
    """A VCF of that size whose records are the demo's, with one long value each."""
    lines = DEMO_VCF.read_text().splitlines()
    lines.insert(1, '##INFO=<ID=PAD,Number=1,Type=String,Description="Fills the file">')
    records = sum(not line.startswith("#") for line in lines)
    pad = "PAD=" + "x" * (megabytes * 1_000_000 // records)
    with path.open("w") as file:
        for line in lines:
            file.write((line if line.startswith("#") else line[:-1] + pad) + "\n")
    return path


def curl_seconds(client: Client, file: Path) -> float:
    """How long curl takes to send the file with one form."""
    body = {"filename": file.name, "size_bytes": file.stat().st_size}
    form = client.call("POST", "/uploads", json=body).json()
    fields = [part for name, value in form["fields"].items() for part in ("-F", f"{name}={value}")]
    command = ["curl", "-sf", *fields, "-F", f"file=@{file}", form["url"]]
    began = time.monotonic()
    subprocess.run(command, check=True, timeout=_TIMEOUT_SECONDS)
    seconds = time.monotonic() - began
    client.call("DELETE", f"/uploads/{form['upload_id']}")
    return seconds


def browser_seconds(page: Page, stack: Stack, files: list[Path]) -> float:
    """How long the page takes to send the files and submit their jobs, from the click on."""
    page.goto(f"{stack.url}/jobs/new")
    page.locator("#file").set_input_files(files)
    page.locator("#bundle").select_option("human-mt")
    expect(page.locator("#files li[data-stage=ready]")).to_have_count(len(files), timeout=60_000)
    began = time.monotonic()
    page.get_by_role("button", name="Upload and annotate").click()
    if len(files) == 1:
        page.wait_for_url("**/jobs/*-*", timeout=_TIMEOUT_SECONDS * 1000)
    else:
        submitted = page.locator("#files li[data-stage=submitted]")
        expect(submitted).to_have_count(len(files), timeout=_TIMEOUT_SECONDS * 1000)
    return time.monotonic() - began


def main() -> None:
    """Print one JSON object."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with (
        tempfile.TemporaryDirectory(prefix="gas-bench-") as folder,
        running_stack(Path(folder) / "state", 3600) as stack,
        running_browser() as browser,
        window(browser) as opened,
    ):
        session = log_in(stack.url, _PERSON)
        client = Client(stack.url, make_token(stack.url, session))
        client.call("POST", "/account/upgrade")
        opened.context.add_cookies(
            [{"name": c.name, "value": c.value or "", "url": stack.url} for c in session.cookies]
        )
        small = [Path(folder) / f"{n}.vcf" for n in range(_SMALL_FILES)]
        for path in small:
            path.write_bytes(DEMO_VCF.read_bytes())
        large = large_file(Path(folder) / "large.vcf", megabytes)
        found: dict[str, object] = {"megabytes": megabytes}
        found["curl_s"] = [round(curl_seconds(client, large), 2) for _ in range(2)]
        found["browser_s"] = [round(browser_seconds(opened.page, stack, [large]), 2)]
        for job in client.get("/jobs")["jobs"]:
            client.call("POST", f"/jobs/{job['job_id']}/cancel")
        found["small_files_s"] = round(browser_seconds(opened.page, stack, small), 2)
        found["load"] = Path("/proc/loadavg").read_text().split()[0]
        print(json.dumps(found))


if __name__ == "__main__":
    main()
