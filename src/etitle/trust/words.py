"""A fingerprint in words, to read out and to tell authorities apart (docs/spec clause 5.4.1).

Six words of a fixed list stand for the first 66 bits; each list is held against its hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Final

from etitle.errors import Language, TrustError

WORD_BITS: Final = 11
COUNT: Final = 6
BITS: Final = WORD_BITS * COUNT
LISTS: Final[dict[Language, str]] = {
    "zh": "5c5942792bd8340cb8b27cd592f1015edf56a8c5b26276ee18a482428e7c5726",
    "en": "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda",
}
"""SHA-256 of each list, ``words-<language>.txt``: 2,048 lines; immutable."""
_MASK: Final = (1 << WORD_BITS) - 1
_ENGLISH: Final = re.compile(r"[a-z]+")
_TOKEN: Final = re.compile(r"[^\W_]+|:")
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")


@cache
def word_list(language: Language) -> tuple[str, ...]:
    """The words of a list, in order.

    Raises:
        TrustError: ``bundle.words_damaged`` when the installed file is not the published one.
    """
    data = resources.files("etitle.trust").joinpath(f"words-{language}.txt").read_bytes()
    if sha256(data).hexdigest() != LISTS[language]:
        raise TrustError("bundle.words_damaged", language=language)
    return tuple(data.decode("utf-8").splitlines())


@cache
def _numbers(language: Language) -> dict[str, int]:
    return {word: number for number, word in enumerate(word_list(language))}


def spell_words(digest: bytes, language: Language) -> str:
    """The six words of a fingerprint.

    >>> spell_words(bytes(32), "en"), spell_words(bytes(32), "zh")
    ('abandon abandon abandon abandon abandon abandon', '的 的 的 的 的 的')
    """
    first = int.from_bytes(digest, "big") >> (8 * len(digest) - BITS)
    words = word_list(language)
    shifts = reversed(range(0, BITS, WORD_BITS))
    return " ".join(words[first >> shift & _MASK] for shift in shifts)


def find_words(text: str) -> Iterator[int]:
    """The bits of each run of six words in a text, whatever else the text holds.

    Chinese characters are such a run only with something between them, as they are shown: a name
    of six characters is none.

    >>> list(find_words("ABANDON abandon abandon abandon abandon about (7A6E), 的 的 的 的 的 一"))
    [3, 1]
    """
    run: list[str] = []
    none: Mapping[str, int] = {}
    before = none
    for token in (*_TOKEN.findall(text.lower()), ""):
        numbers = next((each for each in map(_numbers, LISTS) if token in each), none)
        if run and numbers is not before:
            yield from _value_of(run, before)
            run = []
        if numbers:
            run.append(token)
        before = numbers


def _value_of(words: Sequence[str], numbers: Mapping[str, int]) -> Iterator[int]:
    if len(words) == COUNT and all(word in numbers for word in words):
        value = 0
        for word in words:
            value = value << WORD_BITS | numbers[word]
        yield value


def read_words(text: str) -> int | None:
    """The 66 bits that a text of six words stands for; None where it is no such text.

    Case and whatever stands between the words do not count.

    >>> read_words("Abandon, abandon, abandon, abandon, abandon, about"), read_words("的 一 是")
    (3, None)
    """
    lowered = text.lower()
    english, chinese = _ENGLISH.findall(lowered), _CHINESE.findall(lowered)
    if english and chinese:
        return None
    numbers = _numbers("zh" if chinese else "en")
    words = chinese or english
    return next(_value_of(words, numbers), None)
