"""Tags of built entries."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from web.assets import FOLDER, Assets, FrontEndMissing

MANIFEST: dict[str, dict[str, Any]] = {
    "_a.js": {"file": "assets/a-1.js", "css": ["assets/a-1.css"], "imports": ["_b.js"]},
    "_b.js": {"file": "assets/b-1.js"},
    "src/entries/page.ts": {
        "file": "assets/page-1.js",
        "css": ["assets/page-1.css"],
        "imports": ["_a.js", "_b.js"],
    },
}


def test_an_entry_has_its_styles_and_those_of_its_imports_first() -> None:
    assert str(Assets(MANIFEST).tags("page")).splitlines() == [
        '<link rel="stylesheet" href="/static/dist/assets/a-1.css">',
        '<link rel="stylesheet" href="/static/dist/assets/page-1.css">',
        '<link rel="modulepreload" href="/static/dist/assets/b-1.js">',
        '<link rel="modulepreload" href="/static/dist/assets/a-1.js">',
        '<script type="module" src="/static/dist/assets/page-1.js"></script>',
    ]


def test_a_missing_build_and_a_missing_entry_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FrontEndMissing, match="make setup"):
        Assets.load(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))
    with pytest.raises(FrontEndMissing, match=r"src/entries/other\.ts"):
        Assets.load(tmp_path).tags("other")


def test_what_runs_before_the_page_is_drawn_is_no_module() -> None:
    address = re.search('src="/static/dist/(.*?)"', Assets.load().blocking("theme"))
    assert address
    script = (FOLDER / address[1]).read_text()
    assert not re.search(r"\b(import|export)\b", script)


def test_every_file_of_the_build_is_there() -> None:
    for part in Assets.load().manifest.values():
        for name in (part["file"], *part.get("css", [])):
            assert (FOLDER / name).is_file()
