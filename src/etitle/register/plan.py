"""What a whole workbook would become: every row judged before the first is issued."""

from __future__ import annotations

import datetime
import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from etitle import canon
from etitle.certificate import payload as payload_codec
from etitle.certificate.commitment import OPENER_BYTES, new_opener
from etitle.certificate.dates import china_day, day_date, day_number
from etitle.certificate.decode import MAX_INDEX
from etitle.certificate.identity import Profile
from etitle.certificate.model import Certificate, Source
from etitle.errors import FieldError, IssueError
from etitle.keys.signer import Signer
from etitle.record.cell import shown
from etitle.record.finding import Finding, found
from etitle.record.record import Record, read_record, to_certificate
from etitle.record.workbook import Row
from etitle.register.album import FOLDER_ROW, Album, Person, PhotoChoice, PhotoFile
from etitle.register.entry import NEXT, Claim, Replacement, Slot
from etitle.register.sqlite import Ledger
from etitle.trust.bundle import url_for
from etitle.trust.published import Bundle, KeyState, KeyUse, PublishedKey, Segment
from etitle.trust.status import StatusKind

_TRIAL_INDEX: Final = MAX_INDEX
"""The longest index: a certificate that fits with it fits with every other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who issues, with what.

    Attributes:
        bundle: the bundle in force; it must name the signer's key.
        signer: signs tokens.
        list_id: the revocation list for new certificates.
        profile: how much of the ID numbers certificates show.
        code_base: ``https://<host>``, where a scanned code leads.

    Raises:
        IssueError: ``issue.key_not_in_bundle``, ``issue.key_not_active`` or
            ``issue.list_not_in_bundle``.
    """

    bundle: Bundle
    signer: Signer
    list_id: int
    profile: Profile
    code_base: str

    def __post_init__(self) -> None:
        key = self._key()
        if key is None or KeyUse.TOKEN not in key.uses:
            raise IssueError("issue.key_not_in_bundle", kid=self.signer.public.kid.hex())
        if key.state is not KeyState.ACTIVE:
            raise IssueError("issue.key_not_active", kid=key.public.kid.hex())
        if not self.names_list(self.list_id):
            raise IssueError("issue.list_not_in_bundle", list_id=self.list_id)

    def names_list(self, list_id: int) -> bool:
        """Whether the bundle names a list, so that it is published."""
        return any(entry.list_id == list_id for entry in self.bundle.lists)

    def _key(self) -> PublishedKey | None:
        for key in self.bundle.keys:
            if key.public == self.signer.public:
                return key
        return None

    @property
    def key(self) -> PublishedKey:
        """The signer's key as the bundle publishes it: what verifiers will use."""
        key = self._key()
        if key is None:
            raise IssueError("issue.key_not_in_bundle", kid=self.signer.public.kid.hex())
        return key


