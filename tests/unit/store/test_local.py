"""The local store, what it accepts and what alarms it: docs/spec clause 7."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.publisher import (
    DAY_S,
    NOW_S,
    OTHER,
    P,
    alarm,
    named,
    put,
    roots_of,
    sequence,
    skipped,
    snapshot,
    version,
    when,
)

from etitle.errors import StoreError
from etitle.keys.signer import generate
from etitle.keys.suite import ES256
from etitle.store import disk
from etitle.store.asleep import MAX_READ_TRIES, SleepingAuthority
from etitle.store.budget import Budget
from etitle.store.held import Held
from etitle.store.incoming import read_incoming
from etitle.store.local import AlarmError, Store
from etitle.store.state import FileName, StoreState
from etitle.store.update import advance
from etitle.trust.bundle import KeyState, ListEntry
from etitle.trust.status import StatusTable
from etitle.trust.statuslist import sign_list


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.init(tmp_path / "store", P.bundle(1), pin=P.pin, at=when(NOW_S))


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
    report = store.update(folder, at=when(NOW_S))
    assert [change.what for change in report.changes] == [
        "bundle", "list 1", f"rescue {P.seal.public.thumbprint.hex()[:8]}",
    ]  # fmt: skip
    assert report.skipped == ()


def test_several_authorities_live_in_one_store(store: Store) -> None:
    Store.init(store.path, OTHER.bundle(1), pin=OTHER.pin, at=when(NOW_S))
    put(store, P.full(1), OTHER.full(2), OTHER.bundle(3))
    trust, lists = store.load()
    assert [(a.bundle.authority.id, a.bundle.version) for a in trust.anchors] == [
        ("other", 3), ("yangli", 1),
    ]  # fmt: skip
    assert [
        found and found.sequence for found in (lists.find("other", 1), lists.find("yangli", 1))
    ] == [2, 1]
    assert trust.candidates(OTHER.seal.public.kid)[0].anchor.bundle.authority.id == "other"


def raised(store: Store, code: str, *files: bytes) -> AlarmError:
    """An alarm that leaves something else to be kept."""
    with pytest.raises(AlarmError) as caught:
        store.update(named(*files), at=when(NOW_S))
    assert caught.value.code == code
    assert [alarm.code for alarm in caught.value.report.alarms] == [code]
    return caught.value


def test_an_alarm_of_one_authority_stops_no_other(store: Store) -> None:
    Store.init(store.path, OTHER.bundle(4), pin=OTHER.pin, at=when(NOW_S))
    error = raised(store, "store.rollback", P.bundle(2), OTHER.bundle(3))
    assert [change.authority_id for change in error.report.changes] == ["yangli"]
    assert [anchor.bundle.version for anchor in store.load()[0].anchors] == [4, 2]


def test_a_damaged_authority_stops_no_other(store: Store) -> None:
    Store.init(store.path, OTHER.bundle(4), pin=OTHER.pin, at=when(NOW_S))
    (path,) = (store.path / "other").glob("bundle-*")
    path.write_bytes(b"")
    raised(store, "store.file_changed", P.bundle(2), P.full(3), OTHER.bundle(5))
    trust, lists = store.load()
    assert trust.candidates(P.seal.public.kid)[0].anchor.bundle.version == 2
    assert lists.find("yangli", 1) is not None
    for asking in (lambda: trust.candidates(OTHER.seal.public.kid), lambda: trust.anchors):
        with pytest.raises(StoreError) as caught:
            asking()
        assert caught.value.code == "store.file_changed"


def test_an_alarm_of_one_list_stops_no_other(store: Store) -> None:
    two = (ListEntry(1, 0, 1, "https://example.org/1"), ListEntry(2, 0, 1, "https://example.org/2"))
    put(store, P.bundle(2, lists=two), P.full(5))
    table = StatusTable.from_entries(list_id=2, epoch=0, coverage=1, entries={})
    second = sign_list(replace(P.list_at(1), table=table), signer=P.seal)
    raised(store, "store.rollback", P.full(4), second, P.bundle(3, lists=two))
    lists = store.load()[1]
    assert [
        found and found.sequence for found in (lists.find("yangli", 1), lists.find("yangli", 2))
    ] == [5, 1]
    assert version(store) == 3


def test_lists_are_read_when_they_are_asked_for(store: Store) -> None:
    put(store, P.full(5))
    _, lists = store.load()
    # An updater takes the file away meanwhile: the list of the new state is read.
    put(store, P.full(6))
    found = lists.find("yangli", 1)
    assert found is not None
    assert found.sequence == 6
    assert lists.find("yangli", 1) is found
    _, lists = store.load()
    put(store, P.bundle(2, lists=()))
    assert lists.find("yangli", 1) is None
    assert lists.damage("yangli", 1) is None


def test_a_damaged_list_is_told_and_a_full_list_mends_it(store: Store) -> None:
    put(store, P.full(5))
    (path,) = (store.path / "yangli").glob("list-*")
    path.write_bytes(b"")
    _, lists = store.load()
    assert len(lists) == 1
    assert lists.find("yangli", 1) is None
    damage = lists.damage("yangli", 1)
    assert damage is not None
    assert damage.code == "store.file_changed"
    (status,) = store.describe()
    assert [(item.held, item.damage and item.damage.code) for item in status.lists] == [
        (None, "store.file_changed")
    ]
    raised(store, "store.file_changed", P.full(5))
    assert sequence(store) == 5
    path.unlink()
    raised(store, "store.file_changed", P.full(6))
    assert sequence(store) == 6


def test_a_damaged_list_stays_under_a_new_bundle_and_is_told(store: Store) -> None:
    put(store, P.full(5))
    (path,) = (store.path / "yangli").glob("list-*")
    path.write_bytes(b"")
    report = store.update(named(P.bundle(2)), at=when(NOW_S))
    assert [(change.what, change.after) for change in report.changes] == [("bundle", 2)]
    # An update reads only what it needs: it tells how far the list had come.
    assert [
        (item.held and item.held.sequence, item.damage)
        for one in report.authorities
        for item in one.lists
    ] == [(5, None)]
    assert store.load()[1].find("yangli", 1) is None
    (status,) = store.describe()
    assert [item.damage and item.damage.code for item in status.lists] == ["store.file_changed"]


def test_what_was_never_read_has_no_files() -> None:
    held = Held(P.pin, (P.bundle(1),), P.make(1))
    with pytest.raises(StoreError) as caught:
        held.read(FileName.of("list", b""))
    assert caught.value.code == "store.file_changed"


def test_a_list_that_the_state_does_not_name_is_none(store: Store) -> None:
    state = disk.read_state(store.path)
    assert state is not None
    sleeper = SleepingAuthority(store.path, state.authorities[0], latest_time_s=NOW_S)
    assert sleeper.status_list(9) is None


def test_a_store_that_was_taken_away_or_holds_it_no_more_says_what_is_missing(
    store: Store,
) -> None:
    Store.init(store.path, OTHER.bundle(1), pin=OTHER.pin, at=when(NOW_S))
    state = disk.read_state(store.path)
    assert state is not None
    first, second = (
        SleepingAuthority(store.path, state.authorities[1], latest_time_s=NOW_S) for _ in range(2)
    )
    store.remove("yangli")
    with pytest.raises(StoreError) as caught:
        first.wake()
    assert caught.value.code == "store.authority_not_held"
    shutil.rmtree(store.path)
    with pytest.raises(StoreError) as caught:
        second.wake()
    assert caught.value.code == "store.file_changed"


def test_damage_that_no_updater_made_is_looked_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = (store.path / "yangli").glob("bundle-*")
    path.unlink()
    asked: list[Path] = []
    real = disk.read_state

    def counted(root: Path) -> StoreState | None:
        asked.append(root)
        return real(root)

    monkeypatch.setattr(disk, "read_state", counted)
    with pytest.raises(StoreError) as caught:
        store.load()
    assert caught.value.code == "store.file_changed"
    assert asked == [store.path] * 2  # and once more, to see whether it was replaced


def test_a_list_beyond_the_budget_is_not_taken(store: Store) -> None:
    held = Held(P.pin, (P.bundle(1),), P.make(1))
    file = read_incoming("file", P.full(5))
    for budget in (Budget(coverage=199), Budget(size=len(file.data) - 1), Budget(lists=0)):
        step = advance(held, [file], at_s=NOW_S, budget=budget)
        assert (step.held, [alarm.code for alarm in step.alarms]) == (held, ["store.over_budget"])
    step = advance(held, [file], at_s=NOW_S, budget=Budget(coverage=200, size=len(file.data)))
    assert step.alarms == ()


def test_a_description_names_lists_at_hand_and_missing(store: Store) -> None:
    (status,) = store.describe()
    assert [item.held for item in status.lists] == [None]
    put(store, P.full(2), P.rescue(NOW_S, b"a" * 16), at_s=NOW_S + 60)
    (status,) = store.describe()
    assert [item.held and item.held.sequence for item in status.lists] == [2]
    assert (status.pin, status.latest_time_s, len(status.rescues)) == (P.pin, NOW_S + 60, 1)


def test_a_list_that_was_given_up_is_told_as_missing(store: Store) -> None:
    put(store, P.full(5))
    stolen = P.bundle(2, keys=P.keys((KeyState.COMPROMISED, 2)))
    report = store.update(named(stolen), at=when(NOW_S))
    for (status,) in (report.authorities, store.describe()):
        assert [(item.held, item.damage) for item in status.lists] == [(None, None)]


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
    alarm(store, "store.forked", P.bundle(2), P.rotated(2))
    alarm(store, "store.forked", P.rotated(2), P.bundle(2))
    put(store, P.rotated(2))
    alarm(store, "store.forked", other)


def test_the_same_bundle_with_other_signatures_is_no_fork(store: Store) -> None:
    assert put(store, P.bundle(1, P.roots[1:])) == []


def test_a_bundle_signed_by_too_few_is_passed_over(store: Store) -> None:
    few = "bundle.too_few_signatures"
    assert skipped(store, P.bundle(2, P.roots[:1]), P.full(1)) == [few]
    assert skipped(store, P.bundle(2, [P.roots[0], P.roots[0]])) == [few]
    assert (version(store), sequence(store)) == (1, 1)


def test_a_bad_copy_beside_a_good_one_is_left_aside(store: Store) -> None:
    assert skipped(store, P.bundle(2, P.roots[:1]), P.bundle(2)) == ["bundle.too_few_signatures"]
    assert version(store) == 2


def test_roots_change_over_several_bundles(store: Store) -> None:
    third = [generate(ES256) for _ in range(2)]
    last = P.bundle(5, [*P.later_roots[:2], *third], roots=roots_of(third))
    assert skipped(store, last) == ["bundle.too_few_signatures"]
    between = P.bundle(4, P.later_roots[1:], roots=roots_of(P.later_roots))
    assert put(store, last, P.bundle(2), between, P.rotated(3)) == ["bundle: 1 to 5"]
    assert version(store) == 5
    # The pinned roots' bundle and one for each change of roots are needed, and no more.
    assert len([name for name in snapshot(store.path) if "bundle-" in name]) == 3
    assert skipped(store, P.bundle(6)) == ["bundle.too_few_signatures"]
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


def test_what_no_list_key_signed_is_passed_over(at_five: Store) -> None:
    stranger = generate(ES256)
    bad = bytearray(P.full(7))
    bad[-1] ^= 1
    assert skipped(at_five, bytes(bad)) == ["list.signature_bad"]
    assert skipped(at_five, P.full(7, by=stranger), P.full(6)) == ["list.signer_unknown"]
    assert skipped(at_five, P.delta(6, 9, by=stranger), P.full(7)) == ["list.signer_unknown"]
    assert sequence(at_five) == 7


def entry(epoch: int, minimum: int) -> tuple[ListEntry, ...]:
    return (ListEntry(1, epoch, minimum, "https://example.org/lists/1.cwt"),)


def test_a_list_below_the_bundles_minimum_is_refused(at_five: Store) -> None:
    error = raised(at_five, "store.below_minimum", P.bundle(2, lists=entry(0, 7)), P.full(6))
    assert [(c.what, c.before, c.after) for c in error.report.changes] == [
        ("bundle", 1, 2), ("list 1", 5, None),
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


def test_an_epoch_does_not_come_back_through_a_bundle_without_the_list(at_five: Store) -> None:
    put(at_five, P.bundle(2, lists=entry(1, 1)), P.full(1, epoch=1))
    put(at_five, P.bundle(3, lists=()))
    alarm(at_five, "store.rollback", P.bundle(4, lists=entry(0, 1)))


def test_a_list_of_a_stolen_key_is_given_up_but_not_forgotten(at_five: Store) -> None:
    put(at_five, P.bundle(2, keys=P.keys((KeyState.COMPROMISED, 2))))
    assert sequence(at_five) is None
    assert skipped(at_five, P.full(6)) == ["list.signer_unknown"]
    alarm(at_five, "store.rollback", P.full(4, by=P.spare))
    alarm(at_five, "store.forked", P.full(5, twist=1, by=P.spare))
    assert put(at_five, P.full(5, by=P.spare)) == ["list 1: None to 5"]


def test_a_list_made_before_its_key_retired_stays(at_five: Store) -> None:
    put(at_five, P.bundle(2, keys=P.keys((KeyState.RETIRED, P.list_at(5).issued_s + 1))))
    assert sequence(at_five) == 5


def test_a_list_made_after_its_key_retired_is_given_up(at_five: Store) -> None:
    put(at_five, P.bundle(2, keys=P.keys((KeyState.RETIRED, P.list_at(5).issued_s))))
    assert sequence(at_five) is None


def test_a_list_that_the_bundle_drops_is_dropped_but_not_forgotten(at_five: Store) -> None:
    put(at_five, P.bundle(2, lists=()))
    assert sequence(at_five) is None
    raised(at_five, "store.rollback", P.bundle(3), P.full(4))


# --- rescue lists -------------------------------------------------------------------------------


def test_the_latest_rescue_list_counts(store: Store) -> None:
    put(store, P.rescue(NOW_S + 9, b"b" * 16), P.rescue(NOW_S, b"a" * 16))
    (anchor,) = store.load()[0].anchors
    assert [b"b" * 16 in rescue for rescue in anchor.rescues] == [True]
    alarm(store, "store.rollback", P.rescue(NOW_S, b"a" * 16))
    alarm(store, "store.forked", P.rescue(NOW_S + 9, b"c" * 16))


def test_a_rescue_list_stays_with_a_bundle_of_the_same_roots(store: Store) -> None:
    put(store, P.rescue(NOW_S, b"a" * 16))
    put(store, P.bundle(2))
    assert len(store.load()[0].anchors[0].rescues) == 1


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
        Store.init(store.path, OTHER.bundle(1), pin=OTHER.pin, at=when(NOW_S))
    assert caught.value.code == "store.clock_behind"


@pytest.mark.parametrize(("at_s", "seen_s"), [(-100, 0), (0, 0), (NOW_S - DAY_S, NOW_S - DAY_S)])
def test_after_a_reset_the_latest_time_is_the_callers(store: Store, at_s: int, seen_s: int) -> None:
    again = Store.init(store.path, P.bundle(1), pin=P.pin, at=when(at_s), reset=True)
    assert again.load()[0].anchors[0].latest_time_s == seen_s


def test_a_state_that_can_not_be_read_is_not_reset(store: Store) -> None:
    (store.path / "state.json").unlink()
    (store.path / "state.json").mkdir()
    with pytest.raises(StoreError) as caught:
        Store.init(store.path, P.bundle(1), pin=P.pin, at=when(NOW_S), reset=True)
    assert caught.value.code == "store.not_readable"


def test_a_store_that_keeps_changing_is_read_so_many_times_and_no_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, P.full(1))
    real = disk.read_state(store.path)
    assert real is not None
    (authority,) = real.authorities
    states: list[StoreState] = []

    def changing(_: Path) -> StoreState:
        now = replace(authority, version=len(states) + 2)
        states.append(StoreState(NOW_S, (now,)))
        return states[-1]

    for path in store.path.rglob("bundle-*"):
        path.unlink()
    monkeypatch.setattr(disk, "read_state", changing)
    with pytest.raises(StoreError) as caught:
        store.load()
    assert caught.value.code == "store.file_changed"
    # After each try it looks whether the state has changed.
    assert len(states) == MAX_READ_TRIES + 1
