"""The recipes that ship, on files as people download them: no network, checks, interruptions."""

import gzip
import json
import urllib.request
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from annotator import bundle as bundles
from annotator import commands
from annotator.bundling import checking, known, progress, reference
from annotator.bundling.build import build
from annotator.bundling.recipe import BadRecipe
from annotator.consequences import transcript_store
from tests.support import downloads, synthetic_genome
from tests.support.annotation import info_of, run, vcf

DATA = Path(__file__).parents[1] / "data" / "grch38-21q21"
REHEARSALS = {
    "grch38": (downloads.grch38, "NC_000021.9", 46_709_983, "refseq-p7", "21-25891784-C-T"),
    "grch37": (
        downloads.grch37,
        "chr21",
        downloads.GRCH37_LENGTH,
        "gencode-49lift37",
        "21-27264096-C-T",
    ),
}


@pytest.mark.parametrize("name", REHEARSALS)
def test_a_recipe_builds_from_downloaded_files_without_network(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    download, contig, length, release, variant = REHEARSALS[name]
    folder = tmp_path / "downloads"
    folder.mkdir()
    download(folder, DATA / "genes-refseq.gff3.gz")
    recipe = downloads.recipe_for_21(name, contig, length, tmp_path / "recipe.json")

    def no_network(*_: Any, **__: Any) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(urllib.request, "urlopen", no_network)
    words = ["bundle", "build", str(recipe), "--from", str(folder), "--bundles", str(tmp_path)]
    assert commands.main(words) == 0
    said = capsys.readouterr().err
    assert f"known variant: {variant} is APP V717I: right" in said
    assert "clinvar: 56 alleles kept, none dropped" in said
    assert "dbsnp: 34,675 alleles kept, none dropped" in said
    bundle = bundles.find(name, tmp_path)
    about = transcript_store.load(bundle.folder, ["21"]).about
    partner = about.filter(pl.col("MANE_SELECT") == "ENST00000346798.7")["Feature"].to_list()
    assert partner == (["NM_000484.3"] if name == "grch38" else [])
    manifest = bundle.manifest
    assert manifest.version.startswith(f"{release}-")
    gnomad = {"gnomad": "4.1"} if name == "grch38" else {}
    assert {one.name: one.version for one in manifest.known} == {
        "clinvar": "2025-11-01",
        "dbsnp": "157",
        **gnomad,
    }
    if gnomad:
        gnomad_is_looked_up(bundle, tmp_path)
    (only,) = manifest.contigs
    assert only.name == "21"
    assert {"chr21", contig} <= set(only.aliases)


def gnomad_is_looked_up(bundle: bundles.Bundle, folder: Path) -> None:
    """Frequencies of all, by population and the highest, homozygotes, and what gnomAD filters."""
    header = "##fileformat=VCFv4.2\n##contig=<ID=21,length=46709983>\n"
    rows = [f"21\t{at}\t.\t{change}\t.\t.\t." for at, change in (
        (25_891_784, "C\tT"), (25_891_790, "C\tT"),
    )]  # fmt: skip
    found = run(vcf(*rows, header=header), folder, bundle=bundle)
    first, second = map(info_of, found.records)
    assert found.records[0][2] == "rs63750264", "dbSNP's name of a record without one"
    assert first["CLINVAR_STARS"] == "2"
    wanted = {
        "GNOMAD_AF": "1.2e-06", "GNOMAD_AF_GRPMAX": "8.5e-06", "GNOMAD_GRPMAX": "nfe",
        "GNOMAD_FAF95": "2e-07", "GNOMAD_FILTER": "PASS", "GNOMAD_NHOMALT": "0",
        "GNOMAD_AF_AFR": "0", "GNOMAD_AF_FIN": "1.5e-05", "GNOMAD_AF_NFE": "8.5e-06",
    }  # fmt: skip
    assert {key: value for key, value in first.items() if key.startswith("GNOMAD")} == wanted
    assert (second["GNOMAD_FILTER"], second["GNOMAD_NHOMALT"]) == ("EXOMES_FILTERED", "71")
    highest = {(e["MAX_AF"], e["MAX_AF_POPS"]) for number in (0, 1) for e in found.entries(number)}
    assert highest == {("1.5e-05", "gnomAD_FIN"), ("0.4", "gnomAD_EAS")}


def synthetic(folder: Path, **changes: object) -> Path:
    """The recipe of the made-up genome, whose files lie beside it; nothing is built yet."""
    synthetic_genome.build_bundle(folder)
    path = folder / "source" / "recipe.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return path


def test_the_list_of_files_is_printed_with_names_and_addresses(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert commands.main(["bundle", "build", "grch38", "--files"]) == 0
    listed = capsys.readouterr().out
    assert "https://ftp.ncbi.nlm.nih.gov/pub/clinvar/vcf_GRCh38/clinvar.vcf.gz" in listed
    assert "gencode.v49.annotation.gff3.gz" in listed
    assert listed.endswith("make bundle RECIPE=grch38 FROM=folder TO=folder-of-bundles\n")
    assert commands.main(["bundle", "build", "grch37", "--from", str(tmp_path)]) == 2
    missing = capsys.readouterr().err
    assert "no file for the sequence" in missing
    assert "no file for the gene models" in missing
    assert "GCF_000001405.25.gz" in missing


def test_two_files_for_one_are_not_chosen_between(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("a.fa", "b.fasta.gz", "c.gff3"):
        (tmp_path / name).touch()
    assert commands.main(["bundle", "build", "any", "--from", str(tmp_path)]) == 2
    assert "several files for the sequence: a.fa, b.fasta.gz" in capsys.readouterr().err
    for name in ("clinvar.vcf.gz", "clinvar_20251101.vcf.gz"):
        (tmp_path / name).touch()
    assert commands.main(["bundle", "build", "grch38", "--from", str(tmp_path)]) == 2
    assert "several files for clinvar: clinvar.vcf.gz" in capsys.readouterr().err


@pytest.mark.parametrize(("code", "genes"), [(2, 3), (3, 2)])
def test_another_organism_needs_a_fasta_and_gene_models_alone(
    code: int, genes: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The genetic code is that of the gene models; genes with one that is not known are left."""
    synthetic(tmp_path)
    folder = tmp_path / "Yeast-64"
    folder.mkdir()
    with gzip.open(folder / "some.fna.gz", "wt") as fasta:
        fasta.writelines(f">chr{n}\n{bases}\n" for n, bases in synthetic_genome.sequences().items())
    models = (tmp_path / "source" / "genes.gff3").read_text()
    told = models.replace("ID=CDS:D.1", f"transl_table={code};ID=CDS:D.1")
    (folder / "some.gff3").write_text(told)
    words = ["bundle", "build", "any", "--from", str(folder), "--bundles", str(tmp_path / "out")]
    assert commands.main(words) == 0
    said = capsys.readouterr().err
    assert f"2 contigs, {genes} genes" in said
    assert f"{genes} genes kept, {3 - genes} on other contigs dropped" in said
    assert ("no engine knows the genetic code 3" in said) == (code == 3)
    bundle = bundles.find("yeast-64", tmp_path / "out")
    assert bundle.manifest.title == "yeast-64 (some)"
    assert [contig.name for contig in bundle.manifest.contigs] == ["chr1", "chrM"]
    assert bundle.contig_of["1"].name == "chr1"
    assert bundle.contig_of["M"].genetic_code == code


def test_an_interrupted_build_goes_on_behind_the_last_finished_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = synthetic(tmp_path)
    whole = bundles.find("synthetic", tmp_path / "bundles").manifest
    said: list[str] = []

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopping:
        stopping.setattr(known, "write_known", interrupted)
        with pytest.raises(KeyboardInterrupt):
            build(path, tmp_path / "again", said.append)
    assert not any("done by an earlier run" in line for line in said)
    bundle = build(path, tmp_path / "again", said.append)
    done = [line.partition(":")[0] for line in said if "done by an earlier run" in line]
    assert done == ["reference", "genes", "consequences"]
    assert bundle.manifest == whole
    assert sorted(p.name for p in bundle.folder.iterdir() if p.name.startswith(".")) == []


def test_a_changed_sequence_is_used_by_all_later_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = synthetic(tmp_path)
    with monkeypatch.context() as stopping:
        stopping.setattr(checking, "check", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            build(path, tmp_path / "again", lambda _: None)
    (path.parent / "genome.fa").write_text((path.parent / "genome.fa").read_text() + ">7\nACGT\n")
    said: list[str] = []
    bundle = build(path, tmp_path / "again", said.append)
    assert not any("done by an earlier run" in line for line in said)
    assert [contig.name for contig in bundle.manifest.contigs] == ["1", "M", "7"]


def test_the_reading_of_a_large_file_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_WORTH_SAYING_BYTES", 1)
    monkeypatch.setattr(reference, "_READ_BYTES", 1_000)
    path = tmp_path / "large.gff3"
    path.write_text("one line\n" * 10_000)
    said: list[str] = []
    assert sum(1 for _ in reference.lines_of(path, said.append)) == 10_000
    assert [line.split()[1] for line in said] == [f"{tenth}0" for tenth in range(1, 11)]


def test_a_changed_recipe_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = synthetic(tmp_path, title="Another")
    with monkeypatch.context() as stopping:
        stopping.setattr(known, "write_known", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            build(path, tmp_path / "again", lambda _: None)
    path.write_text(path.read_text().replace("Another", "A third"))
    said: list[str] = []
    build(path, tmp_path / "again", said.append)
    assert not any("done by an earlier run" in line for line in said)


ROWS = {
    "another assembly": (
        "1\t240\t{other}\tN\n1\t241\t.\tN\n",
        r"In 1 of 1 rows .*another assembly",
    ),
    "no row": (
        "7\t240\t{ref}\tN\n1\t99999\tA\tN\n",
        r"no row of it was kept \(1 on contigs .*1 with",
    ),
}


@pytest.mark.parametrize("what", ROWS)
def test_a_source_that_does_not_fit_is_an_error(what: str, tmp_path: Path) -> None:
    rows, message = ROWS[what]
    path = synthetic(tmp_path)
    ref = synthetic_genome.sequences()["1"][239]
    other = "A" if ref != "A" else "C"
    lines = rows.format(ref=ref, other=other).replace("1\t241\t.\tN\n", "")
    table = "".join(f"{line}\tr\tx\n" for line in lines.splitlines())
    (path.parent / "known.tsv").write_text(f"CHROM\tPOS\tREF\tALT\tID\tSIG\n{table}")
    with pytest.raises(BadRecipe, match=message):
        build(path, tmp_path / "other", lambda _: None)


def test_a_known_variant_that_comes_out_otherwise_is_an_error(tmp_path: Path) -> None:
    genome = synthetic_genome.sequences()
    ref = genome["1"][233]
    wanted = {"variant": f"1-234-{ref}-{'A' if ref != 'A' else 'C'}", "gene": "A", "protein": "W2W"}
    path = synthetic(tmp_path, expected=[wanted])
    with pytest.raises(BadRecipe, match=r"1-234-.* is A .*, not A W2W"):
        build(path, tmp_path / "other", lambda _: None)


def test_in_a_bundle_of_grch37_the_mitochondrion_of_hg19_is_no_contig(tmp_path: Path) -> None:
    path = mitochondrion(tmp_path, 16_569, "GRCh37")
    fasta = tmp_path / "chrM.fa"
    fasta.write_text(fasta.read_text().replace(">chrM", ">MT"))
    genes = tmp_path / "genes.gff3"
    genes.write_text(genes.read_text().replace("chrM", "MT"))
    bundle = build(path, tmp_path / "bundles", lambda _: None)
    header = "##fileformat=VCFv4.2\n##contig=<ID=chrM,length=16571>\n##contig=<ID=chrMT>\n"
    rows = [f"{name}\t5\t.\tA\tC\t.\t.\t." for name in ("chrM", "chrMT")]
    found = run(vcf(*rows, header=header), tmp_path, bundle=bundle)
    assert found.summary["not_annotated"] == {"unknown_contig": 1}
    assert found.counts["annotated"] == 1


def mitochondrion(folder: Path, length: int, assembly: str) -> Path:
    (folder / "chrM.fa").write_text(f">chrM\n{'ACGT' * 5_000}"[: length + 6] + "\n")
    genes = "##gff-version 3\nchrM\tx\tgene\t9\t20\t.\t+\t.\tID=gene:g\n"
    (folder / "genes.gff3").write_text(genes)
    recipe = {
        "name": "mito", "version": "1", "title": "M", "species": "Homo sapiens", "source": "made",
        "assembly": assembly, "fasta": {"at": "chrM.fa"}, "genes": {"at": "genes.gff3"},
        "contigs": ["MT"],
    }  # fmt: skip
    (folder / "recipe.json").write_text(json.dumps(recipe))
    return folder / "recipe.json"


@pytest.mark.parametrize(
    ("assembly", "message"),
    [
        ("GRCh37", "no sequence MT. The chrM of UCSC's hg19 is another sequence"),
        ("GRCh38", "has 16,571 bases, as in GRCh37; in GRCh38 it has 16,569"),
    ],
)
def test_the_mitochondrion_of_hg19_is_not_taken_for_rcrs(
    assembly: str, message: str, tmp_path: Path
) -> None:
    path = mitochondrion(tmp_path, 16_571, assembly)
    with pytest.raises(BadRecipe, match=message):
        build(path, tmp_path / "bundles", lambda _: None)
