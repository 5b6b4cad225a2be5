"""A reissue (补发) is of the same person: the holder of the certificate that it replaces."""

from __future__ import annotations

from etitle.certificate.commitment import matches
from etitle.certificate.identity import person_number, plain_number, shows
from etitle.certificate.model import Certificate
from etitle.errors import FieldError
from etitle.record.finding import Finding, warn
from etitle.record.record import Record


def check_same_person(
    old: Certificate, opening: bytes | None, record: Record
) -> tuple[Finding, ...]:
    """Refuse another person's record, and warn where name or document number changed.

    Names change, and numbers are corrected; where both differ it is somebody else.  One name with
    a number that fits the mask is taken for the same person without the trials that a commitment
    costs.

    Args:
        old: the certificate to be replaced.
        opening: its opening; None unless its number is masked.
        record: of its successor.

    Raises:
        FieldError: ``issue.other_person``.
    """
    same_name = old.name == record.name
    same_number = _has_number(old, opening, record, look_only=same_name)
    if not same_name and same_number is False:
        raise FieldError("issue.other_person", field="supersedes", number=old.number)
    findings = [] if same_name else [warn("issue.name_changed", "name", number=old.number)]
    if same_number is False:
        findings.append(warn("issue.id_number_changed", "id_number", number=old.number))
    return tuple(findings)


def _has_number(
    old: Certificate, opening: bytes | None, record: Record, *, look_only: bool
) -> bool | None:
    """Whether the record has the old certificate's number; None where one of them has none."""
    identity, number = old.identity, record.id_number
    if identity is None or number is None:
        return None
    if record.id_kind is not identity.kind:
        return False
    if look_only:
        person = person_number(identity.kind, plain_number(number))
        shown = identity.shown
        if identity.commitment is None:
            shown = person_number(identity.kind, shown)
        return shows(shown, person)
    return matches(identity, opening or b"", number, record.nationality)
