"""Measures the structure of the library: ``python -m tools.structure``; figures for docs/adr/0013.

From the source: files, functions, classes, imports.  From two runs in this process: the files that
issuing passes through (a workbook to sealed documents) and that verifying passes through (a sealed
document, a code text), and how often a call climbs to a room above the caller's.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import shutil
import sys
import tempfile
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Final
from unittest.mock import patch

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCE: Final = ROOT / "src" / "etitle"

LONG_FILE: Final = 400
"""Lines."""
LONG_FUNCTION: Final = 50
"""Lines of code, without the docstring, comments and blank lines."""
MANY_BRANCHES: Final = 15

RUN: Final = 6
"""Lines of code that stand elsewhere too, word for word, before they count as a repetition."""

_BRANCHES: Final = (
    ast.If, ast.For, ast.While, ast.ExceptHandler, ast.IfExp, ast.BoolOp, ast.match_case,
    ast.comprehension,
)  # fmt: skip

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> dict[str, ast.Module]:
    """The syntax tree of each module, by its name below ``etitle``."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = ast.parse(path.read_text("utf-8"))
    return found


def code_lines(function: Function, lines: list[str]) -> int:
    """Lines of a function's body that hold code."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    if not body:
        return 0
    text = lines[body[0].lineno - 1 : function.end_lineno]
    return sum(1 for line in text if line.strip() and not line.lstrip().startswith("#"))


def branches(function: Function) -> int:
    """Decisions in a function, those of functions inside it left out."""
    found = 0
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        if isinstance(node, Function):
            continue
        if isinstance(node, ast.BoolOp):
            found += len(node.values) - 1
        else:
            found += isinstance(node, _BRANCHES)
        todo.extend(ast.iter_child_nodes(node))
    return found


def imports(tree: ast.Module, names: set[str]) -> set[str]:
    """The modules that a module imports when it runs, wherever the import stands."""
    found: set[str] = set()
    todo: list[ast.AST] = list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            todo.extend(node.orelse)
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "etitle":
            base = (node.module or "").removeprefix("etitle").removeprefix(".")
            for alias in node.names:
                inner = f"{base}.{alias.name}".removeprefix(".")
                found.add(inner if inner in names else base)
        todo.extend(ast.iter_child_nodes(node))
    return found & names


def repeated_runs(texts: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Places that share a run of lines, imports, comments and blank lines left aside."""
    seen: dict[tuple[str, ...], tuple[str, int]] = {}
    found: dict[tuple[str, str, int], tuple[str, str]] = {}
    for name, text in texts.items():
        lines = [
            (number, line.strip())
            for number, line in enumerate(text, 1)
            if len(line.strip()) > 1 and not line.strip().startswith(("#", "import ", "from "))
        ]
        for at in range(len(lines) - RUN + 1):
            run = tuple(line for _, line in lines[at : at + RUN])
            first = seen.setdefault(run, (name, at))
            if first != (name, at) and (first[0] != name or at - first[1] >= RUN):
                where = (first[0], name, at - first[1])  # one run, however long
                found.setdefault(where, (f"{first[0]}", f"{name}:{lines[at][0]}"))
    return sorted(found.values())


def circles(graph: dict[str, set[str]]) -> list[tuple[str, ...]]:
    """Groups of modules that import each other in a loop."""
    reach: dict[str, set[str]] = {}
    for start, imported in graph.items():
        seen: set[str] = set()
        todo = list(imported)
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo.extend(graph[name])
        reach[start] = seen
    loops = {tuple(sorted(b for b in reach[a] if a in reach[b])) for a in graph if a in reach[a]}
    return sorted(loops)


def floors() -> dict[str, int]:
    """The floor of each room, 0 the ground, as the import contract lays them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    return {
        room.strip(" ()"): floor
        for floor, layer in enumerate(reversed(layers))
        for room in layer.split("|")
    }


class Walk:
    """Which files a run passes through, and how often a call climbs."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.ways: set[tuple[str, str]] = set()
        self.climbs: set[tuple[str, str]] = set()
        self._floors = floors()

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        """What ``sys.setprofile`` calls."""
        if event != "call":
            return
        here, caller = _module(frame), _caller(frame)
        if here is None:
            return
        self.files.add(here)
        if caller is not None and caller != here:
            self.ways.add((caller, here))
            if self._floor(here) > self._floor(caller):
                self.climbs.add((caller, here))

    def _floor(self, module: str) -> int:
        return self._floors.get(module.partition(".")[0], 99)


def _module(frame: FrameType) -> str | None:
    name = frame.f_globals.get("__name__", "")
    known = isinstance(name, str) and name.startswith("etitle.")
    return name.removeprefix("etitle.") if known else None


