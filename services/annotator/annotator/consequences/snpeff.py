"""snpEff as an engine, for bundles that were built for it on a machine that has it.

Facts: snpEff's manual, "Input & output files", "ANN field". One run for each chunk of alleles: its
start takes seconds, so chunks should be large.
"""

from __future__ import annotations

import subprocess
from functools import cached_property
from pathlib import Path

import polars as pl

from annotator.consequences import alleles as allele_checks
from annotator.consequences.engine import Answer, EngineMissing
from annotator.consequences.gene_model_engine import unanswered
from annotator.consequences.genome import Genome
from annotator.consequences.pick import Selection
from annotator.consequences.vocabulary import bits_of, finer_terms, impact_of, terms_of, vep_term

PROGRAM = "snpEff"
FOLDER = "snpeff"
CONFIG = f"{FOLDER}/snpEff.config"
GENOME = "bundle"
_OPTIONS = ["-noLog", "-noStats", "-nodownload", "-c", CONFIG]
_MEMORY = "-Xmx3g"
_VERSION_SECONDS = 60
_RUN_SECONDS = 3_600
_FIELDS = [
    *("allele", "terms", "impact", "symbol", "gene", "kind", "feature", "biotype", "rank"),
    *("hgvs_c", "hgvs_p", "cdna", "cds", "protein", "distance", "messages"),
]


class SnpEffEngine:
    """Consequences as snpEff's field ANN has them, in the columns of VEP.

    Fields that it does not know (codons, CCDS, MANE and others) are left out.
    """

    def __init__(self, folder: Path, genome: Genome) -> None:
        self._folder = folder
        self._genome = genome

    @cached_property
    def version(self) -> str:
        return f"snpEff {installed_version()}"

    def annotate(self, alleles: pl.DataFrame, transcripts: Selection = "all") -> Answer:
        checked, reasons = allele_checks.check(alleles, self._genome)
        entries = self._entries(alleles[checked.row]) if len(checked) else _nothing()
        about = pl.DataFrame(
            {
                "row": checked.row,
                "Allele": checked.label,
                "VARIANT_CLASS": checked.variant_class(),
            }
        )
        rows = _columns(entries.with_columns(row=pl.Series(checked.row).gather(entries["row"])))
        rows = about.join(rows, on="row", how="inner", maintain_order="left_right")
        if transcripts == "picked":
            rows = rows.filter(pl.col("PICK") == "1")
        return Answer(rows, unanswered(reasons))

    def _entries(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Entries of ANN, one a row; ``row`` is the allele's place in ``frame``."""
        records = frame.with_row_index("id").select(
            pl.concat_str(
                "contig", "pos", "id", "ref", "alt", pl.lit(".\t.\t."), separator="\t"
            ).str.join("\n")
        )
        header = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        done = subprocess.run(
            [PROGRAM, _MEMORY, "ann", *_OPTIONS, GENOME],
            input=f"{header}{records.item()}\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=_RUN_SECONDS,
            cwd=self._folder,
        )
        if done.returncode:
            raise EngineMissing(f"snpEff ended with {done.returncode}: {done.stderr[-500:]}")
        found = []
        for line in done.stdout.splitlines():
            cells = line.split("\t")
            if line.startswith("#") or len(cells) < 8:  # Debian's wrapper prints its arguments
                continue
            value = next((v[4:] for v in cells[7].split(";") if v.startswith("ANN=")), "")
            for entry in filter(None, value.split(",")):
                fields = entry.split("|")
                found.append((int(cells[2]), *fields, *[""] * (len(_FIELDS) - len(fields))))
        return pl.DataFrame(found, schema=_nothing().schema, orient="row").sort("row")


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema={"row": pl.Int64} | dict.fromkeys(_FIELDS, pl.String))


def _columns(entries: pl.DataFrame) -> pl.DataFrame:
    """The columns of VEP; what snpEff lists first of an allele is the picked entry."""
    words = entries["terms"].unique().to_list()
    bits = {text: bits_of(map(vep_term, text.split("&"))) for text in words}
    filled = {name: pl.when(pl.col(name) != "").then(pl.col(name)) for name in _FIELDS}
    is_transcript = pl.col("kind") == "transcript"
    return entries.select(
        "row",
        Consequence=_mapped("terms", {text: "&".join(terms_of(n)) for text, n in bits.items()}),
        IMPACT=_mapped("terms", {text: impact_of(n) for text, n in bits.items()}),
        SYMBOL=filled["symbol"].str.strip_prefix("gene:"),
        Gene=filled["gene"].str.strip_prefix("gene:"),
        Feature_type=pl.when(is_transcript).then(pl.lit("Transcript")),
        Feature=pl.when(is_transcript).then(filled["feature"].str.strip_prefix("transcript:")),
        BIOTYPE=filled["biotype"],
        HGVSc=filled["hgvs_c"],
        HGVSp=filled["hgvs_p"],
        cDNA_position=filled["cdna"].str.split("/").list.first(),
        CDS_position=filled["cds"].str.split("/").list.first(),
        Protein_position=filled["protein"].str.split("/").list.first(),
        DISTANCE=filled["distance"],
        PICK=pl.when(pl.col("row").is_first_distinct()).then(pl.lit("1")),
        GAS_so_terms=_mapped("terms", {text: finer_terms(text.split("&")) for text in words}),
    )


def _mapped(column: str, values: dict[str, str]) -> pl.Expr:
    return pl.col(column).replace_strict(values, return_dtype=pl.String)


def installed_version() -> str:
    """The version of the snpEff on this machine. Raises EngineMissing."""
    try:
        done = subprocess.run(
            [PROGRAM, _MEMORY, "-version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=_VERSION_SECONDS,
        )
        return done.stdout.split()[1]
    except (OSError, subprocess.SubprocessError, IndexError) as error:
        raise EngineMissing(
            "this bundle is for snpEff, which does not run on this machine: install it, or choose"
            f" another bundle ({error})"
        ) from None
