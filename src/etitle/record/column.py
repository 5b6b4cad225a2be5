"""Columns of a row: how the cells of a field are read."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from etitle.certificate.dates import PartialDate
from etitle.certificate.decode import MAX_TEXT, MAX_VERSION
from etitle.certificate.identity import DocumentKind, check_digit, narrow
from etitle.certificate.model import BodyLevel, Level, Sex, Source
from etitle.certificate.number import plain_certificate_number
from etitle.errors import FieldError
from etitle.record import cell

_Value = TypeVar("_Value")

_KINDS: Final = {int(kind): kind for kind in DocumentKind}
_SEXES: Final = {int(sex): sex for sex in Sex}
_SOURCES: Final = {int(source): source for source in Source}
_BODY_LEVELS: Final = {int(level): level for level in BodyLevel}


_URL: Final = re.compile(r"https://\S+")
_RESIDENT: Final = re.compile(
    r"(?<![0-9])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]"
    r"(?![0-9A-Z])"
)
"""A 公民身份号码 within a text: six digits of a place, a day of birth, four more (GB 11643)."""


def _line(value: object, field: str, most: int) -> str | None:
    text = cell.name_of(value, field) if field == "name" else cell.text_of(value, field)
    if text is not None and len(text) > most:
        raise FieldError("record.text_long", field=field, limit=most)
    if text is not None and field != "url":
        for found in _RESIDENT.findall(narrow(text).upper()):
            # It would stand unmasked in the code: a column that slipped, or was pasted elsewhere.
            if check_digit(found[:17]) == found[17]:
                raise FieldError("record.text_id_number", field=field)
    return text


def _number(value: object, field: str) -> str | None:
    text = cell.digits_of(value, field)
    return None if text is None else plain_certificate_number(text, field=field)


def _issued(value: object, field: str) -> datetime.date | None:
    date = cell.date_of(value, field)
    if date is not None and date.day is None:
        raise FieldError("record.date_partial", field=field, value=date)
    return None if date is None else date.earliest


def _url(value: object, field: str) -> str | None:
    url = _line(value, field, MAX_TEXT[12])
    if url is not None and not _URL.fullmatch(url):
        raise FieldError("record.url_shape", field=field)
    return url


def _version(value: object, field: str) -> int:
    text = cell.text_of(value, field)
    if text is None:
        return 1
    if not re.fullmatch(r"[0-9]{1,3}", text := narrow(text)) or not int(text):
        raise FieldError("record.version_range", field=field, limit=MAX_VERSION)
    return int(text)


def _coded(members: Mapping[int, _Value]) -> Callable[[object, str], _Value | None]:
    def read(value: object, field: str) -> _Value | None:
        code = cell.code_of(value, field)
        return None if code is None else members[code]

    return read


def _text(most: int) -> Callable[[object, str], str | None]:
    return lambda value, field: _line(value, field, most)


MAX_WORK_UNIT: Final = 100
"""Characters, as of the names of other bodies; no token carries it."""

_READERS: Final[Mapping[str, Callable[[object, str], object]]] = {
    "number": _number,
    "name": _text(MAX_TEXT[2]),
    "sex": _coded(_SEXES),
    "id_number": cell.digits_of,
    "id_kind": _coded(_KINDS),
    "nationality": cell.nationality_of,
    "series": _text(MAX_TEXT[5]),
    "title": _text(MAX_TEXT[6]),
    "specialty": _text(MAX_TEXT[7]),
    "qualified": cell.date_of,
    "issued": _issued,
    "review_body": _text(MAX_TEXT[10]),
    "issuing_body": _text(MAX_TEXT[11]),
    "url": _url,
    "level": cell.level_of,
    "source": _coded(_SOURCES),
    "body_level": _coded(_BODY_LEVELS),
    "approving_body": _text(MAX_TEXT[16]),
    "approval_document": _text(MAX_TEXT[17]),
    "version": _version,
    "supersedes": _number,
    "work_unit": _text(MAX_WORK_UNIT),
}
REQUIRED: Final = frozenset({"name", "series", "title", "specialty", "qualified", "issuing_body"})
"""Fields without which there is no certificate."""


def read_cell(value: object, field: str) -> object:
    """A cell as the value of its field.

    Raises:
        FieldError: the codes of ``cell``, and ``record.value_missing``.
    """
    if isinstance(value, (Sex, Source, BodyLevel, Level, DocumentKind)):
        value = int(value)
    elif isinstance(value, PartialDate):
        value = str(value)
    read = _READERS[field](value, field)
    if read is None and field in REQUIRED:
        raise FieldError("record.value_missing", field=field)
    return read
