"""What is in the zip of all that a user has, and what it says about what is not.

Jobs come in parts of ``MOST_JOBS``, the newest first, so that memory has a bound. What is in the
archive is not at hand: the zip names it with its checksum, and says what to do and how long it
takes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from gas.archive.store import LONGEST_WAIT
from gas.domain.account import Account
from gas.domain.job import Job
from gas.eventstore.log import EventLog
from gas.eventstore.repository import ACCOUNT, JOB
from gas.files.bucket import FileChanged, Files, NoSuchFile, Pin
from gas.tables.jobs import JobTable
from gas.tables.profiles import Profile
from web.personal import export
from web.personal.wiring import Personal
from web.takeout.readme import readme
from web.zip_stream import ZipStream

MOST_JOBS = 1_000
"""Jobs in one zip: its directory, of up to 9 files each, is in memory until its end."""
SLOWEST_HOURS = int(max(LONGEST_WAIT.values()).total_seconds() // 3600)
_PAGE = 100
_PACKED = (".gz", ".bgz", ".parquet", ".csi", ".zip")


class Wanted(StrEnum):
    """What of the files is wanted: uploads and results, results, or none of them."""

    ALL = "all"
    RESULTS = "results"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Part:
    """The jobs of one zip; ``cursor`` leads to the next one, None at the end."""

    jobs: tuple[Job, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Takeout:
    """Writes zips. ``renew`` is called before each job: a long answer asks AWS very often."""

    table: JobTable
    log: EventLog
    inputs: Files
    results: Files
    personal: Personal
    now: Callable[[], datetime]

    def part(self, user_id: str, cursor: str | None) -> Part:
        """The next jobs of the user. Raises BadCursor."""
        jobs: list[Job] = []
        while len(jobs) < MOST_JOBS:
            page = self.table.page(user_id, limit=_PAGE, cursor=cursor, status=None)
            jobs += page.jobs
            cursor = page.cursor
            if cursor is None:
                break
        return Part(tuple(jobs), cursor)

    def stream(
        self,
        account: Account,
        profile: Profile,
        part: Part,
        wanted: Wanted,
        renew: Callable[[], None],
    ) -> Generator[bytes, None, None]:
        """The zip, in pieces of about 1 MiB at most."""
        archive, now = ZipStream(), self.now()
        missing: list[str] = []
        user_id = account.user_id
        yield from archive.add(
            "account.json", [self._account(account, profile)], now, is_packed=False
        )
        notes = (text.encode() for text in export.as_json(self.personal, user_id))
        yield from archive.add("notes.json", notes, now, is_packed=False)
        for job in part.jobs:
            renew()
            yield from self._job(archive, job, wanted, missing)
        text = readme(part.jobs, part.cursor, missing, SLOWEST_HOURS)
        yield from archive.add("README.txt", [text.encode()], now, is_packed=False)
        yield archive.end()

    def _account(self, account: Account, profile: Profile) -> bytes:
        events = self.log.read(ACCOUNT.stream(account.user_id))
        return _json(
            {
                "user_id": account.user_id,
                "name": profile.name,
                "email": profile.email,
                "institution": profile.institution,
                "issuer": profile.issuer,
                "subject": profile.subject,
                "zone": profile.zone,
                "mails_stopped": profile.muted,
                "api_tokens": [
                    {
                        "ends_with": token.hint,
                        "name": token.name,
                        "created_at": token.created_at,
                        "used_at": token.used_at,
                    }
                    for token in profile.tokens
                ],
                "plan": account.plan,
                "events": [json.loads(event.to_json()) for event in events],
            }
        )

    def _job(
        self, archive: ZipStream, job: Job, wanted: Wanted, missing: list[str]
    ) -> Iterator[bytes]:
        folder, at = f"jobs/{job.job_id}", job.completed_at or job.submitted_at
        events = [json.loads(event.to_json()) for event in self.log.read(JOB.stream(job.job_id))]
        about = {"filename": job.input.filename, "status": job.status, "events": events}
        yield from archive.add(f"{folder}/job.json", [_json(about)], at, is_packed=False)
        for bucket, key, pin, name in self._files(job, wanted):
            try:
                # Before the entry begins: a file that is gone leaves no empty one.
                chunks = bucket.stream(key, pin)
            except (NoSuchFile, FileChanged):
                missing.append(f"{folder}/{name}")
                continue
            is_packed = name.endswith(_PACKED)
            yield from archive.add(f"{folder}/{name}", chunks, at, is_packed=is_packed)

    def _files(self, job: Job, wanted: Wanted) -> Iterator[tuple[Files, str, Pin | None, str]]:
        if wanted is Wanted.ALL:
            pin = Pin(job.input.etag, job.input.version_id)
            yield self.inputs, job.input.key, pin, f"upload/{_safe(job.input.filename)}"
        if wanted is not Wanted.NONE:
            for file in job.results:
                yield self.results, file.key, None, _safe(file.key.rpartition("/")[2])


def _safe(name: str) -> str:
    """A name that stays in its folder wherever the zip is unpacked."""
    name = name.replace("/", "_").replace("\\", "_").replace(":", "_")
    return name if name.strip(". ") else "file"


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
