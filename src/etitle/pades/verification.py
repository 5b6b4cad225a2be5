"""Whether the signature of a CMS that was read verifies under a certificate."""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from etitle import der
from etitle.keys import mldsa
from etitle.keys.x509 import public_key
from etitle.pades.signeddata import SignedData

MIN_TSA_RSA_BITS: Final = 2048
"""Bits of a time-stamp authority's RSA modulus: what public ones have."""

_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_ECDSA: Final = {name: ec.ECDSA(digest) for name, digest in _HASHES.items()}


def needs_missing_algorithm(*parts: bytes, kind: str = "") -> bool:
    """Whether this installation lacks what verification needs, that is ML-DSA-65.

    Asked where something did not verify (docs/spec clause 9.4.1).

    Args:
        parts: the certificates or the time-stamp that did not verify, DER.
        kind: that of the signature, where it was the signature.
    """
    named = kind == "mldsa65" or any(der.ML_DSA_65 in part for part in parts)
    return named and not mldsa.is_supported()


def signed_by(signed_data: SignedData, certificate: bytes, *, least_rsa_bits: int) -> bool:
    """Whether the signature over the signed attributes is that of the certificate's key."""
    key = public_key(certificate)
    try:
        if signed_data.kind == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signed_data.signature, signed_data.signed, _ECDSA[signed_data.digest])
        elif signed_data.kind == "rsa" and isinstance(key, rsa.RSAPublicKey):
            if key.key_size < least_rsa_bits:
                return False
            digest = _HASHES[signed_data.digest]
            key.verify(signed_data.signature, signed_data.signed, padding.PKCS1v15(), digest)
        elif signed_data.kind == "ed25519" and isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signed_data.signature, signed_data.signed)
        elif signed_data.kind == "mldsa65":
            lattice = mldsa.as_public(key)
            return lattice is not None and mldsa.verify(
                lattice, signed_data.signature, signed_data.signed
            )
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True
