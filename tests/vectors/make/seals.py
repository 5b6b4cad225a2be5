"""Keys that sign documents alone, and seal certificates: made from labels, byte for byte.

Nobody holds a private key of theirs: the vectors have no documents, and any odd number of 3072 bits
and any 1952 bytes have the form of a key.
"""

from __future__ import annotations

import datetime
from functools import cache
from hashlib import shake_256
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from tests.vectors.make.shop import KEY_LABEL, signer

from etitle.keys.documentkey import DocumentKey

AnyPublicKey = (
    ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey | mldsa.MLDSA65PublicKey
)

RSA_BYTES: Final = 384
_START: Final = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
_END: Final = datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC)


def _drawn(label: str, size: int) -> bytes:
    return shake_256((KEY_LABEL + label).encode()).digest(size)


def rsa_modulus(label: str, size: int = RSA_BYTES) -> int:
    """An odd number of so many bytes, its first bit set."""
    drawn = bytearray(_drawn(label, size))
    drawn[0] |= 0x80
    drawn[-1] |= 1
    return int.from_bytes(drawn, "big")


def rsa_key(label: str) -> DocumentKey:
    """An RSA key of 3072 bits."""
    return DocumentKey.rsa(rsa_modulus(label), 65537)


def lattice_key(label: str) -> DocumentKey:
    """An ML-DSA-65 key."""
    return DocumentKey.ml_dsa_65(_drawn(label, 1952))


@cache
def certificate(label: str) -> bytes:
    """The X.509 certificate of the key of a label, DER; its kind is the label's first word."""
    key: AnyPublicKey
    if label.startswith("rsa"):
        key = rsa.RSAPublicNumbers(65537, rsa_modulus(label)).public_key()
    elif label.startswith("ml-dsa"):
        key = mldsa.MLDSA65PublicKey.from_public_bytes(_drawn(label, 1952))
    else:
        key = signer(label).private_key.public_key()
    return certify(key)


def certify(key: AnyPublicKey, extension: x509.UnrecognizedExtension | None = None) -> bytes:
    """A certificate for a key, issued by the Ed25519 root, whose signatures are deterministic."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "样例省职称专用章")])
    issuer = signer("root-4").private_key
    builder = x509.CertificateBuilder(name, name, key, 1, _START, _END)
    if extension is not None:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer, None).public_bytes(Encoding.DER)
