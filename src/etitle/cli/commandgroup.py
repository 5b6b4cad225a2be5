"""Commands below a command, each with the options that all of them take."""

from __future__ import annotations

from etitle.cli.arguments import Parser


class CommandGroup:
    """The commands of ``etitle``, or of one of its groups such as ``etitle keys``.

    Args:
        parser: of what the commands belong to.
    """

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self._into = parser.add_subparsers(metavar="COMMAND", required=True)

    def add_group(self, name: str, *, en: str, zh: str) -> CommandGroup:
        """Commands one word further down."""
        words = self._parser.say(en, zh)
        return CommandGroup(
            self._into.add_parser(
                name, language=self._parser.language, help=words, description=words
            )
        )

    def add(self, name: str, run: str, *, en: str, zh: str, workspace: bool = True) -> Parser:
        """A command.

        Args:
            name: the word for it.
            run: what carries it out, ``module:function`` below ``etitle.cli``.
            en: what it does, in English.
            zh: the same in Chinese.
            workspace: whether it works in an issuer's folder.
        """
        words = self._parser.say(en, zh)
        parser = self._into.add_parser(
            name, language=self._parser.language, help=words, description=words
        )
        parser.set_defaults(run=run)
        common = parser.add_argument_group(parser.say("everywhere", "通用选项"))
        parser.add_common(common)
        if workspace:
            _add_workspace(parser)
        return parser


def _add_workspace(parser: Parser) -> None:
    say = parser.say
    group = parser.add_argument_group(say("issuer's folder", "签发工作目录"))
    group.add_argument(
        "--issuer",
        metavar="DIR",
        help=say(
            "issuer's folder; default: $ETITLE_ISSUER, else issuer/",
            "签发工作目录；默认 $ETITLE_ISSUER，否则 issuer/",
        ),
    )
    group.add_argument(
        "--published",
        metavar="DIR",
        default="published",
        help=say("published folder; default: %(default)s", "发布目录；默认 %(default)s"),
    )
    group.add_argument(
        "--password-file",
        metavar="FILE",
        help=say(
            "file whose first line is the keys' password; default: ask",
            "口令文件（第一行为密钥口令）；默认在终端询问",
        ),
    )
    group.add_argument(
        "--ledger",
        metavar="FILE",
        help=say(
            "ledger; default: ledger.sqlite in the folder",
            "台账；默认为工作目录中的 ledger.sqlite",
        ),
    )
