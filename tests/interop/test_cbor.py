"""Canonical bytes as an independent CBOR implementation sees them."""

from __future__ import annotations

import io

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.population import certificates

from etitle import canon
from etitle.certificate import payload
from etitle.errors import DecodeError

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64 - 1),
    st.text("ab样例", max_size=30),
    st.binary(max_size=30),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(st.integers(-300, 300), st.text("ab", max_size=3)), inner, max_size=4
        ),
    ),
    max_leaves=10,
)


def lists(value: object) -> object:
    if isinstance(value, tuple):
        return [lists(item) for item in value]
    if isinstance(value, dict):
        return {key: lists(item) for key, item in value.items()}
    return value


@settings(max_examples=150)
@given(VALUES)
def test_both_write_the_same_bytes(value: object) -> None:
    try:
        ours = canon.encode(value)
    except DecodeError:  # nested too deep for us
        return
    decoded = canon.decode(ours, max_bytes=1 << 20)
    assert cbor2.loads(ours) == lists(decoded)
    # It writes maps in the order given, and decoding gives the canonical order.
    assert cbor2.dumps(lists(decoded)) == ours


@settings(max_examples=100)
@given(st.dictionaries(st.integers(0, 23), SCALARS, max_size=8))
def test_both_canonical_forms_agree_where_keys_are_of_one_length(value: object) -> None:
    # Else they differ: shorter keys first (RFC 7049 §3.9) there, bytewise (RFC 8949 §4.2.1) here.
    assert cbor2.dumps(value, canonical=True) == canon.encode(value)


@settings(max_examples=300)
@given(st.binary(max_size=30))
def test_what_we_accept_it_reads_alike(data: bytes) -> None:
    try:
        value = canon.decode(data, max_bytes=30)
    except DecodeError:
        return
    assert cbor2.loads(data) == lists(value)


@pytest.mark.parametrize("certificate", certificates(20))
def test_it_reads_payloads(certificate: object) -> None:
    data = payload.encode(certificate)  # type: ignore[arg-type]
    stream = io.BytesIO(data)
    entries = cbor2.load(stream)
    assert stream.read() == b""
    assert entries[0] == 1
    assert entries[2] == certificate.name  # type: ignore[attr-defined]
    assert cbor2.dumps(entries) == data
