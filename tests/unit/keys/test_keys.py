"""Public keys and suites (docs/spec clauses 3.1 to 3.3)."""

from __future__ import annotations

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from etitle import canon
from etitle.errors import DecodeError, SignerError
from etitle.keys.public import PublicKey
from etitle.keys.signer import SoftSigner, generate
from etitle.keys.suite import BY_ALG, BY_FRAME, BY_NAME, EDDSA, ES256, SUITES, Suite

SIGNERS = {suite.name: generate(suite) for suite in SUITES}
BOTH = pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)


def cose_key(suite: Suite) -> dict[object, object]:
    return dict(SIGNERS[suite.name].public.to_cose().items())


def refused(value: object) -> None:
    with pytest.raises(DecodeError) as caught:
        PublicKey.from_cose(value)
    assert caught.value.code == "keys.cose_key_malformed"


@pytest.mark.parametrize(
    ("suite", "alg", "key_type", "curve", "nibble"), [(ES256, -9, 2, 1, 1), (EDDSA, -19, 1, 6, 2)]
)
def test_the_registry_is_that_of_clause_3_1(
    suite: Suite, alg: int, key_type: int, curve: int, nibble: int
) -> None:
    assert (suite.alg, suite.key_type, suite.curve, suite.frame) == (alg, key_type, curve, nibble)
    assert suite.signature_bytes == 64
    assert BY_ALG[alg] is BY_FRAME[nibble] is BY_NAME[suite.name] is suite


def test_the_registry_holds_nothing_else() -> None:
    assert len(SUITES) == len(BY_ALG) == len(BY_FRAME) == len(BY_NAME) == 2


@BOTH
def test_a_new_key_is_of_its_suite(suite: Suite) -> None:
    assert generate(suite).public.suite is suite
    assert generate(suite).public != generate(suite).public


@BOTH
def test_a_cose_key_reads_back(suite: Suite) -> None:
    public = SIGNERS[suite.name].public
    again = PublicKey.from_cose(canon.decode(canon.encode(public.to_cose()), max_bytes=99))
    assert again == public
    assert hash(again) == hash(public)
    assert again.to_cose() == public.to_cose()
    assert again.kid == public.kid == public.thumbprint[:4]


@BOTH
def test_the_thumbprint_leaves_the_algorithm_out(suite: Suite) -> None:
    # RFC 9679 §3: the required members only, in deterministic CBOR.
    public = SIGNERS[suite.name].public
    required = {label: value for label, value in public.to_cose().items() if label != 3}
    assert public.thumbprint == sha256(canon.encode(required)).digest()


def test_the_thumbprint_of_the_rfc_comes_out() -> None:
    # RFC 9679 §6: kty EC2, crv P-256 and these coordinates.
    x = "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"
    y = "1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c"
    key = {1: 2, 3: -9, -1: 1, -2: bytes.fromhex(x), -3: bytes.fromhex(y)}
    assert PublicKey.from_cose(key).thumbprint.hex() == (
        "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec"
    )


@BOTH
@pytest.mark.parametrize("label", [1, 3, -1, -2, -3])
def test_a_cose_key_without_one_of_its_labels_is_refused(suite: Suite, label: int) -> None:
    key = cose_key(suite)
    if label in key:
        del key[label]
        refused(key)
    else:
        refused({**key, label: bytes(32)})


@BOTH
@pytest.mark.parametrize(
    "change",
    [
        {2: b"kid"}, {4: [2]}, {-4: bytes(32)}, {"x": 1},  # labels beyond the five; d above all
        {1: True}, {-1: True}, {1: 3}, {-1: 2}, {-1: 8}, {1: b"\x01"}, {1: "OKP"}, {1: None},
        {3: -7}, {3: -8}, {3: True}, {3: None}, {3: "ES256"}, {3: 2**70}, {3: [-9]}, {3: {}},
        {-2: bytes(31)}, {-2: bytes(33)}, {-2: "x" * 32}, {-2: None}, {-2: 7}, {-2: b""},
    ],
    ids=repr,
)  # fmt: skip
def test_a_cose_key_that_is_not_exactly_of_its_suite_is_refused(
    suite: Suite, change: dict[object, object]
) -> None:
    refused({**cose_key(suite), **change})


@pytest.mark.parametrize("y", [bytes(32), b"\xff" * 32, True, False, bytes(31)], ids=repr)
def test_a_point_off_the_curve_is_refused(y: object) -> None:
    refused({**cose_key(ES256), -3: y})


