"""Look-ups in the tables of the domain."""

from __future__ import annotations

from importlib import resources

import pytest

from etitle.certificate import codes
from etitle.certificate.model import BodyLevel, Level, Sex, Source
from etitle.errors import FieldError
from etitle.labels import STATES

TABLES = [
    "divisions_guangxi",
    "gbt8561_2001",
    "id_rules",
    "levels",
    "old_titles",
    "spellings",
    "title_series",
    "void_reissue_reasons",
    "workflow",
]


@pytest.mark.parametrize("name", TABLES)
def test_each_table_names_its_source(name: str) -> None:
    assert "_source" in codes.table(name) or "_note" in codes.table(name)


def test_no_table_lies_unlisted_in_the_package() -> None:
    folder = resources.files("etitle.certificate").joinpath("tables")
    assert sorted(each.name for each in folder.iterdir()) == [f"{name}.json" for name in TABLES]


def test_the_title_table_is_whole() -> None:
    data = codes.table("title_series")
    assert len(data["series"]) == data["series_count"] == len(codes.titles())
    count = sum(len(track["titles"]) for each in data["series"] for track in each["tracks"])
    assert count == data["title_count"]


@pytest.mark.parametrize(
    ("series", "title", "level"),
    [
        ("高等学校教师", "教授", Level.FULL_SENIOR),
        ("工程技术人员", "高级工程师", Level.ASSOCIATE_SENIOR),
        ("卫生技术人员", "主治医师", Level.INTERMEDIATE),
        ("卫生技术人员", "主管医师", Level.INTERMEDIATE),
        ("卫生技术人员", "主治(主管)医师", Level.INTERMEDIATE),
        ("艺术专业人员", "一级编导", Level.FULL_SENIOR),
        ("艺术专业人员", "一级摄像师", Level.FULL_SENIOR),
        ("图书资料专业人员", "管理员", Level.TECHNICIAN),
    ],
)
def test_the_level_follows_from_series_and_title(series: str, title: str, level: Level) -> None:
    assert codes.judge_title(series, title) == codes.JudgedTitle(level, certain=True, code=None)


def test_a_title_of_another_series_is_told_with_its_own() -> None:
    judged = codes.judge_title("工程技术人员", "高级会计师")
    assert (judged.code, judged.belongs) == ("record.title_outside_series", "会计人员")
    assert (judged.level, judged.certain) == (None, False)


@pytest.mark.parametrize(
    ("series", "title", "code", "level"),
    [
        ("工程技术人员", "教授级高级工程师", "record.title_old", Level.FULL_SENIOR),
        ("会计人员", "会计员", "record.title_old", Level.TECHNICIAN),
        ("中小学教师", "小学高级教师", "record.title_old", Level.INTERMEDIATE),
        ("工程技术人员", "样例师", "record.title_unknown", None),
        ("样例系列", "样例师", "record.series_unknown", None),
        ("思想政治工作人员", "高级政工师", None, Level.ASSOCIATE_SENIOR),
        ("样例系列", "高级工程师", "record.series_unknown", Level.ASSOCIATE_SENIOR),
        ("样例系列", "正高级工程师", "record.series_unknown", Level.FULL_SENIOR),
        ("样例系列", "编辑", "record.series_unknown", Level.INTERMEDIATE),
    ],
)
def test_what_the_present_table_does_not_know_is_no_error(
    series: str, title: str, code: str | None, level: Level | None
) -> None:
    judged = codes.judge_title(series, title)
    assert (judged.code, judged.level, judged.certain) == (code, level, False)


def test_groups_whose_digits_are_shifted_give_no_level() -> None:
    assert codes.judge_title("体育专业人员", "一级教练").level is None


def test_divisions_keep_their_retired_codes() -> None:
    assert {"450103", "450000", "452826"} <= codes.divisions()
    assert "450099" not in codes.divisions()


def test_every_reason_leads_to_a_state_of_the_table() -> None:
    for reason in codes.reasons().values():
        assert reason.to is None or reason.to in codes.states()
    assert {code: label.zh for code, label in STATES.items()} == codes.states()


def test_a_reason_that_requires_a_remark_is_refused_without_one() -> None:
    for remark in ("  ", "", None):
        with pytest.raises(FieldError) as caught:
            codes.reason("V01", remark=remark)
        assert caught.value.code == "record.remark_missing"
    assert codes.reason("V01", remark="样例").to == "voided"


def test_a_reason_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(FieldError) as caught:
        codes.reason("Z99", remark="样例")
    assert caught.value.code == "record.reason_unknown"


def test_fraud_stays_three_years_in_the_integrity_record() -> None:
    assert codes.reasons()["W01"].integrity_record_years == 3


def test_levels_sources_and_tiers_are_those_of_the_model() -> None:
    assert set(codes.level_names()) == set(Level)
    assert len(codes.table("workflow")["sources"]) == len(Source)
    assert codes.tier_levels()["初级"] == {Level.ASSISTANT, Level.TECHNICIAN}


@pytest.mark.parametrize(
    ("field", "members"), [("sex", Sex), ("source", Source), ("body_level", BodyLevel)]
)
def test_spellings_lead_to_every_member_and_no_other(
    field: str, members: type[Sex | Source | BodyLevel]
) -> None:
    assert set(codes.spellings(field).values()) == {int(member) for member in members}


def without_gloss(name: str) -> str:
    return name.partition("（")[0] + name.partition("）")[2]


def test_an_old_title_and_its_group_are_known_with_and_without_their_gloss() -> None:
    asked = 0
    for group in codes.table("gbt8561_2001")["groups"]:
        for series in {group["name"], without_gloss(group["name"])} - codes.titles().keys():
            for each in group["titles"]:
                for title in {each["title"], without_gloss(each["title"])}:
                    assert codes.judge_title(series, title).code is None
                    asked += 1
    assert asked > 300


def test_the_province_of_a_code_is_its_first_two_digits() -> None:
    assert codes.covered("450099")
    assert not any(map(codes.covered, ("440099", "460099", "110105", "")))
    assert {"450000", "450100", "450103", "450104", "450107"} <= codes.divisions()


def test_a_spelling_is_compared_without_spaces_case_and_width_of_brackets() -> None:
    assert codes.fold(" Un Known (A) ") == "unknown（a）"
    assert codes.spellings("sex")["男性"] == 1


def test_every_title_is_told_from_outside_its_series_and_has_its_level_in_none() -> None:
    for series, entries in codes.titles().items():
        for spelling, title in entries.items():
            assert codes.judge_title(series, spelling).level is title.level
            judged = codes.judge_title("样例系列", spelling)
            assert (judged.code, judged.certain) == ("record.series_unknown", False)
