"""Every public name is held to its type by ``tests/typing/api.py``."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import etitle

TYPED = Path(__file__).parents[1] / "typing" / "api.py"
USED = {
    node.attr
    for node in ast.walk(ast.parse(TYPED.read_text("utf-8")))
    if isinstance(node, ast.Attribute)
    and isinstance(node.value, ast.Name)
    and node.value.id == "etitle"
}


@pytest.mark.parametrize("name", etitle.__all__)
def test_a_public_name_is_there_and_its_type_is_checked(name: str) -> None:
    assert getattr(etitle, name) is not None
    assert name in USED


def test_no_other_name_is_used_as_public() -> None:
    assert set(etitle.__all__) >= USED
