"""One holder asked of a verdict that is there already: the slow check, apart from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etitle.verdict import CheckId, Outcome
from etitle.verify.checks.answers import NOT_CHECKED
from etitle.verify.checks.holder import check_holder
from etitle.verify.mint import remint

if TYPE_CHECKING:
    from etitle.verdict import Check, Verdict
    from etitle.verify.question import Holder


def verify_holder(verdict: Verdict, holder: Holder) -> Verdict:
    """Ask a verdict whether the certificate is this person's (docs/spec clause 2.5.3).

    The answer is that of the same question with the holder in it.  To match a masked number takes
    some 140 ms of processor time, so a program shows the verdict first and asks this later; for a
    whole staff list it asks in several threads at once.

    Args:
        verdict: of any input; a holder in it is replaced.
        holder: the person; a document's own opening counts before the holder's.

    Returns:
        The verdict with the check ``holder``, which VALID then demands.

    Example:
        >>> import datetime, etitle
        >>> question = etitle.Question(
        ...     trust=etitle.Trust(()), lists=etitle.Lists(),
        ...     at=datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC))
        >>> verdict = etitle.verify_token("https://example.com/", question)
        >>> asked = etitle.verify_holder(verdict, etitle.Holder(number="11010519491231002X"))
        >>> [check.reason.value for check in asked.checks if check.id == "holder"]
        ['not_checked']
    """
    others = [check for check in verdict.checks if check.id is not CheckId.HOLDER]
    before = next(n for n, check in enumerate(others) if check.id is CheckId.LIST)
    checks = (*others[:before], _answer(verdict, holder), *others[before:])
    return remint(verdict, checks=checks, also_demanded=(CheckId.HOLDER,))


def _answer(verdict: Verdict, holder: Holder) -> Check:
    signed = any(
        check.id is CheckId.SIGNATURE and check.outcome is Outcome.PASS for check in verdict.checks
    )
    if not signed or verdict.claimed is None:
        return NOT_CHECKED[CheckId.HOLDER]
    if verdict.opening is not None:
        from dataclasses import replace  # noqa: PLC0415  # of a document only

        holder = replace(holder, opening=verdict.opening)
    return check_holder(verdict.claimed, holder)
