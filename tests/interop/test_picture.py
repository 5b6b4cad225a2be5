"""The pictures of pages in the docs are what pages look like."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops
from tests.support.picture import FOLDER, PICTURES


def coarse(picture: Image.Image, code: tuple[int, int, int, int]) -> Image.Image:
    """Without the code, and so small that a drawing program's way with edges is lost."""
    grey = picture.convert("RGB").convert("L")
    grey.paste(255, code)
    return grey.resize((grey.width // 8, grey.height // 8), Image.Resampling.BOX)


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_in_the_docs_is_of_today(name: str) -> None:
    drawing = PICTURES[name]()
    with Image.open(FOLDER / name) as kept, Image.open(io.BytesIO(drawing.png)) as drawn:
        assert kept.size == drawn.size
        difference = ImageChops.difference(coarse(kept, drawing.code), coarse(drawn, drawing.code))
    # Another word makes some 70.
    assert max(difference.tobytes()) < 25


def test_every_picture_is_shown_in_both_languages() -> None:
    for guide in (FOLDER / "page.md", FOLDER.parent / "zh" / "page.md"):
        said = guide.read_text("utf-8")
        for name in PICTURES:
            assert f"{name}\n" in said
