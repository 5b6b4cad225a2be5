"""``etitle-verify``: the employer's command, offline, from a local trust store."""

from __future__ import annotations

import argparse
import datetime
import io
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from etitle.cli.terminal import in_a_line, locale_language, parse_time, printable
from etitle.cli.verifyoptions import add_options, read_holder, read_policy
from etitle.errors import EtitleError, Language
from etitle.token import text
from etitle.verdict import CheckId, Reason, Summary, Verdict
from etitle.verify.checks import unknown
from etitle.verify.token import seconds, unread, verify_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from etitle.trust.anchors import Lists, Trust
    from etitle.verify.question import Holder, Policy

EXIT_VALID: Final = 0
EXIT_INVALID: Final = 1
EXIT_USAGE: Final = 2
EXIT_INDETERMINATE: Final = 3
EXIT_NOT_IN_FORCE: Final = 4

SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".txt", ".pdf"})
"""What is taken from a folder; a file named on the command line is always taken."""

_DESCRIPTION: Final = """\
Verify electronic professional-title certificates (职称电子证书), offline.
离线验证职称电子证书：真实性与有效性，各附截止时间。

Each PATH is a certificate as a PDF, a picture of a QR code (PNG, JPEG, TIFF, WebP) or a scan,
a text file with one code or one code a line, a folder of such files, the text of a QR code
itself, or - for standard input.
PATH 可以是证书 PDF、二维码图片或扫描件、文字文件（一个码，或每行一个码）、文件夹、二维码文字本身，
或 -（标准输入）。
"""

_EPILOG: Final = """\
exit codes 退出码:
  0  every input is VALID                            全部有效
  1  some input is INVALID                           有不能采信的
  4  none INVALID, some NOT_IN_FORCE                 有真实但已不再有效的
  3  otherwise some INDETERMINATE, or no input       有无法判断的，或没有可验证的内容
  2  usage, or a trust store that can't be read      用法有误，或信任库无法读取

examples 示例:
  etitle-verify --trust trust/ certificate.png
  etitle-verify --trust trust/ --json inbox/ > verdicts.jsonl
  etitle-verify --trust trust/ --at 2026-06-30 'https://zc.sample.cn/v#1234…'
  etitle-verify --trust trust/ --id ask certificate.pdf
  etitle-verify --trust trust/ --id ask --opener 000G-40R4-0M30-E209 photo.jpg

The trust store is made once and kept up to date with 'etitle trust init' and 'etitle trust update'.
信任库由 etitle trust init 建立，由 etitle trust update 更新。
INDETERMINATE never means forged: it says what is missing and what to do next.
INDETERMINATE 不等于假证：它会说明缺什么、下一步怎么做。
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code of docs/spec clause 8.7."""
    _open_closed_streams()
    options = make_parser().parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    language: Language = options.lang or locale_language()
    complain = _complainer(language)
    missing = [path for path in options.paths if not _exists(path)]
    for path in missing:
        complain(
            f"{in_a_line(path)}: no such file, and no code text / 没有这个文件，也不是二维码文字"
        )
    if missing:
        return EXIT_USAGE
    policy, holder = read_policy(options), read_holder(options, complain)
    try:
        trust, lists = _load(options.trust)
    except EtitleError as error:
        complain(error.show(language))
        return EXIT_USAGE
    at = options.at or datetime.datetime.now(datetime.UTC)
    show = _presenter(language, json=options.json, every_check=options.all_checks)
    counts = dict.fromkeys(Summary, 0)
    try:
        for name, verdict in _verdicts(
            options.paths, trust=trust, lists=lists, at=at, policy=policy, holder=holder
        ):
            counts[verdict.summary] += 1
            sys.stdout.write(show(in_a_line(name), verdict) + "\n")
        if not options.json:
            total = sum(counts.values())
            tally = ", ".join(f"{count} {summary}" for summary, count in counts.items() if count)
            sys.stdout.write(f"{total}: {tally}\n" if total else "")
        sys.stdout.flush()
    except OSError as error:  # a full disk, or a reader that has gone; Python's own 1 says INVALID
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        complain(f"the output can't be written / 无法写出结果: {error.strerror or error}")
        return EXIT_USAGE
    if not any(counts.values()):
        complain("nothing to verify was found / 没有找到可验证的内容")
    return _exit_code(counts)


