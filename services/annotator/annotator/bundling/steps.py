"""The steps of a build: a build that was interrupted goes on behind the last finished one."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar, cast

from annotator.bundling.progress import Say
from annotator.bundling.recipe import Recipe

Result = TypeVar("Result")
_FOLDER = ".steps"
_CODE = Path(__file__).parents[1]


class Steps:
    """Does each step once for the same recipe, files and program; results are JSON.

    A step is done again if a file of it, or of a step before it, has changed. It may be begun
    several times, so it must overwrite what an earlier one left.
    """

    def __init__(self, work: Path, recipe: Recipe, say: Say) -> None:
        self._folder = work / _FOLDER
        self._say = say
        self._files: list[list[str | int]] = []
        whole = f"{recipe.model_dump_json()}\n{_program()}"
        self._build = hashlib.sha256(whole.encode()).hexdigest()
        about = self._folder / "build"
        if not about.exists() or about.read_text() != self._build:
            shutil.rmtree(work, ignore_errors=True)
            self._folder.mkdir(parents=True)
            about.write_text(self._build)

    def do(self, name: str, files: Iterable[Path], act: Callable[[], Result]) -> Result:
        """The result of ``act``, which reads ``files``; that of an earlier run if it is there."""
        marker = self._folder / f"{name}.json"
        self._files += [[str(at), at.stat().st_size, at.stat().st_mtime_ns] for at in files]
        key = list(self._files)
        if marker.exists():
            done = json.loads(marker.read_text("utf-8"))
            if done["key"] == key:
                self._say(f"{name}: done by an earlier run")
                return cast(Result, done["result"])
        result = act()
        part = marker.with_suffix(".part")
        part.write_text(json.dumps({"key": key, "result": result}), "utf-8")
        part.rename(marker)  # whole or not at all
        return result

    def forget(self) -> None:
        """Remove the marks: the bundle is complete."""
        shutil.rmtree(self._folder)


def _program() -> str:
    """A checksum of the code that makes bundles: what another version made is not used."""
    digest = hashlib.sha256()
    for folder in ("bundling", "consequences", "normalize"):
        for path in sorted((_CODE / folder).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
