"""Templates of pages: data that an issuer edits."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from etitle.errors import DecodeError
from etitle.labels import EVERY_PAGE, PAGE_ALONE, SOME_PAGES
from etitle.page.template import PLACEABLE, parse_template, shipped_template, shipped_templates

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
    assert sorted(layout.fields) == sorted(EVERY_PAGE)
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
        ('"sex", "identity"]', '"sex", "level"]', "layout.foot"),
        ('"sex", "identity"]', '"sex", "identity", "version"]', "layout.beside"),
        ('"sex", "identity"]', '["sex", "identity", "level"]]', "layout.beside"),
        ('"sex", "identity"]', "[]]", "layout.beside"),
        ("below = [", "below = 1 #", "layout.below"),
        ('foot = ["issuing_body", "issued"]', 'foot = [["issuing_body", "issued"]]', "layout.foot"),
        ('"url"]\nfoot = ["issuing_body",', '"issuing_body"]\nfoot = ["url",', "layout.foot"),
        ("row_mm", 'paper = "A4"\nrow_mm', "layout.paper"),
        ("row_mm", 'rules = "dots"\nrow_mm', "layout.rules"),
        ("row_mm", 'photo_side = "top"\nrow_mm', "layout.photo_side"),
        ("row_mm", "photo_mm = 35\nrow_mm", "layout.photo_mm"),
        ("row_mm", "photo_mm = [35]\nrow_mm", "layout.photo_mm"),
        ("row_mm", "photo_mm = [35, 80]\nrow_mm", "layout.photo_mm"),
        ('subtitle = ""', 'subtitle = "{salary}"', "subtitle"),
        ('subtitle = ""', 'subtitle = "{name"', "subtitle"),
        ('subtitle = ""', 'subtitle = "}"', "subtitle"),
        ('note = "', 'note = "{name}', "note"),
        ("[seal]", "[labels]\nsalary = '工资'\n[seal]", "labels.salary"),
        ("[seal]", "[labels]\nnumber = ''\n[seal]", "labels.number"),
        ("[seal]", "[sources.exam]\nword = '考试'\n[seal]", "sources.exam"),
        ("[seal]", "[sources.review]\nwords = '考试'\n[seal]", "sources.review.words"),
        ("[seal]", "[sources.review]\nword = 1\n[seal]", "sources.review.word"),
        ("[seal]", "[sources]\nreview = 1\n[seal]", "sources.review"),
        ("\nexample = true", "\nexample = true\nlabels = 1", "labels"),
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


def test_a_template_may_place_every_optional_field() -> None:
    optional = '", "'.join((*SOME_PAGES, *PAGE_ALONE))
    text = SAMPLE.replace('"sex", "identity"]', f'["sex", "identity"], "{optional}"]')
    template = parse_template(text)
    assert sorted(template.layout.fields) == sorted(PLACEABLE)
    assert ("sex", "identity") in template.layout.beside


def test_a_seal_may_have_no_words_below_its_star() -> None:
    template = parse_template(SAMPLE.replace('name = "职称专用章"', 'name = ""'))
    assert template.seal.name == ""


def test_a_template_says_what_a_source_changes() -> None:
    more = """[sources.recognition]
word = "初次认定"
statement = "经认定，{name}具备{title}任职资格。"
labels = { qualified = "初次认定时间" }

[labels]
number = "证书编号"

[seal]"""
    template = parse_template(SAMPLE.replace("[seal]", more))
    assert template.labels == (("number", "证书编号"),)
    ((source, said),) = template.sources
    assert (source, said.word) == ("recognition", "初次认定")
    assert said.labels == (("qualified", "初次认定时间"),)
