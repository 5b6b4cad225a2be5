"""The text of a page: 附件1's twelve fields in words (docs/spec clause 9.6)."""

from __future__ import annotations

from typing import Final

from etitle.certificate.dates import PartialDate
from etitle.certificate.identity import DocumentKind, Identity
from etitle.certificate.model import Certificate
from etitle.labels import LABELS, SEXES

_KINDS: Final = {
    DocumentKind.HMT_RESIDENCE: "港澳台居民居住证",
    DocumentKind.FOREIGN_PR_2023: "外国人永久居留身份证",
    DocumentKind.FOREIGN_PR_2017: "外国人永久居留证",
    DocumentKind.HM_TRAVEL: "港澳居民来往内地通行证",
    DocumentKind.TW_TRAVEL: "台湾居民来往大陆通行证",
    DocumentKind.PASSPORT: "护照",
}
"""Kinds of document that are named beside the number."""

NO_PHOTO: Final = "无照片"
NO_PHOTO_WHY: Final = "原证书数据无照片"
NO_IDENTITY: Final = "本证书不载明"
NO_BODY: Final = "无"
EXAMPLE_NOTE: Final = "样例 EXAMPLE：本页由示例密钥签发，不具任何效力。"
OPENING_LABEL: Final = "核验码"


def field_values(certificate: Certificate, url: str) -> dict[str, str]:
    """The twelve fields as they are printed, by their names.

    Args:
        certificate: what the token says.
        url: 证书网址 as it is printed.
    """
    return {
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
    }


def _identity(identity: Identity | None) -> str:
    if identity is None:
        return NO_IDENTITY
    about = [_KINDS.get(identity.kind), identity.nationality]
    remark = " ".join(part for part in about if part is not None)
    return f"{identity.shown}（{remark}）" if remark else identity.shown


def _date(date: PartialDate) -> str:
    parts = [f"{date.year}年"]
    if date.month is not None:
        parts.append(f"{date.month:02}月")
    if date.day is not None:
        parts.append(f"{date.day:02}日")
    return "".join(parts)


def label_of(field: str) -> str:
    """附件1's heading of a field.

    >>> label_of("identity")
    '身份证号'
    """
    return LABELS["id_number" if field == "identity" else field]
