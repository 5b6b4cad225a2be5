"""What may become of a certificate, and why: the tables that an office's program shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from etitle.certificate.codes import reasons, table
from etitle.trust.status import StatusKind

NEXT_STATES: Final = {
    StatusKind.VALID: frozenset(StatusKind) - {StatusKind.VALID},
    StatusKind.SUSPENDED: frozenset(StatusKind) - {StatusKind.SUSPENDED, StatusKind.SUPERSEDED},
    StatusKind.VOIDED: frozenset({StatusKind.WITHDRAWN}),
    StatusKind.CANCELLED: frozenset({StatusKind.WITHDRAWN}),
    StatusKind.OTHER: frozenset({StatusKind.WITHDRAWN}),
    StatusKind.SUPERSEDED: frozenset[StatusKind](),
    StatusKind.WITHDRAWN: frozenset[StatusKind](),
}
"""States that may follow each state.

Only a suspension can be lifted; while it lasts nothing is reissued, because that would lift it
unseen.  作废, 注销 and 其他 concern the record; a withdrawal concerns the title and may follow
them.
A superseded certificate stays so: its successor is the one to withdraw.
"""


@dataclass(frozen=True, slots=True)
class StatusReason:
    """A reason of table ``void_reissue_reasons``.

    Attributes:
        code: for example ``V01``; stable.
        zh: its label in Chinese.
        en: its label in English.
        kind: the state it leads to; None for a first electronic issue, which changes no state.
        remark_required: whether the office must add a remark (备注).
    """

    code: str
    zh: str
    en: str
    kind: StatusKind | None
    remark_required: bool


@dataclass(frozen=True, slots=True)
class StatusLabel:
    """How a state is called.

    Attributes:
        zh: in Chinese.
        en: in English.
    """

    zh: str
    en: str


def next_states(kind: StatusKind) -> frozenset[StatusKind]:
    """The states that may follow a state.

    >>> sorted(kind.name for kind in next_states(StatusKind.VOIDED))
    ['WITHDRAWN']
    """
    return NEXT_STATES[kind]


@cache
def status_reasons() -> Mapping[str, StatusReason]:
    """Every reason, by its code.

    >>> reason = status_reasons()["V01"]
    >>> reason.zh, reason.en, reason.kind.name, reason.remark_required
    ('签发错误', 'issued in error', 'VOIDED', True)
    """
    return MappingProxyType(
        {
            code: StatusReason(
                code,
                reason.zh,
                reason.en,
                None if reason.to is None else StatusKind[reason.to.upper()],
                reason.remark_required,
            )
            for code, reason in reasons().items()
        }
    )


@cache
def status_labels() -> Mapping[StatusKind, StatusLabel]:
    """What each state is called.

    >>> status_labels()[StatusKind.WITHDRAWN]
    StatusLabel(zh='撤销', en='withdrawn')
    """
    rows = table("void_reissue_reasons")["status"]
    return MappingProxyType(
        {StatusKind[row["code"].upper()]: StatusLabel(row["zh"], row["en"]) for row in rows}
    )
