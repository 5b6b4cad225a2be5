"""What the person who asks demands: how old an answer may be, and whose certificate it must be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from etitle.certificate.dates import DAY_S

DEFAULT_GRACE_S: Final = 30 * DAY_S
"""Seconds after its next update during which a list or bundle still answers (clause 7.4)."""

CLOCK_SKEW_S: Final = 300
"""Seconds by which two honest clocks may disagree (clause 7.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How stale an answer may be.

    Attributes:
        grace_s: seconds after ``next update`` during which lists and bundles still count.
        tsas: DER of the X.509 certificates of time-stamp authorities whose word is taken for when
            a document was sealed (after a compromise, clause 9.8) or archived (clause 9.10).
        archival: judge a document with archival revisions after its seal, each with a time-stamp
            by one of ``tsas`` (clause 9.10); else such a document is never VALID.
    """

    grace_s: int = DEFAULT_GRACE_S
    tsas: frozenset[bytes] = frozenset()
    archival: bool = False


DEFAULT_POLICY: Final = Policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The person whom the certificate must belong to; demanding one adds the check ``holder``.

    Attributes:
        number: the whole document number, as the person gave it.
        opener: the 核验码 in bytes, printed on the certificate; without it a masked certificate
            can only be said to fit.
        nationality: ISO 3166 alpha-3, for a passport.
    """

    number: str
    opener: bytes | None = None
    nationality: str | None = None

    def __repr__(self) -> str:
        return "Holder(number=***)"
