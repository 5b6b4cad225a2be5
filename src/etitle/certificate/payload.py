"""Certificate <-> canonical payload bytes (docs/spec clause 2).

Where a short typed form is lossless it is the only form; where it is not, text is.  So every
certificate has one payload, and a payload that would be written otherwise is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import Final, TypeVar

from etitle import canon
from etitle.certificate.dates import FIRST_DAY, LAST_DAY, PartialDate, day_date, day_number
from etitle.certificate.identity import (
    COMMITMENT_BYTES,
    EIGHTEEN,
    DocumentKind,
    Identity,
    check_digit,
)
from etitle.certificate.model import BodyLevel, Certificate, Level, Sex, Source
from etitle.errors import DecodeError, FieldError

SCHEMA: Final = 1
MAX_PAYLOAD_BYTES: Final = 1024
"""Bytes; the longest legal certificate of the vectors takes about 900."""

MAX_TEXT: Final = {
    1: 40, 2: 100, 5: 60, 6: 60, 7: 60, 10: 100, 11: 100, 12: 200, 16: 100, 17: 60, 19: 40,
}  # fmt: skip
"""Most characters of each text, by payload key."""

MAX_LIST_ID: Final = (1 << 16) - 1
MAX_INDEX: Final = (1 << 27) - 1
"""Indices of one revocation list: 2^27 at two bits each are 32 MiB."""
MAX_VERSION: Final = 999
"""GB/T 36904 gives the version three digits."""

_COMPACT_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")
_COMPACT_MASK: Final = re.compile(r"[0-9]{2}\*{12}[0-9]{3}[0-9X]")
_CHECKSUMMED: Final = frozenset(
    {DocumentKind.CN_RESIDENT, DocumentKind.HMT_RESIDENCE, DocumentKind.FOREIGN_PR_2023}
)
_FORBIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"
    "\U000e0000-\U000e007f]"
)
"""Control, bidirectional and invisible characters: what prints differently than it compares.

Variation selectors (U+E0100 on) stay: they choose between forms of a name's character."""

_KINDS: Final = {int(kind): kind for kind in DocumentKind}
_SEXES: Final = {int(sex): sex for sex in Sex}
_LEVELS: Final = {int(level): level for level in Level}
_SOURCES: Final = {int(source): source for source in Source}
_BODY_LEVELS: Final = {int(level): level for level in BodyLevel}

_CHECK_CHARACTERS: Final = "0123456789X"
_NATIONALITY: Final = re.compile(r"[A-Z]{3}")
_SHOWN: Final = re.compile(r"[0-9A-Z*]{5,20}")
"""A document number, or its mask, that has no typed form."""

_Member = TypeVar("_Member", bound=IntEnum)


def encode(certificate: Certificate) -> bytes:
    """The canonical payload of a certificate.

    Raises:
        FieldError: ``certificate.payload_refused`` where a value is outside docs/spec clause 2
            (what ``decode`` would refuse is never written).
    """
    data = _encode(certificate)
    try:
        again = decode(data)
    except DecodeError as error:
        raise FieldError(
            "certificate.payload_refused", field=error.details.get("field", "?"), rule=error.code
        ) from None
    if again != certificate:
        raise FieldError("certificate.payload_refused", field="?", rule="round trip")
    return data


def _encode(certificate: Certificate) -> bytes:
    c = certificate
    entries: dict[int, object] = {0: SCHEMA, 1: _number(c.number), 2: c.name}
    if c.identity is not None:
        entries[3] = _identity(c.identity)
    if c.sex != derived_sex(c.identity):
        entries[4] = int(c.sex)
    entries[5], entries[6], entries[7] = c.series, c.title, c.specialty
    entries[8] = _date(c.qualified)
    entries[9] = day_number(c.issued)
    if c.review_body is not None:
        entries[10] = c.review_body
    entries[11] = c.issuing_body
    if c.url is not None:
        entries[12] = c.url
    entries[13], entries[14], entries[15] = int(c.level), int(c.source), int(c.body_level)
    if c.approving_body != c.issuing_body:
        entries[16] = c.approving_body
    if c.approval_document is not None:
        entries[17] = c.approval_document
    if c.version != 1:
        entries[18] = c.version
    if c.supersedes is not None:
        entries[19] = _number(c.supersedes)
    entries[20], entries[21] = c.list_id, c.index
    return canon.encode(entries)


