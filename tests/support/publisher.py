"""A fictional authority and its store, for the tests of the local store."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support import drawnkeys

from etitle.errors import EtitleError, StoreError, TrustError
from etitle.keys.signer import SoftSigner
from etitle.keys.suite import ES256
from etitle.store.local import Store
from etitle.trust.bundle import (
    Authority,
    Bundle,
    KeyState,
    KeyUse,
    ListEntry,
    PublishedKey,
    RootSet,
    fingerprint,
)
from etitle.trust.delta import make_delta, sign_delta
from etitle.trust.rescue import make_rescue, sign_rescue
from etitle.trust.roots import sign_bundle
from etitle.trust.status import StatusEntry, StatusKind, StatusTable
from etitle.trust.statuslist import StatusList, sign_list

NOW_S = 1_790_000_000
DAY_S = 86_400


def when(at_s: int) -> datetime.datetime:
    """A time in seconds since 1970, as a caller gives it."""
    return datetime.datetime.fromtimestamp(at_s, datetime.UTC)


def roots_of(signers: Sequence[SoftSigner]) -> RootSet:
    return RootSet.of(2, (s.public for s in signers))


class Publisher:
    """One fictional authority: version n of its bundle, sequence n of its list 1."""

    def __init__(self, authority_id: str = "yangli") -> None:
        self.roots = [drawnkeys.signer(ES256) for _ in range(3)]
        self.later_roots = [drawnkeys.signer(ES256) for _ in range(3)]
        self.seal = drawnkeys.signer(ES256)
        self.spare = drawnkeys.signer(ES256)
        self.base = Bundle(
            authority=Authority(authority_id, "样例省人社厅", "Example Province"),
            version=1,
            issued_s=NOW_S,
            next_update_s=NOW_S + 90 * DAY_S,
            example=True,
            roots=roots_of(self.roots),
            keys=self.keys(),
            segments=(),
            lists=(ListEntry(1, 0, 1, "https://example.org/lists/1.cwt"),),
            url_template="https://example.org/c/{number}",
        )
        self.pin = fingerprint(self.base.roots)

    def keys(self, *more: tuple[KeyState, int]) -> tuple[PublishedKey, ...]:
        made = [
            PublishedKey(
                public=signer.public,
                x509=None,
                uses=frozenset({KeyUse.TOKEN, KeyUse.LIST}),
                not_before=18262,
                not_after=None,
                history=((KeyState.ACTIVE, 1), *(more if signer is self.seal else ())),
                seal_name="样例专用章",
                seal_number="",
            )
            for signer in (self.seal, self.spare)
        ]
        return tuple(sorted(made, key=lambda key: key.public.to_bytes()))

    def make(self, version: int, **changes: object) -> Bundle:
        issued_s = NOW_S + version * 60
        return replace(self.base, version=version, issued_s=issued_s, **changes)  # type: ignore[arg-type]

    def bundle(self, version: int, signers: Sequence[SoftSigner] = (), **changes: object) -> bytes:
        return sign_bundle(self.make(version, **changes), signers=signers or self.roots[:2])

    def rotated(self, version: int) -> bytes:
        signers = [*self.roots[:2], *self.later_roots[:2]]
        return self.bundle(version, signers, roots=roots_of(self.later_roots))

    def table(self, sequence: int, *, epoch: int = 0, twist: int = 0) -> StatusTable:
        entries = {3 * n: StatusEntry(StatusKind.VOIDED, 20454) for n in range(sequence)}
        if twist:
            entries[1] = StatusEntry(StatusKind.VOIDED, 20454)
        return StatusTable.from_entries(list_id=1, epoch=epoch, coverage=200, entries=entries)

    def list_at(self, sequence: int, *, epoch: int = 0, twist: int = 0) -> StatusList:
        previous = self.table(sequence - 1, epoch=epoch, twist=twist).state_hash()
        return StatusList(
            authority_id=self.base.authority.id,
            table=self.table(sequence, epoch=epoch, twist=twist),
            sequence=sequence,
            previous=None if sequence == 1 else previous,
            issued_s=NOW_S - DAY_S + sequence * 60,
            expires_s=NOW_S + DAY_S,
            ttl_s=DAY_S,
            uri="https://example.org/lists/1.cwt",
        )

    def full(
        self, sequence: int, *, epoch: int = 0, twist: int = 0, by: SoftSigner | None = None
    ) -> bytes:
        return sign_list(self.list_at(sequence, epoch=epoch, twist=twist), signer=by or self.seal)

    def delta(self, base: int, end: int, *, twist: int = 0, by: SoftSigner | None = None) -> bytes:
        made = make_delta(self.list_at(base, twist=twist), self.list_at(end, twist=twist))
        return sign_delta(made, signer=by or self.seal)

    def rescue(self, issued_s: int, *digests: bytes, by: Sequence[SoftSigner] = ()) -> bytes:
        made = make_rescue(
            digests,
            authority_id=self.base.authority.id,
            thumbprint=self.seal.public.thumbprint,
            issued_s=issued_s,
            number=issued_s - NOW_S + 1,
        )
        return sign_rescue(made, signers=by or self.roots[:2])


P = Publisher()
OTHER = Publisher("other")


def named(*files: bytes) -> list[tuple[str, bytes]]:
    return [(f"file {n}", data) for n, data in enumerate(files)]


def put(store: Store, *files: bytes, at_s: int = NOW_S) -> list[str]:
    """Update; what changed, in short."""
    report = store.update(named(*files), at=when(at_s))
    return [f"{c.what}: {c.before} to {c.after}" for c in report.changes]


def skipped(store: Store, *files: bytes) -> list[str]:
    return [item.code for item in store.update(named(*files), at=when(NOW_S)).skipped]


def sequence(store: Store) -> int | None:
    found = store.load()[1].find("yangli", 1)
    return None if found is None else found.sequence


def version(store: Store) -> int:
    return store.load()[0].anchors[0].bundle.version


def snapshot(path: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(path)): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.name != "lock"
    }


def alarm(store: Store, code: str, *files: bytes, at_s: int = NOW_S) -> EtitleError:
    """An update is refused with a code, and not a byte has changed."""
    before = snapshot(store.path)
    with pytest.raises(EtitleError) as caught:
        store.update(named(*files), at=when(at_s))
    assert caught.value.code == code
    assert isinstance(caught.value, StoreError if code.startswith("store.") else TrustError)
    assert snapshot(store.path) == before
    return caught.value


def loud(store: Store, code: str) -> None:
    """A damaged store can be neither read nor updated."""
    for act in (store.load, store.describe, lambda: store.update((), at=when(NOW_S))):
        with pytest.raises(StoreError) as caught:
            act()
        assert caught.value.code == code
