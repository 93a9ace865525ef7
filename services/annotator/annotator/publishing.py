"""Publishes bundles in the bucket that workers fetch them from, and retires versions of them."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from annotator.bundle import MANIFEST, Bundle, Manifest
from annotator.bundling.catalogue import entry
from annotator.bundling.checking import check
from annotator.consequences.bundled import must_be_current
from annotator.consequences.engine import DatabaseUnusable
from gas.files.bucket import Files, NoSuchFile
from gas.files.published import (
    VERSION_PATTERN,
    PublishedVersion,
    entry_key,
    file_key,
    published,
    retired_key,
)

_MOST_REASON_CHARACTERS = 500
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
    _put_text(file_key(bundle.version, MANIFEST), manifest.model_dump_json(indent=2), files)
    _put_text(entry_key(bundle.version), json.dumps(entry(bundle), ensure_ascii=False), files)


def retire(bundle_id: str, reason: str, files: Files) -> PublishedVersion | None:
    """Offer the version to new jobs no more; gives the one that is offered in its place.

    Its files stay, so that jobs on it can be run again. Raises CannotPublish.
    """
    one = _published(bundle_id, files)
    _put_text(retired_key(bundle_id), reason.strip()[:_MOST_REASON_CHARACTERS], files)
    left = [other for other in published(files) if other.name == one.name and not other.is_retired]
    return left[0] if left else None


def offer_again(bundle_id: str, files: Files) -> None:
    """Undo ``retire``. Raises CannotPublish."""
    _published(bundle_id, files)
    files.delete([retired_key(bundle_id)])


def _published(bundle_id: str, files: Files) -> PublishedVersion:
    versions = published(files)
    for one in versions:
        if one.id == bundle_id:
            return one
    there = ", ".join(one.id for one in versions) or "none"
    raise CannotPublish(f"{bundle_id} is not published. These are: {there}.")


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


def _put_text(key: str, text: str, files: Files) -> None:
    with tempfile.TemporaryDirectory(prefix="gas-publish-") as folder:
        path = Path(folder) / "text"
        path.write_text(text + "\n", "utf-8")
        files.put(key, path, "text/plain; charset=utf-8")
