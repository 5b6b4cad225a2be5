"""Envelopes: one builder, strict headers, nothing optional (docs/spec clause 3.4)."""

from __future__ import annotations

from itertools import permutations

import pytest

from etitle import canon, cose
from etitle.errors import DecodeError
from etitle.keys.signer import SoftSigner, generate
from etitle.keys.suite import ES256, SUITES, Suite

SIGNERS = {suite.name: generate(suite) for suite in SUITES}
ROOTS = tuple(sorted((generate(s) for s in (*SUITES, ES256)), key=lambda r: r.public.thumbprint))
PAYLOAD = canon.encode({1: "样例"})
TYP = "application/vnd.etitle.bundle+cbor"
BOTH = pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
SIG = bytes(64)


def sign1_bytes(
    headers: object = None,
    *,
    unprotected: object = None,
    payload: object = PAYLOAD,
    signature: object = SIG,
    tag: bytes = b"\xd2",
) -> bytes:
    protected = canon.encode({1: -9, 4: b"kidd"} if headers is None else headers)
    free = {} if unprotected is None else unprotected
    return tag + canon.encode((protected, free, payload, signature))


def sign_bytes(
    signatures: object,
    *,
    headers: object = None,
    unprotected: object = None,
    payload: object = PAYLOAD,
    tag: bytes = b"\xd8\x62",
) -> bytes:
    protected = canon.encode({16: TYP} if headers is None else headers)
    free = {} if unprotected is None else unprotected
    return tag + canon.encode((protected, free, payload, signatures))


def refusal1(data: bytes, *, max_bytes: int = 4096) -> str:
    with pytest.raises(DecodeError) as caught:
        cose.parse_sign1(data, max_bytes=max_bytes)
    return caught.value.code


def refusal(data: bytes) -> str:
    with pytest.raises(DecodeError) as caught:
        cose.parse_sign(data, max_bytes=4096)
    return caught.value.code


def verifies(token: cose.Sign1, signer: SoftSigner) -> bool:
    return signer.public.verify(token.signature, token.to_be_signed())


def test_the_sig_structures_are_those_of_rfc_9052() -> None:
    assert cose.to_be_signed(b"P", b"L") == canon.encode(("Signature1", b"P", b"", b"L"))
    assert cose.to_be_signed(b"P", b"L" * 300, signer_protected=b"S" * 30) == canon.encode(
        ("Signature", b"P", b"S" * 30, b"", b"L" * 300)
    )


@BOTH
@pytest.mark.parametrize("typ", [None, "application/statuslist+cwt"])
def test_a_sign1_reads_back(suite: Suite, typ: str | None) -> None:
    signer = SIGNERS[suite.name]
    made = cose.sign1(PAYLOAD, signer=signer, typ=typ)
    read = cose.parse_sign1(made.to_bytes(), max_bytes=4096)
    assert read == made
    assert (read.suite, read.kid, read.typ) == (suite, signer.public.kid, typ)
    assert read.to_bytes() == made.to_bytes()
    assert verifies(read, signer)


@BOTH
def test_the_header_of_a_token_has_at_most_11_bytes(suite: Suite) -> None:
    assert len(cose.sign1(PAYLOAD, signer=SIGNERS[suite.name]).protected) <= 11


def test_every_es256_envelope_has_a_low_s() -> None:
    for n in range(40):
        token = cose.sign1(bytes((n,)), signer=SIGNERS["ES256"])
        assert ES256.is_canonical(token.signature)


@BOTH
def test_every_byte_of_header_and_payload_is_signed(suite: Suite) -> None:
    signer = SIGNERS[suite.name]
    token = cose.sign1(PAYLOAD, signer=signer)
    for field in ("protected", "payload", "signature"):
        octets = getattr(token, field)
        for at in range(len(octets)):
            changed = octets[:at] + bytes((octets[at] ^ 1,)) + octets[at + 1 :]
            parts = {"protected": token.protected, "payload": PAYLOAD, "signature": token.signature}
            parts[field] = changed
            forged = cose.Sign1(suite, token.kid, None, **parts)
            assert not verifies(forged, signer)


