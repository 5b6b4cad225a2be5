"""``etitle list recover``: the way back after a list key was stolen."""

from __future__ import annotations

import datetime
import os
from argparse import Namespace
from pathlib import Path

from etitle.certificate.dates import CHINA
from etitle.cli.recovery import recovered
from etitle.cli.workspace import Workspace
from etitle.errors import IssueError
from etitle.files import write_atomic
from etitle.report.rows import china_time


def recover(options: Namespace) -> int:
    """``list recover KID --key FILE``: change authority.toml; the roots sign what follows."""
    workspace = Workspace(options)
    workspace.authority()  # whole and readable before it is changed
    path = workspace.folder / "authority.toml"
    since = datetime.datetime.fromtimestamp(workspace.at_s, CHINA)
    if options.since is not None:
        since = _moment(options.since)
    text = path.read_text("utf-8")
    changed = recovered(
        text,
        folder=workspace.folder,
        kid=options.kid.lower(),
        since=since,
        new_key=_relative(options.key, workspace.folder),
    )
    write_atomic(path.with_suffix(".toml.before"), text.encode())
    write_atomic(path, changed.encode())
    terminal = workspace.terminal
    terminal.say(
        "output.list_recover", path=path, kid=options.kid, since=china_time(int(since.timestamp()))
    )
    terminal.say("output.list_recover_next", before=path.with_suffix(".toml.before"))
    return 0


def _moment(text: str) -> datetime.datetime:
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise IssueError("issue.since_malformed", given=text) from None
    return found if found.tzinfo else found.replace(tzinfo=CHINA)


def _relative(given: str, folder: Path) -> str:
    """A key file as authority.toml names it."""
    path = Path(given)
    if not path.is_absolute() and (folder / path).exists():
        return path.as_posix()
    return Path(os.path.relpath(path, folder)).as_posix()
