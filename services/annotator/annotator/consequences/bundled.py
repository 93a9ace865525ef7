"""The consequence engine of a bundle: its files at build, the engine at start."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from annotator.bundle import GENES, REFERENCE, Bundle, Contig
from annotator.consequences import gff3, mane, mehari_db, transcript_store, transcript_table
from annotator.consequences.engine import DatabaseUnusable, Engine
from annotator.consequences.gene_model_engine import GeneModelEngine, GeneModels
from annotator.consequences.genome import Genome
from annotator.consequences.mehari import MehariEngine
from annotator.consequences.snpeff import SnpEffEngine, installed_version

_HUMAN = "Homo sapiens"
_ASSEMBLIES = ("GRCh37", "GRCh38")
"""Those that mehari knows; the mitochondrion is the same in both."""


def prepare(
    folder: Path,
    contigs: tuple[Contig, ...],
    species: str,
    assembly: str,
    summary: Path | None = None,
) -> bool:
    """Write what engines need of the gene models in ``folder``; returns whether HGVS is possible.

    HGVS needs mehari, which runs on some machines and for human genomes only. ``summary`` is that
    of MANE, with the partners of transcripts. Raises UnusableMane.
    """
    genome = Genome(folder / REFERENCE)
    names = {contig.name: contig.name for contig in contigs}
    codes = {contig.name: contig.genetic_code for contig in contigs}
    partners = mane.read(summary) if summary else {}
    transcripts = mane.with_partners(gff3.read(folder / GENES, names), partners)
    table = transcript_table.build(transcripts, genome.names, codes)
    transcript_store.save(table, folder)
    if species != _HUMAN or importlib.util.find_spec("mehari") is None or not len(table):
        return False
    known = assembly if assembly in _ASSEMBLIES else _ASSEMBLIES[-1]
    mehari_db.build(table, genome, known, folder)
    return True


def must_be_current(bundle: Bundle) -> None:
    """Raises DatabaseUnusable if the bundle was built by a version that needed other files."""
    if bundle.manifest.engine != "snpeff" and not (bundle.folder / transcript_store.FILE).exists():
        raise DatabaseUnusable(
            f"the bundle {bundle.version} has no {transcript_store.FILE}: an earlier version of GAS"
            " built it; build it again (python -m annotator bundle build RECIPE)"
        )


def has_hgvs(bundle: Bundle) -> bool:
    """True if the bundle has what mehari needs, and mehari runs here."""
    database = bundle.folder / mehari_db.DATABASE
    return database.exists() and importlib.util.find_spec("mehari") is not None


def version_of(bundle: Bundle) -> str:
    """The name and version of the engine that ``engine_of`` returns, without loading it.

    Raises EngineMissing.
    """
    if bundle.manifest.engine == "snpeff":
        return f"snpEff {installed_version()}"
    return MehariEngine.version_here() if has_hgvs(bundle) else GeneModelEngine.NAME


def models_of(bundle: Bundle) -> GeneModels | None:
    """The bundle's gene models, for what needs more than answers; None for snpEff's bundles.

    Raises DatabaseUnusable.
    """
    must_be_current(bundle)
    if bundle.manifest.engine == "snpeff":
        return None
    genome = Genome(bundle.reference)
    return GeneModels(transcript_store.load(bundle.folder, genome.names), genome)


def native_of(bundle: Bundle) -> Any | None:
    """The part of the engine that is slow to load; None for engines that have no such part.

    Loading it starts no threads that a forked process would miss, so processes forked afterwards
    may each complete it with ``engine_of``. Raises DatabaseUnusable, EngineMissing.
    """
    if bundle.manifest.engine == "snpeff" or not has_hgvs(bundle):
        return None
    return mehari_db.native_annotator(bundle.folder / mehari_db.DATABASE, bundle.reference)


def engine_of(
    bundle: Bundle, native: Any | None = None, models: GeneModels | None = None
) -> Engine:
    """The best engine for the bundle on this machine.

    ``native`` is as ``native_of`` returns it, ``models`` as ``models_of`` does, if they are there
    already. Raises DatabaseUnusable.
    """
    models = models or models_of(bundle)
    if models is None:
        return SnpEffEngine(bundle.folder, Genome(bundle.reference))
    if has_hgvs(bundle):
        return MehariEngine(models, bundle.folder / mehari_db.DATABASE, bundle.reference, native)
    return GeneModelEngine(models)
