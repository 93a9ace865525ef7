"""Builds snpEff's database into a bundle, with the snpEff of this machine."""

from __future__ import annotations

import shutil
import subprocess
from itertools import product
from pathlib import Path

from annotator.bundle import GENES, REFERENCE, Contig
from annotator.bundling.recipe import BadRecipe
from annotator.consequences.snpeff import CONFIG, FOLDER, GENOME, PROGRAM

_AMINO_ACIDS = {
    1: "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    2: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG",
}
_STARTS = {1: ("TTG", "CTG", "ATG"), 2: ("ATT", "ATC", "ATA", "ATG", "GTG")}
"""NCBI's translation tables 1 and 2 (ncbi.nlm.nih.gov/Taxonomy/Utils/wprintgc.cgi)."""
_MOST_SECONDS = 6 * 3600


def build_database(folder: Path, contigs: tuple[Contig, ...]) -> None:
    """Write the database beside the reference and genes in ``folder``. Raises BadRecipe."""
    data = folder / FOLDER / "data" / GENOME
    shutil.rmtree(folder / FOLDER, ignore_errors=True)  # what an interrupted build left
    data.mkdir(parents=True)
    (folder / CONFIG).write_text(_config(contigs), "utf-8")
    sequences, genes = data / "sequences.fa", data / "genes.gff"
    sequences.hardlink_to(folder / REFERENCE)
    genes.hardlink_to(folder / GENES)
    command = [PROGRAM, "build", "-gff3", "-noCheckCds", "-noCheckProtein", "-noLog"]
    try:
        done = subprocess.run(
            [*command, "-c", str((folder / CONFIG).resolve()), GENOME],
            capture_output=True,
            text=True,
            check=False,
            timeout=_MOST_SECONDS,
        )
    except OSError as error:
        raise BadRecipe(f"snpEff does not run on this machine: install it ({error}).") from None
    finally:
        sequences.unlink()
        genes.unlink()
    if done.returncode or not (data / "snpEffectPredictor.bin").exists():
        raise BadRecipe(f"snpEff could not build its database: {done.stderr.strip()[-500:]}")


def _config(contigs: tuple[Contig, ...]) -> str:
    lines = ["data.dir = ./data/", f"{GENOME}.genome : {GENOME}"]
    for code in sorted({contig.genetic_code for contig in contigs}):
        lines.append(f"codon.Table{code} : {_table(code)}")
    lines += [f"{GENOME}.{c.name}.codonTable : Table{c.genetic_code}" for c in contigs]
    return "\n".join(lines) + "\n"


def _table(code: int) -> str:
    codons = ("".join(bases) for bases in product("TCAG", repeat=3))
    return ", ".join(
        f"{codon}/{amino_acid}{'+' if codon in _STARTS[code] else ''}"
        for codon, amino_acid in zip(codons, _AMINO_ACIDS[code], strict=True)
    )
