"""A ledger in one SQLite file: the issuer's record of what it issued.

Numbers and indices are given out inside one transaction and never again, even where signing fails
afterwards.  A row that was issued before is found by its digest and not issued twice, so a run that
was killed is finished by running it again.

The ledger never holds an unmasked ID number, unless the certificates themselves do (profile full).
It holds the openings, though: whoever has both a mask and its opening can find the number behind it
by trying, so the file is as confidential as the ID numbers and is made readable by its owner alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from etitle.certificate.codes import reason as reason_of
from etitle.certificate.dates import china_day
from etitle.certificate.decode import MAX_INDEX
from etitle.errors import IssueError
from etitle.issue.certificate import SignedCertificate
from etitle.issue.states import NEXT_STATES
from etitle.register.ledger import (
    GivenPlace,
    LedgerEntry,
    PlaceRequest,
    Publication,
    StateChange,
)
from etitle.register.storage import LedgerFile
from etitle.trust.published import Segment
from etitle.trust.status import StatusEntry, StatusKind, StatusTable

CHUNK: Final = 256
"""Certificates entered in one transaction: what a power cut can cost, and a sync of the disk."""

_ISSUED: Final = """
SELECT c.number, c.list_id, c.list_index, c.opening, c.issued_s, c.thumbprint, c.payload,
  c.to_be_signed, c.code_text, c.photo, c.work_unit,
  h.kind, h.day, h.reason, h.remark, h.successor, h.at_s
FROM certificates c JOIN history h ON h.id =
  (SELECT max(id) FROM history WHERE certificate = c.id)
