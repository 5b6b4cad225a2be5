"""Successors of a list: the regular expression against the canonical decoder (clause 6.4)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etitle import canon
from etitle.certificate.number import MAX_NUMBER
from etitle.errors import DecodeError, TrustError
from etitle.trust import successors

INDICES = st.integers(0, 30) | st.integers(0, 70_000) | st.integers(0, (1 << 27) - 1)
NUMBERS = (
    st.integers(1, 10**20).map(str)
    | st.text("Aa样0-", min_size=1, max_size=MAX_NUMBER)
    | st.sampled_from(["样" * MAX_NUMBER, "007", "A" * 23, "A" * 24])
)


def spelled(pairs: dict[int, str]) -> bytes:
    parts = [successors.spell(index, pairs[index]) for index in sorted(pairs)]
    assert None not in parts
    return canon.head(4, len(parts)) + b"".join(part for part in parts if part is not None)


def by_reference(raw: bytes) -> list[tuple[int, str]] | None:
    """What the canonical decoder makes of the same bytes; None where it or a rule refuses."""
    try:
        items = canon.decode(raw, max_bytes=1 << 20)
    except DecodeError:
        return None
    found: list[tuple[int, str]] = []
    for item in items if isinstance(items, tuple) else (None,):
        match item:
            case (int() as index, int() | str() as number) if (
                type(index) is int
                and 0 <= index < 1 << 32
                and successors.spell(index, str(number)) == canon.encode(item)
                and (not found or found[-1][0] < index)
            ):
                found.append((index, str(number)))
            case _:
                return None
    return found


def as_read(raw: bytes) -> list[tuple[int, str]] | None:
    try:
        indices, starts = successors.read(raw)
    except TrustError as error:
        return None if error.code == "list.malformed" else [(-1, error.code)]
    return [
        (index, successors.number_at(raw, start, index))
        for index, start in zip(indices, starts[:-1], strict=True)
    ]


@given(st.dictionaries(INDICES, NUMBERS, max_size=8))
def test_what_is_spelled_is_read_as_the_reference_reads_it(pairs: dict[int, str]) -> None:
    raw = spelled(pairs)
    assert as_read(raw) == by_reference(raw) == sorted(pairs.items())


@given(
    st.dictionaries(INDICES, NUMBERS, min_size=1, max_size=4),
    st.integers(0, 400),
    st.integers(1, 255),
)
@settings(max_examples=300)
def test_every_changed_byte_is_judged_as_the_reference_judges_it(
    pairs: dict[int, str], at: int, change: int
) -> None:
    raw = bytearray(spelled(pairs))
    raw[at % len(raw)] ^= change
    assert as_read(bytes(raw)) == by_reference(bytes(raw))


def test_a_number_has_at_most_18_digits_or_the_characters_of_a_payloads() -> None:
    assert MAX_NUMBER == 40
    astral = "\U00020000" * 40  # four bytes each
    assert as_read(spelled({1: str(10**18 - 1), 2: astral})) == [(1, str(10**18 - 1)), (2, astral)]
    head = canon.head(4, 1) + canon.head(4, 2) + canon.head(0, 1)
    for number in (canon.head(0, 10**18), canon.encode(astral + "a"), canon.encode("a" * 41)):
        assert as_read(head + number) is None


def test_nothing_stands_between_or_behind_the_entries() -> None:
    one, two = (successors.spell(index, "A") or b"" for index in (1, 2))
    assert as_read(canon.head(4, 2) + one + two) == [(1, "A"), (2, "A")]
    for parts in ((b"\xf6", one, two), (one, b"\xf6", two), (one, two, b"\xf6")):
        assert as_read(canon.head(4, 2) + b"".join(parts)) is None


def test_successors_have_at_most_so_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = spelled({1: "A", 2: "B"})
    monkeypatch.setattr(successors, "MAX_SUCCESSORS_BYTES", len(raw))
    assert as_read(raw) == [(1, "A"), (2, "B")]
    monkeypatch.setattr(successors, "MAX_SUCCESSORS_BYTES", len(raw) - 1)
    assert as_read(raw) is None


def test_no_successors_are_an_empty_array() -> None:
    assert as_read(successors.NONE) == []
    assert spelled({}) == successors.NONE


@pytest.mark.parametrize("number", ["", " ", "A" * (MAX_NUMBER + 1), "a\u200b", "a\nb", "e\u0301"])
def test_a_number_that_a_payload_could_not_carry_is_not_spelled(number: str) -> None:
    assert successors.spell(3, number) is None
