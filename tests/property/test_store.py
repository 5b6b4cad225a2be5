"""Whatever arrives, in whatever order: a store never goes back and never crashes (clause 7)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.publisher import NOW_S, P

from etitle.errors import DecodeError, EtitleError, StoreError, TrustError
from etitle.store.held import Held, load_held
from etitle.store.incoming import IncomingFile, read_incoming
from etitle.store.state import FileName, StoreState, decode_state, encode_state
from etitle.store.update import advance
from etitle.trust.bundle import KeyState, ListEntry

START = Held(P.pin, (P.bundle(1),), P.make(1))
FILES = (
    P.bundle(1, example=False),
    P.bundle(2),
    P.bundle(2, P.roots[:1]),
    P.rotated(3),
    P.bundle(4, P.later_roots[:2], roots=P.make(1).roots),
    P.bundle(4, P.later_roots[:2], keys=P.keys((KeyState.COMPROMISED, 2))),
    P.bundle(3, lists=(ListEntry(1, 1, 1, "u"),)),
    P.full(1),
    P.full(3),
    P.full(3, twist=1),
    P.full(4, by=P.spare),
    P.full(1, epoch=1),
    P.delta(1, 2),
    P.delta(2, 3),
    P.delta(1, 5),
    P.delta(3, 4, twist=1),
    P.rescue(NOW_S, b"a" * 16),
    P.rescue(NOW_S + 1, b"b" * 16, by=P.later_roots),
)
CLAIMS = tuple(read_incoming(f"{n}", data) for n, data in enumerate(FILES))


def take(kept: dict[str, bytes], file: FileName) -> bytes:
    return kept[file.name]


def where(held: Held) -> tuple[int, dict[int, tuple[int, int]]]:
    marks = {item.list_id: (item.epoch, item.sequence) for item in held.lists}
    return held.bundle.version, marks


@given(st.lists(st.lists(st.sampled_from(CLAIMS), max_size=6), max_size=4))
@settings(max_examples=250, deadline=None)
def test_a_store_never_goes_back(rounds: list[list[IncomingFile]]) -> None:
    held = START
    for claims in rounds:
        step = advance(held, claims, at_s=NOW_S)
        (version, marks), (before, earlier) = where(step.held), where(held)
        assert version >= before
        assert all(marks[list_id] >= mark for list_id, mark in earlier.items())
        held = step.held
        # What is kept is enough to come to the same again, from the pin alone.
        kept = {file.name: data for file, data in held.files()}
        again = load_held(held.state(), read=partial(take, kept))
        assert replace(again, lists=tuple(map(again.opened, again.lists))) == held


@given(st.sets(st.sampled_from(CLAIMS), max_size=8))
@settings(max_examples=80, deadline=None)
def test_the_order_of_files_does_not_matter(claims: set[IncomingFile]) -> None:
    orders = [sorted(claims, key=lambda claim: claim.name), sorted(claims, key=lambda c: c.after)]
    steps = [advance(START, order, at_s=NOW_S) for order in orders]
    assert where(steps[0].held) == where(steps[1].held)
    codes = [sorted(alarm.code for alarm in step.alarms) for step in steps]
    assert codes[0] == codes[1]


@given(st.sampled_from(FILES), st.integers(0, 2000), st.integers(1, 255), st.binary(max_size=8))
@settings(max_examples=250, deadline=None)
def test_damaged_files_do_no_more_than_raise(
    data: bytes, at: int, change: int, more: bytes
) -> None:
    at %= len(data)
    for broken in (
        data[:at] + bytes((data[at] ^ change,)) + data[at + 1 :],
        data[:at] + more,
        data[:at] + more + data[at:],
    ):
        try:
            claim = read_incoming("x", broken)
        except (DecodeError, StoreError):
            continue
        try:
            advance(START, [claim, *CLAIMS[1:2]], at_s=NOW_S)
        except EtitleError as error:
            assert isinstance(error, (StoreError, TrustError))  # noqa: PT017  # the allowed kinds


@given(st.integers(0, 1 << 40))
@settings(max_examples=30, deadline=None)
def test_a_state_comes_back_from_its_bytes(latest_time_s: int) -> None:
    held = advance(START, [CLAIMS[1], CLAIMS[7], CLAIMS[12], CLAIMS[16]], at_s=NOW_S).held
    state = StoreState(latest_time_s, (held.state(),))
    assert decode_state(encode_state(state)) == state
