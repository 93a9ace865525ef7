"""The printable report of chosen variants."""

from __future__ import annotations

import json
from importlib.metadata import version

from flask import Blueprint, render_template, request

from gas.domain.job import Job
from gas.events import ResultKind
from web.export.methods import Methods, methods_of
from web.export.report import MAX_VARIANTS, reported
from web.identity.viewer import require_viewer_of_page, viewed_job
from web.ports import ports
from web.problems import invalid_field
from web.variants.keys import Key

blueprint = Blueprint("report", __name__)
blueprint.before_request(require_viewer_of_page)


@blueprint.get("/jobs/<uuid:job_id>/report")
def show_report(job_id: object) -> str:
    """Show the variants of ``keys`` (``12.1,15.1``, in that order) on a page to print."""
    job = viewed_job(str(job_id))
    keys = _keys()
    variants = [reported(found) for found in ports().variants.variants(job, keys)]
    return render_template(
        "report.html",
        job=job,
        variants=variants,
        methods=_methods(job),
        software=f"GAS {version('gas-web')}",
    )


def _methods(job: Job) -> Methods:
    return methods_of(json.loads(ports().jobs.read_text(job, ResultKind.PROVENANCE)))


def _keys() -> list[Key]:
    """The keys, each once. Raises Problem (400)."""
    words = [word for text in request.args.getlist("keys") for word in text.split(",") if word]
    keys = list(dict.fromkeys(_key(word) for word in words))
    if not 1 <= len(keys) <= MAX_VARIANTS:
        message = f"choose 1 to {MAX_VARIANTS} variants, for example keys=12.1,15.1"
        raise invalid_field("keys", message, status=400)
    return keys


def _key(word: str) -> Key:
    key = Key.parsed(word)
    if key is None:
        message = f"{word[:40]} is no key: a record and an allele, such as 12.1"
        raise invalid_field("keys", message, status=400)
    return key
