"""A certificate's fields for showing: names in both languages, document numbers always masked."""

from __future__ import annotations

import datetime
from dataclasses import fields
from typing import TYPE_CHECKING, Final

from etitle.certificate.identity import Identity

if TYPE_CHECKING:
    from etitle.certificate.model import Certificate

LABELS: Final = {
    "number": ("证号", "number"),
    "name": ("姓名", "name"),
    "sex": ("性别", "sex"),
    "identity": ("身份证号", "ID number"),
    "series": ("职称系列", "series"),
    "title": ("职称名称", "title"),
    "specialty": ("专业名称", "specialty"),
    "qualified": ("取得资格时间", "qualified"),
    "issued": ("发证日期", "issued"),
    "review_body": ("评审机构", "review body"),
    "issuing_body": ("发证机关", "issuing body"),
    "approving_body": ("审批机构", "approving body"),
    "approval_document": ("批准文号", "approval document"),
    "level": ("级别", "level"),
    "supersedes": ("替代的原证号", "supersedes"),
    "url": ("证书网址", "URL"),
}
"""The fields that people are shown, in order, with their names (zh, en)."""

_SEXES: Final = {
    0: ("未知", "unknown"),
    1: ("男", "male"),
    2: ("女", "female"),
    9: ("未说明", "unstated"),
}
_LEVELS: Final = {
    1: ("正高级", "full senior"),
    2: ("副高级", "associate senior"),
    3: ("中级", "intermediate"),
    4: ("助理级", "assistant"),
    5: ("员级", "technician"),
}


def shown_identity(identity: Identity | None) -> str | None:
    """The document number as a report may show it: masked, whatever the certificate carries."""
    return None if identity is None else identity.masked


def moment(at_s: int, zone: datetime.timezone) -> datetime.datetime:
    """A time of a list or a caller, in a zone; what no calendar can say is put at its ends.

    >>> moment(1 << 63, datetime.UTC).year
    9999
    """
    try:
        return datetime.datetime.fromtimestamp(at_s, zone)
    except (ValueError, OverflowError, OSError):
        if at_s > 0:
            return datetime.datetime.max.replace(tzinfo=zone)
        return datetime.datetime.min.replace(tzinfo=zone)


def as_json(certificate: Certificate, *, url: str) -> dict[str, object]:
    """The certificate as JSON values: dates as text, enumerations as their numbers.

    Args:
        certificate: what an input says of itself.
        url: its 证书网址, as the verdict has it.
    """
    values: dict[str, object] = {}
    for field in fields(certificate):
        value = getattr(certificate, field.name)
        if field.name == "identity":
            values["id_number"] = shown_identity(value)
            values["id_kind"] = None if value is None else value.kind.name.lower()
        elif value is None or isinstance(value, str):
            values[field.name] = value
        elif isinstance(value, int):
            values[field.name] = int(value)
        else:
            values[field.name] = str(value)
    values["url"] = url or None
    return values


def as_rows(certificate: Certificate, *, url: str, language: int) -> list[tuple[str, str]]:
    """Label and value of each field that is there; ``language`` is 0 for zh, 1 for en."""
    rows: list[tuple[str, str]] = []
    for name, labels in LABELS.items():
        value = getattr(certificate, name)
        if name == "identity":
            value = shown_identity(value)
        elif name == "sex":
            value = _SEXES[int(value)][language]
        elif name == "url":
            value = url or None
        elif name == "level":
            value = _LEVELS[int(value)][language]
        if value is not None:
            rows.append((labels[language], str(value)))
    return rows
