"""The commit point: steps cut off anywhere, and several at once (docs/spec clause 7.2)."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from tests.support.publisher import (
    NOW_S,
    P,
    alarm,
    put,
    sequence,
    snapshot,
    version,
    when,
)

from etitle.errors import StoreError
from etitle.store import disk
from etitle.store.local import AlarmError, Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.init(tmp_path / "store", P.bundle(1), pin=P.pin, at=when(NOW_S))


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
    put(Store.init(begun, P.bundle(1), pin=P.pin, at=when(NOW_S)), P.full(1))
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
            except AlarmError as stopped:
                # What could not be read stays as it is: all of it, or the list alone.
                assert stopped.code == "store.file_changed"  # noqa: PT017
                assert (version(store), sequence(store)) in {(1, 1), (2, 1)}
            except (PowerCut, StoreError) as stopped:
                if isinstance(stopped, StoreError):
                    assert stopped.code in {  # noqa: PT017
                        "store.not_written", "store.not_readable", "store.file_changed",
                    }  # fmt: skip
        if (version(store), sequence(store)) != (2, 1):
            outcomes.add(either(store, (1, 1), (2, 3)))
        put(store, *files)  # and once more, now without a fault
        assert either(store, (2, 3), (2, 3))
        assert len(snapshot(store.path)) - ("state.json.part" in snapshot(store.path)) == 7
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
                Store.init(path, P.bundle(1), pin=P.pin, at=when(NOW_S))
        try:
            assert version(Store(path)) == 1
        except StoreError as error:
            assert error.code == "store.not_found"  # noqa: PT017
            assert version(Store.init(path, P.bundle(1), pin=P.pin, at=when(NOW_S))) == 1
        if not faults.fired:
            return
    pytest.fail("more steps than expected")


def test_a_beginning_on_a_full_disk_is_reported(tmp_path: Path) -> None:
    for step in range(1, 40):
        path = tmp_path / f"{step}"
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, FULL, once=True)
            faults.left = step
            with suppress(StoreError):
                Store.init(path, P.bundle(1), pin=P.pin, at=when(NOW_S))
        if not faults.fired:
            return
        with suppress(StoreError):  # the state may have been replaced before the fault
            Store.init(path, P.bundle(1), pin=P.pin, at=when(NOW_S))
        assert version(Store(path)) == 1
    pytest.fail("more steps than expected")


def test_a_file_system_without_locks_is_good_enough(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", refuse)
    assert put(store, P.full(1)) == ["list 1: None to 1"]


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
from datetime import datetime, UTC
from pathlib import Path
from etitle.store.local import AlarmError, Store
store = Store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for at in range(1000):
    for name in sorted(Path(sys.argv[2]).iterdir()):
        store.update([(name.name, name.read_bytes())],
                     at=datetime.fromtimestamp(int(sys.argv[3]) + at, UTC))
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
    monkeypatch.setattr(disk, "LOCK_WAIT_S", 0.1)
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
