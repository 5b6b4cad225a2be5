"""Passwords of keys: from a file or a prompt, never from the command line."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from etitle.cli.terminal import Terminal
from etitle.errors import IssueError, SignerError

MAX_PASSWORD_BYTES: Final = 4096


def password_source(path: str | None, *, prompt: str) -> Callable[[], bytes]:
    """What gives a password when it is called: a file's first line, or an answer to the prompt.

    Raises (when called):
        SignerError: ``keys.file_unreadable`` or ``keys.no_terminal``.
    """

    def ask() -> bytes:
        if path is not None:
            try:
                with Path(path).open("rb") as file:
                    return file.readline(MAX_PASSWORD_BYTES).rstrip(b"\r\n")
            except OSError:
                raise SignerError("keys.file_unreadable", path=path) from None
        if not sys.stdin.isatty():
            raise SignerError("keys.no_terminal")
        return getpass.getpass(prompt).encode()

    return ask


def new_password(path: str | None, terminal: Terminal) -> bytes:
    """A password for a new key, typed twice.

    Raises:
        IssueError: ``issue.password_empty`` or ``issue.passwords_differ``.
        SignerError: those of ``password_source``.
    """
    prompt = terminal.pick("为新密钥设置口令：", "password for the new key: ")
    first = password_source(path, prompt=prompt)()
    if not first:
        raise IssueError("issue.password_empty")
    again = terminal.pick("再输入一次：", "the same again: ")
    if path is None and getpass.getpass(again).encode() != first:
        raise IssueError("issue.passwords_differ")
    return first
