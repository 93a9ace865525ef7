"""Says what is wrong with an answer to a small input whose right answer is known.

The right answers are in ``tests/data/cases/expected.json``: ``verdict``; ``rows`` (position,
alleles, gene and the truth: first changed residue, its residues, the new ones, and fs | syn | stop
| aa); ``haplotype`` (whether a joint consequence may be told); ``any`` and ``not`` (a term that
must or must not be there); ``noted`` (a pattern in the log or the counts); ``message`` (a pattern
in the refusal).
"""

import gzip
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotator.bundle import Bundle
from annotator.consequences.engine import Engine
from annotator.rejection import Rejected
from annotator.runner import job, protocol

_NAMES = "AlaArgAsnAspCysGlnGluGlyHisIleLeuLysMetPheProSerThrTrpTyrValTerXaa"
THREE = {letter: _NAMES[3 * at : 3 * at + 3] for at, letter in enumerate("ARNDCQEGHILKMFPSTWYV*X")}

Entry = dict[str, str]


@dataclass
class Outcome:
    """What came of a job: ``refusal`` if it was refused; else its log and its VCF."""

    refusal: str = ""
    log: str = ""
    vcf: str = ""

    def entries(self, key: str) -> list[tuple[int, str, list[Entry], str]]:
        """Position, ALT, entries of that INFO key and whole INFO of each record."""
        found = re.search(rf'##INFO=<ID={key},.*Format: ([^">]+)', self.vcf)
        fields = found[1].split("|") if found else []
        records = []
        for line in self.vcf.splitlines():
            if line.startswith("#") or not line:
                continue
            columns = line.split("\t")
            info = dict(item.partition("=")[::2] for item in columns[7].split(";"))
            entries = [
                dict(zip(fields, entry.split("|"), strict=True))
                for entry in info.get(key, "").split(",")
                if entry
            ]
            records.append((int(columns[1]), columns[4].upper(), entries, columns[7]))
        return records


def annotated(path: Path, engine: Engine, bundle: Bundle, folder: Path, **wishes: Any) -> Outcome:
    """What the annotator makes of a file."""
    task = protocol.Task(
        input=str(path),
        filename=path.name,
        bundle=bundle.manifest.name,
        folder=str(folder),
        max_inflated_bytes=1 << 30,
        max_seconds=600,
        **wishes,
    )
    try:
        job.annotate(task, engine, bundle, lambda *_: None)
    except Rejected as rejected:
        return Outcome(refusal=str(rejected))
    return Outcome(
        log=(folder / protocol.RESULT_LOG).read_text("utf-8"),
        vcf=gzip.decompress((folder / protocol.RESULT_VCF).read_bytes()).decode("utf-8", "replace"),
    )


def faults(expected: dict[str, Any], outcome: Outcome, has_names: bool = True) -> list[str]:
    """What is wrong with an outcome; nothing if all is right.

    Changes of proteins are read from HGVSp, or where engines tell no names (``has_names``) from
    Amino_acids and Protein_position.
    """
    verdict = "refused" if outcome.refusal else "completed"
    if verdict not in expected["verdict"].split("|"):
        return [f"{verdict}: {outcome.refusal}"]
    said = outcome.refusal or outcome.log
    wrong = []
    if re.search(r"Traceback|File \"/|/tmp/|site-packages", said):
        wrong.append("a traceback or a path of the machine in what the user reads")
    if outcome.refusal:
        if not re.search(expected.get("message", ""), outcome.refusal, re.IGNORECASE):
            wrong.append(f"the refusal says: {outcome.refusal}")
        return wrong
    if not re.search(expected.get("noted", ""), outcome.log, re.IGNORECASE):
        wrong.append(f"nothing noted of {expected['noted']}")
    records = outcome.entries("CSQ")
    for row in expected.get("rows", []) + expected.get("rows_if", []):
        wrong += _faults_of_row(row, records, has_names)
    for none in expected.get("none", []):
        wrong += [
            f"{none['pos']} ALT {none['alt']}: {none['not']} told"
            for position, alt, entries, _ in records
            if (position, alt) == (none["pos"], none["alt"])
            and any(none["not"] in entry["Consequence"] for entry in entries)
        ]
    return wrong + _faults_of_haplotype(expected.get("haplotype"), outcome, has_names)


