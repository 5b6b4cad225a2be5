"""Names of fields and of coded values, in Chinese and English: one place for all who show them.

Names of levels stand in table ``levels``; those of document kinds, which only a page shows, in
``etitle.page.fields``.  What a page carries (docs/spec clause 9.6.2) stands here, so that a report
says it without drawing pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple


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
        "work_unit": Label("工作单位", "work unit"),
        "copy.scene": Label("加注：使用场景", "endorsed copy, for"),
        "copy.recipient": Label("加注：接收单位", "endorsed copy, recipient"),
        "copy.expires": Label("加注：有效期至", "endorsed copy, last day"),
    }
)
"""The names of a record's fields: 附件1's own, and ours for what is not printed on every page."""

LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {field: label.zh for field, label in NAMES.items() if not field.startswith("copy.")}
)
"""The heading of each field of a record; a workbook has no column for those of a copy."""

SEXES: Final[Mapping[int, Label]] = MappingProxyType(
    {
        0: Label("未知", "unknown"),
        1: Label("男", "male"),
        2: Label("女", "female"),
        9: Label("未说明", "unstated"),
    }
)
"""The names of GB/T 2261.1's codes."""

STATES: Final[Mapping[str, Label]] = MappingProxyType(
    {
        "valid": Label("有效", "valid"),
        "voided": Label("作废", "voided"),
        "superseded": Label("已补发（被替代）", "superseded"),
        "withdrawn": Label("撤销", "withdrawn"),
        "cancelled": Label("注销", "cancelled"),
        "suspended": Label("暂停（待查）", "suspended"),
        "other": Label("其他", "other"),
    }
)
"""The names of a certificate's states, by the codes of table ``void_reissue_reasons``."""

EVERY_PAGE: Final = (
    "number",
    "name",
    "sex",
    "identity",
    "series",
    "title",
    "specialty",
    "qualified",
    "review_body",
    "issuing_body",
    "url",
    "issued",
)
"""附件1's twelve fields, by their names in ``Certificate``: every page carries them."""

SOME_PAGES: Final = ("level", "source", "approving_body", "approval_document", "supersedes")
"""Fields of ``Certificate`` that a page carries where its template places them."""

PAGE_ALONE: Final = ("work_unit", "scene", "recipient", "expires")
"""What a template may place besides: 工作单位, which no token carries, and what 加注件 will say."""

_ON_PAGES: Final[Mapping[str, Label]] = MappingProxyType(
    {
        "source": Label("取得方式", "gained by"),
        "scene": Label("使用场景", "purpose"),
        "recipient": Label("接收单位", "recipient"),
        "expires": Label("使用期限", "usable until"),
    }
)
"""Names on pages that are not those of a record's fields."""

_BY_KIND: Final[Mapping[int, Label]] = MappingProxyType(
    {
        1: NAMES["id_number"],
        2: Label("居住证号码", "residence permit number"),
        3: Label("居留身份证号", "permanent residence ID number"),
        4: Label("居留证号码", "permanent residence number"),
        5: Label("通行证号码", "travel permit number"),
        6: Label("通行证号码", "travel permit number"),
        7: Label("护照号码", "passport number"),
    }
)
"""The name of a document's number, by ``DocumentKind``."""

_ANY_KIND: Final = Label("证件号码", "document number")

_BY_SOURCE: Final[Mapping[tuple[int, str], Label]] = MappingProxyType(
    {
        (2, "qualified"): Label("认定通过时间", "recognised"),
        (2, "review_body"): Label("认定单位名称", "recognising body"),
    }
)
"""Names that the way of gaining the title changes, by ``Source`` and field."""


def page_label(field: str, *, source: int | None = None, id_kind: int | None = None) -> Label:
    """The label of a certificate's field as its page has it (docs/spec clause 9.6.2).

    Args:
        field: by its name in ``Certificate``, or one of ``PAGE_ALONE``.
        source: how the record arose; None where that is not known.
        id_kind: the kind of the holder's document; None where the certificate names no document.

    >>> page_label("identity", id_kind=7).zh, page_label("identity").zh
    ('护照号码', '证件号码')
    >>> page_label("review_body", source=2).zh, page_label("review_body", source=1).zh
    ('认定单位名称', '评审机构')
    """
    if field == "identity":
        return _ANY_KIND if id_kind is None else _BY_KIND.get(id_kind, _ANY_KIND)
    if source is not None and (source, field) in _BY_SOURCE:
        return _BY_SOURCE[source, field]
    return _ON_PAGES.get(field) or NAMES[field]


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


