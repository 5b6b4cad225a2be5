"""Canonical bytes: one spelling for everything (docs/spec clause 2.1)."""

from __future__ import annotations

import enum
import time
import tracemalloc

import pytest

from etitle import canon
from etitle.errors import DecodeError

BOUNDARIES = [
    (0, "00"),
    (23, "17"),
    (24, "1818"),
    (255, "18ff"),
    (256, "190100"),
    (65535, "19ffff"),
    (65536, "1a00010000"),
    (2**32 - 1, "1affffffff"),
    (2**32, "1b0000000100000000"),
    (2**64 - 1, "1bffffffffffffffff"),
]


def refusal(data: bytes, *, max_bytes: int = 1 << 20) -> str:
    with pytest.raises(DecodeError) as caught:
        canon.decode(data, max_bytes=max_bytes)
    return caught.value.code


def unencodable(value: object) -> str:
    with pytest.raises(DecodeError) as caught:
        canon.encode(value)
    return caught.value.code


@pytest.mark.parametrize(("value", "spelled"), BOUNDARIES)
def test_an_unsigned_integer_has_the_shortest_head(value: int, spelled: str) -> None:
    assert canon.encode(value).hex() == spelled
    assert canon.decode(bytes.fromhex(spelled), max_bytes=9) == value


@pytest.mark.parametrize(("value", "spelled"), BOUNDARIES)
def test_a_negative_integer_has_the_shortest_head(value: int, spelled: str) -> None:
    octets = bytes.fromhex(spelled)
    negative = bytes((octets[0] | 0x20,)) + octets[1:]
    assert canon.encode(-1 - value) == negative
    assert canon.decode(negative, max_bytes=9) == -1 - value


@pytest.mark.parametrize("length", [0, 1, 23, 24, 255, 256, 65535, 65536])
def test_every_length_of_text_bytes_and_arrays_reads_back(length: int) -> None:
    for value in ("a" * length, b"\x00" * length, (None,) * length):
        assert canon.decode(canon.encode(value), max_bytes=1 << 20) == value


@pytest.mark.parametrize("length", [0, 23, 24, 255, 256, 65536])
def test_every_size_of_map_reads_back(length: int) -> None:
    value = dict.fromkeys(range(length))
    assert canon.decode(canon.encode(value), max_bytes=1 << 20) == value


@pytest.mark.parametrize("major", range(6))
@pytest.mark.parametrize(
    "tail", ["1800", "1817", "190000", "1900ff", "1a00000000", "1a0000ffff", "1b00000000ffffffff"]
)
def test_a_longer_head_than_needed_is_refused_for_every_major_type(major: int, tail: str) -> None:
    octets = bytes.fromhex(tail)
    data = bytes((octets[0] | major << 5,)) + octets[1:] + bytes(300)
    assert refusal(data) == "canon.not_canonical"


@pytest.mark.parametrize("major", range(7))
@pytest.mark.parametrize("low", [28, 29, 30, 31])
def test_indefinite_and_reserved_lengths_are_refused(major: int, low: int) -> None:
    for before in (b"", b"\x81", b"\xa1\x00"):
        data = before + bytes((major << 5 | low,)) + b"\x00\xff"
        assert refusal(data) == "canon.type_refused"


@pytest.mark.parametrize(
    "data",
    [
        "c000", "c11a514b67b0", "d818 41 00", "d9d9f700", "d20180",  # tags
        "f90000", "f97e00", "fa00000000", "fb0000000000000000",  # floats
        "f7", "e0", "f3", "f820", "f8ff", "f800", "ff", "fc", "fd", "fe",  # other simple values
    ],
)  # fmt: skip
def test_tags_floats_and_other_simple_values_are_refused(data: str) -> None:
    assert refusal(bytes.fromhex(data)) == "canon.type_refused"
    assert refusal(b"\x81" + bytes.fromhex(data)) == "canon.type_refused"
    assert refusal(b"\xa1\x00" + bytes.fromhex(data)) == "canon.type_refused"


@pytest.mark.parametrize(
    "data",
    [
        "a2 00 00 00 00",  # one integer twice
        "a2 01 00 00 00",  # integers
        "a2 20 00 00 00",  # negative before unsigned
        "a2 6161 00 00 00",  # text before integer
        "a2 6161 00 20 00",
        "a2 6162 00 6161 00",  # text
        "a2 6161 00 6161 01",  # one text twice
        "a2 626161 00 6162 00",  # longer before shorter
        "a3 00 00 02 00 01 00",
        "a2 1818 00 17 00",
    ],
)
def test_keys_that_do_not_ascend_are_refused(data: str) -> None:
    assert refusal(bytes.fromhex(data)) == "canon.not_canonical"


