"""At the end of some schedules the event log is restored to an earlier time.

Then reconciliation runs for days, alone: it must delete no file because the log has forgotten it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from gas.domain.job import COLD, Job, JobStatus
from gas.events import ResultKind, first_id_at, time_of_id
from gas.eventstore.projections import folded
from gas.eventstore.repository import JOB
from gas.memory.effect_claims import MemoryEffectClaims
from gas.recovery.command import recover
from gas.recovery.ports import Ports
from reconciler import ports as reconciler_ports
from reconciler.loop import reconcile
from tests.simulation.installation import Installation
from tests.simulation.invariants import expect

ONE_IN = 6
_DAYS = 4


def play_sometimes(installation: Installation) -> None:
    """Restore the log in every sixth schedule, and check what is left. Raises Violation."""
    # A generator of its own: the same seed makes the same schedule with and without this.
    rng = Random(installation.simulator.seed)
    if rng.randrange(ONE_IN) == 0:
        _play(installation, rng, with_operator=rng.random() < 0.5)


def _play(installation: Installation, rng: Random, *, with_operator: bool) -> None:
    db = installation.world.db
    ids = sorted(entry.event_id for entries in db.streams.values() for entry in entries)
    seen = installation.world.witness.seen()
    if not with_operator:
        # Without an operator it is noticed only if an event is lost that was seen.
        # By their times: events of one millisecond are kept or lost together.
        ids = [id for id in ids if seen and (time_of_id(id) or seen.time) < seen.time]
    if not ids:
        return
    deleted = {stream for stream, job in _jobs(installation) if job.status is JobStatus.DELETED}
    since = time_of_id(rng.choice(ids))
    assert since is not None
    before = _files(installation)
    _restore_log(installation, since)
    if with_operator:
        list(recover(since, _ports(installation)))
    for _ in range(_DAYS):
        installation.world.pass_time(timedelta(days=1))
        reconcile(_reconciler(installation))
    lost = before - _files(installation)
    expect(not lost, f"files were deleted that the restored log does not know: {sorted(lost)}")
    if with_operator:
        for stream, job in _jobs(installation):
            if stream not in deleted:
                _check_files(job, _files(installation))


def _restore_log(installation: Installation, since: datetime) -> None:
    """Keep the events until then, and rebuild the rows; files, queues and claims stay."""
    db, log = installation.world.db, installation.log
    end = first_id_at(since + timedelta(milliseconds=1))
    for stream, entries in list(db.streams.items()):
        kept = [entry for entry in entries if entry.event_id < end]
        if kept:
            db.streams[stream] = kept
        else:
            del db.streams[stream]
    db.outbox.clear()
    db.rows.clear()
    for stream in db.streams:
        if installation.is_poison(stream):
            continue
        row = folded(log, stream)
        assert row is not None
        db.rows[(row.table, tuple(row.key.values()))] = row.item


def _jobs(installation: Installation) -> list[tuple[str, Job]]:
    log = installation.log
    folds = [
        (stream, JOB.fold(log.read(stream)))
        for stream in installation.world.db.streams
        if stream.startswith("job/") and not installation.is_poison(stream)
    ]
    return [(stream, job) for stream, job in folds if job]


def _files(installation: Installation) -> set[tuple[str, str]]:
    world = installation.world
    buckets = {"inputs": world.inputs.objects, "results": world.results.objects}
    return {
        (name, key)
        for name, objects in (buckets | {"archive": installation.cold.copies}).items()
        for key in objects
    }


def _check_files(job: Job, files: set[tuple[str, str]]) -> None:
    """Check that each file that a job names is there."""
    if job.status is JobStatus.DELETED:
        return
    is_held = ("inputs", job.input.key) in files or not job.input.etag
    expect(is_held, f"job {job.job_id} has lost its input")
    if job.status in COLD:
        found = job.archive and ("archive", job.archive.archive_id) in files
        expect(found, f"job {job.job_id} has lost its archive")
    for file in job.results:
        kind = ResultKind(file.kind)
        expect(("results", file.key) in files, f"job {job.job_id} has lost its {kind}")


def _ports(installation: Installation) -> Ports:
    w = installation.world
    return Ports(
        jobs=w.jobs,
        write_context=w.write_context,
        uploads=w.uploads,
        inputs=w.inputs,
        results=w.results,
        store=installation.cold.plain,
        periods=w.periods,
        now=w.now,
    )


def _reconciler(installation: Installation) -> reconciler_ports.Ports:
    w = installation.world
    return reconciler_ports.Ports(
        jobs=w.jobs,
        job_table=w.job_table,
        accounts=w.account_table,
        log=w.log,
        progress=w.progress,
        uploads=w.uploads,
        inputs=w.inputs,
        results=w.results,
        parts=w.parts,
        store=installation.cold.plain,
        notices=installation.queues["thawer"],
        claims=MemoryEffectClaims(w.now, claim_seconds=3600),
        periods=w.periods,
        witness=w.witness,
        now=w.now,
    )
