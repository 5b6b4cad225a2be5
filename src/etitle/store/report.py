"""What a store tells of its authorities, and of an update."""

from __future__ import annotations

from dataclasses import dataclass

from etitle.errors import EtitleError, StoreError
from etitle.store.notes import Skipped
from etitle.store.state import HighWaterMark
from etitle.store.update import StoreChange
from etitle.trust.bundle import Authority, Bundle, ListEntry
from etitle.trust.rescue import Rescue


@dataclass(frozen=True, slots=True)
class ListStatus:
    """A list that a bundle names.

    Attributes:
        entry: what the bundle says of it.
        held: how far it has come; None where the store has no list.
        damage: why its files can't be read, where they were looked at and can't.
    """

    entry: ListEntry
    held: HighWaterMark | None
    damage: EtitleError | None = None


@dataclass(frozen=True, slots=True)
class AuthorityStatus:
    """One authority as a person may want to see it.

    Attributes:
        bundle: the bundle in force.
        pin: the pinned fingerprint, 32 bytes.
        lists: every list that the bundle names.
        rescues: the rescue lists in force.
        latest_time_s: the latest time seen, seconds since 1970 UTC.
    """

    bundle: Bundle
    pin: bytes
    lists: tuple[ListStatus, ...]
    rescues: tuple[Rescue, ...]
    latest_time_s: int


@dataclass(frozen=True, slots=True)
class Renamed:
    """An authority whose new bundle gives it another name; its id is the same for ever."""

    before: Authority
    after: Authority


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update did.

    Attributes:
        changes: what was brought forward.
        skipped: files not used, each with the code that says why.
        renamed: authorities that bear another name now.
        read: how many files were published files of an authority of the store.
        authorities: every authority as it is now, ascending by id.
        alarms: what must be told; each names its authority.
    """

    changes: tuple[StoreChange, ...]
    skipped: tuple[Skipped, ...]
    renamed: tuple[Renamed, ...] = ()
    read: int = 0
    authorities: tuple[AuthorityStatus, ...] = ()
    alarms: tuple[EtitleError, ...] = ()


class AlarmError(StoreError):
    """An update that raised alarms; what they are not about was kept.

    Its code and details are those of the first alarm.

    Attributes:
        report: all that the update did, with every alarm.
    """

    report: UpdateReport


def alarm_of(report: UpdateReport) -> AlarmError:
    """The error that carries a report with at least one alarm."""
    first = report.alarms[0]
    alarm = AlarmError(first.code, **first.details)
    alarm.report = report
    return alarm
