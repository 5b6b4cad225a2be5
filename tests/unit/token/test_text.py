"""Code texts: every accepted form, and everything else (docs/spec clause 4.4)."""

from __future__ import annotations

import contextlib
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etitle.errors import DecodeError
from etitle.token import text

FRAME = bytes(range(1, 201))
NUMBER = text.to_number(FRAME)
BASE45 = text.to_base45(FRAME)


def refusal(code: str) -> str:
    with pytest.raises(DecodeError) as caught:
        text.to_frame(code)
    assert text.is_ours(code) == (caught.value.code == "token.text_malformed")
    return caught.value.code


def test_the_number_is_that_of_the_frame_behind_its_guard() -> None:
    assert int(NUMBER).to_bytes(201, "big") == b"\x01" + FRAME
    assert NUMBER[0] != "0"


@pytest.mark.parametrize("frame", [b"", b"\x00", b"\x00" * 70, b"\xff" * 1124, FRAME])
def test_frames_read_back_from_every_form(frame: bytes) -> None:
    assert text.to_frame(text.to_url(frame, base="https://zc.sample.cn")) == frame
    if frame:
        assert text.to_frame(text.to_base45(frame)) == frame
    if len(text.to_number(frame)) >= text.MIN_BARE_DIGITS:
        assert text.to_frame(text.to_number(frame)) == frame


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_frame_reads_back(frame: bytes) -> None:
    assert text.to_frame(text.to_url(frame, base="https://a.cn/x")) == frame
    if frame:
        assert text.to_frame(text.to_base45(frame)) == frame


@pytest.mark.parametrize(
    "url",
    [
        "https://zc.sample.cn/v#{}", "https://zc.sample.cn/v/{}", "HTTPS://ZC.SAMPLE.CN/V/{}",
        "hTtPs://zc.Sample.cN/V#{}", "https://zc.sample.cn:8443/v#{}", "https://127.0.0.1:1/v/{}",
        "https://localhost/v#{}", "https://zc.sample.cn/a/b.c/d_e~f-g/v#{}", "https://a/v/v/{}",
        "https://evil.example/v#{}", "https://zc.sample.cn//v#{}", "https://xn--fiqs8s/v#{}",
        "  https://zc.sample.cn/v#{}\n", "\t\r\nhttps://zc.sample.cn/v/{}\u3000",
        "https://a.cn:99999/v#{}",
    ],
)  # fmt: skip
def test_a_url_of_any_host_port_path_and_case_is_read(url: str) -> None:
    assert text.to_frame(url.format(NUMBER)) == FRAME


@pytest.mark.parametrize(
    "url",
    [
        "http://zc.sample.cn/v#{}", "ftp://zc.sample.cn/v#{}", "//zc.sample.cn/v#{}", "zc.cn/v#{}",
        "https:/zc.sample.cn/v#{}", "https://zc.sample.cn/w#{}", "https://zc.sample.cn/v?{}",
        "https://zc.sample.cn/v{}", "https://zc.sample.cn/{}", "https://zc.sample.cn/v#/{}",
        "https://zc.sample.cn/v#{}/", "https://zc.sample.cn/v#{}?x=1", "https://zc.sample.cn/v#{}a",
        "https://zc.sample.cn/v?a=1#{}", "https://user@zc.sample.cn/v#{}", "https:///v#{}",
        "https://user:pw@zc.sample.cn/v#{}", "https://zc.sample.cn:/v#{}", "https://[::1]/v#{}",
        "https://zc.sample.cn:123456/v#{}", "https://zc.sample.cn/%76#{}", "https://样.cn/v#{}",
        "https://zc.sample.cn/v# {}", "https://zc.sample.cn/v#-{}", "https://zc.sample.cn/v#+{}",
        "https://zc.sample.cn/v#0x{}", "https://zc.sample.cn/v#{}.0", "https://zc.sample.cn/v#{}\n1",
        "https://zc.sample.cn/v#", "https://zc.sample.cn/v#{0}#{0}", "javascript:https://a/v#{}",
        "看 https://zc.sample.cn/v#{}", "https://zc.sample.cn\\v#{}", "https://zc\u3002cn/v#{}",
        "\u212attps://a/v#{}", "http\u017f://a.cn/v#{}", "https://a.cn/\u2160#{}",
        "https://zc.sample.cn/\x00v#{}", "https://a b.cn/v#{}", "<https://zc.sample.cn/v#{}>",
        "https://zc.sample.cn/v#1_{}", "https://zc.sample.cn/V##{}",
    ],
)  # fmt: skip
def test_any_other_url_is_not_ours(url: str) -> None:
    assert refusal(url.format(NUMBER)) == "token.not_ours"


