"""The pages of one variant and of one gene. Their scripts ask the REST API."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from gas.domain.job import Job, JobStatus
from gas.events import ResultKind
from web.identity.shared import PARAMETER
from web.identity.viewer import is_visitor, require_viewer_of_page, viewed_job
from web.variants.keys import Key

blueprint = Blueprint("variant", __name__)
blueprint.before_request(require_viewer_of_page)
_MAX_SYMBOL = 64


@blueprint.get("/jobs/<uuid:job_id>/variants/<key>")
def variant(job_id: object, key: str) -> ResponseReturnValue:
    """Show one variant; ``key`` as the API gives it."""
    if Key.parsed(key) is None:
        abort(404)
    return _page("results/variant.html", viewed_job(str(job_id)), key=key)


@blueprint.get("/jobs/<uuid:job_id>/genes/<symbol>")
def gene(job_id: object, symbol: str) -> ResponseReturnValue:
    """Show the variants of one gene, by its symbol."""
    if len(symbol) > _MAX_SYMBOL:
        abort(404)
    return _page("results/gene.html", viewed_job(str(job_id)), symbol=symbol)


def _page(template: str, job: Job, **more: Any) -> ResponseReturnValue:
    is_owner = not is_visitor(job)
    if job.status is not JobStatus.COMPLETED or job.result(ResultKind.VARIANTS) is None:
        return render_template("results/closed.html", job=job, is_owner=is_owner), 409
    share = request.args.get(PARAMETER)
    # The address has the question that one came from; the way back leads there.
    asked = [pair for pair in request.args.items(multi=True) if pair[0] != PARAMETER]
    more |= {"is_owner": is_owner, "share": share, "asked": urlencode(asked)}
    return render_template(template, job=job, **more)
