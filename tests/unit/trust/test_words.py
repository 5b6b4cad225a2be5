"""A fingerprint in six words, in two languages (clause 5.4.1)."""

from __future__ import annotations

from random import Random

import pytest
from tests.support.publisher import OTHER, P

from etitle.errors import LANGUAGES, Language, TrustError
from etitle.trust import words
from etitle.trust.pin import follow_pin, parse_pin
from etitle.trust.words import read_words, spell_words, word_list

DIGEST = bytes.fromhex("f6cf1b5ae746fa81e19df476054c46ac032ef3990273331194bfeba2fe9b0639")
EN = "walnut juice stove soldier hurry domain"
ZH = "堡 伟 狗 迟 践 席"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_has_2048_words_each_once(language: Language) -> None:
    found = word_list(language)
    assert len(found) == len(set(found)) == 2048
    assert found == tuple(word.strip() for word in found)


def test_words_are_the_first_66_bits() -> None:
    assert spell_words(DIGEST, "en") == EN
    assert spell_words(DIGEST, "zh") == ZH
    changed = bytearray(DIGEST)
    changed[8] ^= 0x20  # bit 66, counted from 0
    assert spell_words(bytes(changed), "en") == EN
    changed[8] ^= 0x40  # bit 65
    assert spell_words(bytes(changed), "en") != EN


@pytest.mark.parametrize(
    "text",
    [
        EN, EN.upper(), EN.title(), EN.replace(" ", ", "), EN.replace(" ", "-"),
        EN.replace(" ", "\n"), f"Words: {EN}", f"“{EN}.”", f"1. {EN}",
        ZH, ZH.replace(" ", ""), ZH.replace(" ", "、"), ZH.replace(" ", "\u3000"),
        f"指纹词：{ZH}", f"{EN}\n{ZH}\n", f"{ZH}。",
        EN.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}),
    ],
)  # fmt: skip
def test_words_are_a_pin_in_every_spelling(text: str) -> None:
    pin = parse_pin(text)
    assert pin.bits == 66
    assert pin.fits(DIGEST)
    assert not pin.fits(OTHER.pin)


@pytest.mark.parametrize(
    "text",
    [
        EN.rpartition(" ")[0], f"{EN} abandon", EN.replace("walnut", "walnuts"), ZH[:-1], ZH + "的",
        f"{EN} 的", f"{EN}\n的 的 的 的 的 的", "样例省人社厅 (sample)",
    ],
)  # fmt: skip
def test_what_is_not_six_words_of_a_list_is_no_pin(text: str) -> None:
    with pytest.raises(TrustError) as caught:
        parse_pin(text)
    assert caught.value.code == "bundle.pin_malformed"


def test_digits_count_where_there_are_both() -> None:
    text = f"的一是在不了\n{DIGEST.hex()}\n{ZH}"
    assert parse_pin(text).bits == 256


def test_words_read_back_as_they_were_spelled() -> None:
    random = Random(3)
    for _ in range(200):
        digest = random.randbytes(32)
        for language in LANGUAGES:
            assert read_words(spell_words(digest, language)) == int.from_bytes(digest, "big") >> 190


def test_words_lead_to_the_bundle_in_force() -> None:
    chain = follow_pin([P.bundle(1), P.bundle(2)], parse_pin(spell_words(P.pin, "zh")))
    assert (chain.pin, chain.bundle.version) == (P.pin, 2)


def test_a_damaged_list_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    word_list.cache_clear()
    monkeypatch.setitem(words.LISTS, "en", "0" * 64)
    with pytest.raises(TrustError) as caught:
        word_list("en")
    assert caught.value.code == "bundle.words_damaged"
