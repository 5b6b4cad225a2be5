"""The authority's seal for documents: a signer with its X.509 certificates.

Tokens, lists and bundles have suites with one signature form of 64 bytes (``etitle.keys.suite``).
Documents use the forms of CMS instead, and may be signed with RSA or ML-DSA-65 too; only this
module has those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from etitle.errors import SignerError
from etitle.keys import mldsa, spki
from etitle.keys.documentkey import DocumentKey, DocumentSuite
from etitle.keys.password import Password
from etitle.keys.signer import (
    AnyPrivateKey,
    Signer,
    SoftSigner,
    open_private_key,
)
from etitle.keys.suite import EDDSA
from etitle.keys.x509 import is_linked, parse

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey

MAX_CHAIN: Final = 8
"""Certificates of a chain, the seal's and the root's included."""
MAX_CHAIN_FILE_BYTES: Final = 1 << 20

_ES256_BYTES: Final = 71
"""Longest DER of (r, s) with low S: r may need a leading zero, s never does."""


@runtime_checkable
class DocumentSigner(Protocol):
    """Whoever can sign documents with one private key, wherever the key lives."""

    @property
    def suite(self) -> DocumentSuite:
        """Which kind of signature it makes."""
        ...

    @property
    def spki(self) -> bytes:
        """The public key, DER SubjectPublicKeyInfo."""
        ...

    @property
    def max_signature_bytes(self) -> int:
        """Length of its longest signature."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Sign; the result is what CMS carries: DER of (r, s) for ES256, else the bare value."""
        ...


@dataclass(frozen=True, slots=True)
class _CurveSigner:
    """A signer of tokens, with the signature forms of CMS."""

    signer: Signer
    suite: DocumentSuite
    spki: bytes
    max_signature_bytes: int

    def sign(self, data: bytes) -> bytes:
        raw = self.signer.sign(data)
        if self.suite is DocumentSuite.EDDSA:
            return raw
        return encode_dss_signature(
            int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        )


@dataclass(frozen=True, slots=True)
class _PlainSigner:
    """A key whose signatures CMS carries as they are.

    RSASSA-PKCS1-v1_5 with SHA-256, or ML-DSA-65 without a context.
    """

    plain_sign: Callable[[bytes], bytes]
    suite: DocumentSuite
    spki: bytes
    max_signature_bytes: int

    def sign(self, data: bytes) -> bytes:
        return self.plain_sign(data)


def document_signer(signer: Signer) -> DocumentSigner:
    """Let a signer of tokens sign documents.

    >>> from etitle.keys.signer import generate
    >>> from etitle.keys.suite import ES256
    >>> document_signer(generate(ES256)).suite.value
    'ES256'
    """
    spki = signer.public.to_spki()
    if signer.public.suite is EDDSA:
        return _CurveSigner(signer, DocumentSuite.EDDSA, spki, EDDSA.signature_bytes)
    return _CurveSigner(signer, DocumentSuite.ES256, spki, _ES256_BYTES)


def rsa_signer(key: rsa.RSAPrivateKey) -> DocumentSigner:
    """Let an RSA key of this process sign documents.

    Raises:
        SignerError: ``keys.rsa_size`` for fewer than 3072 bits, ``keys.rsa_exponent`` for an
            exponent other than 65537.
    """
    return _rsa(key.public_key(), lambda data: key.sign(data, padding.PKCS1v15(), SHA256()))


def mldsa_signer(key: MLDSA65PrivateKey) -> DocumentSigner:
    """Let an ML-DSA-65 key of this process sign documents (docs/adr/0011-document-suites.md)."""
    public = DocumentKey.ml_dsa_65(key.public_key().public_bytes_raw())
    return _plain(public, key.sign, mldsa.SIGNATURE_BYTES)


