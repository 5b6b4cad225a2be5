"""How far received files bring one status list (docs/spec clauses 6.7 to 6.9 and 7.3).

A *version* of a list is a sequence with its state hash.  A full list leads to a version from
nowhere; a delta leads from one version to a later one.  The *lineage* of a version is the files
that lead to it, from the held list or a full list on.  ``extend`` looks for the furthest version:

(1) Refuse files that claim an epoch beyond the bundle's, or that all lie behind what is held.
(2) Check the signature of every delta.  Full lists are large, so each waits until it is needed.
(3) Plan the lineage of every version that the files claim to lead to, and build the furthest.
    A file that can't be believed or applied is struck out, and the plan is made again: the first
    time without every full list that has a wrong signature, so forgers can't cause many plans.
(4) Refuse a believable file that contradicts what is held or what was built: a fork.
(5) Refuse to stop short of a file that claims to lead further: a gap, or that file's own error.

Nothing is kept before all five are done.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from etitle.errors import StoreError, TrustError
from etitle.store.held import HeldList
from etitle.store.incoming import IncomingFile
from etitle.trust.bundle import KeyFinder, ListEntry
from etitle.trust.delta import Delta, apply_delta, open_delta
from etitle.trust.statuslist import LIST_TYP, MAX_LIST_BYTES, StatusList, open_list, open_signed


@dataclass(frozen=True, slots=True)
class Extension:
    """How far a list was brought.

    Attributes:
        held: the list as far as it got; at least one file led there.
        failures: files that can't be believed or applied, each with the reason.
    """

    held: HeldList
    failures: Mapping[IncomingFile, TrustError]


def extend(
    held: HeldList | None,
    files: Sequence[IncomingFile],
    *,
    entry: ListEntry,
    authority_id: str,
    keys: KeyFinder,
) -> Extension:
    """Bring one list as far as received files lead.

    Args:
        held: how far the list has come; None at the beginning of an epoch.
        files: full lists and deltas that claim to be of this authority and list; at least one.
        entry: what the bundle says of the list.
        authority_id: the authority.
        keys: the keys that may sign lists now.

    Raises:
        StoreError: ``store.epoch_ahead``, ``store.below_minimum``, ``store.rollback``,
            ``store.forked`` or ``store.delta_gap``.
        TrustError: of the file that claims to lead furthest, where it can't be believed.
    """
    whose = {"authority": authority_id, "what": f"list {entry.list_id}"}
    _refuse_other_epochs(files, entry, whose)  # (1)
    files = [file for file in files if file.epoch == entry.epoch]
    _refuse_older(files, entry, held, whose)
    opened = _OpenedFiles(authority_id, keys)
    opened.check_signatures([file for file in files if file.kind == "delta"])  # (2)
    reached, lineage = _build_furthest(held, files, opened)  # (3)
    _refuse_forks(files, _sequences(held, lineage), opened, whose)  # (4)
    return Extension(_require_furthest(reached, files, opened, whose), opened.failures)  # (5)


# --- (1) what can be refused by its claims alone ------------------------------------------------


def _refuse_other_epochs(
    files: Sequence[IncomingFile], entry: ListEntry, whose: Mapping[str, str]
) -> None:
    if any(file.epoch > entry.epoch for file in files):
        raise StoreError("store.epoch_ahead", **whose, epoch=entry.epoch)


def _refuse_older(
    files: Sequence[IncomingFile],
    entry: ListEntry,
    held: HeldList | None,
    whose: Mapping[str, str],
) -> None:
    furthest = max((file.end for file in files), default=-1)
    if not files or furthest < entry.minimum_sequence:
        raise StoreError(
            "store.below_minimum", **whose, epoch=entry.epoch, minimum=entry.minimum_sequence
        )
    if held is not None and furthest < held.sequence:
        raise StoreError("store.rollback", **whose, given=furthest, held=held.sequence)


# --- (2) signatures -----------------------------------------------------------------------------


@dataclass(slots=True)
class _OpenedFiles:
    """Files with checked signatures; each is opened once.

    Attributes:
        failures: files that can't be believed or applied, each with the reason.
    """

    authority_id: str
    keys: KeyFinder
    failures: dict[IncomingFile, TrustError] = field(default_factory=dict[IncomingFile, TrustError])
    _opened: dict[IncomingFile, StatusList | Delta] = field(
        default_factory=dict[IncomingFile, StatusList | Delta]
    )

    def open(self, file: IncomingFile) -> StatusList | Delta:
        """The list or delta of a file.

        Raises:
            TrustError: why the file can't be believed.
        """
        if file in self.failures:
            raise self.failures[file]
        if file not in self._opened:
            opening = open_delta if file.kind == "delta" else open_list
            self._opened[file] = opening(file.data, authority_id=self.authority_id, keys=self.keys)
        return self._opened[file]

    def is_believable(self, file: IncomingFile) -> bool:
        try:
            self.open(file)
        except TrustError as error:
            self.failures[file] = error
            return False
        return True

    def check_signatures(self, files: Sequence[IncomingFile]) -> None:
        """Strike out the files with a wrong signature; no list is inflated for it."""
        for file in files:
            try:
                if file.kind == "delta":
                    self.open(file)
                elif file not in self.failures:
                    open_signed(file.data, typ=LIST_TYP, max_bytes=MAX_LIST_BYTES, keys=self.keys)
            except TrustError as error:
                self.failures[file] = error


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
    """

    version: Version
    count: int
    file: IncomingFile | None = None
    before: Link | None = field(default=None, repr=False)

    def lineage(self) -> Iterator[Link]:
        """Every link that leads here, the last first."""
        link: Link | None = self
        while link is not None:
            yield link
            link = link.before


