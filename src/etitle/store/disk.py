"""A store's folder on disk: bounded reading, and the one commit point (docs/spec clause 7.2).

A commit writes and syncs every new file, then replaces ``state.json``, then deletes the files that
the new state no longer names.  Wherever it is interrupted, every file that ``state.json`` names is
complete.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from etitle.errors import StoreError
from etitle.files import locked_folder, read_bounded, sync_folder, write_atomic, write_synced
from etitle.store.incoming import MAX_INCOMING_BYTES
from etitle.store.state import (
    FILE_NAME,
    MAX_STATE_BYTES,
    FileName,
    StoreState,
    decode_state,
    encode_state,
)
from etitle.trust.bundle import AUTHORITY_ID

STATE_NAME: Final = "state.json"

MAX_PUBLISHED_FILES: Final = 4096
"""Entries of a published folder: 40 lists with 35 deltas and 52 full lists each are 3,480."""
MAX_PUBLISHED_BYTES: Final = 1 << 28
"""Bytes of all files of a published folder."""

LOCK_WAIT_S: Final = 10.0
"""Seconds that a second updater waits for the first."""

_PUBLISHED: Final = (
    ("bundles", ".cose"),
    ("lists", ".cwt"),
    ("deltas", ".cose"),
    ("rescue", ".cose"),
)


# --- a published folder -------------------------------------------------------------------------


def bounded(
    files: Iterable[tuple[str, bytes | None]],
) -> Iterator[tuple[str, bytes | None]]:
    """The same files, as long as they stay within the limits of a published folder.

    Raises:
        StoreError: ``store.too_many_files`` or ``store.too_large``.
    """
    size = 0
    for count, (name, data) in enumerate(files, 1):
        size += len(data or b"")
        if count > MAX_PUBLISHED_FILES:
            raise StoreError("store.too_many_files", limit=MAX_PUBLISHED_FILES)
        if size > MAX_PUBLISHED_BYTES:
            raise StoreError("store.too_large", limit=MAX_PUBLISHED_BYTES)
        yield name, data


def read_published(folder: Path) -> Iterator[tuple[str, bytes | None]]:
    """The files of a published folder by name; None for one too large or unreadable.

    Raises:
        StoreError: ``store.not_published`` where it has none of the four folders,
            ``store.too_many_files``.
    """
    folders = 0
    for part, suffix in _PUBLISHED:
        try:
            names = sorted(entry.name for entry in _bounded_scan(folder / part))
        except (OSError, ValueError):
            continue
        folders += 1
        for name in names:
            if not name.endswith(suffix):
                continue
            try:
                yield f"{part}/{name}", read_bounded(folder / part / name, limit=MAX_INCOMING_BYTES)
            except (OSError, ValueError):
                yield f"{part}/{name}", None
    if not folders:
        raise StoreError("store.not_published", path=shown(str(folder)))


def _bounded_scan(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for count, entry in enumerate(entries):
            if count >= MAX_PUBLISHED_FILES:
                raise StoreError("store.too_many_files", limit=MAX_PUBLISHED_FILES)
            yield entry


def shown(name: str) -> str:
    """A file name fit for a message: printable, at most 100 characters."""
    return "".join(c if c.isprintable() else "\ufffd" for c in name[:100])


# --- reading a store ----------------------------------------------------------------------------


def read_state(root: Path) -> StoreState | None:
    """The state of a store; None where no store was ever created.

    Raises:
        StoreError: ``store.state_lost`` where authorities have folders but there is no state,
            ``store.state_corrupt``, or ``store.not_readable``.
    """
    try:
        data = read_bounded(root / STATE_NAME, limit=MAX_STATE_BYTES)
    except FileNotFoundError:
        if has_folders(root):
            raise StoreError("store.state_lost", path=shown(str(root))) from None
        return None
    except (OSError, ValueError) as error:
        raise StoreError("store.not_readable", path=shown(str(root)), why=_why(error)) from None
    return decode_state(data or b"")  # nothing of one too large


def has_folders(root: Path) -> bool:
    """Whether there is a folder with files of any authority."""
    try:
        with os.scandir(root) as entries:
            return any(
                AUTHORITY_ID.fullmatch(entry.name) and _stored(entry.path) for entry in entries
            )
    except OSError:
        return False


def read_file(root: Path, authority_id: str, file: FileName) -> bytes:
    """A file in force.

    Raises:
        StoreError: ``store.file_changed`` where it is gone or not the one that the state names.
    """
    try:
        data = read_bounded(root / authority_id / file.name, limit=MAX_INCOMING_BYTES)
    except OSError:
        data = None
    if data is None or not file.is_of(data):
        raise StoreError("store.file_changed", authority=authority_id, name=file.name)
    return data


# --- writing a store ----------------------------------------------------------------------------


@contextmanager
def locked(root: Path) -> Generator[None]:
    """Make the folder if there is none, and keep other updaters out.

    Raises:
        StoreError: ``store.busy`` after ten seconds, ``store.not_written``.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(locked_folder(root, wait_s=LOCK_WAIT_S))
        except TimeoutError:
            raise StoreError("store.busy", path=shown(str(root))) from None
        except (OSError, ValueError) as error:
            raise StoreError("store.not_written", path=shown(str(root)), why=_why(error)) from None
        yield


