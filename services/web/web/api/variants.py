"""The REST API of a job's variants."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from web.identity.viewer import require_viewer, viewed_job
from web.ports import ports
from web.problems import invalid_field
from web.variants.parameters import BadParameter, question_of
from web.variants.queries import Counts, Key
from web.variants.question import Question
from web.variants.refusals import bad_parameter, no_such_variant

blueprint = Blueprint("api_variants", __name__, url_prefix="/api/v1")
blueprint.before_request(require_viewer)
DEFAULT_LIMIT = 50
MAX_LIMIT = 500
VIEW_HEADER = "X-View-Id"
"""A new question with the same value stops the one before: its answer is no longer wanted."""


@blueprint.get("/jobs/<job_id>/variants")
def list_variants(job_id: str) -> Response:
    """``GET /jobs/ID/variants``: a page of the rows that pass all filters, with exact counts."""
    job = viewed_job(job_id)
    page = ports().variants.page(
        job, asked_question(), _limit(), request.args.get("cursor") or None, view_of(job_id, "page")
    )
    return jsonify(
        items=page.items,
        **counts_json(page.counts),
        next_cursor=page.next_cursor,
        columns=[column.name for column in page.columns],
    )


@blueprint.get("/jobs/<job_id>/variants/facets")
def list_facets(job_id: str) -> Response:
    """``GET /jobs/ID/variants/facets``: values and ranges among the rows that pass the filters."""
    job = viewed_job(job_id)
    return jsonify(ports().variants.facets(job, asked_question(), view_of(job_id, "facets")))


@blueprint.get("/jobs/<job_id>/variants/<key>")
def show_variant(job_id: str, key: str) -> Response:
    """``GET /jobs/ID/variants/12.1``: all about one variant."""
    job = viewed_job(job_id)
    record, _, allele = key.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 16 for part in (record, allele)):
        raise no_such_variant(Key(0, 0))
    return jsonify(ports().variants.variant(job, Key(int(record), int(allele))))


@blueprint.get("/jobs/<job_id>/genome")
def show_genome_files(job_id: str) -> Response:
    """``GET /jobs/ID/genome``: links, good for minutes, that a genome browser reads from."""
    return jsonify(asdict(ports().jobs.genome_files(viewed_job(job_id))))


def asked_question() -> Question:
    """The question in the request's address. Raises Problem (400)."""
    try:
        return question_of(request.args.to_dict(flat=False))
    except BadParameter as error:
        raise bad_parameter(error) from None


def counts_json(counts: Counts) -> dict[str, Any]:
    """The total, the funnel and what the frequency hides."""
    return {
        "total": counts.total,
        "hidden_pathogenic": counts.hidden_pathogenic,
        "funnel": [
            {
                "step": left.step.name,
                "label": left.step.label,
                "remaining": left.remaining,
                "removed": left.removed,
                "missing": left.step.missing,
                "missing_count": left.missing_count,
            }
            for left in counts.funnel
        ],
    }


def view_of(job_id: str, part: str) -> str | None:
    """The view that asks, if the client names one: another's name never stops a question."""
    name = request.headers.get(VIEW_HEADER)
    if not name or len(name) > 64:
        return None
    visitor = request.headers.get("Authorization") or request.cookies.get("gas_session") or ""
    return f"{hash(visitor)}/{job_id}/{part}/{name}"


def _limit() -> int:
    text = request.args.get("limit") or str(DEFAULT_LIMIT)
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MAX_LIMIT):
        raise invalid_field("limit", f"must be a whole number from 1 to {MAX_LIMIT}", status=400)
    return int(text)
