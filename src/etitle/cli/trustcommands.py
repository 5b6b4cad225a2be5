"""``etitle-verify trust``: an employer's trust store.  Needs only what verification needs."""

from __future__ import annotations

import time
from typing import Final

from etitle.cli.arguments import Parser
from etitle.cli.terminal import Terminal
from etitle.cli.trustfolder import add_store
from etitle.cli.trustpins import init, remove
from etitle.cli.trustupdate import show, update
from etitle.errors import Language

_EPILOG: Final[dict[Language, str]] = {
    "en": """\
exit codes:
  0  done
  2  refused, or usage; what an error names is as it was in the store

example:
  etitle-verify trust init published/ --pin '7A6E FDCD FD09 E6FD …'
  etitle-verify trust init published/ --pin fingerprint.txt
  etitle-verify trust update published/
""",
    "zh": """\
退出码：
  0  完成
  2  被拒绝或用法有误；所报的内容在信任库中保持原样

示例：
  etitle-verify trust init published/ --pin '7A6E FDCD FD09 E6FD …'
  etitle-verify trust init published/ --pin fingerprint.txt
  etitle-verify trust update published/
""",
}


def make_parser(language: Language) -> Parser:
    """The command line of ``etitle-verify trust``."""
    parser = Parser(
        prog="etitle-verify trust",
        language=language,
        usage_code="cli.trust_usage",
        epilog=_EPILOG[language],
    )
    say = parser.say
    parser.description = say(
        "Pin authorities, and keep what they publish: keys and status lists.",
        "建立对发证机关的信任，保存其发布的密钥与状态列表。",
    )
    group = parser.add_subparsers(metavar="COMMAND", required=True)
    commands: dict[str, Parser] = {}
    for name, run, words in (
        ("init", init, say("pin an authority", "建立对发证机关的信任")),
        ("update", update, say("take in what was published", "更新信任包与状态列表")),
        ("show", show, say("show the authorities pinned", "查看信任库")),
        ("remove", remove, say("trust an authority no longer", "不再信任发证机关")),
    ):
        each = group.add_parser(
            name, language=language, usage_code="cli.trust_usage", help=words, description=words
        )
        each.set_defaults(run=run)
        commands[name] = each
    commands["init"].add_argument(
        "bundle",
        nargs="?",
        metavar="BUNDLE",
        help=say("trust bundle, or published folder", "信任包文件或发布目录"),
    )
    commands["init"].add_argument(
        "--pin",
        required=True,
        nargs="+",
        metavar="FINGERPRINT",
        help=say(
            "fingerprint of the root keys in any spelling, or a file that holds it; obtained "
            "through a channel other than the bundle",
            "根密钥指纹，写法不限，也可给出载有指纹的文件；须从信任包以外的渠道取得",
        ),
    )
    commands["init"].add_argument(
        "--reset",
        action="store_true",
        help=say("forget what was seen of this authority before", "清除此前的记录，重新建立"),
    )
    commands["update"].add_argument(
        "folder", metavar="FOLDER", help=say("published folder", "发布目录")
    )
    commands["remove"].add_argument(
        "id", metavar="ID", help=say("the authority's id, as show has it", "发证机关标识，见 show")
    )
    commands["remove"].add_argument(
        "--yes", action="store_true", help=say("without asking", "不再询问")
    )
    for each in commands.values():
        add_store(each)
        each.add_common()
    return parser


def main(terminal: Terminal, arguments: list[str]) -> int:
    """Run one of the commands; returns 0, for a refusal is an error."""
    options = make_parser(terminal.language).parse_args(arguments)
    if options.at_s is None:
        options.at_s = int(time.time())
    options.run(terminal, options)
    return 0
