"""The REST API of uploads."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from web.api.bodies import NewUpload, body_of
from web.identity.requester import current_account, require_user
from web.ports import ports

blueprint = Blueprint("api_uploads", __name__, url_prefix="/api/v1")
blueprint.before_request(require_user)


@blueprint.post("/uploads")
def new_upload() -> tuple[Response, int]:
    """``POST /uploads``: allow one upload; returns the form that sends the file to S3.

    Raises Problem (413) if the plan does not allow that size.
    """
    body = body_of(NewUpload)
    promised = ports().submission.promise(current_account(), body.filename, body.size_bytes)
    answer = jsonify(
        upload_id=promised.upload_id,
        url=promised.form["url"],
        fields=promised.form["fields"],
        expires_at=promised.expires_at.isoformat().replace("+00:00", "Z"),
    )
    return answer, 201
