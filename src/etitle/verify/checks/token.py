"""The checks of a token (docs/spec clause 8.3); none of them raises.

Each function takes what earlier checks established and returns what it found, so that a token, a
picture and a document are judged by the same code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etitle import cose
from etitle.certificate import payload
from etitle.certificate.dates import china_day, day_date, day_number
from etitle.errors import DecodeError, FieldError
from etitle.keys.public import KID_BYTES
from etitle.token import copied, frame
from etitle.trust.bundle import KeyState, KeyUse
from etitle.trust.status import StatusKind
from etitle.verdict import (
    UNKNOWN_STANDING,
    Check,
    CheckId,
    Outcome,
    Reason,
    Standing,
    State,
)
from etitle.verify.checks.answers import NOT_CHECKED, PASSED, fail, unknown
from etitle.verify.question import CLOCK_SKEW_S

if TYPE_CHECKING:
    from etitle.certificate.model import Certificate, EndorsedCopy
    from etitle.cose import Sign1
    from etitle.trust.anchors import Candidate, Trust
    from etitle.trust.statuslist import StatusList
    from etitle.verify.question import Question

MAX_TOKEN_BYTES: Final = 2048
"""Bytes of a tagged COSE_Sign1 token; the largest legal one has 1110."""

STATES: Final = {
    StatusKind.VOIDED: (State.VOIDED, Reason.VOIDED),
    StatusKind.WITHDRAWN: (State.WITHDRAWN, Reason.WITHDRAWN),
    StatusKind.CANCELLED: (State.CANCELLED, Reason.CANCELLED),
    StatusKind.OTHER: (State.OTHER, Reason.OTHER),
    StatusKind.SUSPENDED: (State.SUSPENDED, Reason.SUSPENDED),
    StatusKind.SUPERSEDED: (State.SUPERSEDED, Reason.SUPERSEDED),
}


_FAULTS: Final = {
    copied.Fault.NOT_OURS: unknown(CheckId.READ, Reason.NOT_OURS),
    copied.Fault.INCOMPLETE: unknown(CheckId.READ, Reason.INCOMPLETE),
    copied.Fault.MALFORMED: fail(CheckId.READ, Reason.TEXT_MALFORMED),
}


def check_read(code: str | bytes, trust: Trust) -> tuple[Check, bytes | None]:
    """Clause 4.4, *read*: the frame of a code text, or the tagged token itself."""
    check = CheckId.READ
    if isinstance(code, bytes):
        if code.startswith(cose.SIGN1_TAG):
            return PASSED[check], code
        return unknown(check, Reason.NOT_OURS if code else Reason.EMPTY), None
    found = recognise(code, trust)
    if len(found.frames) > 1:
        return unknown(check, Reason.SEVERAL_CODES, str(len(found.frames))), None
    if found.frames:
        return PASSED[check], found.frames[0]
    return _without_frame(code, found.fault), None


def _without_frame(code: str, fault: copied.Fault) -> Check:
    """Why a text gave no frame."""
    if not code.strip():
        return unknown(CheckId.READ, Reason.EMPTY)
    if len(code) > copied.MAX_COPIED_CHARS:  # it may hold a code, and nobody looked
        return unknown(CheckId.READ, Reason.TOO_LARGE, f"{len(code)} characters")
    return _FAULTS[fault]


def recognise(code: str, trust: Trust) -> copied.Found:
    """Clauses 4.4.2 to 4.4.4: the frames that a text can mean under the keys at hand."""
    return copied.recognise(code, trust.has_kid)


def check_frame(framed: bytes) -> tuple[Check, Sign1 | None]:
    """Clause 4.2, *frame*: it expands to a token."""
    try:
        return PASSED[CheckId.FRAME], frame.unpack(framed)
    except DecodeError as error:
        if error.code == "token.frame_malformed":
            return fail(CheckId.FRAME, Reason.FRAME_MALFORMED, error.code), None
        if error.code == "token.incomplete":
            return unknown(CheckId.FRAME, Reason.INCOMPLETE, error.code), None
        return unknown(CheckId.FRAME, Reason.FORMAT_UNKNOWN, error.code), None


def check_tagged(data: bytes) -> tuple[Check, Sign1 | None]:
    """Clause 4.1, *frame*: the bytes of a tagged COSE_Sign1 are a token."""
    try:
        token = cose.parse_sign1(data, max_bytes=MAX_TOKEN_BYTES)
    except DecodeError as error:
        if error.code == "cose.algorithm_unknown":  # newer, as an unknown format byte is
            return unknown(CheckId.FRAME, Reason.FORMAT_UNKNOWN, error.code), None
        return fail(CheckId.FRAME, Reason.FRAME_MALFORMED, error.code), None
    if token.typ is not None or len(token.kid) != KID_BYTES:
        return fail(CheckId.FRAME, Reason.FRAME_MALFORMED, "cose.malformed"), None
    return PASSED[CheckId.FRAME], token


def check_payload(token: Sign1) -> tuple[Check, Certificate | None]:
    """Clause 2, *payload*: canonical and whole."""
    try:
        return PASSED[CheckId.PAYLOAD], payload.decode(token.payload)
    except (DecodeError, FieldError) as error:
        if error.code == "certificate.version_unknown":
            return unknown(CheckId.PAYLOAD, Reason.VERSION_UNKNOWN, error.code), None
        return fail(CheckId.PAYLOAD, Reason.PAYLOAD_MALFORMED, error.code), None


def check_signature(token: Sign1, *, trust: Trust) -> tuple[Check, Check, tuple[Candidate, ...]]:
    """Clause 8.3, *signer* and *signature*: who signed, tried over every key with the kid.

    Returns:
        The two checks, and every key that verified: none or one, since a token is signed for one
        authority and a bundle names a key once.
    """
    named = trust.named(token.kid)
    if not named:
        signer = unknown(CheckId.SIGNER, Reason.SIGNER_UNKNOWN, token.kid.hex())
        return signer, NOT_CHECKED[CheckId.SIGNATURE], ()
    suited = [(who, public) for who, public in named if public.suite is token.suite]
    if not suited:
        signer = fail(CheckId.SIGNER, Reason.SUITE_MISMATCH, token.suite.name)
        return signer, NOT_CHECKED[CheckId.SIGNATURE], ()
    if not token.suite.is_canonical(token.signature):
        bad = fail(CheckId.SIGNATURE, Reason.SIGNATURE_SECOND_FORM)
        return PASSED[CheckId.SIGNER], bad, ()
    for who, public in suited:
        if public.verify(token.signature, frame.sig_structure(token, authority_id=who)):
            candidate = trust.candidate(who, public)
            if candidate is None:  # no key of the bundle that came meanwhile
                signer = unknown(CheckId.SIGNER, Reason.SIGNER_UNKNOWN, token.kid.hex())
                return signer, NOT_CHECKED[CheckId.SIGNATURE], ()
            return PASSED[CheckId.SIGNER], PASSED[CheckId.SIGNATURE], (candidate,)
    return PASSED[CheckId.SIGNER], fail(CheckId.SIGNATURE, Reason.SIGNATURE_BAD), ()


def signers_of(token: Sign1, trust: Trust) -> set[str]:
    """The ids of the authorities for which a token is signed: one, or none; nobody is read."""
    return {
        who
        for who, public in trust.named(token.kid)
        if public.suite is token.suite
        and token.suite.is_canonical(token.signature)
        and public.verify(token.signature, frame.sig_structure(token, authority_id=who))
    }


def check_use(candidate: Candidate, use: KeyUse) -> Check:
    """Clause 5.6: the key may sign this kind of thing."""
    if use in candidate.key.uses:
        return PASSED[CheckId.USE]
    return fail(CheckId.USE, Reason.USE_WRONG)


def check_window(certificate: Certificate, candidate: Candidate, *, at_s: int) -> Check:
    """Clause 5.6: issued while the key was meant to issue, and not after today."""
    day = day_number(certificate.issued)
    if not candidate.key.covers(day):
        return fail(CheckId.WINDOW, Reason.OUTSIDE_WINDOW)
    if day > china_day(at_s):
        return unknown(CheckId.WINDOW, Reason.ISSUED_IN_FUTURE)
    return PASSED[CheckId.WINDOW]


def check_compromise(token: Sign1, candidate: Candidate) -> Check:
    """Clause 5.6: a compromised key proves nothing except what a rescue list names."""
    key = candidate.key
    if key.state is not KeyState.COMPROMISED:
        return PASSED[CheckId.COMPROMISE]
    from etitle.trust.rescue import digest  # noqa: PLC0415  # after a compromise only

    rescue = candidate.anchor.rescue_for(key)
    signed = frame.sig_structure(token, authority_id=candidate.anchor.bundle.authority.id)
    if rescue is not None and digest(signed) in rescue:
        return Check(CheckId.COMPROMISE, Outcome.PASS, Reason.RESCUED)
    return unknown(CheckId.COMPROMISE, Reason.COMPROMISED)


def check_segment(certificate: Certificate, candidate: Candidate) -> Check:
    """Clauses 5.7 and 5.13: the number is the approving body's, and the key signs for it."""
    check, segments = CheckId.SEGMENT, candidate.anchor.segments_for(certificate)
    body = (certificate.approving_body, certificate.body_level)
    if segments and not any((one.body, one.body_level) == body for one in segments):
        return fail(check, Reason.BODY_MISMATCH)
    if not segments and candidate.anchor.bundle.segments:
        return fail(check, Reason.OUTSIDE_SEGMENT)
    if not candidate.key.may_sign(certificate, segments):
        return fail(check, Reason.OUTSIDE_SCOPE)
    return PASSED[check] if segments else unknown(check, Reason.NO_SEGMENTS)


