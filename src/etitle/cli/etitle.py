"""``etitle``: the issuer's command, and the employer's ``etitle trust``.

An issuer's folder keeps everything where ``etitle.cli.workspace`` says, so most commands need no
flag.  Each command is imported when it runs: ``etitle trust`` works where only what verification
needs is installed.  Exit codes: 0 done, 1 refused (with findings or an error), 2 usage.
"""

from __future__ import annotations

import datetime
import io
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final

from etitle.cli.parser import make_parser
from etitle.cli.terminal import in_a_line, locale_language
from etitle.errors import EtitleError, Language, explain

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_REFUSED: Final = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: arguments; the process's own if None.

    Returns:
        0 done, 1 refused, 2 usage.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a C locale must not stop at a Chinese name
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    arguments = list(sys.argv[1:] if argv is None else argv)
    language = _language(arguments)
    try:
        options = make_parser(language).parse_args(arguments)
    except SystemExit as stop:  # argparse has spoken
        return int(stop.code or 0)
    options.lang = language
    if options.at_s is None:
        options.at_s = int(datetime.datetime.now(datetime.UTC).timestamp())
    module, _, function = options.run.partition(":")
    try:
        run = getattr(import_module(f"etitle.cli.{module}"), function)
        return int(run(options))
    except EtitleError as error:
        _complain(error.code, error.what(language), error.next(language))
    except ModuleNotFoundError as error:
        code = "issue.pdf_missing" if error.name == "uharfbuzz" else "issue.module_missing"
        _complain(code, *explain(code, language, name=error.name))
    except OSError as error:
        # A write that fails has no name: it may be of a file or of the output.
        details = {
            "path": error.filename or "file or output 文件或输出",
            "what": error.strerror or error,
        }
        _complain("issue.file_failed", *explain("issue.file_failed", language, **details))
    except KeyboardInterrupt:
        _complain("issue.interrupted", *explain("issue.interrupted", language))
    return EXIT_REFUSED


def _complain(code: str, what: str, then: str) -> None:
    sys.stderr.write(f"etitle: error[{code}]: {in_a_line(what)}\n")
    if then:
        sys.stderr.write(f"hint: {in_a_line(then)}\n")


def _language(arguments: Sequence[str]) -> Language:
    for at, argument in enumerate(arguments):
        given = argument.partition("=")[2] if argument.startswith("--lang=") else None
        if argument == "--lang" and at + 1 < len(arguments):
            given = arguments[at + 1]
        if given in {"zh", "en"}:
            return "zh" if given == "zh" else "en"
    return locale_language()


if __name__ == "__main__":
    sys.exit(main())
