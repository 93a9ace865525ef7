"""Builds a bundle from a recipe, beside its place; it is moved there when it is whole."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from annotator.bundle import GENES, ISLANDS, MANIFEST, REFERENCE, Bundle, Manifest
from annotator.bundling import checking, fetching, genes, known, recipe, reference, snpeff
from annotator.bundling.recipe import BadRecipe
from annotator.consequences import bundled

_CACHE = ".fetched"


def build(path: Path, root: Path, say: fetching.Say) -> Bundle:
    """Build what the recipe says into ``root``; gives the bundle. Raises BadRecipe."""
    plan = recipe.read(path)
    root.mkdir(parents=True, exist_ok=True)
    cache = root / _CACHE
    work = root / f".{plan.name}.building"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    fasta = fetching.fetch(plan.fasta, path.parent, cache, say)
    say("reference: writing and indexing")
    contigs = reference.write_reference(plan, fasta, work / REFERENCE)
    gff = fetching.fetch(plan.genes, path.parent, cache, say)
    found = genes.write_genes(gff, contigs, work / GENES, work / ISLANDS)
    say(f"reference: {len(contigs):,} contigs, {found:,} genes")
    say("consequences: preparing transcripts")
    if not bundled.prepare(work, contigs, plan.species, plan.assembly):
        say("consequences: HGVS names will be missing, as mehari cannot run for this bundle here")
    for source in plan.known:
        taken = fetching.fetch(source.at, path.parent, cache, say)
        say(f"{source.name}: sorting and indexing")
        count = known.write_known(source, taken, contigs, work / REFERENCE, work / source.file)
        say(f"{source.name}: {count:,} variants")
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
        known=tuple(known.described(source) for source in plan.known),
        sha256=_checksums(work),
    )
    (work / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
    bundle = Bundle(work)
    faults = checking.check(bundle, say)
    if faults:
        raise BadRecipe(f"The bundle is not right: {faults[0]} ({len(faults)} faults in all).")
    return Bundle(_put(work, root / plan.name))


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
