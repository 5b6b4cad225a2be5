"""Single changes to a program, each made on its own: what a test or a vector has to notice."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

Path: TypeAlias = "tuple[tuple[str, int | None], ...]"
"""From the module to a node: fields, and places in those that are lists."""

SWAPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
"""Bounds move by one; the rest is turned round."""
CLASS = re.compile(r"(?<!\\)\[\^?(?:\\.|[^\]\\])+\]", re.DOTALL)
ESCAPE = r"\\(?:x..|u....|.)"
MEMBER = re.compile(rf"(?:{ESCAPE}|[^\\])(?:-(?:{ESCAPE}|[^\\\]]))?", re.DOTALL)
COUNT = re.compile(r"\{(\d+)(?:,(\d*))?\}")


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes:
        where: The function that it is in, qualified; empty for the module's own statements.
        line: Its line.
        what: The old text and the new one.
    """

    where: str
    line: int
    what: str
    path: Path
    new: ast.AST

    def applied(self, tree: ast.Module) -> ast.Module:
        """The module with the change."""
        made = copy.deepcopy(tree)
        node: ast.AST = made
        for field, at in self.path[:-1]:
            found = getattr(node, field)
            node = found if at is None else found[at]
        field, at = self.path[-1]
        if at is None:
            setattr(node, field, self.new)
        else:
            getattr(node, field)[at] = self.new
        return ast.fix_missing_locations(made)

    def function(self, tree: ast.Module) -> int:
        """The first line of the function in which it runs; 0 for what runs at the import."""
        node: ast.AST = tree
        first = 0
        for field, at in self.path:
            if field == "body" and isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                lines = [node.lineno, *(one.lineno for one in node.decorator_list)]
                first = min(lines) if isinstance(node, ast.FunctionDef) else 0
            found = getattr(node, field)
            node = found if at is None else found[at]
        return first


def changes(tree: ast.Module) -> list[Change]:
    """Every change that is made to a module, in its order; their names are unique."""
    seen: dict[tuple[str, str], int] = {}
    found: list[Change] = []
    for where, line, path, old, new in _walk(tree, (), ""):
        what = f"{_text(old)} -> {_text(new)}"
        count = seen[where, what] = seen.get((where, what), 0) + 1
        found.append(Change(where, line, what if count == 1 else f"{what} #{count}", path, new))
    return found


