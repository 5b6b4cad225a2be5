"""Drawing a code text: docs/spec clause 4.5."""

from __future__ import annotations

import io
import random
import re
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import QRData

from etitle.errors import ImageError
from etitle.token.draw import draw_png, draw_svg, draw_symbol, qr_version

HEAD = "https://zc.sample.cn/v#"
SVG = "{http://www.w3.org/2000/svg}"


def code_text(seed: int, digits: int = 430) -> str:
    chance = random.Random(seed)
    return HEAD + str(chance.randrange(10 ** (digits - 1), 10**digits))


def only_code(png: bytes) -> zxingcpp.Barcode:
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))
    return code


@pytest.mark.parametrize(
    # 1728, 2032 and 9544 data bits in versions 10, 11 and 28 at M: ISO/IEC 18004 table 7.
    ("digits", "version"),
    [(373, 9), (374, 10), (452, 10), (453, 11), (543, 11), (544, 12), (2720, 28)],
)
def test_the_smallest_version_that_holds_two_segments_is_drawn(digits: int, version: int) -> None:
    assert qr_version(code_text(1, digits)) == version


def test_another_library_draws_no_smaller_symbol() -> None:
    for seed in range(24):
        text = code_text(seed, (20, 200, 430, 470, 900, 1500)[seed % 6])
        library = QRCode(error_correction=ERROR_CORRECT_M)
        library.add_data(QRData(HEAD, 4))
        library.add_data(QRData(text.removeprefix(HEAD), 1))
        assert draw_symbol(text).version == library.best_fit()


def test_another_reader_reads_every_form_back() -> None:
    pyzbar = pytest.importorskip("pyzbar.pyzbar")
    for seed, head in enumerate((HEAD, "HTTPS://ZC.SAMPLE.CN/V/", "https://zc8443.cn/v#", "")):
        text = head + code_text(seed).removeprefix(HEAD)
        picture = Image.open(io.BytesIO(draw_png(text)))
        (found,) = pyzbar.decode(picture, symbols=[pyzbar.ZBarSymbol.QRCODE])
        assert found.data.decode() == text


def test_error_correction_is_m_and_the_text_comes_back() -> None:
    code = only_code(draw_png(code_text(2)))
    assert code.text == code_text(2)
    assert code.ec_level == "M"


@pytest.mark.parametrize(
    "text",
    [
        "HTTPS://ZC.SAMPLE.CN/V/" + "4" * 430,
        "https://zc.sample.cn:8443/a/v#" + "4" * 430,
        "ZC1:" + "6BF BC%69 M/$*:+.-" * 12,
        "9" * 430,
    ],
)
def test_every_accepted_form_of_text_is_drawn(text: str) -> None:
    assert only_code(draw_png(text)).text == text


def test_an_upper_case_address_takes_fewer_bits_than_bytes_would() -> None:
    upper, lower = "HTTPS://A.CN/" + "P" * 40 + "/V/", "https://a.cn/" + "p" * 40 + "/v/"
    assert qr_version(upper + "4" * 410) < qr_version(lower + "4" * 410)


@pytest.mark.parametrize(
    "text",
    ["", "hello", HEAD, HEAD + "12a", "https://例.cn/v#123", "ZC1:", "ZC1:abc", "12\n34", "٣٤"],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ImageError) as caught:
        draw_symbol(text)
    assert caught.value.code == "image.text_refused"


@pytest.mark.parametrize("text", [HEAD + "1" * 5600, "1" * 9000, "ZC1:" + "A" * 3388])
def test_text_beyond_the_largest_symbol_is_refused(text: str) -> None:
    with pytest.raises(ImageError) as caught:
        draw_png(text)
    assert caught.value.code == "image.text_too_long"


@pytest.mark.parametrize("module_px", [0, -1, 65])
def test_modules_of_no_or_too_many_pixels_are_refused(module_px: int) -> None:
    with pytest.raises(ImageError) as caught:
        draw_png(code_text(1), module_px=module_px)
    assert caught.value.code == "image.module_px_refused"


@pytest.mark.parametrize("module_px", [1, 3, 8])
def test_a_png_has_one_bit_a_pixel_and_four_quiet_modules(module_px: int) -> None:
    symbol = draw_symbol(code_text(3))
    picture = Image.open(io.BytesIO(draw_png(code_text(3), module_px=module_px)))
    assert picture.mode == "1"
    assert picture.size == ((symbol.size + 8) * module_px,) * 2
    quiet, end = 4 * module_px, (symbol.size + 4) * module_px
    dark = picture.convert("L").point(lambda level: 255 - level)
    assert dark.getbbox() == (quiet, quiet, end, end)


@pytest.mark.parametrize(("digits", "module_px"), [(390, 1), (430, 8), (470, 5), (2720, 3)])
def test_a_png_at_its_natural_size_is_at_least_25_mm(digits: int, module_px: int) -> None:
    text = code_text(4, digits)
    picture = Image.open(io.BytesIO(draw_png(text, module_px=module_px)))
    per_metre = round(picture.info["dpi"][0] / 0.0254)
    side_mm = draw_symbol(text).size * module_px / per_metre * 1000
    assert draw_symbol(text).side_mm <= side_mm < draw_symbol(text).side_mm * 1.01
    assert side_mm >= 25


def test_drawing_twice_gives_the_same_bytes() -> None:
    assert draw_png(code_text(5)) == draw_png(code_text(5))
    assert draw_svg(code_text(5)) == draw_svg(code_text(5))
    assert b"tIME" not in draw_png(code_text(5))


def test_a_png_is_small() -> None:
    assert len(draw_png(code_text(6))) < 2000


def test_an_svg_is_well_formed_and_at_least_25_mm_without_its_quiet_zone() -> None:
    root = ElementTree.fromstring(draw_svg(code_text(7)))  # noqa: S314  # our own
    side = draw_symbol(code_text(7)).size + 8
    assert root.tag == SVG + "svg"
    assert root.get("viewBox") == f"0 0 {side} {side}"
    assert root.get("width") == root.get("height")
    width = re.fullmatch(r"([0-9.]+)mm", root.get("width", ""))
    assert width is not None
    assert 25 <= float(width[1]) * (side - 8) / side < 25.01


def test_the_dark_modules_of_an_svg_are_those_of_the_symbol() -> None:
    symbol = draw_symbol(code_text(8))
    root = ElementTree.fromstring(draw_svg(code_text(8)))  # noqa: S314  # our own
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", root.findall(SVG + "path")[1].get("d", ""))
    dark = {
        (int(y) - 4, x)
        for left, y, length, back in runs
        if length == back
        for x in range(int(left) - 4, int(left) - 4 + int(length))
    }
    assert dark == {
        (y, x) for y, row in enumerate(symbol.rows) for x, module in enumerate(row) if module
    }


def test_a_larger_symbol_is_printed_larger() -> None:
    assert draw_symbol(code_text(9)).side_mm == 25
    large = draw_symbol(code_text(9, 2720))
    assert large.side_mm == pytest.approx(large.size * 0.4)
