"""The checks of a signed document (docs/spec clause 9.7); none of them raises.

Each returns its answer and what it learned, or None where no later step can run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from etitle.certificate.commitment import parse_opening
from etitle.certificate.dates import china_day
from etitle.errors import DecodeError
from etitle.keys.documentkey import MIN_RSA_BITS
from etitle.keys.x509 import is_chain
from etitle.pades import damage, signeddata, structure, timestamp, verification
from etitle.pades.byterange import ByteRange, find_byte_range
from etitle.pades.damage import Damage
from etitle.trust.anchors import Candidate, Trust
from etitle.trust.bundle import KeyUse
from etitle.verdict import Check, CheckId, Outcome, Reason, Verdict
from etitle.verify.checks.answers import NOT_CHECKED, PASSED, fail, unknown
from etitle.verify.question import CLOCK_SKEW_S, Question

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from etitle.certificate.model import Certificate
    from etitle.pades.archived import ArchivalRevision

_OPENING: Final = re.compile(rb"[0-9A-HJKMNP-TV-Z]{17}")
"""The one notation of an opening in a document: as printed, without hyphens (clause 9.5)."""


def read_sealed(opening: bytes | None) -> bytes | None:
    """The 10 bytes of ``opening.txt``; None where it is missing or not in its one notation."""
    if opening is None or not _OPENING.fullmatch(opening):
        return None
    try:
        return parse_opening(opening.decode("ascii"))
    except DecodeError:
        return None


@dataclass(frozen=True, slots=True)
class Covered:
    """A document whose one signature covers all of it.

    Attributes:
        pdf: the document as it was signed.
        byte_range: what its signature covers, and what it leaves out.
        revisions: what followed the signature, under an archival policy.
        whole: the document with its revisions.
    """

    pdf: bytes
    byte_range: ByteRange
    revisions: tuple[ArchivalRevision, ...] = ()
    whole: bytes = b""


@dataclass(frozen=True, slots=True)
class SealSigner:
    """Whose signature a document carries; nothing is verified yet.

    Attributes:
        signed_data: the CMS; None where a trusted seal certificate stands in a malformed one.
        candidates: the keys of that certificate, one for each authority that publishes it.
        malformed: what is wrong with the CMS; empty where it was read.
    """

    signed_data: signeddata.SignedData | None
    candidates: tuple[Candidate, ...] = ()
    malformed: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that verified.

    Attributes:
        candidates: as of ``SealSigner``; at least one.
        timestamp: the time-stamp on it; None for B-B.
    """

    candidates: tuple[Candidate, ...]
    timestamp: timestamp.TimestampToken | None


def check_byte_range(pdf: bytes, question: Question) -> tuple[Check, Covered | None]:
    """Step 1, *byte_range*: one signature covers every byte but itself.

    White space behind it is no part of the document (clause 9.7.3).  Not checked, where nothing of
    the file is a trusted seal's and nothing says what happened to it.
    """
    check = CheckId.BYTE_RANGE
    try:
        return PASSED[check], Covered(pdf, find_byte_range(pdf))
    except DecodeError:
        whole = damage.without_trailing_space(pdf)
    passed = PASSED[check]
    if len(whole) < len(pdf):
        passed = Check(check, Outcome.PASS, Reason.TRAILING_SPACE, f"{len(pdf) - len(whole)}")
    try:
        return passed, Covered(whole, find_byte_range(whole))
    except DecodeError:
        from etitle.pades.archived import read_archived  # noqa: PLC0415  # archived ones only

        archived = read_archived(whole)
    if archived is None:
        return _damaged(pdf, question.trust), None
    original, byte_range = archived.original, archived.byte_range
    if question.policy.archival:
        return passed, Covered(original, byte_range, archived.revisions, whole)
    # What was signed is judged all the same; with a check that is unknown it is never VALID.
    return unknown(check, Reason.ARCHIVED), Covered(original, byte_range)


def _damaged(pdf: bytes, trust: Trust) -> Check:
    """What happened to a file that is not whole (clause 9.7.3)."""
    places = tuple(damage.possible_signatures(pdf))
    seals = {content for content in places if _holds_seal(content, trust)}
    check, found = CheckId.BYTE_RANGE, damage.damage_of(pdf, seals=len(seals))
    if seals:
        return fail(check, Reason(found.value))
    if found in (Damage.PROTECTED, Damage.CUT_SHORT) or not places:
        return unknown(check, Reason.SIGNATURE_UNREADABLE)
    return NOT_CHECKED[check]


