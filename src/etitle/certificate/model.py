"""The certificate: 附件1's fields and what verification needs besides; values only."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from etitle.certificate.dates import PartialDate
from etitle.certificate.identity import Identity


class Sex(IntEnum):
    """GB/T 2261.1."""

    UNKNOWN = 0
    MALE = 1
    FEMALE = 2
    UNSTATED = 9


class Level(IntEnum):
    """Level of a title (table ``levels``): the digit of L1 … L5."""

    FULL_SENIOR = 1
    ASSOCIATE_SENIOR = 2
    INTERMEDIATE = 3
    ASSISTANT = 4
    TECHNICIAN = 5


class Source(IntEnum):
    """How the record arose (domain requirement D3, table ``workflow``)."""

    REVIEW = 1
    RECOGNITION = 2
    EXCEL = 3


class BodyLevel(IntEnum):
    """Management level of the approving body (domain requirement G2)."""

    REGION = 1
    CITY = 2
    COUNTY = 3
    DELEGATED = 4


ORIGINAL_BYTES: Final = 16
"""Bytes of the hash that names the original of an endorsed copy."""


@dataclass(frozen=True, slots=True)
class EndorsedCopy:
    """What makes a certificate a 加注件: a copy for one use (docs/spec clause 2.6).

    Attributes:
        scene: 使用场景, what it may be used for.
        recipient: for whom it was made; None where for nobody in particular.
        expires: the last day on which it counts, in China.
        original: the first 16 bytes of the hash of the original token's Sig_structure.
    """

    scene: str
    recipient: str | None
    expires: datetime.date
    original: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One title certificate.

    Attributes:
        number: 证号, unique within its authority.
        name: 姓名.
        sex: 性别.
        identity: 身份证号 as far as the certificate shows it; None in the profile "none".
        series: 职称系列.
        title: 职称名称.
        specialty: 专业名称.
        qualified: 取得资格时间, with the precision known.
        issued: 发证日期, a day in China.
        review_body: 评审机构; None for a recognised title without one.
        issuing_body: 发证机关.
        url: 证书网址; None where it is what the bundle's template gives for the number.
        level: level of the title.
        source: how the record arose.
        body_level: management level of the approving body.
        approving_body: the body that approved and answers for it (G3).
        approval_document: number of the document that granted the title (F3), where known.
        version: 1 for the first issue, then one more for each reissue.
        supersedes: 证号 of the certificate that this one replaces.
        list_id: the status list that covers it.
        index: its index in that list.
        copy: what it may be used for, where it is an endorsed copy (加注件); its number, list and
            index are those of its original.
    """

    number: str
    name: str
    sex: Sex
    identity: Identity | None
    series: str
    title: str
    specialty: str
    qualified: PartialDate
    issued: datetime.date
    review_body: str | None
    issuing_body: str
    url: str | None
    level: Level
    source: Source
    body_level: BodyLevel
    approving_body: str
    approval_document: str | None
    version: int
    supersedes: str | None
    list_id: int
    index: int
    copy: EndorsedCopy | None = None
