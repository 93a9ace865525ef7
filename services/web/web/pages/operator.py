"""The operators' overview, and what this month costs."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from web.identity.operators import require_operator
from web.operation.costs import RESTORE_OF_1000_JOBS
from web.operation.wiring import OVERVIEW
from web.ports import ports

blueprint = Blueprint("operator", __name__, url_prefix="/operator")
blueprint.before_request(require_operator)


@blueprint.get("")
def overview() -> str:
    """Everything at a glance; with ``part=live`` only what changes by itself."""
    is_part = request.args.get("part") == "live"
    boxes = ports().operation.readings.boxes(OVERVIEW)
    return render_template(
        "operator/_overview.html" if is_part else "operator/overview.html", **boxes
    )


@blueprint.get("/costs")
def costs() -> str:
    """An estimate of what is stored and of the month's requests."""
    box = ports().operation.readings.boxes(["costs"])["costs"]
    return render_template("operator/costs.html", box=box, restores=RESTORE_OF_1000_JOBS)
