"""Payloads: the quick way and the reference agree, and every typed form has one spelling."""

from __future__ import annotations

import datetime
import random
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import strategies
from tests.support.population import certificates

from etitle import canon
from etitle.certificate import payload
from etitle.certificate.dates import PartialDate
from etitle.certificate.identity import DocumentKind, Identity, check_digit
from etitle.certificate.model import Certificate, Sex
from etitle.certificate.payload import MAX_PAYLOAD_BYTES, decode, decode_reference, encode
from etitle.errors import DecodeError, FieldError

MASKED = certificates(1)[0]
FULL = certificates(1, profile="full")[0]
NONE = replace(MASKED, identity=None)
FIRST17 = "45009919900101123"
NUMBER = FIRST17 + check_digit(FIRST17)
COMMITMENT = bytes(range(16))


def spelled(certificate: Certificate = MASKED) -> dict[int | str, canon.Value]:
    entries = canon.decode(encode(certificate), max_bytes=MAX_PAYLOAD_BYTES)
    assert isinstance(entries, dict)
    return entries


def outcome(reader: object, data: bytes) -> Certificate | str:
    try:
        return reader(data)  # type: ignore[operator,no-any-return]
    except DecodeError as error:
        return error.code


def agreed(data: bytes) -> Certificate | str:
    """What both ways make of a payload: the same certificate or the same refusal."""
    quick, reference = outcome(decode, data), outcome(decode_reference, data)
    assert quick == reference
    if isinstance(quick, Certificate):
        assert encode(quick) == data
    return quick


def judged(changes: dict[object, object], base: Certificate = MASKED) -> Certificate | str:
    """What becomes of a payload with entries changed; ``...`` takes one out."""
    entries: dict[object, object] = dict(spelled(base).items())
    entries.update(changes)
    return agreed(canon.encode({key: each for key, each in entries.items() if each is not ...}))


def refused(certificate: Certificate) -> object:
    with pytest.raises(FieldError) as caught:
        encode(certificate)
    assert caught.value.code == "certificate.payload_refused"
    return caught.value.details["rule"]


@pytest.mark.parametrize("profile", ["masked", "full"])
def test_both_ways_agree_on_the_population(profile: str) -> None:
    for certificate in certificates(300, profile=profile):
        assert agreed(encode(certificate)) == certificate
        nameless = replace(certificate, identity=None)
        assert agreed(encode(nameless)) == nameless


@pytest.mark.parametrize("index", [0, 23, 24, 255, 256, 65_535, 65_536, 9_999_999])
def test_an_index_of_any_width_is_read_quickly(index: int) -> None:
    data = encode(replace(MASKED, index=index))
    assert payload._quick(data) == spelled(replace(MASKED, index=index))
    assert agreed(data) == replace(MASKED, index=index)


@pytest.mark.parametrize("head", ["1817", "1900ff", "1a0000ffff", "1b00000000ffffffff"])
def test_an_index_in_a_wider_head_is_refused(head: str) -> None:
    data = encode(replace(MASKED, index=23))
    key = max(key for key, each in spelled(replace(MASKED, index=23)).items() if each == 23)
    assert data.count(bytes((key, 23))) == 1  # type: ignore[arg-type]
    wide = data.replace(bytes((key, 23)), bytes((key,)) + bytes.fromhex(head))  # type: ignore[arg-type]
    assert isinstance(agreed(wide), str)


@settings(max_examples=150)
@given(strategies.certificates())
def test_both_ways_agree_on_every_legal_certificate(certificate: Certificate) -> None:
    try:
        data = encode(certificate)
    except FieldError as error:
        assert error.details["rule"] == "canon.too_large"  # noqa: PT017  # the one fair refusal
    else:
        assert agreed(data) == certificate


