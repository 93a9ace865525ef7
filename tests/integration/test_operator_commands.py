"""The commands of ``python -m gas``: rebuild, verify, events, dlq."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from gas.domain.job_rules import Start
from gas.events import new_id
from gas.eventstore.log import StoredEvent
from gas.eventstore.outbox_relay import OutboxRelay
from gas.eventstore.rebuild import Difference, rebuild
from gas.eventstore.rows import Row, job_row
from gas.eventstore.sweep import Checkpoint, Sweep
from gas.memory.unreadable import MemoryUnreadableEvents
from gas.messaging.dead_letters import (
    OUTBOX,
    DeadLetters,
    UnreadableEventQueue,
    put_into_outbox,
)
from gas.messaging.queue import SqsQueue
from gas.runtime.repositories import utc_now
from gas.tables.personal import PersonalRow
from gas.tables.personal_dynamo import DynamoPersonalTable
from gas.tables.sessions import DynamoSessionTable
from gas.tables.suppressions import Cause, DynamoSuppressionTable, Suppression
from tests.integration.deployed import DeployedGas, eventually
from web.accounts.sessions import Sessions

pytestmark = pytest.mark.integration


def gas_command(deployed: DeployedGas, *words: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m gas`` with those words on the installation."""
    environment = {
        **os.environ,
        "GAS_PREFIX": deployed.settings.prefix,
        "AWS_ENDPOINT_URL": deployed.settings.endpoint_url or "",
    }
    return subprocess.run(
        [sys.executable, "-m", "gas", *words],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )


def test_deleted_projections_are_rebuilt_and_verified(deployed: DeployedGas) -> None:
    made = [deployed.submitted() for _ in range(5)]
    for _, job_id in made[:3]:
        deployed.jobs.execute(job_id, Start("e", "b"))
    rows = deployed.rows()
    assert len(rows) >= 10
    for row in rows:
        deployed.tables.delete(row)
    broken = gas_command(deployed, "verify")
    assert broken.returncode == 1
    assert "the row is missing" in broken.stdout
    again = gas_command(deployed, "rebuild")
    assert again.returncode == 0, again.stderr
    assert f"{len(rows)} rows written" in again.stdout
    assert gas_command(deployed, "verify").stdout == "no difference\n"
    assert gas_command(deployed, "verify").returncode == 0


def test_a_rebuild_never_touches_what_users_wrote_themselves(deployed: DeployedGas) -> None:
    user, job_id = deployed.submitted()
    personal = DynamoPersonalTable(deployed.aws.dynamodb(), deployed.settings.prefix)
    written = [
        PersonalRow(user, f"mark/{job_id}/1", 1, {"note": "n"}, ("mark",)),
        PersonalRow("nobody", "filter/1", 1, {"name": "of a user without events"}),
    ]
    for row in written:
        personal.add([row], {"mark": 1})
    assert "personal" not in {row.table for row in deployed.rows()}
    assert gas_command(deployed, "rebuild").returncode == 0
    assert gas_command(deployed, "verify").returncode == 0
    assert [personal.get(row.user_id, row.entry) for row in written] == written


def test_the_operator_deletes_what_a_user_wrote(deployed: DeployedGas) -> None:
    (user, job_id), (other, _) = deployed.submitted(), deployed.submitted()
    personal = DynamoPersonalTable(deployed.aws.dynamodb(), deployed.settings.prefix)
    for owner in (user, other):
        rows = [PersonalRow(owner, f"mark/{job_id}/{n}", 1, {"note": "n"}) for n in range(3)]
        personal.add(rows, {})
    sessions = Sessions(
        DynamoSessionTable(deployed.aws.dynamodb(), deployed.settings.prefix), utc_now, new_id
    )
    sessions.begin(user, "Firefox on Linux")
    assert gas_command(deployed, "forget", user).stdout == "4 rows deleted\n"
    assert sessions.of_user(user) == []
    assert gas_command(deployed, "forget", user).stdout == "0 rows deleted\n"
    assert len(personal.page(other, "mark/", 9)) == 3