def test_a_key_may_be_any_integer_of_64_bits() -> None:
    value = {23: 0, 24: 0, 2**64 - 1: 0, -1: 0, -(2**64): 0}
    assert canon.decode(canon.encode(value), max_bytes=99) == value


def test_keys_ascend_bytewise_and_not_by_length() -> None:
    # RFC 8949 §4.2.1 and not §4.2.3: -1 (0x20) comes after 100 (0x1864).
    value = {-1: 0, 100: 0, 10: 0, "z": 0, "aa": 0, "": 0}
    assert canon.encode(value).hex() == "a60a0018640020006000617a0062616100"
    decoded = canon.decode(canon.encode(value), max_bytes=99)
    assert isinstance(decoded, dict)
    assert list(decoded) == [10, 100, -1, "", "z", "aa"]


@pytest.mark.parametrize("key", ["40", "4161", "f4", "f5", "f6", "f7", "f90000", "c000"])
def test_keys_other_than_integers_and_text_are_refused(key: str) -> None:
    assert refusal(bytes.fromhex(f"a1 {key} 00")) == "canon.type_refused"


@pytest.mark.parametrize("key", ["80", "8100", "a0", "a10000"])
def test_a_container_is_no_key(key: str) -> None:
    assert refusal(bytes.fromhex(f"a1 {key} 00")) in {"canon.type_refused", "canon.too_deep"}


def test_a_key_of_a_longer_spelling_is_refused() -> None:
    assert refusal(bytes.fromhex("a1 1800 00")) == "canon.not_canonical"
    assert refusal(bytes.fromhex("a1 780161 00")) == "canon.not_canonical"


@pytest.mark.parametrize(
    "octets",
    [
        "e\u0301".encode(),  # é in two
        "\u212b".encode(),  # ångström sign
        "\uf900".encode(),  # CJK compatibility ideograph
        "\u1100\u1161".encode(),  # Hangul in parts
        "a\u0323\u0307\u0323".encode(),  # marks out of order
        b"\xed\xa0\x80",  # lone high surrogate
        b"\xed\xb0\x80",
        b"\xed\xa0\x80\xed\xb0\x80",  # CESU-8
        b"\xc0\x80",  # overlong
        b"\xe0\x80\xaf",
        b"\xf5\x80\x80\x80",  # beyond Unicode
        b"\xf4\x90\x80\x80",
        b"\xff",
        b"\x80",
        b"\xe6\xa0",  # cut short
    ],
)
@pytest.mark.parametrize("before", [b"", b"\x81", b"\xa1\x00"])
def test_text_that_is_not_nfc_utf8_is_refused(octets: bytes, before: bytes) -> None:
    assert refusal(before + canon.head(3, len(octets)) + octets) == "canon.text_refused"


def test_a_key_that_is_not_nfc_is_refused() -> None:
    octets = "e\u0301".encode()
    assert refusal(b"\xa1" + canon.head(3, len(octets)) + octets + b"\x00") == "canon.text_refused"


def test_long_text_is_held_to_the_same_rules_as_short_text() -> None:
    octets = ("样" * 20 + "e\u0301").encode()
    assert refusal(canon.head(3, len(octets)) + octets) == "canon.text_refused"


@pytest.mark.parametrize("value", [0, 300, -70000, 2**40, "ab", b"ab", (1, 2), {1: "a"}, "x" * 30])
def test_every_truncation_is_refused(value: object) -> None:
    for wrapped in (value, (value,), {0: value}):
        data = canon.encode(wrapped)
        for end in range(len(data)):
            assert refusal(data[:end]) == "canon.truncated"


@pytest.mark.parametrize("data", ["0000", "f6f6", "8000", "a000", "616100"])
def test_bytes_after_the_item_are_refused_and_counted(data: str) -> None:
    with pytest.raises(DecodeError) as caught:
        canon.decode(bytes.fromhex(data), max_bytes=9)
    assert (caught.value.code, caught.value.details["count"]) == ("canon.trailing_bytes", 1)


def test_the_limit_of_the_format_is_the_last_size_accepted() -> None:
    data = canon.encode(b"\x00" * 100)
    assert canon.decode(data, max_bytes=len(data)) == b"\x00" * 100
    assert refusal(data, max_bytes=len(data) - 1) == "canon.too_large"


@pytest.mark.parametrize("opening", [b"\x81", b"\xa1\x00"])
def test_nesting_is_bounded_alike_in_both_directions(opening: bytes) -> None:
    deepest = opening * canon.MAX_DEPTH + b"\x00"
    value = canon.decode(deepest, max_bytes=99)
    assert canon.encode(value) == deepest
    assert refusal(opening + deepest) == "canon.too_deep"
    wrapped = [value] if opening == b"\x81" else {0: value}
    assert unencodable(wrapped) == "canon.value_refused"


