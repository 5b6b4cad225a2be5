"""``etitle void``, ``withdraw``, ``cancel``, ``suspend``, ``restore``, ``other``, ``status``."""

from __future__ import annotations

from argparse import Namespace

from etitle.certificate.codes import reasons, states
from etitle.certificate.dates import day_date
from etitle.cli.terminal import Terminal
from etitle.cli.workspace import Workspace
from etitle.errors import IssueError
from etitle.register.ledger import StateChange


def check_reason(reason: str, to: str, remark: str | None) -> None:
    """Refuse a reason that does not lead to the state, or that lacks its remark.

    Raises:
        IssueError: ``issue.reason_unfit`` or ``issue.remark_missing``.
    """
    known = reasons().get(reason)
    if known is None or known.to != to:
        fitting = ", ".join(
            f"{each.code} {each.zh}" for each in reasons().values() if each.to == to
        )
        raise IssueError("issue.reason_unfit", reason=reason, to=to, known=fitting)
    if known.remark_required and not (remark or "").strip():
        raise IssueError("issue.remark_missing")


def change(options: Namespace) -> int:
    """``void``, ``withdraw``, ``cancel``, ``suspend``: by a reason of the table."""
    check_reason(options.reason, options.to, options.remark)
    workspace = Workspace(options)
    with workspace.ledger() as ledger:
        done = ledger.change(
            options.number, reason=options.reason, remark=options.remark, at_s=workspace.at_s
        )
    _show(workspace.terminal, options.number, done)
    return 0


def restore(options: Namespace) -> int:
    """``restore``: end a suspension."""
    workspace = Workspace(options)
    with workspace.ledger() as ledger:
        done = ledger.restore(options.number, remark=options.remark, at_s=workspace.at_s)
    _show(workspace.terminal, options.number, done)
    return 0


def other(options: Namespace) -> int:
    """``other``: a state of no reason of the table."""
    workspace = Workspace(options)
    with workspace.ledger() as ledger:
        done = ledger.change_other(options.number, remark=options.remark, at_s=workspace.at_s)
    _show(workspace.terminal, options.number, done)
    return 0


def status(options: Namespace) -> int:
    """``status NUMBER``: every step of a certificate."""
    workspace = Workspace(options)
    with workspace.ledger() as ledger:
        ledger.state_of(options.number)
        for step in ledger.history(options.number):
            _show(workspace.terminal, options.number, step)
    return 0


def _show(terminal: Terminal, number: str, change: StateChange) -> None:
    state = change.kind.name.lower()
    parts = [number, terminal.pick(states()[state], state)]
    parts += [str(day_date(change.day)), change.reason or "", change.remark or ""]
    parts += [f"→ {change.successor}"] if change.successor else []
    terminal.show("  ".join(part for part in parts if part))
