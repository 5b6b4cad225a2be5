"""How far received files bring one list (docs/spec clauses 6.7 to 6.9 and 7.3)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest
from tests.support.publisher import DAY_S, NOW_S, P

from etitle import canon, cose
from etitle.certificate.dates import china_day, china_midnight
from etitle.errors import EtitleError
from etitle.store import lineage
from etitle.store.held import HeldList, mark_alone
from etitle.store.incoming import IncomingFile, read_incoming
from etitle.store.lineage import Extension, Link, extend, plan
from etitle.trust.anchors import CLOCK_SKEW_S
from etitle.trust.bundle import KeyFinder, KeyState, ListEntry, list_keys
from etitle.trust.delta import DELTA_TYP, make_delta, sign_delta
from etitle.trust.status import StatusEntry, StatusKind, StatusTable
from etitle.trust.statuslist import LIST_TYP, sign_list

KEYS = list_keys(P.make(1))
ENTRY = ListEntry(1, 0, 1, "https://example.org/lists/1.cwt")
WRONG_HASH = bytes(32)


def received(*files: bytes) -> list[IncomingFile]:
    return [read_incoming(f"file {number}", data) for number, data in enumerate(files)]


def extended(
    held: HeldList | None, *files: bytes, entry: ListEntry = ENTRY, keys: KeyFinder = KEYS
) -> Extension:
    return extend(held, received(*files), entry=entry, authority_id="yangli", keys=keys, at_s=NOW_S)


def reach(held: HeldList | None, *files: bytes, entry: ListEntry = ENTRY) -> HeldList:
    extension = extended(held, *files, entry=entry)
    assert extension.held is not None
    assert extension.alarms == ()
    return extension.held


def held_at(sequence: int) -> HeldList:
    return reach(None, P.full(sequence))


def refused(held: HeldList | None, *files: bytes, entry: ListEntry = ENTRY) -> EtitleError:
    """The one alarm; the list is as it was."""
    extension = extended(held, *files, entry=entry)
    (alarm,) = extension.alarms
    assert extension.held == held
    return alarm


def failures(extension: Extension) -> dict[str, str]:
    return {file.name: error.code for file, error in extension.failures.items()}


def tampered(data: bytes) -> bytes:
    return data[:-1] + bytes((data[-1] ^ 1,))


FULL_1, FULL_2, FULL_3, FULL_5 = P.full(1), P.full(2), P.full(3), P.full(5)
D12, D13, D23, D34, D35, D45 = (
    P.delta(base, end) for base, end in ((1, 2), (1, 3), (2, 3), (3, 4), (3, 5), (4, 5))
)


# --- the furthest version -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "kept"),
    [
        ([FULL_1], [FULL_1]),
        ([FULL_3, FULL_1, FULL_5, FULL_2], [FULL_5]),
        ([FULL_1, D12], [FULL_1, D12]),
        ([FULL_1, D12, D23, D34, D45], [FULL_1, D12, D23, D34, D45]),
        ([D45, D23, D34, FULL_1, D12], [FULL_1, D12, D23, D34, D45]),
        ([FULL_1, D12, D23, D13], [FULL_1, D13]),
        ([FULL_1, D13, D12, D23], [FULL_1, D13]),
        ([FULL_1, D12, D13, D34, D45, D35], [FULL_1, D13, D35]),
        ([FULL_1, D13, FULL_3], [FULL_3]),
        ([FULL_3, FULL_1, D13, D34], [FULL_3, D34]),
        ([FULL_3, D35, FULL_1], [FULL_3, D35]),
        ([FULL_3, D35, FULL_5], [FULL_5]),
    ],
    ids=[
        "one full list",
        "the latest of several full lists",
        "a delta after it",
        "several deltas",
        "in any order",
        "a delta that spans further",
        "a delta that spans further, first",
        "the fewest of several ways",
        "a full list for a chain to the same version",
        "a full list for a chain to an earlier version",
        "a delta beyond every full list",
        "a full list beyond the deltas",
    ],
)
def test_the_furthest_version_is_built_from_the_fewest_files(
    files: Sequence[bytes], kept: Sequence[bytes]
) -> None:
    reached = reach(None, *files)
    assert list(reached.files) == list(kept)
    assert reached.current is not None
    assert reached.current.sequence == reached.sequence
    assert reached.current.table == P.table(reached.sequence)
    assert reached.state_hash == P.table(reached.sequence).state_hash()
    assert (reached.list_id, reached.epoch) == (1, 0)


@pytest.mark.parametrize(
    ("files", "kept"),
    [
        ([FULL_3], [FULL_3]),
        ([D34], [FULL_3, D34]),
        ([D34, D45], [FULL_3, D34, D45]),
        ([FULL_1, D12, D23, D34], [FULL_3, D34]),
        ([FULL_5], [FULL_5]),
    ],
    ids=["the same list", "a delta", "deltas", "history beside a delta", "a later full list"],
)
def test_what_is_held_is_continued(files: Sequence[bytes], kept: Sequence[bytes]) -> None:
    assert list(reach(held_at(3), *files).files) == list(kept)


def test_a_chain_that_is_held_gives_way_only_to_something_later() -> None:
    held = reach(None, FULL_1, D13)
    # What is held needs two files, the full list one; but it brings nothing new.
    assert reach(held, FULL_3) == held
    assert reach(held, FULL_5).files == (FULL_5,)


# --- rollback, epoch and minimum ----------------------------------------------------------------


def test_files_that_all_lie_behind_what_is_held_are_a_rollback() -> None:
    error = refused(held_at(3), FULL_1, D12)
    assert error.code == "store.rollback"
    assert error.details == {"authority": "yangli", "what": "list 1", "given": 2, "held": 3}


def test_an_epoch_beyond_the_bundles_is_an_alarm_and_what_lies_beside_it_counts() -> None:
    extension = extended(held_at(3), P.full(1, epoch=1), FULL_5)
    (error,) = extension.alarms
    assert error.code == "store.epoch_ahead"
    assert error.details == {"authority": "yangli", "what": "list 1", "epoch": 0}
    assert extension.held is not None
    assert extension.held.sequence == 5
    assert failures(extension) == {"file 0": "store.epoch_ahead"}


def test_an_epoch_beyond_the_bundles_that_nobody_signed_is_no_alarm() -> None:
    assert extended(held_at(3), tampered(P.full(1, epoch=1))).alarms == ()


def test_a_list_made_in_the_future_is_passed_over_by_name() -> None:
    late = replace(P.list_at(4), issued_s=NOW_S + CLOCK_SKEW_S + 1)
    extension = extended(held_at(3), sign_list(late, signer=P.seal))
    assert failures(extension) == {"file 0": "store.list_in_future"}
    assert (extension.held, extension.alarms) == (held_at(3), ())
    just = replace(P.list_at(4), issued_s=NOW_S + CLOCK_SKEW_S)
    assert reach(held_at(3), sign_list(just, signer=P.seal)).sequence == 4


# --- what no later list of an epoch does --------------------------------------------------------


def later(**changes: object) -> bytes:
    return sign_list(replace(P.list_at(5), **changes), signer=P.seal)  # type: ignore[arg-type]


def test_a_list_that_was_issued_before_the_held_one_is_an_alarm() -> None:
    backwards = later(issued_s=P.list_at(3).issued_s - 1)
    assert refused(held_at(3), backwards).code == "store.list_backwards"
    assert reach(held_at(3), later(issued_s=P.list_at(3).issued_s)).sequence == 5


def test_a_list_that_covers_less_than_the_held_one_is_an_alarm() -> None:
    table = StatusTable.from_entries(
        list_id=1, epoch=0, coverage=199, entries={n: P.table(3).look_up(n) for n in (0, 3, 6)}
    )
    assert refused(held_at(3), later(table=table)).code == "store.list_backwards"


@pytest.mark.parametrize("kind", [StatusKind.VALID, StatusKind.SUSPENDED])
def test_a_list_or_delta_that_takes_a_final_state_back_is_an_alarm(kind: StatusKind) -> None:
    day = None if kind is StatusKind.VALID else 20454
    lifted = replace(
        P.list_at(4), table=P.table(3).changed({3: StatusEntry(kind, day)}, coverage=200)
    )
    for data in (
        sign_list(lifted, signer=P.seal),
        sign_delta(make_delta(P.list_at(3), lifted), signer=P.seal),
    ):
        error = refused(held_at(3), data)
        assert (error.code, error.details["index"]) == ("store.state_taken_back", 3)
    far = replace(lifted, sequence=9)
    extension = extended(held_at(3), sign_list(far, signer=P.seal), FULL_5)
    # What takes back is struck out; the honest list beside it counts.
    assert extension.held is not None
    assert extension.held.sequence == 5
    assert [alarm.code for alarm in extension.alarms] == ["store.state_taken_back"]


def test_lists_of_an_earlier_epoch_are_history() -> None:
    second = replace(ENTRY, epoch=1)
    reached = reach(None, FULL_5, P.full(1, epoch=1), entry=second)
    assert (reached.epoch, reached.sequence) == (1, 1)
    assert refused(None, FULL_5, entry=second).code == "store.below_minimum"


def test_the_furthest_file_must_reach_the_minimum_sequence() -> None:
    assert reach(None, FULL_3, entry=replace(ENTRY, minimum_sequence=3)).sequence == 3
    error = refused(None, FULL_1, D13, entry=replace(ENTRY, minimum_sequence=4))
    assert error.code == "store.below_minimum"
    assert error.details == {"authority": "yangli", "what": "list 1", "epoch": 0, "minimum": 4}


# --- forks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "number"),
    [
        ([P.full(3, twist=1)], 3),
        ([P.full(3, twist=1), FULL_5], 3),
        ([P.full(2, twist=1), P.full(3, twist=1), FULL_5], 3),
        ([P.delta(2, 3, twist=1), FULL_5], 3),
        ([P.delta(3, 4, twist=1), FULL_5], 4),
        ([P.full(4, twist=1), FULL_5], 4),
        ([P.delta(1, 2, twist=1), P.delta(2, 4, twist=1), D34], 4),
    ],
    ids=[
        "another list of the sequence held",
        "beside a later list",
        "the sequence held, not one before it",
        "a delta to the sequence held",
        "a delta from the sequence held",
        "a list after another list than the one held",
        "a delta to a sequence that was just reached",
    ],
)
def test_a_believable_file_with_other_content_is_a_fork(
    files: Sequence[bytes], number: int
) -> None:
    error = refused(held_at(3), *files)
    assert error.code == "store.forked"
    assert error.details == {"authority": "yangli", "what": "list 1", "number": number}


def test_another_list_of_the_sequence_held_is_a_fork_whatever_it_takes_back() -> None:
    held = reach(None, FULL_1, D13)  # of two files, where the other is one
    lifted = sign_list(replace(P.list_at(3), table=P.table(2)), signer=P.seal)
    assert refused(held, lifted).code == "store.forked"


def test_two_lists_of_one_sequence_are_a_fork_even_if_none_is_held() -> None:
    assert refused(None, FULL_3, P.full(3, twist=1)).code == "store.forked"
    assert refused(None, P.full(3, twist=1), FULL_3).code == "store.forked"


def test_a_fork_that_nobody_signed_is_no_evidence() -> None:
    forged = tampered(P.full(3, twist=1))
    delta = tampered(P.delta(2, 3, twist=1))
    extension = extended(held_at(3), forged, delta, D34)
    assert extension.held is not None
    assert (extension.held.sequence, extension.alarms) == (4, ())
    assert failures(extension) == {
        "file 0": "list.signature_bad",
        "file 1": "list.signature_bad",
    }


def test_a_signed_list_that_is_not_what_it_says_is_no_fork() -> None:
    claims = canon.decode(cose.parse_sign1(FULL_3, max_bytes=1 << 20).payload, max_bytes=1 << 20)
    assert isinstance(claims, dict)
    own = claims[-70001]
    assert isinstance(own, dict)
    changed = {**claims, -70001: {**own, 7: WRONG_HASH}}
    lying = cose.sign1(canon.encode(changed), signer=P.seal, typ=LIST_TYP).to_bytes()
    extension = extended(held_at(3), lying, D34)
    assert extension.held is not None
    assert (extension.held.sequence, extension.alarms) == (4, ())
    assert failures(extension) == {"file 0": "list.state_hash"}


# --- keys that sign no more ---------------------------------------------------------------------


RETIRED_S = P.list_at(5).issued_s + 30
"""Between sequence 5 and 6."""
RETIRED = list_keys(P.make(1, keys=P.keys((KeyState.RETIRED, RETIRED_S))))
NEW_6, NEW_7 = P.full(6, by=P.spare), P.full(7, by=P.spare)


def backdated(sequence: int, table: StatusTable | None = None) -> bytes:
    """What a thief of the retired key makes: dated before its end."""
    made = P.list_at(7, twist=1)
    before = P.table(sequence - 1, twist=1).state_hash() if sequence < 9 else made.previous
    return sign_list(
        replace(
            made, table=table or P.table(sequence, twist=1), sequence=sequence, previous=before,
            issued_s=RETIRED_S - 1,
        ),
        signer=P.seal,
    )  # fmt: skip


@pytest.mark.parametrize(
    "stolen",
    [
        backdated((1 << 31) - 1, table=P.table(1)),
        backdated(7),
        backdated(6),
        backdated(8, table=P.table(9)),
    ],
    ids=["the greatest sequence", "the next sequence", "the sequence held", "further"],
)
@pytest.mark.parametrize("held", [None, 6])
def test_a_thief_of_a_retired_key_stops_nothing(stolen: bytes, held: int | None) -> None:
    start = None if held is None else reach(None, NEW_6)
    for files in ([stolen, NEW_7], [NEW_7, stolen], [stolen, NEW_6, NEW_7]):
        extension = extended(start, *files, keys=RETIRED)
        assert extension.held is not None
        assert extension.held.sequence == 7
        told = [alarm.code for alarm in extension.alarms]
        # Of a version that nobody asks about any more, nothing is said.
        assert told in (["store.list_backwards"], [])
        assert told or (stolen, start) == (backdated(6), None) or NEW_6 not in files
    alone = extended(reach(None, NEW_6), stolen, keys=RETIRED)
    assert (alone.held, [alarm.code for alarm in alone.alarms]) == (
        reach(None, NEW_6),
        ["store.list_backwards"],
    )
    assert failures(alone) == {"file 0": "store.list_backwards"}


def test_a_file_from_after_the_end_of_its_key_is_no_evidence_of_anything() -> None:
    late = P.full(6)  # made after RETIRED_S
    assert P.list_at(6).issued_s > RETIRED_S
    ahead = sign_list(replace(P.list_at(6, epoch=1), issued_s=RETIRED_S), signer=P.seal)
    for held in (None, held_at(5)):
        extension = extended(held, late, ahead, FULL_5, keys=RETIRED)
        assert extension.alarms == ()
        assert extension.held == held_at(5)
        assert failures(extension) == dict.fromkeys(("file 0", "file 1"), "list.outside_window")
    before = sign_list(replace(P.list_at(6, epoch=1), issued_s=RETIRED_S - 1), signer=P.seal)
    told = [alarm.code for alarm in extended(held_at(5), before, keys=RETIRED).alarms]
    assert told == ["store.epoch_ahead"]


def test_the_same_content_by_a_retired_key_is_no_alarm() -> None:
    same = sign_list(replace(P.list_at(6), issued_s=RETIRED_S - 1), signer=P.seal)
    for files in ([same], [same, NEW_6], [same, NEW_6, NEW_7]):
        extension = extended(reach(None, NEW_6), *files, keys=RETIRED)
        assert (extension.alarms, failures(extension)) == ((), {})


def same(sequence: int) -> bytes:
    """What the authority made, signed by the thief of the retired key before its end."""
    return sign_list(replace(P.list_at(sequence), issued_s=RETIRED_S - 1), signer=P.seal)


@pytest.mark.parametrize("order", [1, -1])
def test_the_same_content_by_a_retired_key_stands_in_the_way_of_nothing(order: int) -> None:
    d56, d67 = P.delta(5, 6, by=P.spare), P.delta(6, 7, by=P.spare)
    across = make_delta(P.list_at(5), replace(P.list_at(7), issued_s=RETIRED_S - 1))
    shortcut = sign_delta(across, signer=P.seal)
    five = reach(None, P.full(5, by=P.spare))
    for held, files, kept in (
        (None, [same(7), NEW_7], (NEW_7,)),
        (reach(None, NEW_6), [same(7), NEW_7], (NEW_7,)),
        (five, [shortcut, d56, d67], (*five.files, d56, d67)),
        (five, [same(7), d56, d67], (*five.files, d56, d67)),
        # One that is older, and honest, is on the only way there is.
        (None, [FULL_5, same(7), d56, d67], (FULL_5, d56, d67)),
        (None, [same(6), same(7), d67], (same(6), d67)),
    ):
        extension = extended(held, *files[::order], keys=RETIRED)
        assert extension.alarms == ()
        assert extension.held is not None
        assert extension.held.files == kept


def test_what_a_retired_key_backdates_puts_no_other_file_in_the_wrong() -> None:
    later = same(4)  # after the delta that follows on from sequence 4
    for first in ([later, P.full(4)], [P.full(4), later]):
        files = [*first, P.delta(4, 5, by=P.spare), P.delta(5, 6, by=P.spare)]
        extension = extended(None, *files, keys=RETIRED)
        assert extension.alarms == ()
        assert extension.held is not None
        assert extension.held.sequence == 6
    # What is wrong with a delta itself is not blamed on what it starts from.
    bad = sign_delta(
        replace(make_delta(P.list_at(5), P.list_at(6)), new_hash=WRONG_HASH), signer=P.spare
    )
    told = extended(None, FULL_5, bad, P.delta(5, 6, by=P.spare), keys=RETIRED)
    assert told.held is not None
    assert told.held.sequence == 6
    assert failures(told) == {"file 1": "list.delta_result"}


@pytest.mark.parametrize("order", [1, -1])
def test_of_as_few_files_those_count_whose_last_was_issued_last(order: int) -> None:
    later = sign_list(replace(P.list_at(5), issued_s=P.list_at(5).issued_s + 1), signer=P.spare)
    assert reach(None, *[FULL_5, later][::order]).files == (later,)


def test_what_a_retired_key_signed_counts_until_something_newer_is_there() -> None:
    assert extended(None, FULL_5, keys=RETIRED).held == held_at(5)
    through = extended(None, FULL_5, P.delta(5, 6, by=P.spare), keys=RETIRED)
    assert through.held is not None
    assert (len(through.held.files), through.alarms) == (2, ())
    assert extended(held_at(5), FULL_3, NEW_6, keys=RETIRED).alarms == ()


def test_of_an_outlived_list_that_is_not_what_it_says_only_that_is_told() -> None:
    made = replace(
        P.list_at(6), table=P.table(9), previous=WRONG_HASH, issued_s=RETIRED_S - 1
    )  # fmt: skip
    token = cose.parse_sign1(sign_list(made, signer=P.seal), max_bytes=1 << 20)
    claims = canon.decode(token.payload, max_bytes=1 << 20)
    assert isinstance(claims, dict)
    own = claims[-70001]
    assert isinstance(own, dict)
    lying = {**claims, -70001: {**own, 7: P.table(6).state_hash()}}
    files = (
        cose.sign1(canon.encode(lying), signer=P.seal, typ=LIST_TYP).to_bytes(),
        sign_list(replace(P.list_at(6), issued_s=RETIRED_S - 1), signer=P.seal),
        P.delta(6, 8, by=P.spare),
    )
    extension = extended(held_at(5), *files, keys=RETIRED)
    assert extension.held is not None
    assert (extension.held.sequence, extension.alarms) == (8, ())
    assert failures(extension) == {"file 0": "list.state_hash"}


def test_a_key_whose_last_day_is_over_signs_nothing_that_decides() -> None:
    last = china_day(P.list_at(7).issued_s)
    keys = tuple(
        replace(key, not_after=last) if key.public == P.seal.public else key
        for key in P.make(1).keys
    )
    today = replace(P.list_at(6), issued_s=china_midnight(last + 1), expires_s=NOW_S + DAY_S)
    files = (P.full(7), sign_list(today, signer=P.spare))
    extension = extend(
        None,
        received(*files),
        entry=ENTRY,
        authority_id="yangli",
        keys=list_keys(P.make(1, keys=keys)),
        at_s=today.issued_s,
    )
    assert extension.held is not None
    assert extension.held.sequence == 6
    assert [alarm.code for alarm in extension.alarms] == ["store.list_backwards"]


# --- bounds -------------------------------------------------------------------------------------


def test_a_list_takes_no_more_deltas_than_it_may_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "MAX_FILES", 3)
    assert len(reach(None, FULL_1, D12, D23).files) == 3
    assert refused(None, FULL_1, D12, D23, D34).code == "store.delta_gap"
    assert reach(reach(None, FULL_1, D12, D23), FULL_5).files == (FULL_5,)


def test_lists_that_come_to_nothing_are_not_opened_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lineage, "MAX_LISTS_OPENED", 3)
    back = [later(sequence=9 + n, table=P.table(1)) for n in range(4)]
    extension = extended(held_at(3), *back[:2], FULL_5)
    assert extension.held is not None
    assert extension.held.sequence == 5
    extension = extended(held_at(3), *back, FULL_5)
    assert extension.held == held_at(3)
    assert extension.alarms[-1].code == "store.over_budget"
    wrong = [
        replace(file, after=bytes((n,)) * 32) for n, file in enumerate(received(*[FULL_3] * 4))
    ]
    forks = extend(
        held_at(3), wrong, entry=ENTRY, authority_id="yangli", keys=KEYS, at_s=NOW_S
    )  # fmt: skip
    assert [alarm.code for alarm in forks.alarms] == ["store.forked"]


def test_a_list_that_many_deltas_start_from_is_opened_once() -> None:
    lying = [
        sign_delta(
            replace(make_delta(P.list_at(1), P.list_at(end)), new_hash=WRONG_HASH), signer=P.seal
        )
        for end in range(2, lineage.MAX_LISTS_OPENED + 3)
    ]
    extension = extended(None, FULL_1, *lying)
    assert (extension.held, extension.alarms) == (held_at(1), ())
    assert set(failures(extension).values()) == {"list.delta_result"}


def test_a_list_that_there_is_no_room_for_is_not_inflated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[bytes] = []
    held = held_at(3)
    monkeypatch.setattr(lineage, "open_list", lambda data, **_: opened.append(data))
    extension = extend(
        held,
        received(FULL_5),
        entry=ENTRY,
        authority_id="yangli",
        keys=KEYS,
        at_s=NOW_S,
        room=199,
    )
    assert (extension.held, opened) == (held, [])
    assert [alarm.code for alarm in extension.alarms] == ["store.over_budget"]


def test_history_takes_no_room() -> None:
    entry = replace(ENTRY, epoch=1)
    small = replace(P.list_at(1, epoch=1), table=StatusTable.from_entries(
        list_id=1, epoch=1, coverage=10, entries={}
    ))  # fmt: skip
    files = received(P.full(1), sign_list(small, signer=P.seal))
    extension = extend(
        None, files, entry=entry, authority_id="yangli", keys=KEYS, at_s=NOW_S, room=10
    )
    assert (extension.alarms, failures(extension)) == ((), {})
    assert extension.held is not None
    assert extension.held.epoch == 1


def test_what_could_be_reached_lies_below_the_minimum() -> None:
    entry = replace(ENTRY, minimum_sequence=4)
    assert refused(None, FULL_3, D45, entry=entry).code == "store.below_minimum"


# --- gaps and files that can't be believed ------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "files", "base", "at"),
    [
        (None, [D12], 1, 0),
        (None, [FULL_1, D34], 3, 1),
        (held_at(3), [D45], 4, 3),
        (held_at(3), [D34, P.delta(5, 6)], 5, 4),
    ],
    ids=["no list at all", "deltas that do not meet", "a delta from beyond", "a delta left out"],
)
def test_a_delta_that_continues_nothing_is_a_gap(
    held: HeldList | None, files: Sequence[bytes], base: int, at: int
) -> None:
    error = refused(held, *files)
    assert error.code == "store.delta_gap"
    assert error.details == {"authority": "yangli", "what": "list 1", "base": base, "held": at}


@pytest.mark.parametrize(
    ("furthest", "code"),
    [
        (tampered(P.full(6)), "list.signature_bad"),
        (tampered(P.delta(3, 6)), "list.signature_bad"),
        (P.full(6, by=P.roots[0]), "list.signer_unknown"),
        (P.delta(3, 6, by=P.roots[0]), "list.signer_unknown"),
    ],
    ids=["list", "delta", "a stranger's list", "a stranger's delta"],
)
def test_what_no_list_key_signed_is_passed_over_by_name(furthest: bytes, code: str) -> None:
    for full, sequence in ((FULL_5, 5), (P.full(7), 7)):
        extension = extended(held_at(3), full, furthest)
        assert extension.held is not None
        assert (extension.held.sequence, extension.alarms) == (sequence, ())
        assert failures(extension) == {"file 1": code}
    assert extended(None, furthest).held is None
    assert extended(held_at(3), furthest).held == held_at(3)
    assert extended(held_at(3), tampered(FULL_1)).alarms == ()


def test_another_way_is_taken_around_a_list_that_can_not_be_believed() -> None:
    extension = extended(held_at(3), tampered(FULL_5), D34, D45)
    assert extension.held is not None
    assert extension.held.files == (FULL_3, D34, D45)
    assert failures(extension) == {"file 0": "list.signature_bad"}


def test_another_way_is_taken_around_a_delta_that_does_not_lead_where_it_says() -> None:
    made = make_delta(P.list_at(3), P.list_at(5))
    lying = sign_delta(replace(made, new_hash=WRONG_HASH), signer=P.seal)
    extension = extended(held_at(3), lying, D34, D45)
    assert extension.held is not None
    assert extension.held.files == (FULL_3, D34, D45)
    assert failures(extension) == {"file 0": "list.delta_result"}
    assert extended(held_at(3), lying).alarms == ()


@pytest.mark.parametrize("changes", [{12: b""}, {3: 1, 12: b""}], ids=["gap", "epoch ahead"])
def test_a_malformed_delta_of_the_authority_is_no_alarm(changes: dict[int | str, object]) -> None:
    payload = canon.decode(cose.parse_sign1(D45, max_bytes=1 << 20).payload, max_bytes=1 << 20)
    assert isinstance(payload, dict)
    value: dict[int | str, object] = {**payload, **changes}
    signed = cose.sign1(canon.encode(value), signer=P.seal, typ=DELTA_TYP)
    extension = extended(held_at(3), signed.to_bytes())
    assert (extension.held, extension.alarms) == (held_at(3), ())
    assert list(failures(extension)) == ["file 0"]


def test_a_malformed_list_of_the_authority_is_struck_out() -> None:
    claims = canon.decode(cose.parse_sign1(FULL_5, max_bytes=1 << 20).payload, max_bytes=1 << 20)
    assert isinstance(claims, dict)
    without_ttl = {label: claim for label, claim in claims.items() if label != 65534}
    malformed = cose.sign1(canon.encode(without_ttl), signer=P.seal, typ=LIST_TYP).to_bytes()
    extension = extended(held_at(3), malformed, D34, D45)
    assert extension.held is not None
    assert extension.held.files == (FULL_3, D34, D45)
    assert failures(extension) == {"file 0": "list.malformed"}
    assert extended(held_at(3), malformed).held == held_at(3)


def test_two_malformed_lists_of_the_authority_are_struck_out_one_after_the_other() -> None:
    malformed: list[bytes] = []
    for full in (FULL_5, P.full(6)):
        payload = cose.parse_sign1(full, max_bytes=1 << 20).payload
        claims = canon.decode(payload, max_bytes=1 << 20)
        assert isinstance(claims, dict)
        without_ttl = {label: claim for label, claim in claims.items() if label != 65534}
        signed = cose.sign1(canon.encode(without_ttl), signer=P.seal, typ=LIST_TYP)
        malformed.append(signed.to_bytes())
    extension = extended(held_at(3), *malformed, D34, P.delta(4, 6))
    assert extension.held is not None
    assert extension.held.sequence == 6
    assert failures(extension) == {"file 1": "list.malformed"}
    extension = extended(held_at(3), *malformed, D34)
    assert extension.held is not None
    assert (extension.held.sequence, extension.alarms) == (4, ())


def test_many_forged_lists_do_not_cause_many_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[int] = []

    def counted(
        held: HeldList | None,
        files: Sequence[IncomingFile],
        *,
        struck: Collection[IncomingFile],
        outlived: Collection[IncomingFile],
    ) -> Collection[Link]:
        plans.append(len(files))
        return plan(held, files, struck=struck, outlived=outlived)

    monkeypatch.setattr(lineage, "plan", counted)
    forged = [replace(received(tampered(FULL_5))[0], end=end) for end in range(4, 100)]
    files = [*received(FULL_3), *forged]
    extend(None, files, entry=ENTRY, authority_id="yangli", keys=KEYS, at_s=NOW_S)
    assert plans == [1]


def test_only_the_files_on_the_way_are_lost_with_one_of_them() -> None:
    broken = tampered(D12)
    extension = extended(None, FULL_1, broken, D23, D13, D35)
    assert extension.held is not None
    assert extension.held.files == (FULL_1, D13, D35)
    assert failures(extension) == {"file 1": "list.signature_bad"}


# --- a list that was given up -------------------------------------------------------------------


def test_a_list_that_was_given_up_begins_again_at_its_mark_or_later() -> None:
    given_up = mark_alone(held_at(3))
    assert reach(given_up, FULL_3).files == (FULL_3,)
    assert reach(given_up, FULL_5).files == (FULL_5,)
    assert refused(given_up, FULL_2).code == "store.rollback"
    assert refused(given_up, P.full(3, twist=1)).code == "store.forked"


def test_a_list_that_was_given_up_stays_marked_where_nothing_is_believed() -> None:
    given_up = mark_alone(held_at(3))
    extension = extended(given_up, tampered(FULL_5))
    assert (extension.held, extension.alarms) == (given_up, ())


def test_deltas_alone_do_not_bring_back_a_list_that_was_given_up() -> None:
    error = refused(mark_alone(held_at(3)), D34)
    assert (error.code, error.details["held"]) == ("store.delta_gap", 0)


def test_a_list_behind_the_mark_does_not_help_deltas_that_lead_beyond() -> None:
    error = refused(mark_alone(held_at(3)), FULL_1, D12, D23, D34)
    assert error.code == "store.delta_gap"


def test_a_list_with_another_predecessor_than_the_one_held_is_a_fork() -> None:
    lying = sign_list(replace(P.list_at(4), previous=WRONG_HASH), signer=P.seal)
    assert refused(held_at(3), lying).code == "store.forked"
