"""Decoded entries -> certificate: each value of its type and within its limits (clause 2.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import Final, TypeVar
from unicodedata import is_normalized

from etitle import canon
from etitle.certificate.compact import (
    COMPACT_NUMBER,
    MAX_COMPACT_NUMBER,
    derived_sex,
    pack_full,
    pack_mask,
    unpack_full,
    unpack_mask,
)
from etitle.certificate.dates import FIRST_DAY, LAST_DAY, PartialDate, day_date
from etitle.certificate.identity import (
    CHECKSUMMED,
    COMMITMENT_BYTES,
    NUMBER,
    DocumentKind,
    Identity,
    is_mask,
)
from etitle.certificate.model import (
    ORIGINAL_BYTES,
    BodyLevel,
    Certificate,
    EndorsedCopy,
    Level,
    Sex,
    Source,
)
from etitle.certificate.number import MAX_NUMBER, has_one_spelling
from etitle.errors import DecodeError, FieldError

MAX_TEXT: Final[dict[int | str, int]] = {
    1: MAX_NUMBER, 2: 100, 5: 60, 6: 60, 7: 60, 10: 100, 11: 100, 12: 200, 16: 100, 17: 60,
    19: MAX_NUMBER,
}  # fmt: skip
"""Most characters of each text, by payload key (docs/spec clause 2.2)."""

MAX_COPY_TEXT: Final = 60
"""Characters of an endorsed copy's scene and recipient (docs/spec clause 2.6)."""

MAX_LIST_ID: Final = (1 << 16) - 1
MAX_INDEX: Final = (1 << 27) - 1
"""Indices of one status list: 2^27 at two bits each are 32 MiB."""
MAX_VERSION: Final = 999
"""GB/T 36904 gives the version three digits."""

FORBIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\uffff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
"""Control, bidirectional and invisible characters: text that prints differently than it compares.

Variation selectors (U+E0100 on) stay: they choose between forms of a name's character."""

_KEYS: Final = frozenset(range(23))
_KINDS: Final = {int(kind): kind for kind in DocumentKind}
_SEXES: Final = {int(sex): sex for sex in Sex}
_LEVELS: Final = {int(level): level for level in Level}
_SOURCES: Final = {int(source): source for source in Source}
_BODY_LEVELS: Final = {int(level): level for level in BodyLevel}

_NATIONALITY: Final = re.compile(r"[A-Z]{3}")

_Member = TypeVar("_Member", bound=IntEnum)


