"""Before a root signs: what changes is shown, and somebody says yes to just that.

What is signed is what was shown, held in memory meanwhile: a file that is swapped between the two
gains nothing.  A script says ``--yes DIGEST``, and the digest is of what was shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from etitle.cli.arguments import Parser
from etitle.cli.terminal import Terminal
from etitle.errors import IssueError
from etitle.report.difference import change_words
from etitle.trust.difference import Change, Permit

if TYPE_CHECKING:
    from argparse import Namespace

_PERMITS: Final = {
    Permit.LOWER_EPOCH: (
        "sign although the epoch of a list falls",
        "状态列表的纪元降低时仍签名",
    ),
    Permit.UNCOMPROMISE: (
        "sign although a compromised key becomes another again",
        "已泄露的密钥改回其他状态时仍签名",
    ),
    Permit.LOWER_THRESHOLD: (
        "sign although fewer roots suffice than before",
        "根密钥须签名的个数减少时仍签名",
    ),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person is shown.

    Attributes:
        title: code of the line above the rows, with its details.
        details: of the title.
        changes: the rows.
        digest: of what is to be signed and of what it is compared with, 32 bytes.
    """

    title: str
    details: dict[str, object]
    changes: Sequence[Change]
    digest: bytes


def add_confirmation(parser: Parser, *, permits: bool) -> None:
    """``--yes DIGEST``, and one option for each thing that must be asked for by name."""
    parser.add_argument(
        "--yes",
        metavar="DIGEST",
        help=parser.say(
            "sign without asking, if what changes has this digest (as shown without --yes)",
            "不再询问，直接签名；DIGEST 为不带 --yes 运行时所显示的摘要",
        ),
    )
    if permits:
        for permit, (en, zh) in _PERMITS.items():
            parser.add_argument(
                f"--{permit.value}", action="append_const", const=permit, dest="permits",
                help=parser.say(en, zh),
            )  # fmt: skip


def confirm(shown: Shown, terminal: Terminal, options: Namespace) -> None:
    """Show what changes, and come back only if somebody said yes to it.

    Raises:
        IssueError: ``issue.permit_needed``, ``issue.digest_other``,
            ``issue.confirmation_needed`` without a terminal, or ``issue.not_confirmed``.
    """
    digest = shown.digest.hex()
    terminal.show(terminal.words(shown.title, **shown.details))
    # What matters most stands last, where a screen ends.
    for change in sorted(
        shown.changes, key=lambda each: (each.is_dangerous, each.permit is not None)
    ):
        mark = "! " if change.is_dangerous else "  "
        terminal.show(mark + change_words(change, terminal.language))
    dangers = sum(change.is_dangerous for change in shown.changes)
    if dangers:
        terminal.say("output.ceremony_dangers", count=dangers)
    terminal.say("output.ceremony_digest", digest=digest)
    given: set[Permit] = set(getattr(options, "permits", None) or ())
    needed = [c.permit for c in shown.changes if c.permit is not None and c.permit not in given]
    if needed:
        options_needed = " ".join(dict.fromkeys(f"--{permit.value}" for permit in needed))
        raise IssueError("issue.permit_needed", options=options_needed)
    if options.yes is not None:
        if "".join(options.yes.split()).lower() != digest:
            raise IssueError("issue.digest_other", digest=digest)
        return
    question = terminal.pick("确认无误、同意签名的，请输入 yes：", "to sign this, type yes: ")
    answer = ask(terminal, question)
    if answer is None:
        raise IssueError("issue.confirmation_needed")
    if not terminal.agrees(answer):
        raise IssueError("issue.not_confirmed")


ask = Terminal.ask
"""How a person is asked."""
