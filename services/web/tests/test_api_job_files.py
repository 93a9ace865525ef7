"""The files of a job in the REST API: results, log, what genome browsers and MultiQC read."""

from __future__ import annotations

from gas.domain.job_rules import Complete, Fail, Start
from gas.events import FailureCode, ResultFile, ResultKind
from tests.support.web_server import WebServer, problem


def test_a_result_is_downloaded_under_the_users_own_file_name(server: WebServer) -> None:
    user = server.user()
    job = server.world.complete(server.world.submit(user.id), b'{"records": 1}')
    answer = user.call("GET", f"/jobs/{job.job_id}/result")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("?name=my.annot.vcf.gz")
    variants = user.call("GET", f"/jobs/{job.job_id}/variants.parquet")
    assert variants.status_code == 302
    assert variants.headers["Location"].endswith("?name=my.variants.parquet")
    shown = user.call("GET", f"/jobs/{job.job_id}").json
    assert shown["archive_after"] == "2026-01-01T00:05:00Z"
    assert user.call("GET", f"/jobs/{job.job_id}/summary").json == {"records": 1}
    log = user.call("GET", f"/jobs/{job.job_id}/log")
    assert (log.status_code, log.text) == (200, '{"records": 1}')
    assert log.content_type.startswith("text/plain")


def test_a_genome_browser_gets_links_to_the_result_and_its_bundles_sequence(
    server: WebServer,
) -> None:
    user = server.user()
    job = server.world.complete(server.world.submit(user.id))
    links = user.call("GET", f"/jobs/{job.job_id}/genome").json
    assert links["reference"] == "http://s3/references/human-mt@1/reference.fa"
    assert links["reference_index"] == f"{links['reference']}.fai"
    assert links["variants"].endswith("/my.vcf")
    assert links["variants_index"].endswith("/my.index")
    problem(server.user("other").call("GET", f"/jobs/{job.job_id}/genome"), 404, "not-found")


def test_an_unavailable_result_is_refused_with_the_reason(server: WebServer) -> None:
    user, world = server.user(), server.world
    waiting = user.submitted()
    problem(user.call("GET", f"/jobs/{waiting}/result"), 409, "result-not-ready")
    problem(user.call("GET", f"/jobs/{waiting}/log"), 409, "result-not-ready")
    failed = user.submitted()
    world.jobs.execute(failed, Start("e", "b"))
    world.jobs.execute(failed, Fail(FailureCode.NOT_VCF, "It is a cat.", 1))
    document = problem(user.call("GET", f"/jobs/{failed}/result"), 409, "job-failed")
    assert document["detail"] == "It is a cat."
    error = user.call("GET", f"/jobs/{failed}").json["error"]
    assert error == {"code": "not_vcf", "message": "It is a cat.", "line": 1}
    done = world.complete(world.submit(user.id))
    world.archive(done)
    for path in ("result", "table", "variants.parquet", "genome"):
        problem(user.call("GET", f"/jobs/{done.job_id}/{path}"), 409, "result-archived")
    assert user.call("GET", f"/jobs/{done.job_id}/log").status_code == 200
    assert user.call("GET", f"/jobs/{done.job_id}").json["archived_at"]


def test_a_long_log_is_a_redirect(server: WebServer) -> None:
    user = server.user()
    job = server.world.complete(server.world.submit(user.id), b"x" * (300 << 10))
    log = user.call("GET", f"/jobs/{job.job_id}/log")
    assert log.status_code == 302
    assert log.headers["Location"].endswith("?name=my.log.txt")


def test_a_job_from_before_a_file_existed_names_the_next_step(server: WebServer) -> None:
    user, world = server.user(), server.world
    job = world.submit(user.id)
    world.jobs.execute(job.job_id, Start("e", "b"))
    summary = ResultFile(kind=ResultKind.SUMMARY, key="s", size_bytes=1, sha256="0" * 64)
    world.jobs.execute(job.job_id, Complete((summary,), {"records": 1}, 0.5, None))
    answer = user.call("GET", f"/jobs/{job.job_id}/variants.parquet")
    assert "again" in problem(answer, 409, "result-not-made")["detail"]


def test_a_job_has_a_file_for_multiqc_of_each_section(server: WebServer) -> None:
    user = server.user()
    world = server.world
    job = world.complete(world.submit(user.id), b'{"records": 7, "ts_tv_ratio": null}')
    answer = user.call("GET", f"/jobs/{job.job_id}/multiqc/variants")
    assert answer.json["data"]["my"]["records"] == 7
    assert answer.headers["Content-Disposition"] == "attachment; filename=my.variants_mqc.json"
    for section in ("consequences", "samples"):
        found = user.call("GET", f"/jobs/{job.job_id}/multiqc/{section}")
        assert found.json["id"] == f"gas_{section}"
    problem(user.call("GET", f"/jobs/{job.job_id}/multiqc/other"), 404, "not-found")
    problem(server.user("bob").call("GET", f"/jobs/{job.job_id}/multiqc/samples"), 404, "not-found")
