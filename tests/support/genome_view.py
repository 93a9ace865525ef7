"""What igv.js has drawn on the page, read from its canvases and by clicks."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator

from playwright.sync_api import FloatRect, Locator, Page

_SECONDS = 30.0
_COLOURS = """(canvas) => {
  const { width, height } = canvas;
  if (!width || !height) return 0;
  const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, width, height).data.buffer);
  return new Set(pixels).size;
}"""  # noqa: E501
_SEQUENCE_COLOURS = 5
_FIRST_ROW = 14


class GenomeView:
    """The opened genome browser of a page; the sequence and the variants are its two tracks."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._view = page.locator("#genome-view")

    def open(self) -> None:
        """Ask for it, and wait until sequence and variants are drawn. Raises AssertionError."""
        self._page.locator("#genome > summary").click()
        self.variants.locator("canvas").wait_for(timeout=_SECONDS * 1000)
        self._until_drawn(self._tracks.nth(2), _SEQUENCE_COLOURS)
        self._until_drawn(self.variants, 2)

    @property
    def variants(self) -> Locator:
        """The track of the job's VCF."""
        return self._tracks.nth(3)

    @property
    def place(self) -> str:
        """The region that is shown, as its field says it."""
        return self._view.locator(".igv-search-input").input_value()

    def record_in_the_middle(self) -> dict[str, str]:
        """What a click on the record that is drawn there tells. Raises AssertionError."""
        box = self.variants.bounding_box()
        assert box
        self.variants.click(position={"x": box["width"] / 2, "y": _FIRST_ROW})
        facts = self._page.locator(".genome-facts div")
        facts.first.wait_for()
        lines = [fact.inner_text().split("\n") for fact in facts.all()]
        return {name.strip(): value.strip() for name, value in lines}

    @property
    def brightness_of_the_ground(self) -> float:
        """Of a corner of the variants' track that has none, from 0, black, to 1."""
        box = self.variants.bounding_box()
        assert box
        right, top = int(box["x"] + box["width"]), int(box["y"])
        corner: FloatRect = {"x": right - 5, "y": top + 3, "width": 1, "height": 1}
        png = self._page.screenshot(clip=corner)
        pixels = zlib.decompress(b"".join(_png_data(png)))
        return sum(pixels[1:4]) / (3 * 255)  # behind the filter of the first line

    @property
    def _tracks(self) -> Locator:
        """Ideogram, ruler, sequence, variants."""
        return self._view.locator(".igv-column > .igv-viewport")

    def _until_drawn(self, track: Locator, colours: int) -> None:
        deadline = time.monotonic() + _SECONDS
        while track.locator("canvas").first.evaluate(_COLOURS) < colours:
            assert time.monotonic() < deadline, "igv has drawn nothing"
            self._page.wait_for_timeout(100)


def _png_data(png: bytes) -> Iterator[bytes]:
    """The chunks of compressed pixels."""
    at = len(b"\x89PNG\r\n\x1a\n")
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        if png[at + 4 : at + 8] == b"IDAT":
            yield png[at + 8 : at + 8 + size]
        at += 12 + size
