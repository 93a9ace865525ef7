"""Prints what an image contains, as JSON; ``images`` runs it with the image's own Python.

Lists the packages of Python and Debian for the bill of materials, set-uid and set-gid files, and
files that look like secrets.
"""

from __future__ import annotations

import json
import re
import stat
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

_SKIPPED = {Path("/proc"), Path("/sys"), Path("/dev")}
_NAMES = re.compile(r"(^\.env|^\.git|^\.netrc|^credentials|^id_rsa|^id_ed25519|\.pem|\.key)$")
_TEXTS = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/]{40}|\bAKIA[0-9A-Z]{16}\b")
_PUBLIC = re.compile(r"cacert\.pem$|^/etc/ssl/|^/usr/share/ca-certificates/")
_EXAMPLE = b"EXAMPLE"  # in the keys of AWS's own documentation
_PROGRAM = b"\x7fELF"
_MOST_BYTES = 2 << 20


def looks_secret(path: Path) -> bool:
    """True for a private key, an AWS key, or a file whose name suggests one."""
    if _NAMES.search(path.name) and not _PUBLIC.search(str(path)):
        return True
    if path.stat().st_size > _MOST_BYTES:
        return False
    text = path.read_bytes()
    found = None if text.startswith(_PROGRAM) else _TEXTS.search(text)
    return bool(found) and _EXAMPLE not in text


def files(folder: Path) -> Iterator[Path]:
    """Every regular file below a folder."""
    for path in folder.iterdir():
        if path.is_symlink() or path in _SKIPPED:
            continue
        if path.is_dir():
            yield from files(path)
        elif path.is_file():
            yield path


def debian() -> Iterator[tuple[str, str]]:
    """The installed Debian packages, with their versions."""
    for entry in Path("/var/lib/dpkg/status").read_text("utf-8").split("\n\n"):
        fields = dict(re.findall(r"^(Package|Version): (.*)$", entry, re.MULTILINE))
        if len(fields) == 2:
            yield fields["Package"], fields["Version"]


def main() -> None:
    """Print the JSON object."""
    setuid: list[str] = []
    secrets: list[str] = []
    for path in files(Path("/")):
        if path.stat().st_mode & (stat.S_ISUID | stat.S_ISGID):
            setuid.append(str(path))
        if looks_secret(path):
            secrets.append(str(path))
    python = sorted({(found.name, found.version) for found in distributions()})
    found = {"python": python, "debian": list(debian()), "setuid": setuid, "secrets": secrets}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
