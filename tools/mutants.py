"""Single changes to the core rooms; the tests must notice.

The tests that belong to the rooms run once, and are watched: which function each of them reaches.
Then each change (drawn by the seed) is made in a process of its own, and the tests that reach the
changed function run there, the quickest first, until one fails.  What survives is a test that is
missing, or is named with a reason in ``tools/unnoticed.toml``.

    python -m tools.mutants [--sample N] [--seed S] [--jobs N] [ROOM…]
"""

from __future__ import annotations

import argparse
import ast
import functools
import gc
import os
import random
import re
import signal
import sys
import threading
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any, cast

import pytest
from _pytest.runner import runtestprotocol
from tools.mutation import Change, changes

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src/etitle"
WIDE = ("tests/vectors/test_vectors.py",)
"""What holds every room, and is quick."""
BOTH = (*WIDE, "tests/second")
"""And what both verifiers read: the second asks the library only about texts and documents."""
ROOMS: dict[str, tuple[str, ...]] = {
    "canon": (
        *WIDE, "tests/unit/test_canon.py", "tests/property/test_canon.py", "tests/unit/certificate",
    ),
    "cose": (*WIDE, "tests/unit/test_cose.py"),
    "verdict": (
        *WIDE, "tests/unit/test_verdict.py", "tests/property/test_verdict.py", "tests/unit/report",
    ),
    "certificate": (*WIDE, "tests/unit/certificate", "tests/unit/verify"),
    "keys": (*WIDE, "tests/unit/keys"),
    "token": (*BOTH, "tests/unit/token", "tests/unit/verify"),
    "trust": (*WIDE, "tests/unit/trust", "tests/unit/store"),
    "store": (*WIDE, "tests/unit/store", "tests/unit/trust"),
    "verify": (
        *BOTH, "tests/unit/verify", "tests/unit/report", "tests/unit/pades/test_augment.py",
    ),
    "pades": (*BOTH, "tests/unit/pades", "tests/unit/verify"),
}  # fmt: skip
WATCH_S = 300.0
"""Of processor time for watching the tests, in their order."""
CHANCE = " and ".join(f"not {one}" for one in (
    "chance", "stranger_changed", "rebuilt", "compressor", "deterministic",
))  # fmt: skip
"""Tests that take long and draw at random are no measure."""
SLOW_S = 3.0
"""Tests that take longer are asked only where no other reaches a function."""
ENOUGH_S = 8.0
"""Of tests for one change, and of a room's own tests again, by their times without it."""
STEADY = 300
"""Tests that run once more, unchanged, before any change."""
LIMITS = "test_limits.py"
"""Tests of constants, which reach no function: they are asked about what stands outside of all."""
LIMIT_S = 120
"""A change that makes a test endless is noticed."""
IDLE = ("messages", "__repr__")


@dataclass(frozen=True, slots=True)
class Place:
    """A change, and the module that it is in."""

    module: str
    change: Change

    @property
    def name(self) -> str:
        """Its name in lists."""
        return f"{self.module}: {self.change.where}: {self.change.what}"


def modules(room: str) -> list[str]:
    """The modules of a room."""
    if (SOURCE / f"{room}.py").exists():
        return [f"etitle.{room}"]
    files = sorted((SOURCE / room).rglob("*.py"))
    return [
        "etitle." + ".".join(file.relative_to(SOURCE).with_suffix("").parts)
        for file in files
        if file.stem != "__init__"
    ]


def path_of(module: str) -> Path:
    """The file of a module."""
    return ROOT / "src" / Path(*module.split(".")).with_suffix(".py")


def places(room: str) -> list[Place]:
    """Every change to a room, but of class bodies and of words."""
    found: list[Place] = []
    for module in modules(room):
        tree = ast.parse(path_of(module).read_text("utf-8"))
        classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
        found += [
            Place(module, one)
            for one in changes(tree)
            if one.where not in classes and not any(word in one.where for word in IDLE)
        ]
    return found


# -- the child -------------------------------------------------------------------------------------


def qualified(code: CodeType) -> Iterator[CodeType]:
    """A code object and those within."""
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from qualified(const)


@functools.cache
def functions() -> list[FunctionType]:
    """All that there are; found once, for every child."""
    return [one for one in gc.get_objects() if isinstance(one, FunctionType)]


@functools.cache
def caches() -> list[Any]:
    """The project's, found once, for every child."""
    kind: Any = type(functions)
    found = [one for one in gc.get_objects() if isinstance(one, kind)]
    return [one for one in found if one.__module__.startswith(("etitle", "tests"))]


def make_change(place: Place) -> None:
    """Change the module that is running, wherever its functions and constants are held."""
    path = path_of(place.module)
    tree = place.change.applied(ast.parse(path.read_text("utf-8")))
    if not place.change.where:
        _change_constants(sys.modules[place.module], tree)
        return
    code = compile(tree, str(path), "exec")
    new = {(one.co_qualname, one.co_freevars): one for one in qualified(code)}
    for held in functions():
        if held.__code__.co_filename == str(path):
            key = held.__code__.co_qualname, held.__code__.co_freevars
            if key in new:
                held.__code__ = new[key]
                if key[0].replace(".<locals>", "") == place.change.where:
                    _change_default(held, place.change)