def _caller(frame: FrameType) -> str | None:
    above = frame.f_back
    while above is not None:
        name = _module(above)
        if name is not None:
            return name
        above = above.f_back
    return None


@contextlib.contextmanager
def walked() -> Iterator[Walk]:
    """Watch what runs inside."""
    walk = Walk()
    sys.setprofile(walk)
    try:
        yield walk
    finally:
        sys.setprofile(None)


def _main(*names: str) -> Callable[[list[str]], int]:
    for name in names:
        with contextlib.suppress(ModuleNotFoundError):
            found: Callable[[list[str]], int] = import_module(f"etitle.cli.{name}").main
            return found
    raise ModuleNotFoundError(names)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def walks() -> dict[str, Walk]:
    """Issue the demonstration's certificates and verify one, each watched."""
    sys.path.insert(0, str(ROOT))
    records = import_module("tests.support.records")
    etitle, verify = _main("etitle", "issue"), _main("etitle_verify", "verify")
    found = {}
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, _silence():
        os.chdir(folder)
        try:
            shutil.copytree(ROOT / "keys-example/keys", "issuer/keys")
            shutil.copy(ROOT / "keys-example/authority.toml", "issuer/authority.toml")
            records.make_records(Path("records.xlsx"))
            records.make_photos(Path("photos"))
            roots = [f"--root=file:issuer/keys/root-{n}.pem" for n in (1, 3)]
            with patch("etitle.cli.ceremony.ask", lambda *_: "yes"):
                etitle(["bundle", "new", *roots])
            with walked() as found["out: a workbook to sealed documents"]:
                etitle(["issue", "records.xlsx", "--photos", "photos", "--without-photo",
                        records.WITHOUT_PHOTO_ROWS])  # fmt: skip
            etitle(["publish"])
            bundle = "published/bundles/0001.cose"
            init = ["trust", "init", bundle, "--pin", "published/fingerprint.txt"]
            update = ["trust", "update", "published"]
            for command in (verify, etitle):  # whichever of the two keeps the trust
                for arguments in (init, update):
                    with contextlib.suppress(SystemExit):
                        command([*arguments, "--trust", "trust"])
            document = min(Path("issuer/issued").glob("*.pdf"))
            with walked() as found["in: a sealed document to its verdict"]:
                verify([str(document), "--trust", "trust"])
            with walked() as found["in: a code text to its verdict"]:
                verify([document.with_suffix(".txt").read_text("utf-8").strip(),
                        "--trust", "trust"])  # fmt: skip
        finally:
            os.chdir(here)
    return found


def main() -> int:
    """Print the figures."""
    trees = modules()
    lines = {
        name: (SOURCE / (name.replace(".", "/") + ".py"))
        for name in trees
        if (SOURCE / (name.replace(".", "/") + ".py")).exists()
    }
    texts = {name: path.read_text("utf-8").splitlines() for name, path in lines.items()}
    print(f"modules: {len(trees)}; lines: {sum(map(len, texts.values()))}")
    print("files over 400 lines:", _named({n: len(t) for n, t in texts.items()}, LONG_FILE))
    sizes, decisions, classes = {}, {}, defaultdict(list)
    for name, text in texts.items():
        for node in ast.walk(trees[name]):
            if isinstance(node, Function):
                sizes[f"{name}:{node.name}"] = code_lines(node, text)
                decisions[f"{name}:{node.name}"] = branches(node)
            elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                classes[node.name].append(name)
    print(f"functions: {len(sizes)}")
    print("functions over 50 lines:", _named(sizes, LONG_FUNCTION))
    print("functions over 15 branches:", _named(decisions, MANY_BRANCHES))
    print("classes of one name:", {n: w for n, w in classes.items() if len(w) > 1} or "none")
    stems = Counter(name.rpartition(".")[2] for name in texts if not name.endswith("__init__"))
    print("files of one name:", {stem: n for stem, n in stems.items() if n > 1} or "none")
    graph = {name: imports(tree, set(trees)) for name, tree in trees.items()}
    print("circles:", circles(graph) or "none")
    runs = repeated_runs(texts)
    print(f"runs of {RUN} lines that stand twice: {len(runs)}: {runs}")
    for what, walk in walks().items():
        print(
            f"{what}: {len(walk.files)} files, {len(walk.ways)} ways between files,"
            f" {len(walk.climbs)} climbs {sorted(walk.climbs) or ''}"
        )
    return 0


def _named(found: dict[str, int], limit: int) -> str:
    over = {name: size for name, size in found.items() if size > limit}
    listed = ", ".join(f"{name} {over[name]}" for name in sorted(over, key=lambda n: -over[n]))
    return f"{len(over)}: {listed}" if over else "none"


if __name__ == "__main__":
    sys.exit(main())
