"""Segments: which decide about a number, and which may not stand together (clause 5.7)."""

from __future__ import annotations

import datetime
from dataclasses import replace
from itertools import combinations
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.population import certificates

from etitle.certificate.model import BodyLevel, Level
from etitle.trust import segments
from etitle.trust.published import Scope, Segment
from etitle.trust.segments import deciding, find_overlap

BODY, OTHER = "样例市职改办", "样例大学"


def segment(  # the fields that matter here
    prefix: str,
    width: int = 0,
    first: int = 0,
    last: int | None = None,
    *,
    body: str = BODY,
    days: tuple[int, int | None] = (0, None),
    number: int = 1,
) -> Segment:
    end = 10**width - 1 if last is None else last
    return Segment(prefix, width, first, end, body, BodyLevel.CITY, *days, number)


TAKEN: Final = segment("45", 4, 0, 4999)
OLD: Final = segment("4", body=OTHER, number=2)
OLDER: Final = segment("", body=BODY, number=3)


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("450001", (TAKEN,)),  # the segment with a width decides, although others of 0 fit too
        ("455000", (OLD,)),
        ("4", (OLD,)),
        ("样字第1号", (OLDER,)),
    ],
)
def test_a_segment_of_width_0_takes_what_no_other_takes(
    number: str, found: tuple[Segment, ...]
) -> None:
    longer = segment("45000", body=OTHER, number=4)
    for order in ((TAKEN, OLD, OLDER, longer), (longer, OLDER, OLD, TAKEN)):
        assert deciding(order, number, 5) == found


@pytest.mark.parametrize("number", ["４５123", "45\u0661", "45123 4", "٤٥123"])
def test_a_number_in_other_digits_fits_no_digit_segment(number: str) -> None:
    # No certificate has such a number (clause 2.3.1), but a segment does not rely on it.
    assert deciding((segment("45", len(number) - 2),), number, 5) == ()


def test_a_segment_of_other_days_decides_nothing() -> None:
    past = replace(TAKEN, not_after=3)
    assert deciding((past, OLD), "450001", 4) == (OLD,)
    assert deciding((past, OLD), "450001", 3) == (past,)
    assert deciding((past,), "450001", 4) == ()


APART = [
    (segment("45", 4, 0, 99), segment("45", 4, 100, 199, body=OTHER)),
    (segment("45", 4), segment("46", 4, body=OTHER)),
    (segment("45", 4), segment("45", 5, body=OTHER)),
    (segment("45", 4), segment("450", 4, body=OTHER)),
    (segment("45", 4, 0, 999), segment("451", 3, body=OTHER)),
    (segment("字45", 4), segment("45", 4, body=OTHER)),
    (segment("45", 4, days=(0, 9)), segment("45", 4, body=OTHER, days=(10, None))),
    (segment("45"), segment("4", body=OTHER)),
    (segment("45", 4), segment("45", body=OTHER)),
    (segment("45", 4), segment("450", 3)),
    (segment("4５", 2), segment("45", 2, body=OTHER)),
]
TOGETHER = [
    (segment("45", 4), segment("45", 4, body=OTHER)),
    (segment("45", 4, 0, 100), segment("45", 4, 100, 199, body=OTHER)),
    (segment("45", 4), segment("450", 3, body=OTHER)),
    (segment("45", 4, 1000, 1999), segment("451", 3, 999, 999, body=OTHER)),
    (segment("", 6), segment("45", 4, body=OTHER)),
    (segment("字", 3), segment("字0", 2, body=OTHER)),
    (segment("45", 4, days=(0, 10)), segment("45", 4, body=OTHER, days=(10, None))),
    (segment("45"), segment("45", body=OTHER)),
    (segment(""), segment("", body=OTHER)),
]


@pytest.mark.parametrize(("one", "other"), APART)
def test_segments_that_share_no_number_and_day_stand_together(one: Segment, other: Segment) -> None:
    assert find_overlap((one, other)) is None
    assert find_overlap((other, one)) is None


@pytest.mark.parametrize(("one", "other"), TOGETHER)
def test_two_bodies_never_share_a_number_on_a_day(one: Segment, other: Segment) -> None:
    assert find_overlap((one, segment("9"), other)) is not None
    assert find_overlap((other, segment("9"), one)) is not None
    level = replace(other, body=BODY, body_level=BodyLevel.COUNTY)
    assert find_overlap((one, level)) is not None
    assert find_overlap((one, replace(other, body=BODY))) is None


prefixes = st.text("045字", max_size=3)


@st.composite
def some(draw: st.DrawFn) -> Segment:
    width = draw(st.integers(0, 2))
    first = draw(st.integers(0, 10**width - 1))
    last = draw(st.integers(first, 10**width - 1))
    start = draw(st.integers(0, 2))
    end = draw(st.none() | st.integers(start, 3))
    body = draw(st.sampled_from([BODY, OTHER]))
    return segment(draw(prefixes), width, first, last, body=body, days=(start, end))


