"""Writes ``docs/vcf-rules.md`` from the table of rules: ``python -m annotator.rules.page``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from annotator.rules.rule import ALL, Rule
from annotator.rules.table import SECTIONS

PAGE = Path("docs") / "vcf-rules.md"
_HEAD = """# The rules of VCF that are checked

Made by `make schemas` from `annotator/rules`; `make lint` checks that it is up to date. The rules
are those of the [specification](https://samtools.github.io/hts-specs/) of VCF 4.1 to 4.5. Of a file
that breaks one:

- **refused**: the job fails and names the line, as nothing could be done with the rest;
- **noted**: the log, and `diagnostics` of the summary, name line, field and reason. Everything is
  kept as it was, and annotated as far as it can be;
- **left**: nothing is said.

Rules hold for all of these versions unless others are named. `make -s check-vcf VCF=my.vcf.gz`
prints the verdict on a file.
"""
_TABLE = """
## {title}
| rule | what it asks | verdict | because |
|---|---|---|---|
{rows}"""


def page() -> str:
    """The text of the page."""
    parts = [_HEAD]
    for title, rules in SECTIONS.items():
        rows = "".join(_row(rule) for rule in rules)
        parts.append(
            f"\n## {title}\n| rule | what it asks | verdict | because |\n|---|---|---|---|\n{rows}"
        )
    return "".join(parts)


def _row(rule: Rule) -> str:
    first, last = rule.versions
    versions = "" if rule.versions == ALL else f" ({_versions(first, last)})"
    cells = (f"`{rule.id}`{versions}", rule.what, rule.verdict.value, rule.reason)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _versions(first: int, last: int) -> str:
    if first == last:
        return f"4.{first}"
    if first == ALL[0]:
        return f"until 4.{last}"
    return f"from 4.{first} on" if last == ALL[1] else f"4.{first} to 4.{last}"


def main(arguments: list[str]) -> int:
    """Write the page below the folder ``--root``; with ``--check``, status 1 if it is another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--root", type=Path, default=Path())
    given = parser.parse_args(arguments)
    path = given.root / PAGE
    if given.check:
        if path.read_text("utf-8") == page():
            return 0
        print(f"{PAGE} is not what the rules say: make schemas", file=sys.stderr)
        return 1
    path.write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