def grouped(digits: str, separator: str, size: int = 5) -> str:
    return separator.join(digits[at : at + size] for at in range(0, len(digits), size))


@pytest.mark.parametrize("separator", ["", " ", "\n", "\r\n", "\t", "  \n  "])
def test_a_number_typed_in_groups_is_read(separator: str) -> None:
    assert text.to_frame(grouped(NUMBER, separator)) == FRAME
    assert text.to_frame(f" {grouped(NUMBER, separator)} \n") == FRAME


@pytest.mark.parametrize("separator", ["-", ",", ".", "_", "\u3000", "\u00a0", "\u200b", "/", "'"])
def test_a_number_in_groups_of_other_kinds_is_not_ours(separator: str) -> None:
    assert refusal(grouped(NUMBER, separator)) == "token.not_ours"


@pytest.mark.parametrize("digits", ["1", "450099199001011234", "1" * 149, "0" * 149, ""])
def test_a_short_number_is_somebodys_number(digits: str) -> None:
    assert refusal(digits) == "token.not_ours"


ZEROS = [0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0x1040, 0xFF10, 0x1D7CE, 0x1D7D8, 0x1FBF0]


@pytest.mark.parametrize("zero", ZEROS, ids=hex)
def test_digits_of_other_scripts_are_refused(zero: int) -> None:
    other = "".join(chr(zero + int(digit)) for digit in NUMBER)
    one = NUMBER[:100] + chr(zero + int(NUMBER[100])) + NUMBER[101:]
    for digits in (other, one):
        for form in ("{}", "https://zc.sample.cn/v#{}", "https://zc.sample.cn/v/{}"):
            assert refusal(form.format(digits)) == "token.not_ours"
    assert refusal(f"ZC1:{chr(zero)}B8") == "token.text_malformed"


@pytest.mark.parametrize("digit", ["²", "①", "一", "〇", "½", "Ⅳ", "\u0030\u20e3"])
def test_other_signs_for_numbers_are_refused(digit: str) -> None:
    assert refusal(f"https://zc.sample.cn/v#{digit}{NUMBER}") == "token.not_ours"


@pytest.mark.parametrize(
    "number",
    [
        "0", "00", "0" + NUMBER, "0" * 200, "1" * 2721, "9" * 2720,  # leading zero, length
        "2", "255", "512", str(2 << 560), str(3 << 800), str((1 << 560) - 1),
    ],
)  # fmt: skip
def test_a_number_that_is_of_no_frame_is_malformed(number: str) -> None:
    assert refusal(f"https://zc.sample.cn/v#{number}") == "token.text_malformed"
    if len(number) >= text.MIN_BARE_DIGITS:
        assert refusal(number) == "token.text_malformed"


# RFC 9285 §4.3 and §4.4.
VECTORS = [
    (b"AB", "BB8"),
    (b"Hello!!", "%69 VD92EX0"),
    (b"base-45", "UJCLQE7W581"),
    (b"ietf!", "QED8WEX0"),
]


@pytest.mark.parametrize(("plain", "spelled"), VECTORS)
def test_base45_is_that_of_rfc_9285(plain: bytes, spelled: str) -> None:
    assert text.to_base45(plain) == f"ZC1:{spelled}"
    assert text.to_frame(f"ZC1:{spelled}") == plain
    assert text.to_frame(f" \nZC1:{spelled}\t") == plain


def test_every_pair_and_every_single_byte_has_one_base45() -> None:
    for value in (0, 1, 44, 45, 2024, 2025, 255, 256, 65534, 65535):
        pair = value.to_bytes(2, "big")
        assert text.to_frame(text.to_base45(pair)) == pair
    for octet in range(256):
        assert text.to_frame(text.to_base45(bytes((octet,)))) == bytes((octet,))


