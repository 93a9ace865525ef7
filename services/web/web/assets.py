"""The built front end for templates: script and stylesheet tags, and addresses of files.

Vite writes files with a hash in each name, and a manifest that says which an entry needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from flask import Flask
from markupsafe import Markup

URL = "/static/dist/"
FOLDER = Path(__file__).parent / "static" / "dist"
_MODULE = Markup('<script type="module" src="{}"></script>')
_BLOCKING = Markup('<script src="{}"></script>')
_PRELOAD = Markup('<link rel="modulepreload" href="{}">')
_STYLES = Markup('<link rel="stylesheet" href="{}">')


class FrontEndMissing(Exception):
    """The front end was not built, or has no such entry or file; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Assets:
    """What the manifest lists: a description of each source file, by its path in ``frontend``."""

    manifest: dict[str, dict[str, Any]]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Self:
        """Read the manifest in the folder.

        Raises:
            FrontEndMissing: there is none.
        """
        try:
            return cls(json.loads((folder / "manifest.json").read_bytes()))
        except FileNotFoundError:
            hint = "run `make setup`, which builds services/web/frontend"
            raise FrontEndMissing(f"The front end is not built ({folder}): {hint}.") from None

    def tags(self, entry: str) -> Markup:
        """The tags that load ``src/entries/<entry>.ts`` with its styles, for the head of a page."""
        key = _key(entry)
        parts = list(dict.fromkeys(self._with_imports(key)))
        styles = dict.fromkeys(file for part in parts for file in self._part(part).get("css", []))
        tags = [_STYLES.format(URL + file) for file in styles]
        tags += [_PRELOAD.format(self.url(part)) for part in parts if part != key]
        return Markup("\n").join([*tags, _MODULE.format(self.url(key))])

    def blocking(self, entry: str) -> Markup:
        """The tag of an entry that runs before the page is drawn. It must import nothing."""
        return _BLOCKING.format(self.url(_key(entry)))

    def url(self, source: str) -> str:
        """The address of the built file of a source, such as ``icons.svg``."""
        return URL + str(self._part(source)["file"])

    def _part(self, source: str) -> dict[str, Any]:
        try:
            return self.manifest[source]
        except KeyError:
            hint = "run `make setup`, and check its name"
            raise FrontEndMissing(f"The front end has no {source}: {hint}.") from None

    def _with_imports(self, key: str) -> Iterator[str]:
        # Imports first: their styles come before those of what uses them.
        for imported in self._part(key).get("imports", []):
            yield from self._with_imports(imported)
        yield key


def _key(entry: str) -> str:
    return f"src/entries/{entry}.ts"


def register(app: Flask) -> None:
    """Give templates ``assets``.

    Raises:
        FrontEndMissing: the front end is not built.
    """
    app.jinja_env.globals["assets"] = Assets.load()
