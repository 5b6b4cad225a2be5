"""Which received files are accepted, and which are alarms (docs/spec clause 7.3).

No folder and no clock here.  One authority at a time, and of it:

(1) Accept bundles in ascending version, for they say whose lists count.
(2) Give up the held lists and rescue lists that the new bundle no longer lets stand.
(3) Accept rescue lists.
(4) Extend each status list as far as its files lead (``lineage``), each by itself.

An alarm leaves what it is about as it was, and nothing else: a list's alarm stops neither the
bundle nor another list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from etitle.errors import EtitleError, StoreError, TrustError
from etitle.store.budget import Budget
from etitle.store.held import Held, HeldList, mark_alone, open_files
from etitle.store.incoming import FileKind, IncomingFile
from etitle.store.lineage import extend
from etitle.store.notes import Notes, Skipped
from etitle.store.rescues import accept_rescues
from etitle.store.state import HighWaterMark
from etitle.store.succession import accept_bundles
from etitle.trust.bundle import Bundle, ListEntry, list_keys
from etitle.trust.rescue import open_rescue


@dataclass(frozen=True, slots=True)
class StoreChange:
    """One thing that an update brought forward.

    Attributes:
        authority_id: whose.
        what: ``bundle``, ``list 7`` or ``rescue <first 8 hexadecimal digits of the thumbprint>``.
        before: version, sequence or number before; None where there was none.
        after: the same now; None where a list stopped being believed.
    """

    authority_id: str
    what: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Advance:
    """One authority after an update.

    Attributes:
        held: the authority.
        changes: what was brought forward.
        skipped: files left aside.
        alarms: what must be told.
        damaged: lists whose files could not be read: those of ``held`` are to be written again.
    """

    held: Held
    changes: tuple[StoreChange, ...]
    skipped: tuple[Skipped, ...]
    alarms: tuple[EtitleError, ...] = ()
    damaged: frozenset[int] = frozenset()


_BUDGET: Final = Budget()


def advance(
    held: Held, files: Sequence[IncomingFile], *, at_s: int, budget: Budget = _BUDGET
) -> Advance:
    """Bring one authority as far as its received files lead.

    Args:
        held: what is held of it.
        files: received files that claim to be of this authority.
        at_s: the time now, seconds since 1970 UTC.
        budget: what the authority may take of the store.

    Returns:
        The authority after it, and what must be told: the alarms of docs/spec clause 7.3.
    """
    notes = Notes()
    after = accept_bundles(held, _of_kind(files, {"bundle"}), notes, budget)  # (1)
    if after.bundle != held.bundle:
        after = _keep_what_stands(after)  # (2)
    after = accept_rescues(after, _of_kind(files, {"rescue"}), notes, budget)  # (3)
    after = _extend_lists(after, _of_kind(files, {"list", "delta"}), notes, at_s, budget)  # (4)
    changes = tuple(_changes(held, after))
    return Advance(
        after, changes, tuple(notes.skipped), tuple(notes.alarms), frozenset(notes.damaged)
    )


def _of_kind(files: Sequence[IncomingFile], kinds: Collection[FileKind]) -> list[IncomingFile]:
    return [file for file in files if file.kind in kinds]


# --- (2) what a new bundle lets stand -----------------------------------------------------------


def _keep_what_stands(held: Held) -> Held:
    return replace(
        held,
        rescues=tuple(item for item in held.rescues if _is_rescue(item[0], held.bundle)),
        lists=tuple(_list_under(held, item) for item in held.lists),
    )


def _is_rescue(data: bytes, bundle: Bundle) -> bool:
    try:
        open_rescue(data, bundle=bundle)
    except TrustError:
        return False
    return True


def _list_under(held: Held, item: HeldList | HighWaterMark) -> HeldList | HighWaterMark:
    """A held list under a new bundle: as it is, or its high-water mark alone."""
    entry = next((one for one in held.bundle.lists if one.list_id == item.list_id), None)
    stands = (
        entry is not None
        and entry.epoch == item.epoch
        and item.sequence >= entry.minimum_sequence
        and item.is_believed
    )
    if stands:
        try:
            _open_under(held, item)
        except TrustError:  # its key was withdrawn
            stands = False
        except StoreError:  # damaged: told when it is read
            pass
    return item if stands else mark_alone(item)


def _open_under(held: Held, item: HeldList | HighWaterMark) -> None:
    files = item.files if isinstance(item, HeldList) else tuple(map(held.read, item.files))
    open_files(files, authority_id=held.bundle.authority.id, keys=list_keys(held.bundle))


# --- (4) status lists ---------------------------------------------------------------------------


def _extend_lists(
    held: Held, files: Sequence[IncomingFile], notes: Notes, at_s: int, budget: Budget
) -> Held:
    bundle = held.bundle
    entries = {entry.list_id: entry for entry in bundle.lists}
    received: dict[int, list[IncomingFile]] = {}
    for file in files:
        if file.list_id in entries:
            received.setdefault(file.list_id, []).append(file)
        else:
            notes.skip(file, "store.list_unknown")
    after = {item.list_id: item for item in held.lists}
    keys, spent = list_keys(bundle), _Spent(held.lists)
    for list_id, files_of_list in received.items():
        whose = {"authority": bundle.authority.id, "what": f"list {list_id}"}
        if list_id not in after and len(after) >= budget.lists:
            notes.alarms.append(StoreError("store.over_budget", **whose))
            continue
        former = _former(held, after.get(list_id), entries[list_id], notes)
        spent.take(after.get(list_id), -1)
        extension = extend(
            former,
            files_of_list,
            entry=entries[list_id],
            authority_id=bundle.authority.id,
            keys=keys,
            at_s=at_s,
            room=budget.coverage - spent.coverage,
        )
        notes.alarms += extension.alarms
        for file, error in extension.failures.items():
            notes.skip(file, error)
        reached = extension.held
        if reached is not None and reached != former:
            if spent.fits(reached, budget):
                after[list_id] = reached
            else:
                notes.alarms.append(StoreError("store.over_budget", **whose))
        spent.take(after.get(list_id), 1)
    return replace(held, lists=tuple(after[list_id] for list_id in sorted(after)))


class _Spent:
    """What an authority's lists take of its budget."""

    __slots__ = ("coverage", "size")

    def __init__(self, lists: Iterable[HeldList | HighWaterMark]) -> None:
        self.coverage = self.size = 0
        for item in lists:
            self.take(item, 1)

    def take(self, item: HeldList | HighWaterMark | None, sign: int) -> None:
        """Count a list, or count it no more."""
        if item is not None:
            mark = item.mark() if isinstance(item, HeldList) else item
            self.coverage += sign * mark.coverage
            self.size += sign * mark.size

    def fits(self, item: HeldList, budget: Budget) -> bool:
        """Whether there is room for one list more."""
        mark = item.mark()
        return (
            self.coverage + mark.coverage <= budget.coverage
            and self.size + mark.size <= budget.size
        )


def _former(
    held: Held, item: HeldList | HighWaterMark | None, entry: ListEntry, notes: Notes
) -> HeldList | None:
    """The held list with its content; None where an epoch begins again (clause 6.7)."""
    if item is None or item.epoch < entry.epoch:
        return None
    try:
        return held.opened(item)
    except EtitleError as error:  # damaged: a full list from its mark on mends it
        notes.alarms.append(error)
        notes.damaged.add(item.list_id)
        return mark_alone(item)


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
    """Version, sequences and numbers, each by what it is the number of."""
    return {
        "bundle": held.bundle.version,
        **{f"list {item.list_id}": item.sequence for item in held.lists if item.is_believed},
        **{f"rescue {rescue.thumbprint.hex()[:8]}": rescue.number for _, rescue in held.rescues},
    }
