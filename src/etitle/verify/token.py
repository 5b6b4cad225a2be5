"""One token -> one verdict; total for any text and any bytes.

The steps of clause 8.3.9.  After the fifth, each key under which the signature verified is judged
by itself, and the worst verdict counts (clause 3.4.3):

(1) ``read``: there is one certificate code
(2) ``frame``: it expands to a token
(3) ``payload``: canonical and whole
(4) ``signer``: a key of a trusted bundle, of the suite named
(5) ``signature``: it verifies, in its one form
(6) ``use``: the key may sign tokens
(7) ``window``: issued in the key's days
(8) ``compromise``: the key is good, or the token rescued
(9) ``segment``: the number belongs to the approving body
(10) ``bundle``: recent enough
(11) ``holder``: where one is named
(12) ``list``, ``freshness``, ``coverage``, ``standing``
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etitle.trust.bundle import KeyUse, url_for
from etitle.verdict import (
    TOKEN_DEMANDS,
    UNKNOWN_STANDING,
    Check,
    CheckId,
    Judged,
    Reason,
    Summary,
    Verdict,
)
from etitle.verify.checks import token as ask
from etitle.verify.checks.answers import NOT_CHECKED, PASSED, unknown
from etitle.verify.mint import mint, remint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etitle.certificate.model import Certificate
    from etitle.cose import Sign1
    from etitle.trust.anchors import Candidate
    from etitle.verify.question import Holder, Question

MAX_TOKEN_BYTES: Final = ask.MAX_TOKEN_BYTES

_DEMANDED: Final = {False: TOKEN_DEMANDS, True: TOKEN_DEMANDS | {CheckId.HOLDER}}
"""Without and with a holder who is named."""

_NO_PAGE: Final = unknown(CheckId.STRUCTURE, Reason.PAGE_NOT_JUDGED)

_WORST_FIRST: Final = (
    Summary.INVALID,
    Summary.NOT_IN_FORCE,
    Summary.INDETERMINATE,
    Summary.VALID,
)


def verify_token(code: str | bytes, question: Question) -> Verdict:
    """Judge one token (docs/spec clause 8).

    Args:
        code: a code text of any form of clause 4.4, or the bytes of a tagged COSE_Sign1.
        question: whom to trust, as of when, and what is demanded.

    Returns:
        A verdict for any input; hostile input never raises.
    """
    # (1) read
    read, data = ask.check_read(code, question.trust)
    if data is None:
        return verdict_without_token([read], question)
    # (2) frame
    framed = ask.check_frame(data) if isinstance(code, str) else ask.check_tagged(data)
    return _as_required(_judge(read, *framed, question), question)


def verify_frame(data: bytes, question: Question) -> Verdict:
    """Judge the frame of a code text that was read (docs/spec clause 4.2)."""
    return _as_required(_judge(PASSED[CheckId.READ], *ask.check_frame(data), question), question)


def _judge(read: Check, framed: Check, token: Sign1 | None, question: Question) -> Verdict:
    if token is None:
        return _without_token([read, framed], question)
    # (3) payload
    payload, certificate = ask.check_payload(token)
    # (4) signer, (5) signature
    signer, signature, candidates = ask.check_signature(token, trust=question.trust)
    found = (read, framed, payload, signer, signature)
    if not candidates:
        return mint(
            _completed(found, question),
            demanded=_DEMANDED[question.holder is not None],
            at_s=question.at_s,
            claimed=certificate,
            url="" if certificate is None else certificate.url or "",
        )
    verdicts = [_judge_under(key, token, certificate, found, question) for key in candidates]
    return verdicts[0] if len(verdicts) == 1 else min(verdicts, key=rank)


def verdict_without_token(found: Sequence[Check], question: Question) -> Verdict:
    """The verdict on an input that gave no token: the checks found, the others not checked."""
    return _as_required(_without_token(found, question), question)


def _without_token(found: Sequence[Check], question: Question) -> Verdict:
    return mint(
        _completed(found, question),
        demanded=_DEMANDED[question.holder is not None],
        at_s=question.at_s,
    )


def _as_required(verdict: Verdict, question: Question) -> Verdict:
    """The verdict on a code, also where nothing but a document is taken (clause 8.3)."""
    if question.policy.require is Judged.CODE:
        return verdict
    return remint(verdict, checks=(_NO_PAGE, *verdict.checks), also_demanded=(CheckId.STRUCTURE,))


def rank(verdict: Verdict) -> int:
    """Where two authorities publish one key, the worst answer counts (clause 3.4.3)."""
    return _WORST_FIRST.index(verdict.summary)


def _completed(found: Sequence[Check], question: Question) -> tuple[Check, ...]:
    """The checks found, and those of a code that were not reached, as not checked."""
    wanted = _DEMANDED[question.holder is not None] - {check.id for check in found}
    return (*found, *(NOT_CHECKED[check] for check in CheckId if check in wanted))


def _judge_under(
    candidate: Candidate,
    token: Sign1,
    certificate: Certificate | None,
    before: tuple[Check, ...],
    question: Question,
) -> Verdict:
    """Steps 6 to 12 under one key whose signature verified."""
    # (6) use, (8) compromise, (10) bundle: asked of an unread payload too
    use = ask.check_use(candidate, KeyUse.TOKEN)
    compromise = ask.check_compromise(token, candidate)
    bundle = ask.check_bundle(candidate, question)
    standing, url = UNKNOWN_STANDING, ""
    if certificate is None:
        window, segment = NOT_CHECKED[CheckId.WINDOW], NOT_CHECKED[CheckId.SEGMENT]
        found = (*before, use, window, compromise, segment, bundle)
        checks = _completed(found, question)
    else:
        # (7) window, (9) segment
        window = ask.check_window(certificate, candidate, at_s=question.at_s)
        segment = ask.check_segment(certificate, candidate)
        # (11) holder
        holder = _check_holder(certificate, question.holder)
        # (12) list, freshness, coverage, standing
        listed, standing = ask.check_standing(certificate, candidate, question)
        checks = (*before, use, window, compromise, segment, bundle, *holder, *listed)
        url = certificate.url or url_for(candidate.anchor.bundle, certificate.number)
    return mint(
        checks,
        demanded=_DEMANDED[question.holder is not None],
        at_s=question.at_s,
        standing=standing,
        authority=candidate.anchor.who,
        example=candidate.anchor.bundle.example,
        claimed=certificate,
        url=url,
    )


def _check_holder(certificate: Certificate, holder: Holder | None) -> tuple[Check, ...]:
    if holder is None:
        return ()
    from etitle.verify.checks.holder import check_holder  # noqa: PLC0415  # only when demanded

    return (check_holder(certificate, holder),)
