"""Consequences compared with a translation in the test: every SNV of every mitochondrial CDS."""

from collections import Counter

import pysam
import pytest

from annotator import bundle as bundles
from tests.support.annotation import record, run, vcf

# NCBI translation table 2, the vertebrate mitochondrial code, codons in the order TCAG.
AMINO_ACIDS = "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG"
CODONS = [a + b + c for a in "TCAG" for b in "TCAG" for c in "TCAG"]
CODE = dict(zip(CODONS, AMINO_ACIDS, strict=True))
STARTS = {"ATT", "ATC", "ATA", "ATG", "GTG"}
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def coding_sequences() -> list[tuple[str, int, int, str]]:
    genes = bundles.find("human-mt").genes.read_text().splitlines()
    rows = [line.split("\t") for line in genes if not line.startswith("#")]
    return [
        (row[8].split("transcript:")[1].split(";")[0], int(row[3]), int(row[4]), row[6])
        for row in rows
        if row[2] == "CDS"
    ]


def expected(codon: str, changed: str) -> str:
    before, after = CODE[codon], CODE[changed]
    if before == after:
        return "stop_retained_variant" if before == "*" else "synonymous_variant"
    if after == "*":
        return "stop_gained"
    return "stop_lost" if before == "*" else "missense_variant"


def of_start(changed: str) -> str:
    return "start_retained_variant" if changed in STARTS else "start_lost"


@pytest.fixture(scope="module")
def consequences(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int, str], str]:
    """Consequence by gene, position and new base, of every possible SNV."""
    with pysam.FastaFile(str(bundles.find("human-mt").reference)) as fasta:
        sequence = fasta.fetch("MT")
    rows = [
        record(f"{position}\t.\t{base}\t{alt}")
        for position, base in enumerate(sequence, start=1)
        for alt in "ACGT"
        if base in "ACGT" and alt != base
    ]
    found = run(vcf(*rows), tmp_path_factory.mktemp("all"))
    return {
        (entry["SYMBOL"], int(fields[1]), fields[4]): entry["Consequence"]
        for number, fields in enumerate(found.records)
        for entry in found.near(number)
    }


def test_every_change_of_a_codon_has_the_consequence_of_the_genetic_code(
    consequences: dict[tuple[str, int, str], str],
) -> None:
    with pysam.FastaFile(str(bundles.find("human-mt").reference)) as fasta:
        sequence = fasta.fetch("MT")
    effects = 0
    odd: Counter[tuple[str, str, bool]] = Counter()
    for gene, start, end, strand in coding_sequences():
        coding = sequence[start - 1 : end]
        if strand == "-":
            coding = coding[::-1].translate(COMPLEMENT)
        codons = len(coding) // 3
        for at in range(3 * codons):
            codon = coding[at - at % 3 : at - at % 3 + 3]
            for new in set("ACGT") - {coding[at]}:
                changed = codon[: at % 3] + new + codon[at % 3 + 1 :]
                position = start + at if strand == "+" else end - at
                alt = new if strand == "+" else new.translate(COMPLEMENT)
                effects += 1
                terms = consequences[gene, position, alt].split("&")
                wanted = of_start(changed) if at < 3 else expected(codon, changed)
                if wanted in terms:
                    continue
                odd[wanted, "&".join(terms), at >= 3 * (codons - 1)] += 1
    assert effects > 34_000
    assert odd == {}


@pytest.mark.parametrize("gene", ["MT-RNR1", "MT-TL1", "MT-TK"])
def test_changes_of_rna_genes_are_of_non_coding_transcripts(
    gene: str, consequences: dict[tuple[str, int, str], str]
) -> None:
    terms = {term for (name, _, _), term in consequences.items() if name == gene}
    assert terms == {"non_coding_transcript_exon_variant"}
