"""Seal -> signed document: fill the one hole of a file that is complete but for its signature.

PAdES B-B without a time-stamp, B-T with one, B-LT with evidence beside it (EN 319 142-1); one
revision in every case (docs/spec clause 9).
"""

from __future__ import annotations

import hashlib
from typing import Final, Protocol

from etitle.errors import IssueError
from etitle.keys.seal import Seal
from etitle.pades import cms
from etitle.pades.dss import Evidence
from etitle.pades.prepared import prepare
from etitle.pdf import Unsigned

REASON: Final = "签发职称证书"
"""Why a document is signed, as viewers show it."""

_TRIES: Final = 3
"""A time-stamp may outgrow the room that the one before it left; then all is done again."""


class TimeStamper(Protocol):
    """Whoever gives time-stamps; over the network, ``etitle.pades.tsa.Tsa``."""

    def room_bytes(self) -> int:
        """Room to leave for a time-stamp."""
        ...

    def stamp(self, signature: bytes, *, near_s: int) -> bytes:
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
    tsa: TimeStamper | None = None,
    evidence: Evidence | None = None,
    reason: str | None = REASON,
) -> bytes:
    """Sign a document.

    Args:
        unsigned: the page and all that belongs to it.
        seal: who signs.
        signing_time_s: /M, seconds since 1970 UTC; the seal's certificate must be valid then.
        tsa: puts a time-stamp on the signature (B-T); None for B-B.
        evidence: written into the file before it is signed (B-LT); needs a time-stamp.
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
    if evidence is not None and tsa is None:
        raise IssueError("sign.evidence_without_time")
    frame = cms.prepare(seal)
    for _ in range(_TRIES):
        stamp_bytes = 0 if tsa is None else tsa.room_bytes()
        limit = frame.max_bytes(stamp_bytes=stamp_bytes)
        prepared = prepare(
            unsigned,
            2 * limit,
            name=seal.name,
            reason=reason,
            signing_time_s=signing_time_s,
            evidence=evidence,
        )
        state = hashlib.new(frame.hash, prepared.before)
        state.update(prepared.after)
        signed = frame.sign(state.digest())
        stamp = None if tsa is None else tsa.stamp(signed.signature, near_s=signing_time_s)
        if stamp is None or len(stamp) <= stamp_bytes:
            return prepared.file(signed.encode(stamp))
    raise IssueError("sign.stamp_outgrew", count=_TRIES)
