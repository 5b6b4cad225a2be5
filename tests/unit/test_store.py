"""The local store: docs/spec clause 7."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from etitle.errors import EtitleError, StoreError, TrustError
from etitle.keys.signer import SoftSigner, generate
from etitle.keys.suite import ES256
from etitle.trust import disk
from etitle.trust.bundle import (
    Authority,
    Bundle,
    KeyState,
    KeyUse,
    ListEntry,
    RootSet,
    SealKey,
    fingerprint,
)
from etitle.trust.delta import make_delta, sign_delta
from etitle.trust.list import StatusList, sign_list
from etitle.trust.rescue import make_rescue, sign_rescue
from etitle.trust.roots import sign_bundle
from etitle.trust.state import decode_state, encode_state
from etitle.trust.status import Entry, Kind, StatusTable
from etitle.trust.store import Store

NOW_S = 1_790_000_000
DAY_S = 86_400


def roots_of(signers: Sequence[SoftSigner]) -> RootSet:
    return RootSet(2, tuple(sorted((s.public for s in signers), key=lambda k: k.thumbprint)))


class Publisher:
    """One fictional authority: version n of its bundle, sequence n of its list 1."""

    def __init__(self, authority_id: str = "yangli") -> None:
        self.roots = [generate(ES256) for _ in range(3)]
        self.later_roots = [generate(ES256) for _ in range(3)]
        self.seal = generate(ES256)
        self.spare = generate(ES256)
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

    def keys(self, *more: tuple[KeyState, int]) -> tuple[SealKey, ...]:
        made = [
            SealKey(
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
        return tuple(sorted(made, key=lambda key: key.public.thumbprint))

    def make(self, version: int, **changes: object) -> Bundle:
        issued_s = NOW_S + version * 60
        return replace(self.base, version=version, issued_s=issued_s, **changes)  # type: ignore[arg-type]

    def bundle(self, version: int, signers: Sequence[SoftSigner] = (), **changes: object) -> bytes:
        return sign_bundle(self.make(version, **changes), signers=signers or self.roots[:2])

    def rotated(self, version: int) -> bytes:
        signers = [*self.roots[:2], *self.later_roots[:2]]
        return self.bundle(version, signers, roots=roots_of(self.later_roots))

    def table(self, sequence: int, *, epoch: int = 0, twist: int = 0) -> StatusTable:
        entries = {3 * n: Entry(Kind.VOIDED, 20454) for n in range(sequence)}
        if twist:
            entries[1] = Entry(Kind.VOIDED, 20454)
        return StatusTable.from_entries(list_id=1, epoch=epoch, coverage=200, entries=entries)

    def list_at(self, sequence: int, *, epoch: int = 0, twist: int = 0) -> StatusList:
        previous = self.table(sequence - 1, epoch=epoch, twist=twist).state_hash()
        return StatusList(
            authority_id=self.base.authority.id,
            table=self.table(sequence, epoch=epoch, twist=twist),
            sequence=sequence,
            previous=None if sequence == 1 else previous,
            issued_s=NOW_S + sequence * 60,
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
        )
        return sign_rescue(made, signers=by or self.roots[:2])


P = Publisher()
OTHER = Publisher("other")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.init(tmp_path / "store", P.bundle(1), pin=P.pin, at_s=NOW_S)


def named(*files: bytes) -> list[tuple[str, bytes]]:
    return [(f"file {n}", data) for n, data in enumerate(files)]


def put(store: Store, *files: bytes, at_s: int = NOW_S) -> list[str]:
    """Update; what changed, in short."""
    report = store.update(named(*files), at_s=at_s)
    return [f"{c.what}: {c.before} to {c.after}" for c in report.changes]


def skipped(store: Store, *files: bytes) -> list[str]:
    return [item.code for item in store.update(named(*files), at_s=NOW_S).skipped]


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
        store.update(named(*files), at_s=at_s)
    assert caught.value.code == code
    assert isinstance(caught.value, StoreError if code.startswith("store.") else TrustError)
    assert snapshot(store.path) == before
    return caught.value


def loud(store: Store, code: str) -> None:
    """A damaged store can be neither read nor updated."""
    for act in (store.load, store.describe, lambda: store.update((), at_s=NOW_S)):
        with pytest.raises(StoreError) as caught:
            act()
        assert caught.value.code == code


# --- what goes well -----------------------------------------------------------------------------


def test_a_new_store_believes_the_pinned_authority(store: Store) -> None:
    trust, lists = store.load()
    assert [anchor.bundle for anchor in trust.anchors] == [P.make(1)]
    assert trust.anchors[0].latest_time_s == NOW_S
    assert len(lists) == 0
    assert trust.candidates(P.seal.public.kid)[0].key.public == P.seal.public


def test_an_update_goes_as_far_as_it_can(store: Store) -> None:
    files = (P.delta(2, 3), P.bundle(2), P.full(1), P.full(2), P.delta(3, 5), P.delta(1, 2))
    assert put(store, *files) == ["bundle: 1 to 2", "list 1: None to 5"]
    assert store.load()[1].find("yangli", 1) is not None
    assert (version(store), sequence(store)) == (2, 5)
    assert put(store, *files) == []


def test_deltas_alone_continue_the_state(store: Store) -> None:
    put(store, P.full(1))
    assert put(store, P.delta(1, 2)) == ["list 1: 1 to 2"]
    assert put(store, P.delta(1, 2), P.delta(2, 3), P.delta(3, 7)) == ["list 1: 2 to 7"]
    assert sequence(store) == 7


def test_a_later_full_list_takes_the_place_of_a_chain(store: Store) -> None:
    put(store, P.full(1), P.delta(1, 2), P.delta(2, 3))
    assert put(store, P.full(4)) == ["list 1: 3 to 4"]
    assert len([name for name in snapshot(store.path) if "list-" in name or "delta-" in name]) == 1


def test_a_delta_that_spans_further_than_a_full_list_wins(store: Store) -> None:
    put(store, P.full(1))
    assert put(store, P.full(3), P.delta(1, 5)) == ["list 1: 1 to 5"]


def test_a_published_folder_is_read(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "published"
    for name, data in {
        "bundles/2.cose": P.bundle(2),
        "lists/1-1.cwt": P.full(1),
        "deltas/1-1-2.cose": P.delta(1, 2),
        "rescue/1.cose": P.rescue(NOW_S, b"a" * 16),
        "lists/readme.txt": b"not read",
        "index.html": b"not read",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    report = store.update(folder, at_s=NOW_S)
    assert [change.what for change in report.changes] == [
        "bundle", "list 1", f"rescue {P.seal.public.thumbprint.hex()[:8]}",
    ]  # fmt: skip
    assert report.skipped == ()


def test_several_authorities_live_in_one_store(store: Store) -> None:
    Store.init(store.path, OTHER.bundle(1), pin=OTHER.pin, at_s=NOW_S)
    put(store, P.full(1), OTHER.full(2), OTHER.bundle(3))
    trust, lists = store.load()
    assert [(a.bundle.authority.id, a.bundle.version) for a in trust.anchors] == [
        ("other", 3), ("yangli", 1),
    ]  # fmt: skip
    assert [
        found and found.sequence for found in (lists.find("other", 1), lists.find("yangli", 1))
    ] == [2, 1]
    assert trust.candidates(OTHER.seal.public.kid)[0].anchor.bundle.authority.id == "other"


def test_an_alarm_of_one_authority_stops_all(store: Store) -> None:
    Store.init(store.path, OTHER.bundle(4), pin=OTHER.pin, at_s=NOW_S)
    alarm(store, "store.rollback", P.bundle(2), OTHER.bundle(3))


def test_a_description_names_lists_at_hand_and_missing(store: Store) -> None:
    (status,) = store.describe()
    assert [item.held for item in status.lists] == [None]
    put(store, P.full(2), P.rescue(NOW_S, b"a" * 16), at_s=NOW_S + 60)
    (status,) = store.describe()
    assert [item.held and item.held.sequence for item in status.lists] == [2]
    assert (status.pin, status.latest_time_s, len(status.rescues)) == (P.pin, NOW_S + 60, 1)


def test_files_left_aside_are_named_with_their_reason(store: Store) -> None:
    strange = replace(P.list_at(1), table=StatusTable.from_entries(
        list_id=9, epoch=0, coverage=1, entries={}
    ))  # fmt: skip
    assert skipped(
        store, b"junk", OTHER.bundle(1), sign_list(strange, signer=P.seal), P.full(1)[:50]
    ) == ["store.not_ours", "canon.truncated", "store.list_unknown", "store.authority_unknown"]


# --- bundles ------------------------------------------------------------------------------------


def test_an_old_bundle_is_a_rollback(store: Store) -> None:
    put(store, P.bundle(3))
    alarm(store, "store.rollback", P.bundle(2))
    assert put(store, P.bundle(2), P.bundle(3)) == []


def test_another_bundle_of_the_same_version_is_a_fork(store: Store) -> None:
    alarm(store, "store.forked", P.bundle(1, example=False))
    alarm(store, "store.forked", P.bundle(2), P.bundle(2, example=False))


def test_another_rotation_of_the_same_version_is_a_fork(store: Store) -> None:
    other = P.bundle(2, [*P.roots, *OTHER.roots], roots=roots_of(OTHER.roots))
    alarm(store, "store.forked", P.rotated(2), other)
    put(store, P.rotated(2))
    alarm(store, "store.forked", other)


def test_the_same_bundle_with_other_signatures_is_no_fork(store: Store) -> None:
    assert put(store, P.bundle(1, P.roots[1:])) == []


def test_a_bundle_signed_by_too_few_stops_the_update(store: Store) -> None:
    alarm(store, "bundle.too_few_signatures", P.bundle(2, P.roots[:1]), P.full(1))
    alarm(store, "bundle.too_few_signatures", P.bundle(2, [P.roots[0], P.roots[0]]))


def test_a_bad_copy_beside_a_good_one_is_left_aside(store: Store) -> None:
    assert skipped(store, P.bundle(2, P.roots[:1]), P.bundle(2)) == ["bundle.too_few_signatures"]
    assert version(store) == 2


def test_roots_change_over_several_bundles(store: Store) -> None:
    third = [generate(ES256) for _ in range(2)]
    last = P.bundle(5, [*P.later_roots[:2], *third], roots=roots_of(third))
    alarm(store, "bundle.too_few_signatures", last)
    between = P.bundle(4, P.later_roots[1:], roots=roots_of(P.later_roots))
    assert put(store, last, P.bundle(2), between, P.rotated(3)) == ["bundle: 1 to 5"]
    assert version(store) == 5
    # The pinned roots' bundle and one for each change of roots are needed, and no more.
    assert len([name for name in snapshot(store.path) if "bundle-" in name]) == 3
    alarm(store, "bundle.too_few_signatures", P.bundle(6))
    put(store, P.bundle(6, third, roots=roots_of(third)))
    assert version(store) == 6


def test_a_chain_of_the_same_roots_stays_one_bundle(store: Store) -> None:
    for number in range(2, 6):
        put(store, P.bundle(number))
        assert len([name for name in snapshot(store.path) if "bundle-" in name]) == 1


# --- lists --------------------------------------------------------------------------------------


@pytest.fixture
def at_five(store: Store) -> Store:
    put(store, P.full(5))
    return store


def test_older_lists_and_deltas_are_rollbacks(at_five: Store) -> None:
    alarm(at_five, "store.rollback", P.full(4))
    alarm(at_five, "store.rollback", P.delta(3, 4))
    assert put(at_five, P.full(4), P.delta(4, 5)) == []


def test_a_list_with_other_content_is_a_fork(at_five: Store) -> None:
    alarm(at_five, "store.forked", P.full(5, twist=1))
    alarm(at_five, "store.forked", P.delta(4, 5, twist=1))
    alarm(at_five, "store.forked", P.delta(5, 6, twist=1))
    alarm(at_five, "store.forked", P.full(6, twist=1))
    alarm(at_five, "store.forked", P.full(7), P.full(7, twist=1))
    alarm(at_five, "store.forked", P.delta(5, 6), P.delta(6, 8), P.full(6, twist=1))
    assert sequence(at_five) == 5


def test_an_unsigned_fork_is_left_aside(at_five: Store) -> None:
    stranger = generate(ES256)
    assert skipped(at_five, P.full(5, twist=1, by=stranger)) == ["list.signer_unknown"]


def test_a_delta_that_does_not_continue_the_state_is_a_gap(at_five: Store) -> None:
    alarm(at_five, "store.delta_gap", P.delta(6, 7))
    alarm(at_five, "store.delta_gap", P.delta(5, 6), P.delta(7, 8))
    assert put(at_five, P.delta(6, 7), P.delta(5, 6)) == ["list 1: 5 to 7"]


def test_a_delta_without_any_list_is_a_gap(store: Store) -> None:
    alarm(store, "store.delta_gap", P.delta(1, 2))


def test_the_furthest_list_must_be_believable(at_five: Store) -> None:
    stranger = generate(ES256)
    alarm(at_five, "list.signer_unknown", P.full(7, by=stranger), P.full(6))
    alarm(at_five, "list.signer_unknown", P.delta(5, 7, by=stranger), P.full(6))
    bad = bytearray(P.full(7))
    bad[-1] ^= 1
    alarm(at_five, "list.signature_bad", bytes(bad))
    # What is not needed is not even opened.
    assert skipped(at_five, P.full(6, by=stranger), P.delta(5, 6), P.full(7)) == []
    assert sequence(at_five) == 7


def entry(epoch: int, minimum: int) -> tuple[ListEntry, ...]:
    return (ListEntry(1, epoch, minimum, "https://example.org/lists/1.cwt"),)


def test_a_list_below_the_bundles_minimum_is_refused(at_five: Store) -> None:
    alarm(at_five, "store.below_minimum", P.bundle(2, lists=entry(0, 7)), P.full(6))
    assert put(at_five, P.bundle(2, lists=entry(0, 7))) == [
        "bundle: 1 to 2", "list 1: 5 to None",
    ]  # fmt: skip
    assert sequence(at_five) is None
    alarm(at_five, "store.below_minimum", P.full(6))
    assert put(at_five, P.full(7)) == ["list 1: None to 7"]


def test_a_new_epoch_begins_again_and_the_old_one_is_over(at_five: Store) -> None:
    alarm(at_five, "store.epoch_ahead", P.full(1, epoch=1))
    put(at_five, P.bundle(2, lists=entry(1, 1)))
    assert sequence(at_five) is None
    alarm(at_five, "store.below_minimum", P.full(9))
    assert put(at_five, P.full(1, epoch=1), P.full(9)) == ["list 1: None to 1"]
    alarm(at_five, "store.rollback", P.bundle(3, lists=entry(0, 1)))


def test_a_list_of_a_stolen_key_is_given_up_but_not_forgotten(at_five: Store) -> None:
    put(at_five, P.bundle(2, keys=P.keys((KeyState.COMPROMISED, 2))))
    assert sequence(at_five) is None
    alarm(at_five, "list.signer_unknown", P.full(6))
    alarm(at_five, "store.rollback", P.full(4, by=P.spare))
    alarm(at_five, "store.forked", P.full(5, twist=1, by=P.spare))
    assert put(at_five, P.full(5, by=P.spare)) == ["list 1: None to 5"]


def test_a_list_of_a_retired_key_stays(at_five: Store) -> None:
    put(at_five, P.bundle(2, keys=P.keys((KeyState.RETIRED, 2))))
    assert sequence(at_five) == 5


def test_a_list_that_the_bundle_drops_is_dropped_but_not_forgotten(at_five: Store) -> None:
    put(at_five, P.bundle(2, lists=()))
    assert sequence(at_five) is None
    alarm(at_five, "store.rollback", P.bundle(3), P.full(4))


# --- rescue lists -------------------------------------------------------------------------------


def test_the_latest_rescue_list_counts(store: Store) -> None:
    put(store, P.rescue(NOW_S + 9, b"b" * 16), P.rescue(NOW_S, b"a" * 16))
    (anchor,) = store.load()[0].anchors
    assert [b"b" * 16 in rescue for rescue in anchor.rescues] == [True]
    assert put(store, P.rescue(NOW_S, b"a" * 16)) == []
    alarm(store, "store.forked", P.rescue(NOW_S + 9, b"c" * 16))


def test_a_rescue_list_needs_the_current_roots(store: Store) -> None:
    assert skipped(store, P.rescue(NOW_S, by=P.roots[:1])) == ["bundle.too_few_signatures"]
    put(store, P.rescue(NOW_S, b"a" * 16))
    put(store, P.rotated(2))
    assert store.load()[0].anchors[0].rescues == ()
    put(store, P.rescue(NOW_S, b"a" * 16, by=P.later_roots))
    assert len(store.load()[0].anchors[0].rescues) == 1


# --- time ---------------------------------------------------------------------------------------


def test_the_latest_time_only_advances(store: Store) -> None:
    put(store, at_s=NOW_S + DAY_S)
    put(store, at_s=NOW_S + DAY_S - 300)
    assert store.load()[0].anchors[0].latest_time_s == NOW_S + DAY_S
    alarm(store, "store.clock_behind", P.bundle(2), at_s=NOW_S + DAY_S - 301)
    with pytest.raises(StoreError) as caught:
        Store.init(store.path, OTHER.bundle(1), pin=OTHER.pin, at_s=NOW_S)
    assert caught.value.code == "store.clock_behind"


# --- damage -------------------------------------------------------------------------------------


def test_what_is_no_store_is_not_made_one_by_looking(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path, tmp_path / "none"):
        loud(Store(path), "store.not_found")
    assert [item.name for item in tmp_path.iterdir()] == ["file"]
    loud(Store(tmp_path / "file"), "store.not_readable")
    loud(Store("a\0b"), "store.not_readable")


def test_a_lost_state_is_loud_until_an_operator_resets(at_five: Store) -> None:
    (at_five.path / "state.json").unlink()
    loud(at_five, "store.state_lost")
    with pytest.raises(StoreError) as caught:
        Store.init(at_five.path, P.bundle(1), pin=P.pin, at_s=NOW_S)
    assert caught.value.code == "store.state_lost"
    Store.init(at_five.path, P.bundle(1), pin=P.pin, at_s=NOW_S, reset=True)
    assert (version(at_five), sequence(at_five)) == (1, None)


def test_every_damage_to_the_state_is_loud(at_five: Store) -> None:
    path = at_five.path / "state.json"
    good = path.read_bytes()
    drawn = random.Random(7)
    damaged = [b"", b"{}", b"null", b"[" * 100_000, good[:-1], good + b" ", good[: len(good) // 2]]
    for _ in range(40):
        at = drawn.randrange(len(good))
        damaged.append(good[:at] + bytes((good[at] ^ drawn.randrange(1, 256),)) + good[at + 1 :])
    for data in damaged:
        path.write_bytes(data)
        with pytest.raises(StoreError) as caught:
            at_five.load()
        assert caught.value.code == "store.state_corrupt"
    loud(at_five, "store.state_corrupt")
    with pytest.raises(StoreError) as caught:
        Store.init(at_five.path, P.bundle(1), pin=P.pin, at_s=NOW_S)
    assert caught.value.code == "store.state_corrupt"
    Store.init(at_five.path, P.bundle(1), pin=P.pin, at_s=NOW_S, reset=True)
    assert version(at_five) == 1


def test_a_state_that_points_elsewhere_is_corrupt(at_five: Store) -> None:
    state = decode_state((at_five.path / "state.json").read_bytes())
    (item,) = state.authorities
    for forged in (
        replace(item, id="../yangli"),
        replace(item, bundles=(replace(item.bundles[0], name="../../etc/passwd"),)),
        replace(item, bundles=()),
        replace(item, version=2),
        replace(item, marks=(replace(item.marks[0], sequence=4),)),
        replace(item, marks=item.marks * 2),
    ):
        data = encode_state(replace(state, authorities=(forged,)))
        (at_five.path / "state.json").write_bytes(data)
        loud(at_five, "store.state_corrupt")
    (at_five.path / "state.json").write_bytes(encode_state(replace(state, latest_time_s=-1)))
    loud(at_five, "store.state_corrupt")


def test_a_huge_state_is_not_read(at_five: Store) -> None:
    with (at_five.path / "state.json").open("r+b") as file:
        file.truncate(1 << 40)
    loud(at_five, "store.state_corrupt")


def test_swapped_truncated_and_missing_files_are_loud(at_five: Store) -> None:
    (path,) = (at_five.path / "yangli").glob("list-*")
    good = path.read_bytes()
    for data in (good[:-1], b"", P.full(4)):
        path.write_bytes(data)
        loud(at_five, "store.file_changed")
    path.unlink()
    loud(at_five, "store.file_changed")
    path.mkdir()
    loud(at_five, "store.file_changed")


def test_an_older_state_put_back_is_loud(store: Store) -> None:
    put(store, P.full(4))
    old = (store.path / "state.json").read_bytes()
    put(store, P.full(5))
    (store.path / "state.json").write_bytes(old)
    loud(store, "store.file_changed")


def test_files_of_a_forger_do_not_pass_by_the_state(at_five: Store) -> None:
    mine = Publisher()
    forged = mine.full(5)
    state = decode_state((at_five.path / "state.json").read_bytes())
    (item,) = state.authorities
    name = type(item.bundles[0]).of("list", forged)
    (at_five.path / "yangli" / name.name).write_bytes(forged)
    item = replace(item, marks=(replace(item.marks[0], files=(name,)),))
    (at_five.path / "state.json").write_bytes(encode_state(replace(state, authorities=(item,))))
    with pytest.raises(TrustError) as caught:
        at_five.load()
    assert caught.value.code == "list.signer_unknown"


def test_an_authority_is_begun_once(store: Store) -> None:
    with pytest.raises(StoreError) as caught:
        Store.init(store.path, P.bundle(2), pin=P.pin, at_s=NOW_S)
    assert caught.value.code == "store.already_there"
    Store.init(store.path, OTHER.bundle(1), pin=OTHER.pin, at_s=NOW_S)
    Store.init(store.path, P.bundle(2), pin=P.pin, at_s=NOW_S, reset=True)
    assert len(store.load()[0].anchors) == 2


def test_a_wrong_pin_begins_nothing(tmp_path: Path) -> None:
    with pytest.raises(TrustError) as caught:
        Store.init(tmp_path / "s", P.bundle(1), pin=OTHER.pin, at_s=NOW_S)
    assert caught.value.code == "bundle.pin_mismatch"
    assert not (tmp_path / "s").exists()


# --- hostile folders ----------------------------------------------------------------------------


def test_what_is_no_published_folder_is_refused(store: Store, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none", "a\0b"):
        with pytest.raises(StoreError) as caught:
            store.update(path, at_s=NOW_S)
        assert caught.value.code == "store.not_published"


def test_hostile_names_and_kinds_of_file_are_left_aside(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "published" / "lists"
    folder.mkdir(parents=True)
    (folder / "good.cwt").write_bytes(P.full(1))
    os.mkfifo(folder / "pipe.cwt")
    (folder / "folder.cwt").mkdir()
    (folder / "loop.cwt").symlink_to("loop.cwt")
    (folder / "zero.cwt").symlink_to("/dev/zero")
    (folder / "\x1b[2J\u202e.cwt").write_bytes(b"")
    (folder / os.fsdecode(b"\xff\xfe.cwt")).write_bytes(b"x")
    with (folder / "huge.cwt").open("wb") as file:
        file.truncate(1 << 40)
    report = store.update(tmp_path / "published", at_s=NOW_S)
    assert sequence(store) == 1
    assert sorted({item.code for item in report.skipped}) == [
        "store.file_unreadable", "store.not_ours",
    ]  # fmt: skip
    assert len(report.skipped) == 7
    assert all(item.name.isprintable() for item in report.skipped)
    "".join(item.name for item in report.skipped).encode()


def test_too_many_and_too_large_files_are_refused(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    for n in range(6):
        (folder / f"{n}.cwt").write_bytes(bytes(100))
    monkeypatch.setattr(disk, "MAX_PUBLISHED_BYTES", 550)
    for source in (tmp_path, named(*(bytes(100) for _ in range(6)))):
        with pytest.raises(StoreError) as caught:
            store.update(source, at_s=NOW_S)
        assert caught.value.code == "store.too_large"
    monkeypatch.setattr(disk, "MAX_PUBLISHED_FILES", 5)
    for source in (tmp_path, named(*(b"" for _ in range(6)))):
        with pytest.raises(StoreError) as caught:
            store.update(source, at_s=NOW_S)
        assert caught.value.code == "store.too_many_files"


def test_a_state_that_grows_too_large_is_not_written(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = len((store.path / "state.json").read_bytes()) + 200
    monkeypatch.setattr(disk, "MAX_STATE_BYTES", limit)
    alarm(store, "store.too_large", P.full(1), P.delta(1, 2), P.delta(2, 3))


# --- a step that is cut off ---------------------------------------------------------------------

STEPS = ("open", "write", "fsync", "replace", "unlink", "mkdir", "rmdir")


class PowerCut(BaseException):
    """Nothing that the library could catch."""


class Faults:
    """Lets a number of system calls pass, then fails one or all that follow."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, error: BaseException, *, once: bool
    ) -> None:
        self.left = 10_000
        self.fired = False
        for name in STEPS:
            self._wrap(monkeypatch, name, getattr(os, name), error, once=once)

    def _wrap(
        self,
        monkeypatch: pytest.MonkeyPatch,
        name: str,
        real: Callable[..., object],
        error: BaseException,
        *,
        once: bool,
    ) -> None:
        def call(*args: object, **kwargs: object) -> object:
            self.left -= 1
            if self.left == 0 or (self.left < 0 and not once):
                self.fired = True
                if name == "write":  # a write may be cut in the middle
                    real(args[0], bytes(args[1])[:7])  # type: ignore[call-overload]
                raise error
            return real(*args, **kwargs)

        monkeypatch.setattr(os, name, call)


