"""No mutated token is ever VALID with another content, and verifying never raises."""

from __future__ import annotations

import datetime

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.support import strategies
from tests.support.authority import AT, AT_S, make_world
from tests.support.population import certificates
from tests.support.question import EXAMPLES

from etitle.errors import FieldError
from etitle.report.json import as_line
from etitle.report.prose import as_text
from etitle.token import frame, text
from etitle.verdict import DOCUMENT_CHECKS, CheckId, Summary, Verdict
from etitle.verify.checks.token import recognise
from etitle.verify.file import verify_bytes
from etitle.verify.picture import verify_image
from etitle.verify.question import Holder, Policy, Question
from etitle.verify.token import verify_token

POPULATION = certificates(4)
WORLD = make_world(POPULATION)
FRAMES = [WORLD.frame(certificate) for certificate in POPULATION]
TOKENS = [frame.unpack(one).to_bytes() for one in FRAMES]
CODES = [text.to_url(one, base="https://zc.sample.cn") for one in FRAMES]
TIMES = st.datetimes(timezones=st.sampled_from([datetime.UTC, AT.tzinfo or datetime.UTC]))


def judge(code: str | bytes, at: datetime.datetime = AT, holder: Holder | None = None) -> Verdict:
    verdict = verify_token(
        code,
        Question(
            trust=WORLD.trust, lists=WORLD.lists, at=at, policy=Policy(examples=True), holder=holder
        ),
    )
    asked = [check for check in CheckId if check not in DOCUMENT_CHECKS]
    wanted = [check for check in asked if holder is not None or check is not CheckId.HOLDER]
    assert [check.id for check in verdict.checks] == wanted
    assert as_line(verdict, file="x")
    assert as_text(verdict, file="x", language="zh", every_check=True)
    if verdict.summary is Summary.VALID:
        assert verdict.require() in POPULATION
    return verdict


def mutated(data: st.DataObject, good: bytes) -> bytes:
    octets = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(octets) - 1))
        match data.draw(st.integers(0, 3)):
            case 0:
                octets[at] = data.draw(st.integers(0, 255))
            case 1:
                octets[at:at] = data.draw(st.binary(min_size=1, max_size=3))
            case 2:
                del octets[at]
            case _:
                other = data.draw(st.integers(0, len(octets) - 1))
                octets[at], octets[other] = octets[other], octets[at]
    return bytes(octets)


@settings(max_examples=300)
@given(st.data())
def test_a_mutated_frame_is_valid_for_what_was_signed_only(data: st.DataObject) -> None:
    good = data.draw(st.sampled_from(FRAMES))
    changed = mutated(data, good)
    verdict = judge(text.to_url(changed, base="https://a.cn"))
    if verdict.summary is Summary.VALID:
        assert frame.unpack(changed) == frame.unpack(good)


@settings(max_examples=300)
@given(st.data())
def test_a_mutated_token_is_never_valid(data: st.DataObject) -> None:
    good = data.draw(st.sampled_from(TOKENS))
    changed = mutated(data, good)
    assert (judge(changed).summary is Summary.VALID) == (changed in TOKENS)


@settings(max_examples=300)
@given(st.data())
def test_a_mutated_text_is_valid_for_the_same_frame_only(data: st.DataObject) -> None:
    good = data.draw(st.sampled_from(CODES))
    at = data.draw(st.integers(0, len(good) - 1))
    changed = good[:at] + data.draw(st.text(max_size=2)) + good[at + data.draw(st.integers(0, 2)) :]
    if judge(changed).summary is Summary.VALID:
        assert set(recognise(changed, WORLD.trust).frames) <= set(FRAMES)


@settings(max_examples=100)
@given(st.sampled_from(FRAMES), st.sampled_from(FRAMES), st.data())
def test_parts_of_two_frames_make_no_third(one: bytes, other: bytes, data: st.DataObject) -> None:
    cut, paste = data.draw(st.integers(0, len(one))), data.draw(st.integers(0, len(other)))
    spliced = one[:cut] + other[paste:]
    if judge(text.to_url(spliced, base="https://a.cn")).summary is Summary.VALID:
        assert frame.unpack(spliced) in map(frame.unpack, FRAMES)


@settings(max_examples=200)
@given(st.one_of(st.text(max_size=80), st.binary(max_size=120)), TIMES)
def test_no_input_and_no_time_raise(code: str | bytes, at: datetime.datetime) -> None:
    assert judge(code, at).summary is not Summary.VALID
    judge(CODES[0], at)


@settings(max_examples=100)
@given(st.text(max_size=25), st.none() | st.binary(max_size=12), st.none() | st.text(max_size=4))
def test_no_holder_raises(number: str, opening: bytes | None, nationality: str | None) -> None:
    holder = Holder(number=number, opening=opening, nationality=nationality)
    assert judge(CODES[0], holder=holder).summary is not Summary.VALID


@settings(max_examples=60)
@given(strategies.certificates(), st.text(max_size=25))
def test_no_certificate_makes_verifying_raise(certificate: object, number: str) -> None:
    try:
        code = WORLD.code(certificate)  # type: ignore[arg-type]
    except FieldError as error:
        assume(error.details.get("rule") != "canon.too_large")
        raise
    verdict = verify_token(
        code,
        Question(
            trust=WORLD.trust,
            lists=WORLD.lists,
            at=AT,
            holder=Holder(number=number, opening=bytes(10)),
            policy=EXAMPLES,
        ),
    )
    assert verdict.claimed == certificate
    assert as_line(verdict, file="x")
    assert as_text(verdict, file="x", language="en", every_check=True)


@settings(max_examples=150)
@given(st.one_of(
    st.binary(max_size=80),
    st.binary(max_size=80).map(lambda tail: b"\x89PNG\r\n\x1a\n" + tail),
    st.binary(max_size=40).map(lambda tail: b"\xff\xfe" + tail),
    st.lists(st.sampled_from([*CODES, "", "x", "\x0c", "样例"]), max_size=4).map(
        lambda lines: "\n".join(lines).encode()
    ),
))  # fmt: skip
def test_no_file_raises(data: bytes) -> None:
    found = list(
        verify_bytes(data, Question(trust=WORLD.trust, lists=WORLD.lists, at=AT, policy=EXAMPLES))
    )
    assert found
    for verdict in (part.verdict for part in found):
        assert verdict.at_s == AT_S
        if verdict.summary is Summary.VALID:
            assert verdict.require() in POPULATION


@settings(max_examples=40)
@given(
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"RIFF"]),
    st.binary(max_size=60),
)
def test_no_picture_raises(head: bytes, tail: bytes) -> None:
    verdict = verify_image(
        head + tail, Question(trust=WORLD.trust, lists=WORLD.lists, at=AT, policy=EXAMPLES)
    )
    assert verdict.summary is Summary.INDETERMINATE
