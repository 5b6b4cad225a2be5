"""A verifier's local store of trust: several authorities in one folder (docs/spec clause 7).

Nothing here reads a clock or a network: the caller gives the time and the files.  Only signed files
are believed: reading a store checks every signature again, from the pin on.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from etitle.certificate.dates import aware_seconds
from etitle.errors import DecodeError, EtitleError, StoreError
from etitle.store import disk
from etitle.store.asleep import SleepingAuthority, read_held
from etitle.store.budget import Budget
from etitle.store.held import Held, HeldList
from etitle.store.incoming import IncomingFile, read_incoming
from etitle.store.looks import looks_like
from etitle.store.notes import Skipped
from etitle.store.report import (
    AlarmError,
    AuthorityStatus,
    ListStatus,
    Renamed,
    UpdateReport,
    alarm_of,
)
from etitle.store.state import AuthorityState, HighWaterMark, StoreState
from etitle.store.succession import demand_short
from etitle.store.update import StoreChange, advance
from etitle.trust.anchors import CLOCK_SKEW_S, Lists, Trust
from etitle.trust.bundle import ListEntry
from etitle.trust.pin import Pin, follow_pin, parse_pin

__all__ = [
    "AlarmError",
    "AuthorityStatus",
    "Files",
    "ListStatus",
    "Renamed",
    "Store",
    "UpdateReport",
]

Files: TypeAlias = Iterable[tuple[str, bytes]] | str | Path
"""Names and contents, or a published folder."""

_EMPTY: Final = StoreState(0, ())


class Store:
    """A store at a path.

    Args:
        path: the folder; it need not exist before ``init``.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @classmethod
    def init(
        cls,
        path: str | Path,
        bundle: bytes | Iterable[bytes],
        *,
        pin: bytes | str | Pin,
        at: datetime.datetime,
        reset: bool = False,
    ) -> Store:
        """Pin an authority, in a new store or beside others (docs/spec clause 5.4).

        Args:
            path: the folder.
            bundle: a signed bundle of the pinned roots; or every published bundle, in any order:
                those that lead from the pinned roots to the one in force are kept.
            pin: the fingerprint of the root set: 32 bytes, or as a person was told it, in any
                spelling (clause 5.4).
            at: now, timezone-aware.
            reset: an operator's decision to forget what the store has seen: of this authority
                and of the time; where the state is lost or damaged, of every authority.

        Raises:
            TrustError: ``bundle.pin_malformed``, and as ``follow_pin``.
            NaiveTimeError: ``at`` has no time zone; it is a ValueError too.
            StoreError: ``store.already_there`` for an authority that the store has,
                ``store.clock_behind``, ``store.state_lost``, ``store.state_corrupt`` (all
                cleared by ``reset``), ``store.too_many_roots``, ``store.busy``,
                ``store.not_readable`` or ``store.not_written``.
        """
        store, at_s = cls(path), aware_seconds(at)
        found = follow_pin([bundle] if isinstance(bundle, bytes) else bundle, _pin(pin))
        held = Held(found.pin, found.bundles, found.bundle)
        authority_id = found.bundle.authority.id
        demand_short(found.bundles, authority_id=authority_id, budget=Budget())
        with disk.locked(store.path):
            state = store._state_to_extend(reset=reset)
            if state.authority(authority_id) is not None and not reset:
                raise StoreError("store.already_there", authority=authority_id)
            if not reset:
                _refuse_past(state, at_s)
            others = tuple(item for item in state.authorities if item.id != authority_id)
            latest_time_s = max(at_s, 0 if reset else state.latest_time_s)
            store._commit(state, others, {authority_id: held}, latest_time_s)
        return store

    def _state_to_extend(self, *, reset: bool) -> StoreState:
        try:
            state = disk.read_state(self.path)
        except StoreError as error:
            if not reset or error.code not in {"store.state_lost", "store.state_corrupt"}:
                raise
            return _EMPTY
        if state is None:
            # An empty state first: from here on, a folder without a state is one that lost it.
            disk.commit(self.path, _EMPTY, {})
            return _EMPTY
        return state

    def update(self, files: Files, *, at: datetime.datetime) -> UpdateReport:
        """Bring every authority of the store up to date, each by itself (docs/spec clause 7.3).

        An alarm leaves what it is about as it was; everything else is kept, and then the alarm is
        raised.  What nobody signed is passed over and named in the report.

        Args:
            files: names and contents, or a published folder with ``bundles/*.cose``,
                ``lists/*.cwt``, ``deltas/*.cose`` and ``rescue/*.cose``.  Names do not count:
                each file names its own kind, and its signatures decide whether it is believed.
            at: now, timezone-aware.

        Raises:
            NaiveTimeError: ``at`` has no time zone; it is a ValueError too.
            AlarmError: with the code of the first alarm: ``store.rollback``, ``store.forked``,
                ``store.delta_gap``, ``store.below_minimum``, ``store.epoch_ahead``,
                ``store.list_backwards``, ``store.state_taken_back``, ``store.over_budget``,
                ``store.too_many_roots``, ``store.file_changed`` or another that says why an
                authority can't be read.
            StoreError: ``store.clock_behind``, ``store.state_lost``, ``store.state_corrupt``,
                ``store.not_found``, ``store.not_published``, ``store.too_many_files``,
                ``store.too_large``, ``store.busy``, ``store.not_readable`` or
                ``store.not_written``; then nothing is changed at all.
        """
        at_s = aware_seconds(at)
        skipped: list[Skipped] = []
        received = _received(files, skipped)
        self._state()  # before a lock is left in a folder that is no store
        with disk.locked(self.path):
            state = self._state()
            _refuse_past(state, at_s)
            update = _Update(skipped=skipped)
            for authority in state.authorities:
                own = received.pop(authority.id, [])
                update.read += len(own)
                try:
                    update.advance(read_held(self.path, authority), own, at_s)
                except EtitleError as error:  # damaged: it stays as it is, and so do the others
                    update.alarms.append(error)
                    update.unread.append(authority)
            skipped += [
                Skipped(file.name, "store.authority_unknown")
                for unknown in received.values()
                for file in unknown
            ]
            latest_time_s = max(at_s, state.latest_time_s)
            self._commit(
                state, tuple(update.unread), update.after, latest_time_s, again=update.again
            )
        report = update.report(latest_time_s)
        if report.alarms:
            raise alarm_of(report)
        return report

    def remove(self, authority_id: str) -> None:
        """Trust an authority no longer: in one step, it and all that was seen of it are gone.

        Its files need not be whole.  What verdicts rest on it become unknown, not refuted.

        Raises:
            StoreError: ``store.not_found``, ``store.authority_not_held``, ``store.state_lost``,
                ``store.state_corrupt``, ``store.busy``, ``store.not_readable`` or
                ``store.not_written``.
        """
        self._state()  # before a lock is left in a folder that is no store
        with disk.locked(self.path):
            state = self._state()
            if state.authority(authority_id) is None:
                raise StoreError("store.authority_not_held", authority=authority_id)
            left = tuple(item for item in state.authorities if item.id != authority_id)
            disk.commit(self.path, StoreState(state.latest_time_s, left), {})

    def load(self) -> tuple[Trust, Lists]:
        """What verification trusts.  Nothing is written, so the folder may be read-only.

        Where the store holds several authorities, each is read when a token or seal may be its,
        and raises then what is said here.  Lists are read when a token needs them; one that can't
        be read leaves the standing unknown (``list_damaged``).

        Raises:
            StoreError: ``store.not_found``, ``store.state_lost``, ``store.state_corrupt``,
                ``store.file_changed`` or ``store.not_readable``.
            TrustError: where a file is not signed as it must be.
        """
        state = self._state()
        asleep = self._asleep(state)
        if len(asleep) == 1:
            asleep[0].held()
        lists = {
            (authority.id, mark.list_id): partial(sleeper.status_list, mark.list_id)
            for authority, sleeper in zip(state.authorities, asleep, strict=True)
            for mark in authority.marks
            if mark.is_believed
        }
        return Trust(asleep=asleep), Lists(asleep=lists)

    def describe(self) -> tuple[AuthorityStatus, ...]:
        """Every authority of the store, ascending by id; its lists are read too.

        Raises:
            StoreError, TrustError: as ``load``; not for a damaged list, whose status says so.
        """
        state = self._state()
        held = [one.held() for one in self._asleep(state)]
        return tuple(status_of(one, state.latest_time_s, look=True) for one in held)

    def _asleep(self, state: StoreState) -> list[SleepingAuthority]:
        return [
            SleepingAuthority(self.path, authority, latest_time_s=state.latest_time_s)
            for authority in state.authorities
        ]

    def _state(self) -> StoreState:
        state = disk.read_state(self.path)
        if state is None or not state.authorities:
            raise StoreError("store.not_found", path=disk.shown(str(self.path)))
        return state

    def _commit(
        self,
        before: StoreState,
        unchanged: tuple[AuthorityState, ...],
        changed: Mapping[str, Held],
        latest_time_s: int,
        *,
        again: Collection[tuple[str, str]] = (),
    ) -> None:
        items = (*unchanged, *(held.state() for held in changed.values()))
        after = StoreState(latest_time_s, tuple(sorted(items, key=lambda item: item.id)))
        in_force = before.files() - set(again)
        files = {
            (authority_id, file.name): data
            for authority_id, held in changed.items()
            for file, data in held.files()
            if (authority_id, file.name) not in in_force
        }
        if after != before or files:
            disk.commit(self.path, after, files)


