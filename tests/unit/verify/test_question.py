"""What is asked is asked whole: trust, lists and time have no default."""

from __future__ import annotations

import dataclasses
import datetime
from typing import TYPE_CHECKING

import pytest

from etitle.trust.anchors import Lists, Trust
from etitle.verdict import Judged
from etitle.verify.question import DEFAULT_POLICY, Holder, Policy, Question

if TYPE_CHECKING:
    from collections.abc import Callable

AT = datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC)
ASKED = {"trust": Trust(()), "lists": Lists(), "at": AT}


@pytest.mark.parametrize("missing", ASKED)
def test_trust_lists_and_time_are_required(missing: str) -> None:
    ask: Callable[..., Question] = Question
    with pytest.raises(TypeError):
        ask(**{name: value for name, value in ASKED.items() if name != missing})
    with pytest.raises(TypeError):
        ask(*ASKED.values())


def test_a_time_without_a_zone_is_refused() -> None:
    class Nowhere(datetime.tzinfo):
        def utcoffset(self, _at: datetime.datetime | None) -> None:
            return None

        def dst(self, _at: datetime.datetime | None) -> None:
            return None

        def tzname(self, _at: datetime.datetime | None) -> None:
            return None

    for zone in (None, Nowhere()):
        with pytest.raises(ValueError, match="time zone"):
            Question(trust=Trust(()), lists=Lists(), at=AT.replace(tzinfo=zone))


def test_seconds_follow_from_the_time() -> None:
    question = Question(trust=Trust(()), lists=Lists(), at=AT)
    assert (question.at_s, question.policy, question.holder) == (
        1_795_132_800,
        DEFAULT_POLICY,
        None,
    )
    later = dataclasses.replace(question, at=AT + datetime.timedelta(seconds=5))
    assert later.at_s == question.at_s + 5


def test_a_question_is_frozen_and_shows_no_number() -> None:
    question = Question(
        trust=Trust(()), lists=Lists(), at=AT, holder=Holder(number="450099199001011234")
    )
    assert "450099" not in repr(question)
    with pytest.raises(dataclasses.FrozenInstanceError):
        question.at = AT  # type: ignore[misc]


def test_what_is_required_may_be_a_text_and_is_one_of_two() -> None:
    assert Policy(require="document").require is Judged.DOCUMENT  # type: ignore[arg-type]
    assert Policy(require="code") == DEFAULT_POLICY  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="page"):
        Policy(require="page")  # type: ignore[arg-type]
