"""Errors: a code, words in two languages, and no surprise when they are shown."""

from __future__ import annotations

import pickle

import pytest

from etitle import errors
from etitle.errors import DecodeError, EtitleError, explain

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, EtitleError)
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_carries_code_and_details(kind: type[EtitleError]) -> None:
    error = kind("canon.trailing_bytes", count=2)
    assert error.code == "canon.trailing_bytes"
    assert error.details == {"count": 2}
    assert isinstance(error, EtitleError)


def test_an_error_shows_code_words_and_next_step_in_both_languages() -> None:
    error = DecodeError("canon.trailing_bytes", count=2)
    for language in errors.LANGUAGES:
        what, then = error.what(language), error.next(language)
        assert "2" in what
        assert then
        assert error.show(language).startswith(f"[canon.trailing_bytes] {what}")
        assert then in error.show(language)
        assert error.show(language) in str(error)


def test_a_message_without_a_next_step_shows_none() -> None:
    assert explain("verdict.ok", "zh")[1] == ""
    assert "\n" not in EtitleError("verdict.ok").show("en")


def test_a_detail_that_was_not_given_shows_as_a_question_mark() -> None:
    assert explain("canon.trailing_bytes", "en")[0].startswith("?")


@pytest.mark.parametrize(
    "hostile", ["{count}", "{0}", "{", "}", "{count.__class__}", "%s", "{x!r}"]
)
def test_a_detail_is_never_read_as_a_format(hostile: str) -> None:
    assert hostile in explain("canon.trailing_bytes", "en", count=hostile)[0]


def test_an_error_survives_a_process_boundary_with_its_code() -> None:
    error = DecodeError("canon.truncated", offset=3)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert isinstance(again, DecodeError)
    assert (again.code, again.details) == (error.code, error.details)


def test_a_person_at_a_command_line_is_told_a_command_and_a_program_is_not() -> None:
    error = EtitleError("store.not_found", path="t")
    for language in errors.LANGUAGES:
        assert "etitle-verify trust init" in errors.explain_command(error.code, language)[1]
        assert "Store.init" in error.next(language)
        # Where there is but one step, both are told it.
        both = errors.explain_command("store.not_ours", language)[1]
        assert both == EtitleError("store.not_ours").next(language) != ""


@pytest.mark.parametrize(
    ("error", "zh", "en"),
    [
        (EtitleError("cose.malformed", what="protected header"), "受保护的头部", "its protected"),
        (EtitleError("list.field_refused", field="coverage"), "涵盖的序号个数", "indices covered"),
        (EtitleError("list.entry_refused", index=1, field="day"), "状态变更日期", "day of the"),
        (EtitleError("store.delta_gap", what="list 7", held=1), "状态列表 7", "list 7"),
        (EtitleError("store.forked", authority="a", what="bundle", number=1), "信任包", "bundle"),
        (EtitleError("store.forked", authority="a", what="rescue", number=1), "确认清单", "rescue"),
        (EtitleError("bundle.malformed", field="7.0.6"), "7.0.6", "7.0.6"),
        (EtitleError("cli.usage", what="list of a, epoch"), "list of a", "list of a"),
    ],
)  # fmt: skip
def test_details_are_words_in_both_languages(error: EtitleError, zh: str, en: str) -> None:
    assert zh in error.what("zh")
    assert en in error.what("en")


def test_a_time_without_a_zone_is_our_error_and_pythons() -> None:
    error = errors.NaiveTimeError("certificate.time_naive")
    assert isinstance(error, EtitleError)
    assert isinstance(error, ValueError)
    assert "time zone" in str(error)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert isinstance(again, errors.NaiveTimeError)
