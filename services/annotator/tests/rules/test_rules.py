"""Every rule: its example is caught by it, and by nothing if the rule is taken out."""

import json
from pathlib import Path

import pytest

from annotator import bundle as bundles
from annotator.rejection import Rejected
from annotator.rules.page import page
from annotator.rules.rule import Verdict
from annotator.rules.table import RULES, SECTIONS
from annotator.validate.survey import survey
from annotator.vcf.reading import Input
from tests.support.rule_examples import EXAMPLES, sample
from tests.support.rule_kinds import KEPT, KINDS

BUNDLE = bundles.find("human-mt")
NO_RULE = None
"""Of notes on what breaks no rule, as that a contig is not in the bundle."""
CHECKED = [rule for rule in RULES.values() if rule.verdict is not Verdict.LEFT]
LEFT = [rule for rule in RULES.values() if rule.verdict is Verdict.LEFT]


def broken(content: bytes, folder: Path) -> dict[str, Verdict]:
    """The rules that a file breaks, and what came of it."""
    path = folder / "file.vcf"
    path.write_bytes(content)
    try:
        notes = survey(Input(path, 1 << 30), BUNDLE, lambda *_: None).diagnostics.as_json()
    except Rejected as rejected:
        return {rejected.rule: Verdict.REFUSED}
    return {note["rule"]: Verdict.NOTED for note in notes if note["kind"] != "limited"}


def test_every_rule_has_an_id_of_its_own_and_an_example() -> None:
    assert len(RULES) == sum(map(len, SECTIONS.values()))
    assert EXAMPLES.keys() == RULES.keys()


@pytest.mark.parametrize("id", EXAMPLES)
def test_a_file_that_keeps_the_rule_is_accepted_without_a_word(id: str, tmp_path: Path) -> None:
    assert broken(EXAMPLES[id][0], tmp_path) == {}


@pytest.mark.parametrize("id", [rule.id for rule in CHECKED])
def test_a_file_that_breaks_the_rule_has_the_verdict_of_the_table(id: str, tmp_path: Path) -> None:
    assert broken(EXAMPLES[id][1], tmp_path).get(id) is RULES[id].verdict


@pytest.mark.parametrize("id", [rule.id for rule in CHECKED])
def test_without_the_rule_its_example_fails(
    id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(RULES, id)
    try:
        found = broken(EXAMPLES[id][1], tmp_path)
    except KeyError:
        return  # nothing may be refused for a reason that the table lacks
    assert id not in found


@pytest.mark.parametrize("kind", KINDS)
def test_each_thing_that_a_rule_asks_is_checked(kind: str, tmp_path: Path) -> None:
    id, (good, bad) = KINDS[kind]
    assert broken(good, tmp_path).keys() <= {NO_RULE}
    assert broken(bad, tmp_path).get(id) is RULES[id].verdict


@pytest.mark.parametrize("kind", KEPT)
def test_an_unusual_file_that_is_valid_is_accepted_without_a_word(
    kind: str, tmp_path: Path
) -> None:
    assert [broken(content, tmp_path) for content in KEPT[kind]] == [{}, {}]


def test_before_4_3_a_key_of_format_may_have_other_letters(tmp_path: Path) -> None:
    early, late = (sample("GT 0/1", "GT:G%3A 0/1:7", minor)[1] for minor in (2, 3))
    assert broken(early, tmp_path).keys() == {"format-defined"}
    assert broken(late, tmp_path).keys() == {"format-key"}


@pytest.mark.parametrize("id", [rule.id for rule in LEFT])
def test_what_is_left_is_left(id: str, tmp_path: Path) -> None:
    assert broken(EXAMPLES[id][1], tmp_path) == {}


def test_the_page_is_the_table() -> None:
    written = Path(__file__).parents[4] / "docs" / "vcf-rules.md"
    assert written.read_text("utf-8") == page()
    assert all(f"`{id}`" in page() for id in RULES)


def test_each_kind_of_note_is_counted_with_its_first_lines(tmp_path: Path) -> None:
    content = EXAMPLES["info-type"][1]
    row = content.splitlines()[-1]
    path = tmp_path / "file.vcf"
    path.write_bytes(
        content
        + b"".join(
            row.replace(b"73", b"%d" % n).replace(b"A\tG", b"N\tG") + b"\n" for n in range(74, 80)
        )
    )
    notes = survey(Input(path, 1 << 30), BUNDLE, lambda *_: None).diagnostics.as_json()
    (note,) = [note for note in json.loads(json.dumps(notes)) if note["rule"] == "info-type"]
    assert (note["kind"], note["count"]) == ("fault", 7)
    assert [one["line"] for one in note["first"]] == [7, 8, 9, 10, 11]
    assert "“DP” is “abc”" in note["first"][0]["text"]
