"""The REST API of the zip with all that a user has."""

from __future__ import annotations

from flask import Blueprint, Response, request

from gas.tables.jobs import BadCursor
from web.backends import begin_request
from web.export.stream import Stream
from web.identity.requester import current_account, current_profile, require_user
from web.ports import ports
from web.problems import invalid_field
from web.takeout.service import Takeout, Wanted

blueprint = Blueprint("api_takeout", __name__, url_prefix="/api/v1")
blueprint.before_request(require_user)


@blueprint.get("/account/export")
def export_account() -> Response:
    """``GET /account/export?files=all|results|none&cursor=``: everything, as a zip in a stream.

    It has up to 1,000 jobs, the newest first; the header ``Link`` has the address of the next part.
    """
    wanted, takeout = _wanted(), _takeout()
    account = current_account()
    try:
        part = takeout.part(account.user_id, request.args.get("cursor") or None)
    except BadCursor as error:
        raise invalid_field("cursor", str(error), status=400) from None
    # The patience with AWS is that of one request, and this one asks for as long as it sends.
    chunks = takeout.stream(account, current_profile(), part, wanted, renew=begin_request)
    answer = Response(Stream(chunks), content_type="application/zip")
    answer.headers["Content-Disposition"] = 'attachment; filename="gas-everything.zip"'
    if part.cursor:
        address = f"{request.path}?files={wanted}&cursor={part.cursor}"
        answer.headers["Link"] = f'<{address}>; rel="next"'
    return answer


def _takeout() -> Takeout:
    wired = ports()
    return Takeout(
        wired.jobs.table,
        wired.jobs.log,
        wired.submission.inputs,
        wired.jobs.results,
        wired.personal,
        wired.jobs.now,
    )


def _wanted() -> Wanted:
    try:
        return Wanted(request.args.get("files", Wanted.ALL))
    except ValueError:
        message = f"must be one of {', '.join(Wanted)}"
        raise invalid_field("files", message, status=400) from None
