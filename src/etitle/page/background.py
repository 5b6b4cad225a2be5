"""What every page of a template shares: border, watermark, seal, labels and their font."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from etitle.page.border import draw_border
from etitle.page.fields import EXAMPLE_NOTE, OPENING_LABEL, label_of
from etitle.page.font import EM, FontChain
from etitle.page.layout import HEIGHT, LEFT, NOTE_PT, RIGHT, WIDTH
from etitle.page.sealimage import MM, draw_seal, draw_watermark
from etitle.page.subset import Embedded, Subset
from etitle.page.template import Template
from etitle.page.wrap import wrap
from etitle.pdf import number, stream

_SHARED: Final = "0123456789*年月日"
"""Characters of nearly every page, embedded with the labels."""


@dataclass(frozen=True, slots=True)
class Background:
    """What pages share; made once for a template, a chain of fonts and a kind of keys.

    Attributes:
        form: the form XObject with border and watermark.
        seal: the form XObject with the picture of the seal.
        font: the labels' font, embedded.
        labels: the characters in it.
        shown: operand and width, in its size, of each text of the template.
    """

    form: bytes
    seal: bytes
    font: Embedded
    labels: Subset
    shown: dict[str, tuple[bytes, float]]


@lru_cache(maxsize=16)
def background_of(template: Template, fonts: FontChain, example: bool) -> Background:  # noqa: FBT001  # a key
    """Make it, or return the one made before: it depends on these three alone.

    Raises:
        IssueError: ``page.glyph_missing``.
    """
    labels = Subset(fonts)
    words = [template.title, template.subtitle, template.scan]
    words += [OPENING_LABEL, *map(label_of, _values_fields(template))]
    words += note_lines(template, fonts)
    if example:
        words.append(EXAMPLE_NOTE)
    labels.show(_SHARED)
    shown = {text: (labels.show(text), fonts.width(text) / EM) for text in words}
    parts: list[bytes] = []
    if example:
        parts.append(draw_watermark(fonts, WIDTH, HEIGHT))
    colours = template.colours
    parts.append(draw_border(template.layout.border, WIDTH, HEIGHT, colours.border, colours.rule))
    box = b"/Type /XObject /Subtype /Form /BBox [0 0 %b %b] /Resources << >>"
    side = number(template.seal.diameter_mm * MM)
    return Background(
        form=stream(box % (number(WIDTH), number(HEIGHT)), b"\n".join(parts), level=9),
        seal=stream(
            box % (side, side),
            draw_seal(fonts, template.seal, colours.seal, example=example),
            level=9,
        ),
        font=labels.embed(level=9),
        labels=labels,
        shown=shown,
    )


def _values_fields(template: Template) -> tuple[str, ...]:
    layout = template.layout
    return (*layout.beside, *layout.below, *layout.foot)


def note_lines(template: Template, fonts: FontChain) -> list[str]:
    """The template's note, broken into lines of the page's width."""
    return wrap(fonts, template.note, (RIGHT - LEFT) / NOTE_PT * EM) if template.note else []
