"""What a verification trusts: authorities with their keys, and the lists (docs/spec clause 7.1).

Both are immutable and given by the caller; there is no default trust.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from etitle.errors import TrustError
from etitle.keys.documentkey import DocumentKey
from etitle.trust.bundle import Bundle, PublishedKey, Segment
from etitle.trust.rescue import Rescue
from etitle.trust.statuslist import StatusList

CLOCK_SKEW_S: Final = 300
"""Seconds by which two honest clocks may differ (docs/spec clauses 7.3 and 7.4): a time may lie so
far before the latest time seen, and a list so far after the time that is asked about."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """One trusted authority.

    Attributes:
        bundle: its current bundle.
        rescues: its rescue lists, at most one for each compromised key.
        latest_time_s: the latest time that the verifier has seen, seconds since 1970 UTC.
    """

    bundle: Bundle
    rescues: tuple[Rescue, ...]
    latest_time_s: int
    _segments: dict[tuple[str, int], tuple[Segment, ...]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        segments: dict[tuple[str, int], list[Segment]] = {}
        for segment in self.bundle.segments:
            segments.setdefault((segment.body, int(segment.body_level)), []).append(segment)
        found = {body: tuple(items) for body, items in segments.items()}
        object.__setattr__(self, "_segments", found)

    def segments_of(self, body: str, body_level: int) -> tuple[Segment, ...]:
        """The number segments of an approving body; empty where it has none."""
        return self._segments.get((body, body_level), ())

    def rescue_for(self, key: PublishedKey) -> Rescue | None:
        """The rescue list of a compromised key; None where there is none."""
        for rescue in self.rescues:
            if rescue.thumbprint == key.public.thumbprint:
                return rescue
        return None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A key that a kid may mean, and the authority that published it."""

    anchor: Anchor
    key: PublishedKey


@dataclass(frozen=True, slots=True)
class Trust:
    """Every trusted authority.

    Attributes:
        anchors: one for each authority.

    Raises:
        TrustError: ``bundle.authority_twice`` where two anchors have one authority id.

    >>> Trust(()).candidates(bytes(4))
    ()
    """

    anchors: tuple[Anchor, ...]
    _by_kid: dict[bytes, tuple[Candidate, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        seen: set[str] = set()
        by_kid: dict[bytes, tuple[Candidate, ...]] = {}
        for anchor in self.anchors:
            authority_id = anchor.bundle.authority.id
            if authority_id in seen:
                raise TrustError("bundle.authority_twice", authority=authority_id)
            seen.add(authority_id)
            for key in anchor.bundle.keys:
                if isinstance(key.public, DocumentKey):  # signs nothing that names it by a kid
                    continue
                kid = key.public.kid
                by_kid[kid] = (*by_kid.get(kid, ()), Candidate(anchor, key))
        object.__setattr__(self, "_by_kid", by_kid)

    def candidates(self, kid: bytes) -> tuple[Candidate, ...]:
        """Every key of every authority with a kid of 4 bytes, whatever its uses and state.

        Keys that sign documents alone are never among them (clause 3.2.2).
        """
        return self._by_kid.get(kid, ())


class Lists:
    """The status lists at hand, at most one for each authority and list id.

    >>> Lists(()).find("example", 0) is None
    True
    """

    __slots__ = ("_by_id",)

    def __init__(self, lists: Iterable[StatusList] = ()) -> None:
        self._by_id = {(item.authority_id, item.table.list_id): item for item in lists}

    def find(self, authority_id: str, list_id: int) -> StatusList | None:
        """The list; None where it is not at hand."""
        return self._by_id.get((authority_id, list_id))

    def __len__(self) -> int:
        """How many lists."""
        return len(self._by_id)
