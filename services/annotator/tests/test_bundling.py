"""Building bundles, and errors in recipes and bundles."""

import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotator import bundle as bundles
from annotator import commands
from annotator.bundle import MANIFEST, Bundle
from annotator.bundling import checking, fetching
from annotator.bundling.build import build
from annotator.bundling.recipe import BadRecipe, Source
from annotator.consequences import transcript_store
from annotator.consequences.bundled import must_be_current
from annotator.consequences.engine import DatabaseUnusable
from annotator.consequences.mehari_db import DATABASE
from tests.support import synthetic_genome
from tests.support.annotation import HAS_HGVS, run, vcf

RECIPES = Path(bundles.__file__).parent / "recipes"


def silently(_: str) -> None:
    """Report nothing."""


def test_the_embedded_bundle_is_the_one_that_its_recipe_builds(tmp_path: Path) -> None:
    shutil.copytree(RECIPES, tmp_path / "recipes")
    shutil.copytree(bundles.EMBEDDED, tmp_path / "bundles")
    built = build(tmp_path / "recipes" / "human-mt.json", tmp_path / "new", silently)
    committed = bundles.find("human-mt").manifest
    if not HAS_HGVS:  # mehari's database can only be built where mehari runs
        others = {file: digest for file, digest in committed.sha256.items() if file != DATABASE}
        committed = committed.model_copy(update={"sha256": others})
    assert built.manifest == committed


def test_the_embedded_bundles_pass_all_checks() -> None:
    installed = bundles.installed()
    assert [bundle.manifest.name for bundle in installed] == ["grch38-21q21", "human-mt"]
    assert [checking.check(bundle, silently) for bundle in installed] == [[], []]


def test_known_variants_have_the_bundles_contig_names_and_valid_values(tmp_path: Path) -> None:
    bundle = synthetic_genome.build_bundle(tmp_path)
    genome = synthetic_genome.sequences()
    row = f"chr1\t240\t.\t{genome['1'][239]}\tN\t.\t.\t."
    found = run(vcf(row, header="##fileformat=VCFv4.2\n"), tmp_path, bundle=bundle)
    assert found.records[0][0] == "chr1"
    assert "MADE_SIG=bad_thing" in found.records[0][7]


@pytest.mark.parametrize("content", [b"no table", None], ids=["damaged", "missing"])
def test_transcripts_that_cannot_be_read_fail_the_job_with_what_to_do(
    content: bytes | None, tmp_path: Path
) -> None:
    bundle = synthetic_genome.build_bundle(tmp_path)
    transcripts = bundle.folder / transcript_store.FILE
    transcripts.unlink() if content is None else transcripts.write_bytes(content)
    row = f"1\t240\t.\t{synthetic_genome.sequences()['1'][239]}\tN\t.\t.\t."
    with pytest.raises(DatabaseUnusable, match=r"build (the bundle|it) again"):
        run(vcf(row, header="##fileformat=VCFv4.2\n"), tmp_path, bundle=bundle)


def test_a_bundle_of_an_earlier_version_is_read_and_refused(tmp_path: Path) -> None:
    current = synthetic_genome.build_bundle(tmp_path)
    manifest = json.loads((current.folder / MANIFEST).read_text())
    manifest["engine"] = "bcftools"
    manifest["contigs"][0]["gene_models"] = [16, 12_635]
    (current.folder / MANIFEST).write_text(json.dumps(manifest))
    must_be_current(Bundle(current.folder))
    (current.folder / transcript_store.FILE).unlink()
    with pytest.raises(DatabaseUnusable, match="earlier version of GAS built it; build it again"):
        must_be_current(Bundle(current.folder))


