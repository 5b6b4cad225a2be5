"""One document -> one verdict; total for any bytes (docs/spec clause 9).

The seal comes first: bytes are held against the one signature that covers all of them, by a key
that the bundle names, before anything of the file is parsed.  What passes is read by the strict
reader, or, where it is of another shape, by pyHanko; there is no third way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from etitle.certificate.commitment import parse_opener
from etitle.certificate.dates import china_day
from etitle.cose import parse_sign1
from etitle.errors import DecodeError
from etitle.keys.documentkey import MIN_RSA_BITS
from etitle.keys.x509 import is_chain
from etitle.pades import signeddata, structure, timestamp, verification
from etitle.pades.byterange import ByteRange, find_byte_range, has_signature
from etitle.trust.anchors import Candidate, Trust
from etitle.trust.bundle import KeyUse
from etitle.verdict import (
    DOCUMENT_CHECKS,
    DOCUMENT_DEMANDS,
    Check,
    CheckId,
    Outcome,
    Reason,
    Verdict,
)
from etitle.verify.checks import PASSED, fail, left, unknown
from etitle.verify.mint import remint
from etitle.verify.question import CLOCK_SKEW_S, Holder, Policy, Question
from etitle.verify.token import MAX_TOKEN_BYTES, unread, verify_token, worth

if TYPE_CHECKING:
    from etitle.certificate.model import Certificate
    from etitle.pades.archived import ArchivalRevision

MAX_DOCUMENT_BYTES: Final = 64 << 20
"""Bytes; larger than any scan of a page that people send."""

_HEX: Final = re.compile(rb"[0-9A-Fa-f]{512,}+")
"""Where a seal certificate may stand in a file that is not whole."""

_OPENER: Final = re.compile(rb"[0-9A-HJKMNP-TV-Z]{16}")
"""An opener in its one spelling: 16 characters are its 80 bits (clause 2.5.1)."""


def verify_document(pdf: bytes, question: Question) -> Verdict:
    """Judge one PDF (docs/spec clause 9).

    Args:
        pdf: the whole file.
        question: whom to believe, as of when, and what is demanded.

    Returns:
        A verdict for any bytes whatever.  A signed document has the checks of clause 9 and then
        those of its token.  One without a signature is judged as a picture, which the check
        ``structure`` says with the reason ``unsigned``.
    """
    if len(pdf) > MAX_DOCUMENT_BYTES or not pdf.startswith(b"%PDF-"):
        reason = Reason.TOO_LARGE if pdf.startswith(b"%PDF-") else Reason.UNREADABLE
        return unread([unknown(CheckId.READ, reason, "PDF")], question)
    if not has_signature(pdf):
        from etitle.verify.scan import verify_scan  # noqa: PLC0415  # no seal: pictures instead

        return verify_scan(pdf, question)
    found: list[Check] = []
    whole = _check_whole(pdf, found, question)
    sealed = None if whole is None else _check_seal(whole, found, question.trust)
    sheet = None if sealed is None else _check_structure(found, sealed)
    if whole is None or sealed is None or sheet is None:
        verdict = unread([], question)
        demanded = _demanded(whole)
        done = {one.id for one in found}
        rest = left(check for check in DOCUMENT_CHECKS if check in demanded - done)
        bundle = None if sealed is None else sealed.candidates[0].anchor.bundle
        return remint(
            verdict,
            checks=(*found, *rest, *verdict.checks),
            also_demanded=demanded,
            authority="" if bundle is None else bundle.authority.name_zh,
            example=bundle is not None and bundle.example,
        )
    if whole.revisions:
        from etitle.verify.archival import check_archive  # noqa: PLC0415  # archived ones only

        check, archived_s = check_archive(pdf, whole.revisions, question)
        found.append(check)
        sealed = replace(sealed, archived_s=archived_s)
    about = replace(question, holder=_with_opener(question.holder, sheet))
    candidate, agreed, verdict = _agree(sealed, sheet.token or b"", about)
    periods = [_check_period(sheet, sealed, one, question) for one in sealed.candidates]
    # Where several publish one seal, the worst answer counts (clauses 3.4.3 and 9.8).
    found.append(min(periods, key=lambda check: _WORST_FIRST.index(check.outcome)))
    found.append(_check_agreement(verdict.claimed, sheet) if agreed is None else agreed)
    checks = _timed(verdict.checks, sheet, sealed, question)
    bundle = candidate.anchor.bundle
    return remint(
        verdict,
        checks=(*found, *checks),
        also_demanded=_demanded(whole),
        authority=bundle.authority.name_zh,
        example=bundle.example,
    )


def _demanded(whole: _Whole | None) -> frozenset[CheckId]:
    """``archive`` is asked only of what was archived."""
    archived = whole is not None and whole.revisions
    return DOCUMENT_DEMANDS | {CheckId.ARCHIVE} if archived else DOCUMENT_DEMANDS


@dataclass(frozen=True, slots=True)
class _Whole:
    """A document whose one signature covers all of it.

    Attributes:
        pdf: the document as it was sealed.
        hole: what its signature leaves out.
        revisions: what followed the seal, under an archival policy.
    """

    pdf: bytes
    hole: ByteRange
    revisions: tuple[ArchivalRevision, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A signature that covers the whole document and verified, by a seal that a bundle names.

    Attributes:
        whole: the document.
        candidates: the seal's keys, one for each authority that publishes it; at least one.
        moment: the time-stamp on it; None for B-B.
        archived_s: when it was first archived, by an authority that is believed; else None.
    """

    whole: _Whole
    candidates: tuple[Candidate, ...]
    moment: timestamp.TimestampToken | None
    archived_s: int | None = None


