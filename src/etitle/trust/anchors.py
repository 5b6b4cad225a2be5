"""What a verification trusts: authorities with their keys, and the lists (docs/spec clause 7.1).

Both are immutable and given by the caller; there is no default trust.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from threading import RLock
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from etitle import canon
from etitle.certificate.dates import day_number
from etitle.certificate.model import Certificate
from etitle.errors import EtitleError, TrustError
from etitle.keys.documentkey import DocumentKey
from etitle.keys.public import PublicKey
from etitle.trust.bundle import Bundle, PublishedKey, Segment, fingerprint
from etitle.trust.rescue import Rescue
from etitle.trust.segments import deciding
from etitle.trust.statuslist import StatusList
from etitle.trust.words import spell_words
from etitle.verdict import VerdictAuthority

CLOCK_SKEW_S: Final = 300
"""Seconds by which two honest clocks may differ (docs/spec clauses 7.3 and 7.4): a time may lie so
far before the latest time seen, and a list so far after the time that is asked about."""


_NONE_ASLEEP: Final[Mapping[tuple[str, int], Callable[[], StatusList | None]]] = MappingProxyType(
    {}
)


def _named(bundle: Bundle) -> VerdictAuthority:
    """The bundle's authority with the words of its roots, and where people ask."""
    digest, contact = fingerprint(bundle.roots), bundle.contact
    return VerdictAuthority(
        id=bundle.authority.id,
        name_zh=bundle.authority.name_zh,
        name_en=bundle.authority.name_en,
        words_zh=spell_words(digest, "zh"),
        words_en=spell_words(digest, "en"),
        office=None if contact is None else contact.office,
        telephone=None if contact is None else contact.telephone,
        query_url=None if contact is None else contact.query_url,
    )


@dataclass(frozen=True, slots=True)
class Anchor:
    """One trusted authority.

    Attributes:
        bundle: its current bundle.
        rescues: its rescue lists, at most one for each compromised key.
        latest_time_s: the latest time that the verifier has seen, seconds since 1970 UTC.
        who: the authority as verdicts name it, made once.
    """

    bundle: Bundle
    rescues: tuple[Rescue, ...]
    latest_time_s: int
    who: VerdictAuthority = field(init=False, repr=False, compare=False)
    _exact: dict[tuple[str, int], tuple[Segment, ...]] = field(
        init=False, repr=False, compare=False
    )
    _by_prefix: dict[str, tuple[tuple[Segment, ...], tuple[Segment, ...]]] = field(
        init=False, repr=False, compare=False
    )
    _lengths: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        exact: dict[tuple[str, int], list[Segment]] = {}
        prefixes: dict[str, tuple[list[Segment], list[Segment]]] = {}
        for segment in self.bundle.segments:
            prefixes.setdefault(segment.prefix, ([], []))[not segment.width].append(segment)
            if segment.width:
                exact.setdefault((segment.body, int(segment.body_level)), []).append(segment)
        found = {body: tuple(items) for body, items in exact.items()}
        object.__setattr__(self, "_exact", found)
        by_prefix = {prefix: (tuple(one), tuple(two)) for prefix, (one, two) in prefixes.items()}
        object.__setattr__(self, "_by_prefix", by_prefix)
        lengths = sorted(set(map(len, prefixes)), reverse=True)
        object.__setattr__(self, "_lengths", tuple(lengths))
        object.__setattr__(self, "who", _named(self.bundle))

    def segments_for(self, certificate: Certificate) -> tuple[Segment, ...]:
        """The number segments that decide about a certificate (docs/spec clause 5.7).

        What ``deciding`` finds, by the number's prefixes; and asked first of the segments of its
        own body with a width: no other takes what one of them takes.
        """
        day, number = day_number(certificate.issued), certificate.number
        own = self._exact.get((certificate.approving_body, certificate.body_level), ())
        found = deciding(own, number, day)
        if found:
            return found
        of_prefix = [
            self._by_prefix.get(number[:length], ((), ()))
            for length in self._lengths
            if length <= len(number)
        ]
        found = deciding([one for exact, _ in of_prefix for one in exact], number, day)
        if found:
            return found
        for _, whole in of_prefix:  # the longest prefix first
            found = tuple([one for one in whole if one.covers(day)])
            if found:
                return found
        return ()

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


