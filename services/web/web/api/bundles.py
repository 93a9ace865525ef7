"""The REST API: reference bundles."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from web.identity.requester import require_user
from web.ports import ports

blueprint = Blueprint("api_bundles", __name__, url_prefix="/api/v1")
blueprint.before_request(require_user)


@blueprint.get("/bundles")
def list_bundles() -> Response:
    """The reference bundles that a job can name; the default is the first."""
    found = ports().bundles
    return jsonify(bundles=[one.as_json(is_default=one is found[0]) for one in found])
