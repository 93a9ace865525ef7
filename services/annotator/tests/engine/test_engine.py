import gzip
import zlib
from pathlib import Path

import pysam
import pytest

from annotator import bundle as bundles
from annotator.attempt import result_stem
from annotator.processes.pipes import EngineFailed
from annotator.report.summary import variant_type
from annotator.runner import protocol
from annotator.runner.parent import Stopped, annotate
from gas.events import FailureCode
from tests.support.annotation import COLUMNS, HEADER, record, refusal, run, vcf

KNOWN = {
    "11778\t.\tG\tA": "missense_variant|MT-ND4|MT-ND4|protein_coding|+|340R>340H",
    "3460\t.\tG\tA": "missense_variant|MT-ND1|MT-ND1|protein_coding|+|52A>52T",
    "14484\t.\tT\tC": "missense_variant|MT-ND6|MT-ND6|protein_coding|-|64M>64V",
    "8993\t.\tT\tG": "missense_variant|MT-ATP6|MT-ATP6|protein_coding|+|156L>156R",
}


def test_the_known_pathogenic_variants_have_the_right_consequences(tmp_path: Path) -> None:
    found = run(vcf(*(record(change) for change in sorted(KNOWN))), tmp_path)
    consequences = {"\t".join(fields[1:5]): fields[7] for fields in found.records}
    assert all(wanted in consequences[change] for change, wanted in KNOWN.items())
    assert found.counts["records"] == found.counts["annotated"] == 4
    assert found.summary["consequences"] == {"missense_variant": 4}


def test_every_mitochondrial_gene_is_in_the_bundle_and_translates() -> None:
    bundle = bundles.find("human-mt")
    genes = [line.split("\t") for line in bundle.genes.read_text().splitlines() if line[0] != "#"]
    assert sum(fields[2] in {"gene", "ncRNA_gene"} for fields in genes) == 37
    with pysam.FastaFile(str(bundle.reference)) as fasta:
        sequence = fasta.fetch("MT")
    assert len(sequence) == bundle.manifest.contigs[0].length
    for fields in (fields for fields in genes if fields[2] == "CDS"):
        start, end = int(fields[3]) - 1, int(fields[4])
        coding = sequence[start:end]
        if fields[6] == "-":
            coding = coding[::-1].translate(str.maketrans("ACGT", "TGCA"))
        codons = [coding[at : at + 3] for at in range(0, len(coding) - len(coding) % 3, 3)]
        # Vertebrate mitochondrial code: TGA is tryptophan, AGA and AGG stop.
        stops = [codon in {"TAA", "TAG", "AGA", "AGG"} for codon in codons]
        assert not any(stops[:-1]), fields[8]
        assert codons[0] in {"ATG", "ATA", "ATT", "GTG"}, fields[8]


@pytest.mark.parametrize("pack", ["plain", "gzip", "bgzip"])
def test_plain_and_compressed_files_give_the_same_result(pack: str, tmp_path: Path) -> None:
    content = vcf(record("3460\t.\tG\tA"))
    if pack == "gzip":
        content = gzip.compress(content)
    elif pack == "bgzip":
        plain = tmp_path / "plain"
        plain.write_bytes(content)
        pysam.tabix_compress(str(plain), str(tmp_path / "packed"))
        content = (tmp_path / "packed").read_bytes()
    found = run(content, tmp_path)
    assert "52A>52T" in found.records[0][7]
    assert found.index.exists()


def test_the_users_contig_names_order_and_fields_are_kept(tmp_path: Path) -> None:
    header = (
        "##fileformat=VCFv4.2\n##contig=<ID=chrM,length=16569>\n"
        '##INFO=<ID=DP,Number=1,Type=Integer,Description="depth">\n'
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">\n'
    )
    rows = (
        "chrM\t3460\trs1\tG\tA\t50\tPASS\tDP=7\tGT\t1\t0",
        "chrM\t73\t.\tA\tG\t.\t.\tDP=9\tGT\t0/1\t1|1",
    )
    found = run(vcf(*rows, header=header, columns=f"{COLUMNS}\tFORMAT\tone\ttwo"), tmp_path)
    assert [fields[:7] for fields in found.records] == [
        ["chrM", "73", ".", "A", "G", ".", "."],
        ["chrM", "3460", "rs1", "G", "A", "50", "PASS"],
    ]
    assert found.records[1][7].startswith("DP=7;BCSQ=missense_variant|MT-ND1")
    assert found.records[1][8:] == ["GT", "1", "0"]
    assert "chrM” was read as MT" in found.log
    assert "were sorted" in found.log
    assert str(bundles.EMBEDDED) not in found.text  # no path of ours in the user's file