def _faults_of_row(row: dict[str, Any], records: list[Any], has_names: bool) -> list[str]:
    here = [
        one for one in records if one[0] == row["pos"] and row["alt"].upper() in one[1].split(",")
    ]
    here = here or [one for one in records if abs(one[0] - row["pos"]) < 8 and len(records) < 200]
    entries = [
        entry
        for _, _, told, _ in here
        for entry in told
        if row["gene"] in (entry["SYMBOL"], entry["Gene"], entry["Feature"])
    ]
    terms = [entry["Consequence"] for entry in entries]
    name = f"{row['pos']} {row['ref'][:12]}>{row['alt'][:12]} {row['gene']}"
    wrong = []
    judge = is_right if has_names else is_right_change
    if "truth" in row and not any(judge(row["truth"], entry) for entry in entries):
        told = [
            (entry["Consequence"], entry.get("HGVSp") or entry["Amino_acids"]) for entry in entries
        ]
        wrong.append(f"{name}: truth {row['truth']}, told {told[:3]}")
    if row.get("any") and not any(re.search(row["any"], term) for term in terms):
        wrong.append(f"{name}: no {row['any']}, told {terms[:3]}")
    if row.get("not") and any(row["not"] in term for term in terms):
        wrong.append(f"{name}: {row['not']} told")
    if not entries:
        wrong.append(f"{name}: nothing told")
    return wrong


def _faults_of_haplotype(
    haplotype: dict[str, Any] | None, outcome: Outcome, has_names: bool
) -> list[str]:
    if haplotype is None:
        return []
    judge = is_right if has_names else is_right_change
    records = outcome.entries("HAPLO")
    told = any(judge(haplotype["truth"], entry) for *_, entries, _ in records for entry in entries)
    if told == haplotype["present"]:
        return []
    return [f"joint change {'missing' if haplotype['present'] else 'asserted'}: {haplotype}"]


def is_right(truth: list[Any], entry: Entry) -> bool:
    """Whether an entry of CSQ tells that change of the protein."""
    position, before, after, kind = truth
    terms = entry["Consequence"]
    if kind == "fs":
        return "frameshift" in terms or "stop_gained" in terms
    if kind == "syn":
        return "synonymous" in terms or "stop_retained" in terms
    name = entry.get("HGVSp", "").split(":")[-1]
    name = name.replace("%3D", "=").replace("(", "").replace(")", "")
    if kind == "stop":
        return "stop_gained" in terms and name.endswith(("Ter", "*"))
    now = "".join(THREE[residue] for residue in after)
    if len(before) == len(after) == 1:
        return name == f"p.{THREE[before]}{position}{now}"
    if not before:
        return "dup" in name or "ins" in name
    if not after:
        return "del" in name and "delins" not in name
    found = re.match(r"p\.[A-Z][a-z]{2}(\d+)", name)
    return found is not None and int(found[1]) == position and f"delins{now}" in name


def is_right_change(truth: list[Any], entry: Entry) -> bool:
    """Whether an entry tells that change by its residues and their positions, without a name."""
    position, before, after, kind = truth
    if kind in {"fs", "syn"}:
        return is_right(truth, entry)
    old, _, new = entry["Amino_acids"].replace("-", "").partition("/")
    if kind == "stop":
        return "stop_gained" in entry["Consequence"] and "*" in new
    if not before or not after:
        return len(new) - len(old) == len(after) - len(before)
    first = entry["Protein_position"].partition("-")[0]
    start = int(first) if first.isdigit() else 0
    while old and new and old[0] == new[0]:
        old, new, start = old[1:], new[1:], start + 1
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return (start, old, new) == (position, before, after)
