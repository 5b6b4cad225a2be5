"""Look-ups in the tables of the domain: titles, divisions, levels, sources, reasons.

The tables are package data (``tables/*.json``) and keep their provenance.  Each is read on
first use.  Unknown series and titles are not errors: the tables are incomplete, and old
certificates carry old names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from etitle.certificate.model import Level
from etitle.errors import FieldError

_BRACKETS: Final = str.maketrans("()", "（）")
_GLOSS: Final = re.compile(r"（([^）]*)）")


@cache
def table(name: str) -> Mapping[str, Any]:
    """One table of the package, as its JSON object.

    >>> table("levels")["levels"][0]["name"]
    '正高级'
    """
    folder = resources.files("etitle.certificate").joinpath("tables")
    loaded: dict[str, Any] = json.loads(folder.joinpath(f"{name}.json").read_text("utf-8"))
    return MappingProxyType(loaded)


@dataclass(frozen=True, slots=True)
class Title:
    """One title of one series (table ``title_series``)."""

    series: str
    track: str
    title: str
    level: Level
    mohrss_code: str | None


@dataclass(frozen=True, slots=True)
class JudgedTitle:
    """What the tables say of a title in a series.

    Attributes:
        level: the level of the title, where a table knows it.
        certain: the level comes from the current table, so another one contradicts it.
        code: ``record.series_unknown``, ``record.title_unknown``, ``record.title_old`` (warnings),
            ``record.title_outside_series`` (an error), or None.
        belongs: for a title outside its series, a series that has it.
    """

    level: Level | None
    certain: bool
    code: str | None
    belongs: str = ""


def _level(code: str) -> Level:
    return Level(int(code[-1]))


def _spellings(title: str) -> Iterator[str]:
    """主治（主管）医师 stands for 主治医师 and 主管医师: the bracket replaces as much before it."""
    yield title
    gloss = _GLOSS.search(title)
    if gloss:
        before, after = title[: gloss.start()], title[gloss.end() :]
        yield before + after
        yield before[: -len(gloss[1])] + gloss[1] + after


@cache
def titles() -> Mapping[str, Mapping[str, Title]]:
    """All titles by series and spelling.

    >>> titles()["卫生技术人员"]["主治医师"].title
    '主治（主管）医师'
    """
    found: dict[str, dict[str, Title]] = {}
    for series in table("title_series")["series"]:
        entries = found.setdefault(series["name"], {})
        for track in series["tracks"]:
            for each in track["titles"]:
                title = Title(
                    series["name"],
                    track["track"],
                    each["title"],
                    _level(each["level"]),
                    each["mohrss_code"],
                )
                for spelling in _spellings(each["title"]):
                    entries.setdefault(spelling, title)
    return MappingProxyType(found)


@cache
def _series_by_title() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for series, entries in titles().items():
        for spelling in entries:
            found.setdefault(spelling, series)
    return found


@cache
def _old() -> tuple[Mapping[str, frozenset[Level | None]], frozenset[str]]:
    """Levels by old title (GB/T 8561-2001 and older), and the names of its groups."""
    extra = table("old_titles")
    shifted = frozenset(extra["gbt8561_shifted_groups"])
    levels: dict[str, set[Level | None]] = {}
    groups: set[str] = set()
    for group in table("gbt8561_2001")["groups"]:
        groups |= {group["name"], _GLOSS.sub("", group["name"])}
        for each in group["titles"]:
            level = None if group["group"] in shifted else _level(each["code"])
            for spelling in {each["title"], _GLOSS.sub("", each["title"])}:
                levels.setdefault(spelling, set()).add(level)
    for each in extra["titles"]:
        levels.setdefault(each["title"], set()).add(_level(each["level"]))
    return {title: frozenset(found) for title, found in levels.items()}, frozenset(groups)


@lru_cache(maxsize=4096)
def judge_title(series: str, title: str) -> JudgedTitle:
    """Judge a title in its series, and tell its level where a table knows it.

    Names are compared unchanged except for the width of brackets.

    >>> judge_title("工程技术人员", "高级工程师")
    JudgedTitle(level=<Level.ASSOCIATE_SENIOR: 2>, certain=True, code=None, belongs='')
    >>> judge_title("工程技术人员", "教授").code, judge_title("工程技术人员", "教授").belongs
    ('record.title_outside_series', '高等学校教师')
    >>> judge_title("工程技术人员", "教授级高级工程师").code
    'record.title_old'
    """
    series, title = series.translate(_BRACKETS), title.translate(_BRACKETS)
    present = titles().get(series)
    if present is not None and title in present:
        return JudgedTitle(present[title].level, certain=True, code=None)
    old, groups = _old()
    levels = old.get(title, frozenset())
    level = next(iter(levels)) if len(levels) == 1 else None
    elsewhere = _series_by_title().get(title)
    if present is None:
        if elsewhere is not None and level is None:
            level = _level_everywhere(title)
        code = None if series in groups and levels else "record.series_unknown"
        return JudgedTitle(level, certain=False, code=code)
    if elsewhere is not None:
        return JudgedTitle(
            None, certain=False, code="record.title_outside_series", belongs=elsewhere
        )
    return JudgedTitle(
        level, certain=False, code="record.title_old" if levels else "record.title_unknown"
    )


def _level_everywhere(title: str) -> Level | None:
    levels = {entries[title].level for entries in titles().values() if title in entries}
    return levels.pop() if len(levels) == 1 else None


@cache
def divisions() -> frozenset[str]:
    """Codes of GB/T 2260 of the one province that the tables know, present and retired.

    >>> "450103" in divisions(), "450099" in divisions()
    (True, False)
    """
    data = table("divisions_guangxi")
    return frozenset(
        each["code"]
        for each in (
            data["province"],
            *data["cities"],
            *(county for city in data["cities"] for county in city["counties"]),
            *data["retired_codes"],
            *data["renamed_codes"],
        )
    )


def covered(code: str) -> bool:
    """Whether the tables cover the province of a division code; of others they say nothing.

    >>> covered("450099"), covered("110105")
    (True, False)
    """
    province: str = table("divisions_guangxi")["province"]["code"]
    return code[:2] == province[:2]


@dataclass(frozen=True, slots=True)
class StateReason:
    """Why a certificate is voided, reissued or suspended (table ``void_reissue_reasons``).

    Attributes:
        code: for example ``V01``.
        to: the state it leads to (``voided``, ``superseded``, ``withdrawn``, ``cancelled``,
            ``suspended``); None where nothing is revoked (a first electronic issue).
        zh: in Chinese.
        en: in English.
        remark_required: whether a remark must be given (作废备注).
        integrity_record_years: years in the integrity record, or None.
    """

    code: str
    to: str | None
    zh: str
    en: str
    remark_required: bool
    integrity_record_years: int | None


@cache
def reasons() -> Mapping[str, StateReason]:
    """All reasons, by code."""
    return MappingProxyType(
        {
            each["code"]: StateReason(
                each["code"],
                each["to"],
                each["zh"],
                each["en"],
                each["remark_required"],
                each.get("integrity_record_years"),
            )
            for each in table("void_reissue_reasons")["reasons"]
        }
    )


def reason(code: str, *, remark: str | None) -> StateReason:
    """The reason with a code, with the remark it may require.

    Raises:
        FieldError: ``record.reason_unknown`` or ``record.remark_missing``.

    >>> reason("R04", remark=None).to
    'superseded'
    """
    found = reasons().get(code)
    if found is None:
        raise FieldError(
            "record.reason_unknown", field="reason", known=", ".join(sorted(reasons()))
        )
    if found.remark_required and not (remark or "").strip():
        raise FieldError("record.remark_missing", field="remark", reason=found.zh)
    return found


@cache
def states() -> Mapping[str, str]:
    """States of an issued certificate: code to Chinese name.

    >>> states()["withdrawn"]
    '撤销'
    """
    return MappingProxyType(
        {each["code"]: each["zh"] for each in table("void_reissue_reasons")["status"]}
    )


@cache
def level_names() -> Mapping[Level, tuple[str, str]]:
    """Chinese and English name of each level.

    >>> level_names()[Level.ASSOCIATE_SENIOR]
    ('副高级', 'associate senior')
    """
    return MappingProxyType(
        {
            _level(each["etitle_code"]): (each["name"], each["en"])
            for each in table("levels")["levels"]
        }
    )


@cache
def tier_levels() -> Mapping[str, frozenset[Level]]:
    """The levels of each tier: 高级, 中级, 初级."""
    found: dict[str, set[Level]] = {}
    for each in table("levels")["levels"]:
        found.setdefault(each["tier"], set()).add(_level(each["etitle_code"]))
    return MappingProxyType({tier: frozenset(levels) for tier, levels in found.items()})


@cache
def spellings(field: str) -> Mapping[str, Any]:
    """Accepted spellings of a coded field (``sex``, ``level``, ``source`` …) and their values."""
    return MappingProxyType(
        {fold(spelling): value for spelling, value in table("spellings")[field].items()}
    )


def fold(spelling: str) -> str:
    """A spelling as it is compared: no spaces, lower case, wide brackets."""
    return "".join(spelling.split()).lower().translate(_BRACKETS)
