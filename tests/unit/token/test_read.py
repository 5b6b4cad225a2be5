"""Reading QR codes out of picture files that strangers made."""

from __future__ import annotations

import importlib
import io
import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
import qrcode
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter, ImageOps

from etitle.errors import ImageError, explain
from etitle.token import read
from etitle.token.draw import draw_png
from etitle.token.read import read_codes

HEAD = "https://zc.sample.cn/v#"
CODE = HEAD + str(random.Random(1).randrange(10**429, 10**430))
OTHER = HEAD + str(random.Random(2).randrange(10**429, 10**430))
FOREIGN = "https://example.com/menu"


def ours(text: str) -> bool:
    return text.startswith(HEAD)


def nothing(text: str) -> bool:
    return False


def picture(text: str = CODE, mode: str = "L", module_px: int = 4) -> Image.Image:
    return Image.open(io.BytesIO(draw_png(text, module_px=module_px))).convert(mode)


def foreign() -> Image.Image:
    return qrcode.make(FOREIGN, box_size=4).get_image().convert("L")


def saved(page: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    page.save(file, kind, **options)
    return file.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        read_codes(data, wanted=ours)
    for language in ("zh", "en"):
        assert "?" not in explain(caught.value.code, language, **caught.value.details)[0]
    return caught.value.code


def png(width: int, height: int, rows: bytes = b"") -> bytes:
    """A grey PNG of that size with whatever image data."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + checksum

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        *((kind, {}) for kind in ("PNG", "JPEG", "TIFF", "WEBP")),
        ("JPEG", {"quality": 70, "progressive": True}),
        *(("TIFF", {"compression": name}) for name in ("tiff_lzw", "jpeg")),
        ("WEBP", {"lossless": True}),
    ],
)
def test_a_code_is_read_from_each_format(kind: str, options: dict[str, object]) -> None:
    assert read_codes(saved(picture(), kind, **options), wanted=ours) == (CODE,)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        *((mode, "PNG") for mode in ("1", "L", "LA", "P", "RGB", "RGBA")),
        *((mode, "TIFF") for mode in ("1", "CMYK", "YCbCr", "LAB", "F", "I")),
        ("CMYK", "JPEG"),
    ],
)
def test_a_code_is_read_in_each_mode(mode: str, kind: str) -> None:
    if mode == "LAB":
        zero = Image.new("L", picture().size, 128)
        page = Image.merge("LAB", (picture(), zero, zero))
    else:
        page = picture("9" * 300, mode="RGB").convert(mode) if mode == "P" else picture(mode=mode)
    assert len(read_codes(saved(page, kind), wanted=ours)) == 1


@pytest.mark.parametrize(("kind", "scale"), [("PNG", 257), ("TIFF", 257), ("TIFF", 16)])
def test_sixteen_bit_levels_are_scaled(kind: str, scale: int) -> None:
    levels = np.asarray(picture()).astype(np.uint16) * scale
    assert read_codes(saved(Image.fromarray(levels), kind), wanted=ours) == (CODE,)


def test_real_numbers_between_0_and_1_are_scaled() -> None:
    levels = np.asarray(picture()).astype(np.float32) / 255
    assert read_codes(saved(Image.fromarray(levels), "TIFF"), wanted=ours) == (CODE,)


def test_real_numbers_that_are_none_are_damage() -> None:
    levels = np.asarray(picture()).astype(np.float32)
    levels[5, 5] = np.inf
    assert refusal(saved(Image.fromarray(levels), "TIFF")) == "image.damaged"


def test_a_transparent_background_is_white() -> None:
    ink = Image.new("RGBA", picture().size, (0, 0, 0, 0))
    ink.putalpha(picture().point(lambda level: 255 - level))
    for mode in ("RGBA", "LA"):
        assert read_codes(saved(ink.convert(mode)), wanted=ours) == (CODE,)


def test_a_transparent_palette_entry_is_white() -> None:
    page = Image.new("P", picture().size)
    page.putpalette([0, 0, 0, 0, 0, 0])
    page.putdata([1 if level else 0 for level in picture().tobytes()])
    assert read_codes(saved(page, transparency=1), wanted=ours) == (CODE,)


def test_a_light_code_on_dark_ground_is_read() -> None:
    assert read_codes(saved(ImageOps.invert(picture())), wanted=ours) == (CODE,)


@pytest.mark.parametrize("angle", [17, 90, 180, 233])
def test_a_turned_code_is_read(angle: int) -> None:
    page = picture().rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert read_codes(saved(page), wanted=ours) == (CODE,)


def test_all_codes_of_a_page_are_read_once_each() -> None:
    page = Image.new("L", (900, 600), 255)
    for index, code in enumerate((picture(CODE), foreign(), picture(OTHER), picture(CODE))):
        page.paste(code, (index % 3 * 300, index // 3 * 300))
    found = read_codes(saved(page), wanted=ours)
    assert sorted(found) == sorted({CODE, OTHER, FOREIGN})


def test_a_foreign_text_is_told_though_it_is_not_wanted() -> None:
    assert read_codes(saved(foreign()), wanted=ours) == (FOREIGN,)


def test_a_picture_without_a_code_has_none() -> None:
    for page in (Image.new("L", (300, 200), 255), Image.effect_noise((300, 200), 90)):
        assert read_codes(saved(page), wanted=ours) == ()


@pytest.mark.parametrize("size", [(1, 1), (20, 4000), (4000, 1), (90000, 20), (21, 21)])
def test_a_picture_too_narrow_for_a_code_has_none(size: tuple[int, int]) -> None:
    assert read_codes(saved(Image.new("L", size, 90)), wanted=ours) == ()


def test_a_micro_code_is_not_a_certificate_code() -> None:
    barcode = zxingcpp.create_barcode("12345", zxingcpp.BarcodeFormat.MicroQRCode)
    page = Image.fromarray(np.array(barcode.to_image(scale=6)))
    assert read_codes(saved(page), wanted=ours) == ()


def test_every_page_of_a_tiff_is_read_up_to_the_limit() -> None:
    blank = Image.new("L", (40, 40), 255)
    pages = [picture(CODE), blank, picture(OTHER)]
    data = saved(blank, "TIFF", save_all=True, append_images=pages)
    assert read_codes(data, wanted=ours) == (CODE, OTHER)
    late = [*([blank] * (read.MAX_PAGES - 1)), picture(CODE)]
    assert read_codes(saved(blank, "TIFF", save_all=True, append_images=late), wanted=ours) == ()


def scanned_page(blur_px: float) -> Image.Image:
    """An A4 page at 300 dpi with text-like lines and the code at 25 mm."""
    chance = np.random.default_rng(3)
    levels = np.full((3508, 2480), 235, np.uint8)
    for top in range(300, 2500, 70):
        ink = np.kron(chance.random((8, 450)) < 0.45, np.ones((4, 4)))
        levels[top : top + 32, 300:2100] = np.where(ink, 60, 235)
    page = Image.fromarray(levels)
    side = round(25 / 25.4 * 300 * 65 / 57)
    page.paste(picture().resize((side, side), Image.Resampling.BOX), (1703, 2907))
    return page.filter(ImageFilter.GaussianBlur(blur_px))


@pytest.mark.parametrize("blur_px", [0.7, 2.7])
def test_a_code_on_a_scanned_page_is_read(blur_px: float) -> None:
    assert read_codes(saved(scanned_page(blur_px), compress_level=1), wanted=ours) == (CODE,)


def test_a_page_at_600_dpi_is_read() -> None:
    page = Image.new("L", (4960, 7016), 255)
    page.paste(picture(module_px=10), (3301, 5203))
    assert read_codes(saved(page, compress_level=1), wanted=ours) == (CODE,)


def test_the_ladder_is_climbed_only_when_nothing_wanted_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forbidden() -> None:
        raise AssertionError

    monkeypatch.setattr(read, "_ladder", forbidden)
    assert read_codes(saved(picture()), wanted=ours) == (CODE,)
    with pytest.raises(AssertionError):
        read_codes(saved(foreign()), wanted=ours)


def test_the_ladder_reads_what_a_single_look_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    blurred = saved(picture().filter(ImageFilter.GaussianBlur(2.1)))
    noise = Image.effect_noise(picture().size, 300)
    noisy = saved(Image.blend(picture(), noise, 0.4))
    assert read_codes(blurred, wanted=ours) == read_codes(noisy, wanted=ours) == (CODE,)
    monkeypatch.setattr(read, "_ladder", tuple)
    assert read_codes(blurred, wanted=ours) == read_codes(noisy, wanted=ours) == ()


@pytest.mark.parametrize("failure", [ImportError, OSError])
def test_reading_works_without_the_second_opinion(
    failure: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = importlib.import_module

    def refuse(name: str) -> object:
        if name.startswith("pyzbar"):
            raise failure(name)
        return plain(name)

    monkeypatch.setattr(importlib, "import_module", refuse)
    assert read_codes(saved(foreign()), wanted=ours) == (FOREIGN,)


class _Symbol(NamedTuple):
    data: bytes


def second_opinion(monkeypatch: pytest.MonkeyPatch, decode: Callable[..., object]) -> None:
    """Puts a reader of our own in the place of pyzbar, which may be missing."""
    reader = SimpleNamespace(decode=decode, ZBarSymbol=SimpleNamespace(QRCODE=64))
    monkeypatch.setitem(sys.modules, "pyzbar", SimpleNamespace(pyzbar=reader))
    monkeypatch.setitem(sys.modules, "pyzbar.pyzbar", reader)


def test_the_second_opinion_counts_where_it_is_present(monkeypatch: pytest.MonkeyPatch) -> None:
    second_opinion(monkeypatch, lambda *_, **__: [_Symbol(CODE.encode())])
    assert read_codes(saved(foreign()), wanted=ours) == (FOREIGN, CODE)


def test_a_second_opinion_that_fails_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(grey: object, symbols: object) -> None:
        raise RuntimeError

    second_opinion(monkeypatch, fail)
    assert read_codes(saved(foreign()), wanted=ours) == (FOREIGN,)
    second_opinion(monkeypatch, lambda *_, **__: [_Symbol(b"\xff")])
    assert read_codes(saved(foreign()), wanted=ours) == (FOREIGN,)


def test_a_reader_that_fails_is_an_image_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(zxingcpp, "read_barcodes", fail)
    assert refusal(saved(picture())) == "image.damaged"


@pytest.mark.parametrize(
    "data",
    [b"", b"no picture", b"%PDF-1.7\n", b"GIF89a", b"BM", b"\x89PNG", b"\xff\xd8", b"P5 2 2"],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    assert refusal(data) == "image.not_a_picture"


def test_other_formats_are_refused() -> None:
    for kind in ("PPM", "ICO", "TGA"):
        assert refusal(saved(picture(), kind)) == "image.not_a_picture"


def test_a_file_beyond_the_limit_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "MAX_PICTURE_BYTES", 1000)
    assert refusal(b" " * 1001) == "image.too_large"
    assert refusal(b" " * 1000) == "image.not_a_picture"


@pytest.mark.parametrize("size", [(10000, 10000), (50_000_001, 1), (30000, 30000), (2**31 - 1, 1)])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_too_many_pixels_are_refused_before_decoding(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("decoded"))
    with pytest.raises(ImageError) as caught:
        read_codes(png(*size), wanted=ours)
    assert caught.value.code == "image.too_many_pixels"


def test_too_many_pixels_in_all_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    blank = Image.new("L", (100, 100), 255)
    monkeypatch.setattr(read, "MAX_TOTAL_PIXELS", 29_999)
    data = saved(blank, "TIFF", save_all=True, append_images=[blank, blank])
    *_, last = read.read_picture(data, wanted=ours)
    assert (last.number, last.fault) == (3, "image.too_many_pixels")


def test_a_jpeg_of_too_many_scans_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = saved(picture(), "JPEG", progressive=True)
    assert 1 < data.count(b"\xff\xda") < read.MAX_JPEG_SCANS
    monkeypatch.setattr(read, "MAX_JPEG_SCANS", 2)
    assert refusal(data) == "image.too_many_scans"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_truncated_file_is_damaged(kind: str) -> None:
    data = saved(picture(), kind)
    assert refusal(data[: len(data) * 2 // 3]) == "image.damaged"
    assert refusal(png(400, 400, b"\0" * 500)) == "image.damaged"


def test_lack_of_memory_is_an_image_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Image.Image) -> None:
        raise MemoryError

    data = saved(picture())
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", fail)
    assert refusal(data) == "image.damaged"


SAMPLES = (
    *(saved(picture("1234567", mode, 2), "PNG") for mode in ("1", "P", "RGBA")),
    saved(picture("1234567", "RGB", 2), "JPEG"),
    saved(picture("1234567", "L", 2), "JPEG", progressive=True),
    saved(picture("1234567", "L", 2), "TIFF"),
    saved(picture("1234567", "1", 2), "TIFF", compression="group4"),
    saved(picture("1234567", "RGB", 2), "TIFF", compression="tiff_lzw"),
    saved(picture("1234567", "RGB", 2), "WEBP"),
    saved(picture("1234567", "RGBA", 2), "WEBP", lossless=True),
)


@settings(max_examples=300, deadline=None)
@given(
    sample=st.sampled_from(SAMPLES),
    changes=st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=8),
    keep=st.floats(0, 1) | st.just(1.0),
    tail=st.binary(max_size=20),
)
@pytest.mark.filterwarnings("ignore")
def test_any_mutated_file_is_read_or_refused(
    sample: bytes, changes: list[tuple[int, int]], keep: float, tail: bytes
) -> None:
    data = bytearray(sample[: int(len(sample) * keep)])
    for place, value in changes:
        if data:
            data[place % len(data)] = value
    try:
        found = read_codes(bytes(data) + tail, wanted=nothing)
    except ImageError as error:
        code = error.code
    else:
        code = "image." * all(isinstance(text, str) for text in found)
    assert code.startswith("image.")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"II*\0", b"RIFF"]))
@pytest.mark.filterwarnings("ignore")
def test_any_bytes_are_read_or_refused(tail: bytes, head: bytes) -> None:
    with suppress(ImageError):
        read_codes(head + tail, wanted=nothing)


def test_a_page_tiled_with_finder_patterns_ends_soon() -> None:
    side = np.abs(np.arange(9) - 4)
    rings = np.maximum(side[:, None], side[None, :])  # 3 dark, 1 light, 1 dark, 1 light modules
    finder = np.where((rings == 2) | (rings == 4), 255, 0).astype(np.uint8)
    page = Image.fromarray(np.tile(finder, (70, 70)))
    assert read_codes(saved(page), wanted=ours) == ()


def test_the_parts_of_a_large_picture_stay_within_a_tile() -> None:
    tiles = list(read._tiles(Image.new("L", (2480, 3508))))
    assert all(max(tile.size) <= read.TILE_PX for tile in tiles)
    assert len(tiles) == 27


def test_importing_the_reader_imports_no_decoder() -> None:
    script = (
        "import sys, etitle.token.read;"
        "assert not {'PIL', 'zxingcpp', 'pyzbar', 'numpy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False)  # noqa: S603  # our own
    assert done.returncode == 0
