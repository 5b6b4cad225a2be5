"""What another authority publishes costs the first one nothing (docs/spec clause 7.8)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from tests.support.islands import ENTRIES, great_bundles, great_lists
from tests.support.publisher import NOW_S, OTHER, P, named, roots_of, when

from etitle.cose import Sign1, sign1
from etitle.errors import StoreError
from etitle.keys.signer import generate
from etitle.keys.suite import ES256
from etitle.store import disk, local, succession
from etitle.store.budget import Budget
from etitle.store.held import Held, HeldList
from etitle.store.incoming import IncomingFile, read_incoming
from etitle.store.local import AlarmError, Store
from etitle.store.state import FileName, HighWaterMark
from etitle.store.update import advance
from etitle.token import frame
from etitle.trust import roots
from etitle.trust.bundle import ListEntry, fingerprint
from etitle.trust.pin import Pin, follow_pin
from etitle.trust.rescue import Rescue, sign_rescue
from etitle.trust.roots import sign_bundle
from etitle.verdict import Outcome
from etitle.verify.checks.token import check_signature

NOW = when(NOW_S)


def watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whose files are read from now on."""
    read: list[str] = []
    real = disk.read_file

    def reading(root: Path, authority_id: str, file: FileName) -> bytes:
        read.append(authority_id)
        return real(root, authority_id, file)

    monkeypatch.setattr(disk, "read_file", reading)
    return read


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.init(tmp_path / "store", P.bundle(1), pin=P.pin, at=NOW)
    Store.init(made.path, OTHER.bundle(1, lists=ENTRIES), pin=OTHER.pin, at=NOW)
    made.update(named(P.full(5)), at=NOW)
    return made


def test_great_lists_of_another_are_bounded_and_never_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(AlarmError) as caught:
        store.update(list(great_lists()), at=NOW)
    # Two lists of the greatest coverage are all that one authority may take.
    assert [alarm.code for alarm in caught.value.report.alarms] == ["store.over_budget"] * 10
    read = watched(monkeypatch)
    trust, lists = store.load()
    assert trust.candidates(P.seal.public.kid)[0].anchor.bundle.authority.id == "yangli"
    assert lists.find("yangli", 1) is not None
    assert set(read) == {"yangli"}


def test_the_work_of_an_update_grows_with_its_lists_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    real = HeldList.mark

    def counted(self: HeldList) -> HighWaterMark:
        asked.append(self.list_id)
        return real(self)

    monkeypatch.setattr(HeldList, "mark", counted)
    for count in (16, 64):
        entries = tuple(ListEntry(n, 0, 1, "u") for n in range(1, count + 1))
        kept = Store.init(
            store.path.parent / str(count), OTHER.bundle(1, lists=entries), pin=OTHER.pin, at=NOW
        )
        asked.clear()
        report = kept.update(list(great_lists(count, 8)), at=NOW)
        assert len(report.changes) == count
        assert len(asked) <= 6 * count


