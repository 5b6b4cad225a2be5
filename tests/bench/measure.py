"""How figures are taken: the best of several passes, floor and subject in turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

Item = TypeVar("Item")

Row: TypeAlias = "tuple[str, float, str, float | None, float | None]"
"""Name, value, unit, the floor it is held against (same unit), and the ratio of the two."""

PASSES = 9


def per_item_us(work: Callable[[Item], object], items: Sequence[Item]) -> float:
    """CPU time of one call in microseconds: the best of ``PASSES`` passes over all items."""
    return min(_pass_us(work, items) for _ in range(PASSES))


def pair_us(
    subject: Callable[[Item], object],
    floor: Callable[[Item], object],
    items: Sequence[Item],
) -> tuple[float, float]:
    """Both costs in microseconds, taken in turn so that a drifting machine moves both."""
    passes = [(_pass_us(subject, items), _pass_us(floor, items)) for _ in range(PASSES)]
    return min(one for one, _ in passes), min(other for _, other in passes)


def _pass_us(work: Callable[[Item], object], items: Sequence[Item]) -> float:
    start = time.process_time_ns()
    for item in items:
        work(item)
    return (time.process_time_ns() - start) / len(items) / 1000


def row(name: str, value: float, unit: str, floor: float | None = None) -> Row:
    """A row whose ratio follows from value and floor."""
    return name, value, unit, floor, None if not floor else value / floor
