"""Which number segments (编号段) decide about a number, and which may not stand together.

docs/spec clause 5.7.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

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
    """Two segments of different bodies or levels that take one number on one day.

    Of width 0, only segments of the same prefix can: among others the longest prefix decides.
    """
    for one, other in _neighbours(segments):
        is_one_body = (one.body, one.body_level) == (other.body, other.body_level)
        if not is_one_body and _share_a_day(one, other):
            return one, other
    return None


def _neighbours(segments: Sequence[Segment]) -> Iterator[tuple[Segment, Segment]]:
    """Every pair of segments that take one number, whatever their days."""
    kinds: dict[tuple[str, int], list[tuple[int, int, Segment]]] = {}
    for segment in segments:
        stem, low, high, digits = _interval(segment)
        kinds.setdefault((stem, digits), []).append((low, high, segment))
    for items in kinds.values():
        items.sort(key=lambda item: item[0])
        reaching: list[tuple[int, Segment]] = []
        for low, high, segment in items:
            reaching = [(end, one) for end, one in reaching if end >= low]
            for _, one in reaching:
                yield one, segment
            reaching.append((high, segment))


def _interval(segment: Segment) -> tuple[str, int, int, int]:
    """A segment's numbers: what stands before the last digits, these as integers, how many."""
    if not segment.width:
        return segment.prefix, 0, 0, 0
    stem = re.sub("[0-9]*$", "", segment.prefix)
    leading = segment.prefix[len(stem) :]
    base = int(leading or "0") * 10**segment.width
    return stem, base + segment.first, base + segment.last, len(leading) + segment.width


def _share_a_day(one: Segment, other: Segment) -> bool:
    first = max(one.not_before, other.not_before)
    return (one.not_after is None or first <= one.not_after) and (
        other.not_after is None or first <= other.not_after
    )
