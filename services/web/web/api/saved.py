"""The REST API of saved filters and of layouts of the table: the same routes for both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify

from web.api.bodies import body_of, version_of
from web.api.personal_bodies import ChangedFilter, ChangedLayout, FilterBody, LayoutBody
from web.identity.requester import current_profile, require_user
from web.personal.saved import SavedItems
from web.ports import ports

blueprint = Blueprint("api_saved", __name__, url_prefix="/api/v1")
blueprint.before_request(require_user)
_PATH = "/<any(filters, layouts):kind>"


@dataclass(frozen=True, slots=True)
class _Kind:
    items: SavedItems[Any]
    new: type[FilterBody | LayoutBody]
    changed: type[ChangedFilter | ChangedLayout]


def _kind(name: str) -> _Kind:
    personal = ports().personal
    if name == "filters":
        return _Kind(personal.filters, FilterBody, ChangedFilter)
    return _Kind(personal.layouts, LayoutBody, ChangedLayout)


@blueprint.get(_PATH)
def list_saved(kind: str) -> Response:
    """``GET /filters``, ``GET /layouts``: all of the user, the oldest first; at most 100."""
    items = _kind(kind).items
    return jsonify(items=[items.json(one) for one in items.all_of(current_profile().user_id)])


@blueprint.post(_PATH)
def add(kind: str) -> tuple[Response, int]:
    """``POST /filters``, ``POST /layouts``. Raises Problem (409) if there are 100."""
    found = _kind(kind)
    saved = found.items.add(current_profile().user_id, body_of(found.new).value())
    answer = jsonify(found.items.json(saved))
    answer.headers["Location"] = f"/api/v1/{kind}/{saved.id}"
    return answer, 201


@blueprint.get(f"{_PATH}/<id>")
def show(kind: str, id: str) -> Response:
    """``GET /filters/ID``, ``GET /layouts/ID``. Raises Problem (404)."""
    items = _kind(kind).items
    return jsonify(items.json(items.get(current_profile().user_id, id)))


@blueprint.put(f"{_PATH}/<id>")
def change(kind: str, id: str) -> Response:
    """``PUT /filters/ID``, ``PUT /layouts/ID``. Raises Problem (409) for an older version."""
    found = _kind(kind)
    body = body_of(found.changed)
    user_id = current_profile().user_id
    return jsonify(found.items.json(found.items.replace(user_id, id, body.value(), body.version)))


@blueprint.delete(f"{_PATH}/<id>")
def delete(kind: str, id: str) -> tuple[str, int]:
    """``DELETE /filters/ID?version=N``, ``DELETE /layouts/ID?version=N``. Raises Problem (409)."""
    _kind(kind).items.delete(current_profile().user_id, id, version_of())
    return "", 204
