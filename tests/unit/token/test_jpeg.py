"""What decoding a picture takes is known before it is done."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from tests.unit.token.test_read import CODE, ours

from etitle.errors import ImageError
from etitle.token import read
from etitle.token.draw import draw_png
from etitle.token.jpeg import coefficient_bytes
from etitle.token.read import read_picture


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:  # noqa: ANN401  # Pillow's
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def code() -> Image.Image:
    return Image.open(io.BytesIO(draw_png(CODE, module_px=4))).convert("RGB")


def refused(data: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        read_picture(data, wanted=ours)
    return caught.value.code


@pytest.mark.parametrize(
    ("mode", "subsampling", "samples"),
    [("RGB", 0, 3), ("RGB", 1, 2), ("RGB", 2, 1.5), ("L", 0, 1), ("CMYK", 0, 4)],
)
def test_a_picture_of_several_scans_is_kept_whole(
    mode: str, subsampling: int, samples: float
) -> None:
    image = Image.new(mode, (64, 64))
    several = saved(image, "JPEG", progressive=True, subsampling=subsampling)
    assert coefficient_bytes(several, 64 * 64) == 2 * 64 * 64 * samples
    assert coefficient_bytes(saved(image, "JPEG", subsampling=subsampling), 64 * 64) == 0


def test_a_thumbnail_is_not_the_picture() -> None:
    inner = saved(Image.new("RGB", (16, 16)), "JPEG", progressive=True)
    outer = saved(Image.new("RGB", (64, 64)), "JPEG", exif=b"Exif\0\0" + inner)
    assert coefficient_bytes(outer, 64 * 64) == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"\xff\xd8",
        b"\xff\xff\xff\xda",
        b"\xff\xc2\0\0\xff\xda\0\1",
        b"\xff\xc2\0\x08\x08",
    ],
)
def test_any_bytes_have_an_answer(data: bytes) -> None:
    assert coefficient_bytes(data, 100) == 0


def test_a_component_of_a_scan_of_its_own_is_several_scans() -> None:
    frame = bytes((0xFF, 0xC0, 0, 17, 8, 0, 8, 0, 8, 3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0))
    one, all_of_them = b"\xff\xda\0\x08\x01\1\0\0\x3f\0", b"\xff\xda\0\x0c\x03\1\0\2\0\3\0\0\x3f\0"
    start = b"\xff\xd8\xff\0"
    assert coefficient_bytes(start + frame + one, 64) == 192
    assert coefficient_bytes(start + frame + all_of_them, 64) == 0


def test_a_small_file_that_takes_much_memory_is_too_large() -> None:
    heavy = Image.new("CMYK", (5600, 5600))
    assert refused(saved(heavy, "JPEG", progressive=True, quality=1)) == "image.too_many_pixels"
    assert refused(saved(Image.new("RGB", (4000, 4000)), "WEBP")) == "image.too_many_pixels"


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_a_sheet_at_300_dpi_is_read(kind: str) -> None:
    page = Image.new("RGB", (2480, 3508), "white")
    page.paste(code(), (300, 300))
    options = {"progressive": True, "subsampling": 0} if kind == "JPEG" else {"method": 0}
    (found,) = read_picture(saved(page, kind, **options), wanted=ours)
    assert found.texts == (CODE,)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_a_picture_that_moves_shows_no_one_code(kind: str) -> None:
    still = saved(code(), kind)
    assert read_picture(still, wanted=ours)[0].texts == (CODE,)
    other = Image.new("RGB", code().size)
    moving = saved(code(), kind, save_all=True, append_images=[other], duration=[10, 9_000])
    assert refused(moving) == "image.kind_unread"


def test_a_picture_that_a_moving_one_never_shows_is_not_read() -> None:
    other = [Image.new("RGB", code().size, shade) for shade in ("black", "white")]
    moving = saved(code(), "PNG", save_all=True, append_images=other, default_image=True)
    assert refused(moving) == "image.kind_unread"


def test_a_second_picture_of_a_phone_is_no_motion() -> None:
    both = saved(code(), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64))])
    (page,) = read_picture(both, wanted=ours)
    assert (page.number, page.texts) == (None, (CODE,))


PLAIN = bytes((0xFF, 0xC0, 0, 17, 8, 0, 8, 0, 8, 3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0))
SCAN = b"\xff\xda\0\x0c\x03\1\0\2\0\3\0\0\x3f\0"


@pytest.mark.parametrize("marker", range(0xC0, 0xD0))
def test_a_frame_is_known_by_its_marker(marker: int) -> None:
    later = PLAIN.replace(b"\xff\xc0", bytes((0xFF, marker)))
    progressive = marker in {0xC2, 0xC6, 0xCA, 0xCE}
    assert coefficient_bytes(b"\xff\xd8" + later + SCAN, 64) == (192 if progressive else 0)
    one = b"\xff\xda\0\x08\x01\1\0\0\x3f\0"
    frame = marker not in {0xC4, 0xC8, 0xCC}
    assert coefficient_bytes(b"\xff\xd8" + later + one, 64) == (192 if frame else 0)


@pytest.mark.parametrize("marker", [0x01, 0xD8, *range(0xD0, 0xD8), 0x00, 0xFF])
def test_a_marker_alone_has_no_length(marker: int) -> None:
    start = b"\xff\xd8" + bytes((0xFF, marker))
    later = PLAIN.replace(b"\xff\xc0", b"\xff\xc2")
    assert coefficient_bytes(start + later + SCAN, 64) == 192


@pytest.mark.parametrize(
    ("mode", "bytes_kept"), [("CMYK", 130_000), ("RGB", 70_000), ("L", 30_000)]
)
def test_what_a_picture_takes_may_be_as_much_as_the_limit(
    mode: str, bytes_kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = saved(Image.new(mode, (100, 100), 255), "JPEG", progressive=True, subsampling=0)
    monkeypatch.setattr(read, "MAX_DECODED_BYTES", bytes_kept)
    assert len(read_picture(data, wanted=ours)) == 1
    monkeypatch.setattr(read, "MAX_DECODED_BYTES", bytes_kept - 1)
    assert refused(data) == "image.too_many_pixels"


@pytest.mark.parametrize(("mode", "inks", "drawn"), [("CMYK", 5, 50_000), ("RGB", 3, 10_000)])
def test_a_great_picture_is_drawn_at_half_its_size(
    mode: str, inks: int, drawn: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = saved(Image.new(mode, (100, 100), 255), "JPEG")
    for limit, most in ((inks * 10_000, drawn), (inks * 10_000 - 1, drawn // 4)):
        monkeypatch.setattr(read, "MAX_SAMPLE_BYTES", limit)
        monkeypatch.setattr(read, "MAX_DECODED_BYTES", most)
        assert len(read_picture(data, wanted=ours)) == 1
        monkeypatch.setattr(read, "MAX_DECODED_BYTES", most - 1)
        assert refused(data) == "image.too_many_pixels"


def test_a_scan_at_the_very_end_is_a_scan() -> None:
    progressive = PLAIN.replace(b"\xff\xc0", b"\xff\xc2")
    assert coefficient_bytes(b"\xff\xd8" + progressive + b"\xff\xda", 64) == 192
    assert coefficient_bytes(b"\xff\xd8" + progressive + b"\xff", 64) == 0


@pytest.mark.parametrize("filling", [0, 1, 2, 3])
def test_bytes_that_fill_are_passed_over(filling: int) -> None:
    progressive = PLAIN.replace(b"\xff\xc0", b"\xff\xc2")
    assert coefficient_bytes(b"\xff\xd8" + b"\xff" * filling + progressive + SCAN, 64) == 192


def test_components_of_no_size_are_counted_as_nothing() -> None:
    none = PLAIN.replace(b"\xff\xc0", b"\xff\xc2").replace(b"\x22", b"\0").replace(b"\x11", b"\0")
    assert coefficient_bytes(b"\xff\xd8" + none + SCAN, 64) == 0
