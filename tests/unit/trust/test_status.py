"""The state of every index: docs/spec clauses 6.2 to 6.5."""

from __future__ import annotations

import random
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from etitle import canon
from etitle.errors import EtitleError, FieldError, TrustError, explain
from etitle.trust import successors
from etitle.trust.status import (
    FIRST_STATUS_DAY,
    LAST_STATUS_DAY,
    MAX_COVERAGE,
    VALID,
    StatusEntry,
    StatusKind,
    StatusTable,
)

DAY = 20_454


def table(entries: dict[int, StatusEntry] | None = None, coverage: int = 1000) -> StatusTable:
    return StatusTable.from_entries(
        list_id=7, epoch=1, coverage=coverage, entries=SAMPLE if entries is None else entries
    )


SAMPLE = {
    0: StatusEntry(StatusKind.VOIDED, DAY),
    1: StatusEntry(StatusKind.WITHDRAWN, DAY + 1),
    255: StatusEntry(StatusKind.CANCELLED, FIRST_STATUS_DAY),
    256: StatusEntry(StatusKind.OTHER, LAST_STATUS_DAY),
    257: StatusEntry(StatusKind.SUSPENDED, DAY),
    511: StatusEntry(StatusKind.SUPERSEDED, DAY, "450099202600001"),
    700: StatusEntry(StatusKind.SUPERSEDED, DAY),
    701: StatusEntry(StatusKind.SUPERSEDED, DAY, "样例职改0001号"),
    999: StatusEntry(StatusKind.SUPERSEDED, DAY, "00099"),
}


def code_of(error: type[EtitleError], action: Callable[[], object]) -> str:
    with pytest.raises(error) as caught:
        action()
    for language in ("zh", "en"):
        assert "?" not in explain(caught.value.code, language, **caught.value.details)[0]
    return caught.value.code


def test_every_index_has_the_entry_it_was_given() -> None:
    made = table()
    assert [made.look_up(i) for i in range(1000)] == [SAMPLE.get(i, VALID) for i in range(1000)]


def test_statuses_are_two_bits_least_significant_first() -> None:
    made = table({0: SAMPLE[0], 1: SAMPLE[257], 2: SAMPLE[700]}, coverage=5)
    assert made.bits == bytes((0b00_11_10_01, 0))
    assert made.kinds == bytes((1, 5, 6))


@pytest.mark.parametrize("index", [-1, 1000, 1 << 40])
def test_an_index_that_is_not_covered_is_refused(index: int) -> None:
    assert code_of(TrustError, lambda: table().look_up(index)) == "list.beyond_coverage"


def test_the_state_hash_is_that_of_the_specification() -> None:
    made = table()
    columns = made.kinds + made.lows + made.highs
    content = canon.encode((7, 1, 1000)) + made.bits + columns + made.successors
    assert made.state_hash() == sha256(content).digest()


@pytest.mark.parametrize("length", range(24, 161, 8))
def test_successors_of_every_length_come_back(length: int) -> None:
    number = ("样" if length > 40 else "A") * min(length, 40)
    assert (
        table({9: StatusEntry(StatusKind.SUPERSEDED, DAY, number)}).look_up(9).successor == number
    )


@pytest.mark.parametrize(
    "number", ["1", "23", "24", "255", "256", "65535", "65536", "4294967296", "9" * 18, "9" * 19]
)
def test_numbers_of_every_width_come_back(number: str) -> None:
    indices = (5, 23, 24, 255, 256, 65_535, 65_536, 99_999)
    made = table(
        dict.fromkeys(indices, StatusEntry(StatusKind.SUPERSEDED, DAY, number)), coverage=100_000
    )
    assert [made.look_up(index).successor for index in indices] == [number] * len(indices)
    pairs = tuple((i, int(number) if len(number) < 19 else number) for i in indices)
    assert made.successors == canon.encode(pairs)


@pytest.mark.parametrize(
    "entry",
    [
        StatusEntry(StatusKind.VALID, DAY),
        StatusEntry(StatusKind.VALID, None, "1"),
        StatusEntry(StatusKind.VOIDED),
        StatusEntry(StatusKind.VOIDED, FIRST_STATUS_DAY - 1),
        StatusEntry(StatusKind.VOIDED, LAST_STATUS_DAY + 1),
        StatusEntry(StatusKind.VOIDED, DAY, "1"),
        *(
            StatusEntry(StatusKind.SUPERSEDED, DAY, number)
            for number in ("", " 1", "A ", "样" * 41, "a\nb", "\n", "\u200b", "\ud800", "e\u0301")
        ),
    ],
)
def test_an_entry_without_a_place_in_a_list_is_refused(entry: StatusEntry) -> None:
    assert code_of(FieldError, lambda: table({1: entry})) == "list.entry_refused"


