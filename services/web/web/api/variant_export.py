"""The REST API of exports: the variants that a question chooses, as a file."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from web.export.formats import Format, export_name
from web.export.service import Wish
from web.identity.viewer import require_viewer, viewed_job
from web.jobs.storage import attachment
from web.ports import ports
from web.problems import invalid_field
from web.variants.parameters import PAGE, BadParameter, question_of
from web.variants.refusals import bad_parameter

blueprint = Blueprint("api_variant_export", __name__, url_prefix="/api/v1")
blueprint.before_request(require_viewer)
_OWN = ("format", "formulas")
_FORMULAS = {"quoted": True, "as_is": False}


@blueprint.get("/jobs/<job_id>/variants/export")
def export_variants(job_id: str) -> Response:
    """``GET /jobs/ID/variants/export?format=tsv``: what the table shows, all rows of it.

    The parameters are those of ``/variants``.
    """
    job = viewed_job(job_id)
    wish = _wish()
    answer = Response(
        ports().exports.start(job, wish, _owner()), content_type=wish.format.content_type
    )
    answer.headers["Content-Disposition"] = attachment(export_name(job.input.filename, wish.format))
    # Formats without a place for it, such as CSV, are told here how to be made again.
    answer.headers["Link"] = f'<{ports().exports.url(job, wish)}>; rel="self"'
    return answer


def _wish() -> Wish:
    try:
        question = question_of(request.args.to_dict(flat=False), (*PAGE, *_OWN))
    except BadParameter as error:
        raise bad_parameter(error) from None
    return Wish(question, _format(), _quote_formulas())


def _format() -> Format:
    text = request.args.get("format", "")
    try:
        return Format(text)
    except ValueError:
        message = f"must be one of {', '.join(Format)}"
        raise invalid_field("format", message, status=400) from None


def _quote_formulas() -> bool | None:
    text = request.args.get("formulas")
    if text and text not in _FORMULAS:
        raise invalid_field("formulas", f"must be {' or '.join(_FORMULAS)}", status=400)
    return _FORMULAS[text] if text else None


def _owner() -> str:
    profile = g.get("profile")
    return profile.user_id if profile else f"visitor/{request.remote_addr}"
