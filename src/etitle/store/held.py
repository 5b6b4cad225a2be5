"""One authority in the store: signed files as received, and their content."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from etitle.errors import StoreError
from etitle.store.state import AuthorityState, FileName, HighWaterMark
from etitle.trust.anchors import Anchor
from etitle.trust.bundle import Bundle, KeyFinder, list_keys
from etitle.trust.delta import apply_delta, open_delta
from etitle.trust.rescue import Rescue, open_rescue
from etitle.trust.roots import open_bundle, open_next
from etitle.trust.statuslist import StatusList, open_list


@dataclass(frozen=True, slots=True)
class HeldList:
    """How far one list has come, and the list itself while it can be believed.

    Attributes:
        list_id: the list.
        epoch: its epoch.
        sequence: its sequence.
        state_hash: its state hash, 32 bytes.
        files: the full list and the deltas after it; empty without a list.
        current: the list; None where the bundle has put an end to it.
    """

    list_id: int
    epoch: int
    sequence: int
    state_hash: bytes
    files: tuple[bytes, ...] = field(repr=False)
    current: StatusList | None

    def mark(self) -> HighWaterMark:
        """Its high-water mark, as ``state.json`` keeps it."""
        names = tuple(name for name, _ in self.named_files())
        return HighWaterMark(self.list_id, self.epoch, self.sequence, self.state_hash, names)

    def named_files(self) -> Iterator[tuple[FileName, bytes]]:
        """Its files with their names."""
        for position, data in enumerate(self.files):
            yield FileName.of("delta" if position else "list", data), data

    def without_list(self) -> HeldList:
        """The high-water mark alone: a list that was given up is not forgotten."""
        return HeldList(self.list_id, self.epoch, self.sequence, self.state_hash, (), None)


@dataclass(frozen=True, slots=True)
class Held:
    """One authority.

    Attributes:
        pin: the pinned fingerprint, 32 bytes.
        chain: bundles from the pin to the one in force.
        bundle: the bundle in force.
        lists: ascending by list id.
        rescues: signed rescue lists with what they were opened to, ascending by thumbprint.
    """

    pin: bytes
    chain: tuple[bytes, ...] = field(repr=False)
    bundle: Bundle
    lists: tuple[HeldList, ...] = ()
    rescues: tuple[tuple[bytes, Rescue], ...] = ()

    def anchor(self, latest_time_s: int) -> Anchor:
        """The authority as verification sees it."""
        return Anchor(self.bundle, tuple(rescue for _, rescue in self.rescues), latest_time_s)

    def state(self) -> AuthorityState:
        """What ``state.json`` says of it."""
        return AuthorityState(
            id=self.bundle.authority.id,
            pin=self.pin,
            version=self.bundle.version,
            bundles=tuple(FileName.of("bundle", data) for data in self.chain),
            marks=tuple(held_list.mark() for held_list in self.lists),
            rescues=tuple(FileName.of("rescue", data) for data, _ in self.rescues),
        )

    def files(self) -> Iterator[tuple[FileName, bytes]]:
        """Every signed file in force, with its name."""
        for data in self.chain:
            yield FileName.of("bundle", data), data
        for held_list in self.lists:
            yield from held_list.named_files()
        for data, _ in self.rescues:
            yield FileName.of("rescue", data), data


def open_chain(chain: Sequence[bytes], *, pin: bytes) -> Bundle:
    """The last bundle of a chain that begins at the pin (docs/spec clauses 5.4 and 5.5).

    Raises:
        TrustError: as ``open_bundle`` for the first and ``open_next`` for each other.
    """
    bundle = open_bundle(chain[0], pin=pin)
    for data in chain[1:]:
        bundle = open_next(data, current=bundle)
    return bundle


def open_files(files: Sequence[bytes], *, authority_id: str, keys: KeyFinder) -> StatusList:
    """The list that a full list and the deltas after it make.

    Raises:
        TrustError: as ``open_list``, ``open_delta`` and ``apply_delta``.
    """
    current = open_list(files[0], authority_id=authority_id, keys=keys)
    for data in files[1:]:
        current = apply_delta(current, open_delta(data, authority_id=authority_id, keys=keys))
    return current


def load_held(state: AuthorityState, *, read: Callable[[FileName], bytes]) -> Held:
    """Read an authority again, checking every signature from the pin on.

    Args:
        state: what ``state.json`` says of it.
        read: gives a file in force, after checking that it is the one named.

    Raises:
        StoreError: ``store.state_corrupt`` where the files are not what the state says, and
            whatever ``read`` raises.
        TrustError: where a file is not signed as it must be.
    """
    chain = tuple(read(file) for file in state.bundles)
    bundle = open_chain(chain, pin=state.pin)
    if (bundle.authority.id, bundle.version) != (state.id, state.version):
        raise StoreError("store.state_corrupt")
    keys = list_keys(bundle)
    lists: list[HeldList] = []
    for mark in state.marks:
        files = tuple(read(file) for file in mark.files)
        current = open_files(files, authority_id=state.id, keys=keys) if files else None
        if current is not None:
            table = current.table
            found = (table.list_id, table.epoch, current.sequence, table.state_hash())
            if found != (mark.list_id, mark.epoch, mark.sequence, mark.state_hash):
                raise StoreError("store.state_corrupt")
        lists.append(
            HeldList(mark.list_id, mark.epoch, mark.sequence, mark.state_hash, files, current)
        )
    rescues: list[tuple[bytes, Rescue]] = []
    for file in state.rescues:
        data = read(file)
        rescues.append((data, open_rescue(data, bundle=bundle)))
    return Held(state.pin, chain, bundle, tuple(lists), tuple(rescues))
