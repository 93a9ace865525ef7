"""Other annotators, where they are installed: snpEff and vcfanno, each as its manual says."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pysam

from annotator.bundle import GENES, REFERENCE, Bundle

Act = Callable[[Path], None]
_KNOWN = ("KNOWN_ID", "KNOWN_AF", "KNOWN_SIG")
_HEADER = (
    "##fileformat=VCFv4.2\n"
    '##INFO=<ID=KNOWN_ID,Number=1,Type=String,Description="id">\n'
    '##INFO=<ID=KNOWN_AF,Number=1,Type=Float,Description="frequency">\n'
    '##INFO=<ID=KNOWN_SIG,Number=1,Type=String,Description="significance">\n'
)


def others(bundle: Bundle, vcf: Path, folder: Path) -> dict[str, Act]:
    """What there is on this machine, by name; the files that they need are made in ``folder``."""
    found: dict[str, Act] = {}
    for name, make in (("snpEff", _snpeff), ("vcfanno", _vcfanno)):
        if shutil.which(name):
            found[name] = make(bundle, vcf, folder)
        else:
            print(f"({name} is not installed: not measured)")
    return found


def _snpeff(bundle: Bundle, vcf: Path, folder: Path) -> Act:
    """Consequences by variant, no known variants; its database is built once."""
    data = folder / "snpeff" / "data" / "made"
    config = folder / "snpeff" / "snpEff.config"
    if not (data / "snpEffectPredictor.bin").exists():
        data.mkdir(parents=True, exist_ok=True)
        config.write_text("data.dir = ./data/\nmade.genome : made\n")
        shutil.copy(bundle.folder / REFERENCE, data / "sequences.fa")
        shutil.copy(bundle.folder / GENES, data / "genes.gff")
        command = ["snpEff", "build", "-gff3", "-noCheckCds", "-noCheckProtein", "-c", str(config)]
        subprocess.run([*command, "made"], check=True, stdout=subprocess.DEVNULL)

    def act(to: Path) -> None:
        command = (
            f"set -o pipefail; snpEff ann -c {config} -noStats -noLog -nodownload made {vcf}"
            f" | bgzip > {to}/out.vcf.gz"
        )
        subprocess.run(["bash", "-c", command], check=True, stderr=subprocess.DEVNULL)

    return act


def _vcfanno(bundle: Bundle, vcf: Path, folder: Path) -> Act:
    """Known variants alone, no consequences."""
    known = folder / "known.vcf"
    packed = known.with_suffix(".vcf.gz")
    if not packed.exists():
        with (
            gzip.open(bundle.folder / "known" / "known.tsv.gz", "rt") as rows,
            known.open("w") as out,
        ):
            out.write(_HEADER)
            out.writelines(f"##contig=<ID={c.name}>\n" for c in bundle.manifest.contigs)
            out.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
            for row in rows:
                if not row.startswith("#"):
                    chrom, pos, ref, alt, *values = row.rstrip("\n").split("\t")
                    pairs = (f"{k}={v}" for k, v in zip(_KNOWN, values, strict=True) if v != ".")
                    out.write(f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\t.\t{';'.join(pairs) or '.'}\n")
        pysam.tabix_index(str(known), preset="vcf", force=True)
    config = folder / "vcfanno.toml"
    names = ", ".join(f'"{name}"' for name in _KNOWN)
    ops = ", ".join('"self"' for _ in _KNOWN)
    config.write_text(f'[[annotation]]\nfile = "{packed}"\nfields = [{names}]\nops = [{ops}]\n')

    def act(to: Path) -> None:
        command = f"set -o pipefail; vcfanno -p 2 {config} {vcf} | bgzip > {to}/out.vcf.gz"
        subprocess.run(["bash", "-c", command], check=True, stderr=subprocess.DEVNULL)

    return act
