"""Which number segments (编号段) decide about a number, and which may not stand together.

docs/spec clause 5.7.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from typing import Final, TypeAlias

from etitle.trust.overlaps import share_a_day, span_of
from etitle.trust.published import Segment


def deciding(segments: Iterable[Segment], number: str, day: int) -> tuple[Segment, ...]:
    """The segments that a number is of, on an issue day; all are of one width above 0, or of 0.

    A segment of width 0 takes what no other segment takes, and of several the one with the longest
    prefix.

    Args:
        segments: of the bundle.
        number: 证号.
        day: day of issue, day number in China.

    Returns:
        Empty where no segment takes the number.
    """
    fitting = [one for one in segments if one.fits(number) and one.covers(day)]
    exact = tuple(one for one in fitting if one.width)
    if exact or not fitting:
        return exact
    longest = max(len(one.prefix) for one in fitting)
    return tuple(one for one in fitting if len(one.prefix) == longest)


def find_overlap(segments: Sequence[Segment]) -> tuple[Segment, Segment] | None:
    """Two segments of different bodies or levels that decide about one number on one day.

    Of width 0, only segments of one prefix can: among others the longest prefix decides.
    Takes n log n steps, whatever a bundle holds.
    """
    for group in (*_by_numbers(segments), *_by_prefix(segments)):
        found = _first_clash(group)
        if found is not None:
            return found
    return None


_Span: TypeAlias = tuple[int, int, Segment]
"""First and last number, and whose they are."""
_NO_END: Final = 1 << 62


def _by_numbers(segments: Iterable[Segment]) -> Iterable[list[_Span]]:
    """Segments of positive width, apart where no number can be the same."""
    groups: dict[tuple[str, int], list[_Span]] = {}
    for one in segments:
        if one.width:
            span = span_of(one)
            group = groups.setdefault((span.stem, span.digits), [])
            group.append((span.first, span.last, one))
    return groups.values()


def _by_prefix(segments: Iterable[Segment]) -> Iterable[list[_Span]]:
    groups: dict[str, list[_Span]] = {}
    for one in segments:
        if not one.width:
            groups.setdefault(one.prefix, []).append((0, 0, one))
    return groups.values()


def _first_clash(group: list[_Span]) -> tuple[Segment, Segment] | None:
    """Two of a group that share a number and a day, of different bodies or levels."""
    everyone, bodies = _OpenDays(), dict[tuple[str, int], _OpenDays]()
    ends: list[tuple[int, int, Segment]] = []  # by last number
    for at, (first, last, one) in enumerate(sorted(group, key=lambda span: span[:2])):
        while ends and ends[0][0] < first:
            gone = heappop(ends)[2]
            everyone.close(gone)
            bodies[_body(gone)].close(gone)
        own = bodies.setdefault(_body(one), _OpenDays())
        if everyone.count(one) > own.count(one):
            clash = (each for _, _, each in ends if _body(each) != _body(one))
            return next(each for each in clash if share_a_day(each, one)), one
        everyone.open(one)
        own.open(one)
        heappush(ends, (last, at, one))
    return None


class _OpenDays:
    """How many of the open segments have a day in common with another: by counting ends."""

    __slots__ = ("_firsts", "_lasts")

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    def open(self, one: Segment) -> None:
        insort(self._firsts, one.not_before)
        insort(self._lasts, _last_day(one))

    def close(self, one: Segment) -> None:
        del self._firsts[bisect_left(self._firsts, one.not_before)]
        del self._lasts[bisect_left(self._lasts, _last_day(one))]

    def count(self, one: Segment) -> int:
        """Those that neither end before it begins nor begin after it ends."""
        over = bisect_left(self._lasts, one.not_before)
        return bisect_right(self._firsts, _last_day(one)) - over


def _body(one: Segment) -> tuple[str, int]:
    return one.body, int(one.body_level)


def _last_day(one: Segment) -> int:
    return _NO_END if one.not_after is None else one.not_after
