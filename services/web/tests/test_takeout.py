"""The zip of all that a user has: whole, in little memory, and honest about what is missing."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from typing import Any

import pytest

from gas.events import ResultKind
from tests.support.web_server import User, WebServer, problem
from web.takeout import service
from web.zip_stream import ZipStream

MIB = 1 << 20


def exported(user: User, **asked: str) -> zipfile.ZipFile:
    answer = user.call("GET", "/account/export", query_string=asked)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "application/zip"
    found = zipfile.ZipFile(io.BytesIO(answer.data))
    assert found.testzip() is None
    return found


def document(found: zipfile.ZipFile, name: str) -> Any:
    return json.loads(found.read(name))


def test_it_has_the_account_the_notes_and_each_job_with_its_files(server: WebServer) -> None:
    user, world = server.user(), server.world
    job = world.complete(world.submit(user.id, b"the upload"), b"the result")
    user.call("PUT", "/account/zone", json={"zone": "Europe/Berlin"})
    user.call("POST", "/filters", json={"name": "rare", "query": "max_af=0.01"})
    world.completed(server.user("bob").id)
    found = exported(user)
    account = document(found, "account.json")
    assert (account["email"], account["zone"]) == ("ada@example.org", "Europe/Berlin")
    assert account["events"][0]["type"] == "gas.account.registered.v1"
    assert "sha256" not in found.read("account.json").decode(), "no secret, nor its hash"
    assert document(found, "notes.json")["filters"][0]["name"] == "rare"
    about = document(found, f"jobs/{job.job_id}/job.json")
    assert [one["type"].split(".")[2] for one in about["events"]] == [
        *("submitted", "started", "completed")
    ]
    assert found.read(f"jobs/{job.job_id}/upload/my.vcf.gz") == b"the upload"
    for kind in ResultKind:
        assert found.read(f"jobs/{job.job_id}/my.{kind}") == b"the result"
    assert {name.split("/")[1] for name in found.namelist() if name.startswith("jobs/")} == {
        job.job_id
    }
    assert "Nothing of these jobs is in the archive" in found.read("README.txt").decode()


def test_what_is_archived_is_named_with_its_checksum_and_what_to_do(server: WebServer) -> None:
    user, world = server.user(), server.world
    job = world.archive(world.completed(user.id))
    world.results.delete(job.freed_keys)
    assert job.archive is not None
    found = exported(user)
    text = " ".join(found.read("README.txt").decode().split())
    for said in (job.job_id, job.archive.sha256, "Upgrade to Premium", "within 24 hours"):
        assert said in text
    assert f"jobs/{job.job_id}/my.vcf" not in found.namelist()
    assert f"jobs/{job.job_id}/my.log" in found.namelist()


def test_a_file_that_goes_meanwhile_is_named_and_the_rest_is_whole(server: WebServer) -> None:
    user, world = server.user(), server.world
    job = world.completed(user.id)
    gone = next(file for file in job.results if file.kind is ResultKind.LOG)
    world.results.delete([gone.key])
    found = exported(user)
    assert f"jobs/{job.job_id}/my.log" not in found.namelist()
    assert f"jobs/{job.job_id}/my.log" in found.read("README.txt").decode()
    assert f"jobs/{job.job_id}/my.vcf" in found.namelist()


def test_files_can_be_left_out_and_many_jobs_come_in_parts(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_JOBS", 2)
    monkeypatch.setattr(service, "_PAGE", 2)
    user, world = server.user(), server.world
    jobs = [world.completed(user.id).job_id for _ in range(5)]
    seen, query = [], {"files": "none"}
    for _ in range(3):
        answer = user.call("GET", "/account/export", query_string=query)
        found = zipfile.ZipFile(io.BytesIO(answer.data))
        assert all(name.endswith((".json", ".txt")) for name in found.namelist())
        seen += [name.split("/")[1] for name in found.namelist() if name.startswith("jobs/")]
        link = answer.headers.get("Link", "")
        if not link:
            break
        query["cursor"] = link.partition("cursor=")[2].partition(">")[0]
        assert query["cursor"] in found.read("README.txt").decode()
    assert sorted(seen) == sorted(jobs)
    assert "upload" in "".join(exported(user).namelist())
    assert "upload/" not in "".join(exported(user, files="results").namelist())


@pytest.mark.parametrize("asked", [{"files": "some"}, {"cursor": "nonsense"}])
def test_what_cannot_be_asked_is_refused(server: WebServer, asked: dict[str, str]) -> None:
    answer = server.user().call("GET", "/account/export", query_string=asked)
    problem(answer, 400, "invalid-request")


@pytest.mark.parametrize("name", ["..", ".", "a/../b", "\\\\x", "C:x", " ", "日本語🧬.vcf"])
def test_names_stay_in_their_folder(server: WebServer, name: str) -> None:
    user = server.user()
    job = server.world.submit(user.id, filename=name)
    for one in exported(user).namelist():
        assert not one.startswith("/")
        assert "\\" not in one
        assert ".." not in one.split("/")
    inside = f"jobs/{job.job_id}/upload/"
    assert any(
        one.startswith(inside) and len(one) > len(inside) for one in exported(user).namelist()
    )


def test_memory_does_not_grow_with_the_files() -> None:
    from datetime import UTC, datetime

    stream, sent = ZipStream(), 0
    tracemalloc.start()
    try:
        chunk = b"x" * MIB
        for number in range(3):
            chunks = (chunk for _ in range(40))
            for piece in stream.add(
                f"{number}.gz", chunks, datetime(1970, 1, 1, tzinfo=UTC), is_packed=True
            ):
                sent += len(piece)
        sent += len(stream.end())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent > 120 * MIB
    assert peak < 8 * MIB