_DETAILS: Final[Mapping[str, Label]] = MappingProxyType(
    {
        "not four COSE_Sign1 parts": Label("不是由四部分组成", "it does not have four parts"),
        "not four COSE_Sign parts": Label("不是由四部分组成", "it does not have four parts"),
        "no COSE_Sign1 tag": Label("开头没有 COSE_Sign1 标记", "it does not begin with its tag"),
        "no COSE_Sign tag": Label("开头没有 COSE_Sign 标记", "it does not begin with its tag"),
        "an unprotected header": Label("含有未受签名保护的头部", "it has an unprotected header"),
        "protected header": Label("受保护的头部有误", "its protected header is wrong"),
        "a signature": Label("其中的签名有误", "a signature in it is wrong"),
        "the order or headers of the signatures": Label(
            "签名的次序或头部有误", "its signatures are out of order or have other headers"
        ),
        "the length of a root's kid or signature": Label(
            "根密钥编号或签名的长度有误", "a root's kid or signature has a wrong length"
        ),
        "cose.malformed": Label("不是完整的 COSE 签名结构", "no whole signed COSE structure"),
        "cose.algorithm_unknown": Label("签名算法未知", "an unknown algorithm"),
        "canon.truncated": Label("数据不完整", "it ends too early"),
        "canon.trailing_bytes": Label("结尾之后还有数据", "bytes follow its end"),
        "canon.not_canonical": Label("编码不规范", "an encoding that is not canonical"),
        "canon.type_refused": Label("数据类型不允许", "a type of data that is not allowed"),
        "canon.text_refused": Label("文字不规范", "a text that is not UTF-8 in NFC"),
        "canon.too_deep": Label("嵌套过深", "it is nested too deeply"),
        "canon.too_large": Label("数据过大", "it is too large"),
        "canon.too_many_items": Label("条目过多", "it has too many items"),
        "typ": Label("类型", "its type"),
        "map": Label("整体结构", "its structure"),
        "kind": Label("状态种类", "kind of state"),
        "day": Label("状态变更日期", "day of the change"),
        "successor": Label("补发后的证号", "number of the successor"),
        "index": Label("序号", "index"),
        "coverage": Label("涵盖的序号个数", "number of indices covered"),
        "list id or epoch": Label("列表编号或纪元", "list id or epoch"),
        "epoch": Label("纪元", "epoch"),
        "list_id": Label("列表编号", "list id"),
        "sequence": Label("期号", "sequence"),
        "previous": Label("上一期的状态摘要", "hash of the list before"),
        "issued_s": Label("签发时间", "issue time"),
        "expires_s": Label("应更新时间", "next update"),
        "ttl_s": Label("缓存时长", "time to live"),
        "uri": Label("网址", "address"),
        "authority_id": Label("发证机关标识", "authority's id"),
        "gaps": Label("序号间隔", "gaps between indices"),
        "zlib": Label("压缩数据", "compressed data"),
        "a compressed stream": Label("压缩数据", "compressed data"),
        "successors": Label("补发证号一栏", "column of successors"),
        "signature": Label("签名", "signature"),
        "bundle": Label("信任包", "bundle"),
        "round trip": Label("写出后读回不一致", "it does not read back as it was"),
    }
)
"""Words for what programs call by a key, in messages about signed files."""
_WORDS: Final[Mapping[str, Label]] = MappingProxyType({**_DETAILS, **STATES})
_NUMBERED: Final[Mapping[str, Label]] = MappingProxyType(
    {
        "list": Label("状态列表", "list"),
        "delta": Label("增量", "delta"),
        "rescue": Label("确认清单", "rescue list"),
    }
)


def detail_of(value: str, language: Literal["zh", "en"]) -> str:
    """A detail of a message in words; one that needs none stays as it is.

    >>> detail_of("coverage", "zh"), detail_of("list 7, epoch", "zh"), detail_of("样例", "zh")
    ('涵盖的序号个数', '状态列表 7 的纪元', '样例')
    >>> detail_of("voided", "zh"), detail_of("voided", "en")
    ('作废', 'voided')
    """
    column = 0 if language == "zh" else 1
    if value in _WORDS:
        return _WORDS[value][column]
    kind, _, rest = value.partition(" ")
    number, _, part = rest.partition(", ")
    if kind not in _NUMBERED or (number and not number.isalnum()):
        return value
    named = f"{_NUMBERED[kind][column]} {number}".rstrip()
    if part not in _DETAILS:
        return named
    words = _DETAILS[part][column]
    return f"{named} 的{words}" if language == "zh" else f"{named}, {words}"
