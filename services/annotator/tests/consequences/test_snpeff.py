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
from annotator.consequences.bundled import engine_of, version_of
from annotator.consequences.engine import EngineMissing
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
    alt = "A" if base != "A" else "C"
    found = run(vcf(f"1\t300\t.\t{base}\tN,{alt}\t9.00\t.\tX=1", header="##fileformat=VCFv4.2\n"),
                tmp_path, bundle=bundle)  # fmt: skip
    assert engine_of(bundle).version == version_of(bundle) == "snpEff 5.1d"
    assert found.records[0][5] == "9.00"
    assert found.records[0][7].startswith(f"X=1;CSQ={alt}|")
    assert "ID=ANN" not in found.text
    first, second = found.csq[0]
    assert first["Consequence"] == "missense_variant&splice_region_variant"
    assert (first["IMPACT"], first["Feature"], first["PICK"]) == ("MODERATE", "A.1", "1")
    assert (first["HGVSp"], first["CDS_position"]) == ("p.Arg2Ser", "4")
    assert (second["Consequence"], second["Feature"], second["PICK"]) == (
        "intron_variant",
        "A.2",
        "",
    )
    assert {first["ALLELE_NUM"], second["ALLELE_NUM"]} == {"2"}
    assert found.provenance["engine"] == "snpEff 5.1d"
    assert "(snpEff 5.1d)" in found.text


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
    monkeypatch.setattr("annotator.consequences.snpeff.PROGRAM", "no-such-program")
    monkeypatch.setattr("annotator.bundling.snpeff.PROGRAM", "no-such-program")
    bundle = synthetic_genome.build_bundle(tmp_path / "other")
    manifest = bundle.manifest.model_copy(update={"engine": "snpeff"})
    with pytest.raises(EngineMissing, match="install it, or choose another bundle"):
        version_of(Bundle(bundle.folder, manifest))
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