def _change_default(held: FunctionType, change: Change) -> None:
    """Defaults of arguments are no part of a function's code."""
    field, at = change.path[-1]
    code, value = held.__code__, getattr(change.new, "value", None)
    if field == "kw_defaults" and held.__kwdefaults__ and at is not None:
        held.__kwdefaults__[code.co_varnames[code.co_argcount + at]] = value
    elif field == "defaults" and held.__defaults__ and at is not None:
        defaults = [*held.__defaults__]
        defaults[at] = value
        held.__defaults__ = tuple(defaults)


def _change_constants(module: ModuleType, tree: ast.Module) -> None:
    """Run a module's own statements again, over the functions and classes that it has."""
    made: dict[str, Any] = {**vars(module)}
    tree.body = [one for one in tree.body if not isinstance(one, (ast.FunctionDef, ast.ClassDef))]
    exec(compile(tree, str(module.__file__), "exec"), made)  # noqa: S102  # the project's own
    for name, old in list(vars(module).items()):
        value = made[name]
        if value is old or name.startswith("__"):
            continue
        for other in list(sys.modules.values()):
            if getattr(other, "__name__", "").startswith(("etitle", "tests")):
                for key, held in list(vars(other).items()):
                    if held is old and key == name:
                        setattr(other, key, value)


def forget() -> None:
    """Empty every cache of the project, so that nothing made before the change is used."""
    for held in caches():
        held.cache_clear()


def forget_ours() -> None:
    """Empty the library's caches, so that each test reaches what it would reach alone."""
    kind: Any = type(functools.cache(forget))
    for name, module in list(sys.modules.items()):
        if name.startswith("etitle"):
            for held in list(vars(module).values()):
                if isinstance(held, kind):
                    held.cache_clear()


class Elsewhere:
    """Stands for a next test of another file: only what the whole session holds stays set up."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session

    def listchain(self) -> list[pytest.Session]:
        """What stays."""
        return [self._session]


def run(item: pytest.Item, following: object) -> bool:
    """Whether a test passes."""
    following = cast("pytest.Item", following)
    return not any(one.failed for one in runtestprotocol(item, log=False, nextitem=following))


def failing(session: pytest.Session, tests: Sequence[int]) -> Iterator[int]:
    """Run tests, by their places in the session, one after another: those that fail."""
    following = [*(session.items[at] for at in tests[1:]), Elsewhere(session)]
    for at, after in zip(tests, following, strict=True):
        if not run(session.items[at], after):
            yield at


# -- the parent ------------------------------------------------------------------------------------


@dataclass
class Trial:
    """A pytest plugin: instead of running the tests it tries the changes of a room."""

    rooms: list[str]
    sample: int
    seed: int
    jobs: int
    reached: dict[tuple[str, str], list[tuple[float, int]]] = field(default_factory=dict)
    limits: list[tuple[float, int]] = field(default_factory=list)
    own: set[int] = field(default_factory=set[int])
    left: list[Place] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    unwatched: int = 0
    worst: float = 100.0

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Watch, then try."""
        self._watch(session)
        functions()
        caches()
        gc.freeze()
        self._drop_unsteady(session)
        for one in self.broken:
            print(f"  fails as it is: {one}", flush=True)
        if self.unwatched:
            print(f"  the last {self.unwatched} tests are not asked", flush=True)
        for room in self.rooms:
            self._try_room(room, session)
        return True

    def _try_room(self, room: str, session: pytest.Session) -> None:
        drawn = places(room)
        if self.sample < len(drawn):
            drawn = random.Random(self.seed).sample(drawn, self.sample)
        named = reasons()
        running: dict[int, Place] = {}
        self.left.clear()
        for place in drawn:
            while len(running) >= self.jobs:
                self._wait(running)
            tests = self._tests(place)
            if is_among(place, named):
                continue
            if not tests:
                self._note(place)
                continue
            child = os.fork()
            if not child:
                os._exit(_try(place, tests, session))
            running[child] = place
        while running:
            self._wait(running)
        rate = 100 * (1 - len(self.left) / max(1, len(drawn)))
        self.worst = min(self.worst, rate)
        print(f"{room}: {len(drawn)} tried, {len(self.left)} unnoticed, {rate:.1f} %", flush=True)

    def _note(self, place: Place) -> None:
        self.left.append(place)
        print(f"  {place.change.line}: {place.name}", flush=True)

    def _drop_unsteady(self, session: pytest.Session) -> None:
        """Of the quickest tests those that fail when they run again show nothing."""
        timed = sorted({one for tests in self.reached.values() for one in tests})
        quickest = [*dict.fromkeys(at for _, at in timed)][:STEADY]
        results, told = os.pipe()
        child = os.fork()
        if not child:
            _silence()
            forget()
            os.write(told, " ".join(map(str, failing(session, quickest))).encode())
            os._exit(0)
        os.close(told)
        with os.fdopen(results) as file:
            failed = {int(one) for one in file.read().split()}
        os.waitpid(child, 0)
        self.broken += [session.items[at].nodeid for at in sorted(failed)]
        for name, tests in self.reached.items():
            self.reached[name] = [one for one in tests if one[1] not in failed]

    def _wait(self, running: dict[int, Place]) -> None:
        child, status = os.wait()
        place = running.pop(child)
        if status == 0:
            self._note(place)

    def _watch(self, session: pytest.Session) -> None:
        files = {str(path_of(one)): one for room in self.rooms for one in modules(room)}
        seen: set[tuple[str, str]] = set()

        def note(frame: FrameType, event: str, _argument: object) -> None:
            if event == "call":
                code = frame.f_code
                if (module := files.get(code.co_filename)) is not None:
                    seen.add((module, code.co_qualname))

        began = time.process_time()
        last = len(session.items) - 1
        self.own = {at for at, item in enumerate(session.items) if "unit" in item.path.parts}
        for at, item in enumerate(session.items):
            over = at == last or time.process_time() - began > WATCH_S
            following = Elsewhere(session) if over else session.items[at + 1]
            seen.clear()
            forget_ours()
            started = time.process_time()
            threading.settrace(note)
            sys.settrace(note)
            passed = run(item, following)
            sys.settrace(None)
            threading.settrace(None)
            took = time.process_time() - started
            if not passed:
                self.broken.append(item.nodeid)
            for one in seen if passed else ():
                self.reached.setdefault(one, []).append((took, at))
            if passed and item.path.name == LIMITS:
                self.limits.append((took, at))
            if over:
                self.unwatched = last - at
                break
        for found in self.reached.values():
            found.sort()

    def _tests(self, place: Place) -> list[int]:
        """The tests that reach what was changed, the quickest first.

        The vectors are so many that they would leave no time to a room's own tests: those have
        time of their own.
        """
        where = place.change.where
        if where:
            found = [one for (module, name), tests in self.reached.items()
                     if module == place.module and _is_within(name, where)
                     for one in tests]  # fmt: skip
        else:
            found = [one for (module, _), tests in self.reached.items()
                     if module == place.module for one in tests]  # fmt: skip
            found += self.limits
        timed = sorted(set(found))
        chosen = quickest(timed)
        own = [one for one in timed if one[1] in self.own and one[1] not in chosen]
        return [*chosen, *quickest(own)]


