"""The furthest that full lists and deltas bring a list (docs/spec clauses 6.7 to 6.9 and 7.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from etitle.errors import StoreError, TrustError
from etitle.store.held import HeldList
from etitle.store.incoming import IncomingFile
from etitle.trust.bundle import KeyFinder, ListEntry
from etitle.trust.delta import Delta, apply_delta, open_delta
from etitle.trust.statuslist import StatusList, open_list

Node: TypeAlias = tuple[int, bytes]
"""A sequence and the state hash that it has."""

_Path: TypeAlias = tuple[tuple[Node, IncomingFile | None], ...]
"""Nodes in order, each with the file that leads to it; None for what is held already."""


@dataclass(frozen=True, slots=True)
class _Step:
    """How a node is reached with the fewest files."""

    cost: int
    origin: Node | None
    claim: IncomingFile | None


class Lineage:
    """One attempt to bring one list forward.

    Args:
        held: how far the list has come; None at the beginning of an epoch.
        claims: lists and deltas of this authority and list; at least one.
        entry: what the bundle says of the list.
        authority_id: the authority.
        keys: the keys that may sign lists now.
    """

    def __init__(
        self,
        held: HeldList | None,
        claims: Sequence[IncomingFile],
        *,
        entry: ListEntry,
        authority_id: str,
        keys: KeyFinder,
    ) -> None:
        self._held = held
        self._entry = entry
        self._authority_id = authority_id
        self._keys = keys
        self._claims = [claim for claim in claims if claim.epoch == entry.epoch]
        self._ahead = any(claim.epoch > entry.epoch for claim in claims)
        self._deltas: dict[IncomingFile, Delta] = {}
        self._fulls: dict[IncomingFile, StatusList] = {}
        self.failures: dict[IncomingFile, TrustError] = {}

    def run(self) -> HeldList | None:
        """The list as far as it gets; None where there is none to begin with.

        Raises:
            StoreError: ``store.epoch_ahead``, ``store.below_minimum``, ``store.rollback``,
                ``store.forked`` or ``store.delta_gap``.
            TrustError: of the file that claims to lead furthest, where it can't be believed.
        """
        self._refuse_older()
        self._open_deltas()
        reached, path = self._furthest()
        self._refuse_forks(path)
        self._refuse_gaps(reached)
        return reached

    def _furthest(self) -> tuple[HeldList | None, _Path]:
        while steps := self._plan():
            target = min(steps, key=lambda node: (-node[0], steps[node].cost, node[1]))
            path = _path(steps, target)
            try:
                return self._build(path), path
            except _FailedError as failed:  # one file less: this ends
                self.failures[failed.claim] = failed.error
                self._deltas.pop(failed.claim, None)
        return None, ()

    @property
    def _named(self) -> dict[str, str]:
        """Whose list it is, as alarms say."""
        return {"authority": self._authority_id, "what": f"list {self._entry.list_id}"}

    def _refuse_older(self) -> None:
        entry, held = self._entry, self._held
        if self._ahead:
            raise StoreError("store.epoch_ahead", **self._named, epoch=entry.epoch)
        furthest = max((claim.end for claim in self._claims), default=-1)
        if furthest < entry.minimum_sequence or not self._claims:
            raise StoreError(
                "store.below_minimum",
                **self._named,
                epoch=entry.epoch,
                minimum=entry.minimum_sequence,
            )
        if held is not None and furthest < held.sequence:
            raise StoreError("store.rollback", **self._named, given=furthest, held=held.sequence)

    def _open_deltas(self) -> None:
        for claim in self._claims:
            if claim.kind != "delta":
                continue
            try:
                self._deltas[claim] = open_delta(
                    claim.data, authority_id=self._authority_id, keys=self._keys
                )
            except TrustError as error:
                self.failures[claim] = error

    def _open_full(self, claim: IncomingFile) -> StatusList:
        if claim not in self._fulls:
            self._fulls[claim] = open_list(
                claim.data, authority_id=self._authority_id, keys=self._keys
            )
        return self._fulls[claim]

    def _plan(self) -> dict[Node, _Step]:
        """Every node that claims lead to.  Sequences only grow, so one pass in order finds all."""
        steps: dict[Node, _Step] = {}
        held = self._held
        if held is not None and held.current is not None:
            steps[held.sequence, held.state_hash] = _Step(len(held.files), None, None)
        for claim in self._claims:
            if claim.kind == "list" and claim not in self.failures and self._is_news(claim):
                steps.setdefault((claim.end, claim.after), _Step(1, None, claim))
        for claim in sorted(self._deltas, key=lambda claim: (claim.base, claim.end)):
            origin = (claim.base, claim.before or b"")
            if origin in steps:
                node, step = (claim.end, claim.after), _Step(steps[origin].cost + 1, origin, claim)
                if node not in steps or step.cost < steps[node].cost:
                    steps[node] = step
        return steps

    def _is_news(self, claim: IncomingFile) -> bool:
        held = self._held
        if held is None:
            return True
        return claim.end > held.sequence or (held.current is None and claim.end == held.sequence)

    def _build(self, path: _Path) -> HeldList:
        current: StatusList | None = None
        files: tuple[bytes, ...] = ()
        if self._held is not None:
            current, files = self._held.current, self._held.files
        for _, claim in path:
            if claim is None:
                continue
            try:
                if claim.kind == "list":
                    current, files = self._open_full(claim), (claim.data,)
                elif current is not None:
                    current = apply_delta(current, self._deltas[claim])
                    files = (*files, claim.data)
            except TrustError as error:
                raise _FailedError(claim, error) from None
        if current is None:  # pragma: no cover  # a path begins at a list
            raise StoreError("store.delta_gap", **self._named)
        table = current.table
        return HeldList(
            table.list_id, table.epoch, current.sequence, table.state_hash(), files, current
        )

    def _refuse_forks(self, path: _Path) -> None:
        settled: dict[int, bytes] = {}
        if self._held is not None:
            settled[self._held.sequence] = self._held.state_hash
        for (sequence, state_hash), _ in path:
            settled.setdefault(sequence, state_hash)
        for claim in self._claims:
            earlier = claim.base if claim.kind == "delta" else claim.end - 1
            differs = settled.get(claim.end, claim.after) != claim.after or (
                claim.before is not None and settled.get(earlier, claim.before) != claim.before
            )
            if differs and self._is_authentic(claim):
                raise StoreError("store.forked", **self._named, number=claim.end)

    def _is_authentic(self, claim: IncomingFile) -> bool:
        if claim in self.failures or claim.kind == "delta":
            return claim in self._deltas
        try:
            self._open_full(claim)
        except TrustError as error:
            self.failures[claim] = error
            return False
        return True

    def _refuse_gaps(self, reached: HeldList | None) -> None:
        sequence = -1 if reached is None else reached.sequence
        beyond = [claim for claim in self._claims if claim.end > sequence]
        if not beyond:
            return
        furthest = max(beyond, key=lambda claim: claim.end)
        if furthest in self.failures:
            raise self.failures[furthest]
        raise StoreError(
            "store.delta_gap", **self._named, base=furthest.base, held=max(sequence, 0)
        )


class _FailedError(Exception):
    """A file that a plan needs turned out not to be believable."""

    def __init__(self, claim: IncomingFile, error: TrustError) -> None:
        super().__init__()
        self.claim = claim
        self.error = error


def _path(steps: dict[Node, _Step], target: Node) -> _Path:
    """The steps that lead to a node, from the first."""
    path: list[tuple[Node, IncomingFile | None]] = []
    node: Node | None = target
    while node is not None:
        path.append((node, steps[node].claim))
        node = steps[node].origin
    return tuple(path[::-1])
