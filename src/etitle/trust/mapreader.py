"""Typed access to the entries of a decoded map, for bundles, status lists and deltas.

Python takes true and false for integers; CBOR does not, and neither does this reader.  Tokens are
read by ``etitle.certificate.decode.PayloadReader`` instead, which is faster and knows its keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Self

from etitle import canon
from etitle.errors import DecodeError

MAX_UINT: Final = (1 << 64) - 1
"""The largest integer of the canonical encoding (docs/spec clause 2.1)."""


def is_critical(label: object) -> bool:
    """Whether an unknown entry must not be ignored (docs/spec clauses 5.11 and 6.13).

    >>> [is_critical(label) for label in (-1, 0, 14, "x")]
    [False, True, True, True]
    """
    return not isinstance(label, int) or label >= 0


class MapReader:
    """A map with the given keys, and with none that it may not have.

    Args:
        value: what was decoded.
        keys: every key that the map must have, in canonical order.
        optional: keys that it may have.
        code: of the errors.
        path: the keys that lead to the map, for example ``7.0``; empty at the top.

    Every method raises DecodeError with that code, and the path and key of what is wrong.
    A class whose ``NEWER`` is a code ignores unknown negative integers among the keys, and refuses
    any other unknown key with that code (docs/spec clause 5.11).
    """

    __slots__ = ("_code", "_entries", "_path")

    NEWER: ClassVar[str | None] = None

    def __init__(
        self,
        value: canon.Value,
        keys: Sequence[int | str],
        *,
        code: str,
        path: str = "",
        optional: Sequence[int | str] = (),
    ) -> None:
        if not isinstance(value, dict):
            raise DecodeError(code, field=path or "map")
        self._code = code
        self._entries: dict[int | str, canon.Value] = value
        self._path = path
        if list(value) != list(keys):
            self._demand_keys(keys, optional)

    def _demand_keys(self, keys: Sequence[int | str], optional: Sequence[int | str]) -> None:
        if not self._entries.keys() >= set(keys):
            raise DecodeError(self._code, field=self._path or "map")
        for key in self._entries.keys() - {*keys, *optional}:
            if self.NEWER is None:
                raise DecodeError(self._code, field=self._path or "map")
            if is_critical(key):
                raise DecodeError(self.NEWER, version=self.name(key))

    def __len__(self) -> int:
        """How many entries, ignored ones included."""
        return len(self._entries)

    def has(self, key: int | str) -> bool:
        """Whether the map has an optional entry."""
        return key in self._entries

    def name(self, key: int | str) -> str:
        """The path of an entry."""
        return f"{self._path}.{key}" if self._path else str(key)

    def any(self, key: int | str) -> canon.Value:
        """An entry of any type."""
        return self._entries[key]

    def integer(self, key: int | str, least: int = 0, most: int = MAX_UINT) -> int:
        """An integer within bounds, both included."""
        value = self._entries[key]
        if type(value) is not int or not least <= value <= most:
            raise DecodeError(self._code, field=self.name(key))
        return value

    def flag(self, key: int | str) -> bool:
        """True or false."""
        value = self._entries[key]
        if not isinstance(value, bool):
            raise DecodeError(self._code, field=self.name(key))
        return value

    def octets(self, key: int | str) -> bytes:
        """A byte string."""
        value = self._entries[key]
        if not isinstance(value, bytes):
            raise DecodeError(self._code, field=self.name(key))
        return value

    def string(self, key: int | str) -> str:
        """Text."""
        value = self._entries[key]
        if not isinstance(value, str):
            raise DecodeError(self._code, field=self.name(key))
        return value

    def items(self, key: int | str) -> tuple[canon.Value, ...]:
        """The items of an array."""
        value = self._entries[key]
        if not isinstance(value, tuple):
            raise DecodeError(self._code, field=self.name(key))
        return value

    def map(
        self, key: int | str, keys: Sequence[int | str], *, optional: Sequence[int | str] = ()
    ) -> Self:
        """A map."""
        value, path = self._entries[key], self.name(key)
        return type(self)(value, keys, code=self._code, path=path, optional=optional)

    def maps(
        self, key: int | str, keys: Sequence[int | str], *, optional: Sequence[int | str] = ()
    ) -> list[Self]:
        """An array of maps."""
        path = self.name(key)
        return [
            type(self)(item, keys, code=self._code, path=f"{path}.{position}", optional=optional)
            for position, item in enumerate(self.items(key))
        ]
