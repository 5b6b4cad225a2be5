"""The command line of ``etitle``, with help in Chinese or English."""

from __future__ import annotations

from typing import Final

from etitle.cli.archiveoptions import add_archive
from etitle.cli.arguments import Parser
from etitle.cli.commandgroup import CommandGroup
from etitle.cli.issueoptions import add_issuing
from etitle.cli.keyoptions import add_bundles, add_keys, add_rescue
from etitle.cli.stateoptions import add_lists, add_publish, add_states
from etitle.errors import Language

_EPILOG: Final[dict[Language, str]] = {
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

exit codes: 0 done, 1 refused, 2 usage, 130 interrupted, 141 nobody reads the output
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

退出码：0 完成，1 被拒绝，2 用法有误，130 被中断，141 输出的接收方已关闭
""",
}


def make_parser(language: Language) -> Parser:
    """The parser of the whole command line, speaking one language."""
    parser = Parser(prog="etitle", language=language, epilog=_EPILOG[language])
    parser.description = parser.say(
        "Issue electronic professional-title certificates, keep their status list, publish it.",
        "签发职称电子证书，维护并发布状态列表。",
    )
    commands = CommandGroup(parser)
    add_keys(commands)
    add_bundles(commands)
    add_issuing(commands)
    add_states(commands)
    add_publish(commands)
    add_lists(commands)
    add_rescue(commands)
    add_archive(commands)
    return parser
