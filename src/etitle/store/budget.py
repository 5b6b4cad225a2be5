"""What one authority may take of a store that it shares with others (docs/spec clause 7.3.4)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """What one authority may take of a store.

    Attributes:
        coverage: indices of all its lists.
        size: bytes of all files of its lists, and of all its rescue lists.
        lists: lists whose progress is remembered, those given up included.
        rescues: keys whose rescue lists are remembered, those given up included.
        chain: bundles from the pin to the one in force: one for each change of roots.
    """

    coverage: int = 1 << 28
    size: int = 1 << 27
    lists: int = 256
    rescues: int = 256
    chain: int = 64
