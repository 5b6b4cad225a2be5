"""``etitle``: the issuer's command.

An issuer's folder keeps everything where ``etitle.cli.workspace`` says, so most commands need no
flag.  Each command is imported when it runs.  Exit codes: 0 done, 1 refused (with findings or an
error), 2 usage, 130 interrupted, 141 nobody reads the output.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from etitle.cli.parser import make_parser
from etitle.cli.program import EXIT_INTERRUPTED, run
from etitle.cli.terminal import Terminal

EXIT_REFUSED: Final = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: arguments; the process's own if None.

    Returns:
        0 done, 1 refused, 2 usage, 130 interrupted, 141 nobody reads the output.
    """
    return run("etitle", argv, _act, refused=EXIT_REFUSED)


def _act(terminal: Terminal, arguments: list[str]) -> int:
    options = make_parser(terminal.language).parse_args(arguments)
    options.lang, options.terminal = terminal.language, terminal
    if options.at_s is None:
        options.at_s = int(datetime.datetime.now(datetime.UTC).timestamp())
    module, _, function = options.run.partition(":")
    try:
        return int(getattr(import_module(f"etitle.cli.{module}"), function)(options))
    except ModuleNotFoundError as error:
        code = "issue.pdf_missing" if error.name == "uharfbuzz" else "issue.module_missing"
        terminal.error(code, name=error.name)
        return EXIT_REFUSED
    except KeyboardInterrupt:
        terminal.error("issue.interrupted")
        return EXIT_INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
