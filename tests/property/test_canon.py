"""Canonical bytes: values read back, and whatever is accepted has no second spelling."""

from __future__ import annotations

from unicodedata import normalize

from hypothesis import example, given, settings
from hypothesis import strategies as st

from etitle import canon
from etitle.errors import DecodeError

INTEGERS = st.one_of(st.integers(-30, 300), st.integers(-(2**64), 2**64 - 1))
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30).map(lambda text: normalize("NFC", text))
SCALARS = st.one_of(st.none(), st.booleans(), INTEGERS, TEXTS, st.binary(max_size=30))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.one_of(INTEGERS, TEXTS), inner, max_size=4),
    ),
    max_leaves=12,
).filter(lambda value: depth(value) <= canon.MAX_DEPTH)


def depth(value: object) -> int:
    if isinstance(value, tuple):
        return 1 + max(map(depth, value), default=0)
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 0


def same(one: object, other: object) -> bool:
    """Equal, and of the same types: 1 is not true."""
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other


@settings(max_examples=200)
@given(VALUES)
def test_values_read_back(value: object) -> None:
    assert same(canon.decode(canon.encode(value), max_bytes=1 << 20), value)


@settings(max_examples=100)
@given(st.dictionaries(st.one_of(INTEGERS, TEXTS), SCALARS, max_size=8), st.randoms())
def test_the_order_of_insertion_leaves_no_trace(
    value: dict[object, object], random: object
) -> None:
    items = list(value.items())
    random.shuffle(items)  # type: ignore[attr-defined]
    assert canon.encode(dict(items)) == canon.encode(value)


PIECES = [
    bytes.fromhex(piece)
    for piece in (
        *("00", "17", "18", "1818", "19", "20", "38", "40", "41", "60", "61", "63e6a0b7", "78"),
        *("80", "81", "82", "98", "a0", "a1", "a2", "b8", "f4", "f5", "f6", "ff"),
    )
]


@settings(max_examples=400)
@example(b"\xa2\x00\x00\x00\x00")
@example(b"\x18\x17")
@given(st.one_of(st.binary(max_size=40), st.lists(st.sampled_from(PIECES)).map(b"".join)))
def test_what_is_accepted_encodes_to_itself(data: bytes) -> None:
    try:
        value = canon.decode(data, max_bytes=400)
    except DecodeError as error:
        assert error.code.startswith("canon.")  # noqa: PT017  # one of two fair outcomes
    else:
        assert canon.encode(value) == data


@settings(max_examples=300)
@given(VALUES, st.data())
def test_a_changed_byte_gives_another_value_or_none(value: object, data: st.DataObject) -> None:
    octets = bytearray(canon.encode(value))
    at = data.draw(st.integers(0, len(octets) - 1))
    octets[at] ^= data.draw(st.integers(1, 255))
    try:
        changed = canon.decode(bytes(octets), max_bytes=1 << 20)
    except DecodeError:
        return
    assert not same(changed, value)
    assert canon.encode(changed) == bytes(octets)
