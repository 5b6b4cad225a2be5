"""Small files that a command line names: bundles, rescue lists, templates."""

from __future__ import annotations

from pathlib import Path

from etitle.errors import IssueError
from etitle.files import read_bounded


def read_bounded_file(path: Path, *, limit: int) -> bytes:
    """The bytes of a regular file of at most ``limit`` bytes; a pipe or a huge file is none.

    Raises:
        IssueError: ``issue.file_unreadable``.
    """
    try:
        data = read_bounded(path, limit=limit)
    except (OSError, ValueError):
        data = None
    if data is None:
        raise IssueError("issue.file_unreadable", path=path)
    return data
