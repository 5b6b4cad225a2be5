"""What is found wrong, or odd, in data that asks to become a certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from etitle.errors import EtitleError, FieldError, Language, explain

Severity: TypeAlias = Literal["error", "warning"]

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


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in one field.

    Attributes:
        field: English key of the field; a heading as given for a column that is not known.
        severity: an error keeps the record from being issued, a warning asks for a look.
        code: stable reason code.
        details: values for the message, as pairs; never an unmasked ID number.

    >>> Finding("sex", "warning", "record.sex_disagrees").what("en")
    "sex (性别): the sex given is not the one that the ID number's 17th digit shows"
    """

    field: str
    severity: Severity
    code: str
    details: tuple[tuple[str, str], ...] = ()

    def what(self, language: Language) -> str:
        """What was found, naming the field in both languages."""
        return self._explain(language)[0]

    def next(self, language: Language) -> str:
        """How to repair it."""
        return self._explain(language)[1]

    def _explain(self, language: Language) -> tuple[str, str]:
        named = {"field": self.field, "label": label_of(self.field)}
        return explain(self.code, language, **{**named, **dict(self.details)})


def refuse(code: str, field: str, **details: object) -> FieldError:
    """The error for a value that the rules of a field refuse, with both names of the field."""
    return FieldError(code, field=field, label=label_of(field), **details)


def warn(code: str, field: str, **details: object) -> Finding:
    """A warning."""
    return Finding(field, "warning", code, _pairs(details))


def found(error: EtitleError, field: str) -> Finding:
    """The finding that says what an error says."""
    return Finding(field, "error", error.code, _pairs(error.details))


def _pairs(details: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (key, str(value)) for key, value in details.items() if key not in {"field", "label"}
    )
