"""What operators do: jobs that are handed out again, dead letters, and rows of their streams."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import UTC, datetime

import pytest

from gas.domain.errors import AlreadyFinished, OutOfOrder
from gas.domain.job import JobStatus
from gas.domain.job_operations import HandOut
from gas.domain.job_rules import Cancel, Fail, Start
from gas.domain.letter import Discard, Redrive
from gas.events import FailureCode, LetterDiscarded, LetterRedriven
from gas.eventstore.projections import folded
from gas.eventstore.repository import LETTER, Repository
from gas.job_administration import JobAdministration
from gas.recovery.command import moment
from tests.support.world import World

START = Start("engine/1", "human-mt@1")
ABOUT = {"user_id": "operator-1", "letter_id": "m1", "queue": "annotator", "reason": "r"}
SHA256 = "0" * 64


@pytest.fixture
def world() -> World:
    return World()


def test_a_job_is_handed_out_only_in_the_version_that_was_looked_at(world: World) -> None:
    job = world.submit(world.register())
    world.jobs.execute(job.job_id, START)
    for _ in range(2):
        again = world.jobs.execute(job.job_id, HandOut("ops", "stuck", seen_version=2))
        assert (again.status, again.version, again.attempt) == (JobStatus.SUBMITTED, 3, 0)
    waits = world.jobs.execute(job.job_id, HandOut("ops", "its message is lost", seen_version=3))
    assert (waits.status, waits.version) == (JobStatus.SUBMITTED, 4)


def test_only_a_job_that_failed_for_a_fault_of_ours_is_handed_out(world: World) -> None:
    user = world.register()
    refused, ours, cancelled = (world.submit(user) for _ in range(3))
    world.jobs.execute(refused.job_id, Fail(FailureCode.NOT_VCF, "no"))
    world.jobs.execute(ours.job_id, Fail(FailureCode.INTERNAL, "sorry"))
    world.jobs.execute(cancelled.job_id, Cancel("u", "r"))
    for job in (refused, cancelled):
        with pytest.raises(AlreadyFinished):
            world.jobs.execute(job.job_id, HandOut("ops", "r", seen_version=2))
    again = world.jobs.execute(ours.job_id, HandOut("ops", "r", seen_version=2))
    assert again.status is JobStatus.SUBMITTED
    assert again.error is None


def test_a_message_that_a_crash_lost_is_sent_by_the_second_click(world: World) -> None:
    job = world.submit(world.register())
    world.jobs.execute(job.job_id, HandOut("ops", "r", seen_version=1))  # and died
    sent = len(world.bus.published)
    administration = JobAdministration(world.jobs, "ops")
    assert administration.hand_out(job.job_id, 1, "r")
    assert [event.type for event in world.bus.published[sent:]] == ["gas.job.submitted.v1"]


def test_the_streams_of_letters_have_no_rows_and_are_read_by_rebuild(world: World) -> None:
    letters = Repository(LETTER, world.write_context)
    redrive = Redrive(LetterRedriven(**ABOUT, body_sha256=SHA256))
    discard = Discard(LetterDiscarded(**ABOUT, body_sha256=SHA256))
    rows = dict(world.db.rows)
    for command, version in ((redrive, 1), (redrive, 1), (discard, 2), (discard, 2), (redrive, 3)):
        assert letters.execute("m1", command).version == version
    assert world.db.rows == rows
    assert folded(world.log, "letter/m1") is None
    world.leave_in_outbox("letter/m2", world.log.stored("letter/m1")[1].text)
    with pytest.raises(OutOfOrder):
        folded(world.log, "letter/m2")


def test_the_time_of_a_recovery_has_a_time_zone() -> None:
    wanted = datetime(2026, 11, 29, 5, tzinfo=UTC)
    assert moment("2026-11-29T05:00:00Z") == moment("2026-11-29T06:00+01:00") == wanted
    for text, what in (("2026-11-29T05:00", "add Z"), ("yesterday", "ISO 8601")):
        with pytest.raises(ArgumentTypeError, match=what):  # argparse shows its text
            moment(text)