def test_the_key_of_another_published_again_wakes_nobody(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = replace(OTHER.make(2), keys=P.make(1).keys, lists=ENTRIES)
    store.update(named(sign_bundle(copied, signers=OTHER.roots[:2])), at=NOW)
    read = watched(monkeypatch)
    trust, _ = store.load()
    assert {who for who, _ in trust.named(P.seal.public.kid)} == {"yangli", "other"}
    assert trust.has_kid(P.seal.public.kid)
    assert not trust.has_kid(OTHER.seal.public.kid)  # no more: a copy is all that it has
    assert not read
    for signed, who in ((b"yangli", "yangli"), (b"other", "other")):
        token = _token(signed.decode())
        signer, signature, found = check_signature(token, trust=trust)
        assert {signer.outcome, signature.outcome} == {Outcome.PASS}
        assert [one.anchor.bundle.authority.id for one in found] == [who]
        assert set(read) <= {"yangli", who}
    forged = replace(_token("yangli"), signature=bytes(64))
    assert check_signature(forged, trust=store.load()[0])[1].outcome is Outcome.FAIL


def _token(authority_id: str) -> Sign1:
    return sign1(b"", signer=P.seal, external_aad=frame.binding(authority_id))


def test_a_budget_is_of_all_lists_of_an_authority(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = Budget(coverage=2 * 64)
    monkeypatch.setattr(local, "advance", partial(advance, budget=budget))
    with pytest.raises(AlarmError) as caught:
        store.update(list(great_lists(3, coverage=64)), at=NOW)
    assert [alarm.code for alarm in caught.value.report.alarms] == ["store.over_budget"]


def test_an_unsigned_file_stops_nothing(store: Store) -> None:
    forged = P.full(6)[:-1] + b"\0"
    report = store.update(named(forged, P.full(7), OTHER.bundle(2)), at=NOW)
    assert [(change.what, change.after) for change in report.changes] == [
        ("bundle", 2), ("list 1", 7),
    ]  # fmt: skip
    assert [skipped.code for skipped in report.skipped] == ["list.signature_bad"]


def test_many_bundles_are_each_read_so_many_times(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    real = roots.parse_bundle

    def counted(data: bytes) -> object:
        read.append(len(data))
        return real(data)

    monkeypatch.setattr(roots, "parse_bundle", counted)
    monkeypatch.setattr(succession, "parse_bundle", counted)
    for count in (5, 10, 20):
        kept = Store.init(
            store.path.parent / str(count), OTHER.bundle(1, lists=ENTRIES), pin=OTHER.pin, at=NOW
        )
        read.clear()
        report = kept.update(list(great_bundles(count, 3)), at=NOW)
        assert [change.after for change in report.changes] == [count + 1]
        assert len(read) <= 3 * count + 2


def rescue_of(key: int, number: int = 1, size: int = 0) -> bytes:
    """An empty rescue list of a key that nobody knows."""
    digests = b"".join(n.to_bytes(16, "big") for n in range(size))
    rescue = Rescue("other", key.to_bytes(4, "big") * 8, NOW_S, digests, number)
    return sign_rescue(rescue, signers=OTHER.roots[:2])


def test_an_authority_can_not_fill_the_state_with_rescue_lists(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = Budget(rescues=3)
    monkeypatch.setattr(local, "advance", partial(advance, budget=budget))
    crowd = named(*(rescue_of(key) for key in range(9)), P.full(6))
    with pytest.raises(AlarmError) as caught:
        store.update(crowd, at=NOW)
    report = caught.value.report
    assert [(each.code, each.details["authority"]) for each in report.alarms] == [
        ("store.over_budget", "other")
    ]
    assert [(each.authority_id, each.after) for each in report.changes] == [
        *[("other", 1)] * 3, ("yangli", 6),
    ]  # fmt: skip
    assert [each.code for each in report.skipped] == ["store.over_budget"] * 6
    # What is remembered goes on.
    later = store.update(named(rescue_of(2, number=2), rescue_of(1)), at=NOW)
    assert [(each.before, each.after) for each in later.changes] == [(1, 2)]


def test_the_bytes_of_rescue_lists_are_bounded_together() -> None:
    bound = len(rescue_of(1, size=4)) + len(rescue_of(2, size=4))
    held = Held(OTHER.pin, (OTHER.bundle(1),), OTHER.make(1))
    files = [rescue_of(1, size=4), rescue_of(2, size=4), rescue_of(2, number=2, size=4)]
    step = advance(held, read(*files), at_s=NOW_S, budget=Budget(size=bound))
    assert [(len(step.held.rescues), step.alarms), step.held.rescue_marks[1].number] == [
        (2, ()), 2,
    ]  # fmt: skip
    for more in (rescue_of(2, number=3, size=5), rescue_of(3)):
        after = advance(step.held, read(more), at_s=NOW_S, budget=Budget(size=bound))
        assert after.held == step.held
        assert [alarm.code for alarm in after.alarms] == ["store.over_budget"]


def test_an_authority_can_not_make_its_chain_long() -> None:
    roots = [[generate(ES256) for _ in range(2)] for _ in range(4)]
    bundles = [
        OTHER.bundle(n, [*before, *after], roots=roots_of(after))
        for n, (before, after) in enumerate(pairwise((OTHER.roots[:2], *roots)), 2)
    ]
    held = Held(OTHER.pin, (OTHER.bundle(1),), OTHER.make(1))
    for count in (2, 3):
        step = advance(held, read(*bundles[:count]), at_s=NOW_S, budget=Budget(chain=3))
        codes = [alarm.code for alarm in step.alarms]
        assert (step.held.bundle.version, codes) == (
            (3, []) if count == 2 else (1, ["store.too_many_roots"])
        )
    assert len(follow_pin([OTHER.bundle(1), *bundles], Pin.whole(OTHER.pin)).bundles) == 5


def test_a_pin_that_too_many_changes_lead_on_from_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "Budget", partial(Budget, chain=1))
    with pytest.raises(StoreError) as caught:
        Store.init(tmp_path / "s", [P.bundle(1), P.rotated(2)], pin=P.pin, at=NOW)
    assert caught.value.code == "store.too_many_roots"
    assert not (tmp_path / "s").exists()
    today = fingerprint(roots_of(P.later_roots))
    Store.init(tmp_path / "s", [P.bundle(1), P.rotated(2)], pin=today, at=NOW)


def read(*files: bytes) -> list[IncomingFile]:
    return [read_incoming(f"file {n}", data) for n, data in enumerate(files)]


def test_a_key_that_a_newer_bundle_names_no_more_is_unknown_to_who_had_not_read_it(
    store: Store,
) -> None:
    trust, _ = store.load()
    others = tuple(key for key in P.make(1).keys if key.public != P.seal.public)
    store.update(named(P.bundle(2, keys=others)), at=NOW)
    signer, signature, found = check_signature(_token("yangli"), trust=trust)
    assert (signer.reason, signature.reason, found) == ("signer_unknown", "not_checked", ())


def test_an_authority_that_was_removed_meanwhile_is_named(store: Store) -> None:
    trust, _ = store.load()
    store.remove("yangli")
    with pytest.raises(StoreError) as caught:
        check_signature(_token("yangli"), trust=trust)
    assert caught.value.code == "store.authority_not_held"
