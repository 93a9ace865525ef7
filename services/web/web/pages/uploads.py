"""The page for uploads, and the sample's file, which it sends like any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, render_template, send_file

from web import sample
from web.bundles import DescribedBundle
from web.identity.requester import current_account, require_login
from web.ports import ports

blueprint = Blueprint("uploads", __name__)
blueprint.before_request(require_login)


@blueprint.get("/jobs/new/sample.vcf")
def sample_file() -> Response:
    """The VCF of the public sample."""
    return send_file(sample.FILE, mimetype="text/plain", download_name="sample.vcf")


def upload_page() -> str:
    """The page with the form for uploads."""
    bundles = ports().bundles().offered
    return render_template(
        "new_job.html",
        account=current_account(),
        bundles=bundles,
        contigs=_contigs_of(bundles),
        sample_bundle=next((one.name for one in bundles if one.name == sample.BUNDLE), None),
    )


def _contigs_of(bundles: Sequence[DescribedBundle]) -> list[dict[str, Any]]:
    """What the page's script compares a file's header with."""
    wanted = {"name", "length", "aliases"}
    return [
        {
            "name": bundle.name,
            "title": bundle.title,
            "contigs": [contig.model_dump(include=wanted) for contig in bundle.contigs],
        }
        for bundle in bundles
    ]
