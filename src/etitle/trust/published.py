"""What an authority publishes: its keys, number segments and lists (docs/spec clause 5).

Values only; their bytes are in ``etitle.trust.bundle``, which exports these names too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from etitle.certificate.dates import china_day, china_midnight
from etitle.certificate.model import BodyLevel, Certificate, Level
from etitle.keys.documentkey import DocumentKey
from etitle.keys.public import PublicKey


class KeyUse(IntEnum):
    """What a published key may sign."""

    TOKEN = 1
    LIST = 2
    DOCUMENT = 3


class KeyState(IntEnum):
    """State of a published key (docs/spec clause 5.6)."""

    ACTIVE = 1
    RETIRED = 2
    COMPROMISED = 3


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority: an id that never changes, and its names."""

    id: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """A key of a suite that this program does not know: kept, and good for nothing (clause 5.12).

    Attributes:
        cose_key: its COSE_Key, canonical bytes.
        x509: its X.509 seal certificate, DER, not read; None where there is none.
    """

    cose_key: bytes
    x509: bytes | None = None


@dataclass(frozen=True, slots=True)
class RootSet:
    """The offline roots: any ``threshold`` of them sign together.

    Attributes:
        threshold: how many.
        keys: ascending by ``to_bytes``.
        unknown: roots of suites that this program does not know; none of them counts here.
    """

    threshold: int
    keys: tuple[PublicKey, ...]
    unknown: tuple[UnknownKey, ...] = ()

    @classmethod
    def of(cls, threshold: int, keys: Iterable[PublicKey]) -> RootSet:
        """A root set of keys in any order."""
        return cls(threshold, tuple(sorted(keys, key=PublicKey.to_bytes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a key may sign for; each part that is not empty must hold (docs/spec clause 5.13).

    Attributes:
        bodies: approving bodies.
        body_levels: management levels of approving bodies.
        levels: levels of titles.
        segments: ids of number segments.
    """

    bodies: tuple[str, ...] = ()
    body_levels: tuple[BodyLevel, ...] = ()
    levels: tuple[Level, ...] = ()
    segments: tuple[int, ...] = ()

    def allows(self, certificate: Certificate, segments: Iterable[Segment]) -> bool:
        """Whether a certificate lies within it.

        Args:
            certificate: what is or was signed.
            segments: the segments that decide about its number.
        """
        return (
            (not self.bodies or certificate.approving_body in self.bodies)
            and (not self.body_levels or certificate.body_level in self.body_levels)
            and (not self.levels or certificate.level in self.levels)
            and (not self.segments or any(one.id in self.segments for one in segments))
        )

    def holds(self, segment: Segment) -> bool:
        """Whether a segment's numbers lie within it, whatever the title's level."""
        return (
            (not self.bodies or segment.body in self.bodies)
            and (not self.body_levels or segment.body_level in self.body_levels)
            and (not self.segments or segment.id in self.segments)
        )


@dataclass(frozen=True, slots=True)
class Contact:
    """Where people ask: an office, and what is known of how to reach it."""

    office: str
    telephone: str | None = None
    query_url: str | None = None


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """A key that an authority publishes: it signs tokens, status lists or documents.

    Attributes:
        public: the key; one that signs documents alone is of another type.
        x509: its X.509 seal certificate, DER, for signatures in documents; else None.
        uses: what it may sign; at least one, and DOCUMENT alone for a ``DocumentKey``.
        not_before: first issue day (day number in China) of what it may have signed.
        not_after: last such day; None where none is set yet.
        history: states with the time since when, ascending; the first is ACTIVE.
        seal_name: name of the seal, for example 职称专用章(1).
        seal_number: number of the seal; may be empty.
        scope: what it may sign for; None for everything.
    """

    public: PublicKey | DocumentKey
    x509: bytes | None
    uses: frozenset[KeyUse]
    not_before: int
    not_after: int | None
    history: tuple[tuple[KeyState, int], ...]
    seal_name: str
    seal_number: str
    scope: Scope | None = None

    @property
    def state(self) -> KeyState:
        """The last state of the history."""
        return self.history[-1][0]

    @property
    def compromised_since_s(self) -> int | None:
        """Since when the key is compromised, seconds since 1970 UTC; None if it is not."""
        state, since_s = self.history[-1]
        return since_s if state is KeyState.COMPROMISED else None

    def covers(self, day: int) -> bool:
        """Whether an issue day (day number in China) lies in the key's window."""
        return self.not_before <= day and (self.not_after is None or day <= self.not_after)

    def may_sign(self, certificate: Certificate, segments: Iterable[Segment]) -> bool:
        """Whether its scope, where it has one, allows a certificate (docs/spec clause 5.13)."""
        return self.scope is None or self.scope.allows(certificate, segments)

    def lists_at(self, issued_s: int) -> bool:
        """Whether a list or delta of that time may be this key's (docs/spec clause 6.11)."""
        states = [state for state, since_s in self.history if since_s <= issued_s]
        return self.covers(china_day(issued_s)) and states[-1:] != [KeyState.RETIRED]

    @property
    def lists_until_s(self) -> int | None:
        """From when on no list can be this key's, seconds since 1970 UTC; None where that is open.

        It is retired then, or its last day is over in China.
        """
        state, since_s = self.history[-1]
        ends = [since_s] if state is KeyState.RETIRED else []
        if self.not_after is not None:
            ends.append(china_midnight(self.not_after + 1))
        return min(ends, default=None)


@dataclass(frozen=True, slots=True)
class ListKey:
    """A key that may sign status lists and deltas.

    Attributes:
        public: the key.
        published: what the bundle says of it; None for a key whose window does not count: one
            that an authority asks about lists of its own.
    """

    public: PublicKey
    published: PublishedKey | None = None

    def lists_at(self, issued_s: int) -> bool:
        """Whether a list or delta of that time may be this key's (docs/spec clause 6.11)."""
        return self.published is None or self.published.lists_at(issued_s)

    @property
    def lists_until_s(self) -> int | None:
        """From when on no list can be this key's; None where that is open (clause 7.3.4)."""
        return None if self.published is None else self.published.lists_until_s


@dataclass(frozen=True, slots=True)
class Segment:
    """编号段: numbers that one approving body gives (docs/spec clause 5.7).

    Attributes:
        prefix: how its numbers begin; may be empty.
        width: how many decimal digits follow; 0 takes anything that begins with the prefix.
        first: smallest value of the digits.
        last: largest value of the digits.
        body: the approving body.
        body_level: its management level.
        not_before: first issue day, day number in China.
        not_after: last issue day; None where none is set yet.
        id: unique in the bundle; scopes of keys name it.
    """

    prefix: str
    width: int
    first: int
    last: int
    body: str
    body_level: BodyLevel
    not_before: int
    not_after: int | None
    id: int

    def fits(self, number: str) -> bool:
        """Whether a certificate's number is one of the segment's.

        >>> segment = Segment("45", 4, 100, 199, "样例", BodyLevel.CITY, 0, None, 1)
        >>> [segment.fits(number) for number in ("450150", "450200", "45150", "45015０")]
        [True, False, False, False]
        """
        if not number.startswith(self.prefix):
            return False
        if not self.width:
            return True
        digits = number[len(self.prefix) :]
        return (
            len(digits) == self.width
            and digits.isascii()
            and digits.isdecimal()
            and self.first <= int(digits) <= self.last
        )

    def covers(self, day: int) -> bool:
        """Whether an issue day (day number in China) is one of the segment's."""
        return self.not_before <= day and (self.not_after is None or day <= self.not_after)


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A status list that the roots name; no sequence below the minimum is believed."""

    list_id: int
    epoch: int
    minimum_sequence: int
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What one authority publishes.

    Attributes:
        authority: who.
        version: greater in every later bundle; at least 1.
        issued_s: seconds since 1970 UTC.
        next_update_s: when the next bundle is due, seconds since 1970 UTC.
        example: the authority is fictional, and every verdict under the bundle is marked so.
        roots: who may sign the next bundle.
        keys: every key that it has published, ascending by ``to_bytes``.
        segments: number segments, ascending by id; none leaves the question open.
        lists: status lists, ascending by id.
        url_template: ``https://…{number}…``.
        contact: where people ask; None where it is not said.
        unknown_keys: keys of suites that this program does not know.
        payload_hash: SHA-256 of the payload that it was read from; empty for one not yet written.
    """

    authority: Authority
    version: int
    issued_s: int
    next_update_s: int
    example: bool
    roots: RootSet
    keys: tuple[PublishedKey, ...]
    segments: tuple[Segment, ...]
    lists: tuple[ListEntry, ...]
    url_template: str
    contact: Contact | None = None
    unknown_keys: tuple[UnknownKey, ...] = ()
    payload_hash: bytes = field(default=b"", compare=False)
