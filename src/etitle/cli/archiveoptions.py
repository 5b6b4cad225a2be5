"""Options of ``etitle archive``."""

from __future__ import annotations

from etitle.cli.commandgroup import CommandGroup


def add_archive(commands: CommandGroup) -> None:
    """``archive PDF OUT``."""
    archive = commands.add(
        "archive",
        "archivecommand:archive",
        en="add validation data and a time-stamp to a signed PDF, for archives",
        zh="为已签章的 PDF 附加验证资料与归档时间戳",
        workspace=False,
    )
    say = archive.say
    archive.add_argument("document", metavar="PDF", help=say("signed document", "已签章的文件"))
    archive.add_argument("out", metavar="OUT", help=say("archived document", "归档后的文件"))
    archive.add_argument(
        "--tsa",
        required=True,
        metavar="URL",
        help=say("URL of a TSA", "时间戳机构的地址"),
    )
    archive.add_argument(
        "--tsa-root",
        action="append",
        required=True,
        metavar="FILE",
        help=say(
            "root certificate that its time-stamps must chain to; may be repeated",
            "时间戳机构的根证书，可重复",
        ),
    )
    archive.add_argument(
        "--evidence",
        action="append",
        required=True,
        metavar="FILE",
        help=say(
            "certificates, CRLs, OCSP responses, PEM or DER; may be repeated",
            "证书、证书吊销列表、OCSP 响应（PEM 或 DER），可重复",
        ),
    )
