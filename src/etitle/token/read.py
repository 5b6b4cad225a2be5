"""Picture file -> the texts of its QR codes.

The caller judges the texts.  Pictures come from strangers, so formats,
pages and pixels are bounded before anything is decoded, and any exception of a decoder becomes an
``ImageError``.  Pillow and the readers are imported when first used.

A reader's time grows with the square of how many finder patterns it sees (zxing-cpp 3.1; with
the cube before), and a page can be tiled with them; so a large picture is looked at in
overlapping tiles of bounded size, from the coarse to the fine.  If that finds no wanted text,
the busiest places go up the ladder.
"""

from __future__ import annotations

import importlib
import io
import math
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

from etitle.errors import ImageError

if TYPE_CHECKING:
    from PIL import Image

MAX_PICTURE_BYTES: Final = 64 << 20
"""Bytes of a file; an A4 page at 600 dpi in 8-bit grey takes 35 MB uncompressed."""

MAX_PIXELS: Final = 50_000_000
"""Pixels of a page; A4 at 600 dpi has 34.8 million."""

MAX_PAGES: Final = 20
"""Pages of a TIFF that are looked at; a certificate has one or two."""

MAX_TOTAL_PIXELS: Final = 100_000_000
"""Pixels of all pages that are looked at: two A4 pages at 600 dpi, 11 at 300 dpi."""

MAX_JPEG_SCANS: Final = 100
"""Scans of a JPEG, each a pass over all its pixels; common encoders write ten."""

SEARCH_PIXELS: Final = 10_000_000
"""Pixels; larger pages are halved first.  A4 at 300 dpi has 8.7 million, and there a code of
25 mm has five pixels a module."""

TILE_PX: Final = 1024
"""Pixels a side: at worst, tiled with the smallest finder patterns, 0.2 s of the reader."""

MAX_TILES: Final = 60
"""Tiles of a file that are looked at as they are: two pages of A4 at 300 dpi.  A file filled
with finder patterns then ends in a quarter of a minute, not in several."""

OVERLAP_PX: Final = 384
"""Pixels; a code of 25 mm with its quiet zone has 337 at 300 dpi.  Larger codes lie whole in a
tile of a coarser level."""

LADDER_PAGES: Final = 2
"""Pages that go up the ladder: up to 5 s each where they are made to be slow."""

LADDER_PLACES: Final = 6
"""Tiles of a large page that go up the ladder, besides the page as a whole."""

MIN_SIDE_PX: Final = 21
"""Pixels; the smallest symbol has 21 modules a side."""

_FORMATS: Final = {
    "PNG": "PIL.PngImagePlugin",
    "JPEG": "PIL.JpegImagePlugin",
    "TIFF": "PIL.TiffImagePlugin",
    "WEBP": "PIL.WebPImagePlugin",
}
"""Accepted formats and their Pillow modules, imported by name: Pillow would import them all."""

_WHITE: Final = 255
_Grey: TypeAlias = "Image.Image"
_Reader: TypeAlias = Callable[["Image.Image"], list[str]]
_T = TypeVar("_T")


def read_codes(data: bytes, *, wanted: Callable[[str], bool]) -> tuple[str, ...]:
    """All distinct texts of the QR codes in a picture.

    Looks once at every page as it is, and tries cleaned, sharpened and enlarged copies (of the first
    two pages) only where that finds no wanted text.

    Args:
        data: a PNG, JPEG, WebP (the first frame) or TIFF file (the first 20 pages).
        wanted: whether a text is of the kind looked for.

    Returns:
        All texts, wanted or not, in the order found; empty where there is no QR code.

    Raises:
        ImageError: ``image.too_large``, ``image.not_a_picture``, ``image.too_many_pixels``,
            ``image.too_many_scans``, ``image.damaged``.

    >>> read_codes(b"no picture", wanted=lambda text: True)
    Traceback (most recent call last):
    ...
    etitle.errors.ImageError: [image.not_a_picture] the file is not a PNG, JPEG, TIFF or WebP picture
      next: scan or photograph the certificate again and save it as PNG or JPEG
    [image.not_a_picture] 文件不是 PNG、JPEG、TIFF 或 WebP 图片
      下一步: 请重新扫描或拍摄证书，并保存为 PNG 或 JPEG
    """  # noqa: E501  # one line of the message
    if len(data) > MAX_PICTURE_BYTES:
        raise ImageError("image.too_large", size=len(data), limit=MAX_PICTURE_BYTES)
    found: dict[str, None] = {}
    tiles = (tile for page in _pages(data) for tile in _tiles(page))
    for tile in islice(tiles, MAX_TILES):
        found.update(dict.fromkeys(_zxing(tile)))
    if any(map(wanted, found)):
        return tuple(found)
    for page in islice(_pages(data), LADDER_PAGES):
        places = _places(page)
        for climb, readers in _ladder():
            for place in places:
                copy = climb(place)
                for read in readers:
                    texts = read(copy)
                    found.update(dict.fromkeys(texts))
                    if any(map(wanted, texts)):
                        return tuple(found)
    return tuple(found)


