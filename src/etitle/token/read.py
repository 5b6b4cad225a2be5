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
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import count, islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

from etitle.errors import ImageError
from etitle.token.jpeg import coefficient_bytes

if TYPE_CHECKING:
    from PIL import Image

MAX_PICTURE_BYTES: Final = 64 << 20
"""Bytes of a file; an A4 page at 600 dpi in 8-bit grey takes 35 MB uncompressed."""

MAX_PIXELS: Final = 50_000_000
"""Pixels of a page; A4 at 600 dpi has 34.8 million."""

MAX_SAMPLE_BYTES: Final = 110_000_000
"""Bytes of a page's samples while it is decoded: A4 at 600 dpi in colour has 104 million.  A JPEG
of more is decoded at half its size."""

MAX_DECODED_BYTES: Final = 250_000_000
"""Bytes of the coefficients of a JPEG in several scans, which are kept whole, and its samples."""

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

OVERLAP_PX: Final = 384
"""Pixels; a code of 25 mm with its quiet zone has 337 at 300 dpi.  Larger codes lie whole in a
tile of a coarser level."""

LADDER_PAGES: Final = 2
"""Pages that go up the ladder."""

LOOK_S: Final = 1.5
"""Seconds of processor time for looking at a file of a megabyte or less as it is."""

CLIMB_S: Final = 1.8
"""Seconds by which no step of the ladder begins any more."""

MORE_S: Final = 1.5
"""Seconds more for each further megabyte: whoever sends much may take long."""

MAX_MORE_S: Final = 60.0

LADDER_PLACES: Final = 6
"""Tiles of a large page that go up the ladder, besides the page as a whole."""

MIN_SIDE_PX: Final = 21
"""Pixels; the smallest symbol has 21 modules a side."""

_FORMATS: Final = {
    "PNG": "PIL.PngImagePlugin",
    "JPEG": "PIL.JpegImagePlugin",
    "TIFF": "PIL.TiffImagePlugin",
    "WEBP": "PIL.WebPImagePlugin",
    "BMP": "PIL.BmpImagePlugin",
    "GIF": "PIL.GifImagePlugin",
    "AVIF": "PIL.AvifImagePlugin",
}
"""Accepted formats and their Pillow modules, imported by name: Pillow would import them all."""

_MOVING: Final = frozenset({"GIF", "PNG", "WEBP", "AVIF"})
"""Formats whose pictures may move: then no one picture is what a person sees."""

_WHITE: Final = 255
_Grey: TypeAlias = "Image.Image"
_Reader: TypeAlias = Callable[["Image.Image"], list[str]]
Wanted: TypeAlias = Callable[[str], bool]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class PageTexts:
    """What was read of a page.

    Attributes:
        number: of the page, from 1; None where the file has no pages.
        texts: the distinct texts of its QR codes, wanted or not, in the order found.
        fault: code of the error, where the page was not looked at, or not wholly; else empty.
    """

    number: int | None
    texts: tuple[str, ...]
    fault: str = ""


class Budget:
    """Processor time for one file, by its size."""

    def __init__(self, size: int) -> None:
        self._start_s = time.process_time()
        self._more_s = min(max(0.0, size / (1 << 20) - 1) * MORE_S, MAX_MORE_S)
        self.elsewhere_s = 0.0

    def over(self, limit_s: float) -> bool:
        """Whether more is spent than a limit for small files, and what a larger file has more."""
        spent_s = time.process_time() - self._start_s + self.elsewhere_s
        return spent_s > limit_s + self._more_s


def read_codes(data: bytes, *, wanted: Wanted) -> tuple[str, ...]:
    """All distinct texts of the QR codes in a picture.

    Looks once at every page as it is, and tries cleaned, sharpened and enlarged copies (of the first
    two pages without a wanted text) after that.

    Args:
        data: a PNG, JPEG, WebP, GIF, BMP or AVIF file that does not move, or TIFF file (20 pages).
        wanted: whether a text is of the kind looked for.

    Returns:
        All texts, wanted or not, in the order found; empty where there is no QR code.

    Raises:
        ImageError: ``image.too_large``, ``image.not_a_picture``, ``image.too_many_pixels``,
            ``image.too_many_scans``, ``image.kind_unread``, ``image.damaged``.

    >>> read_codes(b"no picture", wanted=lambda text: True)
    Traceback (most recent call last):
    ...
    etitle.errors.ImageError: [image.not_a_picture] the file is not a picture of a kind that is read
      next: scan or photograph the certificate again and save it as PNG or JPEG
    [image.not_a_picture] 文件不是可识读的图片
      下一步: 请重新扫描或拍摄证书，并保存为 PNG 或 JPEG
    """  # noqa: E501  # one line of the message
    pages = read_picture(data, wanted=wanted)
    return tuple(dict.fromkeys(text for page in pages for text in page.texts))