def check_signer_certificate(
    covered: Covered, trust: Trust, signed_for: Callable[[], Collection[str]]
) -> tuple[Check, SealSigner | None]:
    """Step 2, *signer_certificate*: it is in a trusted bundle, for documents.

    Args:
        covered: the document.
        trust: whose seals count.
        signed_for: the ids of the authorities for whom the file's tokens are signed; asked where
            several publish the certificate.
    """
    check, contents = CheckId.SIGNER_CERTIFICATE, covered.byte_range.contents
    try:
        signed_data = signeddata.read_signature(signeddata.split(contents))
    except DecodeError as error:
        if _holds_seal(contents, trust):
            return PASSED[check], SealSigner(None, malformed=str(error.details["what"]))
        newer = _holds_newer_seal(contents, trust)
        return unknown(check, Reason.SUITE_UNKNOWN if newer else Reason.SEAL_UNKNOWN), None
    candidates = _owners(signed_data.signer, trust, signed_for)
    if not candidates:
        newer = trust.sealed_anew(signed_data.signer)
        return unknown(check, Reason.SUITE_UNKNOWN if newer else Reason.SEAL_UNKNOWN), None
    suited = tuple(one for one in candidates if KeyUse.DOCUMENT in one.key.uses)
    if not suited:
        return fail(check, Reason.USE_WRONG), None
    return PASSED[check], SealSigner(signed_data, suited)


def _owners(
    x509: bytes, trust: Trust, signed_for: Callable[[], Collection[str]]
) -> tuple[Candidate, ...]:
    """The keys of a seal certificate; where several publish it, of whom the file's token is.

    Another authority that publishes it again is not even read (clause 7.8).
    """
    if trust.is_shared(x509):
        found = trust.sealed_by(x509, of=signed_for())
        if any(KeyUse.DOCUMENT in one.key.uses for one in found):
            return found
    return trust.sealed_by(x509)


def widened(verified: Verified, trust: Trust) -> Verified:
    """With the keys of everybody who publishes the seal certificate."""
    x509 = verified.candidates[0].key.x509 or b""
    everybody = trust.sealed_by(x509)
    suited = tuple(one for one in everybody if KeyUse.DOCUMENT in one.key.uses)
    return replace(verified, candidates=suited)


def check_document_signature(covered: Covered, signer: SealSigner) -> tuple[Check, Verified | None]:
    """Step 3, *document_signature*: digest, chain, signature, time-stamp, in this order."""
    check, signed_data = CheckId.DOCUMENT_SIGNATURE, signer.signed_data
    if signed_data is None:
        return fail(check, Reason.CMS_MALFORMED, signer.malformed), None
    fault = _fault(covered, signed_data)
    if fault is not None:
        return fault, None
    if signed_data.timestamp is None:
        return PASSED[check], Verified(signer.candidates, None)
    try:
        read = timestamp.read_timestamp(signed_data.timestamp, signed_data.signature)
    except DecodeError as error:
        missing = verification.needs_missing_algorithm(signed_data.timestamp)
        what = str(error.details["what"])
        return _not_verified(Reason.TIMESTAMP_BAD, what, missing=missing), None
    return PASSED[check], Verified(signer.candidates, read)


def _fault(covered: Covered, signed_data: signeddata.SignedData) -> Check | None:
    """What refutes the signature itself, its time-stamp apart."""
    if covered.byte_range.digest(covered.pdf, signed_data.digest) != signed_data.message_digest:
        return fail(CheckId.DOCUMENT_SIGNATURE, Reason.SIGNATURE_BAD)
    lacks = verification.needs_missing_algorithm
    if not is_chain(signed_data.signer, signed_data.others, to_root=True):
        missing = lacks(signed_data.signer, *signed_data.others)
        return _not_verified(Reason.CMS_MALFORMED, "the chain of certificates", missing=missing)
    if not verification.signed_by(signed_data, signed_data.signer, least_rsa_bits=MIN_RSA_BITS):
        return _not_verified(Reason.SIGNATURE_BAD, missing=lacks(kind=signed_data.kind))
    return None


