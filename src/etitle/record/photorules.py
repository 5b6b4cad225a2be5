"""Two-inch photos (附件2): the rules for a file on a certificate.

The rules are those of table ``workflow``: 35 mm × 45 mm or another format that offices hold, at
most 512 KiB, a plain background.  A JPEG goes onto the page as it came, without its metadata; a PNG
is packed again, losslessly.
"""

from __future__ import annotations

import io
import re
import struct
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePath
from typing import Final

from PIL import Image, ImageChops

from etitle.certificate.codes import table
from etitle.certificate.identity import narrow, plain_number
from etitle.certificate.photo import Photo
from etitle.errors import FieldError, ImageError

MAX_PHOTO_BYTES: Final = 524_288
"""Bytes: "512K" of 附件2, read as 512 · 1024."""

RATIO_TOLERANCE: Final = 0.01
"""Of a format's ratio: whole pixels and a careless crop."""

MIN_WIDTH_PX: Final = 206
"""Pixels: 35 mm at 150 dpi, below which a face is a blur. 附件2's own figure is lost."""

MAX_PIXELS: Final = 8_000_000
"""Pixels: 35 mm × 45 mm at 1,200 dpi is 3.5 million."""

MAX_SCANS: Final = 16
"""Of a progressive JPEG; common programs write 10."""

BACKGROUND_SHARE: Final = 0.88
"""Part of the upper border that must have one colour; hair may reach into the rest."""

BACKGROUND_SPREAD: Final = 40
"""Levels of 255 by which a plain background may vary: uneven light, grain, JPEG."""

_STRIP: Final = 0.06
"""Of the width: the border that is looked at, above and on both sides."""
_SIDES: Final = 0.4
"""Of the height, from the top: below, shoulders reach the border."""
_LOOK_PX: Final = 104
"""Pixels of width that suffice to judge a background: a JPEG is decoded to about that."""


def read_photo(data: bytes) -> Photo:
    """Read a photo file and check it by the rules.

    Args:
        data: a JPEG or PNG file.

    Raises:
        ImageError: ``photo.too_large``, ``photo.not_a_photo``, ``photo.damaged``,
            ``photo.too_many_pixels``, ``photo.too_many_scans``, ``photo.too_small``,
            ``photo.turned``, ``photo.ratio``, ``photo.colours``, ``photo.transparent``,
            ``photo.background``.
    """
    if len(data) > MAX_PHOTO_BYTES:
        raise ImageError("photo.too_large", size=len(data), limit=MAX_PHOTO_BYTES)
    try:
        return _read(data)
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageError("photo.too_many_pixels", limit=MAX_PIXELS) from None
    except Exception:  # noqa: BLE001  # decoders throw OSError, SyntaxError, struct.error, …
        raise ImageError("photo.damaged") from None


def _read(data: bytes) -> Photo:
    jpeg = data.startswith(b"\xff\xd8\xff")
    if not jpeg and not data.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ImageError("photo.not_a_photo")
    with Image.open(io.BytesIO(data), formats=("JPEG",) if jpeg else ("PNG",)) as picture:
        width, height = picture.size
        _check_size(width, height)
        if picture.getexif().get(0x0112, 1) != 1:
            raise ImageError("photo.turned")
        mode = picture.mode
    if not jpeg:
        return _read_png(data, mode)
    if mode not in {"RGB", "L"}:
        raise ImageError("photo.colours", mode=mode)
    plain = _without_metadata(data)
    with Image.open(io.BytesIO(plain), formats=("JPEG",)) as picture:
        picture.draft(mode, (_LOOK_PX, _LOOK_PX))
        picture.load()
        _check_background(picture)
    return Photo(width, height, 3 if mode == "RGB" else 1, "jpeg", plain)


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ImageError("photo.too_many_pixels", width=width, height=height, limit=MAX_PIXELS)
    if not any(
        abs(width * high / (height * wide) - 1) <= RATIO_TOLERANCE for wide, high in formats_mm()
    ):
        known = ", ".join(f"{wide}×{high}" for wide, high in formats_mm()[1:])
        raise ImageError("photo.ratio", width=width, height=height, known=known)
    if width < MIN_WIDTH_PX:
        raise ImageError("photo.too_small", width=width, height=height, limit=MIN_WIDTH_PX)


@cache
def formats_mm() -> tuple[tuple[int, int], ...]:
    """Width and height, in millimetres, of the formats that are taken; 附件2's comes first.

    >>> formats_mm()[0]
    (35, 45)
    """
    sizes = (size.split("x") for size in table("workflow")["photo"]["formats_mm"])
    return tuple((int(width), int(height)) for width, height in sizes)


_APPLICATION: Final = 0xE0
"""High nibble of the markers APP0 to APP15 (ITU-T T.81 table B.1)."""
_COMMENT: Final = b"\xfe"


