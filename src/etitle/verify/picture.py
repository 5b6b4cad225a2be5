"""One picture -> one verdict; total for any bytes."""

from __future__ import annotations

from etitle.errors import DecodeError, ImageError
from etitle.token import text
from etitle.verdict import CheckId, Reason, Verdict
from etitle.verify.checks.answers import unknown
from etitle.verify.question import Question
from etitle.verify.token import verdict_without_token, verify_token

_TOO_LARGE = frozenset({"image.too_large", "image.too_many_pixels"})


def verify_image(data: bytes, question: Question) -> Verdict:
    """Judge the one certificate code in a picture (docs/spec clause 8).

    Args:
        data: a PNG, JPEG, TIFF or WebP file.
        question: whom to trust, as of when, and what is demanded.

    Returns:
        A verdict for any bytes.  A picture without a code, or with the codes of several
        certificates, is INDETERMINATE, never INVALID.
    """
    from etitle.token.read import read_codes  # noqa: PLC0415  # pictures only: keeps start-up short

    try:
        texts = read_codes(data, wanted=text.is_ours)
    except ImageError as error:
        reason = Reason.TOO_LARGE if error.code in _TOO_LARGE else Reason.UNREADABLE
        return verdict_without_token([unknown(CheckId.READ, reason, error.code)], question)
    ours = {_identity(one): one for one in texts if text.is_ours(one)}
    if len(ours) > 1:
        found = unknown(CheckId.READ, Reason.SEVERAL_CODES, str(len(ours)))
        return verdict_without_token([found], question)
    if not ours:
        reason = Reason.NOT_OURS if texts else Reason.NOTHING_FOUND
        return verdict_without_token([unknown(CheckId.READ, reason)], question)
    (code,) = ours.values()
    return verify_token(code, question)


def _identity(code: str) -> bytes | str:
    """The identity of a code: its frame, since one frame has several texts."""
    try:
        return text.to_frame(code)
    except DecodeError:
        return code
