"""Typed access to decoded maps: every wrong type or bound is refused, and named by its path."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from etitle import canon
from etitle.errors import DecodeError
from etitle.trust.mapreader import MAX_UINT, MapReader

CODE = "bundle.malformed"
VALUE: canon.Value = {
    1: 5,
    2: True,
    3: b"x",
    4: "text",
    5: (1, 2),
    6: {1: 7},
    7: ({1: 8}, {1: "no"}),
}


def reader() -> MapReader:
    return MapReader(VALUE, range(1, 8), code=CODE)


def test_values_of_their_types_are_given() -> None:
    top = reader()
    assert (top.integer(1), top.flag(2), top.octets(3), top.string(4)) == (5, True, b"x", "text")
    assert (top.items(5), top.any(5), top.map(6, [1]).integer(1)) == ((1, 2), (1, 2), 7)
    assert top.maps(7, [1])[0].integer(1) == 8
    assert (top.integer(1, 5, 5), MapReader({1: MAX_UINT}, [1], code=CODE).integer(1)) == (
        5,
        MAX_UINT,
    )


@pytest.mark.parametrize(
    ("action", "field"),
    [
        (lambda top: top.integer(2), "2"),
        (lambda top: top.integer(4), "4"),
        (lambda top: top.integer(1, 6), "1"),
        (lambda top: top.integer(1, 0, 4), "1"),
        (lambda top: top.flag(1), "1"),
        (lambda top: top.octets(4), "4"),
        (lambda top: top.string(3), "3"),
        (lambda top: top.items(6), "6"),
        (lambda top: top.map(5, [1]), "5"),
        (lambda top: top.map(6, [1, 2]), "6"),
        (lambda top: top.maps(7, [1])[1].integer(1), "7.1.1"),
    ],
)
def test_a_value_of_another_type_or_out_of_bounds_is_named_by_its_path(
    action: Callable[[MapReader], object], field: str
) -> None:
    with pytest.raises(DecodeError) as caught:
        action(reader())
    assert (caught.value.code, caught.value.details["field"]) == (CODE, field)


@pytest.mark.parametrize("value", [None, (), {}, {1: 1}, {1: 1, 2: 2, 3: 3}])
def test_a_map_has_exactly_its_keys(value: object) -> None:
    with pytest.raises(DecodeError) as caught:
        MapReader(value, (1, 2), code=CODE)  # type: ignore[arg-type]
    assert caught.value.details["field"] == "map"


class Newer(MapReader):
    __slots__ = ()
    NEWER = "test.newer"


def test_a_map_may_have_optional_entries_and_ignores_negative_ones() -> None:
    top = Newer({1: 1, 3: 3, -1: 0, -7: ()}, (1,), code=CODE, optional=(3, 4))
    assert (top.has(3), top.has(4), top.integer(3), len(top)) == (True, False, 3, 4)
    with pytest.raises(DecodeError) as caught:
        Newer({3: 3}, (1,), code=CODE, optional=(3,))
    assert caught.value.code == CODE


@pytest.mark.parametrize("key", [5, 0, "x", "-1"])
def test_any_other_unknown_entry_is_of_a_newer_program(key: int | str) -> None:
    with pytest.raises(DecodeError) as caught:
        Newer({1: 1, key: 0}, (1,), code=CODE)
    assert (caught.value.code, caught.value.details["version"]) == ("test.newer", str(key))


def test_entries_may_stand_in_another_order() -> None:
    top = MapReader({2: True, 1: 5}, [1, 2], code=CODE)
    assert (top.integer(1), top.flag(2)) == (5, True)
