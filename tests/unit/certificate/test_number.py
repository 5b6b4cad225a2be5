"""证号 and electronic-licence identifiers."""

from __future__ import annotations

import pytest

from etitle.certificate.codes import table
from etitle.certificate.number import (
    is_electronic_licence_id,
    licence_check,
    plain_certificate_number,
)
from etitle.errors import FieldError

LICENCES = table("id_rules")["elicence_id"]


@pytest.mark.parametrize("text", LICENCES["test_ok"])
def test_licence_ids_of_the_table_are_right(text: str) -> None:
    assert is_electronic_licence_id(text)


@pytest.mark.parametrize("text", [each.split()[0] for each in LICENCES["test_bad_found"]])
def test_a_licence_id_with_a_wrong_check_character_is_told(text: str) -> None:
    assert not is_electronic_licence_id(text)
    assert licence_check("".join(text.split(".")[5:9])) == "D"


@pytest.mark.parametrize("text", ["", "1.2.156.3005.2", "1.2.156.3005.2.a.B.1.001.0", "9" * 500])
def test_what_is_no_licence_id_is_told(text: str) -> None:
    assert not is_electronic_licence_id(text)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" EX2026000001 ", "EX2026000001"),
        ("ＥＸ２０２６－０１", "EX2026-01"),
        ("ex2026a", "ex2026a"),
        ("样例证字（2026）第1号", "样例证字（2026）第1号"),
        ("00123", "00123"),
        ("7", "7"),
        ("9" * 40, "9" * 40),
        (f"  {'样' * 40} ", "样" * 40),
        ("０９ＡＺａｚ－", "09AZaz-"),
        ("／：＠［｀｛＿．", "／：＠［｀｛＿．"),
    ],
)
def test_a_number_keeps_case_signs_and_zeros(given: str, kept: str) -> None:
    assert plain_certificate_number(given) == kept


@pytest.mark.parametrize(
    "given", ["45\u0301", "45\u0661", "", "  ", "EX 2026", "9" * 41, "EX\u30002026"]
)
def test_a_number_with_spaces_or_of_wrong_length_is_refused(given: str) -> None:
    with pytest.raises(FieldError) as caught:
        plain_certificate_number(given)
    assert caught.value.code == "record.number_shape"


@pytest.mark.parametrize(("size", "read"), [(128, True), (129, False)])
def test_a_licence_id_has_128_characters_at_most(size: int, *, read: bool) -> None:
    fill = "1" * (size - len("1.2.156.3005.2.") - len(".340100.1.001.0"))
    parts = (fill, "340100", "1", "001")
    text = f"1.2.156.3005.2.{'.'.join(parts)}.{licence_check(''.join(parts))}"
    assert len(text) == size
    assert is_electronic_licence_id(text) is read
