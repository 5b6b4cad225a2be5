"""Arguments of the commands that make documents: ``issue``, ``supersede``, ``files``."""

from __future__ import annotations

import re
from typing import Final

from etitle.cli.arguments import Parser
from etitle.errors import UsageError


def add_photos(parser: Parser) -> None:
    """Where the photos are, and which rows have none."""
    say = parser.say
    photos = parser.add_argument_group(say("photos", "照片"))
    photos.add_argument(
        "--photos",
        metavar="DIR",
        help=say(
            "folder of photos, each named 姓名_身份证号.jpg",
            "照片文件夹，文件名为 姓名_身份证号.jpg",
        ),
    )
    photos.add_argument(
        "--without-photo",
        metavar="ROWS",
        type=_rows,
        help=say(
            "rows of old records that have no photo, such as 3,7-9; or all",
            "确无照片的旧数据所在行，如 3,7-9；all 为全部",
        ),
    )


def add_documents(parser: Parser) -> None:
    """How documents are made, where not as authority.toml says."""
    say = parser.say
    pdf = parser.add_argument_group(say("documents (PDF)", "证书文件（PDF）"))
    pdf.add_argument(
        "--no-pdf",
        action="store_true",
        help=say("QR codes only, no documents", "只要二维码，不制作 PDF"),
    )
    pdf.add_argument(
        "--seal",
        metavar="URI",
        help=say(
            "seal key, file: pkcs12: or pkcs11:; default: the document key in keys/",
            "印章密钥（file:、pkcs12:、pkcs11:）；默认为 keys/ 中的 document 密钥",
        ),
    )
    pdf.add_argument(
        "--seal-password-file",
        metavar="FILE",
        help=say(
            "file whose first line is the seal's password or PIN; default: ask, or for a key"
            " in keys/ --password-file",
            "印章口令或 PIN 文件（第一行）；默认询问，keys/ 中的密钥则用 --password-file",
        ),
    )
    pdf.add_argument(
        "--template",
        metavar="NAME",
        help=say(
            "template that ships, or a TOML file; default: as authority.toml says",
            "自带模板名或 TOML 文件；默认按 authority.toml",
        ),
    )
    pdf.add_argument(
        "--tsa",
        metavar="URL",
        help=say("URL of a TSA (B-T)", "时间戳机构的地址（B-T）"),
    )
    pdf.add_argument(
        "--tsa-root",
        metavar="FILE",
        action="append",
        help=say("root of its certificates; repeatable", "其证书的根证书，可重复"),
    )


_ROWS: Final = re.compile(r"([0-9]{1,7})(?:-([0-9]{1,7}))?")


def _rows(value: str) -> tuple[range, ...]:
    """Rows as typed: ``all``, or numbers and ranges such as ``3,7-9``."""
    from etitle.record.album import EVERY_ROW  # noqa: PLC0415  # issuing only

    if value == "all":
        return EVERY_ROW
    found = [_ROWS.fullmatch(part.strip()) for part in value.replace("，", ",").split(",")]
    pairs = [(int(one[1]), int(one[2] or one[1])) for one in found if one is not None]
    if len(pairs) < len(found) or any(first > last for first, last in pairs):
        raise UsageError("cli.rows_malformed", value=value)
    return tuple(range(first, last + 1) for first, last in pairs)
