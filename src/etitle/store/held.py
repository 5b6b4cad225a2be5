"""One authority in the store: signed files as received, and their content."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TypeAlias

from etitle.errors import StoreError
from etitle.keys.public import PublicKey
from etitle.store.state import AuthorityState, FileName, HighWaterMark, RescueMark
from etitle.trust.anchors import Anchor
from etitle.trust.bundle import Bundle, KeyFinder, list_keys
from etitle.trust.delta import apply_delta, open_delta
from etitle.trust.rescue import Rescue, open_rescue
from etitle.trust.roots import open_bundle, open_next
from etitle.trust.statuslist import StatusList, open_list

Read: TypeAlias = Callable[[FileName], bytes]
"""Gives a file in force, after checking that it is the one named."""


def _no_file(file: FileName) -> bytes:
    raise StoreError("store.file_changed", authority="?", name=file.name)


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

    @property
    def is_believed(self) -> bool:
        """Whether there is a list at the mark."""
        return self.current is not None

    def mark(self) -> HighWaterMark:
        """Its high-water mark, as ``state.json`` keeps it."""
        names = tuple(name for name, _ in self.named_files())
        mark = HighWaterMark(self.list_id, self.epoch, self.sequence, self.state_hash, names)
        if self.current is None:
            return mark
        return replace(
            mark,
            issued_s=self.current.issued_s,
            expires_s=self.current.expires_s,
            coverage=self.current.table.coverage,
            size=sum(map(len, self.files)),
        )

    def named_files(self) -> Iterator[tuple[FileName, bytes]]:
        """Its files with their names."""
        for position, data in enumerate(self.files):
            yield FileName.of("delta" if position else "list", data), data


def mark_alone(item: HeldList | HighWaterMark) -> HeldList:
    """The high-water mark without its list: a list that was given up is not forgotten."""
    return HeldList(item.list_id, item.epoch, item.sequence, item.state_hash, (), None)


@dataclass(frozen=True, slots=True)
class Held:
    """One authority.

    Attributes:
        pin: the pinned fingerprint, 32 bytes.
        chain: bundles from the pin to the one in force.
        bundle: the bundle in force.
        lists: ascending by list id; a mark stands for a list that was not read again.
        rescues: signed rescue lists with what they were opened to, ascending by thumbprint.
        rescue_marks: how far the rescue lists of each key have come, ascending by thumbprint.
        links: the bundles of the chain; empty where they were not opened yet.
        read: gives a file in force.
    """

    pin: bytes
    chain: tuple[bytes, ...] = field(repr=False)
    bundle: Bundle
    lists: tuple[HeldList | HighWaterMark, ...] = ()
    rescues: tuple[tuple[bytes, Rescue], ...] = ()
    rescue_marks: tuple[RescueMark, ...] = ()
    links: tuple[Bundle, ...] = field(default=(), repr=False, compare=False)
    read: Read = field(default=_no_file, repr=False, compare=False)

    def opened(self, item: HeldList | HighWaterMark) -> HeldList:
        """A list with its content; every signature of it is checked.

        Raises:
            StoreError: ``store.state_corrupt``, or whatever ``read`` raises.
            TrustError: where a file is not signed as it must be.
        """
        if isinstance(item, HeldList):
            return item
        keys = list_keys(self.bundle)
        return open_mark(item, authority_id=self.bundle.authority.id, keys=keys, read=self.read)

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
            marks=tuple(item.mark() if isinstance(item, HeldList) else item for item in self.lists),
            rescues=tuple(FileName.of("rescue", data) for data, _ in self.rescues),
            rescue_marks=self.rescue_marks,
            keys=tuple(
                sorted(
                    {
                        key.public.kid + key.public.to_bytes()
                        for key in self.bundle.keys
                        if isinstance(key.public, PublicKey)
                    }
                )
            ),
            seals=tuple(
                sorted(
                    {
                        sha256(x509).digest()
                        for x509 in (
                            *(key.x509 for key in self.bundle.keys),
                            *(key.x509 for key in self.bundle.unknown_keys),
                        )
                        if x509
                    }
                )
            ),
        )

    def files(self) -> Iterator[tuple[FileName, bytes]]:
        """Every signed file in force that is at hand, with its name."""
        for data in self.chain:
            yield FileName.of("bundle", data), data
        for item in self.lists:
            if isinstance(item, HeldList):
                yield from item.named_files()
        for data, _ in self.rescues:
            yield FileName.of("rescue", data), data


def open_chain(chain: Sequence[bytes], *, pin: bytes) -> Bundle:
    """The last bundle of a chain that begins at the pin (docs/spec clauses 5.4 and 5.5).

    Raises:
        TrustError: as ``open_bundle`` for the first and ``open_next`` for each other.
    """
    return open_links(chain, pin=pin)[-1]


def open_links(chain: Sequence[bytes], *, pin: bytes) -> tuple[Bundle, ...]:
    """Every bundle of a chain that begins at the pin.

    Raises:
        TrustError: as ``open_chain``.
    """
    links = [open_bundle(chain[0], pin=pin)]
    for data in chain[1:]:
        links.append(open_next(data, current=links[-1]))
    return tuple(links)


def open_files(files: Sequence[bytes], *, authority_id: str, keys: KeyFinder) -> StatusList:
    """The list that a full list and the deltas after it make.

    Raises:
        TrustError: as ``open_list``, ``open_delta`` and ``apply_delta``.
    """
    current = open_list(files[0], authority_id=authority_id, keys=keys)
    for data in files[1:]:
        current = apply_delta(current, open_delta(data, authority_id=authority_id, keys=keys))
    return current


def open_mark(mark: HighWaterMark, *, authority_id: str, keys: KeyFinder, read: Read) -> HeldList:
    """Read a list again, checking every signature.

    Raises:
        StoreError: ``store.state_corrupt`` where it is not what the mark says, or whatever
            ``read`` raises.
        TrustError: where a file is not signed as it must be.
    """
    files = tuple(read(file) for file in mark.files)
    current = open_files(files, authority_id=authority_id, keys=keys) if files else None
    held = HeldList(mark.list_id, mark.epoch, mark.sequence, mark.state_hash, files, current)
    if current is not None:
        table = current.table
        found = (table.list_id, table.epoch, current.sequence, table.state_hash())
        claimed = (mark.list_id, mark.epoch, mark.sequence, mark.state_hash)
        if found != claimed or held.mark() != mark:
            raise StoreError("store.state_corrupt")
    return held


def load_held(state: AuthorityState, *, read: Read) -> Held:
    """Read an authority again, checking every signature from the pin on; its lists are not read.

    Args:
        state: what ``state.json`` says of it.
        read: gives a file in force, after checking that it is the one named.

    Raises:
        StoreError: ``store.state_corrupt`` where the files are not what the state says, and
            whatever ``read`` raises.
        TrustError: where a file is not signed as it must be.
    """
    chain = tuple(read(file) for file in state.bundles)
    links = open_links(chain, pin=state.pin)
    bundle = links[-1]
    rescues = [(data, open_rescue(data, bundle=bundle)) for data in map(read, state.rescues)]
    held = Held(
        pin=state.pin,
        chain=chain,
        bundle=bundle,
        lists=state.marks,
        rescues=tuple(rescues),
        rescue_marks=state.rescue_marks,
        links=links,
        read=read,
    )
    if held.state() != state:
        raise StoreError("store.state_corrupt")
    return held
