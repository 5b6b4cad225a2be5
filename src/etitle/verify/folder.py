"""A file, a folder of files, or standard input -> rows of name and verdict; never raises."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from etitle.verdict import CheckId, Reason, Verdict
from etitle.verify.checks.answers import unknown
from etitle.verify.file import MAX_FILE_BYTES, verify_bytes
from etitle.verify.token import verdict_without_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from etitle.verify.question import Question

SYSTEM_FILES: Final = frozenset({"thumbs.db", "desktop.ini"})
"""Files that systems leave in folders, in small letters; nobody put them there to be verified."""


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """One input and its verdict.

    Attributes:
        name: its path as given or found, with ``:`` and the line for a code of a text file.
        verdict: the verdict on it.
        page: the number of the page that showed the code, where the file has pages.
        without_code: of a file's first row, the pages that showed no code of ours.
        foreign: of a file's first row, how many codes of others its pages showed.
    """

    name: str
    verdict: Verdict
    page: int | None = None
    without_code: tuple[int, ...] = ()
    foreign: int = 0


@dataclass(frozen=True, slots=True)
class PassedOver:
    """How much of a folder was no input; silence would suggest that all was verified.

    Attributes:
        folder: its path as given.
        count: hidden files and folders, files of the system, and links to folders; at least one.
    """

    folder: str
    count: int


def verify_path(path: str, question: Question) -> Iterator[JudgedRow | PassedOver]:
    """Judge a file, or every file below a folder, by its content, whatever its name.

    Args:
        path: of a file or a folder.
        question: whom to trust, as of when, and what is demanded.

    Yields:
        A row for each input, in the order of names; a file or folder that can't be read has one
        too, ``unreadable``.  At the end, for a folder, what was passed over.
    """
    if not os.path.isdir(path):  # noqa: PTH112  # Path.is_dir raises for some paths
        yield from _rows(path, _content(path), question)
        return
    passed_over = 0
    closed: list[str] = []
    for folder, subfolders, names in os.walk(
        path, onerror=lambda error: closed.append(str(error.filename))
    ):
        passed_over += sum(Path(folder, name).is_symlink() for name in subfolders)
        passed_over += sum(_is_aside(name) for name in (*subfolders, *names))
        subfolders[:] = sorted(name for name in subfolders if not _is_aside(name))
        for name in sorted(name for name in names if not _is_aside(name)):
            inner = str(Path(folder, name))
            yield from _rows(inner, _content(inner), question)
    for folder in closed:  # an unreadable folder is never good
        yield from _rows(folder, None, question)
    if passed_over:
        yield PassedOver(path, passed_over)


def _is_aside(name: str) -> bool:
    """Whether a name is that of a hidden file, of one that a system left, or of an open one."""
    return name.startswith((".", "~$")) or name.lower() in SYSTEM_FILES


def verify_stream(name: str, stream: BinaryIO, question: Question) -> Iterator[JudgedRow]:
    """Judge the content of a stream, such as standard input, as a file of that name."""
    yield from _rows(name, _take(stream), question)


def _rows(name: str, data: bytes | None, question: Question) -> Iterator[JudgedRow]:
    """The verdicts on a file's content; None for what can't be read."""
    if data is None:
        found = unknown(CheckId.READ, Reason.UNREADABLE, "permission or kind of file")
        yield JudgedRow(name, verdict_without_token([found], question))
        return
    for part in verify_bytes(data, question):
        label = name if part.line is None else f"{name}:{part.line}"
        yield JudgedRow(label, part.verdict, part.page, part.without_code, part.foreign)


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb", opener=_no_waiting) as file:  # Path.open has no opener
            return _take(file) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None
    except (OSError, ValueError):
        return None


def _no_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a pipe must not hang the run


def _take(file: BinaryIO) -> bytes | None:
    """Read one byte more than a file may have, to see whether it is too large."""
    try:
        return file.read(MAX_FILE_BYTES + 1)
    except OSError:
        return None