def _check_whole(pdf: bytes, found: list[Check], question: Question) -> _Whole | None:
    """Clause 9.7, *byte_range*: the document whose seal is to be judged, if there is one."""
    try:
        hole = find_byte_range(pdf)
    except DecodeError as error:
        from etitle.pades.archived import read_archived  # noqa: PLC0415  # archived ones only

        archived = read_archived(pdf)
        if archived is None:
            if _claims(pdf, question.trust):
                found.append(fail(CheckId.BYTE_RANGE, Reason.NOT_WHOLE, str(error.details["what"])))
            else:
                found += (
                    left((CheckId.BYTE_RANGE,))[0],
                    unknown(CheckId.SIGNER_CERTIFICATE, Reason.SEAL_UNKNOWN),
                )
            return None
        if question.policy.archival:
            found.append(PASSED[CheckId.BYTE_RANGE])
            return _Whole(archived.original, archived.byte_range, archived.revisions)
        # What was sealed is judged all the same; with a check that is unknown it is never VALID.
        found.append(unknown(CheckId.BYTE_RANGE, Reason.ARCHIVED))
        return _Whole(archived.original, archived.byte_range)
    found.append(PASSED[CheckId.BYTE_RANGE])
    return _Whole(pdf, hole)


def _check_seal(whole: _Whole, found: list[Check], trust: Trust) -> _Sealed | None:
    """Clause 9.7, *signer_certificate* and *document_signature*; None unless both pass."""
    hole = whole.hole
    try:
        signature = signeddata.read_signature(signeddata.split(hole.contents))
    except DecodeError as error:
        if _holds(hole.contents, trust):
            bad = fail(CheckId.DOCUMENT_SIGNATURE, Reason.CMS_MALFORMED, str(error.details["what"]))
            found += (PASSED[CheckId.SIGNER_CERTIFICATE], bad)
        else:
            found.append(unknown(CheckId.SIGNER_CERTIFICATE, Reason.SEAL_UNKNOWN))
        return None
    candidates = [
        Candidate(anchor, key)
        for anchor in trust.anchors
        for key in anchor.bundle.keys
        if key.x509 == signature.signer
    ]
    if not candidates:
        found.append(unknown(CheckId.SIGNER_CERTIFICATE, Reason.SEAL_UNKNOWN))
        return None
    suited = tuple(one for one in candidates if KeyUse.DOCUMENT in one.key.uses)
    if not suited:
        found.append(fail(CheckId.SIGNER_CERTIFICATE, Reason.USE_WRONG))
        return None
    found.append(PASSED[CheckId.SIGNER_CERTIFICATE])
    imprint, moment = _check_imprint(whole.pdf, hole, signature)
    found.append(imprint)
    return None if imprint.outcome is not Outcome.PASS else _Sealed(whole, suited, moment)