def _number(number: str) -> int | str:
    return int(number) if _COMPACT_NUMBER.fullmatch(number) else number


def _date(date: PartialDate) -> int | tuple[int, ...]:
    if date.month is None:
        return (date.year,)
    if date.day is None:
        return (date.year, date.month)
    return day_number(date.earliest)


def _identity(identity: Identity) -> tuple[object, ...]:
    shown: object = identity.shown
    if identity.commitment is None:
        if is_checksummed(identity.kind, identity.shown):
            shown = int(identity.shown[:17])
        parts: tuple[object, ...] = (int(identity.kind), shown)
    else:
        if _COMPACT_MASK.fullmatch(identity.shown):
            lead, tail, last = identity.shown[:2], identity.shown[14:17], identity.shown[17]
            shown = (int(lead) * 1000 + int(tail)) * 11 + _CHECK_CHARACTERS.index(last)
        parts = (int(identity.kind), shown, identity.commitment)
    return parts if identity.nationality is None else (*parts, identity.nationality)


def is_checksummed(kind: DocumentKind, number: str) -> bool:
    """Whether a number is of an 18-character kind and its check digit is right."""
    return (
        kind in _CHECKSUMMED
        and EIGHTEEN.fullmatch(number) is not None
        and check_digit(number[:17]) == number[17]
    )


def derived_sex(identity: Identity | None) -> Sex | None:
    """The sex that an 18-character number or its mask shows in digit 17, else None."""
    if identity is None or identity.kind not in _CHECKSUMMED:
        return None
    shown = identity.shown
    if len(shown) != 18 or not "0" <= shown[16] <= "9":  # noqa: PLR2004  # GB 11643
        return None
    return Sex.MALE if int(shown[16]) % 2 else Sex.FEMALE


def decode(payload: bytes) -> Certificate:
    """Read a payload; refuse whatever ``encode`` would not have written.

    Raises:
        DecodeError: ``certificate.version_unknown``, ``certificate.payload_malformed`` or
            ``certificate.not_canonical`` (both name the field), or a ``canon`` code.
    """
    entries = canon.decode(payload, max_bytes=MAX_PAYLOAD_BYTES)
    if not isinstance(entries, dict):
        raise _malformed("map")
    if entries.get(0) != SCHEMA or entries[0] is True:
        version = entries.get(0)
        if isinstance(version, int) and version is not True and version > SCHEMA:
            raise DecodeError("certificate.version_unknown", version=version)
        raise _malformed("schema")
    certificate = _Reader(entries).certificate()
    if _encode(certificate) != payload:
        raise DecodeError("certificate.not_canonical", field="payload")
    return certificate


def _malformed(field: str) -> DecodeError:
    return DecodeError("certificate.payload_malformed", field=field)


