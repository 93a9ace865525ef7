"""The files of a recipe in a folder to which someone downloaded them: nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from annotator.bundling.recipe import BadRecipe, KnownFrom, Recipe, Source

_PACKED = ("", ".gz", ".bgz")


def files_of(folder: Path, source: Source) -> tuple[Path, ...]:
    """The files in ``folder`` that are that source, by their official names, in order."""
    own = PurePosixPath(urlsplit(source.at).path).name
    patterns = [
        f"{pattern.removesuffix('.gz')}{packed}"
        for pattern in (own, *source.names)
        for packed in _PACKED
    ]
    return tuple(
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and any(fnmatchcase(path.name, pattern) for pattern in patterns)
    )


def chosen(recipe: Recipe, folder: Path) -> Recipe:
    """The recipe without the optional sources that the folder lacks.

    Raises BadRecipe, with the whole list, if a file is missing or there are two for one.
    """
    if not folder.is_dir():
        raise BadRecipe(f"There is no folder {folder}.\n{wanted(recipe)}")
    faults = [
        *_fault(folder, recipe.fasta, "the sequence"),
        *_fault(folder, recipe.genes, "the gene models"),
    ]
    known: list[KnownFrom] = []
    for source in recipe.known:
        found = files_of(folder, source.at)
        if len(found) > 1 and not source.in_parts:
            faults += _fault(folder, source.at, source.name)
        elif found:
            known.append(source)
        elif not source.optional:
            faults.append(f"{folder} has no file for {source.name}.")
    if faults:
        raise BadRecipe("\n".join([*faults, "", wanted(recipe)]))
    mane = recipe.mane if recipe.mane and files_of(folder, recipe.mane) else None
    return recipe.model_copy(update={"known": tuple(known), "mane": mane})


def _fault(folder: Path, source: Source, what: str) -> Iterator[str]:
    found = files_of(folder, source)
    if not found:
        yield f"{folder} has no file for {what}."
    elif len(found) > 1:
        names = ", ".join(path.name for path in found)
        yield f"{folder} has several files for {what}: {names}. Leave one of them there."


def wanted(recipe: Recipe) -> str:
    """Which files the recipe wants, under which official names, and where they come from."""
    rows = [
        *_rows("sequence", recipe.fasta, is_optional=False),
        *_rows("gene models", recipe.genes, is_optional=False),
    ]
    if recipe.mane:
        rows += _rows("mane", recipe.mane, is_optional=True)
    for source in recipe.known:
        rows += _rows(source.name, source.at, is_optional=source.optional)
        rows += ["    and those of the other chromosomes"] if source.in_parts else []
    return "\n".join(
        [
            f"The recipe {recipe.name} wants these files, packed or not:",
            *rows,
            "Put one file of each kind into a folder, and build with:",
            f"  make bundle RECIPE={recipe.name} FROM=folder TO=folder-of-bundles",
        ]
    )


def _rows(what: str, source: Source, *, is_optional: bool) -> Iterator[str]:
    yield f"  {what}{' (may be left out)' if is_optional else ''}"
    yield f"    {source.at}"
    for address in source.or_at:
        yield f"    or {address}"
    if source.names:
        yield f"    under the names {', '.join(source.names)}"