_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""What ends the data of a scan: another marker than restarts (ITU-T T.81 §B.1.1)."""
_KEPT: Final = {b"JFIF\x00": 14, b"Adobe": 12}
"""Application data that say what the samples are, by how they begin, and their bytes without the
preview or whatever else may follow."""


def _without_metadata(data: bytes) -> bytes:
    """A JPEG without application data except colour information: no place, camera or preview.

    It ends where its picture does: what follows may be another picture of the same person.

    Raises:
        ImageError: ``photo.damaged``, ``photo.too_many_scans``.
    """
    parts, at, scans = [b"\xff\xd8"], 2, 0
    while True:
        marker = data[at + 1 : at + 2]
        if data[at : at + 1] != b"\xff" or not marker:
            raise ImageError("photo.damaged")
        if marker == b"\xff":  # fill byte
            at += 1
            continue
        if marker == b"\xd9":
            return b"".join([*parts, b"\xff\xd9"])
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == b"\xda":
            scans += 1
            behind = _MARKER.search(data, end)
            if behind is None:
                raise ImageError("photo.damaged")
            end = behind.start()
        if scans > MAX_SCANS:
            raise ImageError("photo.too_many_scans", limit=MAX_SCANS)
        parts.append(_kept(marker, data[at:end]))
        at = end


def _kept(marker: bytes, segment: bytes) -> bytes:
    """A segment of a JPEG as far as it is needed; nothing of other application data."""
    if marker[0] & 0xF0 != _APPLICATION and marker != _COMMENT:
        return segment
    content = segment[4:]
    for begin, size in _KEPT.items():
        if content.startswith(begin) and len(content) >= size:
            shown = content[: size - 2] + b"\0\0" if begin == b"JFIF\x00" else content[:size]
            return segment[:2] + (size + 2).to_bytes(2, "big") + shown
    return b""


_CHUNK: Final = struct.Struct(">I4s")


def _read_png(data: bytes, mode: str) -> Photo:
    with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
        picture.load()
        if mode not in {"1", "L", "LA", "P", "RGB", "RGBA"}:
            raise ImageError("photo.colours", mode=mode)
        if "A" in mode or "transparency" in picture.info:
            lowest = picture.convert("RGBA").getchannel("A").getextrema()[0]
            if lowest != 255:  # noqa: PLR2004  # opaque
                raise ImageError("photo.transparent")
        grey = mode in {"1", "L", "LA"}
        plain = picture.convert("L" if grey else "RGB")
    _check_background(plain)
    out = io.BytesIO()
    plain.save(out, "PNG", compress_level=6)
    packed, rows, at = out.getvalue(), bytearray(), 8
    while at < len(packed):
        length, kind = _CHUNK.unpack_from(packed, at)
        if kind == b"IDAT":
            rows += packed[at + 8 : at + 8 + length]
        at += length + 12
    return Photo(plain.width, plain.height, 1 if grey else 3, "deflate", bytes(rows))


def _check_background(picture: Image.Image) -> None:
    """Whether the border above and beside the head has one colour."""
    rgb = picture.convert("RGB")
    width, height = rgb.size
    strip, sides = max(1, round(width * _STRIP)), round(height * _SIDES)
    border = Image.new("RGB", (width + 2 * sides, strip))
    border.paste(rgb.crop((0, 0, width, strip)), (0, 0))
    for left, at in ((0, width), (width - strip, width + sides)):
        side = rgb.crop((left, 0, left + strip, sides)).transpose(Image.Transpose.ROTATE_90)
        border.paste(side, (at, 0))
    count = border.width * border.height
    levels = border.histogram()
    middle = tuple(_median(levels[at : at + 256], count) for at in (0, 256, 512))
    away = ImageChops.difference(border, Image.new("RGB", border.size, middle)).split()
    worst = ImageChops.lighter(ImageChops.lighter(away[0], away[1]), away[2]).histogram()
    share = sum(worst[: BACKGROUND_SPREAD + 1]) / count
    if share < BACKGROUND_SHARE:
        raise ImageError("photo.background", share=f"{share:.0%}", limit=f"{BACKGROUND_SHARE:.0%}")


def _median(histogram: list[int], count: int) -> int:
    seen = 0
    for level, some in enumerate(histogram):
        seen += some
        if 2 * seen >= count:
            return level
    return 255


@dataclass(frozen=True, slots=True)
class PhotoName:
    """Whose photo a file is, by its name.

    Attributes:
        name: 姓名.
        number: 身份证号, upper case; stars where the name masks it; kept out of ``repr``.
    """

    name: str
    number: str = field(repr=False)


_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png"})
_JOINED: Final = re.compile(r"(.*[^\s_+])\s*[_+]\s*([0-9A-Za-z*]{5,20})")
_ADJACENT: Final = re.compile(r"(.*[^\x00-\x7f])([0-9A-Za-z*]{5,20})")


def parse_photo_name(file_name: str) -> PhotoName:
    """Read the name of a photo file: 姓名_号.jpg, 姓名+号.jpg or 姓名号.jpg, in any width or case.

    Args:
        file_name: with or without folders; JPG, JPEG or PNG.

    Raises:
        FieldError: ``photo.name_malformed``; the file's name is not repeated: it may hold a number.

    >>> parse_photo_name("张样例＿45***123x.JPG").number
    '45***123X'
    >>> parse_photo_name("阿卜杜拉·样例45009919900101123X.jpeg").name
    '阿卜杜拉·样例'
    """
    path = PurePath(narrow(unicodedata.normalize("NFC", file_name)))
    stem = path.stem.strip()
    found = _JOINED.fullmatch(stem) or _ADJACENT.fullmatch(stem)
    if path.suffix.lower() not in _SUFFIXES or found is None:
        raise FieldError("photo.name_malformed", field="photo")
    number = plain_number(found[2])
    if not any(character.isdigit() for character in number):
        raise FieldError("photo.name_malformed", field="photo")
    return PhotoName(found[1].strip(), number)
