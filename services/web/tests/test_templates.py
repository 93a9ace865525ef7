"""What templates name is in the front end, and its colours can be told from the ground."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[1]
TEMPLATES = {
    path.relative_to(WEB).as_posix(): path.read_text()
    for path in (WEB / "web" / "templates").rglob("*.html")
}
STYLES = WEB / "frontend" / "src" / "styles"
LEAST_CONTRAST_OF_SHAPES = 3.0  # WCAG 2.2, 1.4.11


def test_every_icon_of_the_templates_is_in_the_sprite() -> None:
    listed = set(json.loads((WEB / "frontend" / "src" / "icons.json").read_text()))
    for name, text in TEMPLATES.items():
        used = set(re.findall(r"(?:icon|empty)\('([a-z0-9-]+)'", text))
        assert used <= listed, name


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_have_neither_inline_code_nor_styles_nor_forms_without_a_token(name: str) -> None:
    text = TEMPLATES[name]
    # A script of JSON is data: the browser runs nothing of it.
    code = r'<script(?![^>]*( src=|type="application/json"))'
    assert not re.search(code + r"|<style|\sstyle=|\son[a-z]+=|javascript:", text)
    if name != "web/templates/macros.html":
        assert '<form method="post"' not in text, "use the macro `form`"


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_impacts_are_seen_on_light_and_dark_ground() -> None:
    variables = (STYLES / "_variables.scss").read_text()
    (dark,) = re.findall(r"\$body-bg-dark: (#[0-9a-f]{6});", variables)
    impacts = re.findall(
        r"--gas-impact-([a-z]+): (#[0-9a-f]{6});", (STYLES / "_colours.scss").read_text()
    )
    assert [name for name, _ in impacts] == ["high", "moderate", "low", "modifier"]
    for name, colour in impacts:
        for ground in ("#ffffff", dark):
            assert contrast(colour, ground) >= LEAST_CONTRAST_OF_SHAPES, (name, ground)
