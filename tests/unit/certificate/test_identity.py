"""Identity documents, masks, openings, commitments."""

from __future__ import annotations

import datetime

import pytest
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from etitle import canon
from etitle.certificate.codes import table
from etitle.certificate.commitment import (
    PEPPERS,
    commit,
    format_opening,
    matches,
    new_opening,
    parse_opening,
)
from etitle.certificate.compact import unpack_full
from etitle.certificate.identity import (
    DocumentKind,
    Identity,
    Profile,
    check_digit,
    fits_mask,
    mask,
    narrow,
    plain_number,
)
from etitle.certificate.model import Sex
from etitle.errors import DecodeError, FieldError
from etitle.record.iddocument import Document, examine, kind_names, read_document

KINDS = {
    rule["id"]: DocumentKind[rule["id"].upper()]
    for rule in table("id_rules")["types"]
    if rule["id"] != "cn_id_15"
}
GOOD = [
    (kind, number)
    for rule in table("id_rules")["types"]
    for number in rule.get("test_ok", [])
    if (kind := KINDS.get(rule["id"])) is not None
]
BAD = [
    (KINDS[rule["id"]], number)
    for rule in table("id_rules")["types"]
    for number in rule.get("test_bad", [])
]
SAMPLE = "450099199001010072"


def numbered(first17: str) -> str:
    return first17 + check_digit(first17)


def codes(raw: str, **given: object) -> list[str]:
    try:
        return [each.code for each in read_document(raw, **given)[1]]  # type: ignore[arg-type]
    except FieldError as error:
        return [error.code]


@pytest.mark.parametrize(("kind", "number"), GOOD)
def test_right_numbers_of_the_table_are_read_with_their_kind(
    kind: DocumentKind, number: str
) -> None:
    document, findings = read_document(number)
    assert (document.kind, document.number) == (kind, number)
    assert findings == ()


@pytest.mark.parametrize(("kind", "number"), BAD)
def test_wrong_numbers_of_the_table_are_refused(kind: DocumentKind, number: str) -> None:
    assert codes(number)[0] in {"record.id_check_digit", "record.id_birth"}
    assert codes(number, kind=kind) == codes(number)


def test_a_birth_date_that_does_not_exist_is_refused() -> None:
    assert codes(numbered("11010519900230002")) == ["record.id_birth"]
    assert codes(numbered("11010517900130002")) == ["record.id_birth"]


def test_width_case_and_spaces_do_not_matter() -> None:
    assert plain_number("１１0105 19491231\u3000002ｘ") == "11010519491231002X"
    assert codes("１１0105 19491231 002x") == []


def test_unknown_address_codes_only_warn() -> None:
    assert codes(SAMPLE) == ["record.address_unknown"]


def test_retired_address_codes_are_normal() -> None:
    assert codes(numbered("45282619700101001")) == []


def test_address_codes_beyond_the_table_are_not_judged() -> None:
    assert codes(numbered("99999919700101001"), kind=DocumentKind.CN_RESIDENT)[0] == (
        "record.kind_doubtful"
    )
    assert codes(numbered("12345619700101001")) == []


def test_a_number_of_15_digits_is_converted_with_a_note() -> None:
    document, findings = read_document("110105491231002")
    assert document.number == "11010519491231002X"
    assert [finding.code for finding in findings] == ["record.id_converted"]


def test_a_taiwan_permit_that_begins_with_71_warns() -> None:
    assert codes(numbered("71000019900101001")) == ["record.hmt_prefix"]
    assert codes(numbered("83000019900101001")) == []


def test_a_permit_called_a_resident_id_is_taken_as_given_with_a_warning() -> None:
    document, findings = read_document("810000199408230021", kind=DocumentKind.CN_RESIDENT)
    assert document.kind is DocumentKind.CN_RESIDENT
    assert [finding.code for finding in findings] == ["record.kind_doubtful"]


@pytest.mark.parametrize(
    ("number", "nationality", "kind"),
    [
        ("USA123456789012", None, DocumentKind.FOREIGN_PR_2017),
        ("H12345678", None, DocumentKind.HM_TRAVEL),
        ("M1234567801", "CHN", DocumentKind.HM_TRAVEL),
        ("12345678", None, DocumentKind.TW_TRAVEL),
        ("1234567890", None, DocumentKind.TW_TRAVEL),
        ("12345678", "GBR", DocumentKind.PASSPORT),
        ("X1234567", "DEU", DocumentKind.PASSPORT),
        ("932682198501010017", "USA", DocumentKind.FOREIGN_PR_2023),
    ],
)
def test_the_kind_is_told_from_number_and_nationality(
    number: str, nationality: str | None, kind: DocumentKind
) -> None:
    assert read_document(number, nationality=nationality)[0].kind is kind


def test_a_number_that_fits_no_kind_is_refused() -> None:
    assert codes("E12345678") == ["record.id_kind_unknown"]
    assert codes("1101051949123100") == ["record.id_kind_unknown"]
    assert codes("1" * 100) == ["record.id_kind_unknown"]


