"""Faults of submission and annotation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import annotator.attempt
import annotator.handler
import annotator.results
import web.jobs.submission
from annotator.fair_scheduling import FairScheduler
from annotator.heartbeat import AttemptHeartbeat
from gas.domain import job_rules
from gas.domain.job import JobStatus
from gas.eventstore.guards import ClaimUpload
from gas.eventstore.repository import JOB
from reconciler import loop
from tests.simulation import installation
from tests.simulation.mutations.reconciling import without_a_lease
from tests.simulation.mutations.registry import Patches, mutation


@mutation
def an_already_read_stream_is_uploaded_as_the_result() -> Patches:
    store = annotator.results.store

    def mutant(job: Any, folder: Any, metadata: Any, beat: Any, ports: Any) -> Any:
        results = store(job, folder, metadata, beat, ports)
        (folder / "annotated.vcf.gz").write_bytes(b"")
        ports.results.put(results[0].key, folder / "annotated.vcf.gz", "application/gzip")
        return results

    return [(annotator.attempt, "store", mutant)]


@mutation
def a_job_that_is_given_up_does_not_fail() -> Patches:
    kept = tuple(task for task in loop.TASKS if task.name != "attempts")
    silent = (annotator.handler, "give_up", lambda body, reason, ports: None)
    return [silent, (loop, "TASKS", kept)]


@mutation
def a_cancelled_job_can_complete() -> Patches:
    decide = job_rules.decide

    def mutant(job: Any, command: Any) -> Any:
        if job and job.status is JobStatus.CANCELLED and isinstance(command, job_rules.Complete):
            job = replace(job, status=JobStatus.RUNNING)
        return decide(job, command)

    return [(installation, "JOB", replace(JOB, decide=mutant))]


@mutation
def the_loser_of_two_attempts_keeps_its_files() -> Patches:
    run = annotator.attempt._run

    class Keeping:
        def __init__(self, files: Any) -> None:
            self._files = files

        def delete(self, keys: Any) -> None:
            """Delete nothing."""

        def __getattr__(self, name: str) -> Any:
            return getattr(self._files, name)

    return [
        (
            annotator.attempt,
            "_run",
            lambda job, bundle, cause, heartbeat: run(
                job,
                bundle,
                cause,
                AttemptHeartbeat(
                    heartbeat._lease,
                    heartbeat.account,
                    replace(heartbeat.ports, results=Keeping(heartbeat.ports.results)),
                ),
            ),
        ),
        (FairScheduler, "acquire", without_a_lease),
    ]


@mutation
def an_upload_may_become_two_jobs() -> Patches:
    submit = web.jobs.submission.Submission.submit_new

    def mutant(self: Any, *arguments: Any) -> Any:
        class Unguarded:
            def __init__(self, jobs: Any) -> None:
                self._jobs = jobs

            def begin(self, id: str, command: Any, *, guards: Any) -> Any:
                kept = [guard for guard in guards if not isinstance(guard, ClaimUpload)]
                return self._jobs.begin(id, command, guards=kept)

        return submit(replace(self, jobs=Unguarded(self.jobs)), *arguments)

    return [(web.jobs.submission.Submission, "submit_new", mutant)]