def test_variants_without_samples_are_annotated_one_by_one(tmp_path: Path) -> None:
    found = run(vcf(record("11777\t.\tC\tA"), record("11778\t.\tG\tA")), tmp_path)
    assert "340R>340S" in found.records[0][7]
    assert "340R>340H" in found.records[1][7]


def test_a_file_without_records_is_annotated(tmp_path: Path) -> None:
    found = run(vcf(), tmp_path)
    assert found.counts["records"] == 0
    assert "no variants in this file" in found.log


def test_a_header_without_contigs_is_repaired(tmp_path: Path) -> None:
    found = run(vcf(record("3460\t.\tG\tA"), header="##fileformat=VCFv4.2\n"), tmp_path)
    assert found.counts["annotated"] == 1


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    content = vcf(record("3460\t.\tG\tA")).replace(b"\n", b"\r\n")
    assert run(b"\xef\xbb\xbf" + content, tmp_path).counts["annotated"] == 1


BROKEN_GZIP = gzip.compress(vcf(*(record(f"{n}\t.\tN\tA") for n in range(1, 2000))))[:-300]
NOT_VCF = {
    "empty": (b"", "empty"),
    "text": (b"hello world\n", "text file"),
    "html": (b"<!doctype html><p>hi", "HTML"),
    "png": (b"\x89PNG\r\n\x1a\n123", "PNG"),
    "zip": (b"PK\x03\x04123", "ZIP"),
    "utf-16": ("##fileformat=VCFv4.2\n".encode("utf-16"), "UTF-16"),
    "header without columns": (HEADER.encode(), "#CHROM"),
    "gzip of text": (gzip.compress(b"hello"), "text file"),
    "empty gzip": (gzip.compress(b""), "no lines"),
}


@pytest.mark.parametrize(("content", "word"), NOT_VCF.values(), ids=NOT_VCF)
def test_a_file_that_is_not_a_vcf_is_refused_with_what_it_looks_like(
    content: bytes, word: str, tmp_path: Path
) -> None:
    rejected = refusal(content, tmp_path)
    assert rejected.code is FailureCode.NOT_VCF
    assert word in rejected.message


