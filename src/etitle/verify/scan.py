"""A PDF without a signature -> the verdict on the one certificate code in its pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from etitle.token.scanned import page_images
from etitle.verdict import Check, CheckId, Judged, Outcome, Reason, Verdict
from etitle.verify.checks.answers import unknown
from etitle.verify.mint import remint
from etitle.verify.picture import verify_image
from etitle.verify.token import verdict_without_token

if TYPE_CHECKING:
    from etitle.verify.question import Question

_UNSIGNED: Final = Check(CheckId.STRUCTURE, Outcome.PASS, Reason.UNSIGNED)


def verify_scan(pdf: bytes, question: Question) -> Verdict:
    """Judge a scanned PDF by its pictures (docs/spec clause 9.9); total for any bytes.

    Returns:
        The verdict of ``verify_image`` on the one picture with a certificate code, preceded by the
        check ``structure``, which says that there was no signature.
    """
    structure = _UNSIGNED
    if question.policy.require is Judged.DOCUMENT:
        structure = unknown(CheckId.STRUCTURE, Reason.PAGE_NOT_JUDGED)
        question = replace(question, policy=replace(question.policy, require=Judged.CODE))
    images = page_images(pdf)
    verdicts = [verify_image(image, question) for image in images.files]
    read = [one for one in verdicts if one.checks[0].outcome is not Outcome.UNKNOWN]
    several = [one for one in verdicts if one.checks[0].reason is Reason.SEVERAL_CODES]
    if several or len({repr((one.claimed, one.checks)) for one in read}) > 1:
        found = unknown(CheckId.READ, Reason.SEVERAL_CODES)
        verdict = verdict_without_token([found], question)
    elif read:
        verdict = read[0]
    elif verdicts:
        reasons = [one.checks[0].reason for one in verdicts]
        ours = Reason.NOT_OURS if Reason.NOT_OURS in reasons else reasons[0]
        verdict = verdicts[reasons.index(ours)]
    else:
        reason = Reason.UNREADABLE if images.unread else Reason.NOTHING_FOUND
        found = unknown(CheckId.READ, reason, images.unread)
        verdict = verdict_without_token([found], question)
    return remint(verdict, checks=(structure, *verdict.checks), also_demanded=(CheckId.STRUCTURE,))
