"""Names of fields and of coded values, in Chinese and English: one place for all who show them.

Names of levels stand in table ``levels``; those of document kinds, which only a page shows, in
``etitle.page.fields``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Label(NamedTuple):
    """A name in Chinese and in English."""

    zh: str
    en: str


NAMES: Final[Mapping[str, Label]] = MappingProxyType(
    {
        "number": Label("证号", "number"),
        "name": Label("姓名", "name"),
        "sex": Label("性别", "sex"),
        "id_number": Label("身份证号", "ID number"),
        "id_kind": Label("证件类型", "document kind"),
        "nationality": Label("国籍", "nationality"),
        "series": Label("职称系列", "series"),
        "title": Label("职称名称", "title"),
        "specialty": Label("专业名称", "specialty"),
        "qualified": Label("取得资格时间", "qualified"),
        "issued": Label("发证日期", "issued"),
        "review_body": Label("评审机构", "review body"),
        "issuing_body": Label("发证机关", "issuing body"),
        "url": Label("证书网址", "URL"),
        "level": Label("级别", "level"),
        "source": Label("来源", "source"),
        "body_level": Label("管理层级", "management level"),
        "approving_body": Label("审批机构", "approving body"),
        "approval_document": Label("批准文号", "approval document"),
        "version": Label("版本", "version"),
        "supersedes": Label("原证号", "supersedes"),
    }
)
"""The names of a record's fields: 附件1's own, and ours for what is not printed on a page."""

LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {field: label.zh for field, label in NAMES.items()}
)
"""The heading of each field of a record."""

SEXES: Final[Mapping[int, Label]] = MappingProxyType(
    {
        0: Label("未知", "unknown"),
        1: Label("男", "male"),
        2: Label("女", "female"),
        9: Label("未说明", "unstated"),
    }
)
"""The names of GB/T 2261.1's codes."""

_BESIDE: Final[Mapping[str, str]] = MappingProxyType(
    {"photo": "照片", "page": "版面", "row": "整行"}
)
"""What a row has besides its fields."""


def label_of(field: str) -> str:
    """The heading of a field, or of what else a finding is about.

    >>> label_of("name"), label_of("photo"), label_of("备注")
    ('姓名', '照片', '备注')
    """
    return LABELS.get(field) or _BESIDE.get(field, field)
