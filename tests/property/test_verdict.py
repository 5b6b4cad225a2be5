"""The summary follows from the checks as docs/spec clause 8.2 says, for any checks whatever."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.population import certificates

from etitle.errors import NotValidError
from etitle.verdict import (
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
STANDING_AXIS = {CheckId.LIST, CheckId.FRESHNESS, CheckId.COVERAGE, CheckId.STANDING}

CHECKS = st.builds(
    Check, st.sampled_from(CheckId), st.sampled_from(Outcome), st.sampled_from(Reason)
)
VERDICTS = st.builds(
    Verdict,
    checks=st.lists(CHECKS, max_size=16).map(tuple),
    standing=st.builds(Standing, st.sampled_from(State), as_of_s=st.none() | st.integers(0, 2**40)),
    at_s=st.integers(0, 2**40),
    claimed=st.sampled_from([None, CERTIFICATE]),
)
PASSING = tuple(Check(check, Outcome.PASS, Reason.OK) for check in CheckId)


def expected(verdict: Verdict) -> Summary:
    """Clause 8.2, word by word."""
    outcomes = [check.outcome for check in verdict.checks]
    authenticity = [c.outcome for c in verdict.checks if c.id.axis is Axis.AUTHENTICITY]
    authentic = bool(authenticity) and all(one is Outcome.PASS for one in authenticity)
    if Outcome.FAIL in outcomes:
        return Summary.INVALID
    if not authentic:
        return Summary.INDETERMINATE
    if verdict.standing.state not in {State.IN_FORCE, State.UNKNOWN}:
        return Summary.NOT_IN_FORCE
    asked = any(check.id.axis is Axis.STANDING for check in verdict.checks)
    if verdict.standing.state is State.IN_FORCE and asked and set(outcomes) == {Outcome.PASS}:
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
    worse = replace(verdict, checks=(*verdict.checks, more))
    if more.outcome is not Outcome.PASS:
        assert worse.summary is not Summary.VALID
    if verdict.summary is Summary.INVALID:
        assert worse.summary is Summary.INVALID


@settings(max_examples=100)
@given(VERDICTS, st.randoms())
def test_the_order_of_the_checks_does_not_matter(verdict: Verdict, random: object) -> None:
    checks = list(verdict.checks)
    random.shuffle(checks)  # type: ignore[attr-defined]
    shuffled = replace(verdict, checks=tuple(checks))
    assert shuffled.summary is verdict.summary
    assert shuffled.authenticity is verdict.authenticity


@pytest.mark.parametrize("check", CheckId)
@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.UNKNOWN])
def test_every_single_check_can_stand_in_the_way(check: CheckId, outcome: Outcome) -> None:
    checks = tuple(replace(one, outcome=outcome) if one.id is check else one for one in PASSING)
    good = Verdict(PASSING, Standing(State.IN_FORCE), 0, claimed=CERTIFICATE)
    assert good.summary is Summary.VALID
    bad = replace(good, checks=checks)
    wanted = Summary.INVALID if outcome is Outcome.FAIL else Summary.INDETERMINATE
    assert bad.summary is wanted
    if check.axis is Axis.AUTHENTICITY:
        assert bad.authenticity is not Authenticity.AUTHENTIC
    else:
        assert bad.authenticity is Authenticity.AUTHENTIC


def test_nothing_looked_at_is_not_good() -> None:
    for state in State:
        empty = Verdict((), Standing(state), 0, claimed=CERTIFICATE)
        assert empty.summary is Summary.INDETERMINATE
        assert empty.authenticity is Authenticity.UNKNOWN
        unasked = tuple(check for check in PASSING if check.id not in STANDING_AXIS)
        assert Verdict(unasked, Standing(state), 0).summary is not Summary.VALID


def test_valid_without_a_certificate_gives_none() -> None:
    with pytest.raises(NotValidError):
        Verdict(PASSING, Standing(State.IN_FORCE), 0).require()
