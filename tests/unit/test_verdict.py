"""Values of the verdict (docs/spec clauses 8.1 and 8.3)."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.population import certificates
from tests.support.verdicts import made

from etitle.errors import LANGUAGES, NotValidError
from etitle.verdict import (
    TOKEN_DEMANDS,
    UNKNOWN_STANDING,
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

if TYPE_CHECKING:
    from collections.abc import Callable

SPEC = (Path(__file__).parents[2] / "docs" / "spec" / "verdict.md").read_text("utf-8")


def test_the_checks_are_those_of_clause_8_3_in_its_order() -> None:
    table = SPEC.partition("## 8.3")[2].partition("## 8.4")[0]
    assert re.findall(r"^\| `(\w+)`", table, re.MULTILINE) == [check.value for check in CheckId]


def test_the_states_are_those_of_clause_8_1() -> None:
    (row,) = re.findall(r"^\| standing \|(.*)\|$", SPEC, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", row)) == {state.value for state in State}


def test_every_check_is_on_one_axis() -> None:
    standing = {CheckId.LIST, CheckId.FRESHNESS, CheckId.COVERAGE, CheckId.STANDING}
    for check in CheckId:
        if check in standing:
            assert check.axis is Axis.STANDING
        elif check is CheckId.HOLDER:
            assert check.axis is Axis.HOLDER
        else:
            assert check.axis is Axis.AUTHENTICITY


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_words(reason: Reason, language: str) -> None:
    what, then = Check(CheckId.READ, Outcome.UNKNOWN, reason, "DETAIL").explain(language)  # type: ignore[arg-type]
    assert what
    assert "{" not in what + then


def test_verdicts_checks_and_standings_are_frozen() -> None:
    check = Check(CheckId.READ, Outcome.PASS, Reason.OK)
    for value, name in (
        (check, "outcome"),
        (UNKNOWN_STANDING, "state"),
        (made((check,), UNKNOWN_STANDING, 0), "checks"),
    ):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, None)


def test_the_age_of_the_list_is_that_at_the_time_of_the_verdict() -> None:
    assert made((), Standing(State.IN_FORCE, as_of_s=40), 100).list_age_s == 60
    assert made((), Standing(State.IN_FORCE, as_of_s=140), 100).list_age_s == -40
    assert made((), UNKNOWN_STANDING, 100).list_age_s is None


@pytest.mark.parametrize(
    ("checks", "reason"),
    [
        ((), Reason.NOT_CHECKED),
        ((Check(CheckId.USE, Outcome.FAIL, Reason.USE_WRONG),), Reason.USE_WRONG),
        ((Check(CheckId.STANDING, Outcome.PASS, Reason.VOIDED),), Reason.VOIDED),
        (
            (
                Check(CheckId.READ, Outcome.PASS, Reason.OK),
                Check(CheckId.USE, Outcome.UNKNOWN, Reason.NOT_CHECKED),
                Check(CheckId.SEGMENT, Outcome.FAIL, Reason.OUTSIDE_SEGMENT),
            ),
            Reason.NOT_CHECKED,
        ),
        (
            (
                Check(CheckId.READ, Outcome.PASS, Reason.OK),
                Check(CheckId.STANDING, Outcome.PASS, Reason.VOIDED),
            ),
            Reason.VOIDED,
        ),
    ],
)
def test_the_refusal_names_the_first_reason(checks: tuple[Check, ...], reason: Reason) -> None:
    with pytest.raises(NotValidError) as caught:
        made(checks, UNKNOWN_STANDING, 0).require()
    assert caught.value.details["reason"] is reason


def test_only_a_valid_verdict_gives_its_certificate() -> None:
    one = certificates(1)[0]
    passed = [Check(check, Outcome.PASS, Reason.OK) for check in TOKEN_DEMANDS]
    assert made(passed, Standing(State.IN_FORCE), claimed=one).require() is one
    for checks, state, claimed in (
        (passed, State.IN_FORCE, None),
        (passed, State.VOIDED, one),
        (passed, State.UNKNOWN, one),
        (passed[1:], State.IN_FORCE, one),
        ([*passed, Check(CheckId.HOLDER, Outcome.FAIL, Reason.HOLDER_MISMATCH)], State.IN_FORCE,
         one),
    ):  # fmt: skip
        with pytest.raises(NotValidError):
            made(checks, Standing(state), claimed=claimed).require()


INVALID = made([Check(CheckId.USE, Outcome.FAIL, Reason.USE_WRONG)])


def forge_by_reduction() -> object:
    """What unpickling does: it asks the class for an object and gives it a state."""
    return object.__new__(Verdict).__setstate__([])


@pytest.mark.parametrize(
    "forge",
    [
        Verdict,
        lambda: Verdict((), frozenset(), UNKNOWN_STANDING, 0, "", False, None, ""),  # noqa: FBT003
        lambda: dataclasses.replace(INVALID, checks=()),
        lambda: INVALID.__replace__(checks=()),  # type: ignore[attr-defined]
        lambda: pickle.loads(pickle.dumps(INVALID)),  # noqa: S301  # our own bytes
        forge_by_reduction,
        lambda: type("Mine", (Verdict,), {"summary": Summary.VALID}),
        lambda: made(demanded=frozenset({CheckId.SIGNATURE})),
    ],
)
def test_no_program_makes_a_verdict_or_changes_one(forge: Callable[[], object]) -> None:
    errors = (TypeError, ValueError) if sys.version_info >= (3, 13) else (
        TypeError, ValueError, AttributeError,
    )  # fmt: skip
    with pytest.raises(errors):
        forge()


def test_a_copy_of_a_verdict_is_the_verdict() -> None:
    assert copy.copy(INVALID) is INVALID
    assert copy.deepcopy([INVALID])[0] is INVALID
