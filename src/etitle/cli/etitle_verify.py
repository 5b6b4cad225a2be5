"""``etitle-verify``: the employer's command, offline, from a local trust store.

What the store holds is the matter of ``etitle-verify trust`` (``etitle.cli.trustcommands``).
"""

from __future__ import annotations

import datetime
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etitle.cli import program
from etitle.cli.arguments import Parser, time
from etitle.cli.terminal import Terminal
from etitle.cli.trustfolder import add_store, store_folder
from etitle.cli.verifyoptions import add_options, read_holder, read_policy
from etitle.errors import Language, UsageError
from etitle.report.foreign import one_line
from etitle.token import text
from etitle.verdict import Summary
from etitle.verify.question import Question
from etitle.verify.token import verify_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from etitle.trust.anchors import Lists, Trust
    from etitle.verify.folder import JudgedRow

EXIT_VALID: Final = 0
EXIT_INVALID: Final = 1
EXIT_USAGE: Final = program.EXIT_USAGE
EXIT_INDETERMINATE: Final = 3
EXIT_NOT_IN_FORCE: Final = 4

_DESCRIPTION: Final[dict[Language, str]] = {
    "en": """\
Verify electronic professional-title certificates (职称电子证书), offline: whether each is
authentic, and whether it is in force, each as of a time.

Each PATH is a certificate as a PDF, a picture of a QR code (PNG, JPEG, TIFF, WebP) or a scan,
a text file with one code or one code a line, a folder of such files, the text of a QR code
itself, or - for standard input.
""",
    "zh": """\
离线核验职称电子证书：真实性与有效性，各注明截止时间。

PATH 可以是证书 PDF、二维码图片或扫描件（PNG、JPEG、TIFF、WebP）、文字文件（一个码，或每行一个码）、
装有这些文件的文件夹、二维码内容本身，或 -（标准输入）。
""",
}

