"""One document -> one verdict; total for any bytes (docs/spec clause 9).

The seal comes first: the one signature over all bytes is verified, under a key that the bundle
names, before anything of the file is parsed.  Then the strict reader reads the file, or pyHanko
where it has another shape; there is no third way.

The steps of clause 9.7, numbered as in 8.3.9; of the first four, one that fails ends the verdict:

(1) ``byte_range``: one signature covers every byte but itself
(2) ``signer_certificate``: it is in a trusted bundle, for documents
(3) ``document_signature``: it verifies, and so does its time-stamp
(4) ``structure``: the file is of the shape of clause 9
(5) ``archive``: every archival time-stamp is right and trusted
(6) ``signing_time``: in the key's days, and before any compromise
(7) ``agreement``: seal, token and opening belong to one certificate; then the token's own checks
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from etitle.cose import parse_sign1
from etitle.pades.byterange import has_signature
from etitle.token.kinds import is_blank, is_pdf
from etitle.trust.anchors import Candidate, Trust
from etitle.verdict import (
    DOCUMENT_CHECKS,
    DOCUMENT_DEMANDS,
    Check,
    CheckId,
    Judged,
    Outcome,
    Reason,
    Verdict,
)
from etitle.verify.checks import document as ask
from etitle.verify.checks.answers import NOT_CHECKED, unknown, worst
from etitle.verify.checks.token import check_signature
from etitle.verify.claimed import claimed_by, signed_for
from etitle.verify.mint import remint
from etitle.verify.token import MAX_TOKEN_BYTES, verdict_without_token, verify_token

if TYPE_CHECKING:
    from etitle.pades.structure import DocumentContent
    from etitle.verify.question import Policy, Question

MAX_DOCUMENT_BYTES: Final = 64 << 20
"""Bytes; larger than any scan of a page that people send."""


def verify_document(pdf: bytes, question: Question) -> Verdict:
    """Judge one PDF (docs/spec clause 9).

    Args:
        pdf: the whole file.
        question: whom to trust, as of when, and what is demanded.

    Returns:
        A verdict for any bytes.  A signed document has the checks of clause 9 and then
        those of its token.  One without a signature is judged as a picture, which the check
        ``structure`` says with the reason ``unsigned``.
    """
    if is_blank(pdf):
        return verdict_without_token([unknown(CheckId.READ, Reason.EMPTY)], question)
    if len(pdf) > MAX_DOCUMENT_BYTES or not is_pdf(pdf):
        reason = Reason.TOO_LARGE if is_pdf(pdf) else Reason.UNREADABLE
        return verdict_without_token([unknown(CheckId.READ, reason, "PDF")], question)
    if not has_signature(pdf):
        from etitle.verify.scan import verify_scan  # noqa: PLC0415  # no seal: pictures instead

        return verify_scan(pdf, question)
    return judge_signed(pdf, question)[0]


def judge_signed(pdf: bytes, question: Question) -> tuple[Verdict, ...]:
    """Judge one PDF that speaks of a signature.

    Returns:
        One verdict; of a file that is not as it was sealed, one for each certificate that it
        claims, all alike, so that a person sees whose originals were joined (clause 9.7.3).
    """
    if question.policy.require is Judged.DOCUMENT:  # which is what this is, down to its code
        question = replace(question, policy=replace(question.policy, require=Judged.CODE))
    # (1) byte_range
    byte_range, covered = ask.check_byte_range(pdf, question)
    if covered is not None:
        return (_judge_covered(byte_range, covered, question),)
    found = [byte_range]
    if byte_range.reason is Reason.NOT_CHECKED:
        found.append(unknown(CheckId.SIGNER_CERTIFICATE, Reason.SEAL_UNKNOWN))
    stopped = _stopped(found, question)
    return tuple(remint(stopped, claimed=one) for one in claimed_by(pdf)) or (stopped,)


def _judge_covered(byte_range: Check, covered: ask.Covered, question: Question) -> Verdict:
    """Steps 2 to 4, which use no more of a file than the one byte range until the last."""
    # (2) signer_certificate
    certificate, signer = ask.check_signer_certificate(
        covered, question.trust, lambda: signed_for(covered.pdf, question.trust)
    )
    if signer is None:
        return _stopped([byte_range, certificate], question, covered)
    # (3) document_signature
    signature, verified = ask.check_document_signature(covered, signer)
    if verified is None:
        return _stopped([byte_range, certificate, signature], question, covered)
    # (4) structure
    structure, content = ask.check_structure(covered, verified)
    found = [byte_range, certificate, signature, structure]
    if content is None:
        return _stopped(found, question, covered, verified)
    return _judge_content(found, content, covered, verified, question)


def _judge_content(
    before: list[Check],
    content: DocumentContent,
    covered: ask.Covered,
    verified: ask.Verified,
    question: Question,
) -> Verdict:
    """Steps 5 to 7, of a document whose bytes the seal signed."""
    # (5) archive
    archive, archived_s = _check_archive(covered, question)
    proof_s = _proof_s(verified, archived_s, question.policy)
    # (7) agreement; keys of an authority that the token does not speak for don't count (3.4.3)
    token = content.token or b""
    opening = ask.read_sealed(content.opening)
    asked = _with_opening(question, opening)
    agreed, verdict = _judge_token(token, verified, asked)
    if not agreed:
        verified, fewer = ask.widened(verified, question.trust), verified
        if len(verified.candidates) > len(fewer.candidates):
            agreed, verdict = _judge_token(token, verified, asked)
    agreement = ask.check_agreement(content, verdict, agreed=agreed, opening=opening)
    candidates = agreed or verified.candidates
    # (6) signing_time; where a bundle names one seal twice, the worst answer counts (clause 9.8)
    signing_time = worst(
        ask.check_signing_time(content.sealed_s, candidate, question, proof_s=proof_s)
        for candidate in candidates
    )
    anchor = candidates[0].anchor
    checks = _with_proof(verdict.checks, token, question.trust, proof_s=proof_s)
    return remint(
        verdict,
        checks=(*before, *archive, signing_time, agreement, *checks),
        also_demanded=_demanded(covered),
        authority=anchor.who,
        example=anchor.bundle.example,
        opening=opening,
    )


def _stopped(
    found: list[Check],
    question: Question,
    covered: ask.Covered | None = None,
    verified: ask.Verified | None = None,
) -> Verdict:
    """The verdict where a step ended it; it names the authority whose signature verified."""
    verdict = verdict_without_token([], question)
    demanded, done = _demanded(covered), {check.id for check in found}
    rest = [NOT_CHECKED[check] for check in DOCUMENT_CHECKS if check in demanded - done]
    anchor = None if verified is None else verified.candidates[0].anchor
    return remint(
        verdict,
        checks=(*found, *rest, *verdict.checks),
        also_demanded=demanded,
        authority=None if anchor is None else anchor.who,
        example=anchor is not None and anchor.bundle.example,
    )


def _demanded(covered: ask.Covered | None) -> frozenset[CheckId]:
    """``archive`` is demanded only of archived documents."""
    archived = covered is not None and covered.revisions
    return DOCUMENT_DEMANDS | {CheckId.ARCHIVE} if archived else DOCUMENT_DEMANDS


def _check_archive(
    covered: ask.Covered, question: Question
) -> tuple[tuple[Check, ...], int | None]:
    """The check, where there are revisions, and when the document was first archived."""
    if not covered.revisions:
        return (), None
    from etitle.verify.checks.archive import check_archive  # noqa: PLC0415  # archived ones only

    check, archived_s = check_archive(covered.whole, covered.revisions, question)
    return (check,), archived_s


def _proof_s(verified: ask.Verified, archived_s: int | None, policy: Policy) -> int | None:
    """A time by which the signature existed, from a trusted time-stamp authority."""
    timestamp = verified.timestamp
    if timestamp is None or timestamp.x509 not in policy.tsas:
        return archived_s
    return timestamp.at_s if archived_s is None else min(timestamp.at_s, archived_s)


def _with_opening(question: Question, opening: bytes | None) -> Question:
    """The question, of a holder with the document's opening: sealed counts more than typed."""
    if question.holder is None or opening is None:
        return question
    return replace(question, holder=replace(question.holder, opening=opening))