def _check_imprint(
    pdf: bytes, hole: ByteRange, signature: signeddata.SignedData
) -> tuple[Check, timestamp.TimestampToken | None]:
    if hole.digest(pdf, signature.digest) != signature.message_digest:
        return fail(CheckId.DOCUMENT_SIGNATURE, Reason.SIGNATURE_BAD), None
    if not is_chain(signature.signer, signature.others, to_root=True):
        beyond = verification.needs_missing_algorithm(signature.signer, *signature.others)
        what = "the chain of certificates"
        return _not_verified(Reason.CMS_MALFORMED, what, beyond=beyond), None
    if not verification.signed_by(signature, signature.signer, least_rsa_bits=MIN_RSA_BITS):
        beyond = verification.needs_missing_algorithm(kind=signature.kind)
        return _not_verified(Reason.SIGNATURE_BAD, beyond=beyond), None
    if signature.timestamp is None:
        return PASSED[CheckId.DOCUMENT_SIGNATURE], None
    try:
        return PASSED[CheckId.DOCUMENT_SIGNATURE], timestamp.read_timestamp(
            signature.timestamp, signature.signature
        )
    except DecodeError as error:
        beyond = verification.needs_missing_algorithm(signature.timestamp)
        what = str(error.details["what"])
        return _not_verified(Reason.TIMESTAMP_BAD, what, beyond=beyond), None


def _not_verified(reason: Reason, what: str = "", *, beyond: bool) -> Check:
    """Refuted, unless this installation could not have verified it (clause 9.4.1)."""
    if beyond:
        return unknown(CheckId.DOCUMENT_SIGNATURE, Reason.ALGORITHM_MISSING, "ML-DSA-65")
    return fail(CheckId.DOCUMENT_SIGNATURE, reason, what)


def _claims(pdf: bytes, trust: Trust) -> bool:
    """Whether a file carries a trusted seal certificate in hexadecimal anywhere."""
    for digits in _HEX.findall(pdf):
        for start in (0, 1):
            even = digits[start : len(digits) - (len(digits) - start) % 2]
            if _holds(bytes.fromhex(even.decode("ascii")), trust):
                return True
    return False


def _holds(content: bytes, trust: Trust) -> bool:
    return any(
        key.x509 is not None and key.x509 in content
        for anchor in trust.anchors
        for key in anchor.bundle.keys
    )


def _check_structure(found: list[Check], sealed: _Sealed) -> structure.DocumentContent | None:
    """Clause 9.7, *structure*: the strict reader, else pyHanko; None unless there is a token."""
    pdf, hole = sealed.whole.pdf, sealed.whole.hole
    try:
        sheet = structure.read_strict(pdf, hole)
    except DecodeError as strict:
        from etitle.pades.general import read_general  # noqa: PLC0415  # other shapes only

        what = str(strict.details["what"])
        seal = sealed.candidates[0].key.x509 or b""
        try:
            sheet = read_general(pdf, hole, seal=seal)
        except DecodeError as error:
            if error.code == "document.reader_missing":
                found.append(unknown(CheckId.STRUCTURE, Reason.READER_MISSING, what))
            else:
                what = f"{what}; {error.details['what']}"
                found.append(fail(CheckId.STRUCTURE, Reason.DOCUMENT_MALFORMED, what))
            return None
    if sheet.token is None:
        found.append(unknown(CheckId.STRUCTURE, Reason.TOKEN_MISSING))
        return None
    found.append(PASSED[CheckId.STRUCTURE])
    return sheet


def _trusted_s(sealed: _Sealed, policy: Policy) -> int | None:
    """When the seal was there at the latest, by a time-stamp authority that is believed."""
    moment, archived_s = sealed.moment, sealed.archived_s
    if moment is None or moment.x509 not in policy.tsas:
        return archived_s
    return moment.at_s if archived_s is None else min(moment.at_s, archived_s)


