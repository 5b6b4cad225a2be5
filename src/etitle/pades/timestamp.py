"""What a time-stamp says (RFC 3161): when a signature or a file was there, by whose word."""

from __future__ import annotations

import datetime
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from etitle import der
from etitle.der import FIRST, INTEGER, OCTETS, OID, SEQUENCE, TIME, reject
from etitle.pades import signeddata, verification

TST_INFO: Final = bytes.fromhex("2a864886f70d0109100104")


@dataclass(frozen=True, slots=True)
class TimestampToken:
    """A time that an authority put on some bytes; whether to believe it, the caller decides.

    Attributes:
        at_s: seconds since 1970 UTC.
        x509: DER of the time-stamp authority's certificate, whose signature verified.
        others: DER of its issuers that came along, one above the other.
    """

    at_s: int
    x509: bytes
    others: tuple[bytes, ...] = ()


def read_timestamp(timestamp: bytes, stamped: bytes) -> TimestampToken:
    """Read a time-stamp and hold it against what it must speak of.

    Args:
        timestamp: the time-stamp token, DER.
        stamped: the value of a signature, or what a document time-stamp covers of its file.

    Raises:
        DecodeError: ``document.cms_malformed`` where it is not of RFC 3161, speaks of other
            bytes, or its signature does not verify.
    """
    found = signeddata.read_timestamp_cms(timestamp, content_type=TST_INFO)
    info = found.content
    outer = der.node(info, 0, len(info))
    parts = der.children(info, outer)
    if outer.tag != SEQUENCE or outer.end != len(info):
        reject("the time-stamp")
    der.expect(parts[:5], INTEGER, OID, SEQUENCE, INTEGER, TIME)
    imprint = der.children(info, parts[2])
    der.expect(imprint, SEQUENCE, OCTETS)
    oid = der.children(info, imprint[0])
    der.expect(oid[:1], OID)
    name = signeddata.HASHES.get(info[oid[0].body : oid[0].end])
    if name is None:
        reject("the time-stamp's hash")
    if info[imprint[1].body : imprint[1].end] != hashlib.new(name, stamped).digest():
        reject("a time-stamp of something else")
    if found.message_digest != hashlib.new(found.digest, info).digest():
        reject("the time-stamp's digest")
    if not verification.signed_by(
        found, found.signer, least_rsa_bits=verification.MIN_TSA_RSA_BITS
    ) or not verification.is_chain(found.signer, found.others, to_root=False):
        reject("the time-stamp's signature")
    if any(one.tag < FIRST and one.tag not in {SEQUENCE, 0x01, INTEGER} for one in parts[5:]):
        reject("the time-stamp")
    at_s = _seconds(info[parts[4].body : parts[4].end])
    if not _in_force(found.signer, at_s):
        reject("a time-stamp outside its certificate's days")
    return TimestampToken(at_s, found.signer, found.others)


def is_tsa_x509(certificate: bytes) -> bool:
    """Whether an X.509 certificate is for time-stamps alone (RFC 3161 §2.3); any bytes are."""
    try:
        found = x509.load_der_x509_certificate(certificate)
        usage = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except Exception:  # noqa: BLE001  # a stranger's certificate: errors and warnings of any kind
        return False
    # Critical, and nothing else.
    return usage.critical and list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


_TIME: Final = re.compile(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d{0,8}[1-9])?Z")


def _seconds(text: bytes) -> int:
    """GeneralizedTime in DER: UTC, to the second, with or without a fraction."""
    found = _TIME.fullmatch(text)
    if found is None:
        reject("the time-stamp's time")
    year, month, day, hour, minute, second = map(int, found.groups())
    try:
        at = datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.UTC)
    except ValueError:
        reject("the time-stamp's time")
    return int(at.timestamp())


def _in_force(certificate: bytes, at_s: int) -> bool:
    try:
        found = x509.load_der_x509_certificate(certificate)
        first, last = found.not_valid_before_utc, found.not_valid_after_utc
    except Exception:  # noqa: BLE001  # a stranger's certificate: errors and warnings of any kind
        return False
    return first.timestamp() <= at_s <= last.timestamp()
