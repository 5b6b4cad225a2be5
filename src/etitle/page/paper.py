"""Sheets of paper: A4 upright or lying, and the margins that text keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MM: Final = 72 / 25.4
"""Points of a millimetre."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet and the room inside its border, in points.

    Attributes:
        width: of the paper.
        height: of the paper.
        left: where text begins.
        top: above this no text stands.
        bottom: below this none.
    """

    width: float
    height: float
    left: float
    top: float
    bottom: float

    @property
    def right(self) -> float:
        """Where text ends."""
        return self.width - self.left

    @property
    def middle(self) -> float:
        """The vertical axis."""
        return self.width / 2


SHEETS: Final = {
    "portrait": Sheet(595.28, 841.89, left=64.0, top=784.0, bottom=58.0),
    "landscape": Sheet(841.89, 595.28, left=82.0, top=542.0, bottom=56.0),
}
"""A4, by the word for it in a template."""