def test_each_coordinate_has_32_bytes_and_not_both_64_together() -> None:
    key = cose_key(ES256)
    both = b"".join(part for part in (key[-2], key[-3]) if isinstance(part, bytes))
    for at in (0, 31, 33, 64):
        refused({**key, -2: both[:at], -3: both[at:]})


def test_a_compressed_point_or_the_point_at_infinity_is_refused() -> None:
    refused({**cose_key(ES256), -2: b"", -3: b""})
    refused({**cose_key(ES256), -2: bytes(32), -3: bytes(32)})


@pytest.mark.parametrize("value", [None, 1, "key", b"key", (), [], {}, {3: -9}], ids=repr)
def test_what_is_no_cose_key_is_refused(value: object) -> None:
    refused(value)


def test_the_key_of_one_suite_is_not_read_as_the_others() -> None:
    refused({**cose_key(ES256), 3: -19})
    refused({**cose_key(EDDSA), 3: -9})


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP256K1(), ec.BrainpoolP256R1()])
def test_keys_on_other_curves_are_refused(curve: ec.EllipticCurve) -> None:
    with pytest.raises(SignerError) as caught:
        PublicKey(ec.generate_private_key(curve).public_key())
    assert caught.value.code == "keys.unsupported_key"


@BOTH
def test_a_signature_verifies_for_its_data_and_key_alone(suite: Suite) -> None:
    signer = SIGNERS[suite.name]
    signature = signer.sign(b"data")
    assert signer.public.verify(signature, b"data")
    assert not signer.public.verify(signature, b"date")
    assert not generate(suite).public.verify(signature, b"data")


@BOTH
def test_every_bit_of_a_signature_counts(suite: Suite) -> None:
    signer = SIGNERS[suite.name]
    signature = signer.sign(b"data")
    for bit in range(8 * len(signature)):
        flipped = bytearray(signature)
        flipped[bit >> 3] ^= 1 << (bit & 7)
        assert not signer.public.verify(bytes(flipped), b"data")


@BOTH
@pytest.mark.parametrize(
    "signature",
    [b"", b"\x00", bytes(63), bytes(64), bytes(65), b"\xff" * 64, bytes(31) + b"\x01" + bytes(32),
     bytes(63) + b"\x01", ES256.order.to_bytes(32, "big") * 2, b"\xff" * 500],
    ids=len,
)  # fmt: skip
def test_odd_signatures_are_wrong_and_never_raise(suite: Suite, signature: bytes) -> None:
    assert SIGNERS[suite.name].public.verify(signature, b"data") is False


@pytest.mark.parametrize("message", [bytes((n,)) for n in range(64)])
def test_every_es256_signature_has_a_low_s(message: bytes) -> None:
    assert ES256.is_canonical(SIGNERS["ES256"].sign(message))


def test_the_other_s_verifies_but_is_not_canonical() -> None:
    signer = SIGNERS["ES256"]
    signature = signer.sign(b"data")
    s = int.from_bytes(signature[32:], "big")
    other = signature[:32] + (ES256.order - s).to_bytes(32, "big")
    assert signer.public.verify(other, b"data")
    assert not ES256.is_canonical(other)


def test_half_the_order_is_the_last_s_accepted() -> None:
    half = ES256.order >> 1
    assert ES256.is_canonical(bytes(32) + half.to_bytes(32, "big"))
    assert not ES256.is_canonical(bytes(32) + (half + 1).to_bytes(32, "big"))


@BOTH
@pytest.mark.parametrize("length", [0, 32, 63, 65, 70, 72, 128])
def test_a_signature_of_another_length_is_not_canonical(suite: Suite, length: int) -> None:
    assert not suite.is_canonical(bytes(length))


def test_an_ed25519_signature_with_s_beyond_the_order_is_wrong() -> None:
    # RFC 8032 §5.1.7 demands S < L; S + L verified in old programs.
    signer = SIGNERS["EdDSA"]
    signature = signer.sign(b"data")
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(signature[32:], "little") + order
    assert not signer.public.verify(signature[:32] + s.to_bytes(32, "little"), b"data")


def test_the_repr_of_a_key_names_suite_and_kid_only() -> None:
    public = SIGNERS["EdDSA"].public
    assert repr(public) == f"PublicKey(EdDSA, kid={public.kid.hex()})"


def test_keys_are_equal_by_thumbprint_and_to_nothing_else() -> None:
    signer = SIGNERS["ES256"]
    assert SoftSigner(signer.private_key).public == signer.public
    assert signer.public != generate(ES256).public
    assert signer.public != signer.public.thumbprint
