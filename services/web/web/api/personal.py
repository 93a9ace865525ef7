"""The REST API of marks, and the export and deletion of all personal data."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from gas.domain.job import Job
from web.api.bodies import body_of, page_limit, version_of
from web.api.personal_bodies import CopyBody, MarkBody
from web.identity.requester import current_profile, require_user
from web.identity.shared import current_share, has_share, shared_job
from web.personal import export
from web.personal.finding import keys_in
from web.personal.marks import PAGE
from web.ports import ports
from web.problems import invalid_field, not_found

blueprint = Blueprint("api_personal", __name__, url_prefix="/api/v1")
_TSV = "text/tab-separated-values; charset=utf-8"
_WITH_SHARE = {"api_personal.list_marks", "api_personal.show_mark"}


@blueprint.before_request
def authenticate() -> None:
    """Marks can be read with a share too; all else needs a user. Raises Problem (401)."""
    if not (request.endpoint in _WITH_SHARE and has_share()):
        require_user()


@blueprint.get("/jobs/<job_id>/marks")
def list_marks(job_id: str) -> Response:
    """``GET /jobs/ID/marks``: a page of the job's marks. A share may hide them: ``shown``."""
    job = _viewed(job_id)
    if _hides_notes():
        return jsonify(items=[], next_cursor=None, shown=False)
    marks, cursor = ports().personal.marks.page(
        job.user_id,
        job.job_id,
        page_limit(request.args, PAGE, PAGE),
        request.args.get("cursor") or None,
    )
    return jsonify(
        items=[mark.model_dump(mode="json") for mark in marks], next_cursor=cursor, shown=True
    )


@blueprint.get("/jobs/<job_id>/marks/<key>")
def show_mark(job_id: str, key: str) -> Response:
    """``GET /jobs/ID/marks/KEY``: one mark. Raises Problem (404) if there is none."""
    job = _viewed(job_id)
    mark = None if _hides_notes() else ports().personal.marks.get(job.user_id, job.job_id, key)
    if mark is None:
        raise not_found()
    return jsonify(mark.model_dump(mode="json"))


@blueprint.put("/jobs/<job_id>/marks/<key>")
def put_mark(job_id: str, key: str) -> Response:
    """``PUT /jobs/ID/marks/KEY``: store a mark. Raises Problem (409) for an older version.

    Without star, tags and note the mark is deleted, and ``version`` of the answer is 0.
    """
    body = body_of(MarkBody)
    job = _own(job_id)
    mark = ports().personal.marks.put(job.user_id, job.job_id, key, body.remarks(), body.version)
    empty = {"job_id": job.job_id, "key": key, "star": False, "tags": [], "note": "", "version": 0}
    return jsonify(mark.model_dump(mode="json") if mark else empty)


@blueprint.delete("/jobs/<job_id>/marks/<key>")
def delete_mark(job_id: str, key: str) -> tuple[str, int]:
    """``DELETE /jobs/ID/marks/KEY?version=N``. Raises Problem (409) for another version."""
    job = _own(job_id)
    ports().personal.marks.delete(job.user_id, job.job_id, key, version_of())
    return "", 204


@blueprint.post("/jobs/<job_id>/marks/copy")
def copy_marks(job_id: str) -> Response:
    """``POST /jobs/ID/marks/copy``: copy the marks of another job to the same variants of this one.

    What is marked here already stays. Raises Problem (409) if this job has no table now.
    """
    source, job = _own(body_of(CopyBody).from_job), _own(job_id)
    variants, marks = ports().variants, ports().personal.marks
    copied = marks.copy(
        job.user_id, source.job_id, job.job_id, lambda alleles: keys_in(variants, job, alleles)
    )
    return jsonify(asdict(copied))


@blueprint.get("/personal/export")
def export_all() -> Response:
    """``GET /personal/export?format=json|tsv``: all of the user's data; TSV has the marks only."""
    personal, user_id = ports().personal, current_profile().user_id
    wanted = request.args.get("format", "json")
    if wanted == "json":
        answer = Response(export.as_json(personal, user_id), content_type="application/json")
    elif wanted == "tsv":
        answer = Response(export.as_tsv(personal.marks, user_id), content_type=_TSV)
    else:
        raise invalid_field("format", "must be json or tsv", status=400)
    answer.headers["Content-Disposition"] = f'attachment; filename="gas-notes.{wanted}"'
    return answer


@blueprint.delete("/personal")
def forget() -> Response:
    """``DELETE /personal``: delete all marks, filters, layouts and shares of the user, for good."""
    return jsonify(deleted=ports().personal.forget(current_profile().user_id))


def _viewed(job_id: str) -> Job:
    return shared_job(job_id) if has_share() else _own(job_id)


def _hides_notes() -> bool:
    share = current_share()
    return share is not None and not share.with_notes


def _own(job_id: str) -> Job:
    """The user's job, also an archived one. Raises Problem (404)."""
    try:
        UUID(job_id)
    except ValueError:
        raise not_found() from None
    return ports().jobs.find(current_profile().user_id, job_id)
