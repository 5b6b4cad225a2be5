"""One file of any kind -> verdicts; decides by content, never by the file's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from etitle.token import text
from etitle.verdict import CheckId, Reason, Verdict
from etitle.verify.checks.answers import unknown
from etitle.verify.picture import verify_image
from etitle.verify.question import Question
from etitle.verify.token import verdict_without_token, verify_token

if TYPE_CHECKING:
    from collections.abc import Iterator


MAX_FILE_BYTES: Final = 64 << 20
"""Bytes; larger than any scan of a page that people send."""

MAX_TEXT_BYTES: Final = 4 << 20
"""Bytes of a text file: some ten thousand codes, one a line."""

MAX_LINES: Final = 20_000
"""Codes of one text file: twice what fits ``MAX_TEXT_BYTES``, for lines that are no codes."""

_PICTURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"RIFF")
_DOCUMENT: Final = b"%PDF-"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a file and the verdict on it; the worst of its parts is the file's.

    Attributes:
        verdict: the verdict.
        page: the number of the page that showed the code, from 1; None where the file has no
            pages, or was judged as a whole.
        line: the number of the line, from 1, of a text file with a code a line.
    """

    verdict: Verdict
    page: int | None = None
    line: int | None = None


def verify_bytes(data: bytes, question: Question) -> Iterator[Part]:
    """Judge a file's content: a picture, a PDF, or text with one code or one code a line.

    Yields:
        A part for each certificate found; at least one.
    """
    if len(data) > MAX_FILE_BYTES:
        found = unknown(CheckId.READ, Reason.TOO_LARGE, f"{len(data)} bytes")
        yield Part(verdict_without_token([found], question))
        return
    if data.startswith(_PICTURES):
        yield Part(verify_image(data, question))
        return
    if data.startswith(_DOCUMENT):
        from etitle.verify.document import verify_document  # noqa: PLC0415  # PDFs only

        yield Part(verify_document(data, question))
        return
    content = _text(data)
    if content is None:
        reason = Reason.UNREADABLE if data else Reason.NOTHING_FOUND
        yield Part(verdict_without_token([unknown(CheckId.READ, reason)], question))
        return
    codes = _codes(content)
    if len(codes) > MAX_LINES:
        found = unknown(CheckId.READ, Reason.TOO_LARGE, f"{len(codes)} lines")
        yield Part(verdict_without_token([found], question))
        return
    for line, code in codes:
        yield Part(verify_token(code, question), line=line)


def _text(data: bytes) -> str | None:
    """The text of a file, or None where it is not text."""
    if not data or len(data) > MAX_TEXT_BYTES:
        return None
    unicode = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    for encoding in (unicode, "gb18030"):
        try:
            content = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\x00" in content else content
    return None


def _codes(content: str) -> list[tuple[int | None, str]]:
    """One code for the whole text, or one a line where a line is a code by itself."""
    if text.is_ours(content):
        return [(None, content)]
    lines = [(n, line) for n, line in enumerate(content.splitlines(), 1) if line.strip()]
    if len(lines) > 1 and any(text.is_ours(line) for _, line in lines):
        return list(lines)
    return [(None, content)]
