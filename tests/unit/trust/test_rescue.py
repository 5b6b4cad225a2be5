"""Rescue lists: docs/spec clause 5.8."""

from __future__ import annotations

import random
from dataclasses import replace
from hashlib import sha256

import pytest

from etitle import canon, cose
from etitle.errors import DecodeError, FieldError, TrustError
from etitle.keys.signer import generate
from etitle.keys.suite import ES256
from etitle.trust.bundle import Authority, Bundle, RootSet
from etitle.trust.mapreader import MAX_UINT
from etitle.trust.rescue import (
    MAX_DIGESTS,
    RESCUE_TYP,
    Rescue,
    decode_rescue,
    digest,
    encode_rescue,
    endorse_rescue,
    make_rescue,
    open_rescue,
    sign_rescue,
)
from etitle.trust.statuslist import MAX_TIME_S

NOW_S = 1_790_000_000
ROOTS = tuple(sorted((generate(ES256) for _ in range(3)), key=lambda s: s.public.to_bytes()))
BUNDLE = Bundle(
    authority=Authority("yangli", "样例省", "Example Province"),
    version=1,
    issued_s=NOW_S,
    next_update_s=NOW_S,
    example=True,
    roots=RootSet(2, tuple(root.public for root in ROOTS)),
    keys=(),
    segments=(),
    lists=(),
    url_template="https://example.org/{number}",
)
STOLEN = b"\x07" * 32
DIGESTS = tuple(digest(bytes((n,))) for n in range(200))
RESCUE = make_rescue(DIGESTS, authority_id="yangli", thumbprint=STOLEN, issued_s=NOW_S, number=1)


def refused(data: bytes, code: str, *, bundle: Bundle = BUNDLE) -> None:
    with pytest.raises(TrustError) as caught:
        open_rescue(data, bundle=bundle)
    assert caught.value.code == code


def test_a_digest_is_the_first_half_of_the_hash() -> None:
    assert digest(b"token") == sha256(b"token").digest()[:16]


def test_exactly_the_digests_put_in_are_found() -> None:
    assert len(RESCUE) == 200
    assert all(item in RESCUE for item in DIGESTS)
    for item in DIGESTS:
        near = int.from_bytes(item, "big")
        for other in (near - 1, near + 1):
            assert (other % (1 << 128)).to_bytes(16, "big") not in RESCUE
    assert bytes(16) not in RESCUE
    assert b"\xff" * 16 not in RESCUE


def test_nothing_is_in_an_empty_rescue_list() -> None:
    empty = make_rescue((), authority_id="yangli", thumbprint=STOLEN, issued_s=NOW_S, number=1)
    assert decode_rescue(encode_rescue(empty)) == empty
    assert bytes(16) not in empty


def test_only_whole_digests_are_looked_up() -> None:
    assert DIGESTS[0][:15] not in RESCUE
    assert DIGESTS[0] + b"\0" not in RESCUE
    assert b"" not in RESCUE
    assert "text" not in RESCUE


def test_a_million_digests_are_searched_where_they_lie() -> None:
    packed = b"".join(n.to_bytes(16, "big") for n in range(0, 200_000, 2))
    rescue = Rescue("yangli", STOLEN, NOW_S, packed)
    drawn = random.Random(1)
    for _ in range(200):
        n = drawn.randrange(200_000)
        assert (n.to_bytes(16, "big") in rescue) is (n % 2 == 0)


def test_enough_roots_make_a_rescue_list_believed() -> None:
    data = sign_rescue(RESCUE, signers=ROOTS[:1])
    refused(data, "bundle.too_few_signatures")
    assert open_rescue(endorse_rescue(data, signers=ROOTS[1:2]), bundle=BUNDLE) == RESCUE


def test_a_rescue_list_of_another_authority_is_refused() -> None:
    data = sign_rescue(replace(RESCUE, authority_id="other"), signers=ROOTS)
    refused(data, "bundle.wrong_authority")


def test_a_bundle_is_no_rescue_list() -> None:
    data = cose.sign(encode_rescue(RESCUE), signers=ROOTS, typ="application/other").to_bytes()
    refused(data, "bundle.rescue_malformed")


@pytest.mark.parametrize("data", [b"", b"\xd8\x62\x84", b"\xd2\x84", bytes(100)])
def test_bytes_that_are_no_rescue_list_are_refused(data: bytes) -> None:
    refused(data, "bundle.rescue_malformed")


GOOD = {0: 1, 1: "yangli", 2: STOLEN, 3: NOW_S, 4: DIGESTS[0], 5: 1}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({0: 2}, "bundle.version_unknown", None),
        ({0: True}, "bundle.rescue_malformed", "0"),
        ({5: "1"}, "bundle.rescue_malformed", "map"),
        ({5: 0}, "bundle.rescue_malformed", "5"),
        ({5: True}, "bundle.rescue_malformed", "5"),
        ({6: 0}, "bundle.version_unknown", None),
        ({1: b"yangli"}, "bundle.rescue_malformed", "map"),
        ({2: STOLEN[1:]}, "bundle.rescue_malformed", "2"),
        ({3: True}, "bundle.rescue_malformed", "3"),
        ({3: -1}, "bundle.rescue_malformed", "3"),
        ({3: 1 << 60}, "bundle.rescue_malformed", "3"),
        ({4: bytes(17)}, "bundle.rescue_malformed", "4"),
        ({4: b"b" * 16 + b"a" * 16}, "bundle.rescue_malformed", "4"),
        ({4: b"a" * 32}, "bundle.rescue_malformed", "4"),
    ],
)
def test_a_payload_that_breaks_the_form_is_refused(
    changes: dict[int, object], code: str, field: str | None
) -> None:
    payload = canon.encode({**GOOD, **changes})
    with pytest.raises(DecodeError) as caught:
        decode_rescue(payload)
    assert (caught.value.code, caught.value.details.get("field")) == (code, field)
    refused(cose.sign(payload, signers=ROOTS, typ=RESCUE_TYP).to_bytes(), code)


@pytest.mark.parametrize(("key", "first", "last"), [(3, 0, MAX_TIME_S), (5, 1, MAX_UINT)])
def test_a_time_and_a_number_lie_within_their_bounds(key: int, first: int, last: int) -> None:
    for value in (first, last):
        rescue = decode_rescue(canon.encode({**GOOD, key: value}))
        assert value in {rescue.issued_s, rescue.number}
    for value in (first - 1, last + 1):
        with pytest.raises(DecodeError):
            decode_rescue(canon.encode({**GOOD, key: value}))


def test_what_would_be_refused_is_not_made() -> None:
    with pytest.raises(FieldError) as caught:
        make_rescue([b"short"], authority_id="yangli", thumbprint=STOLEN, issued_s=NOW_S, number=1)
    assert caught.value.code == "bundle.rescue_refused"
    for wrong in (
        replace(RESCUE, thumbprint=b""),
        replace(RESCUE, digests=bytes(5)),
        replace(RESCUE, issued_s=-1),
    ):
        with pytest.raises(FieldError) as caught:
            sign_rescue(wrong, signers=ROOTS)
        assert caught.value.code == "bundle.rescue_refused"


def test_more_digests_than_the_limit_are_refused_before_they_are_compared() -> None:
    with pytest.raises(FieldError) as caught:
        encode_rescue(replace(RESCUE, digests=bytes(16 * (MAX_DIGESTS + 1))))
    assert caught.value.code == "bundle.rescue_refused"
