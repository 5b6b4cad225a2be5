"""Which received bundles follow the one in force (docs/spec clauses 5.5 and 7.3).

Each file is read a fixed number of times, so many large bundles cost as many times one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NoReturn

from etitle.errors import StoreError, TrustError
from etitle.store.budget import Budget
from etitle.store.held import Held, open_links
from etitle.store.incoming import IncomingFile
from etitle.store.notes import Notes
from etitle.trust.bundle import Bundle, RootSet, fingerprint, payload_hash
from etitle.trust.roots import is_signed, open_bundle, open_next, parse_bundle


def accept_bundles(
    start: Held, files: Sequence[IncomingFile], notes: Notes, budget: Budget
) -> Held:
    """Accept bundles in ascending version.

    Args:
        start: what is held of the authority.
        files: received bundles that claim to be of it.
        notes: where the files left aside and the alarms ``store.rollback``, ``store.forked`` and
            ``store.too_many_roots`` are noted; after an alarm no bundle is accepted.
        budget: what the authority may take of the store.
    """
    held, started = start, start.bundle.version
    passed: list[Bundle] = []
    if (elsewhere := _leads_elsewhere(files, held)) is not None:
        notes.skip(elsewhere, "store.forked")
        notes.alarms.append(_fork(elsewhere))
        return start
    # Publishers keep every bundle (clause 5.5): those behind the held one are history.
    newest = max(files, key=lambda file: file.end, default=None)
    if newest is not None and newest.end < started and _was_signed(newest, held):
        notes.alarms.append(
            StoreError(
                "store.rollback",
                authority=held.bundle.authority.id,
                what="bundle",
                given=newest.end,
                held=started,
            )
        )
    for file in sorted(files, key=lambda file: file.end):
        if file.end < started or _is_held(file, held):
            continue
        if held is start and _is_by_former_roots(file, held):
            notes.skip(file, "store.forked")
            notes.alarms.append(_fork(file))
            continue
        try:
            before, held = held.bundle, _accept_bundle(file, held, budget)
            if before.roots != held.bundle.roots:
                passed.append(before)
        except TrustError as error:
            if error.code == "bundle.too_few_signatures" and _is_by_any(file, passed):
                notes.skip(file, "store.forked")
                notes.alarms.append(_fork(file))
                return start
            notes.skip(file, error)
        except StoreError as alarm:
            notes.skip(file, alarm)
            notes.alarms.append(alarm)
            return start
    return held


def _was_signed(file: IncomingFile, held: Held) -> bool:
    """Whether some roots that the store knows signed an older bundle: else it is no evidence."""
    try:
        body, bundle = parse_bundle(file.data)
    except TrustError:
        return False
    known = (*held.links, held.bundle)
    return bundle.authority.id == held.bundle.authority.id and any(
        is_signed(body, roots=one.roots) for one in known
    )


def _leads_elsewhere(files: Sequence[IncomingFile], held: Held) -> IncomingFile | None:
    """An older bundle by which the roots in force were changed: another way than the one held.

    Such roots may have been stolen, and what is held a thief's.  Roots may also have come back by
    bundles of the versions between.
    """
    known = {fingerprint(one.roots) for one in _links(held)}
    for file in sorted(files, key=lambda file: file.end):
        if file.end >= held.bundle.version or file.roots in known:
            continue
        if _is_by(file, [held.bundle.roots]) and not _comes_back(file, files, held, known):
            return file
    return None


def _is_by(file: IncomingFile, sets: Sequence[RootSet]) -> bool:
    """Whether a bundle is signed enough by one of these sets, and by its own roots."""
    try:
        body, bundle = parse_bundle(file.data)
    except TrustError:
        return False
    return is_signed(body, roots=bundle.roots) and any(is_signed(body, roots=one) for one in sets)


def _comes_back(
    changed: IncomingFile, files: Sequence[IncomingFile], held: Held, known: Collection[bytes]
) -> bool:
    """Whether later bundles lead from other roots back to those of the bundles held."""
    way = [parse_bundle(changed.data)[1].roots]
    for file in sorted(files, key=lambda file: file.end):
        if changed.end < file.end <= held.bundle.version and _is_by(file, way):
            if file.roots in known:
                return True
            way.append(parse_bundle(file.data)[1].roots)
    return False


def _is_held(file: IncomingFile, held: Held) -> bool:
    """Whether a file says the same as the bundle in force, whoever else endorsed it."""
    return file.end == held.bundle.version and file.after == payload_hash(held.bundle)


def _is_by_former_roots(file: IncomingFile, held: Held) -> bool:
    """Whether the roots before a change signed what could stand in the place of the change.

    Two changes of one set of roots are a fork, and it is told.  But the roots in force did not
    sign it, so it stops nothing: the former ones may have been changed because they were stolen.
    """
    links = _links(held)
    if file.end != held.bundle.version or len(links) == 1:
        return False
    # Anybody can write a file that claims to be of the version in force: only what opens is read.
    return _opens(file.data, links[-2:-1], pin=held.pin) and not is_signed(
        parse_bundle(file.data)[0], roots=held.bundle.roots
    )


def _is_by_any(file: IncomingFile, passed: Sequence[Bundle]) -> bool:
    """Whether roots that this update left behind signed it too: two ways lead on from them."""
    body, bundle = parse_bundle(file.data)
    return is_signed(body, roots=bundle.roots) and any(
        is_signed(body, roots=one.roots) for one in passed
    )


def _links(held: Held) -> list[Bundle]:
    return list(held.links or open_links(held.chain, pin=held.pin))


def _accept_bundle(file: IncomingFile, held: Held, budget: Budget) -> Held:
    links = _links(held)
    try:
        bundle = open_next(file.data, current=held.bundle)
    except TrustError as error:
        if error.code == "bundle.forked":
            _refuse_fork(file)
        if error.code == "bundle.rollback":  # signed enough, and issued before the one in force
            raise StoreError(
                "store.rollback",
                authority=file.authority_id,
                what="bundle, issue time",
                given=file.end,
                held=held.bundle.version,
            ) from None
        raise
    _refuse_lower_epochs(bundle, held)
    # Leave out the bundles that are not needed between the pin and the last.  Whether one is
    # needed is tried, not reasoned: without it the last must still open.  One bundle stays for
    # each change of roots.
    chain = list(held.chain)
    while links and _opens(file.data, links[-2:-1], pin=held.pin):
        links.pop()
        chain.pop()
    demand_short((*chain, file.data), authority_id=bundle.authority.id, budget=budget)
    return replace(held, chain=(*chain, file.data), bundle=bundle, links=(*links, bundle))


def demand_short(chain: Sequence[bytes], *, authority_id: str, budget: Budget) -> None:
    """Refuse a way from the pin to today's roots that takes too long to go each time.

    Raises:
        StoreError: ``store.too_many_roots``.
    """
    if len(chain) > budget.chain:
        raise StoreError("store.too_many_roots", authority=authority_id, limit=budget.chain)


def _opens(data: bytes, before: Sequence[Bundle], *, pin: bytes) -> bool:
    """Whether a bundle opens after another one, or as the first one under the pin."""
    try:
        if before:
            open_next(data, current=before[0])
        else:
            open_bundle(data, pin=pin)
    except TrustError:
        return False
    return True


def _refuse_lower_epochs(bundle: Bundle, held: Held) -> None:
    seen = {entry.list_id: entry.epoch for entry in held.bundle.lists}
    for item in held.lists:
        seen[item.list_id] = max(item.epoch, seen.get(item.list_id, item.epoch))
    for entry in bundle.lists:
        if entry.epoch < seen.get(entry.list_id, entry.epoch):
            raise StoreError(
                "store.rollback",
                authority=bundle.authority.id,
                what=f"list {entry.list_id}, epoch",
                given=entry.epoch,
                held=seen[entry.list_id],
            )


def _refuse_fork(file: IncomingFile) -> NoReturn:
    raise _fork(file)


def _fork(file: IncomingFile) -> StoreError:
    return StoreError("store.forked", authority=file.authority_id, what=file.kind, number=file.end)
