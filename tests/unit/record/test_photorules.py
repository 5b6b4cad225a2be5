"""Two-inch photos: the rules of 附件2 and table ``workflow``."""

from __future__ import annotations

import contextlib
import io
import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.support.portrait import draw_portrait

from etitle.certificate.codes import table
from etitle.certificate.photo import Photo
from etitle.errors import EtitleError, FieldError, ImageError
from etitle.record.photorules import (
    MAX_PHOTO_BYTES,
    formats_mm,
    parse_photo_name,
    read_photo,
)

JPEG = draw_portrait(quality=90)


def refused(data: bytes) -> ImageError:
    with pytest.raises(ImageError) as caught:
        read_photo(data)
    return caught.value


def test_the_rules_are_those_of_the_table() -> None:
    rules = table("workflow")["photo"]
    assert tuple(rules["mm"]) == formats_mm()[0]
    assert rules["max_bytes"] == MAX_PHOTO_BYTES


@pytest.mark.parametrize("size", table("workflow")["photo"]["px_at_dpi"].values())
def test_the_sizes_of_the_table_are_taken(size: list[int]) -> None:
    photo = read_photo(draw_portrait(*size))
    assert [photo.width_px, photo.height_px] == size


def test_a_jpeg_passes_through_without_its_metadata() -> None:
    exif = Image.Exif()
    exif[0x010E] = "place and time"
    photo = read_photo(draw_portrait(exif=exif, comment=b"by a camera", quality=90))
    assert b"place and time" not in photo.data
    assert b"by a camera" not in photo.data
    assert photo == Photo(413, 531, 3, "jpeg", photo.data)
    with Image.open(io.BytesIO(photo.data)) as kept, Image.open(io.BytesIO(JPEG)) as first:
        assert kept.tobytes() == first.tobytes()


def test_bytes_after_the_end_of_a_jpeg_are_left_out() -> None:
    assert read_photo(JPEG + b"hidden").data == read_photo(JPEG).data


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content


JFIF = JPEG[2 : 4 + int.from_bytes(JPEG[4:6], "big")]


@pytest.mark.parametrize(
    "data",
    [
        JPEG + JPEG,  # a preview, or the second picture of MPO
        JPEG[:-2] + segment(0xE1, b"hidden") + b"\xff\xd9",
        JPEG[:-2] + segment(0xFE, b"hidden") + b"\xff\xd9hidden\xff\xd9",
        JPEG.replace(JFIF, segment(0xE0, JFIF[4:16] + b"\x01\x02hidden")),
        JPEG.replace(JFIF, segment(0xE0, b"JFIF\0hidden"[:9]) + JFIF),
        JPEG.replace(JFIF, JFIF + segment(0xE0, b"JFXX\0\x10hidden")),
        JPEG.replace(JFIF, b"\xff" + JFIF),
    ],
    ids=["twice", "behind a scan", "comment and tail", "thumbnail", "short", "JFXX", "filled"],
)
def test_of_a_jpeg_only_the_picture_that_is_seen_is_kept(data: bytes) -> None:
    assert read_photo(data).data == read_photo(JPEG).data


def test_what_tells_the_colours_is_kept_without_more() -> None:
    adobe = b"Adobe\0\x64\0\0\0\0\x01"
    data = JPEG.replace(JFIF, segment(0xEE, adobe + b"hidden"))
    assert read_photo(data).data == JPEG.replace(JFIF, segment(0xEE, adobe))


def test_nothing_between_the_scans_of_a_progressive_jpeg_is_kept() -> None:
    plain = draw_portrait(progressive=True)
    at = plain.rindex(b"\xff\xda")
    assert read_photo(plain[:at] + segment(0xE2, b"hidden") + plain[at:]) == read_photo(plain)


def test_a_progressive_jpeg_is_taken() -> None:
    assert read_photo(draw_portrait(progressive=True)).encoding == "jpeg"


