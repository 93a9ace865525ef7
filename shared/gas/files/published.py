"""Where published bundles lie in the bucket of bundles, and which versions there are.

The annotator's commands write there and its workers read; the web server reads the entries. A
version's files never change once its entry is there, and stay when it is retired, so that a job on
it can be run again (docs: decision 48).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gas.files.bucket import Files

VERSION_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}"
"""What a version of a published bundle must be: it is part of keys, folders and addresses."""
ID_PATTERN = rf"[a-z0-9][a-z0-9._-]{{0,63}}(@{VERSION_PATTERN})?"
"""A bundle as jobs name it: a name, which stands for the newest version, or ``NAME@VERSION``."""
MOST_ID_CHARACTERS = 129

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


def published(files: Files) -> list[PublishedVersion]:
    """All versions in the bucket by name, of each name the one published last first."""
    stored = {
        file.key: file.stored_at for file in files.stored_before(datetime.now(UTC) + _FOREVER)
    }
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