def _build_furthest(
    held: HeldList | None, files: Sequence[IncomingFile], opened: _OpenedFiles
) -> tuple[HeldList | None, Link | None]:
    all_checked = False
    while links := plan(held, files, struck=opened.failures):
        furthest = min(
            links, key=lambda link: (-link.version.sequence, link.count, link.version.state_hash)
        )
        reached = _build(held, furthest, opened)
        if reached is not None:
            return reached, furthest
        # A file was struck out, so this ends.
        if not all_checked:
            opened.check_signatures(
                [file for file in files if file.kind == "list" and _is_news(file, held)]
            )
            all_checked = True
    return None, None


def plan(
    held: HeldList | None,
    files: Sequence[IncomingFile],
    *,
    struck: Collection[IncomingFile],
) -> Collection[Link]:
    """Every version that the files claim to lead to."""
    links: dict[Version, Link] = {}
    if held is not None and held.current is not None:
        version = Version(held.sequence, held.state_hash)
        links[version] = Link(version, len(held.files))
    usable = [file for file in files if file not in struck]
    for file in usable:
        if file.kind == "list" and _is_news(file, held):
            version = Version(file.end, file.after)
            links.setdefault(version, Link(version, 1, file))
    # A delta's sequence is greater than its base's, so one pass in ascending order finds all.
    deltas = [file for file in usable if file.kind == "delta"]
    for file in sorted(deltas, key=lambda delta: (delta.base, delta.end)):
        before = links.get(Version(file.base, file.before or b""))
        version = Version(file.end, file.after)
        known = links.get(version)
        if before is not None and (known is None or before.count + 1 < known.count):
            links[version] = Link(version, before.count + 1, file, before)
    return links.values()


def _is_news(file: IncomingFile, held: HeldList | None) -> bool:
    """Whether a full list is later than the held one, or replaces one that was given up."""
    if held is None:
        return True
    return file.end > held.sequence or (held.current is None and file.end == held.sequence)


def _build(held: HeldList | None, furthest: Link, opened: _OpenedFiles) -> HeldList | None:
    """The list at the end of a lineage; None where a file failed, which is then struck out."""
    current = None if held is None else held.current
    kept = () if held is None else held.files
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
            opened.failures[file] = error
            return None
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
        base = file.base if file.kind == "delta" else file.end - 1
        contradicts = settled.get(file.end, file.after) != file.after or (
            file.before is not None and settled.get(base, file.before) != file.before
        )
        if contradicts and opened.is_believable(file):  # what nobody signed is no evidence
            raise StoreError("store.forked", **whose, number=file.end)


def _require_furthest(
    reached: HeldList | None,
    files: Sequence[IncomingFile],
    opened: _OpenedFiles,
    whose: Mapping[str, str],
) -> HeldList:
    furthest = max(files, key=lambda file: file.end)
    if reached is not None and furthest.end <= reached.sequence:
        return reached
    if furthest in opened.failures:
        raise opened.failures[furthest]
    held = 0 if reached is None else reached.sequence
    raise StoreError("store.delta_gap", **whose, base=furthest.base, held=held)
