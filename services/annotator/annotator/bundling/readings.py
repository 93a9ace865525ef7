"""How cells of a source become values: as they are, or read as what they mean."""

from __future__ import annotations

from typing import Literal

Reading = Literal["text", "review_stars", "rs"]
"""``text``: as it is. ``review_stars``: ClinVar's review status as 0 to 4 stars. ``rs``: the number
of a row of dbSNP as its name."""

# ncbi.nlm.nih.gov/clinvar/docs/review_status; all other words are worth no star.
_STARS = {
    "practice_guideline": 4,
    "reviewed_by_expert_panel": 3,
    "criteria_provided,_multiple_submitters,_no_conflicts": 2,
    "criteria_provided,_multiple_submitters": 2,
    "criteria_provided,_conflicting_classifications": 1,
    "criteria_provided,_conflicting_interpretations": 1,
    "criteria_provided,_single_submitter": 1,
}


def read(cell: str, reading: Reading) -> str:
    """The cell as a value; ``.`` where it is empty.

    >>> read("criteria_provided,_single_submitter", "review_stars")
    '1'
    >>> read("63750264", "rs")
    'rs63750264'
    """
    if reading == "text" or cell in {"", "."}:
        return cell or "."
    if reading == "review_stars":
        words = cell.replace(" ", "_").split("|")
        return str(max(_STARS.get(word, 0) for word in words))
    return "&".join(n if n.startswith("rs") else f"rs{n}" for n in cell.split(","))
