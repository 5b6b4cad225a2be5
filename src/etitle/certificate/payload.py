"""Certificate <-> canonical payload bytes (docs/spec clause 2).

A value is written in its short typed form where that is lossless, else as text.  So every
certificate has one payload, and any other payload is refused.

``_quick`` reads the usual payload in one pass, for speed: a function for each head would cost more
than the reading.  Its reference is ``decode_reference``, which also decides what it leaves;
tests compare the two (``tests/unit/certificate/test_payload.py``).
"""

from __future__ import annotations

from typing import Final

from etitle import canon
from etitle.canon import head
from etitle.certificate.compact import COMPACT_NUMBER, derived_sex, pack_full, pack_mask
from etitle.certificate.dates import PartialDate, day_number
from etitle.certificate.decode import PayloadReader
from etitle.certificate.identity import Identity
from etitle.certificate.model import Certificate, EndorsedCopy
from etitle.errors import DecodeError, FieldError

SCHEMA: Final = 1
MAX_PAYLOAD_BYTES: Final = 1024
"""Bytes; the longest legal certificate of the vectors takes about 900."""


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
    # keys ascend as written.  ``encode`` and a property test compare the result with ``decode``.
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
    if c.copy is not None:
        count += 1
        parts += (b"\x16", _copy(c.copy))
    parts[0] = head(5, count)
    return b"".join(parts)


def _int(value: int) -> bytes:
    return head(0, value) if value >= 0 else head(1, -1 - value)


def _text(value: str) -> bytes:
    octets = value.encode("utf-8", "surrogatepass")  # a surrogate then fails to decode
    return head(3, len(octets)) + octets


def _number(number: str) -> bytes:
    return head(0, int(number)) if COMPACT_NUMBER.fullmatch(number) else _text(number)


def _identity(identity: Identity) -> bytes:
    count = 2
    if identity.commitment is None:
        packed = pack_full(identity.kind, identity.shown)
    else:
        packed = pack_mask(identity.kind, identity.shown)
    parts = [_text(identity.shown) if packed is None else head(0, packed)]
    if identity.commitment is not None:
        count += 1
        parts += (head(2, len(identity.commitment)), identity.commitment)
    if identity.nationality is not None:
        count += 1
        parts.append(_text(identity.nationality))
    return bytes((0x80 | count, identity.kind)) + b"".join(parts)


def _copy(copy: EndorsedCopy) -> bytes:
    recipient = b"\xf6" if copy.recipient is None else _text(copy.recipient)
    parts = (b"\x84", _text(copy.scene), recipient, _int(day_number(copy.expires)))
    return b"".join((*parts, head(2, len(copy.original)), copy.original))


def _date(date: PartialDate) -> bytes:
    if date.month is None:
        return canon.encode((date.year,))
    if date.day is None:
        return canon.encode((date.year, date.month))
    return _int(day_number(date.earliest))


def decode(payload: bytes) -> Certificate:
    """Read a payload; refuse whatever ``encode`` would not have written.

    Raises:
        DecodeError: ``certificate.version_unknown``, ``certificate.payload_malformed`` or
            ``certificate.not_canonical`` (both name the field), or a ``canon`` code.
    """
    try:
        return PayloadReader(_quick(payload)).certificate()
    except (IndexError, UnicodeDecodeError, DecodeError):
        return decode_reference(payload)  # which accepts it after all, or says what is wrong


def decode_reference(payload: bytes) -> Certificate:
    """``decode`` without its quick way: parse strictly, then read, then compare."""
    entries = canon.decode(payload, max_bytes=MAX_PAYLOAD_BYTES)
    if not isinstance(entries, dict):
        raise DecodeError("certificate.payload_malformed", field="map")
    if entries.get(0) != SCHEMA or entries[0] is True:
        version = entries.get(0)
        if isinstance(version, int) and version > SCHEMA:
            raise DecodeError("certificate.version_unknown", version=version)
        raise DecodeError("certificate.payload_malformed", field="schema")
    certificate = PayloadReader(entries).certificate()
    if _encode(certificate) != payload:
        raise DecodeError("certificate.not_canonical", field="payload")
    return certificate


def _quick(payload: bytes) -> dict[int | str, canon.Value]:  # noqa: C901, PLR0912  # one pass
    """``canon.decode`` for payloads of the usual shape only, and as strict; else ``IndexError``.

    What it leaves to the reference: anything longer or rarer than the heads named here, and every
    fault.  A test compares it with the reference on good, mutated and hostile payloads.
    """
    size = len(payload)
    if size > MAX_PAYLOAD_BYTES or payload[1:3] != b"\x00\x01":
        raise IndexError
    entries: dict[int | str, canon.Value] = {}
    at, previous = 1, -1
    while at < size:
        key, initial = payload[at], payload[at + 1]
        at += 2
        if not previous < key < 0x18:
            raise IndexError
        previous = key
        if initial < 0x18:
            entries[key] = initial
        elif 0x60 <= initial <= 0x78:
            start, length = at, initial - 0x60
            if initial == 0x78:
                start, length = at + 1, payload[at]
                if length < 0x18:
                    raise IndexError
            at = start + length
            if at > size:
                raise IndexError
            entries[key] = str(payload[start:at], "utf-8")
        elif 0x18 <= initial <= 0x1B:
            width = 1 << initial - 0x18
            value = int.from_bytes(payload[at : at + width], "big")
            at += width
            # The next shorter head must not have done; one byte begins at 24.
            if at > size or value < 0x18 or (width > 1 and not value >> 4 * width):
                raise IndexError
            entries[key] = value
        elif initial == 0x83 and payload[at + 1] == 0x1A and payload[at + 6] == 0x50:
            # a masked number: kind, mask in 4 bytes, commitment in 16
            kind, mask = payload[at], int.from_bytes(payload[at + 2 : at + 6], "big")
            commitment = payload[at + 7 : at + 23]
            at += 23
            if at > size or kind >= 0x18 or mask < 1 << 16:
                raise IndexError
            entries[key] = (kind, mask, commitment)
        else:
            raise IndexError
    if payload[0] != 0xA0 | len(entries):
        raise IndexError
    return entries
