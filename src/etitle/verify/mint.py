"""The one place where a verdict is made; ``make rooms`` lets nobody but this room import it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etitle.verdict import TOKEN_DEMANDS, UNKNOWN_STANDING, Check, CheckId, Standing, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from etitle.certificate.model import Certificate
    from etitle.verdict import VerdictAuthority


def mint(  # noqa: PLR0913  # the fields of a verdict, each by name
    checks: Iterable[Check],
    *,
    demanded: frozenset[CheckId],
    at_s: int,
    standing: Standing = UNKNOWN_STANDING,
    authority: VerdictAuthority | None = None,
    example: bool = False,
    claimed: Certificate | None = None,
    url: str = "",
    opening: bytes | None = None,
) -> Verdict:
    """A verdict.

    Args:
        checks: what was found, in the order of clause 8.3.
        demanded: what must be among them and pass; at least what every code must.
        at_s: the time that the verdict is for, seconds since 1970 UTC.
        standing: by the status list.
        authority: the authority whose key verified.
        example: its bundle marks the key as an example.
        claimed: what the input claims.
        url: 证书网址.
        opening: that of a document, 10 bytes.

    Raises:
        ValueError: less is demanded than of any code (a mistake of the caller).
    """
    if not demanded >= TOKEN_DEMANDS:
        message = "a verdict demands the checks of a code"
        raise ValueError(message)
    verdict = object.__new__(Verdict)
    write = object.__setattr__  # as the constructor of a frozen dataclass does
    write(verdict, "checks", tuple(checks))
    write(verdict, "demanded", demanded)
    write(verdict, "standing", standing)
    write(verdict, "at_s", at_s)
    write(verdict, "authority", authority)
    write(verdict, "example", example)
    write(verdict, "claimed", claimed)
    write(verdict, "url", url)
    write(verdict, "opening", opening)
    return verdict


def remint(  # noqa: PLR0913  # as above
    verdict: Verdict,
    *,
    checks: Iterable[Check] | None = None,
    also_demanded: Iterable[CheckId] = (),
    authority: VerdictAuthority | None = None,
    example: bool = False,
    claimed: Certificate | None = None,
    opening: bytes | None = None,
) -> Verdict:
    """A code's verdict as that of the document which carried it.

    Args:
        verdict: that of the code.
        checks: all of the document's checks, the code's among them; None for those it has.
        also_demanded: beyond what the code's verdict demands.
        authority: whose document it is, where the code gave no authority.
        example: whether that authority's bundle marks its keys as examples.
        claimed: what the document says of itself, where no code was judged.
        opening: the document's, 10 bytes.
    """
    return mint(
        verdict.checks if checks is None else checks,
        demanded=verdict.demanded.union(also_demanded),
        at_s=verdict.at_s,
        standing=verdict.standing,
        authority=verdict.authority or authority,
        example=verdict.example or example,
        claimed=verdict.claimed or claimed,
        url=verdict.url,
        opening=opening or verdict.opening,
    )
