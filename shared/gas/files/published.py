"""Where published bundles lie in the bucket of bundles, and which versions there are.

The annotator's commands write there and its workers read; the web server reads the entries. A
version's files never change once its entry is there, and stay when it is retired, so that a job on
it can be run again (docs: decision 48).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gas.files.bucket import Files

VERSION_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}"
"""What a version of a published bundle must be: it is part of keys, folders and addresses."""
ID_PATTERN = rf"[a-z0-9][a-z0-9._-]{{0,63}}(@{VERSION_PATTERN})?"
"""A bundle as jobs name it: a name, which stands for the newest version, or ``NAME@VERSION``."""
MOST_ID_CHARACTERS = 129

_MOST_REASON_CHARACTERS = 500
_FILE = re.compile(r"versions/([^/]+)/.")
_ENTRY = re.compile(rf"catalogue/([a-z0-9][a-z0-9._-]{{0,63}})@({VERSION_PATTERN})\.json")
# `stored_before` lists all that there is: nothing was stored after a moment in the far future.
_FOREVER = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """One version of a bundle in the bucket; a retired one is not offered to new jobs."""

    name: str
    version: str
    published_at: datetime
    is_retired: bool = False

    @property
    def id(self) -> str:
        """Name and version, as results record them: ``grch38@116``."""
        return f"{self.name}@{self.version}"


def file_key(bundle_id: str, file: str) -> str:
    """A file of a version, by its path in the bundle: ``versions/grch38@116/reference.fa``."""
    return f"versions/{bundle_id}/{file}"


def entry_key(bundle_id: str) -> str:
    """What users are shown of a version. It is stored last: where it is, all is."""
    return f"catalogue/{bundle_id}.json"


def retired_key(bundle_id: str) -> str:
    """The mark of a retired version; its content is the reason, as users read it."""
    return f"retired/{bundle_id}.txt"


class NotPublished(LookupError):
    """The bucket has no such version; the message says which there are."""

    def __init__(self, bundle_id: str, versions: Sequence[PublishedVersion]) -> None:
        there = ", ".join(one.id for one in versions) or "none"
        super().__init__(f"{bundle_id} is not published. These are: {there}.")


def published(files: Files) -> list[PublishedVersion]:
    """All versions in the bucket by name, of each name the one published last first."""
    return _versions_in(_stored(files))


def unfinished(files: Files) -> dict[str, datetime]:
    """Versions that have files and no entry yet, with when the last of these was stored.

    They are being published at this moment, or that was interrupted.
    """
    stored = _stored(files)
    last: dict[str, datetime] = {}
    for key, at in stored.items():
        if (match := _FILE.match(key)) and entry_key(match[1]) not in stored:
            last[match[1]] = max(at, last.get(match[1], at))
    return last


def _stored(files: Files) -> dict[str, datetime]:
    everything = files.stored_before(datetime.now(UTC) + _FOREVER)
    return {file.key: file.stored_at for file in everything}


def _versions_in(stored: dict[str, datetime]) -> list[PublishedVersion]:
    found = [
        PublishedVersion(match[1], match[2], at, retired_key(f"{match[1]}@{match[2]}") in stored)
        for key, at in stored.items()
        if (match := _ENTRY.fullmatch(key))
    ]
    # By version too: S3 tells times in whole seconds.
    newest_first = sorted(found, key=lambda one: (one.published_at, one.version), reverse=True)
    return sorted(newest_first, key=lambda one: one.name)


def newest(versions: Iterable[PublishedVersion]) -> dict[str, PublishedVersion]:
    """Of each name the version that is offered, from what ``published`` gives."""
    found: dict[str, PublishedVersion] = {}
    for one in versions:
        if not one.is_retired:
            found.setdefault(one.name, one)
    return found


def mark_retired(bundle_id: str, reason: str, files: Files) -> PublishedVersion | None:
    """Offer the version to new jobs no more; gives the one that is offered in its place.

    Its files stay, so that jobs on it can be run again. Raises NotPublished.
    """
    name = must_be_published(bundle_id, files).name
    put_text(retired_key(bundle_id), reason.strip()[:_MOST_REASON_CHARACTERS], files)
    return newest(published(files)).get(name)


def unmark_retired(bundle_id: str, files: Files) -> None:
    """Offer the version again. Raises NotPublished."""
    must_be_published(bundle_id, files)
    files.delete([retired_key(bundle_id)])


def put_text(key: str, text: str, files: Files) -> None:
    """Store a short text."""
    with tempfile.TemporaryDirectory(prefix="gas-publish-") as folder:
        path = Path(folder) / "text"
        path.write_text(text + "\n", "utf-8")
        files.put(key, path, "text/plain; charset=utf-8")


def must_be_published(bundle_id: str, files: Files) -> PublishedVersion:
    """The version. Raises NotPublished."""
    versions = published(files)
    for one in versions:
        if one.id == bundle_id:
            return one
    raise NotPublished(bundle_id, versions)
