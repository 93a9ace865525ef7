"""HGVSp from the coding sequence before and after a change, without an engine.

Source: HGVS nomenclature, recommendations for proteins (hgvs-nomenclature.org).
"""

from __future__ import annotations

from annotator.consequences.genetic_code import amino_acids

_ONE = "ARNDCQEGHILKMFPSTWYV"
_THREE = "AlaArgAsnAspCysGlnGluGlyHisIleLeuLysMetPheProSerThrTrpTyrVal"
RESIDUES = {one: _THREE[3 * at : 3 * at + 3] for at, one in enumerate(_ONE)}
"""Amino acids that are known, by their letter."""
_NAMES = {**RESIDUES, "*": "Ter", "X": "Xaa"}
_CODON = 3


def protein_name(before: str, after: str, table: int, *, has_start: bool) -> str | None:
    """What a change of the coding sequence makes of the protein, such as ``p.Glu88delinsAspTer``.

    Both sequences are of upper-case bases, begin with the first codon and go on behind the stop.
    ``has_start``: that codon starts the protein, which it does after the change too. None if the
    protein stays as it is, or if it is not known what comes.

    >>> protein_name("ATGGAACCCTAA", "ATGGATTGAAGACCCTAA", 1, has_start=True)
    'p.Glu2delinsAspTer'
    """
    old = protein(before, table, has_start=has_start)
    new = protein(after, table, has_start=has_start)
    same = _shared(old, new)
    if same in (len(old), len(new)) or new.count("X") > old.count("X"):
        return None
    first = f"{_NAMES[old[same]]}{same + 1}"
    if old[same] == "*":
        return f"p.{first}{_NAMES[new[same]]}extTer{_to_stop(new, same)}"
    if new[same] == "*":
        return f"p.{first}Ter"
    touched = _last_codon(before, after)
    grown = len(after) - len(before)
    loses_stop = old.endswith("*") and touched >= len(old)
    if grown % _CODON or loses_stop:
        return f"p.{first}{_NAMES[new[same]]}fsTer{_to_stop(new, same - 1)}"
    if new.endswith("*") and (len(new) < len(old) + grown // _CODON or not old.endswith("*")):
        # Nothing is said of what follows a stop that is brought: it is not deleted.
        end = min(max(touched, same), same + len(new[same:]))
        return f"p.{_replaced(old, same, end, new[same:])}"
    return f"p.{_changed(old, new, same)}"


def protein(sequence: str, table: int, *, has_start: bool) -> str:
    """The residues to the first stop, which is the last of them, or to the last whole codon."""
    known = amino_acids(table)
    residues = []
    for at in range(0, len(sequence) - _CODON + 1, _CODON):
        residues.append(known.get(sequence[at : at + _CODON], "X"))
        if residues[-1] == "*":
            break
    if has_start:
        # Whatever codon starts it, a protein begins with methionine.
        residues[:1] = "M"
    return "".join(residues)


def _shared(one: str, other: str) -> int:
    """How many letters both begin with."""
    same, most = 0, min(len(one), len(other))
    while same < most:
        middle = (same + most + 1) // 2
        if one[:middle] == other[:middle]:
            same = middle
        else:
            most = middle - 1
    return same


def _last_codon(before: str, after: str) -> int:
    """Number of the last codon that loses a base, or that is cut by what comes, 3' as it can be."""
    first = _shared(before, after)
    most = min(len(before), len(after)) - first
    behind = _shared(before[::-1][:most], after[::-1][:most])
    end = len(before) - behind
    if end > first:
        return (end - 1) // _CODON + 1
    return -(-first // _CODON)


def _to_stop(residues: str, start: int) -> str:
    stop = residues.find("*")
    return str(stop - start) if stop >= 0 else "?"


def _changed(old: str, new: str, same: int) -> str:
    most = min(len(old), len(new)) - same
    behind = _shared(old[::-1][:most], new[::-1][:most])
    brought = new[same : len(new) - behind]
    end = len(old) - behind
    if not brought:
        return f"{_span(old, same, end)}del"
    if end == same and old[same - len(brought) : same] == brought:
        return f"{_span(old, same - len(brought), same)}dup"
    return _replaced(old, same, end, brought)


def _replaced(old: str, start: int, end: int, brought: str) -> str:
    """Residues ``start`` to ``end`` (from 0, half-open) are replaced by others."""
    text = "".join(_NAMES[one] for one in brought)
    if start == end:
        return f"{_span(old, start - 1, start + 1)}ins{text}"
    if end - start == len(brought) == 1:
        return f"{_span(old, start, end)}{text}"
    return f"{_span(old, start, end)}delins{text}"


def _span(residues: str, start: int, end: int) -> str:
    first, last = (f"{_NAMES[residues[at]]}{at + 1}" for at in (start, end - 1))
    return first if first == last else f"{first}_{last}"
