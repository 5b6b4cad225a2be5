"""A file of pages without a seal -> a verdict for each certificate code that its pages show."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from etitle.errors import ImageError
from etitle.token.kinds import is_blank
from etitle.verdict import Check, CheckId, Judged, Outcome, Reason
from etitle.verify.checks.answers import NOT_CHECKED, unknown
from etitle.verify.codes import is_wanted, judge_codes, only
from etitle.verify.mint import remint
from etitle.verify.part import Part
from etitle.verify.token import verdict_without_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from etitle.token.read import PageTexts
    from etitle.verdict import Verdict
    from etitle.verify.question import Question

_UNSIGNED: Final = Check(CheckId.STRUCTURE, Outcome.PASS, Reason.UNSIGNED)
_FAULTS: Final = {
    "image.too_large": Reason.TOO_LARGE,
    "image.too_many_pixels": Reason.TOO_LARGE,
    "image.reader_missing": Reason.READER_MISSING,
    "image.encrypted": Reason.ENCRYPTED,
    "image.kind_unread": Reason.KIND_UNREAD,
}
"""Why a file was not read at all; other codes are ``unreadable``."""

_UNOPENED: Final = (Reason.READER_MISSING, Reason.ENCRYPTED)


def judge_picture(data: bytes, question: Question) -> tuple[Part, ...]:
    """Judge the codes of a picture; at least one part, for any bytes."""
    from etitle.token.read import read_picture  # noqa: PLC0415  # pictures only: start-up

    if is_blank(data):
        return (Part(verdict_without_token([unknown(CheckId.READ, Reason.EMPTY)], question)),)
    wanted = partial(is_wanted, trust=question.trust)
    return _judge(lambda: read_picture(data, wanted=wanted), question)


def judge_scan(pdf: bytes, question: Question) -> tuple[Part, ...]:
    """Judge the codes of a PDF without a seal (docs/spec clause 9.9); at least one part."""
    from etitle.token.pages import read_pdf  # noqa: PLC0415  # such files only

    structure = _UNSIGNED
    if question.policy.require is Judged.DOCUMENT:
        structure = unknown(CheckId.STRUCTURE, Reason.PAGE_NOT_JUDGED)
        question = replace(question, policy=replace(question.policy, require=Judged.CODE))
    wanted = partial(is_wanted, trust=question.trust)
    parts = _judge(lambda: read_pdf(pdf, wanted=wanted), question)
    return tuple(replace(one, verdict=_of_scan(one.verdict, structure)) for one in parts)


def _of_scan(verdict: Verdict, structure: Check) -> Verdict:
    """The verdict on a code as that on a PDF's; one that no page was read of says so first."""
    checks = verdict.checks
    if checks[0].reason in _UNOPENED:
        structure = unknown(CheckId.STRUCTURE, checks[0].reason)
        checks = (NOT_CHECKED[CheckId.READ], *checks[1:])
    return remint(verdict, checks=(structure, *checks), also_demanded=(CheckId.STRUCTURE,))


def verify_scan(pdf: bytes, question: Question) -> Verdict:
    """The one verdict on a PDF without a seal: of several the worst answer counts."""
    return only([part.verdict for part in judge_scan(pdf, question)], question)


def _judge(read: Callable[[], Iterable[PageTexts]], question: Question) -> tuple[Part, ...]:
    parts: list[Part] = []
    without: list[int] = []
    foreign = 0
    try:
        for page in read():
            codes = judge_codes(page.texts, question)
            foreign += codes.foreign
            parts += [Part(verdict, page.number) for verdict in codes.verdicts]
            if page.fault:
                found = unknown(CheckId.READ, Reason.PAGE_UNREAD, page.fault)
                parts.append(Part(verdict_without_token([found], question), page.number))
            elif not codes.verdicts and page.number is not None:
                without.append(page.number)
    except ImageError as error:
        reason = _FAULTS.get(error.code, Reason.UNREADABLE)
        detail = str(error.details.get("kind", error.code))
        return (Part(verdict_without_token([unknown(CheckId.READ, reason, detail)], question)),)
    if not parts:
        reason = Reason.NOT_OURS if foreign else Reason.NOTHING_FOUND
        return (Part(verdict_without_token([unknown(CheckId.READ, reason)], question)),)
    parts[0] = replace(parts[0], without_code=tuple(without), foreign=foreign)
    return tuple(parts)
