"""The same questions answered from the annotated VCF, row by row, in plain Python.

It shares no code with the table: it reads CSQ, INFO and FORMAT as text.
"""

from __future__ import annotations

import gzip
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.family_vcf import SAMPLES

Parameters = dict[str, list[str]]
PAR = ((10_001, 2_781_479), (155_701_383, 156_030_895))


@dataclass(frozen=True)
class Call:
    """A genotype seen from one allele; None is missing."""

    zygosity: str | None
    copies: int | None
    gq: float | None
    ab: float | None
    dp: float | None
    ad_alt: float | None


@dataclass(frozen=True)
class Row:
    key: tuple[int, int]
    contig: str
    pos: int
    end: int
    id: str
    ref: str
    alt: str
    qual: float | None
    filter: str
    dp: float | None
    csq: list[dict[str, str]]
    calls: dict[str, Call]

    @property
    def picked(self) -> dict[str, str]:
        return next((entry for entry in self.csq if entry["PICK"] == "1"), {})

    @property
    def symbols(self) -> set[str]:
        return {entry["SYMBOL"] for entry in self.csq if entry["SYMBOL"]}

    @property
    def max_af(self) -> float | None:
        text = self.picked.get("MAX_AF") or self.picked.get("AF")
        return float(text) if text else None

    @property
    def significance(self) -> set[str]:
        return set(re.split(r"[|/&,]", self.picked.get("CLIN_SIG", "").lower())) - {""}


def rows_of(path: Path) -> list[Row]:
    """A row for each allele of each record."""
    text = gzip.decompress(path.read_bytes()).decode()
    fields = re.search(r"ID=CSQ.*Format: ([^\"]*)\"", text)
    assert fields
    names = fields[1].split("|")
    records = [line.split("\t") for line in text.splitlines() if line[0] != "#"]
    return [row for n, r in enumerate(records, start=1) for row in _rows(n, r, names)]


def _rows(number: int, record: list[str], names: list[str]) -> list[Row]:
    contig, pos, id_, ref, alts, qual, filter_, info_text, format_, *cells = record
    info = dict(part.partition("=")[::2] for part in info_text.split(";"))
    entries = [
        dict(zip(names, e.split("|"), strict=True)) for e in info.get("CSQ", "").split(",") if e
    ]
    end = int(info.get("END") or int(pos) + len(ref) - 1)
    return [
        Row(
            (number, n), contig, int(pos), end, id_, ref, alt, _number(qual), filter_,
            _number(info.get("DP", ".")),
            [entry for entry in entries if entry["ALLELE_NUM"] == str(n)],
            {s: _call(format_, c, n) for s, c in zip(SAMPLES, cells, strict=True)},
        )
        for n, alt in enumerate(alts.split(","), start=1)
    ]  # fmt: skip


def _number(text: str) -> float | None:
    return None if text in {".", ""} else float(text)


def _call(format_: str, cell: str, allele: int) -> Call:
    values = dict(zip(format_.split(":"), cell.split(":"), strict=False))
    alleles = re.split(r"[/|]", values["GT"])
    called = [a for a in alleles if a != "."]
    copies = sum(a == str(allele) for a in called)
    reads = [_number(x) for x in values.get("AD", ".").split(",")]
    known = [x for x in reads if x is not None]
    is_whole = len(known) == len(reads) > allele
    ad_alt = reads[allele] if is_whole else None
    total = sum(known)
    return Call(
        _zygosity(alleles, called, copies),
        copies if called else None,
        _number(values.get("GQ", ".")),
        ad_alt / total if ad_alt is not None and total else None,
        _number(values.get("DP", ".")),
        ad_alt,
    )


def _zygosity(alleles: list[str], called: list[str], copies: int) -> str | None:
    if not called:
        return None
    if len(called) < len(alleles):
        return "partial"
    if not copies:
        return "hom_ref" if set(called) == {"0"} else "other"
    if len(alleles) == 1:
        return "hemi"
    return "hom" if copies == len(alleles) else "het"


def answer(rows: list[Row], parameters: Parameters) -> set[tuple[int, int]]:
    """The keys of the rows that a question keeps."""
    tests = [
        test
        for name, make in TESTS.items()
        if name in parameters
        for test in make(parameters[name], parameters)
    ]
    kept = [row for row in rows if all(test(row) for test in tests)]
    if parameters.get("inheritance") == ["compound_het"]:
        return {row.key for pair in _pairs(kept, _roles(parameters)) for row in pair}
    return {row.key for row in kept}


Test = Callable[[Row], bool]


def _at_least(of: Callable[[Row], float | None]) -> Callable[[list[str], Parameters], list[Test]]:
    def make(values: list[str], _: Parameters) -> list[Test]:
        least = float(values[0])
        return [lambda row: (value := of(row)) is not None and value >= least]

    return make


def _region(values: list[str], _: Parameters) -> list[Test]:
    def inside(row: Row) -> bool:
        for value in values:
            contig, _, span = value.partition(":")
            start, _, end = span.partition("-")
            if contig.removeprefix("chr") == row.contig and (
                row.pos <= int(end) and row.end >= int(start)
            ):
                return True
        return False

    return [inside]


