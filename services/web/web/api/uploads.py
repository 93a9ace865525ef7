"""The REST API of uploads: in one request, or in parts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify

from gas.tables.uploads import Upload
from web.api.bodies import NewUpload, NewUploadInParts, PartNumbers, body_of
from web.identity.requester import current_account, require_user
from web.jobs.submission import PromisedUpload
from web.ports import ports
from web.uploads.part_plan import part_count

blueprint = Blueprint("api_uploads", __name__, url_prefix="/api/v1")
blueprint.before_request(require_user)


@blueprint.post("/uploads")
def new_upload() -> tuple[Response, int]:
    """``POST /uploads``: allow one upload; returns the form that sends the file to S3.

    Raises Problem (413) if the plan does not allow that size.
    """
    body = body_of(NewUpload)
    promised = ports().submission.promise(current_account(), body.filename, body.size_bytes)
    return jsonify(form_of(promised)), 201


@blueprint.post("/uploads/multipart")
def new_upload_in_parts() -> tuple[Response, int]:
    """``POST /uploads/multipart``: allow one upload in parts; returns how to cut the file."""
    body = body_of(NewUploadInParts)
    upload = ports().uploads.begin(current_account(), body.filename, body.size_bytes)
    return jsonify(_described(upload)), 201


@blueprint.post("/uploads/<uuid:upload_id>/parts")
def sign_parts(upload_id: UUID) -> Response:
    """``POST /uploads/ID/parts``: addresses for some parts, which work for an hour."""
    numbers = body_of(PartNumbers).part_numbers
    signed = ports().uploads.sign(current_account(), str(upload_id), numbers)
    parts = [
        {"part_number": part.number, "size_bytes": part.size_bytes, "url": part.url}
        for part in signed
    ]
    return jsonify(parts=parts)


@blueprint.get("/uploads/<uuid:upload_id>/parts")
def list_parts(upload_id: UUID) -> Response:
    """``GET /uploads/ID/parts``: the upload, and the parts that the storage has."""
    upload = ports().uploads.find(current_account(), str(upload_id))
    parts = [
        {"part_number": part.number, "size_bytes": part.size_bytes, "etag": part.etag or None}
        for part in ports().uploads.stored(upload)
    ]
    return jsonify(**_described(upload), parts=parts)


@blueprint.post("/uploads/<uuid:upload_id>/complete")
def complete(upload_id: UUID) -> Response:
    """``POST /uploads/ID/complete``: make the parts one file. Raises Problem (409): some miss."""
    upload = ports().uploads.complete(current_account(), str(upload_id))
    return jsonify(_described(upload))


@blueprint.delete("/uploads/<uuid:upload_id>")
def give_up(upload_id: UUID) -> tuple[str, int]:
    """``DELETE /uploads/ID``: drop an upload that has no job. Raises Problem (409) if it has."""
    ports().uploads.give_up(current_account(), str(upload_id))
    return "", 204


def _described(upload: Upload) -> dict[str, Any]:
    ends = datetime.fromtimestamp(upload.expires_at, UTC) if upload.expires_at else None
    return {
        "upload_id": upload.upload_id,
        "filename": upload.filename,
        "size_bytes": upload.size_bytes,
        "part_bytes": upload.part_bytes,
        "part_count": part_count(upload),
        "job_id": upload.job_id,
        "expires_at": _text(ends) if ends else None,
    }


def form_of(promised: PromisedUpload) -> dict[str, Any]:
    """The form of an upload as the API promises it."""
    return {
        "upload_id": promised.upload_id,
        "url": promised.form["url"],
        "fields": promised.form["fields"],
        "expires_at": _text(promised.expires_at),
    }


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