def test_verify_finds_rows_that_differ_or_should_not_exist(deployed: DeployedGas) -> None:
    _, job_id = deployed.submitted()
    job = deployed.jobs.load(job_id)
    assert job is not None

    wrong = job_row(replace(job, bundle="another"))
    deployed.tables.put(wrong)
    extra = Row(
        "accounts", {"user_id": "nobody"}, {**job_row(job).item, "user_id": {"S": "nobody"}}
    )
    deployed.tables.put(extra)
    found = {difference.stream: difference.what for difference in deployed.differences()}
    assert found == {
        f"job/{job_id}": "the row differs in bundle",
        "account/nobody": "the row has no events",
    }
    skipped: list[Difference] = []
    done = rebuild(deployed.write_context.log, deployed.tables, skipped.append)
    assert skipped == []
    assert (done.written, done.deleted) == (1, 1)
    assert deployed.differences() == []


def test_the_operator_reads_a_jobs_events(deployed: DeployedGas) -> None:
    _, job_id = deployed.submitted()
    shown = gas_command(deployed, "events", job_id)
    assert json.loads(shown.stdout)["subject"] == f"job/{job_id}"
    assert gas_command(deployed, "events", "nothing").returncode == 1
    assert gas_command(deployed, "dlq", "list", "annotator").returncode == 0


def test_a_rebuild_in_shares_goes_on_from_its_checkpoint(
    deployed: DeployedGas, tmp_path: Path
) -> None:
    for _ in range(8):
        deployed.submitted()
    for row in deployed.rows():
        deployed.tables.delete(row)
    log, tables, path = deployed.write_context.log, deployed.tables, tmp_path / "checkpoint"
    rebuild(log, tables, print, Sweep(2, 0, 2, checkpoint=Checkpoint(path)))
    for row in deployed.rows():
        tables.delete(row)
    rebuild(log, tables, print, Sweep(2, 0, 2, checkpoint=Checkpoint(path)))
    assert deployed.rows() == [], "its share was done before"
    path.unlink()
    for share in range(2):
        rebuild(log, tables, print, Sweep(2, share, 2))
    for name in ("1/2", "2/2"):
        options = ("--share", name, "--threads", "3", "--checkpoint", str(path))
        assert gas_command(deployed, "verify", *options).stdout == "no difference\n"
        assert not path.exists()
    assert gas_command(deployed, "rebuild", "--share", "3/2").returncode == 2


def test_an_event_that_cannot_be_read_is_skipped_and_reported(deployed: DeployedGas) -> None:
    (_, broken), (_, whole) = deployed.submitted(), deployed.submitted()
    poison = StoredEvent(f"job/{broken}", 2, new_id(), '{"type": "gas.job.mended.v3", "data": {}}')
    deployed.put_event(poison)
    shown = gas_command(deployed, "events", broken)
    assert shown.returncode == 1
    assert json.loads(shown.stdout)["streamversion"] == 1
    assert "version 2 skipped, gas.job.mended.v3" in shown.stderr
    found = gas_command(deployed, "verify")
    assert found.returncode == 1
    assert f"job/{broken}: its events cannot be read: gas.job.mended.v3" in found.stdout
    assert "1 differences" in found.stdout
    rows = deployed.rows()
    again = gas_command(deployed, "rebuild")
    assert again.returncode == 1
    assert f"0 rows written, {len(rows) - 1} were right, 0 rows" in again.stdout
    assert "1 streams skipped" in again.stderr
    assert gas_command(deployed, "events", whole).returncode == 0

    sqs, log = deployed.aws.sqs(), deployed.write_context.log
    set_aside = UnreadableEventQueue(sqs, deployed.settings.prefix)
    letters = DeadLetters.of(
        sqs, deployed.settings.named(OUTBOX), partial(put_into_outbox, log=log)
    )
    later = utc_now() + timedelta(minutes=1)
    bus = deployed.write_context.bus
    relay = OutboxRelay(log, bus, set_aside, seconds=10, now=lambda: later)
    eventually(lambda: relay.sweep() == 1)
    (letter,) = letters.peek(10)
    assert letter.reason == "UnknownEventType: gas.job.mended.v3"
    assert json.loads(letter.body)["stream"] == poison.stream
    assert relay.sweep() == 0
    time.sleep(6)  # peeking hides a letter for 5 s
    assert gas_command(deployed, "dlq", "redrive", "outbox").stdout == "outbox: 1 sent back\n"
    eventually(lambda: relay.sweep() == 1)
    deployed.delete_event(poison)