def either(store: Store, old: tuple[int, int | None], new: tuple[int, int | None]) -> bool:
    """Whether the store is at the new state; it is at one of both, and wholly."""
    found = (version(store), sequence(store))
    assert found in (old, new)
    return found == new


FULL = OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("error", "once", "stride"),
    [(PowerCut(), False, 1), (FULL, True, 2), (FULL, False, 3)],
    ids=["cut", "one", "full"],
)
def test_a_step_cut_off_anywhere_leaves_the_old_or_the_new_state(
    tmp_path: Path, error: BaseException, *, once: bool, stride: int
) -> None:
    begun = tmp_path / "begun"
    put(Store.init(begun, P.bundle(1), pin=P.pin, at_s=NOW_S), P.full(1))
    files = (
        P.rotated(2),
        P.delta(1, 2),
        P.delta(2, 3),
        P.rescue(NOW_S, b"a" * 16, by=P.later_roots),
    )
    outcomes = set()
    for step in range(1, 200, stride):
        store = Store(tmp_path / f"{step}")
        shutil.copytree(begun, store.path)
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, error, once=once)
            faults.left = step
            try:
                put(store, *files)
            except (PowerCut, StoreError) as stopped:
                if isinstance(stopped, StoreError):
                    assert stopped.code in {  # noqa: PT017
                        "store.not_written", "store.not_readable", "store.file_changed",
                    }  # fmt: skip
        outcomes.add(either(store, (1, 1), (2, 3)))
        put(store, *files)  # and once more, now without a fault
        assert either(store, (2, 3), (2, 3))
        assert len(snapshot(store.path)) - ("state.json.new" in snapshot(store.path)) == 7
        shutil.rmtree(store.path)
        if not faults.fired:
            break
    else:
        pytest.fail("more steps than expected")
    assert outcomes == {False, True}


