"""The time-stamps of a document's archival revisions -> one check (docs/spec clause 9.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etitle.errors import DecodeError
from etitle.pades import signeddata, timestamp, verification
from etitle.verdict import Check, CheckId, Reason
from etitle.verify.checks.answers import PASSED, fail, unknown
from etitle.verify.question import CLOCK_SKEW_S, Question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etitle.pades.archived import ArchivalRevision


def check_archive(
    pdf: bytes, revisions: Sequence[ArchivalRevision], question: Question
) -> tuple[Check, int | None]:
    """Clause 9.10.4, *archive*: every document time-stamp is right, in order, and trusted.

    Args:
        pdf: the whole file.
        revisions: at least one, their shape proved.
        question: as of when, and whose time-stamps count.

    Returns:
        The check; and the time of the first time-stamp, seconds since 1970 UTC, if it passed.
    """
    times_s: list[int] = []
    doubt: Check | None = None
    for place, revision in enumerate(revisions, 1):
        content = revision.byte_range.contents
        try:
            moment = timestamp.read_timestamp(signeddata.split(content), revision.covered(pdf))
        except DecodeError as error:
            if verification.needs_missing_algorithm(
                content
            ):  # clause 9.4.1: right and wrong look alike here
                doubt = doubt or unknown(CheckId.ARCHIVE, Reason.ALGORITHM_MISSING, "ML-DSA-65")
                continue
            return _bad(place, str(error.details["what"])), None
        wrong = _wrong(moment, revision, times_s)
        if wrong:
            return _bad(place, wrong), None
        times_s.append(moment.at_s)
        if doubt is None and moment.x509 not in question.policy.tsas:
            doubt = unknown(CheckId.ARCHIVE, Reason.STAMPER_UNKNOWN, f"archive-{place}")
        if doubt is None and moment.at_s > question.at_s + CLOCK_SKEW_S:
            doubt = unknown(CheckId.ARCHIVE, Reason.ARCHIVED_IN_FUTURE, f"archive-{place}")
    if doubt is not None:
        return doubt, None
    return PASSED[CheckId.ARCHIVE], times_s[0]


def _bad(place: int, what: str) -> Check:
    return fail(CheckId.ARCHIVE, Reason.TIMESTAMP_BAD, f"archive-{place}: {what}")


def _wrong(
    moment: timestamp.TimestampToken, revision: ArchivalRevision, times_s: Sequence[int]
) -> str:
    """Why a time-stamp that verified is refused; empty where it is accepted."""
    if not set(moment.others) <= set(revision.x509s):
        # Only what the time-stamp covers is fixed to the byte.
        return "certificates that are not among the evidence"
    if times_s and moment.at_s < times_s[-1] - CLOCK_SKEW_S:
        return "earlier than the one before"
    return ""
