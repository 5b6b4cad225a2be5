"""How the tests and tools lie: what may import what."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


GENERATED_PAGES = {ROOT / "tests/vectors/test_reasons.py"}
"""Tests that hold pages against the tool that writes them."""


@pytest.mark.parametrize("folder", ["src", "tests"])
def test_nothing_but_tools_imports_tools(folder: str) -> None:
    for path in sorted({*(ROOT / folder).rglob("*.py")} - GENERATED_PAGES):
        assert not {name for name in imported(path) if name.split(".")[0] == "tools"}, path


def test_the_library_imports_no_test() -> None:
    for path in sorted((ROOT / "src").rglob("*.py")):
        assert not {name for name in imported(path) if name.split(".")[0] == "tests"}, path


def test_support_is_no_test_and_imports_none() -> None:
    for path in sorted((ROOT / "tests" / "support").rglob("*.py")):
        assert not path.name.startswith("test_")
        assert not {name for name in imported(path) if ".test_" in name}, path