@pytest.mark.parametrize(
    "headers",
    [
        {}, {1: -9}, {4: b"kidd"}, [1, -9], 1, b"", "x", None,
        {1: -9, 4: b"kidd", 2: [4]},  # critical header
        {1: -9, 4: b"kidd", 2: []},
        {1: -9, 4: b"kidd", 3: "application/cbor"},  # content type
        {1: -9, 4: b"kidd", 5: b"iv"},
        {1: -9, 4: b"kidd", 15: {}},  # CWT claims
        {1: -9, 4: b"kidd", 33: b"x5chain"},
        {1: -9, 4: b"kidd", "alg": -19},
        {1: -9, 4: b"kidd", -65537: None},
        {1: True, 4: b"kidd"}, {1: False, 4: b"kidd"},
        {1: "ES256", 4: b"kidd"}, {1: b"\x28", 4: b"kidd"}, {1: None, 4: b"kidd"},
        {1: -9, 4: "kidd"}, {1: -9, 4: 7}, {1: -9, 4: None},
        {1: -9, 4: b"kidd", 16: TYP, 17: 1}, {1: -9, 4: b"kidd", 16: TYP, -1: TYP},
        {1: -9, 4: b"kidd", 16: 61}, {1: -9, 4: b"kidd", 16: b"x"}, {1: -9, 4: b"kidd", 16: None},
        {"1": -9, "4": b"kidd"},
    ],
    ids=repr,
)  # fmt: skip
def test_headers_that_are_not_of_the_profile_are_refused(headers: object) -> None:
    if headers is None:
        assert refusal1(b"\xd2" + canon.encode((b"\xf6", {}, PAYLOAD, SIG))) == "cose.malformed"
    else:
        assert refusal1(sign1_bytes(headers)) == "cose.malformed"


@pytest.mark.parametrize("alg", [-7, -8, -35, -36, -37, 0, 5, 2**63, -(2**64)])
def test_an_algorithm_outside_the_registry_is_unknown(alg: int) -> None:
    # -7 (ES256) and -8 (EdDSA) are the older, polymorphic identifiers of the same signatures.
    assert refusal1(sign1_bytes({1: alg, 4: b"kidd"})) == "cose.algorithm_unknown"


@pytest.mark.parametrize(
    "spelled",
    [
        "a2 0438 28" + "", "a2 04446b696464 0128",  # kid first
        "a2 01 3808 04446b696464",  # algorithm in two bytes
        "a2 0128 0458046b696464",  # long head of kid
        "bf 0128 04446b696464 ff",  # indefinite
        "a3 0128 0128 04446b696464",  # algorithm twice
        "b802 0128 04446b696464",
        "a2 0128 04446b696464 00",  # trailing
    ],
)  # fmt: skip
def test_a_second_spelling_of_the_protected_header_is_refused(spelled: str) -> None:
    data = b"\xd2" + canon.encode((bytes.fromhex(spelled), {}, PAYLOAD, SIG))
    assert refusal1(data).startswith("canon.")


def test_a_protected_header_is_bounded() -> None:
    kid = bytes(256 - 6)
    assert len(canon.encode({1: -9, 4: kid})) == 256
    assert cose.parse_sign1(sign1_bytes({1: -9, 4: kid}), max_bytes=4096).kid == kid
    assert refusal1(sign1_bytes({1: -9, 4: kid + b"x"})) == "canon.too_large"
    typ = "x" * (256 - 4)
    assert len(canon.encode({16: typ})) == 256
    assert cose.parse_sign(sign_bytes((), headers={16: typ}), max_bytes=4096).typ == typ
    assert refusal(sign_bytes((), headers={16: typ + "x"})) == "canon.too_large"


@pytest.mark.parametrize("signatures", [None, 0, b"", "", {}, b"x", {1: 2}], ids=repr)
def test_signatures_are_an_array(signatures: object) -> None:
    assert refusal(sign_bytes(signatures)) == "cose.malformed"


def test_the_header_of_a_signature_is_bounded() -> None:
    for more in (0, 1):
        header = canon.encode({1: -49, 4: bytes(32), 33: bytes(16_340 + more)})
        assert len(header) == 16_384 + more
        data = sign_bytes(((header, {}, SIG),))
        if more:
            with pytest.raises(DecodeError) as caught:
                cose.parse_sign(data, max_bytes=1 << 20)
            assert caught.value.code == "canon.too_large"
        else:
            assert cose.parse_sign(data, max_bytes=1 << 20).to_bytes() == data


