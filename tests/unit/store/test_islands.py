"""What another authority publishes costs the first one nothing (docs/spec clause 7.8)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.support.islands import ENTRIES, great_bundles, great_lists
from tests.support.publisher import NOW_S, OTHER, P, named, when

from etitle.cose import Sign1, sign1
from etitle.store import disk, local, succession
from etitle.store.held import HeldList
from etitle.store.local import AlarmError, Store
from etitle.store.state import FileName, HighWaterMark
from etitle.store.update import Budget, advance
from etitle.token import frame
from etitle.trust import roots
from etitle.trust.bundle import ListEntry
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
