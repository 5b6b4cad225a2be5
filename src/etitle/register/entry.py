"""What a ledger takes in and gives out; values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from etitle.trust.published import Segment
from etitle.trust.status import StatusKind

NEXT: Final = {
    StatusKind.VALID: frozenset(StatusKind) - {StatusKind.VALID},
    StatusKind.SUSPENDED: frozenset(StatusKind) - {StatusKind.SUSPENDED, StatusKind.SUPERSEDED},
    StatusKind.VOIDED: frozenset({StatusKind.WITHDRAWN}),
    StatusKind.CANCELLED: frozenset({StatusKind.WITHDRAWN}),
    StatusKind.OTHER: frozenset({StatusKind.WITHDRAWN}),
    StatusKind.SUPERSEDED: frozenset[StatusKind](),
    StatusKind.WITHDRAWN: frozenset[StatusKind](),
}
"""States that may follow each state.

Suspension alone is reversible, and while it lasts nothing is reissued: that would lift it unseen.
作废, 注销 and 其他 speak of the record; a withdrawal speaks of the title and may follow them.
What was superseded stays so: its successor is the one to withdraw.
"""


WITHOUT_PHOTO: Final = b""
"""In the place of a photo's digest: the record has none, and somebody said so."""


@dataclass(frozen=True, slots=True)
class Change:
    """One step in a certificate's history.

    Attributes:
        kind: what became of it.
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
class Claim:
    """A record that asks for a place.

    Attributes:
        digest: ``Ledger.digest`` of the record.
        number: 证号 where the record brings its own, else None.
        segment: where the next number is taken from; needed where the record brings none.
        list_id: the list to take an index of.
        opener: 10 random bytes; None for the profiles full and none.
        replaces: for a reissue.
        photo: SHA-256 of the photo's file; ``WITHOUT_PHOTO``; None where nothing was said of it.
    """

    digest: bytes
    number: str | None
    segment: Segment | None
    list_id: int
    opener: bytes | None
    replaces: Replacement | None = None
    photo: bytes | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A place given to a record, for ever.

    Attributes:
        claim: position of its claim.
        number: 证号.
        list_id: the list.
        index: index in the list.
        opener: as claimed when the place was given; another where the record's claim, come again
            under another profile, asks for one that is not there, and None where it asks for none.
        allocated_s: when it was given, seconds since 1970 UTC.
    """

    claim: int
    number: str
    list_id: int
    index: int
    opener: bytes | None
    allocated_s: int


@dataclass(frozen=True, slots=True)
class Made:
    """A signed certificate that passed its checks.

    Attributes:
        thumbprint: of the key that signed it, 32 bytes.
        payload: its canonical bytes.
        to_be_signed: the Sig_structure, for rescue lists (docs/spec clause 5.8).
        code_text: what its QR code says.
    """

    thumbprint: bytes
    payload: bytes
    to_be_signed: bytes
    code_text: str


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate of the ledger, with its present state.

    Attributes:
        number: 证号.
        list_id: the list that covers it.
        index: its index there.
        opener: 10 bytes (profile masked), else None.
        issued_s: when it was entered, seconds since 1970 UTC.
        made: what was signed.
        state: the last step of its history.
        photo: as claimed; without one, and without word that there is none, it has no document.
    """

    number: str
    list_id: int
    index: int
    opener: bytes | None
    issued_s: int
    made: Made
    state: Change
    photo: bytes | None = None


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
