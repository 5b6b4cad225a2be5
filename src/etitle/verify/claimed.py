"""Whose certificates a file claims to be that was damaged on its way; nothing of it is believed."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Final

from etitle.certificate.model import Certificate
from etitle.cose import Sign1, parse_sign1
from etitle.errors import DecodeError
from etitle.verify.checks.token import check_payload, signers_of
from etitle.verify.token import MAX_TOKEN_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from etitle.trust.anchors import Trust

_STREAM: Final = re.compile(rb"(?<!end)stream\r?\n")
_TAGGED: Final = b"\xd2\x84"
"""A tagged COSE_Sign1 begins so (RFC 9052 §2)."""
_MAX_STREAMS: Final = 1_000


def claimed_by(pdf: bytes) -> tuple[Certificate, ...]:
    """The different certificates of the tokens that a file carries as streams, in order."""
    found = [check_payload(token)[1] for token in _tokens(pdf)]
    return tuple(dict.fromkeys(one for one in found if one is not None))


def signed_for(pdf: bytes, trust: Trust) -> frozenset[str]:
    """The ids of the authorities for whom the tokens in a file are signed; nobody is read."""
    found: set[str] = set()
    for token in _tokens(pdf):
        found |= signers_of(token, trust)
    return frozenset(found)


def _tokens(pdf: bytes) -> Iterator[Sign1]:
    """The tokens that a file carries as streams."""
    for data in _streams(pdf):
        try:
            token = parse_sign1(data, max_bytes=MAX_TOKEN_BYTES)
        except DecodeError:
            continue
        yield token


def _streams(pdf: bytes) -> Iterator[bytes]:
    """What may be a token: short streams, as they stand or deflated."""
    for number, begin in enumerate(_STREAM.finditer(pdf)):
        if number >= _MAX_STREAMS:
            return
        end = pdf.find(b"endstream", begin.end(), begin.end() + 2 * MAX_TOKEN_BYTES)
        if end < 0:
            continue
        data = pdf[begin.end() : end]
        if not data.startswith(_TAGGED):
            inflater = zlib.decompressobj()
            try:
                data = inflater.decompress(data, MAX_TOKEN_BYTES)
            except zlib.error:
                continue
        if data.startswith(_TAGGED):
            for spare in (b"\r\n", b"\n", b""):
                yield data.removesuffix(spare)
