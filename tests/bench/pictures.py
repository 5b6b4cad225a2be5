"""QR pictures: how many of sixteen degradations are read, and how long drawing and reading take.

The floor of the shares is pyzbar alone; that of the times is what no reader can do without: the
plain reader on pixels that are already in memory.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle, islice

import numpy as np
import zxingcpp
from PIL import Image
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import QRData
from tests.bench.measure import PASSES, Row, pair_us, per_item_us, row
from tests.support.degradations import DEGRADATIONS, photograph

from etitle.token.draw import draw_png, draw_symbol
from etitle.token.pages import read_pdf
from etitle.token.read import read_codes

MIN_PICTURES = 20
"""Of each degradation; codes are photographed more than once where there are fewer."""

PAGE_PX = (2480, 3508)
"""A4 at 300 dpi."""


def rows(codes: Sequence[str]) -> list[Row]:
    """Every figure of this module, over pictures of these code texts."""
    return [*_shares(codes), *_times(codes[:MIN_PICTURES])]


def _shares(codes: Sequence[str]) -> list[Row]:
    texts = list(islice(cycle(codes), max(MIN_PICTURES, len(codes))))
    photographs = [photograph(draw_png(code), seed) for seed, code in enumerate(texts)]
    readers: dict[str, Callable[[Image.Image, str], bool]] = {"etitle": _read, "zxing-cpp": _zxing}
    zbar = _zbar()
    if zbar is not None:
        readers["pyzbar"] = zbar
    shares: dict[str, list[float]] = {name: [] for name in readers}
    measured: list[Row] = []
    for name, degrade in DEGRADATIONS.items():
        pictures = [degrade(picture, seed) for seed, picture in enumerate(photographs)]
        for reader, read in readers.items():
            good = sum(map(read, pictures, texts))
            shares[reader].append(100 * good / len(texts))
        floor = shares["pyzbar"][-1] if zbar else None
        measured.append(row(f"pictures read: {name}", shares["etitle"][-1], "%", floor))
    floor = statistics.mean(shares["pyzbar"]) if zbar else None
    means = [
        row(f"pictures read, {len(DEGRADATIONS)} degradations, {reader}", mean, "%", floor)
        for reader, mean in ((reader, statistics.mean(share)) for reader, share in shares.items())
    ]
    return [*means, *measured]


def _read(picture: Image.Image, code: str) -> bool:
    return code in read_codes(_png(picture), wanted=partial(str.__eq__, code))


def _zxing(picture: Image.Image, code: str) -> bool:
    kind = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return any(found.text == code for found in zxingcpp.read_barcodes(picture, formats=kind))


def _zbar() -> Callable[[Image.Image, str], bool] | None:
    try:
        from pyzbar import pyzbar  # noqa: PLC0415  # its system library may be missing
    except (ImportError, OSError):
        return None

    def read(picture: Image.Image, code: str) -> bool:
        found = pyzbar.decode(picture, symbols=[pyzbar.ZBarSymbol.QRCODE])
        return any(one.data == code.encode() for one in found)

    return read


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _times(codes: Sequence[str]) -> list[Row]:
    clean = [draw_png(code) for code in codes]
    pages = [_page(picture) for picture in clean[:1]]
    drawn, library = pair_us(draw_symbol, _library, codes)
    read, plain = pair_us(_plainly(clean), _in_memory(clean), range(len(clean)))
    files = [_png(page) for page in pages]
    page_read, page_plain = pair_us(_plainly(files), _in_memory(files), range(len(files)))
    return [
        row("draw a symbol (floor: the library's own mask)", drawn / 1000, "ms", library / 1000),
        row("draw a PNG", per_item_us(draw_png, codes) / 1000, "ms"),
        row("PNG bytes, mean", statistics.mean(map(len, clean)), "bytes"),
        row("read a clean QR picture", read / 1000, "ms", plain / 1000),
        row("read an A4 page at 300 dpi", page_read / 1000, "ms", page_plain / 1000),
        *_scans(pages[0], page_plain / 1000),
    ]  # fmt: skip


def _scans(page: Image.Image, floor_ms: float) -> list[Row]:
    return [
        row(
            f"read a scan of an A4 page, {kind}, by the clock",
            _clock_ms(kind, page),
            "ms",
            floor_ms,
        )
        for kind in ("JPEG", "PDF")
    ]


def _clock_ms(kind: str, page: Image.Image) -> float:
    """Of one scan, in grey at quality 85: a PDF is rendered by another process, kept warm."""
    file = io.BytesIO()
    page.save(file, kind, quality=85, resolution=300)
    read = read_codes if kind == "JPEG" else read_pdf
    passes: list[float] = []
    for _ in range(2 * PASSES):
        start_s = time.perf_counter()
        tuple(read(file.getvalue(), wanted=bool))
        passes.append(time.perf_counter() - start_s)
    return 1000 * min(passes)


def _library(code: str) -> None:
    head, _, number = code.rpartition("#")
    symbol = QRCode(error_correction=ERROR_CORRECT_M)
    symbol.add_data(QRData(head + "#", 4))
    symbol.add_data(QRData(number, 1))
    symbol.make()


def _plainly(files: Sequence[bytes]) -> Callable[[int], object]:
    return lambda index: read_codes(files[index], wanted=bool)


def _in_memory(files: Sequence[bytes]) -> Callable[[int], object]:
    pictures = [Image.open(io.BytesIO(file)).convert("L") for file in files]
    kind = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return lambda index: zxingcpp.read_barcodes(pictures[index], formats=kind)


def _page(png: bytes) -> Image.Image:
    """A scanned page: lines like text, and the code at 25 mm."""
    chance = np.random.default_rng(3)
    width, height = PAGE_PX
    levels = np.full((height, width), 235, np.uint8)
    for top in range(300, 2500, 70):
        ink = np.kron(chance.random((8, 450)) < 0.45, np.ones((4, 4)))
        levels[top : top + 32, 300:2100] = np.where(ink, 60, 235)
    page = Image.fromarray(levels)
    page.paste(photograph(png, 1), (1703, 2907))
    return page
