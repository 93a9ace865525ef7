"""What a change does to a protein, worked out again: shares no code with the engine.

Plain strings, one transcript at a time: the change is made in the genome, the transcript is
spliced and translated whole, and what HGVSp says is done to the old protein must give the new one.
"""

import re
from dataclasses import dataclass

CODONS = [a + b + c for a in "TCAG" for b in "TCAG" for c in "TCAG"]
CODES = {
    1: "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG",
    2: "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG",
}
STARTS = {1: {"ATG"}, 2: {"ATT", "ATC", "ATA", "ATG", "GTG"}}
THREE = dict(
    zip(
        "ARNDCQEGHILKMFPSTWYV*X",
        [
            "Ala",
            "Arg",
            "Asn",
            "Asp",
            "Cys",
            "Gln",
            "Glu",
            "Gly",
            "His",
            "Ile",
            "Leu",
            "Lys",
            "Met",
            "Phe",
            "Pro",
            "Ser",
            "Thr",
            "Trp",
            "Tyr",
            "Val",
            "Ter",
            "Xaa",
        ],
        strict=True,
    )
)
ONE = {three: one for one, three in THREE.items()}
LOW = {"synonymous_variant", "stop_retained_variant", "start_retained_variant"}


@dataclass(frozen=True)
class Model:
    """A coding transcript: spans 1-based and closed, in genomic order; ``missing`` bases before."""

    name: str
    contig: str
    strand: str
    exons: tuple[tuple[int, int], ...]
    cds: tuple[tuple[int, int], ...]
    missing: int = 0
    code: int = 1


def read(gff3: str, codes: dict[str, int]) -> list[Model]:
    exons: dict[str, list[tuple[int, int]]] = {}
    cds: dict[str, list[tuple[int, int, str]]] = {}
    where: dict[str, tuple[str, str]] = {}
    for line in gff3.splitlines():
        columns = line.split("\t")
        parent = re.search(r"Parent=transcript:([^;]+)", line)
        if len(columns) < 9 or not parent:
            continue
        span = int(columns[3]), int(columns[4])
        if columns[2] == "exon":
            exons.setdefault(parent[1], []).append(span)
        if columns[2] == "CDS":
            cds.setdefault(parent[1], []).append((*span, columns[7]))
            where[parent[1]] = columns[0], columns[6]
    models = []
    for name, (contig, strand) in where.items():
        spans = sorted(cds[name])
        phase = int(spans[0 if strand == "+" else -1][2])
        models.append(
            Model(
                name,
                contig,
                strand,
                tuple(sorted(exons[name])),
                tuple((a, b) for a, b, _ in spans),
                -phase % 3,
                codes.get(contig, 1),
            )
        )
    return models


def coding_text(genome: str, model: Model) -> str:
    """From the first coding base to the end of the transcript, 5' to 3'."""
    low, high = model.cds[0][0], model.cds[-1][1]
    keep = []
    for start, end in model.exons:
        first = max(start, low) if model.strand == "+" else start
        last = end if model.strand == "+" else min(end, high)
        keep.append(genome[first - 1 : max(last, first - 1)])
    text = "".join(keep)
    if model.strand == "-":
        text = text[::-1].translate(str.maketrans("ACGTN", "TGCAN"))
    return "N" * model.missing + text


