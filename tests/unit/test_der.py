"""The one reader and writer of DER, held against asn1crypto."""

from __future__ import annotations

import pytest
from asn1crypto import core as asn1
from hypothesis import given
from hypothesis import strategies as st

from etitle import der
from etitle.der import SEQUENCE, DerNode, tlv
from etitle.errors import DecodeError


@given(st.binary(max_size=70_000))
def test_elements_have_the_shortest_length(content: bytes) -> None:
    assert tlv(der.OCTETS, content) == asn1.OctetString(content).dump()


@given(
    st.tuples(st.integers(0, 1), st.integers(0, 39), st.integers(0, 1 << 40), st.integers(0, 300))
)
def test_object_identifiers_are_those_of_asn1crypto(numbers: tuple[int, ...]) -> None:
    dotted = ".".join(map(str, numbers))
    assert der.oid(dotted) == asn1.ObjectIdentifier(dotted).dump()


@given(st.integers(0, 1 << 200))
def test_integers_are_those_of_asn1crypto(number: int) -> None:
    assert der.integer(number) == asn1.Integer(number).dump()


@given(st.lists(st.binary(max_size=20), max_size=6))
def test_a_set_of_stands_in_the_order_of_its_encodings(contents: list[bytes]) -> None:
    items = [tlv(der.OCTETS, item) for item in contents]
    data = der.set_of(der.SET, items)
    nodes = der.children(data, der.node(data, 0, len(data)))
    assert der.ascending(data, nodes)
    assert sorted(der.whole(data, element) for element in nodes) == sorted(items)


@given(st.integers(0, 30), st.binary(max_size=70_000), st.binary(max_size=3))
def test_what_is_written_is_read_back(number: int, content: bytes, after: bytes) -> None:
    data = b"\0\0" + tlv(number, content) + after
    element = der.node(data, 2, len(data))
    assert (element.tag, element.at) == (number, 2)
    assert der.content(data, element) == content
    assert der.whole(data, element) == tlv(number, content)
    assert data[element.end :] == after


MALFORMED = {
    "nothing": b"",
    "a tag alone": b"\x30",
    "content cut short": b"\x30\x02\x05",
    "a length cut short": b"\x30\x82\x01",
    "no definite length": b"\x30\x80\x00\x00",
    "a length of four bytes": b"\x04\x84\x00\x00\x00\x01a",
    "a length with a leading zero": b"\x04\x82\x00\x81" + bytes(0x81),
    "a long form of a short length": b"\x04\x81\x7f" + bytes(0x7F),
    "a tag of several bytes": b"\x1f\x81\x00\x00",
    "a context tag of several bytes": b"\xbf\x1f\x00",
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_other_encodings_than_der_are_refused(data: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        der.node(data, 0, len(data))
    assert caught.value.code == "document.cms_malformed"


@pytest.mark.parametrize("size", [0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x10000])
def test_lengths_around_each_bound_are_read(size: int) -> None:
    data = tlv(der.OCTETS, bytes(size))
    assert der.node(data, 0, len(data)).end == len(data)
    with pytest.raises(DecodeError):
        der.node(data, 0, len(data) - 1)


def test_the_children_fill_their_parent() -> None:
    data = tlv(SEQUENCE, der.NULL, der.TRUE)
    parent = der.node(data, 0, len(data))
    assert [data[child.at] for child in der.children(data, parent)] == [0x05, 0x01]
    with pytest.raises(DecodeError):
        der.children(data, DerNode(SEQUENCE, 0, 2, 4 + 2))


def test_expected_tags_are_all_and_in_order() -> None:
    data = tlv(SEQUENCE, der.NULL, der.TRUE)
    parent = der.node(data, 0, len(data))
    nodes = der.children(data, parent)
    der.expect(nodes, 0x05, 0x01)
    der.expect([], *())
    for tags in ((0x05,), (0x05, 0x01, 0x01), (0x01, 0x05), ()):
        with pytest.raises(DecodeError):
            der.expect(nodes, *tags)
    with pytest.raises(DecodeError):
        der.only(data, parent, 0x05)


def test_equal_elements_ascend_and_others_must() -> None:
    for items, ascends in (
        ([b"a", b"a"], True),
        ([b"a", b"b"], True),
        ([b"b", b"a"], False),
    ):
        data = tlv(der.SET, *(tlv(der.OCTETS, item) for item in items))
        nodes = der.children(data, der.node(data, 0, len(data)))
        assert der.ascending(data, nodes) is ascends
