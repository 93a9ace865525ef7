"""A user of GAS over HTTP: logs in like a browser, then uses the REST API."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

TIMEOUT_SECONDS = 30
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
_TOKEN = re.compile(r"gas_[0-9a-f]{32}_[A-Za-z0-9_-]{43}")


class Surprise(AssertionError):
    """GAS did not do what it promises; the message says what was expected."""


def expect(condition: object, complaint: str) -> None:
    """Raise Surprise unless the condition holds."""
    if not condition:
        raise Surprise(complaint)


def log_in(url: str, email: str) -> requests.Session:
    """A browser's session after a login with the OpenID provider."""
    browser = requests.Session()
    form = browser.get(f"{url}/login", timeout=TIMEOUT_SECONDS)
    expect(form.ok, f"the login page answers {form.status_code}")
    back = browser.post(form.url, data={"sub": email}, timeout=TIMEOUT_SECONDS)
    expect(back.ok and back.url.startswith(url), f"the login ended at {back.url}")
    expect("Log out" in back.text, "the page after the login has no way out")
    return browser


def make_token(url: str, browser: requests.Session) -> str:
    """A new API token, created on the account page, of a user who accepts the terms."""
    page = browser.get(f"{url}/account", timeout=TIMEOUT_SECONDS)
    csrf = _CSRF.search(page.text)
    expect(csrf, "the account page has no form")
    form = {"csrf_token": csrf.group(1) if csrf else ""}
    accepted = browser.post(f"{url}/account/terms", data=form, timeout=TIMEOUT_SECONDS)
    expect(accepted.ok, f"accepting the terms answers {accepted.status_code}")
    shown = browser.post(f"{url}/account/tokens", data=form, timeout=TIMEOUT_SECONDS)
    token = _TOKEN.search(shown.text)
    if token is None:
        raise Surprise("the account page does not show the new token")
    return token.group(0)


@dataclass(frozen=True, slots=True)
class Client:
    """The REST API with one user's token."""

    url: str
    token: str

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """One request; redirects are not followed."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return requests.request(
            method,
            f"{self.url}/api/v1{path}",
            headers=headers,
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
            **more,
        )

    def get(self, path: str) -> Any:
        """The JSON of a GET that must succeed."""
        answer = self.call("GET", path)
        expect(answer.ok, f"GET {path} answers {answer.status_code}: {answer.text[:300]}")
        return answer.json()

    def upload(self, file: Path) -> str:
        """Announce an upload and send the file with the presigned POST; returns the upload's id."""
        promised = self.call(
            "POST", "/uploads", json={"filename": file.name, "size_bytes": file.stat().st_size}
        )
        expect(promised.status_code == 201, f"POST /uploads: {promised.text[:300]}")
        form = promised.json()
        with file.open("rb") as body:
            sent = requests.post(
                form["url"],
                data=form["fields"],
                files={"file": (file.name, body)},
                timeout=TIMEOUT_SECONDS * 10,
            )
        expect(sent.status_code == 204, f"storage answers {sent.status_code}: {sent.text[:300]}")
        return str(form["upload_id"])

    def submit(self, upload_id: str, bundle: str | None = None) -> str:
        """Submit an upload, for the default bundle or another; returns the job's id."""
        options = {"bundle": bundle} if bundle else {}
        answer = self.call("POST", "/jobs", json={"upload_id": upload_id, **options})
        expect(answer.status_code == 202, f"POST /jobs: {answer.text[:300]}")
        return str(answer.json()["job_id"])

    def annotate(self, file: Path) -> str:
        """Upload the file and submit it; returns the job's id."""
        return self.submit(self.upload(file))

    def job(self, job_id: str) -> dict[str, Any]:
        """The job's current JSON object."""
        found: dict[str, Any] = self.get(f"/jobs/{job_id}")
        return found

    def wait_for(
        self,
        job_id: str,
        *statuses: str,
        seconds: float = 120,
        on_change: Callable[[str], None] = lambda _: None,
    ) -> dict[str, Any]:
        """The job, once it is in one of the statuses. Raises Surprise after ``seconds``."""
        deadline = time.monotonic() + seconds
        shown = ""
        while True:
            job = self.job(job_id)
            if job["status"] != shown:
                shown = job["status"]
                on_change(shown)
            if shown in statuses:
                return job
            expect(shown != "failed" or "failed" in statuses, f"the job failed: {job['error']}")
            expect(
                time.monotonic() < deadline,
                f"the job is {shown} after {seconds:.0f} s, not {' or '.join(statuses)}",
            )
            time.sleep(0.1)

    def download(self, job_id: str, name: str = "result") -> bytes:
        """The annotated VCF or another file, from the link that the API redirects to.

        A short log is the answer itself.
        """
        answer = self.call("GET", f"/jobs/{job_id}/{name}")
        if name == "log" and answer.status_code == 200:
            return answer.content
        expect(answer.status_code == 302, f"the {name} answers {answer.status_code}")
        file = requests.get(answer.headers["Location"], timeout=TIMEOUT_SECONDS * 10)
        expect(file.ok, f"the download answers {file.status_code}")
        return file.content


def mails_to(aws_url: str, address: str) -> list[tuple[str, str]]:
    """Subject and text of every mail to that address that the emulator's SES accepted."""
    ministack = requests.get(f"{aws_url}/_ministack/ses/messages", timeout=TIMEOUT_SECONDS)
    if ministack.ok:
        accounts = ministack.json()["messages"].values()
        return [
            (mail["Subject"], mail["BodyText"])
            for mails in accounts
            for mail in mails
            if any(address in to for to in mail["To"])
        ]
    return _localstack_mails(aws_url, address)


def _localstack_mails(aws_url: str, address: str) -> list[tuple[str, str]]:
    from email import message_from_string, policy

    answer = requests.get(f"{aws_url}/_aws/ses", timeout=TIMEOUT_SECONDS)
    found = []
    for kept in answer.json()["messages"]:
        mail = message_from_string(kept.get("RawData", ""), policy=policy.default)
        if address in str(mail["To"]):
            plain = mail.get_body(("plain",))
            found.append((str(mail["Subject"]), plain.get_content() if plain else ""))
    return found
