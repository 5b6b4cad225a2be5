"""A drawn portrait for tests and demonstrations: nobody's face."""

from __future__ import annotations

import io
from typing import Final, Literal

from PIL import Image, ImageDraw

HAIR: Final = ((28, 24, 22), (62, 44, 34), (84, 80, 78))
COATS: Final = ((40, 46, 64), (96, 30, 42), (36, 74, 60), (70, 62, 96), (52, 52, 52))


def draw_portrait(  # what a portrait looks like, by name
    width: int = 413,
    height: int = 531,
    *,
    kind: Literal["JPEG", "PNG"] = "JPEG",
    mode: str = "RGB",
    variant: int = 0,
    long_hair: bool = False,
    **options: object,
) -> bytes:
    """A head and shoulders before a plain blue wall, as a file of that size in pixels."""
    hair, coat = HAIR[variant % len(HAIR)], COATS[variant % len(COATS)]
    picture = Image.new("RGB", (width, height), (86, 148, 214))
    pen = ImageDraw.Draw(picture)
    if long_hair:
        pen.rounded_rectangle(_scaled(picture, 0.22, 0.30, 0.78, 0.80), 40, fill=hair)
    pen.ellipse(_scaled(picture, 0.10, 0.73, 0.90, 1.32), fill=coat)
    pen.ellipse(_scaled(picture, 0.27, 0.20, 0.73, 0.70), fill=(236, 201, 172))
    pen.pieslice(_scaled(picture, 0.24, 0.14, 0.76, 0.60), 180, 360, fill=hair)
    out = io.BytesIO()
    # A palette without dithering: the wall stays plain.
    made = picture.quantize(64) if mode == "P" else picture.convert(mode)
    made.save(out, kind, **options)
    return out.getvalue()


def _scaled(picture: Image.Image, *shares: float) -> tuple[float, ...]:
    sides = (*picture.size, *picture.size)
    return tuple(share * side for share, side in zip(shares, sides, strict=True))
