"""Whether a certificate belongs to the person it is shown for (docs/spec clause 2.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etitle.certificate.commitment import matches
from etitle.certificate.identity import fits_mask, plain_number
from etitle.verdict import Check, CheckId, Reason
from etitle.verify.checks.answers import PASSED, fail, unknown

if TYPE_CHECKING:
    from etitle.certificate.model import Certificate
    from etitle.verify.question import Holder


def check_holder(certificate: Certificate, holder: Holder) -> Check:
    """An exact match, a mismatch, or, without the opening, that the number fits the mask."""
    identity = certificate.identity
    if identity is None:
        return unknown(CheckId.HOLDER, Reason.NO_HOLDER)
    if identity.commitment is not None and holder.opening is None:
        if fits_mask(identity.kind, identity.shown, plain_number(holder.number)):
            return unknown(CheckId.HOLDER, Reason.FITS_MASK)
        return fail(CheckId.HOLDER, Reason.HOLDER_MISMATCH)
    if matches(identity, holder.opening or b"", holder.number, holder.nationality):
        return PASSED[CheckId.HOLDER]
    return fail(CheckId.HOLDER, Reason.HOLDER_MISMATCH)
