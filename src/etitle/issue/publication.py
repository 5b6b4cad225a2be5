"""The states of certificates become a signed status list and a delta (docs/spec clause 6)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from etitle.certificate.dates import CHINA, DAY_S, aware_seconds, china_day, day_number
from etitle.errors import FieldError, IssueError, TrustError
from etitle.issue.states import NEXT_STATES, status_labels
from etitle.keys.public import PublicKey
from etitle.keys.signer import Signer
from etitle.trust.bundle import KeyFinder
from etitle.trust.delta import make_delta, sign_delta
from etitle.trust.published import Bundle, KeyState, KeyUse, ListEntry, ListKey
from etitle.trust.status import MAX_COVERAGE, StatusEntry, StatusKind, StatusTable
from etitle.trust.statuslist import StatusList, open_list, sign_list

DEFAULT_LIFETIME_S: Final = 7 * DAY_S
TTL_S: Final = DAY_S


@dataclass(frozen=True, slots=True)
class IndexState:
    """The state of one certificate that is not simply in force.

    Attributes:
        index: the certificate's index in its list.
        kind: its new state.
        since: the day of the change in China.
        successor: 证号 of the certificate that replaces it, for ``StatusKind.SUPERSEDED``.
    """

    index: int
    kind: StatusKind
    since: datetime.date
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class SignedList:
    """A status list, signed, with the delta that leads to it.

    Attributes:
        content: what the list says.
        signed: the signed list, to publish as ``lists/<id>.cwt``.
        delta: the signed delta from the list before, to publish as
            ``deltas/<id>-<from>-<to>.cose``; None for the first of an epoch, and for one that was
            published already.
        changes: entries that differ from the list before; None where there is no delta.
        is_repeated: nothing new: ``signed`` is the list before, as it was.
    """

    content: StatusList
    signed: bytes
    delta: bytes | None
    changes: int | None
    is_repeated: bool

    @property
    def sequence(self) -> int:
        """The list's number within its epoch."""
        return self.content.sequence

    @property
    def coverage(self) -> int:
        """How many indices the list covers, from 0."""
        return self.content.table.coverage

    @property
    def next_update(self) -> datetime.datetime:
        """When the next list is due, in China's time zone."""
        return datetime.datetime.fromtimestamp(self.content.expires_s, CHINA)


def publish_list(  # noqa: PLR0913  # required keywords
    states: Iterable[IndexState],
    *,
    bundle: Bundle,
    list_id: int,
    coverage: int,
    previous: bytes | None,
    signer: Signer,
    at: datetime.datetime,
    lifetime: datetime.timedelta = datetime.timedelta(seconds=DEFAULT_LIFETIME_S),
) -> SignedList:
    """Sign the next status list of a program that keeps its own record; nothing is stored.

    Store the signed list before you publish it: it is the ``previous`` of the next one, and a
    sequence must never have two contents.  Called again with the same arguments and the stored list
    as ``previous``, it returns that list.

    Args:
        states: of every certificate that is not in force; any order, no index twice.  A certificate
            that ``previous`` says is void, withdrawn, cancelled or superseded must be among them.
        bundle: the bundle in force; it must name the list and the signer's key.
        list_id: the list.
        coverage: how many of its indices were given out; every index below is covered.
        previous: the signed list before this one; None for the very first.
        signer: signs lists.
        at: now, timezone-aware.
        lifetime: how long until the next list is due, in whole seconds.

    Returns:
        The list and its delta.

    Raises:
        FieldError: ``list.entry_refused`` for a state that has no place in a list,
            ``issue.lifetime_refused``, ``issue.index_twice``, ``issue.since_in_future``, or
            ``issue.coverage_refused`` for a coverage below a state or below the list before.
        IssueError: ``issue.list_not_in_bundle`` and those of ``sign_next_list``.
        NaiveTimeError: ``at`` has no time zone; it is a ValueError too.
    """
    entry = _list_entry(bundle, list_id)
    lifetime_s = int(lifetime.total_seconds())
    if lifetime_s <= 0 or lifetime.microseconds:
        raise FieldError("issue.lifetime_refused", field="lifetime")
    entries: dict[int, StatusEntry] = {}
    today = china_day(aware_seconds(at))
    for state in states:
        if state.index in entries:
            raise FieldError("issue.index_twice", field="index", index=state.index)
        day = day_number(state.since)
        if day > today:
            raise FieldError("issue.since_in_future", field="since", index=state.index)
        entries[state.index] = StatusEntry(state.kind, day, state.successor)
    _demand_coverage(coverage, least=max((index + 1 for index in entries), default=0))
    table = StatusTable.from_entries(
        list_id=list_id, epoch=entry.epoch, coverage=coverage, entries=entries
    )
    return sign_next_list(
        table,
        bundle=bundle,
        previous=previous,
        signer=signer,
        at_s=aware_seconds(at),
        lifetime_s=lifetime_s,
    )


def _demand_coverage(coverage: int, *, least: int) -> None:
    if not least <= coverage <= MAX_COVERAGE:
        raise FieldError(
            "issue.coverage_refused",
            field="coverage",
            coverage=coverage,
            least=least,
            most=MAX_COVERAGE,
        )