@pytest.mark.parametrize("unprotected", [{1: -9}, {4: b"kidd"}, {"x": 1}, {2: [1]}], ids=repr)
def test_an_unprotected_header_is_refused(unprotected: object) -> None:
    assert refusal1(sign1_bytes(unprotected=unprotected)) == "cose.malformed"
    assert refusal(sign_bytes((), unprotected=unprotected)) == "cose.malformed"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xd2", sign1_bytes(tag=b""), sign1_bytes(tag=b"\xd1"), sign1_bytes(tag=b"\xd3"),
        sign1_bytes(tag=b"\xd8\x12"), sign1_bytes(tag=b"\xd8\x62"),
        sign1_bytes(tag=b"\xd8\x3d\xd2"), sign1_bytes(tag=b"\xd9\x00\x12"),
        sign1_bytes(tag=b"\x12"),
    ],
    ids=lambda data: data[:3].hex(),
)  # fmt: skip
def test_a_sign1_without_its_tag_is_refused(data: bytes) -> None:
    assert refusal1(data) in {"cose.malformed", "canon.truncated"}


def test_a_tag_twice_is_refused() -> None:
    assert refusal1(sign1_bytes(tag=b"\xd2\xd2")) == "canon.type_refused"


@pytest.mark.parametrize(
    "parts",
    [
        (), (b"",), (b"", {}, b""), (b"", {}, b"", SIG, b""), {0: b""}, None, b"x", 1,
        (b"", (), b"", SIG), (b"", None, b"", SIG), ({}, {}, b"", SIG), ("", {}, b"", SIG),
        (canon.encode({1: -9, 4: b"kidd"}), {}, None, SIG),  # detached payload
        (canon.encode({1: -9, 4: b"kidd"}), {}, "text", SIG),
        (canon.encode({1: -9, 4: b"kidd"}), {}, b"", None),
        (canon.encode({1: -9, 4: b"kidd"}), {}, b"", (SIG,)),
    ],
    ids=repr,
)  # fmt: skip
def test_parts_other_than_four_of_their_types_are_refused(parts: object) -> None:
    assert refusal1(b"\xd2" + canon.encode(parts)) in {"cose.malformed", "canon.truncated"}
    assert refusal(b"\xd8\x62" + canon.encode(parts)) in {"cose.malformed", "canon.truncated"}


def test_an_empty_protected_header_is_refused() -> None:
    # COSE lets {} be written as the empty string; no header of ours is empty.
    assert refusal1(b"\xd2" + canon.encode((b"", {}, PAYLOAD, SIG))) == "canon.truncated"


def test_the_size_limit_is_that_of_the_format() -> None:
    data = sign1_bytes()
    cose.parse_sign1(data, max_bytes=len(data))
    assert refusal1(data, max_bytes=len(data) - 1) == "canon.too_large"


def test_bytes_after_an_envelope_are_refused() -> None:
    assert refusal1(sign1_bytes() + b"\x00") == "canon.trailing_bytes"
    assert refusal(sign_bytes(()) + b"\x00") == "canon.trailing_bytes"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_signing_leaves_no_trace(order: tuple[int, ...]) -> None:
    together = cose.sign(PAYLOAD, signers=ROOTS, typ=TYP)
    one_by_one = cose.sign(PAYLOAD, signers=(), typ=TYP)
    for n in order:
        one_by_one = cose.endorse(one_by_one, signers=(ROOTS[n],))
    assert one_by_one.to_bytes() == together.to_bytes()


def test_a_root_that_signs_twice_is_there_once() -> None:
    twice = cose.sign(PAYLOAD, signers=(ROOTS[0], ROOTS[0]), typ=TYP)
    assert len(twice.endorsements) == 1
    assert cose.endorse(twice, signers=ROOTS[:1]) == twice


def test_a_sign_reads_back_and_each_signature_verifies() -> None:
    made = cose.sign(PAYLOAD, signers=ROOTS, typ=TYP)
    read = cose.parse_sign(made.to_bytes(), max_bytes=4096)
    assert read == made
    assert read.to_bytes() == made.to_bytes()
    assert [e.kid for e in read.endorsements] == [root.public.thumbprint for root in ROOTS]
    for endorsement, root in zip(read.endorsements, ROOTS, strict=True):
        assert root.public.verify(endorsement.signature, read.to_be_signed(endorsement))