@pytest.mark.parametrize(("mode", "channels"), [("RGB", 3), ("L", 1), ("P", 3), ("RGBA", 3)])
def test_a_png_is_packed_again_without_loss(mode: str, channels: int) -> None:
    data = draw_portrait(kind="PNG", mode=mode)
    photo = read_photo(data)
    assert (photo.channels, photo.encoding) == (channels, "deflate")
    with Image.open(io.BytesIO(data)) as first:
        plain = first.convert("L" if channels == 1 else "RGB")
    assert unfiltered(photo) == plain.tobytes()


def unfiltered(photo: Photo) -> bytes:
    """The samples behind PNG's row filters."""
    head = photo.width_px.to_bytes(4, "big") + photo.height_px.to_bytes(4, "big")
    head += bytes((8, 2 if photo.channels == 3 else 0, 0, 0, 0))
    png = b"\x89PNG\r\n\x1a\n"
    for kind, content in ((b"IHDR", head), (b"IDAT", photo.data), (b"IEND", b"")):
        png += len(content).to_bytes(4, "big") + kind + content
        png += zlib.crc32(kind + content).to_bytes(4, "big")
    with Image.open(io.BytesIO(png)) as picture:
        return picture.tobytes()


@pytest.mark.parametrize(
    "size", [(413, 531), (358, 441), (295, 413), (413, 579), (413, 626), (390, 567)]
)
def test_the_formats_that_offices_hold_are_taken(size: tuple[int, int]) -> None:
    photo = read_photo(draw_portrait(*size))
    assert (photo.width_px, photo.height_px) == size


def test_a_refused_ratio_names_the_formats() -> None:
    error = refused(draw_portrait(480, 640))
    assert error.details["known"] == "26×32, 25×35, 33×48, 35×49, 35×53"


@pytest.mark.parametrize("size", [(480, 640), (531, 413), (413, 500), (400, 400), (413, 640)])
def test_another_ratio_is_refused(size: tuple[int, int]) -> None:
    assert refused(draw_portrait(*size)).code == "photo.ratio"


@pytest.mark.parametrize("size", [(413, 531), (350, 450), (413, 528), (412, 533)])
def test_a_pixel_or_two_are_forgiven(size: tuple[int, int]) -> None:
    assert read_photo(draw_portrait(*size)).width_px == size[0]


def test_too_few_pixels_are_refused() -> None:
    assert refused(draw_portrait(140, 180)).code == "photo.too_small"


def test_too_many_pixels_are_refused_before_they_are_read() -> None:
    wide = Image.new("1", (7000, 9000))
    out = io.BytesIO()
    wide.save(out, "PNG")
    assert refused(out.getvalue()).code == "photo.too_many_pixels"


def test_pixels_beyond_all_measure_are_refused() -> None:
    head = (60_000).to_bytes(4, "big") * 2 + b"\x01\x00\x00\x00\x00"
    png = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + head
    png += zlib.crc32(b"IHDR" + head).to_bytes(4, "big") + b"\0\0\0\0IEND\xaeB`\x82"
    assert refused(png).code in {"photo.too_many_pixels", "photo.damaged"}


def test_one_byte_over_512_k_is_refused() -> None:
    padded = JPEG + bytes(MAX_PHOTO_BYTES - len(JPEG))
    assert read_photo(padded).width_px == 413
    assert refused(padded + b"\0").code == "photo.too_large"


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"%PDF-1.7", b"\xff\xd8", b"BM" + bytes(60)])
def test_what_is_neither_jpeg_nor_png_is_refused(data: bytes) -> None:
    assert refused(data).code == "photo.not_a_photo"


@pytest.mark.parametrize("part", [0.02, 0.3, 0.9])
def test_a_file_cut_short_is_refused(part: float) -> None:
    for data in (JPEG, draw_portrait(kind="PNG")):
        assert refused(data[: int(len(data) * part)]).code == "photo.damaged"


def test_a_jpeg_of_many_scans_is_refused() -> None:
    end = JPEG.rindex(b"\xff\xd9")
    scans = JPEG[:end] + b"\xff\xda\x00\x02" * 20 + b"\xff\xd9"
    assert refused(scans).code == "photo.too_many_scans"