DAMAGED = {
    "truncated gzip": BROKEN_GZIP,
    "corrupt gzip": gzip.compress(vcf())[:-8] + b"12345678",
    "gzip header alone": gzip.compress(vcf())[:10],
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_refused(content: bytes, tmp_path: Path) -> None:
    rejected = refusal(content, tmp_path)
    assert rejected.code is FailureCode.DAMAGED_FILE
    assert "again" in rejected.message


def test_a_bgzf_file_without_its_end_block_is_damaged(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(vcf(record("3460\t.\tG\tA")))
    pysam.tabix_compress(str(plain), str(tmp_path / "packed"))
    cut = (tmp_path / "packed").read_bytes()[:-28]
    assert zlib.decompress(cut, wbits=31)  # still a valid gzip: only the end block is missing
    assert refusal(cut, tmp_path).code is FailureCode.DAMAGED_FILE


MANY_KEYS = b"MT\t3460\t.\tG\tA\t.\t.\t" + b";".join(b"K%d=x" % n for n in range(1_000))
INVALID = {
    "spaces for tabs": (b"MT 3460 . G A . . .", "spaces", FailureCode.INVALID_VCF),
    "too few columns": (b"MT\t3460\t.\tG", "columns", FailureCode.INVALID_VCF),
    "too many columns": (b"MT\t3460\t.\tG\tA\t.\t.\t.\tx", "columns", FailureCode.INVALID_VCF),
    "text as POS": (b"MT\tx\t.\tG\tA\t.\t.\t.", "POS", FailureCode.INVALID_VCF),
    "POS below 0": (b"MT\t-1\t.\tG\tA\t.\t.\t.", "POS", FailureCode.INVALID_VCF),
    "POS beyond the end": (b"MT\t99999\t.\tG\tA\t.\t.\t.", "16,569", FailureCode.INVALID_VCF),
    "no REF": (b"MT\t3460\t.\t.\tA\t.\t.\t.", "REF", FailureCode.INVALID_VCF),
    "ALT of digits": (b"MT\t3460\t.\tG\t12\t.\t.\t.", "ALT", FailureCode.INVALID_VCF),
    "text as the last of very many values": (MANY_KEYS, "K999", FailureCode.INVALID_VCF),
    "wrong REF": (b"MT\t3460\t.\tT\tA\t.\t.\t.", "build", FailureCode.WRONG_BUILD),
}


@pytest.mark.parametrize(("line", "word", "code"), INVALID.values(), ids=INVALID)
def test_a_faulty_record_is_refused_with_its_line(
    line: bytes, word: str, code: FailureCode, tmp_path: Path
) -> None:
    header = HEADER + '##INFO=<ID=K999,Number=1,Type=Integer,Description="d">\n'
    rejected = refusal(vcf(record("73\t.\tA\tG"), header=header) + line + b"\n", tmp_path)
    assert rejected.code is code
    assert rejected.line == 6
    assert word in rejected.message


def test_a_genotype_of_a_missing_allele_is_refused_and_does_not_crash_the_engine(
    tmp_path: Path,
) -> None:
    row = "MT\t73\t.\tA\tG\t.\t.\t.\tGT\t0/2"
    rejected = refusal(vcf(row, columns=f"{COLUMNS}\tFORMAT\ts"), tmp_path)
    assert (rejected.code, rejected.line) == (FailureCode.INVALID_VCF, 4)


def test_a_contig_of_another_length_means_another_build(tmp_path: Path) -> None:
    header = "##fileformat=VCFv4.2\n##contig=<ID=MT,length=16571>\n"
    assert refusal(vcf(header=header), tmp_path).code is FailureCode.WRONG_BUILD


def test_a_file_that_decompresses_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    bomb = gzip.compress(vcf() + b"#" * (3 << 20))
    rejected = refusal(bomb, tmp_path, max_inflated_bytes=2 << 20)
    assert rejected.code is FailureCode.LIMIT_EXCEEDED


def test_the_child_process_stops_when_the_caller_asks(tmp_path: Path) -> None:
    source = tmp_path / "input"
    source.write_bytes(vcf())
    task = protocol.Task(
        input=str(source),
        filename="f",
        bundle="human-mt",
        folder=str(tmp_path),
        max_inflated_bytes=1 << 20,
        max_seconds=60,
    )
    with pytest.raises(Stopped):
        annotate(task, on_tick=lambda *_: None, should_stop=lambda: True)


def test_a_child_process_that_dies_is_reported_with_its_last_output(tmp_path: Path) -> None:
    task = protocol.Task(
        input=str(tmp_path / "nowhere"),
        filename="f",
        bundle="human-mt",
        folder=str(tmp_path),
        max_inflated_bytes=1 << 20,
        max_seconds=60,
    )
    with pytest.raises(EngineFailed, match="FileNotFoundError"):
        annotate(task, on_tick=lambda *_: None, should_stop=lambda: False)


@pytest.mark.parametrize("name", ["../etc", ".hidden", "nothing"])
def test_only_installed_bundles_are_found(name: str) -> None:
    with pytest.raises(bundles.NoSuchBundle):
        bundles.find(name)


@pytest.mark.parametrize(
    ("filename", "stem"),
    [
        ("a.vcf", "a"),
        ("a.vcf.gz", "a"),
        ("My Sample (1).VCF.GZ", "My_Sample_1"),
        ("変異.vcf", "variants"),
        ("../../x.vcf.bgz", "x"),
        ("a.vcf.old", "a.vcf.old"),
    ],
)
def test_result_names_are_safe_forms_of_the_users_file_names(filename: str, stem: str) -> None:
    assert result_stem(filename) == stem


@pytest.mark.parametrize(
    ("ref", "alt", "kind"),
    [
        ("A", "G", "SNV"),
        ("AT", "GC", "MNV"),
        ("A", "AT", "insertion"),
        ("AT", "A", "deletion"),
        ("AT", "GCC", "indel"),
        ("A", "<DEL>", "symbolic"),
        ("A", ".", "none"),
    ],
)
def test_a_change_has_the_type_of_its_alleles(ref: str, alt: str, kind: str) -> None:
    assert variant_type(ref, alt) == kind


def test_a_result_does_not_depend_on_when_it_was_made(tmp_path: Path) -> None:
    shuffled = vcf(*(record(change, "chrM") for change in KNOWN))  # sorted and renamed as well
    assert "Date=" not in run(shuffled, tmp_path).text
