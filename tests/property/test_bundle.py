"""Any bundle survives its bytes; no bytes do more than raise (docs/spec clause 5)."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import drawnkeys
from tests.support.forge import public_of
from tests.support.x509 import Maker, new_key
from tests.vectors.make.seals import certificate, rsa_key

from etitle.certificate.dates import FIRST_DAY, LAST_DAY
from etitle.certificate.model import BodyLevel, Level
from etitle.errors import DecodeError, EtitleError, TrustError
from etitle.keys.documentkey import DocumentKey
from etitle.keys.public import PublicKey
from etitle.keys.suite import EDDSA, ES256
from etitle.trust.bundle import (
    Authority,
    Bundle,
    KeyState,
    KeyUse,
    ListEntry,
    PublishedKey,
    RootSet,
    Scope,
    Segment,
    decode_bundle,
    encode_bundle,
    fingerprint,
)
from etitle.trust.rescue import decode_rescue, encode_rescue, make_rescue, open_rescue, sign_rescue
from etitle.trust.roots import open_bundle, open_next, sign_bundle
from etitle.trust.segments import find_overlap

SIGNERS = sorted(
    (drawnkeys.signer(suite) for suite in (ES256, EDDSA) * 3),
    key=lambda signer: signer.public.to_bytes(),
)
ROOT = Maker.root("样例根")
PAIRS: list[tuple[PublicKey | DocumentKey, bytes]] = sorted(
    (
        *(
            (public_of(key), ROOT.leaf("样例", key=key).der)
            for key in (*(signer.private_key for signer in SIGNERS), new_key("mldsa65"))
        ),
        (rsa_key("rsa-1"), certificate("rsa-1")),
    ),
    key=lambda pair: pair[0].to_bytes(),
)
"""Keys of every kind, and the seal certificate of each."""
PUBLIC = [signer.public for signer in SIGNERS]

texts = st.text(st.sampled_from("样例省厅职称改革办公室㐀𠮷桂é·()-_az09"), min_size=1, max_size=20)
days = st.integers(FIRST_DAY, LAST_DAY)
times = st.integers(0, 1 << 33)


@st.composite
def windows(draw: st.DrawFn) -> tuple[int, int | None]:
    first = draw(days)
    return first, draw(st.none() | st.integers(first, LAST_DAY))


@st.composite
def histories(draw: st.DrawFn) -> tuple[tuple[KeyState, int], ...]:
    since = sorted(draw(st.sets(times, min_size=1, max_size=4)))
    states = [KeyState.ACTIVE]
    for n in range(1, len(since)):
        last = n == len(since) - 1
        states.append(draw(st.sampled_from(list(KeyState)[: 3 if last else 2])))
    return tuple(zip(states, since, strict=True))


@st.composite
def seal_keys(draw: st.DrawFn, n: int) -> PublishedKey:
    not_before, not_after = draw(windows())
    public, der = PAIRS[n]
    alone = isinstance(public, DocumentKey)
    return PublishedKey(
        public=public,
        x509=der if alone else draw(st.sampled_from((None, der))),
        uses=frozenset({KeyUse.DOCUMENT})
        if alone
        else draw(st.frozensets(st.sampled_from(KeyUse), min_size=1)),
        not_before=not_before,
        not_after=not_after,
        history=draw(histories()),
        seal_name=draw(texts),
        seal_number=draw(texts | st.just("")),
        scope=draw(scopes()),
    )


@st.composite
def segments(draw: st.DrawFn) -> Segment:
    width = draw(st.integers(0, 18))
    first = draw(st.integers(0, 10**width - 1))
    not_before, not_after = draw(windows())
    return Segment(
        prefix=draw(texts | st.just("")),
        width=width,
        first=first,
        last=draw(st.integers(first, 10**width - 1)),
        body=draw(texts),
        body_level=draw(st.sampled_from(BodyLevel)),
        not_before=not_before,
        not_after=not_after,
        id=draw(st.integers(0, (1 << 32) - 1)),
    )


@st.composite
def scopes(draw: st.DrawFn) -> Scope | None:
    scope = Scope(
        bodies=tuple(sorted(draw(st.sets(texts, max_size=2)), key=str.encode)),
        body_levels=tuple(sorted(draw(st.sets(st.sampled_from(BodyLevel))))),
        levels=tuple(sorted(draw(st.sets(st.sampled_from(Level))))),
        segments=tuple(sorted(draw(st.sets(st.integers(0, (1 << 32) - 1), max_size=2)))),
    )
    return None if scope == Scope() else scope


@st.composite
def bundles(draw: st.DrawFn) -> Bundle:
    roots = sorted(draw(st.sets(st.integers(0, 5), min_size=1)))
    keys = sorted(draw(st.sets(st.integers(0, 5), max_size=3)))
    lists = sorted(draw(st.sets(st.integers(0, 65535), max_size=3)))
    issued_s = draw(times)
    return Bundle(
        authority=Authority(
            draw(st.from_regex(r"[a-z0-9][a-z0-9-]{0,39}", fullmatch=True)),
            draw(texts),
            draw(texts),
        ),
        version=draw(st.integers(1, (1 << 64) - 1)),
        issued_s=issued_s,
        next_update_s=issued_s + draw(times),
        example=draw(st.booleans()),
        roots=RootSet(
            draw(st.integers(1, len(roots))), tuple(PUBLIC[n] for n in roots)
        ),
        keys=tuple(draw(seal_keys(n)) for n in keys),
        segments=draw(
            st.lists(segments(), max_size=3, unique_by=lambda one: one.id)
            .map(lambda found: tuple(sorted(found, key=lambda one: one.id)))
            .filter(lambda found: not find_overlap(found))
        ),
        lists=tuple(
            ListEntry(n, draw(st.integers(0, 1 << 40)), draw(st.integers(0, 99)), draw(texts))
            for n in lists
        ),
        url_template="https://example.org/{number}" + draw(st.just("") | texts.map("?".__add__)),
    )  # fmt: skip


@given(bundles())
@settings(max_examples=60, deadline=None)
def test_a_bundle_comes_back_from_its_bytes(bundle: Bundle) -> None:
    payload = encode_bundle(bundle)
    assert decode_bundle(payload) == bundle
    assert encode_bundle(decode_bundle(payload)) == payload


@given(bundles(), st.sets(st.integers(0, 5)))
@settings(max_examples=40, deadline=None)
def test_a_bundle_opens_exactly_when_enough_of_its_roots_signed(
    bundle: Bundle, chosen: set[int]
) -> None:
    signers = [SIGNERS[n] for n in chosen]
    data = sign_bundle(bundle, signers=signers)
    count = sum(signer.public in bundle.roots.keys for signer in signers)
    try:
        opened = open_bundle(data, pin=fingerprint(bundle.roots))
    except TrustError as error:
        assert error.code == "bundle.too_few_signatures"  # noqa: PT017  # one of two outcomes
        assert count < bundle.roots.threshold
    else:
        assert opened == bundle
        assert count >= bundle.roots.threshold


BUNDLE = Bundle(
    authority=Authority("yangli", "样例省", "Example Province"),
    version=1,
    issued_s=0,
    next_update_s=1,
    example=True,
    roots=RootSet(2, tuple(PUBLIC[:3])),
    keys=(),
    segments=(Segment("45", 4, 0, 9, "样例", BodyLevel.CITY, 0, None, 1),),
    lists=(ListEntry(1, 0, 1, "u"),),
    url_template="https://example.org/{number}",
)
SIGNED = sign_bundle(BUNDLE, signers=SIGNERS[:2])
RESCUED = sign_rescue(
    make_rescue(
        [bytes((n,)) * 16 for n in range(5)],
        authority_id="yangli", thumbprint=bytes(32), issued_s=0, number=1,
    ),
    signers=SIGNERS[:2],
)  # fmt: skip


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
@settings(max_examples=150, deadline=None)
def test_no_changed_byte_of_a_signed_bundle_passes(at: int, change: int) -> None:
    data = bytearray(SIGNED)
    data[at] ^= change
    with pytest.raises(TrustError):
        open_bundle(bytes(data), pin=fingerprint(BUNDLE.roots))
    with pytest.raises(TrustError):
        open_next(bytes(data), current=BUNDLE)


@given(st.integers(0, len(RESCUED) - 1), st.integers(1, 255))
@settings(max_examples=100, deadline=None)
def test_no_changed_byte_of_a_signed_rescue_list_passes(at: int, change: int) -> None:
    data = bytearray(RESCUED)
    data[at] ^= change
    with pytest.raises(TrustError):
        open_rescue(bytes(data), bundle=BUNDLE)


@given(st.binary(max_size=300), st.integers(0, 400))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(noise: bytes, cut: int) -> None:
    payload = encode_bundle(BUNDLE)
    for data in (noise, payload[:cut] + noise, noise + payload[cut:]):
        for decode in (decode_bundle, decode_rescue):
            with suppress(DecodeError):
                decode(data)
        try:
            open_bundle(data, pin=bytes(32))
        except EtitleError as error:
            assert isinstance(error, TrustError)  # noqa: PT017  # the only kind allowed


@given(
    st.sets(st.binary(min_size=16, max_size=16), max_size=40), st.binary(min_size=16, max_size=16)
)
@settings(max_examples=60, deadline=None)
def test_membership_is_that_of_a_set(digests: set[bytes], probe: bytes) -> None:
    rescue = make_rescue(digests, authority_id="a", thumbprint=bytes(32), issued_s=5, number=1)
    again = decode_rescue(encode_rescue(rescue))
    assert again == rescue
    assert all(item in again for item in digests)
    assert (probe in again) == (probe in digests)
