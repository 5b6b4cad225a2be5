"""The ledger that planning, batches, documents, photos and publication depend on.

``Ledger`` is the protocol; ``sqlite`` implements it.  Both are provisional until the register
replaces the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from etitle.issue.certificate import Place, SignedCertificate
from etitle.trust.published import Segment
from etitle.trust.status import StatusKind, StatusTable

WITHOUT_PHOTO: Final = b""
"""Stands for a photo's digest: the record is declared to have no photo."""


@dataclass(frozen=True, slots=True)
class StateChange:
    """One step in a certificate's history.

    Attributes:
        kind: its new state.
        day: day number in China.
        reason: code of table ``void_reissue_reasons``; None for the issue, for 其他 and where a
            suspension ends.
        remark: 备注 of the office; never published.
        successor: 证号 of the certificate that replaces it.
        at_s: when it was entered, seconds since 1970 UTC.
    """

    kind: StatusKind
    day: int
    reason: str | None
    remark: str | None
    successor: str | None
    at_s: int


@dataclass(frozen=True, slots=True)
class Replacement:
    """The certificate that a new one replaces, and why (reasons R01 to R05)."""

    number: str
    reason: str
    remark: str | None


@dataclass(frozen=True, slots=True)
class PlaceRequest:
    """A record that asks for a place.

    Attributes:
        digest: ``Ledger.digest`` of the record.
        number: 证号 where the record brings its own, else None.
        segment: where the next number is taken from; needed where the record brings none.
        list_id: the list to take an index of.
        opening: 10 random bytes; None for the profiles full and none.
        replaces: for a reissue.
        photo: SHA-256 of the photo's file; ``WITHOUT_PHOTO``; None where it is open.
        work_unit: 工作单位 for the page; None where the record names none.
    """

    digest: bytes
    number: str | None
    segment: Segment | None
    list_id: int
    opening: bytes | None
    replaces: Replacement | None = None
    photo: bytes | None = None
    work_unit: str | None = None


@dataclass(frozen=True, slots=True)
class GivenPlace(Place):
    """A place given to a record, for ever.

    Its opening is as requested when the place was given; another where the record, come again
    under another profile, asks for one that is not there, and None where it asks for none.

    Attributes:
        given_s: when it was given, seconds since 1970 UTC.
        request: position of its request.
    """

    given_s: int
    request: int = 0


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A certificate of the ledger, with its present state.

    Attributes:
        number: 证号.
        list_id: the list that covers it.
        index: its index there.
        opening: 10 bytes (profile masked), else None.
        issued_s: when it was entered, seconds since 1970 UTC.
        signed: what was signed.
        state: the last step of its history.
        photo: as requested; None where it is open: then it has no document.
        work_unit: as requested; no token carries it.
    """

    number: str
    list_id: int
    index: int
    opening: bytes | None
    issued_s: int
    signed: SignedCertificate
    state: StateChange
    photo: bytes | None = None
    work_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """A list as it was published.

    Attributes:
        list_id: the list.
        epoch: its epoch.
        sequence: its number within the epoch, from 1.
        issued_s: when it was made, seconds since 1970 UTC.
        state_hash: of its content, 32 bytes.
        signed: the signed list; None once it is too old to be needed.
        delta: the signed delta that leads to it; None for the first of an epoch.
    """

    list_id: int
    epoch: int
    sequence: int
    issued_s: int
    state_hash: bytes
    signed: bytes | None
    delta: bytes | None


class Ledger(Protocol):
    """The record of one authority's certificates.  Provisional.

    Any method may raise an ``IssueError`` of the ledger's own: ``issue.ledger_busy``, say.
    """

    def digest(self, record: bytes) -> bytes:
        """A record's digest, 16 bytes, keyed by the ledger."""
        ...

    def issue(
        self,
        requests: Sequence[PlaceRequest],
        *,
        make: Callable[[GivenPlace], SignedCertificate],
        at_s: int,
    ) -> tuple[LedgerEntry, ...]:
        """Give places to records, have them signed, and enter them.

        A record that was issued before comes back as it was entered.  A place given to a record in
        a run that failed is used when the same record comes again.  No number and no index is
        given to two records.

        Args:
            requests: one for each record, no digest twice.
            make: signs and checks the certificate of a place.
            at_s: now, seconds since 1970 UTC.

        Returns:
            One for each request, in order.

        Raises:
            IssueError: ``issue.number_taken``, ``issue.segment_full``, ``issue.list_full``; for a
                certificate to be replaced ``issue.number_unknown``, ``issue.state_refused`` or
                ``issue.time_backwards``; and whatever ``make`` raises.
        """
        ...

    def room(self, segment: Segment) -> int:
        """How many numbers of a segment were not given out yet, at most."""
        ...

    def coverage(self, list_id: int) -> int:
        """How many indices of a list were given out, from 0."""
        ...

    def find(self, number: str) -> LedgerEntry | None:
        """The certificate with a number; None where none was issued."""
        ...

    def find_digest(self, digest: bytes) -> LedgerEntry | None:
        """The certificate issued for a record; None where none was."""
        ...

    def place(self, digest: bytes) -> GivenPlace | None:
        """The place that a record was given, signed or not."""
        ...

    def photo(self, digest: bytes) -> bytes | None:
        """What is known of the photo of a record that has a place (``PlaceRequest.photo``)."""
        ...

    def is_given(self, number: str) -> bool:
        """Whether a number was given to a record, signed or not."""
        ...

    def state_of(self, number: str) -> StateChange:
        """The present state of a certificate.

        Raises:
            IssueError: ``issue.number_unknown``.
        """
        ...

    def entries(self) -> Iterator[LedgerEntry]:
        """Every certificate issued, in the order of entry."""
        ...

    def table(self, list_id: int, *, epoch: int) -> StatusTable:
        """The state of every index of a list, as of now (docs/spec clause 6.2)."""
        ...

    def publications(self, list_id: int, *, epoch: int) -> tuple[Publication, ...]:
        """What was published of a list in an epoch and is still kept, oldest first.

        The newest has its signed list.
        """
        ...

    def remember(self, publication: Publication, *, keep: int) -> None:
        """Enter a publication before its files are written; drop what is older than ``keep``.

        Raises:
            IssueError: ``issue.sequence_published`` where the sequence was used before.
        """
        ...
