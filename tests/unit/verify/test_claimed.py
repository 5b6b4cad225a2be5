"""Whose certificate a damaged file claims to be: the first token among its streams."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support import drawnkeys
from tests.support.authority import make_world
from tests.support.forge import masked, office
from tests.support.population import certificates

from etitle.cose import protected_header
from etitle.keys.suite import EDDSA, ES256
from etitle.verify.claimed import claimed_by, signed_for
from etitle.verify.token import MAX_TOKEN_BYTES

OURS: Final = office(masked(certificates(1)[0]))
TOKEN: Final = OURS.token
CLAIMED: Final = OURS.certificate


def held(data: bytes, *, begin: bytes = b"stream\n", end: bytes = b"\nendstream ") -> bytes:
    return begin + data + end


@pytest.mark.parametrize("begin", [b"stream\n", b"stream\r\n"])
@pytest.mark.parametrize("end", [b"\nendstream", b"\r\nendstream", b"endstream"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_token_is_found_however_its_stream_is_written(
    begin: bytes, end: bytes, *, packed: bool
) -> None:
    data = zlib.compress(TOKEN) if packed else TOKEN
    assert claimed_by(held(data, begin=begin, end=end)) == (CLAIMED,)


def test_a_file_is_for_whom_its_token_is_signed() -> None:
    world = OURS.world
    token = world.token(OURS.certificate)
    assert signed_for(held(token.to_bytes()), world.trust) == {world.bundle.authority.id}
    s = ES256.order - int.from_bytes(token.signature[32:], "big")
    for wrong in (
        replace(token, signature=token.signature[:32] + s.to_bytes(32, "big")),
        replace(token, payload=b"\xa0"),
        world.token(OURS.certificate, signer=drawnkeys.signer(ES256)),
    ):
        assert signed_for(held(wrong.to_bytes()), world.trust) == frozenset()


def test_a_token_that_names_another_suite_than_its_key_is_for_nobody() -> None:
    world = make_world([OURS.certificate], suite=EDDSA)
    token = world.token(OURS.certificate)
    renamed = replace(token, suite=ES256, protected=protected_header(ES256, token.kid))
    key = world.token_signer.private_key
    assert isinstance(key, Ed25519PrivateKey)
    choices = (replace(renamed, payload=bytes((salt,))) for salt in range(64))
    signed = (replace(one, signature=key.sign(world.signed_part(one))) for one in choices)
    made = next(one for one in signed if ES256.is_canonical(one.signature))
    assert world.token_signer.public.verify(made.signature, world.signed_part(made))
    assert signed_for(held(made.to_bytes()), world.trust) == frozenset()
    assert signed_for(held(token.to_bytes()), world.trust) == {world.bundle.authority.id}


AT: Final = TOKEN.index(OURS.certificate.name.encode())
BEFORE: Final = {
    "no end": b"stream\n" + bytes(2 * MAX_TOKEN_BYTES),
    "words": held(b"x"),
    "something deflated": held(zlib.compress(b"x")),
    "a token cut short": held(TOKEN[:-9]),
    "a deflated token cut short": held(zlib.compress(TOKEN[:-9])),
    "a token of no payload": held(TOKEN[:AT] + b"\xff" + TOKEN[AT + 1 :]),
}


@pytest.mark.parametrize("name", BEFORE)
def test_what_stands_before_hides_it_not(name: str) -> None:
    assert claimed_by(BEFORE[name] + held(TOKEN)) == (CLAIMED,)
    assert claimed_by(BEFORE[name]) == ()


def test_the_first_thousand_streams_are_looked_at() -> None:
    assert claimed_by(held(b"x") * 999 + held(TOKEN)) == (CLAIMED,)
    assert claimed_by(held(b"x") * 1000 + held(TOKEN)) == ()


def test_a_stream_ends_within_twice_the_longest_token() -> None:
    packed = zlib.compress(TOKEN)
    most = 2 * MAX_TOKEN_BYTES - len(b"endstream")
    assert claimed_by(held(packed.ljust(most, b"\0"), end=b"endstream")) == (CLAIMED,)
    assert claimed_by(held(packed.ljust(most + 1, b"\0"), end=b"endstream")) == ()


def test_each_certificate_is_claimed_once_in_order() -> None:
    other = office(masked(certificates(2)[1]))
    pdf = held(TOKEN) + held(other.token) + held(TOKEN)
    assert claimed_by(pdf) == (CLAIMED, other.certificate)
