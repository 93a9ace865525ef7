"""The REST API of shares: read-only links to results."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify

from gas.domain.job import Job
from web.api.bodies import body_of
from web.api.personal_bodies import ShareBody
from web.identity.requester import current_profile, require_user
from web.personal.records import Share
from web.ports import ports
from web.problems import not_found

blueprint = Blueprint("api_shares", __name__, url_prefix="/api/v1")
blueprint.before_request(require_user)


@blueprint.post("/jobs/<job_id>/shares")
def new_share(job_id: str) -> tuple[Response, int]:
    """``POST /jobs/ID/shares``: make a link; ``url`` and ``token`` are shown this once.

    Raises Problem (409) without a result, or with too many links.
    """
    body = body_of(ShareBody)
    shares = ports().personal.shares
    token, share = shares.make(
        _own(job_id),
        days=body.days,
        name=body.name or "",
        query=body.query,
        with_notes=body.with_notes,
    )
    return jsonify(**_json(share), token=token, url=shares.address(share, token)), 201


@blueprint.get("/jobs/<job_id>/shares")
def list_of_job(job_id: str) -> Response:
    """``GET /jobs/ID/shares``: the links to a job, the newest first."""
    return _list(_own(job_id).job_id)


@blueprint.get("/shares")
def list_all() -> Response:
    """``GET /shares``: all links of the user, the newest first; at most 200."""
    return _list(None)


@blueprint.delete("/jobs/<job_id>/shares/<share_id>")
def close(job_id: str, share_id: str) -> tuple[str, int]:
    """``DELETE /jobs/ID/shares/SHARE_ID``: revoke a link; one that is over leaves the list."""
    # Not only of jobs that exist: right after a job's deletion its links may still be listed.
    ports().personal.shares.close(current_profile().user_id, job_id, share_id)
    return "", 204


def _list(job_id: str | None) -> Response:
    found = ports().personal.shares.all_of(current_profile().user_id, job_id)
    return jsonify(items=[_json(share) for share in found])


def _json(share: Share) -> dict[str, Any]:
    is_open = share.is_open(ports().personal.shares.now())
    return share.model_dump(mode="json", exclude={"user_id"}) | {"open": is_open}


def _own(job_id: str) -> Job:
    try:
        UUID(job_id)
    except ValueError:
        raise not_found() from None
    return ports().jobs.find(current_profile().user_id, job_id)
