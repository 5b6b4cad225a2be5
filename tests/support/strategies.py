"""Hypothesis strategies for certificates: every value that docs/spec clause 2 allows."""

from __future__ import annotations

import datetime
import unicodedata

from hypothesis import assume
from hypothesis import strategies as st

from etitle.certificate.dates import PartialDate
from etitle.certificate.decode import (
    MAX_INDEX,
    MAX_LIST_ID,
    MAX_TEXT,
    MAX_VERSION,
)
from etitle.certificate.identity import SIGHT, DocumentKind, Identity, check_digit, mask
from etitle.certificate.model import BodyLevel, Certificate, Level, Sex, Source
from etitle.certificate.number import has_one_spelling

_HIDDEN = (
    {*range(0x20), *range(0x7F, 0xA0), 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E}
    | {*range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070)}
    | {0x3164, 0xFEFF, 0xFFA0, *range(0xFFF9, 0x10000)}
    | {*range(0x1D173, 0x1D17B), *range(0xE0000, 0xE0080)}
)
"""Spelled from clause 2.2.1, not from the program."""

_RARE = "".join(map(chr, (0x20000, 0x20BB7, 0x2A6D6, 0x2B7A5, 0x30EDD, 0x9FA6, 0xB7, 0xE0100)))

DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2199, 12, 31))


def _is_text(text: str) -> bool:
    return bool(text) and text == text.strip() and not any(ord(each) in _HIDDEN for each in text)


def texts(most: int) -> st.SearchStrategy[str]:
    """NFC text of 1 to ``most`` characters, rare ones and all planes among them."""
    characters = st.one_of(
        st.sampled_from("样例省甲乙丙工程师研究员一二三(A)1 " + _RARE),
        st.characters(codec="utf-8"),
    )
    return (
        st.text(characters, min_size=1, max_size=min(most, 24))
        .map(lambda text: unicodedata.normalize("NFC", text).strip()[:most].strip())
        .filter(_is_text)
        .filter(lambda text: unicodedata.is_normalized("NFC", text))
    )


def numbers() -> st.SearchStrategy[str]:
    """证号: integers, integers with leading zeros, letters, any text."""
    return st.one_of(
        st.integers(0, 10**19).map(str),
        st.from_regex(r"0[0-9]{3,17}", fullmatch=True),
        st.from_regex(r"EX[A-Z]{0,2}[0-9]{4,12}", fullmatch=True),
        texts(MAX_TEXT[1]).filter(has_one_spelling),
    )


@st.composite
def eighteen(draw: st.DrawFn) -> str:
    """18 characters with a right check digit; the address code 450099 was never assigned."""
    first17 = "450099" + draw(st.from_regex(r"[0-9]{11}", fullmatch=True))
    return first17 + check_digit(first17)


_NUMBER = st.from_regex(r"[0-9A-Z]{5,20}", fullmatch=True)
_EIGHTEEN_SHAPED = st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True)


@st.composite
def masks(draw: st.DrawFn, kind: DocumentKind) -> str:
    """Of the kind's form, for numbers of any length; those of 18 characters among them."""
    number = draw(st.one_of(_EIGHTEEN_SHAPED, _NUMBER))
    first, last = SIGHT[kind]
    assume(len(number) > first + last)
    return mask(kind, number)


def identities() -> st.SearchStrategy[Identity | None]:
    """Every kind in every profile: typed forms, near misses, and text."""
    commitments = st.binary(min_size=16, max_size=16)
    nationalities = st.from_regex(r"[A-Z]{3}", fullmatch=True)

    def of(kind: DocumentKind) -> st.SearchStrategy[Identity]:
        nationality = (
            st.one_of(st.none(), nationalities) if kind is DocumentKind.PASSPORT else st.none()
        )
        full = st.one_of(eighteen(), _EIGHTEEN_SHAPED, _NUMBER)
        return st.one_of(
            st.builds(Identity, st.just(kind), full, st.none(), nationality),
            st.builds(Identity, st.just(kind), masks(kind), commitments, nationality),
        )

    return st.one_of(st.none(), st.sampled_from(DocumentKind).flatmap(of))


def partial_dates() -> st.SearchStrategy[PartialDate]:
    """Days, months and years."""
    years = st.integers(1900, 2199)
    return st.one_of(
        DAYS.map(PartialDate.of),
        st.builds(PartialDate, years, st.integers(1, 12)),
        st.builds(PartialDate, years),
    )


@st.composite
def certificates(draw: st.DrawFn) -> Certificate:
    """Any legal certificate whose payload has at most 1024 bytes."""

    def maybe(key: int) -> str | None:
        return draw(st.one_of(st.none(), texts(MAX_TEXT[key])))

    issuing_body = draw(texts(MAX_TEXT[11]))
    urls = st.from_regex(r"https://[a-z0-9.]{1,20}/[a-z0-9/?=-]{0,60}", fullmatch=True)
    return Certificate(
        number=draw(numbers()),
        name=draw(texts(MAX_TEXT[2])),
        sex=draw(st.sampled_from(Sex)),
        identity=draw(identities()),
        series=draw(texts(MAX_TEXT[5])),
        title=draw(texts(MAX_TEXT[6])),
        specialty=draw(texts(MAX_TEXT[7])),
        qualified=draw(partial_dates()),
        issued=draw(DAYS),
        review_body=maybe(10),
        issuing_body=issuing_body,
        url=draw(st.one_of(st.none(), urls)),
        level=draw(st.sampled_from(Level)),
        source=draw(st.sampled_from(Source)),
        body_level=draw(st.sampled_from(BodyLevel)),
        approving_body=draw(st.one_of(st.just(issuing_body), texts(MAX_TEXT[16]))),
        approval_document=maybe(17),
        version=draw(st.integers(1, MAX_VERSION)),
        supersedes=draw(st.one_of(st.none(), numbers())),
        list_id=draw(st.integers(0, MAX_LIST_ID)),
        index=draw(st.integers(0, MAX_INDEX)),
    )
