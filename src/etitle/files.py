"""Files as this library reads and writes them: bounded, in one step, one writer at a time."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

if sys.platform != "win32":
    import fcntl

_READ_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe that nobody writes to must not hold us up
    | getattr(os, "O_BINARY", 0)
)
_WRITE_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_LOCK_PAUSE_S: Final = 0.05


def read_bounded(path: Path, *, limit: int) -> bytes | None:
    """The content of a regular file; None where it has more than ``limit`` bytes.

    Raises:
        OSError: where it can't be read, or is no regular file.
        ValueError: for a path that can't be one.
    """
    descriptor = os.open(path, _READ_FLAGS)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "not a regular file")
        if status.st_size > limit:
            return None
        with os.fdopen(os.dup(descriptor), "rb") as file:
            data = file.read(limit + 1)
    finally:
        os.close(descriptor)
    return data if len(data) <= limit else None


def write_atomic(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Write a file in one step: after a crash it is the old file or the new one, whole.

    The content reaches the disk before the name does, and the name before this returns.

    Args:
        path: its folder must be there.
        data: the whole content.
        mode: permissions of a new file, less the process's umask.

    Raises:
        OSError: the file can't be written; what was there stays.
    """
    part = path.with_name(path.name + ".part")
    # Left by an interruption, or put there by somebody: a link, or a file that others may read.
    with suppress(FileNotFoundError):
        os.unlink(part)  # noqa: PTH108  # as below
    write_synced(part, data, mode=mode)
    os.replace(part, path)  # noqa: PTH105  # system calls by name: each is a step that may fail
    sync_folder(path.parent)


def write_synced(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Write a new file whose content is on the disk when this returns; its name may not be yet.

    Args:
        path: its folder must be there, and nothing of that name.
        data: the whole content.
        mode: permissions, less the process's umask.

    Raises:
        OSError: the file can't be written.
    """
    descriptor = os.open(path, _WRITE_FLAGS, mode)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Let the names in a folder reach the disk.

    Raises:
        OSError: the folder can't be opened or synced.
    """
    if os.name == "nt":  # pragma: no cover  # no folder can be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked_folder(folder: Path, *, wait_s: float | None = None) -> Generator[None]:
    """Make a folder if there is none, and keep other writers of it out.

    Where the system has no such locks (Windows, some network file systems) nobody waits.

    Args:
        folder: what is locked.
        wait_s: seconds to wait for another writer; None waits for ever.

    Raises:
        TimeoutError: another writer kept the folder for longer.
        OSError: the folder can't be made or opened.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _lock(descriptor, wait_s)
        yield
    finally:
        os.close(descriptor)  # lets go of the lock too


def _lock(descriptor: int, wait_s: float | None) -> None:
    end_s = None if wait_s is None else time.monotonic() + wait_s
    flags = fcntl.LOCK_EX if end_s is None else fcntl.LOCK_EX | fcntl.LOCK_NB
    while True:
        try:
            fcntl.flock(descriptor, flags)
        except BlockingIOError:
            if end_s is not None and time.monotonic() >= end_s:
                raise TimeoutError from None
            time.sleep(_LOCK_PAUSE_S)
        except OSError:
            return  # a file system without locks: each write is one step all the same
        else:
            return
