"""A fingerprint in every spelling that people use, and where it leads (clauses 5.4 and 5.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from tests.support.publisher import OTHER, P, roots_of

from etitle import canon, cose
from etitle.errors import LANGUAGES, Language, TrustError
from etitle.issue.bundlechain import fingerprint_text
from etitle.keys.public import PublicKey
from etitle.trust.bundle import Authority, RootSet, fingerprint
from etitle.trust.pin import Pin, PinnedChain, follow_pin, parse_pin, spell_fingerprint
from etitle.trust.roots import BUNDLE_TYP
from etitle.trust.words import spell_words

KEYS = Path(__file__).parents[3] / "keys-example" / "keys"
ROOTS = [load_pem_public_key((KEYS / f"root-{n}.pub.pem").read_bytes()) for n in (1, 2, 3)]
# The same in every process: the names of tests hold the fingerprint.
OFFICE = replace(P.make(1), roots=RootSet.of(2, map(PublicKey, ROOTS)))  # type: ignore[arg-type]
DIGEST = fingerprint(OFFICE.roots)
HEX = DIGEST.hex()
GROUPED = spell_fingerprint(DIGEST)
WIDE = str.maketrans(
    {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)} | {" ": "\u3000"}
)
LATER = roots_of(P.later_roots)


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(TrustError) as caught:
        action()
    return caught.value.code


def test_what_is_no_bundle_says_why_or_that_there_is_none() -> None:
    tomorrow = cose.sign(canon.encode({0: 2}), signers=P.roots[:2], typ=BUNDLE_TYP).to_bytes()
    for files, code in (
        ([], "bundle.malformed"),
        ([tomorrow], "bundle.version_unknown"),
        ([b"junk", tomorrow], "bundle.version_unknown"),
    ):
        assert code_of(lambda files=files: follow_pin(files, Pin.whole(P.pin))) == code  # type: ignore[misc]


def lines(width: int, *, end: str = "\n") -> str:
    groups = GROUPED.split()
    return end.join(" ".join(groups[at : at + width]) for at in range(0, len(groups), width))


@pytest.mark.parametrize(
    "text",
    [
        HEX,
        HEX.upper(),
        GROUPED,
        GROUPED.lower(),
        GROUPED.replace(" ", "-"),
        GROUPED.replace(" ", ":"),
        GROUPED.replace(" ", "·"),
        GROUPED.replace(" ", "，"),
        ":".join(HEX[at : at + 2] for at in range(0, 64, 2)),
        GROUPED.translate(WIDE),
        HEX.translate(WIDE),
        f"  “{GROUPED}”。\n",
        lines(4),
        lines(4, end="\r\n\r\n"),
        lines(1),
        f"指纹：{GROUPED}",
        f"指纹 {GROUPED}",
        f"Fingerprint = {HEX}",
        f"SHA-256: {GROUPED.replace(' ', ':')}",
        f"the fingerprint is {GROUPED} (checked by telephone)",
        f"指纹：\n{lines(4)}",
        f"指纹：{lines(8)}",
        f"0x{HEX}",
        f"\ufeff{GROUPED}",
        f"{GROUPED[:20]}\u200b{GROUPED[20:]}",
        fingerprint_text(OFFICE),
        fingerprint_text(OFFICE).replace("\n", "\r\n"),
        fingerprint_text(replace(OFFICE, authority=Authority("a1", "样例省人社厅", "Dad"))),
    ],
)  # fmt: skip
def test_every_spelling_is_taken(text: str) -> None:
    assert parse_pin(text) == Pin.whole(DIGEST)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("F6CF", 4),
        (HEX[:-1], 63),
        (HEX + "0", 65),
        (HEX.replace(HEX[5], "g"), None),
        (f"{HEX}\n\n名称\n{HEX[::-1]}", 64),
        ("https://zc.sample.cn/v#1234", 4),
    ],
)
def test_what_is_no_fingerprint_says_how_many_digits_it_has(text: str, count: int | None) -> None:
    with pytest.raises(TrustError) as caught:
        parse_pin(text)
    assert caught.value.code == "bundle.pin_malformed"
    assert count is None or caught.value.details["count"] == count


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "text",
    [
        "{digits}\n{words}",
        "{words}\n{digits}",
        "指纹：{digits}\n词：{words}\n",
        "{digits} ({words})",
        "{words} {digits}",
        "{digits}\n{upper}\n样例省人社厅\n",
    ],
)
def test_digits_and_words_are_of_one_fingerprint(text: str, language: Language) -> None:
    words, others = (spell_words(digest, language) for digest in (DIGEST, OTHER.pin))
    for spelled in (words, words.replace(" ", "、"), words.replace(" ", "-")):
        filled = text.format(digits=GROUPED, words=spelled, upper=spelled.upper())
        assert parse_pin(filled).fits(DIGEST)
    for spelled in (others, others.replace(" ", "、")):
        filled = text.format(digits=GROUPED, words=spelled, upper=spelled.upper())
        assert code_of(lambda filled=filled: parse_pin(filled)) == "bundle.pin_contradictory"  # type: ignore[misc]


def test_what_only_looks_like_words_is_none() -> None:
    for beside in (
        "中国人民大学",
        "about abandon ability able",
        "的 一 是 在 不 了 有",
        "的一 是 在 不 了 有",
    ):
        assert parse_pin(f"{GROUPED}\n{beside}").fits(DIGEST)


def test_some_first_bits_are_a_pin_too() -> None:
    first = Pin(int.from_bytes(DIGEST, "big") >> 190, 66)
    assert first.fits(DIGEST)
    assert not first.fits(OTHER.pin)
    assert not Pin(first.value ^ 1, 66).fits(DIGEST)


def test_the_pin_of_older_roots_leads_to_todays() -> None:
    both = [*P.roots[:2], *P.later_roots[:2]]
    files = [P.bundle(1), P.bundle(2), P.bundle(3, both, roots=LATER),
             P.bundle(4, P.later_roots[:2], roots=LATER)]  # fmt: skip
    chain = follow_pin([files[3], b"junk", files[0], files[2], files[1]], Pin.whole(P.pin))
    assert (chain.pin, chain.bundle.version) == (P.pin, 4)
    # The newest of the pinned roots, and one for the change of roots that the last can't do.
    assert chain.bundles == (files[1], files[2], files[3])
    today = follow_pin(files, Pin.whole(fingerprint(LATER)))
    assert (today.bundles, today.bundle.version) == ((files[3],), 4)


def test_a_bundle_between_that_is_not_needed_is_left_out() -> None:
    both = [*P.roots[:2], *P.later_roots[:2]]
    files = [P.bundle(1), P.bundle(2, both, roots=LATER), P.bundle(3, both, roots=LATER)]
    chain = follow_pin(files, Pin.whole(P.pin))
    assert chain.bundles == (files[0], files[2])


def test_what_does_not_follow_leads_nowhere() -> None:
    stranger = P.bundle(3, OTHER.roots[:2], roots=roots_of(OTHER.roots))
    chain = follow_pin([stranger, OTHER.bundle(9), P.bundle(2)], Pin.whole(P.pin))
    assert chain.bundle.version == 2


def test_a_bundle_that_too_few_signed_is_passed_over_for_an_older_one() -> None:
    unsigned = P.bundle(2, P.roots[:1])
    assert follow_pin([P.bundle(1), unsigned], Pin.whole(P.pin)).bundle.version == 1
    code = code_of(lambda: follow_pin([unsigned], Pin.whole(P.pin)))
    assert code == "bundle.too_few_signatures"


def test_a_fork_is_an_alarm() -> None:
    files = [P.bundle(2), P.bundle(2, url_template="https://other.example/{number}")]
    assert code_of(lambda: follow_pin(files, Pin.whole(P.pin))) == "bundle.forked"


@pytest.mark.parametrize("version", [2, 3, 4])
def test_two_ways_that_lead_on_from_the_pinned_roots_are_an_alarm(version: int) -> None:
    thief = [*P.roots[:2], *OTHER.roots[:2]]
    forged = P.bundle(version, thief, roots=roots_of(OTHER.roots))
    honest = [P.bundle(1), P.rotated(3), P.rotated(3)]
    for files in ([*honest, forged], [forged, *honest]):
        assert code_of(lambda files=files: follow_pin(files, Pin.whole(P.pin))) == "bundle.forked"  # type: ignore[misc]
        later = follow_pin(files, Pin.whole(fingerprint(LATER)))
        assert later.bundle.version == 3


@pytest.mark.parametrize("version", [3, 4, 9])
def test_stolen_roots_lead_nowhere_after_they_were_changed(version: int) -> None:
    """What they sign alone, of whatever version, stands beside the change that they signed too."""
    forged = P.bundle(version, url_template="https://thief.example/{number}")
    honest = [P.bundle(1), P.rotated(3), P.bundle(5, P.later_roots, roots=LATER)]
    for files in ([*honest, forged], [forged, *honest], [forged, *honest[1:], P.bundle(2)]):
        assert code_of(lambda files=files: follow_pin(files, Pin.whole(P.pin))) == "bundle.forked"  # type: ignore[misc]
    # Before the change it is one bundle of many, and the change leads on from it.
    early = P.bundle(2, url_template="https://thief.example/{number}")
    assert follow_pin([early, *honest], Pin.whole(P.pin)).bundle.version == 5


def test_roots_that_come_back_are_followed_to_the_end() -> None:
    back = P.bundle(4, [*P.later_roots[:2], *P.roots[:2]])
    files = [P.bundle(1), P.rotated(3), back, P.bundle(6)]
    assert follow_pin(files, Pin.whole(P.pin)) == PinnedChain(P.pin, (files[3],), P.make(6))
    assert follow_pin(files[:2] + files[2:3], Pin.whole(P.pin)).bundles == (back,)


def test_another_pin_or_no_bundle_is_refused() -> None:
    assert code_of(lambda: follow_pin([P.bundle(1)], Pin.whole(OTHER.pin))) == "bundle.pin_mismatch"
    assert code_of(lambda: follow_pin([b"junk"], Pin.whole(P.pin))) == "bundle.malformed"
    assert code_of(lambda: follow_pin([], Pin.whole(P.pin))) == "bundle.malformed"
