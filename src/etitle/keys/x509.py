"""Whether one X.509 certificate was issued by another, ML-DSA-65 included (RFC 9881)."""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from etitle.keys import mldsa


def check_issued(subject: x509.Certificate, issuer: x509.Certificate) -> None:
    """Demand that an issuer's key signed a certificate, under the issuer's name.

    cryptography 48 knows ML-DSA-65, but not in X.509: so it is done by hand.

    Raises:
        InvalidSignature: it did not.
        ValueError: by name or by algorithm, or this installation has no ML-DSA.
        TypeError: the issuer's key can sign no certificates.
        UnsupportedAlgorithm: this installation does not know the algorithm.
    """
    if not _is_lattice(subject):
        subject.verify_directly_issued_by(issuer)
        return
    key = mldsa.as_public(issuer.public_key())
    if key is None or subject.issuer != issuer.subject:
        raise ValueError
    if not mldsa.verify(key, subject.signature, subject.tbs_certificate_bytes):
        raise InvalidSignature


_ALGORITHM: Final = bytes((0x30, len(mldsa.OID) + 2, 0x06, len(mldsa.OID))) + mldsa.OID
_SIGNATURE: Final = b"\x03\x82" + (mldsa.SIGNATURE_BYTES + 1).to_bytes(2, "big") + b"\0"


def _is_lattice(certificate: x509.Certificate) -> bool:
    """Whether it is signed with ML-DSA-65, as the signed part says too, and no byte is amiss."""
    if certificate.signature_algorithm_oid.dotted_string != mldsa.DOTTED_OID:
        return False
    signed = certificate.tbs_certificate_bytes
    whole = certificate.public_bytes(Encoding.DER)
    return _ALGORITHM in signed and whole.endswith(
        signed + _ALGORITHM + _SIGNATURE + certificate.signature
    )