_EPILOG: Final[dict[Language, str]] = {
    "en": """\
exit codes:
  0    every input is VALID
  1    some input is INVALID
  4    none INVALID, some NOT_IN_FORCE
  3    otherwise some INDETERMINATE, or no input
  2    usage, a trust store that can't be read, or output that can't be written
  130  interrupted
  141  nobody reads the output

examples:
  etitle-verify --trust trust/ certificate.png
  etitle-verify --trust trust/ --json inbox/ > verdicts.jsonl
  etitle-verify --trust trust/ --at 2026-06-30 'https://zc.sample.cn/v#1234…'
  etitle-verify --trust trust/ --id ask certificate.pdf
  etitle-verify --trust trust/ --id ask --opening 000G-40R4-0M30-E209J photo.jpg

The trust store is made once by 'etitle-verify trust init' and kept up to date by 'etitle-verify
trust update'; see 'etitle-verify trust --help'. Write ./trust for a file or folder of that name.
INDETERMINATE never means forged: the report says what is missing and what to do next.
""",
    "zh": """\
退出码：
  0    全部有效（VALID）
  1    有核验未通过的（INVALID）
  4    没有未通过的，但有真实而已失效的（NOT_IN_FORCE）
  3    此外有无法判定的（INDETERMINATE），或没有可核验的内容
  2    用法有误、信任库无法读取或结果无法写出
  130  被中断
  141  输出的接收方已关闭

示例：
  etitle-verify --trust trust/ certificate.png
  etitle-verify --trust trust/ --json inbox/ > verdicts.jsonl
  etitle-verify --trust trust/ --at 2026-06-30 'https://zc.sample.cn/v#1234…'
  etitle-verify --trust trust/ --id ask certificate.pdf
  etitle-verify --trust trust/ --id ask --opening 000G-40R4-0M30-E209J photo.jpg

信任库由 etitle-verify trust init 建立，由 etitle-verify trust update 更新，
见 etitle-verify trust --help。
名为 trust 的文件或文件夹请写作 ./trust。
“无法判定”不等于假证：报告会说明缺什么、下一步怎么做。
""",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code of docs/spec clause 8.7."""
    return program.run("etitle-verify", argv, _act, refused=EXIT_USAGE)


def _act(terminal: Terminal, arguments: list[str]) -> int:
    own = _trust_arguments(arguments)
    if own is not None:
        from etitle.cli import trustcommands as command  # noqa: PLC0415  # verifying needs none of it

        return command.main(terminal, own)
    _refuse_names(arguments)
    options = make_parser(terminal.language).parse_args(arguments)
    missing = [path for path in options.paths if not _exists(path)]
    for path in missing:
        terminal.error("cli.path_missing", path=path)
    if missing:
        return EXIT_USAGE
    holder = read_holder(options, terminal)
    trust, lists = _load(options.trust)
    question = Question(
        trust=trust,
        lists=lists,
        at=options.at or datetime.datetime.now(datetime.UTC),
        policy=read_policy(options),
        holder=holder,
    )
    show = _presenter(terminal.language, json=options.json, every_check=options.all_checks)
    counts = dict.fromkeys(Summary, 0)
    for row in _rows(options.paths, question, terminal):
        counts[row.verdict.summary] += 1
        sys.stdout.write(show(row) + "\n")
    if not any(counts.values()):
        terminal.error("cli.nothing_found")
    elif not options.json:
        from etitle.report.prose import tally  # noqa: PLC0415  # not for JSON

        sys.stdout.write(tally(counts, language=terminal.language) + "\n")
    return _exit_code(counts)


def _refuse_names(arguments: Sequence[str]) -> None:
    """Refuse an option that is the name of a file at hand.

    Whoever sends a file chooses its name, and a shell's ``*`` makes an argument of it.

    Raises:
        UsageError: ``cli.option_is_file``.
    """
    for argument in arguments:
        if argument == "--":
            return
        if argument.startswith("-") and argument != "-" and os.path.lexists(argument):
            raise UsageError("cli.option_is_file", path=argument)


def _trust_arguments(arguments: Sequence[str]) -> list[str] | None:
    """What follows the word ``trust``; None where paths are to be verified.

    The word comes first, or after ``--lang`` alone: anywhere else it is a path.
    """
    at = 0
    if arguments[:1] == ["--lang"]:
        at = 2
    elif arguments and arguments[0].startswith("--lang="):
        at = 1
    if list(arguments[at : at + 1]) != ["trust"]:
        return None
    return list(arguments[at + 1 :])


def make_parser(language: Language) -> Parser:
    """The command line of ``etitle-verify``, but for its ``trust``."""
    parser = Parser(
        prog="etitle-verify",
        language=language,
        description=_DESCRIPTION[language],
        epilog=_EPILOG[language],
    )
    say = parser.say
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help=say("what to verify", "要核验的内容")
    )
    add_store(parser)
    parser.add_argument(
        "--at",
        metavar="TIME",
        type=time,
        help=say(
            "judge as of this time (ISO 8601; China time unless an offset is given); default: now",
            "以此时间为准（ISO 8601，未写时区按北京时间）；默认现在",
        ),
    )
    add_options(parser)
    parser.add_argument(
        "--json", action="store_true", help=say("one JSON object a line", "每行输出一个 JSON 对象")
    )
    parser.add_argument(
        "--all-checks",
        action="store_true",
        help=say("list the checks that passed too", "同时列出已通过的检查"),
    )
    parser.add_language()
    return parser


def _load(folder: Path | None) -> tuple[Trust, Lists]:
    from etitle.store.local import Store  # noqa: PLC0415  # --help needs none of it

    return Store(store_folder(folder)).load()


def _presenter(language: Language, *, json: bool, every_check: bool) -> Callable[[JudgedRow], str]:
    if json:
        from etitle.report.json import as_line  # noqa: PLC0415  # one of the two

        return lambda row: as_line(
            row.verdict,
            file=one_line(row.name),
            page=row.page,
            without_code=row.without_code,
            foreign=row.foreign,
        )
    from etitle.report.prose import as_text  # noqa: PLC0415  # one of the two

    return lambda row: as_text(
        row.verdict,
        file=row.name,
        language=language,
        every_check=every_check,
        page=row.page,
        without_code=row.without_code,
        foreign=row.foreign,
    )


def _is_code(path: str) -> bool:
    """Whether an argument is the text of a code (or of another QR code) rather than a path."""
    if os.path.lexists(path):  # whoever sends a file chooses its name
        return False
    digits = sum(map(str.isdigit, path))
    return digits >= text.MIN_BARE_DIGITS or path.lower().startswith(
        ("https://", "http://", "zc1:")
    )


def _exists(path: str) -> bool:
    if path == "-" or _is_code(path):
        return True
    if not path:  # an empty variable of a script, which pathlib takes for the folder at hand
        return False
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def _rows(paths: Iterable[str], question: Question, terminal: Terminal) -> Iterator[JudgedRow]:
    """A row for each input; a notice tells what was passed over."""
    from etitle.verify.folder import (  # noqa: PLC0415  # --help needs none of it
        JudgedRow,
        PassedOver,
        verify_path,
        verify_stream,
    )

    for path in paths:
        if _is_code(path):
            yield JudgedRow("code", verify_token(path, question))
            continue
        rows = (
            verify_stream(path, sys.stdin.buffer, question)
            if path == "-"
            else verify_path(path, question)
        )
        for row in rows:
            if isinstance(row, PassedOver):
                terminal.warn("cli.passed_over", path=row.folder, count=row.count)
            else:
                yield row


def _exit_code(counts: dict[Summary, int]) -> int:
    if counts[Summary.INVALID]:
        return EXIT_INVALID
    if counts[Summary.NOT_IN_FORCE]:
        return EXIT_NOT_IN_FORCE
    if counts[Summary.INDETERMINATE] or not counts[Summary.VALID]:
        return EXIT_INDETERMINATE
    return EXIT_VALID


if __name__ == "__main__":
    sys.exit(main())
