"""Published bundles as operators see them: what is offered, and to retire or offer again."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from gas.bundle_administration import BundleAdministration
from gas.eventstore.repository import BUNDLE, Repository
from gas.files.published import NotPublished
from web.identity.operators import require_operator
from web.pages.operator_acts import Act, act, operator_id
from web.ports import ports
from web.problems import Problem

blueprint = Blueprint("operator_bundles", __name__, url_prefix="/operator/bundles")
blueprint.before_request(require_operator)


@blueprint.get("")
def bundle_list() -> str:
    """Every version, what new jobs get, and what is being published."""
    box = ports().operation.readings.boxes(["bundles"])["bundles"]
    return render_template("operator/bundles.html", box=box)


@blueprint.post("/retire")
def retire() -> Response:
    """Give a version to new jobs no more."""

    def do(reason: str) -> tuple[str, str]:
        bundle_id = request.form.get("bundle", "")
        left = _administration().retire(bundle_id, reason)
        then = f"New jobs get {left.id}" if left else "No version of it is offered now"
        return "success", f"{bundle_id} is retired. {then}, within a minute everywhere."

    return _act(do)


@blueprint.post("/reinstate")
def reinstate() -> Response:
    """Offer a version again."""

    def do(reason: str) -> tuple[str, str]:
        bundle_id = request.form.get("bundle", "")
        _administration().reinstate(bundle_id, reason)
        return "success", f"{bundle_id} is offered again, within a minute everywhere."

    return _act(do)


def _act(do: Act) -> Response:
    def told(reason: str) -> tuple[str, str]:
        try:
            return do(reason)
        except NotPublished as missing:
            return "warning", f"Nothing was done: {missing}"
        finally:
            ports().operation.sources.offered.forget()

    return act(url_for("operator_bundles.bundle_list"), told)


def _administration() -> BundleAdministration:
    operation = ports().operation
    files = operation.sources.offered.files
    if files is None:
        raise Problem(
            409, "no-bundle-bucket", "No bucket of bundles", "GAS_BUNDLE_BUCKET is empty."
        )
    return BundleAdministration(Repository(BUNDLE, operation.write_context), files, operator_id())
