"""The answers that a check can give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etitle.verdict import Check, CheckId, Outcome, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

PASSED: Final = {check: Check(check, Outcome.PASS, Reason.OK) for check in CheckId}
"""The plain pass of each check; shared, since a check is a value."""

NOT_CHECKED: Final = {check: Check(check, Outcome.UNKNOWN, Reason.NOT_CHECKED) for check in CheckId}
"""Each check as not run, since an earlier one gave it no input; shared, as above."""

_WORST_FIRST: Final = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)


def fail(check: CheckId, reason: Reason, detail: str = "") -> Check:
    """A check that refutes."""
    return Check(check, Outcome.FAIL, reason, detail)


def unknown(check: CheckId, reason: Reason, detail: str = "") -> Check:
    """A check that could not decide."""
    return Check(check, Outcome.UNKNOWN, reason, detail)


def worst(checks: Iterable[Check]) -> Check:
    """The first of the worst outcome, of at least one."""
    return min(checks, key=lambda check: _WORST_FIRST.index(check.outcome))
