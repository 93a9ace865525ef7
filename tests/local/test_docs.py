"""What the documents name is there: tests of promises, commands of operators, targets of make."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gas.__main__ import _parser

ROOT = Path(__file__).resolve().parents[2]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def code_of(page: Path) -> str:
    """What stands between backquotes on a page, one piece on each line."""
    text = page.read_text()
    blocks = re.findall(r"^ *```sh\n(.*?)```", text, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`]+)`", re.sub(r"^ *```.*?```", "", text, flags=re.M | re.S))
    return "\n".join([*blocks, *(" ".join(span.split()) for span in spans)])


def named_tests() -> Iterator[tuple[str, str]]:
    """File and name of each test that the page of promises names; ``…`` is the file before."""
    file = ""
    for span in re.findall(r"`([^`]+)`", (ROOT / "docs/reliability.md").read_text()):
        path, _, name = span.partition("::")
        file = file if path == "…" else path
        if name:
            yield file, name


def test_every_test_that_keeps_a_promise_is_there() -> None:
    named = list(named_tests())
    missing = [
        (file, name)
        for file, name in named
        if not re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.MULTILINE)
    ]
    assert missing == []
    assert len(named) > 50


def commands() -> set[tuple[str, ...]]:
    """The words of each ``python -m gas`` on the pages, up to the first that is a value."""
    found = set()
    for page in PAGES:
        for line in re.findall(r"python -m gas\b(.*)", code_of(page)):
            for one in line.split("|"):  # README lists several after one another
                words = one.split()
                values = (n for n, word in enumerate(words) if not re.fullmatch("[a-z]+", word))
                found.add(tuple(words[: next(values, len(words))]))
    return found - {()}


@pytest.mark.parametrize("words", sorted(commands()), ids=" ".join)
def test_every_command_of_operators_is_there(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        _parser().parse_args([*words, "--help"])
    assert ended.value.code == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_target_of_make_is_there(page: Path) -> None:
    named = re.findall(r"(?:^|[\s;(])make (?:-s )?([a-z][a-z-]+)", code_of(page))
    assert set(named) <= TARGETS