def _open_closed_streams() -> None:
    """What the caller closed is None to Python, whose traceback exits with 1: that says INVALID."""
    # Standard output is opened for reading: verdicts that nobody can get are an error (below).
    for name, mode in (("stdin", "r"), ("stdout", "r"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115


def make_parser() -> argparse.ArgumentParser:
    """The command line of ``etitle-verify``."""
    parser = argparse.ArgumentParser(
        prog="etitle-verify",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="what to verify 要验证的内容")
    parser.add_argument(
        "--trust",
        metavar="DIR",
        type=Path,
        help="trust store; default: $ETITLE_TRUST, else ~/.local/share/etitle/trust 信任库",
    )
    parser.add_argument(
        "--at",
        metavar="TIME",
        type=parse_time,
        help="judge as of this time (ISO 8601; China time unless an offset is given); "
        "default: now 验证时间",
    )
    add_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line 输出 JSON")
    parser.add_argument(
        "--all-checks", action="store_true", help="list the checks that passed too 列出全部检查"
    )
    parser.add_argument("--lang", choices=("zh", "en"), help="language; default: the locale's 语言")
    return parser


def _complainer(language: Language) -> Callable[[str], None]:
    head = {"zh": "etitle-verify: 错误", "en": "etitle-verify: error"}[language]

    def complain(message: str) -> None:
        sys.stderr.write(f"{head}: {printable(message)}\n")

    return complain


def _load(folder: Path | None) -> tuple[Trust, Lists]:
    from etitle.store.local import Store  # noqa: PLC0415  # --help needs none of it

    if folder is None:
        named = os.environ.get("ETITLE_TRUST")
        folder = Path(named) if named else Path.home() / ".local/share/etitle/trust"
    return Store(folder).load()


def _presenter(
    language: Language, *, json: bool, every_check: bool
) -> Callable[[str, Verdict], str]:
    if json:
        from etitle.report.json import as_line  # noqa: PLC0415  # one of the two

        return lambda name, verdict: as_line(verdict, file=name)
    from etitle.report.text import as_text  # noqa: PLC0415  # one of the two

    return lambda name, verdict: as_text(
        verdict, file=name, language=language, every_check=every_check
    )


def _is_code(path: str) -> bool:
    """Whether an argument is the text of a code (or of another QR code) rather than a path."""
    return text.is_ours(path) or path.lower().startswith(("https://", "http://", "zc1:"))


def _exists(path: str) -> bool:
    if path == "-" or _is_code(path):
        return True
    if not path:  # an empty variable of a script, which pathlib takes for the folder at hand
        return False
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def _verdicts(  # noqa: PLR0913  # the evidence, in one place
    paths: Iterable[str],
    *,
    trust: Trust,
    lists: Lists,
    at: datetime.datetime,
    policy: Policy,
    holder: Holder | None,
) -> Iterator[tuple[str, Verdict]]:
    for path in paths:
        if _is_code(path):
            yield (
                "code",
                verify_token(path, trust=trust, lists=lists, at=at, policy=policy, holder=holder),
            )
            continue
        for name, data in _inputs(path):
            if data is None:
                found = unknown(CheckId.READ, Reason.UNREADABLE, "permission or kind of file")
                yield name, unread([found], at_s=seconds(at), holder=holder)
                continue
            from etitle.verify.file import verify_bytes  # noqa: PLC0415  # not for a code text

            for line, verdict in verify_bytes(
                data, trust=trust, lists=lists, at=at, policy=policy, holder=holder
            ):
                yield name if line is None else f"{name}:{line}", verdict


def _inputs(path: str) -> Iterator[tuple[str, bytes | None]]:
    """Name and content of each file below a path; None for what can't be read."""
    if path == "-":
        yield "-", _take(sys.stdin.buffer)
        return
    if not Path(path).is_dir():
        yield path, _content(path)
        return
    passed_over = 0
    closed: list[str] = []
    for folder, subfolders, names in os.walk(
        path, onerror=lambda error: closed.append(str(error.filename))
    ):
        passed_over += sum(Path(folder, name).is_symlink() for name in subfolders)
        passed_over += sum(name.startswith(".") for name in (*subfolders, *names))
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith("."):
                continue
            if Path(name).suffix.lower() in SUFFIXES:
                inner = str(Path(folder, name))
                yield inner, _content(inner)
            else:
                passed_over += 1
    for folder in closed:  # what nobody could look at is not good
        yield folder, None
    if passed_over:
        sys.stderr.write(
            f"etitle-verify: {in_a_line(path)}: {passed_over} hidden files or files of other kinds"
            f" passed over / 略过 {passed_over} 个隐藏文件或其他类型的文件\n"
        )


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb", opener=_no_waiting) as file:  # Path.open has no opener
            return _take(file) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None
    except (OSError, ValueError):
        return None


def _no_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a pipe must not hang the run


def _take(file: BinaryIO) -> bytes | None:
    from etitle.verify.file import MAX_FILE_BYTES  # noqa: PLC0415  # not for a code text

    try:
        return file.read(MAX_FILE_BYTES + 1)
    except OSError:
        return None


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
