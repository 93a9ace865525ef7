"""Steps on the record and its consequences: gene, region, impact, quality and so on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from web.variants.genes import FoundGenes
from web.variants.parameters import BadParameter
from web.variants.question import Question, Region
from web.variants.schema import Schema
from web.variants.sql import Condition, any_of
from web.variants.steps import Missing, Step, at_least, is_null, listed, one_of

_MITOCHONDRION = {"M", "MT"}


def place_steps(
    question: Question, schema: Schema, find: Callable[[Sequence[str]], FoundGenes]
) -> Iterator[Step]:
    """Where in the genome: gene and region. Raises BadParameter for an unknown contig."""
    if question.genes:
        found = find(question.genes)
        label = f"Gene is {listed(question.genes)}"
        if found.unknown:
            label += f" (not in this file: {listed(found.unknown)})"
        yield Step("gene", label, found.condition)
    if question.regions:
        contigs = [contig_number(region, schema) for region in question.regions]
        parts = [_inside(r, c) for r, c in zip(question.regions, contigs, strict=True)]
        label = f"Region is {listed(tuple(map(str, question.regions)))}"
        yield Step("region", label, any_of(parts))


def record_steps(question: Question) -> Iterator[Step]:
    """What the record says of itself: type, QUAL, FILTER, INFO/DP."""
    if question.types:
        yield Step("type", f"Type is {listed(question.types)}", one_of("type", question.types))
    if question.min_qual is not None:
        yield at_least(
            "min_qual", f"QUAL at least {question.min_qual:g}", "qual", question.min_qual
        )
    if question.is_pass:
        condition = Condition("filter = 'PASS'")
        yield Step("pass", "FILTER is PASS", condition, Missing.REMOVED, is_null("filter"))
    if question.min_dp is not None:
        yield at_least("min_dp", f"INFO/DP at least {question.min_dp}", "dp", question.min_dp)


def consequence_steps(question: Question) -> Iterator[Step]:
    """What the variant does: consequence, impact, MANE; of the picked or of any transcript."""
    is_any = question.any_transcript
    where = " in any transcript" if is_any else ""
    if question.consequences:
        condition = words_of("all_terms" if is_any else "consequence", question.consequences)
        label = f"Consequence is {listed(question.consequences)}{where}"
        yield Step("consequence", label, condition, Missing.REMOVED, is_null("consequence"))
    if question.impacts:
        column = "worst_impact" if is_any else "impact"
        label = f"Impact is {listed(question.impacts)}{where}"
        yield Step(
            "impact", label, one_of(column, question.impacts), Missing.REMOVED, is_null(column)
        )
    if question.is_mane:
        condition = Condition("has_mane" if is_any else "mane IS NOT NULL")
        yield Step("mane", f"Transcript is of MANE{where}", condition)


def words_of(column: str, words: tuple[str, ...], between: str = "&") -> Condition:
    """True where one of the words is among those that the column joins by ``between``."""
    # DuckDB does this once for each different text of a dictionary; a regular expression it
    # would match with every row, which took 25 times as long.
    return Condition(f"list_has_any(string_split({column}, '{between}'), ?)", (list(words),))


def contig_number(region: Region, schema: Schema) -> int:
    """The contig's place in the file; ``chr1`` and ``1`` are the same. Raises BadParameter."""
    for name in _spellings(region.contig):
        if name in schema.contigs:
            return schema.contigs.index(name)
    known = ", ".join(schema.contigs[:30]) + (" …" if len(schema.contigs) > 30 else "")
    raise BadParameter("region", f"the file has no contig {region.contig}; it has {known}")


def _spellings(contig: str) -> list[str]:
    plain = contig[3:] if contig.lower().startswith("chr") else contig
    upper = plain.upper()
    names = [contig, plain, f"chr{plain}", upper, f"chr{upper}"]
    if upper in _MITOCHONDRION:
        names += ["MT", "chrM", "M", "chrMT"]
    return names


def _inside(region: Region, contig: int) -> Condition:
    """True where the alleles' bases overlap the region, as `bcftools view -r` sees it."""
    if region.end is None:
        return Condition("contig_number = ? AND end_pos >= ?", (contig, region.start))
    return Condition(
        "contig_number = ? AND pos <= ? AND end_pos >= ?", (contig, region.end, region.start)
    )
