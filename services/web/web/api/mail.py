"""The REST API of what mails need to know: which kinds the user wants, and the time zone."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from pydantic import AfterValidator, Field

from gas.domain.mail import OPTIONAL
from web.accounts.mail import stop
from web.api.bodies import RequestBody, body_of
from web.identity.requester import current_profile, require_user
from web.ports import ports

blueprint = Blueprint("api_mail", __name__, url_prefix="/api/v1")
blueprint.before_request(require_user)


def _known_zone(name: str) -> str:
    """Raises ValueError for a name that no zone has."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError("must be the name of a time zone, such as Europe/Berlin") from None
    return name


def _optional_kind(kind: str) -> str:
    """Raises ValueError for what is no kind of mail that may be stopped."""
    if kind not in set(OPTIONAL):
        raise ValueError(f"must be one of {', '.join(OPTIONAL)}")
    return kind


class Zone(RequestBody):
    """Body of ``PUT /account/zone``."""

    zone: Annotated[
        str,
        Field(max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9_+/-]*$"),
        AfterValidator(_known_zone),
    ]


class StoppedMails(RequestBody):
    """Body of ``PUT /account/mail``."""

    stopped: list[Annotated[str, AfterValidator(_optional_kind)]] = Field(max_length=20)


@blueprint.put("/account/zone")
def set_zone() -> ResponseReturnValue:
    """``PUT /account/zone``: the time zone of times in mails. Pages send the browser's."""
    ports().accounts.profiles.set_zone(current_profile().user_id, body_of(Zone).zone)
    return "", 204


@blueprint.put("/account/mail")
def set_stopped() -> Response:
    """``PUT /account/mail``: the kinds of mail that do not come; all others do."""
    stopped = body_of(StoppedMails).stopped
    stop(ports().accounts.profiles, current_profile().user_id, stopped)
    return jsonify(stopped=[kind for kind in OPTIONAL if kind in stopped])
