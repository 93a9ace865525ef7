"""Pages, sessions, headers and health, on in-memory ports. The login has an end-to-end test."""

from __future__ import annotations

import secrets
import time
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask import redirect, session
from markupsafe import escape

from gas.domain.job import Job
from tests.support.web_server import BUNDLES, WebServer, problem
from web.assets import Assets
from web.bundles import described
from web.identity import login
from web.jobs.storage import attachment


def test_a_server_is_not_ready_while_its_database_is_unreachable(server: WebServer) -> None:
    client = server.app.test_client()
    assert client.get("/readyz").status_code == 200

    def unreachable() -> None:
        raise EndpointConnectionError(endpoint_url="http://db")

    server.check = unreachable
    assert client.get("/readyz").status_code == 503


def test_unknown_paths_are_answered_with_json_or_html_like_other_requests(
    server: WebServer,
) -> None:
    user = server.user()
    problem(user.call("GET", "/nothing"), 404, "not-found")
    problem(user.call("PUT", "/jobs"), 405, "method-not-allowed")
    page = user.browser.get("/nothing")
    assert page.status_code == 404
    assert page.content_type.startswith("text/html")


def completed(server: WebServer, user_id: str) -> Job:
    """A completed job with a summary that the page can show."""
    done = server.world.complete(
        server.world.submit(user_id),
        b'{"records": 1, "annotated": 1, "ts_tv_ratio": null, "consequences": {"x": 1},'
        b' "genes": {"MT-ND4": 1}}',
    )
    server.world.db.rows[("jobs", (user_id, done.job_id))]["counts"] = {
        "M": {"records": {"N": "1"}, "annotated": {"N": "1"}, "genes": {"N": "1"}}
    }
    return done


def test_every_page_opens_and_runs_no_inline_code(server: WebServer) -> None:
    user = server.user()
    done = completed(server, user.id)
    for path in ("/jobs", "/jobs/new", "/account", "/help/api", f"/jobs/{done.job_id}"):
        page = user.browser.get(path)
        assert page.status_code == 200, path
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "<script>" not in page.text
        assert "onclick" not in page.text
        assert "style=" not in page.text
        assert "//cdn" not in page.text
    assert user.browser.get(f"/jobs/{done.job_id}/log").status_code == 200
    assert server.app.test_client().get("/").status_code == 200


def test_the_form_offers_the_bundles_and_says_what_they_are_for(server: WebServer) -> None:
    page = server.user().browser.get("/jobs/new").text
    for name in ("auto", "human-mt", "grch38-21q21"):
        assert f'<option value="{name}">' in page
    assert ">Human mitochondrion (rCRS)</option>" in page
    assert page.index('value="human-mt"') < page.index('value="grch38-21q21"')
    for bundle in described(BUNDLES):
        assert bundle.title in page
        assert bundle.purpose
        assert str(escape(bundle.purpose)) in page


def test_the_page_says_why_records_have_no_consequence(server: WebServer) -> None:
    user = server.user()
    done = server.world.complete(
        server.world.submit(user.id),
        b'{"records": 1300, "annotated": 1, "ts_tv_ratio": null, "consequences": {}, "genes": {},'
        b' "not_annotated": {"outside_windows": 1234, "something_new": 1}}',
    )
    server.world.db.rows[("jobs", (user.id, done.job_id))]["counts"] = {
        "M": {"records": {"N": "1300"}, "annotated": {"N": "1"}, "genes": {"N": "1"}}
    }
    page = user.browser.get(f"/jobs/{done.job_id}").text
    assert "1,234: not in this demo bundle" in page
    assert "1: something new" in page


def test_the_page_has_counts_by_worst_and_by_pick_and_names_engine_and_gene_models(
    server: WebServer,
) -> None:
    user = server.user()
    done = server.world.complete(
        server.world.submit(user.id),
        b'{"records": 3, "annotated": 3, "ts_tv_ratio": null, "genes": {}, "consequences": {},'
        b' "consequences_by_worst": {"stop_gained": 2}, "gene_models": "Models of 1999",'
        b' "consequences_by_pick": {"intron_variant": 1}}',
    )
    server.world.db.rows[("jobs", (user.id, done.job_id))]["counts"] = {
        "M": {"records": {"N": "3"}, "annotated": {"N": "3"}, "genes": {"N": "1"}}
    }
    page = user.browser.get(f"/jobs/{done.job_id}").text
    for word in ("Worst consequence of a record", "stop gained", "intron variant"):
        assert word in page
    assert "In the picked transcript" in page
    assert "Models of 1999" in page
    assert "engine/1" in page


