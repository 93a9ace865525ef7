"""Adds your own sources to a bundle that exists, as a new version of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from annotator.bundle import MANIFEST, Bundle, Manifest
from annotator.bundling import checking, own_manifest
from annotator.bundling.finishing import checksums_of, put_in_place
from annotator.bundling.own_sources import OwnSourceWriter
from annotator.bundling.progress import Say
from annotator.bundling.recipe import BadRecipe
from annotator.consequences import bundled
from annotator.consequences.engine import DatabaseUnusable


def add(bundle: Bundle, sources: Path, version: str, root: Path, say: Say) -> Bundle:
    """Put the bundle with your own sources into ``root``, as another version of the same name.

    A source of the same name as one of the bundle's takes its place. Raises BadRecipe.
    """
    try:
        bundled.must_be_current(bundle)
    except DatabaseUnusable as error:
        raise BadRecipe(f"{error}.") from None
    old = bundle.manifest
    if version == old.version:
        raise BadRecipe(f"{bundle.version} exists; results name the version, so choose another.")
    own = own_manifest.read_folder(sources)
    replaced = {source.name for source, _ in own}
    kept = tuple(source for source in old.known if source.name not in replaced)
    own_manifest.must_differ([*kept, *(source for source, _ in own)])
    work = root / f".{old.name}.building"
    shutil.rmtree(work, ignore_errors=True)
    gone = {source.file for source in old.known if source.name in replaced}
    gone |= {f"{name}.tbi" for name in gone}
    for name in (MANIFEST, *old.sha256):
        if name not in gone:
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(bundle.folder / name, work / name)
    for added, file in own:
        OwnSourceWriter(added, old.contigs, work).write(file, say)
    (work / MANIFEST).unlink()
    known_now = (*kept, *(own_manifest.described(source) for source, _ in own))
    changes = {"version": version, "known": known_now, "sha256": checksums_of(work)}
    return _finished(old.model_copy(update=changes), work, root, say)


def _finished(manifest: Manifest, work: Path, root: Path, say: Say) -> Bundle:
    """Check the bundle and move it to its place."""
    (work / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
    faults = checking.check(Bundle(work), say)
    if faults:
        raise BadRecipe(f"The bundle is not right: {faults[0]} ({len(faults)} faults in all).")
    return Bundle(put_in_place(work, root / manifest.name))
