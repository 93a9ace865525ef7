"""A VCF of a family: real sites of dbSNP and ClinVar, inherited genotypes, planted variants.

Genotypes of the parents follow the sites' frequencies in 1000 Genomes; the children inherit by
Mendel's rules, with reads and qualities drawn around what a sequencer gives. What each model of
inheritance must find is planted and named, so tests need not trust the code that finds it.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

SITES = Path(__file__).parents[2] / "services/annotator/annotator/recipes/grch38-21q21"
CHILD, FATHER, MOTHER, SISTER = "child", "father", "mother", "sister"
SAMPLES = (CHILD, FATHER, MOTHER, SISTER)
ABSENT = "0/0"
_HEADER = """##fileformat=VCFv4.2
##FILTER=<ID=PASS,Description="All filters passed">
##FILTER=<ID=LowQual,Description="Low quality">
##ALT=<ID=DEL,Description="Deletion">
##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">
##INFO=<ID=END,Number=1,Type=Integer,Description="Last position">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads of each allele">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Reads">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality of the genotype">
##contig=<ID=21,length=46709983>
##contig=<ID=X,length=156040895>
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A record without genotypes; ``frequency`` is of all ALT alleles together."""

    contig: str
    pos: int
    id: str
    ref: str
    alts: tuple[str, ...]
    frequency: float = 0.0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Planted:
    """A variant that one model must find: genotypes of child, father, mother, sister."""

    site: Site
    genotypes: tuple[str, str, str, str]


def _rare(pos: int, ref: str, alt: str, contig: str = "21") -> Site:
    return Site(contig, pos, ".", ref, (alt,))


# The first three are missense variants of APP, among them p.Val717Ile; the fourth is in MRPL39.
DE_NOVO = Planted(_rare(25891784, "C", "T"), ("0/1", ABSENT, ABSENT, ABSENT))
PATERNAL = Planted(_rare(25891796, "C", "T"), ("0/1", "0/1", ABSENT, "0/1"))
MATERNAL = Planted(_rare(25897590, "C", "T"), ("0/1", ABSENT, "0/1", ABSENT))
RECESSIVE = Planted(_rare(25587728, "G", "A"), ("1/1", "0/1", "0/1", "0/1"))
X_LINKED = Planted(_rare(31_000_000, "A", "G", "X"), ("1", "0", "0/1", "0/1"))
X_OF_PAR = Planted(_rare(1_000_000, "A", "G", "X"), ("1/1", "0/0", "0/1", "0/1"))
PLANTED = (DE_NOVO, PATERNAL, MATERNAL, RECESSIVE, X_LINKED, X_OF_PAR)


def family_vcf(sites: int, seed: int, planted: tuple[Planted, ...] = PLANTED) -> str:
    """The file's text with about so many sites, drawn with that seed."""
    draw = random.Random(seed)
    known = sorted(_known_sites(), key=lambda site: site.pos)
    chosen = draw.sample(known, min(sites, len(known)))
    by_place = {(site.contig, site.pos): _with_oddities(site, draw) for site in chosen}
    genotypes = {place: _inherited(site, draw) for place, site in by_place.items()}
    for plant in planted:
        place = (plant.site.contig, plant.site.pos)
        by_place[place], genotypes[place] = plant.site, plant.genotypes
    lines = [
        _line(by_place[place], genotypes[place], draw, is_planted=_is_planted(place, planted))
        for place in sorted(by_place, key=lambda place: (place[0] == "X", place[1]))
    ]
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + "\t".join(SAMPLES)
    return _HEADER + columns + "\n" + "".join(lines)


def _is_planted(place: tuple[str, int], planted: tuple[Planted, ...]) -> bool:
    return any(place == (plant.site.contig, plant.site.pos) for plant in planted)


def _known_sites() -> Iterator[Site]:
    """The sites of the demo bundle's sources; the contig is 21 in both."""
    for name in ("dbsnp.vcf.gz", "clinvar.vcf.gz"):
        for line in gzip.decompress((SITES / name).read_bytes()).decode().splitlines():
            if line.startswith("#"):
                continue
            _, pos, id_, ref, alt, _, _, info, *_ = line.split("\t")
            if set(ref + alt) <= set("ACGT,"):
                yield Site("21", int(pos), id_, ref, tuple(alt.split(",")), _frequency(info))


def _frequency(info: str) -> float:
    for part in info.split(";"):
        if part.startswith("AF_GLOBAL="):
            return min(1.0, sum(float(x) for x in part[10:].split(",") if x != "."))
    return 0.001


def _with_oddities(site: Site, draw: random.Random) -> Site:
    """A few sites with what real files have: a second allele, `*`, a symbolic deletion."""
    chance = draw.random()
    others = set("ACGT") - {site.ref, *site.alts}
    if chance < 0.02 and len(site.ref) == 1 and others:
        return replace(site, alts=(*site.alts, min(others)))
    if chance < 0.03:
        return replace(site, alts=(*site.alts, "*"))
    if chance < 0.035:
        return replace(site, alts=("<DEL>",), ref=site.ref[0], end=site.pos + 150)
    return site


def _inherited(site: Site, draw: random.Random) -> tuple[str, str, str, str]:
    # Rare sites would hardly ever be carried by one of four people.
    frequency = max(site.frequency, 0.05)

    def allele() -> int:
        return draw.randrange(len(site.alts)) + 1 if draw.random() < frequency else 0

    parents = [(allele(), allele()) for _ in range(2)]
    children = [tuple(draw.choice(parent) for parent in parents) for _ in range(2)]
    texts = []
    for pair in (children[0], *parents, children[1]):
        text = draw.choice("/////|").join(map(str, pair))
        texts.append(draw.choice(["./.", "./1", "1"]) if draw.random() < 0.03 else text)
    return texts[0], texts[1], texts[2], texts[3]


def _line(site: Site, genotypes: tuple[str, ...], draw: random.Random, *, is_planted: bool) -> str:
    qual = "." if draw.random() < 0.1 and not is_planted else f"{draw.uniform(5, 999):.2f}"
    filter_ = "PASS" if is_planted else draw.choice(["PASS"] * 8 + ["LowQual", "."])
    info = [] if draw.random() < 0.1 else [f"DP={draw.randrange(20, 200)}"]
    info += [f"END={site.end}"] if site.end else []
    cells = [_cell(text, len(site.alts), draw, is_planted=is_planted) for text in genotypes]
    fields = [site.contig, str(site.pos), site.id, site.ref, ",".join(site.alts), qual, filter_]
    return "\t".join([*fields, ";".join(info) or ".", "GT:AD:DP:GQ", *cells]) + "\n"


def _cell(genotype: str, alts: int, draw: random.Random, *, is_planted: bool) -> str:
    if not is_planted and (genotype.startswith(".") or draw.random() < 0.03):
        return f"{genotype}:.:.:."
    depth = draw.randrange(24, 50) if is_planted else draw.randrange(4, 60)
    quality = 99 if is_planted else draw.randrange(5, 100)
    alleles = [int(a) for a in genotype.replace("|", "/").split("/") if a != "."]
    reads = [0] * (alts + 1)
    for n in range(depth):
        # Planted ones are in balance; of others, reads of one allele may be few.
        share = n % len(alleles) if is_planted else int(draw.random() ** 1.3 * len(alleles))
        reads[alleles[share]] += 1
    return f"{genotype}:{','.join(map(str, reads))}:{depth}:{quality}"
