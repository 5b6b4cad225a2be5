"""SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): spelled for each kind of key, and found in X.509.

Both without cryptography's X.509, which takes long to load: every bundle that is read holds its
seal certificates against its keys (docs/spec clause 5.6.1).
"""

from __future__ import annotations

from typing import Final

_BITS: Final = 0x03
_SEQUENCE: Final = 0x30
_VERSION: Final = 0xA0
_INTEGER: Final = 0x02
_SHORT: Final = 0x80
"""Lengths below have one byte; above, the low bits count the bytes that follow (X.690 §8.1.3)."""
_LONGEST: Final = 3
"""Bytes of a length: up to 16 MiB."""

_P256: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
"""All of a P-256 key but its coordinates: the named curve, an uncompressed point (RFC 5480 §2)."""
_ED25519: Final = bytes.fromhex("302a300506032b6570032100")
"""All of an Ed25519 key but itself (RFC 8410 §4)."""
_RSA: Final = bytes.fromhex("300d06092a864886f70d0101010500")
"""rsaEncryption, whose parameters are NULL (RFC 3279 §2.3.1)."""
_ML_DSA_65: Final = bytes.fromhex("308207b2300b0609608648016503040312038207a100")
"""All of an ML-DSA-65 key but itself: no parameters (RFC 9881 §4)."""


def p256(x: bytes, y: bytes) -> bytes:
    """A P-256 key, from coordinates of 32 bytes."""
    return _P256 + x + y


def ed25519(key: bytes) -> bytes:
    """An Ed25519 key of 32 bytes."""
    return _ED25519 + key


def rsa(n: bytes, e: bytes) -> bytes:
    """An RSA key, from its unsigned modulus and exponent without leading zeros."""
    numbers = tlv(_SEQUENCE, _unsigned(n) + _unsigned(e))
    return tlv(_SEQUENCE, _RSA + tlv(_BITS, b"\0" + numbers))


def ml_dsa_65(key: bytes) -> bytes:
    """An ML-DSA-65 key of 1952 bytes."""
    return _ML_DSA_65 + key


def _unsigned(number: bytes) -> bytes:
    return tlv(_INTEGER, b"\0" + number if number[0] >= _SHORT else number)


def tlv(tag: int, *parts: bytes) -> bytes:
    """One DER element: its tag, the shortest form of its length, its content.

    >>> tlv(0x30, tlv(0x02, bytes([1]))).hex()
    '3003020101'
    """
    content = b"".join(parts)
    size = len(content)
    if size < _SHORT:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT | len(length))) + length + content


def held_by(certificate: bytes) -> bytes:
    """The SubjectPublicKeyInfo of an X.509 certificate (version 2 or 3, DER), as it stands there.

    Empty where the bytes are no such certificate.  Only the way to the key is read: that the rest
    is right is for whoever believes the certificate.

    >>> held_by(b"no certificate")
    b''
    """
    whole = _element(certificate, 0, len(certificate))
    if whole is None or whole[0] != _SEQUENCE or whole[2] != len(certificate):
        return b""
    signed = _element(certificate, whole[1], whole[2])
    if signed is None or signed[0] != _SEQUENCE:
        return b""
    at, end = signed[1], signed[2]
    for tag in _BEFORE:
        found = _element(certificate, at, end)
        if found is None or found[0] != tag:
            return b""
        at = found[2]
    found = _element(certificate, at, end)
    return b"" if found is None or found[0] != _SEQUENCE else certificate[at : found[2]]


_BEFORE: Final = (_VERSION, _INTEGER, _SEQUENCE, _SEQUENCE, _SEQUENCE, _SEQUENCE)
"""What stands before the key: version, serial, algorithm, issuer, validity, subject."""


def _element(data: bytes, at: int, end: int) -> tuple[int, int, int] | None:
    """Tag of the element at a place, where its content begins and where it ends; None for none."""
    body = at + 2
    if body > end:
        return None
    tag, length = data[at], data[at + 1]
    if length >= _SHORT:
        count = length - _SHORT
        body += count
        if not 0 < count <= _LONGEST or body > end:
            return None
        length = int.from_bytes(data[at + 2 : body], "big")
        if length < _SHORT or length >> 8 * (count - 1) == 0:  # one spelling only
            return None
    return (tag, body, body + length) if body + length <= end else None
