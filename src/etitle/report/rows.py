"""A certificate's fields for display: names in both languages, document numbers always masked."""

from __future__ import annotations

import datetime
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from etitle.certificate.codes import level_names
from etitle.certificate.dates import CHINA
from etitle.certificate.identity import Identity
from etitle.labels import EVERY_PAGE, SEXES, page_label

if TYPE_CHECKING:
    from etitle.certificate.model import Certificate, EndorsedCopy
    from etitle.verdict import VerdictAuthority

SHOWN_FIELDS: Final = (
    "number", "name", "sex", "identity", "series", "title", "specialty", "qualified", "issued",
    "review_body", "issuing_body", "approving_body", "approval_document", "level", "supersedes",
    "url", "copy.scene", "copy.recipient", "copy.expires",
)  # fmt: skip
"""The fields of a certificate that people are shown, in order."""


def shown_identity(identity: Identity | None) -> str | None:
    """The document number as a report may show it: masked, whatever the certificate carries."""
    return None if identity is None else identity.masked


def moment(at_s: int, zone: datetime.timezone) -> datetime.datetime:
    """A time of a list or a caller, in a zone, clamped to the calendar's ends.

    >>> moment(1 << 63, datetime.UTC).year
    9999
    """
    try:
        return datetime.datetime.fromtimestamp(at_s, zone)
    except (ValueError, OverflowError, OSError):
        if at_s > 0:
            return datetime.datetime.max.replace(tzinfo=zone)
        return datetime.datetime.min.replace(tzinfo=zone)


def china_time(at_s: int) -> str:
    """A time as people are shown it, to the minute.

    >>> china_time(1_767_225_600)
    '2026-01-01 08:00 UTC+8'
    """
    return moment(at_s, CHINA).strftime("%Y-%m-%d %H:%M UTC+8")


def authority_json(authority: VerdictAuthority | None) -> dict[str, str] | None:
    """The authority as JSON values; its contact is for people."""
    if authority is None:
        return None
    return {
        "id": authority.id,
        "name_zh": authority.name_zh,
        "name_en": authority.name_en,
        "words_zh": authority.words_zh,
        "words_en": authority.words_en,
    }


def as_json(certificate: Certificate, *, url: str) -> dict[str, object]:
    """The certificate as JSON values: dates as text, enumerations as their numbers.

    Args:
        certificate: what an input claims.
        url: its 证书网址, as the verdict has it.
    """
    values: dict[str, object] = {}
    for field in fields(certificate):
        value = getattr(certificate, field.name)
        if field.name == "identity":
            values["id_number"] = shown_identity(value)
            values["id_kind"] = None if value is None else value.kind.name.lower()
        elif field.name == "copy":
            values["copy"] = None if value is None else _copy(value)
        elif value is None or isinstance(value, str):
            values[field.name] = value
        elif isinstance(value, int):
            values[field.name] = int(value)
        else:
            values[field.name] = str(value)
    values["url"] = url or None
    return values


def _copy(copy: EndorsedCopy) -> dict[str, object]:
    return {
        "scene": copy.scene,
        "recipient": copy.recipient,
        "expires": copy.expires.isoformat(),
        "original": copy.original.hex(),
    }


def _value(certificate: Certificate, name: str) -> Any:  # noqa: ANN401  # of any field
    """A field, or one of its endorsement as a copy: ``copy.…``, None where it is none."""
    whole, _, part = name.partition(".")
    value = getattr(certificate, whole)
    return getattr(value, part) if part and value is not None else value


PAGE_FIELDS: Final = tuple(name for name in SHOWN_FIELDS if name in EVERY_PAGE)
"""Those that every page carries (docs/spec clause 9.6), so that a person can compare them."""

OTHER_FIELDS: Final = tuple(name for name in SHOWN_FIELDS if name not in EVERY_PAGE)
"""Those that a page need not carry."""


def as_rows(
    certificate: Certificate,
    *,
    url: str,
    language: int,
    names: tuple[str, ...] = SHOWN_FIELDS,
) -> list[tuple[str, str]]:
    """Label and value of each field that is there, labelled as the certificate's page is.

    Args:
        certificate: what an input claims.
        url: its 证书网址, as the verdict has it.
        language: 0 for zh, 1 for en.
        names: of the fields.
    """
    rows: list[tuple[str, str]] = []
    identity = certificate.identity
    for name in names:
        value = _value(certificate, name)
        if name == "identity":
            value = shown_identity(value)
        elif name == "sex":
            value = SEXES[value][language]
        elif name == "url":
            value = url or None
        elif name == "level":
            value = level_names()[value][language]
        if value is not None:
            label = page_label(
                name,
                source=certificate.source,
                id_kind=None if identity is None else identity.kind,
            )
            rows.append((label[language], str(value)))
    return rows
