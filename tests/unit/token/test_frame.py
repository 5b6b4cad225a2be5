"""Frames: what expands to a token, and nothing else (docs/spec clause 4.2)."""

from __future__ import annotations

import time
import tracemalloc
import zlib
from dataclasses import replace
from hashlib import sha256

import pytest
from tests.support.authority import AT, BASE, World, make_world
from tests.support.population import certificates
from tests.support.question import EXAMPLES

from etitle import cose
from etitle.certificate.payload import MAX_PAYLOAD_BYTES
from etitle.errors import DecodeError
from etitle.keys.suite import SUITES, Suite
from etitle.token import frame
from etitle.verdict import Summary
from etitle.verify.question import Question
from etitle.verify.token import verify_token

CERTIFICATE = certificates(1)[0]
WORLDS = {suite.name: make_world([CERTIFICATE], suite=suite) for suite in SUITES}
WORLD = WORLDS["ES256"]
FRAME = WORLD.frame(CERTIFICATE)
HEAD, BODY, SIGNATURE = FRAME[:5], FRAME[5:-64], FRAME[-64:]
PAYLOAD = frame.unpack(FRAME).payload
BOTH = pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)


def deflated(
    data: bytes, *, level: int = 9, strategy: int = 0, zdict: bytes | None = None
) -> bytes:
    words = frame.dictionary(1) if zdict is None else zdict
    writer = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy, words)
    return writer.compress(data) + writer.flush()


def refusal(data: bytes) -> str:
    with pytest.raises(DecodeError) as caught:
        frame.unpack(data)
    return caught.value.code


def refused(body: bytes) -> None:
    assert refusal(HEAD + body + SIGNATURE) == "token.frame_malformed"


def summary(world: World, data: bytes) -> tuple[Summary, bool]:
    """The summary of a frame, and whether it claims what was issued."""
    code = code_of(data)
    verdict = verify_token(
        code, Question(trust=world.trust, lists=world.lists, at=AT, policy=EXAMPLES)
    )
    return verdict.summary, verdict.claimed == CERTIFICATE


def code_of(data: bytes) -> str:
    return f"{BASE}/v#{int.from_bytes(bytes((1,)) + data, 'big')}"


@BOTH
def test_a_frame_expands_to_its_token(suite: Suite) -> None:
    world = WORLDS[suite.name]
    token = world.token(CERTIFICATE)
    packed = frame.pack(token)
    assert frame.unpack(packed) == token
    assert packed[0] == suite.frame << 4 | 1
    assert packed[1:5] == world.token_signer.public.kid
    assert summary(world, packed) == (Summary.VALID, True)


def test_the_dictionary_is_the_published_one() -> None:
    for number, digest in frame.DICTIONARIES.items():
        data = frame.dictionary(number)
        assert sha256(data).hexdigest() == digest
        assert len(data) == 16124


@pytest.mark.parametrize("number", [0, 2, 15])
def test_a_dictionary_that_was_never_published_is_unknown(number: int) -> None:
    with pytest.raises(DecodeError) as caught:
        frame.dictionary(number)
    assert caught.value.code == "token.format_unknown"


def test_a_damaged_dictionary_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(frame.DICTIONARIES, 1, "00" * 32)
    frame.dictionary.cache_clear()
    try:
        with pytest.raises(DecodeError) as caught:
            frame.dictionary(1)
    finally:
        frame.dictionary.cache_clear()
    assert caught.value.code == "token.dictionary_damaged"


@pytest.mark.parametrize("octet", [n for n in range(256) if n not in {0x11, 0x21}])
def test_any_other_format_byte_is_unknown_and_not_forged(octet: int) -> None:
    changed = bytes((octet,)) + FRAME[1:]
    assert refusal(changed) == "token.format_unknown"
    assert refusal(changed[:1]) == "token.format_unknown"
    assert summary(WORLD, changed)[0] is Summary.INDETERMINATE


@BOTH
def test_no_flipped_bit_makes_another_certificate_valid(suite: Suite) -> None:
    world = WORLDS[suite.name]
    good = world.frame(CERTIFICATE)
    token = frame.unpack(good)
    for bit in range(8 * len(good)):
        flipped = bytearray(good)
        flipped[bit >> 3] ^= 1 << (bit & 7)
        found, same = summary(world, bytes(flipped))
        if found is Summary.VALID:
            # Clause 4.2.3: how the compressor spelled the payload is its own affair.
            assert same
            assert frame.unpack(bytes(flipped)) == token
            assert 5 <= bit >> 3 < len(good) - 64