def _check_period(
    sheet: structure.DocumentContent, sealed: _Sealed, candidate: Candidate, question: Question
) -> Check:
    """Clause 9.8, *signing_time*: sealed in the key's days, and before any compromise."""
    key = candidate.key
    if not key.covers(china_day(sheet.sealed_s)):
        return fail(CheckId.SIGNING_TIME, Reason.SEALED_OUTSIDE_WINDOW)
    if sheet.sealed_s > question.at_s + CLOCK_SKEW_S:
        return unknown(CheckId.SIGNING_TIME, Reason.SEALED_IN_FUTURE)
    since_s = key.compromised_since_s
    if since_s is None:
        return PASSED[CheckId.SIGNING_TIME]
    proof_s = _trusted_s(sealed, question.policy)
    if proof_s is not None and proof_s < since_s:
        return Check(CheckId.SIGNING_TIME, Outcome.PASS, Reason.TIMESTAMPED)
    return unknown(CheckId.SIGNING_TIME, Reason.COMPROMISED)


def _with_opener(holder: Holder | None, sheet: structure.DocumentContent) -> Holder | None:
    if holder is None or holder.opener is not None or sheet.opener is None:
        return holder
    if not _OPENER.fullmatch(sheet.opener):
        return holder
    return replace(holder, opener=parse_opener(sheet.opener.decode("ascii")))


def _agree(
    sealed: _Sealed, token: bytes, question: Question
) -> tuple[Candidate, Check | None, Verdict]:
    """Whose seal and token it is: the authority that both speak for, and the token's verdict.

    The check is None where they speak for one authority, and what else must agree is still open.
    """
    judged: list[tuple[Candidate, Verdict]] = []
    for candidate in sealed.candidates:
        alone = replace(question, trust=Trust((candidate.anchor,)))
        verdict = verify_token(token, question if len(question.trust.anchors) == 1 else alone)
        if verdict.authority:
            judged.append((candidate, verdict))
    if judged:
        candidate, verdict = min(judged, key=lambda one: worth(one[1]))
        return candidate, None, verdict
    verdict = verify_token(token, question)
    if verdict.authority:  # somebody's, but not the seal's
        return sealed.candidates[0], _MISMATCH, verdict
    return sealed.candidates[0], left((CheckId.AGREEMENT,))[0], verdict


_WORST_FIRST: Final = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)
_MISMATCH: Final = fail(CheckId.AGREEMENT, Reason.AUTHORITY_MISMATCH)


def _check_agreement(claimed: Certificate | None, sheet: structure.DocumentContent) -> Check:
    """Clause 9.7, *agreement*: a masked certificate has its opener beside it, no other has one."""
    if claimed is None:
        return left((CheckId.AGREEMENT,))[0]
    masked = claimed.identity is not None and claimed.identity.commitment is not None
    if masked and sheet.opener is None:
        return fail(CheckId.AGREEMENT, Reason.OPENER_MISMATCH, "none")
    if not masked and sheet.opener is not None:
        return fail(CheckId.AGREEMENT, Reason.OPENER_MISMATCH, "needless")
    if sheet.opener is not None and not _OPENER.fullmatch(sheet.opener):
        return fail(CheckId.AGREEMENT, Reason.OPENER_MISMATCH, "malformed")
    return PASSED[CheckId.AGREEMENT]


def _timed(
    checks: tuple[Check, ...],
    sheet: structure.DocumentContent,
    sealed: _Sealed,
    question: Question,
) -> tuple[Check, ...]:
    """The token's checks; a trusted time before its key's compromise answers for it (5.6)."""
    proof_s = _trusted_s(sealed, question.policy)
    if proof_s is None or not any(check.reason is Reason.COMPROMISED for check in checks):
        return checks
    kid = parse_sign1(sheet.token or b"", max_bytes=MAX_TOKEN_BYTES).kid
    times = [one.key.compromised_since_s for one in question.trust.candidates(kid)]
    if not all(since_s is None or proof_s < since_s for since_s in times):
        return checks
    timed = Check(CheckId.COMPROMISE, Outcome.PASS, Reason.TIMESTAMPED)
    return tuple(timed if check.reason is Reason.COMPROMISED else check for check in checks)
