"""Texts as people copy them, and other people's texts (docs/spec clauses 4.4.3 and 4.4.4)."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.authority import make_world
from tests.support.population import certificates

from etitle.token import copied, text
from etitle.token.copied import Fault, Found, recognise

ONE, OTHER = certificates(2)
WORLD = make_world([ONE, OTHER])
FRAME, SECOND = WORLD.frame(ONE), WORLD.frame(OTHER)
CODE, NUMBER, BASE45 = WORLD.code(ONE), text.to_number(FRAME), text.to_base45(FRAME)


def held(kid: bytes) -> bool:
    return kid == FRAME[1:5]


def nobody(kid: bytes) -> bool:
    return False


def parted(code: str, size: int, by: str) -> str:
    return by.join(code[at : at + size] for at in range(0, len(code), size))


COPIED = {
    "mail": parted(CODE, 76, "\r\n"),
    "mail, quoted twice": parted(CODE, 70, "\n>> "),
    "quoted-printable": parted(CODE, 75, "=\r\n"),
    "escaped": CODE.replace("#", "%23"),
    "escaped twice": CODE.replace("#", "%2523"),
    "reference": CODE.replace("#", "&#35;"),
    "escaped line break": parted(NUMBER, 76, "%0D%0A"),
    "quotation marks": f"“{CODE}”",
    "brackets": f"<{CODE}>。",
    "link": f"[证书]({CODE})",
    "caption": f"样例甲 2026-11-20：{CODE} 共 1 份",
    "groups at the ends": f"1 2 3 {NUMBER} 4 5 6",
    "slash": CODE.replace("#", "/#"),
    "parameter": CODE.replace("#", "?nsukey=a1b2c3#"),
    "parameter behind": CODE + "?from=singlemessage",
    "no width": parted(CODE, 30, "\u200b"),
    "full width": CODE.translate({0x21 + at: 0xFF01 + at for at in range(94)}),
    "no break": parted(NUMBER, 4, "\u00a0"),
    "ideographic": parted(NUMBER, 4, "\u3000"),
    "small": BASE45.lower(),
    "base 45 wrapped": parted(BASE45, 76, "\n"),
    "base 45 quoted": f"“{BASE45}”",
    "other scheme": CODE.replace("https", "http"),
    "no scheme": CODE.removeprefix("https://"),
}


@pytest.mark.parametrize("name", COPIED)
@pytest.mark.parametrize("holds", [held, nobody])
def test_a_copied_code_is_read(name: str, holds: object) -> None:
    assert recognise(COPIED[name], holds) == Found((FRAME,), Fault.NOT_OURS)  # type: ignore[arg-type]


@pytest.mark.parametrize("unseen", "\u00ad\u200b\u200f\u202a\u202e\u2060\u2069\ufeff")
def test_what_is_not_seen_does_not_part_a_code(unseen: str) -> None:
    assert recognise(parted(CODE, 40, unseen), nobody).frames == (FRAME,)
    assert recognise(parted(BASE45, 40, unseen), nobody).frames == (FRAME,)


@pytest.mark.parametrize("seen", "\u00ac\u00ae\u2010\u2027\u206a\ufefe")
def test_what_is_seen_parts_it(seen: str) -> None:
    assert recognise(parted(NUMBER, 40, seen), nobody).frames == ()


def test_two_codes_are_two_and_one_twice_is_one() -> None:
    both = f"{CODE}，{WORLD.code(OTHER)}"
    assert recognise(both, held).frames == (FRAME, SECOND)
    assert recognise(f"{CODE}，{BASE45}", held).frames == (FRAME,)


@pytest.mark.parametrize("lost", [1, 2, 3, 7, 64, 200, 300])
def test_a_number_that_lost_its_end_is_incomplete(lost: int) -> None:
    for code in (CODE[:-lost], NUMBER[:-lost], parted(CODE[:-lost], 76, "\n")):
        assert recognise(code, held) == Found((), Fault.INCOMPLETE)
        assert recognise(code, nobody) == Found((), Fault.NOT_OURS)


def test_thirty_digits_tell_whose_they_are_and_fewer_do_not() -> None:
    assert recognise(NUMBER[:30], held).fault is Fault.INCOMPLETE
    assert recognise(NUMBER[:29], held).fault is Fault.NOT_OURS
    assert recognise(NUMBER[30:], held).fault is Fault.NOT_OURS


def test_base_45_that_lost_its_end_is_incomplete_or_a_shorter_frame() -> None:
    for lost in range(1, 200):
        found = recognise(BASE45[:-lost], held)
        assert found.fault is Fault.INCOMPLETE or FRAME.startswith(found.frames[0][:-1])


def test_a_second_spelling_of_ours_is_malformed() -> None:
    for code in (
        f"https://a.cn/v#00{NUMBER}",
        text.to_number(FRAME + bytes(1124)),
        BASE45[:16] + ":::" + BASE45[19:],
    ):
        assert recognise(code, held) == Found((), Fault.MALFORMED)
        assert recognise(code, nobody) == Found((), Fault.NOT_OURS)


def test_a_number_of_as_many_digits_as_the_limit_is_tried() -> None:
    frame = bytes((FRAME[0],)) + FRAME[1:5] + bytes(1119)
    longest = text.to_number(frame)
    assert len(longest) <= text.MAX_DIGITS
    assert recognise(longest, held).frames == (frame,)
    assert recognise(f"1 {longest} 2", held).frames == (frame,)


def test_three_groups_at_either_end_may_be_somebody_elses_and_no_more() -> None:
    for around in ("1 2 3 {} 4 5 6", "1 2 3 {}", "{} 4 5 6", "1 {}", "{} 4"):
        assert recognise(around.format(NUMBER), held).frames == (FRAME,)
    for around in ("1 2 3 4 {}", "{} 4 5 6 7"):
        assert recognise(around.format(NUMBER), held).frames == ()


def test_leading_zeros_before_guard_format_and_kid_are_malformed() -> None:
    for known in (NUMBER, text.to_number(FRAME[:5])):
        for size in (max(30, len(known) + 1), text.MAX_TEXT_CHARS):
            assert recognise(known.zfill(size), held).fault is Fault.MALFORMED
        assert recognise(known.zfill(text.MAX_TEXT_CHARS + 1), held).fault is Fault.NOT_OURS
    for short in (FRAME[:4], FRAME[:3], b""):
        assert recognise(text.to_number(short).zfill(40), lambda _: True).fault is Fault.NOT_OURS


@pytest.mark.parametrize("first", [0x01, 0x10, 0x12, 0x1F, 0xF1])
def test_a_number_of_an_unknown_format_is_not_called_malformed(first: int) -> None:
    number = text.to_number(bytes((first,)) + FRAME[1:])
    assert recognise(number.zfill(len(number) + 1), held).fault is Fault.NOT_OURS
    assert recognise(number[:-9], held).fault is Fault.NOT_OURS


@pytest.mark.parametrize("kid", [bytes(4), b"\xff" * 4])
def test_whatever_end_is_lost_the_beginning_tells(kid: bytes) -> None:
    rest = kid * 3 + b"\xff" * 1000
    number = text.to_number(FRAME[:1] + kid + rest)
    for lost in range(1, 2400):
        assert recognise(number[:-lost], lambda one: one == kid).fault is Fault.INCOMPLETE


def test_no_number_of_lost_digits_adds_little_to_the_logarithm() -> None:
    assert min(more for more, lost in copied._residues() if lost) > 0.01
    assert max(end - begin for begin, end in copied._WINDOWS) < 0.01


def test_a_number_is_incomplete_up_to_the_longest_there_is() -> None:
    longest = text.to_number(b"\x11" + FRAME[1:5] + b"\xff" * 1124)
    assert len(longest) == text.MAX_DIGITS - 1  # of one digit more none begins with the guard
    assert recognise(longest[:-1], held).fault is Fault.INCOMPLETE
    longer = text.to_number(b"\x11" + FRAME[1:5] + b"\xff" * 1125)
    assert recognise(longer[:-1], held).fault is not Fault.INCOMPLETE


FOREIGN = [
    "", "hello", "ZC1:", "ZC1:HELLO WORLD", "zc1:abc", "https://pay.example.com/v/20261120123456",
    "https://a.cn/v#1", "7" * 400, "0" * 400, "1" * 2721, "https://a.cn/v#" + "9" * 2720,
    "WIFI:T:WPA;S:x;P:" + "1234567890" * 8 + ";;", " ".join(["6222020200112233445"] * 40),
]  # fmt: skip


@pytest.mark.parametrize("code", FOREIGN, ids=lambda code: code[:24])
def test_what_is_somebody_elses_is_not_ours(code: str) -> None:
    assert recognise(code, held) == Found((), Fault.NOT_OURS)


def test_numbers_by_chance_are_not_ours() -> None:
    rng = random.Random(8)
    for _ in range(3000):
        number = rng.randrange(10 ** rng.choice((12, 29, 31, 60, 160, 430)))
        for code in (f"https://a.cn/v/{number}", str(number)):
            assert recognise(code, held) == Found((), Fault.NOT_OURS)


def test_a_frame_of_chance_behind_guard_and_format_is_not_ours() -> None:
    rng = random.Random(9)
    for _ in range(500):
        code = text.to_url(b"\x11" + rng.randbytes(rng.randrange(4, 200)), base="https://a.cn")
        assert recognise(code, held) == Found((), Fault.NOT_OURS)


@settings(max_examples=300)
@given(st.text(max_size=80) | st.text("0123456789zc1: \n>=%23#", max_size=400))
def test_any_text_is_recognised_or_not(code: str) -> None:
    assert isinstance(recognise(code, held), Found)


HOSTILE = {
    "digits": "1" * 65_536,
    "groups": "1 " * 32_768,
    "cuts": ("9" * 31 + "x") * 2048,
    "almost": (NUMBER[:40] + "x") * 1500,
    "prefixes": "zc1:" * 16_384,
    "quotes": "1" + ">" * 65_000,
    "breaks": "=\n" * 32_768,
    "escapes": "%25" * 21_000,
    "beyond": "1 " * 5_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_recognised_quickly(name: str) -> None:
    start = time.process_time()
    recognise(HOSTILE[name], held)
    assert time.process_time() - start < 1
