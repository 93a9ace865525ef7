"""Manifests of own sources: wrong ones are named, those of the documentation are right."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from annotator import commands
from annotator.bundling.build import build
from annotator.bundling.own_manifest import must_differ, read_folder
from annotator.bundling.recipe import BadRecipe
from annotator.consequences import transcript_store
from tests.support import synthetic_genome as synthetic
from tests.support.own_sources import SOURCES, recipe, write_sources

DOCS = Path(__file__).parents[4] / "docs" / "bundles.md"


@pytest.mark.parametrize(
    ("change_of", "words"),
    [
        (("file = ", "folder = "), "file: Field required"),
        (('"exons.bed"', '"nowhere.bed"'), "no file"),
        (('"overlap"', '"allele"'), "BED file matches"),
        (('id = "KIT"', 'id = "CSQ"'), "means something else"),
        (('id = "KIT"', 'id = "IN_KIT"'), "called IN_KIT"),
        (('id = "KIT"', 'type = "Float", id = "KIT"'), None),
        (("name = ", "name ="), None),
        (('id = "KIT"', 'allele_part = 1, id = "KIT"'), "allele_part needs"),
        (('description = "target"', 'combine = "max", description = "target"'), "numbers only"),
    ],
)
def test_a_manifest_that_is_not_right_is_named(
    change_of: tuple[str, str], words: str | None, tmp_path: Path
) -> None:
    text = SOURCES["exons.toml"].replace(*change_of)
    sources = write_sources(tmp_path / "s", {"exons.toml": text, "exons.bed": SOURCES["exons.bed"]})
    if words is None:
        assert read_folder(sources)[0][0].fields[0].number == "A"
        return
    with pytest.raises(BadRecipe, match=words):
        must_differ([source for source, _ in read_folder(sources)])


def test_the_manifests_of_the_documentation_are_right(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 8
    for number, text in enumerate(blocks):
        (tmp_path / f"{number}.toml").write_text(text)
        (tmp_path / tomllib.loads(text)["file"]).touch()
    sources = [source for source, _ in read_folder(tmp_path)]
    must_differ(sources)
    assert {source.match for source in sources} == {"allele", "position", "gene"}


def test_a_source_of_which_nothing_is_kept_is_an_error(tmp_path: Path) -> None:
    some = {"exons.toml": SOURCES["exons.toml"], "exons.bed": "chr7\t1\t5\tone\n"}
    sources = write_sources(tmp_path / "s", some)
    with pytest.raises(BadRecipe, match="contig not in the bundle: 1"):
        build(recipe(tmp_path), tmp_path / "bundles", lambda _: None, sources=sources)


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    text = SOURCES["cadd.tsv"].replace("PHRED", "SCORE")
    some = {"cadd.toml": SOURCES["cadd.toml"], "cadd.tsv": text}
    path = recipe(tmp_path)
    assert json.loads(path.read_text())["known"]
    with pytest.raises(BadRecipe, match=r"cadd\.tsv names the column PHRED"):
        build(
            path, tmp_path / "bundles", lambda _: None, sources=write_sources(tmp_path / "s", some)
        )


def test_a_bundle_of_an_earlier_version_takes_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = synthetic.build_bundle(tmp_path)
    (bundle.folder / transcript_store.FILE).unlink()
    some = {name: SOURCES[name] for name in ("panel.toml", "panel.tsv")}
    sources = write_sources(tmp_path / "s", some)
    given = ["--sources", str(sources), "--bundles", str(bundle.folder.parent)]
    assert commands.main(["bundle", "add", "synthetic", "--version", "2", *given]) == 2
    assert "build it again" in capsys.readouterr().err