def check_bundle(candidate: Candidate, question: Question) -> Check:
    """Clauses 5.9 and 5.10: the bundle is no example, and recent enough to trust its keys."""
    bundle = candidate.anchor.bundle
    if bundle.example and not question.policy.examples:
        return unknown(CheckId.BUNDLE, Reason.EXAMPLE)
    return _freshness(
        CheckId.BUNDLE,
        (bundle.issued_s, bundle.next_update_s, candidate.anchor.latest_time_s),
        (Reason.BUNDLE_STALE, Reason.BUNDLE_EXPIRED),
        at_s=question.at_s,
        last_s=bundle.next_update_s + question.policy.grace_s,
    )


def _freshness(
    check: CheckId,
    times: tuple[int, int, int],
    reasons: tuple[Reason, Reason],
    *,
    at_s: int,
    last_s: int,
) -> Check:
    """Clause 7.4: fresh until the next update, stale until the last second that counts."""
    issued_s, expires_s, latest_s = times
    if at_s < max(issued_s, latest_s) - CLOCK_SKEW_S:
        return unknown(check, Reason.CLOCK_BEHIND)
    if at_s <= min(expires_s, last_s):
        return PASSED[check]
    stale, expired = reasons
    days = str((at_s - issued_s) // 86_400)
    if at_s <= last_s:
        return Check(check, Outcome.PASS, stale, days)
    return unknown(check, expired, days)


def check_standing(
    certificate: Certificate, candidate: Candidate, question: Question
) -> tuple[list[Check], Standing]:
    """Clause 8.3, *list*, *freshness*, *coverage* and *standing*.

    A revocation counts however old the list is (clause 7.6); *in force* needs every check of the
    axis to pass.
    """
    bundle = candidate.anchor.bundle
    found = question.lists.find(bundle.authority.id, certificate.list_id)
    if found is None:
        damage = question.lists.damage(bundle.authority.id, certificate.list_id)
        checks = [
            unknown(CheckId.LIST, Reason.LIST_MISSING)
            if damage is None
            else unknown(CheckId.LIST, Reason.LIST_DAMAGED, damage.code),
            NOT_CHECKED[CheckId.FRESHNESS],
            NOT_CHECKED[CheckId.COVERAGE],
            unknown(CheckId.STANDING, Reason.STANDING_UNKNOWN),
        ]
        return checks, UNKNOWN_STANDING
    listed = _check_list(found, candidate)
    fresh = _freshness(
        CheckId.FRESHNESS,
        (found.issued_s, found.expires_s, candidate.anchor.latest_time_s),
        (Reason.STALE, Reason.EXPIRED),
        at_s=question.at_s,
        last_s=min(
            found.expires_s + question.policy.grace_s,
            found.issued_s + question.policy.max_age_s,
        ),
    )
    covered = _check_coverage(found, certificate)
    checks = [listed, fresh, covered]
    if certificate.index < found.table.coverage:
        entry = found.table.look_up(certificate.index)
        if entry.kind is not StatusKind.VALID:
            state, reason = STATES[entry.kind]
            since = None if entry.day is None else day_date(entry.day)
            checks.append(Check(CheckId.STANDING, Outcome.PASS, reason, entry.successor or ""))
            return checks, Standing(state, since, entry.successor, found.issued_s)
    if listed.outcome is fresh.outcome is covered.outcome is Outcome.PASS:
        if _is_past(certificate.copy, question):
            checks.append(unknown(CheckId.STANDING, Reason.COPY_EXPIRED))
            return checks, Standing(State.UNKNOWN, as_of_s=found.issued_s)
        checks.append(_IN_FORCE)
        return checks, Standing(State.IN_FORCE, as_of_s=found.issued_s)
    checks.append(unknown(CheckId.STANDING, Reason.STANDING_UNKNOWN))
    return checks, Standing(State.UNKNOWN, as_of_s=found.issued_s)


def _is_past(copy: EndorsedCopy | None, question: Question) -> bool:
    """Clause 2.6.3: whether the last day of an endorsed copy is over."""
    return copy is not None and china_day(question.at_s) > day_number(copy.expires)


_IN_FORCE: Final = Check(CheckId.STANDING, Outcome.PASS, Reason.IN_FORCE)


def _check_list(found: StatusList, candidate: Candidate) -> Check:
    table = found.table
    for entry in candidate.anchor.bundle.lists:
        if entry.list_id == table.list_id:
            if table.epoch == entry.epoch and found.sequence >= entry.minimum_sequence:
                return PASSED[CheckId.LIST]
            break
    return unknown(CheckId.LIST, Reason.LIST_UNKNOWN)


def _check_coverage(found: StatusList, certificate: Certificate) -> Check:
    if certificate.index >= found.table.coverage:
        return unknown(CheckId.COVERAGE, Reason.BEYOND_COVERAGE)
    if day_number(certificate.issued) > china_day(found.issued_s):
        return unknown(CheckId.COVERAGE, Reason.NEWER_THAN_LIST)
    return PASSED[CheckId.COVERAGE]
