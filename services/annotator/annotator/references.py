"""Stores the sequences of bundles where browsers can read parts of them."""

from __future__ import annotations

import structlog

from annotator.bundle import Bundle
from gas.aws.errors import AwsError
from gas.files.bucket import Files, NoSuchFile
from gas.files.references import index_key, sequence_key

logger = structlog.get_logger()
_TYPE = "text/plain"


def publish(bundle: Bundle, results: Files) -> None:
    """Store the bundle's FASTA and index, unless they are there already.

    A version of a bundle never changes, so what is there is right. The index comes last: where it
    is, all is.
    """
    if _is_there(index_key(bundle.version), results):
        return
    fasta = bundle.reference
    results.put(sequence_key(bundle.version), fasta, _TYPE)
    results.put(index_key(bundle.version), fasta.with_name(f"{fasta.name}.fai"), _TYPE)
    logger.info("the bundle's sequence is stored for browsers", bundle=bundle.version)


def publish_if_possible(bundle: Bundle, results: Files) -> None:
    """The same; a failure is logged, as jobs need not wait for a genome browser."""
    try:
        publish(bundle, results)
    except (*AwsError, OSError) as error:
        logger.warning("no sequence for browsers", bundle=bundle.version, error=str(error))


def _is_there(key: str, files: Files) -> bool:
    try:
        files.info(key)
    except NoSuchFile:
        return False
    return True
