"""Values of cells: numbers, dates, truth, errors; and the columns that references name."""

from __future__ import annotations

import datetime
import re
from typing import Final, TypeAlias

from etitle.errors import DecodeError
from etitle.table.limits import MAX_SHEET_COLUMNS

Value: TypeAlias = str | int | float | datetime.date | datetime.datetime | bool | None

_NUMBER: Final = re.compile(
    r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[Ee][+-]?[0-9]{1,4})?"
)
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,400}")
_SERIAL: Final = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,400})?(?:[Ee][+-]?[0-9]{1,2})?")
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")

_DAY_ZERO: Final = datetime.datetime(1899, 12, 30)  # noqa: DTZ001  # a sheet knows no zone
_DAY_ZERO_1904: Final = datetime.datetime(1904, 1, 1)  # noqa: DTZ001
_LEAP_BUG: Final = 60
"""The day 1900-02-29, which Excel counts and which never was; days before it are one behind."""
_LAST_DAY: Final = 2_958_465
"""9999-12-31."""
_DAY_MS: Final = 86_400_000


def column_letters(column: int) -> str:
    """A column as spreadsheet programs name it, from 0.

    >>> column_letters(0), column_letters(27), column_letters(16383)
    ('A', 'AB', 'XFD')
    """
    high, low = divmod(column, 26)
    return (column_letters(high - 1) if high else "") + chr(ord("A") + low)


def column_number(letters: str) -> int:
    """A column from 0, by its letters.

    Raises:
        DecodeError: ``table.workbook_malformed`` beyond the last column.

    >>> column_number("A"), column_number("AB")
    (0, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    if number > MAX_SHEET_COLUMNS:
        raise DecodeError("table.workbook_malformed", what="column")
    return number - 1


class Columns:
    """Columns of references such as ``AB12``; a sheet repeats the same letters in each row."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def at(self, reference: str, row: str) -> int:
        """The column of a reference that stands in a row.

        Raises:
            DecodeError: ``table.workbook_malformed`` for one of another row or of no shape.
        """
        letters = reference[: -len(row)]
        found = self._known.get(letters)
        if found is not None and reference.endswith(row):
            return found
        match = _REFERENCE.fullmatch(reference)
        if match is None or match[2] != row:
            raise DecodeError("table.workbook_malformed", what="cell reference")
        self._known[letters] = column_number(letters)
        return self._known[letters]


def number_of(text: str) -> int | float:
    """A number as the file spells it; whole ones without a point or an exponent stay exact.

    Raises:
        DecodeError: ``table.workbook_malformed``.

    >>> number_of("450099199001010072"), number_of("4.5E+17")
    (450099199001010072, 4.5e+17)
    """
    if _WHOLE.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text) is None:
        raise DecodeError("table.workbook_malformed", what="number")
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        raise DecodeError("table.workbook_malformed", what="number")
    return value


def date_of(serial: float, *, epoch_1904: bool) -> datetime.date | datetime.datetime | None:
    """The day that a serial number shows as, with its time of day where it has one.

    None for what shows as no day: the time of day alone, a negative number, 1900-02-29, or a day
    after 9999.

    >>> date_of(45981, epoch_1904=False), date_of(60, epoch_1904=False)
    (datetime.date(2025, 11, 20), None)
    """
    if epoch_1904:
        zero, first = _DAY_ZERO_1904, 0.0
    else:
        zero, first = _DAY_ZERO, 1.0
    if not first <= serial < _LAST_DAY + 1:
        return None
    milliseconds = round(serial * _DAY_MS)
    days = milliseconds // _DAY_MS
    if not epoch_1904 and days <= _LEAP_BUG:
        if days == _LEAP_BUG:
            return None
        milliseconds += _DAY_MS
    try:
        moment = zero + datetime.timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
    return moment if moment.time() != datetime.time() else moment.date()


def written_date(text: str) -> Value:
    """The value of a cell of the type ``d``: an ISO 8601 date, or the text where it is none.

    >>> written_date("2025-11-20T00:00:00"), written_date("soon")
    (datetime.date(2025, 11, 20), 'soon')
    """
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is not None or moment.time() != datetime.time():
        return moment
    return moment.date()
