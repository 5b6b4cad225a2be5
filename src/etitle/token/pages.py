"""A file of pages -> the texts of the QR codes that a person sees on each.

A picture is looked at as it is, a PDF as it is rendered: what is hidden, unpainted or unreferenced
in it counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from etitle.errors import ImageError
from etitle.token.read import LADDER_PAGES, LOOK_S, Budget, PageTexts, Wanted, climb, look
from etitle.token.rendered import Renderer

if TYPE_CHECKING:
    from PIL import Image

MAX_PDF_PAGES: Final = 50
"""Pages of a PDF that are looked at."""

LOOK_DPI: Final = 150
"""Dots per inch of the first look: a code of 25 mm (clause 4.5) has 2.6 pixels a module."""

CLOSE_DPI: Final = 300
"""Of the second, at pages that showed no wanted code."""


def read_pdf(pdf: bytes, *, wanted: Wanted) -> Iterator[PageTexts]:
    """The texts of each page of a PDF.

    Raises:
        ImageError: ``image.reader_missing``, ``image.encrypted``, ``image.damaged``.
    """
    budget = Budget(len(pdf))
    renderer = Renderer(pdf)
    budget.elsewhere_s = renderer.cpu_s
    pages: list[_Page] = []
    for number in range(1, renderer.pages + 1):
        page = _Page(renderer, number, budget)
        pages.append(page)
        if number > MAX_PDF_PAGES or budget.over(LOOK_S):
            page.fault = "image.too_many_pages" if number > MAX_PDF_PAGES else "image.too_slow"
            break
        page.look_at(LOOK_DPI, wanted)
    if not any(page.has(wanted) for page in pages):
        for page in pages[:LADDER_PAGES]:
            page.look_closer(wanted)
    for page in pages:
        yield PageTexts(page.number, tuple(page.found), page.fault)


class _Rendering(NamedTuple):
    """A page as a screen shows it or as it is printed.

    Attributes:
        picture: of it.
        otherwise: whether the other of the two may show something else.
    """

    picture: Image.Image
    otherwise: bool


class _Page:
    """What was read of one page so far."""

    def __init__(self, renderer: Renderer, number: int, budget: Budget) -> None:
        self.found: dict[str, None] = {}
        self.fault = ""
        self.number, self._renderer, self._budget = number, renderer, budget

    def has(self, wanted: Wanted) -> bool:
        return any(map(wanted, self.found))

    def look_at(self, dpi: int, wanted: Wanted) -> None:
        """Look at the page at a resolution."""
        rendering = self._render(dpi)
        if rendering is not None:
            whole = self._look(rendering, dpi, wanted)
            if not whole and not self.fault:
                self.fault = "image.too_slow"

    def look_closer(self, wanted: Wanted) -> None:
        """Look again, as closely as the budget allows; what fails now makes no fault."""
        rendering = None if self.fault or self._budget.over(LOOK_S) else self._render(CLOSE_DPI)
        if rendering is None:
            return
        self._look(rendering, CLOSE_DPI, wanted)
        if not self.has(wanted):
            self.found |= climb(rendering.picture, wanted, self._budget)

    def _look(self, rendering: _Rendering, dpi: int, wanted: Wanted) -> bool:
        """Note what a rendering shows, and whether a print shows other codes; whether wholly."""
        texts, whole = look(rendering.picture, wanted, self._budget)
        self.found |= texts
        printed = self._render(dpi, printed=True) if rendering.otherwise else None
        if printed is None:
            return whole
        others, printed_whole = look(printed.picture, wanted, self._budget)
        if set(filter(wanted, others)) != set(filter(wanted, texts)):
            self.fault = "image.shown_differently"
        return whole and printed_whole

    def _render(self, dpi: int, *, printed: bool = False) -> _Rendering | None:
        try:
            return _Rendering(*self._renderer.page(self.number, dpi, printed=printed))
        except ImageError as error:
            self.fault = error.code
            return None
        finally:
            self._budget.elsewhere_s = self._renderer.cpu_s