def changed(genome: str, model: Model, pos: int, ref: str, alt: str) -> tuple[str, Model]:
    """The genome with the change, and the transcript on it. The change lies within one exon."""
    assert genome[pos - 1 : pos - 1 + len(ref)] == ref
    grown = len(alt) - len(ref)
    last = pos + len(ref) - 1

    def moved(spans: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        return tuple(
            (start + grown * (start > last), end + grown * (end >= last)) for start, end in spans
        )

    model = Model(
        model.name,
        model.contig,
        model.strand,
        moved(model.exons),
        moved(model.cds),
        model.missing,
        model.code,
    )
    return genome[: pos - 1] + alt + genome[last:], model


def protein(text: str, code: int) -> str:
    """To the first stop, which is in it; without one, to the last whole codon."""
    table = dict(zip(CODONS, CODES[code], strict=True))
    found = ""
    for at in range(0, len(text) - 2, 3):
        found += table.get(text[at : at + 3], "X")
        if found[-1] == "*":
            break
    return found


def applied(name: str, before: str, after: str) -> str | None:
    """The protein that HGVSp makes of ``before``; ``after`` serves for what HGVSp leaves open."""
    text = name.rsplit(":", maxsplit=1)[-1].removeprefix("p.")
    if text == "=":
        return before
    match = re.fullmatch(r"([A-Z][a-z]{2})(\d+)(?:_([A-Z][a-z]{2})(\d+))?(.*)", text)
    if not match:
        return None
    first = int(match[2])
    last = int(match[4] or first)
    what = match[5]
    before = before if before.endswith("*") else before + "?"
    for letter, at in ((match[1], first), (match[3] or match[1], last if match[3] else first)):
        if before[at - 1] != ONE[letter] and not (before[at - 1] == "?" and letter == "Ter"):
            return None
    head, tail, here = before[: first - 1], before[last:], before[first - 1 : last]
    if what == "=":
        return before
    if what == "del":
        return head + tail
    if what == "dup":
        return head + here + here + tail
    if moved := re.fullmatch(r"([A-Z][a-z]{2})?(?:fs|ext)Ter(\d+|\?)", what):
        return _to_new_stop(head, ONE[moved[1] or "Xaa"], moved[2], after, "ext" in what)
    if not re.fullmatch(r"(?:ins|delins)?(?:[A-Z][a-z]{2})+", what):
        return None
    if what.startswith("ins"):
        return _stopped(head + here[:1] + _letters(what[3:]) + here[1:] + tail)
    new = _letters(what.removeprefix("delins"))
    return _stopped(head + new + tail)


def _to_new_stop(head: str, first: str, count: str, after: str, is_extension: bool) -> str | None:
    """A new frame: its first residue and its length are told, the rest is what is translated."""
    if first == "X":  # nothing is known of what follows
        return after if after.startswith(head) and count == "?" else None
    if not after.startswith(head + first):
        return None
    if count == "?":
        return after if not after.endswith("*") else None
    # The first new residue is number 1 of a frameshift, and number 0 of an extension.
    length = len(head) + int(count) + is_extension
    return after if after.endswith("*") and len(after) == length else None


def _letters(text: str) -> str:
    return "".join(ONE[text[at : at + 3]] for at in range(0, len(text), 3))


def _stopped(text: str) -> str:
    return text[: text.index("*") + 1] if "*" in text else text


def wrong(
    model: Model, genome: str, change: tuple[int, str, str], row: dict[str, str | None]
) -> str | None:
    """What is wrong with an answer, or None. ``row`` has VEP's fields."""
    old = coding_text(genome, model)
    new = coding_text(*changed(genome, model, *change))
    before, after = protein(old, model.code), protein(new, model.code)
    terms = set((row["Consequence"] or "").split("&"))
    if model.missing == 0 and new[:3] not in {old[:3], *STARTS[model.code]}:
        return None if "start_lost" in terms else f"start codon {old[:3]} became {new[:3]}"
    if model.missing == 0:
        before, after = "M" + before[1:], "M" + after[1:]
    grown = len(change[2]) - len(change[1])
    if fault := _wrong_terms(terms, before, after, grown):
        return f"{fault}: {before[-20:]} → {after[-20:]}"
    name = row["HGVSp"]
    if name and deletes_the_end(name, before):
        return f"{name} deletes all that follows a stop"
    if name is None and before == after and "X" in before:
        return None  # a first codon of which bases are not known
    if name is None and (not after.endswith("*") or after.startswith(before[:-1])):
        return (
            None  # at the stop: mehari has no name for each such change, and no wrong one is told
        )
    if name is None:
        return None if _may_be_moved_out(row["HGVSc"], genome, model, change) else "no HGVSp"
    made = applied(name, before, after)
    # A part of a codon at the end of what is known is Xaa in HGVS.
    return None if made is not None and made.rstrip("?X") == after else f"{name} gives {made}"


def deletes_the_end(name: str, before: str) -> bool:
    """What follows a new stop is not deleted (HGVS, "insertion" and "deletion-insertion").

    Such a name deletes to the end, or replaces more residues than it brings, with the stop.
    """
    match = re.search(r"p\.\D+(\d+)_\D+(\d+)del(?:ins((?:[A-Z][a-z]{2})+))?$", name)
    if not match:
        return False
    first, last, brought = int(match[1]), int(match[2]), match[3]
    if brought is None:
        return last == len(before.rstrip("*")) and "*" in before
    return brought.endswith("Ter") and last - first + 1 > len(_letters(brought))


def _may_be_moved_out(
    name: str | None, genome: str, model: Model, change: tuple[int, str, str]
) -> bool:
    """True if HGVS, which moves a change 3', may name it in an intron or around the CDS."""
    if name is not None:
        return bool(re.search(r"\d[+-]\d|\*|c\.-", name.split(":")[-1]))
    pos, ref, _ = change
    ends = model.exons[-1][1] if model.strand == "+" else model.exons[0][0]
    return abs(pos - ends) <= len(ref) + 3


def _wrong_terms(terms: set[str], before: str, after: str, grown: int) -> str | None:
    if before == after:
        is_known = "X" not in before
        return None if terms & LOW or not is_known else "the protein is the same"
    if terms & LOW - {"stop_retained_variant"}:
        return "the protein is not the same"
    if grown % 3:
        return None if "frameshift_variant" in terms else "the frame is another"
    expected = len(before) + grown // 3
    if len(after) < expected and before.endswith("*"):
        return None if "stop_gained" in terms else "a stop is gained"
    if len(after) > expected or (before.endswith("*") and not after.endswith("*")):
        return None if "stop_lost" in terms else "the stop is lost"
    if "stop_gained" in terms or "stop_lost" in terms or "frameshift_variant" in terms:
        return None if not before.endswith("*") else "the stop is where it was"
    if grown == 0:
        return None if "missense_variant" in terms else "residues are others"
    kind = {"inframe_insertion" if grown > 0 else "inframe_deletion", "protein_altering_variant"}
    return None if terms & kind else "residues are added or gone"
