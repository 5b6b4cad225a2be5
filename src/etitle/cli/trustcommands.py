"""``etitle-verify trust``: an employer's trust store.  Needs only what verification needs."""

from __future__ import annotations

import time
from argparse import Namespace
from pathlib import Path
from typing import Final

from etitle.certificate.dates import DAY_S
from etitle.cli.arguments import Parser
from etitle.cli.terminal import Terminal
from etitle.cli.trustfolder import add_store, store_folder
from etitle.cli.trustinit import init
from etitle.errors import Language, explain
from etitle.report.rows import china_time
from etitle.store.local import Store
from etitle.trust.pin import spell_fingerprint

_EPILOG: Final[dict[Language, str]] = {
    "en": """\
exit codes:
  0  done
  2  refused, or usage; the store is as it was

example:
  etitle-verify trust init published/ --pin 'F6CF 1B5A E746 FA81 …'
  etitle-verify trust init published/ --pin fingerprint.txt
  etitle-verify trust update published/
""",
    "zh": """\
退出码：
  0  完成
  2  被拒绝或用法有误；信任库保持原样

示例：
  etitle-verify trust init published/ --pin 'F6CF 1B5A E746 FA81 …'
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


def update(terminal: Terminal, options: Namespace) -> None:
    """``trust update FOLDER``: bundles, lists and deltas from a published folder."""
    store = Store(store_folder(options.trust))
    report = store.update(Path(options.folder), at_s=options.at_s)
    for change in report.changes:
        terminal.say(
            "output.store_change",
            authority=change.authority_id,
            what=_kind(terminal, change.what),
            before="-" if change.before is None else change.before,
            after="-" if change.after is None else change.after,
        )
    for skipped in report.skipped:
        why, _ = explain(skipped.code, terminal.language)
        terminal.say("output.store_skipped", name=skipped.name, reason=skipped.code, why=why)
    if not report.changes:
        terminal.say("output.store_unchanged")


def _kind(terminal: Terminal, what: str) -> str:
    """What the store calls ``bundle``, ``list 7`` or ``rescue 1a2b3c4d``, in the language."""
    kind, _, which = what.partition(" ")
    zh = {"bundle": "信任包", "list": "状态列表", "rescue": "确认清单"}.get(kind, kind)
    return terminal.pick(f"{zh} {which}".rstrip(), what)


def show(terminal: Terminal, options: Namespace) -> None:
    """``trust show``: the authorities pinned, and how fresh their lists are."""
    for status in Store(store_folder(options.trust)).describe():
        bundle = status.bundle
        terminal.say(
            "output.store_example" if bundle.example else "output.store_authority",
            zh=bundle.authority.name_zh,
            en=bundle.authority.name_en,
        )
        terminal.say(
            "output.store_bundle",
            indent=2,
            id=bundle.authority.id,
            version=bundle.version,
            due=china_time(bundle.next_update_s),
        )
        terminal.say("output.store_pin", indent=2, pin=spell_fingerprint(status.pin))
        for item in status.lists:
            if item.held is None:
                terminal.say("output.store_list_missing", indent=2, list_id=item.entry.list_id)
                continue
            terminal.say(
                "output.store_list",
                indent=2,
                list_id=item.entry.list_id,
                sequence=item.held.sequence,
                issued=china_time(item.held.issued_s),
                days=(options.at_s - item.held.issued_s) // DAY_S,
                due=china_time(item.held.expires_s),
            )
