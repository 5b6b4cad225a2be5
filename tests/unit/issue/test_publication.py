"""States become a list and a delta; a sequence never has two contents."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import replace

import pytest
from tests.support import exampleoffice
from tests.support.exampleoffice import AT_S, DAY_S

from etitle import issue
from etitle.certificate.dates import CHINA
from etitle.errors import EtitleError, IssueError
from etitle.issue.publication import any_key
from etitle.issue.states import NEXT_STATES
from etitle.trust.delta import apply_delta, open_delta
from etitle.trust.published import KeyState, ListEntry
from etitle.trust.status import VALID
from etitle.trust.statuslist import open_list

BUNDLE = exampleoffice.bundle()
AT = datetime.datetime.fromtimestamp(AT_S, CHINA)
DAY = datetime.timedelta(days=1)
LIST_KEY = exampleoffice.signer("list-1")
VOID = issue.IndexState(1, issue.StatusKind.VOIDED, AT.date())


def publish(
    states: Iterable[issue.IndexState] = (),
    *,
    previous: bytes | None = None,
    at: datetime.datetime = AT,
    bundle: issue.Bundle = BUNDLE,
    list_id: int = 1,
    coverage: int = 3,
    signer: issue.Signer = LIST_KEY,
) -> issue.SignedList:
    return issue.publish_list(
        states,
        bundle=bundle,
        list_id=list_id,
        coverage=coverage,
        previous=previous,
        signer=signer,
        at=at,
    )


def refused(
    states: Iterable[issue.IndexState] = (),
    *,
    previous: bytes | None = None,
    at: datetime.datetime = AT,
    bundle: issue.Bundle = BUNDLE,
    list_id: int = 1,
    coverage: int = 3,
    signer: issue.Signer = LIST_KEY,
) -> str:
    with pytest.raises(EtitleError) as caught:
        publish(
            states,
            previous=previous,
            at=at,
            bundle=bundle,
            list_id=list_id,
            coverage=coverage,
            signer=signer,
        )
    assert "?" not in caught.value.what("zh") + caught.value.what("en")
    return caught.value.code


def test_the_first_list_says_every_state() -> None:
    superseded = issue.IndexState(0, issue.StatusKind.SUPERSEDED, AT.date(), "4501000000002")
    done = publish([VOID, superseded])
    opened = open_list(done.signed, authority_id="sample", keys=any_key(BUNDLE))
    assert opened == done.content
    assert opened.table.look_up(0).successor == "4501000000002"
    assert opened.table.look_up(1).kind is issue.StatusKind.VOIDED
    assert opened.table.look_up(2) == VALID
    assert (done.sequence, done.coverage, done.delta, done.changes) == (1, 3, None, None)
    assert done.next_update == AT + 7 * DAY


def test_a_delta_leads_from_each_list_to_the_next() -> None:
    first = publish()
    second = publish([VOID], previous=first.signed, at=AT + DAY, coverage=4)
    assert second.delta is not None
    assert (second.sequence, second.changes, second.is_repeated) == (2, 1, False)
    delta = open_delta(second.delta, authority_id="sample", keys=any_key(BUNDLE))
    assert apply_delta(first.content, delta) == second.content


def test_the_same_call_gives_the_same_list() -> None:
    first = publish([VOID])
    again = publish([VOID], previous=first.signed)
    assert (again.signed, again.delta, again.is_repeated) == (first.signed, None, True)


def test_no_sequence_has_two_contents() -> None:
    first = publish()
    assert refused([VOID], previous=first.signed) == "issue.published_already"
    assert refused(previous=first.signed, at=AT - DAY) == "issue.time_backwards_list"
    assert refused(previous=first.signed, at=AT + DAY, coverage=2) == "issue.coverage_refused"


def test_a_new_epoch_begins_at_one_again() -> None:
    first = publish()
    lists = tuple(replace(entry, epoch=entry.epoch + 1) for entry in BUNDLE.lists)
    done = publish(previous=first.signed, bundle=replace(BUNDLE, lists=lists), at=AT + DAY)
    assert (done.sequence, done.delta) == (1, None)


def test_the_list_of_another_id_is_not_continued() -> None:
    second = ListEntry(2, 1, 0, "https://zc.sample.cn/lists/2.cwt")
    bundle = replace(BUNDLE, lists=(*BUNDLE.lists, second))
    first = publish(bundle=bundle, list_id=2)
    assert refused(previous=first.signed, bundle=bundle, at=AT + DAY) == "issue.previous_unreadable"


def test_a_minimum_is_kept() -> None:
    first = publish()
    lists = tuple(replace(entry, minimum_sequence=9) for entry in BUNDLE.lists)
    bundle = replace(BUNDLE, lists=lists)
    assert refused(previous=first.signed, bundle=bundle, at=AT + DAY) == "issue.below_minimum"
    assert refused(bundle=bundle) == "issue.below_minimum"


def test_states_that_no_list_has_are_refused() -> None:
    assert refused([VOID, VOID]) == "issue.index_twice"
    assert refused([replace(VOID, index=3)]) == "issue.coverage_refused"
    assert refused([replace(VOID, since=datetime.date(2019, 12, 31))]) == "list.entry_refused"
    assert refused([replace(VOID, successor="4501000000002")]) == "list.entry_refused"
    assert refused(list_id=9) == "issue.list_not_in_bundle"
    assert refused(coverage=-1) == "issue.coverage_refused"
    assert refused(coverage=(1 << 27) + 1) == "issue.coverage_refused"


@pytest.mark.parametrize("previous", [b"", b"<html>", "cut"])
def test_a_list_before_that_is_damaged_is_not_left_aside(previous: bytes | str) -> None:
    if isinstance(previous, str):
        previous = publish().signed[:-3]
    with pytest.raises(IssueError) as caught:
        publish(previous=previous, at=AT + DAY)
    assert caught.value.code == "issue.previous_unreadable"
    assert "cose." not in caught.value.what("en") + caught.value.what("zh")
    assert "canon." not in caught.value.what("en") + caught.value.what("zh")


FINAL = sorted(set(issue.StatusKind) - {issue.StatusKind.VALID, issue.StatusKind.SUSPENDED})


def state(kind: issue.StatusKind, at: datetime.datetime = AT) -> issue.IndexState:
    successor = "4501000000009" if kind is issue.StatusKind.SUPERSEDED else None
    return issue.IndexState(1, kind, at.date(), successor)


@pytest.mark.parametrize("kind", FINAL)
def test_a_final_state_is_never_taken_back(kind: issue.StatusKind) -> None:
    first = publish([state(kind)])
    assert refused([], previous=first.signed, at=AT + DAY) == "issue.state_lost"
    for other in set(issue.StatusKind) - {issue.StatusKind.VALID, kind}:
        after = [state(other, AT + DAY)]
        if other in NEXT_STATES[kind]:
            assert publish(after, previous=first.signed, at=AT + DAY).changes == 1
        else:
            assert refused(after, previous=first.signed, at=AT + DAY) == "issue.state_lost"
    kept = publish([state(kind)], previous=first.signed, at=AT + DAY)
    assert kept.changes == 0


def test_a_suspension_may_end_in_any_state() -> None:
    first = publish([state(issue.StatusKind.SUSPENDED)])
    assert publish([], previous=first.signed, at=AT + DAY).changes == 1
    for kind in FINAL:
        after = publish([state(kind, AT + DAY)], previous=first.signed, at=AT + DAY)
        assert after.changes == 1


def test_a_change_of_tomorrow_is_refused() -> None:
    assert refused([replace(VOID, since=(AT + DAY).date())]) == "issue.since_in_future"
    assert publish([VOID]).sequence == 1


def test_a_key_that_signs_no_lists_now_is_refused() -> None:
    assert refused(signer=exampleoffice.signer("token-1")) == "issue.key_not_in_bundle"
    retired = tuple(
        replace(key, history=(*key.history, (KeyState.RETIRED, AT_S - DAY_S)))
        for key in BUNDLE.keys
    )
    assert refused(bundle=replace(BUNDLE, keys=retired)) == "issue.key_not_active"
    ended = tuple(replace(key, not_after=key.not_before) for key in BUNDLE.keys)
    assert refused(bundle=replace(BUNDLE, keys=ended)) == "issue.list_key_window"


def test_a_time_without_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="time zone"):
        publish(at=AT.replace(tzinfo=None))


def test_a_chain_of_bundles_ends_in_the_one_in_force() -> None:
    second = exampleoffice.bundle(version=2, at_s=AT_S + DAY_S)
    chain = [exampleoffice.signed(BUNDLE), exampleoffice.signed(second)]
    assert issue.open_bundle_chain(chain) == second
    with pytest.raises(EtitleError) as caught:
        issue.open_bundle_chain([])
    assert caught.value.code == "issue.no_bundle"
    assert issue.fingerprint_text(second).startswith("样例 / EXAMPLE\n")


def test_every_state_has_a_label_and_every_reason_a_state() -> None:
    assert set(issue.status_labels()) == set(issue.StatusKind) == set(NEXT_STATES)
    assert issue.next_states(issue.StatusKind.SUPERSEDED) == frozenset()
    for reason in issue.status_reasons().values():
        assert reason.zh
        assert reason.en
        assert (reason.kind is None) == (reason.code in {"R06", "R07"}), reason


@pytest.mark.parametrize(
    "lifetime",
    [
        datetime.timedelta(0),
        datetime.timedelta(seconds=-1),
        datetime.timedelta(days=-7),
        datetime.timedelta(milliseconds=500),
        datetime.timedelta(seconds=60, microseconds=1),
    ],
)
def test_a_lifetime_is_whole_seconds_and_more_than_none(lifetime: datetime.timedelta) -> None:
    with pytest.raises(EtitleError) as caught:
        issue.publish_list(
            (), bundle=BUNDLE, list_id=1, coverage=3, previous=None, signer=LIST_KEY, at=AT,
            lifetime=lifetime,
        )  # fmt: skip
    assert caught.value.code == "issue.lifetime_refused"
