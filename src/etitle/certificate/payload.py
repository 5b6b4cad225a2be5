"""Certificate <-> canonical payload bytes (docs/spec clause 2).

Where a short typed form is lossless it is the only form; where it is not, text is.  So every
certificate has one payload, and a payload that would be written otherwise is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import Final, TypeVar
from unicodedata import is_normalized

from etitle import canon
from etitle.canon import head
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

MAX_TEXT: Final[dict[int | str, int]] = {
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

_KEYS: Final = frozenset(range(22))
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


def _encode(c: Certificate) -> bytes:
    # Straight-line, not by way of a dict: every verification encodes once (clause 2.1.3), and the
    # keys ascend as written.  ``encode`` and a property test hold the result against ``decode``.
    parts = [b"", b"\x00\x01\x01", _number(c.number), b"\x02", _text(c.name)]
    count = 14
    if c.identity is not None:
        count += 1
        parts += (b"\x03", _identity(c.identity))
    if c.sex != derived_sex(c.identity):
        count += 1
        parts += (b"\x04", head(0, c.sex))
    parts += (b"\x05", _text(c.series), b"\x06", _text(c.title), b"\x07", _text(c.specialty))
    parts += (b"\x08", _date(c.qualified), b"\x09", _int(day_number(c.issued)))
    if c.review_body is not None:
        count += 1
        parts += (b"\x0a", _text(c.review_body))
    parts += (b"\x0b", _text(c.issuing_body))
    if c.url is not None:
        count += 1
        parts += (b"\x0c", _text(c.url))
    parts.append(bytes((13, c.level, 14, c.source, 15, c.body_level)))
    if c.approving_body != c.issuing_body:
        count += 1
        parts += (b"\x10", _text(c.approving_body))
    if c.approval_document is not None:
        count += 1
        parts += (b"\x11", _text(c.approval_document))
    if c.version != 1:
        count += 1
        parts += (b"\x12", _int(c.version))
    if c.supersedes is not None:
        count += 1
        parts += (b"\x13", _number(c.supersedes))
    parts += (b"\x14", _int(c.list_id), b"\x15", _int(c.index))
    parts[0] = head(5, count)
    return b"".join(parts)


def _int(value: int) -> bytes:
    return head(0, value) if value >= 0 else head(1, -1 - value)


def _text(value: str) -> bytes:
    octets = value.encode("utf-8", "surrogatepass")  # a surrogate then fails to decode
    return head(3, len(octets)) + octets


def _number(number: str) -> bytes:
    return head(0, int(number)) if _COMPACT_NUMBER.fullmatch(number) else _text(number)


def _date(date: PartialDate) -> bytes:
    if date.month is None:
        return canon.encode((date.year,))
    if date.day is None:
        return canon.encode((date.year, date.month))
    return _int(day_number(date.earliest))


def _identity(identity: Identity) -> bytes:
    shown = identity.shown
    count = 2
    if identity.commitment is None:
        checksummed = is_checksummed(identity.kind, shown)
        parts = [head(0, int(shown[:17])) if checksummed else _text(shown)]
    else:
        count = 3
        if _COMPACT_MASK.fullmatch(shown):
            lead, tail, last = shown[:2], shown[14:17], shown[17]
            packed = (int(lead) * 1000 + int(tail)) * 11 + _CHECK_CHARACTERS.index(last)
            parts = [head(0, packed)]
        else:
            parts = [_text(shown)]
        parts += (head(2, len(identity.commitment)), identity.commitment)
    if identity.nationality is not None:
        count += 1
        parts.append(_text(identity.nationality))
    return bytes((0x80 | count, identity.kind)) + b"".join(parts)


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
    try:
        entries = _quick(payload)
        certificate = _Reader(entries).certificate()
        if _encode(certificate) == payload and is_normalized("NFC", _joined(entries)):
            return certificate
    except (DecodeError, IndexError, KeyError, ValueError):
        pass  # whatever it is, the reference below names it
    return decode_reference(payload)


def decode_reference(payload: bytes) -> Certificate:
    """``decode`` without its quick way: parse strictly, then read, then compare."""
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


def _quick(payload: bytes) -> dict[int | str, canon.Value]:
    """Entries of a payload of the usual shape, read without asking whether it is canonical.

    That is proved afterwards: only what ``_encode`` spells in the very same bytes is accepted, and
    it spells canonically.  Anything unusual raises, and the reference decides.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise IndexError
    entries: dict[int | str, canon.Value] = {}
    at, size = 1, len(payload)
    while at < size:
        key, initial = payload[at], payload[at + 1]
        at += 2
        if initial < 0x18:
            entries[key] = initial
        elif initial == 0x78:
            end = at + 1 + payload[at]
            entries[key] = str(payload[at + 1 : end], "utf-8")
            at = end
        elif 0x60 < initial < 0x78:
            end = at + initial - 0x60
            entries[key] = str(payload[at:end], "utf-8")
            at = end
        elif 0x19 <= initial <= 0x1B:
            end = at + (2, 4, 8)[initial - 0x19]
            entries[key] = int.from_bytes(payload[at:end], "big")
            at = end
        elif initial == 0x83 and payload[at + 1] == 0x1A:
            # a masked number: kind, mask of 4 bytes, commitment of 16
            mask = int.from_bytes(payload[at + 2 : at + 6], "big")
            entries[key] = (payload[at], mask, payload[at + 7 : at + 23])
            at += 23
        else:
            raise IndexError
    return entries


