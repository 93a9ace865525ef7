"""Uploads in the REST API and what its request bodies may contain, on in-memory ports."""

from __future__ import annotations

import pytest

from tests.support.web_server import FREE_LIMIT, WebServer, problem


def test_an_upload_over_the_plans_limit_is_refused_with_the_limit_and_how_to_upgrade(
    server: WebServer,
) -> None:
    user = server.user()
    body = {"filename": "a.vcf", "size_bytes": FREE_LIMIT + 1}
    document = problem(user.call("POST", "/uploads", json=body), 413, "upload-too-large")
    assert document["limit_bytes"] == FREE_LIMIT
    assert "upgrade" in document["detail"]
    user.call("POST", "/account/upgrade")
    assert user.call("POST", "/uploads", json=body).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"size_bytes": 1}, "filename"),
        ({"filename": "a.vcf"}, "size_bytes"),
        ({"filename": "a.vcf", "size_bytes": "1"}, "size_bytes"),
        ({"filename": "a.vcf", "size_bytes": True}, "size_bytes"),
        ({"filename": "a.vcf", "size_bytes": 1.5}, "size_bytes"),
        ({"filename": "a.vcf", "size_bytes": -1}, "size_bytes"),
        ({"filename": "../a.vcf", "size_bytes": 1}, "filename"),
        ({"filename": "", "size_bytes": 1}, "filename"),
        ({"filename": "a.vcf", "size_bytes": 1, "colour": "red"}, "colour"),
        ([], "body"),
    ],
)
def test_an_invalid_body_is_refused_with_the_name_of_the_field(
    server: WebServer, body: object, field: str
) -> None:
    document = problem(server.user().call("POST", "/uploads", json=body), 422, "invalid-request")
    assert [fault["field"] for fault in document["errors"]] == [field]
    assert field in document["detail"]


def test_malformed_json_is_reported_as_malformed(server: WebServer) -> None:
    problem(server.user().call("POST", "/uploads", data="{"), 400, "malformed-json")


def test_a_body_over_the_size_limit_is_refused(server: WebServer) -> None:
    problem(server.user().call("POST", "/uploads", data="x" * 100_000), 413, "large")
