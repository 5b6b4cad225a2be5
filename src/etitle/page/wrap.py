"""Text -> lines of a given width, broken where Chinese and Latin text may be (GB/T 15834)."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from etitle.page.font import FontChain, units

_NEVER_FIRST: Final = frozenset("，。、；：？！）》」』】〕〉”’…—·%,.;:?!)]}")
_NEVER_LAST: Final = frozenset("（《「『【〔〈“‘([{")

_PIECE: Final = re.compile(r"[!-~]+ ?|.[\ufe00-\ufe0f\U000e0100-\U000e01ef]?", re.DOTALL)
"""A Latin word with the space after it, or one character."""


def wrap(chain: FontChain, text: str, width: float) -> list[str]:
    """Break a text; nothing is left out and nothing added.

    Args:
        chain: fonts.
        text: one line, any characters.
        width: thousandths of the text's size, at least that of two characters.

    Raises:
        IssueError: ``page.glyph_missing``.
    """
    if chain.width(text) <= width:
        return [text]
    lines: list[str] = []
    line, taken = "", 0.0
    for piece in _pieces(chain, text, width):
        wide = chain.width(piece.rstrip(" "))
        if line and taken + wide > width:
            lines.append(line)
            line, taken = "", 0.0
        line += piece
        taken += chain.width(piece)
    return [*lines, line]


def _pieces(chain: FontChain, text: str, width: float) -> list[str]:
    """Parts that stay together: words, and characters with the punctuation that clings to them."""
    pieces: list[str] = []
    for piece in _PIECE.findall(text):
        clings = pieces and (
            piece[0] in _NEVER_FIRST
            or unicodedata.combining(piece[0])
            or pieces[-1][-1] in _NEVER_LAST
        )
        if clings and chain.width(pieces[-1] + piece) <= width:
            pieces[-1] += piece
        elif chain.width(piece) <= width:
            pieces.append(piece)
        else:  # a word wider than a line, such as an address
            pieces += units(piece)
    return pieces
