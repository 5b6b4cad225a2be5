"""A photo as a certificate's page carries it; ``record`` has the rules for photos."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Encoding: TypeAlias = Literal["jpeg", "deflate"]


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that keeps the rules, as a page carries it.

    Attributes:
        width_px: pixels a row.
        height_px: rows.
        channels: 3 for RGB, 1 for grey.
        encoding: a JPEG file, or the deflated rows of a PNG with their filters.
        data: in that encoding.
    """

    width_px: int
    height_px: int
    channels: Literal[1, 3]
    encoding: Encoding
    data: bytes = field(repr=False)
