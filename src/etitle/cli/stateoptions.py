"""Options of the commands that change, show or publish states."""

from __future__ import annotations

from typing import Final

from etitle.cli.commandgroup import CommandGroup

_CHANGES: Final = (
    ("void", "voided", "void: the record is a mistake (V…)", "作废（V…）"),
    ("withdraw", "withdrawn", "withdraw the title itself (W…)", "撤销（W…）"),
    ("cancel", "cancelled", "cancel (C…)", "注销（C…）"),
    ("suspend", "suspended", "suspend while under review (S…)", "暂停（S…）"),
)
"""Command, state that it leads to, and its words."""
_OTHERS: Final = (
    ("restore", "end a suspension", "恢复（结束暂停）"),
    ("other", "another state; needs a remark", "其他状态（须写备注）"),
    ("status", "show the history of a certificate", "查看证书的历史"),
)
"""Command and its words."""


def add_states(commands: CommandGroup) -> None:
    """``void``, ``withdraw``, ``cancel``, ``suspend``, ``restore``, ``other``, ``status``."""
    for name, to, en, zh in _CHANGES:
        parser = commands.add(name, "statecommands:change", en=en, zh=zh)
        parser.set_defaults(to=to)
        parser.add_argument("number", metavar="NUMBER", help=parser.say("its number", "证号"))
        parser.add_argument(
            "--reason",
            metavar="CODE",
            required=True,
            help=parser.say("code of the reason", "原因代码"),
        )
        parser.add_argument("--remark", metavar="TEXT", help=parser.say("remark", "备注"))
    for name, en, zh in _OTHERS:
        parser = commands.add(name, f"statecommands:{name}", en=en, zh=zh)
        parser.add_argument("number", metavar="NUMBER", help=parser.say("its number", "证号"))
        if name != "status":
            parser.add_argument(
                "--remark",
                metavar="TEXT",
                required=name == "other",
                help=parser.say("remark", "备注"),
            )


def add_lists(commands: CommandGroup) -> None:
    """``list recover``."""
    group = commands.add_group(
        "list", en="status lists after a theft", zh="状态列表密钥失窃后的恢复"
    )
    recover = group.add(
        "recover",
        "listcommand:recover",
        en="after the theft of a list key: change authority.toml for the next bundle",
        zh="状态列表密钥失窃后：修改 authority.toml，供制作下一版信任包",
    )
    say = recover.say
    recover.add_argument("kid", metavar="KID", help=say("kid of the stolen key", "失窃密钥的编号"))
    recover.add_argument(
        "--key",
        required=True,
        metavar="FILE",
        help=say("public key of the new list key", "新状态列表密钥的公钥文件"),
    )
    recover.add_argument(
        "--since",
        metavar="TIME",
        help=say("since when it is compromised; default: now", "泄露时间；默认为现在"),
    )


def add_publish(commands: CommandGroup) -> None:
    """``publish``."""
    publish = commands.add(
        "publish",
        "publishcommand:publish",
        en="publish bundles, status lists and deltas",
        zh="发布信任包、状态列表与增量",
    )
    publish.add_argument(
        "--key",
        metavar="URI",
        help=publish.say(
            "list key; default: the one in keys/", "状态列表密钥；默认用 keys/ 中的密钥"
        ),
    )
