"""snpEff as the engine: with a stand-in for the program, and with the program where it exists."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from annotator.bundle import Bundle
from annotator.bundling.build import build
from annotator.bundling.recipe import BadRecipe
from annotator.engines.choice import engine_of
from annotator.engines.port import EngineMissing
from annotator.engines.snpeff import SnpEff
from tests.support import synthetic_genome
from tests.support.annotation import run, vcf

ANN = (
    "ANN=A|missense_variant&splice_region_variant|MODERATE|A|A|transcript|A.1|protein_coding|1/3"
    "|c.4C>A|p.Arg2Ser|4/270|4/270|2/90||,A|intron_variant|MODIFIER|A|A|transcript|A.2"
    "|protein_coding|1/2|c.90+5C>A||||||"
)
STAND_IN = f"""#!{sys.executable}
import pathlib, sys
words = sys.argv[1:]
if "-c" in words:
    print(*words)  # as Debian's wrapper does
if "-version" in words:
    print("SnpEff\\t5.1d\\t2023-01-20")
elif "build" in words:
    config = pathlib.Path(words[words.index("-c") + 1])
    data = config.parent / "data" / words[-1]
    assert (data / "sequences.fa").read_text().startswith(">")
    assert "gene" in (data / "genes.gff").read_text()
    (data / "snpEffectPredictor.bin").write_bytes(b"made")
else:
    assert pathlib.Path(words[words.index("-c") + 1]).exists()
    for line in sys.stdin:
        fields = line.rstrip("\\n").split("\\t")
        if line.startswith("#CHROM"):
            print('##INFO=<ID=ANN,Number=.,Type=String,Description="ANN">')
        elif not line.startswith("#"):
            fields[7] = "{ANN}"
        print("\\t".join(fields))
"""


def snpeff_bundle(folder: Path) -> Bundle:
    """A bundle for snpEff, built by the program on the PATH."""
    synthetic_genome.build_bundle(folder)
    path = folder / "source" / "recipe.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"engine": "snpeff"}))
    return build(path, folder / "built", lambda _: None)


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "snpEff"
    program.parent.mkdir()
    program.write_text(STAND_IN)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)


@pytest.mark.usefixtures("stand_in")
def test_a_bundle_for_snpeff_is_built_and_used_like_any_other(tmp_path: Path) -> None:
    bundle = snpeff_bundle(tmp_path)
    base = synthetic_genome.sequences()["1"][299]
    found = run(vcf(f"1\t300\t.\t{base}\tN,A\t9.00\t.\tX=1", header="##fileformat=VCFv4.2\n"),
                tmp_path, bundle=bundle)  # fmt: skip
    assert engine_of(bundle).version == "snpeff/5.1d"
    assert found.records[0][5] == "9.00"
    assert found.records[0][7] == f"X=1;{ANN}"
    assert "##INFO=<ID=ANN,Number=.,Type=String,Description=" in found.text
    first, second = found.table
    assert (first["IMPACT"], first["AMINO_ACIDS"], first["TRANSCRIPT"]) == (
        *("MODERATE", "p.Arg2Ser"),
        "A.1",
    )
    assert first["SO_ID"] == "SO:0001583&SO:0001630"
    assert second["CONSEQUENCE"] == "intron_variant"
    assert found.provenance["engine"] == "snpeff/5.1d"
    assert any(" ann " in command for command in found.provenance["commands"])


@pytest.mark.usefixtures("stand_in")
def test_each_contig_has_its_genetic_code(tmp_path: Path) -> None:
    config = (snpeff_bundle(tmp_path).folder / "snpeff" / "snpEff.config").read_text()
    assert "bundle.M.codonTable : Table2" in config
    standard, mitochondrial = (
        dict(codon.split("/") for codon in line.partition(" : ")[2].split(", "))
        for line in config.splitlines()
        if line.startswith("codon.")
    )
    assert (standard["TGA"], mitochondrial["TGA"]) == ("*", "W")
    assert (standard["ATA"], mitochondrial["ATA"]) == ("I", "M+")


def test_without_the_program_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotator.engines.snpeff.PROGRAM", "no-such-program")
    monkeypatch.setattr("annotator.bundling.snpeff.PROGRAM", "no-such-program")
    with pytest.raises(EngineMissing, match="install it, or choose a bundle for bcftools"):
        _ = SnpEff().version
    with pytest.raises(BadRecipe, match="snpEff does not run on this machine: install it"):
        snpeff_bundle(tmp_path)


@pytest.mark.skipif(not shutil.which("snpEff"), reason="snpEff is not installed on this machine")
def test_the_real_program_agrees_with_the_computed_truth(tmp_path: Path) -> None:
    bundle = snpeff_bundle(tmp_path)
    genome = synthetic_genome.sequences()
    transcript = synthetic_genome.A
    rows, wanted = [], {}
    for position in transcript.bases()[3:-3]:
        base = genome["1"][position - 1]
        alt = "A" if base != "A" else "C"
        rows.append(f"1\t{position}\t.\t{base}\t{alt}\t.\t.\t.")
        wanted[position] = synthetic_genome.consequence(genome, transcript, position, alt)
    found = run(vcf(*rows, header="##fileformat=VCFv4.2\n"), tmp_path, bundle=bundle)
    terms: dict[int, set[str]] = {}
    for row in found.table:
        if row["TRANSCRIPT"] == transcript.name:
            terms.setdefault(int(row["POS"]), set()).update(row["CONSEQUENCE"].split("&"))
    differing = [at for at, term in wanted.items() if term not in terms.get(at, set())]
    assert differing == []
    assert len(wanted) > 200
