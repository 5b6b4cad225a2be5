"""One authority's update: what is accepted, given up, left aside, or an alarm (clause 7.3)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.publisher import NOW_S, P, roots_of

from etitle.errors import EtitleError
from etitle.store.held import Held
from etitle.store.incoming import read_incoming
from etitle.store.update import Advance, advance
from etitle.trust.bundle import KeyState, ListEntry

START = Held(P.pin, (P.bundle(1),), P.make(1))
TWO_LISTS = (
    ListEntry(1, 0, 1, "https://example.org/1"),
    ListEntry(2, 0, 1, "https://example.org/2"),
)


def step(held: Held, *files: bytes) -> Advance:
    return advance(held, [read_incoming(f"file {n}", data) for n, data in enumerate(files)])


def after(*files: bytes) -> Held:
    return step(START, *files).held


def told(advanced: Advance) -> list[tuple[str, int | None, int | None]]:
    assert {change.authority_id for change in advanced.changes} <= {"yangli"}
    return [(change.what, change.before, change.after) for change in advanced.changes]


def aside(advanced: Advance) -> dict[str, str]:
    return {item.name: item.code for item in advanced.skipped}


def alarm(held: Held, *files: bytes) -> EtitleError:
    with pytest.raises(EtitleError) as caught:
        step(held, *files)
    return caught.value


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


def test_the_bundle_that_claims_the_greatest_version_must_be_believable() -> None:
    unsigned = P.bundle(4, P.roots[:1])
    assert alarm(START, P.bundle(2), unsigned).code == "bundle.too_few_signatures"
    advanced = step(START, P.bundle(5), unsigned)
    assert told(advanced) == [("bundle", 1, 5)]
    assert aside(advanced) == {"file 1": "bundle.too_few_signatures"}


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
    assert (advanced.held.lists[0].current is not None) is kept
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
    assert (change.before, change.after) == (NOW_S, NOW_S + 1)
    assert change.what == f"rescue {P.seal.public.thumbprint.hex()[:8]}"
    assert alarm(after(early), P.rescue(NOW_S, b"c" * 16)).code == "store.forked"
    assert step(after(late), late).changes == ()


def test_a_rescue_list_that_the_roots_did_not_sign_is_left_aside() -> None:
    advanced = step(START, P.rescue(NOW_S, b"a" * 16, by=P.roots[:1]))
    assert advanced.held.rescues == ()
    assert aside(advanced) == {"file 0": "bundle.too_few_signatures"}


def test_new_roots_give_up_the_rescue_lists_of_the_old() -> None:
    assert step(after(P.rescue(NOW_S, b"a" * 16)), P.rotated(2)).held.rescues == ()


def test_what_a_new_bundle_allows_is_accepted_in_the_same_step() -> None:
    two = P.bundle(2, lists=TWO_LISTS)
    advanced = step(START, P.full(2), P.rescue(NOW_S), two)
    assert [what for what, _, _ in told(advanced)][:2] == ["bundle", "list 1"]


def test_failing_list_files_are_named() -> None:
    forged = P.delta(1, 2)[:-1] + b"\0"
    advanced = step(START, P.full(3), forged)
    assert aside(advanced) == {"file 1": "list.signature_bad"}
    assert told(advanced) == [("list 1", None, 3)]
