"""Code text -> QR symbol, PNG, SVG (docs/spec clause 4.5).

zxing-cpp places the modules: it splits a text into the segments that take the fewest bits, so our
texts become a head in bytes and a number in digits.
"""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass
from typing import Any, Final

import zxingcpp
from PIL import Image

from etitle.errors import ImageError

_LIBRARY: Any = zxingcpp
"""Its type stubs omit the keywords, and that an image is a buffer."""

QUIET_MODULES: Final = 4
"""Modules of white on each side (ISO/IEC 18004 §5.3.8)."""

MIN_SYMBOL_MM: Final = 25.0
"""Millimetres, without the quiet zone (docs/spec clause 4.5)."""

MIN_MODULE_MM: Final = 0.40
"""Millimetres; symbols of version 12 or more are printed larger than 25 mm to stay readable."""

MODULE_PX: Final = 8
"""Pixels of a module in a PNG: a printer at 600 dpi needs no more for 25 mm."""

MAX_MODULE_PX: Final = 64
"""Pixels; with the largest symbol a picture of 12,100 pixels a side."""

_DRAWN: Final = re.compile(
    r"[!-~]+/[vV][#/][0-9]+"  # a URL
    r"|ZC1:[0-9A-Z $%*+\-./:]+"  # base 45
    r"|[0-9]+"
)
"""The forms of clause 4.4.2, without white space."""

_DARK_IS_ONE: Final = bytes((1, *bytes(255)))
"""Turns levels of grey into modules: 0 is dark."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A QR symbol without its quiet zone.

    Attributes:
        version: 1 to 40.
        rows: one byte string a row, one byte a module: 1 dark, 0 light.
    """

    version: int
    rows: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Modules a side."""
        return len(self.rows)

    @property
    def quiet_modules(self) -> int:
        """Modules of white that belong around it."""
        return QUIET_MODULES

    @property
    def side_mm(self) -> float:
        """Millimetres a side at which to print it, without the quiet zone."""
        return max(MIN_SYMBOL_MM, self.size * MIN_MODULE_MM)


def draw_symbol(code_text: str) -> Symbol:
    """The smallest symbol of error correction M that holds a code text (docs/spec clause 4.5).

    Args:
        code_text: one of the forms of docs/spec clause 4.4.2, without white space.

    Raises:
        ImageError: ``image.text_refused`` for any other text, ``image.text_too_long`` where no
            symbol holds it.

    >>> draw_symbol("https://zc.sample.cn/v#" + "7" * 430).size
    57
    """
    if not _DRAWN.fullmatch(code_text):
        raise ImageError("image.text_refused")
    try:
        drawn = _LIBRARY.create_barcode(code_text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    except ValueError:
        raise ImageError("image.text_too_long", count=len(code_text)) from None
    cells = bytes(drawn.to_image(scale=1, add_quiet_zones=False)).translate(_DARK_IS_ONE)
    size = math.isqrt(len(cells))
    return Symbol(
        version=(size - 17) // 4,  # ISO/IEC 18004 §5.3.1
        rows=tuple(cells[start : start + size] for start in range(0, size * size, size)),
    )


def qr_version(code_text: str) -> int:
    """The version, 1 to 40, of the symbol that ``draw_symbol`` draws.

    Raises:
        ImageError: as ``draw_symbol``.

    >>> qr_version("https://zc.sample.cn/v#" + "7" * 430)
    10
    """
    return draw_symbol(code_text).version


def draw_png(code_text: str, *, module_px: int = MODULE_PX) -> bytes:
    """A PNG of one bit a pixel with its quiet zone; the same text gives the same bytes.

    Its resolution makes the symbol at least 25 mm wide when printed at its natural size.

    Args:
        code_text: as for ``draw_symbol``.
        module_px: pixels of a module, 1 to 64.

    Raises:
        ImageError: as ``draw_symbol``; ``image.module_px_refused`` for another ``module_px``.
    """
    if not 1 <= module_px <= MAX_MODULE_PX:
        raise ImageError("image.module_px_refused", value=module_px, limit=MAX_MODULE_PX)
    symbol = draw_symbol(code_text)
    grey = b"".join(symbol.rows).translate(bytes.maketrans(b"\x00\x01", b"\xff\x00"))
    picture = Image.frombytes("L", (symbol.size, symbol.size), grey)
    side = symbol.size + 2 * QUIET_MODULES
    page = Image.new("1", (side, side), 1)
    page.paste(picture.convert("1"), (QUIET_MODULES, QUIET_MODULES))
    page = page.resize((side * module_px, side * module_px), Image.Resampling.NEAREST)
    per_metre = int(symbol.size * module_px / symbol.side_mm * 1000)  # rounded down: never smaller
    out = io.BytesIO()
    page.save(out, "PNG", dpi=(per_metre * 0.0254, per_metre * 0.0254))
    return out.getvalue()


def draw_svg(code_text: str) -> str:
    """An SVG with its quiet zone, sized in millimetres: the symbol is at least 25 mm wide.

    Raises:
        ImageError: as ``draw_symbol``.

    >>> draw_svg("https://zc.sample.cn/v#" + "7" * 430).startswith("<svg xmlns=")
    True
    """
    symbol = draw_symbol(code_text)
    side = symbol.size + 2 * QUIET_MODULES
    side_mm = math.ceil(side * symbol.side_mm / symbol.size * 1000) / 1000  # up: never smaller
    path = "".join(
        f"M{run.start() + QUIET_MODULES} {row + QUIET_MODULES}h{len(run[0])}v1h-{len(run[0])}z"
        for row, modules in enumerate(symbol.rows)
        for run in re.finditer(b"\x01+", modules)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side_mm:.3f}mm" height="{side_mm:.3f}mm"'
        f' viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>\n'
    )