def read_picture(data: bytes, *, wanted: Wanted) -> tuple[PageTexts, ...]:
    """The texts of each page of a picture; only a TIFF has pages.

    Raises:
        ImageError: as ``read_codes``.
    """
    if len(data) > MAX_PICTURE_BYTES:
        raise ImageError("image.too_large", size=len(data), limit=MAX_PICTURE_BYTES)
    budget = Budget(len(data))
    pages: list[PageTexts] = []
    for number, page in _pages(data):
        if isinstance(page, ImageError):
            pages.append(PageTexts(number, (), page.code))
        else:
            found, whole = look(page, wanted, budget)
            pages.append(PageTexts(number, tuple(found), "" if whole else "image.too_slow"))
    if not any(wanted(text) for page in pages for text in page.texts):
        for at, (_, page) in enumerate(islice(_pages(data), LADDER_PAGES)):
            if not isinstance(page, ImageError):
                found = dict.fromkeys(pages[at].texts) | climb(page, wanted, budget)
                pages[at] = replace(pages[at], texts=tuple(found))
    return tuple(pages)


def look(page: _Grey, wanted: Wanted, budget: Budget) -> tuple[dict[str, None], bool]:
    """The texts of a page as it is, and whether all of it was looked at."""
    found: dict[str, None] = {}
    for tile in _tiles(page):
        if budget.over(LOOK_S):
            return found, any(map(wanted, found))
        found |= dict.fromkeys(_zxing(tile))
    return found, True


def climb(page: _Grey, wanted: Wanted, budget: Budget) -> dict[str, None]:
    """The texts of cleaned, sharpened and enlarged copies, up to the first wanted one."""
    found: dict[str, None] = {}
    low, high = page.getextrema()
    places = _places(page) if low != high else []
    for step, readers in _ladder():
        for place in places:
            if budget.over(CLIMB_S):
                return found
            copy = step(place)
            for read in readers:
                texts = read(copy)
                found |= dict.fromkeys(texts)
                if any(map(wanted, texts)):
                    return found
    return found


def _pages(data: bytes) -> Iterator[tuple[int | None, _Grey | ImageError]]:
    """Each page in grey levels, halved until it has at most ``SEARCH_PIXELS``.

    An error of the first page is raised; one of a later page is yielded and ends them.
    """
    picture = _contained(lambda: _open(data))
    if picture.format in _MOVING and _contained(lambda: getattr(picture, "is_animated", False)):
        raise ImageError("image.kind_unread", kind=f"animated {picture.format}")
    paged = picture.format == "TIFF" and _contained(lambda: getattr(picture, "n_frames", 1)) > 1
    total = 0
    for page in count():
        try:
            if page and not (paged and _contained(partial(_seek, picture, page))):
                return
            total += picture.width * picture.height
            _check_pixels(picture, data, total)
            if page == MAX_PAGES:
                raise ImageError("image.too_many_pages", limit=MAX_PAGES)  # noqa: TRY301
            grey = _contained(lambda: _shrunk(_grey(picture)))
        except ImageError as error:
            if not page:
                raise
            yield page + 1, error
            return
        yield page + 1 if paged else None, grey


def _check_pixels(picture: Image.Image, data: bytes, total: int) -> None:
    pixels = picture.width * picture.height
    if pixels > MAX_PIXELS:
        raise ImageError("image.too_many_pixels", count=pixels, limit=MAX_PIXELS)
    if total > MAX_TOTAL_PIXELS:
        raise ImageError("image.too_many_pixels", count=total, limit=MAX_TOTAL_PIXELS)
    if picture.format in ("JPEG", "MPO"):
        scans = data.count(b"\xff\xda")  # start of scan, ISO/IEC 10918-1 table B.1
        if scans > MAX_JPEG_SCANS:
            raise ImageError("image.too_many_scans", count=scans, limit=MAX_JPEG_SCANS)
        inks = 5 if picture.mode == "CMYK" else 3  # or the four and the levels of grey
        halves = 1 + (pixels * inks > MAX_SAMPLE_BYTES)
        kept = coefficient_bytes(data, pixels)
        drawn = pixels * (5 if picture.mode == "CMYK" else 1) // halves**2
        if kept + drawn > MAX_DECODED_BYTES:
            raise ImageError("image.too_many_pixels", count=pixels, limit=MAX_PIXELS)
        picture.draft("L", (picture.width // halves, picture.height // halves))
    elif pixels * _sample_bytes(picture) > MAX_SAMPLE_BYTES:
        raise ImageError("image.too_many_pixels", count=pixels, limit=MAX_PIXELS)


def _sample_bytes(picture: Image.Image) -> int:
    """Bytes of a pixel while it is decoded and made grey."""
    if picture.format == "WEBP":
        return 8  # decoded whole as RGBA, beside what the decoder keeps
    if picture.has_transparency_data:
        return 7  # as RGBA, LA and L
    if picture.format == "AVIF":
        return 5  # decoded whole, beside what the decoder keeps
    return {"1": 1, "L": 1, "P": 2, "CMYK": 4}.get(
        picture.mode, 7 if picture.mode[0] in "IF" else 3
    )


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
        with suppress(ImportError):  # AVIF came with Pillow 11.3
            importlib.import_module(plugin)
    if data[4:8] == b"ftyp" and data[8:12] not in (b"avif", b"avis"):
        kind = "HEIC" if data[8:11] in (b"hei", b"hev", b"mif", b"msf") else "MPEG-4"
        raise ImageError("image.kind_unread", kind=kind)
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
        layers = picture.convert("RGBA").convert("LA")
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
