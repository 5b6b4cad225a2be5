"""The headings of a record's fields, as 附件1 has them: one place for all who name a field."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "number": "证号",
        "name": "姓名",
        "sex": "性别",
        "id_number": "身份证号",
        "id_kind": "证件类型",
        "nationality": "国籍",
        "series": "职称系列",
        "title": "职称名称",
        "specialty": "专业名称",
        "qualified": "取得资格时间",
        "issued": "发证日期",
        "review_body": "评审机构",
        "issuing_body": "发证机关",
        "url": "证书网址",
        "level": "级别",
        "source": "来源",
        "body_level": "管理层级",
        "approving_body": "审批机构",
        "approval_document": "批准文号",
        "version": "版本",
        "supersedes": "原证号",
    }
)
"""The heading of each field of a record: 附件1's own, and ours for what is not on the face."""

_BESIDE: Final[Mapping[str, str]] = MappingProxyType({"photo": "照片", "page": "版面"})
"""What a row has besides its fields."""


def label_of(field: str) -> str:
    """The heading of a field, or of what else a finding is about.

    >>> label_of("name"), label_of("photo"), label_of("备注")
    ('姓名', '照片', '备注')
    """
    return LABELS.get(field) or _BESIDE.get(field, field)
