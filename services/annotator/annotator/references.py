"""Stores the sequences of the installed bundles where browsers can read parts of them."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from annotator.bundle import Bundle
from gas.files.bucket import Files, NoSuchFile
from gas.files.references import index_key, sequence_key

logger = structlog.get_logger()
_TYPE = "text/plain"


def publish(bundles: Iterable[Bundle], results: Files) -> None:
    """Store each bundle's FASTA and index, unless they are there already.

    A version of a bundle never changes, so what is there is right. The index comes last: where it
    is, all is.
    """
    for bundle in bundles:
        if _is_there(index_key(bundle.version), results):
            continue
        fasta = bundle.reference
        results.put(sequence_key(bundle.version), fasta, _TYPE)
        results.put(index_key(bundle.version), fasta.with_name(f"{fasta.name}.fai"), _TYPE)
        logger.info("the bundle's sequence is stored for browsers", bundle=bundle.version)


def _is_there(key: str, files: Files) -> bool:
    try:
        files.info(key)
    except NoSuchFile:
        return False
    return True
