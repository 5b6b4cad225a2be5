"""A verifier's local store of trust: several authorities in one folder (docs/spec clause 7).

Nothing here reads a clock or a network: the caller gives the time and the files.  Only signed files
are believed: reading a store checks every signature again, from the pin on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from etitle.errors import DecodeError, StoreError
from etitle.store import disk
from etitle.store.held import Held, load_held, open_chain
from etitle.store.incoming import IncomingFile, read_incoming
from etitle.store.looks import looks_like
from etitle.store.state import AuthorityState, FileName, StoreState
from etitle.store.update import Skipped, StoreChange, advance
from etitle.trust.anchors import CLOCK_SKEW_S, Lists, Trust
from etitle.trust.bundle import Authority, Bundle, ListEntry
from etitle.trust.rescue import Rescue
from etitle.trust.statuslist import StatusList

Files: TypeAlias = Iterable[tuple[str, bytes]] | str | Path
"""Names and contents, or a published folder."""

MAX_READ_TRIES: Final = 50
"""How often a store is read while an updater keeps replacing its state."""
_EMPTY: Final = StoreState(0, ())


@dataclass(frozen=True, slots=True)
class ListStatus:
    """A list that a bundle names, and the list itself where the store has it."""

    entry: ListEntry
    held: StatusList | None


@dataclass(frozen=True, slots=True)
class AuthorityStatus:
    """One authority as a person may want to see it.

    Attributes:
        bundle: the bundle in force.
        pin: the pinned fingerprint, 32 bytes.
        lists: every list that the bundle names.
        rescues: the rescue lists in force.
        latest_time_s: the latest time seen, seconds since 1970 UTC.
    """

    bundle: Bundle
    pin: bytes
    lists: tuple[ListStatus, ...]
    rescues: tuple[Rescue, ...]
    latest_time_s: int


@dataclass(frozen=True, slots=True)
class Renamed:
    """An authority whose new bundle gives it another name; its id is the same for ever."""

    before: Authority
    after: Authority


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update did.

    Attributes:
        changes: what was brought forward.
        skipped: files not used, each with the code that says why.
        renamed: authorities that bear another name now.
        read: how many files were published files of an authority of the store.
        authorities: every authority as it is now, ascending by id.
    """

    changes: tuple[StoreChange, ...]
    skipped: tuple[Skipped, ...]
    renamed: tuple[Renamed, ...] = ()
    read: int = 0
    authorities: tuple[AuthorityStatus, ...] = ()


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
        bundle: bytes | Sequence[bytes],
        *,
        pin: bytes,
        at_s: int,
        reset: bool = False,
    ) -> Store:
        """Pin an authority, in a new store or beside others (docs/spec clause 5.4).

        Args:
            path: the folder.
            bundle: a signed bundle of the pinned roots; or a chain that begins with one and
                leads to the one in force, as ``follow_pin`` finds it.
            pin: the fingerprint of the root set, 32 bytes.
            at_s: the time now, seconds since 1970 UTC.
            reset: an operator's decision to forget what the store has seen: of this authority
                and of the time; where the state is lost or damaged, of every authority.

        Raises:
            TrustError: as ``open_bundle``, and ``open_next`` for each that follows.
            StoreError: ``store.already_there`` for an authority that the store has,
                ``store.clock_behind``, ``store.state_lost``, ``store.state_corrupt`` (all
                cleared by ``reset``), ``store.busy``, ``store.not_readable`` or
                ``store.not_written``.
        """
        store = cls(path)
        chain = (bundle,) if isinstance(bundle, bytes) else tuple(bundle)
        first = open_chain(chain, pin=pin)
        held = Held(pin, chain, first)
        with disk.locked(store.path):
            state = store._state_to_extend(reset=reset)
            authority_id = first.authority.id
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

    def update(self, files: Files, *, at_s: int) -> UpdateReport:
        """Bring every authority of the store up to date, or change nothing at all.

        Args:
            files: names and contents, or a published folder with ``bundles/*.cose``,
                ``lists/*.cwt``, ``deltas/*.cose`` and ``rescue/*.cose``.  Names do not count:
                each file names its own kind, and its signatures decide whether it is believed.
            at_s: the time now, seconds since 1970 UTC.

        Raises:
            StoreError: the alarms of docs/spec clause 7.3 (``store.rollback``, ``store.forked``,
                ``store.delta_gap``, ``store.below_minimum``, ``store.epoch_ahead``,
                ``store.clock_behind``, ``store.state_lost``, ``store.state_corrupt``,
                ``store.file_changed``), ``store.not_found``, ``store.not_published``,
                ``store.too_many_files``, ``store.too_large``, ``store.busy``,
                ``store.not_readable`` or ``store.not_written``.
            TrustError: of the bundle or list that claims to lead furthest, where it can't be
                believed.
        """
        skipped: list[Skipped] = []
        received = _received(files, skipped)
        self._state()  # before a lock is left in a folder that is no store
        with disk.locked(self.path):
            state = self._state()
            _refuse_past(state, at_s)
            changes: list[StoreChange] = []
            renamed: list[Renamed] = []
            after: dict[str, Held] = {}
            read = 0
            for authority in state.authorities:
                held = self._load(authority)
                own = received.pop(authority.id, [])
                read += len(own)
                step = advance(held, own)
                after[authority.id] = step.held
                if step.held.bundle.authority != held.bundle.authority:
                    names = held.bundle.authority, step.held.bundle.authority
                    renamed.append(Renamed(*names))
                changes += step.changes
                skipped += step.skipped
            skipped += [
                Skipped(file.name, "store.authority_unknown")
                for unknown in received.values()
                for file in unknown
            ]
            latest_time_s = max(at_s, state.latest_time_s)
            self._commit(state, (), after, latest_time_s)
        statuses = tuple(_status(after[item.id], latest_time_s) for item in state.authorities)
        return UpdateReport(tuple(changes), tuple(skipped), tuple(renamed), read, statuses)

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

        Raises:
            StoreError: ``store.not_found``, ``store.state_lost``, ``store.state_corrupt``,
                ``store.file_changed`` or ``store.not_readable``.
            TrustError: where a file is not signed as it must be.
        """
        state, authorities = self._load_all()
        lists = (
            held_list.current
            for held in authorities
            for held_list in held.lists
            if held_list.current is not None
        )
        return Trust(tuple(held.anchor(state.latest_time_s) for held in authorities)), Lists(lists)

    def describe(self) -> tuple[AuthorityStatus, ...]:
        """Every authority of the store, ascending by id.

        Raises:
            StoreError, TrustError: as ``load``.
        """
        state, authorities = self._load_all()
        return tuple(_status(held, state.latest_time_s) for held in authorities)

    def _state(self) -> StoreState:
        state = disk.read_state(self.path)
        if state is None or not state.authorities:
            raise StoreError("store.not_found", path=disk.shown(str(self.path)))
        return state

    def _load_all(self) -> tuple[StoreState, tuple[Held, ...]]:
        tries = 0
        while True:
            tries += 1
            state = self._state()
            try:
                return state, tuple(self._load(authority) for authority in state.authorities)
            except StoreError:
                # An updater may have replaced the state meanwhile; then, and only then, try again.
                if tries == MAX_READ_TRIES or disk.read_state(self.path) == state:
                    raise

    def _load(self, authority: AuthorityState) -> Held:
        def read(file: FileName) -> bytes:
            return disk.read_file(self.path, authority.id, file)

        return load_held(authority, read=read)

    def _commit(
        self,
        before: StoreState,
        unchanged: tuple[AuthorityState, ...],
        changed: Mapping[str, Held],
        latest_time_s: int,
    ) -> None:
        items = (*unchanged, *(held.state() for held in changed.values()))
        after = StoreState(latest_time_s, tuple(sorted(items, key=lambda item: item.id)))
        in_force = before.files()
        files = {
            (authority_id, file.name): data
            for authority_id, held in changed.items()
            for file, data in held.files()
            if (authority_id, file.name) not in in_force
        }
        if after != before or files:
            disk.commit(self.path, after, files)


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


def _status(held: Held, latest_time_s: int) -> AuthorityStatus:
    current = {item.list_id: item.current for item in held.lists}
    return AuthorityStatus(
        bundle=held.bundle,
        pin=held.pin,
        lists=tuple(ListStatus(entry, current.get(entry.list_id)) for entry in held.bundle.lists),
        rescues=tuple(rescue for _, rescue in held.rescues),
        latest_time_s=latest_time_s,
    )
