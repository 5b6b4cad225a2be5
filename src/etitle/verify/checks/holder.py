"""Whether a certificate belongs to the person it is shown for (docs/spec clause 2.5.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from etitle.certificate.commitment import matches, read_opening
from etitle.certificate.identity import is_possible, person_number, plain_number, shows
from etitle.errors import FieldError
from etitle.verdict import Check, CheckId, Reason
from etitle.verify.checks.answers import PASSED, fail, unknown

if TYPE_CHECKING:
    from etitle.certificate.identity import Identity
    from etitle.certificate.model import Certificate
    from etitle.verify.question import Holder

_MAX_TYPED: Final = 64
"""Characters of a number or nationality read at most; the longest number has 20."""
_NATIONALITY: Final = re.compile(r"[A-Z]{3}")

_MALFORMED: Final = unknown(CheckId.HOLDER, Reason.NUMBER_MALFORMED)
_MISMATCH: Final = fail(CheckId.HOLDER, Reason.HOLDER_MISMATCH)


def check_holder(certificate: Certificate, holder: Holder) -> Check:
    """An exact match, a mismatch, or why neither can be said.

    It is slow for a masked certificate with an opening: up to 128 trials of scrypt.
    """
    identity = certificate.identity
    if identity is None:
        return unknown(CheckId.HOLDER, Reason.NO_HOLDER)
    if max(len(holder.number), len(holder.nationality or "")) > _MAX_TYPED:
        return _MALFORMED
    opening = None
    if identity.commitment is not None and holder.opening is not None:
        try:
            opening = read_opening(holder.opening)
        except FieldError as error:
            return unknown(CheckId.HOLDER, Reason.OPENING_MISTYPED, error.code)
    nationality = None if holder.nationality is None else plain_number(holder.nationality)
    if identity.nationality is not None and nationality not in (None, identity.nationality):
        return _MISMATCH if _NATIONALITY.fullmatch(nationality or "") else _MALFORMED
    return _check_number(identity, opening, plain_number(holder.number))


def _check_number(identity: Identity, opening: bytes | None, number: str) -> Check:
    person = person_number(identity.kind, number)
    if identity.commitment is not None and opening is None:
        if not is_possible(identity.kind, person):
            return _MALFORMED
        if shows(identity.shown, person):
            return unknown(CheckId.HOLDER, Reason.FITS_MASK)
    elif matches(identity, opening or b"", person):
        return PASSED[CheckId.HOLDER]
    # A number that no document of the kind has was mistyped, or is another document's.
    return _MISMATCH if is_possible(identity.kind, person) else _MALFORMED
