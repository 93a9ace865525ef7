"""The whole stack as processes, used as people and programs use it."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from local import traces
from local.client import Client, log_in, mails_to
from local.csq import Result
from local.demo import DEMO_VCF, Place, Storyteller, play
from local.stack import ROOT, WORKERS, Stack
from tests.e2e.conftest import GRACE_SECONDS
from tests.e2e.users import user
from web.sample import BUNDLE, FILE

pytestmark = pytest.mark.e2e


def run(stack: Stack, *words: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m`` with those words on the stack."""
    environment = {**os.environ, **stack.environment()}
    return subprocess.run(
        [sys.executable, "-m", *words],
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


def test_the_demo_runs_from_start_to_end(stack: Stack) -> None:
    play(Place(stack.url, stack.aws_url, GRACE_SECONDS), DEMO_VCF, Storyteller())


def test_two_users_at_once_see_every_status_of_only_their_own_jobs(stack: Stack) -> None:
    def live(name: str) -> tuple[Client, str, list[str]]:
        client = user(stack, name)
        seen: list[str] = []
        job_id = client.annotate(DEMO_VCF)
        client.wait_for(job_id, "archived", on_change=seen.append)
        client.call("POST", "/account/upgrade")
        client.wait_for(job_id, "completed", on_change=seen.append)
        return client, job_id, seen

    with ThreadPoolExecutor() as pool:
        (ada, ada_job, ada_seen), (bob, bob_job, _) = pool.map(live, ["ada", "bob"])
    assert {"completed", "archived"} <= set(ada_seen)
    types = [event["type"] for event in ada.get(f"/jobs/{ada_job}/events")]
    assert types == [
        f"gas.job.{fact}.v1"
        for fact in ("submitted", "started", "completed", "archived", "restore_requested")
    ] + ["gas.job.restored.v1"]
    assert ada.call("GET", f"/jobs/{bob_job}").status_code == 404
    assert [job["job_id"] for job in bob.get("/jobs")["jobs"]] == [bob_job]
    assert ada.download(ada_job) == bob.download(bob_job)


def test_a_job_is_one_trace_over_all_services(stack: Stack, collector: str) -> None:
    client = user(stack, "tracy")
    job_id = client.annotate(DEMO_VCF)
    client.wait_for(job_id, "archived")
    client.call("POST", "/account/upgrade")
    client.wait_for(job_id, "completed")
    wanted = {f"gas-{name}" for name in ("web", *WORKERS)}
    spans: list[traces.Span] = []
    for _ in range(60):
        spans = traces.fetch(collector, job_id)
        names = [span.name for span in spans]
        if wanted <= {span.service for span in spans} and "job: Restore" in names:
            break
        time.sleep(0.5)
    assert {span.service for span in spans} == wanted
    assert not [span.name for span in spans if span.failed]
    (root,) = (span for span in spans if not span.parent_id)
    assert root.name == "job: Submit"
    assert root.span_id == job_id.replace("-", "")[16:]
    known = {span.span_id for span in spans}
    assert all(span.parent_id in known for span in spans if span is not root)
    (upgrade,) = (span for span in spans if span.name == "process gas.account.upgraded.v1")
    (request,) = upgrade.links
    assert request != root.trace_id


BAD = {
    "text.vcf": (b"hello\n", "not_vcf"),
    "empty.vcf": (b"", "not_vcf"),
    "damaged.vcf.gz": (gzip.compress(DEMO_VCF.read_bytes())[:-50], "damaged_file"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_fails_with_the_same_message_on_the_page_and_in_the_mail(
    stack: Stack, name: str, tmp_path: Path
) -> None:
    content, code = BAD[name]
    file = tmp_path / name
    file.write_bytes(content)
    client = user(stack, "carol")
    job = client.wait_for(client.annotate(file), "failed")
    assert job["error"]["code"] == code
    deadline = time.monotonic() + 20
    while not any(
        job["job_id"] in text and job["error"]["message"] in " ".join(text.split())
        for _, text in mails_to(stack.aws_url, "carol@example.org")
    ):
        assert time.monotonic() < deadline, "no mail contains the message"
        time.sleep(0.1)


def test_a_downgrade_starts_the_grace_period(stack: Stack) -> None:
    client = user(stack, "dora")
    client.call("POST", "/account/upgrade")
    job_id = client.annotate(DEMO_VCF)
    job = client.wait_for(job_id, "completed")
    assert job["archive_after"] is None
    time.sleep(GRACE_SECONDS + 2)  # longer than the grace period: nothing may happen
    assert client.job(job_id)["status"] == "completed"
    client.call("POST", "/account/downgrade")
    assert client.job(job_id)["archive_after"] is not None
    client.wait_for(job_id, "archived")


def test_a_killed_service_is_restarted_and_finishes_its_work(stack: Stack) -> None:
    client = user(stack, "erin")
    job_id = client.annotate(DEMO_VCF)
    os.kill(stack.pid_of("annotator"), 9)
    client.wait_for(job_id, "completed", seconds=60)


def test_a_large_file_has_its_own_lane_and_small_ones_show_their_place_in_the_queue(
    stack: Stack, tmp_path: Path
) -> None:
    large = tmp_path / "large.vcf"
    first, rest = DEMO_VCF.read_text().split("\n", 1)
    large.write_text(f"{first}\n" + "##note=padding\n" * 800_000 + rest)
    client = user(stack, "grace")
    job_ids = [client.annotate(file) for file in (large, *(DEMO_VCF for _ in range(5)))]
    places = [client.job(job_id)["queue"] for job_id in job_ids]
    assert any(
        place and place["ahead"] for place in places
    )  # at most two jobs of a Free user run at once
    for job_id in job_ids:
        client.wait_for(job_id, "completed", "archived", seconds=120)
        assert client.job(job_id)["queue"] is None
    submitted = client.get(f"/jobs/{job_ids[0]}/events")[0]
    assert submitted["data"]["lane"] == "large"


def test_an_operator_can_make_a_token_and_set_a_plan(stack: Stack) -> None:
    made = run(stack, "web.token_command", "frank@example.org", "--plan", "premium")
    client = Client(stack.url, made.stdout.splitlines()[-1])
    assert client.get("/account")["plan"] == "premium"
    browser = log_in(stack.url, "frank@example.org")
    page = browser.get(f"{stack.url}/account", timeout=30)
    assert "Premium" in page.text  # the login leads to the same account


def test_a_denied_login_is_reported(stack: Stack) -> None:
    browser = requests.Session()
    form = browser.get(f"{stack.url}/login", timeout=30)
    back = browser.post(form.url, data={"action": "deny"}, timeout=30)
    assert back.status_code == 403
    assert "You are not logged in" in back.text


def test_an_archived_job_is_run_again_on_another_bundle(stack: Stack) -> None:
    client = user(stack, "henrietta")
    first = client.submit(client.upload(FILE), bundle="auto")
    client.wait_for(first, "archived")

    def run_again(body: dict[str, object], key: str) -> str:
        headers = {"Idempotency-Key": key}
        answer = client.call("POST", f"/jobs/{first}/rerun", json=body, headers=headers)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["job_id"])

    again = run_again({"bundle": BUNDLE, "split_multiallelics": True}, "one")
    same = {"bundle": BUNDLE, "split_multiallelics": True}
    assert run_again(same, "one") == again, "the same key is the same job"
    other = run_again({"bundle": "human-mt"}, "two")
    assert client.call("DELETE", f"/jobs/{first}").status_code == 204
    job = client.wait_for(again, "completed", "archived")
    assert (job["bundle"], job["rerun_of"], job["counts"]["records"]) == (BUNDLE, first, 133)
    refused = client.wait_for(other, "failed")
    assert refused["error"]["code"] == "wrong_build", "chromosome 21 is not in the mitochondrion"
    client.call("POST", "/account/upgrade")
    client.wait_for(again, "completed")
    assert len(Result.of(client.download(again)).records) == 133


def test_the_public_sample_is_still_open_long_after_the_grace_period(stack: Stack) -> None:
    again = run(stack, "web.sample")
    assert again.stdout == f"a sample result, open to everyone: {stack.url}/sample\n"
    time.sleep(GRACE_SECONDS + 2)
    page = requests.get(f"{stack.url}/sample", timeout=30)
    assert "APP p.Val717Ile" in page.text
    job_id = page.url.rsplit("/", 1)[-1]
    api = f"{stack.url}/api/v1/jobs/{job_id}"
    assert requests.get(api, timeout=30).json()["status"] == "completed"
    assert requests.get(f"{api}/result", timeout=30).content[:2] == b"\x1f\x8b"
    assert requests.delete(api, timeout=30).status_code == 401
    types = [event["type"] for event in requests.get(f"{api}/events", timeout=30).json()]
    assert types == ["gas.job.submitted.v1", "gas.job.started.v1", "gas.job.completed.v1"]


def test_afterwards_the_projections_equal_the_log(stack: Stack) -> None:
    assert run(stack, "gas", "rebuild").returncode == 0
    verified = run(stack, "gas", "verify")
    assert verified.stdout == "no difference\n", verified.stdout
    listed = run(stack, "gas", "dlq", "list")
    assert listed.stdout == ""


@pytest.mark.parametrize(
    ("module", "variable", "value"),
    [
        ("annotator", "GAS_POLL_SECONDS", "99"),
        ("archiver", "GAS_GRACE_SECONDS", "x"),
        ("web", "GAS_SESSION_SECRET", "short"),
        ("notifier", "GAS_ENV", "production"),
    ],
)
def test_an_invalid_setting_stops_a_service_at_start_with_one_line(
    stack: Stack, module: str, variable: str, value: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", module],
        capture_output=True,
        text=True,
        env={**os.environ, **stack.environment(), variable: value},
        timeout=30,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "GAS_" in ended.stderr