class PayloadReader:
    """Takes the entries of one payload, each of its type and within its limits."""

    __slots__ = ("_entries",)

    def __init__(self, entries: dict[int | str, canon.Value]) -> None:
        self._entries = entries

    def certificate(self) -> Certificate:
        """The certificate; raises ``certificate.payload_malformed`` naming the key at fault."""
        entries = self._entries
        if not _KEYS.issuperset(entries):
            raise DecodeError("certificate.payload_malformed", field="key")
        _check_texts(entries)
        identity = self._identity() if 3 in entries else None
        sex = derived_sex(identity)
        if 4 in entries:
            derived, sex = sex, _SEXES.get(self._int(4, 9))
            if sex is not None and sex == derived:
                raise DecodeError("certificate.not_canonical", field="4")
        if sex is None:
            raise DecodeError("certificate.payload_malformed", field="4")
        issuing_body = self._text(11)
        approving_body = self._text(16) if 16 in entries else issuing_body
        if 16 in entries and approving_body == issuing_body:
            raise DecodeError("certificate.not_canonical", field="16")
        version = self._int(18, MAX_VERSION) if 18 in entries else 1
        if version == 0:
            raise DecodeError("certificate.payload_malformed", field="18")
        if version == 1 and 18 in entries:
            raise DecodeError("certificate.not_canonical", field="18")
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
            approving_body=approving_body,
            approval_document=self._text(17) if 17 in entries else None,
            version=version,
            supersedes=self._number(19) if 19 in entries else None,
            list_id=self._int(20, MAX_LIST_ID),
            index=self._int(21, MAX_INDEX),
            copy=self._copy() if 22 in entries else None,
        )

    def _int(self, key: int, most: int) -> int:
        value = self._entries.get(key)
        if type(value) is not int or not 0 <= value <= most:
            raise DecodeError("certificate.payload_malformed", field=str(key))
        return value

    def _member(self, key: int, members: Mapping[int, _Member]) -> _Member:
        value = self._entries.get(key)
        if type(value) is not int or value not in members:
            raise DecodeError("certificate.payload_malformed", field=str(key))
        return members[value]

    def _text(self, key: int) -> str:
        value = self._entries.get(key)
        if type(value) is not str:
            raise DecodeError("certificate.payload_malformed", field=str(key))
        return value

    def _number(self, key: int) -> str:
        value = self._entries.get(key)
        if type(value) is int and 0 < value <= MAX_COMPACT_NUMBER:
            return str(value)
        number = self._text(key)
        if COMPACT_NUMBER.fullmatch(number):
            raise DecodeError("certificate.not_canonical", field=str(key))
        if not has_one_spelling(number):
            raise DecodeError("certificate.payload_malformed", field=str(key))
        return number

    def _url(self) -> str:
        url = self._text(12)
        if not url.startswith("https://") or url == "https://":
            raise DecodeError("certificate.payload_malformed", field="12")
        return url

    def _day(self, key: int) -> int:
        value = self._entries.get(key)
        if type(value) is not int or not FIRST_DAY <= value <= LAST_DAY:
            raise DecodeError("certificate.payload_malformed", field=str(key))
        return value

    def _date(self) -> PartialDate:
        value = self._entries.get(8)
        if type(value) is not tuple:
            return PartialDate.of(day_date(self._day(8)))
        try:
            match value:
                case (int() as year,) if type(year) is int:
                    return PartialDate(year)
                case (int() as year, int() as month) if type(month) is type(year) is int:
                    return PartialDate(year, month)
                case _:
                    raise DecodeError("certificate.payload_malformed", field="8")
        except FieldError:
            raise DecodeError("certificate.payload_malformed", field="8") from None

    def _copy(self) -> EndorsedCopy:
        match self._entries[22]:
            case (str() as scene, str() | None as recipient, int() as day, bytes() as original) if (
                _is_text(scene, MAX_COPY_TEXT)
                and (recipient is None or _is_text(recipient, MAX_COPY_TEXT))
                and type(day) is int  # and not a bool
                and FIRST_DAY <= day <= LAST_DAY
                and len(original) == ORIGINAL_BYTES
            ):
                return EndorsedCopy(scene, recipient, day_date(day), original)
            case _:
                raise DecodeError("certificate.payload_malformed", field="22")

    def _identity(self) -> Identity:
        parts = self._entries[3]
        if type(parts) is not tuple or not 2 <= len(parts) <= 4:  # clause 2.4
            raise DecodeError("certificate.payload_malformed", field="3")
        number, packed, *rest = parts
        kind = _KINDS.get(number) if type(number) is int else None
        commitment: bytes | None = None
        nationality: str | None = None
        if rest and isinstance(rest[0], bytes):
            commitment = rest[0]
            del rest[0]
        if rest and isinstance(rest[0], str):
            nationality = rest[0]
            del rest[0]
        if kind is None or rest:
            raise DecodeError("certificate.payload_malformed", field="3")
        shown = _shown_number(kind, packed, full=commitment is None)
        if commitment is not None and len(commitment) != COMMITMENT_BYTES:
            raise DecodeError("certificate.payload_malformed", field="3")
        if nationality is not None and (
            kind is not DocumentKind.PASSPORT or not _NATIONALITY.fullmatch(nationality)
        ):
            raise DecodeError("certificate.payload_malformed", field="3")
        return Identity(kind, shown, commitment, nationality)


def _shown_number(kind: DocumentKind, packed: canon.Value, *, full: bool) -> str:
    """A whole number or its mask, from the one form that clause 2.4 gives it."""
    if isinstance(packed, str):
        if (pack_full(kind, packed) if full else pack_mask(kind, packed)) is not None:
            raise DecodeError("certificate.not_canonical", field="3")
        if NUMBER.fullmatch(packed) if full else is_mask(kind, packed):
            return packed
    elif type(packed) is int and kind in CHECKSUMMED:
        shown = unpack_full(packed) if full else unpack_mask(packed)
        if shown is not None:
            return shown
    raise DecodeError("certificate.payload_malformed", field="3")


def _is_text(value: str, most: int) -> bool:
    """Clauses 2.1.2 and 2.2.1 for one text."""
    return (
        0 < len(value) <= most
        and not FORBIDDEN.search(value)
        and value == value.strip()
        and is_normalized("NFC", value)
    )


def _check_texts(entries: dict[int | str, canon.Value]) -> None:
    """Clauses 2.1.2 and 2.2.1 for every text of a payload."""
    for key, value in entries.items():
        if type(value) is str and (
            not 0 < len(value) <= MAX_TEXT.get(key, 0) or value[0] == " " or value[-1] == " "
        ):
            raise DecodeError("certificate.payload_malformed", field=str(key))
    # Nearly always these questions can be settled for all texts at once: parts of NFC text are NFC
    # (UAX #15 §10), and printable text has no white space but U+0020.
    joined = "".join([value for value in entries.values() if type(value) is str])
    if is_normalized("NFC", joined) and joined.isprintable() and not FORBIDDEN.search(joined):
        return
    for key, value in entries.items():
        if isinstance(value, str) and not _is_text(value, len(value)):
            raise DecodeError("certificate.payload_malformed", field=str(key))
