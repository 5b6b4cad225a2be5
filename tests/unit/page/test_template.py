"""Templates of pages: data that an issuer edits."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from etitle.errors import DecodeError
from etitle.labels import EVERY_PAGE
from etitle.page.template import parse_template, shipped_template, shipped_templates

SAMPLE = resources.files("etitle.page").joinpath("templates", "sample.toml").read_text("utf-8")

LAYOUT = SAMPLE[SAMPLE.index("[layout]") : SAMPLE.index("[colours]")]


@pytest.mark.parametrize("name", shipped_templates())
def test_what_ships_is_a_fictional_authority_and_says_so(name: str) -> None:
    template = shipped_template(name)
    assert template.name == name
    assert template.example
    assert template.title.startswith("样例省")
    assert template.seal.authority.startswith("样例省")


def test_at_least_two_templates_ship() -> None:
    assert {"plain", "sample"} <= set(shipped_templates())


def test_a_template_lays_out_all_twelve_fields() -> None:
    layout = shipped_template("sample").layout
    assert sorted((*layout.beside, *layout.below, *layout.foot)) == sorted(EVERY_PAGE)
    assert len(EVERY_PAGE) == 12


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(DecodeError) as caught:
        shipped_template("../sample")
    assert caught.value.code == "page.template_unknown"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('name = "sample"', "name = 1", "name"),
        ('name = "sample"', 'name = ""', "name"),
        ("\nexample = true", '\nexample = "no"', "example"),
        ("\nexample = true\n", "\n", "example"),
        ('border = "fret"', 'border = "gold"', "layout.border"),
        ('border = "fret"', "border = []", "layout.border"),
        ("text_pt = 13", "text_pt = 99", "layout.text_pt"),
        ("text_pt = 13", "text_pt = true", "layout.text_pt"),
        ("text_pt = 13", 'text_pt = "13"', "layout.text_pt"),
        ("text_pt = 13", "text_pt = nan", "layout.text_pt"),
        ('title = "样例省', 'title = "某省', "title"),
        ('authority = "样例省', 'authority = "某省', "seal.authority"),
        ("least_pt = 7", "least_pt = 14", "layout.least_pt"),
        ("qr_mm = 32", "qr_mm = 20", "layout.qr_mm"),
        ('"sex", "identity"]', '"sex"]', "layout.foot"),
        ('"sex", "identity"]', '"sex", "identity", "sex"]', "layout.foot"),
        ('"sex", "identity"]', '"sex", "level"]', "layout.beside"),
        ('"sex", "identity"]', '"sex", {}]', "layout.beside"),
        ('text = "#1A1A1A"', 'text = "black"', "colours.text"),
        ("[colours]", "[colours]\nshadow = 1", "colours.shadow"),
        ('name = "职称专用章"', 'name = "职称\\n专用章"', "seal.name"),
        ("diameter_mm = 42", "diameter_mm = 80", "seal.diameter_mm"),
        ("diameter_mm = 42", "", "seal.diameter_mm"),
        ("[seal]", "[stamp]", "stamp"),
        ("[layout]", "[layout", "TOML"),
        ('subtitle = ""', f'subtitle = "{"长" * 201}"', "subtitle"),
        ('subtitle = ""', f'subtitle = "{"长" * 70_000}"', "file"),
        (SAMPLE, SAMPLE[: SAMPLE.index("[colours]")], "colours"),
        (LAYOUT, "layout = 1\n", "layout"),
    ],
)
def test_a_malformed_template_is_refused_by_its_key(old: str, new: str, key: str) -> None:
    assert old in SAMPLE
    with pytest.raises(DecodeError) as caught:
        parse_template(SAMPLE.replace(old, new, 1))
    assert caught.value.code == "page.template_malformed"
    assert caught.value.details == {"key": key}


def test_words_that_may_be_empty_may_be() -> None:
    empty = re.sub(r'^(note|scan|number) = "[^#"]*"', r'\1 = ""', SAMPLE, flags=re.MULTILINE)
    template = parse_template(empty)
    assert (template.note, template.scan, template.seal.number) == ("", "", "")
