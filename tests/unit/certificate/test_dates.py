"""Dates as certificates print them, days in China."""

from __future__ import annotations

import datetime

import pytest

from etitle.certificate.dates import (
    FIRST_DAY,
    LAST_DAY,
    PartialDate,
    aware_seconds,
    china_day,
    china_midnight,
    day_date,
    day_number,
)
from etitle.errors import FieldError, NaiveTimeError


@pytest.mark.parametrize(
    ("parts", "text", "earliest"),
    [
        ((1998,), "1998", datetime.date(1998, 1, 1)),
        ((1998, 7), "1998-07", datetime.date(1998, 7, 1)),
        ((2000, 2, 29), "2000-02-29", datetime.date(2000, 2, 29)),
        ((1900,), "1900", datetime.date(1900, 1, 1)),
        ((2199, 12, 31), "2199-12-31", datetime.date(2199, 12, 31)),
    ],
)
def test_a_date_has_the_precision_of_its_paper(
    parts: tuple[int, ...], text: str, earliest: datetime.date
) -> None:
    assert (str(PartialDate(*parts)), PartialDate(*parts).earliest) == (text, earliest)
    assert PartialDate.of(earliest) == PartialDate(earliest.year, earliest.month, earliest.day)


@pytest.mark.parametrize(
    "parts",
    [(2000, None, 5), (1900, 2, 29), (2000, 0), (2000, 13), (2000, 1, 0), (2000, 1, 32), (0,),
     (10_000,), (2**70,)],
)  # fmt: skip
def test_a_date_that_no_calendar_has_is_refused(parts: tuple[int, int | None, int | None]) -> None:
    with pytest.raises(FieldError) as caught:
        PartialDate(*parts)
    assert caught.value.code == "certificate.date_impossible"


@pytest.mark.parametrize("year", [1, 1899, 2200, 9999])
def test_a_year_that_nobody_means_is_refused(year: int) -> None:
    with pytest.raises(FieldError) as caught:
        PartialDate(year)
    assert caught.value.code == "certificate.date_range"


def test_days_are_counted_from_1970() -> None:
    assert day_number(datetime.date(1970, 1, 1)) == 0
    assert (day_date(FIRST_DAY), day_date(LAST_DAY)) == (
        datetime.date(1900, 1, 1), datetime.date(2199, 12, 31),
    )  # fmt: skip


def test_a_day_in_china_begins_eight_hours_before_utc() -> None:
    assert china_midnight(1) == 86_400 - 8 * 3600
    assert [china_day(china_midnight(9) + n) for n in (-1, 0, 86_399, 86_400)] == [8, 9, 9, 10]


def test_a_time_without_a_zone_is_the_callers_mistake() -> None:
    assert aware_seconds(datetime.datetime(1970, 1, 2, tzinfo=datetime.UTC)) == 86_400
    with pytest.raises(NaiveTimeError):
        aware_seconds(datetime.datetime(1970, 1, 2))  # noqa: DTZ001  # the mistake itself