@pytest.mark.parametrize("index", [-1, 1000])
def test_an_entry_beyond_the_coverage_is_refused(index: int) -> None:
    assert code_of(FieldError, lambda: table({index: SAMPLE[0]})) == "list.entry_refused"


def columns(**other: object) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "list_id": 7,
        "epoch": 1,
        "coverage": 5,
        "bits": bytes((0b11_10_01_00, 0b01)),
        "kinds": bytes((1, 5, 6, 4)),
        "lows": bytes(4),
        "highs": bytes(4),
        "successors": canon.encode(((3, 1),)),
    }
    return {**fields, **other}


def test_consistent_columns_make_a_table() -> None:
    made = StatusTable(**columns())
    assert made.look_up(3) == StatusEntry(StatusKind.SUPERSEDED, FIRST_STATUS_DAY, "1")


EMPTY: dict[str, Any] = {
    "coverage": 0, "bits": b"", "kinds": b"", "lows": b"", "highs": b"",
    "successors": canon.encode(()),
}  # fmt: skip


def test_a_table_may_cover_nothing() -> None:
    made = StatusTable(**columns(**EMPTY, list_id=0, epoch=0))
    assert (made.list_id, made.epoch, made.coverage) == (0, 0, 0)


@pytest.mark.parametrize(
    "other",
    [
        {"list_id": -1},
        {"list_id": 1 << 16},
        {"epoch": -1},
        {"epoch": 1 << 64},
        {"coverage": -1},
        {"coverage": 4},
        {"coverage": 9},
        {"coverage": MAX_COVERAGE + 1},
        {**EMPTY, "coverage": -1},
        {**EMPTY, "coverage": MAX_COVERAGE + 1, "bits": bytes((1 << 25) + 1)},
        {"bits": bytes((0b11_10_01_00, 0b0101))},
        {"bits": bytes((0b11_10_01_00, 0))},
        {"bits": bytes((0b11_10_01_00, 1, 0))},
        {"kinds": bytes((1, 5, 6))},
        {"kinds": bytes((1, 5, 6, 4, 1))},
        {"kinds": bytes((0, 5, 6, 4))},
        {"kinds": bytes((1, 6, 6, 4))},
        {"kinds": bytes((1, 5, 4, 4))},
        {"kinds": bytes((1, 5, 6, 7))},
        {"lows": bytes(3)},
        {"highs": bytes(5)},
    ],
)
def test_columns_that_disagree_are_refused(other: dict[str, Any]) -> None:
    assert code_of(TrustError, lambda: StatusTable(**columns(**other))) == "list.malformed"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x80\x80",
        b"\x81",
        canon.encode(()) + canon.encode((3, 1)),
        canon.encode((3, 1)),
        canon.encode(((3, 1, 1),)),
        canon.encode(((3, 0),)),
        canon.encode(((3, "0" * 41),)),
        canon.encode(((3, 10**18),)),
        canon.encode(((3, -1),)),
        canon.encode(((3, b"1"),)),
        canon.encode(((3, None),)),
        canon.encode(((3, ""),)),
        canon.encode(((3, "1"),)),
        canon.encode(((3, " A"),)),
        canon.encode(((3, "A\nB"),)),
        canon.encode(((3, "\u202e"),)),
        canon.encode(((3, 1), (3, 1))),
        canon.encode(((2, 1),)),
        canon.encode(((5, 1),)),
        canon.encode(((1 << 26, 1),)),
        canon.encode((("3", 1),)),
        bytes.fromhex("8182180301"),
        bytes.fromhex("818203180a"),
        bytes.fromhex("81820361ff"),
        bytes.fromhex("81820363 65cc81"),
        bytes.fromhex("9f820301ff"),
        bytes.fromhex("980182 0301"),
        bytes.fromhex("8182 036241"),
    ],
)
def test_successors_in_any_other_spelling_are_refused(raw: bytes) -> None:
    assert code_of(TrustError, lambda: StatusTable(**columns(successors=raw))) == "list.malformed"


