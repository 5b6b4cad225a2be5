"""Headings: each names one field, is left aside, or is not known."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from etitle.labels import LABELS
from etitle.record.headings import MAX_HEADING, field_of, is_ignored, is_silent

TABLE = json.loads(
    resources.files("etitle.record").joinpath("tables", "headings.json").read_text("utf-8")
)
NAMES = {name: field for field, names in TABLE["fields"].items() for name in names}


def test_every_spelling_of_the_table_names_its_field() -> None:
    assert {name: field_of(name) for name in NAMES} == NAMES
    assert {label: field_of(label) for label in LABELS.values()} == {
        label: field for field, label in LABELS.items()
    }
    assert all(field_of(field) == field for field in LABELS)
    assert set(TABLE["fields"]) <= set(LABELS)


def test_no_spelling_stands_twice() -> None:
    listed = [name for names in TABLE["fields"].values() for name in names]
    listed += [*TABLE["ignored"], *TABLE["silent"], *LABELS.values(), *LABELS]
    assert sorted(set(listed)) == sorted(listed)


def test_what_is_left_aside_names_no_field() -> None:
    for name in (*TABLE["ignored"], *TABLE["silent"]):
        assert field_of(name) is None
        assert is_ignored(name)
    assert is_silent("No.")
    assert not is_silent("学历")


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("姓　名", "name"),
        ("＊姓名：", "name"),
        ("*姓名 (必填)", "name"),
        ("姓名【必填】", "name"),
        ("ID_Number", "id_number"),
        ("评委会名称(考核认定单位名称)", "review_body"),
        ("取得资格时间\n（yyyy-MM-dd）", "qualified"),
        ("原取得资格", None),
        ("所学专业", None),
        ("专业技术", None),
        ("姓名和专业", None),
        ("手机", None),
        ("", None),
        ("（姓名）", None),
        ("姓" * (MAX_HEADING + 1), None),
    ],
)
def test_a_heading_matches_whole_or_not_at_all(heading: str, field: str | None) -> None:
    assert field_of(heading) == field


def test_what_nobody_knows_is_not_left_aside() -> None:
    assert not is_ignored("手机")
    assert not is_ignored("")