@pytest.mark.parametrize("certificate", [MASKED, FULL, NONE], ids=["masked", "full", "none"])
def test_both_ways_agree_on_every_changed_byte(certificate: Certificate) -> None:
    data = encode(certificate)
    for at, octet in enumerate(data):
        for value in {octet ^ 1 << bit for bit in range(8)} | {0, 0x18, 0x58, 0x78, 0xF5, 0xFF}:
            changed = data[:at] + bytes((value,)) + data[at + 1 :]
            if changed != data:
                assert agreed(changed) != certificate


def test_both_ways_agree_on_every_truncation_and_on_more_bytes() -> None:
    data = encode(MASKED)
    for end in range(len(data)):
        assert isinstance(agreed(data[:end]), str)
    for tail in (b"\x00", b"\x16\x00", b"\xff", b"\x15\x00"):
        assert isinstance(agreed(data + tail), str)


def test_both_ways_agree_on_spliced_payloads() -> None:
    rng = random.Random(3)
    pool = [encode(one) for one in certificates(20)]
    for _ in range(1500):
        one, other = rng.choice(pool), rng.choice(pool)
        cut, paste = rng.randrange(len(one)), rng.randrange(len(other))
        agreed(one[:cut] + other[paste:])


def test_both_ways_agree_where_an_entry_is_moved_or_doubled() -> None:
    entries = [canon.encode({key: each})[1:] for key, each in spelled().items()]
    for at in range(len(entries)):
        doubled = [*entries[: at + 1], *entries[at:]]
        swapped = [*entries[:at], *entries[at : at + 2][::-1], *entries[at + 2 :]]
        for pieces in (doubled, swapped):
            data = bytes((0xA0 | len(pieces),)) + b"".join(pieces)
            if pieces != entries:
                assert agreed(data) == "canon.not_canonical"


@pytest.mark.parametrize("head", [0xA0, 0xAF, 0xB7, 0xB8, 0xBF, 0x80, 0x92])
def test_a_head_of_another_size_is_refused(head: int) -> None:
    data = encode(MASKED)
    assert isinstance(agreed(bytes((head,)) + data[1:]), str)
    assert isinstance(agreed(bytes((0xB8, data[0] & 0x1F)) + data[1:]), str)


@pytest.mark.parametrize("key", [0, 1, 2, 5, 6, 7, 8, 9, 11, 13, 14, 15, 20, 21])
def test_an_entry_that_must_be_there_is_missed(key: int) -> None:
    assert judged({key: ...}) == "certificate.payload_malformed"


@pytest.mark.parametrize("key", range(1, 22))
@pytest.mark.parametrize(
    "value",
    [None, True, False, b"", b"x", (), {}, {1: 1}, 2**64 - 1, -(2**64), "", ((),)],
    ids=repr,
)
def test_a_value_of_no_type_of_the_entry_is_refused(key: int, value: object) -> None:
    assert judged({key: value}) == "certificate.payload_malformed"


@pytest.mark.parametrize("key", [4, 13, 14, 15, 18, 20, 21])
def test_true_is_not_one(key: int) -> None:
    assert judged({key: True}, replace(MASKED, identity=None)) == "certificate.payload_malformed"


@pytest.mark.parametrize("key", [22, 23, 24, 255, -1, "", "name", "2"], ids=repr)
def test_an_unknown_entry_is_refused(key: object) -> None:
    assert judged({key: 1}) == "certificate.payload_malformed"
    assert judged({key: "x"}) == "certificate.payload_malformed"


@pytest.mark.parametrize("version", [2, 3, 255, 2**32, 2**64 - 1])
def test_a_later_schema_is_of_an_unknown_version(version: int) -> None:
    assert judged({0: version}) == "certificate.version_unknown"
    assert agreed(canon.encode({0: version})) == "certificate.version_unknown"
    assert agreed(canon.encode({0: version, "new": {7: None}})) == "certificate.version_unknown"


@pytest.mark.parametrize("version", [0, -1, True, False, None, "1", "2", b"\x02", (2,)], ids=repr)
def test_any_other_schema_is_malformed(version: object) -> None:
    assert judged({0: version}) == "certificate.payload_malformed"


