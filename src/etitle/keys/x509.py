"""X.509 certificates: reading, who issued whom, validity, time-stamp authorities (RFC 5280).

Two kinds of callers: whoever puts a seal together wants an error (``parse``); whoever
judges the certificates of strangers wants yes or no, whatever the bytes are (all others).
ML-DSA-65 is included (RFC 9881).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from etitle import der
from etitle.errors import SignerError
from etitle.keys import mldsa
from etitle.keys.spki import MAX_X509_BYTES

MAX_PATH: Final = 4
"""Certificates from a time-stamp authority's to its root, that included."""


# -- reading ---------------------------------------------------------------------------------------


def parse(data: bytes) -> x509.Certificate:
    """Read a certificate of the issuer's own strictly.

    Args:
        data: DER.

    Raises:
        SignerError: ``keys.x509_malformed``.
    """
    if len(data) > MAX_X509_BYTES:
        raise SignerError("keys.x509_malformed")
    try:
        with warnings.catch_warnings():
            # What cryptography accepts with a warning (a negative serial number, …) others refuse.
            warnings.simplefilter("error")
            certificate = x509.load_der_x509_certificate(data)
            # Some parts are parsed only when they are asked for: ask here.
            _ = certificate.extensions, certificate.subject, certificate.issuer
            _ = certificate.serial_number
            _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except Exception:  # noqa: BLE001  # cryptography has many for a malformed certificate
        raise SignerError("keys.x509_malformed") from None
    return certificate


@lru_cache(maxsize=256)
def public_key(data: bytes) -> object:
    """The public key of a certificate, whatever its kind; None where it can't be read.

    Kept: the key is a function of these bytes alone, and nobody can change it.
    """
    try:
        return x509.load_der_x509_certificate(data).public_key()
    except Exception:  # noqa: BLE001  # a stranger's certificate: errors and warnings of any kind
        return None


# -- who issued whom -------------------------------------------------------------------------------


def check_issued(subject: x509.Certificate, issuer: x509.Certificate) -> None:
    """Demand that an issuer's key signed a certificate, under the issuer's name.

    cryptography 48 knows ML-DSA-65, but not in X.509: so that is done here.

    Raises:
        InvalidSignature: it did not.
        ValueError: by name or by algorithm, or this installation has no ML-DSA.
        TypeError: the issuer's key can sign no certificates.
        UnsupportedAlgorithm: this installation does not know the algorithm.
    """
    if not _is_by_mldsa(subject):
        # cryptography also takes a signature that leaves out bits of its last octet.
        if not subject.public_bytes(Encoding.DER).endswith(b"\0" + subject.signature):
            raise InvalidSignature
        subject.verify_directly_issued_by(issuer)
        return
    key = mldsa.as_public(issuer.public_key())
    if key is None or subject.issuer != issuer.subject:
        raise ValueError
    if not mldsa.verify(key, subject.signature, subject.tbs_certificate_bytes):
        raise InvalidSignature


