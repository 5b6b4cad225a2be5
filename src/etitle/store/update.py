"""Which received files are accepted, and which are alarms (docs/spec clause 7.3).

No folder and no clock here.  One authority at a time:

(1) Accept bundles in ascending version, for they say whose lists count.
(2) Give up the held lists and rescue lists that the new bundle no longer lets stand.
(3) Accept rescue lists.
(4) Extend each status list as far as its files lead (``lineage``).

Updates are all-or-nothing: an alarm is raised before anything is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import NoReturn

from etitle.errors import StoreError, TrustError
from etitle.store.held import Held, HeldList, open_chain, open_files
from etitle.store.incoming import FileKind, IncomingFile
from etitle.store.lineage import extend
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
    """A file that an update left aside.

    Attributes:
        name: the name that it came with.
        code: why.
        looks: what it looks like, where it is no published file: a code too; else None.
    """

    name: str
    code: str
    looks: str | None = None


@dataclass(frozen=True, slots=True)
class Advance:
    """One authority after an update."""

    held: Held
    changes: tuple[StoreChange, ...]
    skipped: tuple[Skipped, ...]


def advance(held: Held, files: Sequence[IncomingFile]) -> Advance:
    """Bring one authority as far as its received files lead.

    Args:
        held: what is held of it.
        files: received files that claim to be of this authority.

    Raises:
        StoreError: ``store.rollback``, ``store.forked``, ``store.delta_gap``,
            ``store.below_minimum`` or ``store.epoch_ahead``.
        TrustError: of the file that claims to lead furthest, where it can't be believed.
    """
    skipped: list[Skipped] = []
    after = _accept_bundles(held, _of_kind(files, {"bundle"}), skipped)  # (1)
    if after.bundle != held.bundle:
        after = _keep_what_stands(after)  # (2)
    after = _accept_rescues(after, _of_kind(files, {"rescue"}), skipped)  # (3)
    after = _extend_lists(after, _of_kind(files, {"list", "delta"}), skipped)  # (4)
    return Advance(after, tuple(_changes(held, after)), tuple(skipped))


def _of_kind(files: Sequence[IncomingFile], kinds: Collection[FileKind]) -> list[IncomingFile]:
    return [file for file in files if file.kind in kinds]


def _skip(file: IncomingFile, error: TrustError | str) -> Skipped:
    return Skipped(file.name, error if isinstance(error, str) else error.code)


# --- (1) bundles --------------------------------------------------------------------------------


def _accept_bundles(held: Held, files: Sequence[IncomingFile], skipped: list[Skipped]) -> Held:
    started = held.bundle.version
    newest = max((file.end for file in files), default=started)
    if newest < started:
        raise StoreError(
            "store.rollback",
            authority=held.bundle.authority.id,
            what="bundle",
            given=newest,
            held=started,
        )
    failed: dict[int, TrustError] = {}
    # Publishers keep every bundle (clause 5.5): those behind the held one are history.
    for file in sorted(files, key=lambda file: file.end):
        if file.end < started or _is_held(file, held):
            continue
        try:
            held = _accept_bundle(file, held)
        except TrustError as error:
            failed[file.end] = error
            skipped.append(_skip(file, error))
    if failed and max(failed) > held.bundle.version:
        raise failed[max(failed)]
    return held


def _is_held(file: IncomingFile, held: Held) -> bool:
    """Whether a file says the same as the bundle in force, whoever else endorsed it."""
    return (
        file.end == held.bundle.version
        and file.after == sha256(encode_bundle(held.bundle)).digest()
    )


def _accept_bundle(file: IncomingFile, held: Held) -> Held:
    # Clause 5.5: what could stand in the place of the bundle in force, or could follow it but for
    # the number, is a fork, even with other roots.
    if file.end == held.bundle.version and _opens((*held.chain[:-1], file.data), pin=held.pin):
        _refuse_fork(file)
    try:
        bundle = open_next(file.data, current=held.bundle)
    except TrustError as error:
        if error.code == "bundle.forked":
            _refuse_fork(file)
        raise
    return replace(held, chain=_shorten((*held.chain, file.data), pin=held.pin), bundle=bundle)


def _refuse_fork(file: IncomingFile) -> NoReturn:
    raise StoreError("store.forked", authority=file.authority_id, what=file.kind, number=file.end)


def _shorten(chain: tuple[bytes, ...], *, pin: bytes) -> tuple[bytes, ...]:
    """Leave out the bundles that are not needed between the pin and the last.

    Whether one is needed is tried, not reasoned: without it the last must still open.  One bundle
    stays for each change of roots.
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