def test_a_signature_speaks_for_its_own_header_and_its_own_body() -> None:
    made = cose.sign(PAYLOAD, signers=ROOTS[:2], typ=TYP)
    other = cose.sign(PAYLOAD, signers=ROOTS[:2], typ=TYP + "x")
    first, second = made.endorsements
    assert not ROOTS[0].public.verify(first.signature, made.to_be_signed(second))
    assert not ROOTS[0].public.verify(first.signature, other.to_be_signed(first))


def test_a_signature_of_one_structure_is_none_of_the_other() -> None:
    signer = ROOTS[0]
    made = cose.sign(PAYLOAD, signers=(signer,), typ=TYP)
    (endorsement,) = made.endorsements
    protected = endorsement.protected
    assert not signer.public.verify(endorsement.signature, cose.to_be_signed(protected, PAYLOAD))
    assert not signer.public.verify(
        endorsement.signature, cose.to_be_signed(made.protected, PAYLOAD)
    )


def parts_of(made: cose.Sign) -> list[tuple[bytes, dict[int, object], bytes]]:
    return [(e.protected, {}, e.signature) for e in made.endorsements]


@pytest.mark.parametrize("order", [(1, 0, 2), (2, 1, 0), (0, 2, 1), (0, 0), (0, 1, 1)])
def test_signatures_out_of_order_or_twice_are_refused(order: tuple[int, ...]) -> None:
    parts = parts_of(cose.sign(PAYLOAD, signers=ROOTS, typ=TYP))
    assert refusal(sign_bytes([parts[n] for n in order])) == "cose.malformed"


@pytest.mark.parametrize(
    "headers",
    [{}, {16: TYP, 1: -9}, {16: TYP, 4: b"k"}, {16: TYP, 2: [16]}, {16: 61}, {16: None},
     {"16": TYP}, [16, TYP]],
    ids=repr,
)  # fmt: skip
def test_a_body_header_is_the_typ_and_nothing_else(headers: object) -> None:
    assert refusal(sign_bytes((), headers=headers)) == "cose.malformed"


@pytest.mark.parametrize(
    "item",
    [
        (), (b"", {}), (b"", {}, SIG, b""), b"x", None,
        (canon.encode({1: -9, 4: bytes(32)}), {4: b"x"}, SIG),
        (canon.encode({1: -9, 4: bytes(32)}), {}, None),
        (canon.encode({1: True, 4: bytes(32)}), {}, SIG),
        (canon.encode({4: bytes(32)}), {}, SIG),
        (canon.encode({1: -9, 4: b""}), {}, SIG),
        (canon.encode({1: -9, 4: bytes(65)}), {}, SIG),
    ],
    ids=repr,
)  # fmt: skip
def test_a_signature_of_another_shape_is_refused(item: object) -> None:
    assert refusal(sign_bytes((item,))) == "cose.malformed"


@pytest.mark.parametrize(
    "header",
    [{1: -7, 4: bytes(32)}, {1: "SM2", 4: b"k"}, {1: -9, 4: bytes(32), 16: TYP},
     {1: -9, 4: bytes(64), 2: [1]}],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("length", [0, 64, 16_384])
def test_a_signature_of_tomorrow_is_kept_and_counts_for_nothing(
    header: object, length: int
) -> None:
    data = sign_bytes(((canon.encode(header), {}, bytes(length)),))
    read = cose.parse_sign(data, max_bytes=1 << 20)
    assert [one.suite for one in read.endorsements] == [None]
    assert read.to_bytes() == data
    endorsed = cose.endorse(read, signers=ROOTS)
    assert set(read.endorsements) < set(endorsed.endorsements)


def test_neither_envelope_is_read_as_the_other() -> None:
    one = cose.sign1(PAYLOAD, signer=ROOTS[0], typ=TYP).to_bytes()
    many = cose.sign(PAYLOAD, signers=ROOTS, typ=TYP).to_bytes()
    assert refusal(one) == refusal1(many) == "cose.malformed"
    assert refusal(b"\xd8\x62" + one[1:]) == refusal1(b"\xd2" + many[2:]) == "cose.malformed"