@pytest.mark.parametrize("value", [1, "x", b"", (), None, (0, 1)], ids=repr)
def test_what_is_no_map_is_malformed(value: object) -> None:
    assert agreed(canon.encode(value)) == "certificate.payload_malformed"


def test_a_later_version_that_is_not_canonical_is_not_excused() -> None:
    assert agreed(bytes.fromhex("a1001802")) == "canon.not_canonical"


@pytest.mark.parametrize("number", ["1", "9", "123", "9" * 18, "450099202600001"])
def test_a_plain_number_is_an_integer_and_not_text(number: str) -> None:
    for key, field in ((1, "number"), (19, "supersedes")):
        assert spelled(replace(MASKED, **{field: number}))[key] == int(number)  # type: ignore[arg-type]
        assert judged({key: number}) == "certificate.not_canonical"


@pytest.mark.parametrize(
    "number", ["0", "01", "9" * 19, "样例1", "（2019）1", "Ⅳ-1", "+1", "-1", "1.0"]
)
def test_any_other_number_is_text(number: str) -> None:
    certificate = replace(MASKED, number=number, supersedes=number)
    assert spelled(certificate)[1] == spelled(certificate)[19] == number
    assert agreed(encode(certificate)) == certificate


@pytest.mark.parametrize(
    "number", ["1 2", "1\u30002", "１２", "45Ａ", "45ｚ", "45－1", "٣", "𝟒5", "45\u03011"]
)
def test_a_number_that_looks_like_another_is_refused(number: str) -> None:
    for key, field in ((1, "number"), (19, "supersedes")):
        assert refused(replace(MASKED, **{field: number})) == "certificate.payload_malformed"  # type: ignore[arg-type]
        assert judged({key: number}) == "certificate.payload_malformed"


@pytest.mark.parametrize("value", [0, 10**18, 2**64 - 1, -1])
def test_an_integer_beyond_18_digits_is_no_number(value: int) -> None:
    assert judged({1: value}) == "certificate.payload_malformed"
    assert judged({19: value}) == "certificate.payload_malformed"


def test_a_right_resident_number_is_an_integer_and_not_text() -> None:
    identity = Identity(DocumentKind.CN_RESIDENT, NUMBER)
    certificate = replace(MASKED, identity=identity, sex=Sex.MALE)
    assert spelled(certificate)[3] == (1, int(FIRST17))
    assert judged({3: (1, NUMBER)}, certificate) == "certificate.not_canonical"


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_a_number_with_a_wrong_check_digit_is_text(kind: DocumentKind) -> None:
    wrong = FIRST17 + ("0" if NUMBER[-1] != "0" else "1")
    certificate = replace(FULL, identity=Identity(kind, wrong), sex=Sex.UNSTATED)
    assert spelled(certificate)[3] == (int(kind), wrong)
    assert agreed(encode(certificate)) == certificate


@pytest.mark.parametrize(
    "packed", [0, 1, 10**15, 10**16 - 1, 10**17, 2**64 - 1, -1, -int(FIRST17), True, None]
)
def test_an_integer_that_no_number_has_is_refused(packed: object) -> None:
    assert judged({3: (1, packed)}, FULL) == "certificate.payload_malformed"


@pytest.mark.parametrize("kind", [4, 5, 6, 7])
def test_a_kind_without_a_check_digit_has_no_packed_number(kind: int) -> None:
    assert judged({3: (kind, int(FIRST17))}, FULL) == "certificate.payload_malformed"


def test_a_usual_mask_is_an_integer_and_not_text() -> None:
    for mask in ("45************123X", "00************0000", "99************9999"):
        identity = Identity(DocumentKind.CN_RESIDENT, mask, COMMITMENT)
        certificate = replace(MASKED, identity=identity, sex=Sex.UNSTATED)
        assert agreed(encode(certificate)) == certificate
        assert isinstance(spelled(certificate)[3][1], int)  # type: ignore[index]
        assert judged({3: (1, mask, COMMITMENT)}, certificate) == "certificate.not_canonical"


