"""Options of ``etitle keys``, ``etitle bundle`` and ``etitle rescue``."""

from __future__ import annotations

from etitle.cli.arguments import Parser
from etitle.cli.ceremony import add_confirmation
from etitle.cli.commandgroup import CommandGroup


def add_keys(commands: CommandGroup) -> None:
    """``keys new`` and ``keys show``."""
    group = commands.add_group("keys", en="make and show keys", zh="生成、查看密钥")
    new = group.add("new", "keycommands:new", en="make key pairs", zh="生成密钥对")
    say = new.say
    new.add_argument("names", nargs="+", metavar="NAME", help=say("names of files", "文件名"))
    new.add_argument(
        "--suite",
        choices=("ES256", "EdDSA", "RSA-3072", "ML-DSA-65"),
        default="ES256",
        help=say(
            "RSA-3072 and ML-DSA-65 sign documents only; default: %(default)s",
            "RSA-3072 和 ML-DSA-65 只能用于文件签章；默认 %(default)s",
        ),
    )
    new.add_argument(
        "--no-password",
        action="store_true",
        help=say("leave it unencrypted: for examples only", "不加密：仅供示例"),
    )
    show = group.add("show", "keycommands:show", en="show public keys", zh="查看公钥")
    for parser in (new, show):
        parser.add_argument(
            "--folder",
            metavar="DIR",
            help=say("default: keys/ in the folder", "默认为工作目录中的 keys/"),
        )


def add_bundles(commands: CommandGroup) -> None:
    """``bundle new``, ``rotate``, ``endorse`` and ``show``."""
    group = commands.add_group("bundle", en="make and show trust bundles", zh="制作、查看信任包")
    new = group.add(
        "new",
        "bundlecommands:new",
        en="make the first bundle, from authority.toml",
        zh="制作首个信任包",
    )
    rotate = group.add(
        "rotate",
        "bundlecommands:rotate",
        en="make the next bundle, after authority.toml was changed",
        zh="修改 authority.toml 之后，制作下一版信任包",
    )
    endorse = group.add(
        "endorse", "bundlecommands:endorse", en="add root signatures", zh="追加根签名"
    )
    show = group.add(
        "show",
        "bundlecommands:show",
        en="show what a bundle says, and its fingerprint",
        zh="查看信任包内容与指纹",
    )
    for parser in (new, rotate, endorse):
        _add_root(parser)
        add_confirmation(parser, permits=True)
    for parser in (endorse, show):
        parser.add_argument(
            "file",
            nargs="?",
            metavar="FILE",
            help=parser.say("bundle; default: the newest", "信任包文件；默认最新一版"),
        )


def add_rescue(commands: CommandGroup) -> None:
    """``rescue KID`` and ``rescue endorse FILE``."""
    rescue = commands.add(
        "rescue",
        "rescuecommands:rescue",
        en="make the rescue list of a compromised key",
        zh="为已泄露的密钥制作确认清单",
    )
    rescue.add_argument(
        "kid",
        metavar="KID",
        help=rescue.say(
            "kid or thumbprint; or the word endorse, to add signatures to FILE",
            "密钥编号或密钥摘要；或 endorse，为 FILE 追加根签名",
        ),
    )
    rescue.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help=rescue.say("rescue list, after endorse", "endorse 之后：确认清单文件"),
    )
    _add_root(rescue)
    add_confirmation(rescue, permits=False)


def _add_root(parser: Parser) -> None:
    parser.add_argument(
        "--root",
        action="append",
        required=True,
        metavar="URI",
        help=parser.say("a root key, file:PATH; may be repeated", "根密钥，file:路径；可重复"),
    )
