"""One picture -> one verdict; total for any bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etitle.verify.codes import only
from etitle.verify.scan import judge_picture

if TYPE_CHECKING:
    from etitle.verdict import Verdict
    from etitle.verify.question import Question


def verify_image(data: bytes, question: Question) -> Verdict:
    """Judge the one certificate code in a picture (docs/spec clause 8).

    Args:
        data: a PNG, JPEG, TIFF, WebP, GIF, BMP or AVIF file.
        question: whom to trust, as of when, and what is demanded.

    Returns:
        A verdict for any bytes.  A picture without a code is INDETERMINATE, never INVALID; of one
        with the codes of several certificates the worst answer counts, and where each is VALID it
        is INDETERMINATE: ``verify_bytes`` gives a verdict for each.
    """
    return only([sheet.verdict for sheet in judge_picture(data, question)], question)
