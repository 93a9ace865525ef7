"""The REST API of a job's variants."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict

from web.api.bodies import PedigreeText, body_of, page_limit
from web.identity.viewer import require_viewer, viewed_job
from web.ports import ports
from web.variants.keys import Key
from web.variants.parameters import BadParameter, parameters_of, question_of
from web.variants.queries import Counts
from web.variants.question import Inheritance, Question
from web.variants.refusals import bad_parameter, no_such_variant

blueprint = Blueprint("api_variants", __name__, url_prefix="/api/v1")
DEFAULT_LIMIT = 50
MAX_LIMIT = 500
MAX_BODY_BYTES = 256 << 10
"""Of 10,000 genes, or a pedigree."""
VIEW_HEADER = "X-View-Id"
"""A new question with the same value stops the one before: its answer is no longer wanted."""


@blueprint.before_request
def allow_long_questions() -> None:
    """Before the visitor is known: the check against forged requests reads the form already."""
    if request.endpoint == f"{blueprint.name}.{list_variants.__name__}":
        request.max_content_length = request.max_form_memory_size = MAX_BODY_BYTES


blueprint.before_request(require_viewer)


@blueprint.get("/jobs/<job_id>/variants")
@blueprint.post("/jobs/<job_id>/variants")
def list_variants(job_id: str) -> Response:
    """``GET /jobs/ID/variants``: a page of the rows that pass all filters, with exact counts.

    ``POST`` with the same parameters as a form is for those that are too long for an address, such
    as thousands of genes.
    """
    job = viewed_job(job_id)
    cursor = asked().get("cursor") or None
    page = ports().variants.page(
        job,
        asked_question(),
        page_limit(asked(), DEFAULT_LIMIT, MAX_LIMIT),
        cursor,
        view_of(job_id, "page"),
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


@blueprint.get("/jobs/<job_id>/variants/columns")
def list_columns(job_id: str) -> Response:
    """``GET /jobs/ID/variants/columns``: the columns with meaning and source, and the samples."""
    return jsonify(ports().variants.about(viewed_job(job_id)))


@blueprint.get("/jobs/<job_id>/variants/pairs")
def list_pairs(job_id: str) -> Response:
    """``GET /jobs/ID/variants/pairs``: compound heterozygous pairs among what the filters keep."""
    job = viewed_job(job_id)
    question = replace(asked_question(), inheritance=Inheritance.COMPOUND_HET)
    total, pairs = ports().variants.pairs(
        job, question, page_limit(asked(), DEFAULT_LIMIT, MAX_LIMIT)
    )
    return jsonify(items=pairs, total=total)


@blueprint.get("/jobs/<job_id>/variants/presets")
def list_presets(job_id: str) -> Response:
    """``GET /jobs/ID/variants/presets``: questions to begin from, with the source of each."""
    return jsonify(presets=ports().variants.presets(viewed_job(job_id)))


@blueprint.post("/jobs/<job_id>/variants/pedigree")
def read_family(job_id: str) -> Response:
    """``POST /jobs/ID/variants/pedigree``: the parameters ``family`` that a PED file stands for."""
    request.max_content_length = MAX_BODY_BYTES
    body = body_of(PedigreeText)
    found = ports().variants.pedigree(viewed_job(job_id), body.text, body.child)
    family = parameters_of(Question(family=found.members))
    return jsonify(family=[text for _, text in family], not_in_file=found.not_in_file)


@blueprint.get("/jobs/<job_id>/variants/copied")
def show_copied(job_id: str) -> Response:
    """``GET /jobs/ID/variants/copied``: how much of the file is ready to be asked, from 0 to 1."""
    return jsonify(fraction=ports().variants.copied(viewed_job(job_id)))


@blueprint.get("/jobs/<job_id>/variants/<key>")
def show_variant(job_id: str, key: str) -> Response:
    """``GET /jobs/ID/variants/12.1``: all about one variant."""
    job, found = viewed_job(job_id), Key.parsed(key)
    if found is None:
        raise no_such_variant(key[:40])
    return jsonify(ports().variants.variant(job, found))


@blueprint.get("/jobs/<job_id>/genome")
def show_genome_files(job_id: str) -> Response:
    """``GET /jobs/ID/genome``: links, good for minutes, that a genome browser reads from."""
    return jsonify(asdict(ports().jobs.genome_files(viewed_job(job_id))))


def asked_question() -> Question:
    """The question in the request's address or form. Raises Problem (400)."""
    try:
        return question_of(asked().to_dict(flat=False))
    except BadParameter as error:
        raise bad_parameter(error) from None


def asked() -> MultiDict[str, str]:
    """The parameters, of the address or of a form."""
    if request.method != "POST":
        return request.args
    return request.form


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