def _rsa(key: rsa.RSAPublicKey, sign: Callable[[bytes], bytes]) -> DocumentSigner:
    numbers = key.public_numbers()
    return _plain(DocumentKey.rsa(numbers.n, numbers.e), sign, (key.key_size + 7) // 8)


def _plain(
    public: DocumentKey, sign: Callable[[bytes], bytes], signature_bytes: int
) -> DocumentSigner:
    return _PlainSigner(sign, public.document_suite, public.to_spki(), signature_bytes)


def open_document_signer(uri: str, *, password: Password | None = None) -> DocumentSigner:
    """Open the private key that a URI names, to sign documents.

    Args:
        uri: as ``etitle.keys.signer.open_signer`` takes it; RSA is welcome here, and ML-DSA-65
            in a file (PKCS#8 with the seed, RFC 9881 §6).
        password: called when the key is encrypted, or for an HSM's PIN.

    Raises:
        SignerError: what ``open_signer`` raises, ``keys.rsa_size`` or ``keys.rsa_exponent``.
    """
    if uri.startswith("pkcs11:"):
        from etitle.keys import pkcs11  # noqa: PLC0415  # slow to load

        held = pkcs11.open_key(uri, password=password)
        if isinstance(held, pkcs11.HsmRsaKey):
            return _rsa(held.public, held.sign)
        return document_signer(held)
    key = open_private_key(uri, password=password)
    if isinstance(key, rsa.RSAPrivateKey):
        return rsa_signer(key)
    if isinstance(key, AnyPrivateKey):
        return document_signer(SoftSigner(key))
    lattice = mldsa.as_private(key)
    if lattice is not None:
        return mldsa_signer(lattice)
    raise SignerError("keys.unsupported_key", kind=type(key).__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Seal:
    """A signer of documents and its certificates; made by ``make_seal``.

    Each is equal to itself alone.

    Attributes:
        signer: the private key.
        x509_chain: DER certificates: the seal's own first, then alone or with every issuer up to
            a root that issued itself (docs/spec clause 9.3).
        name: who signs, as viewers show it.
        not_before_s: from when the seal's certificate is valid, seconds since 1970 UTC.
        not_after_s: the last second of it.
    """

    signer: DocumentSigner
    x509_chain: tuple[bytes, ...]
    name: str
    not_before_s: int
    not_after_s: int


def make_seal(
    signer: DocumentSigner, *, x509_chain: Sequence[bytes], name: str | None = None
) -> Seal:
    """Put a signer and its certificates together.

    Args:
        signer: the private key.
        x509_chain: DER, in the order that ``Seal`` demands.
        name: who signs; default: the common name of the seal's certificate.

    Raises:
        SignerError: ``keys.x509_malformed``, ``keys.x509_other_key``,
            ``keys.x509_not_for_signing`` or ``keys.x509_chain_broken``.
    """
    if not 0 < len(x509_chain) <= MAX_CHAIN:
        raise SignerError("keys.x509_chain_broken", count=len(x509_chain))
    chain = [parse(data) for data in x509_chain]
    own = chain[0]
    if spki.held_by(x509_chain[0]) != signer.spki:
        raise SignerError("keys.x509_other_key")
    _check_usage(own)
    if not is_linked(chain, to_root=True):
        raise SignerError("keys.x509_chain_broken", count=len(chain))
    return Seal(
        signer=signer,
        x509_chain=tuple(x509_chain),
        name=_common_name(own) if name is None else name,
        not_before_s=int(own.not_valid_before_utc.timestamp()),
        not_after_s=int(own.not_valid_after_utc.timestamp()),
    )


def _check_usage(own: x509.Certificate) -> None:
    """No CA signs documents, and a certificate that lists its uses lists this one."""
    extensions = {extension.oid: extension.value for extension in own.extensions}
    basic = extensions.get(x509.BasicConstraints.oid)
    if isinstance(basic, x509.BasicConstraints) and basic.ca:
        raise SignerError("keys.x509_not_for_signing", what="CA")
    usage = extensions.get(x509.KeyUsage.oid)
    if isinstance(usage, x509.KeyUsage) and not (
        usage.digital_signature or usage.content_commitment
    ):
        raise SignerError("keys.x509_not_for_signing", what="keyUsage")


def _common_name(own: x509.Certificate) -> str:
    names = own.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(names[0].value) if names else own.subject.rfc4514_string()


def read_x509_chain(path: str) -> tuple[bytes, ...]:
    """Read certificates from a file: PEM, one after another, or one in DER.

    Raises:
        SignerError: ``keys.file_unreadable`` or ``keys.x509_malformed``.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_CHAIN_FILE_BYTES + 1)
    except (OSError, ValueError):
        raise SignerError("keys.file_unreadable", path=path) from None
    if len(data) > MAX_CHAIN_FILE_BYTES:
        raise SignerError("keys.x509_malformed")
    if b"-----BEGIN CERTIFICATE-----" not in data:
        parse(data)
        return (data,)
    try:
        found = x509.load_pem_x509_certificates(data)
    except ValueError:
        raise SignerError("keys.x509_malformed") from None
    return tuple(certificate.public_bytes(Encoding.DER) for certificate in found)


def open_seal(
    uri: str,
    *,
    x509_chain: Sequence[bytes],
    password: Password | None = None,
    name: str | None = None,
) -> Seal:
    """Open the key that a URI names and put it together with its certificates.

    Raises:
        SignerError: what ``open_document_signer`` and ``make_seal`` raise.
    """
    return make_seal(open_document_signer(uri, password=password), x509_chain=x509_chain, name=name)
