"""One token -> one verdict; total for any text and any bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etitle import cose
from etitle.certificate import payload
from etitle.errors import DecodeError, FieldError
from etitle.keys.public import KID_BYTES
from etitle.token import frame, text
from etitle.trust.bundle import KeyUse, url_for
from etitle.verdict import (
    DOCUMENT_CHECKS,
    TOKEN_DEMANDS,
    UNKNOWN_STANDING,
    Check,
    CheckId,
    Reason,
    Summary,
    Verdict,
)
from etitle.verify import checks as ask
from etitle.verify.checks import PASSED, fail, left, unknown
from etitle.verify.mint import mint

if TYPE_CHECKING:
    from etitle.certificate.model import Certificate
    from etitle.trust.anchors import Candidate
    from etitle.verify.question import Holder, Question

MAX_TOKEN_BYTES = 2048
"""Bytes of a tagged COSE_Sign1 token; the largest legal one has 1110."""

_ORDER = tuple(check for check in CheckId if check not in DOCUMENT_CHECKS)
_WITHOUT_HOLDER = tuple(check for check in _ORDER if check is not CheckId.HOLDER)


def verify_token(code: str | bytes, question: Question) -> Verdict:
    """Judge one token (docs/spec clause 8).

    Args:
        code: a code text of any form of clause 4.4, or the bytes of a tagged COSE_Sign1.
        question: whom to believe, as of when, and what is demanded.

    Returns:
        A verdict for any input whatever; hostile input never raises.
    """
    found: list[Check] = []
    try:
        token = _read(code, found)
        return _judge(token, found, question)
    except _Stop:
        return unread(found, question)


class _Stop(Exception):  # noqa: N818  # a jump, not an error
    """Nothing more can be read."""


_DEMANDED = {False: TOKEN_DEMANDS, True: TOKEN_DEMANDS | {CheckId.HOLDER}}


def demanded_by(question: Question) -> frozenset[CheckId]:
    """What is demanded of a code, and of its holder where one is named."""
    return _DEMANDED[question.holder is not None]


def unread(found: list[Check], question: Question) -> Verdict:
    """The verdict on an input that gave no token: the checks found, the others left."""
    done = {check.id for check in found}
    wanted = _ORDER if question.holder is not None else _WITHOUT_HOLDER
    rest = left(check for check in wanted if check not in done)
    return mint((*found, *rest), demanded=demanded_by(question), at_s=question.at_s)


def _read(code: str | bytes, found: list[Check]) -> cose.Sign1:
    if isinstance(code, bytes):
        if not code.startswith(cose.SIGN1_TAG):
            reason = Reason.NOT_OURS if code else Reason.NOTHING_FOUND
            found.append(unknown(CheckId.READ, reason))
            raise _Stop
        found.append(PASSED[CheckId.READ])
        try:
            token = cose.parse_sign1(code, max_bytes=MAX_TOKEN_BYTES)
        except DecodeError as error:
            if error.code == "cose.algorithm_unknown":  # newer, as an unknown format byte is
                found.append(unknown(CheckId.FRAME, Reason.FORMAT_UNKNOWN, error.code))
                raise _Stop from None
            found.append(fail(CheckId.FRAME, Reason.FRAME_MALFORMED, error.code))
            raise _Stop from None
        if token.typ is not None or len(token.kid) != KID_BYTES:
            found.append(fail(CheckId.FRAME, Reason.FRAME_MALFORMED, "cose.malformed"))
            raise _Stop
        found.append(PASSED[CheckId.FRAME])
        return token
    try:
        framed = text.to_frame(code)
    except DecodeError as error:
        if error.code == "token.not_ours":
            empty = not code.strip()
            reason = Reason.NOTHING_FOUND if empty else Reason.NOT_OURS
            found.append(unknown(CheckId.READ, reason))
        else:
            found.append(fail(CheckId.READ, Reason.TEXT_MALFORMED, error.code))
        raise _Stop from None
    found.append(PASSED[CheckId.READ])
    try:
        token = frame.unpack(framed)
    except DecodeError as error:
        if error.code == "token.frame_malformed":
            found.append(fail(CheckId.FRAME, Reason.FRAME_MALFORMED, error.code))
        else:
            found.append(unknown(CheckId.FRAME, Reason.FORMAT_UNKNOWN, error.code))
        raise _Stop from None
    found.append(PASSED[CheckId.FRAME])
    return token


def _judge(token: cose.Sign1, found: list[Check], question: Question) -> Verdict:
    certificate: Certificate | None = None
    try:
        certificate = payload.decode(token.payload)
    except (DecodeError, FieldError) as error:
        if error.code == "certificate.version_unknown":
            found.append(unknown(CheckId.PAYLOAD, Reason.VERSION_UNKNOWN, error.code))
        else:
            found.append(fail(CheckId.PAYLOAD, Reason.PAYLOAD_MALFORMED, error.code))
    else:
        found.append(PASSED[CheckId.PAYLOAD])
    signer, signature, candidates = ask.check_signature(token, trust=question.trust)
    found += (signer, signature)
    if not candidates:
        verdict = unread(found, question)
        url = "" if certificate is None else certificate.url or ""
        return mint(
            verdict.checks,
            demanded=verdict.demanded,
            at_s=question.at_s,
            claimed=certificate,
            url=url,
        )
    verdicts = [_judge_under(one, token, certificate, found, question) for one in candidates]
    return verdicts[0] if len(verdicts) == 1 else min(verdicts, key=worth)


def worth(verdict: Verdict) -> int:
    """Where two authorities publish one key, the worst answer counts (clause 3.4.3)."""
    return _WORST_FIRST.index(verdict.summary)


_WORST_FIRST = (Summary.INVALID, Summary.NOT_IN_FORCE, Summary.INDETERMINATE, Summary.VALID)


def _judge_under(
    candidate: Candidate,
    token: cose.Sign1,
    certificate: Certificate | None,
    before: list[Check],
    question: Question,
) -> Verdict:
    """The verdict under one key whose signature verified, after the checks before."""
    found = [*before, ask.check_use(candidate, KeyUse.TOKEN)]
    standing = UNKNOWN_STANDING
    if certificate is None:
        found.append(left((CheckId.WINDOW,))[0])
        found.append(ask.check_compromise(token, candidate))
        found.append(left((CheckId.SEGMENT,))[0])
        found.append(ask.check_bundle(candidate, question))
        found += unread(found, question).checks[len(found) :]
    else:
        found.append(ask.check_window(certificate, candidate, at_s=question.at_s))
        found.append(ask.check_compromise(token, candidate))
        found.append(ask.check_segment(certificate, candidate))
        found.append(ask.check_bundle(candidate, question))
        if question.holder is not None:
            found.append(_check_holder(certificate, question.holder))
        more, standing = ask.check_standing(certificate, candidate, question)
        found += more
    bundle = candidate.anchor.bundle
    url = "" if certificate is None else certificate.url or url_for(bundle, certificate.number)
    return mint(
        found,
        demanded=demanded_by(question),
        at_s=question.at_s,
        standing=standing,
        authority=bundle.authority.name_zh,
        example=bundle.example,
        claimed=certificate,
        url=url,
    )


def _check_holder(certificate: Certificate, holder: Holder) -> Check:
    from etitle.verify.holder import check_holder  # noqa: PLC0415  # only when demanded

    return check_holder(certificate, holder)
