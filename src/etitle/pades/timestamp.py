"""Time-stamps (RFC 3161): when a signature or a file existed, and which authority says so."""

from __future__ import annotations

import datetime
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from etitle import der
from etitle.der import BOOLEAN, CONTEXT_0, CONTEXT_1, INTEGER, OCTETS, OID, SEQUENCE, TIME
from etitle.errors import DecodeError
from etitle.keys.x509 import is_chain, is_in_force, is_tsa_x509
from etitle.pades import signeddata, verification

_OPTIONAL: Final = {SEQUENCE, BOOLEAN, INTEGER, CONTEXT_0, CONTEXT_1}
"""Accuracy, ordering, nonce, authority and extensions (RFC 3161 §2.4.2)."""


@dataclass(frozen=True, slots=True)
class TimestampToken:
    """An authority's time for some bytes; the caller decides whether to trust it.

    Attributes:
        at_s: seconds since 1970 UTC.
        x509: DER of the time-stamp authority's certificate, whose signature verified.
        others: DER of its issuers that came along, one above the other.
    """

    at_s: int
    x509: bytes
    others: tuple[bytes, ...] = ()


def read_timestamp(timestamp: bytes, stamped: bytes) -> TimestampToken:
    """Read a time-stamp and compare it with the bytes it must cover.

    Args:
        timestamp: the time-stamp token, DER.
        stamped: the value of a signature, or what a document time-stamp covers of its file.

    Raises:
        DecodeError: ``document.cms_malformed`` where it is not of RFC 3161, covers other
            bytes, its signature does not verify, or its certificate is not for time-stamps
            alone or not valid at its time.
    """
    found = signeddata.read_timestamp_cms(timestamp)
    info = found.content
    outer = der.node(info, 0, len(info))
    parts = der.children(info, outer)
    if outer.tag != SEQUENCE or outer.end != len(info):
        raise DecodeError("document.cms_malformed", what="the time-stamp")
    der.expect(parts[:5], INTEGER, OID, SEQUENCE, INTEGER, TIME)
    imprint = der.children(info, parts[2])
    der.expect(imprint, SEQUENCE, OCTETS)
    oid = der.children(info, imprint[0])
    der.expect(oid[:1], OID)
    name = signeddata.HASHES.get(der.whole(info, oid[0]))
    if name is None:
        raise DecodeError("document.cms_malformed", what="the time-stamp's hash")
    if der.content(info, imprint[1]) != hashlib.new(name, stamped).digest():
        raise DecodeError("document.cms_malformed", what="a time-stamp of something else")
    if found.message_digest != hashlib.new(found.digest, info).digest():
        raise DecodeError("document.cms_malformed", what="the time-stamp's digest")
    if not verification.signed_by(
        found, found.signer, least_rsa_bits=verification.MIN_TSA_RSA_BITS
    ) or not is_chain(found.signer, found.others, to_root=False):
        raise DecodeError("document.cms_malformed", what="the time-stamp's signature")
    if not is_tsa_x509(found.signer):  # RFC 3161 §2.3
        raise DecodeError(
            "document.cms_malformed", what="by a certificate that is no time-stamper's"
        )
    if any(field.tag not in _OPTIONAL for field in parts[5:]):
        raise DecodeError("document.cms_malformed", what="the time-stamp")
    at_s = _seconds(der.content(info, parts[4]))
    if not is_in_force(found.signer, at_s):
        raise DecodeError(
            "document.cms_malformed", what="a time-stamp outside its certificate's days"
        )
    return TimestampToken(at_s, found.signer, found.others)


_TIME: Final = re.compile(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d{0,8}[1-9])?Z")


def _seconds(text: bytes) -> int:
    """GeneralizedTime in DER: UTC, to the second, with or without a fraction."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise DecodeError("document.cms_malformed", what="the time-stamp's time")
    year, month, day, hour, minute, second = map(int, found.groups())
    try:
        at = datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.UTC)
    except ValueError:
        raise DecodeError("document.cms_malformed", what="the time-stamp's time") from None
    return int(at.timestamp())