@given(st.lists(some(), max_size=4), prefixes, st.integers(0, 999), st.integers(0, 3))
def test_without_an_overlap_one_body_decides(
    drawn: list[Segment], prefix: str, digits: int, day: int
) -> None:
    numbers = {prefix, f"{prefix}{digits}", f"{prefix}{digits:02}"}
    bodies = [{one.body for one in deciding(drawn, number, day)} for number in numbers]
    if find_overlap(drawn) is None:
        assert all(len(found) <= 1 for found in bodies)


@given(some(), some())
def test_an_overlap_has_a_number_and_a_day(one: Segment, other: Segment) -> None:
    if find_overlap((one, other)) is None or not one.width:
        return
    numbers = [f"{one.prefix}{n:0{one.width}}" for n in range(one.first, one.last + 1)]
    assert any(
        len({found.body for found in deciding((one, other), number, day)}) > 1
        for number in numbers
        for day in range(4)
    )


@given(st.lists(some(), max_size=8))
def test_an_overlap_is_found_where_two_by_two_finds_one(drawn: list[Segment]) -> None:
    pairs = [pair for pair in combinations(drawn, 2) if find_overlap(pair)]
    found = find_overlap(drawn)
    assert (found is not None) == bool(pairs)
    assert found is None or any({*map(id, found)} == {*map(id, pair)} for pair in pairs)


def _crowd(kind: str, count: int) -> list[Segment]:
    """What a hostile authority may publish: any two have to be looked at."""
    if kind == "one body":
        return [segment("4", 9, 0, 9, number=n) for n in range(count)]
    if kind == "one body, nested":
        return [segment("4", 9, n, 10**6 - n, number=n) for n in range(count)]
    if kind == "one body, one prefix":
        return [segment("4", number=n) for n in range(count)]
    return [segment("4", 9, 0, 9, body=f"{n}", days=(n, n), number=n) for n in range(count)]


@pytest.mark.parametrize(
    "kind", ["one body", "one body, nested", "one body, one prefix", "other days"]
)
def test_a_crowd_of_segments_is_judged_in_one_walk(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Segment] = []
    real = segments._OpenDays.count

    def counted(self: segments._OpenDays, one: Segment) -> int:
        asked.append(one)
        return real(self, one)

    monkeypatch.setattr(segments._OpenDays, "count", counted)
    crowd = _crowd(kind, 3000)
    assert find_overlap(crowd) is None
    assert len(asked) <= 2 * len(crowd)
    stranger = replace(crowd[1500], body=OTHER)
    assert find_overlap([*crowd, stranger]) is not None


def test_a_scope_holds_what_all_its_parts_hold() -> None:
    certificate = replace(
        certificates(1)[0],
        approving_body=BODY,
        body_level=BodyLevel.CITY,
        level=Level.INTERMEDIATE,
        issued=datetime.date(2026, 1, 1),
    )
    own = (segment("", number=7),)
    right = {
        "bodies": (OTHER, BODY),
        "body_levels": (BodyLevel.CITY,),
        "levels": (Level.ASSISTANT, Level.INTERMEDIATE),
        "segments": (7, 9),
    }
    wrong = {
        "bodies": (OTHER,),
        "body_levels": (BodyLevel.REGION,),
        "levels": (Level.ASSISTANT,),
        "segments": (9,),
    }
    assert Scope(**right).allows(certificate, own)  # type: ignore[arg-type]
    assert not Scope(segments=(7,)).allows(certificate, ())
    for part, value in wrong.items():
        assert Scope(**{part: right[part]}).allows(certificate, own)  # type: ignore[arg-type]
        assert not Scope(**{**right, part: value}).allows(certificate, own)  # type: ignore[arg-type]


def test_the_two_that_clash_share_a_day() -> None:
    before = segment("4", 2, 0, 50, body=OTHER, days=(0, 1))
    beside = segment("4", 2, 0, 60, body="第三单位", days=(2, 3))
    one = segment("4", 2, 10, 99, days=(2, 3))
    assert find_overlap((before, beside)) is None
    assert find_overlap((before, beside, one)) == (beside, one)


@pytest.mark.parametrize(
    ("scope", "holds"),
    [
        (Scope(), True),
        (Scope(levels=(Level.ASSISTANT,)), True),
        (Scope(bodies=(OTHER, BODY)), True),
        (Scope(bodies=(OTHER,)), False),
        (Scope(body_levels=(BodyLevel.COUNTY, BodyLevel.CITY)), True),
        (Scope(body_levels=(BodyLevel.COUNTY,)), False),
        (Scope(segments=(1, 2)), True),
        (Scope(segments=(2,)), False),
        (Scope(bodies=(BODY,), segments=(2,)), False),
    ],
)
def test_a_scope_holds_a_segment_by_each_of_its_parts(scope: Scope, *, holds: bool) -> None:
    assert scope.holds(segment("45", 4, number=1)) is holds