@dataclass(frozen=True, slots=True)
class Job:
    """A row that can be issued.

    Attributes:
        row: its number in the workbook.
        record: what it says.
        claim: what it asks of the ledger.
        segment: the number segment it belongs to; None where the bundle has none.
    """

    row: int
    record: Record
    claim: Claim
    segment: Segment | None

    def certificate(  # noqa: PLR0913  # required keywords
        self,
        *,
        issuer: Issuer,
        number: str,
        list_id: int,
        index: int,
        opener: bytes | None,
        at_s: int,
    ) -> Certificate:
        """The certificate for a place.

        Raises:
            FieldError: those of ``to_certificate``.
        """
        record = self.record
        level = None if self.segment is None else self.segment.body_level
        return to_certificate(
            record,
            profile=issuer.profile,
            opener=opener,
            number=number,
            issued=issue_day(record, at_s=at_s),
            list_id=list_id,
            index=index,
            source=Source.EXCEL if record.source is None else None,
            body_level=level,
            template_url=url_for(issuer.bundle, number),
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """A workbook, judged.

    Attributes:
        jobs: the rows that can be issued, in order.
        findings: row number and finding, in the order of the rows; ``FOLDER_ROW`` for the photos.
        photos: those that the jobs name, to be taken (``PhotoStore.take``) before anything is
            issued.
    """

    jobs: tuple[Job, ...]
    findings: tuple[tuple[int, Finding], ...]
    photos: tuple[PhotoFile, ...] = ()

    @property
    def errors(self) -> int:
        """How many findings keep the workbook from being issued."""
        return sum(finding.severity == "error" for _, finding in self.findings)


def issue_day(record: Record, *, at_s: int) -> datetime.date:
    """发证日期: the record's own, or else the day in China."""
    return day_date(china_day(at_s)) if record.issued is None else record.issued


def issue_time(record: Record, place: Slot, *, issuer: Issuer, at_s: int) -> int:
    """The time whose day is the day of issue of a record that has a place.

    A place that a run left unsigned keeps its day, unless the key or the segment came to begin
    later or to end sooner: then nothing could be signed for that day, and now counts.
    """
    day, segments = china_day(place.allocated_s), issuer.bundle.segments
    fits = not segments or any(
        segment.fits(place.number) and segment.covers(day) for segment in _of_body(record, segments)
    )
    return place.allocated_s if fits and issuer.key.covers(day) else at_s


def _of_body(record: Record, segments: Iterable[Segment]) -> list[Segment]:
    body = record.approving_body or record.issuing_body
    return [
        segment
        for segment in segments
        if segment.body == body and record.body_level in {None, segment.body_level}
    ]


def make_plan(  # noqa: PLR0913  # required keywords
    rows: Iterable[Row],
    *,
    issuer: Issuer,
    ledger: Ledger,
    at_s: int,
    reason: str | None = None,
    remark: str | None = None,
    random: Callable[[int], bytes] = secrets.token_bytes,
    album: Album | None = None,
    try_out: Callable[[Certificate], None] | None = None,
) -> Plan:
    """Judge every row; nothing is changed.

    Args:
        rows: as ``read_workbook`` gives them.
        issuer: who issues.
        ledger: what was issued before.
        at_s: now, seconds since 1970 UTC.
        reason: R01 to R05, for rows that replace a certificate of the ledger (原证号).
        remark: the remark that the reason may require.
        random: source of openers.
        album: the photos; with it each row must have one, or be said to have none. None leaves
            photos open: then nothing has a document.
        try_out: raises an ``IssueError`` for a certificate whose page can't be made.

    Returns:
        The plan; with errors among its findings the workbook must not be issued.
    """
    read = [(row, *read_record(row.cells)) for row in rows]
    matched = (album or Album()).match(
        Person(row.number, record.name, record.id_number)
        for row, record, _ in read
        if record is not None
    )
    photos = PhotoChoice(ledger, album, matched)
    planner = _Planner(issuer, ledger, at_s, reason, remark, random, photos, try_out)
    jobs: list[Job] = []
    findings = list(matched.of(FOLDER_ROW))
    for row, record, read_about in read:
        about = (*row.findings, *read_about, *(one for _, one in matched.of(row.number)))
        job = None
        if record is not None and not row.findings:
            try:
                job, more = planner.take(row.number, record)
                about = (*about, *more)
            except FieldError as error:
                about = (*about, found(error, str(error.details.get("field", "record"))))
        findings += ((row.number, finding) for finding in about)
        if job is not None and all(finding.severity != "error" for finding in about):
            jobs.append(job)
    return Plan(tuple(jobs), (*photos.findings(), *findings), tuple(photos.taken))


class _Planner:
    """What the rows of one workbook must not share."""

    def __init__(  # noqa: PLR0913, PLR0917  # the arguments of make_plan
        self,
        issuer: Issuer,
        ledger: Ledger,
        at_s: int,
        reason: str | None,
        remark: str | None,
        random: Callable[[int], bytes],
        photos: PhotoChoice,
        try_out: Callable[[Certificate], None] | None,
    ) -> None:
        self._issuer, self._ledger, self._at_s = issuer, ledger, at_s
        self._photos, self._try_out = photos, try_out
        self._reason, self._remark, self._random = reason, remark, random
        self._digests: dict[bytes, int] = {}
        self._numbers: dict[str, int] = {}
        self._replaced: dict[str, int] = {}
        self._taken: Counter[Segment] = Counter()

    def take(self, row: int, record: Record) -> tuple[Job, tuple[Finding, ...]]:
        """Raises FieldError for a row that can't be issued."""
        record, replaces = self._replacement(row, record)
        digest = self._ledger.digest(record_bytes(record))
        self._once(self._digests, digest, row, "issue.row_twice", "name")
        claim = Claim(digest, record.number, None, self._issuer.list_id, None, replaces)
        known = self._ledger.find_digest(digest)
        if known is not None:
            if known.state.kind is not StatusKind.VALID:
                raise FieldError("issue.row_not_in_force", field="number", number=known.number)
            note = Finding("number", "warning", "issue.row_issued", (("number", known.number),))
            photo = self._photos.of(row, digest, issued=True, old=None)
            self._see_page(payload_codec.decode(known.made.payload))
            return Job(row, record, replace(claim, photo=photo), None), (note,)
        if replaces is not None:
            old = self._ledger.state_of(replaces.number)
            if StatusKind.SUPERSEDED not in NEXT[old.kind] or old.at_s > self._at_s:
                raise FieldError(
                    "issue.old_not_in_force", field="supersedes", number=replaces.number
                )
        place, at_s = self._ledger.place(digest), self._at_s
        if place is not None:  # a run that was cut off has taken it already
            at_s = issue_time(record, place, issuer=self._issuer, at_s=at_s)
            if not self._issuer.names_list(place.list_id):
                raise FieldError(
                    "issue.place_list",
                    field="number",
                    number=place.number,
                    list_id=place.list_id,
                    index=place.index,
                )
        day = self._day(record, at_s)
        segment = self._segment(row, record, place, day)
        opener = new_opener(random=self._random) if self._issuer.profile is Profile.MASKED else None
        old_number = None if replaces is None else replaces.number
        photo = self._photos.of(row, digest, issued=False, old=old_number)
        claim = replace(claim, segment=segment, opener=opener, photo=photo)
        job = Job(row, record, claim, segment)
        self._try(job, place, at_s)
        return job, ()

    @staticmethod
    def _once(
        seen: dict[bytes, int] | dict[str, int], key: bytes | str, row: int, code: str, field: str
    ) -> None:
        first = seen.setdefault(key, row)  # type: ignore[arg-type]
        if first != row:
            raise FieldError(code, field=field, row=first)

    def _replacement(self, row: int, record: Record) -> tuple[Record, Replacement | None]:
        if record.supersedes is None:
            return record, None
        self._once(self._replaced, record.supersedes, row, "issue.old_twice", "supersedes")
        old = self._ledger.find(record.supersedes)
        if old is None:
            return record, None  # from before the register: a paper certificate, say
        if self._reason is None:
            raise FieldError("issue.reason_needed", field="supersedes")
        version = payload_codec.decode(old.made.payload).version + 1
        replaces = Replacement(record.supersedes, self._reason, self._remark)
        return record.model_copy(update={"version": version}), replaces

    def _day(self, record: Record, at_s: int) -> int:
        day = day_number(issue_day(record, at_s=at_s))
        if day > china_day(self._at_s):
            raise FieldError("issue.issued_in_future", field="issued")
        if not self._issuer.key.covers(day):
            raise FieldError("issue.outside_window", field="issued")
        return day

    def _segment(self, row: int, record: Record, place: Slot | None, day: int) -> Segment | None:
        """The segment that the certificate's number is of (docs/spec clause 5.7)."""
        segments, number = self._issuer.bundle.segments, record.number
        if number is not None:
            self._once_given(number, row, place)
            if not segments:
                return None
        body = record.approving_body or record.issuing_body
        own = [segment for segment in _of_body(record, segments) if segment.covers(day)]
        taken = number if place is None else place.number
        fitting = own if taken is None else [each for each in own if each.fits(taken)]
        if place is not None and number is None and not fitting:
            raise FieldError(
                "issue.place_segment",
                field="number",
                number=place.number,
                list_id=place.list_id,
                index=place.index,
            )
        if not own:
            raise FieldError("issue.no_segment", field="approving_body", body=shown(body))
        if not fitting:
            raise FieldError("issue.number_outside", field="number", body=shown(body))
        if len({segment.body_level for segment in fitting}) > 1:
            raise FieldError("issue.body_level_needed", field="body_level", body=shown(body))
        return self._with_room(fitting) if taken is None else fitting[0]

    def _once_given(self, number: str, row: int, place: Slot | None) -> None:
        self._once(self._numbers, number, row, "issue.number_twice", "number")
        if place is None and self._ledger.is_given(number):
            raise FieldError("issue.number_given", field="number", number=number)

    def _with_room(self, segments: list[Segment]) -> Segment:
        for segment in segments:
            if self._ledger.room(segment) > self._taken[segment]:
                self._taken[segment] += 1
                return segment
        raise FieldError("issue.segment_used_up", field="number", body=segments[0].body)

    def _try(self, job: Job, place: Slot | None, at_s: int) -> None:
        """Make the certificate as it would be, with the longest number and index."""
        segment, number = job.segment, job.record.number
        if place is not None:
            number = place.number
        elif number is None and segment is not None:
            number = f"{segment.prefix}{segment.last:0{segment.width}}"
        certificate = job.certificate(
            issuer=self._issuer,
            number=number or "",
            list_id=self._issuer.list_id if place is None else place.list_id,
            index=_TRIAL_INDEX,
            opener=bytes(OPENER_BYTES),
            at_s=at_s,
        )
        payload_codec.encode(certificate)
        self._see_page(certificate)

    def _see_page(self, certificate: Certificate) -> None:
        if self._try_out is None:
            return
        try:
            self._try_out(certificate)
        except IssueError as error:
            raise FieldError(error.code, field="page", **error.details) from None


def record_bytes(record: Record) -> bytes:
    """What makes a record the same record again: all of its fields, in one spelling."""
    values = ((name, getattr(record, name)) for name in sorted(Record.model_fields))
    return canon.encode(
        [
            (name, str(int(value)) if isinstance(value, IntEnum) else str(value))
            for name, value in values
            if value is not None
        ]
    )
