"""How both commands begin and end: streams, errors, exit codes."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, TextIO

from etitle.cli.terminal import Terminal, language_of
from etitle.errors import EtitleError, UsageError

EXIT_USAGE: Final = 2
EXIT_INTERRUPTED: Final = 130
"""Ctrl-C, as shells count it: 128 + SIGINT."""
EXIT_BROKEN_PIPE: Final = 141
"""The reader of the output has gone, as shells count it: 128 + SIGPIPE."""


def run(
    program: str,
    argv: Sequence[str] | None,
    act: Callable[[Terminal, list[str]], int],
    *,
    refused: int,
) -> int:
    """Run a command to its end; no error becomes a traceback, whose exit code 1 says something.

    Args:
        program: name of the command.
        argv: arguments; the process's own if None.
        act: does the work, and returns the exit code.
        refused: exit code for one of our errors or the system's.

    Returns:
        What ``act`` returned; 2 usage; 130 interrupted; 141 nobody reads on; or ``refused``.
    """
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a C locale must not stop at a Chinese name
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    arguments = list(sys.argv[1:] if argv is None else argv)
    terminal = Terminal(program, language_of(arguments))
    try:
        code = _acted(act, terminal, arguments)
    except UsageError as error:
        terminal.fail(error)
        code = EXIT_USAGE
    except EtitleError as error:
        terminal.fail(error)
        code = refused
    except BrokenPipeError:
        code = EXIT_BROKEN_PIPE
    except OSError as error:
        _tell(terminal, error)
        code = refused
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001  # Python's own exit code 1 says INVALID
        # The place, never the value: that may be somebody's number.
        place = _place(error)
        terminal.error("cli.unexpected", kind=type(error).__name__, place=place)
        code = refused
    for stream in (sys.stdout, sys.stderr):
        _let_go(stream)
    return code


def _tell(terminal: Terminal, error: OSError) -> None:
    what = error.strerror or type(error).__name__
    if error.filename is None:  # writing to a file that was open, or to the output
        terminal.error("cli.output_failed", what=what)
    else:
        terminal.error("issue.file_failed", path=error.filename, what=what)


def _acted(act: Callable[[Terminal, list[str]], int], terminal: Terminal, argv: list[str]) -> int:
    try:
        code = act(terminal, argv)
    except SystemExit as stop:  # argparse has shown the help
        code = int(stop.code or 0)
    sys.stdout.flush()  # a full disk must be known before the exit code is
    return code


def _let_go(stream: TextIO) -> None:
    """Drop what can't be written: Python tries again when it ends, and exits with 120."""
    try:
        stream.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _place(error: Exception) -> str:
    """File and line where an error arose."""
    found, at = "?", error.__traceback__
    while at is not None:
        found, at = f"{Path(at.tb_frame.f_code.co_filename).name}:{at.tb_lineno}", at.tb_next
    return found


def _open_closed_streams() -> None:
    """What the caller closed is None to Python, whose traceback exits with 1."""
    # Standard output is opened for reading: results that nobody can get are an error.
    for name, mode in (("stdin", "r"), ("stdout", "r"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