@pytest.mark.parametrize("length", [0, 1, 5, 6, 64, 69])
def test_a_frame_too_short_is_refused(length: int) -> None:
    assert refusal(FRAME[:length]) == ("token.incomplete" if length else "token.frame_malformed")


def test_a_frame_that_lost_its_end_is_incomplete() -> None:
    for length in range(1, len(FRAME)):
        assert refusal(FRAME[:length]) == "token.incomplete"
    assert refusal(FRAME + b"\0") == "token.frame_malformed"


def test_a_frame_too_long_is_refused() -> None:
    assert frame.MAX_FRAME_BYTES == 1124
    assert frame.MIN_FRAME_BYTES == 70
    assert refusal(HEAD + bytes(1124 - 64 - 4) + SIGNATURE) == "token.frame_malformed"


@pytest.mark.parametrize("end", range(1, 64, 7))
def test_a_frame_cut_short_is_not_valid(end: int) -> None:
    assert summary(WORLD, FRAME[:-end])[0] is not Summary.VALID
    assert summary(WORLD, FRAME[: 5 + end])[0] is not Summary.VALID


@pytest.mark.parametrize("data", [b"", b"a", PAYLOAD, b"\x00" * 1024, bytes(range(256)) * 4])
def test_payloads_up_to_1024_bytes_expand(data: bytes) -> None:
    for level in (0, 1, 9):
        packed = HEAD + deflated(data, level=level) + SIGNATURE
        if len(packed) >= frame.MIN_FRAME_BYTES:
            assert frame.unpack(packed).payload == data


@pytest.mark.parametrize("size", [1025, 1026, 2048, 100_000, 10_000_000])
def test_a_deflate_bomb_is_refused_before_it_expands(size: int) -> None:
    body = deflated(bytes(size))[:1050]
    tracemalloc.start()
    try:
        refused(body)
        assert tracemalloc.get_traced_memory()[1] < 200_000
    finally:
        tracemalloc.stop()


def stored(data: bytes, *, final: bool) -> bytes:
    size = len(data).to_bytes(2, "little")
    return bytes((final,)) + size + bytes(0xFF ^ octet for octet in size) + data


def test_stored_blocks_beyond_the_limit_are_refused() -> None:
    refused(stored(bytes(1025), final=True))
    refused(stored(bytes(600), final=False) + stored(bytes(425), final=True))
    assert frame.unpack(HEAD + stored(bytes(1024), final=True) + SIGNATURE).payload == bytes(1024)


def test_the_longest_payload_may_lose_its_signatures_end() -> None:
    longest, more = (stored(bytes(size), final=True) for size in (1024, 1025))
    assert refusal(HEAD + longest + SIGNATURE[:-1]) == "token.incomplete"
    assert refusal(HEAD + more + SIGNATURE[:-1]) == "token.frame_malformed"


def test_a_stream_without_end_is_refused() -> None:
    writer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, 0, frame.dictionary(1))
    synced = writer.compress(PAYLOAD) + writer.flush(zlib.Z_SYNC_FLUSH)
    for body in (stored(PAYLOAD, final=False), BODY[:-1], stored(b"", final=False) * 100, synced):
        # Whether it lost its end depends on what the signature's bytes are as DEFLATE.
        assert refusal(HEAD + body + SIGNATURE) in {"token.frame_malformed", "token.incomplete"}


def test_empty_blocks_are_bounded_by_the_frame() -> None:
    body = stored(b"", final=False) * 200 + stored(b"a", final=True)
    start = time.process_time()
    for _ in range(100):
        assert frame.unpack(HEAD + body + SIGNATURE).payload == b"a"
    assert time.process_time() - start < 1
    # At the very limit too: blocks that add nothing may follow the last byte.
    full = stored(bytes(1024), final=False) + stored(b"", final=False) * 3 + stored(b"", final=True)
    assert frame.unpack(HEAD + full + SIGNATURE).payload == bytes(1024)