@pytest.mark.parametrize("packed", [100 * 11_000, 2**32 - 1, 2**64 - 1, -1, True, b"x", None])
def test_an_integer_that_no_mask_has_is_refused(packed: object) -> None:
    assert judged({3: (1, packed, COMMITMENT)}) == "certificate.payload_malformed"


@pytest.mark.parametrize(
    "identity",
    [
        (1,), (1, 496363, COMMITMENT, "CHN", 0), (1, 496363, bytes(15)), (1, 496363, bytes(17)),
        (1, 496363, b""), (0, 496363, COMMITMENT), (8, 496363, COMMITMENT), (True, 7, COMMITMENT),
        (-1, 496363, COMMITMENT), ("1", 496363, COMMITMENT), (7, "E******78", COMMITMENT, "chn"),
        (7, "E******78", COMMITMENT, "CHNA"), (7, "E******78", COMMITMENT, ""),
        (7, "E******78", "CHN", COMMITMENT), (1, 496363, COMMITMENT, "CHN"),
        (6, "*****678", COMMITMENT, "CHN"), (7, "E******78", COMMITMENT, None),
        (7, "E123"), (7, "e1234567"), (7, "Ｅ1234567"), (7, "E 1234567"), (7, "E" * 21),
        (7, "٣" * 8),
        (7, "E******78"), (7, "E12345678", COMMITMENT), (1, "45009919900101123X", COMMITMENT),
        {0: 1, 1: 2}, 1, "x", b"x", (),
    ],
    ids=repr,
)  # fmt: skip
def test_an_identity_outside_clause_2_4_is_refused(identity: object) -> None:
    assert judged({3: identity}) == "certificate.payload_malformed"


def test_a_passport_may_name_its_nationality() -> None:
    for commitment, shown in ((None, "E12345678"), (COMMITMENT, "E******78")):
        identity = Identity(DocumentKind.PASSPORT, shown, commitment, "CHN")
        certificate = replace(MASKED, identity=identity)
        assert agreed(encode(certificate)) == certificate


@pytest.mark.parametrize(("tail", "sex"), [("123X", Sex.FEMALE), ("131X", Sex.MALE)])
def test_the_sex_that_the_number_shows_is_left_out(tail: str, sex: Sex) -> None:
    mask = f"45************{tail}"
    certificate = replace(
        MASKED, identity=Identity(DocumentKind.CN_RESIDENT, mask, COMMITMENT), sex=sex
    )
    derived = Sex.MALE if int(tail[2]) % 2 else Sex.FEMALE
    assert (4 in spelled(certificate)) == (derived != sex)
    plain = replace(certificate, sex=derived)
    assert judged({4: int(derived)}, plain) == "certificate.not_canonical"


@pytest.mark.parametrize("sex", [-1, 10, 255])
def test_a_sex_outside_the_table_is_refused(sex: int) -> None:
    assert judged({4: sex}) == "certificate.payload_malformed"


@pytest.mark.parametrize("sex", [3, 4, 5, 6, 7, 8])
def test_a_sex_between_those_of_the_table_is_refused(sex: int) -> None:
    assert judged({4: sex}) == "certificate.payload_malformed"
    assert judged({4: sex}, NONE) == "certificate.payload_malformed"


def test_the_sex_is_said_where_no_number_shows_it() -> None:
    assert judged({4: ...}, NONE) == "certificate.payload_malformed"


def test_an_entry_that_repeats_its_default_is_refused() -> None:
    assert judged({18: 1}) == "certificate.not_canonical"
    assert judged({16: MASKED.issuing_body}) == "certificate.not_canonical"


