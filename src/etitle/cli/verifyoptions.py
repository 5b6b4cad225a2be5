"""What the person who asks demands beside the trust store: whose certificate, by whose time."""

from __future__ import annotations

import argparse
import getpass
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etitle.certificate.dates import DAY_S
from etitle.errors import EtitleError
from etitle.verify.question import DEFAULT_GRACE_S, Holder, Policy

if TYPE_CHECKING:
    from collections.abc import Callable

ASK: Final = "ask"
"""``--id ask``: the number is typed at a prompt that does not show it."""

MAX_NUMBER_BYTES: Final = 256
"""Bytes of a first line that may be a document number."""

_NATIONALITY: Final = re.compile(r"[A-Z]{3}")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that ``read_policy`` and ``read_holder`` read."""
    parser.add_argument(
        "--grace-days",
        metavar="N",
        type=_days,
        default=DEFAULT_GRACE_S // DAY_S,
        help="days past its next update that a list still counts; default: %(default)s 宽限天数",
    )
    parser.add_argument(
        "--id",
        dest="number",
        metavar="NUMBER",
        type=_number,
        help="the certificate must belong to the holder of this document number; 'ask' asks for "
        "it, @FILE takes the first line of a file (others can see a command line) "
        "须属于此证件号码的持有人；ask 为现场输入，@FILE 为读取文件首行",
    )
    parser.add_argument(
        "--opener",
        metavar="CODE",
        type=_opener,
        help="with --id: the 核验码 printed on the page, for an exact match of a code or a "
        "picture; a signed PDF brings its own 证书页上的核验码，用于精确比对",
    )
    parser.add_argument(
        "--nationality",
        metavar="XXX",
        type=_nationality,
        help="with --id, for a passport: ISO 3166 alpha-3; default: the certificate's 护照国籍",
    )
    parser.add_argument(
        "--tsa",
        metavar="FILE",
        action="append",
        default=[],
        type=_certificates,
        help="certificate of a time-stamp authority (PEM or DER) whose word counts for when a "
        "document was sealed; may be repeated 可信的时间戳机构证书",
    )
    parser.add_argument(
        "--archival",
        action="store_true",
        help="take documents to which evidence and time-stamps by authorities named with --tsa "
        "were added for the archive 接受已作长期归档的文件（时间戳机构由 --tsa 指定）",
    )


def read_policy(options: argparse.Namespace) -> Policy:
    """What the options demand of lists and time-stamps."""
    return Policy(
        grace_s=options.grace_days * DAY_S,
        tsas=frozenset(der for chain in options.tsa for der in chain),
        archival=options.archival,
    )


def read_holder(options: argparse.Namespace, complain: Callable[[str], None]) -> Holder | None:
    """Whose certificate it must be; None where nobody was named.

    Asks for the number where the command line says so.

    Raises:
        SystemExit: 2, for an opener or a nationality without a number, or no terminal to ask at.
    """
    if options.number is None:
        if options.opener is not None or options.nationality is not None:
            complain("--opener and --nationality go with --id / 须与 --id 一同使用")
            sys.exit(2)
        return None
    number: str = options.number
    if number == ASK:
        if not sys.stdin.isatty():
            complain(
                "--id ask needs a terminal; use --id @FILE / 没有终端可供输入，请用 --id @文件"
            )
            sys.exit(2)
        number = getpass.getpass("document number 证件号码: ").strip()
    return Holder(number=number, opener=options.opener, nationality=options.nationality)


def _days(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) > 3650:  # noqa: PLR2004  # ten years
        message = f"'{value}' is not a number of days from 0 to 3650"
        raise argparse.ArgumentTypeError(message)
    return int(value)


def _number(value: str) -> str:
    """The number itself or the first line of a file; no message repeats it."""
    if not value.startswith("@"):
        if not value.strip():
            message = "the number is empty / 证件号码为空"
            raise argparse.ArgumentTypeError(message)
        return value
    path = value[1:]
    try:
        with Path(path).open("rb") as file:
            line = file.readline(MAX_NUMBER_BYTES)
        number = line.decode("utf-8-sig").strip()
    except (OSError, ValueError):
        number = ""
    if not number:
        message = f"'{path}' holds no number that can be read / 无法读取证件号码"
        raise argparse.ArgumentTypeError(message)
    return number


def _opener(value: str) -> bytes:
    from etitle.certificate.commitment import parse_opener  # noqa: PLC0415  # only when it is given

    try:
        return parse_opener(value)
    except EtitleError:
        message = (
            "not a 核验码: 16 letters and digits, such as 000G-40R4-0M30-E209 / 核验码格式有误"
        )
        raise argparse.ArgumentTypeError(message) from None


def _nationality(value: str) -> str:
    if not _NATIONALITY.fullmatch(value):
        message = f"'{value}' is not three capital letters, such as USA / 应为三个大写字母"
        raise argparse.ArgumentTypeError(message)
    return value


def _certificates(path: str) -> tuple[bytes, ...]:
    from etitle.keys.seal import read_x509_chain  # noqa: PLC0415  # only when it is given

    try:
        return read_x509_chain(path)
    except EtitleError as error:
        message = f"{error.what('en')} / {error.what('zh')}"
        raise argparse.ArgumentTypeError(message) from None