def _pin(given: bytes | str | Pin) -> Pin:
    if isinstance(given, Pin):
        return given
    return parse_pin(given) if isinstance(given, str) else Pin.whole(given)


def _refuse_past(state: StoreState, at_s: int) -> None:
    if at_s < state.latest_time_s - CLOCK_SKEW_S:
        hours = -((at_s - state.latest_time_s) // 3600)  # begun
        raise StoreError(
            "store.clock_behind",
            at_s=at_s,
            latest_time_s=state.latest_time_s,
            days=hours // 24,
            hours=hours % 24,
        )


def _received(files: Files, skipped: list[Skipped]) -> dict[str, list[IncomingFile]]:
    """Files by the authority that they claim to be of."""
    received: dict[str, list[IncomingFile]] = {}
    source = disk.read_published(Path(files)) if isinstance(files, (str, Path)) else files
    for given, data in disk.bounded(source):
        name = disk.shown(given)
        if data is None:
            skipped.append(Skipped(name, "store.file_unreadable"))
            continue
        try:
            file = read_incoming(name, data)
        except (DecodeError, StoreError) as error:
            skipped.append(Skipped(name, error.code, looks_like(data)))
            continue
        received.setdefault(file.authority_id, []).append(file)
    return received


@dataclass(slots=True)
class _Update:
    """An update under way."""

    skipped: list[Skipped]
    changes: list[StoreChange] = field(default_factory=list[StoreChange])
    renamed: list[Renamed] = field(default_factory=list[Renamed])
    alarms: list[EtitleError] = field(default_factory=list[EtitleError])
    after: dict[str, Held] = field(default_factory=dict[str, Held])
    unread: list[AuthorityState] = field(default_factory=list[AuthorityState])
    again: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    read: int = 0

    def advance(self, held: Held, files: list[IncomingFile], at_s: int) -> None:
        step = advance(held, files, at_s=at_s)
        before, after = held.bundle.authority, step.held.bundle.authority
        self.after[after.id] = step.held
        if after != before:
            self.renamed.append(Renamed(before, after))
        self.changes += step.changes
        self.skipped += step.skipped
        self.alarms += step.alarms
        self.again |= {
            (after.id, file.name)
            for item in step.held.lists
            if isinstance(item, HeldList) and item.list_id in step.damaged
            for file, _ in item.named_files()
        }

    def report(self, latest_time_s: int) -> UpdateReport:
        statuses = tuple(status_of(held, latest_time_s) for held in self.after.values())
        return UpdateReport(
            tuple(self.changes), tuple(self.skipped), tuple(self.renamed), self.read, statuses,
            tuple(self.alarms),
        )  # fmt: skip


def status_of(held: Held, latest_time_s: int, *, look: bool = False) -> AuthorityStatus:
    """One authority as a person may want to see it.

    Args:
        held: the authority.
        latest_time_s: the latest time seen.
        look: whether its lists are read, to see whether they can be.
    """
    lists = {item.list_id: item for item in held.lists}
    return AuthorityStatus(
        bundle=held.bundle,
        pin=held.pin,
        lists=tuple(
            _list_status(held, entry, lists.get(entry.list_id), look=look)
            for entry in held.bundle.lists
        ),
        rescues=tuple(rescue for _, rescue in held.rescues),
        latest_time_s=latest_time_s,
    )


def _list_status(
    held: Held, entry: ListEntry, item: HeldList | HighWaterMark | None, *, look: bool
) -> ListStatus:
    if item is None or not item.is_believed:
        return ListStatus(entry, None)
    if look:
        try:
            item = held.opened(item)
        except EtitleError as error:
            return ListStatus(entry, None, error)
    return ListStatus(entry, item.mark() if isinstance(item, HeldList) else item)
