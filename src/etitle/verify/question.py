"""The question: whom to trust, as of when, how old an answer may be, and whose it must be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from etitle.certificate.dates import DAY_S, aware_seconds
from etitle.trust.anchors import CLOCK_SKEW_S
from etitle.verdict import Judged

if TYPE_CHECKING:
    import datetime

    from etitle.trust.anchors import Lists, Trust

__all__ = [
    "CLOCK_SKEW_S",
    "DEFAULT_GRACE_S",
    "DEFAULT_MAX_AGE_S",
    "DEFAULT_POLICY",
    "Holder",
    "Policy",
    "Question",
]

DEFAULT_GRACE_S: Final = 30 * DAY_S
"""Seconds after its next update during which a list or bundle still answers (clause 7.4)."""


DEFAULT_MAX_AGE_S: Final = 90 * DAY_S
"""Seconds after its issue during which a list still answers, whatever it promises (7.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How stale an answer may be, what must have been judged, and whether examples count.

    Attributes:
        grace_s: seconds after ``next update`` during which lists and bundles still count.
        max_age_s: seconds after its issue during which a list counts, whatever it promises.
        tsas: DER of the X.509 certificates of time-stamp authorities trusted for when
            a document was sealed (after a compromise, clause 9.8) or archived (clause 9.10).
        archival: judge a document with archival revisions after its seal, each with a time-stamp
            by one of ``tsas`` (clause 9.10); else such a document is never VALID.
        require: ``Judged.DOCUMENT`` takes nothing but whole documents: a code, whatever it is on,
            is then INDETERMINATE, ``page_not_judged``.
        examples: take the certificates of an authority that its bundle marks as an example, for
            trials; else they are INDETERMINATE, ``example`` (clause 5.9).
    """

    grace_s: int = DEFAULT_GRACE_S
    max_age_s: int = DEFAULT_MAX_AGE_S
    tsas: frozenset[bytes] = frozenset()
    archival: bool = False
    require: Judged = Judged.CODE
    examples: bool = False

    def __post_init__(self) -> None:
        # Who reads a policy from a file has a text: another one than these is refused.
        object.__setattr__(self, "require", Judged(self.require))


DEFAULT_POLICY: Final = Policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The person whom the certificate must belong to; demanding one adds the check ``holder``.

    Attributes:
        number: the whole document number, as the person gave it.
        opening: the 核验码 printed on the certificate: as text in any spelling, as bytes of such
            text, or as its 10 bytes.  Without it a masked certificate can only be said to fit; a
            signed document brings its own, which then counts.
        nationality: ISO 3166 alpha-3, for a passport.
    """

    number: str
    opening: str | bytes | None = None
    nationality: str | None = None

    def __repr__(self) -> str:
        return "Holder(number=***)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything besides the input that a verdict depends on; nothing is assumed.

    One question serves any number of inputs.

    Attributes:
        trust: the authorities to trust.
        lists: their status lists.
        at: the time that the verdict is for; timezone-aware.
        policy: how stale lists and bundles may be, whose time-stamps count, whether archival
            revisions may follow a document's signature, whether a code is enough, and whether
            examples count.
        holder: the person whom the certificate must belong to; adds the check ``holder``.
        at_s: ``at`` in seconds since 1970 UTC.

    Raises:
        NaiveTimeError: ``at`` has no time zone (a mistake of the caller, not of the input); it is
            a ValueError too.

    Example:
        >>> import datetime, etitle
        >>> question = etitle.Question(
        ...     trust=etitle.Trust(()), lists=etitle.Lists(),
        ...     at=datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC))
        >>> question.at_s
        1795132800
    """

    trust: Trust
    lists: Lists
    at: datetime.datetime
    policy: Policy = DEFAULT_POLICY
    holder: Holder | None = None
    at_s: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "at_s", aware_seconds(self.at))
