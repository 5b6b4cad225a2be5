"""Whose word a bundle is: thresholds, the pin, and the change of roots (clauses 5.3 to 5.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.support.publisher import OTHER, P, roots_of

from etitle import cose
from etitle.errors import TrustError
from etitle.trust import roots


def signed_by(*which: int) -> bytes:
    return P.bundle(1, [P.roots[number] for number in which])


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(TrustError) as caught:
        action()
    return caught.value.code


@pytest.mark.parametrize(("which", "count"), [((0,), 1), ((0, 0), 1), ((0, 1), 2), ((2, 0, 1), 3)])
def test_each_root_counts_once(which: tuple[int, ...], count: int) -> None:
    body, bundle = roots.parse_bundle(signed_by(*which))
    assert roots.count_signatures(body, roots=bundle.roots) == count
    assert roots.count_signatures(body, roots=roots_of(OTHER.roots)) == 0


@pytest.mark.parametrize(("which", "missing"), [((0,), 1), ((0, 1), 0), ((0, 1, 2), 0)])
def test_the_missing_signatures_are_counted(which: tuple[int, ...], missing: int) -> None:
    data = signed_by(*which)
    assert roots.missing_signatures(data, roots=P.base.roots) == missing
    if missing:
        assert code_of(lambda: roots.open_bundle(data, pin=P.pin)) == "bundle.too_few_signatures"
        data = roots.endorse_bundle(data, signers=P.roots[1:2])
    assert roots.open_bundle(data, pin=P.pin) == P.make(1)


def test_the_pin_is_that_of_the_bundles_own_roots() -> None:
    assert code_of(lambda: roots.open_bundle(signed_by(0, 1), pin=OTHER.pin)) == (
        "bundle.pin_mismatch"
    )


def test_the_message_says_whose_signatures_are_missing() -> None:
    body, bundle = roots.parse_bundle(signed_by(0))
    with pytest.raises(TrustError) as caught:
        roots.require_signed(body, roots=bundle.roots, whose="own")
    assert caught.value.details == {"whose": "own", "count": 1, "threshold": 2}


def test_new_roots_must_be_endorsed_by_the_old_and_by_themselves() -> None:
    new = roots_of(P.later_roots)
    both = P.bundle(2, [*P.roots[:2], *P.later_roots[:2]], roots=new)
    assert roots.open_next(both, current=P.make(1)).roots == new
    for signers in (P.roots, P.later_roots, [*P.roots[:2], P.later_roots[0]]):
        data = P.bundle(2, signers, roots=new)
        assert code_of(lambda data=data: roots.open_next(data, current=P.make(1))) == (  # type: ignore[misc]
            "bundle.too_few_signatures"
        )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (P.bundle(2), "bundle.unchanged"),
        (P.bundle(2, example=False), "bundle.forked"),
        (P.bundle(1), "bundle.rollback"),
        (OTHER.bundle(3), "bundle.wrong_authority"),
        (b"\xd8\x62\x84", "bundle.malformed"),
    ],
)
def test_what_does_not_follow_the_current_bundle_is_refused(data: bytes, code: str) -> None:
    assert code_of(lambda: roots.open_next(data, current=P.make(2))) == code


def test_a_later_version_must_not_be_issued_earlier() -> None:
    current = P.make(2)
    for delay_s, accepted in ((0, True), (-1, False)):
        bundle = replace(current, version=3, issued_s=current.issued_s + delay_s)
        data = roots.sign_bundle(bundle, signers=P.roots[:2])
        if accepted:
            assert roots.open_next(data, current=current) == bundle
        else:
            assert code_of(lambda: roots.open_next(data, current=current)) == "bundle.rollback"  # noqa: B023


def test_another_typ_is_no_bundle() -> None:
    body, _ = roots.parse_bundle(P.bundle(1))
    other = cose.sign(body.payload, signers=P.roots, typ="application/cbor").to_bytes()
    assert code_of(lambda: roots.open_bundle(other, pin=P.pin)) == "bundle.malformed"
