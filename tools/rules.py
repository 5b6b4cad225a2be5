"""Drops each rule of the second verifier in turn; some vector must notice.

``tests/second`` is written from docs/spec, one rule a condition. Here every condition, bound,
operand and table entry of it is dropped or moved by one, on its own, and the tests that hold the
verifier to the vectors (``test_the_reader_…``) run against what is left. What nobody notices is a
rule without a vector, or is named with a reason in ``tests/second/unnoticed.toml``.

    python -m tools.rules [--sample N --seed S] [--jobs N] [--function F] [MODULE…]
"""

from __future__ import annotations

import argparse
import ast
import functools
import hashlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import itertools
import os
import random
import signal
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import TypeAlias

from tools.mutation import Change, changes

ROOT = Path(__file__).parents[1]
SECOND = ROOT / "tests/second"
TESTS = ("tests.second.test_verifier", "tests.second.test_document")
WORDS = ("test_the_reader_", "imports_nothing")
"""How the tests begin that hold the verifier to vectors, and one that does not."""
SECONDS = 60
"""Of the processor: a change that makes the verifier endless is noticed."""


class Changed(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports one module with a change."""

    def __init__(self, name: str, code: CodeType) -> None:
        self._name, self._code = name, code

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module that is changed, and no other."""
        if fullname != self._name:
            return None
        origin = str(SECOND / f"{fullname.rpartition('.')[2]}.py")
        spec = importlib.util.spec_from_loader(fullname, self, origin=origin)
        if spec is not None:
            spec.has_location = True
        return spec

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002  # the name is the base's
        """The changed code."""
        return self._code

    def get_source(self, fullname: str) -> None:  # as above
        """There is none."""


def modules() -> list[str]:
    """The modules of the second verifier."""
    names = (path.stem for path in SECOND.glob("*.py"))
    return sorted(name for name in names if not name.startswith(("test_", "__")))


Test: TypeAlias = "Callable[[], None]"


def held() -> Iterator[Test]:
    """The tests on vectors, each with each of its parameters."""
    for name in TESTS:
        for key, test in vars(importlib.import_module(name)).items():
            if not key.startswith(WORDS[0]) or WORDS[1] in key:
                continue
            tables = [mark.args for mark in getattr(test, "pytestmark", ())]
            names = [table[0].split(",") for table in tables]
            for row in itertools.product(*(table[1] for table in tables)):
                given: dict[str, object] = {}
                for columns, value in zip(names, row, strict=True):
                    values = value if len(columns) > 1 else (value,)
                    given.update(zip((one.strip() for one in columns), values, strict=True))
                yield lambda test=test, given=given: test(**given)  # type: ignore[misc]


class Plan:
    """Which tests run for a change, and in which order: the likeliest and shortest first."""

    def __init__(self) -> None:
        # The same commitments are made again for each change: the processes to come inherit them.
        hashlib.scrypt = functools.cache(hashlib.scrypt)  # type: ignore[assignment]
        self._lately: dict[tuple[str, str], list[int]] = {}
        self._reached: list[set[tuple[str, int]]] = []
        self._took_s: list[float] = []
        with traced() as self._always:
            _forget()
            tests = list(held())
        for test in tests:
            before_s = time.process_time()
            with traced() as reached:
                test()
            self._took_s.append(time.process_time() - before_s)
            self._reached.append(reached)

    def of(self, module: str, change: Change, tree: ast.Module) -> list[int]:
        """Places in ``held()``: the tests that reach the change; all where the import does."""
        at = module, change.function(tree)
        places = sorted(range(len(self._reached)), key=self._took_s.__getitem__)
        if at[1] and at not in self._always:
            places = [place for place in places if at in self._reached[place]]
        lately = self._lately.get((module, change.where), [])[::-1]
        likely = [place for place in places if at in self._reached[place]]
        return list(dict.fromkeys([*(one for one in lately if one in places), *likely, *places]))

    def noticed(self, module: str, change: Change, at: int) -> None:
        """Remember what noticed a change."""
        self._lately.setdefault((module, change.where), []).append(at)


@contextmanager
def traced() -> Iterator[set[tuple[str, int]]]:
    """The functions of the second verifier that run meanwhile, by their first lines."""
    found: set[tuple[str, int]] = set()
    seen: set[int] = set()

    def called(frame: FrameType, _event: str, _: object) -> None:
        code = frame.f_code
        if id(code) not in seen:
            seen.add(id(code))
            path = Path(code.co_filename)
            if path.parent == SECOND:
                found.add((path.stem, code.co_firstlineno))

    sys.settrace(called)
    try:
        yield found
    finally:
        sys.settrace(None)


def is_noticed(
    module: str, tree: ast.Module, change: Change | None, plan: Plan | None = None
) -> bool:
    """Whether a vector fails, in a process of its own; without a plan, every test runs."""
    order = plan.of(module, change, tree) if plan and change else None
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _notices(module, change.applied(tree) if change else tree, order, writing)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if said and plan and change:
        plan.noticed(module, change, int(said))
    return bool(said) or status != 0


def _forget() -> None:
    for name in [name for name in sys.modules if name.startswith("tests.second")]:
        del sys.modules[name]


def _notices(module: str, tree: ast.Module, order: list[int] | None, writing: int) -> None:
    """Write the place of the first test that fails; an import that does ends the process."""
    sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115  # the process ends
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    at = -1
    try:
        _forget()
        code = compile(tree, str(SECOND / f"{module}.py"), "exec")
        sys.meta_path.insert(0, Changed(f"tests.second.{module}", code))
        tests = list(held())
        for at in range(len(tests)) if order is None else order:  # which one failed
            tests[at]()
    except BaseException:  # noqa: BLE001  # pytest's failures are of BaseException
        if at < 0:
            os._exit(1)
        os.write(writing, str(at).encode())


def unnoticed() -> dict[str, str]:
    """The changes that may go unnoticed, with the reasons."""
    path = SECOND / "unnoticed.toml"
    reasons: dict[str, dict[str, str]] = tomllib.loads(path.read_text("utf-8"))
    return {f"{module}: {name}": why
            for module, one in reasons.items() for name, why in one.items()}  # fmt: skip


def main() -> int:
    """What survives, and how many changes there were."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("modules", nargs="*", default=modules())
    options.add_argument("--sample", type=int, help="as many changes, drawn by the seed")
    options.add_argument("--seed", type=int, default=2026)
    options.add_argument("--function", action="append", help="only changes within it")
    options.add_argument("--verbose", action="store_true", help="say each that survives at once")
    options.add_argument("--jobs", type=int, default=2)
    given = options.parse_args()
    try:
        plan = Plan()
    except BaseException as error:  # noqa: BLE001  # pytest's failures are of BaseException
        sys.stderr.write(f"the vectors fail without any change: {error}\n")
        return 2
    trees = {name: ast.parse((SECOND / f"{name}.py").read_text("utf-8")) for name in given.modules}
    whole = [(name, change) for name, tree in trees.items() for change in changes(tree)
             if not given.function or change.where in given.function]  # fmt: skip
    drawn = whole
    if given.sample and given.sample < len(whole):
        drawn = random.Random(given.seed).sample(whole, given.sample)  # not a key

    def try_out(one: tuple[str, Change]) -> bool:
        noticed = is_noticed(one[0], trees[one[0]], one[1], plan)
        if given.verbose and not noticed:
            print(f"  {one[0]}:{one[1].line}: {one[1].where}: {one[1].what}", flush=True)
        return noticed

    with ThreadPoolExecutor(given.jobs) as pool:
        found = list(pool.map(try_out, drawn))
    return report(given.modules, whole, [one for one, n in zip(drawn, found, strict=True) if not n],
                  len(drawn))  # fmt: skip


def report(
    asked: Sequence[str], whole: Sequence[tuple[str, Change]],
    survivors: Sequence[tuple[str, Change]], tried: int,
) -> int:  # fmt: skip
    """Print what survived without a reason, and reasons for what is there no more."""
    reasons = unnoticed()
    known = {f"{name}: {change.where}: {change.what}" for name, change in whole}
    left = [(name, one) for name, one in survivors
            if f"{name}: {one.where}: {one.what}" not in reasons]  # fmt: skip
    stale = [one for one in reasons if one.split(":")[0] in asked and one not in known]
    for name, one in left:
        print(f"{name}:{one.line}: {one.where}: {one.what}")
    for name in stale:
        print(f"no such change any more: {name}")
    print(f"{tried} changes tried of {len(whole)}, {tried - len(survivors)} noticed, "
          f"{len(survivors) - len(left)} named with a reason, {len(left)} left")  # fmt: skip
    return 1 if left or stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