def _text(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 160 else f"{text[:100]} … {text[-59:]}"


Found: TypeAlias = "tuple[str, int, Path, ast.AST, ast.AST]"


def _walk(node: ast.AST, path: Path, where: str) -> Iterator[Found]:
    inner = where
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        inner = f"{where}.{node.name}" if where else node.name
    fields: Iterable[tuple[str, Any]] = ast.iter_fields(node)
    for field, value in fields:
        if field in ("decorator_list", "annotation", "returns", "ctx", "bases"):
            continue
        listed: list[object] = value if isinstance(value, list) else [value]
        for place, child in enumerate(listed):
            at = place if isinstance(value, list) else None
            if not isinstance(child, ast.AST) or _is_idle(child):
                continue
            here = (*path, (field, at))
            for new in _alternatives(child, node, field):
                yield inner, getattr(child, "lineno", getattr(node, "lineno", 0)), here, child, new
            yield from _walk(child, here, inner)


def _is_idle(node: ast.AST) -> bool:
    """Docstrings, imports, assertions, names of types: nothing that a rule is made of."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    if isinstance(node, ast.keyword):
        return node.arg in ("strict", "flags", "slots", "frozen")
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        alias = isinstance(node, ast.AnnAssign) and "TypeAlias" in ast.unparse(node.annotation)
        return alias or (isinstance(target, ast.Name) and target.id in ("__all__", "__slots__"))
    return isinstance(node, (ast.Import, ast.ImportFrom, ast.Assert, ast.JoinedStr))


def _alternatives(node: ast.AST, parent: ast.AST, field: str) -> Iterator[ast.AST]:
    match node:
        case ast.stmt():
            yield from _of_statement(node)
        case ast.BoolOp():
            for at in range(len(node.values)):
                left = node.values[:at] + node.values[at + 1 :]
                yield left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
        case ast.Compare():
            yield from _of_comparison(node)
        case ast.UnaryOp() | ast.IfExp() | ast.comprehension():
            yield from _shorter(node)
        case ast.BinOp():
            yield from _of_sum(node)
        case ast.Constant() if not (isinstance(parent, ast.Subscript) and field == "slice"):
            yield from _of_constant(node, parent)
        case ast.Set() | ast.Tuple() | ast.List() | ast.Dict():
            yield from _of_table(node, parent)
        case _:
            pass


def _shorter(node: ast.UnaryOp | ast.IfExp | ast.comprehension) -> Iterator[ast.AST]:
    if isinstance(node, ast.UnaryOp):
        yield from (node.operand,) if isinstance(node.op, ast.Not) else ()
    elif isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    else:
        for at in range(len(node.ifs)):
            left = node.ifs[:at] + node.ifs[at + 1 :]
            yield ast.comprehension(node.target, node.iter, left, node.is_async)


def _of_statement(node: ast.stmt) -> Iterator[ast.AST]:
    if isinstance(node, (ast.If, ast.While)):
        for value in (False, True) if isinstance(node, ast.If) else (False,):
            made = copy.copy(node)
            made.test = ast.Constant(value)
            yield made
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        held = node.value.args
        if not (held and isinstance(held[0], ast.BoolOp) and isinstance(held[0].op, ast.And)):
            yield ast.Pass()
    elif isinstance(node, (ast.AugAssign, ast.Delete)):
        yield ast.Pass()
    elif isinstance(node, ast.Continue):
        yield ast.Break()
    elif isinstance(node, ast.Break):
        yield ast.Continue()


def _of_comparison(node: ast.Compare) -> Iterator[ast.AST]:
    if len(node.ops) > 1:
        yield ast.Compare(node.left, node.ops[:-1], node.comparators[:-1])
        yield ast.Compare(node.comparators[0], node.ops[1:], node.comparators[1:])
    for at, op in enumerate(node.ops):
        ops = [*node.ops]
        ops[at] = SWAPPED[type(op)]()
        yield ast.Compare(node.left, ops, node.comparators)


def _of_sum(node: ast.BinOp) -> Iterator[ast.AST]:
    turned: dict[type[ast.operator], type[ast.operator]] = {
        ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
        ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr,
    }  # fmt: skip
    if isinstance(node.op, ast.BitOr):
        yield from (node.left, node.right)
    elif type(node.op) in turned and not isinstance(node.left, ast.Constant | ast.JoinedStr):
        yield ast.BinOp(node.left, turned[type(node.op)](), node.right)


def _of_constant(node: ast.Constant, parent: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield from (ast.Constant(node.value + 1), ast.Constant(node.value - 1))
    elif isinstance(node.value, (str, bytes)) and _is_pattern(node, parent):
        text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
        for made in _patterns(text):
            yield ast.Constant(made if isinstance(node.value, str) else made.encode("latin-1"))


def _is_pattern(node: ast.Constant, parent: ast.AST) -> bool:
    return (
        isinstance(parent, ast.Call)
        and parent.args[:1] == [node]
        and isinstance(parent.func, ast.Attribute)
        and isinstance(parent.func.value, ast.Name)
        and parent.func.value.id == "re"
    )


def _patterns(text: str) -> Iterator[str]:
    """A pattern without a member of a class, or with another count."""
    for found in CLASS.finditer(text):
        start = found.start() + (2 if found[0][1] == "^" else 1)
        members = list(MEMBER.finditer(text, start, found.end() - 1))
        for one in members if len(members) > 1 else ():
            yield text[: one.start()] + text[one.end() :]
    for found in COUNT.finditer(text):
        for group in (1, 2):
            if found[group]:
                for by in (-1, 1):
                    number = str(int(found[group]) + by)
                    if number != "-1":
                        yield text[: found.start(group)] + number + text[found.end(group) :]


def _of_table(
    node: ast.Set | ast.Tuple | ast.List | ast.Dict, parent: ast.AST
) -> Iterator[ast.AST]:
    """A table without one of its entries."""
    if isinstance(node, ast.Dict):
        for at in range(len(node.keys) if len(node.keys) > 1 else 0):
            yield ast.Dict(node.keys[:at] + node.keys[at + 1 :],
                           node.values[:at] + node.values[at + 1 :])  # fmt: skip
        return
    within = isinstance(parent, ast.Compare) and parent.left is not node
    if not isinstance(node, ast.Set) and not (within and _is_membership(parent)):
        return
    for at in range(len(node.elts) if len(node.elts) > 1 else 0):
        left = node.elts[:at] + node.elts[at + 1 :]
        if isinstance(node, ast.Set):
            yield ast.Set(left)
        elif isinstance(node, ast.Tuple):
            yield ast.Tuple(left, node.ctx)
        else:
            yield ast.List(left, node.ctx)


def _is_membership(parent: ast.AST) -> bool:
    return isinstance(parent, ast.Compare) and isinstance(parent.ops[-1], ast.In | ast.NotIn)