@pytest.mark.parametrize("tail", [b"\x00", b"\x01", b"\x03\x00", bytes(100), b"\xff" * 31])
def test_bytes_after_the_stream_are_refused(tail: bytes) -> None:
    refused(BODY + tail)


def test_a_second_stream_is_refused() -> None:
    refused(BODY + BODY)
    refused(deflated(b"") + BODY)


@pytest.mark.parametrize(
    "body",
    [
        zlib.compress(PAYLOAD), b"\x1f\x8b" + BODY, b"\x07" + BODY,  # zlib, gzip, a reserved block
        b"\x05" + bytes(40), b"\xff" * 40, b"\x01\x05\x00\x00\x00hello",
    ],
    ids=lambda body: body[:3].hex(),
)  # fmt: skip
def test_what_is_no_raw_deflate_stream_is_refused(body: bytes) -> None:
    refused(body)


def test_a_reference_before_the_dictionary_is_refused() -> None:
    longer = frame.dictionary(1) + b"?" * 17_000
    body = deflated(longer[:300], zdict=longer)
    try:
        payload = frame.unpack(HEAD + body + SIGNATURE).payload
    except DecodeError as error:
        assert error.code == "token.frame_malformed"  # noqa: PT017  # one of two fair outcomes
    else:
        assert payload != longer[:300]


def test_another_dictionary_does_not_give_a_valid_token() -> None:
    words = frame.dictionary(1)
    body = deflated(PAYLOAD, zdict=words[1:] + b"\x00")
    assert summary(WORLD, HEAD + body + SIGNATURE)[0] is not Summary.VALID
    plain = zlib.compressobj(9, zlib.DEFLATED, -15)
    assert summary(WORLD, HEAD + plain.compress(PAYLOAD) + plain.flush() + SIGNATURE)[0] in {
        Summary.VALID,  # matches that never leave the payload need no dictionary
        Summary.INVALID,
    }


@pytest.mark.parametrize("level", range(10))
def test_two_spellings_of_one_payload_are_one_token(level: int) -> None:
    packed = HEAD + deflated(PAYLOAD, level=level) + SIGNATURE
    if len(packed) <= frame.MAX_FRAME_BYTES:
        assert frame.unpack(packed) == frame.unpack(FRAME)
        assert summary(WORLD, packed) == (Summary.VALID, True)


@pytest.mark.parametrize(
    "strategy", [zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE, zlib.Z_FIXED]
)
def test_every_compressor_is_understood(strategy: int) -> None:
    assert frame.unpack(HEAD + deflated(PAYLOAD, strategy=strategy) + SIGNATURE).payload == PAYLOAD


def test_only_a_token_is_packed() -> None:
    token = WORLD.token(CERTIFICATE)
    listed = cose.sign1(token.payload, signer=WORLD.token_signer, typ="application/statuslist+cwt")
    for other in (
        listed,
        replace(token, kid=token.kid * 2),
        replace(token, kid=b""),
        replace(token, signature=token.signature[:-1]),
        replace(token, payload=bytes(MAX_PAYLOAD_BYTES + 1)),
    ):
        with pytest.raises(DecodeError) as caught:
            frame.pack(other)
        assert caught.value.code == "token.frame_malformed"


def test_the_largest_payload_has_a_frame_within_the_limit() -> None:
    token = WORLD.token(CERTIFICATE)
    random_like = b"".join(sha256(bytes((n,))).digest() for n in range(32))
    packed = frame.pack(replace(token, payload=random_like))
    assert len(packed) <= frame.MAX_FRAME_BYTES
    assert frame.unpack(packed).payload == random_like


def padded(size: int) -> bytes:
    """A frame of that size: its DEFLATE stream begins with empty stored blocks."""
    blocks = b"\x00\x00\x00\xff\xff" * ((size - len(FRAME)) // 5)
    return HEAD + blocks + BODY + SIGNATURE


def test_a_frame_has_at_most_its_limit_of_bytes() -> None:
    most = padded(frame.MAX_FRAME_BYTES)
    assert frame.MAX_FRAME_BYTES - len(most) < 5
    assert frame.unpack(most).payload == PAYLOAD
    with pytest.raises(DecodeError) as caught:
        frame.unpack(padded(frame.MAX_FRAME_BYTES + 5))
    assert str(caught.value.details["what"]).endswith(" bytes")
