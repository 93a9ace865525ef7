"""The page for uploads, and the sample's file, which it sends like any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import (
    Blueprint,
    Response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from gas.events import new_id
from web import sample
from web.bundles import DescribedBundle
from web.identity.requester import current_account, require_login
from web.jobs.from_address import submit_address
from web.jobs.submission import JobOptions
from web.ports import ports
from web.problems import Problem

blueprint = Blueprint("uploads", __name__)
blueprint.before_request(require_login)
_MOST_KEY_CHARACTERS = 128


@blueprint.get("/jobs/new/sample.vcf")
def sample_file() -> Response:
    """The VCF of the public sample."""
    return send_file(sample.FILE, mimetype="text/plain", download_name="sample.vcf")


@blueprint.post("/jobs/new/from-address")
def from_address() -> BaseResponse | tuple[str, int]:
    """Submit a job on the file at an address, and show it; the page again where that is refused."""
    form = request.form
    options = JobOptions(form.get("bundle") or None, "split" in form)
    address, key = form.get("url", ""), form.get("key", "")[:_MOST_KEY_CHARACTERS] or None
    try:
        job = submit_address(ports().submission, current_account(), address, options, key)
    except Problem as problem:
        return upload_page(address=address, problem=_in_words(problem)), problem.status
    return redirect(url_for("jobs.show_job", job_id=job.job_id), 303)


@blueprint.get("/jobs/new/from-address")
def begin_again() -> BaseResponse:
    """Lead who loads the page of a refused address once more to the empty form."""
    return redirect(url_for("jobs.new_job"))


def _in_words(problem: Problem) -> str:
    if problem.slug == "idempotency-key-reused":
        return "This form was sent before, with another address or other choices. Send it again."
    return problem.detail.removeprefix("url: ")


def upload_page(address: str = "", problem: str = "") -> str:
    """The page with the form for uploads; with the address that was refused, and why."""
    bundles = ports().bundles().offered
    return render_template(
        "new_job.html",
        account=current_account(),
        bundles=bundles,
        contigs=_contigs_of(bundles),
        address=address,
        problem=problem,
        chosen=request.form.get("bundle", "auto"),
        is_split="split" in request.form,
        key=new_id(),
        sample_bundle=next((one.name for one in bundles if one.name == sample.BUNDLE), None),
    )


def _contigs_of(bundles: Sequence[DescribedBundle]) -> list[dict[str, Any]]:
    """What the page's script compares a file's header with."""
    wanted = {"name", "length", "aliases"}
    return [
        {
            "name": bundle.name,
            "title": bundle.title,
            "contigs": [contig.model_dump(include=wanted) for contig in bundle.contigs],
        }
        for bundle in bundles
    ]
