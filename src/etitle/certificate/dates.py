"""Civil dates as certificates print them, some on old papers without a day or a month.

All days are calendar days in China (UTC+8, no daylight saving since 1992); a day is carried as the
number of days since 1970-01-01 of the proleptic Gregorian calendar.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Final

from etitle.errors import FieldError, NaiveTimeError

CHINA: Final = datetime.timezone(datetime.timedelta(hours=8), "UTC+8")
_EPOCH_ORDINAL: Final = datetime.date(1970, 1, 1).toordinal()

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
FIRST_DAY: Final = datetime.date(FIRST_YEAR, 1, 1).toordinal() - _EPOCH_ORDINAL
LAST_DAY: Final = datetime.date(LAST_YEAR, 12, 31).toordinal() - _EPOCH_ORDINAL
"""Days outside these years are typing errors, not certificates."""

DAY_S: Final = 86_400
_CHINA_S: Final = 8 * 3600
"""China's clocks are that far ahead of UTC."""


def day_number(day: datetime.date) -> int:
    """Days since 1970-01-01.

    >>> day_number(datetime.date(2026, 1, 1))
    20454
    """
    return day.toordinal() - _EPOCH_ORDINAL


def day_date(number: int) -> datetime.date:
    """The day with that number."""
    return datetime.date.fromordinal(number + _EPOCH_ORDINAL)


def china_day(at_s: int) -> int:
    """Day number of the calendar day in China at a time (seconds since 1970 UTC)."""
    return (at_s + _CHINA_S) // DAY_S


def china_midnight(day: int) -> int:
    """When a calendar day begins in China, seconds since 1970 UTC.

    >>> china_day(china_midnight(20454)), china_day(china_midnight(20454) - 1)
    (20454, 20453)
    """
    return day * DAY_S - _CHINA_S


def aware_seconds(at: datetime.datetime) -> int:
    """Seconds since 1970 UTC of a timezone-aware time.

    Raises:
        NaiveTimeError: ``certificate.time_naive`` (a ValueError too: a mistake of the caller, not
            of data).

    >>> aware_seconds(datetime.datetime(2026, 1, 1, 8, tzinfo=CHINA))
    1767225600
    """
    if at.utcoffset() is None:
        raise NaiveTimeError("certificate.time_naive")
    return int(at.timestamp())


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day, a month, or a year; the precision is part of the value.

    >>> str(PartialDate(1998, 7)), str(PartialDate(2026, 3, 1))
    ('1998-07', '2026-03-01')
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        try:
            if self.month is None and self.day is not None:
                raise ValueError  # noqa: TRY301  # one refusal for every impossible date
            datetime.date(
                self.year,
                1 if self.month is None else self.month,
                1 if self.day is None else self.day,
            )
        except (ValueError, OverflowError):
            raise FieldError("certificate.date_impossible", field="date", value=str(self)) from None
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise FieldError("certificate.date_range", field="date", value=str(self))

    @classmethod
    def of(cls, day: datetime.date) -> PartialDate:
        """The date of full precision."""
        return cls(day.year, day.month, day.day)

    @property
    def earliest(self) -> datetime.date:
        """The first day it can mean."""
        return datetime.date(self.year, self.month or 1, self.day or 1)

    def __str__(self) -> str:
        parts = [f"{self.year:04}"]
        parts += [f"{part:02}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)