def _pages(data: bytes) -> Iterator[_Grey]:
    """Each page in grey levels, halved until it has at most ``SEARCH_PIXELS``."""
    picture = _contained(lambda: _open(data))
    total = 0
    for page in range(MAX_PAGES):
        if page and not (picture.format == "TIFF" and _contained(partial(_seek, picture, page))):
            return
        pixels = picture.width * picture.height
        total += pixels
        if pixels > MAX_PIXELS:
            raise ImageError("image.too_many_pixels", count=pixels, limit=MAX_PIXELS)
        if total > MAX_TOTAL_PIXELS:
            raise ImageError("image.too_many_pixels", count=total, limit=MAX_TOTAL_PIXELS)
        if picture.format in ("JPEG", "MPO"):
            scans = data.count(b"\xff\xda")  # start of scan, ISO/IEC 10918-1 table B.1
            if scans > MAX_JPEG_SCANS:
                raise ImageError("image.too_many_scans", count=scans, limit=MAX_JPEG_SCANS)
        yield _contained(lambda: _shrunk(_grey(picture)))


def _contained(step: Callable[[], _T]) -> _T:
    """Run a step of Pillow; any exception becomes an ``ImageError``."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  # keeps start-up short

    try:
        return step()
    except ImageError:
        raise
    except UnidentifiedImageError:
        raise ImageError("image.not_a_picture") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageError("image.too_many_pixels", count="?", limit=MAX_PIXELS) from None
    except Exception as error:  # noqa: BLE001  # decoders throw SyntaxError, struct.error, …
        raise ImageError("image.damaged", what=type(error).__name__) from None


def _open(data: bytes) -> Image.Image:
    from PIL import Image  # noqa: PLC0415

    for plugin in _FORMATS.values():
        importlib.import_module(plugin)
    return Image.open(io.BytesIO(data), formats=tuple(_FORMATS))


def _seek(picture: Image.Image, page: int) -> bool:
    try:
        picture.seek(page)
    except EOFError:
        return False
    return True


def _shrunk(grey: _Grey) -> _Grey:
    while grey.width * grey.height > SEARCH_PIXELS:
        grey = grey.reduce(2)
    return grey


def _grey(picture: Image.Image) -> _Grey:
    """8-bit grey levels: transparent pixels become white, deeper samples are scaled."""
    from PIL import Image  # noqa: PLC0415

    picture.load()
    if picture.has_transparency_data:
        if picture.mode not in ("L", "LA", "RGB", "RGBA"):
            picture = picture.convert("RGBA")
        layers = picture.convert("LA")
        grey = Image.new("L", picture.size, _WHITE)
        grey.paste(layers.getchannel(0), mask=layers.getchannel(1))
        return grey
    if picture.mode.startswith("I;16"):
        picture = picture.convert("I")
    if picture.mode in ("I", "F"):
        low, high = (float(level) for level in cast("tuple[float, float]", picture.getextrema()))
        if not math.isfinite(high - low):
            raise ImageError("image.damaged", what="levels")
        if low < 0 or high > _WHITE or high <= 1:
            scale = _WHITE / (high - low or 1)
            offset = -low * scale
            picture = picture.point(lambda level: level * scale + offset)
    if picture.mode == "LAB":
        return picture.getchannel(0)
    return picture.convert("L")


def _levels(page: _Grey) -> list[_Grey]:
    """The page and its halves, the first to fit a tile at the head."""
    levels = [page]
    while max(levels[0].size) > TILE_PX:
        levels.insert(0, levels[0].reduce(2))
    return [level for level in levels if min(level.size) >= MIN_SIDE_PX]


def _tiles(page: _Grey) -> Iterator[_Grey]:
    """Overlapping tiles of every level, from the coarse to the fine."""
    for level in _levels(page):
        yield from _cut(level)


def _cut(level: _Grey) -> Iterator[_Grey]:
    if max(level.size) <= TILE_PX:
        yield level
        return
    step = TILE_PX - OVERLAP_PX
    for top in range(0, max(level.height - OVERLAP_PX, 1), step):
        for left in range(0, max(level.width - OVERLAP_PX, 1), step):
            right, bottom = min(left + TILE_PX, level.width), min(top + TILE_PX, level.height)
            yield level.crop((left, top, right, bottom))


def _places(page: _Grey) -> list[_Grey]:
    """The page as a whole, and the tiles with its busiest spots."""
    levels = _levels(page)
    if len(levels) < 2:  # noqa: PLR2004  # a small page is its own only place
        return levels
    tiles = sorted(_cut(levels[-1]), key=_business, reverse=True)
    return [levels[0], *tiles[:LADDER_PLACES]]


def _business(tile: _Grey) -> int:
    """How far the busiest spot of about 160 pixels departs from its surroundings.

    Half of a QR code is ink, evenly strewn; text has less, photographs and borders are smoother.
    """
    from PIL import ImageChops, ImageFilter  # noqa: PLC0415

    half = tile.reduce(2)
    strewn = ImageChops.difference(half, half.filter(ImageFilter.BoxBlur(4)))
    spots = strewn.reduce(16).filter(ImageFilter.BoxBlur(2))
    return max(spots.tobytes())


def _zxing(grey: _Grey) -> list[str]:
    import zxingcpp  # noqa: PLC0415

    # Since zxing-cpp 3, QRCode stands for Micro QR and the like too.
    kinds = zxingcpp.BarcodeFormat
    kind: Any = getattr(kinds, "QRCodeModel2", kinds.QRCode)
    try:
        codes = zxingcpp.read_barcodes(grey, formats=kind, text_mode=zxingcpp.TextMode.Plain)
        return [code.text for code in codes]
    except Exception as error:  # noqa: BLE001  # the binding raises C++ exceptions under many names
        raise ImageError("image.damaged", what=type(error).__name__) from None


def _zbar(grey: _Grey) -> list[str]:
    """The second opinion; finds nothing where pyzbar or its system library is missing."""
    try:
        pyzbar: Any = importlib.import_module("pyzbar.pyzbar")
    except (ImportError, OSError):
        return []
    try:
        codes = pyzbar.decode(grey, symbols=[pyzbar.ZBarSymbol.QRCODE])
        return [code.data.decode() for code in codes]
    except Exception:  # noqa: BLE001  # a failed second opinion finds nothing
        return []


def _ladder() -> tuple[tuple[Callable[[_Grey], _Grey], tuple[_Reader, ...]], ...]:
    """Copies to try, those that rescued most in measurements first."""
    from PIL import Image, ImageFilter  # noqa: PLC0415

    def twice(grey: _Grey) -> _Grey:
        return grey.resize((2 * grey.width, 2 * grey.height), Image.Resampling.BICUBIC)

    def median(grey: _Grey) -> _Grey:
        return grey.filter(ImageFilter.MedianFilter(3))

    def soft(radius_px: float) -> Callable[[_Grey], _Grey]:
        return lambda grey: grey.filter(ImageFilter.GaussianBlur(radius_px))

    def sharp(grey: _Grey) -> _Grey:
        return twice(grey).filter(ImageFilter.UnsharpMask(6, 400, 0))

    return (
        (median, (_zxing,)),  # specks, noise
        (sharp, (_zxing,)),  # blur of half a module and more
        (twice, (_zxing,)),  # low contrast, small prints
        (lambda grey: sharp(soft(1.2)(grey)), (_zxing,)),  # blur and noise together
        (lambda grey: soft(1.2)(twice(grey)), (_zxing,)),  # noise on small prints
        (lambda grey: twice(soft(1.5)(grey)), (_zxing,)),  # heavy noise
        (soft(1), (_zxing, _zbar)),
        (lambda grey: grey.reduce(2), (_zxing, _zbar)),  # noise on large modules
        (lambda grey: grey, (_zbar,)),
    )