@pytest.mark.parametrize(
    "content",
    [
        "", "A", "AAAA", "GGX", ":::", "::", "FGX",  # RFC 9285 §4.4: FGW is 65535
        "Z6", "bb8", "BB8\n\nBB8", "B_8", "BB8=", "B\x00B", "ＢＢ8", "BB\u0660",
    ],
    ids=ascii,
)  # fmt: skip
def test_what_is_not_base45_s_own_is_malformed(content: str) -> None:
    assert refusal(f"ZC1:{content}") == "token.text_malformed"


def test_base45_has_no_second_spelling() -> None:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    seen: dict[bytes, str] = {}
    for first in alphabet:
        for second in alphabet:
            try:
                frame = text.to_frame(f"ZC1:{first}{second}")
            except DecodeError:
                continue
            assert frame not in seen
            seen[frame] = first + second
            assert text.to_base45(frame) == f"ZC1:{first}{second}"
    assert len(seen) == 256


@pytest.mark.parametrize("prefix", ["zc1:", "ZC2:", "ZC1", "ZC1：", "HC1:", "ZC 1:"])
def test_another_prefix_is_not_ours(prefix: str) -> None:
    assert refusal(prefix + BASE45.removeprefix("ZC1:")) == "token.not_ours"


@pytest.mark.parametrize(
    "code", ["", " ", "\n", "hello", "样例", "\x00", "\ud800", "WIFI:S:x;;", "{}"]
)
def test_somebody_elses_text_is_not_ours(code: str) -> None:
    assert refusal(code) == "token.not_ours"


HOSTILE = {
    "digits": "1" * 1_000_000,
    "groups": "1 " * 500_000,
    "spaces": " " * 1_000_000,
    "space inside": "1" + " " * 1_000_000 + "1",
    "slashes": "https://a" + "/" * 1_000_000,
    "v": "https://a/" + "v/" * 500_000,
    "v short": "https://a/" + "v/" * 4000,
    "path": "https://" + "a/" * 4000 + "v#",
    "dots": "https://" + "." * 8000 + "/v#1x",
    "groups short": "1 " * 4000 + "x",
    "base45": "ZC1:" + "0" * 1_000_000,
    "base45 short": "ZC1:" + "0" * 8000,
    "marks": "a" + "\u0323" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_judged_quickly(name: str) -> None:
    start = time.process_time()
    with contextlib.suppress(DecodeError):
        text.to_frame(HOSTILE[name])
    assert time.process_time() - start < 0.2


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_no_text_raises_anything_but_our_errors(code: str) -> None:
    for shown in (code, f"ZC1:{code}", f"https://a.cn/v#{code}"):
        try:
            text.to_frame(shown)
        except DecodeError as error:
            assert error.code.startswith("token.")  # noqa: PT017  # one of two fair outcomes


@settings(max_examples=200)
@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", min_size=1, max_size=30))
def test_an_accepted_base45_encodes_to_itself(content: str) -> None:
    try:
        frame = text.to_frame(f"ZC1:{content}")
    except DecodeError:
        return
    assert text.to_base45(frame) == f"ZC1:{content}".rstrip()


def test_the_longest_number_is_read_and_one_digit_more_is_refused() -> None:
    longest = "1" * text.MAX_DIGITS
    assert text.to_number(text.to_frame(longest)) == longest
    with pytest.raises(DecodeError) as caught:
        text.to_frame(longest + "1")
    assert caught.value.code == "token.text_malformed"
    assert caught.value.details["what"] == "digits"


def test_numbers_are_written_where_the_interpreter_limits_digits() -> None:
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        assert text.to_number(FRAME) == NUMBER
        assert text.to_frame(text.to_number(b"\xff" * 1124)) == b"\xff" * 1124
    finally:
        sys.set_int_max_str_digits(limit)


def test_a_last_group_of_two_that_stands_for_nothing_is_cut() -> None:
    assert text.from_base45("BB8::") == (b"AB", "cut")
    assert text.from_base45("BB8:") == (b"AB", "cut")
    assert text.from_base45("BB8:::") == (b"AB", "bad")
