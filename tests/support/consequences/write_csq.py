"""Annotates a plain VCF with the engine alone, to hold its answers against another's.

  python -m tests.support.consequences.write_csq IN OUT.vcf --windows FASTA.gz --genes GFF3.gz

``--windows`` is a FASTA of pieces of one contig, named CONTIG:START-END; all else of it is N, up to
``--length``. The contig and the database of transcripts are kept in ``.gas/consequences``. Writes
INFO/CSQ and nothing else; prints how long the second of two runs took.
"""

import argparse
import gzip
import hashlib
import re
import time
from pathlib import Path

import numpy as np
import polars as pl

from annotator.consequences import csq_format, gff3, mehari_db, transcript_store, transcript_table
from annotator.consequences.engine import CHUNK_ROWS, Engine
from annotator.consequences.entries import Entries
from annotator.consequences.gene_model_engine import GeneModels
from annotator.consequences.genome import Genome
from annotator.consequences.mehari import MehariEngine

CACHE = Path(".gas/consequences")
CHROMOSOME_21_BASES = 46_709_983
REFSEQ_CHROMOSOME_21 = "NC_000021.9"
LINE = 60


def contig_from_windows(windows: Path, length: int, folder: Path) -> Path:
    """A FASTA of the one contig that the windows are of, with its index."""
    sequence = np.full(length, ord("N"), dtype=np.uint8)
    name, at = "", 0
    for line in gzip.decompress(windows.read_bytes()).decode().splitlines():
        if match := re.match(r">(.+):(\d+)-\d+", line):
            name, at = match[1], int(match[2]) - 1
            continue
        bases = np.frombuffer(line.strip().encode(), dtype=np.uint8)
        sequence[at : at + len(bases)] = bases
        at += len(bases)
    text = sequence.tobytes()
    path = folder / "reference.fa"
    with path.open("wb") as file:
        file.write(f">{name}\n".encode())
        file.writelines(text[at : at + LINE] + b"\n" for at in range(0, length, LINE))
    Path(f"{path}.fai").write_text(f"{name}\t{length}\t{len(name) + 2}\t{LINE}\t{LINE + 1}\n")
    return path


def prepared(windows: Path, genes: Path, length: int) -> MehariEngine:
    """The engine for those files; what it needs is built once and kept."""
    key = hashlib.sha256(windows.read_bytes() + genes.read_bytes()).hexdigest()[:16]
    folder = CACHE / key
    reference = folder / "reference.fa"
    if not (folder / transcript_store.FILE).exists():
        folder.mkdir(parents=True, exist_ok=True)
        genome = Genome(contig_from_windows(windows, length, folder))
        contig = genome.names[0]
        names = {contig: contig, f"chr{contig}": contig, REFSEQ_CHROMOSOME_21: contig}
        table = transcript_table.build(list(gff3.read(genes, names)), genome.names, {})
        mehari_db.build(table, genome, "GRCh38", folder)
        transcript_store.save(table, folder)
    genome = Genome(reference)
    models = GeneModels(transcript_store.load(folder, genome.names), genome)
    return MehariEngine(models, folder / mehari_db.DATABASE, reference)


def alleles_of(path: Path) -> pl.DataFrame:
    """The alleles of a plain VCF, a row each; ``record`` is the number of its record."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt") as lines:
        rows = [line.split("\t", 5)[:5] for line in lines if not line.startswith("#")]
    return pl.DataFrame(
        [
            (number, number_of_allele, contig, int(pos), ref.upper(), alt.upper())
            for number, (contig, pos, _, ref, alts) in enumerate(rows)
            for number_of_allele, alt in enumerate(alts.rstrip("\n").split(","), start=1)
        ],
        schema=["record", "ALLELE_NUM", "contig", "pos", "ref", "alt"],
        orient="row",
    )


def annotated(engine: Engine, alleles: pl.DataFrame) -> pl.DataFrame:
    """``record`` and ``CSQ``, and the fields in the columns' order."""
    answers = []
    for begin in range(0, len(alleles), CHUNK_ROWS):
        chunk = alleles[begin : begin + CHUNK_ROWS]
        rows = engine.annotate(chunk).rows
        answers.append(rows.hstack(chunk.select("record", "ALLELE_NUM")[rows["row"]]))
    return pl.concat(answers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("input", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--windows", type=Path, required=True)
    parser.add_argument("--genes", type=Path, required=True)
    parser.add_argument("--length", type=int, default=CHROMOSOME_21_BASES)
    given = parser.parse_args()
    engine, alleles = prepared(given.windows, given.genes, given.length), alleles_of(given.input)
    annotated(engine, alleles)
    begin = time.perf_counter()
    rows = annotated(engine, alleles)
    fields = csq_format.fields_of(rows.columns)
    values = csq_format.values(Entries(rows), fields, by="record")
    print(f"{len(alleles)} alleles, {len(rows)} rows, {time.perf_counter() - begin:.2f} s")
    records = alleles.group_by("record", maintain_order=True).agg(
        pl.first("contig", "pos", "ref"), pl.col("alt").str.join(",")
    )
    joined = records.join(values, on="record", how="left", maintain_order="left")
    with given.output.open("w") as file:
        file.write("##fileformat=VCFv4.2\n")
        file.writelines(line + "\n" for line in csq_format.header_lines(fields, "GAS", "GRCh38"))
        file.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for _, contig, pos, ref, alt, csq in joined.iter_rows():
            info = f"CSQ={csq}" if csq else "."
            file.write(f"{contig}\t{pos}\t.\t{ref}\t{alt}\t.\t.\t{info}\n")


if __name__ == "__main__":
    main()
