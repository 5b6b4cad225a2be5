"""One authority's update: what is accepted, given up, left aside, or an alarm (clause 7.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.support.publisher import DAY_S, NOW_S, P, roots_of

from etitle import canon, cose
from etitle.errors import EtitleError
from etitle.keys.signer import generate
from etitle.keys.suite import ES256
from etitle.store.budget import Budget
from etitle.store.held import Held, HeldList
from etitle.store.incoming import read_incoming
from etitle.store.update import Advance, advance
from etitle.trust.bundle import KeyState, ListEntry, encode_bundle
from etitle.trust.roots import BUNDLE_TYP, sign_bundle
from etitle.trust.status import StatusTable
from etitle.trust.statuslist import sign_list

START = Held(P.pin, (P.bundle(1),), P.make(1))
TWO_LISTS = (
    ListEntry(1, 0, 1, "https://example.org/1"),
    ListEntry(2, 0, 1, "https://example.org/2"),
)


def step(held: Held, *files: bytes, budget: Budget = Budget()) -> Advance:  # noqa: B008
    incoming = [read_incoming(f"file {n}", data) for n, data in enumerate(files)]
    return advance(held, incoming, at_s=NOW_S + DAY_S, budget=budget)


def after(*files: bytes) -> Held:
    return step(START, *files).held


def told(advanced: Advance) -> list[tuple[str, int | None, int | None]]:
    assert {change.authority_id for change in advanced.changes} <= {"yangli"}
    return [(change.what, change.before, change.after) for change in advanced.changes]


def aside(advanced: Advance) -> dict[str, str]:
    return {item.name: item.code for item in advanced.skipped}


def alarm(held: Held, *files: bytes) -> EtitleError:
    """The one alarm of an update; what it is about is as it was."""
    advanced = step(held, *files)
    (found,) = advanced.alarms
    assert advanced.held == held
    return found


def test_a_bundle_that_is_an_alarm_is_left_aside_by_name() -> None:
    advanced = step(START, P.bundle(2), P.bundle(2, example=False))
    assert set(aside(advanced).values()) == {"store.forked"}


def test_who_follows_a_thief_of_changed_roots_is_told() -> None:
    captured = after(P.bundle(9))
    honest = [P.bundle(1), P.rotated(3), *(P.bundle(n, P.later_roots, **LATER) for n in (4, 10))]
    assert alarm(captured, *honest).code == "store.forked"
    assert alarm(captured, P.rotated(3)).code == "store.forked"
    assert step(captured, P.bundle(1), P.bundle(3, [P.roots[0], *P.later_roots], **LATER)).held == (
        captured
    )


def test_roots_that_came_back_are_no_second_way() -> None:
    third = [generate(ES256) for _ in range(2)]
    two = [P.rotated(3), P.bundle(4, [*P.later_roots[:2], *P.roots[:2]])]
    three = [
        P.rotated(3),
        P.bundle(4, [*P.later_roots[:2], *third], roots=roots_of(third)),
        P.bundle(5, [*third, *P.roots[:2]]),
    ]
    for bundles in (two, three):
        held = Held(P.pin, (P.bundle(6),), P.make(6))
        assert after(*bundles, P.bundle(6)).bundle == held.bundle
        assert step(held, P.bundle(1), *bundles, P.bundle(6)) == Advance(held, (), ())
        assert alarm(held, *bundles[:1]).code == "store.forked"


def test_a_file_that_claims_the_version_of_a_change_of_roots_is_left_aside() -> None:
    held = after(P.rotated(2))
    claims = {1: {1: "yangli"}, 2: 2}
    file = cose.sign(canon.encode(claims), signers=(), typ=BUNDLE_TYP).to_bytes()
    advanced = step(held, file, P.full(3), P.bundle(3, P.later_roots, **LATER))
    assert told(advanced) == [("bundle", 2, 3), ("list 1", None, 3)]
    assert (aside(advanced), advanced.alarms) == ({"file 0": "bundle.malformed"}, ())


def test_a_file_that_claims_other_roots_before_the_bundle_held_is_no_second_way() -> None:
    held = after(P.bundle(3))
    claims = {1: {1: "yangli"}, 2: 2, 6: {1: 1, 2: []}}
    file = cose.sign(canon.encode(claims), signers=(), typ=BUNDLE_TYP).to_bytes()
    advanced = step(held, file, P.bundle(4))
    assert (advanced.held.bundle.version, advanced.alarms) == (4, ())


def test_the_roots_before_the_former_ones_say_nothing_of_a_change() -> None:
    third = [generate(ES256) for _ in range(2)]
    change = P.bundle(3, [*P.later_roots[:2], *third], roots=roots_of(third))
    held = after(P.rotated(2), change)
    assert held.bundle.version == 3
    advanced = step(held, P.bundle(3, [*P.roots[:2], *THIEF], **STOLEN))
    assert (advanced.held, advanced.alarms) == (held, ())
    assert aside(advanced) == {"file 0": "bundle.too_few_signatures"}


def test_nothing_received_changes_nothing() -> None:
    assert step(START) == Advance(START, (), ())


def test_bundles_are_taken_in_ascending_version_whatever_their_order() -> None:
    later = P.bundle(4, P.later_roots, roots=roots_of(P.later_roots))
    assert told(step(START, later, P.rotated(3), P.bundle(2))) == [("bundle", 1, 4)]


def test_the_rollback_alarm_names_the_newest_bundle_received() -> None:
    error = alarm(after(P.bundle(5)), P.bundle(2), P.bundle(4), P.bundle(3))
    assert error.code == "store.rollback"
    assert error.details == {"authority": "yangli", "what": "bundle", "given": 4, "held": 5}


def test_older_bundles_beside_the_held_one_are_history() -> None:
    held = after(P.bundle(3))
    assert step(held, P.bundle(1), P.bundle(2), P.bundle(3)) == Advance(held, (), ())


def test_the_same_bundle_endorsed_by_others_is_no_change() -> None:
    assert step(START, P.bundle(1, P.roots[1:])) == Advance(START, (), ())


@pytest.mark.parametrize("version", [1, 2])
def test_two_contents_of_one_version_are_a_fork(version: int) -> None:
    error = alarm(START, P.bundle(version), P.bundle(version, example=False))
    assert (error.code, error.details["number"]) == ("store.forked", version)


THIEF = [generate(ES256) for _ in range(2)]
STOLEN = {"roots": roots_of(THIEF)}
LATER = {"roots": roots_of(P.later_roots)}


def test_roots_that_were_changed_can_not_stop_those_that_follow() -> None:
    held = after(P.rotated(2))
    forged = P.bundle(2, [*P.roots[:2], *THIEF], **STOLEN)
    next_one = P.bundle(3, P.later_roots, roots=roots_of(P.later_roots))
    advanced = step(held, forged, next_one)
    assert told(advanced) == [("bundle", 2, 3)]
    assert [alarm.code for alarm in advanced.alarms] == ["store.forked"]
    assert aside(advanced) == {"file 0": "store.forked"}
    # What the roots in force signed themselves is another matter.
    twice = P.bundle(
        2, P.later_roots, roots=roots_of(P.later_roots), url_template="https://x/{number}"
    )
    assert alarm(held, twice, next_one).code == "store.forked"
    signers = [*P.roots[:2], *P.later_roots[:2]]
    by_all = P.bundle(2, signers, roots=roots_of(P.later_roots), url_template="https://x/{number}")
    assert alarm(held, by_all, next_one).code == "store.forked"


@pytest.mark.parametrize("version", [2, 3, 4])
def test_two_ways_that_lead_on_from_one_root_set_are_a_fork(version: int) -> None:
    forged = P.bundle(version, [*P.roots[:2], *THIEF], **STOLEN)
    assert alarm(START, forged, P.rotated(3)).code == "store.forked"


def test_a_bundle_that_leads_nowhere_is_no_second_way() -> None:
    by_itself = P.bundle(4, THIEF, **STOLEN)
    few = P.bundle(5, [P.roots[0], *THIEF], **STOLEN)
    advanced = step(START, P.rotated(3), by_itself, few, P.bundle(6, P.roots[:1]))
    assert told(advanced) == [("bundle", 1, 3)]
    assert advanced.alarms == ()
    malformed = replace(read_incoming("file", P.bundle(7)), data=b"")
    files = [read_incoming("x", P.rotated(3)), malformed]
    assert advance(START, files, at_s=NOW_S).alarms == ()


@pytest.mark.parametrize("version", [2, 5])
def test_a_bundle_that_too_few_signed_is_passed_over_by_name(version: int) -> None:
    unsigned = P.bundle(4, P.roots[:1])
    advanced = step(START, P.bundle(version), unsigned)
    assert told(advanced) == [("bundle", 1, version)]
    assert aside(advanced) == {"file 1": "bundle.too_few_signatures"}
    assert advanced.alarms == ()


def test_an_older_bundle_that_nobody_signed_is_no_rollback() -> None:
    held = after(P.bundle(5))
    for forged in (P.bundle(2, P.roots[:1]), P.bundle(2)[:-1] + b"\0"):
        assert step(held, forged) == Advance(held, (), ())
    malformed = read_incoming("file", P.bundle(2))
    malformed = replace(malformed, data=b"", end=2)
    assert advance(held, [malformed], at_s=NOW_S) == Advance(held, (), ())


def test_a_bundle_that_was_issued_before_the_one_in_force_is_a_rollback() -> None:
    backwards = sign_bundle(
        replace(P.make(3), issued_s=P.make(1).issued_s - 1), signers=P.roots[:2]
    )
    error = alarm(START, backwards)
    assert (error.code, error.details["what"]) == ("store.rollback", "bundle, issue time")


def test_one_bundle_is_kept_for_each_change_of_roots() -> None:
    second, third, rotated = P.bundle(2), P.bundle(3), P.rotated(4)
    assert after(second, third).chain == (third,)
    assert after(second, third, rotated).chain == (third, rotated)


def test_a_list_of_a_withdrawn_key_is_given_up_and_its_mark_is_kept() -> None:
    held = after(P.full(3))
    stolen = P.bundle(2, keys=P.keys((KeyState.COMPROMISED, 2)))
    advanced = step(held, stolen)
    assert told(advanced) == [("bundle", 1, 2), ("list 1", 3, None)]
    [given_up] = advanced.held.lists
    assert isinstance(given_up, HeldList)
    assert (given_up.sequence, given_up.current, given_up.files) == (3, None, ())
    assert alarm(advanced.held, P.full(2, by=P.spare)).code == "store.rollback"
    assert told(step(advanced.held, P.full(4, by=P.spare))) == [("list 1", None, 4)]


@pytest.mark.parametrize(
    ("entry", "kept"),
    [
        (ListEntry(1, 0, 3, "https://example.org/1"), True),
        (ListEntry(1, 0, 4, "https://example.org/1"), False),
        (ListEntry(1, 1, 1, "https://example.org/1"), False),
        (ListEntry(2, 0, 1, "https://example.org/2"), False),
    ],
    ids=["at the minimum", "below the minimum", "a later epoch", "no longer named"],
)
def test_a_bundle_decides_which_held_lists_stand(entry: ListEntry, *, kept: bool) -> None:
    advanced = step(after(P.full(3)), P.bundle(2, lists=(entry,)))
    assert advanced.held.lists[0].is_believed is kept
    assert advanced.held.lists[0].sequence == 3


def test_a_bundle_of_an_earlier_epoch_is_a_rollback() -> None:
    second = (replace(P.base.lists[0], epoch=1),)
    held = step(after(P.bundle(2, lists=second)), P.full(1, epoch=1)).held
    error = alarm(held, P.bundle(3))
    assert error.code == "store.rollback"
    assert error.details == {
        "authority": "yangli", "what": "list 1, epoch", "given": 0, "held": 1,
    }  # fmt: skip


def test_a_new_epoch_is_a_change_even_at_the_same_sequence() -> None:
    second = (replace(P.base.lists[0], epoch=1),)
    advanced = step(after(P.full(1)), P.bundle(2, lists=second), P.full(1, epoch=1))
    assert told(advanced) == [("bundle", 1, 2), ("list 1", 1, 1)]


def test_lists_beside_one_of_a_new_epoch_are_not_reported() -> None:
    held = after(P.full(1))
    [one] = held.lists
    two = replace(one, list_id=2, epoch=5)
    both = replace(held, lists=(one, two), bundle=P.make(1, lists=TWO_LISTS))
    # List 2 is of another epoch than list 1, but neither has changed.
    assert step(both).changes == ()


def test_files_of_an_unknown_list_are_left_aside() -> None:
    other = (ListEntry(2, 0, 1, "https://example.org/2"),)
    advanced = step(START, P.bundle(2, lists=other), P.full(3), P.delta(1, 2))
    assert aside(advanced) == {"file 1": "store.list_unknown", "file 2": "store.list_unknown"}


def test_the_latest_rescue_list_of_a_key_counts() -> None:
    early, late = P.rescue(NOW_S, b"a" * 16), P.rescue(NOW_S + 1, b"b" * 16)
    for files in ((early, late), (late, early)):
        [(data, rescue)] = after(*files).rescues
        assert (data, rescue.issued_s) == (late, NOW_S + 1)
    [change] = step(after(early), late).changes
    assert (change.before, change.after) == (1, 2)
    assert change.what == f"rescue {P.seal.public.thumbprint.hex()[:8]}"
    assert alarm(after(early), P.rescue(NOW_S, b"c" * 16)).code == "store.forked"
    assert step(after(late), late).changes == ()
    by_others = P.rescue(NOW_S + 1, b"b" * 16, by=P.roots[1:])
    assert step(after(late), by_others) == Advance(after(late), (), ())
    assert step(after(late), early, late).changes == ()
    error = alarm(after(late), early)
    assert (error.code, error.details["given"], error.details["held"]) == ("store.rollback", 1, 2)


def test_a_rescue_list_that_the_roots_did_not_sign_is_left_aside() -> None:
    advanced = step(START, P.rescue(NOW_S, b"a" * 16, by=P.roots[:1]))
    assert advanced.held.rescues == ()
    assert aside(advanced) == {"file 0": "bundle.too_few_signatures"}


def test_new_roots_give_up_the_rescue_lists_of_the_old() -> None:
    held = step(after(P.rescue(NOW_S + 4, b"a" * 16)), P.rotated(2)).held
    assert held.rescues == ()
    # How far they came is not forgotten, and the same list by the new roots comes back.
    assert alarm(held, P.rescue(NOW_S, by=P.later_roots)).code == "store.rollback"
    assert alarm(held, P.rescue(NOW_S + 4, by=P.later_roots)).code == "store.forked"
    again = step(held, P.rescue(NOW_S + 4, b"a" * 16, by=P.later_roots)).held
    assert [rescue.number for _, rescue in again.rescues] == [5]


def test_what_a_new_bundle_allows_is_accepted_in_the_same_step() -> None:
    two = P.bundle(2, lists=TWO_LISTS)
    advanced = step(START, P.full(2), P.rescue(NOW_S), two)
    assert [what for what, _, _ in told(advanced)][:2] == ["bundle", "list 1"]


def test_a_list_that_there_is_no_room_for_stops_no_other() -> None:
    held = replace(after(P.full(1)), bundle=P.make(1, lists=TWO_LISTS))
    table = StatusTable.from_entries(list_id=2, epoch=0, coverage=1, entries={})
    second = sign_list(replace(P.list_at(1), table=table), signer=P.seal)
    assert told(step(held, second, P.full(2))) == [("list 1", 1, 2), ("list 2", None, 1)]
    advanced = step(held, second, P.full(2), budget=Budget(lists=1))
    [error] = advanced.alarms
    assert error.code == "store.over_budget"
    assert error.details == {"authority": "yangli", "what": "list 2"}
    assert told(advanced) == [("list 1", 1, 2)]


def test_what_lists_are_held_takes_just_its_own_room() -> None:
    held = replace(after(P.full(1)), bundle=P.make(1, lists=TWO_LISTS))
    table = StatusTable.from_entries(list_id=2, epoch=0, coverage=1, entries={})
    second = sign_list(replace(P.list_at(1), table=table), signer=P.seal)
    size = len(P.full(1)) + len(second)
    for files in ((second,), (P.full(1), second), (second, P.full(1))):
        assert step(held, *files, budget=Budget(coverage=201, size=size)).alarms == ()
        for short in (Budget(coverage=200), Budget(size=size - 1)):
            [error] = step(held, *files, budget=short).alarms
            assert error.code == "store.over_budget"
    both = step(held, second).held
    room = Budget(coverage=201, size=len(P.full(2)) + len(second))
    assert step(both, P.full(2), budget=room).alarms == ()


def test_failing_list_files_are_named() -> None:
    forged = P.delta(1, 2)[:-1] + b"\0"
    advanced = step(START, P.full(3), forged)
    assert aside(advanced) == {"file 1": "list.signature_bad"}
    assert told(advanced) == [("list 1", None, 3)]


def newer(version: int, **more: object) -> bytes:
    """A bundle with a key of a suite to come and an entry that may be ignored (5.11, 5.12)."""
    tree: Any = canon.decode(encode_bundle(P.make(version)), max_bytes=1 << 20)
    key = {**tree[7][0], 1: {1: 2, 3: -70_001}, 2: None}
    keys = sorted([*tree[7], key], key=lambda item: canon.encode(item[1]))
    payload = canon.encode({**tree, 7: keys, -1: more.get("ignored", 0)})
    return cose.sign(payload, signers=P.roots[:2], typ=BUNDLE_TYP).to_bytes()


def test_a_bundle_of_tomorrow_is_held_and_followed() -> None:
    held = after(newer(2))
    assert len(held.bundle.unknown_keys) == 1
    assert step(held, newer(2)) == Advance(held, (), ())
    assert told(step(held, newer(2), P.bundle(3))) == [("bundle", 2, 3)]
    assert alarm(held, newer(2, ignored=1)).code == "store.forked"
