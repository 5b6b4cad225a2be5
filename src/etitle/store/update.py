"""Which received files are accepted, and which are alarms (docs/spec clause 7.3).

No folder and no clock here.  One authority at a time: bundles first, in ascending version, for they
say whose lists count; then rescue lists; then each list as far as it gets.  An alarm is raised
before anything is kept, so the caller either takes the whole step or none of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from etitle.errors import StoreError, TrustError
from etitle.store.held import Held, HeldList, open_chain, open_files
from etitle.store.incoming import IncomingFile
from etitle.store.lineage import Lineage
from etitle.trust.bundle import Bundle, encode_bundle, list_keys
from etitle.trust.rescue import Rescue, open_rescue
from etitle.trust.roots import open_next


@dataclass(frozen=True, slots=True)
class StoreChange:
    """One thing that an update brought forward.

    Attributes:
        authority_id: whose.
        what: ``bundle``, ``list 7`` or ``rescue <first 8 hexadecimal digits of the thumbprint>``.
        before: version, sequence or issue time before; None where there was none.
        after: the same now; None where a list stopped being believed.
    """

    authority_id: str
    what: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that an update left aside, and the code that says why."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Advance:
    """One authority after an update."""

    held: Held
    changes: tuple[StoreChange, ...]
    skipped: tuple[Skipped, ...]


def advance(held: Held, claims: Sequence[IncomingFile]) -> Advance:
    """Bring one authority as far as its received files lead.

    Args:
        held: what is held of it.
        claims: received files that say they are of this authority.

    Raises:
        StoreError: ``store.rollback``, ``store.forked``, ``store.delta_gap``,
            ``store.below_minimum`` or ``store.epoch_ahead``.
        TrustError: of the file that claims to lead furthest, where it can't be believed.
    """
    skipped: list[Skipped] = []
    after = _bundles(held, [claim for claim in claims if claim.kind == "bundle"], skipped)
    if after.bundle != held.bundle:
        after = _carry(after)
    after = _rescues(after, [claim for claim in claims if claim.kind == "rescue"], skipped)
    after = _lists(after, [claim for claim in claims if claim.kind in {"list", "delta"}], skipped)
    return Advance(after, tuple(_changes(held, after)), tuple(skipped))


def _skip(claim: IncomingFile, error: TrustError | str) -> Skipped:
    return Skipped(claim.name, error if isinstance(error, str) else error.code)


def _bundles(held: Held, claims: Sequence[IncomingFile], skipped: list[Skipped]) -> Held:
    current = held.bundle
    authority_id, started = current.authority.id, current.version
    if claims and max(claim.end for claim in claims) < started:
        raise StoreError(
            "store.rollback", authority=authority_id, what="bundle",
            given=max(claim.end for claim in claims), held=started,
        )  # fmt: skip
    chain = held.chain
    failed: dict[int, TrustError] = {}
    for claim in sorted(claims, key=lambda claim: claim.end):
        if claim.end < started:
            continue  # publishers keep every bundle (clause 5.5)
        if claim.end == current.version:
            if claim.after == sha256(encode_bundle(current)).digest():
                continue  # the same content; who else endorsed it is of no account
            # Clause 5.5: what could stand in its place, or could follow it but for the number, is a
            # fork, even with other roots.
            if _opens((*chain[:-1], claim.data), pin=held.pin):
                raise StoreError(
                    "store.forked", authority=claim.authority_id, what=claim.kind, number=claim.end
                )
        try:
            bundle = open_next(claim.data, current=current)
        except TrustError as error:
            if error.code == "bundle.forked":
                raise StoreError(
                    "store.forked", authority=claim.authority_id, what=claim.kind, number=claim.end
                ) from None
            failed[claim.end] = error
            skipped.append(_skip(claim, error))
            continue
        current, chain = bundle, _shorten((*chain, claim.data), pin=held.pin)
    if failed and max(failed) > current.version:
        raise failed[max(failed)]
    return replace(held, chain=chain, bundle=current)


def _shorten(chain: tuple[bytes, ...], *, pin: bytes) -> tuple[bytes, ...]:
    """Leave out the bundles that are not needed between the pin and the last.

    Whether one is needed is not reasoned but tried: without it the last must still open.  What
    stays is one bundle for each change of roots.
    """
    while len(chain) > 1 and _opens(shorter := (*chain[:-2], chain[-1]), pin=pin):
        chain = shorter
    return chain


def _opens(chain: tuple[bytes, ...], *, pin: bytes) -> bool:
    try:
        open_chain(chain, pin=pin)
    except TrustError:
        return False
    return True


def _carry(held: Held) -> Held:
    """What of lists and rescue lists a new bundle still lets stand."""
    rescues = tuple(item for item in held.rescues if _is_rescue(item[0], held.bundle))
    return replace(
        held, rescues=rescues, lists=tuple(_carried(item, held.bundle) for item in held.lists)
    )


def _is_rescue(data: bytes, bundle: Bundle) -> bool:
    try:
        open_rescue(data, bundle=bundle)
    except TrustError:
        return False
    return True


def _carried(item: HeldList, bundle: Bundle) -> HeldList:
    entry = next((entry for entry in bundle.lists if entry.list_id == item.list_id), None)
    if entry is None:
        return item.without_list()
    if entry.epoch < item.epoch:
        raise StoreError(
            "store.rollback", authority=bundle.authority.id, what=f"list {item.list_id}, epoch",
            given=entry.epoch, held=item.epoch,
        )  # fmt: skip
    if entry.epoch > item.epoch or item.sequence < entry.minimum_sequence or not item.files:
        return item.without_list()
    try:
        open_files(item.files, authority_id=bundle.authority.id, keys=list_keys(bundle))
    except TrustError:  # its key was withdrawn
        return item.without_list()
    return item


def _rescues(held: Held, claims: Sequence[IncomingFile], skipped: list[Skipped]) -> Held:
    known: dict[bytes, tuple[bytes, Rescue]] = {
        rescue.thumbprint: (data, rescue) for data, rescue in held.rescues
    }
    for claim in claims:
        try:
            rescue = open_rescue(claim.data, bundle=held.bundle)
        except TrustError as error:
            skipped.append(_skip(claim, error))
            continue
        former = known.get(rescue.thumbprint)
        if former is None or rescue.issued_s > former[1].issued_s:
            known[rescue.thumbprint] = (claim.data, rescue)
        elif rescue.issued_s == former[1].issued_s and rescue != former[1]:
            raise StoreError(
                "store.forked", authority=claim.authority_id, what=claim.kind, number=claim.end
            )
    return replace(held, rescues=tuple(known[thumbprint] for thumbprint in sorted(known)))


def _lists(held: Held, claims: Sequence[IncomingFile], skipped: list[Skipped]) -> Held:
    bundle = held.bundle
    entries = {entry.list_id: entry for entry in bundle.lists}
    inbox: dict[int, list[IncomingFile]] = {}
    for claim in claims:
        if claim.list_id in entries:
            inbox.setdefault(claim.list_id, []).append(claim)
        else:
            skipped.append(_skip(claim, "store.list_unknown"))
    after = {item.list_id: item for item in held.lists}
    keys = list_keys(bundle)
    for list_id, received in inbox.items():
        entry, former = entries[list_id], after.get(list_id)
        if former is not None and former.epoch < entry.epoch:
            former = None  # an epoch begins again (clause 6.7)
        lineage = Lineage(
            former, received, entry=entry, authority_id=bundle.authority.id, keys=keys
        )
        reached = lineage.run()
        skipped += [_skip(claim, error) for claim, error in lineage.failures.items()]
        if reached is not None:
            after[list_id] = reached
    return replace(held, lists=tuple(after[list_id] for list_id in sorted(after)))


def _changes(before: Held, after: Held) -> list[StoreChange]:
    authority_id = after.bundle.authority.id
    pairs: dict[str, tuple[int | None, int | None]] = {
        "bundle": (before.bundle.version, after.bundle.version)
    }
    for place, side in enumerate((before, after)):
        numbers = [(f"list {i.list_id}", i.sequence) for i in side.lists if i.current is not None]
        numbers += [(f"rescue {r.thumbprint.hex()[:8]}", r.issued_s) for _, r in side.rescues]
        for what, number in numbers:
            was = pairs.get(what, (None, None))[0]
            pairs[what] = (was, number) if place else (number, None)
    epochs = {
        f"list {new.list_id}"
        for new in after.lists
        for old in before.lists
        if new.list_id == old.list_id and new.epoch != old.epoch
    }
    return [
        StoreChange(authority_id, what, was, now)
        for what, (was, now) in pairs.items()
        if was != now or what in epochs
    ]