def test_a_beginning_cut_off_anywhere_can_be_begun_again(tmp_path: Path) -> None:
    for step in range(1, 100):
        path = tmp_path / f"{step}"
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, PowerCut(), once=False)
            faults.left = step
            with suppress(PowerCut):
                Store.init(path, P.bundle(1), pin=P.pin, at_s=NOW_S)
        try:
            assert version(Store(path)) == 1
        except StoreError as error:
            assert error.code == "store.not_found"  # noqa: PT017
            assert version(Store.init(path, P.bundle(1), pin=P.pin, at_s=NOW_S)) == 1
        if not faults.fired:
            return
    pytest.fail("more steps than expected")


def test_short_writes_are_continued(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, bytes(data)[:100]))
    put(store, P.full(3))
    assert sequence(store) == 3


def test_the_state_is_replaced_only_after_every_file_is_synced(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def watch(name: str, real: Callable[..., None]) -> None:
        def call(*args: object) -> None:
            calls.append(name)
            real(*args)

        monkeypatch.setattr(os, name, call)

    watch("fsync", os.fsync)
    watch("replace", os.replace)
    put(store, P.full(1), P.delta(1, 2))
    # list, delta, their folder, the new state; then the one step; then the folder
    assert calls == ["fsync"] * 4 + ["replace", "fsync"]


KILLED = """
import sys
from pathlib import Path
from etitle.trust.store import Store
store = Store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for at in range(1000):
    for name in sorted(Path(sys.argv[2]).iterdir()):
        store.update([(name.name, name.read_bytes())], at_s=int(sys.argv[3]) + at)
"""


def test_a_killed_updater_leaves_a_whole_store(store: Store, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "00000").write_bytes(P.full(1))
    for n in range(1, 60):
        (inbox / f"{n:05}").write_bytes(P.delta(n, n + 1))
    drawn = random.Random(5)
    for _ in range(3):
        for file in list(inbox.iterdir()):
            if int(file.name) < (sequence(store) or 0):
                file.unlink()
        child = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", KILLED, store.path, inbox, str(NOW_S)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert child.stdout is not None
        assert child.stdin is not None
        child.stdout.readline()
        child.stdin.write(b"go\n")
        child.stdin.flush()
        time.sleep(drawn.uniform(0.01, 0.15))
        child.send_signal(signal.SIGKILL)
        child.communicate()
        before = sequence(store)
        put(store)
        assert sequence(store) == before
    assert version(store) == 1


# --- several at once ----------------------------------------------------------------------------


def test_updaters_take_turns(store: Store) -> None:
    put(store, P.full(1))
    errors: list[str] = []

    def work(n: int) -> None:
        try:
            put(store, *(P.delta(k, k + 1) for k in range(1, n)))
        except StoreError as error:
            errors.append(error.code)

    threads = [threading.Thread(target=work, args=(n,)) for n in (3, 5, 7, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sequence(store) == 9
    assert set(errors) <= {"store.rollback"}  # whoever came late with less


def test_a_lock_held_too_long_is_reported(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "LOCK_TRIES", 2)
    with disk.locked(store.path):
        alarm(store, "store.busy")


def test_readers_see_whole_states_while_an_updater_works(store: Store) -> None:
    put(store, P.full(1))
    seen: list[int | None] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(sequence(store))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for n in range(2, 20):
            put(store, P.full(n))
    finally:
        done.set()
        reader.join()
    assert seen == sorted(seen, key=lambda n: n or 0)
    assert sequence(store) == 19


def test_a_store_that_can_not_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file" / "store", "a\0b"):
        with pytest.raises(StoreError) as caught:
            Store.init(path, P.bundle(1), pin=P.pin, at_s=NOW_S)
        assert caught.value.code == "store.not_written"


def test_every_code_has_its_words() -> None:
    for code in (
        "rollback", "forked", "delta_gap", "below_minimum", "epoch_ahead", "list_unknown",
        "clock_behind", "state_lost", "state_corrupt", "file_changed", "not_found",
        "already_there", "authority_unknown", "not_ours", "file_unreadable", "file_too_large",
        "not_published", "too_many_files", "too_large", "busy", "not_readable", "not_written",
    ):  # fmt: skip
        error = StoreError(f"store.{code}")
        assert all((error.what("zh"), error.what("en"), error.next("zh"), error.next("en")))


def test_the_state_is_json_that_ends_in_its_checksum(store: Store) -> None:
    text = (store.path / "state.json").read_text()
    assert list(json.loads(text))[-1] == "checksum"
