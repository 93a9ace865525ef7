"""The alleles of a block of records as a frame: what consequence engines and look-ups are given."""

from __future__ import annotations

import numpy as np
import polars as pl

from annotator.bundle import Bundle
from annotator.validate.contigs import Contigs
from annotator.validate.records import SEQUENCE
from annotator.validate.rows import Rows
from annotator.validate.status import Status
from annotator.vcf.columns import ALT, REF
from annotator.vcf.strings import strings

SCHEMA = {
    "row": pl.Int64,
    "allele": pl.Int64,
    "contig": pl.String,
    "pos": pl.Int64,
    "ref": pl.String,
    "alt": pl.String,
}


def allele_frame(rows: Rows, contigs: Contigs, bundle: Bundle) -> pl.DataFrame:
    """Every alternate allele that is a sequence, of the records that can be judged.

    ``row`` is the record's place in the block, from 0; ``allele`` its number in ALT, from 1;
    ``contig`` the bundle's own name; ``pos`` 1-based. Sorted by ``row`` and ``allele``.
    """
    judged = rows.status == Status.JUDGED
    plain = judged.copy()
    plain[list(rows.odd)] = False
    chosen = np.flatnonzero(plain)
    table = rows.table
    frame = pl.DataFrame(
        {
            "row": chosen,
            "allele": np.ones(len(chosen), dtype=np.int64),
            "contig": _names(rows, contigs, bundle).gather(chosen),
            "pos": rows.positions[chosen],
            "ref": strings(table.bytes, table.column(REF)[chosen]),
            "alt": strings(table.bytes, table.column(ALT)[chosen]),
        },
        schema=SCHEMA,
    )
    odd = [row for row in rows.odd if judged[row]]
    if not odd:
        return frame
    return pl.concat([frame, _odd(rows, odd, contigs, bundle)]).sort("row", "allele")


def _names(rows: Rows, contigs: Contigs, bundle: Bundle) -> pl.Series:
    """The bundle's name of the contig of each record, null where it has none."""
    known = [contig.name for contig in bundle.manifest.contigs]
    names = pl.Series([known[n] if n >= 0 else None for n in contigs.in_bundle], dtype=pl.String)
    return names.gather(rows.contigs)


def _odd(rows: Rows, odd: list[int], contigs: Contigs, bundle: Bundle) -> pl.DataFrame:
    """The alleles of records that have several, or such as are no sequences."""
    refs = rows.table.column(REF)
    names = _names(rows, contigs, bundle)
    found = []
    for row in odd:
        ref = rows.table.text[refs.starts[row] : refs.ends[row]].decode()
        found += [
            (row, number, names[row], int(rows.positions[row]), ref, alt.decode())
            for number, alt in enumerate(rows.odd[row], start=1)
            if SEQUENCE.fullmatch(alt)
        ]
    return pl.DataFrame(found, schema=SCHEMA, orient="row")
