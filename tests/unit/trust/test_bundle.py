"""Bundles, roots and anchors: docs/spec clause 5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

import pytest
from tests.support.x509 import Maker

from etitle import canon, cose
from etitle.certificate.model import BodyLevel, Level
from etitle.errors import DecodeError, EtitleError, FieldError, TrustError
from etitle.keys.signer import SoftSigner, generate
from etitle.keys.suite import EDDSA, ES256
from etitle.trust.anchors import Anchor, Lists, Trust
from etitle.trust.bundle import (
    MAX_BUNDLE_BYTES,
    Authority,
    Bundle,
    Contact,
    KeyState,
    KeyUse,
    ListEntry,
    PublishedKey,
    RootSet,
    Segment,
    decode_bundle,
    encode_bundle,
    fingerprint,
    list_keys,
    url_for,
)
from etitle.trust.bundlereader import MAX_ROOTS
from etitle.trust.published import Scope
from etitle.trust.rescue import make_rescue
from etitle.trust.roots import (
    BUNDLE_TYP,
    endorse_bundle,
    missing_signatures,
    open_bundle,
    open_next,
    sign_bundle,
)

NOW_S = 1_790_000_000


def root_set(signers: Sequence[SoftSigner], threshold: int = 2) -> RootSet:
    keys = sorted((signer.public for signer in signers), key=lambda key: key.to_bytes())
    return RootSet(threshold, tuple(keys))


def seal_key(signer: SoftSigner, *uses: KeyUse) -> PublishedKey:
    return PublishedKey(
        public=signer.public,
        x509=None,
        uses=frozenset(uses or KeyUse),
        not_before=18262,
        not_after=None,
        history=((KeyState.ACTIVE, 1_577_836_800),),
        seal_name="样例职称专用章(1)",
        seal_number="4500990000001",
    )


ROOTS = tuple(generate(suite) for suite in (ES256, EDDSA, ES256))
SEAL = generate(ES256)
SEGMENT = Segment("450099", 6, 1, 999_999, "样例市职改办", BodyLevel.CITY, 18262, None, 1)
BUNDLE = Bundle(
    authority=Authority("yangli", "样例省人力资源和社会保障厅", "Example Province"),
    version=3,
    issued_s=NOW_S,
    next_update_s=NOW_S + 90 * 86_400,
    example=True,
    roots=root_set(ROOTS),
    keys=(seal_key(SEAL),),
    segments=(SEGMENT,),
    lists=(ListEntry(1, 0, 1, "https://example.org/lists/1.cwt"),),
    url_template="https://example.org/c/{number}",
)
PIN = fingerprint(BUNDLE.roots)


def refused(data: bytes, code: str, *, pin: bytes = PIN) -> None:
    with pytest.raises(TrustError) as caught:
        open_bundle(data, pin=pin)
    assert caught.value.code == code


def refused_next(data: bytes, code: str, *, current: Bundle = BUNDLE) -> None:
    with pytest.raises(TrustError) as caught:
        open_next(data, current=current)
    assert caught.value.code == code


def high_s(signature: bytes) -> bytes:
    s = ES256.order - int.from_bytes(signature[32:], "big")
    return signature[:32] + s.to_bytes(32, "big")


# --- the payload --------------------------------------------------------------------------------


def test_what_is_encoded_is_decoded_again() -> None:
    assert decode_bundle(encode_bundle(BUNDLE)) == BUNDLE


def test_the_hash_of_key_6_is_the_fingerprint() -> None:
    entries = canon.decode(encode_bundle(BUNDLE), max_bytes=MAX_BUNDLE_BYTES)
    assert isinstance(entries, dict)
    roots = canon.encode(entries[6])
    assert roots in encode_bundle(BUNDLE)
    assert sha256(roots).digest() == PIN


def test_a_url_is_percent_encoded_into_the_template() -> None:
    assert url_for(BUNDLE, "桂-1.2_3~/4") == "https://example.org/c/%E6%A1%82-1.2_3~%2F4"


COMPROMISED = KeyState.COMPROMISED
KEY = BUNDLE.keys[0]
TWO_KEYS = tuple(
    sorted(
        (KEY, seal_key(generate(ES256))), key=lambda key: key.public.to_bytes()
    )
)  # fmt: skip


def with_key(**changes: object) -> Bundle:
    return replace(BUNDLE, keys=(replace(KEY, **changes),))  # type: ignore[arg-type]


def with_segment(**changes: object) -> Bundle:
    return replace(BUNDLE, segments=(replace(SEGMENT, **changes),))  # type: ignore[arg-type]


GOOD = {
    "no keys, segments or lists": replace(BUNDLE, keys=(), segments=(), lists=()),
    "two keys": replace(BUNDLE, keys=TWO_KEYS),
    "a document key with its certificate": with_key(
        x509=Maker.root("样例根").leaf("样例", key=SEAL.private_key).der
    ),
    "a key without a seal number": with_key(seal_number=""),
    "a key with a scope": with_key(
        scope=Scope(
            bodies=("样例市职改办",),
            body_levels=(BodyLevel.CITY,),
            levels=(Level.INTERMEDIATE,),
            segments=(0, 1),
        ),
    ),
    "a retired key": with_key(
        history=((KeyState.ACTIVE, 1), (KeyState.RETIRED, 2)), not_after=20000
    ),
    "retired, then compromised": with_key(
        history=((KeyState.ACTIVE, 1), (KeyState.RETIRED, 2), (COMPROMISED, 3))
    ),
    "an open segment": with_segment(width=0, first=0, last=0),
    "a segment without prefix": with_segment(prefix="", width=18, last=10**18 - 1),
    "one root": replace(BUNDLE, roots=root_set(ROOTS[:1], 1)),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_bundles_pass(name: str) -> None:
    assert decode_bundle(encode_bundle(GOOD[name])) == GOOD[name]


BAD = {
    "authority id in capitals": ("1.1", replace(BUNDLE, authority=Authority("A", "样", "x"))),
    "authority id with a path": ("1.1", replace(BUNDLE, authority=Authority("../a", "样", "x"))),
    "authority without a name": ("1.2", replace(BUNDLE, authority=Authority("a", "", "x"))),
    "name that hides a direction": (
        "1.3",
        replace(BUNDLE, authority=Authority("a", "样", "x\u202ey")),
    ),
    "version 0": ("2", replace(BUNDLE, version=0)),
    "a time that is true": ("3", replace(BUNDLE, issued_s=True)),
    "a time beyond calendars": ("4", replace(BUNDLE, next_update_s=1 << 60)),
    "next update before issue": ("4", replace(BUNDLE, next_update_s=NOW_S - 1)),
    "threshold 0": ("6.1", replace(BUNDLE, roots=root_set(ROOTS, 0))),
    "threshold beyond the roots": ("6.1", replace(BUNDLE, roots=root_set(ROOTS, 4))),
    "no roots": ("6.1", replace(BUNDLE, roots=RootSet(1, ()))),
    "a root twice": ("6.2", replace(BUNDLE, roots=root_set((*ROOTS, ROOTS[0])))),
    "seventeen roots": ("6.2", replace(BUNDLE, roots=RootSet(1, BUNDLE.roots.keys * 6))),
    "keys out of order": ("7", replace(BUNDLE, keys=TWO_KEYS[::-1])),
    "a key twice": ("7", replace(BUNDLE, keys=(KEY, KEY))),
    "an empty certificate": ("7.0.2", with_key(x509=b"")),
    "a certificate of another key": ("7.0.2", with_key(x509=Maker.root("样例根").der)),
    "no use": ("7.0.3", with_key(uses=frozenset())),
    "a window that ends before it begins": ("7.0.5", with_key(not_after=18261)),
    "a day before 1900": ("7.0.4", with_key(not_before=-30000)),
    "no history": ("7.0.6", with_key(history=())),
    "a history that begins retired": ("7.0.6", with_key(history=((KeyState.RETIRED, 1),))),
    "a history that stands still": (
        "7.0.6",
        with_key(history=((KeyState.ACTIVE, 1), (KeyState.RETIRED, 1))),
    ),
    "something after compromised": (
        "7.0.6",
        with_key(history=((KeyState.ACTIVE, 1), (COMPROMISED, 2), (KeyState.RETIRED, 3))),
    ),
    "width 19": ("8.0.2", with_segment(width=19)),
    "first beyond last": ("8.0.4", with_segment(first=2, last=1)),
    "last beyond the width": ("8.0.4", with_segment(last=1_000_000)),
    "a range without a width": ("8.0.3", with_segment(width=0, first=1, last=1)),
    "segment days that end before they begin": ("8.0.8", with_segment(not_after=18000)),
    "lists out of order": (
        "9",
        replace(BUNDLE, lists=(ListEntry(2, 0, 1, "u"), ListEntry(1, 0, 1, "u"))),
    ),
    "a list twice": ("9", replace(BUNDLE, lists=BUNDLE.lists * 2)),
    "65 lists": (
        "9",
        replace(BUNDLE, lists=tuple(ListEntry(n, 0, 1, "u") for n in range(65))),
    ),
    "list id 65536": ("9.0.1", replace(BUNDLE, lists=(ListEntry(65536, 0, 1, "u"),))),
    "template without a slot": ("10", replace(BUNDLE, url_template="https://example.org/")),
    "template with two slots": (
        "10",
        replace(BUNDLE, url_template="https://example.org/{number}/{number}"),
    ),
    "template without TLS": ("10", replace(BUNDLE, url_template="http://example.org/{number}")),
    "template with a space": ("10", replace(BUNDLE, url_template="https://a b/{number}")),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bundle_that_breaks_clause_5_is_never_written(name: str) -> None:
    field, bundle = BAD[name]
    with pytest.raises(FieldError) as caught:
        encode_bundle(bundle)
    assert caught.value.code == "bundle.refused"
    assert caught.value.details["field"] == field
    assert caught.value.details["rule"] == "bundle.malformed"


def mutated(path: tuple[int | str, ...], value: object) -> bytes:
    entries: object = canon.decode(encode_bundle(BUNDLE), max_bytes=MAX_BUNDLE_BYTES)

    def put(at: object, rest: tuple[int | str, ...]) -> object:
        if not rest:
            return value
        if isinstance(at, dict):
            return {**at, rest[0]: put(at.get(rest[0]), rest[1:])}
        assert isinstance(at, tuple)
        return tuple(put(v, rest[1:]) if n == rest[0] else v for n, v in enumerate(at))

    return canon.encode(put(entries, path))


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ((0,), 2, "bundle.version_unknown"),
        ((0,), True, "bundle.malformed"),
        ((11,), 0, "bundle.malformed"),
        ((11,), {1: "窗口", 3: "http://example.org"}, "bundle.malformed"),
        ((11,), {1: "窗口", 3: "https://"}, "bundle.malformed"),
        ((11,), {2: "0"}, "bundle.malformed"),
        ((11,), {1: ""}, "bundle.malformed"),
        ((12,), 0, "bundle.version_unknown"),
        (("x",), 0, "bundle.version_unknown"),
        ((1, 4), 0, "bundle.version_unknown"),
        ((6, 3), 0, "bundle.version_unknown"),
        ((6, -1), 0, "bundle.malformed"),
        ((7, 0, 10), 0, "bundle.version_unknown"),
        ((7, 0, 9), {}, "bundle.malformed"),
        ((7, 0, 9), {1: ()}, "bundle.malformed"),
        ((7, 0, 9), {1: ("甲", "乙")}, "bundle.malformed"),
        ((7, 0, 9), {1: (5,)}, "bundle.malformed"),
        ((7, 0, 9), {2: (5,)}, "bundle.malformed"),
        ((7, 0, 9), {2: (0,)}, "bundle.malformed"),
        ((7, 0, 9), {3: (6,)}, "bundle.malformed"),
        ((7, 0, 9), {4: (True,)}, "bundle.malformed"),
        ((7, 0, 9), {4: (2, 1)}, "bundle.malformed"),
        ((7, 0, 9), {5: (1,)}, "bundle.version_unknown"),
        ((8, 0, 9), 0, "bundle.version_unknown"),
        ((8, 0, 0), -1, "bundle.malformed"),
        ((2,), True, "bundle.malformed"),
        ((5,), 1, "bundle.malformed"),
        ((6, 2), 1, "bundle.malformed"),
        ((6, 2, 0), 1, "keys.cose_key_malformed"),
        ((6, 2), [key.to_cose() for key in BUNDLE.roots.keys[::-1]], "bundle.malformed"),
        ((7,), {}, "bundle.malformed"),
        ((7, 0, 3), (2, 1), "bundle.malformed"),
        ((7, 0, 3), (1, 1), "bundle.malformed"),
        ((7, 0, 3), (True,), "bundle.malformed"),
        ((7, 0, 3), (0,), "bundle.malformed"),
        ((7, 0, 6), ((True, 5),), "bundle.malformed"),
        ((7, 0, 6), ((1, True),), "bundle.malformed"),
        ((7, 0, 6), ((1, 2, 3),), "bundle.malformed"),
        ((8, 0, 6), 5, "bundle.malformed"),
        ((8, 0, 1), None, "bundle.malformed"),
        ((9, 0, 5), 5, "bundle.version_unknown"),
    ],
)
def test_payload_bytes_that_break_clause_5_are_refused(
    path: tuple[int | str, ...], value: object, code: str
) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_bundle(mutated(path, value))
    assert caught.value.code == code
    if code == "bundle.malformed" and path != (6, -1):
        assert str(caught.value.details["field"]).startswith(".".join(map(str, path)))


@pytest.mark.parametrize("uses", [(2, 1), (1, 1), (), (0,)])
def test_uses_that_are_refused_are_named(uses: tuple[int, ...]) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_bundle(mutated((7, 0, 3), uses))
    assert caught.value.details["field"] == "7.0.3"


def test_a_payload_that_is_no_map_is_refused() -> None:
    for value in (1, (), "x", None):
        with pytest.raises(DecodeError) as caught:
            decode_bundle(canon.encode(value))
        assert caught.value.code == "bundle.malformed"


def test_a_bundle_that_would_read_otherwise_is_never_written() -> None:
    with pytest.raises(FieldError) as caught:
        encode_bundle(replace(BUNDLE, segments=[SEGMENT]))  # type: ignore[arg-type]
    assert caught.value.details["rule"] == "round trip"


def test_a_number_fits_by_prefix_width_and_range() -> None:
    small = replace(SEGMENT, first=100, last=199)
    fitting = ("450099000100", "450099000199")
    others = ("450099000200", "450099000099", "45009900100", "4500990000100", "45009900010０")
    assert all(small.fits(number) for number in fitting)
    assert not any(small.fits(number) for number in (*others, "450098000100", "450099", ""))


def test_an_open_segment_takes_whatever_begins_with_its_prefix() -> None:
    old = replace(SEGMENT, prefix="桂职", width=0, first=0, last=0)
    assert old.fits("桂职改字第12号")
    assert not old.fits("粤职改字第12号")


def test_windows_include_both_ends() -> None:
    key = replace(KEY, not_before=10, not_after=12)
    assert [key.covers(day) for day in (9, 10, 12, 13)] == [False, True, True, False]
    segment = replace(SEGMENT, not_before=10, not_after=12)
    assert [segment.covers(day) for day in (9, 10, 12, 13)] == [False, True, True, False]


def test_the_last_state_of_a_key_is_its_state() -> None:
    gone = replace(KEY, history=((KeyState.ACTIVE, 1), (COMPROMISED, 5)))
    assert (KEY.state, KEY.compromised_since_s) == (KeyState.ACTIVE, None)
    assert (gone.state, gone.compromised_since_s) == (COMPROMISED, 5)


def test_lists_may_be_signed_by_list_keys_that_are_not_compromised() -> None:
    kid = SEAL.public.kid
    assert [key.public for key in list_keys(BUNDLE)(kid)] == [SEAL.public]
    assert list_keys(BUNDLE)(bytes(4)) == ()
    assert list_keys(with_key(uses=frozenset({KeyUse.TOKEN})))(kid) == ()
    retired = with_key(history=((KeyState.ACTIVE, 1), (KeyState.RETIRED, 2)))
    assert [key.public for key in list_keys(retired)(kid)] == [SEAL.public]
    stolen = with_key(history=((KeyState.ACTIVE, 1), (COMPROMISED, 2)))
    assert list_keys(stolen)(kid) == ()


# --- signatures and the pin ---------------------------------------------------------------------


def test_enough_roots_and_the_pin_open_a_bundle() -> None:
    for pair in (ROOTS[:2], ROOTS[1:], ROOTS):
        assert open_bundle(sign_bundle(BUNDLE, signers=pair), pin=PIN) == BUNDLE


def test_roots_may_sign_one_after_another() -> None:
    first = sign_bundle(BUNDLE, signers=ROOTS[1:2])
    assert missing_signatures(first, roots=BUNDLE.roots) == 1
    refused(first, "bundle.too_few_signatures")
    both = endorse_bundle(first, signers=ROOTS[:1])
    assert missing_signatures(both, roots=BUNDLE.roots) == 0
    assert open_bundle(both, pin=PIN) == BUNDLE


def test_one_root_counts_once() -> None:
    once = sign_bundle(BUNDLE, signers=(ROOTS[0], ROOTS[0]))
    refused(once, "bundle.too_few_signatures")
    body = cose.parse_sign(once, max_bytes=MAX_BUNDLE_BYTES)
    twice = cose.Sign(body.typ, body.protected, body.payload, body.endorsements * 2)
    refused(twice.to_bytes(), "bundle.malformed")


def test_a_root_can_not_sign_in_the_name_of_another() -> None:
    body = cose.parse_sign(sign_bundle(BUNDLE, signers=ROOTS[:1]), max_bytes=MAX_BUNDLE_BYTES)
    other = ROOTS[2].public
    protected = cose.protected_header(ES256, other.thumbprint)
    own = ROOTS[0].sign(cose.to_be_signed(body.protected, body.payload, signer_protected=protected))
    forged = cose.Endorsement(ES256, other.thumbprint, protected, own)
    both = tuple(sorted((*body.endorsements, forged), key=lambda e: e.kid))
    refused(
        cose.Sign(body.typ, body.protected, body.payload, both).to_bytes(),
        "bundle.too_few_signatures",
    )


def test_strangers_do_not_count() -> None:
    strangers = [generate(ES256) for _ in range(3)]
    refused(sign_bundle(BUNDLE, signers=[ROOTS[0], *strangers]), "bundle.too_few_signatures")
    assert open_bundle(sign_bundle(BUNDLE, signers=[*ROOTS[:2], *strangers]), pin=PIN) == BUNDLE


def test_a_high_s_root_signature_does_not_count() -> None:
    body = cose.parse_sign(
        sign_bundle(BUNDLE, signers=(ROOTS[0], ROOTS[2])), max_bytes=MAX_BUNDLE_BYTES
    )
    first, second = body.endorsements
    high = replace(first, signature=high_s(first.signature))
    spoilt = cose.Sign(body.typ, body.protected, body.payload, (high, second))
    refused(spoilt.to_bytes(), "bundle.too_few_signatures")


@pytest.mark.parametrize("spoil", [{"signature": bytes(65)}, {"signature": b""}, {"kid": b"kidd"}])
def test_a_root_signature_of_another_length_counts_for_nothing(
    spoil: dict[str, bytes],
) -> None:
    data = sign_bundle(BUNDLE, signers=(ROOTS[0], ROOTS[2]))
    body = cose.parse_sign(data, max_bytes=MAX_BUNDLE_BYTES)
    endorsements = sorted(
        [*body.endorsements[:1], _spoilt(body.endorsements[1], spoil)], key=lambda each: each.kid
    )
    spoilt = cose.Sign(body.typ, body.protected, body.payload, tuple(endorsements))
    refused(spoilt.to_bytes(), "bundle.too_few_signatures")


@pytest.mark.parametrize(
    "spoil", [{"signature": bytes((1 << 14) + 1)}, {"kid": b""}, {"kid": bytes(65)}]
)
def test_a_signature_beyond_every_suite_makes_the_envelope_malformed(
    spoil: dict[str, bytes],
) -> None:
    data = sign_bundle(BUNDLE, signers=(ROOTS[0], ROOTS[2]))
    body = cose.parse_sign(data, max_bytes=MAX_BUNDLE_BYTES)
    first, second = body.endorsements
    endorsements = sorted([first, _spoilt(second, spoil)], key=lambda each: each.kid)
    spoilt = cose.Sign(body.typ, body.protected, body.payload, tuple(endorsements))
    refused(spoilt.to_bytes(), "bundle.malformed")


def test_a_stranger_of_a_suite_to_come_is_ignored_and_kept() -> None:
    data = sign_bundle(BUNDLE, signers=(ROOTS[0], ROOTS[2]))
    body = cose.parse_sign(data, max_bytes=MAX_BUNDLE_BYTES)
    protected = canon.encode({1: -70_000, 4: b"\xff" * 64})
    stranger = cose.Endorsement(None, b"\xff" * 64, protected, bytes(1 << 14))
    more = replace(body, endorsements=(*body.endorsements, stranger))
    assert open_bundle(more.to_bytes(), pin=PIN) == BUNDLE
    again = cose.parse_sign(
        endorse_bundle(more.to_bytes(), signers=(ROOTS[1],)), max_bytes=MAX_BUNDLE_BYTES
    )
    assert again.endorsements[-1] == stranger
    assert len(again.endorsements) == 4


NEWER_KEY: Final = {1: 2, 3: -70_001, -1: 70, -2: bytes(32), -3: bytes(48)}


def tomorrow() -> dict[int, Any]:
    """A bundle of tomorrow: a key and a root of a new suite, new uses, entries to be ignored."""
    tree: Any = canon.decode(encode_bundle(BUNDLE), max_bytes=1 << 20)
    newer = {**tree[7][0], 1: NEWER_KEY, 2: b"\x30\x00", 3: (9,), -5: "uncritical"}
    keys = [{**tree[7][0], 3: (*tree[7][0][3], 9), -1: 1}, newer]
    roots = [*tree[6][2], NEWER_KEY]
    return {
        **tree,
        -1: {1: 2},
        1: {**tree[1], -1: 0},
        6: {1: tree[6][1], 2: sorted(roots, key=canon.encode)},
        7: sorted(keys, key=lambda item: canon.encode(item[1])),
        8: [{**segment, -2: 0} for segment in tree[8]],
        9: [{**entry, -2: 0} for entry in tree[9]],
        11: {1: "窗口", -1: 0},
    }


def test_a_contact_and_texts_of_200_characters_come_back() -> None:
    most = "样" * 200
    made = replace(
        BUNDLE, contact=Contact(most, "0000-12345", "https://zc.sample.cn/query"),
        authority=replace(BUNDLE.authority, name_zh=most),
    )  # fmt: skip
    assert decode_bundle(encode_bundle(made)) == made
    with pytest.raises(FieldError):
        encode_bundle(replace(made, contact=Contact(most + "样")))


def test_a_bundle_of_tomorrow_is_read_today() -> None:
    payload = canon.encode(tomorrow())
    data = cose.sign(payload, signers=ROOTS[:2], typ=BUNDLE_TYP).to_bytes()
    read = decode_bundle(payload)
    assert open_bundle(data, pin=fingerprint(read.roots)) == read
    assert read.keys == BUNDLE.keys
    assert read.roots.keys == BUNDLE.roots.keys
    assert [key.x509 for key in read.unknown_keys] == [b"\x30\x00"]
    assert read.contact == Contact("窗口")
    with pytest.raises(FieldError) as caught:
        encode_bundle(read)
    assert caught.value.details["rule"] == "bundle.version_unknown"


@pytest.mark.parametrize("x509", [1, bytes((1 << 14) + 1)])
def test_the_certificate_of_an_unknown_key_is_bytes_all_the_same(x509: object) -> None:
    tree = tomorrow()
    tree[7] = [{**key, 2: x509} if key[1] == NEWER_KEY else key for key in tree[7]]
    with pytest.raises(DecodeError) as caught:
        decode_bundle(canon.encode(tree))
    assert caught.value.code == "bundle.malformed"
    at = [key[1] for key in tree[7]].index(NEWER_KEY)
    assert caught.value.details["field"] == f"7.{at}.2"


def test_an_unknown_entry_makes_another_payload_of_one_version() -> None:
    first = decode_bundle(canon.encode(tomorrow()))
    other = canon.encode({**tomorrow(), -1: {1: 3}})
    data = cose.sign(other, signers=ROOTS[:2], typ=BUNDLE_TYP).to_bytes()
    with pytest.raises(TrustError) as caught:
        open_next(data, current=first)
    assert caught.value.code == "bundle.forked"


def test_an_example_stays_one_and_a_real_authority_stays_real() -> None:
    for example in (True, False):
        current = replace(BUNDLE, example=example)
        later = replace(current, version=BUNDLE.version + 1, example=not example)
        with pytest.raises(TrustError) as caught:
            open_next(sign_bundle(later, signers=ROOTS[:2]), current=current)
        assert caught.value.code == "bundle.example_changed"


def test_segments_of_two_bodies_that_overlap_are_neither_written_nor_believed() -> None:
    twin = replace(SEGMENT, body="样例大学", id=2)
    torn = replace(BUNDLE, segments=(SEGMENT, twin))
    with pytest.raises(FieldError) as refusal:
        encode_bundle(torn)
    assert refusal.value.details["rule"] == "bundle.segments_overlap"
    tree: Any = canon.decode(encode_bundle(BUNDLE), max_bytes=1 << 20)
    payload = canon.encode({**tree, 8: [*tree[8], {**tree[8][0], 0: 2, 5: "样例大学"}]})
    data = cose.sign(payload, signers=ROOTS[:2], typ=BUNDLE_TYP).to_bytes()
    with pytest.raises(TrustError) as caught:
        open_bundle(data, pin=PIN)
    assert caught.value.code == "bundle.segments_overlap"


def _spoilt(one: cose.Endorsement, spoil: dict[str, bytes]) -> cose.Endorsement:
    kid, signature = spoil.get("kid", one.kid), spoil.get("signature", one.signature)
    return cose.Endorsement(one.suite, kid, canon.encode({1: -9, 4: kid}), signature)


def test_a_root_signature_under_another_suite_does_not_count() -> None:
    body = cose.parse_sign(sign_bundle(BUNDLE, signers=ROOTS[:1]), max_bytes=MAX_BUNDLE_BYTES)
    eddsa = ROOTS[1].public
    protected = cose.protected_header(ES256, eddsa.thumbprint)
    signature = ROOTS[1].sign(
        cose.to_be_signed(body.protected, body.payload, signer_protected=protected)
    )
    wrong = cose.Endorsement(ES256, eddsa.thumbprint, protected, signature)
    both = tuple(sorted((*body.endorsements, wrong), key=lambda e: e.kid))
    refused(
        cose.Sign(body.typ, body.protected, body.payload, both).to_bytes(),
        "bundle.too_few_signatures",
    )


def test_other_roots_than_the_pinned_are_refused() -> None:
    mine = [generate(ES256) for _ in range(2)]
    data = sign_bundle(replace(BUNDLE, roots=root_set(mine)), signers=mine)
    refused(data, "bundle.pin_mismatch")


def test_a_lower_threshold_is_another_root_set() -> None:
    data = sign_bundle(replace(BUNDLE, roots=root_set(ROOTS, 1)), signers=ROOTS[:1])
    refused(data, "bundle.pin_mismatch")


def test_bytes_that_are_no_bundle_are_refused() -> None:
    good = sign_bundle(BUNDLE, signers=ROOTS)
    for data in (b"", b"\xd8\x62", good[:-1], good + b"\0", good[2:]):
        refused(data, "bundle.malformed")
    typ = cose.sign(encode_bundle(BUNDLE), signers=ROOTS, typ="application/other").to_bytes()
    refused(typ, "bundle.malformed")
    newer = cose.sign(mutated((0,), 2), signers=ROOTS, typ=BUNDLE_TYP).to_bytes()
    refused(newer, "bundle.version_unknown")
    bad = cose.sign(mutated((2,), 0), signers=ROOTS, typ=BUNDLE_TYP).to_bytes()
    refused(bad, "bundle.malformed")


# --- rotation -----------------------------------------------------------------------------------

NEXT = replace(BUNDLE, version=4, issued_s=NOW_S + 86_400)
NEW_ROOTS = tuple(generate(ES256) for _ in range(3))


def test_a_later_bundle_of_the_same_roots_replaces_the_current() -> None:
    assert open_next(sign_bundle(NEXT, signers=ROOTS[:2]), current=BUNDLE) == NEXT
    jump = replace(NEXT, version=40)
    assert open_next(sign_bundle(jump, signers=ROOTS[:2]), current=BUNDLE) == jump


def test_new_roots_need_both_thresholds() -> None:
    rotated = replace(NEXT, roots=root_set(NEW_ROOTS))
    refused_next(sign_bundle(rotated, signers=ROOTS), "bundle.too_few_signatures")
    refused_next(sign_bundle(rotated, signers=NEW_ROOTS), "bundle.too_few_signatures")
    refused_next(sign_bundle(rotated, signers=(ROOTS[0], *NEW_ROOTS)), "bundle.too_few_signatures")
    both = sign_bundle(rotated, signers=(*ROOTS[:2], *NEW_ROOTS[1:]))
    assert open_next(both, current=BUNDLE) == rotated


def test_a_root_of_both_sets_counts_in_both() -> None:
    rotated = replace(NEXT, roots=root_set((*ROOTS[:2], NEW_ROOTS[0])))
    assert open_next(sign_bundle(rotated, signers=ROOTS[:2]), current=BUNDLE) == rotated


def test_lower_versions_and_earlier_times_are_rollbacks() -> None:
    old = sign_bundle(replace(BUNDLE, version=2), signers=ROOTS)
    refused_next(old, "bundle.rollback")
    early = sign_bundle(replace(NEXT, issued_s=NOW_S - 1), signers=ROOTS)
    refused_next(early, "bundle.rollback")


def test_the_same_version_is_a_fork_or_the_current_again() -> None:
    forked = sign_bundle(replace(BUNDLE, example=False), signers=ROOTS)
    refused_next(forked, "bundle.forked")
    refused_next(sign_bundle(BUNDLE, signers=ROOTS), "bundle.unchanged")


def test_an_unsigned_fork_is_no_fork() -> None:
    forked = sign_bundle(replace(BUNDLE, example=False), signers=ROOTS[:1])
    refused_next(forked, "bundle.too_few_signatures")


def test_another_authority_can_not_take_over() -> None:
    other = replace(NEXT, authority=Authority("other", "样例", "Other"))
    refused_next(sign_bundle(other, signers=ROOTS), "bundle.wrong_authority")


# --- anchors ------------------------------------------------------------------------------------


def test_a_kid_is_looked_up_across_authorities() -> None:
    one = Anchor(BUNDLE, (), NOW_S)
    twin = replace(BUNDLE, authority=Authority("twin", "样例二", "Twin"))
    two = Anchor(twin, (), NOW_S)
    found = Trust((one, two)).candidates(SEAL.public.kid)
    assert [candidate.anchor for candidate in found] == [one, two]
    assert {candidate.key for candidate in found} == {KEY}
    assert Trust((one, two)).candidates(bytes(4)) == ()


def test_an_authority_is_trusted_once() -> None:
    anchor = Anchor(BUNDLE, (), NOW_S)
    with pytest.raises(TrustError) as caught:
        Trust((anchor, anchor))
    assert caught.value.code == "bundle.authority_twice"


def test_an_anchor_gives_the_rescue_list_of_a_key() -> None:
    rescue = make_rescue(
        [b"a" * 16],
        authority_id="yangli",
        thumbprint=SEAL.public.thumbprint,
        issued_s=NOW_S,
        number=1,
    )
    assert Anchor(BUNDLE, (rescue,), NOW_S).rescue_for(KEY) is rescue
    assert Anchor(BUNDLE, (), NOW_S).rescue_for(KEY) is None


def test_lists_that_are_not_at_hand_are_none() -> None:
    assert Lists().find("yangli", 1) is None
    assert len(Lists()) == 0


def test_every_code_has_its_words() -> None:
    for code in (
        "malformed", "version_unknown", "refused", "pin_mismatch", "pin_malformed",
        "too_few_signatures", "wrong_authority", "rollback", "forked", "unchanged",
        "authority_twice", "rescue_malformed", "rescue_refused",
    ):  # fmt: skip
        error = EtitleError(f"bundle.{code}")
        assert error.what("zh")
        assert error.what("en")
        assert error.next("zh")


def test_more_roots_than_the_limit_are_refused() -> None:
    many = [generate(EDDSA) for _ in range(MAX_ROOTS + 1)]
    for count in (MAX_ROOTS, MAX_ROOTS + 1):
        bundle = replace(BUNDLE, roots=root_set(many[:count], 1))
        if count == MAX_ROOTS:
            assert decode_bundle(encode_bundle(bundle)) == bundle
        else:
            with pytest.raises(FieldError) as caught:
                encode_bundle(bundle)
            assert (caught.value.code, caught.value.details["field"]) == ("bundle.refused", "6.2")
