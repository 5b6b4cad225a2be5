"""Whether a record is of the person whose certificate it is to replace."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support import exampleoffice
from tests.support.population import certificates

from etitle.certificate.commitment import commit
from etitle.certificate.identity import DocumentKind, Identity, check_digit, mask
from etitle.certificate.model import Certificate
from etitle.errors import FieldError
from etitle.issue.reissue import check_same_person
from etitle.record.record import Record, read_record

OPENING = bytes(10)
NUMBER = exampleoffice.id_number(1)
OTHER = exampleoffice.id_number(2)
KIND = DocumentKind.CN_RESIDENT
MASKED = Identity(KIND, mask(KIND, NUMBER), commit(OPENING, KIND, NUMBER, pepper=0))
FULL = Identity(KIND, NUMBER)
PASSPORT = Identity(DocumentKind.PASSPORT, "E12345678", None, "CHN")


def old(identity: Identity | None) -> Certificate:
    return replace(certificates(1)[0], name="样例1", identity=identity)


def record(name: str, number: str | None = NUMBER) -> Record:
    found, _ = read_record(exampleoffice.row(1, name=name, id_number=number).cells)
    assert found is not None
    return found


@pytest.mark.parametrize("identity", [MASKED, FULL])
def test_name_and_number_alike_are_the_same_person(identity: Identity) -> None:
    assert check_same_person(old(identity), OPENING, record("样例1")) == ()


@pytest.mark.parametrize("identity", [MASKED, FULL])
@pytest.mark.parametrize(
    ("name", "number", "code"),
    [("样例2", NUMBER, "issue.name_changed"), ("样例1", OTHER, "issue.id_number_changed")],
)
def test_one_of_them_may_change_and_is_told(
    identity: Identity, name: str, number: str, code: str
) -> None:
    (told,) = check_same_person(old(identity), OPENING, record(name, number))
    assert (told.code, told.severity) == (code, "warning")


@pytest.mark.parametrize("identity", [MASKED, FULL, PASSPORT])
def test_both_at_once_are_another_person(identity: Identity) -> None:
    with pytest.raises(FieldError) as caught:
        check_same_person(old(identity), OPENING, record("样例2", OTHER))
    assert caught.value.code == "issue.other_person"


def test_a_number_behind_the_same_mask_is_no_renamed_person() -> None:
    born = (f"{year}{month:02}01" for year in range(1960, 1990) for month in range(1, 13))
    numbers = (head + check_digit(head) for head in (f"450099{day}001" for day in born))
    near = next(number for number in numbers if mask(KIND, number) == MASKED.shown)
    with pytest.raises(FieldError):
        check_same_person(old(MASKED), OPENING, record("样例2", near))


def test_without_a_number_the_name_alone_is_looked_at() -> None:
    assert check_same_person(old(None), None, record("样例1")) == ()
    (told,) = check_same_person(old(None), None, record("样例2"))
    assert told.code == "issue.name_changed"
    unnamed = record("样例1").model_copy(update={"id_number": None, "id_kind": None})
    assert check_same_person(old(MASKED), OPENING, unnamed) == ()
