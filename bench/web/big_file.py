"""A ``variants.parquet`` of any size: real rows of the annotator, repeated at other places.

A family of three at 32,000 real sites is annotated once; its rows are repeated, each time one
megabase further and on the next contig after a while, with genes renamed, qualities and genotypes
shuffled, and written by the annotator's own writer, so that the file is stored as a real one is.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from annotator import bundle as bundles
from annotator.output.parquet.writer import About, RowGroups
from tests.support.family_vcf import SAMPLES, family_vcf

CONTIGS = tuple(str(n) for n in range(1, 23))
_SITES = 33_000
_STEP_BASES = 1_100_000
_BUNDLE = "grch38-21q21"
_GENES = ("symbol", "gene", "all_symbols", "transcripts_symbol", "transcripts_gene")
_SHUFFLED = ("qual", "dp", "filter")
_OF_SAMPLES = re.compile(r"s[0-9]+_|samples_|carriers_|zygosities|allele_(count|number)")


def big_file(rows: int, folder: Path, samples: int = 3) -> Path:
    """A file with about so many rows; made once and kept in ``folder``."""
    path = folder / f"variants-{rows}-{samples}.parquet"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        _write(part, _base(folder, samples), rows, samples)
        part.rename(path)
    return path


def _base(folder: Path, samples: int) -> pa.Table:
    """The rows of the annotated family, of chromosome 21 alone."""
    path = folder / f"base-{samples}.parquet"
    if not path.exists():
        work = folder / "work"
        work.mkdir(exist_ok=True)
        upload = work / "family.vcf"
        upload.write_text(_narrowed(family_vcf(_SITES, seed=1, planted=()), samples))
        command = [sys.executable, "-m", "annotator", "annotate", str(upload), "--quiet", "--force"]
        command += ["--bundle", _BUNDLE, "--output", str(work / "family.annot.vcf.gz")]
        subprocess.run([*command, "--parquet", str(path)], check=True, timeout=600)
    return pq.read_table(path)


def _narrowed(text: str, samples: int) -> str:
    """The VCF with the first ``samples`` samples only."""
    dropped = len(SAMPLES) - samples
    lines = text.splitlines()
    return "".join(
        (line if line.startswith("##") or not dropped else line.rsplit("\t", dropped)[0]) + "\n"
        for line in lines
    )


def _write(path: Path, base: pa.Table, rows: int, samples: int) -> None:
    bundle = bundles.find(_BUNDLE)
    about = About(bundle, "GAS bench", SAMPLES[:samples], [name.encode() for name in CONTIGS])
    copies = max(1, round(rows / base.num_rows))
    on_contig = -(-copies // len(CONTIGS))
    draw = np.random.default_rng(1)
    records = int(pc.max(base["record"]).as_py())
    with RowGroups(path, base.schema, about) as target:
        for copy in range(copies):
            contig, place = divmod(copy, on_contig)
            target.add(_copied(base, copy, contig, place, records * copy, draw))


def _copied(
    base: pa.Table, copy: int, contig: int, place: int, records: int, draw: np.random.Generator
) -> pa.Table:
    """The rows at another place; genotypes are exchanged between rows, all samples of one alike."""
    first = int(pc.min(base["pos"]).as_py())
    shift = place * _STEP_BASES + 1_000_000 - first
    other = pa.array(draw.permutation(base.num_rows))
    changed = {
        "record": pc.add(base["record"], records),
        "contig_number": pa.repeat(pa.scalar(contig, pa.int32()), base.num_rows),
        "contig": pa.repeat(pa.scalar(CONTIGS[contig]), base.num_rows),
        "pos": pc.add(base["pos"], shift),
        "end_pos": pc.add(base["end_pos"], shift),
    }
    changed |= {name: _renamed(base[name], copy) for name in _GENES}
    genotypes = [n for n in base.schema.names if _OF_SAMPLES.match(n)]
    changed |= {name: base[name].take(other) for name in (*_SHUFFLED, *genotypes)}
    columns = [changed.get(field.name, base[field.name]) for field in base.schema]
    arrays = [pa.chunked_array(c) if isinstance(c, list) else c for c in columns]
    return pa.table(dict(zip(base.schema.names, arrays, strict=True)), schema=base.schema)


def _renamed(column: pa.ChunkedArray, copy: int) -> pa.ChunkedArray:
    """Names of genes with the copy's number, also where `&` joins them."""
    whole = column.combine_chunks()
    if pa.types.is_list(whole.type):
        names = _with_number(whole.values, copy)
        return pa.chunked_array(
            [pa.ListArray.from_arrays(whole.offsets, names, mask=whole.is_null())]
        )
    return pa.chunked_array([_with_number(whole, copy)])


def _with_number(names: pa.Array, copy: int) -> pa.Array:
    return pc.replace_substring_regex(names, r"([^&]+)", rf"\1_{copy}")
