"""The REST API: reference bundles."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from web.identity.requester import require_user
from web.ports import ports

blueprint = Blueprint("api_bundles", __name__, url_prefix="/api/v1")
blueprint.before_request(require_user)


@blueprint.get("/bundles")
def list_bundles() -> Response:
    """All versions of the reference bundles; the default is the first.

    A name alone gets the ``newest``; ``retired`` ones are for jobs that ran on them.
    """
    return jsonify(bundles=ports().bundles().as_json())