@pytest.mark.parametrize(("key", "first", "last"), [
    (18, 2, 999), (20, 0, 65535), (21, 0, 2**27 - 1),
    (9, -25567, 84005), (8, -25567, 84005),
])  # fmt: skip
def test_ranges_end_where_the_cddl_says(key: int, first: int, last: int) -> None:
    assert isinstance(judged({key: first}), Certificate)
    assert isinstance(judged({key: last}), Certificate)
    assert isinstance(judged({key: first - 1}), str)
    assert judged({key: last + 1}) == "certificate.payload_malformed"


@pytest.mark.parametrize(("key", "last"), [(13, 5), (14, 3), (15, 4)])
def test_members_end_where_the_cddl_says(key: int, last: int) -> None:
    for value in range(1, last + 1):
        assert isinstance(judged({key: value}), Certificate)
    for value in (0, last + 1, -1):
        assert judged({key: value}) == "certificate.payload_malformed"


@pytest.mark.parametrize("date", [(1900,), (2199,), (1998, 1), (1998, 12)])
def test_a_date_without_a_day_keeps_its_precision(date: tuple[int, ...]) -> None:
    found = judged({8: date})
    assert isinstance(found, Certificate)
    assert found.qualified == PartialDate(*date)


@pytest.mark.parametrize(
    "date",
    [(1899,), (2200,), (1998, 0), (1998, 13), (1998, 1, 1), (), (True,), (1998, True), (-1,),
     ("1998",), (1998, None), (1998, -1), (2**64 - 1,), (2000, 2**63), ((1998,),)],
    ids=repr,
)  # fmt: skip
def test_any_other_date_is_refused(date: object) -> None:
    assert judged({8: date}) == "certificate.payload_malformed"


@pytest.mark.parametrize(
    ("key", "most"),
    [(2, 100), (5, 60), (6, 60), (7, 60), (10, 100), (11, 100), (16, 100), (17, 60)],
)
def test_texts_end_where_the_cddl_says(key: int, most: int) -> None:
    # Counted in characters, also beyond the Basic Multilingual Plane.
    for character in ("a", "样", "\U00020000"):
        assert isinstance(judged({key: character * most}), Certificate)
        assert judged({key: character * (most + 1)}) == "certificate.payload_malformed"


def test_number_and_url_end_where_the_cddl_says() -> None:
    assert isinstance(judged({1: "a" * 40}), Certificate)
    assert judged({1: "a" * 41}) == "certificate.payload_malformed"
    assert isinstance(judged({12: "https://" + "a" * 192}), Certificate)
    for url in (
        "https://" + "a" * 193,
        "https://",
        "http://a.cn",
        "HTTPS://a.cn",
        "a",
        "javascript:",
    ):
        assert judged({12: url}) == "certificate.payload_malformed"


HIDDEN = [
    *range(0x20), *range(0x7F, 0xA0), 0xAD, 0x61C, *range(0x200B, 0x2010),
    *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF, *range(0xFFF9, 0x10000),
    0xE0000, 0xE0001, 0xE0020, 0xE007F,
]  # fmt: skip


HIDDEN_TOO = [
    0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x3164, 0xFFA0, 0x1D173, 0x1D17A,
]  # fmt: skip
BESIDE = [
    0x20, 0x7E, 0xA0, 0xAC, 0xAE, 0x350, 0x61B, 0x61D, 0x115E, 0x1161, 0x17B3, 0x17B6, 0x180D,
    0x180F, 0x200A, 0x2010, 0x2027, 0x202F, 0x205F, 0x2070, 0x3163, 0x3165, 0xFEFE, 0xFF00, 0xFF9F,
    0xFFA1, 0xFFF8, 0x10000, 0x1D17B, 0xDFFFF, 0xE0080, 0xE0100,
]  # fmt: skip


def test_every_range_of_hidden_characters_ends_where_it_should() -> None:
    for point in HIDDEN_TOO:
        assert judged({2: f"样{chr(point)}例"}) == "certificate.payload_malformed", hex(point)
    for point in BESIDE:
        assert isinstance(judged({2: f"样{chr(point)}例"}), Certificate), hex(point)


