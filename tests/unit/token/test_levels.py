"""How a picture becomes grey pages, tiles and places, and what bounds them."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image
from tests.unit.token.test_read import CODE, FOREIGN, foreign, ours, picture, refusal, saved

from etitle.errors import ImageError
from etitle.token import read
from etitle.token.read import Budget, PageTexts

MB = 1 << 20


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Processor time that stands still until it is set."""
    now = [100.0]
    monkeypatch.setattr(time, "process_time", lambda: now[0])
    return now


# -- time ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "more_s"), [(0, 0.0), (MB, 0.0), (3 * MB, 3.0), (41 * MB, 60.0), (64 * MB, 60.0)]
)
def test_a_file_has_time_by_its_size(size: int, more_s: float, clock: list[float]) -> None:
    budget = Budget(size)
    clock[0] += 2 + more_s
    assert not budget.over(2)
    budget.elsewhere_s = 0.5
    assert budget.over(2)
    assert not budget.over(2.5)
    clock[0] += 0.5
    assert budget.over(2.5)


class Spent(Budget):
    """A budget that is over after it was asked so often."""

    def __init__(self, times: int) -> None:
        super().__init__(0)
        self._left = iter(range(times))

    def over(self, limit_s: float) -> bool:
        return next(self._left, None) is None or super().over(limit_s + 60)


def test_a_look_that_the_budget_ends_is_whole_if_something_wanted_was_found() -> None:
    page = Image.new("L", (1500, 1500), 255)
    page.paste(picture(), (20, 20))
    assert read.look(page, ours, Spent(9)) == ({CODE: None}, True)
    assert read.look(page, ours, Spent(0)) == ({}, False)
    assert read.look(page, ours, Spent(2)) == ({CODE: None}, True)
    page = Image.new("L", (1500, 1500), 255)
    page.paste(foreign(), (20, 20))
    assert read.look(page, ours, Spent(2)) == ({FOREIGN: None}, False)


def test_a_page_that_was_not_looked_at_wholly_is_said_to_be_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(read, "LOOK_S", -1)
    monkeypatch.setattr(read, "CLIMB_S", -1)
    data = saved(picture())
    assert read.read_picture(data, wanted=ours) == (PageTexts(None, (), "image.too_slow"),)


# -- the ladder ------------------------------------------------------------------------------------


def ladder(*found: str) -> Callable[[], tuple[object, ...]]:
    """Steps of which each reads one text."""

    def reader(text: str) -> Callable[[object], list[str]]:
        return lambda _: [text]

    return lambda: tuple((lambda grey: grey, (reader(text),)) for text in found)


def test_the_ladder_is_left_at_the_first_wanted_text(monkeypatch: pytest.MonkeyPatch) -> None:
    page = picture()
    monkeypatch.setattr(read, "_ladder", ladder("a", CODE, "b"))
    assert list(read.climb(page, ours, Budget(0))) == ["a", CODE]
    assert list(read.climb(page, ours, Spent(1))) == ["a"]
    assert read.climb(page, ours, Spent(0)) == {}
    flat = Image.new("L", (300, 300), 7)
    assert read.climb(flat, ours, Budget(0)) == {}
    flat.putpixel((5, 5), 8)
    assert list(read.climb(flat, ours, Budget(0))) == ["a", CODE]


def test_the_first_pages_alone_go_up_the_ladder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "_ladder", ladder("a"))
    pages = [foreign(), foreign(), foreign()]
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    found = [page.texts for page in read.read_picture(data, wanted=ours)]
    assert found == [(FOREIGN, "a"), (FOREIGN, "a"), (FOREIGN,)]


# -- pages and limits ------------------------------------------------------------------------------


def tiff(*pages: Image.Image) -> bytes:
    return saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])


def numbers(data: bytes) -> list[tuple[int | None, str]]:
    return [(page.number, page.fault) for page in read.read_picture(data, wanted=ours)]


def test_the_pages_of_a_tiff_alone_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    blank = Image.new("L", (40, 40), 255)
    assert numbers(saved(blank)) == numbers(tiff(blank)) == [(None, "")]
    assert numbers(tiff(blank, blank)) == [(1, ""), (2, "")]
    monkeypatch.setattr(read, "MAX_PAGES", 2)
    assert numbers(tiff(blank, blank)) == [(1, ""), (2, "")]
    late = [(1, ""), (2, ""), (3, "image.too_many_pages")]
    assert numbers(tiff(blank, blank, blank)) == numbers(tiff(*[blank] * 4)) == late