def is_issued(subject: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether an issuer's key signed a certificate, under the issuer's name."""
    try:
        check_issued(subject, issuer)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True


_ALGORITHM: Final = der.tlv(der.SEQUENCE, der.ML_DSA_65)
_SIGNATURE_HEAD: Final = der.tlv(der.BITS, bytes(mldsa.SIGNATURE_BYTES + 1))[:5]
"""Tag and length of a signature, and that no bit of it is unused."""


def _is_by_mldsa(certificate: x509.Certificate) -> bool:
    """Whether it is signed with ML-DSA-65, as the signed part says too, and no byte is amiss."""
    if certificate.signature_algorithm_oid.dotted_string != mldsa.DOTTED_OID:
        return False
    signed = certificate.tbs_certificate_bytes
    _, _, algorithm, *_ = der.children(signed, der.node(signed, 0, len(signed)))
    whole = certificate.public_bytes(Encoding.DER)
    return der.whole(signed, algorithm) == _ALGORITHM and whole.endswith(
        signed + _ALGORITHM + _SIGNATURE_HEAD + certificate.signature
    )


def is_linked(chain: Sequence[x509.Certificate], *, to_root: bool) -> bool:
    """Whether each certificate was issued by the next one.

    Args:
        chain: the end certificate first.
        to_root: the last of several must have issued itself.
    """
    above = [*chain[1:], *(chain[-1:] if to_root and len(chain) > 1 else ())]
    return all(map(is_issued, chain, above))


@lru_cache(maxsize=256)
def is_chain(certificate: bytes, others: tuple[bytes, ...], *, to_root: bool) -> bool:
    """Whether the others are the certificate's issuers, one above the other, and nothing else.

    Kept: the answer is a function of these bytes and of what this installation can verify.

    Args:
        certificate: DER of the signer's certificate.
        others: DER of the rest, in any order.
        to_root: the last must have issued itself, so that no byte of the chain can change.
    """
    try:
        chain = [x509.load_der_x509_certificate(certificate)]
        remaining = [x509.load_der_x509_certificate(other) for other in others]
        while remaining:
            above = next(other for other in remaining if other.subject == chain[-1].issuer)
            remaining.remove(above)
            chain.append(above)
        return is_linked(chain, to_root=to_root)
    except Exception:  # noqa: BLE001  # strangers' certificates: errors and warnings of any kind
        return False


# -- time ------------------------------------------------------------------------------------------


def is_in_force(certificate: bytes | x509.Certificate, at_s: int) -> bool:
    """Whether a certificate is valid at a time, its first and last second included.

    Args:
        certificate: parsed, or DER of any bytes.
        at_s: seconds since 1970 UTC.
    """
    try:
        if isinstance(certificate, bytes):
            certificate = x509.load_der_x509_certificate(certificate)
        first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except Exception:  # noqa: BLE001  # a stranger's certificate: errors and warnings of any kind
        return False
    return first.timestamp() <= at_s <= last.timestamp()


# -- time-stamp authorities ------------------------------------------------------------------------


def is_tsa_x509(certificate: bytes) -> bool:
    """Whether a certificate is for time-stamps alone (RFC 3161 §2.3); any bytes are taken."""
    try:
        extensions = x509.load_der_x509_certificate(certificate).extensions
        usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except Exception:  # noqa: BLE001  # a stranger's certificate: errors and warnings of any kind
        return False
    # Critical, and nothing else.
    return usage.critical and list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def is_trusted_tsa(
    certificate: bytes, others: Sequence[bytes], *, x509_roots: Sequence[bytes], at_s: int
) -> bool:
    """Whether a certificate is a TSA's, below one of the roots, and the whole path valid then.

    Args:
        certificate: DER of the TSA's.
        others: DER of what came with it, to find the path by.
        x509_roots: DER of the trusted roots.
        at_s: seconds since 1970 UTC.
    """
    if not is_tsa_x509(certificate):
        return False
    try:
        current = x509.load_der_x509_certificate(certificate)
        roots = [x509.load_der_x509_certificate(root) for root in x509_roots]
        above = [x509.load_der_x509_certificate(other) for other in others]
        for below in range(MAX_PATH):
            if not is_in_force(current, at_s):
                return False
            if current in roots:
                return below > 0
            current = next(
                issuer
                for issuer in (*roots, *above)
                if issuer.subject == current.issuer and _is_issuing_ca(issuer, current, below)
            )
    except Exception:  # noqa: BLE001  # a stranger's certificates: errors and warnings of any kind
        return False
    return False


def _is_issuing_ca(issuer: x509.Certificate, subject: x509.Certificate, below: int) -> bool:
    """Whether a CA signed a certificate that has so many CAs below it."""
    basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
    if not basic.ca or not usage.key_cert_sign:
        return False
    if basic.path_length is not None and basic.path_length < below:
        return False
    return is_issued(subject, issuer)