class Asleep(Protocol):
    """An authority that is read only when something may be its."""

    @property
    def authority_id(self) -> str:
        """Whose it is."""
        ...

    @property
    def keys(self) -> Mapping[bytes, Sequence[bytes]]:
        """The COSE_Keys of its bundle that sign tokens or lists, canonical bytes, by their kids."""
        ...

    @property
    def seals(self) -> Collection[bytes]:
        """SHA-256 of each seal certificate in its bundle."""
        ...

    def wake(self) -> Anchor:
        """Read it; whatever this raises is raised by who asked."""
        ...


class _Known(NamedTuple):
    """What a ``Trust`` knows at one moment; never changed, but replaced."""

    anchors: Mapping[str, Anchor | None]
    asleep: Mapping[str, Asleep]
    by_kid: Mapping[bytes, tuple[Candidate, ...]]

    def awake(self) -> tuple[Anchor, ...]:
        """Those that were read."""
        return tuple(anchor for anchor in self.anchors.values() if anchor is not None)


_WAKING: Final = RLock()
"""One thread at a time reads what is asleep; what was read is there for all at once."""


class Trust:
    """Every trusted authority; one serves any number of threads.

    Args:
        anchors: authorities, each once.
        asleep: more authorities, which are read when a token or seal may be theirs.

    Raises:
        TrustError: ``bundle.authority_twice`` where two have one authority id.

    >>> Trust(()).candidates(bytes(4))
    ()
    """

    __slots__ = ("_known",)

    def __init__(self, anchors: Iterable[Anchor] = (), *, asleep: Iterable[Asleep] = ()) -> None:
        known: dict[str, Anchor | None] = {}
        sleeping: dict[str, Asleep] = {}
        for anchor in anchors:
            known[_new(anchor.bundle.authority.id, known)] = anchor
        for one in asleep:
            known[_new(one.authority_id, known)] = None
            sleeping[one.authority_id] = one
        self._known = _indexed(known, sleeping)

    def __len__(self) -> int:
        """How many authorities."""
        return len(self._known.anchors)

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """Every authority; those that are asleep are read."""
        return self._wake(self._known.asleep).awake()

    def candidates(self, kid: bytes) -> tuple[Candidate, ...]:
        """Every key of every authority with a kid of 4 bytes, whatever its uses and state.

        Keys that sign documents alone are never among them (clause 3.2.2).
        """
        asleep = self._known.asleep.items()
        known = self._wake([one for one, sleeping in asleep if kid in sleeping.keys])
        return known.by_kid.get(kid, ())

    def has_kid(self, kid: bytes) -> bool:
        """Whether any authority has a key with that kid; nobody is read for it."""
        known = self._known
        return kid in known.by_kid or any(kid in one.keys for one in known.asleep.values())

    def named(self, kid: bytes) -> tuple[tuple[str, PublicKey], ...]:
        """Every key with a kid, and the id of its authority; nobody is read for it.

        So whose token it is can be found out before anything else is read of anybody: an
        authority that publishes the key of another costs that one nothing (docs/spec clause 7.8).
        Those that were read before come first.
        """
        known = self._known
        found = [
            (one.anchor.bundle.authority.id, public)
            for one in known.by_kid.get(kid, ())
            if isinstance(public := one.key.public, PublicKey)
        ]
        for authority_id, asleep in known.asleep.items():
            found += [
                (authority_id, PublicKey.from_cose(canon.decode(key, max_bytes=len(key))))
                for key in asleep.keys.get(kid, ())
            ]
        return tuple(found)

    def candidate(self, authority_id: str, public: PublicKey) -> Candidate | None:
        """One key of one authority, which ``named`` gave; only that authority is read.

        None where a bundle that names it no more came into the store meanwhile.
        """
        for one in self._wake([authority_id]).by_kid.get(public.kid, ()):
            if one.anchor.bundle.authority.id == authority_id and one.key.public == public:
                return one
        return None

    def sealed_by(self, x509: bytes, *, of: Collection[str] | None = None) -> tuple[Candidate, ...]:
        """Every key of every authority with that seal certificate.

        Args:
            x509: the certificate, DER.
            of: ids of the authorities that are asked, and read; None for every one.
        """
        holders = _holders(self._known, x509)
        known = self._wake([one for one in holders if of is None or one in of])
        return tuple(
            Candidate(anchor, key)
            for anchor in known.awake()
            if of is None or anchor.bundle.authority.id in of
            for key in anchor.bundle.keys
            if key.x509 == x509
        )

    def is_shared(self, x509: bytes) -> bool:
        """Whether others than those that were read publish that certificate beside somebody."""
        known = self._known
        holders = _holders(known, x509)
        return len(holders) > 1 or (
            bool(holders)
            and any(key.x509 == x509 for anchor in known.awake() for key in anchor.bundle.keys)
        )

    def sealed_anew(self, x509: bytes) -> bool:
        """Whether it is the seal certificate of a key of an unknown suite (clause 5.12)."""
        known = self._wake(_holders(self._known, x509))
        return any(
            key.x509 == x509 for anchor in known.awake() for key in anchor.bundle.unknown_keys
        )

    def _wake(self, ids: Iterable[str]) -> _Known:
        """Read those of the authorities that are asleep; what is known then."""
        known, wanted = self._known, frozenset(ids)
        if wanted.isdisjoint(known.asleep):
            return known
        with _WAKING:
            known = self._known  # another thread may have read some of them
            woken = {one: known.asleep[one].wake() for one in known.asleep if one in wanted}
            left = {one: asleep for one, asleep in known.asleep.items() if one not in woken}
            self._known = _indexed({**known.anchors, **woken}, left)
            return self._known


