"""The CMS of a signature or a time-stamp, read strictly (docs/spec clause 9.3).

Reading proves nothing: ``etitle.pades.verification`` verifies the signature, and the caller looks
the certificate up in the bundle.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from etitle import der
from etitle.der import BITS, CONTEXT_0, CONTEXT_1, INTEGER, OCTETS, OID, SEQUENCE, SET, DerNode
from etitle.errors import DecodeError
from etitle.keys.spki import MAX_X509_BYTES

MAX_CERTIFICATES: Final = 8
_DEMANDED: Final = {der.CONTENT_TYPE, der.MESSAGE_DIGEST, der.SIGNING_CERTIFICATE_V2}

HASHES: Final = {der.SHA256: "sha256", der.SHA384: "sha384", der.SHA512: "sha512"}
_ALGORITHMS: Final = {
    der.ECDSA_WITH_SHA256: ("ecdsa", "sha256"),
    der.ECDSA_WITH_SHA384: ("ecdsa", "sha384"),
    der.ECDSA_WITH_SHA512: ("ecdsa", "sha512"),
    der.RSA_WITH_SHA256: ("rsa", "sha256"),
    der.RSA_WITH_SHA384: ("rsa", "sha384"),
    der.RSA_WITH_SHA512: ("rsa", "sha512"),
    der.RSA_ENCRYPTION: ("rsa", ""),
    der.ED25519: ("ed25519", "sha512"),
    der.ML_DSA_65: ("mldsa65", "sha512"),
}
"""Signature algorithms and their hash; plain RSA takes that of the signer info (RFC 3370)."""

_WITH_SHA512: Final = {"ed25519", "mldsa65"}
"""Kinds whose documents are hashed with SHA-512; the others have SHA-256 (docs/spec clause 9.4)."""


@dataclass(frozen=True, slots=True)
class SignedData:
    """The content of a CMS; nothing in it is verified yet.

    Attributes:
        signer: DER of the certificate that the signer info names.
        others: DER of the certificates beside it.
        kind: ``ecdsa``, ``rsa``, ``ed25519`` or ``mldsa65``.
        digest: name of the hash over the content, as hashlib calls it.
        message_digest: of the content.
        signed: the signed attributes as a SET: what is signed.
        signature: as received.
        content: the content within, for time-stamps; empty where it is detached.
        timestamp: the time-stamp among the unsigned attributes, a CMS of its own; else None.
    """

    signer: bytes
    others: tuple[bytes, ...]
    kind: str
    digest: str
    message_digest: bytes
    signed: bytes
    signature: bytes
    content: bytes
    timestamp: bytes | None


def split(contents: bytes) -> bytes:
    r"""The one DER element that /Contents begins with; zeros alone may follow.

    Raises:
        DecodeError: ``document.cms_malformed``.

    >>> split(bytes.fromhex("300204000000"))
    b'0\x02\x04\x00'
    """
    end = der.node(contents, 0, len(contents)).end
    if contents.count(0, end) != len(contents) - end:
        raise DecodeError("document.cms_malformed", what="padding other than zeros")
    return contents[:end]


class _Places(NamedTuple):
    """Where those parts of a CMS stand that differ between documents of one seal."""

    digest_at: int
    digest_end: int
    signed_at: int
    signed_end: int
    signature_at: int


def read_signature(data: bytes) -> SignedData:
    """Read the CMS of a document's signature (docs/spec clause 9.3).

    Documents of one seal differ in the message digest and the signature alone, and this reader
    passes both on without a look inside.  So where they stand at their usual places, what is left
    when they are blanked is read once and kept.

    Raises:
        DecodeError: ``document.cms_malformed``.
    """
    digest_at, digest_end, signature_at = _usual_places(data)
    if not signature_at:
        return read_signature_reference(data)
    between = data[digest_end:signature_at]
    blank = (data[:digest_at], bytes(digest_end - digest_at), between)
    try:
        form, places = _form(b"".join((*blank, bytes(len(data) - signature_at))))
    except DecodeError:
        return read_signature_reference(data)  # which says what is wrong
    if (places.digest_at, places.digest_end, places.signature_at) != (
        digest_at,
        digest_end,
        signature_at,
    ):  # what was blanked was something else
        return read_signature_reference(data)
    return SignedData(
        form.signer,
        form.others,
        form.kind,
        form.digest,
        data[digest_at:digest_end],
        b"\x31" + data[places.signed_at + 1 : places.signed_end],
        data[signature_at:],
        form.content,
        form.timestamp,
    )


def read_signature_reference(data: bytes) -> SignedData:
    """What ``read_signature`` gives, read in full each time.

    Raises:
        DecodeError: ``document.cms_malformed``.
    """
    return _read_signature(data)[0]


MAX_KEPT_BYTES: Final = 1 << 15
"""Bytes of a CMS whose form is kept; the seal with three issuers takes some 4,000, and 26,000 where
all keys are ML-DSA-65."""

_DIGESTS: Final = tuple(
    (der.MESSAGE_DIGEST + bytes((SET, size + 2, OCTETS, size)), size) for size in (32, 64)
)
"""What stands before a message digest of so many bytes."""
_SIGNATURES: Final = (
    *((bytes((OCTETS, size)), size) for size in (71, 70, 72, 69, 64)),
    *((b"\x04\x82" + size.to_bytes(2, "big"), size) for size in (384, 512, 3309)),
)
"""What stands before a signature of so many bytes: P-256 and Ed25519, RSA, ML-DSA-65."""


def _usual_places(data: bytes) -> tuple[int, int, int]:
    """Where the digest begins and ends, and where the signature begins; zeros if nowhere usual.

    No more than a guess: the form that is read decides.
    """
    for head, size in _SIGNATURES:
        at = len(data) - size
        if len(data) <= MAX_KEPT_BYTES and at > 0 and data.endswith(head, 0, at):
            for before, digest_size in _DIGESTS:
                found = data.rfind(before, 0, at) + len(before)
                if found >= len(before) and found + digest_size <= at - len(head):
                    return found, found + digest_size, at
    return 0, 0, 0


def _read_signature(data: bytes) -> tuple[SignedData, _Places]:
    signed_data, attributes, places = _read(data, content_type=der.DATA, version=1)
    if signed_data.content:
        raise DecodeError("document.cms_malformed", what="content within")
    if attributes.keys() - {der.CMS_ALGORITHM_PROTECTION} != _DEMANDED:
        raise DecodeError(
            "document.cms_malformed", what="signed attributes other than the profile's"
        )
    if signed_data.digest != ("sha512" if signed_data.kind in _WITH_SHA512 else "sha256"):
        raise DecodeError("document.cms_malformed", what="the digest algorithm")
    return signed_data, places


_form = lru_cache(maxsize=64)(_read_signature)


def read_timestamp_cms(data: bytes) -> SignedData:
    """Read the CMS of a time-stamp (RFC 3161 §2.4.2).

    Raises:
        DecodeError: ``document.cms_malformed``.
    """
    signed_data, attributes, _ = _read(data, content_type=der.TST_INFO, version=3)
    if not attributes.keys() & {der.SIGNING_CERTIFICATE, der.SIGNING_CERTIFICATE_V2}:
        raise DecodeError("document.cms_malformed", what="a time-stamp that names no certificate")
    if signed_data.timestamp is not None:
        raise DecodeError("document.cms_malformed", what="a time-stamp on a time-stamp")
    return signed_data


def _read(
    data: bytes, *, content_type: bytes, version: int
) -> tuple[SignedData, dict[bytes, DerNode], _Places]:
    outer = der.node(data, 0, len(data))
    if outer.tag != SEQUENCE or outer.end != len(data):
        raise DecodeError("document.cms_malformed", what="no CMS")
    content_info = der.children(data, outer)
    der.expect(content_info, OID, CONTEXT_0)
    if der.whole(data, content_info[0]) != der.SIGNED_DATA:
        raise DecodeError("document.cms_malformed", what="no signed data")
    parts = der.children(data, der.only(data, content_info[1], SEQUENCE))
    der.expect(parts, INTEGER, SET, SEQUENCE, CONTEXT_0, SET)
    if der.content(data, parts[0]) != bytes((version,)):
        raise DecodeError("document.cms_malformed", what="the version")
    digests = der.only(data, parts[1], SEQUENCE)
    content = _content(data, parts[2], content_type)
    certificates = der.children(data, parts[3])
    if not 0 < len(certificates) <= MAX_CERTIFICATES:
        raise DecodeError("document.cms_malformed", what="the number of certificates")
    fields = der.children(data, der.only(data, parts[4], SEQUENCE))
    timestamp = None
    if fields and fields[-1].tag == CONTEXT_1:
        timestamp = _timestamp(data, fields.pop())
    der.expect(fields, INTEGER, SEQUENCE, SEQUENCE, CONTEXT_0, SEQUENCE, OCTETS)
    if der.content(data, fields[0]) != b"\x01":
        raise DecodeError("document.cms_malformed", what="the signer info's version")
    digest = HASHES.get(_plain(data, fields[2], null=True))
    if digest is None or HASHES.get(_plain(data, digests, null=True)) != digest:
        raise DecodeError("document.cms_malformed", what="the digest algorithm")
    attributes = _attributes(data, fields[3], content_type)
    texts = [der.whole(data, certificate) for certificate in certificates]
    if any(
        certificate.tag != SEQUENCE or certificate.end - certificate.at > MAX_X509_BYTES
        for certificate in certificates
    ):
        raise DecodeError("document.cms_malformed", what="the certificates")
    signer = _signer(der.content(data, fields[1]), texts)
    kind = _check_algorithms(data, fields, attributes, digest)
    signer_x509 = texts.pop(signer)
    _check_named(data, attributes, signer_x509)
    message_digest = _octets(attributes, der.MESSAGE_DIGEST)
    signed, signature = fields[3], fields[5]
    signed_data = SignedData(
        signer=signer_x509,
        others=tuple(texts),
        kind=kind,
        digest=digest,
        message_digest=der.content(data, message_digest),
        # Signed as a SET, though sent with a context tag (RFC 5652 §5.4).
        signed=b"\x31" + data[signed.at + 1 : signed.end],
        signature=der.content(data, signature),
        content=content,
        timestamp=timestamp,
    )
    places = _Places(message_digest.body, message_digest.end, signed.at, signed.end, signature.body)
    return signed_data, attributes, places


def _content(data: bytes, encapsulated: DerNode, content_type: bytes) -> bytes:
    parts = der.children(data, encapsulated)
    der.expect(parts[:1], OID)
    if der.whole(data, parts[0]) != content_type:
        raise DecodeError("document.cms_malformed", what="the content type")
    if len(parts) == 1:
        return b""
    der.expect(parts[1:], CONTEXT_0)
    return der.content(data, der.only(data, parts[1], OCTETS))


def _plain(data: bytes, algorithm: DerNode, *, null: bool) -> bytes:
    """The OID of an algorithm identifier without parameters, or with NULL where that may be."""
    parts = der.children(data, algorithm)
    der.expect(parts[:1], OID)
    rest = data[parts[0].end : algorithm.end]
    if rest and not (null and rest == der.NULL):
        raise DecodeError("document.cms_malformed", what="parameters of an algorithm")
    return der.whole(data, parts[0])


def _attributes(data: bytes, attributes: DerNode, content_type: bytes) -> dict[bytes, DerNode]:
    """Values of the attributes by type: one value each, no type twice, in DER's order.

    They name the content's type again (RFC 5652 §11.1).
    """
    nodes = der.children(data, attributes)
    if not der.ascending(data, nodes):
        raise DecodeError("document.cms_malformed", what="the order of the attributes")
    values: dict[bytes, DerNode] = {}
    for attribute in nodes:
        pair = der.children(data, attribute)
        der.expect(pair, OID, SET)
        inside = der.children(data, pair[1])
        kind = der.whole(data, pair[0])
        if attribute.tag != SEQUENCE or len(inside) != 1 or kind in values:
            raise DecodeError("document.cms_malformed", what="an attribute twice")
        values[kind] = inside[0]
    named = values.get(der.CONTENT_TYPE)
    if named is None or der.whole(data, named) != content_type:
        raise DecodeError("document.cms_malformed", what="the content type attribute")
    return values


def _timestamp(data: bytes, unsigned: DerNode) -> bytes:
    pair = der.children(data, der.only(data, unsigned, SEQUENCE))
    der.expect(pair, OID, SET)
    if der.whole(data, pair[0]) != der.TIME_STAMP_TOKEN:
        raise DecodeError(
            "document.cms_malformed", what="unsigned attributes other than a time-stamp"
        )
    return der.whole(data, der.only(data, pair[1], SEQUENCE))


@lru_cache(maxsize=256)
def _issuer_and_serial(certificate: bytes) -> bytes:
    """Issuer and serial number of a certificate, each whole, one after the other."""
    whole = der.node(certificate, 0, len(certificate))
    parts = der.children(certificate, whole)
    der.expect(parts, SEQUENCE, SEQUENCE, BITS)
    fields = der.children(certificate, parts[0])
    der.expect(fields[:4], CONTEXT_0, INTEGER, SEQUENCE, SEQUENCE)
    return der.whole(certificate, fields[3]) + der.whole(certificate, fields[1])


def _signer(named: bytes, certificates: list[bytes]) -> int:
    """Which of the certificates the signer info names, by issuer and serial number."""
    places = [
        place
        for place, certificate in enumerate(certificates)
        if _issuer_and_serial(certificate) == named
    ]
    if len(places) != 1:
        raise DecodeError("document.cms_malformed", what="the signer's certificate")
    return places[0]


def _check_algorithms(
    data: bytes, fields: list[DerNode], attributes: dict[bytes, DerNode], digest: str
) -> str:
    """The kind of the signature algorithm, if algorithms agree with each other."""
    oid = _plain(data, fields[4], null=True)
    kind, own = _ALGORITHMS.get(oid, ("", ""))
    if kind != "rsa":
        _plain(data, fields[4], null=False)
    if not kind or (own or digest) != digest:
        raise DecodeError("document.cms_malformed", what="the signature algorithm")
    protection = attributes.get(der.CMS_ALGORITHM_PROTECTION)
    if protection is not None:
        pair = der.children(data, protection) if protection.tag == SEQUENCE else []
        der.expect(pair, SEQUENCE, CONTEXT_1)
        if (der.whole(data, pair[0]), der.content(data, pair[1])) != (
            der.whole(data, fields[2]),
            der.content(data, fields[4]),
        ):
            raise DecodeError(
                "document.cms_malformed", what="algorithms other than those protected"
            )
    return kind


def _octets(attributes: dict[bytes, DerNode], kind: bytes) -> DerNode:
    value = attributes.get(kind)
    if value is None or value.tag != OCTETS:
        raise DecodeError("document.cms_malformed", what="no message digest")
    return value


def _check_named(data: bytes, attributes: dict[bytes, DerNode], certificate: bytes) -> None:
    """ESS signing-certificate-v2, where there is one, names the certificate first.

    Further certificates and the policies (RFC 5035 §3) are SEQUENCEs that nobody reads.
    """
    value = attributes.get(der.SIGNING_CERTIFICATE_V2)
    if value is None:
        return
    names = der.children(data, value)
    identified = der.children(data, names[0]) if names else []
    tags = {value.tag, *(one.tag for one in (*names, *identified))}
    if not identified or len(names) > 2 or tags != {SEQUENCE}:  # noqa: PLR2004  # with policies
        raise DecodeError("document.cms_malformed", what="the certificate named")
    parts = der.children(data, identified[0])
    if parts and parts[0].tag == SEQUENCE:
        # A hash other than SHA-256, the default.
        hash_name = HASHES.get(_plain(data, parts.pop(0), null=True), "sha256")
        if hash_name == "sha256":
            raise DecodeError("document.cms_malformed", what="a default written out")
    else:
        hash_name = "sha256"
    der.expect(parts[:1], OCTETS)
    digest = hashlib.new(hash_name, certificate).digest()
    if der.content(data, parts[0]) != digest:
        raise DecodeError("document.cms_malformed", what="the certificate named")
    if len(parts) > 1:
        der.expect(parts[1:], SEQUENCE)
        pair = der.children(data, parts[1])
        der.expect(pair, SEQUENCE, INTEGER)
        issuer = der.content(data, der.only(data, pair[0], CONTEXT_0 + 4))
        if issuer + der.whole(data, pair[1]) != _issuer_and_serial(certificate):
            raise DecodeError("document.cms_malformed", what="the certificate named")
