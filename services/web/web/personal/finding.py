"""Finds alleles in a job's table of variants, for marks that are copied to another job."""

from __future__ import annotations

from collections.abc import Sequence

from gas.domain.job import Job
from web.personal.records import Allele
from web.variants.keys import Query
from web.variants.service import VariantService
from web.variants.table import Table

_CHUNK = 500  # alleles of one query, so that its values stay small
_SQL = (
    "SELECT record, allele, contig, pos, ref, alt FROM read_parquet(?)"
    " WHERE pos >= ? AND pos <= ? AND list_contains(?, pos)"
)


def keys_in(variants: VariantService, job: Job, alleles: Sequence[Allele]) -> dict[Allele, str]:
    """The key of each allele that the job has; of several records with it, the first.

    Raises Problem, as every question does: 409 without a table, 503 while it is copied.
    """
    found: dict[Allele, str] = {}
    wanted = sorted(alleles, key=lambda allele: (allele.contig, allele.pos))
    with variants.open(job) as table:
        for begin in range(0, len(wanted), _CHUNK):
            found |= _found(table, wanted[begin : begin + _CHUNK])
    return found


def _found(table: Table, wanted: Sequence[Allele]) -> dict[Allele, str]:
    places = sorted({allele.pos for allele in wanted})
    rows = table.run(Query(_SQL, (str(table.path), places[0], places[-1], places)))
    keys: dict[Allele, tuple[int, int]] = {}
    for record, number, contig, pos, ref, alt in rows:
        # Not validated: the table has alleles that are longer than a mark's.
        allele = Allele.model_construct(contig=contig, pos=pos, ref=ref, alt=alt)
        keys[allele] = min(keys.get(allele, (record, number)), (record, number))
    return {allele: f"{keys[allele][0]}.{keys[allele][1]}" for allele in wanted if allele in keys}
