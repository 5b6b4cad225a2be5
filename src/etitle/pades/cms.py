"""The CMS of a document's signature, built from prepared DER (docs/spec clauses 9.3, 9.4).

All but the digest of the document, the signature and a time-stamp is the same in every document of
a seal; it is encoded once.  What remains for each document is to put lengths around the parts.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from etitle import der
from etitle.der import CONTEXT_0, CONTEXT_1, INTEGER, OCTETS, SEQUENCE, SET, set_of, tlv
from etitle.keys.documentkey import DocumentSuite
from etitle.keys.seal import Seal

# Hashes have no parameters (RFC 5754 §2).
_SHA256: Final = tlv(SEQUENCE, der.SHA256)
_SHA512: Final = tlv(SEQUENCE, der.SHA512)


@dataclass(frozen=True, slots=True)
class _Algorithms:
    hash: str
    digest: bytes
    signature: bytes


_ALGORITHMS: Final = {
    DocumentSuite.ES256: _Algorithms(  # RFC 5754 §3.3
        "sha256", _SHA256, tlv(SEQUENCE, der.ECDSA_WITH_SHA256)
    ),
    DocumentSuite.RS256: _Algorithms(  # RFC 5754 §3.2
        "sha256", _SHA256, tlv(SEQUENCE, der.RSA_WITH_SHA256, der.NULL)
    ),
    # Where there are signed attributes, Ed25519 goes with SHA-512 (RFC 8419 §3.1).
    DocumentSuite.EDDSA: _Algorithms("sha512", _SHA512, tlv(SEQUENCE, der.ED25519)),
    # So does ML-DSA-65, itself without a hash before it (RFC 9882 §3.3).
    DocumentSuite.ML_DSA_65: _Algorithms("sha512", _SHA512, tlv(SEQUENCE, der.ML_DSA_65)),
}


@dataclass(frozen=True, slots=True)
class SignerTemplate:
    """What repeats in the CMS of every document of one seal; made by ``prepare``.

    Attributes:
        seal: whose it is.
        hash: name of the hash over the document, as hashlib calls it.
        head: version, digest algorithm, content type and certificates.
        info: the signer info's version, issuer and serial number, and digest algorithm.
        attributes: the signed attributes before and after the document's digest, less the tag.
        algorithm: of the signature.
    """

    seal: Seal
    hash: str
    head: bytes
    info: bytes
    attributes: tuple[bytes, bytes]
    algorithm: bytes

    def sign(self, digest: bytes) -> Signed:
        """Sign the digest of a document.

        Args:
            digest: of all bytes that the signature covers, by ``hash``.

        Raises:
            SignerError: ``keys.pkcs11_failed``.
        """
        before, after = self.attributes
        attributes = b"".join((before, digest, after))
        # Signed as a SET, sent with a context tag in its place (RFC 5652 §5.4).
        signature = self.seal.signer.sign(bytes((SET,)) + attributes)
        return Signed(self, bytes((CONTEXT_0,)) + attributes, signature)

    def max_bytes(self, *, timestamp_bytes: int = 0) -> int:
        """Length of the longest CMS; with a time-stamp of that many bytes, if any."""
        attributes = bytes((CONTEXT_0,)) + bytes(hashlib.new(self.hash).digest_size).join(
            self.attributes
        )
        longest = Signed(self, attributes, bytes(self.seal.signer.max_signature_bytes))
        return len(longest.encode(bytes(timestamp_bytes) if timestamp_bytes else None))


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that a time-stamp may join before it is encoded.

    Attributes:
        template: what repeats.
        attributes: the signed attributes as they are sent.
        signature: the signature's value, which a time-stamp speaks of.
    """

    template: SignerTemplate
    attributes: bytes
    signature: bytes

    def encode(self, timestamp: bytes | None = None) -> bytes:
        """The CMS.

        Args:
            timestamp: a time-stamp token on the signature's value, DER; None for B-B.
        """
        template = self.template
        parts = [template.info, self.attributes, template.algorithm, tlv(OCTETS, self.signature)]
        if timestamp is not None:
            parts.append(tlv(CONTEXT_1, tlv(SEQUENCE, der.TIME_STAMP_TOKEN, tlv(SET, timestamp))))
        signer_infos = tlv(SET, tlv(SEQUENCE, *parts))
        signed_data = tlv(SEQUENCE, template.head, signer_infos)
        return tlv(SEQUENCE, der.SIGNED_DATA, tlv(CONTEXT_0, signed_data))


@lru_cache(maxsize=16)
def prepare(seal: Seal) -> SignerTemplate:
    """Encode what repeats; done once for a seal and kept."""
    algorithms = _ALGORITHMS[seal.signer.suite]
    return SignerTemplate(
        seal=seal,
        hash=algorithms.hash,
        head=b"".join(
            (
                tlv(INTEGER, b"\x01"),
                tlv(SET, algorithms.digest),
                tlv(SEQUENCE, der.DATA),
                set_of(CONTEXT_0, list(seal.x509_chain)),
            )
        ),
        info=b"".join(
            (
                tlv(INTEGER, b"\x01"),
                tlv(SEQUENCE, _issuer_and_serial(seal.x509_chain[0])),
                algorithms.digest,
            )
        ),
        attributes=_attributes(seal.x509_chain[0], algorithms),
        algorithm=algorithms.signature,
    )


def _issuer_and_serial(certificate: bytes) -> bytes:
    """Both as the certificate spells them (RFC 5280 §4.1); ``make_seal`` has parsed it."""
    whole = der.node(certificate, 0, len(certificate))
    signed = der.node(certificate, whole.body, whole.end)
    _, serial, _, issuer, *_ = der.children(certificate, signed)
    return der.whole(certificate, issuer) + der.whole(certificate, serial)


def _attribute(kind: bytes, value: bytes) -> bytes:
    return tlv(SEQUENCE, kind, tlv(SET, value))


def _attributes(certificate: bytes, algorithms: _Algorithms) -> tuple[bytes, bytes]:
    """The signed attributes before and after the digest, less the first tag."""
    digest = tlv(OCTETS, bytes(hashlib.new(algorithms.hash).digest_size))
    # The hash of the certificate is SHA-256 in every suite, the default of RFC 5035 §3.
    named = tlv(SEQUENCE, tlv(OCTETS, hashlib.sha256(certificate).digest()))
    protected = tlv(CONTEXT_1, algorithms.signature[2:])
    encoded = set_of(
        SET,
        [
            _attribute(der.CONTENT_TYPE, der.DATA),
            _attribute(der.MESSAGE_DIGEST, digest),
            _attribute(der.SIGNING_CERTIFICATE_V2, tlv(SEQUENCE, tlv(SEQUENCE, named))),
            _attribute(der.CMS_ALGORITHM_PROTECTION, tlv(SEQUENCE, algorithms.digest, protected)),
        ],
    )
    before, _, after = encoded[1:].partition(digest)
    return before + digest[:2], after
