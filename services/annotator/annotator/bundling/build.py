"""Builds a bundle from a recipe, beside its place; it is moved there when it is whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from annotator.bundle import GENES, ISLANDS, MANIFEST, REFERENCE, Bundle, Contig, Manifest
from annotator.bundling import (
    checking,
    fetching,
    from_folder,
    genes,
    known,
    own_manifest,
    recipe,
    reference,
    self_check,
    snpeff,
    tally,
)
from annotator.bundling.finishing import checksums_of, put_in_place
from annotator.bundling.own_manifest import OwnSource
from annotator.bundling.own_sources import OwnSourceWriter
from annotator.bundling.progress import Say
from annotator.bundling.recipe import AUTO, GENETIC_CODES, BadRecipe, KnownFrom, Recipe, Source
from annotator.bundling.releases import release_of
from annotator.bundling.steps import Steps
from annotator.consequences import bundled
from annotator.consequences.mane import UnusableMane

_CACHE = ".fetched"
_DIGITS = 8

Get = Callable[[Source], tuple[Path, ...]]
"""The files of a source."""

Own = Sequence[tuple[OwnSource, Path]]
"""Your own sources, each with its file."""


def build(
    path: Path,
    root: Path,
    say: Say,
    *,
    given: Path | None = None,
    name: str = "",
    sources: Path | None = None,
) -> Bundle:
    """Build what the recipe says into ``root``; gives the bundle. Raises BadRecipe.

    With the folder ``given`` the files are taken from there and none is fetched. ``name`` is the
    bundle's, if it is not to be the recipe's. ``sources`` is a folder of manifests of your own
    sources, which come behind the recipe's.
    """
    plan = recipe.read(path)
    if name:
        plan = recipe.renamed(plan, name)
    if given:
        plan = from_folder.chosen(plan, given)
    own = own_manifest.read_folder(sources) if sources else []
    own_manifest.must_differ([*plan.known, *(source for source, _ in own)])
    root.mkdir(parents=True, exist_ok=True)

    def get(source: Source) -> tuple[Path, ...]:
        if given:
            return from_folder.files_of(given, source)
        return (fetching.fetch(source, path.parent, root / _CACHE, say),)

    work = root / f".{plan.name}.building"
    _Build(plan, own, work, get, say).run()
    return Bundle(put_in_place(work, root / plan.name))


class _Build:
    """The steps of one build, each of which leaves files in the folder ``work``."""

    def __init__(self, plan: Recipe, own: Own, work: Path, get: Get, say: Say) -> None:
        self._plan = plan
        self._own = own
        self._work = work
        self._get = get
        self._say = say
        self._steps = Steps(work, plan, say)

    def run(self) -> None:
        """Do what is left to do. Raises BadRecipe."""
        plan, work = self._plan, self._work
        contigs = self._reference()
        (models,) = self._get(plan.genes)
        if not plan.genetic_codes:
            codes = genes.genetic_codes(models, contigs)
            contigs = tuple(
                one.model_copy(update={"genetic_code": codes.get(one.name, one.genetic_code)})
                for one in contigs
            )
        count = self._genes(models, contigs)
        sources = tuple(self._known(source, contigs) for source in plan.known)
        for added, file in self._own:
            OwnSourceWriter(added, contigs, work).write(file, self._say)
        if plan.engine == "snpeff":
            self._say("snpEff: building its database")
            self._steps.do("snpeff", [], lambda: snpeff.build_database(work, contigs))
        self._write_manifest(contigs, models, count, sources)
        bundle = Bundle(work)
        faults = [*checking.check(bundle, self._say), *self_check.faults(plan, bundle, self._say)]
        for one in sources:
            self._say(f"{one.name}: {tally.shown(one.rows)}")
        if faults:
            raise BadRecipe(f"The bundle is not right: {faults[0]} ({len(faults)} faults in all).")
        self._steps.forget()

    def _reference(self) -> tuple[Contig, ...]:
        (fasta,) = self._get(self._plan.fasta)
        self._say("reference: writing and indexing")

        def write() -> list[dict[str, object]]:
            to = self._work / REFERENCE
            contigs = reference.write_reference(self._plan, fasta, to, self._say)
            return [contig.model_dump(mode="json") for contig in contigs]

        rows = self._steps.do("reference", [fasta], write)
        return tuple(Contig.model_validate(row) for row in rows)

    def _genes(self, models: Path, contigs: tuple[Contig, ...]) -> int:
        plan, work = self._plan, self._work
        told = tuple(contig for contig in contigs if contig.genetic_code in GENETIC_CODES)
        for contig in set(contigs) - set(told):
            self._say(
                f"{contig.name}: its genes are left out, as no engine knows the genetic code"
                f" {contig.genetic_code}"
            )

        def write() -> int:
            places = work / GENES, work / ISLANDS
            return genes.write_genes(models, told, *places, self._say)

        found = self._steps.do("genes", [models], write)
        self._say(f"reference: {len(contigs):,} contigs, {found:,} genes")
        self._say("consequences: preparing transcripts")
        (summary,) = self._get(plan.mane) if plan.mane else (None,)

        def prepare() -> bool:
            try:
                return bundled.prepare(work, contigs, plan.species, plan.assembly, summary)
            except UnusableMane as error:
                raise BadRecipe(str(error)) from None

        files = [models, summary] if summary else [models]
        if not self._steps.do("consequences", files, prepare):
            self._say("consequences: HGVS names will be missing, as mehari cannot run for it here")
        return found

    def _known(self, source: KnownFrom, contigs: tuple[Contig, ...]) -> KnownFrom:
        paths = self._get(source.at)
        self._say(f"{source.name}: sorting and indexing")
        bases, to = self._work / REFERENCE, self._work / source.file

        def write() -> dict[str, int]:
            return known.write_known(source, paths, contigs, bases, to=to, say=self._say)

        rows = self._steps.do(f"known-{source.name}", paths, write)
        version = release_of(paths[0]) if source.version == AUTO else source.version
        return source.model_copy(update={"version": version, "rows": rows})

    def _write_manifest(
        self,
        contigs: tuple[Contig, ...],
        models: Path,
        count: int,
        sources: tuple[KnownFrom, ...],
    ) -> None:
        plan = self._plan
        checksums = checksums_of(self._work)
        version, release = plan.version, release_of(models)
        if version == AUTO:
            contents = hashlib.sha256("".join(checksums.values()).encode()).hexdigest()
            version = f"{release}-{contents[:_DIGITS]}"
        manifest = Manifest(
            **plan.model_dump(
                include={"name", "purpose", "species", "assembly", "engine", "licence"}
            ),
            title=plan.title.replace("{release}", release).replace("{name}", plan.name),
            source=plan.source.replace("{release}", release),
            version=version,
            genes=count,
            contigs=contigs,
            known=(
                *(known.described(source) for source in sources),
                *(own_manifest.described(source) for source, _ in self._own),
            ),
            sha256=checksums,
        )
        (self._work / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
