"""Saved filters and layouts of the table in the REST API, on in-memory ports."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.web_server import User, problem
from web.personal.saved import MOST

COLUMNS = [{"name": "symbol", "width": 120}, {"name": "hgvsp", "width": None}]
BODIES: dict[str, dict[str, Any]] = {
    "/filters": {"name": "rare", "query": "gene=APP%2CSOD1&max_af=0.01"},
    "/layouts": {"name": "mine", "columns": COLUMNS},
}


@pytest.mark.parametrize("path", BODIES)
def test_what_is_saved_can_be_listed_changed_and_deleted(user: User, path: str) -> None:
    made = user.call("POST", path, json=BODIES[path])
    assert made.status_code == 201
    saved = made.json
    assert {name: saved[name] for name in BODIES[path]} == BODIES[path]
    assert user.call("GET", made.headers["Location"].removeprefix("/api/v1")).json == saved
    assert user.call("GET", path).json["items"] == [saved]
    here = f"{path}/{saved['id']}"
    renamed = user.call("PUT", here, json=BODIES[path] | {"name": "new", "version": 1}).json
    assert (renamed["name"], renamed["version"]) == ("new", 2)
    stale = user.call("PUT", here, json=BODIES[path] | {"name": "other tab", "version": 1})
    assert problem(stale, 409, "version-conflict")["current"] == renamed
    problem(user.call("DELETE", f"{here}?version=1"), 409, "version-conflict")
    problem(user.call("DELETE", here), 400, "invalid-request")
    assert user.call("DELETE", f"{here}?version=2").status_code == 204
    assert user.call("DELETE", f"{here}?version=2").status_code == 204
    problem(user.call("GET", here), 404, "not-found")
    gone = user.call("PUT", here, json=BODIES[path] | {"version": 2})
    problem(gone, 404, "not-found")


@pytest.mark.parametrize("path", BODIES)
def test_a_user_has_a_limit_and_sees_only_their_own(user: User, path: str) -> None:
    ids = [user.call("POST", path, json=BODIES[path]).json["id"] for _ in range(MOST)]
    problem(user.call("POST", path, json=BODIES[path]), 409, "limit-reached")
    assert [item["id"] for item in user.call("GET", path).json["items"]] == ids
    other = user.server.user("eve")
    assert other.call("GET", path).json["items"] == []
    problem(other.call("GET", f"{path}/{ids[0]}"), 404, "not-found")
    user.call("DELETE", f"{path}/{ids[0]}?version=1")
    assert user.call("POST", path, json=BODIES[path]).status_code == 201


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", ""),
        ("?gene=APP&share=share_x&cursor=y&limit=5", "gene=APP"),
        ("genotype=S1:het&genotype=S2:hom_ref", "genotype=S1%3Ahet&genotype=S2%3Ahom_ref"),
        ("q=ß&max_af=", "q=%C3%9F"),
    ],
)
def test_a_question_is_kept_without_what_belongs_to_one_request(
    user: User, query: str, kept: str
) -> None:
    saved = user.call("POST", "/filters", json={"name": "n", "query": query}).json
    assert saved["query"] == kept


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/filters", {"query": "gene=%ff"}),
        ("/filters", {"query": "<script>=1"}),
        ("/filters", {"query": "no question"}),
        ("/filters", {"query": "q=" + "x" * 16_000}),
        ("/filters", {"query": "&".join("q=x" for _ in range(501))}),
        ("/filters", {"query": "q=%00"}),
        ("/filters", {"name": ""}),
        ("/filters", {"name": "x" * 81}),
        ("/filters", {"version": 1}),
        ("/layouts", {"columns": []}),
        ("/layouts", {"columns": [{"name": "a\nb"}]}),
        ("/layouts", {"columns": [{"name": "symbol", "width": 5}]}),
        ("/layouts", {"columns": COLUMNS * 251}),
    ],
)
def test_what_is_of_the_wrong_shape_is_refused(
    user: User, path: str, change: dict[str, Any]
) -> None:
    problem(user.call("POST", path, json=BODIES[path] | change), 422, "invalid-request")
