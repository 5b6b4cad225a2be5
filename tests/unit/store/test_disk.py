"""The store on disk: damage and hostile folders (docs/spec clause 7)."""

from __future__ import annotations

import json
import os
import random
import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.publisher import (
    NOW_S,
    OTHER,
    P,
    Publisher,
    alarm,
    loud,
    named,
    put,
    sequence,
    skipped,
    version,
    when,
)

from etitle.errors import EtitleError, StoreError, TrustError
from etitle.files import write_atomic
from etitle.store import disk, incoming
from etitle.store.local import Store
from etitle.store.state import decode_state, encode_state


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.init(tmp_path / "store", P.bundle(1), pin=P.pin, at=when(NOW_S))


@pytest.fixture
def at_five(store: Store) -> Store:
    put(store, P.full(5))
    return store


# --- writing ------------------------------------------------------------------------------------


def test_a_store_is_readable_by_all_and_writable_by_its_owner(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = Store.init(tmp_path / "store", P.bundle(1), pin=P.pin, at=when(NOW_S))
    finally:
        os.umask(before)
    (home,) = (each for each in store.path.iterdir() if each.is_dir())
    assert home.stat().st_mode & 0o777 == 0o755
    assert {each.stat().st_mode & 0o777 for each in home.iterdir()} == {0o644}


def test_of_two_ways_to_a_list_the_one_with_fewer_files_is_kept(store: Store) -> None:
    put(store, P.full(4), P.delta(4, 5))
    put(store, P.full(6), P.delta(5, 7), P.delta(6, 7))
    assert sequence(store) == 7
    (home,) = (each for each in store.path.iterdir() if each.is_dir())
    kinds = sorted(each.name.partition("-")[0] for each in home.iterdir())
    assert kinds == ["bundle", "delta", "list"]


def test_a_reset_forgets_the_time_too(at_five: Store) -> None:
    earlier = when(NOW_S - 30 * 86_400 - 23 * 3600)
    with pytest.raises(StoreError) as caught:
        Store.init(at_five.path, OTHER.bundle(1), pin=OTHER.pin, at=earlier)
    assert caught.value.code == "store.clock_behind"
    assert (caught.value.details["days"], caught.value.details["hours"]) == (30, 23)
    Store.init(at_five.path, OTHER.bundle(1), pin=OTHER.pin, at=earlier, reset=True)


def test_an_update_that_brings_nothing_writes_nothing(at_five: Store) -> None:
    before = (at_five.path / "state.json").stat().st_ino
    put(at_five, P.full(5))
    assert (at_five.path / "state.json").stat().st_ino == before


def test_nothing_behind_a_link_is_swept(at_five: Store, tmp_path: Path) -> None:
    (home,) = (each for each in at_five.path.iterdir() if each.is_dir())
    outside = tmp_path / "outside"
    outside.mkdir()
    for each in home.iterdir():
        (outside / each.name).write_bytes(b"kept")
    (at_five.path / "linked").symlink_to(outside)
    kept = sorted(each.name for each in outside.iterdir())
    put(at_five, P.full(6))
    assert sorted(each.name for each in outside.iterdir()) == kept


@pytest.mark.parametrize(
    ("error", "why"), [(OSError(28, "No space left"), "No space left"), (OSError(), "OSError")]
)
def test_what_was_not_written_says_why(
    store: Store, error: Exception, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **_named: object) -> None:
        raise error

    monkeypatch.setattr(disk, "write_atomic", fail)
    with pytest.raises(StoreError) as caught:
        put(store, P.full(5))
    assert (caught.value.code, caught.value.details["why"]) == ("store.not_written", why)


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
        Store.init(at_five.path, P.bundle(1), pin=P.pin, at=when(NOW_S))
    assert caught.value.code == "store.state_lost"
    Store.init(at_five.path, P.bundle(1), pin=P.pin, at=when(NOW_S), reset=True)
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
        Store.init(at_five.path, P.bundle(1), pin=P.pin, at=when(NOW_S))
    assert caught.value.code == "store.state_corrupt"
    Store.init(at_five.path, P.bundle(1), pin=P.pin, at=when(NOW_S), reset=True)
    assert version(at_five) == 1


def test_a_state_that_points_elsewhere_is_corrupt(at_five: Store) -> None:
    state = decode_state((at_five.path / "state.json").read_bytes())
    (item,) = state.authorities
    for forged in (
        replace(item, id="../yangli"),
        replace(item, bundles=(replace(item.bundles[0], name="../../etc/passwd"),)),
        replace(item, bundles=()),
        replace(item, version=2),
        replace(item, keys=()),
        replace(item, marks=item.marks * 2),
    ):
        data = encode_state(replace(state, authorities=(forged,)))
        (at_five.path / "state.json").write_bytes(data)
        loud(at_five, "store.state_corrupt")
    twice = replace(state, authorities=(item, item))
    (at_five.path / "state.json").write_bytes(encode_state(twice))
    loud(at_five, "store.state_corrupt")
    for no_list in (b"{}", b"0", b"null", b'""', b'"x"', b'{"x": 0}', b"[[]]", b"[0]"):
        for name in (b"rescues", b"rescue_marks"):
            spelled = encode_state(state).replace(b'"%b": []' % name, b'"%b": %b' % (name, no_list))
            assert spelled != encode_state(state)
            (at_five.path / "state.json").write_bytes(spelled)
            loud(at_five, "store.state_corrupt")
    no_keys = re.sub(rb'"seals": "[^"]*"', b'"seals": []', encode_state(state))
    (at_five.path / "state.json").write_bytes(no_keys)
    loud(at_five, "store.state_corrupt")
    (at_five.path / "state.json").write_bytes(encode_state(replace(state, latest_time_s=-1)))
    loud(at_five, "store.state_corrupt")


def test_a_huge_state_is_not_read(at_five: Store) -> None:
    with (at_five.path / "state.json").open("r+b") as file:
        file.truncate(1 << 40)
    loud(at_five, "store.state_corrupt")


def damage(store: Store) -> str | None:
    """Why the one list can't be read; it is told by who reads it, and by an update."""
    _, lists = store.load()
    assert lists.find("yangli", 1) is None
    found = lists.damage("yangli", 1)
    code = None if found is None else found.code
    (status,) = store.describe()
    assert [item.damage and item.damage.code for item in status.lists] == [code]
    with pytest.raises(EtitleError) as caught:
        store.update(named(P.full(5)[:-1] + b"\0"), at=when(NOW_S))
    assert caught.value.code == code
    return code


def test_swapped_truncated_and_missing_files_are_loud(at_five: Store) -> None:
    (path,) = (at_five.path / "yangli").glob("list-*")
    good = path.read_bytes()
    for data in (good[:-1], b"", P.full(4)):
        path.write_bytes(data)
        assert damage(at_five) == "store.file_changed"
    path.unlink()
    assert damage(at_five) == "store.file_changed"
    path.mkdir()
    assert damage(at_five) == "store.file_changed"
    (bundle,) = (at_five.path / "yangli").glob("bundle-*")
    bundle.write_bytes(b"")
    loud(at_five, "store.file_changed")


def test_an_older_state_put_back_is_loud(store: Store) -> None:
    put(store, P.full(4))
    old = (store.path / "state.json").read_bytes()
    put(store, P.full(5))
    (store.path / "state.json").write_bytes(old)
    assert damage(store) == "store.file_changed"


def test_files_of_a_forger_do_not_pass_by_the_state(at_five: Store) -> None:
    mine = Publisher()
    forged = mine.full(5)
    state = decode_state((at_five.path / "state.json").read_bytes())
    (item,) = state.authorities
    name = type(item.bundles[0]).of("list", forged)
    (at_five.path / "yangli" / name.name).write_bytes(forged)
    item = replace(item, marks=(replace(item.marks[0], files=(name,)),))
    (at_five.path / "state.json").write_bytes(encode_state(replace(state, authorities=(item,))))
    assert damage(at_five) == "list.signer_unknown"


def test_a_list_that_is_not_what_its_mark_says_is_damaged(at_five: Store) -> None:
    state = decode_state((at_five.path / "state.json").read_bytes())
    (item,) = state.authorities
    forged = replace(item, marks=(replace(item.marks[0], sequence=4),))
    (at_five.path / "state.json").write_bytes(encode_state(replace(state, authorities=(forged,))))
    assert damage(at_five) == "store.state_corrupt"


def test_an_authority_is_begun_once(store: Store) -> None:
    with pytest.raises(StoreError) as caught:
        Store.init(store.path, P.bundle(2), pin=P.pin, at=when(NOW_S))
    assert caught.value.code == "store.already_there"
    Store.init(store.path, OTHER.bundle(1), pin=OTHER.pin, at=when(NOW_S))
    Store.init(store.path, P.bundle(2), pin=P.pin, at=when(NOW_S), reset=True)
    assert len(store.load()[0].anchors) == 2


def test_a_wrong_pin_begins_nothing(tmp_path: Path) -> None:
    with pytest.raises(TrustError) as caught:
        Store.init(tmp_path / "s", P.bundle(1), pin=OTHER.pin, at=when(NOW_S))
    assert caught.value.code == "bundle.pin_mismatch"
    assert not (tmp_path / "s").exists()


# --- hostile folders ----------------------------------------------------------------------------


def test_what_is_no_published_folder_is_refused(store: Store, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none", "a\0b"):
        with pytest.raises(StoreError) as caught:
            store.update(path, at=when(NOW_S))
        assert caught.value.code == "store.not_published"


def test_what_stands_before_a_published_file_hides_it_not(store: Store, tmp_path: Path) -> None:
    for name, data in (("lists/0.txt", b"x"), ("lists/1.cwt", P.full(1)), ("rescue/0", b"")):
        (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / name).write_bytes(data)
    report = store.update(tmp_path / "out", at=when(NOW_S))
    assert [change.what for change in report.changes] == ["list 1"]


def test_a_new_folder_is_synced_into_its_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(disk, "sync_folder", synced.append)
    made = Store.init(tmp_path / "store", P.bundle(1), pin=P.pin, at=when(NOW_S))
    assert synced == [made.path, made.path / "yangli"]
    put(made, P.full(1))
    assert synced[2:] == [made.path / "yangli"]


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
    report = store.update(tmp_path / "published", at=when(NOW_S))
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
            store.update(source, at=when(NOW_S))
        assert caught.value.code == "store.too_large"
    monkeypatch.setattr(disk, "MAX_PUBLISHED_FILES", 5)
    for source in (tmp_path, named(*(b"" for _ in range(6)))):
        with pytest.raises(StoreError) as caught:
            store.update(source, at=when(NOW_S))
        assert caught.value.code == "store.too_many_files"


def test_a_published_folder_may_be_as_full_as_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "MAX_PUBLISHED_BYTES", 200)
    monkeypatch.setattr(disk, "MAX_PUBLISHED_FILES", 3)
    files = [("a", bytes(100)), ("b", None), ("c", bytes(100))]
    assert list(disk.bounded(files)) == files
    with pytest.raises(StoreError):
        list(disk.bounded([*files[:2], ("c", bytes(101))]))


def test_files_of_other_names_fill_a_folder_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "MAX_PUBLISHED_FILES", 5)
    folder = tmp_path / "lists"
    folder.mkdir()
    for n in range(5):
        (folder / f"{n}.txt").touch()
    assert not list(disk.read_published(tmp_path))
    (folder / "5.txt").touch()
    with pytest.raises(StoreError) as caught:
        list(disk.read_published(tmp_path))
    assert caught.value.code == "store.too_many_files"


