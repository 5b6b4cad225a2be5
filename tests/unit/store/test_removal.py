"""An authority leaves a store in one step, whole or damaged; a new name is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.support.publisher import NOW_S, OTHER, P, named, when

from etitle.errors import StoreError
from etitle.store.local import Store
from etitle.store.looks import looks_like
from etitle.trust.bundle import Authority
from etitle.trust.pin import Pin, parse_pin, spell_fingerprint


@pytest.fixture
def store(tmp_path: Path) -> Store:
    Store.init(tmp_path / "store", P.bundle(1), pin=P.pin, at=when(NOW_S))
    return Store.init(tmp_path / "store", OTHER.bundle(1), pin=OTHER.pin, at=when(NOW_S))


def ids(store: Store) -> list[str]:
    return [anchor.bundle.authority.id for anchor in store.load()[0].anchors]


def test_one_goes_and_the_others_stay(store: Store) -> None:
    store.remove("other")
    assert ids(store) == ["yangli"]
    assert not (store.path / "other").exists()
    with pytest.raises(StoreError) as caught:
        store.remove("other")
    assert caught.value.code == "store.authority_not_held"
    store.remove("yangli")
    with pytest.raises(StoreError) as caught:
        store.load()
    assert caught.value.code == "store.not_found"


def test_what_was_seen_of_the_time_stays(store: Store) -> None:
    store.remove("other")
    with pytest.raises(StoreError) as caught:
        Store.init(store.path, OTHER.bundle(1), pin=OTHER.pin, at=when(NOW_S - 10_000))
    assert caught.value.code == "store.clock_behind"
    assert "0 days and 3 hours" in caught.value.what("en")
    assert "0 天 3 小时" in caught.value.what("zh")


def test_a_removal_that_can_not_be_written_removes_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        with pytest.raises(StoreError) as caught:
            store.remove("other")
    assert caught.value.code == "store.not_written"
    assert ids(store) == ["other", "yangli"]


def test_a_new_name_is_told(store: Store) -> None:
    renamed = Authority("other", "另一机关", "Another")
    report = store.update(named(OTHER.bundle(2, authority=renamed), P.bundle(2)), at=when(NOW_S))
    (change,) = report.renamed
    assert (change.before, change.after) == (OTHER.base.authority, renamed)
    assert report.read == 2
    assert [each.bundle.version for each in report.authorities] == [2, 2]


def test_what_is_passed_over_says_what_it_looks_like(store: Store) -> None:
    report = store.update([("a", b"<html>"), ("b", P.bundle(1)[:-1]), ("c", b"")], at=when(NOW_S))
    assert report.read == 0
    assert [each.looks for each in report.skipped] == [
        "store.looks_page", "store.looks_damaged", "store.looks_empty",
    ]  # fmt: skip
    assert looks_like(b"\0") == "store.looks_empty"
    for page in (b"<html lang='zh'>", b"<!DOCTYPE\nhtml>", b"<script\tsrc=''>", b"\n <BODY>"):
        assert looks_like(page) == "store.looks_page"
    for login in (b"<html><input type = 'password'>", "<body 登录>".encode(), b"<html>sign in"):
        assert looks_like(login) == "store.looks_login"
    assert looks_like(b"x" * (65_536 - 6) + b"<html>") == "store.looks_page"
    assert looks_like(b"x" * (65_536 - 5) + b"<html>") == "store.looks_text"
    assert looks_like(b"text\0") == "store.looks_other"
    for text in (b"<htmlx>", b"<!doctypehtml>", b"head"):
        assert looks_like(text) == "store.looks_text"


def test_a_pin_is_taken_as_bytes_as_told_and_as_read(tmp_path: Path) -> None:
    told = spell_fingerprint(P.pin)
    pins: list[bytes | str | Pin] = [P.pin, told, parse_pin(told)]
    for number, pin in enumerate(pins):
        path = tmp_path / str(number)
        store = Store.init(path, [P.bundle(2), P.bundle(1)], pin=pin, at=when(NOW_S))
        assert store.describe()[0].bundle.version == 2


def test_nothing_is_left_in_a_folder_that_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        Store(tmp_path).remove("yangli")
    assert caught.value.code == "store.not_found"
    assert not list(tmp_path.iterdir())
