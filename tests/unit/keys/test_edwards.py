"""Ed25519 keys that are no point of the curve, of small order, or spelled twice."""

from __future__ import annotations

from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st

from etitle.errors import DecodeError, SignerError
from etitle.keys.edwards import is_sound
from etitle.keys.public import PublicKey
from etitle.keys.signer import generate
from etitle.keys.suite import EDDSA

P: Final = 2**255 - 19
ORDER_8: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
SMALL: Final = (1, P - 1, 0, ORDER_8, P - ORDER_8)
"""The y of every point whose order divides 8."""


def encoded(y: int, sign: int = 0) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", SMALL)
def test_a_point_of_small_order_is_no_key(y: int, sign: int) -> None:
    assert not is_sound(encoded(y, sign))


@pytest.mark.parametrize("y", [*range(P, 2**255), 2, 7])
def test_what_is_no_point_or_spelled_twice_is_no_key(y: int) -> None:
    assert not is_sound(encoded(y))
    assert not is_sound(encoded(y, 1))


@given(st.binary(min_size=32, max_size=32))
def test_an_honest_key_is_sound(seed: bytes) -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key()
    assert is_sound(key.public_bytes_raw())


@given(st.binary(min_size=32, max_size=32))
def test_about_half_of_all_bytes_are_keys_and_no_other(data: bytes) -> None:
    y = int.from_bytes(data, "little") & ((1 << 255) - 1)
    d = -121665 * pow(121666, -1, P) % P
    square = (y * y - 1) * pow(d * y * y + 1, -1, P) % P
    on_curve = pow(square, (P - 1) // 2, P) in {0, 1}
    assert is_sound(data) == (y < P and on_curve and y not in SMALL)


def test_no_door_takes_such_a_key() -> None:
    bad = ed25519.Ed25519PublicKey.from_public_bytes(encoded(1))
    with pytest.raises(SignerError) as caught:
        PublicKey(bad)
    assert caught.value.code == "keys.point_refused"
    with pytest.raises(DecodeError) as refused:
        PublicKey.from_cose({1: 1, 3: -19, -1: 6, -2: encoded(2)})
    assert refused.value.code == "keys.cose_key_malformed"


def test_a_key_of_ours_comes_back() -> None:
    public = generate(EDDSA).public
    assert PublicKey.from_cose(public.to_cose()) == public


def test_a_coordinate_beyond_the_field_is_no_second_spelling() -> None:
    prime = 2**256 - 2**224 + 2**192 + 2**96 - 1
    y = 0x66485C780E2F83D72433BD5D84A06BB6541C2AF31DAE871728BF856A174F93F4
    point = ec.EllipticCurvePublicNumbers(0, y, ec.SECP256R1()).public_key()
    assert PublicKey(point).x == bytes(32)
    second = {-2: prime.to_bytes(32, "big"), -3: y.to_bytes(32, "big")}  # x + p of x = 0
    with pytest.raises(DecodeError):
        PublicKey.from_cose({1: 2, 3: -9, -1: 1, **second})