def test_a_photo_turned_by_a_mark_alone_is_refused() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert refused(draw_portrait(exif=exif)).code == "photo.turned"


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "CMYK"), ("PNG", "I;16")])
def test_colours_that_a_page_can_not_show_are_refused(kind: str, mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (413, 531)).save(out, kind)
    assert refused(out.getvalue()).code == "photo.colours"


def test_a_transparent_photo_is_refused() -> None:
    picture = Image.new("RGBA", (413, 531), (255, 255, 255, 0))
    out = io.BytesIO()
    picture.save(out, "PNG")
    assert refused(out.getvalue()).code == "photo.transparent"


def test_a_background_of_two_colours_is_refused() -> None:
    picture = Image.new("RGB", (413, 531), (255, 255, 255))
    picture.paste((30, 90, 160), (0, 0, 200, 531))
    assert refused(jpeg(picture)).code == "photo.background"


def test_a_busy_background_is_refused() -> None:
    noise = random.Random(3).randbytes(41 * 53 * 3)
    picture = Image.frombytes("RGB", (41, 53), noise).resize((413, 531))
    assert refused(jpeg(picture)).code == "photo.background"


@pytest.mark.parametrize("colour", [(255, 255, 255), (67, 142, 219), (200, 30, 40)])
def test_uneven_light_and_grain_are_forgiven(colour: tuple[int, int, int]) -> None:
    light = Image.linear_gradient("L").resize((413, 531)).point(lambda level: level // 8)
    dim = Image.merge("RGB", (light, light, light))
    shaded = Image.new("RGB", (413, 531), colour)
    grain = Image.effect_noise((413, 531), 12).convert("RGB")
    picture = Image.blend(Image.blend(shaded, dim, 0.08), grain, 0.1)
    assert read_photo(jpeg(picture)).channels == 3


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()


@settings(max_examples=60)
@given(st.integers(0, len(JPEG) - 1), st.integers(0, 255), st.sampled_from(["JPEG", "PNG"]))
def test_a_bent_file_is_read_or_refused(at: int, value: int, kind: str) -> None:
    data = bytearray(JPEG if kind == "JPEG" else draw_portrait(kind="PNG"))
    data[at % len(data)] = value
    with contextlib.suppress(EtitleError):  # and nothing else comes out
        assert read_photo(bytes(data)).width_px > 0


# -- file names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file_name", "name", "number"),
    [
        ("张样例_45009919900101123X.jpg", "张样例", "45009919900101123X"),
        ("张样例+45009919900101123x.jpg", "张样例", "45009919900101123X"),
        ("张样例45009919900101123x.JPG", "张样例", "45009919900101123X"),
        ("张样例＋４５００９９１９９００１０１１２３ｘ．jpg", "张样例", "45009919900101123X"),
        ("三＿45***1234.jpeg", "三", "45***1234"),
        ("photos/2026/阿卜杜拉·样例 _ E12345678.png", "阿卜杜拉·样例", "E12345678"),
        ("ANNA EXAMPLE_E12345678.jpg", "ANNA EXAMPLE", "E12345678"),
        ("\U00020087样例H1234567890.jpg", "\U00020087样例", "H1234567890"),
    ],
)
def test_a_file_name_tells_name_and_number(file_name: str, name: str, number: str) -> None:
    found = parse_photo_name(file_name)
    assert (found.name, found.number) == (name, number)
    assert number not in repr(found)


@pytest.mark.parametrize(
    "file_name",
    [
        "",
        "张样例.jpg",
        "45009919900101123X.jpg",
        "_45009919900101123X.jpg",
        "张样例_45009919900101123X",
        "张样例_45009919900101123X.gif",
        "张样例_45009919900101123X(1).jpg",
        "张样例_ABCDEFG.jpg",
        "ANNA12345678.jpg",
        "张样例_1234.jpg",
    ],
)
def test_another_file_name_is_refused_without_being_repeated(file_name: str) -> None:
    with pytest.raises(FieldError) as caught:
        parse_photo_name(file_name)
    assert caught.value.code == "photo.name_malformed"
    assert "450099" not in str(caught.value)
