"""The frame of a token in a QR code (docs/spec clause 4.2), and its expansion to COSE_Sign1."""

from __future__ import annotations

import zlib
from functools import cache, lru_cache
from hashlib import sha256
from importlib import resources
from typing import Final

from etitle import canon, cose
from etitle.certificate import payload as payload_codec
from etitle.certificate.model import Certificate
from etitle.certificate.payload import MAX_PAYLOAD_BYTES
from etitle.errors import DecodeError
from etitle.keys.public import KID_BYTES
from etitle.keys.signer import Signer
from etitle.keys.suite import BY_FRAME

DICTIONARIES: Final = {1: "05c2e108aeb5371b739f526a061b86ec8a52b4e5bf044d689311c186cd4576ef"}
"""SHA-256 of each preset dictionary, ``dict<number>.bin``; immutable (clause 4.3)."""

CURRENT_DICTIONARY: Final = 1

_LABEL: Final = "etitle-token-1"
_SIGNATURE_BYTES: Final = 64
_HEAD_BYTES: Final = 1 + KID_BYTES
MIN_FRAME_BYTES: Final = _HEAD_BYTES + 1 + _SIGNATURE_BYTES
MAX_FRAME_BYTES: Final = _HEAD_BYTES + MAX_PAYLOAD_BYTES + 31 + _SIGNATURE_BYTES
"""Bytes; a deflated payload is at most 31 bytes longer than the payload."""


@cache
def dictionary(number: int) -> bytes:
    """The bytes of a preset dictionary.

    Raises:
        DecodeError: ``token.format_unknown`` for a number that was never published, and
            ``token.dictionary_damaged`` when the installed file is not the published one.
    """
    expected = DICTIONARIES.get(number)
    if expected is None:
        raise DecodeError("token.format_unknown", format=f"dictionary {number}")
    data = resources.files("etitle.token").joinpath(f"dict{number}.bin").read_bytes()
    if sha256(data).hexdigest() != expected:
        raise DecodeError("token.dictionary_damaged", number=number)
    return data


def pack(token: cose.Sign1) -> bytes:
    """The frame of a token.

    Args:
        token: headers {alg, kid} only.

    Raises:
        DecodeError: ``token.frame_malformed`` where no frame expands to the token.
    """
    if token.typ is not None or len(token.kid) != KID_BYTES:
        raise DecodeError("token.frame_malformed", what="headers other than {alg, kid}")
    if len(token.signature) != _SIGNATURE_BYTES or len(token.payload) > MAX_PAYLOAD_BYTES:
        raise DecodeError("token.frame_malformed", what="signature or payload length")
    deflater = zlib.compressobj(
        9, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zdict=dictionary(CURRENT_DICTIONARY)
    )
    deflated = deflater.compress(token.payload) + deflater.flush()
    head = token.suite.frame << 4 | CURRENT_DICTIONARY
    return bytes((head,)) + token.kid + deflated + token.signature


def unpack(frame: bytes) -> cose.Sign1:
    """Expand a frame to its COSE_Sign1; nothing in it is verified yet.

    Raises:
        DecodeError: ``token.format_unknown``, ``token.frame_malformed``, or ``token.incomplete``
            where the end is lost.
    """
    if not frame:
        raise DecodeError("token.frame_malformed", what="no bytes")
    suite = BY_FRAME.get(frame[0] >> 4)
    number = frame[0] & 0x0F
    if suite is None or number not in DICTIONARIES:
        raise DecodeError("token.format_unknown", format=f"0x{frame[0]:02x}")
    if not MIN_FRAME_BYTES <= len(frame) <= MAX_FRAME_BYTES:
        raise _fault(frame, f"{len(frame)} bytes")
    try:
        payload, rest = _inflate(frame[_HEAD_BYTES:-_SIGNATURE_BYTES], number)
    except zlib.error:
        raise _fault(frame, "not a DEFLATE stream") from None
    if rest != b"":
        raise _fault(frame, "the DEFLATE stream's length")
    kid = frame[1:_HEAD_BYTES]
    protected = cose.protected_header(suite, kid)
    return cose.Sign1(suite, kid, None, protected, payload, frame[-_SIGNATURE_BYTES:])


def _inflate(data: bytes, number: int) -> tuple[bytes, bytes | None]:
    """A payload, and what follows its stream; None where the stream does not end within the cap."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS, zdict=dictionary(number))
    payload = inflater.decompress(data, MAX_PAYLOAD_BYTES)
    if not inflater.eof:
        # A stream that fits the cap to the byte still owes its end-of-block code.
        payload += inflater.decompress(inflater.unconsumed_tail, 1)
    ended = inflater.eof and len(payload) <= MAX_PAYLOAD_BYTES
    return payload, inflater.unused_data if ended else None


def _fault(frame: bytes, what: str) -> DecodeError:
    """What is wrong with a frame: it lost its end (clause 4.2.4), or anything else."""
    try:
        payload, rest = _inflate(frame[_HEAD_BYTES:], frame[0] & 0x0F)
    except zlib.error:
        return DecodeError("token.frame_malformed", what=what)
    if len(payload) <= MAX_PAYLOAD_BYTES and (rest is None or len(rest) < _SIGNATURE_BYTES):
        return DecodeError("token.incomplete")
    return DecodeError("token.frame_malformed", what=what)


@lru_cache(maxsize=256)
def binding(authority_id: str) -> bytes:
    """The external_aad of an authority's tokens (docs/spec clause 3.4.1).

    So a token speaks for one authority only: another that publishes the same key gains nothing.

    >>> binding("sample").hex()
    '826e657469746c652d746f6b656e2d316673616d706c65'
    """
    return canon.encode((_LABEL, authority_id))


def sig_structure(token: cose.Sign1, *, authority_id: str) -> bytes:
    """What an authority's key signs of a token (docs/spec clause 3.4.1)."""
    return token.to_be_signed(external_aad=binding(authority_id))


def sign(certificate: Certificate, *, signer: Signer, authority_id: str) -> cose.Sign1:
    """Sign a certificate as a token of an authority.

    Args:
        certificate: what is certified.
        signer: a key of the authority.
        authority_id: of its bundle.

    Raises:
        FieldError: ``certificate.payload_refused``.
        SignerError: the signer's own.
    """
    return cose.sign1(
        payload_codec.encode(certificate), signer=signer, external_aad=binding(authority_id)
    )