def test_a_file_beyond_every_format_is_left_aside(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "MAX_INCOMING_BYTES", 100)
    assert skipped(store, P.full(1)) == ["store.file_too_large"]


def test_a_state_that_grows_too_large_is_not_written(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = (P.full(1), P.delta(1, 2))
    other = Store.init(store.path.parent / "other", P.bundle(1), pin=P.pin, at=when(NOW_S))
    put(other, *files)
    size = len((other.path / "state.json").read_bytes())
    limit = len((store.path / "state.json").read_bytes()) + 200
    monkeypatch.setattr(disk, "MAX_STATE_BYTES", limit)
    alarm(store, "store.too_large", P.full(1), P.delta(1, 2), P.delta(2, 3))
    monkeypatch.setattr(disk, "MAX_STATE_BYTES", size - 1)
    alarm(store, "store.too_large", *files)
    monkeypatch.setattr(disk, "MAX_STATE_BYTES", size)
    put(store, *files)
    assert sequence(store) == 2


def test_a_store_that_can_not_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file" / "store", "a\0b"):
        with pytest.raises(StoreError) as caught:
            Store.init(path, P.bundle(1), pin=P.pin, at=when(NOW_S))
        assert caught.value.code == "store.not_written"


def test_every_code_has_its_words() -> None:
    for code in (
        "list_backwards", "state_taken_back", "list_in_future", "over_budget", "damaged_files",
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


@pytest.mark.skipif(os.name == "nt", reason="links and permissions")
def test_what_lies_where_a_file_is_prepared_chooses_neither_place_nor_readers(
    tmp_path: Path,
) -> None:
    victim, target = tmp_path / "victim", tmp_path / "openings.csv"
    victim.write_bytes(b"mine")
    part = tmp_path / "openings.csv.part"
    part.symlink_to(victim)
    write_atomic(target, b"secret", mode=0o600)
    assert (victim.read_bytes(), target.read_bytes()) == (b"mine", b"secret")
    part.write_bytes(b"left by an interruption, or by somebody who waits")
    part.chmod(0o666)
    with part.open("rb") as waiting:
        write_atomic(target, b"more", mode=0o600)
        assert b"more" not in waiting.read()
    assert target.read_bytes() == b"more"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
