"""SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): written for each kind of key, and found in X.509.

Both without cryptography's X.509, which takes long to load: every bundle that is read compares its
seal certificates with its keys (docs/spec clause 5.6.1).
"""

from __future__ import annotations

from typing import Final

from etitle import der
from etitle.der import BITS, CONTEXT_0, INTEGER, SEQUENCE, tlv
from etitle.errors import DecodeError

MAX_X509_BYTES: Final = 1 << 14
"""Bytes of an X.509 certificate, wherever one is read."""

_P256_BYTES: Final = 64
_P256: Final = tlv(
    SEQUENCE,
    tlv(SEQUENCE, der.EC_PUBLIC_KEY, der.P256),
    tlv(BITS, b"\0\x04" + bytes(_P256_BYTES)),
)[:-_P256_BYTES]
"""All of a P-256 key but its coordinates: the named curve, an uncompressed point (RFC 5480 §2)."""
_ED25519_BYTES: Final = 32
_ED25519: Final = tlv(
    SEQUENCE, tlv(SEQUENCE, der.ED25519), tlv(BITS, b"\0" + bytes(_ED25519_BYTES))
)[:-_ED25519_BYTES]
"""All of an Ed25519 key but itself (RFC 8410 §4)."""
_RSA: Final = tlv(SEQUENCE, der.RSA_ENCRYPTION, der.NULL)
"""rsaEncryption, whose parameters are NULL (RFC 3279 §2.3.1)."""
_ML_DSA_65: Final = tlv(SEQUENCE, der.ML_DSA_65)
"""ML-DSA-65, which has no parameters (RFC 9881 §4)."""


def p256(x: bytes, y: bytes) -> bytes:
    """A P-256 key, from coordinates of 32 bytes."""
    return _P256 + x + y


def ed25519(key: bytes) -> bytes:
    """An Ed25519 key of 32 bytes."""
    return _ED25519 + key


def rsa(n: bytes, e: bytes) -> bytes:
    """An RSA key, from its unsigned modulus and exponent without leading zeros."""
    numbers = der.integer(int.from_bytes(n, "big")) + der.integer(int.from_bytes(e, "big"))
    return tlv(SEQUENCE, _RSA, tlv(BITS, b"\0", tlv(SEQUENCE, numbers)))


def ml_dsa_65(key: bytes) -> bytes:
    """An ML-DSA-65 key of 1952 bytes."""
    return tlv(SEQUENCE, _ML_DSA_65, tlv(BITS, b"\0", key))


_BEFORE_KEY: Final = (CONTEXT_0, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE)
"""What stands before the key: version, serial, algorithm, issuer, validity, subject."""


def held_by(certificate: bytes) -> bytes:
    """The SubjectPublicKeyInfo of an X.509 certificate (version 2 or 3, DER), unchanged.

    Empty where the bytes are no such certificate.  Only the way to the key is read: that the rest
    is right is for whoever believes the certificate.

    >>> held_by(b"no certificate")
    b''
    """
    try:
        whole = der.node(certificate, 0, len(certificate))
        if whole.tag != SEQUENCE or whole.end != len(certificate):
            return b""
        signed = der.node(certificate, whole.body, whole.end)
        if signed.tag != SEQUENCE:
            return b""
        at = signed.body
        for tag in _BEFORE_KEY:
            field = der.node(certificate, at, signed.end)
            if field.tag != tag:
                return b""
            at = field.end
        key = der.node(certificate, at, signed.end)
    except DecodeError:
        return b""
    return der.whole(certificate, key) if key.tag == SEQUENCE else b""
