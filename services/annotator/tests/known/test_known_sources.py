"""What is read of sources of known variants when a bundle is built, and what their values mean."""

import json
import random
from pathlib import Path

import pysam
import pytest

from annotator.bundle import Bundle
from annotator.bundling.build import build
from annotator.bundling.recipe import BadRecipe
from annotator.normalize.left_alignment import LeftAligner
from tests.support import synthetic_genome as synthetic
from tests.support.annotation import run, vcf

CLINVAR = {
    "name": "clinvar", "version": "1", "licence": "none", "citation": "none", "format": "vcf",
    "at": {"at": "clinvar.vcf"},
    "fields": [
        {"id": "SIG", "column": "INFO/CLNSIG", "number": "A", "description": "significance"},
        {"id": "STATUS", "column": "INFO/CLNREVSTAT", "description": "review status"},
        {"id": "IDS", "column": "INFO/ALLELEID", "number": ".", "description": "ids"},
    ],
    "pathogenic_field": "SIG",
    "pathogenic_values": ["Pathogenic", "Likely_pathogenic"],
    "conflicting_values": ["Benign", "Likely_benign"],
}  # fmt: skip


def with_known(folder: Path, rows: str, header: str = "##fileformat=VCFv4.1\n") -> Bundle:
    """The synthetic bundle, whose contig 1 is also called NC_1, with a VCF of known variants."""
    synthetic.build_bundle(folder)
    source = folder / "source"
    (source / "clinvar.vcf").write_text(
        f'{header}##INFO=<ID=CLNSIG,Number=.,Type=String,Description="">\n'
        '##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description="">\n'
        '##INFO=<ID=ALLELEID,Number=.,Type=Integer,Description="">\n'
        f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n{rows}"
    )
    recipe = json.loads((source / "recipe.json").read_text())
    changes = {"known": [CLINVAR], "aliases": {"1": ["NC_1"]}}
    (source / "recipe.json").write_text(json.dumps(recipe | changes))
    return build(source / "recipe.json", folder / "bundles", lambda _: None)


@pytest.mark.parametrize("header", ["", "##contig=<ID=NC_1>\n"])
def test_contigs_go_by_any_name_whether_or_not_the_header_has_them(
    header: str, tmp_path: Path
) -> None:
    base = synthetic.sequences()["1"][239]
    alt = "A" if base != "A" else "C"
    info = "CLNSIG=Not_provided|Pathogenic;CLNREVSTAT=criteria_provided,_one_submitter;ALLELEID=7,8"
    row = f"NC_1\t240\t.\t{base}\t{alt}\t.\t.\t{info}\n"
    bundle = with_known(tmp_path, row, f"##fileformat=VCFv4.1\n{header}")
    content = vcf(f"1\t240\t.\t{base}\t{alt}\t.\t.\t.", header="##fileformat=VCFv4.2\n")
    found = run(content, tmp_path, bundle=bundle)
    said = found.records[0][7].split(";")
    assert "SIG=Not_provided|Pathogenic" in said
    assert "STATUS=criteria_provided&_one_submitter" in said, "one value stays one value"
    assert "IDS=7,8" in said
    assert found.counts["pathogenic"] == 1


def test_a_source_that_is_no_vcf_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRecipe, match=r"clinvar\.vcf cannot be read"):
        with_known(tmp_path, "rubbish\n")


def test_changes_are_moved_as_far_left_as_they_go(tmp_path: Path) -> None:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    rng = random.Random(seed)
    bases = "G" + "".join(rng.choices("AC", k=300))
    path = tmp_path / "reference.fa"
    path.write_text(f">1\n{bases}\n")
    pysam.faidx(str(path))

    def changed(position: int, ref: bytes, alt: bytes) -> str:
        assert bases[position - 1 :].startswith(ref.decode())
        return bases[: position - 1] + alt.decode() + bases[position - 1 + len(ref) :]

    with LeftAligner(path) as aligner:
        forms: dict[str, set[tuple[int, bytes, bytes]]] = {}
        for _ in range(2_000):
            first = rng.randint(2, 280)
            ref = bases[first - 1 : first - 1 + rng.randint(1, 6)].encode()
            alt = ref[:1] if rng.random() < 0.5 else ref[:1] + b"AC"[: rng.randint(1, 2)] + ref[1:]
            if ref == alt:
                continue
            form = aligner.normal("1", first, ref, alt)
            assert changed(*form) == changed(first, ref, alt)
            forms.setdefault(changed(*form), set()).add(form)
    assert {len(same) for same in forms.values()} == {1}, "one change has one form"


def test_a_change_whose_ref_is_not_the_references_stays(tmp_path: Path) -> None:
    path = tmp_path / "reference.fa"
    path.write_text(">1\nGAAAAC\n")
    pysam.faidx(str(path))
    with LeftAligner(path) as aligner:
        assert aligner.normal("1", 4, b"A", b"AA") == (1, b"G", b"GA")
        assert aligner.normal("1", 4, b"C", b"CC") == (4, b"C", b"CC")


def windows(folder: Path, fasta: str, lengths: dict[str, int]) -> Bundle:
    synthetic.build_bundle(folder)
    (folder / "source" / "genome.fa").write_text(fasta)
    path = folder / "source" / "recipe.json"
    recipe = json.loads(path.read_text()) | {"windows": lengths}
    path.write_text(json.dumps(recipe))
    return build(path, folder / "windows", lambda _: None)


def genome_in_windows() -> str:
    one, other = synthetic.sequences().values()
    return f">M\n{other}\n>1:1001-2400\n{one[1000:]}\n>1:11-970\n{one[10:970]}\n"


def test_windows_become_a_contig(tmp_path: Path) -> None:
    bundle = windows(tmp_path, genome_in_windows(), {"1": 2_500})
    by_name = {contig.name: contig for contig in bundle.manifest.contigs}
    assert by_name["1"].windows == ((11, 970), (1001, 2400))
    assert by_name["1"].length == 2_500
    assert by_name["M"].windows == ()
    one = synthetic.sequences()["1"]
    with pysam.FastaFile(str(bundle.reference)) as fasta:
        assert fasta.fetch("1") == "N" * 10 + one[10:970] + "N" * 30 + one[1000:] + "N" * 100


@pytest.mark.parametrize(
    ("fasta", "length", "words"),
    [
        (">1:11-970\nACGT\n", 2_500, "not what its name says"),
        (">1:1-4\nACGT\n>1:4-7\nACGT\n", 2_500, "overlap"),
        (">1:0-3\nACGT\n", 2_500, "outside"),
        (">1:1-4\nACGT\n", 3, "outside"),
        (">M\nACGT\n", 2_500, "no sequence 1"),
    ],
)
def test_windows_that_are_not_right_are_named(
    fasta: str, length: int, words: str, tmp_path: Path
) -> None:
    with pytest.raises(BadRecipe, match=words):
        windows(tmp_path, fasta, {"1": length})
