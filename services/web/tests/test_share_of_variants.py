"""Shares and marks with a real table of variants: what a link reads, and marks that are copied."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import duckdb
from flask import url_for

from gas.domain.job import Job
from gas.domain.job_rules import Complete, Delete, Start
from gas.events import ResultFile, ResultKind
from tests.support.web_server import User, WebServer, problem
from tests.support.world import GRACE

METADATA = {
    "gas.variants.version": "1",
    "gas.tool": "engine/1",
    "gas.bundle": "human-mt@1",
    "gas.assembly": "GRCh38",
    "gas.samples": "[]",
    "gas.contigs": '["chr21", "chr22"]',
    "gas.known": "{}",
}
SUMMARY = (
    b'{"records": 1, "annotated": 1, "ts_tv_ratio": null, "consequences": {"x": 1},'
    b' "genes": {"MT-ND4": 1}}'
)
Row = tuple[int, int, str, int, str, str | None]
ROWS: list[Row] = [
    (1, 1, "chr21", 100, "A", "G"),
    (2, 1, "chr21", 100, "A", "G"),
    (2, 2, "chr21", 100, "A", "T"),
    (3, 0, "chr21", 200, "C", None),
    (4, 1, "chr22", 100, "A", "G"),
]


def parquet(path: Path, rows: list[Row]) -> bytes:
    """A file as the annotator writes it, with the columns that name an allele only."""
    database = duckdb.connect()
    database.execute(
        "CREATE TABLE v (record BIGINT, allele INTEGER, contig VARCHAR, pos BIGINT,"
        " ref VARCHAR, alt VARCHAR)"
    )
    database.executemany("INSERT INTO v VALUES (?, ?, ?, ?, ?, ?)", rows)
    more = "*, (contig = 'chr22')::INTEGER AS contig_number, pos AS end_pos, false AS is_pathogenic"
    metadata = ", ".join(f"'{key}': '{value}'" for key, value in METADATA.items())
    database.execute(
        f"COPY (SELECT {more} FROM v) TO '{path}' (FORMAT parquet, KV_METADATA {{{metadata}}})"
    )
    return path.read_bytes()


def completed(server: WebServer, user: User, folder: Path, rows: list[Row]) -> Job:
    """A completed job whose table of variants has these rows."""
    world = server.world
    job = world.submit(user.id)
    world.jobs.execute(job.job_id, Start("engine/1", "human-mt@1"))
    files = []
    for kind in ResultKind:
        content = parquet(folder / "v", rows) if kind is ResultKind.VARIANTS else SUMMARY
        key, digest = f"{user.id}/{job.job_id}/{kind}", hashlib.sha256(content).hexdigest()
        world.results.write(key, content)
        files.append(ResultFile(kind=kind, key=key, size_bytes=len(content), sha256=digest))
    done = Complete(
        tuple(files), {"records": len(rows), "annotated": 1, "genes": 1}, 0.5, world.time + GRACE
    )
    return world.jobs.execute(job.job_id, done)


def share(user: User, job: Job, **body: Any) -> str:
    answer = user.call("POST", f"/jobs/{job.job_id}/shares", json=body)
    return str(answer.json["token"])


def test_a_link_reads_the_table_and_opens_nothing_once_it_is_revoked_or_the_job_is_gone(
    server: WebServer, user: User, tmp_path: Path
) -> None:
    job = completed(server, user, tmp_path, ROWS)
    client: Any = server.app.test_client()
    path = f"/api/v1/jobs/{job.job_id}/variants"
    problem(client.get(path), 401, "unauthorized")
    token = share(user, job)
    page = client.get(f"{path}?share={token}&region=chr21:100&limit=2")
    assert page.status_code == 200, page.text
    assert (page.json["total"], page.json["items"][0]["key"]) == (3, "1.1")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    more = f"{path}?share={token}&region=chr21:100&limit=2&cursor={page.json['next_cursor']}"
    assert [item["key"] for item in client.get(more).json["items"]] == ["2.2"]
    problem(client.get(f"{path}?share={token[:-1]}"), 404, "no-such-share")
    (listed,) = user.call("GET", "/shares").json["items"]
    user.call("DELETE", f"/jobs/{job.job_id}/shares/{listed['share_id']}")
    problem(client.get(f"{path}?share={token}"), 410, "share-over")
    another = share(user, job)
    assert client.get(f"{path}?share={another}").status_code == 200
    server.world.jobs.execute(job.job_id, Delete("u", "r"))
    problem(client.get(f"{path}?share={another}"), 410, "share-without-result")


def test_an_owner_with_a_link_sees_what_its_readers_see(
    server: WebServer, user: User, tmp_path: Path
) -> None:
    job = completed(server, user, tmp_path, ROWS)
    body = {"star": True, "version": 0}
    user.call("PUT", f"/jobs/{job.job_id}/marks/1.1", json=body)
    path = f"/jobs/{job.job_id}/marks?share={share(user, job)}"
    assert user.call("GET", path).json["shown"] is False


def test_links_on_a_shared_page_keep_the_token_for_that_job_only(
    server: WebServer, user: User, tmp_path: Path
) -> None:
    job, other = completed(server, user, tmp_path, ROWS), server.world.completed(user.id)
    links: list[str] = []

    @server.app.after_request
    def look(response: Any) -> Any:
        links.append(url_for("jobs.show_job", job_id=job.job_id))
        links.append(url_for("jobs.show_job", job_id=other.job_id))
        links.append(url_for("home.home"))
        return response

    token = share(user, job)
    links.clear()
    server.app.test_client().get(f"/api/v1/jobs/{job.job_id}/marks?share={token}")
    user.call("GET", f"/jobs/{job.job_id}/marks")
    own = [f"/jobs/{job.job_id}", f"/jobs/{other.job_id}", "/"]
    assert links == [f"{own[0]}?share={token}", own[1], own[2], *own]


def test_marks_survive_a_second_run(server: WebServer, user: User, tmp_path: Path) -> None:
    old = completed(server, user, tmp_path, ROWS)
    shifted = [(record + 10, *rest) for record, *rest in ROWS[1:]]
    new = completed(server, user, tmp_path, shifted)  # type: ignore[arg-type]
    noted: dict[str, str] = {"2.2": "T", "3.0": "none", "4.1": "other contig", "1.1": "twice"}
    for record, allele, contig, pos, ref, alt in ROWS:
        note = noted.get(f"{record}.{allele}")
        variant = {"contig": contig, "pos": pos, "ref": ref, "alt": alt}
        if note:
            body = {"note": note, "variant": variant, "version": 0}
            path = f"/jobs/{old.job_id}/marks/{record}.{allele}"
            assert user.call("PUT", path, json=body).status_code == 200
    gone = {"contig": "chr1", "pos": 100, "ref": "A", "alt": "G"}
    body = {"star": True, "variant": gone, "version": 0}
    user.call("PUT", f"/jobs/{old.job_id}/marks/99.1", json=body)
    answer = user.call("POST", f"/jobs/{new.job_id}/marks/copy", json={"from_job": old.job_id})
    assert answer.json == {"copied": 4, "present": 0, "missing": 1}
    found = user.call("GET", f"/jobs/{new.job_id}/marks").json["items"]
    assert {mark["key"]: mark["note"] for mark in found} == {
        **{"12.1": "twice", "12.2": "T", "13.0": "none", "14.1": "other contig"}
    }
    again = user.call("POST", f"/jobs/{new.job_id}/marks/copy", json={"from_job": old.job_id})
    assert again.json == {"copied": 0, "present": 4, "missing": 1}
    stranger = server.user("eve").call(
        "POST", f"/jobs/{new.job_id}/marks/copy", json={"from_job": old.job_id}
    )
    problem(stranger, 404, "not-found")


def test_marks_cannot_be_copied_to_a_job_without_a_table(
    server: WebServer, user: User, tmp_path: Path
) -> None:
    old, new = completed(server, user, tmp_path, ROWS), server.world.completed(user.id)
    server.world.archive(new)
    answer = user.call("POST", f"/jobs/{new.job_id}/marks/copy", json={"from_job": old.job_id})
    problem(answer, 409, "result-archived")


def test_a_link_opens_every_page_and_file_of_the_result_and_names_no_user(
    server: WebServer, user: User, tmp_path: Path
) -> None:
    job = completed(server, user, tmp_path, ROWS)
    token, client = share(user, job), server.app.test_client()
    here = f"/jobs/{job.job_id}"
    page = client.get(f"{here}?share={token}")
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "Delete this job" not in page.text
    assert f'href="{here}/variants?share={token}"' in page.text
    assert f'href="{here}/variants?share={token}&amp;consequence=x' in page.text
    assert f"{here}/download?share={token}" in page.text
    for path in (here, f"{here}/summary", f"{here}/provenance", f"{here}/methods"):
        answer = client.get(f"/api/v1{path}?share={token}")
        assert answer.status_code == 200, path
        assert user.id not in answer.text
    for path in (f"{here}/download", f"/api/v1{here}/result"):
        assert client.get(f"{path}?share={token}").status_code == 302
        assert client.get(path).status_code in {302, 401}
    over = client.get(f"{here}?share={token[:-1]}")
    assert over.status_code == 404
    assert "This link does not work" in over.text
    assert "ask the person who sent it" in over.text