def commit(root: Path, state: StoreState, files: Mapping[tuple[str, str], bytes]) -> None:
    """Bring a store from its old state to a new one, wholly or not at all.

    Args:
        root: the store, locked by the caller.
        state: the new state.
        files: what is to be written, by authority id and name; no file in force is among them.

    Raises:
        StoreError: ``store.not_written`` for a full disk or a folder without write permission,
            ``store.too_large`` for a state beyond ``MAX_STATE_BYTES``.
    """
    spelled = encode_state(state)
    if len(spelled) > MAX_STATE_BYTES:
        raise StoreError("store.too_large", limit=MAX_STATE_BYTES)
    try:
        _write_files(root, files)
        write_atomic(root / STATE_NAME, spelled, mode=0o644)  # the commit point
    except OSError as error:
        if not _is_in_force(root, spelled):
            _remove(root, frozenset(files))
        raise StoreError("store.not_written", path=shown(str(root)), why=_why(error)) from None
    _sweep(root, state)


def _write_files(root: Path, files: Mapping[tuple[str, str], bytes]) -> None:
    for (folder, name), data in files.items():
        home = root / folder
        if not home.is_dir():
            os.mkdir(home, 0o755)  # noqa: PTH102  # system calls by name: each is a step that may fail
            sync_folder(root)
        path = home / name
        with suppress(FileNotFoundError):
            os.unlink(path)  # noqa: PTH108  # left by an interrupted commit
        write_synced(path, data, mode=0o644)
    for folder in {folder for folder, _ in files}:
        sync_folder(root / folder)


def _is_in_force(root: Path, spelled: bytes) -> bool:
    """Whether the state was replaced before the error; assumed where it can't be read."""
    try:
        return read_bounded(root / STATE_NAME, limit=MAX_STATE_BYTES) == spelled
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _sweep(root: Path, state: StoreState) -> None:
    """Delete what the state does not name.  Nothing depends on it, so nothing here is an error."""
    named = state.files()
    with suppress(OSError), os.scandir(root) as homes:
        for home in homes:
            if AUTHORITY_ID.fullmatch(home.name) and home.is_dir(follow_symlinks=False):
                _remove(root, {(home.name, name) for name in _stored(home.path)} - named)


def _stored(folder: str) -> frozenset[str]:
    with suppress(OSError), os.scandir(folder) as entries:
        return frozenset(entry.name for entry in entries if FILE_NAME.fullmatch(entry.name))
    return frozenset()


def _remove(root: Path, files: frozenset[tuple[str, str]] | set[tuple[str, str]]) -> None:
    for folder, name in files:
        with suppress(OSError):
            os.unlink(root / folder / name)  # noqa: PTH108
    for folder in {folder for folder, _ in files}:
        with suppress(OSError):
            os.rmdir(root / folder)  # noqa: PTH106  # only if nothing is left in it


def _why(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