def test_a_number_that_does_not_fit_the_kind_given_is_refused() -> None:
    assert codes("H12345678", kind=DocumentKind.CN_RESIDENT) == ["record.id_shape"]
    assert codes("11010519491231A02X") == ["record.id_shape"]


def test_a_passport_needs_a_nationality_of_three_letters() -> None:
    passport = DocumentKind.PASSPORT
    assert codes("E12345678", kind=passport) == ["record.nationality_missing"]
    assert codes("E12345678", kind=passport, nationality="中国") == ["record.nationality_shape"]
    assert codes("E12345678", kind=passport, nationality="CHN") == []


def test_a_nationality_beside_another_document_is_left_out() -> None:
    document, findings = read_document("932682198501010017", nationality="USA")
    assert document.nationality is None
    assert [finding.code for finding in findings] == ["record.nationality_ignored"]
    assert read_document("11010519491231002X", nationality="CHN")[1] == ()


def test_sex_and_birth_are_those_of_the_number() -> None:
    document = Document(DocumentKind.CN_RESIDENT, "11010519491231002X")
    assert (document.sex, document.birth) == (Sex.FEMALE, datetime.date(1949, 12, 31))
    travel = Document(DocumentKind.HM_TRAVEL, "H12345678")
    assert (travel.sex, travel.birth) == (None, None)


def test_an_unread_document_is_examined_too() -> None:
    with pytest.raises(FieldError) as caught:
        list(examine(Document(DocumentKind.CN_RESIDENT, "１" * 18)))
    assert caught.value.code == "record.id_shape"


def test_a_document_does_not_show_its_number() -> None:
    assert SAMPLE not in repr(Document(DocumentKind.CN_RESIDENT, SAMPLE))


def test_every_kind_has_a_chinese_name() -> None:
    assert set(kind_names()) == set(DocumentKind)


@pytest.mark.parametrize(
    ("kind", "number", "masked"),
    [
        (DocumentKind.CN_RESIDENT, SAMPLE, "45************0072"),
        (DocumentKind.HMT_RESIDENCE, "810000199408230021", "81************0021"),
        (DocumentKind.FOREIGN_PR_2023, "932682198501010017", "93************0017"),
        (DocumentKind.FOREIGN_PR_2017, "USA123456789012", "USA**********12"),
        (DocumentKind.HM_TRAVEL, "H12345678", "H*****678"),
        (DocumentKind.TW_TRAVEL, "12345678", "*****678"),
        (DocumentKind.PASSPORT, "E12345678", "E******78"),
    ],
)
def test_masks_leave_in_sight_what_the_specification_says(
    kind: DocumentKind, number: str, masked: str
) -> None:
    assert mask(kind, number) == masked
    assert fits_mask(kind, masked, number)


@pytest.mark.parametrize("number", ["", "123456", "45 0099", "４５００９９１９"])
def test_a_mask_that_would_hide_nothing_is_refused(number: str) -> None:
    with pytest.raises(FieldError) as caught:
        mask(DocumentKind.CN_RESIDENT, number)
    assert caught.value.code == "record.id_shape"


def test_another_number_may_or_may_not_fit_a_mask() -> None:
    masked = mask(DocumentKind.CN_RESIDENT, SAMPLE)
    wrong_check = SAMPLE[:6] + "2" + SAMPLE[7:]
    assert not fits_mask(DocumentKind.CN_RESIDENT, masked, "11010519491231002X")
    assert not fits_mask(DocumentKind.CN_RESIDENT, masked, wrong_check)
    assert not fits_mask(DocumentKind.CN_RESIDENT, masked, "")


def test_a_new_opening_is_10_bytes_of_the_source() -> None:
    assert new_opening(random=lambda count: bytes(range(count))) == bytes(range(10))
    assert new_opening() != new_opening()


@pytest.mark.parametrize("text", ["", "000G-40R4-0M30-E209", "U00G-40R4-0M30-E209J", "0" * 18])
def test_a_text_that_is_no_opening_is_refused(text: str) -> None:
    with pytest.raises(DecodeError) as caught:
        parse_opening(text)
    assert caught.value.code == "record.opening_malformed"


def test_an_endless_text_is_no_opening() -> None:
    with pytest.raises(DecodeError) as caught:
        parse_opening("0" * 1_000_000)
    assert caught.value.code == "record.opening_malformed"


def test_openings_are_read_as_people_type_them() -> None:
    assert parse_opening(" oo0g‑40r4–0m30－e209j ") == bytes(range(10))


def test_an_opening_of_another_length_is_refused() -> None:
    for call in (
        lambda: format_opening(bytes(9)),
        lambda: commit(bytes(11), DocumentKind.CN_RESIDENT, SAMPLE, None),
    ):
        with pytest.raises(FieldError) as caught:
            call()
        assert caught.value.code == "record.opening_malformed"


