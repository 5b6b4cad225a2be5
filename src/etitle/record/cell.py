"""Cells of workbooks, CSV and JSON as values: text, dates, coded fields.

A cell is text, a number, a date or nothing.  Common habits are corrected without a finding
(spaces, full-width digits, 2020年6月, middle dots); a cell that lost or hides something is
refused, with the repair.  No message repeats what could be an ID number.
"""

from __future__ import annotations

import datetime
import math
import re
from functools import lru_cache
from typing import Final
from unicodedata import normalize

from etitle.certificate.codes import fold, spellings, tier_levels
from etitle.certificate.dates import CHINA, PartialDate
from etitle.certificate.decode import FORBIDDEN
from etitle.certificate.identity import narrow
from etitle.certificate.model import Level
from etitle.errors import FieldError

EXACT_DIGITS: Final = 15
"""Decimal digits that a spreadsheet's number keeps; the others become zeros."""

MAX_CELL: Final = 1000
"""Characters of a cell that are read; the longest field takes 200."""

_HIDDEN: Final = re.compile(f"{FORBIDDEN.pattern}|[\ud800-\udfff]")
"""Characters of docs/spec clause 2.2.1, and lone surrogates, which have no encoding."""

_PRIVATE: Final = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
"""Private use: GB18030 leftovers for characters that have had a Unicode place for years."""

_SPACES: Final = re.compile(r"\s+")
_HAN: Final = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
_WIDE_GAP: Final = re.compile(f"(?<={_HAN}) (?={_HAN})")
"""A space between Chinese characters is layout (样　例), never part of the name."""

_DOTS: Final = {0x2022: 0xB7, 0x30FB: 0xB7, 0xFF0E: 0xB7, 0xFF65: 0xB7}
"""Middle dots as typed (domain.md, 附件1), all as U+00B7."""

_SCIENTIFIC: Final = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_DATE: Final = re.compile(
    r"([0-9]{4})(?:年|[-./年]([0-9]{1,2})(?:月|[-./月]([0-9]{1,2})[日号]?)?)?"
    r"(?:[ T]00?:00(?::00(?:\.0+)?)?)?"
)
_COMPACT_DATE: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})?")
_ALPHA3: Final = re.compile(r"[A-Z]{3}")
_TELLING: Final = re.compile(r"[0-9A-Za-z*]*[0-9][0-9A-Za-z*]{3,}")
_SHOWN: Final = 30


def shown(text: str) -> str:
    """A text as a message may repeat it: short, without anything like an ID number.

    >>> shown("高级工程师"), shown("450099199001010072")
    ('高级工程师', '…')
    """
    cut = "".join(each if each.isprintable() else "?" for each in text[:MAX_CELL])
    cut = _TELLING.sub("…", narrow(cut))
    return cut if len(cut) <= _SHOWN else cut[:_SHOWN] + "…"


def text_of(cell: object, field: str) -> str | None:
    """The text of a cell, clean: NFC, single spaces; None where the cell is empty.

    Args:
        cell: str, int, float, date, datetime or None.
        field: the field it is for, for errors.

    Raises:
        FieldError: ``record.digits_lost``, ``record.cell_type``, ``record.text_long``,
            ``record.text_invisible`` or ``record.text_private``.

    >>> text_of(" 样　例\u00a0甲 ", "name"), text_of(20260001.0, "number"), text_of("", "name")
    ('样例甲', '20260001', None)
    """
    if cell is None:
        return None
    if not isinstance(cell, str):
        return _written(cell, field)
    text = cell.strip()
    if not text:
        return None
    if len(text) > MAX_CELL:
        raise FieldError("record.text_long", field=field, limit=MAX_CELL)
    if text.isascii() and text.isalnum():
        return text
    return _clean(text, field)


def _clean(text: str, field: str) -> str:
    hidden = _HIDDEN.search(text)
    if hidden:
        raise FieldError("record.text_invisible", field=field, point=f"U+{ord(hidden[0]):04X}")
    private = sorted(set(_PRIVATE.findall(text)))
    if private:
        points = ", ".join(f"U+{ord(each):04X}" for each in private[:8])
        raise FieldError("record.text_private", field=field, points=points)
    if not text.isascii():
        text = normalize("NFC", text)
    if _SPACES.search(text):
        text = _WIDE_GAP.sub("", _SPACES.sub(" ", text))
    return text.strip() or text


def _written(cell: object, field: str) -> str:
    """A cell that is no text, as text."""
    if isinstance(cell, float) and math.isfinite(cell) and cell.is_integer():
        if abs(cell) >= 10**EXACT_DIGITS:
            raise FieldError("record.digits_lost", field=field, digits=EXACT_DIGITS)
        return str(int(cell))
    if isinstance(cell, int) and not isinstance(cell, bool):
        if abs(cell) >= 10**20:
            raise FieldError("record.digits_lost", field=field, digits=EXACT_DIGITS)
        digits = str(cell)
        # Some writers store the rounded number without an exponent: zeros give it away.
        if len(digits) > EXACT_DIGITS and not digits[EXACT_DIGITS:].strip("0"):
            raise FieldError("record.digits_lost", field=field, digits=EXACT_DIGITS)
        return digits
    raise FieldError("record.cell_type", field=field, type=type(cell).__name__)


