"""Seal -> signed document: fill the one gap of a file that lacks only its signature.

PAdES B-B without a time-stamp, B-T with one, B-LT with evidence beside it (EN 319 142-1); one
revision in every case (docs/spec clause 9).
"""

from __future__ import annotations

import hashlib
from typing import Final, Protocol

from etitle.errors import IssueError
from etitle.keys.seal import Seal
from etitle.pades import cms
from etitle.pades.dss import ValidationData
from etitle.pades.prepared import prepare
from etitle.pdf import Unsigned

REASON: Final = "签发职称证书"
"""Why a document is signed, as viewers show it."""

_TRIES: Final = 3
"""A time-stamp may outgrow the room planned from the last one; then signing starts again."""


class TimestampAuthority(Protocol):
    """Whoever gives time-stamps; over the network, ``etitle.pades.tsa.TsaClient``."""

    def room_bytes(self) -> int:
        """Room to leave for a time-stamp."""
        ...

    def timestamp(self, signature: bytes, *, near_s: int) -> bytes:
        """A checked time-stamp token (RFC 3161), DER.

        Args:
            signature: what it shall speak of: the value of a signature, or what a document
                time-stamp covers of its file.
            near_s: the time that the document claims, seconds since 1970 UTC.
        """
        ...


def sign_document(  # noqa: PLR0913  # what a signature says, each by name
    unsigned: Unsigned,
    *,
    seal: Seal,
    signing_time_s: int,
    tsa: TimestampAuthority | None = None,
    validation_data: ValidationData | None = None,
    reason: str | None = REASON,
) -> bytes:
    """Sign a document.

    Args:
        unsigned: the page and all that belongs to it.
        seal: who signs.
        signing_time_s: /M, seconds since 1970 UTC; the seal's certificate must be valid then.
        tsa: puts a time-stamp on the signature (B-T); None for B-B.
        validation_data: written into the file before it is signed (B-LT); needs a time-stamp.
        reason: as viewers show it.

    Returns:
        The whole file.

    Raises:
        IssueError: ``sign.seal_not_in_window``, ``sign.evidence_without_time``,
            ``sign.stamp_outgrew``, or what the time-stamper raises.
        SignerError: ``keys.pkcs11_failed``.
    """
    if not seal.not_before_s <= signing_time_s <= seal.not_after_s:
        raise IssueError("sign.seal_not_in_window", name=seal.name)
    if validation_data is not None and tsa is None:
        raise IssueError("sign.evidence_without_time")
    template = cms.prepare(seal)
    for _ in range(_TRIES):
        timestamp_bytes = 0 if tsa is None else tsa.room_bytes()
        limit = template.max_bytes(timestamp_bytes=timestamp_bytes)
        prepared = prepare(
            unsigned,
            2 * limit,
            name=seal.name,
            reason=reason,
            signing_time_s=signing_time_s,
            validation_data=validation_data,
        )
        state = hashlib.new(template.hash, prepared.before)
        state.update(prepared.after)
        signed = template.sign(state.digest())
        timestamp = None if tsa is None else tsa.timestamp(signed.signature, near_s=signing_time_s)
        if timestamp is None or len(timestamp) <= timestamp_bytes:
            return prepared.file(signed.encode(timestamp))
    raise IssueError("sign.stamp_outgrew", count=_TRIES)
