"""An authority's bundles, oldest first, as its issuing side opens and reads them out."""

from __future__ import annotations

from collections.abc import Sequence

from etitle.errors import LANGUAGES, FieldError, IssueError, TrustError
from etitle.keys.signer import Signer
from etitle.store.held import open_chain
from etitle.trust.bundle import encode_bundle, fingerprint
from etitle.trust.pin import spell_fingerprint
from etitle.trust.published import Bundle
from etitle.trust.rescue import Rescue, encode_rescue
from etitle.trust.roots import missing_signatures, parse_bundle
from etitle.trust.words import spell_words


def open_bundle_chain(bundles: Sequence[bytes]) -> Bundle:
    """The last of an authority's bundles: the one in force.

    Each needs enough signatures of the roots before it and of its own.  The first is trusted:
    these are the issuer's own files.

    Args:
        bundles: the signed bundles, oldest first.

    Raises:
        IssueError: ``issue.no_bundle``.
        TrustError: those of ``open_bundle`` and ``open_next``.
    """
    if not bundles:
        raise IssueError("issue.no_bundle")
    _, first = parse_bundle(bundles[0])
    return open_chain(bundles, pin=fingerprint(first.roots))


def is_signed_enough(data: bytes, *, before: Bundle | None) -> bool:
    """Whether a bundle has the signatures that its own roots, and those before, demand."""
    _, bundle = parse_bundle(data)
    sets = [bundle.roots] if before is None else [bundle.roots, before.roots]
    return all(missing_signatures(data, roots=roots) == 0 for roots in sets)


def demand_shown(payload: bytes, bundle: Bundle | Rescue) -> None:
    """Refuse to sign what this program reads only in part: what it ignores, it can't show.

    A verifier ignores unknown entries that are uncritical (docs/spec clause 5.11), and so a newer
    one may find in them what nobody was asked about.

    Args:
        payload: what would be signed.
        bundle: what was read of it.

    Raises:
        IssueError: ``issue.not_all_shown``.
    """
    try:
        own = encode_bundle(bundle) if isinstance(bundle, Bundle) else encode_rescue(bundle)
    except FieldError as error:
        if error.details.get("rule") != "bundle.version_unknown":
            raise
        own = b""
    if own != payload:
        raise IssueError("issue.not_all_shown")


def demand_next(bundle: Bundle, *, before: Bundle | None) -> None:
    """Refuse a bundle that no verifier would take after the one in force, whoever signed it.

    Raises:
        TrustError: ``bundle.wrong_authority`` or ``bundle.rollback``.
    """
    if before is None:
        return
    if bundle.authority.id != before.authority.id:
        raise TrustError(
            "bundle.wrong_authority", authority=bundle.authority.id, current=before.authority.id
        )
    if bundle.version <= before.version or bundle.issued_s < before.issued_s:
        raise TrustError("bundle.rollback", version=bundle.version, current=before.version)


def demand_roots(signers: Sequence[Signer], bundle: Bundle, *, before: Bundle | None) -> None:
    """Refuse a signer whose signature would count for nothing.

    Somebody may hand a root a file whose roots are others, beside a forged bundle in force.

    Raises:
        IssueError: ``issue.root_unknown``.
    """
    sets = [bundle.roots] if before is None else [bundle.roots, before.roots]
    for signer in signers:
        if not any(signer.public in roots.keys for roots in sets):
            raise IssueError("issue.root_unknown", kid=signer.public.kid.hex())


def fingerprint_text(bundle: Bundle) -> str:
    """The fingerprint of a bundle's roots as it is printed and read out: digits, then words."""
    groups = spell_fingerprint(fingerprint(bundle.roots)).split()
    lines = [" ".join(groups[at : at + 4]) for at in range(0, len(groups), 4)]
    who = bundle.authority
    mark = ["样例 / EXAMPLE"] if bundle.example else []
    words = [spell_words(fingerprint(bundle.roots), language) for language in LANGUAGES]
    return "\n".join([*mark, f"{who.name_zh} / {who.name_en} ({who.id})", *lines, *words, ""])
