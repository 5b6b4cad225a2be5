"""Texts of PDF objects: docs/spec clause 9.1, ISO 32000-1 clause 7.3."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etitle.errors import DecodeError
from etitle.pades.lexer import MAX_DEPTH, MAX_TEXT_BYTES, PdfValue, Ref, parse

READ: dict[bytes, PdfValue] = {
    b"true": True,
    b"false": False,
    b"null": None,
    b"7": 7,
    b"-7": -7,
    b"+7": 7,
    b"7.": 7.0,
    b".5": 0.5,
    b"-0.25": -0.25,
    b"1" * 12: 111_111_111_111,
    b"1" * 12 + b"." + b"5" * 12: 111_111_111_111.555_555_555_555,
    b"12 0 R": Ref(12),
    b"/Name": "Name",
    b"/": "",
    b"/text#2Fplain": "text/plain",
    b"()": b"",
    b"(a b)": b"a b",
    rb"(\(\)\\\n\r\t\b\f\x)": b"()\\\n\r\t\b\fx",
    b"(a\\\nb)": b"ab",
    b"<>": b"",
    b"<414a>": b"AJ",
    b"<414A4>": b"AJ@",
    b"[]": [],
    b"[1 [2] /A]": [1, [2], "A"],
    b"<<>>": {},
    b"<< /A << /B 1 >> /C [] >>": {"A": {"B": 1}, "C": []},
    b"<</A/B/C(d)>>": {"A": "B", "C": b"d"},
    b" \n\t\r1 \n": 1,
}


@pytest.mark.parametrize("text", READ, ids=repr)
def test_each_kind_of_value_is_read(text: bytes) -> None:
    value = parse(text)
    assert value == READ[text]
    assert type(value) is type(READ[text])


REFUSED = {
    "nothing": b"",
    "two values": b"1 2",
    "a comment": b"1 % a",
    "an escape in a name": b"/A#42",
    "a slash escaped in small letters": b"/A#2f",
    "an octal escape": rb"(\101)",
    "brackets in a string": b"(a(b)c)",
    "a string without an end": b"(abc",
    "hexadecimal with a space": b"<41 4a>",
    "hexadecimal with two spaces": b"<41  4a>",
    "hexadecimal with a letter": b"<4g>",
    "hexadecimal without its beginning": b"x4141>",
    "hexadecimal without its end": b"<4141x",
    "a reference of another generation": b"1 1 R",
    "a reference to object 0": b"0 0 R",
    "a reference with a leading zero": b"01 0 R",
    "a number with an exponent": b"1e3",
    "two signs": b"--1",
    "two points": b"1.2.3",
    "a long number": b"[" + b"1" * 13 + b"]",
    "a long number at the end": b"1" * 13,
    "a long number with a sign at the end": b"-" + b"1" * 13,
    "a long whole part at the end": b"1" * 13 + b".5",
    "a long fraction at the end": b"1." + b"5" * 13,
    "a long fraction alone at the end": b"." + b"5" * 13,
    "an unknown word": b"truth",
    "a word in capitals": b"True",
    "a keyword": b"obj",
    "an array without an end": b"[1",
    "an array that ends as a dictionary": b"[1 >>",
    "a dictionary that ends as an array": b"<< /A 1 ]",
    "an end alone": b"]",
    "a value too many": b"<< /A 1 /B >>",
    "a key that is no name": b"<< (A) 1 >>",
    "a key twice": b"<< /A 1 /A 1 >>",
    "a key twice by its escape": b"<< /A#2FB 1 /A#2FB 2 >>",
    "a zero byte": b"1\x00",
    "a form feed": b"[1\x0c2]",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_others_might_read_differently_is_refused(text: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        parse(text)
    assert caught.value.code == "document.malformed"


def test_depth_is_bounded() -> None:
    parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    with pytest.raises(DecodeError):
        parse(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1))


def test_length_is_bounded() -> None:
    parse(b"(" + b"a" * (MAX_TEXT_BYTES - 2) + b")")
    with pytest.raises(DecodeError):
        parse(b"(" + b"a" * (MAX_TEXT_BYTES - 1) + b")")


def test_equal_texts_share_their_value() -> None:
    assert parse(b"[1 2 3 /shared]") is parse(b"[1 2 3 /shared]")


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    with suppress(DecodeError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "longer"),
    [(b"1" * 12, b"1" * 13), (b"1" * 12 + b"." + b"5" * 12, b"1." + b"5" * 13),
     (b"." + b"5" * 12, b"." + b"5" * 13), (b"-" + b"1" * 12, b"-" + b"1" * 13),
     (b"1.", b"."), (b"1234567 0 R", b"12345678 0 R"), (b"1 0 R", b"0 0 R")],
)  # fmt: skip
def test_numbers_and_references_have_so_many_digits(text: bytes, longer: bytes) -> None:
    found = parse(text)
    assert found == (Ref(int(text[:-4])) if text.endswith(b"R") else float(text))
    with pytest.raises(DecodeError):
        parse(longer)


PLAIN = b"!\"$&'*+,-./0123456789:;=?@ABCDEFGHIJKLMNOPQRSTUVWXYZ\\^_`abcdefghijklmnopqrstuvwxyz|~"
IN_NAMES = PLAIN.replace(b"/", b"")


@pytest.mark.parametrize("octet", range(0x21, 0x80))
def test_a_name_is_of_plain_characters(octet: int) -> None:
    name = b"/A" + bytes((octet,)) + b"B"
    if octet in IN_NAMES:
        assert parse(name) == name[1:].decode()
        return
    with pytest.raises(DecodeError):
        parse(name)


@pytest.mark.parametrize("text", [b"1a", b"1_", b"1.2.", b"1+", b"1-", b"--1", b"1.5x", b"+", b"-"])
def test_what_stands_behind_a_number_parts_it(text: bytes) -> None:
    with pytest.raises(DecodeError):
        parse(text)


def test_a_number_may_have_a_sign_and_a_string_every_escape_but_digits() -> None:
    assert [parse(text) for text in (b"+5", b"-5", b"+.5", b"-5.")] == [5, -5, 0.5, -5.0]
    assert parse(b"(\\n\\r\\t\\b\\f\\(\\)\\\\\\x\\\n.)") == b"\n\r\t\b\f()\\x."
    assert parse(b"<0aF9>") == b"\x0a\xf9"
    assert parse(b"<0aF>") == b"\x0a\xf0"
    for digit in b"0123456789":
        with pytest.raises(DecodeError):
            parse(b"(\\" + bytes((digit,)) + b"01)")
    for text in (b"<0g>", b"<0 >", b"< 0>", b"<@>", b"<`>", b"<G>", b"</>", b"<:>"):
        with pytest.raises(DecodeError):
            parse(text)
