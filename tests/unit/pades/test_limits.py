"""What the specification bounds, in its figures, and the digits of a document's numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import pytest
from tests.support.forge import masked, office
from tests.support.population import certificates

from etitle.errors import DecodeError
from etitle.pades import (
    byterange,
    damage,
    lexer,
    objects,
    revision,
    signeddata,
    structure,
    tsa,
    verification,
)
from etitle.pades.archived import base_of
from etitle.pades.byterange import ByteRange, find_byte_range, has_signature
from etitle.pades.damage import Damage, damage_of, without_trailing_space
from etitle.pades.objects import read_objects

OURS: Final = office(masked(certificates(1)[0]))
GOOD: Final = OURS.document()
START: Final = GOOD[GOOD.rindex(b"startxref\n") + 10 : -7]


def test_limits_are_those_of_the_specification() -> None:
    assert (structure.MAX_PAGES, structure.MAX_ATTACHMENT_BYTES) == (16, 4096)
    assert (byterange.MAX_CONTENTS_DIGITS, objects.MAX_OBJECTS) == (1 << 20, 10_000)
    assert (signeddata.MAX_CERTIFICATES, verification.MIN_TSA_RSA_BITS) == (8, 2048)
    assert (revision.MAX_REVISIONS, damage.MAX_SPACE_BYTES) == (10, 1024)
    assert (lexer.MAX_DEPTH, lexer.MAX_TEXT_BYTES) == (24, 1 << 16)
    assert (tsa.MAX_REPLY_BYTES, tsa.MAX_DRIFT_S) == (1 << 16, 86_400)


# -- digits ----------------------------------------------------------------------------------------


def read(pdf: bytes) -> object:
    return read_objects(pdf, find_byte_range(GOOD))


def base(pdf: bytes) -> object:
    return base_of(pdf)


def is_refused(reader: Callable[[bytes], object], pdf: bytes) -> bool:
    try:
        reader(pdf)
    except DecodeError:
        return True
    return False


@pytest.mark.parametrize("reader", [read, base])
def test_the_place_of_the_table_has_one_to_ten_digits(reader: Callable[[bytes], object]) -> None:
    def ending(digits: bytes) -> bytes:
        return GOOD.replace(b"startxref\n" + START, b"startxref\n" + digits)

    assert not is_refused(reader, ending(START.zfill(10)))
    assert is_refused(reader, ending(START.zfill(11)))
    assert is_refused(reader, ending(b""))
    assert is_refused(reader, ending(START + b" "))


@pytest.mark.parametrize("reader", [read, base])
def test_the_table_has_one_form_and_two_ends_of_a_line(reader: Callable[[bytes], object]) -> None:
    head, table, tail = GOOD.partition(b"xref\n0 ")
    assert not is_refused(reader, head + table + tail.replace(b" \n", b"\r\n"))
    assert is_refused(reader, head + table + tail.replace(b" \n", b"\n\n"))
    assert is_refused(reader, head + table + b"+" + tail)


@pytest.mark.parametrize(
    ("size", "refused"),
    [(b"000011", False), (b"0000011", True), (b"", True), (b"12", True), (b"10", True)],
)
def test_the_number_of_objects_has_one_to_six_digits(size: bytes, *, refused: bool) -> None:
    head, table, tail = GOOD.partition(b"xref\n0 11")
    assert table
    assert is_refused(read, head + b"xref\n0 " + size + tail) is refused


def ranged(numbers: bytes, digits: bytes = b"ab") -> bytes:
    """A file with a byte range of a form of its own; ``{}`` stand for its three numbers."""
    after = b" end"
    at = len(b"%PDF /ByteRange ") + len(numbers) - 6 + 30 + 1
    made = numbers
    for number in (at, at + len(digits) + 2, len(after)):
        made = made.replace(b"{}", b"%010d" % number, 1)
    return b"%PDF /ByteRange " + made + b" <" + digits + b">" + after


SPACES = b" " * 10


@pytest.mark.parametrize(
    "form",
    [b"[0 {} {} {}]", b"[ 0 {} {} {} ]", b"[0" + (SPACES + b"{}") * 3 + b"]"],
)
def test_a_byte_range_may_have_spaces(form: bytes) -> None:
    assert isinstance(find_byte_range(ranged(form)), ByteRange)


@pytest.mark.parametrize(
    "form",
    [
        b"[0  {} {} {}]".replace(b"  ", SPACES + b" "),
        b"[0 {}" + SPACES + b" {} {}]",
        b"[0 {} {}" + SPACES + b" {}]",
        b"[0 0{} {} {}]",
        b"[0 {} 0{} {}]",
        b"[0 {} {} 0{}]",
        b"[  0 {} {} {}]",
        b"[0 {} {} {}  ]",
        b"[0{} {} {}]",
        b"[0 {}{} {}]",
        b"(0 {} {} {}]",
        b"[0 {} {} {})",
    ],
)
def test_a_byte_range_of_more_digits_or_spaces_is_refused(form: bytes) -> None:
    assert is_refused(find_byte_range, ranged(form))


@pytest.mark.parametrize("trailer", [b"[1]", b"1", b"null", b"(x)", b"/Size", b"<< >>"])
@pytest.mark.parametrize("reader", [read, base])
def test_a_trailer_is_a_dictionary(reader: Callable[[bytes], object], trailer: bytes) -> None:
    head, word, rest = GOOD.rpartition(b"trailer\n")
    assert word
    assert is_refused(reader, head + word + trailer + b"\n" + rest[rest.index(b"startxref") :])


# -- damage ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [*b"\0\t\n\f\r ()<>[]{}/%", None])
def test_a_file_is_protected_where_the_name_ends_there(after: int | None) -> None:
    end = b"" if after is None else bytes((after,))
    assert damage_of(b"%PDF-1.7\n<< /Encrypt" + end, seals=1) is Damage.PROTECTED


@pytest.mark.parametrize("after", [b"s", b"1", b"-", b"#20", b"\x80"])
def test_a_longer_name_protects_nothing(after: bytes) -> None:
    assert damage_of(b"%PDF-1.7\n/Encrypt" + after + b"%%EOF", seals=1) is Damage.CHANGED


def test_what_happened_to_a_file_is_told_in_this_order() -> None:
    tail = b"%%EOF\n"
    middle = len(GOOD) // 2
    flipped = GOOD[:middle] + bytes((GOOD[middle] ^ 1,)) + GOOD[middle + 1 :]
    ending = GOOD[:-7] + b"%%EFO\n"
    begin, end = (find_byte_range(GOOD).gap_start, find_byte_range(GOOD).gap_end - 1)
    moved = [GOOD[:at] + b"(" + GOOD[at + 1 : -40] + tail for at in (begin, end)]
    shorter = GOOD[:-40] + tail
    for pdf, expected in (
        (GOOD[:-9], Damage.CUT_SHORT),
        (GOOD[: len(GOOD) // 2] + tail, Damage.CHANGED),
        (GOOD[:-1], Damage.CUT_SHORT),
        (GOOD + GOOD, Damage.JOINED),
        (GOOD + b"/ByteRange" + tail, Damage.SAVED_AGAIN),
        (GOOD + b"%PDF-1.7" + tail, Damage.SAVED_AGAIN),
        (GOOD + b"1 0 obj" + tail, Damage.SAVED_AGAIN),
        (flipped, Damage.SAVED_AGAIN),
        (b"x" + GOOD, Damage.CHANGED),
        (GOOD.replace(b"/ByteRange [", b"/ByteRange ("), Damage.CHANGED),
        (GOOD.replace(b"/ByteRange", b"/BiteRange"), Damage.CHANGED),
        (ending, Damage.CUT_SHORT),
        (moved[0], Damage.CHANGED),
        (moved[1], Damage.CHANGED),
        (shorter, Damage.CUT_SHORT),
        (b"/Encrypt" + ending, Damage.PROTECTED),
    ):
        assert damage_of(pdf, seals=1) is expected


def test_the_end_of_a_file_stands_in_its_last_thousand_bytes() -> None:
    assert not damage.is_cut(b"%%EOF" + bytes(1019))
    assert damage.is_cut(b"%%EOF" + bytes(1020))


def test_little_white_space_behind_a_file_is_dropped() -> None:
    for space in (b" ", b"\0\t\n\f\r ", bytes(1024)):
        assert without_trailing_space(GOOD + space) == GOOD
    for odd in (b"", bytes(1025), b" x", b"\x0b", b"\x85", b"%%EOF\n"):
        assert without_trailing_space(GOOD + odd) == GOOD + odd
    assert without_trailing_space(b"%PDF-1.7 ") == b"%PDF-1.7 "
    assert without_trailing_space(GOOD[:-3] + b"  ") == GOOD[:-3] + b"  "


# -- traces ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("trace", [b"/application/cose", b"/FT /Sig", b"/AFRelationship"])
def test_more_traces_count_where_the_end_is_missing(trace: bytes) -> None:
    assert has_signature(b"%PDF-1.7 " + trace)
    assert not has_signature(b"%PDF-1.7 " + trace + b"%%EOF")
    assert not has_signature(b"%PDF-1.7 " + trace + b"%%EOF" + bytes(1019))
    assert has_signature(b"%PDF-1.7 " + trace + b"%%EOF" + bytes(1020))


@pytest.mark.parametrize("letter", re.findall(rb".", b"ByteRange"))
def test_an_escaped_trace_is_the_name_that_it_says(letter: bytes) -> None:
    for escape in (b"#%02x" % ord(letter), b"#%02X" % ord(letter)):
        spelled = b"/" + b"ByteRange".replace(letter, escape, 1)
        assert has_signature(b"%PDF " + spelled + b" %%EOF")
    assert not has_signature(b"%PDF /Byte#20Range %%EOF")


# -- algorithms ------------------------------------------------------------------------------------


def test_signatures_of_time_stamps_are_of_these_algorithms() -> None:
    named = signeddata._ALGORITHMS
    assert list(named.values()) == [
        ("ecdsa", "sha256"), ("ecdsa", "sha384"), ("ecdsa", "sha512"), ("rsa", "sha256"),
        ("rsa", "sha384"), ("rsa", "sha512"), ("rsa", ""), ("ed25519", "sha512"),
        ("mldsa65", "sha512"),
    ]  # fmt: skip
    assert {"ed25519", "mldsa65"} == signeddata._WITH_SHA512
    assert list(signeddata.HASHES.values()) == ["sha256", "sha384", "sha512"]
