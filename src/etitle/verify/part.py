"""One part of a file, and the verdict on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etitle.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a file and the verdict on it; the worst of its parts is the file's.

    Attributes:
        verdict: the verdict.
        page: the number of the page that showed the code, from 1; None where the file has no
            pages, or was judged as a whole.
        line: the number of the line, from 1, of a text file with a code a line.
        without_code: of a file's first part, the pages that showed no code of ours.
        foreign: of a file's first part, how many codes of others its pages showed.
    """

    verdict: Verdict
    page: int | None = None
    line: int | None = None
    without_code: tuple[int, ...] = ()
    foreign: int = 0