def test_the_limit_of_pixels_belongs_to_what_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Image.new("L", (40, 50), 255)
    monkeypatch.setattr(read, "MAX_PIXELS", 2000)
    monkeypatch.setattr(read, "MAX_TOTAL_PIXELS", 4000)
    assert numbers(tiff(page, page)) == [(1, ""), (2, "")]
    assert numbers(tiff(page, page, page))[-1] == (3, "image.too_many_pixels")
    monkeypatch.setattr(read, "MAX_TOTAL_PIXELS", 3999)
    assert numbers(tiff(page, page)) == [(1, ""), (2, "image.too_many_pixels")]
    assert refusal(saved(Image.new("L", (40, 51), 255))) == "image.too_many_pixels"
    monkeypatch.setattr(read, "MAX_SAMPLE_BYTES", 2000)
    assert numbers(saved(page)) == [(None, "")]
    assert refusal(saved(page.convert("RGB"))) == "image.too_many_pixels"


def test_a_page_that_was_not_read_does_not_go_up_the_ladder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = foreign()
    monkeypatch.setattr(read, "MAX_TOTAL_PIXELS", 2 * code.width * code.height - 1)
    assert read.read_picture(tiff(code, code), wanted=ours) == (
        PageTexts(1, (FOREIGN,)),
        PageTexts(2, (), "image.too_many_pixels"),
    )


def test_the_limit_of_scans_belongs_to_what_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    data = saved(picture(), "JPEG", progressive=True)
    monkeypatch.setattr(read, "MAX_JPEG_SCANS", data.count(b"\xff\xda"))
    assert read.read_codes(data, wanted=ours) == (CODE,)
    monkeypatch.setattr(read, "MAX_JPEG_SCANS", data.count(b"\xff\xda") - 1)
    assert refusal(data) == "image.too_many_scans"


def test_the_scans_of_every_picture_of_a_file_count(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = [picture(mode="RGB"), picture(mode="RGB")]
    data = saved(pair[0], "MPO", save_all=True, append_images=pair[1:])
    assert Image.open(io.BytesIO(data)).format == "MPO"
    assert read.read_codes(data, wanted=ours) == (CODE,)
    monkeypatch.setattr(read, "MAX_JPEG_SCANS", 1)
    assert refusal(data) == "image.too_many_scans"


def test_a_jpeg_of_many_samples_is_decoded_at_half_its_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = saved(Image.new("L", (64, 48), 255), "JPEG")
    for limit, size in ((3 * 64 * 48, (64, 48)), (3 * 64 * 48 - 1, (32, 24))):
        monkeypatch.setattr(read, "MAX_SAMPLE_BYTES", limit)
        ((_, page),) = read._pages(data)
        assert isinstance(page, Image.Image)
        assert page.size == size


def test_a_large_page_is_halved_until_it_is_small_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "SEARCH_PIXELS", 1600)
    for side, expected in ((40, 40), (41, 21), (80, 40), (160, 40)):
        assert read._shrunk(Image.new("L", (side, side))).size == (expected, expected)


@pytest.mark.parametrize(
    ("kind", "mode", "count"),
    [
        ("PNG", "1", 1), ("PNG", "L", 1), ("PNG", "P", 2), ("PNG", "RGB", 3), ("PNG", "RGBA", 7),
        ("PNG", "LA", 7), ("TIFF", "CMYK", 4), ("TIFF", "F", 7), ("PNG", "I;16", 7),
        ("TIFF", "I", 7), ("WEBP", "RGB", 8), ("WEBP", "RGBA", 8), ("TIFF", "LAB", 3),
    ],
)  # fmt: skip
def test_the_bytes_of_a_pixel_are_counted(kind: str, mode: str, count: int) -> None:
    data = saved(Image.new(mode, (4, 4)), kind)
    assert read._sample_bytes(Image.open(io.BytesIO(data))) == count


@pytest.mark.parametrize(
    ("brand", "kind"),
    [
        (b"heic", "HEIC"), (b"heix", "HEIC"), (b"hevc", "HEIC"), (b"mif1", "HEIC"),
        (b"msf1", "HEIC"), (b"isom", "MPEG-4"), (b"qt  ", "MPEG-4"),
    ],
)  # fmt: skip
def test_a_kind_that_is_not_read_is_named(brand: bytes, kind: str) -> None:
    with pytest.raises(ImageError) as caught:
        read.read_codes(b"\0\0\0\x18ftyp" + brand + bytes(40), wanted=ours)
    assert (caught.value.code, caught.value.details["kind"]) == ("image.kind_unread", kind)
    # The same letters elsewhere name nothing.
    assert refusal(b"\0\0\0\x18\0ftyp" + brand + bytes(40)) == "image.not_a_picture"


@pytest.mark.parametrize("brand", [b"avif", b"avis"])
def test_a_broken_avif_is_not_called_a_kind_that_is_not_read(brand: bytes) -> None:
    assert refusal(b"\0\0\0\x18ftyp" + brand + bytes(40)) != "image.kind_unread"


# -- grey ------------------------------------------------------------------------------------------


