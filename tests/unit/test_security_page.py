"""docs/explain/security.md says only what a test or a vector shows."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "explain" / "security.md"
_NAME: Final = re.compile(r"`([a-z0-9_-]+)`")


def _rows() -> list[tuple[str, str]]:
    """Each attempt of the page's tables, and the cell that says what shows it."""
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| attempt ")
    ]
    return [(row[0], row[-1].rstrip(" |")) for row in cells]


def _tests() -> set[str]:
    """The names of all test functions."""
    return {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def _names(node: object) -> set[str]:
    """Every ``name`` in a file of vectors."""
    if isinstance(node, dict):
        own = {node["name"]} if isinstance(node.get("name"), str) else set()
        return own.union(*map(_names, node.values()))
    return set().union(*map(_names, node)) if isinstance(node, list) else set()


def _vectors() -> set[str]:
    files = (ROOT / "tests" / "vectors").glob("*.json")
    return set().union(
        *(_names(json.loads(path.read_bytes())) for path in files if path.stem != "schema")
    )


TESTS: Final = _tests()
VECTORS: Final = _vectors()


@pytest.mark.parametrize(("attempt", "shown_by"), _rows())
def test_each_row_names_what_shows_it(attempt: str, shown_by: str) -> None:
    names = _NAME.findall(shown_by)
    assert names, attempt
    unknown = {name for name in names if name not in (TESTS if "_" in name else VECTORS)}
    assert not unknown, attempt


def test_there_are_rows() -> None:
    assert len(_rows()) > 30
