"""Signed document -> archived document: one more revision for long-term validation.

PAdES B-LTA (EN 319 142-1): validation data for its signatures and time-stamps, and a time-stamp
over the whole file so far.  Augment it again before the certificate of that time-stamp expires
(docs/spec clause 9.10).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from etitle.errors import DecodeError, IssueError
from etitle.pades import signeddata
from etitle.pades.archived import base_of, read_archived
from etitle.pades.byterange import find_byte_range
from etitle.pades.dss import ValidationData
from etitle.pades.revision import MAX_REVISIONS, AugmentationBase, build_revision
from etitle.pades.sign import TimestampAuthority
from etitle.pades.structure import read_strict

_TRIES: Final = 4
"""The first time-stamp shows which certificates belong to it, and one may outgrow its room."""


def augment(
    pdf: bytes, *, validation_data: ValidationData, tsa: TimestampAuthority, now_s: int
) -> bytes:
    """Append one archival revision to a signed document; its own bytes stay as they are.

    Whether the document is right is not asked: verify it first.

    Args:
        pdf: a document as ``sign_document`` makes it, or one that was augmented before.
        validation_data: certificates, CRLs and OCSP responses for the signatures and time-stamps
            so far, each DER; at least one.  The certificates that come with the new time-stamp
            join them.
        tsa: puts a time-stamp on the whole file.
        now_s: about when it is now, seconds since 1970 UTC.

    Returns:
        The whole file: ``pdf`` and the revision after it.

    Raises:
        IssueError: ``sign.archive_shape`` for any other file, ``sign.archive_full`` after
            ``MAX_REVISIONS``, ``sign.archive_evidence`` for validation data that is empty, no DER
            or holds the words of a signature, ``sign.stamp_outgrew``, or what the TSA raises.
    """
    base = _base(pdf)
    if base.revisions >= MAX_REVISIONS:
        raise IssueError("sign.archive_full", limit=MAX_REVISIONS)
    for _ in range(_TRIES):
        digits = 2 * tsa.room_bytes()
        try:
            prepared = build_revision(base, validation_data, digits)
        except DecodeError:
            raise IssueError("sign.archive_evidence") from None
        timestamp = tsa.timestamp(b"".join((pdf, prepared.before, prepared.after)), near_s=now_s)
        joined = tuple(
            x509
            for x509 in signeddata.read_timestamp_cms(timestamp).others
            if x509 not in validation_data.x509s
        )
        if joined:
            # A byte of a certificate in the token that nothing signs could change unseen.
            validation_data = replace(validation_data, x509s=(*validation_data.x509s, *joined))
        elif 2 * len(timestamp) <= digits:
            filled = timestamp.hex().encode().ljust(digits, b"0")
            augmented = b"".join((pdf, prepared.before, b"<", filled, b">", prepared.after))
            archived = read_archived(augmented)
            if archived is None or archived.base != prepared.base:
                raise IssueError("sign.archive_evidence")
            return augmented
    raise IssueError("sign.stamp_outgrew", count=_TRIES)


def _base(pdf: bytes) -> AugmentationBase:
    archived = read_archived(pdf)
    try:
        original = pdf if archived is None else archived.original
        byte_range = find_byte_range(pdf) if archived is None else archived.byte_range
        read_strict(original, byte_range)
        base = base_of(original) if archived is None else archived.base
        # A catalog that can't be amended is found before a time-stamp is requested.
        build_revision(replace(base, revisions=0), ValidationData((b"\x30\x00",)), 2)
    except DecodeError as error:
        raise IssueError("sign.archive_shape", what=str(error.details["what"])) from None
    return base
