"""Options of ``etitle issue``, ``etitle supersede`` and ``etitle files``."""

from __future__ import annotations

from etitle.cli.arguments import Parser
from etitle.cli.commandgroup import CommandGroup
from etitle.cli.documentoptions import add_documents, add_photos


def add_issuing(commands: CommandGroup) -> None:
    """The three commands."""
    issue = commands.add(
        "issue",
        "issuecommands:issue",
        en="issue every row of a workbook, or none",
        zh="签发工作簿中的全部记录（有错则一张不发）",
    )
    issue.add_argument(
        "workbook", metavar="WORKBOOK", help=issue.say(".xlsx or .csv", ".xlsx 或 .csv")
    )
    supersede = commands.add(
        "supersede",
        "issuecommands:supersede",
        en="reissue: a new certificate in the place of another",
        zh="补发：以新证书替代旧证书",
    )
    say = supersede.say
    supersede.add_argument("number", metavar="OLD", help=say("number of the old one", "原证号"))
    supersede.add_argument(
        "--by", required=True, metavar="WORKBOOK", help=say("the new record", "新记录所在工作簿")
    )
    supersede.add_argument(
        "--row", metavar="N", type=int, help=say("its row there", "在工作簿中的行号")
    )
    for parser in (issue, supersede):
        _add_batch(parser, is_reissue=parser is supersede)
        add_photos(parser)
    files = commands.add(
        "files", "issuecommands:files", en="write all lost files again", zh="重写丢失的证书文件"
    )
    for parser in (issue, supersede, files):
        _add_output(parser)
        add_documents(parser)


def _add_batch(parser: Parser, *, is_reissue: bool) -> None:
    say = parser.say
    parser.add_argument("--sheet", metavar="NAME", help=say("name of the sheet", "工作表名"))
    parser.add_argument(
        "--key",
        metavar="URI",
        help=say("token key; default: the one in keys/", "签发密钥；默认用 keys/ 中的密钥"),
    )
    parser.add_argument(
        "--profile",
        choices=("masked", "full", "none"),
        default="masked",
        help=say(
            "how much of the ID number to show; default: %(default)s",
            "身份证号的显示方式：masked 脱敏，full 完整，none 不载；默认 %(default)s",
        ),
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help=say("check only, issue nothing", "只检查，不签发"),
    )
    parser.add_argument(
        "--report",
        metavar="FILE",
        help=say("write all findings, .csv or .xlsx", "将全部问题写入 .csv 或 .xlsx"),
    )
    parser.add_argument(
        "--reason",
        metavar="CODE",
        required=is_reissue,
        help=say("R01 … R05, for reissues", "补发原因 R01 … R05"),
    )
    parser.add_argument("--remark", metavar="TEXT", help=say("remark", "备注"))


def _add_output(parser: Parser) -> None:
    say = parser.say
    parser.add_argument(
        "--out",
        metavar="DIR",
        help=say("default: issued/ in the folder", "默认为工作目录中的 issued/"),
    )
    parser.add_argument(
        "--svg", action="store_true", help=say("write SVG pictures too", "另存 SVG 图片")
    )
    parser.add_argument(
        "--no-png", action="store_true", help=say("write no PNG pictures", "不写 PNG 图片")
    )
