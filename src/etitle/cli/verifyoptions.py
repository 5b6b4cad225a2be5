"""What the person who asks demands beside the trust store: whose certificate, by whose time."""

from __future__ import annotations

import getpass
import re
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Final

from etitle.certificate.dates import DAY_S
from etitle.cli.arguments import Parser
from etitle.cli.terminal import Terminal
from etitle.errors import EtitleError, UsageError
from etitle.verdict import Judged
from etitle.verify.question import DEFAULT_GRACE_S, DEFAULT_MAX_AGE_S, Holder, Policy

ASK: Final = "ask"
"""``--id ask``: the number is typed at a prompt that does not show it."""

MAX_NUMBER_BYTES: Final = 256
"""Bytes of a first line that may be a document number."""

_NATIONALITY: Final = re.compile(r"[A-Z]{3}")


def add_options(parser: Parser) -> None:
    """The options that ``read_policy`` and ``read_holder`` read."""
    _add_holder(parser, parser.say)
    _add_policy(parser, parser.say)


def _add_policy(parser: Parser, say: Callable[[str, str], str]) -> None:
    parser.add_argument(
        "--grace-days",
        metavar="N",
        type=_days,
        default=DEFAULT_GRACE_S // DAY_S,
        help=say(
            "days past its next update that a status list still counts; default: %(default)s",
            "状态列表逾期未更新后仍可采用的天数；默认 %(default)s",
        ),
    )
    parser.add_argument(
        "--max-age-days",
        metavar="N",
        type=_days,
        default=DEFAULT_MAX_AGE_S // DAY_S,
        help=say(
            "days after its issue that a status list counts, whatever it promises; "
            "default: %(default)s",
            "状态列表自签发之日起可采用的天数，不论其声明的更新时间；默认 %(default)s",
        ),
    )
    parser.add_argument(
        "--tsa",
        metavar="FILE",
        action="append",
        default=[],
        type=_certificates,
        help=say(
            "certificate (PEM or DER) of a TSA trusted to prove when a document was signed; "
            "may be repeated",
            "可信时间戳机构的证书（PEM 或 DER），用于证明文件何时签章；可重复",
        ),
    )
    parser.add_argument(
        "--require",
        metavar="document|code",
        choices=[str(one) for one in Judged],
        default=str(Judged.CODE),
        help=say(
            "document: a signed PDF must be shown, and a code alone is INDETERMINATE; "
            "default: %(default)s",
            "document 表示必须出示带签章的 PDF，只有二维码时结果为无法判定；默认 %(default)s",
        ),
    )
    parser.add_argument(
        "--examples",
        action="store_true",
        help=say(
            "accept certificates of an authority marked as an example, as in the demonstration; "
            "else they are INDETERMINATE",
            "采用标明为样例的机关所发的证书（如演示中）；不加此项时结果为无法判定",
        ),
    )
    parser.add_argument(
        "--archival",
        action="store_true",
        help=say(
            "accept archived documents, to which validation data and time-stamps by the "
            "authorities of --tsa were added",
            "接受已作长期归档的文件（附加了验证资料，以及 --tsa 所列机构的时间戳）",
        ),
    )


def _add_holder(parser: Parser, say: Callable[[str, str], str]) -> None:
    parser.add_argument(
        "--id",
        dest="number",
        metavar="NUMBER",
        type=_number,
        help=say(
            "the certificate must belong to the holder of this document number; 'ask' prompts for "
            "it, @FILE takes the first line of a file (others can see a command line)",
            "证书须属于此证件号码的持证人；ask 为现场输入，@文件 为读取文件首行"
            "（命令行内容可能被他人看到）",
        ),
    )
    parser.add_argument(
        "--opening",
        metavar="CODE",
        type=_opening,
        help=say(
            "with --id: the 核验码 printed on the page, to match a code or a picture exactly; "
            "a signed PDF brings its own",
            "与 --id 同用：证书页上的核验码，用于精确比对二维码或图片；签章 PDF 自带核验码",
        ),
    )
    parser.add_argument(
        "--nationality",
        metavar="XXX",
        type=_nationality,
        help=say(
            "with --id, for a passport: ISO 3166 alpha-3; default: the certificate's",
            "与 --id 同用：护照国籍（ISO 3166 三字母代码）；默认取证书所载",
        ),
    )


def read_policy(options: Namespace) -> Policy:
    """What the options demand of lists and time-stamps."""
    return Policy(
        grace_s=options.grace_days * DAY_S,
        max_age_s=options.max_age_days * DAY_S,
        tsas=frozenset(der for chain in options.tsa for der in chain),
        archival=options.archival,
        require=Judged(options.require),
        examples=options.examples,
    )


def read_holder(options: Namespace, terminal: Terminal) -> Holder | None:
    """Whose certificate it must be; None where nobody was named.

    Asks for the number where the command line says so.

    Raises:
        UsageError: an opening or a nationality without a number, or no terminal to ask at.
    """
    if options.number is None:
        if options.opening is not None or options.nationality is not None:
            raise UsageError("cli.holder_needed")
        return None
    number: str = options.number
    if number == ASK:
        if not sys.stdin.isatty():
            raise UsageError("cli.terminal_needed")
        prompt = terminal.pick("证件号码：", "document number: ")
        number = getpass.getpass(prompt).strip()
    return Holder(number=number, opening=options.opening, nationality=options.nationality)


def _days(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 4 or int(value) > 3650:  # noqa: PLR2004  # ten years
        raise UsageError("cli.days_malformed", value=value)
    return int(value)


def _number(value: str) -> str:
    """The number itself or the first line of a file; no message repeats it."""
    if not value.startswith("@"):
        if not value.strip():
            raise UsageError("cli.number_empty")
        return value
    path = value[1:]
    try:
        with Path(path).open("rb") as file:
            line = file.readline(MAX_NUMBER_BYTES)
        number = line.decode("utf-8-sig").strip()
    except (OSError, ValueError):
        number = ""
    if not number:
        raise UsageError("cli.number_unreadable", path=path)
    return number


def _opening(value: str) -> bytes:
    from etitle.certificate.commitment import parse_opening  # noqa: PLC0415  # only when it is given

    try:
        return parse_opening(value)
    except EtitleError as error:
        mistyped = error.code == "record.opening_mistyped"
        raise UsageError("cli.opening_mistyped" if mistyped else "cli.opening_malformed") from None


def _nationality(value: str) -> str:
    if not _NATIONALITY.fullmatch(value):
        raise UsageError("cli.nationality_malformed", value=value)
    return value


def _certificates(path: str) -> tuple[bytes, ...]:
    from etitle.keys.seal import read_x509_chain  # noqa: PLC0415  # only when it is given

    return read_x509_chain(path)
