"""X.509 certificates of the vectors' seals, each made from its label, the same every time."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from tests.support.forge import tlv
from tests.support.x509 import AnyKey, Maker
from tests.vectors.make import kept
from tests.vectors.make.shop import KEY_LABEL, KEYS, secret

from etitle.keys.suite import EDDSA

_START: Final = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
_END: Final = datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC)
NAMES: Final = {
    "ca": "样例根证书",
    "seal": "样例职称专用章",
    "seal-eddsa": "样例职称专用章(2)",
    "seal-rsa": "样例职称专用章(3)",
    "tsa": "样例时间戳",
    "stranger": "样例职称专用章",
    "ca-ml-dsa": "样例根证书(2)",
    "seal-ml-dsa": "样例职称专用章(4)",
    "tsa-rsa-2048": "样例时间戳(2)",
    "tsa-rsa-2047": "样例时间戳(3)",
    "tsa-ml-dsa": "样例时间戳(4)",
}
"""Common names; the stranger's is the seal's."""
_LATTICE: Final = {"ca-ml-dsa", "seal-ml-dsa"}
_ISSUERS: Final = {
    "stranger": "stranger",
    "ca-ml-dsa": "ca-ml-dsa",
    "seal-ml-dsa": "ca-ml-dsa",
    "tsa-ml-dsa": "ca-ml-dsa",
}
"""Of those whose issuer is not the CA."""

_RSA: Final = {
    "seal-rsa": {"p": (1536, 1182), "q": (1536, 798)},
    "tsa-rsa-2048": {"p": (1024, 410), "q": (1024, 346)},
    "tsa-rsa-2047": {"p": (1024, 812), "q": (1023, 1148)},
}
"""Bits of the prime factors, and how far each is above the number that the label gives."""


def _prime(label: str, part: str) -> int:
    """A prime factor: the first bits of SHA-256 in counter mode, three set, and the step above."""
    bits, step = _RSA[label][part]
    blocks = -(-bits // 256)
    seed = b"".join(
        sha256(f"{KEY_LABEL}{label} {part} {n}".encode()).digest() for n in range(blocks)
    )
    number = int.from_bytes(seed, "big") >> 256 * blocks - bits
    return (number | 3 << bits - 2 | 1) + step


def _rsa_key(label: str) -> rsa.RSAPrivateKey:
    p, q, e = _prime(label, "p"), _prime(label, "q"), 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), rsa.RSAPublicNumbers(e, p * q)
    )
    return numbers.private_key()


@cache
def private_key(label: str) -> AnyKey:
    """The private key of a label."""
    if label in _RSA:
        return _rsa_key(label)
    if label in _LATTICE:
        seed = sha256((KEY_LABEL + label).encode()).digest()
        return mldsa.MLDSA65PrivateKey.from_seed_bytes(seed)
    if KEYS[label] is EDDSA:
        return ed25519.Ed25519PrivateKey.from_private_bytes(secret(label))
    return ec.derive_private_key(int.from_bytes(secret(label), "big"), ec.SECP256R1())


def settled(key: object, data: bytes) -> bytes:
    """A signature that comes out the same each time."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    if isinstance(key, mldsa.MLDSA65PrivateKey):
        return kept.signature(key, data)
    raise TypeError(type(key))


def _named(label: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.COMMON_NAME, NAMES[label]),
        ]
    )


@dataclass(frozen=True)
class Usage:
    """What a certificate's key is for (RFC 5280 §4.2.1.12)."""

    kinds: tuple[x509.ObjectIdentifier, ...]
    critical: bool


_STAMPS: Final = Usage((ExtendedKeyUsageOID.TIME_STAMPING,), critical=True)
_NO_USAGE: Final = Usage((), critical=False)


@cache
def maker(label: str, *, serial: int = 0, usage: Usage | None = None) -> Maker:
    """The certificate of a label below the CA, and its key; another number or use on demand."""
    key = private_key(label)
    above = _ISSUERS.get(label, "ca")
    ca = label in {"ca", "stranger", "ca-ml-dsa"}
    number = serial or int.from_bytes(sha256(label.encode()).digest()[:8], "big") >> 1
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(label))
        .issuer_name(_named(above))
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(_START)
        .not_valid_after(_END)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    usage = usage or (_STAMPS if label.startswith("tsa") else _NO_USAGE)
    if usage.kinds:
        extension = x509.ExtendedKeyUsage(usage.kinds)
        builder = builder.add_extension(extension, critical=usage.critical)
    issuer = private_key(above)
    if isinstance(issuer, ed25519.Ed25519PrivateKey):
        return Maker(key, builder.sign(issuer, None))
    if isinstance(issuer, mldsa.MLDSA65PrivateKey):
        return Maker(key, _signed_by_lattice(builder.sign(issuer, None), issuer))
    return Maker(key, builder.sign(issuer, hashes.SHA256(), ecdsa_deterministic=True))


def _signed_by_lattice(
    drawn: x509.Certificate, issuer: mldsa.MLDSA65PrivateKey
) -> x509.Certificate:
    """The certificate with a signature that stays."""
    signed = drawn.tbs_certificate_bytes
    algorithm = tlv(0x30, tlv(6, bytes.fromhex("608648016503040312")))
    value = kept.signature(issuer, signed)
    return x509.load_der_x509_certificate(tlv(0x30, signed, algorithm, tlv(3, b"\0" + value)))


@cache
def short_certificate(label: str) -> bytes:
    """A certificate of fewer than 256 bytes: without names and extensions, by its own key."""
    key = private_key(label)
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    nobody = x509.Name([])
    builder = x509.CertificateBuilder(nobody, nobody, key.public_key(), 1, _START, _END)
    return builder.sign(key, None).public_bytes(Encoding.DER)
