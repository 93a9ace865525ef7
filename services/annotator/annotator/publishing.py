"""Publishes bundles in the bucket that workers fetch them from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from annotator.bundle import MANIFEST, Bundle, Manifest
from annotator.bundling.catalogue import entry
from annotator.bundling.checking import check
from annotator.consequences.bundled import must_be_current
from annotator.consequences.engine import DatabaseUnusable
from gas.files.bucket import Files, NoSuchFile
from gas.files.published import (
    VERSION_PATTERN,
    entry_key,
    file_key,
    put_text,
)

_BINARY = "application/octet-stream"

Say = Callable[[str], None]


class CannotPublish(Exception):
    """The message says why, and what to do."""


def publish(bundle: Bundle, files: Files, say: Say) -> None:
    """Check the bundle and store it as a version of its own; the same one again is no error.

    Files that an interrupted run stored are not sent again. Raises CannotPublish.
    """
    manifest = bundle.manifest
    if not re.fullmatch(VERSION_PATTERN, manifest.version):
        raise CannotPublish(
            f"The version “{manifest.version}” cannot be part of an address: it must be of at most"
            " 64 letters, digits, dots, hyphens, plus signs and underscores."
        )
    _refuse_another(manifest, bundle.version, files)
    try:
        must_be_current(bundle)
    except DatabaseUnusable as error:
        raise CannotPublish(str(error)) from None
    faults = check(bundle, say)
    if faults:
        raise CannotPublish("\n".join(("The bundle has faults and is not published:", *faults)))
    if _has(entry_key(bundle.version), files):
        say(f"{bundle.version} is published already")
        return
    for file, wanted in manifest.sha256.items():
        key = file_key(bundle.version, file)
        if _has(key, files) and files.info(key).sha256 == wanted:
            continue
        say(f"storing {file} ({(bundle.folder / file).stat().st_size:,} bytes)")
        files.put(key, bundle.folder / file, _BINARY)
    # The entry comes last: where it is, all is, and from then on it is offered.
    put_text(file_key(bundle.version, MANIFEST), manifest.model_dump_json(indent=2), files)
    put_text(entry_key(bundle.version), json.dumps(entry(bundle), ensure_ascii=False), files)


def _refuse_another(manifest: Manifest, bundle_id: str, files: Files) -> None:
    """A version never changes: jobs say that they used it, and caches hold it."""
    try:
        text = b"".join(files.stream(file_key(bundle_id, MANIFEST)))
    except NoSuchFile:
        return
    if Manifest.model_validate_json(text) != manifest:
        raise CannotPublish(
            f"{bundle_id} is published with other contents. Give the new bundle another version:"
            " build it again, or add sources with “bundle add NAME --version NEW”."
        )


def _has(key: str, files: Files) -> bool:
    try:
        files.info(key)
    except NoSuchFile:
        return False
    return True