def _judge_token(
    token: bytes, verified: ask.Verified, question: Question
) -> tuple[tuple[Candidate, ...], Verdict]:
    """The keys of the authority of both seal and token, if they agree, and the token's verdict."""
    judged: list[tuple[Candidate, Verdict]] = []
    several = len(question.trust) > 1
    for candidate in verified.candidates:
        alone = replace(question, trust=Trust((candidate.anchor,))) if several else question
        verdict = verify_token(token, alone)
        if verdict.authority is not None:
            judged.append((candidate, verdict))
    if judged:  # a token is signed for one authority, so they are keys of one, and judged alike
        return tuple(candidate for candidate, _ in judged), judged[0][1]
    return (), verify_token(token, question)


def _with_proof(
    checks: tuple[Check, ...], token: bytes, trust: Trust, *, proof_s: int | None
) -> tuple[Check, ...]:
    """The token's checks; a trusted time before its key's compromise answers for it (5.6)."""
    if proof_s is None or not any(check.reason is Reason.COMPROMISED for check in checks):
        return checks
    _, _, signers = check_signature(parse_sign1(token, max_bytes=MAX_TOKEN_BYTES), trust=trust)
    times_s = [candidate.key.compromised_since_s for candidate in signers]
    if not all(since_s is None or proof_s < since_s for since_s in times_s):
        return checks
    timed = Check(CheckId.COMPROMISE, Outcome.PASS, Reason.TIMESTAMPED)
    return tuple(timed if check.reason is Reason.COMPROMISED else check for check in checks)
