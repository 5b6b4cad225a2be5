"""What is changed in a program; and that a dropped rule of the second verifier shows."""

from __future__ import annotations

import ast

import pytest
from tools import mutants, rules
from tools.mutation import changes

NOTHING: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("need(a and b)", {"need(b)", "need(a)"}),
        ("need(a)", {"pass"}),
        ("x = 0 < n <= m", {"x = 0 < n", "x = n <= m", "x = 0 <= n <= m", "x = 0 < n < m",
                            "x = 1 < n <= m", "x = -1 < n <= m"}),
        ("if a:\n    b", {"if False:\n    b", "if True:\n    b"}),
        ("x = re.compile('[ab]{2}')", {"x = re.compile('[b]{2}')", "x = re.compile('[a]{2}')",
                                       "x = re.compile('[ab]{1}')", "x = re.compile('[ab]{3}')"}),
        (r"x = re.compile('[^\x00]')", NOTHING),
        (r"x = re.compile('[\x00-\x02a]')", {r"x = re.compile('[a]')",
                                            r"x = re.compile('[\x00-\x02]')"}),
        ("x = a in (b, c)", {"x = a not in (b, c)", "x = a in (c,)", "x = a in (b,)"}),
        ("x = {a: b, c: d}", {"x = {c: d}", "x = {a: b}"}),
        ("x = [n for n in y if n]", {"x = [n for n in y]"}),
        ("x = not a", {"x = a"}),
        ("x = a if b else c", {"x = a", "x = c"}),
        ("x = a + b", {"x = a - b"}),
        ("x = True", {"x = False"}),
        ("x = y[3]", NOTHING),
        ("'text'\nimport y\nassert y", NOTHING),
    ],
)  # fmt: skip
def test_each_change_is_one_place(source: str, expected: set[str] | frozenset[str]) -> None:
    tree = ast.parse(source)
    assert {ast.unparse(one.applied(tree)) for one in changes(tree)} == expected
    assert ast.unparse(tree) == ast.unparse(ast.parse(source))


def test_names_are_unique_and_say_where() -> None:
    tree = ast.parse("class A:\n    def f(self, n):\n        return n < 1 or n < 1")
    found = changes(tree)
    assert {one.where for one in found} == {"A.f"}
    assert len({one.what for one in found}) == len(found)


def test_a_dropped_rule_shows_and_the_rules_as_they_are_do_not() -> None:
    tree = ast.parse((rules.SECOND / "payload.py").read_text("utf-8"))
    assert not rules.is_noticed("payload", tree, None)
    (one,) = (one for one in changes(tree) if one.what == "kind == 7 -> kind != 7")
    assert rules.is_noticed("payload", tree, one)


def test_what_may_go_unnoticed_is_there() -> None:
    known: set[str] = set()
    for name in rules.modules():
        tree = ast.parse((rules.SECOND / f"{name}.py").read_text("utf-8"))
        known |= {f"{name}: {one.where}: {one.what}" for one in changes(tree)}
    assert rules.unnoticed().keys() <= known
    assert all(rules.unnoticed().values())


def test_what_may_go_unnoticed_in_the_library_is_there() -> None:
    named = mutants.reasons()
    rooms = {room for room in mutants.ROOMS for name in named if name.startswith(f"etitle.{room}")}
    places = [place for room in rooms for place in mutants.places(room)]
    for name in named:
        assert any(mutants.is_among(place, [name]) for place in places), name
    assert all(named.values())
