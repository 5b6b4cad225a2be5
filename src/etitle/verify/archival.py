"""The time-stamps of a document's archival revisions -> one check (docs/spec clause 9.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from etitle.errors import DecodeError
from etitle.pdf import clock, envelope
from etitle.verdict import Check, CheckId, Reason
from etitle.verify.checks import PASSED, fail, unknown
from etitle.verify.policy import CLOCK_SKEW_S, Policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etitle.pdf.revision import Revision


def check_archive(
    pdf: bytes, revisions: Sequence[Revision], *, at_s: int, policy: Policy
) -> tuple[Check, int | None]:
    """Clause 9.10, *archive*: every document time-stamp is right, in order, and believed.

    Args:
        pdf: the whole file.
        revisions: at least one, their shape proved.
        at_s: the time of the verdict, seconds since 1970 UTC.
        policy: whose time-stamps count.

    Returns:
        The check; and the time of the first time-stamp, seconds since 1970 UTC, if it passed.
    """
    times_s: list[int] = []
    doubt: Check | None = None
    for place, revision in enumerate(revisions, 1):
        try:
            moment = _moment(pdf, revision)
            if times_s and moment.at_s < times_s[-1] - CLOCK_SKEW_S:
                _reject("earlier than the one before")
        except DecodeError as error:
            what = f"archive-{place}: {error.details['what']}"
            return fail(CheckId.ARCHIVE, Reason.TIMESTAMP_BAD, what), None
        times_s.append(moment.at_s)
        if doubt is None and moment.x509 not in policy.tsas:
            doubt = unknown(CheckId.ARCHIVE, Reason.STAMPER_UNKNOWN, f"archive-{place}")
        if doubt is None and moment.at_s > at_s + CLOCK_SKEW_S:
            doubt = unknown(CheckId.ARCHIVE, Reason.ARCHIVED_IN_FUTURE, f"archive-{place}")
    if doubt is not None or not times_s:
        return doubt or unknown(CheckId.ARCHIVE, Reason.NOT_CHECKED), None
    return PASSED[CheckId.ARCHIVE], times_s[0]


def _moment(pdf: bytes, revision: Revision) -> clock.Moment:
    moment = clock.read_moment(envelope.split(revision.hole.content), revision.covered(pdf))
    if not clock.is_stamper(moment.x509):
        _reject("by a certificate that is no time-stamper's")
    if not set(moment.others) <= set(revision.x509s):
        # Only what the time-stamp covers is fixed to the byte.
        _reject("certificates that are not among the evidence")
    return moment


def _reject(what: str) -> NoReturn:
    raise DecodeError("document.cms_malformed", what=what)
