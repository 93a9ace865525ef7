"""Gets the files of a recipe; what was fetched in part is fetched on from there."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from annotator.bundling.progress import Say
from annotator.bundling.recipe import BadRecipe, Source

_CHUNK_BYTES = 1 << 20
_TIMEOUT_SECONDS = 60
_TRIES = 5
_SCHEMES = {"http", "https", "ftp"}


def fetch(source: Source, base: Path, cache: Path, say: Say) -> Path:
    """The file, in ``cache`` if it came from an address. Raises BadRecipe."""
    if urlsplit(source.at).scheme in _SCHEMES:
        cache.mkdir(exist_ok=True)
        path = cache / Path(urlsplit(source.at).path).name
        if not path.exists():
            _download(source.at, path, say)
    else:
        path = base / source.at
        if not path.is_file():
            raise BadRecipe(f"There is no file {path}.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if source.sha256 and digest != source.sha256:
        raise BadRecipe(f"{path} does not have the SHA-256 that the recipe gives; fetch it again.")
    return path


def _download(address: str, to: Path, say: Say) -> None:
    part = to.with_name(f"{to.name}.part")
    for left in reversed(range(_TRIES)):
        try:
            _download_on(address, part, say)
        except (OSError, urllib.error.URLError) as error:
            if not left:
                raise BadRecipe(
                    f"{address} cannot be fetched ({error}). Run the command again: it goes on"
                    " where it stopped."
                ) from None
            say(f"{to.name}: {error}; trying again")
        else:
            part.rename(to)
            return


def _download_on(address: str, part: Path, say: Say) -> None:
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(address)  # noqa: S310 — the scheme was checked
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        answer = urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS)  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:  # all of it is here
            return
        raise
    with answer:
        is_rest = getattr(answer, "status", 200) == 206
        have = have if is_rest else 0
        size = have + int(answer.headers.get("Content-Length") or 0)
        told = 0
        with part.open("ab" if is_rest else "wb") as file:
            while chunk := answer.read(_CHUNK_BYTES):
                file.write(chunk)
                have += len(chunk)
                if size and (share := 10 * have // size) > told:
                    told = share
                    say(f"{part.stem}: {have >> 20:,} of {size >> 20:,} MiB")
    if size and have < size:
        raise OSError(f"the connection ended after {have:,} of {size:,} bytes")