def _frequency(values: list[str], parameters: Parameters) -> list[Test]:
    most = float(values[0].replace(",", "."))
    keeps = parameters.get("keep_missing_af") != ["false"]
    return [lambda row: keeps if row.max_af is None else row.max_af <= most]


def _genotypes(values: list[str], _: Parameters) -> list[Test]:
    def fits(value: str) -> Test:
        sample, _, wanted = value.partition(":")
        if wanted == "missing":
            return lambda row: row.calls[sample].zygosity is None
        if wanted == "carrier":
            return lambda row: bool(row.calls[sample].copies)
        return lambda row: row.calls[sample].zygosity == wanted

    return [fits(value) for value in values]


def _clinical(values: list[str], _: Parameters) -> list[Test]:
    names = {"vus": "uncertain_significance"}
    wanted = {names.get(v, v) for v in values[0].split(",")}
    return [
        lambda row: bool(row.significance & wanted) or ("none" in wanted and not row.significance)
    ]


def _roles(parameters: Parameters) -> dict[str, str]:
    return dict(value.split(":")[::-1] for value in parameters.get("family", []))


def _named(parameters: Parameters) -> list[str]:
    genotypes = [v.split(":") for v in parameters.get("genotype", [])]
    family = [v.split(":")[0] for v in parameters.get("family", [])]
    return [s for s, g in genotypes if g != "missing"] + family


def _reads(passes: Callable[[Call, float], bool]) -> Callable[[list[str], Parameters], list[Test]]:
    def make(values: list[str], parameters: Parameters) -> list[Test]:
        bound, named = float(values[0]), _named(parameters)
        if named:
            return [lambda row: all(passes(row.calls[s], bound) for s in named)]
        return [lambda row: any(c.copies and passes(c, bound) for c in row.calls.values())]

    return make


def _gq(call: Call, least: float) -> bool:
    return call.gq is not None and call.gq >= least


def _ab(call: Call, least: float) -> bool:
    if call.zygosity != "het":
        return True
    return call.ab is not None and least - 1e-7 <= call.ab <= 1 - least + 1e-7


def _alt_reads(call: Call, least: float) -> bool:
    return not call.copies or (call.ad_alt is not None and call.ad_alt >= least)


def _inheritance(values: list[str], parameters: Parameters) -> list[Test]:
    roles = _roles(parameters)
    return [lambda row: _fits(values[0], row, {r: row.calls[s] for r, s in roles.items()})]


def _fits(model: str, row: Row, by_role: dict[str, Call]) -> bool:
    child, father, mother = by_role["child"], by_role.get("father"), by_role.get("mother")
    parents = [call for call in (father, mother) if call]
    if any(call.zygosity is None for call in [child, *parents]):
        return False
    if model == "de_novo":
        return child.zygosity in {"het", "hemi"} and all(p.zygosity == "hom_ref" for p in parents)
    if model == "dominant":
        return child.zygosity in {"het", "hemi"} and not any(p.copies for p in parents)
    if model == "recessive":
        return child.zygosity == "hom" and all(p.zygosity == "het" for p in parents)
    if model == "x_linked":
        on_x = row.contig == "X" and not any(a <= row.pos <= b for a, b in PAR)
        has = child.zygosity in {"hemi", "hom"}
        return (
            on_x
            and has
            and not (father and father.copies)
            and (mother is None or mother.zygosity == "het")
        )
    is_half = child.zygosity == "het" and all(p.zygosity not in {"hom", "hemi"} for p in parents)
    return is_half and bool(row.symbols)


def _pairs(rows: list[Row], roles: dict[str, str]) -> list[tuple[Row, Row]]:
    parents = [roles[role] for role in ("father", "mother") if role in roles]
    found = []
    for a, b in itertools.combinations(rows, 2):
        if not a.symbols & b.symbols:
            continue
        if any(a.calls[p].copies and b.calls[p].copies for p in parents):
            continue
        is_inherited = any(row.calls[p].copies for p in parents for row in (a, b))
        if len(parents) < 2 or is_inherited:
            found.append((a, b))
    return found


TESTS: dict[str, Callable[[list[str], Parameters], list[Test]]] = {
    "gene": lambda v, _: [lambda row: bool(row.symbols & set(v[0].split(",")))],
    "region": _region,
    "type": lambda v, _: [
        lambda row: (len(row.ref) == 1 and row.alt in {*"ACGT"}) == (v == ["SNV"])
    ],
    "min_qual": _at_least(lambda row: row.qual),
    "pass": lambda _v, _: [lambda row: row.filter == "PASS"],
    "min_dp": _at_least(lambda row: row.dp),
    "genotype": _genotypes,
    "inheritance": _inheritance,
    "min_gq": _reads(_gq),
    "min_ab": _reads(_ab),
    "min_alt_reads": _reads(_alt_reads),
    "consequence": lambda v, _: [
        lambda row: bool(set(row.picked.get("Consequence", "").split("&")) & set(v[0].split(",")))
    ],
    "impact": lambda v, _: [lambda row: row.picked.get("IMPACT") in v[0].split(",")],
    "clinical": _clinical,
    "rs": lambda v, _: [
        lambda row: v[0] in row.picked.get("Existing_variation", "").split("&") + row.id.split(";")
    ],
    "max_af": _frequency,
}
