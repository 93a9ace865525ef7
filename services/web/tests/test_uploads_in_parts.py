"""Uploads in parts over the REST API, on in-memory ports."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gas.events import Plan
from reconciler.leftovers import delete_orphans, delete_unused_uploads
from tests.support.reconciler_ports import reconciler_of
from tests.support.web_server import User, WebServer, problem
from web.jobs.storage import MOST_FORM_BYTES
from web.uploads.part_plan import part_bytes_for

PART = 8 << 20
SIZE = 2 * PART + 5


@pytest.fixture
def server() -> WebServer:
    """One that accepts files of three parts."""
    server = WebServer()
    server.limits[Plan.FREE] = 10 * PART
    return server


def begin(user: User, size: int = SIZE, name: str = "my.vcf.gz") -> str:
    answer = user.call("POST", "/uploads/multipart", json={"filename": name, "size_bytes": size})
    assert answer.status_code == 201, answer.text
    return str(answer.json["upload_id"])


def send(user: User, upload_id: str, *numbers: int) -> None:
    """Send those parts as the signed addresses say."""
    signed = user.call("POST", f"/uploads/{upload_id}/parts", json={"part_numbers": list(numbers)})
    assert signed.status_code == 200, signed.text
    bucket_id = _bucket_id(user, upload_id)
    for part in signed.json["parts"]:
        number, size = part["part_number"], part["size_bytes"]
        assert part["url"].endswith(f"?uploadId={bucket_id}&partNumber={number}&size={size}")
        user.server.parts.send(bucket_id, number, bytes([number]) * size)


def _bucket_id(user: User, upload_id: str) -> str:
    upload = user.server.world.uploads.get(upload_id)
    assert upload
    assert upload.parts_id
    return upload.parts_id


def complete(user: User, upload_id: str) -> Any:
    return user.call("POST", f"/uploads/{upload_id}/complete")


def test_a_file_in_parts_becomes_a_job_like_any_other(server: WebServer) -> None:
    user = server.user()
    upload_id = begin(user)
    send(user, upload_id, 3, 1)
    listed = user.call("GET", f"/uploads/{upload_id}/parts").json
    assert (listed["part_bytes"], listed["part_count"], listed["size_bytes"]) == (PART, 3, SIZE)
    assert [(part["part_number"], part["size_bytes"]) for part in listed["parts"]] == [
        (1, PART),
        (3, 5),
    ]
    early = user.call("POST", "/jobs", json={"upload_id": upload_id})
    problem(early, 409, "upload-not-finished")
    document = problem(complete(user, upload_id), 409, "upload-incomplete")
    assert (document["missing"], document["missing_count"]) == ([2], 1)
    send(user, upload_id, 2)
    assert complete(user, upload_id).status_code == 200
    assert complete(user, upload_id).status_code == 200, "the answer to the first was lost"
    listed = user.call("GET", f"/uploads/{upload_id}/parts").json
    assert [part["part_number"] for part in listed["parts"]] == [1, 2, 3]
    answer = user.call("POST", "/jobs", json={"upload_id": upload_id})
    assert answer.status_code == 202
    job = server.world.job(answer.json["job_id"])
    assert job.input.size_bytes == SIZE
    assert job.input.version_id, "the content is pinned"
    content = b"".join(server.world.inputs.stream(job.input.key))
    assert content == b"\1" * PART + b"\2" * PART + b"\3" * 5


def test_a_part_of_another_size_is_missing(server: WebServer) -> None:
    user = server.user()
    upload_id = begin(user)
    send(user, upload_id, 1, 2, 3)
    server.parts.send(_bucket_id(user, upload_id), 2, b"less")
    server.parts.send(_bucket_id(user, upload_id), 4, b"more than the file has")
    assert problem(complete(user, upload_id), 409, "upload-incomplete")["missing"] == [2]
    send(user, upload_id, 2)
    assert complete(user, upload_id).status_code == 200
    assert len(server.world.inputs.objects[f"{user.id}/{upload_id}"]) == SIZE


def test_nobody_touches_the_upload_of_another(server: WebServer) -> None:
    owner, other = server.user("ada"), server.user("bob")
    upload_id = begin(owner)
    send(owner, upload_id, 1, 2, 3)
    parts = {"part_numbers": [1]}
    for answer in (
        other.call("POST", f"/uploads/{upload_id}/parts", json=parts),
        other.call("GET", f"/uploads/{upload_id}/parts"),
        complete(other, upload_id),
    ):
        problem(answer, 404, "upload-not-found")
    assert other.call("DELETE", f"/uploads/{upload_id}").status_code == 204
    assert complete(owner, upload_id).status_code == 200


@pytest.mark.parametrize("numbers", [[], [0], [4], ["1"], [1] * 101, [1, 10_001]])
def test_a_part_that_the_file_has_not_is_not_signed(server: WebServer, numbers: Any) -> None:
    user = server.user()
    answer = user.call("POST", f"/uploads/{begin(user)}/parts", json={"part_numbers": numbers})
    assert answer.status_code in {400, 422}
    assert "part_numbers" in answer.json["detail"]


def test_what_is_given_up_can_never_become_a_job(server: WebServer) -> None:
    user = server.user()
    unfinished, finished, submitted = (begin(user, 5) for _ in range(3))
    for upload_id in (unfinished, finished, submitted):
        send(user, upload_id, 1)
    for upload_id in (finished, submitted):
        complete(user, upload_id)
    user.call("POST", "/jobs", json={"upload_id": submitted})
    for upload_id in (unfinished, finished, finished):
        assert user.call("DELETE", f"/uploads/{upload_id}").status_code == 204
        answer = user.call("POST", "/jobs", json={"upload_id": upload_id})
        problem(answer, 409, "upload-not-found")
    refused = user.call("DELETE", f"/uploads/{submitted}")
    problem(refused, 409, "upload-already-submitted")
    assert server.world.inputs.unfinished == {}
    problem(complete(user, unfinished), 404, "upload-not-found")


def test_abandoned_parts_and_files_are_swept_after_a_day(server: WebServer) -> None:
    user = server.user()
    unfinished, finished = begin(user, 5), begin(user, 5)
    send(user, unfinished, 1)
    send(user, finished, 1)
    complete(user, finished)
    ports = reconciler_of(server.world)
    delete_orphans(ports)
    assert len(server.world.inputs.unfinished) == 1
    server.world.time += timedelta(days=1, minutes=1)
    delete_unused_uploads(ports)
    delete_orphans(ports)
    assert server.world.inputs.unfinished == {}
    assert server.world.inputs.objects == {}
    problem(complete(user, unfinished), 409, "upload-gone")
    answer = user.call("POST", f"/uploads/{finished}/parts", json={"part_numbers": [1]})
    problem(answer, 404, "upload-not-found")


def test_sizes_and_quotas_hold_as_for_other_uploads() -> None:
    server = WebServer(free_open_uploads=1, free_stored_bytes=300)
    user = server.user()

    def ask(size: int) -> Any:
        body = {"filename": "a.vcf", "size_bytes": size}
        return user.call("POST", "/uploads/multipart", json=body)

    problem(ask(0), 422, "invalid-request")
    problem(ask(1_001), 413, "upload-too-large")
    problem(ask(301), 429, "too-much-stored")
    assert ask(300).status_code == 201
    problem(ask(1), 429, "too-many-uploads")


def test_a_file_that_one_request_cannot_take_must_be_sent_in_parts(server: WebServer) -> None:
    server.limits[Plan.FREE] = 2 * MOST_FORM_BYTES
    user = server.user()
    body = {"filename": "a.vcf", "size_bytes": MOST_FORM_BYTES + 1}
    document = problem(user.call("POST", "/uploads", json=body), 413, "upload-needs-parts")
    assert "/uploads/multipart" in document["detail"]
    assert user.call("POST", "/uploads/multipart", json=body).status_code == 201
    one = user.uploaded()
    problem(user.call("GET", f"/uploads/{one}/parts"), 409, "upload-not-in-parts")


@pytest.mark.parametrize("size", [1, PART, 1000 * PART, 1000 * PART + 1, 5_000_000_000_000])
def test_parts_are_few_and_none_is_too_large_for_s3(size: int) -> None:
    part = part_bytes_for(size)
    assert 5 << 20 <= part <= MOST_FORM_BYTES
    assert -(-size // part) <= 1_000