def grey(mode: str, *levels: float) -> list[int]:
    kind = {"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]
    made = Image.fromarray(np.array([levels]).astype(kind))
    assert made.mode == mode
    return list(read._grey(made).tobytes())


@pytest.mark.parametrize(
    ("mode", "levels", "expected"),
    [
        ("I", (0, 100, 255), (0, 100, 255)),
        ("I", (3, 100, 200), (3, 100, 200)),
        ("I", (3, 100, 255), (3, 100, 255)),
        ("I", (0, 100, 256), (0, 99, 255)),
        ("I", (-1, 100, 254), (0, 101, 255)),
        ("I", (0, 1, 1), (0, 255, 255)),
        ("I", (0, 1, 2), (0, 1, 2)),
        ("I", (-5, -5, -5), (0, 0, 0)),
        ("I", (1, 1, 1), (0, 0, 0)),
        ("I;16", (0, 257, 65535), (0, 1, 255)),
        ("I;16", (0, 4, 16), (0, 4, 16)),
        ("F", (0, 0.5, 1), (0, 127, 255)),
        ("F", (0, 0.5, 1.5), (0, 0, 1)),
        ("F", (-1, 0, 1), (0, 127, 255)),
    ],
)
def test_deeper_samples_are_scaled_where_they_do_not_fit(
    mode: str, levels: tuple[float, ...], expected: tuple[int, ...]
) -> None:
    assert grey(mode, *levels) == list(expected)


def test_transparent_pixels_become_white() -> None:
    clear = Image.new("LA", (2, 1))
    clear.putpixel((1, 0), (40, 255))
    for mode in ("LA", "RGBA"):
        assert read._grey(clear.convert(mode)).tobytes() == b"\xff\x28"
    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 10, 10, 40, 40, 40])
    palette.putpixel((1, 0), 1)
    palette.info["transparency"] = 0
    assert read._grey(palette).tobytes() == b"\xff\x28"


def test_the_lightness_of_lab_is_its_grey() -> None:
    page = Image.merge("LAB", [Image.new("L", (1, 1), level) for level in (77, 200, 30)])
    assert read._grey(page).tobytes() == b"\x4d"


# -- tiles -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "levels"),
    [
        ((1024, 1024), [(1024, 1024)]),
        ((1025, 40), [(1025, 40)]),
        ((1025, 42), [(513, 21), (1025, 42)]),
        ((21, 21), [(21, 21)]),
        ((20, 900), []),
        ((2048, 4096), [(512, 1024), (1024, 2048), (2048, 4096)]),
    ],
)
def test_a_page_is_looked_at_in_halves_from_the_coarse_to_the_fine(
    size: tuple[int, int], levels: list[tuple[int, int]]
) -> None:
    assert [level.size for level in read._levels(Image.new("L", size))] == levels


def boxes(width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, right and bottom of each tile, by a page whose every pixel says where it is."""
    page = Image.fromarray(np.arange(width * height, dtype=np.int32).reshape(height, width))
    for tile in read._cut(page):
        top, left = divmod(int(tile.getpixel((0, 0))), width)  # type: ignore[arg-type]
        yield left, top, left + tile.width, top + tile.height


def test_tiles_overlap_and_leave_nothing_out() -> None:
    assert list(boxes(1024, 1024)) == [(0, 0, 1024, 1024)]
    assert list(boxes(1025, 300)) == [(0, 0, 1024, 300), (640, 0, 1025, 300)]
    assert list(boxes(300, 1025)) == [(0, 0, 300, 1024), (0, 640, 300, 1025)]
    assert list(boxes(1664, 30)) == [(0, 0, 1024, 30), (640, 0, 1664, 30)]
    assert list(boxes(1665, 1026)) == [
        (left, top, right, bottom)
        for top, bottom in ((0, 1024), (640, 1026))
        for left, right in ((0, 1024), (640, 1664), (1280, 1665))
    ]


def test_the_whole_page_and_its_busiest_tiles_are_the_places() -> None:
    small = picture()
    assert read._places(small) == [small]
    page = Image.new("L", (2300, 2300), 255)
    page.paste(Image.effect_noise((300, 300), 300), (1700, 1700))
    assert [place.size for place in read._places(page.crop((0, 0, 1500, 1100)))] == [
        (750, 550), (1024, 1024), (860, 1024), (1024, 460), (860, 460),
    ]  # fmt: skip
    whole, *tiles = read._places(page)
    assert whole.size == (575, 575)
    assert len(tiles) == read.LADDER_PLACES
    assert (
        tiles[0].crop((420, 420, 720, 720)).tobytes()
        == page.crop((1700, 1700, 2000, 2000)).tobytes()
    )


def test_evenly_strewn_ink_is_busier_than_text_and_borders() -> None:
    chance = np.random.default_rng(5)
    code = np.kron(chance.random((60, 60)) < 0.5, np.ones((5, 5)))
    lines = np.full((300, 300), 255)
    lines[::40, 20:200] = 0
    border = np.full((300, 300), 255)
    border[100:120] = 0
    strewn, text, edge = (
        read._business(Image.fromarray((one * 1).astype(np.uint8)))
        for one in (code * 255, lines, border)
    )
    assert strewn > 2 * text
    assert strewn > 2 * edge
    assert read._business(Image.new("L", (300, 300), 9)) == 0
