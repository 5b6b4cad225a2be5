"""Verdicts that no verification gave: tests alone make them, and all of them here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etitle.verdict import TOKEN_DEMANDS, UNKNOWN_STANDING, Check, CheckId, Standing, Verdict
from etitle.verify.mint import mint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from etitle.certificate.model import Certificate


def made(
    checks: Iterable[Check] = (),
    standing: Standing = UNKNOWN_STANDING,
    at_s: int = 0,
    *,
    demanded: frozenset[CheckId] = TOKEN_DEMANDS,
    claimed: Certificate | None = None,
) -> Verdict:
    return mint(checks, demanded=demanded, at_s=at_s, standing=standing, claimed=claimed)


def with_checks(verdict: Verdict, checks: Iterable[Check]) -> Verdict:
    """The same with other checks."""
    return made(
        checks,
        verdict.standing,
        verdict.at_s,
        demanded=verdict.demanded,
        claimed=verdict.claimed,
    )
