"""Certificate <-> payload: one certificate, one spelling (docs/spec clause 2.1.3)."""

from __future__ import annotations

import contextlib

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.support.strategies import certificates

from etitle import canon
from etitle.certificate import payload
from etitle.certificate.model import Certificate
from etitle.errors import DecodeError, FieldError


def encoded(certificate: Certificate) -> bytes:
    try:
        return payload.encode(certificate)
    except FieldError as error:
        # The only fault a legal certificate can have: 1024 bytes are not enough for it.
        assume(error.details.get("rule") != "canon.too_large")
        raise


@settings(max_examples=120)
@given(certificates())
def test_decoding_gives_back_what_was_encoded(certificate: Certificate) -> None:
    assert payload.decode(encoded(certificate)) == certificate


@settings(max_examples=120)
@given(certificates(), st.data())
def test_an_accepted_mutation_encodes_to_itself(
    certificate: Certificate, data: st.DataObject
) -> None:
    octets = bytearray(encoded(certificate))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(octets) - 1))
        octets[at] = data.draw(st.integers(0, 255))
    mutated = bytes(octets)
    try:
        decoded = payload.decode(mutated)
    except DecodeError:
        return
    assert payload.encode(decoded) == mutated


@settings(max_examples=80)
@given(certificates(), st.data())
def test_an_accepted_change_of_an_entry_encodes_to_itself(
    certificate: Certificate, data: st.DataObject
) -> None:
    entries = canon.decode(encoded(certificate), max_bytes=1024)
    assert isinstance(entries, dict)
    values = st.one_of(
        st.integers(-3, 1 << 40),
        st.text(max_size=5),
        st.none(),
        st.booleans(),
        st.binary(max_size=17),
        st.lists(st.integers(0, 3000), max_size=4),
    )
    changed = {**entries, data.draw(st.integers(0, 22)): data.draw(values)}
    try:
        octets = canon.encode(changed)
        decoded = payload.decode(octets)
    except DecodeError:
        return
    assert payload.encode(decoded) == octets


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_no_bytes_make_decoding_raise_anything_but_our_errors(octets: bytes) -> None:
    with contextlib.suppress(DecodeError):
        payload.decode(octets)
