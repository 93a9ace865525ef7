"""What a worker looks at when it starts: what the kernel grants its children, and its bundles."""

from __future__ import annotations

import tempfile
from pathlib import Path

import structlog

from annotator import bundle as bundles
from annotator.references import publish_if_possible
from annotator.runner import sandbox
from annotator.runner.children import SpareChildren
from annotator.runner.warm.pool import WarmEngines
from annotator.settings import AnnotatorSettings
from gas.files.bucket import Files

logger = structlog.get_logger()


def look(
    settings: AnnotatorSettings, engines: WarmEngines, children: SpareChildren, results: Files
) -> None:
    """Log what is not as it should be; start spare processes and engines of installed bundles.

    Their sequences are stored in ``results``, for the browser of genomes on the pages of variants.
    """
    look_at_sandbox()
    children.fill()
    installed = bundles.installed(settings.bundle_folder)
    engines.check(installed)
    for bundle in installed:
        publish_if_possible(bundle, results)


def look_at_sandbox() -> None:
    """Log once what the processes that read uploads are not kept from."""
    with tempfile.TemporaryDirectory(prefix="gas-probe-") as folder:
        try:
            grants = sandbox.probe(Path(folder))
        except OSError as error:
            logger.error("the sandbox could not be tried", reason=str(error))
            return
    for grant in grants:
        if not grant.is_granted:
            logger.warning(
                "not granted to the processes that read uploads",
                measure=grant.measure,
                reason=grant.why,
            )
    if not sandbox.is_off_network(grants):
        logger.error("the processes that read uploads can reach the network: see docs/sandbox.md")
    logger.info("sandbox", granted=[grant.measure for grant in grants if grant.is_granted])
