"""Authorities of a store that are read only when something may be theirs (docs/spec clause 7.8).

What one authority publishes costs nothing where another one's certificate is judged.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from etitle.errors import StoreError
from etitle.keys.public import KID_BYTES
from etitle.store import disk
from etitle.store.held import Held, load_held
from etitle.store.state import AuthorityState, FileName
from etitle.trust.anchors import Anchor
from etitle.trust.statuslist import StatusList

MAX_READ_TRIES: Final = 50
"""How often an authority is read while an updater keeps replacing its files."""

_T = TypeVar("_T")


def read_held(root: Path, state: AuthorityState) -> Held:
    """An authority of the store in a folder: all of it but the lists.

    Raises:
        StoreError, TrustError: as ``load_held``.
    """

    def read(file: FileName) -> bytes:
        return disk.read_file(root, state.id, file)

    return load_held(state, read=read)


class SleepingAuthority:
    """One authority of a store, read once and when it is needed.

    Args:
        root: the store.
        state: what ``state.json`` says of the authority.
        latest_time_s: the latest time that the store has seen.
    """

    def __init__(self, root: Path, state: AuthorityState, *, latest_time_s: int) -> None:
        self._root, self._state, self._latest_time_s = root, state, latest_time_s
        self._held: Held | None = None
        self.keys: dict[bytes, list[bytes]] = {}
        for key in state.keys:
            self.keys.setdefault(key[:KID_BYTES], []).append(key[KID_BYTES:])
        self.seals = frozenset(state.seals)

    @property
    def authority_id(self) -> str:
        """Whose it is."""
        return self._state.id

    def wake(self) -> Anchor:
        """Read its bundle and its rescue lists.

        Raises:
            StoreError, TrustError: as ``load_held``.
        """
        return self.held().anchor(self._latest_time_s)

    def held(self) -> Held:
        """All of it but the lists.

        Raises:
            StoreError, TrustError: as ``load_held``.
        """
        if self._held is None:
            self._held = self._settled(self._load)
        return self._held

    def status_list(self, list_id: int) -> StatusList | None:
        """One of its lists; None where it was given up meanwhile.

        Raises:
            StoreError, TrustError: as ``load_held`` and ``Held.opened``.
        """
        return self._settled(lambda: self._list(list_id))

    def _load(self) -> Held:
        return read_held(self._root, self._state)

    def _list(self, list_id: int) -> StatusList | None:
        if self._held is None:
            self._held = self._load()
        for item in self._held.lists:
            if item.list_id == list_id:
                return self._held.opened(item).current
        return None

    def _settled(self, act: Callable[[], _T]) -> _T:
        """Act, and act again where an updater replaced the files meanwhile; only then."""
        tries = 0
        while True:
            tries += 1
            try:
                return act()
            except StoreError:
                store = disk.read_state(self._root)
                now = None if store is None else store.authority(self.authority_id)
                if store is not None and now is None:  # removed meanwhile
                    raise StoreError(
                        "store.authority_not_held", authority=self.authority_id
                    ) from None
                if now is None or now == self._state or tries == MAX_READ_TRIES:
                    raise
                self._state, self._held = now, None