def test_a_hostile_file_name_is_shown_as_text(server: WebServer) -> None:
    user = server.user()
    name = "<img src=x onerror=alert(1)>.vcf"
    job = user.call("POST", "/jobs", json={"upload_id": user.uploaded(name=name)}).json
    page = user.browser.get(f"/jobs/{job['job_id']}").text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_visitors_without_a_session_are_redirected_to_the_login_and_back(server: WebServer) -> None:
    answer = server.app.test_client().get("/jobs?status=failed")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login?next=/jobs?status%3Dfailed"


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Mode": "cors"}, {"Accept": "text/event-stream"}], ids=str
)
def test_a_script_of_a_page_whose_session_is_over_begins_no_login(
    server: WebServer, headers: dict[str, str]
) -> None:
    browser = server.app.test_client()
    assert browser.get("/jobs?part=list", headers=headers).status_code == 401
    with browser.session_transaction() as session:
        assert not session
    shown = browser.get("/jobs", headers={"Sec-Fetch-Mode": "navigate", "Accept": "text/html,*/*"})
    assert shown.status_code == 302


def test_a_session_cannot_change_anything_without_the_forms_token(server: WebServer) -> None:
    server.app.config["WTF_CSRF_ENABLED"] = True
    user = server.user()
    assert user.browser.post("/account/upgrade").status_code == 400
    problem(user.browser.post("/api/v1/account/upgrade"), 400, "bad-request")
    assert user.call("GET", "/account").json["plan"] == "free"


def test_browsers_keep_built_files_and_nothing_else(server: WebServer) -> None:
    client = server.app.test_client()
    script = Assets.load().url("src/entries/site.ts")
    assert "immutable" in client.get(script).headers["Cache-Control"]
    assert client.get("/static/icon.svg").headers["Cache-Control"] == "no-cache"
    for path in ("/", "/static/dist/assets/site-gone.js", "/help/api"):
        assert "immutable" not in client.get(path).headers.get("Cache-Control", "")
    assert client.get("/").headers["Cache-Control"] == "no-store"


def test_file_names_in_any_script_are_kept_in_downloads() -> None:
    header = attachment('変"異.vcf')
    assert header.isascii()
    assert "filename*=UTF-8''%E5%A4%89%22%E7%95%B0.vcf" in header


def test_the_job_list_has_pages_and_a_status_filter(server: WebServer) -> None:
    user = server.user()
    for _ in range(21):
        user.submitted()
        server.world.pass_time(timedelta(seconds=1))
    page = user.browser.get("/jobs").text
    assert page.count('<tr id="job-') == 20
    assert "my.vcf.gz" in page
    assert "Older" in page
    assert "No failed jobs here" in user.browser.get("/jobs?status=failed").text
    assert user.browser.get("/jobs?cursor=nonsense").status_code == 302


def test_the_page_of_a_job_offers_its_variants_for_programs(server: WebServer) -> None:
    user = server.user()
    done = completed(server, user.id)
    path = f"/jobs/{done.job_id}/variants.parquet"
    assert path in user.browser.get(f"/jobs/{done.job_id}").text
    answer = user.browser.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("?name=my.variants.parquet")


def test_many_begun_logins_do_not_fill_the_cookie(server: WebServer, monkeypatch: Any) -> None:
    def remembers(_: object, __: str) -> Any:
        session[f"_state_provider_{secrets.token_hex(15)}"] = {
            "data": {"nonce": secrets.token_hex(10), "redirect_uri": "http://gas/login/callback"},
            "exp": time.time(),
        }
        return redirect("http://provider/")

    provider = type("Provider", (), {"authorize_redirect": remembers})()
    monkeypatch.setattr(login, "_provider", lambda: provider)
    browser = server.app.test_client()
    path = "/jobs/" + secrets.token_urlsafe(900)  # as long as is kept, and not to be packed
    for _ in range(120):
        answer = browser.get("/login", query_string={"next": path})
        assert answer.status_code == 302
        assert len(answer.headers["Set-Cookie"]) < 4096
