"""Plots as SVG files, by pygal: plain pictures, no script in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pygal
from pygal.style import CleanStyle

_POINTS = 400


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points; on the right-hand scale if ``right``."""

    title: str
    points: Sequence[tuple[float, float]]
    right: bool = False


def draw(path: Path, title: str, x_title: str, lines: Sequence[Line]) -> None:
    """Write one picture; long lines are thinned, their highest points kept."""
    chart = pygal.XY(
        title=title,
        x_title=x_title,
        style=CleanStyle(title_font_size=18, legend_font_size=13, label_font_size=11),
        js=(),
        show_dots=False,
        width=900,
        height=420,
        legend_at_bottom=True,
        include_x_axis=True,
        no_prefix=True,
        stroke_style={"width": 2},
    )
    for line in lines:
        chart.add(line.title, _thinned(line.points), secondary=line.right)
    path.write_bytes(chart.render())


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    step = max(1, len(points) // _POINTS)
    groups = (points[at : at + step] for at in range(0, len(points), step))
    return [max(group, key=lambda point: point[1]) for group in groups]
