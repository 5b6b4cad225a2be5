"""Chains of fonts and the subsets that a page embeds: docs/spec clause 9.6."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pylopdf_fonts_zh_cn
import pytest
import uharfbuzz

from etitle.errors import IssueError
from etitle.page import font as font_module
from etitle.page.font import EM, FontChain, FontSource, charstring, installed_sources, units
from etitle.page.subset import Subset
from etitle.page.wrap import wrap

SERIF = FontSource(Path(pylopdf_fonts_zh_cn.serif_path()))
SANS = FontSource(Path(pylopdf_fonts_zh_cn.sans_path()))
CHAIN = FontChain([SERIF])
ONLY_SERIF = "\u4db6"
NOWHERE = "\U0003134a"


def test_a_character_that_no_font_has_is_refused_by_name() -> None:
    with pytest.raises(IssueError) as caught:
        CHAIN.glyph(NOWHERE)
    assert caught.value.code == "page.glyph_missing"
    assert caught.value.details == {"character": NOWHERE, "point": "U+3134A"}


def test_a_variant_that_no_font_has_is_refused_and_not_drawn_as_another() -> None:
    with pytest.raises(IssueError) as caught:
        CHAIN.width("葛\U000e0100")
    assert caught.value.details["point"] == "U+845B U+E0100"


def test_the_next_font_of_the_chain_gives_what_the_first_lacks() -> None:
    with pytest.raises(IssueError):
        FontChain([SANS]).glyph(ONLY_SERIF)
    both = FontChain([SANS, SERIF])
    assert both.glyph(ONLY_SERIF) == CHAIN.glyph(ONLY_SERIF)
    assert both.glyph("职") != CHAIN.glyph("职")


def test_a_chain_without_fonts_is_refused() -> None:
    with pytest.raises(IssueError) as caught:
        FontChain([])
    assert caught.value.code == "page.no_font"


def test_without_its_package_there_is_no_installed_font(monkeypatch: pytest.MonkeyPatch) -> None:
    assert installed_sources() == (SERIF,)
    monkeypatch.setitem(__import__("sys").modules, "pylopdf_fonts_zh_cn", None)
    with pytest.raises(IssueError) as caught:
        installed_sources()
    assert caught.value.code == "page.no_font"


@pytest.mark.parametrize("index", [0, 5])
def test_a_file_that_is_no_font_is_refused(tmp_path: Path, index: int) -> None:
    path = tmp_path / "font.otf"
    for content in (None, b"", b"not a font"):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(IssueError) as caught:
            FontChain([FontSource(path, index)])
        assert caught.value.code == "page.font_unreadable"


def test_a_font_that_a_file_does_not_hold_is_refused() -> None:
    with pytest.raises(IssueError) as caught:
        FontChain([FontSource(SERIF.path, 7)])
    assert caught.value.code == "page.font_unreadable"


def test_variation_selectors_stay_with_their_character() -> None:
    assert units("a葛\ufe00\U0002cb4e") == ["a", "葛\ufe00", "\U0002cb4e"]


def test_a_charstring_with_another_width_begins_with_it() -> None:
    assert charstring(EM, []) == b"\x0e"
    assert charstring(600, []).hex() == "f8ec0e"
    assert charstring(-600, []).hex() == "fcec0e"
    assert charstring(3000, []).hex() == "1c0bb80e"


def test_the_embedded_font_draws_what_the_chain_draws() -> None:
    text = "样例省职称证书，“评审”Aj01·\U00020087"
    subset = Subset(CHAIN)
    operand = subset.show(text)
    assert operand == b"<%b>" % b"".join(b"%04X" % code for code in range(1, len(text) + 1))
    program = zlib.decompress(subset.embed().file.split(b"stream\n", 1)[1])
    face = uharfbuzz.Face(uharfbuzz.Blob(_opentype(program, len(text) + 1)))
    again = uharfbuzz.Font(face)
    again.scale = (EM, EM)
    for number, character in enumerate(text, 1):
        assert font_module._contours(again, number) == CHAIN.contours(character)


def _opentype(program: bytes, count: int) -> bytes:
    """The least OpenType font around a bare CFF: HarfBuzz reads no CFF alone."""
    head = bytearray(54)
    head[12:16] = b"\x5f\x0f\x3c\xf5"
    head[18:20] = EM.to_bytes(2, "big")
    tables = {
        b"CFF ": program,
        b"head": bytes(head),
        b"maxp": b"\0\0\x50\0" + struct.pack(">H", count),
    }
    out, body = [b"OTTO" + struct.pack(">4H", len(tables), 0, 0, 0)], b""
    for tag, data in tables.items():
        out.append(tag + struct.pack(">III", 0, 12 + 16 * len(tables) + len(body), len(data)))
        body += data + bytes(-len(data) % 4)
    return b"".join((*out, body))


def test_characters_drawn_alike_copy_out_as_themselves() -> None:
    subset = Subset(CHAIN)
    subset.show("⼀一")
    mapped = zlib.decompress(subset.embed().unicode.split(b"stream\n", 1)[1])
    assert b"<0001> <2F00>" in mapped
    assert b"<0002> <4E00>" in mapped


def test_a_long_map_to_unicode_has_sections_of_a_hundred() -> None:
    subset = Subset(CHAIN)
    subset.show("".join(map(chr, range(0x4E00, 0x4E00 + 230))))
    mapped = zlib.decompress(subset.embed().unicode.split(b"stream\n", 1)[1])
    assert mapped.count(b"100 beginbfchar") == 2
    assert mapped.count(b"30 beginbfchar") == 1


def test_quadratic_outlines_become_cubic_ones() -> None:
    pen = font_module._Pen()
    pen.move(0, 0, None)
    pen.quadratic(300, 600, 600, 0, None)
    assert pen.contours == [[(0, 0), (200, 400, 400, 400, 600, 0)]]


def test_an_empty_subset_is_still_a_font() -> None:
    assert Subset(CHAIN).embed().widths == b""


# -- wrapping --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ems", "lines"),
    [
        ("职称评审委员会", 10, ["职称评审委员会"]),
        ("职称评审委员会", 4, ["职称评审", "委员会"]),
        ("高级，工程师", 2, ["高", "级，", "工程", "师"]),
        ("甲（乙）丙丁", 3, ["甲", "（乙）", "丙丁"]),
        ("甲乙 Database Engineer", 6, ["甲乙 ", "Database ", "Engineer"]),
    ],
)
def test_lines_break_where_chinese_and_words_may(text: str, ems: int, lines: list[str]) -> None:
    assert wrap(CHAIN, text, ems * EM) == lines


def test_a_word_wider_than_a_line_is_broken_within() -> None:
    url = "https://zc.sample.cn/" + "a" * 100
    lines = wrap(CHAIN, url, 10 * EM)
    assert "".join(lines) == url
    assert all(CHAIN.width(line) <= 10 * EM for line in lines)


def test_punctuation_without_end_is_broken_too() -> None:
    lines = wrap(CHAIN, "，" * 50, 8 * EM)
    assert "".join(lines) == "，" * 50
    assert all(CHAIN.width(line) <= 8 * EM for line in lines)