@pytest.mark.parametrize("empty", [[], {}])
def test_an_empty_container_one_level_too_deep_is_not_encoded_either(empty: object) -> None:
    value = empty
    for _ in range(canon.MAX_DEPTH):
        value = [value]
    assert unencodable(value) == "canon.value_refused"


@pytest.mark.parametrize("opening", [b"\x81", b"\xa1\x00", b"\xc0", b"\x9f"])
def test_a_million_openings_are_refused_without_recursion(opening: bytes) -> None:
    assert refusal(opening * 1_000_000, max_bytes=1 << 22) in {
        "canon.too_deep",
        "canon.too_many_items",
        "canon.type_refused",
    }


@pytest.mark.parametrize("head", ["9affffffff", "9bffffffffffffffff", "baffffffff",
                                  "bbffffffffffffffff", "5bffffffffffffffff",
                                  "7bffffffffffffffff", "9a000fffff", "ba0007ffff"])  # fmt: skip
def test_a_huge_count_with_little_data_takes_no_memory(head: str) -> None:
    data = bytes.fromhex(head) + bytes(1000)
    tracemalloc.start()
    try:
        assert refusal(data) == "canon.truncated"
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


def test_nested_counts_do_not_multiply_work() -> None:
    # Each array promises the rest of the data; an eager reader would do it again at every level.
    data = b""
    for _ in range(canon.MAX_DEPTH):
        data = canon.head(4, max(1, len(data))) + data
    data += bytes(200_000)
    start = time.process_time()
    assert refusal(data).startswith("canon.")
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "value",
    [
        2**64, -(2**64) - 1, 1.0, float("nan"), 1j, object(), bytearray(b"a"), memoryview(b"a"),
        {1}, frozenset({1}), ..., "e\u0301", "\ud800", [1.5], {1: 1.5},
        {1.0: 1}, {None: 1}, {True: 1}, {b"a": 1}, {(1,): 1}, {2**64: 1}, {"e\u0301": 1},
        {"\udfff": 1}, {-(2**64) - 1: 1},
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_has_no_encoding_is_refused(value: object) -> None:
    assert unencodable(value) == "canon.value_refused"


def test_enumerations_and_lists_are_written_as_what_they_are() -> None:
    class Colour(enum.IntEnum):
        RED = 2

    assert canon.encode([Colour.RED, {Colour.RED: [True]}]).hex() == "8202a10281f5"


def test_true_is_not_one() -> None:
    assert canon.encode(True) != canon.encode(1)  # noqa: FBT003  # that is what is tested
    assert canon.decode(b"\xf5", max_bytes=1) is True
    assert canon.decode(b"\xf4", max_bytes=1) is False
    assert canon.decode(b"\xf6", max_bytes=1) is None


@pytest.mark.parametrize("item", ["a0", "8100", "4161"])
def test_more_items_than_a_bundle_can_hold_are_refused_before_any_is_made(
    item: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canon, "MAX_ITEMS", 20_000)
    data = canon.head(4, 2 * canon.MAX_ITEMS) + bytes.fromhex(item) * 2 * canon.MAX_ITEMS
    tracemalloc.start()
    try:
        assert refusal(data, max_bytes=len(data)) == "canon.too_many_items"
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


def test_a_few_long_strings_are_not_many_items() -> None:
    value = (bytes(2 * canon.MAX_ITEMS), "a" * 2 * canon.MAX_ITEMS, {1: bytes(300)})
    data = canon.encode(value)
    assert canon.decode(data, max_bytes=len(data)) == value
    assert refusal(data[:-1], max_bytes=len(data)) == "canon.truncated"


@pytest.mark.parametrize("item", ["00", "4161", "6161", "58", "a10000", "8100"])
def test_exactly_as_many_items_as_the_limit_are_read(
    item: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys and values are counted, and a string is one item however long."""
    assert canon.MAX_ITEMS == 1_048_576
    monkeypatch.setattr(canon, "MAX_ITEMS", 61)
    each = bytes.fromhex(item) if item[:2] != "58" else canon.head(2, 300) + bytes(300)
    inner = 3 if item[:2] == "a1" else 2 if item[:2] == "81" else 1
    count = 60 // inner
    data = canon.head(4, count) + each * count
    canon.decode(data, max_bytes=len(data))
    more = canon.head(4, count + 1) + each * (count + 1)
    if len(more) > canon.MAX_ITEMS:
        assert refusal(more, max_bytes=len(more)) == "canon.too_many_items"


def test_the_deepest_nesting_is_that_of_clause_2_1() -> None:
    assert canon.MAX_DEPTH == 8
