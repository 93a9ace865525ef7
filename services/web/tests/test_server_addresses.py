"""The one address of GAS: foreign hosts, other names of this machine, links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
import requests
from flask import Response
from werkzeug.test import Client

from tests.support.served import Served, served
from tests.support.web_server import WebServer
from web.addresses import PublicAddress
from web.settings import WebSettings


@pytest.fixture
def site() -> Iterator[Served]:
    with served(WebServer().app) as running:
        yield running


def asked(site: Served, path: str, host: str) -> requests.Response:
    return requests.get(site.url + path, headers={"Host": host}, timeout=5, allow_redirects=False)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "", "a@b"])
def test_a_foreign_host_is_refused(site: Served, host: str) -> None:
    assert asked(site, "/", host).status_code == 400
    assert asked(site, "/api/v1/jobs", host).status_code == 400


def test_in_development_other_names_of_this_machine_lead_to_the_public_one(site: Served) -> None:
    answer = asked(site, "/jobs?status=failed", f"localhost:{site.port}")
    assert answer.status_code == 307
    assert answer.headers["Location"] == f"{site.url}/jobs?status=failed"
    assert asked(site, "/api/v1/jobs", f"localhost:{site.port}").status_code == 401


def test_links_have_the_public_address_whatever_a_proxy_says(site: Served) -> None:
    page = requests.get(
        f"{site.url}/help/api",
        headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"},
        timeout=5,
    )
    assert site.url in page.text
    assert "evil.example" not in page.text


def test_behind_a_load_balancer_links_are_https_and_only_the_name_is_answered() -> None:
    app = WebServer().app
    settings = WebSettings(public_url="https://gas.example.org", proxy_hops=1)
    client = Client(PublicAddress(app.wsgi_app, settings))
    for host in ("gas.example.org", "gas.example.org:443", "GAS.example.org"):
        page = client.get("/help/api", headers={"Host": host})
        assert page.status_code == 200
        assert "https://gas.example.org/api/v1" in page.text
    assert client.get("/", headers={"Host": "10.0.0.7:8000"}).status_code == 400
    assert client.get("/", headers={"Host": "localhost"}).status_code == 400


def test_static_files_are_compressed_and_pages_with_secrets_are_not() -> None:
    server = WebServer()
    text = "body { color: black }\n" * 200

    def style() -> Response:
        answer = Response(text, content_type="text/css; charset=utf-8")
        answer.headers["Cache-Control"] = "public, max-age=60"
        answer.set_etag("1")
        answer.date = datetime(2026, 1, 1)
        return answer

    server.app.add_url_rule("/style.css", "style", style)
    with served(server.app) as running:
        small, _ = running.timed("/style.css")
        assert small.headers["Content-Encoding"] == "gzip"
        assert int(small.headers["Content-Length"]) < 200
        assert small.headers["ETag"] == 'W/"1"'
        assert small.headers["Vary"] == "Accept-Encoding"
        assert "," not in small.headers["Date"].partition(",")[2]
        assert small.text == text
        plain, _ = running.timed("/style.css", **{"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        assert plain.text == text
        assert "Content-Encoding" not in running.timed("/help/api")[0].headers