def _not_verified(reason: Reason, what: str = "", *, missing: bool) -> Check:
    """Refuted, unless this installation could not have verified it (clause 9.4.1)."""
    if missing:
        return unknown(CheckId.DOCUMENT_SIGNATURE, Reason.ALGORITHM_MISSING, "ML-DSA-65")
    return fail(CheckId.DOCUMENT_SIGNATURE, reason, what)


def check_structure(
    covered: Covered, verified: Verified
) -> tuple[Check, structure.DocumentContent | None]:
    """Step 4, *structure*: the strict reader, else pyHanko; nothing unless there is a token."""
    check, pdf, byte_range = CheckId.STRUCTURE, covered.pdf, covered.byte_range
    try:
        content = structure.read_strict(pdf, byte_range)
    except DecodeError as strict:
        from etitle.pades.general import read_general  # noqa: PLC0415  # other shapes only

        what = str(strict.details["what"])
        try:
            content = read_general(pdf, byte_range, seal=verified.candidates[0].key.x509 or b"")
        except DecodeError as error:
            if error.code == "document.reader_missing":
                return unknown(check, Reason.READER_MISSING, what), None
            what = f"{what}; {error.details['what']}"
            return fail(check, Reason.DOCUMENT_MALFORMED, what), None
    if content.token is None:
        return unknown(check, Reason.TOKEN_MISSING), None
    return PASSED[check], content


def check_signing_time(
    sealed_s: int, candidate: Candidate, question: Question, *, proof_s: int | None
) -> Check:
    """Step 6, *signing_time* (clause 9.8): in the key's days, and before any compromise.

    Args:
        sealed_s: the signing time that the document claims, seconds since 1970 UTC.
        candidate: the key.
        question: as of when.
        proof_s: a time by which the signature existed, from a trusted authority.
    """
    check, key = CheckId.SIGNING_TIME, candidate.key
    if not key.covers(china_day(sealed_s)):
        return fail(check, Reason.SEALED_OUTSIDE_WINDOW)
    if sealed_s > question.at_s + CLOCK_SKEW_S:
        return unknown(check, Reason.SEALED_IN_FUTURE)
    since_s = key.compromised_since_s
    if since_s is None:
        return PASSED[check]
    if proof_s is not None and proof_s < since_s:
        return Check(check, Outcome.PASS, Reason.TIMESTAMPED)
    return unknown(check, Reason.COMPROMISED)


def check_agreement(
    content: structure.DocumentContent,
    verdict: Verdict,
    *,
    agreed: Sequence[Candidate],
    opening: bytes | None,
) -> Check:
    """Step 7, *agreement*: seal, token and opening belong to one authority and certificate.

    A masked certificate has its opening beside it, no other has one.

    Args:
        content: of the document.
        verdict: on the token.
        agreed: the keys of the seal whose authority the token is signed for.
        opening: what ``read_sealed`` finds in the content.
    """
    check, claimed = CheckId.AGREEMENT, verdict.claimed
    if not agreed and verdict.authority is not None:  # somebody's token, but not the seal's
        return fail(check, Reason.AUTHORITY_MISMATCH)
    if not agreed or claimed is None:
        return NOT_CHECKED[check]
    masked = claimed.identity is not None and claimed.identity.commitment is not None
    wrong = ""
    if masked is (content.opening is None):
        wrong = "none" if masked else "needless"
    elif masked and opening is None:
        wrong = "malformed"
    if wrong:
        return fail(check, Reason.OPENING_MISMATCH, wrong)
    if not all(_is_in_scope(claimed, candidate) for candidate in agreed):
        return fail(check, Reason.OUTSIDE_SCOPE)
    return PASSED[check]


def _is_in_scope(certificate: Certificate, candidate: Candidate) -> bool:
    """Clause 5.13: whether the key may sign for this body, level and segment."""
    key = candidate.key
    return key.scope is None or key.may_sign(
        certificate, candidate.anchor.segments_for(certificate)
    )


def _holds_seal(content: bytes, trust: Trust) -> bool:
    return any(
        key.x509 is not None and key.x509 in content
        for anchor in trust.anchors
        for key in anchor.bundle.keys
    )


def _holds_newer_seal(content: bytes, trust: Trust) -> bool:
    """The same of the keys of unknown suites (clause 5.12)."""
    return any(
        key.x509 and key.x509 in content
        for anchor in trust.anchors
        for key in anchor.bundle.unknown_keys
    )
