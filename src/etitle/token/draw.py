"""Code text -> QR symbol, PNG, SVG (docs/spec clause 4.5).

Only issuing draws, so only this file needs ``qrcode``.  The library places every module; what
is done here is its choice of the mask: on whole symbols held as integers that takes 0.3 ms, in
its own code 12 ms, and the choice is the same.
"""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError
from qrcode.util import ALPHA_NUM, QRData

from etitle.errors import ImageError

QUIET_MODULES: Final = 4
"""Modules of white on each side (ISO/IEC 18004 §5.3.8)."""

MIN_SYMBOL_MM: Final = 25.0
"""Millimetres, without the quiet zone (docs/spec clause 4.5)."""

MIN_MODULE_MM: Final = 0.40
"""Millimetres; keeps a symbol of version 12 or more, printed larger than 25 mm, as readable."""

MODULE_PX: Final = 8
"""Pixels of a module in a PNG: a printer at 600 dpi needs no more for 25 mm."""

MAX_MODULE_PX: Final = 64
"""Pixels; with the largest symbol a picture of 12,100 pixels a side."""

_URL: Final = re.compile(r"([!-~]+/[vV][#/])([0-9]+)")
_BASE45: Final = re.compile(r"ZC1:[0-9A-Z $%*+\-./:]+")
_NUMBER: Final = re.compile(r"[0-9]+")
_ALPHABET: Final = frozenset(ALPHA_NUM.decode("ascii"))

_NUMERIC: Final = 0b0001
_ALPHANUMERIC: Final = 0b0010
_BYTE: Final = 0b0100
"""Mode indicators (ISO/IEC 18004 §7.4.1, table 2)."""

_MASKS: Final = range(8)
"""Mask patterns of a QR Code (ISO/IEC 18004 §7.8.2)."""


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
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M)
    for segment in _segments(code_text):
        code.add_data(segment, optimize=0)
    try:
        version = code.best_fit()
    except (DataOverflowError, ValueError):  # the library lets some overflows out as ValueError
        raise ImageError("image.text_too_long", count=len(code_text)) from None
    code.makeImpl(test=True, mask_pattern=0)
    plain = _bits(code.modules)
    size = len(code.modules)
    # The first of equals, as the library takes it.
    _, _, finish = min(
        (_penalty(plain ^ toggle, size), mask, finish)
        for mask, (toggle, finish) in enumerate(_patterns(version))
    )
    return Symbol(version=version, rows=_rows(plain ^ finish, size))


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


def _segments(code_text: str) -> list[QRData]:
    if url := _URL.fullmatch(code_text):
        head, number = url.groups()
        upper = _ALPHABET.issuperset(head)
        first = QRData(head, _ALPHANUMERIC) if upper else QRData(head, _BYTE)
        return [first, QRData(number, _NUMERIC)]
    if _NUMBER.fullmatch(code_text):
        return [QRData(code_text, _NUMERIC)]
    if _BASE45.fullmatch(code_text):
        return [QRData(code_text, _ALPHANUMERIC)]
    raise ImageError("image.text_refused")


# A symbol as an integer: bit (row · size + column) is the module, so that one operation looks at
# every module at once.


def _bits(modules: list[list[bool | None]]) -> int:
    cells = b"".join(bytes(map(bool, row)) for row in modules)
    return int(cells[::-1].translate(bytes.maketrans(b"\x00\x01", b"01")), 2)


def _rows(bits: int, size: int) -> tuple[bytes, ...]:
    cells = f"{bits:0{size * size}b}".encode()[::-1].translate(bytes.maketrans(b"01", b"\x00\x01"))
    return tuple(cells[start : start + size] for start in range(0, size * size, size))


@lru_cache(maxsize=40)
def _patterns(version: int) -> tuple[tuple[int, int], ...]:
    """For each mask, what turns a trial symbol of mask 0 into its trial and its final symbol.

    Masks and format bits do not depend on the data, so the library is asked once a version.
    """
    code = qrcode.QRCode(version, ERROR_CORRECT_M)
    code.add_data(QRData(b"0", _NUMERIC), optimize=0)
    drawn: dict[tuple[int, bool], int] = {}
    for mask in _MASKS:
        for test in (True, False):
            code.makeImpl(test=test, mask_pattern=mask)
            drawn[mask, test] = _bits(code.modules)
    plain = drawn[0, True]
    return tuple((plain ^ drawn[mask, True], plain ^ drawn[mask, False]) for mask in _MASKS)


@lru_cache(maxsize=40)
def _inside(size: int) -> tuple[tuple[int, int, int], ...]:
    """For rows and for columns: the step to the next module, and where 1 and 10 steps fit."""
    whole = (1 << size * size) - 1
    lefts = whole // ((1 << size) - 1)  # the first module of each row

    def before(columns: int) -> int:
        return lefts * ((1 << columns) - 1)

    return (
        (1, before(size - 1), before(size - 10)),
        (size, (1 << size * (size - 1)) - 1, (1 << size * (size - 10)) - 1),
    )


def _penalty(bits: int, size: int) -> int:
    """The penalty of ISO/IEC 18004 §7.8.3.1 (N1 = 3, N2 = 3, N3 = 40, N4 = 10)."""
    total = 0
    alike: list[int] = []
    for step, one_fits, ten_fit in _inside(size):
        same = ~(bits ^ bits >> step) & one_fits
        alike.append(same)
        fives = same & same >> step
        fives &= fives >> 2 * step  # four equal neighbours in a line: five equal modules
        total += fives.bit_count() + 2 * (fives & ~(fives << step)).bit_count()
        total += 40 * _finders(bits, step, ten_fit)
    total += 3 * (alike[0] & alike[0] >> size & alike[1]).bit_count()
    return total + 10 * int(abs(bits.bit_count() / size**2 * 100 - 50) / 5)


def _finders(bits: int, step: int, fits: int) -> int:
    """How many lines of 11 modules look like a finder pattern beside four light modules."""
    after = [bits >> k * step for k in range(11)]
    core = fits & ~after[1] & after[4] & ~after[5] & after[6] & ~after[9]
    left = core & bits & after[2] & after[3] & ~(after[7] | after[8] | after[10])
    right = core & after[7] & after[8] & after[10] & ~(bits | after[2] | after[3])
    return (left | right).bit_count()
