"""The texts of a page's QR codes -> a verdict for each certificate among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from etitle.errors import DecodeError
from etitle.token import frame
from etitle.token.copied import Fault
from etitle.verdict import CheckId, Reason, Summary, Verdict
from etitle.verify.checks.answers import unknown
from etitle.verify.checks.token import recognise
from etitle.verify.token import rank, verdict_without_token, verify_frame, verify_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from etitle.cose import Sign1
    from etitle.trust.anchors import Trust
    from etitle.verify.question import Question


@dataclass(frozen=True, slots=True)
class Codes:
    """What the codes of one page are.

    Attributes:
        verdicts: one for each certificate, and for each code of ours that is damaged.
        foreign: how many other codes there are.
    """

    verdicts: tuple[Verdict, ...]
    foreign: int


def judge_codes(texts: Iterable[str], question: Question) -> Codes:
    """Judge the codes of one page (docs/spec clause 8.3.2)."""
    frames: dict[Sign1 | bytes, bytes] = {}
    damaged: dict[str, None] = {}
    foreign = 0
    for one in texts:
        found = recognise(one, question.trust)
        frames |= {_identity(framed): framed for framed in found.frames}
        if not found.frames and found.fault is Fault.NOT_OURS:
            foreign += 1
        elif not found.frames:
            damaged[one] = None
    own = [verify_frame(framed, question) for framed in frames.values()]
    return Codes((*own, *(verify_token(code, question) for code in damaged)), foreign)


def is_wanted(code: str, trust: Trust) -> bool:
    """Whether a text is a code of ours, so that a page that shows it need not be looked at more."""
    return bool(recognise(code, trust).frames)


def only(verdicts: Sequence[Verdict], question: Question) -> Verdict:
    """The one verdict on an input: that of its one certificate, or the worst of several.

    Several that are all VALID give none: one verdict can't speak for two certificates.
    """
    worst = min(verdicts, key=rank)
    certificates = [one for at, one in enumerate(verdicts) if one not in verdicts[:at]]
    if len(certificates) > 1 and worst.summary is Summary.VALID:
        found = unknown(CheckId.READ, Reason.SEVERAL_CODES, str(len(certificates)))
        return verdict_without_token([found], question)
    return worst


def _identity(framed: bytes) -> Sign1 | bytes:
    """One token has several frames, since it can be deflated in several ways (clause 4.2.3)."""
    try:
        return frame.unpack(framed)
    except DecodeError:
        return framed
