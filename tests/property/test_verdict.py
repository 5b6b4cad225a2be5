"""The summary follows from the checks as docs/spec clause 8.2 says, for any checks whatever."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.population import certificates
from tests.support.verdicts import made, with_checks

from etitle.errors import NotValidError
from etitle.verdict import (
    DOCUMENT_DEMANDS,
    TOKEN_DEMANDS,
    Authenticity,
    Axis,
    Check,
    CheckId,
    Outcome,
    Reason,
    Standing,
    State,
    Summary,
    Verdict,
)

CERTIFICATE = certificates(1)[0]
HOLDER = {CheckId.HOLDER}
STANDING_AXIS = {CheckId.LIST, CheckId.FRESHNESS, CheckId.COVERAGE, CheckId.STANDING}

DEMANDS = [
    *(base | more for base in (TOKEN_DEMANDS, DOCUMENT_DEMANDS) for more in (set(), HOLDER)),
    frozenset(CheckId),
]
"""What is demanded of a code, of a document, of either and its holder, and of an archived one."""

CHECKS = st.builds(
    Check, st.sampled_from(CheckId), st.sampled_from(Outcome), st.sampled_from(Reason)
)
VERDICTS = st.builds(
    made,
    checks=st.lists(CHECKS, max_size=16).map(tuple),
    standing=st.builds(Standing, st.sampled_from(State), as_of_s=st.none() | st.integers(0, 2**40)),
    at_s=st.integers(0, 2**40),
    demanded=st.sampled_from(DEMANDS),
    claimed=st.sampled_from([None, CERTIFICATE]),
)
PASSING = tuple(Check(check, Outcome.PASS, Reason.OK) for check in CheckId)


def expected(verdict: Verdict) -> Summary:
    """Clause 8.2, word by word."""
    outcomes = [check.outcome for check in verdict.checks]
    authenticity = [c for c in verdict.checks if c.id.axis is Axis.AUTHENTICITY]
    asked = {check.id for check in authenticity}
    authentic = all(c.outcome is Outcome.PASS for c in authenticity) and all(
        check in asked for check in verdict.demanded if check.axis is Axis.AUTHENTICITY
    )
    if Outcome.FAIL in outcomes:
        return Summary.INVALID
    if not authentic:
        return Summary.INDETERMINATE
    if verdict.standing.state not in {State.IN_FORCE, State.UNKNOWN}:
        return Summary.NOT_IN_FORCE
    there = {check.id for check in verdict.checks} >= verdict.demanded
    if verdict.standing.state is State.IN_FORCE and there and set(outcomes) == {Outcome.PASS}:
        return Summary.VALID
    return Summary.INDETERMINATE


@settings(max_examples=400)
@given(VERDICTS)
def test_the_summary_is_that_of_the_clause(verdict: Verdict) -> None:
    assert verdict.summary is expected(verdict)


@settings(max_examples=200)
@given(VERDICTS)
def test_only_valid_gives_a_certificate(verdict: Verdict) -> None:
    if verdict.summary is Summary.VALID and verdict.claimed is not None:
        assert verdict.require() is CERTIFICATE
    else:
        with pytest.raises(NotValidError):
            verdict.require()
    with pytest.raises(TypeError):
        bool(verdict)


@settings(max_examples=200)
@given(VERDICTS, CHECKS)
def test_one_more_check_that_does_not_pass_never_makes_it_valid(
    verdict: Verdict, more: Check
) -> None:
    worse = with_checks(verdict, (*verdict.checks, more))
    if more.outcome is not Outcome.PASS:
        assert worse.summary is not Summary.VALID
    if verdict.summary is Summary.INVALID:
        assert worse.summary is Summary.INVALID


@settings(max_examples=100)
@given(VERDICTS, st.randoms())
def test_the_order_of_the_checks_does_not_matter(verdict: Verdict, random: object) -> None:
    checks = list(verdict.checks)
    random.shuffle(checks)  # type: ignore[attr-defined]
    shuffled = with_checks(verdict, checks)
    assert shuffled.summary is verdict.summary
    assert shuffled.authenticity is verdict.authenticity


@pytest.mark.parametrize("check", CheckId)
@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.UNKNOWN])
def test_every_single_check_can_stand_in_the_way(check: CheckId, outcome: Outcome) -> None:
    checks = tuple(replace(one, outcome=outcome) if one.id is check else one for one in PASSING)
    good = made(PASSING, Standing(State.IN_FORCE), 0, claimed=CERTIFICATE)
    assert good.summary is Summary.VALID
    bad = with_checks(good, checks)
    wanted = Summary.INVALID if outcome is Outcome.FAIL else Summary.INDETERMINATE
    assert bad.summary is wanted
    if check.axis is Axis.AUTHENTICITY:
        assert bad.authenticity is not Authenticity.AUTHENTIC
    else:
        assert bad.authenticity is Authenticity.AUTHENTIC


def test_nothing_looked_at_is_not_good() -> None:
    for state in State:
        empty = made((), Standing(state), 0, claimed=CERTIFICATE)
        assert empty.summary is Summary.INDETERMINATE
        assert empty.authenticity is Authenticity.UNKNOWN
        unasked = tuple(check for check in PASSING if check.id not in STANDING_AXIS)
        assert made(unasked, Standing(state), 0).summary is not Summary.VALID


def test_valid_without_a_certificate_gives_none() -> None:
    with pytest.raises(NotValidError):
        made(PASSING, Standing(State.IN_FORCE), 0).require()


@pytest.mark.parametrize("demanded", DEMANDS)
def test_every_demanded_check_must_be_there(demanded: frozenset[CheckId]) -> None:
    for state in (State.IN_FORCE, State.VOIDED):
        standing = Standing(state)
        whole = tuple(check for check in PASSING if check.id in demanded)
        for missing in demanded:
            rest = tuple(check for check in whole if check.id is not missing)
            verdict = made(rest, standing, demanded=demanded, claimed=CERTIFICATE)
            assert verdict.summary is not Summary.VALID
            if missing.axis is Axis.AUTHENTICITY:
                assert verdict.summary is Summary.INDETERMINATE
                assert verdict.authenticity is Authenticity.UNKNOWN
        full = made(whole, standing, demanded=demanded, claimed=CERTIFICATE)
        assert full.summary is (Summary.VALID if state is State.IN_FORCE else Summary.NOT_IN_FORCE)


def test_two_checks_that_passed_are_no_valid_certificate() -> None:
    two = tuple(check for check in PASSING if check.id in {CheckId.SIGNATURE, CheckId.STANDING})
    verdict = made(two, Standing(State.IN_FORCE), claimed=CERTIFICATE)
    assert verdict.summary is Summary.INDETERMINATE
