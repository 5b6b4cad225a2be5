"""ML-DSA-65 (FIPS 204), where the installed cryptography has it: for documents alone.

It came with cryptography 48, and a system's own OpenSSL must be 3.5.  Verification needs
only cryptography 44, so ML-DSA is looked up on use, and its absence neither passes nor refutes a
check (docs/spec clause 9.4.1).
"""

from __future__ import annotations

import binascii
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from etitle import der
from etitle.errors import SignerError
from etitle.keys.documentkey import ML_DSA_65_BYTES

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import mldsa

SIGNATURE_BYTES: Final = 3309
"""FIPS 204 table 2."""
DOTTED_OID: Final = "2.16.840.1.101.3.4.3.18"
"""id-ml-dsa-65, of keys and of signatures (RFC 9881 §2)."""

_PEM_BODY: Final = re.compile(rb"-----BEGIN [A-Z ]+-----\s*([A-Za-z0-9+/=\s]+)-----END")


@cache
def is_supported() -> bool:
    """Whether this installation can sign and verify with ML-DSA-65."""
    try:
        from cryptography.hazmat.primitives.asymmetric import mldsa  # noqa: PLC0415  # new, rare

        mldsa.MLDSA65PublicKey.from_public_bytes(bytes(ML_DSA_65_BYTES))
    except (ImportError, AttributeError, UnsupportedAlgorithm):
        return False
    return True


def as_public(key: object) -> mldsa.MLDSA65PublicKey | None:
    """The key, if it is an ML-DSA-65 public key."""
    if not is_supported():
        return None
    from cryptography.hazmat.primitives.asymmetric import mldsa  # noqa: PLC0415  # new, rare

    return key if isinstance(key, mldsa.MLDSA65PublicKey) else None


def as_private(key: object) -> mldsa.MLDSA65PrivateKey | None:
    """The key, if it is an ML-DSA-65 private key."""
    if not is_supported():
        return None
    from cryptography.hazmat.primitives.asymmetric import mldsa  # noqa: PLC0415  # new, rare

    return key if isinstance(key, mldsa.MLDSA65PrivateKey) else None


def generate() -> mldsa.MLDSA65PrivateKey:
    """Make a new key.

    Raises:
        SignerError: ``keys.mldsa_missing``.
    """
    if not is_supported():
        raise SignerError("keys.mldsa_missing")
    from cryptography.hazmat.primitives.asymmetric import mldsa  # noqa: PLC0415  # new, rare

    return mldsa.MLDSA65PrivateKey.generate()


def verify(key: mldsa.MLDSA65PublicKey, signature: bytes, data: bytes) -> bool:
    """Whether a signature is right: pure ML-DSA, empty context (RFC 9881 §3, RFC 9882 §3.3)."""
    try:
        key.verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def demand_for(data: bytes, error: Exception) -> None:
    """Say what is missing, where a key file could not be read for want of ML-DSA.

    Args:
        data: the file, PEM or DER.
        error: what cryptography said of it; it names the algorithm from version 46 on.

    Raises:
        SignerError: ``keys.mldsa_missing``.
    """
    if is_supported():
        return
    body = _PEM_BODY.search(data)
    try:
        key = data if body is None else binascii.a2b_base64(body[1])
    except binascii.Error:
        key = b""
    if der.ML_DSA_65 in key or DOTTED_OID in str(error):
        raise SignerError("keys.mldsa_missing") from None