# --- (2) what a new bundle lets stand -----------------------------------------------------------


def _keep_what_stands(held: Held) -> Held:
    return replace(
        held,
        rescues=tuple(item for item in held.rescues if _is_rescue(item[0], held.bundle)),
        lists=tuple(_list_under(held.bundle, item) for item in held.lists),
    )


def _is_rescue(data: bytes, bundle: Bundle) -> bool:
    try:
        open_rescue(data, bundle=bundle)
    except TrustError:
        return False
    return True


def _list_under(bundle: Bundle, held: HeldList) -> HeldList:
    """A held list under a new bundle: as it is, or its high-water mark alone."""
    entry = next((entry for entry in bundle.lists if entry.list_id == held.list_id), None)
    if entry is None:
        return held.without_list()
    if entry.epoch < held.epoch:
        raise StoreError(
            "store.rollback",
            authority=bundle.authority.id,
            what=f"list {held.list_id}, epoch",
            given=entry.epoch,
            held=held.epoch,
        )
    if entry.epoch > held.epoch or held.sequence < entry.minimum_sequence or not held.files:
        return held.without_list()
    try:
        open_files(held.files, authority_id=bundle.authority.id, keys=list_keys(bundle))
    except TrustError:  # its key was withdrawn
        return held.without_list()
    return held


# --- (3) rescue lists ---------------------------------------------------------------------------


def _accept_rescues(held: Held, files: Sequence[IncomingFile], skipped: list[Skipped]) -> Held:
    latest: dict[bytes, tuple[bytes, Rescue]] = {
        rescue.thumbprint: (data, rescue) for data, rescue in held.rescues
    }
    for file in files:
        try:
            rescue = open_rescue(file.data, bundle=held.bundle)
        except TrustError as error:
            skipped.append(_skip(file, error))
            continue
        known = latest.get(rescue.thumbprint)
        if known is None or rescue.issued_s > known[1].issued_s:
            latest[rescue.thumbprint] = (file.data, rescue)
        elif rescue.issued_s == known[1].issued_s and rescue != known[1]:
            _refuse_fork(file)
    return replace(held, rescues=tuple(latest[thumbprint] for thumbprint in sorted(latest)))


# --- (4) status lists ---------------------------------------------------------------------------


def _extend_lists(held: Held, files: Sequence[IncomingFile], skipped: list[Skipped]) -> Held:
    bundle = held.bundle
    entries = {entry.list_id: entry for entry in bundle.lists}
    received: dict[int, list[IncomingFile]] = {}
    for file in files:
        if file.list_id in entries:
            received.setdefault(file.list_id, []).append(file)
        else:
            skipped.append(_skip(file, "store.list_unknown"))
    after = {item.list_id: item for item in held.lists}
    keys = list_keys(bundle)
    for list_id, files_of_list in received.items():
        entry, former = entries[list_id], after.get(list_id)
        if former is not None and former.epoch < entry.epoch:
            former = None  # an epoch begins again (clause 6.7)
        extension = extend(
            former, files_of_list, entry=entry, authority_id=bundle.authority.id, keys=keys
        )
        after[list_id] = extension.held
        skipped += [_skip(file, error) for file, error in extension.failures.items()]
    return replace(held, lists=tuple(after[list_id] for list_id in sorted(after)))


# --- what changed -------------------------------------------------------------------------------


def _changes(before: Held, after: Held) -> list[StoreChange]:
    old, new = _numbers(before), _numbers(after)
    epochs = {item.list_id: item.epoch for item in before.lists}
    # A list of a new epoch may have the very sequence that the old one had.
    begun = {
        f"list {item.list_id}"
        for item in after.lists
        if epochs.get(item.list_id, item.epoch) != item.epoch
    }
    return [
        StoreChange(after.bundle.authority.id, what, old.get(what), new.get(what))
        for what in {**old, **new}
        if old.get(what) != new.get(what) or what in begun
    ]


def _numbers(held: Held) -> dict[str, int]:
    """Version, sequences and issue times, each by what it is the number of."""
    return {
        "bundle": held.bundle.version,
        **{
            f"list {item.list_id}": item.sequence for item in held.lists if item.current is not None
        },
        **{f"rescue {rescue.thumbprint.hex()[:8]}": rescue.issued_s for _, rescue in held.rescues},
    }
