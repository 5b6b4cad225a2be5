"""What a signature covers, by its one /ByteRange: docs/spec clause 9.2."""

from __future__ import annotations

import hashlib

import pytest

from etitle.errors import DecodeError
from etitle.pades.byterange import (
    MAX_CONTENTS_DIGITS,
    ByteRange,
    find_byte_range,
    has_signature,
    read_byte_range,
)


def file(digits: bytes = b"abcd", *, shift: tuple[int, int, int] = (0, 0, 0)) -> bytes:
    """A file of one signature; ``shift`` is added to the numbers of its byte range."""
    start = len(b"%PDF /ByteRange [0 ") + 3 * 11 + len(b"] ")
    after = b" end"
    numbers = (start, start + len(digits) + 2, len(after))
    text = b" ".join(b"%010d" % (n + more) for n, more in zip(numbers, shift, strict=True))
    before = b"%PDF /ByteRange [0 " + text + b" ] "
    assert len(before) == start
    return before + b"<" + digits + b">" + after


def what(pdf: bytes) -> str:
    with pytest.raises(DecodeError) as caught:
        find_byte_range(pdf)
    assert caught.value.code == "document.not_whole"
    return str(caught.value.details["what"])


def test_the_gap_and_its_contents_are_found() -> None:
    pdf = file(b"30030201")
    found = find_byte_range(pdf)
    assert found == ByteRange(pdf.index(b"<"), pdf.index(b">") + 1, bytes.fromhex("30030201"))


def test_the_digest_covers_all_but_the_gap() -> None:
    pdf = file()
    outside = pdf.replace(b"<abcd>", b"")
    for name in ("sha256", "sha512"):
        assert find_byte_range(pdf).digest(pdf, name) == hashlib.new(name, outside).digest()


def test_a_second_byte_range_is_found_wherever_it_stands() -> None:
    first, second = b"%PDF /ByteRange", file()[len(b"%PDF /ByteRange") :]
    for before in range(40):
        for after in (0, 1, 15):
            junk = b"x" * before + b"/ByteRange" + b"y" * after
            assert what(b"%PDF" + junk + file()[4:]) == "2 signatures"
            assert what(first + second + junk) == "2 signatures"
    near = b"/ByteRang /ByteRangf /byteRange ByteRange /ByteRang"
    assert what(b"%PDF" + near + file()[4:]) == "its byte range"  # its numbers are others


@pytest.mark.parametrize("digits", [b"ABCD", b"abcd", b"0123"])
def test_digits_of_one_case_are_read(digits: bytes) -> None:
    assert find_byte_range(file(digits)).contents == bytes.fromhex(digits.decode())


@pytest.mark.parametrize(
    "digits", [b"aBcd", b"ABcD", b"abc", b"ab d", b"abxy", b"ab\ncd", b"ab>c", b"ab<c"]
)
def test_other_spellings_of_the_digits_are_refused(digits: bytes) -> None:
    assert what(file(digits)) == "its gap"


@pytest.mark.parametrize("old", [b"<", b">"])
def test_the_gap_has_both_its_brackets(old: bytes) -> None:
    assert what(file().replace(old, b"a")) == "its gap"


def test_a_gap_is_as_long_as_the_limit_and_no_longer() -> None:
    most = MAX_CONTENTS_DIGITS - 2  # the brackets count
    assert len(find_byte_range(file(b"0" * most)).contents) == most // 2
    assert what(file(b"0" * (most + 2))) == "its byte range"


@pytest.mark.parametrize(
    "shift",
    [(0, 0, 1), (0, 0, -1), (0, 1, 0), (0, -1, 0), (0, 1, -2), (6, 0, 0), (5, 0, 0), (-52, 0, 0)],
)
def test_a_byte_range_that_is_not_all_but_the_gap_is_refused(shift: tuple[int, int, int]) -> None:
    what(file(shift=shift))


def test_every_shift_of_one_number_is_refused() -> None:
    for place in range(3):
        for more in (-3, -2, -1, 1, 2, 3):
            shift = [0, 0, 0]
            shift[place] = more
            what(file(shift=(shift[0], shift[1], shift[2])))


def test_one_signature_alone_is_taken() -> None:
    assert what(b"%PDF-1.7") == "0 signatures"
    assert what(file() + b"/ByteRange") == "2 signatures"
    assert what(b"/ByteRange" + file()) == "2 signatures"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"[0 ", b"[1 "),
        (b"[0 ", b"[00 "),
        (b"[0 ", b"[0" + b" " * 11),
        (b" ] ", b" 0 ] "),
        (b"/ByteRange [", b"/ByteRange  ["),
        (b"/ByteRange [", b"/ByteRange\n["),
    ],
)
def test_other_spellings_of_the_byte_range_are_refused(old: bytes, new: bytes) -> None:
    assert what(file().replace(old, new)) == "its byte range"


def test_a_byte_range_is_read_up_to_a_length() -> None:
    pdf = file()
    at = pdf.index(b"/ByteRange")
    assert read_byte_range(pdf + b"more", at, len(pdf)) == find_byte_range(pdf)
    with pytest.raises(DecodeError):
        read_byte_range(pdf + b"more", at, len(pdf) + 4)


@pytest.mark.parametrize(
    "trace", [b"/ByteRange", b"/DocMDP", b"/ETSI.", b"/adbe.", b"/SubFilter", b"/SigFlags"]
)
def test_each_trace_of_a_signature_is_noticed(trace: bytes) -> None:
    assert has_signature(b"%PDF-1.7 " + trace + b" end")
    assert not has_signature(b"%PDF-1.7 " + trace[:-1] + b"~ end")
