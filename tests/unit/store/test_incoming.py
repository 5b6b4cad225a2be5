"""What a received file claims, before any of it is believed (docs/spec clause 7.3)."""

from __future__ import annotations

from hashlib import sha256

import pytest
from tests.support.publisher import NOW_S, P

from etitle import canon, cose
from etitle.errors import EtitleError
from etitle.store.incoming import MAX_INCOMING_BYTES, IncomingFile, read_incoming
from etitle.trust.delta import DELTA_TYP
from etitle.trust.rescue import RESCUE_TYP
from etitle.trust.roots import BUNDLE_TYP
from etitle.trust.statuslist import LIST_TYP


def content_hash(data: bytes) -> bytes:
    return sha256(cose.parse_sign(data, max_bytes=1 << 20).payload).digest()


def code_of(data: bytes) -> str:
    with pytest.raises(EtitleError) as caught:
        read_incoming("x", data)
    return caught.value.code


def test_a_bundle_claims_its_version() -> None:
    data = P.bundle(4)
    assert read_incoming("x", data) == IncomingFile(
        name="x", data=data, kind="bundle", authority_id="yangli", end=4, after=content_hash(data),
        roots=P.pin,
    )  # fmt: skip


def test_a_list_claims_where_it_leads_and_what_came_before() -> None:
    data = P.full(3, epoch=2)
    assert read_incoming("x", data) == IncomingFile(
        name="x",
        data=data,
        kind="list",
        authority_id="yangli",
        list_id=1,
        epoch=2,
        end=3,
        issued_s=P.list_at(3).issued_s,
        coverage=200,
        before=P.table(2, epoch=2).state_hash(),
        after=P.table(3, epoch=2).state_hash(),
    )
    assert read_incoming("x", P.full(1)).before is None


def test_a_delta_claims_both_of_its_ends() -> None:
    data = P.delta(2, 5)
    assert read_incoming("x", data) == IncomingFile(
        name="x",
        data=data,
        kind="delta",
        authority_id="yangli",
        list_id=1,
        epoch=0,
        base=2,
        end=5,
        issued_s=P.list_at(5).issued_s,
        coverage=200,
        before=P.table(2).state_hash(),
        after=P.table(5).state_hash(),
    )


def test_a_rescue_list_claims_its_key_and_number() -> None:
    data = P.rescue(NOW_S, b"a" * 16)
    assert read_incoming("x", data) == IncomingFile(
        name="x",
        data=data,
        kind="rescue",
        authority_id="yangli",
        end=1,
        before=P.seal.public.thumbprint,
        after=content_hash(data),
    )


def test_claims_do_not_need_a_right_signature() -> None:
    for data in (P.full(3), P.delta(2, 3), P.bundle(2), P.rescue(NOW_S)):
        forged = data[:-1] + bytes((data[-1] ^ 1,))
        assert read_incoming("x", forged).after == read_incoming("x", data).after


@pytest.mark.parametrize("typ", [LIST_TYP, DELTA_TYP, "application/cbor"])
@pytest.mark.parametrize("payload", [1, {1: "yangli"}, {-70001: {1: "yangli"}}])
def test_a_signed_file_of_another_form_is_not_ours(typ: str, payload: object) -> None:
    data = cose.sign1(canon.encode(payload), signer=P.seal, typ=typ).to_bytes()
    assert code_of(data) == "store.not_ours"


@pytest.mark.parametrize("typ", [BUNDLE_TYP, RESCUE_TYP, "application/cbor"])
@pytest.mark.parametrize("payload", [1, {1: "yangli"}, {1: {1: "yangli"}, 2: "1"}])
def test_an_endorsed_file_of_another_form_is_not_ours(typ: str, payload: object) -> None:
    data = cose.sign(canon.encode(payload), signers=P.roots, typ=typ).to_bytes()
    assert code_of(data) == "store.not_ours"


def test_a_list_under_the_typ_of_a_delta_is_not_ours() -> None:
    payload = cose.parse_sign1(P.full(1), max_bytes=1 << 20).payload
    data = cose.sign1(payload, signer=P.seal, typ=DELTA_TYP).to_bytes()
    assert code_of(data) == "store.not_ours"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "store.not_ours"),
        (b"text", "store.not_ours"),
        (b"\xd2\x84", "canon.truncated"),
        (bytes(MAX_INCOMING_BYTES + 1), "store.file_too_large"),
        (bytes(MAX_INCOMING_BYTES), "store.not_ours"),
    ],
)
def test_other_bytes_are_refused(data: bytes, code: str) -> None:
    assert code_of(data) == code