def quickest(timed: Iterable[tuple[float, int]]) -> list[int]:
    """The first of the tests, by their times, up to as much as is enough."""
    chosen: list[int] = []
    total = 0.0
    for took, at in timed:
        if chosen and (took > SLOW_S or total > ENOUGH_S):
            break
        if at not in chosen:
            chosen.append(at)
            total += took
    return chosen


def _is_within(name: str, where: str) -> bool:
    plain = name.replace(".<locals>", "").removesuffix(".<genexpr>").removesuffix(".<listcomp>")
    return plain == where or where.startswith(f"{plain}.") or plain.startswith(f"{where}.")


def _try(place: Place, tests: Sequence[int], session: pytest.Session) -> int:
    """In the child: 0 where no test fails."""
    _silence()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(LIMIT_S)
    try:
        make_change(place)
        forget()
        return int(any(True for _ in failing(session, tests)))
    except BaseException:  # noqa: BLE001  # whatever it is, it was noticed
        return 1


def _silence() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)


def reasons() -> dict[str, str]:
    """The changes that no test can notice, with the reasons; ``*`` stands for any text."""
    found: dict[str, str] = tomllib.loads((ROOT / "tools/unnoticed.toml").read_text("utf-8"))
    return found


def is_among(place: Place, names: Iterable[str]) -> bool:
    """Whether a change has one of these names."""
    patterns = (re.escape(name).replace(r"\*", ".*") for name in names)
    return any(re.fullmatch(pattern, place.name, re.DOTALL) for pattern in patterns)


def main() -> int:
    """All rooms in one session, so that the tests are watched once."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("rooms", nargs="*", default=list(ROOMS))
    options.add_argument("--sample", type=int, default=150, help="changes a room")
    options.add_argument("--seed", type=int, default=2026)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--least", type=float, default=97.0, help="percent noticed")
    given = options.parse_args()
    trial = Trial(given.rooms, given.sample, given.seed, given.jobs)
    tests = dict.fromkeys(one for room in given.rooms for one in ROOMS[room])
    paths = [one for one in tests if (ROOT / one).exists()]
    pytest.main(["-q", "-s", "-p", "no:cacheprovider", "-k", CHANCE, *paths], plugins=[trial])
    return int(trial.worst < given.least)


if __name__ == "__main__":
    raise SystemExit(main())
