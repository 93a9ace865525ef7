"""snpEff as an engine, for bundles that were built for it on a machine that has it.

Each variant is judged by itself. Facts: snpEff's manual, "Input & output files", "ANN field".
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from functools import cached_property

from annotator.engines.port import Demand, EngineMissing
from annotator.engines.terms import Consequence, Told
from annotator.processes import stages

PROGRAM = "snpEff"
FOLDER = "snpeff"
CONFIG = f"{FOLDER}/snpEff.config"
GENOME = "bundle"
_QUIET = ["-noLog", "-noStats", "-nodownload"]
_MEMORY = "-Xmx3g"
# Debian's wrapper of the program prints its arguments before the VCF.
_ONLY_VCF = ["sed", "-n", "/^##fileformat=/,$p"]
_SECONDS = 60
_FIELDS = 11


class SnpEff:
    """Consequences as snpEff's field ANN has them, which are the ontology's terms already."""

    tags: tuple[str, ...] = ("ANN",)
    files: tuple[str, ...] = (FOLDER,)
    only_in_genes = False

    @cached_property
    def version(self) -> str:
        """As the program itself says. Raises EngineMissing."""
        return f"snpeff/{installed_version()}"

    def commands(self, demand: Demand) -> list[list[str]]:
        before = [] if demand.is_normal else [stages.stage(stages.NORM, stages.TEXT)]
        ann = [PROGRAM, _MEMORY, "ann", *_QUIET, "-c", CONFIG, GENOME]
        return [*before, ann, _ONLY_VCF]

    def description(self) -> str:
        return (
            f"Consequences by snpEff {self.version.partition('/')[2]}. Format: Allele|Annotation|"
            "Annotation_Impact|Gene_Name|Gene_ID|Feature_Type|Feature_ID|Transcript_BioType|Rank|"
            "HGVS.c|HGVS.p|cDNA.pos/cDNA.length|CDS.pos/CDS.length|AA.pos/AA.length|Distance|"
            "ERRORS/WARNINGS/INFO"
        )

    def told(self, value: bytes) -> Sequence[Told]:
        return [_told(entry) for entry in value.split(b",")]


def _told(entry: bytes) -> Told:
    fields = entry.decode().split("|")
    fields += [""] * (_FIELDS - len(fields))
    one = Consequence(
        terms=fields[1],
        gene=fields[3].removeprefix("gene:"),  # as Ensembl's GFF3 begins its ids
        transcript=fields[6].removeprefix("transcript:") if fields[5] == "transcript" else "",
        biotype=fields[7],
        amino_acids=fields[10],
        dna=fields[9],
    )
    return Told(entry, one.cells(), one.terms, one.gene)


def installed_version() -> str:
    """The version of the snpEff on this machine. Raises EngineMissing."""
    try:
        done = subprocess.run(
            [PROGRAM, _MEMORY, "-version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=_SECONDS,
        )
        return done.stdout.split()[1]
    except (OSError, subprocess.SubprocessError, IndexError) as error:
        raise EngineMissing(
            "this bundle is for snpEff, which does not run on this machine: install it, or choose"
            f" a bundle for bcftools ({error})"
        ) from None
