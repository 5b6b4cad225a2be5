"""Which number segments (编号段) decide about a number, and which may not stand together.

docs/spec clause 5.7.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from etitle.trust.overlaps import overlaps
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
    """
    for one, other in overlaps(segments):
        is_one_body = (one.body, one.body_level) == (other.body, other.body_level)
        if not is_one_body and (one.width or one.prefix == other.prefix):
            return one, other
    return None
