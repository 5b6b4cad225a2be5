"""A drawn portrait for tests and demonstrations: nobody's face."""

from __future__ import annotations

import io
from typing import Literal

from PIL import Image, ImageDraw


def draw_portrait(
    width: int = 413,
    height: int = 531,
    *,
    kind: Literal["JPEG", "PNG"] = "JPEG",
    mode: str = "RGB",
    **options: object,
) -> bytes:
    """A head and shoulders before a plain blue wall, as a file of that size in pixels."""
    picture = Image.new("RGB", (width, height), (86, 148, 214))
    pen = ImageDraw.Draw(picture)
    pen.ellipse(_scaled(picture, 0.10, 0.73, 0.90, 1.32), fill=(40, 46, 64))
    pen.ellipse(_scaled(picture, 0.27, 0.20, 0.73, 0.70), fill=(236, 201, 172))
    pen.pieslice(_scaled(picture, 0.24, 0.14, 0.76, 0.60), 180, 360, fill=(28, 24, 22))
    out = io.BytesIO()
    # A palette without dithering: the wall stays plain.
    made = picture.quantize(64) if mode == "P" else picture.convert(mode)
    made.save(out, kind, **options)
    return out.getvalue()


def _scaled(picture: Image.Image, *shares: float) -> tuple[float, ...]:
    sides = (*picture.size, *picture.size)
    return tuple(share * side for share, side in zip(shares, sides, strict=True))
