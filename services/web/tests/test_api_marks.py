"""Stars, tags and notes in the REST API, on in-memory ports."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from typing import Any

import pytest

from gas.domain.job_rules import Delete
from tests.support.web_server import User, WebServer, problem
from web.personal import marks as marks_module
from web.personal.marks import Copied
from web.personal.records import Allele, Remarks
from web.problems import Problem

APP = {"contig": "chr21", "pos": 25897620, "ref": "C", "alt": "T"}


def completed(server: WebServer, user: User) -> str:
    return server.world.completed(user.id).job_id


def put(user: User, job_id: str, key: str = "12.1", **body: Any) -> Any:
    return user.call("PUT", f"/jobs/{job_id}/marks/{key}", json={"version": 0} | body)


def test_a_mark_is_read_as_it_was_written(server: WebServer, user: User) -> None:
    job_id = completed(server, user)
    answer = put(
        user, job_id, star=True, tags=[" de novo ", "b", "b"], note="ä\nsee “x”", variant=APP
    )
    assert answer.status_code == 200
    found = user.call("GET", f"/jobs/{job_id}/marks/12.1").json
    assert found == answer.json
    assert found["tags"] == ["de novo", "b"]
    assert (found["star"], found["note"], found["variant"]) == (True, "ä\nsee “x”", APP)
    assert (found["version"], found["key"], found["job_id"]) == (1, "12.1", job_id)
    problem(user.call("GET", f"/jobs/{job_id}/marks/13.1"), 404, "not-found")


def test_of_two_tabs_the_second_is_told_and_nothing_is_lost(server: WebServer, user: User) -> None:
    job_id = completed(server, user)
    put(user, job_id, note="both tabs read this", variant=APP)
    server.world.pass_time(timedelta(minutes=1))
    first = put(user, job_id, note="first tab", version=1).json
    assert (first["version"], first["variant"]) == (2, APP)
    assert first["updated_at"] > first["created_at"]
    document = problem(put(user, job_id, note="second tab", version=1), 409, "version-conflict")
    assert document["current"] == first
    assert "version 2" in document["detail"]
    assert put(user, job_id, note="first and second", version=2).json["version"] == 3
    problem(put(user, job_id, star=True), 409, "version-conflict")


def test_a_request_that_is_repeated_after_a_lost_answer_is_no_conflict(
    server: WebServer, user: User
) -> None:
    job_id = completed(server, user)
    body: dict[str, Any] = {"note": "once", "variant": APP}
    assert put(user, job_id, **body).json == put(user, job_id, **body).json


def test_an_empty_mark_is_deleted_and_only_at_its_version(server: WebServer, user: User) -> None:
    job_id = completed(server, user)
    put(user, job_id, star=True, note="n")
    problem(put(user, job_id), 409, "version-conflict")
    assert put(user, job_id, version=1).json["version"] == 0
    assert user.call("GET", f"/jobs/{job_id}/marks").json["items"] == []
    put(user, job_id, star=True)
    path = f"/jobs/{job_id}/marks/12.1"
    problem(user.call("DELETE", path), 400, "invalid-request")
    problem(user.call("DELETE", f"{path}?version=7"), 409, "version-conflict")
    assert user.call("DELETE", f"{path}?version=1").status_code == 204
    assert user.call("DELETE", f"{path}?version=1").status_code == 204
    problem(put(user, job_id, star=True, version=1), 409, "version-conflict")


def test_marks_are_listed_in_pages_in_the_order_of_the_file(server: WebServer, user: User) -> None:
    job_id = completed(server, user)
    for key in ("10.1", "9.2", "100.1", "9.10"):
        put(user, job_id, key, star=True)
    first = user.call("GET", f"/jobs/{job_id}/marks?limit=3").json
    assert [mark["key"] for mark in first["items"]] == ["9.2", "9.10", "10.1"]
    path = f"/jobs/{job_id}/marks?limit=3&cursor={first['next_cursor']}"
    rest = user.call("GET", path).json
    assert [mark["key"] for mark in rest["items"]] == ["100.1"]
    assert rest["next_cursor"] is None
    for query in ("limit=0", "limit=501", "limit=x", "cursor=x"):
        problem(user.call("GET", f"/jobs/{job_id}/marks?{query}"), 400, "invalid-request")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"note": "x" * 4001}, "note"),
        ({"note": "\x00"}, "note"),
        ({"tags": ["a"] * 21}, "tags"),
        ({"tags": ["x" * 41]}, "tags"),
        ({"tags": ["a,b"]}, "tags"),
        ({"tags": ["  "]}, "tags"),
        ({"star": "yes"}, "star"),
        ({"star": True, "version": -1}, "version"),
        ({"star": True, "variant": APP | {"pos": -1}}, "variant.pos"),
        ({"star": True, "variant": APP | {"ref": "A C"}}, "variant.ref"),
        ({"star": True, "variant": APP | {"alt": "A" * 10_001}}, "variant.alt"),
        ({"star": True, "colour": "red"}, "colour"),
    ],
)
def test_what_is_too_long_or_of_the_wrong_shape_is_refused(
    server: WebServer, user: User, body: dict[str, Any], field: str
) -> None:
    document = problem(put(user, completed(server, user), **body), 422, "invalid-request")
    assert document["errors"][0]["field"].startswith(field)


@pytest.mark.parametrize("key", ["x", "1", "1.1.1", "01.1", "1.-1", "1" * 13 + ".1", "1.1234567"])
def test_a_key_of_another_form_is_refused(server: WebServer, user: User, key: str) -> None:
    problem(put(user, completed(server, user), key, star=True), 400, "invalid-request")


def test_nobody_reads_or_changes_the_marks_of_another(server: WebServer, user: User) -> None:
    job_id, other = completed(server, user), server.user("eve")
    put(user, job_id, note="mine")
    for answer in (
        put(other, job_id, star=True),
        other.call("GET", f"/jobs/{job_id}/marks"),
        other.call("GET", f"/jobs/{job_id}/marks/12.1"),
        other.call("DELETE", f"/jobs/{job_id}/marks/12.1?version=1"),
        other.call("GET", "/jobs/nonsense/marks"),
    ):
        problem(answer, 404, "not-found")
    anyone = server.app.test_client().get(f"/api/v1/jobs/{job_id}/marks")
    problem(anyone, 401, "unauthorized")


def test_a_job_and_a_user_have_limits(
    server: WebServer, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks_module, "MOST_IN_JOB", 2)
    monkeypatch.setattr(marks_module, "MOST_OF_USER", 3)
    first, second = completed(server, user), completed(server, user)
    for key in ("1.1", "2.1"):
        put(user, first, key, star=True)
    document = problem(put(user, first, "3.1", star=True), 409, "limit-reached")
    assert document["limit"] == 2
    assert put(user, first, "1.1", note="changed", version=1).status_code == 200
    assert put(user, second, "1.1", star=True).status_code == 200
    assert problem(put(user, second, "2.1", star=True), 409, "limit-reached")["limit"] == 3


def test_a_deleted_job_takes_no_mark(server: WebServer, user: User) -> None:
    job_id = completed(server, user)
    server.world.jobs.execute(job_id, Delete("u", "r"))
    problem(put(user, job_id, star=True), 404, "not-found")
    marks = server.personal.marks
    with pytest.raises(Problem, match="no job with this id"):  # deleted between check and write
        marks.put(user.id, job_id, "1.1", Remarks(star=True), 0)


def test_marks_are_copied_to_the_same_variants_of_another_job(
    server: WebServer, user: User
) -> None:
    old, new = completed(server, user), completed(server, user)
    count = 200
    for number in range(1, count + 1):
        put(user, old, f"{number}.1", note=f"n{number}", variant=APP | {"pos": number})
    put(user, old, "300.1", note="nobody said which variant")
    put(user, old, "301.1", note="only in the old job", variant=APP | {"pos": 9999})
    put(user, new, "1007.1", note="stays")
    asked: list[Allele] = []

    def keys_of(alleles: Any) -> dict[Allele, str]:
        asked.extend(alleles)
        return {one: f"{1000 + one.pos}.1" for one in alleles if one.pos <= count}

    copied = server.personal.marks.copy(user.id, old, new, keys_of)
    assert copied == Copied(count - 1, 1, 2)
    assert len(asked) == count + 1
    again = server.personal.marks.copy(user.id, old, new, keys_of)
    assert again == Copied(0, count, 2)
    found = user.call("GET", f"/jobs/{new}/marks").json["items"]
    assert len(found) == count
    assert [m["note"] for m in found[:7]] == ["n1", "n2", "n3", "n4", "n5", "n6", "stays"]
    assert (found[0]["key"], found[0]["job_id"], found[0]["version"]) == ("1001.1", new, 1)
    assert found[0]["variant"] == APP | {"pos": 1}


def test_all_of_a_user_is_exported_and_nothing_of_others(server: WebServer, user: User) -> None:
    nothing: dict[str, object] = {
        "marks": [],
        "filters": [],
        "layouts": [],
        "shares": [],
        "job_tags": {},
    }
    assert user.call("GET", "/personal/export").json == nothing
    job_id = completed(server, user)
    note = 'a\ttab\nand a \\ and "quotes"'
    mark = put(user, job_id, star=True, tags=["x", "y"], note=note, variant=APP).json
    put(user, job_id, "13.1", note="second")
    saved = user.call("POST", "/filters", json={"name": "rare", "query": "max_af=0.01"}).json
    share = user.call("POST", f"/jobs/{job_id}/shares", json={}).json
    assert user.call("POST", f"/jobs/{job_id}/tags", json={"add": ["trio"]}).status_code == 200
    put(server.user("eve"), completed(server, server.user("eve")), note="secret")
    answer = user.call("GET", "/personal/export")
    assert "gas-notes.json" in answer.headers["Content-Disposition"]
    document = json.loads(answer.text)
    assert document["marks"][0] == mark
    assert len(document["marks"]) == 2
    assert document["filters"] == [saved]
    assert document["job_tags"] == {job_id: ["trio"]}
    assert document["shares"][0]["share_id"] == share["share_id"]
    assert share["token"] not in answer.text
    assert "secret" not in answer.text
    lines = user.call("GET", "/personal/export?format=tsv").text.splitlines()
    rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) == 2
    back = rows[0]["note"].encode().decode("unicode_escape")
    assert back == note
    assert (rows[0]["tags"], rows[0]["pos"], rows[1]["pos"]) == ("x,y", "25897620", "")
    problem(user.call("GET", "/personal/export?format=xlsx"), 400, "invalid-request")


def test_all_of_a_user_can_be_deleted(server: WebServer, user: User) -> None:
    job_id, other = completed(server, user), server.user("eve")
    put(user, job_id, note="mine")
    kept = completed(server, other)
    put(other, kept, note="kept")
    user.call("POST", "/filters", json={"name": "n", "query": ""})
    token = user.call("POST", f"/jobs/{job_id}/shares", json={"with_notes": True}).json["token"]
    assert user.call("DELETE", "/personal").json == {"deleted": 3}
    assert user.call("DELETE", "/personal").json == {"deleted": 0}
    assert json.loads(user.call("GET", "/personal/export").text)["marks"] == []
    assert server.personal.shares.find(token) is None
    assert len(other.call("GET", f"/jobs/{kept}/marks").json["items"]) == 1
