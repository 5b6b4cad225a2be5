"""Masks, openings and commitments for arbitrary numbers and arbitrary text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.strategies import eighteen

from etitle.certificate.commitment import commit, format_opening, matches, parse_opening
from etitle.certificate.identity import (
    SIGHT,
    DocumentKind,
    Identity,
    fits_mask,
    mask,
    person_number,
    plain_number,
)
from etitle.errors import DecodeError, FieldError
from etitle.record.iddocument import detect, read_document

EIGHTEEN_KINDS = st.sampled_from(
    [DocumentKind.CN_RESIDENT, DocumentKind.HMT_RESIDENCE, DocumentKind.FOREIGN_PR_2023]
)
OPENINGS = st.binary(min_size=10, max_size=10)


@given(eighteen(), EIGHTEEN_KINDS)
def test_a_number_fits_its_own_mask(number: str, kind: DocumentKind) -> None:
    masked = mask(kind, number)
    assert fits_mask(kind, masked, number.lower())
    assert masked.count("*") == 12
    assert number[2:14] not in masked


@given(st.from_regex(r"[0-9A-Z]{5,17}", fullmatch=True), st.sampled_from(DocumentKind))
def test_a_mask_keeps_the_length_and_hides_something(number: str, kind: DocumentKind) -> None:
    first, last = SIGHT[kind]
    if len(number) <= first + last:
        with pytest.raises(FieldError) as caught:
            mask(kind, number)
        assert caught.value.code == "record.id_shape"
        return
    masked = mask(kind, number)
    assert len(masked) == len(number)
    assert "*" in masked


@given(st.sampled_from(DocumentKind), st.text(max_size=24), st.text(max_size=24))
def test_fitting_a_mask_never_raises(kind: DocumentKind, shown: str, number: str) -> None:
    assert fits_mask(kind, shown, number) in {True, False}


@given(OPENINGS)
def test_a_printed_opening_reads_back(opening: bytes) -> None:
    printed = format_opening(opening)
    assert parse_opening(printed) == opening
    assert parse_opening(printed.lower().replace("-", " ")) == opening
    assert parse_opening(printed.replace("1", "l").replace("0", "O")) == opening


@given(st.text(max_size=80))
def test_any_text_is_an_opening_or_malformed(text: str) -> None:
    try:
        opening = parse_opening(text)
    except DecodeError as error:
        codes = {error.code}
    else:
        codes = {"record.opening_malformed"}
        assert parse_opening(format_opening(opening)) == opening
    assert codes <= {"record.opening_malformed", "record.opening_mistyped"}


@settings(max_examples=10)  # each tries up to 128 peppers
@given(OPENINGS, OPENINGS, eighteen(), eighteen(), EIGHTEEN_KINDS)
def test_only_the_right_number_and_opening_match(
    opening: bytes, other: bytes, number: str, stranger: str, kind: DocumentKind
) -> None:
    identity = Identity(kind, mask(kind, number), commit(opening, kind, number, None))
    assert matches(identity, opening, number)
    assert matches(identity, other, number) == (other == opening)
    assert matches(identity, opening, stranger) == (stranger == number)


@given(eighteen(), st.binary(max_size=20), st.text(max_size=24), st.text(max_size=4))
def test_matching_never_raises(number: str, opening: bytes, text: str, nationality: str) -> None:
    kind = DocumentKind.CN_RESIDENT
    masked = Identity(kind, mask(kind, number), bytes(16))
    assert not matches(masked, opening, text, nationality)
    person = person_number(kind, plain_number(text))
    assert matches(Identity(kind, number), opening, text) == (person == number)


@settings(max_examples=200)
@given(
    st.one_of(st.text(max_size=30), st.from_regex(r"[0-9A-Zx]{5,19}", fullmatch=True)),
    st.one_of(st.none(), st.sampled_from(DocumentKind)),
    st.one_of(st.none(), st.from_regex(r"[A-Z]{3}", fullmatch=True)),
)
def test_reading_a_document_is_total_and_keeps_the_number_to_itself(
    raw: str, kind: DocumentKind | None, nationality: str | None
) -> None:
    try:
        document, findings = read_document(raw, kind=kind, nationality=nationality)
    except FieldError as error:
        shown = str(error)
        number = plain_number(raw)
    else:
        number = document.number
        shown = repr(document) + "".join(finding.what("zh") for finding in findings)
        assert detect(number, nationality) is not None or document.kind is kind
    if len(number) > 6:
        assert number not in shown
