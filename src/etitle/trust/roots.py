"""Who may say which keys speak: signed bundles, the pin, and rotation (docs/spec 5.3 to 5.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from etitle import cose
from etitle.errors import DecodeError, TrustError
from etitle.keys.signer import Signer
from etitle.trust.bundle import (
    MAX_BUNDLE_BYTES,
    Bundle,
    RootSet,
    decode_bundle,
    encode_bundle,
    fingerprint,
    payload_hash,
)
from etitle.trust.segments import find_overlap

BUNDLE_TYP: Final = "application/vnd.etitle.bundle+cbor"


def is_signed(body: cose.Sign, *, roots: RootSet) -> bool:
    """Whether enough roots of a set signed."""
    return count_signatures(body, roots=roots) >= roots.threshold


def count_signatures(body: cose.Sign, *, roots: RootSet) -> int:
    """How many distinct roots of the set have a right signature on an envelope (clause 5.3).

    A signature is right if it is of the root's suite, has the one form of clause 3.3 and
    verifies.  Signatures by anyone else are not looked at, so at most 16 are ever checked.
    """
    by_kid = {endorsement.kid: endorsement for endorsement in body.endorsements}
    count = 0
    for root in roots.keys:
        endorsement = by_kid.get(root.thumbprint)
        if (
            endorsement is not None
            and endorsement.suite is root.suite
            and root.suite.is_canonical(endorsement.signature)
            and root.verify(endorsement.signature, body.to_be_signed(endorsement))
        ):
            count += 1
    return count


def require_signed(body: cose.Sign, *, roots: RootSet, whose: str) -> None:
    """Refuse an envelope with too few signatures of a root set.

    Args:
        body: a bundle's or a rescue list's envelope.
        roots: the root set.
        whose: ``"current"``, ``"own"`` or ``"pinned"``, for the error's details.

    Raises:
        TrustError: ``bundle.too_few_signatures``.
    """
    count = count_signatures(body, roots=roots)
    if count < roots.threshold:
        raise TrustError(
            "bundle.too_few_signatures", whose=whose, count=count, threshold=roots.threshold
        )


def sign_bundle(bundle: Bundle, *, signers: Sequence[Signer]) -> bytes:
    """Sign a bundle by some of the roots; more may endorse it later.

    Raises:
        FieldError: ``bundle.refused`` where the bundle breaks clause 5.
    """
    return cose.sign(encode_bundle(bundle), signers=signers, typ=BUNDLE_TYP).to_bytes()


def endorse_bundle(data: bytes, *, signers: Sequence[Signer]) -> bytes:
    """Add the signatures of further roots to a bundle, whoever signed it before.

    Raises:
        TrustError: ``bundle.malformed``, ``bundle.version_unknown``.
    """
    body, _ = parse_bundle(data)
    return cose.endorse(body, signers=signers).to_bytes()


def missing_signatures(data: bytes, *, roots: RootSet) -> int:
    """How many signatures a bundle still lacks under a root set; 0 where it is signed enough.

    Raises:
        TrustError: ``bundle.malformed``, ``bundle.version_unknown``.
    """
    body, _ = parse_bundle(data)
    return max(0, roots.threshold - count_signatures(body, roots=roots))


def open_bundle(data: bytes, *, pin: bytes) -> Bundle:
    """Verify and open a verifier's first bundle (clause 5.4).

    Args:
        data: the signed bundle.
        pin: the fingerprint of the root set, 32 bytes, received by another channel.

    Raises:
        TrustError: ``bundle.malformed``, ``bundle.version_unknown``, ``bundle.pin_mismatch``,
            ``bundle.too_few_signatures`` or ``bundle.segments_overlap``.
    """
    body, bundle = parse_bundle(data)
    if fingerprint(bundle.roots) != pin:
        raise TrustError("bundle.pin_mismatch", authority=bundle.authority.id)
    require_signed(body, roots=bundle.roots, whose="pinned")
    _demand_apart(bundle)
    return bundle


def open_next(data: bytes, *, current: Bundle) -> Bundle:
    """Verify and open a bundle that is to replace the current one (clause 5.5).

    Args:
        data: the signed bundle.
        current: the bundle in force.

    Raises:
        TrustError: ``bundle.malformed``, ``bundle.version_unknown``, ``bundle.wrong_authority``,
            ``bundle.too_few_signatures`` (of the current roots or of its own),
            ``bundle.unchanged`` (the current one again), ``bundle.forked`` (same version, other
            payload), ``bundle.rollback`` (lower version, or issued earlier) or
            ``bundle.example_changed`` or ``bundle.segments_overlap``.
    """
    body, bundle = parse_bundle(data)
    if bundle.authority.id != current.authority.id:
        raise TrustError(
            "bundle.wrong_authority", authority=bundle.authority.id, current=current.authority.id
        )
    # Signatures first: what nobody signed is no evidence of a rollback or a fork.
    require_signed(body, roots=current.roots, whose="current")
    require_signed(body, roots=bundle.roots, whose="own")
    if payload_hash(bundle) == payload_hash(current):
        raise TrustError("bundle.unchanged", version=current.version)
    if bundle.version == current.version:
        raise TrustError("bundle.forked", version=current.version)
    if bundle.version < current.version or bundle.issued_s < current.issued_s:
        raise TrustError("bundle.rollback", version=bundle.version, current=current.version)
    if bundle.example != current.example:
        raise TrustError("bundle.example_changed", version=bundle.version)
    _demand_apart(bundle)
    return bundle


def _demand_apart(bundle: Bundle) -> None:
    """Refuse a bundle under which two bodies could sign one number (clause 5.7)."""
    overlap = find_overlap(bundle.segments)
    if overlap is not None:
        raise TrustError("bundle.segments_overlap", first=overlap[0].id, second=overlap[1].id)


def parse_bundle(data: bytes) -> tuple[cose.Sign, Bundle]:
    """Read a signed bundle without believing it.

    Raises:
        TrustError: ``bundle.malformed``, ``bundle.version_unknown``.
    """
    try:
        body = cose.parse_sign(data, max_bytes=MAX_BUNDLE_BYTES)
        if body.typ != BUNDLE_TYP:
            raise TrustError("bundle.malformed", field="typ")
        return body, decode_bundle(body.payload)
    except DecodeError as error:
        if error.code.startswith("bundle."):
            raise TrustError(error.code, **error.details) from None
        raise TrustError("bundle.malformed", field=error.code) from None