def _new(authority_id: str, known: Collection[str]) -> str:
    if authority_id in known:
        raise TrustError("bundle.authority_twice", authority=authority_id)
    return authority_id


def _holders(known: _Known, x509: bytes) -> list[str]:
    """Who is asleep and publishes a certificate."""
    if not known.asleep:
        return []
    seal = sha256(x509).digest()
    return [one for one, asleep in known.asleep.items() if seal in asleep.seals]


def _indexed(anchors: Mapping[str, Anchor | None], asleep: Mapping[str, Asleep]) -> _Known:
    by_kid: dict[bytes, list[Candidate]] = {}
    for anchor in anchors.values():
        for key in () if anchor is None else anchor.bundle.keys:
            if anchor is None or isinstance(key.public, DocumentKey):  # names nothing by a kid
                continue
            by_kid.setdefault(key.public.kid, []).append(Candidate(anchor, key))
    return _Known(anchors, asleep, {kid: tuple(found) for kid, found in by_kid.items()})


def _number(item: StatusList) -> tuple[int, int]:
    return item.table.epoch, item.sequence


class Lists:
    """The status lists at hand; of several for one authority and list id the newest counts.

    One serves any number of threads.

    Args:
        lists: the lists.
        asleep: more lists by authority and list id; each is read when a token needs it.

    >>> Lists(()).find("example", 0) is None
    True
    """

    __slots__ = ("_asleep", "_by_id", "_damaged")

    def __init__(
        self,
        lists: Iterable[StatusList] = (),
        *,
        asleep: Mapping[tuple[str, int], Callable[[], StatusList | None]] = _NONE_ASLEEP,
    ) -> None:
        self._by_id: dict[tuple[str, int], StatusList] = {}
        for item in lists:
            which = item.authority_id, item.table.list_id
            known = self._by_id.get(which)
            if known is None or _number(known) <= _number(item):
                self._by_id[which] = item
        self._asleep = dict(asleep)
        self._damaged: dict[tuple[str, int], EtitleError] = {}

    def find(self, authority_id: str, list_id: int) -> StatusList | None:
        """The list; None where it is not at hand, or is damaged."""
        which = authority_id, list_id
        found = self._by_id.get(which)
        if found is not None:
            return found
        with _WAKING:
            if (wake := self._asleep.pop(which, None)) is not None:
                try:
                    found = wake()
                except EtitleError as error:
                    self._damaged[which] = error
                if found is not None:
                    self._by_id[which] = found
            return self._by_id.get(which)

    def damage(self, authority_id: str, list_id: int) -> EtitleError | None:
        """Why a list could not be read; None where it could, or is not at hand."""
        return self._damaged.get((authority_id, list_id))

    def __len__(self) -> int:
        """How many lists."""
        return len(self._by_id) + len(self._asleep)
