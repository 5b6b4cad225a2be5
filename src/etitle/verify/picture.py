"""One picture -> one verdict; total for any bytes."""

from __future__ import annotations

from functools import partial

from etitle.errors import ImageError
from etitle.verdict import CheckId, Reason, Verdict
from etitle.verify.checks.answers import unknown
from etitle.verify.codes import is_wanted, judge_codes, only
from etitle.verify.question import Question
from etitle.verify.token import verdict_without_token

_TOO_LARGE = frozenset({"image.too_large", "image.too_many_pixels"})


def verify_image(data: bytes, question: Question) -> Verdict:
    """Judge the one certificate code in a picture (docs/spec clause 8).

    Args:
        data: a PNG, JPEG, TIFF or WebP file.
        question: whom to trust, as of when, and what is demanded.

    Returns:
        A verdict for any bytes.  A picture without a code is INDETERMINATE, never INVALID; of one
        with the codes of several certificates the worst answer counts, and where each is VALID it
        is INDETERMINATE: ``verify_bytes`` gives a verdict for each.
    """
    from etitle.token.read import read_codes  # noqa: PLC0415  # pictures only: keeps start-up short

    try:
        texts = read_codes(data, wanted=partial(is_wanted, trust=question.trust))
    except ImageError as error:
        reason = Reason.TOO_LARGE if error.code in _TOO_LARGE else Reason.UNREADABLE
        return verdict_without_token([unknown(CheckId.READ, reason, error.code)], question)
    codes = judge_codes(texts, question)
    if codes.verdicts:
        return only(codes.verdicts, question)
    reason = Reason.NOT_OURS if codes.foreign else Reason.NOTHING_FOUND
    return verdict_without_token([unknown(CheckId.READ, reason)], question)