def _list_before(previous: bytes, list_id: int, bundle: Bundle) -> StatusList:
    """Our own list, whatever has become of the key that signed it."""
    try:
        found = open_list(previous, authority_id=bundle.authority.id, keys=any_key(bundle))
    except TrustError as error:
        what = error.details.get("what", error.code)
        raise IssueError("issue.previous_unreadable", list_id=list_id, what=what) from None
    if found.table.list_id != list_id:
        raise IssueError("issue.previous_unreadable", list_id=list_id, what="list_id")
    return found


def _list_entry(bundle: Bundle, list_id: int) -> ListEntry:
    for entry in bundle.lists:
        if entry.list_id == list_id:
            return entry
    raise IssueError("issue.list_not_in_bundle", list_id=list_id)


def sign_next_list(  # noqa: PLR0913  # required keywords
    table: StatusTable,
    *,
    bundle: Bundle,
    previous: bytes | None,
    signer: Signer,
    at_s: int,
    lifetime_s: int,
) -> SignedList:
    """Sign the list of a table, and the delta from the list before it.

    Args:
        table: the state of every index, in the list's epoch.
        bundle: the bundle in force.
        previous: the signed list before this one; one of another epoch does not count.
        signer: signs lists.
        at_s: now, seconds since 1970 UTC.
        lifetime_s: seconds until the next list is due.

    Raises:
        IssueError: ``issue.key_not_in_bundle``, ``issue.key_not_active``,
            ``issue.list_key_window``, ``issue.list_not_in_bundle``,
            ``issue.time_backwards_list``, ``issue.published_already``, ``issue.state_lost``,
            ``issue.below_minimum`` or ``issue.previous_unreadable``.
        FieldError: ``issue.coverage_refused``.
    """
    demand_list_key(bundle, signer, at_s=at_s)
    entry = _list_entry(bundle, table.list_id)
    base = None
    if previous is not None:
        base = _list_before(previous, table.list_id, bundle)
        if base.table.epoch != table.epoch:
            base = None
    if base is not None and previous is not None:
        if at_s < base.issued_s:
            raise IssueError("issue.time_backwards_list", list_id=table.list_id)
        if at_s == base.issued_s:
            if base.table != table:
                raise IssueError(
                    "issue.published_already", list_id=table.list_id, sequence=base.sequence
                )
            return SignedList(base, previous, None, None, is_repeated=True)
        _demand_coverage(table.coverage, least=base.table.coverage)
        _demand_lasting_states(base.table, table)
    new = StatusList(
        authority_id=bundle.authority.id,
        table=table,
        sequence=_next_sequence(base, entry),
        previous=None if base is None else base.table.state_hash(),
        issued_s=at_s,
        expires_s=at_s + lifetime_s,
        ttl_s=min(TTL_S, lifetime_s),
        uri=entry.uri,
    )
    signed = sign_list(new, signer=signer)
    if base is None:
        return SignedList(new, signed, None, None, is_repeated=False)
    delta = make_delta(base, new)
    return SignedList(
        new, signed, sign_delta(delta, signer=signer), len(delta.changes), is_repeated=False
    )


def _demand_lasting_states(base: StatusTable, table: StatusTable) -> None:
    """Refuse a list that takes back what cannot be taken back.

    One row that a program forgot would put a void certificate in force again.  Between two lists a
    state may take several steps, so only the final states are held: all but a suspension.
    """
    for index, entry in base.difference(table).items():
        if index >= base.coverage:
            continue
        before = base.look_up(index).kind
        is_final = StatusKind.VALID not in NEXT_STATES[before] and before is not StatusKind.VALID
        if is_final and entry.kind not in NEXT_STATES[before] | {before}:
            label = status_labels()[before]
            raise IssueError(
                "issue.state_lost",
                list_id=table.list_id,
                index=index,
                zh=label.zh,
                en=label.en,
            )


def _next_sequence(base: StatusList | None, entry: ListEntry) -> int:
    minimum = entry.minimum_sequence
    sequence = 1 if base is None else base.sequence + 1
    if sequence < minimum:
        raise IssueError(
            "issue.below_minimum", list_id=entry.list_id, sequence=sequence, minimum=minimum
        )
    return sequence


def demand_list_key(bundle: Bundle, signer: Signer, *, at_s: int) -> None:
    """Refuse a signer whose lists no verifier would take now.

    Raises:
        IssueError: ``issue.key_not_in_bundle``, ``issue.key_not_active`` or
            ``issue.list_key_window``.
    """
    kid = signer.public.kid.hex()
    for key in bundle.keys:
        if key.public == signer.public and KeyUse.LIST in key.uses:
            if key.state is not KeyState.ACTIVE:
                raise IssueError("issue.key_not_active", kid=kid)
            if not key.covers(china_day(at_s)):
                raise IssueError("issue.list_key_window", kid=kid)
            return
    raise IssueError("issue.key_not_in_bundle", kid=kid)


def any_key(bundle: Bundle) -> KeyFinder:
    """Finds any key that signs tokens or lists, whatever its state and window."""
    keys = [ListKey(key.public) for key in bundle.keys if isinstance(key.public, PublicKey)]
    return lambda kid: [key for key in keys if key.public.kid == kid]
