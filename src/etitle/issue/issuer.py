"""Who issues, with what, and which days and numbers that allows (docs/spec clause 5.7)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from etitle.certificate.dates import china_day, day_date, day_number
from etitle.certificate.identity import Profile
from etitle.errors import FieldError, IssueError
from etitle.keys.signer import Signer
from etitle.record.cell import shown
from etitle.record.record import Record
from etitle.token import text
from etitle.trust.published import Bundle, KeyState, KeyUse, PublishedKey, Segment
from etitle.trust.segments import deciding

MAX_CODE_BASE: Final = 100
"""Characters; beside them the longest token still fits a QR code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who issues, with what.

    Attributes:
        bundle: the bundle in force; it must name the signer's key.
        signer: signs tokens.
        list_id: the status list for new certificates.
        profile: how much of the ID numbers certificates show.
        code_base: ``https://<host>``, where a scanned code leads.

    Raises:
        IssueError: ``issue.key_not_in_bundle``, ``issue.key_not_active``,
            ``issue.list_not_in_bundle`` or ``issue.code_base``.
    """

    bundle: Bundle
    signer: Signer
    list_id: int
    profile: Profile
    code_base: str

    def __post_init__(self) -> None:
        if self.key.state is not KeyState.ACTIVE:
            raise IssueError("issue.key_not_active", kid=self.key.public.kid.hex())
        self.demand_list(self.list_id)
        if not leads_to_codes(self.code_base):
            raise IssueError("issue.code_base", base=self.code_base[:MAX_CODE_BASE])

    @property
    def key(self) -> PublishedKey:
        """The signer's key as the bundle publishes it: what verifiers will use."""
        for key in self.bundle.keys:
            if key.public == self.signer.public and KeyUse.TOKEN in key.uses:
                return key
        raise IssueError("issue.key_not_in_bundle", kid=self.signer.public.kid.hex())

    def names_list(self, list_id: int) -> bool:
        """Whether the bundle names a list, so that it is published."""
        return any(entry.list_id == list_id for entry in self.bundle.lists)

    def demand_list(self, list_id: int) -> None:
        """Refuse a list that nobody will find.

        Raises:
            IssueError: ``issue.list_not_in_bundle``.
        """
        if not self.names_list(list_id):
            raise IssueError("issue.list_not_in_bundle", list_id=list_id)

    def allowed_day(self, record: Record, *, issued_at_s: int, now_s: int) -> int:
        """The day of issue, which the signer's key must cover.

        Args:
            record: may say the day itself.
            issued_at_s: gives the day otherwise, seconds since 1970 UTC.
            now_s: the day may not be later than this.

        Returns:
            The day number in China.

        Raises:
            FieldError: ``issue.issued_in_future`` or ``issue.outside_window``.
        """
        day = day_number(issue_day(record, at_s=issued_at_s))
        if day > china_day(now_s):
            raise FieldError("issue.issued_in_future", field="issued")
        if not self.key.covers(day):
            raise FieldError("issue.outside_window", field="issued")
        return day

    def segments_for(self, record: Record, *, number: str | None, day: int) -> tuple[Segment, ...]:
        """The segments that a certificate's number may be of; all are of one body and level.

        Args:
            record: says the body, and may say its level.
            number: 证号; None where the next of a segment is to be given.
            day: day of issue.

        Returns:
            None for a number under a bundle without segments; else at least one.

        Raises:
            FieldError: ``issue.no_segment``, ``issue.outside_scope``, ``issue.number_outside`` or
                ``issue.body_level_needed``.
        """
        segments = self.bundle.segments
        if number is not None and not segments:
            return ()
        body = record.approving_body or record.issuing_body
        own = [segment for segment in of_body(record, segments) if segment.covers(day)]
        if not own:
            raise FieldError("issue.no_segment", field="approving_body", body=shown(body))
        scope = self.key.scope
        own = [segment for segment in own if scope is None or scope.holds(segment)]
        if not own:
            raise FieldError("issue.outside_scope", field="approving_body", body=shown(body))
        fitting = own
        if number is not None:
            deciders = deciding(segments, number, day)
            fitting = [segment for segment in own if segment in deciders]
        if not fitting:
            raise FieldError("issue.number_outside", field="number", body=shown(body))
        if len({segment.body_level for segment in fitting}) > 1:
            raise FieldError("issue.body_level_needed", field="body_level", body=shown(body))
        return tuple(fitting)


def leads_to_codes(base: str) -> bool:
    """Whether codes under this address are read as ours, and still fit a QR code."""
    return len(base) <= MAX_CODE_BASE and text.is_ours(text.to_url(b"", base=base))


def issue_day(record: Record, *, at_s: int) -> datetime.date:
    """发证日期: the record's own, or else the day in China."""
    return day_date(china_day(at_s)) if record.issued is None else record.issued


def of_body(record: Record, segments: Iterable[Segment]) -> list[Segment]:
    """The segments of a record's approving body and, where the record says it, of its level."""
    body = record.approving_body or record.issuing_body
    return [
        segment
        for segment in segments
        if segment.body == body and record.body_level in {None, segment.body_level}
    ]
