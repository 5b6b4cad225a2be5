"""Which segments share a number and a day: held against trying every number."""

from __future__ import annotations

from itertools import combinations, product
from random import Random

import pytest

from etitle.certificate.model import BodyLevel
from etitle.trust.overlaps import overlaps
from etitle.trust.published import Segment


def segment(
    prefix: str, width: int, first: int = 0, last: int | None = None,
    days: tuple[int, int | None] = (1, None),
) -> Segment:  # fmt: skip
    end = 10**width - 1 if last is None else last
    return Segment(prefix, width, first, end, "样例", BodyLevel.CITY, *days, 1)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (segment("45", 4), segment("45", 4), True),
        (segment("45", 4, 0, 99), segment("45", 4, 100), False),
        (segment("45", 4, 0, 99), segment("45", 4, 99), True),
        (segment("45", 4), segment("4501", 2), True),
        (segment("45", 4, 0, 99), segment("4501", 2), False),
        (segment("45", 4), segment("4501", 3), False),
        (segment("", 4), segment("45", 2), True),
        (segment("0", 3), segment("", 4, 0, 999), True),
        (segment("0", 3), segment("", 4, 1000), False),
        (segment("桂A4", 2), segment("桂A", 3, 400, 499), True),
        (segment("桂A4", 2), segment("桂B", 3), False),
        (segment("45-", 4), segment("45", 4), False),
        (segment("45", 4, days=(1, 9)), segment("45", 4, days=(10, None)), False),
        (segment("45", 4, days=(1, 9)), segment("45", 4, days=(9, 20)), True),
        (segment("45", 0), segment("450", 0), True),
        (segment("45", 0), segment("45", 0), True),
        (segment("45", 0), segment("46", 0), False),
        (segment("", 0), segment("46", 0), True),
        (segment("45", 0), segment("45", 4), False),
    ],
)
def test_what_two_segments_share(one: Segment, other: Segment, shared: bool) -> None:
    for pair in ((one, other), (other, one)):
        assert len(list(overlaps(pair))) == shared


def test_every_pair_is_found_that_shares_a_number() -> None:
    random = Random(7)
    numbers = ["".join(digits) for n in (1, 2, 3) for digits in product("0129", repeat=n)]
    numbers += [f"A{number}" for number in numbers]
    for _ in range(200):
        segments: list[Segment] = []
        for _ in range(6):
            width = random.choice([1, 1, 2])
            first = random.randrange(10**width)
            last = random.randrange(first, 10**width)
            start = random.randrange(4)
            days = (start, random.choice([None, start + 1]))
            prefix = random.choice(["", "0", "1", "2", "A", "A0", "10"])
            segments.append(segment(prefix, width, first, last, days))
        found = {frozenset(map(id, pair)) for pair in overlaps(segments)}
        for one, other in combinations(segments, 2):
            same_day = any(one.covers(day) and other.covers(day) for day in range(8))
            if same_day and any(one.fits(each) and other.fits(each) for each in numbers):
                assert frozenset({id(one), id(other)}) in found
        assert len(found) == len(list(overlaps(segments)))
