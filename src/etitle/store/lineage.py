"""How far received files bring one status list (docs/spec clauses 6.7 to 6.9 and 7.3).

A *version* of a list is a sequence with its state hash.  A full list leads to a version from
nowhere; a delta leads from one version to a later one.  The *lineage* of a version is the files
that lead to it, from the held list or a full list on.  ``extend`` looks for the furthest version:

(1) Leave aside what no list key signed: it is no evidence of anything, and never an alarm.
    Leave aside what is of an epoch ahead of the bundle's (an alarm), made in the future, or
    greater than there is room for (an alarm).
(2) An alarm where all that is left lies below the minimum or behind what is held.
    What is *outlived* is history from here on: of a key that signs no more, while something was
    made after its end.  A thief of such a key can still sign, but nothing that decides.
(3) Plan the lineage of every version that the files claim to lead to, and build the furthest.
    A file that can't be applied is struck out, and the plan is made again.  So is one whose
    version takes back what the held list says, and that is an alarm.
(4) An alarm where a signed file contradicts what is held or what was built: a fork.
(5) An alarm where a signed file claims to lead further: a gap.
(6) An alarm where what is outlived contradicts, or claims to lead further; it stops nothing.

The list stays as it was after an alarm of (2), (4) or (5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, cast

from etitle.errors import EtitleError, StoreError, TrustError
from etitle.store.held import HeldList
from etitle.store.incoming import IncomingFile
from etitle.trust.anchors import CLOCK_SKEW_S
from etitle.trust.bundle import KeyFinder, ListEntry
from etitle.trust.delta import DELTA_TYP, Delta, apply_delta, open_delta
from etitle.trust.status import MAX_COVERAGE
from etitle.trust.statuslist import (
    LIST_TYP,
    MAX_LIST_BYTES,
    StatusList,
    demand_window,
    open_list,
    open_signed,
)

MAX_FILES: Final = 64
"""Files that make up a list in a store: a full list and the deltas after it (clause 7.3.4)."""
MAX_LISTS_OPENED: Final = 8
"""Full lists that are inflated to bring one list forward (clause 7.3.4)."""


@dataclass(frozen=True, slots=True)
class Extension:
    """How far a list was brought.

    Attributes:
        held: the list as far as it got; None where there is still none.
        failures: files that are left aside, each with the reason.
        alarms: what must be told.
    """

    held: HeldList | None
    failures: Mapping[IncomingFile, EtitleError]
    alarms: tuple[StoreError, ...] = ()


def extend(  # noqa: PLR0913  # required keywords
    held: HeldList | None,
    files: Sequence[IncomingFile],
    *,
    entry: ListEntry,
    authority_id: str,
    keys: KeyFinder,
    at_s: int,
    room: int = MAX_COVERAGE,
) -> Extension:
    """Bring one list as far as received files lead.

    Args:
        held: how far the list has come; None at the beginning of an epoch.
        files: full lists and deltas that claim to be of this authority and list; at least one.
        entry: what the bundle says of the list.
        authority_id: the authority.
        keys: the keys that may sign lists now.
        at_s: the time now, seconds since 1970 UTC.
        room: the greatest coverage that the list may have beside the authority's others.

    Returns:
        The list, and the alarms ``store.epoch_ahead``, ``store.over_budget``,
        ``store.below_minimum``, ``store.rollback``, ``store.list_backwards``,
        ``store.state_taken_back``, ``store.forked`` and ``store.delta_gap``.
    """
    whose = {"authority": authority_id, "what": f"list {entry.list_id}"}
    opened = _OpenedFiles(authority_id, keys)
    alarms: list[StoreError] = []
    usable = _usable(files, entry, at_s, room, opened, whose, alarms)  # (1)
    reached = held
    try:
        _refuse_older(files, usable, entry, held, opened, whose)  # (2)
        outlived = _outlived(held, usable, opened)
        built, lineage = _build_furthest(held, usable, outlived, opened, whose, alarms)  # (3)
        _refuse_low(built, entry, whose)
        settled = _sequences(held, lineage)
        deciding = [file for file in usable if file not in outlived]
        _refuse_forks(deciding, settled, opened, whose)  # (4)
        _refuse_gap(built, deciding, opened, whose)  # (5)
        reached = built or held
        _tell_outlived(reached, outlived, settled, opened, whose, alarms)  # (6)
    except StoreError as alarm:
        alarms.append(alarm)
    return Extension(reached, opened.failures, tuple(alarms))


# --- (1) and (2) what its claims and its signature say ------------------------------------------


def _usable(  # noqa: PLR0913, PLR0917  # what extend was given
    files: Sequence[IncomingFile],
    entry: ListEntry,
    at_s: int,
    room: int,
    opened: _OpenedFiles,
    whose: Mapping[str, str],
    alarms: list[StoreError],
) -> list[IncomingFile]:
    """Signed files of the epoch that were not made in the future and that there is room for."""
    opened.check_signatures(files)
    ahead = StoreError("store.epoch_ahead", **whose, epoch=entry.epoch)
    future = StoreError("store.list_in_future", **whose)
    great = StoreError("store.over_budget", **whose)
    for file in files:
        if file in opened.failures:
            continue
        if file.epoch > entry.epoch:
            opened.failures[file] = ahead
        elif file.issued_s > at_s + CLOCK_SKEW_S:
            opened.failures[file] = future
        elif file.epoch == entry.epoch and file.coverage > room:  # told before it is inflated
            opened.failures[file] = great
    alarms += [alarm for alarm in (ahead, great) if alarm in opened.failures.values()]
    return [file for file in files if file.epoch == entry.epoch and file not in opened.failures]


def _refuse_older(  # noqa: PLR0913, PLR0917  # what extend was given
    files: Sequence[IncomingFile],
    usable: Sequence[IncomingFile],
    entry: ListEntry,
    held: HeldList | None,
    opened: _OpenedFiles,
    whose: Mapping[str, str],
) -> None:
    furthest = max((file.end for file in usable), default=None)
    is_old = any(file not in opened.failures and file.epoch < entry.epoch for file in files)
    if held is None and is_old if furthest is None else furthest < entry.minimum_sequence:
        raise _below_minimum(entry, whose)
    if held is not None and furthest is not None and furthest < held.sequence:
        raise StoreError("store.rollback", **whose, given=furthest, held=held.sequence)


def _refuse_low(built: HeldList | None, entry: ListEntry, whose: Mapping[str, str]) -> None:
    """What could be reached may lie lower than what was claimed."""
    if built is not None and built.sequence < entry.minimum_sequence:
        raise _below_minimum(entry, whose)


def _below_minimum(entry: ListEntry, whose: Mapping[str, str]) -> StoreError:
    return StoreError(
        "store.below_minimum", **whose, epoch=entry.epoch, minimum=entry.minimum_sequence
    )


def _outlived(
    held: HeldList | None, usable: Sequence[IncomingFile], opened: _OpenedFiles
) -> frozenset[IncomingFile]:
    """Files of keys that had signed their last before the newest of all was made."""
    times = [file.issued_s for file in usable]
    if held is not None and held.current is not None:
        times.append(held.current.issued_s)
    newest_s = max(times, default=0)
    return frozenset(
        file for file in usable if (end := opened.ends_s.get(file)) is not None and end <= newest_s
    )


# --- (2) signatures -----------------------------------------------------------------------------


@dataclass(slots=True)
class _OpenedFiles:
    """Files with checked signatures; each is opened once.

    Attributes:
        failures: files that can't be believed or applied, each with the reason.
        ends_s: from when on the key of a file signs no list, where that is not open.
    """

    authority_id: str
    keys: KeyFinder
    failures: dict[IncomingFile, EtitleError] = field(
        default_factory=dict[IncomingFile, EtitleError]
    )
    ends_s: dict[IncomingFile, int] = field(default_factory=dict[IncomingFile, int])
    lists: int = 0
    _opened: dict[IncomingFile, StatusList | Delta] = field(
        default_factory=dict[IncomingFile, StatusList | Delta]
    )

    def open(self, file: IncomingFile) -> StatusList | Delta:
        """The list or delta of a file.

        Raises:
            TrustError: why the file can't be believed.
            StoreError: ``store.over_budget`` after too many lists.
        """
        if file not in self._opened:
            self._opened[file] = self._open(file)
        return self._opened[file]

    def _open(self, file: IncomingFile) -> StatusList | Delta:
        if file.kind == "delta":
            return open_delta(file.data, authority_id=self.authority_id, keys=self.keys)
        self.lists += 1
        if self.lists > MAX_LISTS_OPENED:  # each may take a second
            what = f"list {file.list_id}"
            raise StoreError("store.over_budget", authority=self.authority_id, what=what)
        return open_list(file.data, authority_id=self.authority_id, keys=self.keys)

    def is_believable(self, file: IncomingFile) -> bool:
        if file in self.failures:
            return False
        try:
            self.open(file)
        except TrustError as error:
            self.failures[file] = error
            return False
        return True

    def check_signatures(self, files: Sequence[IncomingFile]) -> None:
        """Strike out the files that no list key signed; no list is inflated for it."""
        for file in files:
            typ = DELTA_TYP if file.kind == "delta" else LIST_TYP
            try:
                _, signers = open_signed(
                    file.data, typ=typ, max_bytes=MAX_LIST_BYTES, keys=self.keys
                )
                demand_window(signers, file.issued_s)
                if file.kind == "delta":
                    self.open(file)
            except TrustError as error:
                self.failures[file] = error
                continue
            ends = [signer.lists_until_s for signer in signers]
            if all(ends):
                self.ends_s[file] = max(end for end in ends if end)


# --- (3) the furthest version -------------------------------------------------------------------


class Version(NamedTuple):
    """One version of a list."""

    sequence: int
    state_hash: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """A version, and how it is reached with the fewest files.

    Attributes:
        version: the version.
        count: how many files make it up, those of the held list included.
        file: the file that leads to it; None for the held list.
        before: the version that a delta starts from.
        outlived: how many of the files are outlived.
        issued_s: when its last file was made.
    """

    version: Version
    count: int
    file: IncomingFile | None = None
    before: Link | None = field(default=None, repr=False)
    outlived: int = 0
    issued_s: int = 0

    @property
    def cost(self) -> tuple[int, int, int]:
        """Of two ways to a version the one with less of this is taken."""
        return self.outlived, self.count, -self.issued_s

    def lineage(self) -> Iterator[Link]:
        """Every link that leads here, the last first."""
        link: Link | None = self
        while link is not None:
            yield link
            link = link.before


def _build_furthest(  # noqa: PLR0913, PLR0917  # what extend was given
    held: HeldList | None,
    files: Sequence[IncomingFile],
    outlived: Collection[IncomingFile],
    opened: _OpenedFiles,
    whose: Mapping[str, str],
    alarms: list[StoreError],
) -> tuple[HeldList | None, Link | None]:
    while links := plan(held, files, struck=opened.failures, outlived=outlived):
        furthest = min(
            links, key=lambda link: (-link.version.sequence, link.count, link.version.state_hash)
        )
        reached = _build(held, furthest, outlived, opened)
        if reached is None:  # a file was struck out, so this ends
            continue
        alarm = _contradiction(held, reached, whose)
        if alarm is None or furthest.file is None:
            return reached, furthest
        opened.failures[furthest.file] = alarm
        alarms.append(alarm)
    return None, None


def _contradiction(
    held: HeldList | None, reached: HeldList, whose: Mapping[str, str]
) -> StoreError | None:
    """Clause 6.7: what a later list of the epoch must not do to the one that is held."""
    before, after = (None if held is None else held.current), reached.current
    if before is None or after is None:
        return None
    backwards = after.issued_s < before.issued_s
    if backwards or after.table.coverage < before.table.coverage:
        return StoreError("store.list_backwards", **whose, number=reached.sequence)
    index = before.table.taken_back(after.table)
    if index is None:
        return None
    return StoreError("store.state_taken_back", **whose, number=reached.sequence, index=index)


def plan(
    held: HeldList | None,
    files: Sequence[IncomingFile],
    *,
    struck: Collection[IncomingFile],
    outlived: Collection[IncomingFile] = (),
) -> Collection[Link]:
    """Every version that the files claim to lead to; the last file of none is outlived.

    What is outlived may claim the same versions as other files.  A way through it is taken only
    where there is no other, and it never stands in the way of one that ends without it.
    """
    ways: dict[Version, Link] = {}
    ends: dict[Version, Link] = {}
    if held is not None and held.current is not None:
        version = Version(held.sequence, held.state_hash)
        issued_s = held.current.issued_s
        ways[version] = ends[version] = Link(version, len(held.files), issued_s=issued_s)
    usable = [file for file in files if file not in struck]
    for file in usable:
        if file.kind == "list" and _is_news(file, held):
            _offer(file, None, outlived, ways, ends)
    # A delta's sequence is greater than its base's, so one pass in ascending order finds all.
    deltas = [file for file in usable if file.kind == "delta"]
    for file in sorted(deltas, key=lambda delta: (delta.base, delta.end)):
        before = ways.get(Version(file.base, file.before or b""))
        if before is not None and before.count < MAX_FILES:
            _offer(file, before, outlived, ways, ends)
    return ends.values()


def _offer(
    file: IncomingFile,
    before: Link | None,
    outlived: Collection[IncomingFile],
    ways: dict[Version, Link],
    ends: dict[Version, Link],
) -> None:
    """Take a file for the way to its version where it is a better one than those known."""
    version, is_outlived = Version(file.end, file.after), file in outlived
    count, outlived_before = (0, 0) if before is None else (before.count, before.outlived)
    link = Link(
        version, count + 1, file, before, outlived_before + is_outlived, issued_s=file.issued_s
    )
    for known in (ways,) if is_outlived else (ways, ends):
        if version not in known or link.cost < known[version].cost:
            known[version] = link


def _is_news(file: IncomingFile, held: HeldList | None) -> bool:
    """Whether a full list is later than the held one, or replaces one that was given up."""
    if held is None:
        return True
    return file.end > held.sequence or (held.current is None and file.end == held.sequence)


def _build(
    held: HeldList | None,
    furthest: Link,
    outlived: Collection[IncomingFile],
    opened: _OpenedFiles,
) -> HeldList | None:
    """The list at the end of a lineage; None where a file failed, which is then struck out."""
    current = None if held is None else held.current
    kept = () if held is None else held.files
    suspect: IncomingFile | None = None  # the last that is outlived
    for link in reversed(list(furthest.lineage())):
        file = link.file
        if file is None:
            continue
        try:
            found = opened.open(file)
            if isinstance(found, Delta):
                # Every lineage begins with a list, so there is one that the delta applies to.
                current, kept = apply_delta(cast("StatusList", current), found), (*kept, file.data)
            else:
                current, kept = found, (file.data,)
        except TrustError as error:
            # A delta that was issued before what it starts from: a thief may have dated that so.
            is_dated = error.code == "list.delta_gap" and suspect is not None
            opened.failures[suspect if is_dated else file] = error  # type: ignore[index]
            return None
        if file in outlived:
            suspect = file
    built = cast("StatusList", current)
    table = built.table
    return HeldList(table.list_id, table.epoch, built.sequence, table.state_hash(), kept, built)


# --- (4) forks and (5) gaps ---------------------------------------------------------------------


def _sequences(held: HeldList | None, furthest: Link | None) -> dict[int, bytes]:
    """The one state hash of each sequence that is settled: what is held counts before all."""
    settled: dict[int, bytes] = {}
    if furthest is not None:
        settled.update(link.version for link in furthest.lineage())
    if held is not None:
        settled[held.sequence] = held.state_hash
    return settled


def _refuse_forks(
    files: Sequence[IncomingFile],
    settled: Mapping[int, bytes],
    opened: _OpenedFiles,
    whose: Mapping[str, str],
) -> None:
    for file in files:
        # What nobody signed is no evidence.
        if _contradicts(file, settled) and opened.is_believable(file):
            raise StoreError("store.forked", **whose, number=file.end)


def _contradicts(file: IncomingFile, settled: Mapping[int, bytes]) -> bool:
    base = file.base if file.kind == "delta" else file.end - 1
    return (
        settled.get(file.end, file.after) != file.after
        or settled.get(base, file.before) != file.before
    )


def _refuse_gap(
    reached: HeldList | None,
    files: Sequence[IncomingFile],
    opened: _OpenedFiles,
    whose: Mapping[str, str],
) -> None:
    left = [file for file in files if file not in opened.failures]
    furthest = max(left, key=lambda file: file.end, default=None)
    if furthest is not None and furthest.end > _sequence(reached):
        raise StoreError("store.delta_gap", **whose, base=furthest.base, held=_sequence(reached))


def _sequence(reached: HeldList | None) -> int:
    return 0 if reached is None or not reached.is_believed else reached.sequence


# --- (6) what is outlived ------------------------------------------------------------------------


def _tell_outlived(  # noqa: PLR0913, PLR0917  # what extend was given
    reached: HeldList | None,
    outlived: Collection[IncomingFile],
    settled: Mapping[int, bytes],
    opened: _OpenedFiles,
    whose: Mapping[str, str],
    alarms: list[StoreError],
) -> None:
    """One alarm, whatever their number: only a thief has a use for them."""
    told = [
        file
        for file in outlived
        if file not in opened.failures
        and (file.end > _sequence(reached) or _contradicts(file, settled))
    ]
    if told:
        number = max(file.end for file in told)
        alarm = StoreError("store.list_backwards", **whose, number=number)
        opened.failures.update(dict.fromkeys(told, alarm))
        alarms.append(alarm)