class _Reader:
    """Takes the entries of one payload, each of its type and within its limits."""

    __slots__ = ("_entries",)

    def __init__(self, entries: dict[int | str, canon.Value]) -> None:
        self._entries = entries

    def certificate(self) -> Certificate:
        entries = self._entries
        if any(not isinstance(key, int) or not 0 <= key <= 21 for key in entries):  # noqa: PLR2004
            raise _malformed("key")
        identity = self._identity() if 3 in entries else None
        sex = _SEXES.get(self._int(4, 9)) if 4 in entries else derived_sex(identity)
        if sex is None:
            raise _malformed("sex")
        issuing_body = self._text(11)
        return Certificate(
            number=self._number(1),
            name=self._text(2),
            sex=sex,
            identity=identity,
            series=self._text(5),
            title=self._text(6),
            specialty=self._text(7),
            qualified=self._date(),
            issued=day_date(self._day(9)),
            review_body=self._text(10) if 10 in entries else None,
            issuing_body=issuing_body,
            url=self._url() if 12 in entries else None,
            level=self._member(13, _LEVELS),
            source=self._member(14, _SOURCES),
            body_level=self._member(15, _BODY_LEVELS),
            approving_body=self._text(16) if 16 in entries else issuing_body,
            approval_document=self._text(17) if 17 in entries else None,
            version=self._int(18, MAX_VERSION) if 18 in entries else 1,
            supersedes=self._number(19) if 19 in entries else None,
            list_id=self._int(20, MAX_LIST_ID),
            index=self._int(21, MAX_INDEX),
        )

    def _int(self, key: int, most: int) -> int:
        value = self._entries.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise _malformed(str(key))
        return value

    def _member(self, key: int, members: Mapping[int, _Member]) -> _Member:
        value = self._entries.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value not in members:
            raise _malformed(str(key))
        return members[value]

    def _text(self, key: int) -> str:
        return _checked_text(key, self._entries.get(key))

    def _number(self, key: int) -> str:
        value = self._entries.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return str(value)
        return _checked_text(key, value)

    def _url(self) -> str:
        url = self._text(12)
        if not url.startswith("https://"):
            raise _malformed("12")
        return url

    def _day(self, key: int) -> int:
        value = self._entries.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise _malformed(str(key))
        if not FIRST_DAY <= value <= LAST_DAY:
            raise _malformed(str(key))
        return value

    def _date(self) -> PartialDate:
        value = self._entries.get(8)
        try:
            match value:
                case (int() as year,) if year is not True:
                    return PartialDate(year)
                case (int() as year, int() as month):
                    return PartialDate(year, month)
        except FieldError:
            raise _malformed("8") from None
        return PartialDate.of(day_date(self._day(8)))

    def _identity(self) -> Identity:
        match self._entries[3]:
            case (int() as kind, (int() | str()) as shown):
                commitment = nationality = None
            case (int() as kind, (int() | str()) as shown, bytes() as commitment):
                nationality = None
            case (int() as kind, (int() | str()) as shown, str() as nationality):
                commitment = None
            case (
                int() as kind,
                (int() | str()) as shown,
                bytes() as commitment,
                str() as nationality,
            ):
                pass
            case _:
                raise _malformed("3")
        known = _KINDS.get(kind)
        if known is None or isinstance(shown, bool):
            raise _malformed("3")
        if commitment is not None and len(commitment) != COMMITMENT_BYTES:
            raise _malformed("3")
        if nationality is not None and not _NATIONALITY.fullmatch(nationality):
            raise _malformed("3")
        if isinstance(shown, int):
            shown = _full(shown) if commitment is None else _mask(shown)
        elif not _SHOWN.fullmatch(shown):
            raise _malformed("3")
        return Identity(known, shown, commitment, nationality)


def _checked_text(key: int, value: object) -> str:
    if (
        not isinstance(value, str)
        or not 0 < len(value) <= MAX_TEXT[key]
        or _FORBIDDEN.search(value)
        or value != value.strip()
    ):
        raise _malformed(str(key))
    return value


def _full(shown: int) -> str:
    first17 = str(shown)
    if len(first17) != 17 or shown < 0:  # noqa: PLR2004  # GB 11643
        raise _malformed("3")
    return first17 + check_digit(first17)


def _mask(shown: int) -> str:
    lead, rest = divmod(shown, 11_000)
    if not 0 <= lead <= 99:  # noqa: PLR2004  # two digits
        raise _malformed("3")
    tail, last = divmod(rest, 11)
    return f"{lead:02}{'*' * 12}{tail:03}{_CHECK_CHARACTERS[last]}"