WHERE c.payload IS NOT NULL"""


class SqliteLedger(LedgerFile):
    """The record of one authority; ``open`` makes it.

    Any method may raise an ``IssueError``: ``issue.ledger_unreadable``, ``issue.ledger_busy`` or
    ``issue.ledger_full``.
    """

    def issue(
        self,
        requests: Sequence[PlaceRequest],
        *,
        make: Callable[[GivenPlace], SignedCertificate],
        at_s: int,
    ) -> tuple[LedgerEntry, ...]:
        """Give places to records, have them signed, and enter them (``Ledger.issue``)."""
        # Numbers that records bring come first, so that none of them is given to another.
        order = sorted(range(len(requests)), key=lambda n: requests[n].number is None)
        with self.writing():
            places = [self._allocate(n, requests[n], at_s) for n in order]
        todo = sorted(
            (place for place in places if place is not None), key=lambda place: place.request
        )
        for start in range(0, len(todo), CHUNK):
            made = [(place, make(place)) for place in todo[start : start + CHUNK]]
            with self.writing():
                for place, one in made:
                    self._enter(requests[place.request], place, one, at_s)
        with self.reading():
            found = [self._one("c.digest", request.digest) for request in requests]
        return tuple(each for each in found if each is not None)

    def _allocate(self, n: int, request: PlaceRequest, at_s: int) -> GivenPlace | None:
        known = self.db.execute(
            "SELECT number, list_id, list_index, opening, allocated_s, payload IS NOT NULL"
            " FROM certificates WHERE digest = ?",
            (request.digest,),
        ).fetchone()
        if known is not None:
            self._complete(request)
            if known[5]:
                return None
            number, list_id, index, opening, allocated_s, _ = known
            if request.opening is None or opening is None:  # the profile may be another than then
                opening = request.opening
            return GivenPlace(number, list_id, index, opening, allocated_s, n)
        if request.replaces is not None:
            self._check(request.replaces.number, StatusKind.SUPERSEDED, at_s)
        number = request.number
        if number is None and request.segment is not None:
            number = self._next_number(request.segment)
        if number is None or self._is_taken(number):
            raise IssueError("issue.number_taken", number=number)
        index = self._next_index(request.list_id)
        self.db.execute(
            "INSERT INTO certificates"
            " (number, list_id, list_index, digest, opening, allocated_s, photo, work_unit)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, request.list_id, index, request.digest, request.opening, at_s, request.photo,
             request.work_unit),
        )  # fmt: skip
        return GivenPlace(number, request.list_id, index, request.opening, at_s, n)

    def _complete(self, request: PlaceRequest) -> None:
        """Enter what a record brings that has a place; what was issued keeps what it has."""
        if request.photo is not None:
            self.db.execute(
                "UPDATE certificates SET photo = ? WHERE digest = ?"
                " AND (payload IS NULL OR photo IS NULL)",
                (request.photo, request.digest),
            )
        if request.work_unit is not None:
            self.db.execute(
                "UPDATE certificates SET work_unit = ? WHERE digest = ?"
                " AND (payload IS NULL OR work_unit IS NULL)",
                (request.work_unit, request.digest),
            )

    def _is_taken(self, number: str) -> bool:
        query = "SELECT 1 FROM certificates WHERE number = ?"
        return self.db.execute(query, (number,)).fetchone() is not None

    def room(self, segment: Segment) -> int:
        """How many numbers of a segment were not given out yet, at most."""
        with self.reading():
            return segment.last - self._counter(segment) + 1 if segment.width else 0

    def _counter(self, segment: Segment) -> int:
        key = (segment.prefix, segment.width, segment.first, segment.last)
        row = self.db.execute(
            "SELECT next FROM counters WHERE (prefix, width, first, last) = (?, ?, ?, ?)", key
        ).fetchone()
        return int(row[0]) if row else segment.first

    def _next_number(self, segment: Segment) -> str:
        key = (segment.prefix, segment.width, segment.first, segment.last)
        value = self._counter(segment)
        while segment.width and value <= segment.last:
            number = f"{segment.prefix}{value:0{segment.width}}"
            value += 1
            if not self._is_taken(number):  # a record may have brought it
                self.db.execute("REPLACE INTO counters VALUES (?, ?, ?, ?, ?)", (*key, value))
                return number
        raise IssueError("issue.segment_full", prefix=segment.prefix, body=segment.body)

    def _next_index(self, list_id: int) -> int:
        index = self.coverage(list_id)
        if index > MAX_INDEX:
            raise IssueError("issue.list_full", list_id=list_id)
        self.db.execute("REPLACE INTO lists VALUES (?, ?)", (list_id, index + 1))
        return index

    def _enter(
        self, request: PlaceRequest, place: GivenPlace, made: SignedCertificate, at_s: int
    ) -> None:
        updated = self.db.execute(
            "UPDATE certificates SET opening = ?, issued_s = ?, thumbprint = ?, payload = ?,"
            " to_be_signed = ?, code_text = ? WHERE number = ? AND payload IS NULL",
            (place.opening, at_s, made.thumbprint, made.payload, made.to_be_signed, made.code_text,
             place.number),
        )  # fmt: skip
        if not updated.rowcount:
            return  # another run of the same workbook was faster
        issue = StateChange(StatusKind.VALID, china_day(at_s), None, None, None, at_s)
        self._append(place.number, issue)
        old = request.replaces
        if old is not None:
            self._change(
                old.number, StatusKind.SUPERSEDED, old.reason, old.remark, place.number, at_s
            )

    def change(
        self, number: str, *, reason: str, remark: str | None = None, at_s: int
    ) -> StateChange:
        """Void, withdraw, cancel or suspend a certificate; the reason says which.

        Args:
            number: 证号.
            reason: code of table ``void_reissue_reasons``: V…, W…, C… or S….
            remark: 备注, where the reason requires it.
            at_s: now, seconds since 1970 UTC.

        Raises:
            FieldError: ``record.reason_unknown`` or ``record.remark_missing``.
            IssueError: ``issue.number_unknown``, ``issue.state_refused``,
                ``issue.reason_reissues`` for a reason that is one to reissue, or
                ``issue.time_backwards``.
        """
        to = reason_of(reason, remark=remark).to
        if to in {None, "superseded"}:
            raise IssueError("issue.reason_reissues", reason=reason)
        with self.writing():
            return self._change(number, StatusKind[str(to).upper()], reason, remark, None, at_s)

    def change_other(self, number: str, *, remark: str, at_s: int) -> StateChange:
        """Enter a state of no reason of the table: 其他, which needs a remark.

        Raises:
            IssueError: as ``change``; ``issue.remark_missing``.
        """
        if not remark.strip():
            raise IssueError("issue.remark_missing")
        with self.writing():
            return self._change(number, StatusKind.OTHER, None, remark, None, at_s)

    def restore(self, number: str, *, remark: str | None = None, at_s: int) -> StateChange:
        """End a suspension.

        Raises:
            IssueError: as ``change``.
        """
        with self.writing():
            return self._change(number, StatusKind.VALID, None, remark, None, at_s)

    def _change(  # noqa: PLR0913, PLR0917  # the columns of the history
        self,
        number: str,
        kind: StatusKind,
        reason: str | None,
        remark: str | None,
        successor: str | None,
        at_s: int,
    ) -> StateChange:
        self._check(number, kind, at_s)
        change = StateChange(kind, china_day(at_s), reason, remark, successor, at_s)
        self._append(number, change)
        return change

    def _check(self, number: str, kind: StatusKind, at_s: int) -> None:
        entry = self._one("c.number", number)
        if entry is None:
            raise IssueError("issue.number_unknown", number=number)
        if kind not in NEXT_STATES[entry.state.kind]:
            now, to = entry.state.kind.name.lower(), kind.name.lower()
            raise IssueError("issue.state_refused", number=number, now=now, to=to)
        if at_s < entry.state.at_s:
            raise IssueError("issue.time_backwards", number=number)

    def _append(self, number: str, change: StateChange) -> None:
        self.db.execute(
            "INSERT INTO history (certificate, kind, day, reason, remark, successor, at_s)"
            " SELECT id, ?, ?, ?, ?, ?, ? FROM certificates WHERE number = ?",
            (int(change.kind), change.day, change.reason, change.remark, change.successor,
             change.at_s, number),
        )  # fmt: skip

    def coverage(self, list_id: int) -> int:
        """How many indices of a list were given out, from 0."""
        with self.reading():
            query = "SELECT next FROM lists WHERE list_id = ?"
            row = self.db.execute(query, (list_id,)).fetchone()
        return int(row[0]) if row else 0

    def find(self, number: str) -> LedgerEntry | None:
        """The certificate with a number; None where none was issued."""
        with self.reading():
            return self._one("c.number", number)

    def find_digest(self, digest: bytes) -> LedgerEntry | None:
        """The certificate issued for a record; None where none was."""
        with self.reading():
            return self._one("c.digest", digest)

    def place(self, digest: bytes) -> GivenPlace | None:
        """The number and index that a record was given, signed or not; its request counts as 0."""
        with self.reading():
            row = self.db.execute(
                "SELECT number, list_id, list_index, opening, allocated_s"
                " FROM certificates WHERE digest = ?",
                (digest,),
            ).fetchone()
        return GivenPlace(*row) if row else None

    def photo(self, digest: bytes) -> bytes | None:
        """What is known of the photo of a record that has a place (``PlaceRequest.photo``)."""
        with self.reading():
            row = self.db.execute(
                "SELECT photo FROM certificates WHERE digest = ?", (digest,)
            ).fetchone()
        return row[0] if row else None

    def is_given(self, number: str) -> bool:
        """Whether a number was given to a record, signed or not."""
        with self.reading():
            return self._is_taken(number)

    def state_of(self, number: str) -> StateChange:
        """The present state of a certificate.

        Raises:
            IssueError: ``issue.number_unknown``.
        """
        found = self.find(number)
        if found is None:
            raise IssueError("issue.number_unknown", number=number)
        return found.state

    def history(self, number: str) -> tuple[StateChange, ...]:
        """Every step of a certificate, oldest first; none where none was issued."""
        with self.reading():
            rows = self.db.execute(
                "SELECT kind, day, reason, remark, successor, h.at_s FROM history h"
                " JOIN certificates c ON c.id = h.certificate WHERE number = ? ORDER BY h.id",
                (number,),
            ).fetchall()
        return tuple(StateChange(StatusKind(kind), *rest) for kind, *rest in rows)

    def entries(self) -> Iterator[LedgerEntry]:
        """Every certificate issued, in the order of entry."""
        with self.reading():
            for row in self.db.execute(f"{_ISSUED} ORDER BY c.id"):
                yield _issued(row)

    def _one(self, column: str, value: str | bytes) -> LedgerEntry | None:
        row = self.db.execute(f"{_ISSUED} AND {column} = ?", (value,)).fetchone()
        return _issued(row) if row else None

    def table(self, list_id: int, *, epoch: int) -> StatusTable:
        """The state of every index of a list, as of now (docs/spec clause 6.2).

        An index whose certificate was never signed is valid: there is nothing it could concern.

        Raises:
            FieldError: ``list.entry_refused`` for a change before 2020.
        """
        with self.reading():
            self.db.execute("BEGIN")  # coverage and states of one moment
            try:
                coverage = self.coverage(list_id)
                rows = self.db.execute(
                    "SELECT c.list_index, h.kind, h.day, h.successor FROM history h"
                    " JOIN certificates c ON c.id = h.certificate"
                    " WHERE c.list_id = ? AND h.kind != 0"
                    " AND h.id = (SELECT max(id) FROM history WHERE certificate = c.id)",
                    (list_id,),
                ).fetchall()
            finally:
                self.db.execute("COMMIT")
        entries = {
            index: StatusEntry(StatusKind(kind), day, successor)
            for index, kind, day, successor in rows
        }
        return StatusTable.from_entries(
            list_id=list_id, epoch=epoch, coverage=coverage, entries=entries
        )

    def publications(self, list_id: int, *, epoch: int) -> tuple[Publication, ...]:
        """What was published of a list in an epoch and is still kept, oldest first."""
        with self.reading():
            rows = self.db.execute(
                "SELECT list_id, epoch, sequence, issued_s, state_hash, list, delta"
                " FROM publications WHERE (list_id, epoch) = (?, ?) ORDER BY sequence",
                (list_id, epoch),
            ).fetchall()
        return tuple(Publication(*row) for row in rows)

    def remember(self, publication: Publication, *, keep: int) -> None:
        """Enter a publication before its files are written; drop what is older than ``keep``.

        Raises:
            IssueError: ``issue.sequence_published`` where the sequence was used before.
        """
        p = publication
        place = (p.list_id, p.epoch)
        with self.writing():
            last = self.db.execute(
                "SELECT max(sequence) FROM publications WHERE (list_id, epoch) = (?, ?)", place
            ).fetchone()[0]
            if last is not None and p.sequence != last + 1:
                raise IssueError("issue.sequence_published", list_id=p.list_id, sequence=p.sequence)
            self.db.execute(
                "INSERT INTO publications VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*place, p.sequence, p.issued_s, p.state_hash, p.signed, p.delta),
            )
            self.db.execute(
                "UPDATE publications SET list = NULL WHERE (list_id, epoch) = (?, ?)"
                " AND sequence < ?",
                (*place, p.sequence),
            )
            self.db.execute(
                "DELETE FROM publications WHERE (list_id, epoch) = (?, ?) AND sequence <= ?",
                (*place, p.sequence - keep),
            )


def _issued(row: tuple[Any, ...]) -> LedgerEntry:
    number, list_id, index, opening, issued_s = row[:5]
    state = StateChange(StatusKind(row[11]), *row[12:])
    signed = SignedCertificate(*row[5:9])
    return LedgerEntry(number, list_id, index, opening, issued_s, signed, state, *row[9:11])
