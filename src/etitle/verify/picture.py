"""One picture -> one verdict; total for any bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etitle.errors import DecodeError, ImageError
from etitle.token import text
from etitle.verdict import CheckId, Reason, Verdict
from etitle.verify.checks import unknown
from etitle.verify.question import DEFAULT_POLICY, Holder, Policy
from etitle.verify.token import seconds, unread, verify_token

if TYPE_CHECKING:
    import datetime

    from etitle.trust.anchors import Lists, Trust

_TOO_LARGE = frozenset({"image.too_large", "image.too_many_pixels"})


def verify_image(  # noqa: PLR0913  # trust, lists and time are demanded by name, never assumed
    data: bytes,
    *,
    trust: Trust,
    lists: Lists,
    at: datetime.datetime,
    policy: Policy = DEFAULT_POLICY,
    holder: Holder | None = None,
) -> Verdict:
    """Judge the one certificate code in a picture (docs/spec clause 8).

    Args:
        data: a PNG, JPEG, TIFF or WebP file.
        trust: the authorities to believe.
        lists: their revocation lists.
        at: the time that the verdict is for; timezone-aware.
        policy: how stale lists and bundles may be.
        holder: the person whom the certificate must belong to.

    Returns:
        A verdict for any bytes whatever.  A picture without a code, or with the codes of several
        certificates, is INDETERMINATE, never INVALID.
    """
    from etitle.token.read import read_codes  # noqa: PLC0415  # pictures only: keeps start-up short

    at_s = seconds(at)
    try:
        texts = read_codes(data, wanted=text.is_ours)
    except ImageError as error:
        reason = Reason.TOO_LARGE if error.code in _TOO_LARGE else Reason.UNREADABLE
        return unread([unknown(CheckId.READ, reason, error.code)], at_s=at_s, holder=holder)
    ours = {_identity(one): one for one in texts if text.is_ours(one)}
    if len(ours) > 1:
        found = unknown(CheckId.READ, Reason.SEVERAL_CODES, str(len(ours)))
        return unread([found], at_s=at_s, holder=holder)
    if not ours:
        reason = Reason.NOT_OURS if texts else Reason.NOTHING_FOUND
        return unread([unknown(CheckId.READ, reason)], at_s=at_s, holder=holder)
    (code,) = ours.values()
    return verify_token(code, trust=trust, lists=lists, at=at, policy=policy, holder=holder)


def _identity(code: str) -> bytes | str:
    """What tells codes apart: the frame, since one frame has several texts."""
    try:
        return text.to_frame(code)
    except DecodeError:
        return code
