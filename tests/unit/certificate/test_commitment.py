"""Openings and what fits a mask (docs/spec clause 2.5): the edges."""

from __future__ import annotations

import os

import pytest

from etitle.certificate.commitment import (
    commit,
    format_opening,
    matches,
    parse_opening,
    read_opening,
)
from etitle.certificate.identity import DocumentKind, Identity, fits_mask, mask, person_number
from etitle.errors import DecodeError, FieldError

OPENING = bytes(range(10))
PRINTED = format_opening(OPENING)


def test_as_many_separators_as_are_read_and_one_more() -> None:
    longest = PRINTED + " " * (64 - len(PRINTED))
    assert parse_opening(longest) == OPENING
    with pytest.raises(DecodeError) as caught:
        parse_opening(longest + " ")
    assert caught.value.code == "record.opening_malformed"


@pytest.mark.parametrize("number", ["45009919900101ABCX", "A50099199001011234", "0" * 18])
def test_a_number_of_no_shape_fits_no_mask_and_never_raises(number: str) -> None:
    mask = number[:2] + "*" * 12 + number[-4:]
    assert not fits_mask(DocumentKind.CN_RESIDENT, mask, number)


def mistyped(text: str) -> bool:
    with pytest.raises(DecodeError) as caught:
        parse_opening(text)
    return caught.value.code == "record.opening_mistyped"


@pytest.mark.parametrize("opening", [OPENING, bytes(10), bytes.fromhex("a102f9bc7ec5e0ba9b53")])
def test_every_wrong_character_and_every_two_that_changed_places_are_noticed(
    opening: bytes,
) -> None:
    printed = format_opening(opening).replace("-", "")
    assert len(printed) == 17
    for place, right in enumerate(printed):
        for wrong in set("0123456789ABCDEFGHJKMNPQRSTVWXYZ") - {right}:
            assert mistyped(printed[:place] + wrong + printed[place + 1 :])
        for other in range(place):
            if printed[other] != right:
                swapped = list(printed)
                swapped[place], swapped[other] = swapped[other], right
                assert mistyped("".join(swapped))


@pytest.mark.parametrize(
    "spelling",
    [OPENING, PRINTED, PRINTED.encode(), PRINTED.lower().replace("-", ""), f"\ufeff{PRINTED}\n",
     PRINTED.replace("-", "—"), PRINTED.translate({n: n + 0xFEE0 for n in range(48, 91)}),
     f"\u202d{PRINTED}\u202c".encode()],
)  # fmt: skip
def test_an_opening_is_taken_in_every_spelling(spelling: str | bytes) -> None:
    assert read_opening(spelling) == OPENING
    assert format_opening(spelling) == PRINTED


@pytest.mark.parametrize(
    ("spelling", "code"),
    [(b"", "malformed"), (bytes(9), "malformed"), (bytes(11), "malformed"),
     (b"\xff" * 17, "malformed"), (PRINTED[:-1], "malformed"), (PRINTED[:-1] + "K", "mistyped"),
     (PRINTED[:-1].encode() + b"K", "mistyped"), ("核验码", "malformed")],
)  # fmt: skip
def test_what_is_no_opening_is_named(spelling: str | bytes, code: str) -> None:
    with pytest.raises(FieldError) as caught:
        read_opening(spelling)
    assert caught.value.code == f"record.opening_{code}"


@pytest.mark.parametrize(
    ("kind", "number", "person"),
    [
        (DocumentKind.CN_RESIDENT, "110105491231002", "11010519491231002X"),
        (DocumentKind.HM_TRAVEL, "M1234567801", "M12345678"),
        (DocumentKind.HM_TRAVEL, "H1234567899", "H12345678"),
        (DocumentKind.HM_TRAVEL, "H123456789", "H123456789"),
        (DocumentKind.TW_TRAVEL, "1234567801", "12345678"),
        (DocumentKind.TW_TRAVEL, "123456780", "123456780"),
        (DocumentKind.PASSPORT, "M1234567801", "M1234567801"),
        (DocumentKind.HMT_RESIDENCE, "110105491231002", "110105491231002"),
    ],
)
def test_a_document_changes_and_its_holder_does_not(
    kind: DocumentKind, number: str, person: str
) -> None:
    assert person_number(kind, number) == person
    assert person_number(kind, person) == person
    assert mask(kind, number) == mask(kind, person)
    pepper = 3
    assert commit(OPENING, kind, number, pepper=pepper) == commit(
        OPENING, kind, person, pepper=pepper
    )


def test_one_processor_and_no_count_of_processors_are_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kind, number = DocumentKind.HM_TRAVEL, "H12345678"
    identity = Identity(kind, mask(kind, number), commit(OPENING, kind, number, pepper=127))
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    for count in (None, 1, 3, 64):
        monkeypatch.setattr(os, "cpu_count", lambda count=count: count)
        assert matches(identity, OPENING, number + "05")
        assert not matches(identity, OPENING, "H92345678")


@pytest.mark.parametrize("sign", "\t -\u2010\u2012\u2015\u2212\ufe58\ufe63\uff0d")
def test_an_opening_may_be_parted_by_any_stroke_or_space(sign: str) -> None:
    assert parse_opening(PRINTED.replace("-", sign)) == OPENING


@pytest.mark.parametrize("sign", "_.~\u2016\u2211\u2213\ufe57\ufe59\ufe62\ufe64")
def test_no_other_sign_parts_an_opening(sign: str) -> None:
    with pytest.raises(DecodeError):
        parse_opening(PRINTED.replace("-", sign))


def test_a_number_that_the_mask_does_not_show_is_not_the_holders() -> None:
    kind, number = DocumentKind.HM_TRAVEL, "H12345678"
    made = commit(OPENING, kind, number, pepper=0)
    assert matches(Identity(kind, "H*****678", made), OPENING, number)
    for other in ("M*****678", "H*****679", "H*****67"):
        assert not matches(Identity(kind, other, made), OPENING, number)
