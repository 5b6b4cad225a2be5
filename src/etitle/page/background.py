"""What every page of a template shares: border, watermark, seal, labels and their font."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from etitle.page.border import draw_border
from etitle.page.fields import EXAMPLE_NOTE, OPENING_LABEL
from etitle.page.font import EM, FontChain
from etitle.page.layout import LEADING, NOTE_PT
from etitle.page.paper import MM, SHEETS
from etitle.page.sealimage import draw_seal, draw_watermark
from etitle.page.subset import Embedded, Subset
from etitle.page.template import Template
from etitle.page.wording import usual_words
from etitle.page.wrap import wrap
from etitle.pdf import number, stream

_SHARED: Final = "0123456789*年月日："
"""Characters of nearly every page, embedded with the labels."""


@dataclass(frozen=True, slots=True)
class Background:
    """What pages share; made once for a template, a chain of fonts and a kind of keys.

    Attributes:
        form: the form XObject with border and watermark.
        seal: the form XObject with the picture of the seal.
        font: the labels' font, embedded.
        labels: the characters in it.
        shown: operand and width, in its size, of texts of the template.
        notes: height of the notes at the foot.
    """

    form: bytes
    seal: bytes
    font: Embedded
    labels: Subset
    shown: dict[str, tuple[bytes, float]]
    notes: float


@lru_cache(maxsize=16)
def background_of(template: Template, fonts: FontChain, example: bool) -> Background:  # noqa: FBT001  # a key
    """Make it, or return the one made before: it depends on these three alone.

    Raises:
        IssueError: ``page.glyph_missing``.
    """
    labels = Subset(fonts)
    notes = note_lines(template, fonts)
    words = [*usual_words(template), OPENING_LABEL, *notes]
    if example:
        words.append(EXAMPLE_NOTE)
    labels.show(_SHARED)
    shown = {text: (labels.show(text), fonts.width(text) / EM) for text in words}
    sheet = SHEETS[template.layout.paper]
    parts: list[bytes] = []
    if example:
        parts.append(draw_watermark(fonts, sheet.width, sheet.height))
    colours = template.colours
    border = template.layout.border
    parts.append(draw_border(border, sheet.width, sheet.height, colours.border, colours.rule))
    box = b"/Type /XObject /Subtype /Form /BBox [0 0 %b %b] /Resources << %b >>"
    paper = (number(sheet.width), number(sheet.height))
    side = number(template.seal.diameter_mm * MM)
    # Ink on paper: what is printed under the seal stays as dark as it is.
    ink = b"/ExtGState << /M << /BM /Multiply >> >>"
    return Background(
        form=stream(box % (*paper, b""), b"\n".join(parts), level=9),
        seal=stream(
            box % (side, side, ink),
            b"/M gs " + draw_seal(fonts, template.seal, colours.seal, example=example),
            level=9,
        ),
        font=labels.embed(level=9),
        labels=labels,
        shown=shown,
        notes=NOTE_PT * LEADING * len(notes) + 9 * LEADING * example,
    )


def note_lines(template: Template, fonts: FontChain) -> list[str]:
    """The template's note, broken into lines of the page's width."""
    sheet = SHEETS[template.layout.paper]
    room = (sheet.right - sheet.left) / NOTE_PT * EM
    return wrap(fonts, template.note, room) if template.note else []
