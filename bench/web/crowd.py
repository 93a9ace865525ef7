"""A real server under a crowd: people filter a large table while someone looks at many jobs.

The web process is apart, on an emulator: 10,000 jobs of one user, and the file of the other benches
as the result of a job of each of twenty others. All is asked by HTTP. Then the table is exported.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import requests

from bench.lists import another
from bench.web.export import COLUMNS
from bench.web.measure import job_of, line
from bench.web.questions import questions
from bench.web_process import Web, WebProcess, put_rows, web_process
from gas.domain.job import Job
from gas.events import ResultKind
from gas.eventstore.rows import job_row
from local.ports import HOST
from tests.support.world import World
from web.allocator import bound_arenas
from web.variants.parameters import parameters_of

_EACH = 10
_SECONDS = 300
_LOOKS_BEFORE = 20
# In production the list's rows are read elsewhere; the emulator searches them on the same cores.
_SECONDS_BETWEEN_LOOKS = 0.5
_HEAD = "\n| of a real server | median ms | p99 ms | slowest ms |\n|---|---:|---:|---:|"
Query = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Served:
    """What the server has: cookies of its users, and what they ask."""

    url: str
    lister: str
    people: list[tuple[str, str]]
    """The cookie and the job of each."""
    asked: list[Query]


@dataclass(frozen=True, slots=True)
class Wish:
    """The file, how many people filter it, how many jobs are listed, and the seed of questions."""

    path: Path
    people: int
    jobs: int
    seed: int


def crowd(wish: Wish) -> None:
    """Print how long the list of jobs takes beside the people, and how fast an export is."""
    with web_process(_prepare, wish) as web:
        _measure(web, wish)


def _prepare(web: Web, wish: Wish) -> Served:
    """Make users and jobs, put the file into the bucket, and serve."""
    bound_arenas()  # as the server does
    users = [web.sign_in(f"u{number}") for number in range(wish.people + 1)]
    job = _exportable(job_of(wish.path))
    bucket = web.settings.bucket("results")
    web.aws.s3().upload_file(str(wish.path), bucket, job.results[0].key)
    theirs = [replace(another(job, 0), user_id=user_id) for user_id, _ in users[1:]]
    listed = World().completed(users[0][0])
    many = [another(listed, number) for number in range(wish.jobs)]
    rows = [job_row(one).item for one in (*many, *theirs)]
    put_rows(web.aws.dynamodb(), web.settings.named("jobs"), rows)
    with web.ports.variants.open(job, seconds=_SECONDS) as table:
        drawn = questions(wish.people * _EACH, table.schema, wish.seed + 2)
        asked = [parameters_of(question) for _, question in drawn]
    seen = [(cookie, one.job_id) for (_, cookie), one in zip(users[1:], theirs, strict=True)]
    return Served(f"http://{HOST}:{web.serve(web.app)}", users[0][1], seen, asked)


def _exportable(job: Job) -> Job:
    """The job with a VCF, without which there is no export; nobody here reads it."""
    (table,) = job.results
    return replace(job, results=(table, table.model_copy(update={"kind": ResultKind.VCF})))


def _measure(web: WebProcess, wish: Wish) -> None:
    served: Served = web.prepared
    people, jobs = wish.people, wish.jobs
    _opened(served)
    print(_HEAD, flush=True)
    cpu = web.used().seconds
    quiet = [_look(served, "/jobs") for _ in range(_LOOKS_BEFORE)]
    each = (web.used().seconds - cpu) / _LOOKS_BEFORE * 1000
    print(line(f"`/jobs` of {jobs:,} jobs alone ({each:.0f} ms CPU)", quiet), flush=True)
    looks: dict[str, list[float]] = {"/jobs": [], "/api/v1/jobs": []}
    done = threading.Event()
    looker = threading.Thread(target=_look_on, args=(served, looks, done))
    looker.start()
    with ThreadPoolExecutor(people) as pool:
        found = [one for each in pool.map(lambda n: _ask(served, n), range(people)) for one in each]
    done.set()
    looker.join()
    for path, times in looks.items():
        print(line(f"`{path}`, {len(times)} times, {people} people at the table", times))
    answered = [seconds for seconds in found if seconds is not None]
    print(line(f"{len(found)} questions of these people", answered))
    print(f"\n{len(found) - len(answered)} of these were refused as too many", flush=True)
    _export(served, web)


def _opened(served: Served) -> None:
    """Wait until the server has the file and the list, as in a process that has run for a while."""
    _look(served, "/jobs")
    cookie, job_id = served.people[0]
    url = f"{served.url}/api/v1/jobs/{job_id}/variants/columns"
    for _ in range(_SECONDS):
        if requests.get(url, headers={"Cookie": cookie}, timeout=_SECONDS).ok:
            return
        time.sleep(1)
    raise RuntimeError(f"{url} does not open")


def _look(served: Served, path: str) -> float:
    start = time.perf_counter()
    headers = {"Cookie": served.lister}
    answer = requests.get(served.url + path, headers=headers, timeout=_SECONDS)
    answer.raise_for_status()
    return time.perf_counter() - start


def _look_on(served: Served, looks: dict[str, list[float]], done: threading.Event) -> None:
    """Look at each of the paths at least once, and again until it is done."""
    while True:
        for path, times in looks.items():
            times.append(_look(served, path))
        if done.wait(_SECONDS_BETWEEN_LOOKS):
            return


def _ask(served: Served, number: int) -> list[float | None]:
    """The seconds of this person's questions; None where the server was too busy."""
    cookie, job_id = served.people[number]
    url = f"{served.url}/api/v1/jobs/{job_id}/variants"
    times: list[float | None] = []
    with requests.Session() as session:
        for query in served.asked[number * _EACH : (number + 1) * _EACH]:
            start = time.perf_counter()
            headers = {"Cookie": cookie}
            answer = session.get(url, params=query, headers=headers, timeout=_SECONDS)
            if answer.status_code != 503:
                answer.raise_for_status()
            times.append(time.perf_counter() - start if answer.ok else None)
    return times


def _export(served: Served, web: WebProcess) -> None:
    cookie, job_id = served.people[0]
    url = f"{served.url}/api/v1/jobs/{job_id}/variants/export"
    before = web.used()
    start = time.perf_counter()
    asked = {"format": "tsv", "columns": COLUMNS.replace(" ", "")}
    headers = {"Cookie": cookie}
    with requests.get(url, asked, headers=headers, stream=True, timeout=_SECONDS) as answer:
        answer.raise_for_status()
        sizes = [(len(part), part.count(b"\n")) for part in answer.iter_content(1 << 20)]
    seconds = time.perf_counter() - start
    after = web.used()
    rows, size = sum(lines for _, lines in sizes) - 1, sum(size for size, _ in sizes)
    cpu = after.seconds - before.seconds
    print(
        f"export as TSV: {rows:,} rows, {size / 1e6:,.0f} MB, {seconds:.1f} s,"
        f" {rows / seconds:,.0f} rows/s, {rows / cpu:,.0f} rows for each CPU s;"
        f" peak memory of the server before {before.peak_mb:.0f} MB, after {after.peak_mb:.0f} MB"
    )