def test_a_commitment_is_the_scrypt_of_the_specification() -> None:
    salt = bytes(range(10))
    password = canon.encode(("etitle-id-1", 7, "E12345678", "GBR", 77))
    expected = Scrypt(salt=salt, length=16, n=1024, r=8, p=1).derive(password)
    made = commit(salt, DocumentKind.PASSPORT, "e1234 5678", "GBR", pepper=77)
    assert made == expected
    assert made == commit("000g40r40m30e209j", DocumentKind.PASSPORT, "E12345678", "GBR", pepper=77)


def test_nobody_knows_the_pepper_beforehand() -> None:
    made = {commit(bytes(10), DocumentKind.CN_RESIDENT, SAMPLE) for _ in range(12)}
    every = {commit(bytes(10), DocumentKind.CN_RESIDENT, SAMPLE, pepper=p) for p in range(PEPPERS)}
    assert len(made) > 1
    assert made < every
    assert len(every) == 128


@pytest.mark.parametrize(
    ("number", "nationality", "code"),
    [("1234", None, "record.id_shape"), (SAMPLE, "gbr", "record.nationality_shape")],
)
def test_no_commitment_is_made_to_what_is_no_number(
    number: str, nationality: str | None, code: str
) -> None:
    with pytest.raises(FieldError) as caught:
        commit(bytes(10), DocumentKind.PASSPORT, number, nationality)
    assert caught.value.code == code


def test_number_opening_and_nationality_must_all_match() -> None:
    opening, kind = bytes(range(10)), DocumentKind.PASSPORT
    identity = Identity(kind, "E******78", commit(opening, kind, "E12345678", "GBR"), "GBR")
    assert matches(identity, opening, " e12345678")
    assert matches(identity, opening, "E12345678", "GBR")
    assert matches(identity, format_opening(opening), "E12345678")
    assert matches(identity, format_opening(opening).encode(), "E12345678")
    assert not matches(identity, format_opening(opening)[:-1], "E12345678")
    assert not matches(identity, opening, "E12345678", "DEU")
    assert not matches(identity, bytes(10), "E12345678")
    assert not matches(identity, b"", "E12345678")
    assert not matches(identity, opening, "E12345679")


def test_a_full_number_is_compared_as_it_is() -> None:
    identity = Identity(DocumentKind.CN_RESIDENT, SAMPLE)
    assert identity.profile is Profile.FULL
    assert matches(identity, b"", SAMPLE)
    assert not matches(identity, b"", "11010519491231002X")
    assert matches(identity, b"", SAMPLE, "GBR")  # a resident's number has no nationality
    passport = Identity(DocumentKind.PASSPORT, "E12345678", None, "GBR")
    assert matches(passport, b"", "E12345678", "GBR")
    assert not matches(passport, b"", "E12345678", "DEU")


@pytest.mark.parametrize("commitment", [None, bytes(16)])
def test_a_commitment_makes_the_profile(commitment: bytes | None) -> None:
    shown = "E******42"
    expected = Profile.FULL if commitment is None else Profile.MASKED
    assert Identity(DocumentKind.PASSPORT, shown, commitment).profile is expected


@pytest.mark.parametrize("shown", ["", "E", "E4", "E42"])
def test_a_number_that_a_mask_would_show_whole_is_hidden(shown: str) -> None:
    assert Identity(DocumentKind.PASSPORT, shown).masked == "*" * len(shown)


def test_a_mask_hides_one_character_at_least() -> None:
    assert mask(DocumentKind.FOREIGN_PR_2017, "ABC123") == "ABC*23"
    with pytest.raises(FieldError) as caught:
        mask(DocumentKind.FOREIGN_PR_2017, "ABC12")
    assert caught.value.code == "record.id_shape"


@pytest.mark.parametrize("unseen", "\u00ad\u200b\u200f\u202a\u202e\u2060\u2069\ufeff")
def test_what_is_not_seen_is_no_part_of_a_number(unseen: str) -> None:
    assert plain_number(f"{unseen}45{unseen}{unseen}00") == "4500"


@pytest.mark.parametrize("seen", "\u00ac\u00ae\u2010\u2027\u206a\ufefe\uff00")
def test_what_stands_beside_the_unseen_is_seen(seen: str) -> None:
    assert plain_number(f"45{seen}00") == f"45{seen}00"


def test_all_of_full_width_is_made_narrow_and_nothing_else() -> None:
    wide = "".join(map(chr, range(0xFF01, 0xFF5F)))
    assert narrow(wide) == "".join(map(chr, range(0x21, 0x7F)))
    assert narrow("\uff00样\uff5f") == "\uff00样\uff5f"


@pytest.mark.parametrize(
    ("packed", "is_number"),
    [(10**16, True), (10**17 - 1, True), (10**16 - 1, False), (10**17, False), (0, False),
     (-(10**15), False), (-(10**16), False)],
)  # fmt: skip
def test_an_integer_of_17_digits_is_a_number(packed: int, *, is_number: bool) -> None:
    assert unpack_full(packed) == (numbered(str(packed)) if is_number else None)