def test_bytes_in_place_of_an_event_stop_no_relay_and_no_command(deployed: DeployedGas) -> None:
    deployed.submitted()
    damaged = StoredEvent(f"job/{new_id()}", 1, new_id(), "")
    deployed.put_event(damaged, text=b"\xff\x00")
    try:
        job_id = damaged.stream.removeprefix("job/")
        shown = gas_command(deployed, "events", job_id)
        assert (shown.returncode, "version 1 skipped" in shown.stderr) == (1, True)
        found = gas_command(deployed, "verify")
        assert f"{damaged.stream}: its events cannot be read" in found.stdout, found.stderr
        assert "1 streams skipped" in gas_command(deployed, "rebuild").stderr
        dead = MemoryUnreadableEvents()
        later = utc_now() + timedelta(minutes=1)
        context = deployed.write_context
        relay = OutboxRelay(context.log, context.bus, dead, seconds=10, now=lambda: later)
        eventually(lambda: relay.sweep() == 1)
        assert [letter.entry.stream for letter in dead.letters] == [damaged.stream]
        assert relay.sweep() == 0
    finally:
        deployed.delete_event(damaged)


def test_an_account_or_letter_that_cannot_be_read_is_reported_and_holds_up_no_other(
    deployed: DeployedGas,
) -> None:
    (user, broken), (_, whole) = deployed.submitted(), deployed.submitted()
    messages = {str(event["subject"]): event for event in deployed.drain("annotator")}
    text = '{"type": "gas.job.mended.v3", "data": {}}'
    poison = [StoredEvent(name, 9, new_id(), text) for name in (f"account/{user}", f"job/{broken}")]
    for entry in poison:
        deployed.put_event(entry)
    dead = SqsQueue(deployed.aws.sqs(), deployed.settings.named("annotator-dlq"))
    try:
        for command in (["show"], ["plan"], ["suspend", "--reason", "x"]):
            words = [command[0], user, *command[1:]]
            words += ["premium", "--reason", "x"] if command == ["plan"] else []
            refused = gas_command(deployed, "account", *words)
            assert refused.returncode == 1
            assert refused.stderr.startswith("an event cannot be read: gas.job.mended.v3")
        for job_id in (broken, whole):
            dead.send(json.dumps(messages[f"job/{job_id}"]))
        redriven = gas_command(deployed, "dlq", "redrive", "annotator")
        assert redriven.returncode == 1
        assert redriven.stdout == "annotator: 1 sent back\n"
        assert f"stays: the events of job {broken} cannot be read" in redriven.stderr
        assert [event["subject"] for event in deployed.drain("annotator")] == [f"job/{whole}"]
        assert dead.depth() == 1
    finally:
        for entry in poison:
            deployed.delete_event(entry)


def test_the_operator_resumes_mail_to_an_address(deployed: DeployedGas) -> None:
    table = DynamoSuppressionTable(deployed.aws.dynamodb(), deployed.settings.prefix)
    table.add("ada@example.org", Suppression(Cause.BOUNCE, "General", utc_now()))
    shown = gas_command(deployed, "mail", "show", "Ada@example.org")
    assert json.loads(shown.stdout)["cause"] == "bounce"
    resumed = gas_command(deployed, "mail", "resume", "Ada@example.org")
    assert resumed.stdout == "mail is sent again\n"
    assert table.get("ada@example.org") is None
    assert gas_command(deployed, "mail", "show", "ada@example.org").returncode == 1
