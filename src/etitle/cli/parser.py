"""The options of ``etitle``, with help in Chinese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from etitle.cli.arguments import Parser, seconds
from etitle.cli.documentoptions import add_documents, add_photos

if TYPE_CHECKING:
    from etitle.errors import Language

_EPILOG: Final = {
    "en": """\
examples, from nothing to a published list:
  etitle keys new root-1 root-2 root-3 --folder offline/
  etitle keys new token-1 list-1
  $EDITOR issuer/authority.toml            # keys-example/authority.toml is a model
  etitle bundle new --root file:offline/root-1.pem --root file:offline/root-2.pem
  etitle issue records.xlsx --photos photos/ --dry-run
  etitle issue records.xlsx --photos photos/
  etitle void 4502026000017 --reason V01 --remark 'typed twice'
  etitle supersede 4502026000018 --by corrected.xlsx --reason R01 --remark 'name'
  etitle publish

An employer needs etitle-verify alone: see etitle-verify --help and etitle-verify trust --help.

exit codes: 0 done, 1 refused, 2 usage
""",
    "zh": """\
示例，从零到发布：
  etitle keys new root-1 root-2 root-3 --folder offline/
  etitle keys new token-1 list-1
  $EDITOR issuer/authority.toml            # 可仿照 keys-example/authority.toml
  etitle bundle new --root file:offline/root-1.pem --root file:offline/root-2.pem
  etitle issue records.xlsx --photos photos/ --dry-run      # 只检查，不签发
  etitle issue records.xlsx --photos photos/
  etitle void 4502026000017 --reason V01 --remark '重复录入'
  etitle supersede 4502026000018 --by corrected.xlsx --reason R01 --remark '姓名更正'
  etitle publish

用人单位只需 etitle-verify，见 etitle-verify --help 与 etitle-verify trust --help。