def test_the_order_of_gene_models_does_not_matter(tmp_path: Path) -> None:
    mixed = build(recipe_with_mixed_genes(tmp_path), tmp_path / "mixed", silently)
    in_order = Bundle(tmp_path / "bundles" / "synthetic")
    rows = [
        f"{contig}\t{position}\t.\t{base}\t{'A' if base != 'A' else 'C'}\t.\t.\t."
        for contig, bases in synthetic_genome.sequences().items()
        for position, base in enumerate(bases, start=1)
    ]
    content = vcf(*rows, header="##fileformat=VCFv4.2\n")
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    one = run(content, tmp_path / "one", bundle=mixed)
    other = run(content, tmp_path / "other", bundle=in_order)
    assert one.text == other.text
    assert one.counts["annotated"] == other.counts["annotated"] > 1_000


def recipe_with_mixed_genes(folder: Path) -> Path:
    """A recipe whose genes are not grouped by contig."""
    synthetic_genome.build_bundle(folder)
    genes = folder / "source" / "genes.gff3"
    first, *lines = genes.read_text().splitlines()
    one, other = ([line for line in lines if line.startswith(f"{name}\t")] for name in ("1", "M"))
    genes.write_text("\n".join([first, *one[:9], *other, *one[9:], ""]))
    return folder / "source" / "recipe.json"


def test_a_changed_bundle_is_reported(tmp_path: Path) -> None:
    bundle = synthetic_genome.build_bundle(tmp_path)
    with bundle.genes.open("a") as genes:
        genes.write("# more\n")
    bundle.reference.write_text(bundle.reference.read_text().replace("ACGT", "ACGA", 1))
    faults = checking.check(bundle, silently)
    assert any("genes.gff3 is not what it was" in fault for fault in faults)
    assert any("another MD5" in fault for fault in faults)


def recipe(folder: Path, **changes: object) -> Path:
    """The recipe of the made-up bundle, with changes."""
    synthetic_genome.build_bundle(folder)
    path = folder / "source" / "recipe.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return path


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fasta": {"at": "nowhere.fa"}}, "no file"),
        ({"fasta": {"at": "genome.fa", "sha256": "0" * 64}}, "SHA-256"),
        ({"contigs": ["1", "77"]}, "no sequence 77"),
        ({"genes": {"at": "known.tsv"}}, "no genes"),
        ({"name": "No Name"}, "at name"),
        ({"genetic_codes": {"1": 2, "M": 1}}, "not right"),
        ({"genetic_codes": {"M": 3}}, "genetic_codes.M: Input should be 1 or 2"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_an_invalid_recipe_is_refused_and_keeps_the_old_bundle(
    changes: dict[str, object], message: str, tmp_path: Path
) -> None:
    path = recipe(tmp_path, **changes)
    with pytest.raises(BadRecipe, match=message):
        build(path, tmp_path / "bundles", silently)
    assert checking.check(bundles.find("synthetic", tmp_path / "bundles"), silently) == []


class _Server(http.server.BaseHTTPRequestHandler):
    """Serves ranges of one file; the first two answers end in the middle."""

    content = bytes(range(256)) * 8_000
    cuts = 2

    def do_GET(self) -> None:
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(self.content) - start))
        self.end_headers()
        rest = self.content[start:]
        if _Server.cuts:
            _Server.cuts -= 1
            rest = rest[: len(rest) // 2]
        self.wfile.write(rest)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Server) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_address[1]}"
        served.shutdown()


def test_an_interrupted_download_continues_where_it_stopped(server: str, tmp_path: Path) -> None:
    lines: list[str] = []
    path = fetching.fetch(Source(at=f"{server}/big.bin"), tmp_path, tmp_path, lines.append)
    assert path.read_bytes() == _Server.content
    assert sum("trying again" in text for text in lines) == 2


def test_the_commands_report_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["bundle", "check", "nothing"]) == 2
    assert "no bundle nothing" in capsys.readouterr().err
    assert commands.main(["bundle", "build", str(tmp_path / "none.json")]) == 2
    assert "no file" in capsys.readouterr().err
    assert commands.main(["bundle", "list"]) == 0
    listed = capsys.readouterr().out
    assert "human-mt@3" in listed
    assert "grch38-21q21@3" in listed
