"""The one reader and writer of DER (X.690 clause 10), and the object identifiers in use.

The reader walks once: definite minimal lengths, nothing between elements and nothing after.  It
works out where elements stand; no value is copied before it is asked for.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from etitle.errors import DecodeError

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BITS: Final = 0x03
OCTETS: Final = 0x04
OID: Final = 0x06
TIME: Final = 0x18
"""GeneralizedTime."""
SEQUENCE: Final = 0x30
SET: Final = 0x31
CONTEXT_0: Final = 0xA0
"""Context tag 0, constructed; the next ones count on from it."""
CONTEXT_1: Final = 0xA1

NULL: Final = b"\x05\x00"
TRUE: Final = b"\x01\x01\xff"

_SHORT: Final = 0x80
"""Lengths below have one byte; above, the low bits count the bytes that follow (8.1.3)."""
_MAX_LENGTH_BYTES: Final = 3
"""Bytes of a length: up to 16 MiB."""
_MULTIBYTE: Final = 0x1F
"""Tag numbers from 31 on take more bytes; no format here has them."""


# -- writing ---------------------------------------------------------------------------------------


def tlv(tag: int, *parts: bytes) -> bytes:
    """One element: its tag, the shortest form of its length, its content.

    >>> tlv(SEQUENCE, tlv(INTEGER, bytes([1]))).hex()
    '3003020101'
    """
    content = b"".join(parts)
    size = len(content)
    if size < _SHORT:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT | len(length))) + length + content


def set_of(tag: int, items: list[bytes]) -> bytes:
    """A SET OF: its elements in the order of their encodings (X.690 clause 11.6)."""
    return tlv(tag, *sorted(items))


def integer(number: int) -> bytes:
    """An INTEGER that is not negative.

    >>> integer(128).hex()
    '02020080'
    """
    return tlv(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER.

    >>> oid("1.2.840.113549.1.7.1").hex()
    '06092a864886f70d010701'
    """
    first, second, *rest = map(int, dotted.split("."))
    content = bytearray()
    for number in (40 * first + second, *rest):
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(number & 0x7F | 0x80)
        content += bytes(reversed(digits))
    return tlv(OID, bytes(content))


# -- object identifiers, each a whole element ------------------------------------------------------

# CMS (RFC 5652) and its attributes: RFC 5035, RFC 6211, RFC 3161.
DATA: Final = oid("1.2.840.113549.1.7.1")
SIGNED_DATA: Final = oid("1.2.840.113549.1.7.2")
CONTENT_TYPE: Final = oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST: Final = oid("1.2.840.113549.1.9.4")
CMS_ALGORITHM_PROTECTION: Final = oid("1.2.840.113549.1.9.52")
SIGNING_CERTIFICATE: Final = oid("1.2.840.113549.1.9.16.2.12")
SIGNING_CERTIFICATE_V2: Final = oid("1.2.840.113549.1.9.16.2.47")
TIME_STAMP_TOKEN: Final = oid("1.2.840.113549.1.9.16.2.14")
TST_INFO: Final = oid("1.2.840.113549.1.9.16.1.4")

# Hashes (RFC 5754 §2).
SHA256: Final = oid("2.16.840.1.101.3.4.2.1")
SHA384: Final = oid("2.16.840.1.101.3.4.2.2")
SHA512: Final = oid("2.16.840.1.101.3.4.2.3")

# Keys (RFC 3279, RFC 5480) and signatures (RFC 5754 §3).
RSA_ENCRYPTION: Final = oid("1.2.840.113549.1.1.1")
RSA_WITH_SHA256: Final = oid("1.2.840.113549.1.1.11")
RSA_WITH_SHA384: Final = oid("1.2.840.113549.1.1.12")
RSA_WITH_SHA512: Final = oid("1.2.840.113549.1.1.13")
EC_PUBLIC_KEY: Final = oid("1.2.840.10045.2.1")
P256: Final = oid("1.2.840.10045.3.1.7")
ECDSA_WITH_SHA256: Final = oid("1.2.840.10045.4.3.2")
ECDSA_WITH_SHA384: Final = oid("1.2.840.10045.4.3.3")
ECDSA_WITH_SHA512: Final = oid("1.2.840.10045.4.3.4")

# Keys and signatures alike (RFC 8410 §3, RFC 9881 §2).
ED25519: Final = oid("1.3.101.112")
ML_DSA_65: Final = oid("2.16.840.1.101.3.4.3.18")


# -- reading ---------------------------------------------------------------------------------------


class DerNode(NamedTuple):
    """One element: its tag, and where it, its content and its end stand in the data."""

    tag: int
    at: int
    body: int
    end: int


def node(data: bytes, at: int, end: int) -> DerNode:
    r"""The element that begins at a place and must end by another.

    Raises:
        DecodeError: ``document.cms_malformed`` for BER, an odd length or a missing end.

    >>> node(b"\x04\x01a", 0, 3)
    DerNode(tag=4, at=0, body=2, end=3)
    """
    body = at + 2
    if body > end:
        raise DecodeError("document.cms_malformed", what="an element without an end")
    tag, length = data[at], data[at + 1]
    if tag & _MULTIBYTE == _MULTIBYTE:
        raise DecodeError("document.cms_malformed", what="a tag of several bytes")
    if length >= _SHORT:
        count = length - _SHORT
        body += count
        if not 0 < count <= _MAX_LENGTH_BYTES or body > end:
            raise DecodeError("document.cms_malformed", what="a length that is not definite")
        length = int.from_bytes(data[at + 2 : body], "big")
        if length < _SHORT or length >> 8 * (count - 1) == 0:
            raise DecodeError("document.cms_malformed", what="a length that is not minimal")
    stop = body + length
    if stop > end:
        raise DecodeError("document.cms_malformed", what="an element without an end")
    return DerNode(tag, at, body, stop)


def children(data: bytes, parent: DerNode) -> list[DerNode]:
    """The elements of a constructed one; they fill it.

    Raises:
        DecodeError: ``document.cms_malformed``.
    """
    at, end = parent.body, parent.end
    nodes: list[DerNode] = []
    while at < end:
        child = node(data, at, end)
        nodes.append(child)
        at = child.end
    return nodes


def expect(nodes: list[DerNode], *tags: int) -> None:
    """Refuse elements of other tags than these, or another number of them.

    Raises:
        DecodeError: ``document.cms_malformed``.
    """
    if len(nodes) != len(tags) or any(
        element.tag != tag for element, tag in zip(nodes, tags, strict=False)
    ):
        raise DecodeError("document.cms_malformed", what="elements other than the profile's")


def only(data: bytes, parent: DerNode, tag: int) -> DerNode:
    """The one child of an element.

    Raises:
        DecodeError: ``document.cms_malformed``.
    """
    nodes = children(data, parent)
    expect(nodes, tag)
    return nodes[0]


def content(data: bytes, element: DerNode) -> bytes:
    """What an element holds."""
    return data[element.body : element.end]


def whole(data: bytes, element: DerNode) -> bytes:
    """An element with its tag and length."""
    return data[element.at : element.end]


def ascending(data: bytes, nodes: list[DerNode]) -> bool:
    """Whether the elements of a SET OF stand in DER's order (X.690 clause 11.6)."""
    texts = [data[element.at : element.end] for element in nodes]
    return texts == sorted(texts)