退出码：0 完成，1 被拒绝，2 用法有误
""",
}


class _Parser:
    """Builds the parser in one language."""

    def __init__(self, language: Language) -> None:
        self._language: Language = language
        self.top = Parser(
            prog="etitle",
            language=language,
            description=self._say(
                "Issue electronic professional-title certificates, keep their list, publish.",
                "签发职称电子证书，维护状态名单，对外发布。",
            ),
            epilog=_EPILOG[language],
        )
        self._commands = self.top.add_subparsers(metavar="COMMAND", required=True)
        self._keys()
        self._bundle()
        self._issue()
        self._states()
        self._publish()
        self._archive()

    def _say(self, en: str, zh: str) -> str:
        return zh if self._language == "zh" else en

    def _command(self, group: Any, name: str, run: str, en: str, zh: str) -> Any:  # noqa: ANN401  # argparse names no type for a group
        text = self._say(en, zh)
        parser = group.add_parser(name, language=self._language, help=text, description=text)
        parser.set_defaults(run=run)
        common = parser.add_argument_group(self._say("everywhere", "通用"))
        common.add_argument(
            "--at",
            dest="at_s",
            metavar="TIME",
            type=seconds,
            help=self._say(
                "act as of this time (ISO 8601; China time unless an offset is given); "
                "default: now",
                "以此时间为准（ISO 8601，未写时区按北京时间）；默认现在",
            ),
        )
        parser.add_language()
        if not run.startswith("archive:"):
            common.add_argument(
                "--issuer",
                metavar="DIR",
                help=self._say(
                    "issuer's folder; default: $ETITLE_ISSUER, else issuer/",
                    "签发工作目录；默认 $ETITLE_ISSUER，否则 issuer/",
                ),
            )
            common.add_argument(
                "--published",
                metavar="DIR",
                default="published",
                help=self._say(
                    "published folder; default: %(default)s", "发布目录；默认 %(default)s"
                ),
            )
            common.add_argument(
                "--password-file",
                metavar="FILE",
                help=self._say(
                    "file whose first line is the keys' password; default: ask",
                    "口令文件（第一行为密钥口令）；默认在终端询问",
                ),
            )
            common.add_argument(
                "--ledger",
                metavar="FILE",
                help=self._say(
                    "ledger; default: ledger.sqlite in the folder",
                    "台账；默认为工作目录中的 ledger.sqlite",
                ),
            )
        return parser

    def _group(self, name: str, en: str, zh: str) -> Any:  # noqa: ANN401  # as above
        text = self._say(en, zh)
        parser = self._commands.add_parser(
            name, language=self._language, help=text, description=text
        )
        return parser.add_subparsers(metavar="COMMAND", required=True)

    def _keys(self) -> None:
        group = self._group("keys", "make and show keys", "生成、查看密钥")
        new = self._command(group, "new", "keys:new", "make key pairs", "生成密钥对")
        new.add_argument("names", nargs="+", metavar="NAME")
        new.add_argument(
            "--suite",
            choices=("ES256", "EdDSA", "RSA-3072", "ML-DSA-65"),
            default="ES256",
            help=self._say(
                "RSA-3072 and ML-DSA-65 are for seals: they sign documents only",
                "RSA-3072 和 ML-DSA-65 用于印章，只能签署文件",
            ),
        )
        new.add_argument(
            "--no-password",
            action="store_true",
            help=self._say("leave it unencrypted: for examples only", "不加密：仅供示例"),
        )
        show = self._command(group, "show", "keys:show", "show public keys", "查看公钥")
        for parser in (new, show):
            parser.add_argument(
                "--folder",
                metavar="DIR",
                help=self._say("default: keys/ in the folder", "默认为工作目录中的 keys/"),
            )

    def _root(self, parser: Any) -> None:  # noqa: ANN401  # as above
        parser.add_argument(
            "--root",
            action="append",
            required=True,
            metavar="URI",
            help=self._say("a root key, file:PATH; may be repeated", "根密钥 file:路径，可重复"),
        )

    def _bundle(self) -> None:
        group = self._group("bundle", "make and show trust bundles", "制作、查看信任包")
        new = self._command(
            group, "new", "bundle:new", "the first bundle, from authority.toml", "首个信任包"
        )
        rotate = self._command(
            group,
            "rotate",
            "bundle:rotate",
            "the next bundle, after authority.toml was changed",
            "修改 authority.toml 之后的下一版信任包",
        )
        endorse = self._command(
            group, "endorse", "bundle:endorse", "add root signatures", "追加根签名"
        )
        show = self._command(
            group,
            "show",
            "bundle:show",
            "what a bundle says, and its fingerprint",
            "查看内容与指纹",
        )
        for parser in (new, rotate, endorse):
            self._root(parser)
        for parser in (endorse, show):
            parser.add_argument(
                "file", nargs="?", help=self._say("default: the newest", "默认最新一版")
            )

    def _issue(self) -> None:
        issue = self._command(
            self._commands,
            "issue",
            "certificates:issue",
            "issue every row of a workbook, or none",
            "签发工作簿中的全部记录（有错则一张不发）",
        )
        issue.add_argument("workbook", metavar="WORKBOOK", help=".xlsx, .csv")
        supersede = self._command(
            self._commands,
            "supersede",
            "certificates:supersede",
            "reissue: a new certificate in the place of another",
            "补发：以新证书替代旧证书",
        )
        supersede.add_argument("number", metavar="OLD", help="证号")
        supersede.add_argument("--by", required=True, metavar="WORKBOOK")
        supersede.add_argument(
            "--row", type=int, help=self._say("its row there", "在工作簿中的行号")
        )
        for parser in (issue, supersede):
            parser.add_argument("--sheet", help=self._say("name of the sheet", "工作表名"))
            parser.add_argument("--key", metavar="URI", help=self._say("token key", "签发密钥"))
            parser.add_argument(
                "--profile",
                choices=("masked", "full", "none"),
                default="masked",
                help=self._say(
                    "how much of the ID number to show; default: %(default)s",
                    "身份证号的显示方式；默认 %(default)s（掩码）",
                ),
            )
            parser.add_argument(
                "--dry-run", action="store_true", help=self._say("only judge", "只检查，不签发")
            )
            parser.add_argument(
                "--report",
                metavar="FILE",
                help=self._say("write all findings, .csv or .xlsx", "将全部问题写入 .csv 或 .xlsx"),
            )
            parser.add_argument(
                "--reason",
                required=parser is supersede,
                help=self._say("R01 … R05, for reissues", "补发原因 R01 … R05"),
            )
            parser.add_argument("--remark", help=self._say("remark", "备注"))
            add_photos(parser, self._say)
        files = self._command(
            self._commands,
            "files",
            "certificates:files",
            "write all lost files again",
            "重写丢失的证书文件",
        )
        for parser in (issue, supersede, files):
            parser.add_argument(
                "--out", metavar="DIR", help=self._say("default: issued/", "默认 issued/")
            )
            parser.add_argument("--svg", action="store_true", help=self._say("SVG too", "另存 SVG"))
            parser.add_argument("--no-png", action="store_true")
            add_documents(parser, self._say)

    def _states(self) -> None:
        changes = (
            ("void", "voided", "void: the record is a mistake (V…)", "作废（V…）"),
            ("withdraw", "withdrawn", "withdraw the title itself (W…)", "撤销（W…）"),
            ("cancel", "cancelled", "cancel (C…)", "注销（C…）"),
            ("suspend", "suspended", "suspend while under review (S…)", "暂停（S…）"),
        )
        for name, to, en, zh in changes:
            parser = self._command(self._commands, name, "certificates:change", en, zh)
            parser.set_defaults(to=to)
            parser.add_argument("number", metavar="NUMBER", help="证号")
            parser.add_argument("--reason", required=True)
            parser.add_argument("--remark", help=self._say("remark", "备注"))
        more = (
            ("restore", "certificates:restore", "end a suspension", "恢复（结束暂停）"),
            (
                "other",
                "certificates:other",
                "another state; needs a remark",
                "其他状态（须写备注）",
            ),
            ("status", "certificates:status", "the history of a certificate", "查看证书的历史"),
        )
        for name, run, en, zh in more:
            parser = self._command(self._commands, name, run, en, zh)
            parser.add_argument("number", metavar="NUMBER", help="证号")
            if name != "status":
                parser.add_argument("--remark", required=name == "other")

    def _publish(self) -> None:
        publish = self._command(
            self._commands,
            "publish",
            "certificates:publish",
            "publish bundles, lists and deltas",
            "发布信任包、状态名单与增量",
        )
        publish.add_argument("--key", metavar="URI", help=self._say("list key", "名单密钥"))
        rescue = self._command(
            self._commands,
            "rescue",
            "rescue:rescue",
            "the rescue list of a compromised key",
            "为已泄露的密钥制作救济名单",
        )
        rescue.add_argument(
            "kid",
            help=self._say(
                "kid or thumbprint; or the word endorse, to add signatures to FILE",
                "kid 或指纹；或 endorse，为 FILE 追加根签名",
            ),
        )
        rescue.add_argument(
            "file",
            nargs="?",
            metavar="FILE",
            help=self._say("rescue list, after endorse", "endorse 之后：救济名单文件"),
        )
        self._root(rescue)

    def _archive(self) -> None:
        archive = self._command(
            self._commands,
            "archive",
            "archive:archive",
            "add evidence and a time-stamp to a signed PDF, for archives",
            "为已签署的 PDF 附加长期验证资料与归档时间戳",
        )
        archive.add_argument(
            "document", metavar="PDF", help=self._say("signed document", "已签署的文件")
        )
        archive.add_argument(
            "out", metavar="OUT", help=self._say("archived document", "归档后的文件")
        )
        archive.add_argument(
            "--tsa",
            required=True,
            metavar="URL",
            help=self._say("time-stamp authority", "时间戳服务地址"),
        )
        archive.add_argument(
            "--tsa-root",
            action="append",
            required=True,
            metavar="FILE",
            help=self._say(
                "root certificate to believe for its time-stamps; may be repeated",
                "时间戳服务的根证书，可重复",
            ),
        )
        archive.add_argument(
            "--evidence",
            action="append",
            required=True,
            metavar="FILE",
            help=self._say(
                "certificates, CRLs, OCSP responses, PEM or DER; may be repeated",
                "证书、吊销列表、OCSP 响应（PEM 或 DER），可重复",
            ),
        )


def make_parser(language: Language) -> Parser:
    """The parser of the whole command line, speaking one language."""
    return _Parser(language).top
