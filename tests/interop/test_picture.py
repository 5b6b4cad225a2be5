"""The picture of a page in the docs is what a page looks like."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, ImageChops
from tests.support.picture import PLACE, draw

CODE: Final = (60, 600, 170, 710)
"""Pixels of the QR code, whose signature differs each time."""


def coarse(picture: Image.Image) -> Image.Image:
    """Without the code, and so small that a drawing program's way with edges is lost."""
    grey = picture.convert("L")
    grey.paste(255, CODE)
    return grey.resize((72, 102), Image.Resampling.BOX)


def test_the_picture_in_the_docs_is_of_today() -> None:
    with Image.open(PLACE) as kept, Image.open(io.BytesIO(draw())) as drawn:
        assert kept.size == drawn.size
        difference = ImageChops.difference(coarse(kept), coarse(drawn))
    # Another word makes some 70.
    assert max(difference.tobytes()) < 25