def digits_of(cell: object, field: str) -> str | None:
    """The text of a cell that holds an identifier: 证号, 身份证号.

    Raises:
        FieldError: as ``text_of``; ``record.digits_lost`` also for 4.50099E+17.
    """
    text = text_of(cell, field)
    if text is not None and _SCIENTIFIC.fullmatch(text) and "+" in text:
        raise FieldError("record.digits_lost", field=field, digits=EXACT_DIGITS)
    return text


def name_of(cell: object, field: str) -> str | None:
    """A person's name: ``text_of`` with every middle dot as U+00B7 and no space beside it.

    >>> name_of("样例•阿依古丽", "name") == "样例\u00b7阿依古丽"
    True
    """
    text = text_of(cell, field)
    if text is None or text.isascii():
        return text
    text = text.translate(_DOTS)
    return re.sub(" *\u00b7 *", "\u00b7", text) if "\u00b7" in text else text


def date_of(cell: object, field: str) -> PartialDate | None:
    """A date with the precision given.

    Reads 2020-06-30, 2020/6/30, 2020.06, 2020年6月, 20200630, 202006, 2020, 2020-06-00, and
    cells of the type date.  A serial number of a spreadsheet is read only if the cell says it is
    a date.

    Raises:
        FieldError: ``record.date_unreadable``, ``record.date_impossible``,
            ``record.date_range``, or as ``text_of``.

    >>> str(date_of("２０２０年６月", "qualified")), str(date_of("2020-06-00", "qualified"))
    ('2020-06', '2020-06')
    """
    if isinstance(cell, datetime.datetime):
        # The first and last days of the calendar have no neighbours in other zones.
        inside = datetime.MINYEAR < cell.year < datetime.MAXYEAR
        day = cell.astimezone(CHINA).date() if cell.tzinfo and inside else cell.date()
        return _partial(day.year, day.month, day.day, field)
    if isinstance(cell, datetime.date):
        return _partial(cell.year, cell.month, cell.day, field)
    text = text_of(cell, field)
    return None if text is None else _date(text, field)


@lru_cache(maxsize=8192)
def _date(text: str, field: str) -> PartialDate:
    plain = narrow(text)
    if " " in plain and ":" not in plain:
        plain = plain.replace(" ", "")
    match = _DATE.fullmatch(plain) or _COMPACT_DATE.fullmatch(plain)
    if match is None:
        raise FieldError("record.date_unreadable", field=field)
    year, month, day = (int(part) if part else None for part in match.groups())
    return _partial(year or 0, month or None, day or None, field)


def _partial(year: int, month: int | None, day: int | None, field: str) -> PartialDate:
    try:
        return PartialDate(year, month, day)
    except FieldError as error:
        # dates' own codes name no field.
        code = error.code.replace("certificate.", "record.")
        raise FieldError(code, field=field, value=error.details["value"]) from None


def code_of(cell: object, field: str) -> int | None:
    """The value of a coded field (``sex``, ``source``, ``body_level``, ``id_kind``).

    Raises:
        FieldError: ``record.code_unknown``, or as ``text_of``.

    >>> code_of("女", "sex"), code_of("身份证", "id_kind"), code_of(1.0, "sex")
    (2, 1, 1)
    """
    text = text_of(cell, field)
    return None if text is None else _code(text, field)


@lru_cache(maxsize=1024)
def _code(text: str, field: str) -> int:
    value = spellings(field).get(fold(narrow(text)))
    if value is None:
        raise FieldError("record.code_unknown", field=field, value=shown(text))
    return int(value)


def nationality_of(cell: object, field: str) -> str | None:
    """An ISO 3166-1 alpha-3 code, from the code or a name that the table knows.

    Raises:
        FieldError: ``record.nationality_shape``, or as ``text_of``.

    >>> nationality_of("中国", "nationality"), nationality_of("gbr", "nationality")
    ('CHN', 'GBR')
    """
    text = text_of(cell, field)
    if text is None:
        return None
    code = str(spellings(field).get(fold(text), narrow(text).upper()))
    if not _ALPHA3.fullmatch(code):
        raise FieldError("record.nationality_shape", field=field)
    return code


def level_of(cell: object, field: str) -> Level | str | None:
    """A level, or the name of a tier (高级, 初级) that holds several.

    Raises:
        FieldError: ``record.code_unknown``, or as ``text_of``.

    >>> level_of("副高级", "level"), level_of("高级", "level")
    (<Level.ASSOCIATE_SENIOR: 2>, '高级')
    """
    text = text_of(cell, field)
    if text is None:
        return None
    tier = spellings("tier").get(fold(narrow(text)))
    return str(tier) if tier in tier_levels() else Level(_code(text, field))