def test_no_text_holds_a_hidden_character() -> None:
    for point in HIDDEN:
        for text in (f"样{chr(point)}例", f"样例{chr(point)}", f"{chr(point)}样例", chr(point)):
            for key in (1, 2, 12):
                shown = text if key != 12 else f"https://{text}"
                assert judged({key: shown}) == "certificate.payload_malformed", hex(point)


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u3000", "\u1680", "\u2002", "\u205f", "\u2009"])
def test_no_text_begins_or_ends_with_white_space(space: str) -> None:
    for text in (space, f"{space}样", f"样{space}"):
        for key in (1, 2, 5, 11, 17):
            assert isinstance(judged_raw(key, text), str)


def judged_raw(key: int, text: str) -> Certificate | str:
    """As ``judged``, for text that may not be NFC."""
    entries = {**spelled(), key: ""}
    octets = text.encode()
    placed = {k: (b"" if k == key else each) for k, each in entries.items()}
    data = canon.encode(placed)
    at = data.index(canon.encode(key) + b"\x40") + len(canon.encode(key))
    return agreed(data[:at] + canon.head(3, len(octets)) + octets + data[at + 1 :])


@pytest.mark.parametrize("text", ["e\u0301", "\uf900", "\u212b", "样\u1100\u1161", "\u0344"])
def test_no_text_is_other_than_nfc(text: str) -> None:
    for key in (1, 2, 12, 17):
        assert judged_raw(key, text) == "canon.text_refused"


def test_texts_that_would_join_at_their_seam_are_fine() -> None:
    # 专业 ends in e, the next text begins with a combining acute: NFC apart, not joined.
    found = judged({6: "e", 7: "\u0301x"})
    assert isinstance(found, Certificate)


def test_a_payload_of_more_than_1024_bytes_is_refused_both_ways() -> None:
    long = replace(
        MASKED, name="\U00020000" * 100, review_body="\U00020000" * 100, issuing_body="样" * 100
    )
    assert refused(long) == "canon.too_large"
    assert agreed(payload._encode(long)) == "canon.too_large"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""}, {"name": " a"}, {"name": "\u202e"}, {"name": "\ud800"}, {"name": "e\u0301"},
        {"number": "a" * 41}, {"url": "http://a.cn"}, {"version": 0}, {"version": 1000},
        {"list_id": -1}, {"list_id": 65536}, {"index": -1}, {"index": 2**27},
        {"identity": Identity(DocumentKind.CN_RESIDENT, "45" + "*" * 12 + "123X", bytes(15))},
        {"identity": Identity(DocumentKind.CN_RESIDENT, NUMBER, None, "CHN")},
        {"identity": Identity(DocumentKind.PASSPORT, "E" * 21)},
        {"identity": Identity(DocumentKind.CN_RESIDENT, NUMBER, COMMITMENT)},
        {"issued": datetime.date(1899, 12, 31)}, {"issued": datetime.date(2200, 1, 1)},
    ],
    ids=lambda changes: ascii(changes)[:40],
)  # fmt: skip
def test_what_decoding_would_refuse_is_never_written(changes: dict[str, object]) -> None:
    refused(replace(MASKED, **changes))  # type: ignore[arg-type]


def test_no_refusal_names_a_document_number() -> None:
    with pytest.raises(FieldError) as caught:
        encode(replace(FULL, identity=Identity(DocumentKind.CN_RESIDENT, NUMBER, None, "CHN")))
    assert NUMBER not in f"{caught.value}{caught.value!r}{caught.value.details}"


def test_two_certificates_never_share_a_payload() -> None:
    seen: dict[bytes, Certificate] = {}
    base = replace(MASKED, url="https://a.cn/", supersedes="1", approval_document="文")
    for field in fields(base):
        value = getattr(base, field.name)
        if isinstance(value, str):
            other: Certificate = replace(base, **{field.name: value + "1"})  # type: ignore[arg-type]
            data = encode(other)
            assert data not in seen
            seen[data] = other
    assert len(seen) == sum(isinstance(getattr(base, each.name), str) for each in fields(base))