def _joined(entries: dict[int | str, canon.Value]) -> str:
    # Joined NFC text may differ from NFC at a seam, never the other way round: parts of NFC text
    # are NFC (UAX #15 §10), so passing here is passing for each.
    return "".join([value for value in entries.values() if type(value) is str])


def _malformed(field: str) -> DecodeError:
    return DecodeError("certificate.payload_malformed", field=field)


class _Reader:
    """Takes the entries of one payload, each of its type and within its limits."""

    __slots__ = ("_entries",)

    def __init__(self, entries: dict[int | str, canon.Value]) -> None:
        self._entries = entries

    def certificate(self) -> Certificate:
        entries = self._entries
        if not _KEYS.issuperset(entries):
            raise _malformed("key")
        _check_texts(entries)
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
        if type(value) is not int or not 0 <= value <= most:
            raise _malformed(str(key))
        return value

    def _member(self, key: int, members: Mapping[int, _Member]) -> _Member:
        value = self._entries.get(key)
        if type(value) is not int or value not in members:
            raise _malformed(str(key))
        return members[value]

    def _text(self, key: int) -> str:
        value = self._entries.get(key)
        if type(value) is not str:
            raise _malformed(str(key))
        return value

    def _number(self, key: int) -> str:
        value = self._entries.get(key)
        if type(value) is int and value > 0:
            return str(value)
        return self._text(key)

    def _url(self) -> str:
        url = self._text(12)
        if not url.startswith("https://"):
            raise _malformed("12")
        return url

    def _day(self, key: int) -> int:
        value = self._entries.get(key)
        if type(value) is not int or not FIRST_DAY <= value <= LAST_DAY:
            raise _malformed(str(key))
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
        except FieldError:
            pass
        raise _malformed("8")

    def _identity(self) -> Identity:
        parts = self._entries[3]
        if type(parts) is not tuple or not 2 <= len(parts) <= 4:  # noqa: PLR2004  # clause 2.4
            raise _malformed("3")
        kind, shown, *rest = parts
        known = _KINDS.get(kind) if type(kind) is int else None
        commitment = rest.pop(0) if rest and isinstance(rest[0], bytes) else None
        nationality = rest.pop(0) if rest and isinstance(rest[0], str) else None
        if (
            known is None
            or rest
            or (commitment is not None and len(commitment) != COMMITMENT_BYTES)
            or (nationality is not None and not _NATIONALITY.fullmatch(nationality))
            or (nationality is not None and known is not DocumentKind.PASSPORT)
        ):
            raise _malformed("3")
        if type(shown) is int:
            shown = _full(shown) if commitment is None else _mask(shown)
        elif not isinstance(shown, str) or not _SHOWN.fullmatch(shown):
            raise _malformed("3")
        return Identity(known, shown, commitment, nationality)


def _check_texts(entries: dict[int | str, canon.Value]) -> None:
    """Clause 2.2.1 for every text of a payload."""
    for key, value in entries.items():
        if type(value) is str and (
            not 0 < len(value) <= MAX_TEXT.get(key, 0) or value[0] == " " or value[-1] == " "
        ):
            raise _malformed(str(key))
    joined = _joined(entries)
    # Nearly every text is printable, which settles it at once, but for the two signs named here.
    if joined.isprintable() and "\ufffc" not in joined and "\ufffd" not in joined:
        return
    for key, value in entries.items():
        if isinstance(value, str) and (_FORBIDDEN.search(value) or value != value.strip()):
            raise _malformed(str(key))


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
