"""The text of a page: a certificate's fields in words (docs/spec clauses 9.6, 9.6.2)."""

from __future__ import annotations

from typing import Final

from etitle.certificate.codes import level_names
from etitle.certificate.dates import PartialDate
from etitle.certificate.identity import DocumentKind, Identity
from etitle.certificate.model import Certificate, Source
from etitle.labels import SEXES, page_label

_KINDS: Final = {
    DocumentKind.HMT_RESIDENCE: "港澳台居民居住证",
    DocumentKind.FOREIGN_PR_2023: "外国人永久居留身份证",
    DocumentKind.FOREIGN_PR_2017: "外国人永久居留证",
    DocumentKind.HM_TRAVEL: "港澳居民来往内地通行证",
    DocumentKind.TW_TRAVEL: "台湾居民来往大陆通行证",
}
"""Kinds of document that are named beside the number: their label is not their whole name."""

_GAINED: Final = {Source.REVIEW: "评审", Source.RECOGNITION: "认定"}
"""取得方式; of an imported record it is not known."""

NO_PHOTO: Final = "无照片"
NO_PHOTO_WHY: Final = "原证书数据无照片"
NO_IDENTITY: Final = "本证书不载明"
NO_BODY: Final = "无"
EXAMPLE_NOTE: Final = "样例 EXAMPLE：本页由示例密钥签发，不具任何效力。"
OPENING_LABEL: Final = "核验码"


def field_values(
    certificate: Certificate, url: str, *, work_unit: str | None = None
) -> dict[str, str]:
    """The fields as they are printed, by their names: 附件1's twelve, and others that are known.

    Args:
        certificate: what the token says.
        url: 证书网址 as it is printed.
        work_unit: 工作单位, which no token carries.
    """
    values = {
        "number": certificate.number,
        "name": certificate.name,
        "sex": SEXES[certificate.sex].zh,
        "identity": _identity(certificate.identity),
        "series": certificate.series,
        "title": certificate.title,
        "specialty": certificate.specialty,
        "qualified": _date(certificate.qualified),
        "review_body": certificate.review_body or NO_BODY,
        "issuing_body": certificate.issuing_body,
        "url": url,
        "issued": _date(PartialDate.of(certificate.issued)),
        "level": level_names()[certificate.level][0],
        "approving_body": certificate.approving_body,
    }
    others = {
        "source": _GAINED.get(certificate.source),
        "approval_document": certificate.approval_document,
        "supersedes": certificate.supersedes,
        "work_unit": work_unit,
    }
    values.update({field: value for field, value in others.items() if value})
    return values


def _identity(identity: Identity | None) -> str:
    if identity is None:
        return NO_IDENTITY
    remark = _KINDS.get(identity.kind)
    if identity.nationality is not None:
        remark = f"国籍 {identity.nationality}"
    return f"{identity.shown}（{remark}）" if remark else identity.shown


def _date(date: PartialDate) -> str:
    # GB/T 9704 7.3.5.4: no zero before the digit of a month or day.
    parts = [f"{date.year}年"]
    if date.month is not None:
        parts.append(f"{date.month}月")
    if date.day is not None:
        parts.append(f"{date.day}日")
    return "".join(parts)


def label_of(field: str, certificate: Certificate) -> str:
    """The usual label of a field on a certificate's page.

    Args:
        field: one of ``etitle.page.template.PLACEABLE``.
        certificate: whose way of gaining the title and document kind decide.
    """
    identity = certificate.identity
    kind = None if identity is None else int(identity.kind)
    return page_label(field, source=int(certificate.source), id_kind=kind).zh
