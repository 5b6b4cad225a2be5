"""The population: nobody in it exists, and it is as varied as the size figures claim."""

from __future__ import annotations

import pytest
from tests.support.authority import AT, make_world
from tests.support.population import WORDS, certificates
from tests.support.question import EXAMPLES

from etitle.certificate.compact import derived_sex
from etitle.certificate.identity import DocumentKind
from etitle.certificate.payload import MAX_PAYLOAD_BYTES, decode, encode
from etitle.token import frame
from etitle.verdict import Summary
from etitle.verify.question import Question
from etitle.verify.token import verify_token

COUNT = 400
MANY = certificates(COUNT)


def share(number: int) -> float:
    return number / COUNT


def known(text: str) -> bool:
    return text.encode() in frame.dictionary(frame.CURRENT_DICTIONARY)


def test_the_same_seed_gives_the_same_people() -> None:
    assert certificates(20) == certificates(20) == MANY[:20]
    assert certificates(20, seed=1) != MANY[:20]


def test_numbers_are_unique() -> None:
    assert len({one.number for one in MANY}) == COUNT


@pytest.mark.parametrize("profile", ["masked", "full"])
def test_everybody_has_a_payload(profile: str) -> None:
    for one in certificates(COUNT, profile=profile):
        data = encode(one)
        assert len(data) <= MAX_PAYLOAD_BYTES
        assert decode(data) == one


def test_nobody_exists() -> None:
    # 450099 was never assigned to a county.
    for one in certificates(COUNT, profile="full"):
        assert one.identity is not None
        if one.identity.kind is DocumentKind.CN_RESIDENT:
            assert one.identity.shown.startswith("450099")
            assert derived_sex(one.identity) in (one.sex, None)


def test_half_carry_an_approval_document() -> None:
    assert share(sum(one.approval_document is not None for one in MANY)) == pytest.approx(
        0.5, abs=0.02
    )


def test_three_specialties_in_ten_are_unknown_to_the_dictionary() -> None:
    assert share(sum(not known(one.specialty) for one in MANY)) == pytest.approx(0.3, abs=0.06)


def test_regions_that_the_dictionary_does_not_know_are_there() -> None:
    regional = [one for one in MANY if not one.approving_body.startswith("样例省")]
    names = [one.approving_body.removesuffix("职称改革工作领导小组办公室") for one in regional]
    unknown = sum(not known(name) for name in names) / len(names)
    assert unknown == pytest.approx(0.3, abs=0.08)


def test_every_name_that_is_meant_to_be_unknown_is() -> None:
    for name in (*WORDS["other_specialties"], *WORDS["other_regions"]):
        assert not known(name), name


def test_a_world_of_them_is_valid() -> None:
    some = MANY[:25]
    world = make_world(some)
    for one in some:
        code = world.code(one)
        verdict = verify_token(
            code, Question(trust=world.trust, lists=world.lists, at=AT, policy=EXAMPLES)
        )
        expected = {Summary.VALID, Summary.INDETERMINATE}  # some are issued later than today
        assert verdict.summary in expected
        if one.issued <= AT.date():
            assert verdict.summary is Summary.VALID
