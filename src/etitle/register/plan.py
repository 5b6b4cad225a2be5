"""The plan for a whole workbook: every row is judged before the first is issued."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from etitle import canon
from etitle.certificate import payload as payload_codec
from etitle.certificate.commitment import OPENING_BYTES, new_opening
from etitle.certificate.dates import china_day
from etitle.certificate.decode import MAX_INDEX
from etitle.certificate.identity import Profile
from etitle.certificate.model import Certificate, Source
from etitle.errors import FieldError, IssueError
from etitle.issue.certificate import Place, SignedCertificate, certificate_at, sign_certificate
from etitle.issue.issuer import Issuer, issue_day, of_body
from etitle.issue.reissue import check_same_person
from etitle.issue.states import NEXT_STATES
from etitle.record.album import FOLDER_ROW, Album, Person, PhotoFile, person_in
from etitle.record.finding import Finding, found
from etitle.record.record import Record, read_record
from etitle.record.workbook import RecordRow
from etitle.register.ledger import GivenPlace, Ledger, PlaceRequest, Replacement
from etitle.register.photochoice import PhotoChoice
from etitle.trust.published import Segment
from etitle.trust.status import StatusKind

_TRIAL_INDEX: Final = MAX_INDEX
"""The longest index: a certificate that fits with it fits with every other."""


@dataclass(frozen=True, slots=True)
class BatchJob:
    """A row that can be issued.

    Attributes:
        row: its number in the workbook.
        record: its content.
        request: what it asks of the ledger.
        segment: the number segment it belongs to; None where the bundle has none.
    """

    row: int
    record: Record
    request: PlaceRequest
    segment: Segment | None

    def certificate(self, place: Place, *, issuer: Issuer, at_s: int) -> Certificate:
        """The certificate for a place.

        Raises:
            FieldError: those of ``certificate_at``.
        """
        return certificate_at(
            self.record,
            place,
            issuer=issuer,
            issued=issue_day(self.record, at_s=at_s),
            source=Source.EXCEL,
            body_level=None if self.segment is None else self.segment.body_level,
        )

    def sign(self, place: GivenPlace, *, issuer: Issuer, at_s: int) -> SignedCertificate:
        """The signed certificate for a place that this run, or one that was cut off, was given.

        Raises:
            FieldError: those of ``certificate_at``.
            IssueError: those of ``sign_certificate``.
            SignerError: the signer's own.
        """
        certificate = self.certificate(
            place,
            issuer=issuer,
            at_s=issue_time(self.record, place, issuer=issuer, at_s=at_s),
        )
        return sign_certificate(certificate, place, issuer=issuer, id_number=self.record.id_number)


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """A workbook, judged.

    Attributes:
        jobs: the rows that can be issued, in order.
        findings: row number and finding, in the order of the rows; ``FOLDER_ROW`` for the photos.
        photos: those that the jobs name, to be taken (``PhotoStore.take``) before anything is
            issued.
    """

    jobs: tuple[BatchJob, ...]
    findings: tuple[tuple[int, Finding], ...]
    photos: tuple[PhotoFile, ...] = ()

    @property
    def errors(self) -> int:
        """How many findings keep the workbook from being issued."""
        return sum(finding.severity == "error" for _, finding in self.findings)


def issue_time(record: Record, place: GivenPlace, *, issuer: Issuer, at_s: int) -> int:
    """The time whose day is the day of issue of a record that has a place.

    A place that a run left unsigned keeps its day, unless the key or the segment came to begin
    later or to end sooner: then nothing could be signed for that day, and now counts.
    """
    day, segments = china_day(place.given_s), issuer.bundle.segments
    fits = not segments or any(
        segment.fits(place.number) and segment.covers(day) for segment in of_body(record, segments)
    )
    return place.given_s if fits and issuer.key.covers(day) else at_s


def make_plan(  # noqa: PLR0913  # required keywords
    rows: Iterable[RecordRow],
    *,
    issuer: Issuer,
    ledger: Ledger,
    at_s: int,
    reason: str | None = None,
    remark: str | None = None,
    random: Callable[[int], bytes] = secrets.token_bytes,
    album: Album | None = None,
    try_out: Callable[[Certificate, str | None], None] | None = None,
) -> BatchPlan:
    """Judge every row; nothing is changed.

    Args:
        rows: as ``read_workbook`` gives them.
        issuer: who issues.
        ledger: what was issued before.
        at_s: now, seconds since 1970 UTC.
        reason: R01 to R05, for rows that replace a certificate of the ledger (原证号).
        remark: the remark that the reason may require.
        random: source of openings.
        album: the photos; with it each row must have one, or be declared to have none.  With
            None no certificate has a document.
        try_out: raises an ``IssueError`` for a certificate and a work unit whose page can't be
            made.

    Returns:
        The plan; with errors among its findings the workbook must not be issued.
    """
    read = [(row, *read_record(row.cells)) for row in rows]
    people = (
        person_in(row.number, row.cells)
        if record is None
        else Person(row.number, record.name, record.id_number)
        for row, record, _ in read
    )
    matched = (album or Album()).match(person for person in people if person is not None)
    photos = PhotoChoice(ledger, album, matched)
    planner = _Planner(issuer, ledger, at_s, reason, remark, random, photos, try_out)
    jobs: list[BatchJob] = []
    findings = list(matched.of(FOLDER_ROW))
    for row, record, read_about in read:
        about = (*row.findings, *read_about, *(one for _, one in matched.of(row.number)))
        job = None
        if record is not None and all(each.severity != "error" for each in row.findings):
            try:
                job, more = planner.take(row.number, record)
                about = (*about, *more)
            except FieldError as error:
                about = (*about, found(error, str(error.details.get("field", "record"))))
        findings += ((row.number, finding) for finding in about)
        if job is not None and all(finding.severity != "error" for finding in about):
            jobs.append(job)
    return BatchPlan(tuple(jobs), (*photos.findings(), *findings), tuple(photos.taken))


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
        try_out: Callable[[Certificate, str | None], None] | None,
    ) -> None:
        self._issuer, self._ledger, self._at_s = issuer, ledger, at_s
        self._photos, self._try_out = photos, try_out
        self._reason, self._remark, self._random = reason, remark, random
        self._digests: dict[bytes, int] = {}
        self._numbers: dict[str, int] = {}
        self._replaced: dict[str, int] = {}
        self._taken: Counter[Segment] = Counter()

    def take(self, row: int, record: Record) -> tuple[BatchJob, tuple[Finding, ...]]:
        """Raises FieldError for a row that can't be issued."""
        record, replaces = self._replacement(row, record)
        digest = self._ledger.digest(record_bytes(record))
        self._once(self._digests, digest, row, "issue.row_twice", "name")
        request = PlaceRequest(
            digest,
            record.number,
            None,
            self._issuer.list_id,
            None,
            replaces,
            work_unit=record.work_unit,
        )
        known = self._ledger.find_digest(digest)
        if known is not None:
            if known.state.kind is not StatusKind.VALID:
                raise FieldError("issue.row_not_in_force", field="number", number=known.number)
            note = Finding("number", "warning", "issue.row_issued", (("number", known.number),))
            photo = self._photos.of(row, digest, issued=True, old=None)
            unit = record.work_unit if known.work_unit is None else known.work_unit
            self._see_page(payload_codec.decode(known.signed.payload), unit)
            return BatchJob(row, record, replace(request, photo=photo), None), (note,)
        changed = () if replaces is None else self._check_old(replaces.number, record)
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
        day = self._issuer.allowed_day(record, issued_at_s=at_s, now_s=self._at_s)
        segment = self._segment(row, record, place, day)
        opening = (
            new_opening(random=self._random) if self._issuer.profile is Profile.MASKED else None
        )
        old_number = None if replaces is None else replaces.number
        photo = self._photos.of(row, digest, issued=False, old=old_number)
        request = replace(request, segment=segment, opening=opening, photo=photo)
        job = BatchJob(row, record, request, segment)
        self._try(job, place, at_s)
        return job, changed

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
        version = payload_codec.decode(old.signed.payload).version + 1
        replaces = Replacement(record.supersedes, self._reason, self._remark)
        return record.model_copy(update={"version": version}), replaces

    def _check_old(self, number: str, record: Record) -> tuple[Finding, ...]:
        """A certificate to be replaced is in force, and the same person's."""
        state, old = self._ledger.state_of(number), self._ledger.find(number)
        if StatusKind.SUPERSEDED not in NEXT_STATES[state.kind] or state.at_s > self._at_s:
            raise FieldError("issue.old_not_in_force", field="supersedes", number=number)
        if old is None:
            return ()
        return check_same_person(payload_codec.decode(old.signed.payload), old.opening, record)

    def _segment(
        self, row: int, record: Record, place: GivenPlace | None, day: int
    ) -> Segment | None:
        """The segment that the certificate's number is of (docs/spec clause 5.7)."""
        if record.number is not None:
            self._once_given(record.number, row, place)
        taken = record.number if place is None else place.number
        try:
            fitting = self._issuer.segments_for(record, number=taken, day=day)
        except FieldError as error:
            given = place if record.number is None else None
            if given is None or error.code == "issue.body_level_needed":
                raise
            raise FieldError(
                "issue.place_segment",
                field="number",
                number=given.number,
                list_id=given.list_id,
                index=given.index,
            ) from None
        if taken is None:
            return self._with_room(fitting)
        return fitting[0] if fitting else None

    def _once_given(self, number: str, row: int, place: GivenPlace | None) -> None:
        self._once(self._numbers, number, row, "issue.number_twice", "number")
        if place is None and self._ledger.is_given(number):
            raise FieldError("issue.number_given", field="number", number=number)

    def _with_room(self, segments: Sequence[Segment]) -> Segment:
        for segment in segments:
            if self._ledger.room(segment) > self._taken[segment]:
                self._taken[segment] += 1
                return segment
        raise FieldError("issue.segment_used_up", field="number", body=segments[0].body)

    def _try(self, job: BatchJob, place: GivenPlace | None, at_s: int) -> None:
        """Make the certificate as it would be, with the longest number and index."""
        segment, number = job.segment, job.record.number
        if place is not None:
            number = place.number
        elif number is None and segment is not None:
            number = f"{segment.prefix}{segment.last:0{segment.width}}"
        list_id = self._issuer.list_id if place is None else place.list_id
        longest = Place(number or "", list_id, _TRIAL_INDEX, bytes(OPENING_BYTES))
        certificate = job.certificate(longest, issuer=self._issuer, at_s=at_s)
        payload_codec.encode(certificate)
        self._see_page(certificate, job.record.work_unit)

    def _see_page(self, certificate: Certificate, work_unit: str | None) -> None:
        if self._try_out is None:
            return
        try:
            self._try_out(certificate, work_unit)
        except IssueError as error:
            raise FieldError(error.code, field="page", **error.details) from None


def record_bytes(record: Record) -> bytes:
    """What makes a record the same record again: the fields of a certificate, in one spelling.

    工作单位 is not among them: a holder who moves has not gained the title anew.
    """
    names = sorted(set(Record.model_fields) - {"work_unit"})
    values = ((name, getattr(record, name)) for name in names)
    return canon.encode(
        [
            (name, str(int(value)) if isinstance(value, IntEnum) else str(value))
            for name, value in values
            if value is not None
        ]
    )