def test_too_many_successors_are_refused_before_they_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(successors, "MAX_SUCCESSORS_BYTES", 3)
    assert code_of(TrustError, lambda: StatusTable(**columns())) == "list.malformed"


def test_changes_replace_add_and_remove() -> None:
    changes = {0: VALID, 2: SAMPLE[257], 701: SAMPLE[700], 700: SAMPLE[511], 1500: SAMPLE[999]}
    assert table().changed(changes, coverage=2000) == table({
        **{index: entry for index, entry in SAMPLE.items() if index},
        **{index: entry for index, entry in changes.items() if index},
    }, 2000)  # fmt: skip


def test_a_coverage_never_shrinks() -> None:
    assert code_of(TrustError, lambda: table().changed({}, coverage=999)) == "list.malformed"
    assert code_of(TrustError, lambda: table({}, coverage=MAX_COVERAGE + 1)) == "list.malformed"


@pytest.mark.parametrize(
    "entry",
    [
        VALID,
        StatusEntry(StatusKind.VOIDED, DAY),
        StatusEntry(StatusKind.SUPERSEDED, DAY + 1, "样例职改0001号"),
        StatusEntry(StatusKind.SUPERSEDED, DAY + 256, "样例职改0001号"),
        StatusEntry(StatusKind.SUPERSEDED, DAY, "样例职改0002号"),
        StatusEntry(StatusKind.SUPERSEDED, DAY),
    ],
)
def test_the_difference_is_what_changed(entry: StatusEntry) -> None:
    changes = {701: entry, 3: SAMPLE[1]}
    after = table().changed(changes, coverage=1200)
    assert table().difference(after) == {3: SAMPLE[1], 701: entry}


def some(rng: random.Random) -> StatusEntry:
    kind = rng.choice([kind for kind in StatusKind if kind is not StatusKind.VALID])
    number = rng.choice([None, "1", "样例1"]) if kind is StatusKind.SUPERSEDED else None
    return StatusEntry(kind, DAY + rng.randrange(600), number)


def test_a_difference_and_a_change_are_those_of_dictionaries() -> None:
    """Around the ends of bytes and blocks, where ranks and places could slip."""
    rng = random.Random(8)
    places = [*range(10), *range(250, 262), *range(508, 516), 599]
    for _ in range(150):
        old = {index: some(rng) for index in rng.sample(places, rng.randrange(20))}
        new = dict(old)
        for index in rng.sample(places, rng.randrange(6)):
            new[index] = rng.choice([VALID, some(rng)])
        before = table(old, 600)
        changes = {at: one for at, one in new.items() if old.get(at, VALID) != one}
        after = before.changed(changes, coverage=600 + rng.choice([0, 1, 300]))
        assert before.difference(after) == dict(sorted(changes.items()))
        kept = {at: one for at, one in new.items() if one != VALID}
        assert after == table(kept, after.coverage)
        assert [after.look_up(at) for at in places] == [kept.get(at, VALID) for at in places]


def test_a_kind_of_the_same_status_is_a_difference() -> None:
    after = table().changed({256: StatusEntry(StatusKind.VOIDED, LAST_STATUS_DAY)}, coverage=1000)
    assert after.bits == table().bits
    assert table().difference(after) == {256: StatusEntry(StatusKind.VOIDED, LAST_STATUS_DAY)}


@pytest.mark.parametrize("coverage", [-1, (1 << 27) + 1, 1 << 70])
def test_a_table_covers_no_more_than_a_list_can(coverage: int) -> None:
    with pytest.raises(TrustError) as caught:
        StatusTable.from_entries(list_id=1, epoch=0, coverage=coverage, entries={})
    assert (caught.value.code, caught.value.details["what"]) == ("list.malformed", "coverage")


@pytest.mark.parametrize("later", [kind for kind in StatusKind if kind is not StatusKind.VALID])
def test_what_is_final_may_be_so_for_another_reason(later: StatusKind) -> None:
    before, after = (
        StatusTable.from_entries(
            list_id=1, epoch=0, coverage=9, entries={3: StatusEntry(kind, FIRST_STATUS_DAY)}
        )
        for kind in (StatusKind.VOIDED, later)
    )
    expected = 3 if later is StatusKind.SUSPENDED else None
    assert before.taken_back(after) == expected
    assert before.taken_back(before) is None
