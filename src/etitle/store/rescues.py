"""Which received rescue lists are accepted (docs/spec clauses 5.8 and 7.3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from etitle.errors import StoreError, TrustError
from etitle.store.budget import Budget
from etitle.store.held import Held
from etitle.store.incoming import IncomingFile
from etitle.store.notes import Notes
from etitle.store.state import RescueMark
from etitle.trust.rescue import Rescue, open_rescue


def accept_rescues(held: Held, files: Sequence[IncomingFile], notes: Notes, budget: Budget) -> Held:
    """Accept the rescue list of the greatest number for each key.

    Args:
        held: what is held of the authority, with the bundle whose roots count.
        files: received rescue lists that claim to be of it.
        notes: where the files left aside and the alarms ``store.rollback``, ``store.forked`` and
            ``store.over_budget`` are noted.
        budget: what the authority may take of the store.
    """
    found = _Found(held, budget)
    for file in sorted(files, key=lambda file: file.end):
        try:
            rescue = open_rescue(file.data, bundle=held.bundle)
            found.take(file, rescue)
        except TrustError as error:
            notes.skip(file, error)
        except StoreError as alarm:
            notes.skip(file, alarm)
            is_told = any(each.code == alarm.code for each in notes.alarms)
            if alarm.code != "store.over_budget" or not is_told:
                notes.alarms.append(alarm)
    for key, number in found.seen.items():
        if number < found.marks[key].number:
            notes.alarms.append(
                StoreError(
                    "store.rollback",
                    authority=held.bundle.authority.id,
                    what=_name(key),
                    given=number,
                    held=found.marks[key].number,
                )
            )
    return replace(
        held,
        rescues=tuple(found.latest[key] for key in sorted(found.latest)),
        rescue_marks=tuple(found.marks[key] for key in sorted(found.marks)),
    )


class _Found:
    """The rescue lists of each key, as far as they have come."""

    __slots__ = ("_budget", "_size", "latest", "marks", "seen")

    def __init__(self, held: Held, budget: Budget) -> None:
        self.latest = {rescue.thumbprint: (data, rescue) for data, rescue in held.rescues}
        self.marks = {mark.thumbprint: mark for mark in held.rescue_marks}
        self.seen: dict[bytes, int] = {}
        self._budget = budget
        self._size = sum(len(data) for data, _ in held.rescues)

    def take(self, file: IncomingFile, rescue: Rescue) -> None:
        """Take one that is later than what is held, or that is held no more.

        Raises:
            StoreError: ``store.forked``, ``store.over_budget``.
        """
        key = rescue.thumbprint
        mark = self.marks.get(key)
        if mark is not None and rescue.number == mark.number and file.after != mark.content:
            self.seen[key] = rescue.number
            raise StoreError(
                "store.forked", authority=file.authority_id, what=_name(key), number=file.end
            )
        if mark is None or rescue.number > mark.number or self._is_given_up(rescue, mark):
            self._demand_room(file, key)
            before, _ = self.latest.get(key, (b"", rescue))
            self._size += len(file.data) - len(before)
            self.latest[key] = (file.data, rescue)
            self.marks[key] = RescueMark(key, rescue.number, file.after)
        self.seen[key] = rescue.number

    def _is_given_up(self, rescue: Rescue, mark: RescueMark) -> bool:
        return rescue.thumbprint not in self.latest and rescue.number == mark.number

    def _demand_room(self, file: IncomingFile, key: bytes) -> None:
        """What one authority keeps is read again at each update: it must not slow the others."""
        before, _ = self.latest.get(key, (b"", None))
        count = len(self.marks) + (key not in self.marks)
        size = self._size + len(file.data) - len(before)
        if count > self._budget.rescues or size > self._budget.size:
            raise StoreError("store.over_budget", authority=file.authority_id, what=_name(key))


def _name(thumbprint: bytes) -> str:
    return f"rescue {thumbprint.hex()[:8]}"
