"""What an authority publishes: the states of keys, windows segments (clauses 5.6, 5.7)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.publisher import P

from etitle.certificate.model import BodyLevel
from etitle.trust.published import KeyState, Segment

KEY = replace(P.keys()[0], not_before=100, not_after=200)
SEGMENT = Segment("EX", 3, 10, 20, "样例", BodyLevel.CITY, 100, 200, 1)


@pytest.mark.parametrize("published", [KEY, SEGMENT], ids=["key", "segment"])
def test_a_window_includes_its_first_and_last_day(published: object) -> None:
    assert isinstance(published, type(KEY) | Segment)
    assert [published.covers(day) for day in (99, 100, 200, 201)] == [False, True, True, False]
    endless = replace(published, not_after=None)
    assert [endless.covers(day) for day in (99, 100, 1 << 40)] == [False, True, True]


def test_the_last_step_of_the_history_is_the_state_of_a_key() -> None:
    retired = replace(KEY, history=((KeyState.ACTIVE, 1), (KeyState.RETIRED, 5)))
    stolen = replace(KEY, history=(*retired.history, (KeyState.COMPROMISED, 9)))
    assert [key.state for key in (KEY, retired, stolen)] == list(KeyState)
    assert [key.compromised_since_s for key in (KEY, retired, stolen)] == [None, None, 9]


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("EX010", True),
        ("EX020", True),
        ("EX009", False),
        ("EX021", False),
        ("EX10", False),
        ("EX0010", False),
        ("EX01０", False),
        ("ex010", False),
        ("010", False),
        ("EX", False),
        ("EX-10", False),
    ],
)
def test_a_number_fits_by_prefix_width_and_range(number: str, *, fits: bool) -> None:
    assert SEGMENT.fits(number) is fits


def test_a_segment_without_width_takes_whatever_begins_with_its_prefix() -> None:
    open_segment = replace(SEGMENT, width=0, first=0, last=0)
    assert [open_segment.fits(number) for number in ("EX", "EX样", "E")] == [True, True, False]