@settings(max_examples=200)
@given(st.data())
def test_both_ways_agree_on_changes_of_several_bytes(data: st.DataObject) -> None:
    octets = bytearray(encode(data.draw(st.sampled_from([MASKED, FULL, NONE]))))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(octets) - 1))
        match data.draw(st.integers(0, 2)):
            case 0:
                octets[at] = data.draw(st.integers(0, 255))
            case 1:
                octets.insert(at, data.draw(st.integers(0, 255)))
            case _:
                del octets[at]
    agreed(bytes(octets))


LONG_INDEX = replace(MASKED, index=0x0102_0304)


def test_a_short_text_behind_a_long_head_is_refused() -> None:
    data = encode(MASKED)
    plain = bytes((2, 0x60 + len(MASKED.name.encode()))) + MASKED.name.encode()
    assert data.count(plain) == 1
    longer = bytes((2, 0x78, len(MASKED.name.encode()))) + MASKED.name.encode()
    assert agreed(data.replace(plain, longer)) == "canon.not_canonical"


@pytest.mark.parametrize("length", [1, 22, 23, 24, 60])
def test_a_text_of_any_length_has_one_head(length: int) -> None:
    text = "a" * length
    found = replace(MASKED, title=text)
    assert agreed(encode(found)) == found
    assert payload._quick(encode(found)) == spelled(found)
    head = canon.head(3, length)
    for other in (bytes((0x78, length)), bytes((0x79, 0, length))):
        if other != head:
            wide = encode(found).replace(head + text.encode(), other + text.encode())
            assert agreed(wide) == "canon.not_canonical"


def test_an_integer_cut_short_at_the_end_is_refused() -> None:
    assert agreed(encode(LONG_INDEX)) == LONG_INDEX
    assert agreed(encode(LONG_INDEX)[:-1]) == "canon.truncated"


def test_an_entry_beyond_those_counted_is_refused_whatever_its_type() -> None:
    for more in (b"\x16\xf6", b"\x16\x80", b"\x16\x01"):
        assert agreed(encode(MASKED) + more) == "canon.trailing_bytes"


COPY = ("样例：应聘", "样例单位", 20_800, bytes(16))


@pytest.mark.parametrize(
    ("at", "value"),
    [(0, "a"), (0, "样" * 60), (1, None), (1, "样" * 60), (2, -25_567), (2, 84_005)],
)
def test_an_endorsed_copy_may_say_as_much_as_its_limits(at: int, value: object) -> None:
    copy = (*COPY[:at], value, *COPY[at + 1 :])
    found = judged({22: copy})
    assert isinstance(found, Certificate)
    assert found.copy is not None
    assert spelled(found)[22] == copy


@pytest.mark.parametrize(
    ("at", "value"),
    [(0, ""), (0, "样" * 61), (0, " a"), (0, "a\u202e"), (0, None), (0, 1), (1, ""), (1, "a" * 61),
     (1, "a "), (1, "\x00"), (1, b"x"), (2, True), (2, None), (2, "1"), (2, -25_568), (2, 84_006),
     (3, bytes(15)), (3, bytes(17)), (3, "x"), (3, None)],
)  # fmt: skip
def test_any_other_endorsed_copy_is_refused(at: int, value: object) -> None:
    copy = (*COPY[:at], value, *COPY[at + 1 :])
    assert judged({22: copy}) == "certificate.payload_malformed"


@pytest.mark.parametrize("copy", [COPY[:3], (*COPY, 0), (), 1, "x", {0: 1}, None], ids=repr)
def test_an_endorsed_copy_has_four_parts(copy: object) -> None:
    assert judged({22: copy}) == "certificate.payload_malformed"
