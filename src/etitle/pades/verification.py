"""Whether a CMS that was read verifies, and whether certificates issued one another."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from etitle.keys import mldsa
from etitle.keys.x509 import check_issued
from etitle.pades.signeddata import SignedData

MIN_TSA_RSA_BITS: Final = 2048
"""Bits of a time-stamp authority's RSA modulus: what public ones have."""

_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


@lru_cache(maxsize=256)
def x509_key(certificate: bytes) -> object:
    """The public key of a certificate, whatever its kind; None where it can't be read."""
    try:
        return x509.load_der_x509_certificate(certificate).public_key()
    except Exception:  # noqa: BLE001  # a stranger's certificate: errors and warnings of any kind
        return None


def needs_missing_algorithm(*parts: bytes, kind: str = "") -> bool:
    """Whether this installation lacks what it takes to verify something, ML-DSA-65 that is.

    Asked where something did not verify (docs/spec clause 9.4.1).

    Args:
        parts: the certificates or the time-stamp that did not verify, DER.
        kind: that of the signature, where it was the signature.
    """
    named = kind == "mldsa65" or any(mldsa.OID in part for part in parts)
    return named and not mldsa.is_supported()


def signed_by(signed_data: SignedData, certificate: bytes, *, least_rsa_bits: int) -> bool:
    """Whether the signature over the signed attributes is that of the certificate's key."""
    key = x509_key(certificate)
    digest = _HASHES[signed_data.digest]
    try:
        if signed_data.kind == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signed_data.signature, signed_data.signed, ec.ECDSA(digest))
        elif signed_data.kind == "rsa" and isinstance(key, rsa.RSAPublicKey):
            if key.key_size < least_rsa_bits:
                return False
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


@lru_cache(maxsize=256)
def is_chain(certificate: bytes, others: tuple[bytes, ...], *, to_root: bool) -> bool:
    """Whether the others are the certificate's issuers, one above the other, and nothing else.

    Args:
        certificate: DER of the signer's certificate.
        others: DER of the rest, in any order.
        to_root: the last must have issued itself, so that no byte of the chain can change.
    """
    try:
        current = x509.load_der_x509_certificate(certificate)
        left = [x509.load_der_x509_certificate(one) for one in others]
        while left:
            above = next(one for one in left if one.subject == current.issuer)
            check_issued(current, above)
            left.remove(above)
            current = above
        if to_root and others:
            check_issued(current, current)
    except Exception:  # noqa: BLE001  # strangers' certificates: errors and warnings of any kind
        return False
    return True
