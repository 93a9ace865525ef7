"""Builds a bundle from a recipe, beside its place; it is moved there when it is whole."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from annotator.bundle import GENES, ISLANDS, MANIFEST, REFERENCE, Bundle, Manifest
from annotator.bundling import checking, fetching, known, own_manifest, recipe, reference, snpeff
from annotator.bundling.own_sources import OwnSourceWriter
from annotator.bundling.recipe import BadRecipe
from annotator.consequences import bundled
from annotator.consequences.engine import DatabaseUnusable

_CACHE = ".fetched"


def build(path: Path, root: Path, say: fetching.Say, sources: Path | None = None) -> Bundle:
    """Build what the recipe says into ``root``; gives the bundle. Raises BadRecipe.

    ``sources`` is a folder of manifests of your own sources, which come behind the recipe's.
    """
    plan = recipe.read(path)
    own = own_manifest.read_folder(sources) if sources else []
    own_manifest.must_differ([*plan.known, *(source for source, _ in own)])
    root.mkdir(parents=True, exist_ok=True)
    cache = root / _CACHE
    work = root / f".{plan.name}.building"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    fasta = fetching.fetch(plan.fasta, path.parent, cache, say)
    say("reference: writing and indexing")
    contigs = reference.write_reference(plan, fasta, work / REFERENCE)
    gff = fetching.fetch(plan.genes, path.parent, cache, say)
    genes = reference.write_genes(gff, contigs, work / GENES, work / ISLANDS)
    say(f"reference: {len(contigs):,} contigs, {genes:,} genes")
    say("consequences: preparing transcripts")
    if not bundled.prepare(work, contigs, plan.species, plan.assembly):
        say("consequences: HGVS names will be missing, as mehari cannot run for this bundle here")
    for source in plan.known:
        taken = fetching.fetch(source.at, path.parent, cache, say)
        say(f"{source.name}: sorting and indexing")
        count = known.write_known(source, taken, contigs, work / REFERENCE, work / source.file)
        say(f"{source.name}: {count:,} variants")
    for added, file in own:
        OwnSourceWriter(added, contigs, work).write(file, say)
    if plan.engine == "snpeff":
        say("snpEff: building its database")
        snpeff.build_database(work, contigs)
    manifest = Manifest(
        **plan.model_dump(
            include={
                *("name", "version", "title", "purpose"),
                *("species", "assembly", "source", "engine"),
            }
        ),
        contigs=contigs,
        known=(
            *(known.described(source) for source in plan.known),
            *(own_manifest.described(source) for source, _ in own),
        ),
        sha256=_checksums(work),
    )
    return _finished(manifest, work, root, say)


def add(bundle: Bundle, sources: Path, version: str, root: Path, say: fetching.Say) -> Bundle:
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
    changes = {"version": version, "known": known_now, "sha256": _checksums(work)}
    return _finished(old.model_copy(update=changes), work, root, say)


def _finished(manifest: Manifest, work: Path, root: Path, say: fetching.Say) -> Bundle:
    """Check the bundle and move it to its place."""
    (work / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
    faults = checking.check(Bundle(work), say)
    if faults:
        raise BadRecipe(f"The bundle is not right: {faults[0]} ({len(faults)} faults in all).")
    return Bundle(_put(work, root / manifest.name))


def _checksums(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    checksums = {}
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        checksums[str(path.relative_to(folder))] = digest
    return checksums


def _put(work: Path, place: Path) -> Path:
    old = place.with_name(f".{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    work.rename(place)
    shutil.rmtree(old, ignore_errors=True)
    return place
