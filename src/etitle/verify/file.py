"""One file of any kind -> verdicts; decides by content, never by the file's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etitle.token.copied import Fault
from etitle.token.kinds import formatted_kind, is_blank, is_pdf
from etitle.verdict import CheckId, Reason
from etitle.verify.checks.answers import unknown
from etitle.verify.checks.token import recognise
from etitle.verify.codes import judge_codes
from etitle.verify.part import Part
from etitle.verify.token import verdict_without_token, verify_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from etitle.verify.question import Question

MAX_FILE_BYTES: Final = 64 << 20
"""Bytes; larger than any scan of a page that people send."""

MAX_TEXT_BYTES: Final = 4 << 20
"""Bytes of a text file: some ten thousand codes, one a line."""

MAX_LINES: Final = 20_000
"""Codes of one text file: twice what fits ``MAX_TEXT_BYTES``, for lines that are no codes."""

_PICTURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"RIFF", b"GIF8", b"BM")


def verify_bytes(data: bytes, question: Question) -> Iterator[Part]:
    """Judge a file's content: a picture, a PDF, or text with one code or one code a line.

    Yields:
        A part for each certificate found; at least one.
    """
    if len(data) > MAX_FILE_BYTES or is_blank(data):
        found = unknown(CheckId.READ, Reason.TOO_LARGE, f"{len(data)} bytes")
        if len(data) <= MAX_FILE_BYTES:
            found = unknown(CheckId.READ, Reason.EMPTY)
        yield Part(verdict_without_token([found], question))
        return
    if is_pdf(data):
        from etitle.pades.byterange import has_signature  # noqa: PLC0415  # PDFs only
        from etitle.verify.document import judge_signed  # noqa: PLC0415  # PDFs only

        if has_signature(data):
            yield from map(Part, judge_signed(data, question))
            return
        from etitle.verify.scan import judge_scan  # noqa: PLC0415  # scans only

        yield from judge_scan(data, question)
        return
    if data.startswith(_PICTURES) or data[4:8] == b"ftyp":
        from etitle.verify.scan import judge_picture  # noqa: PLC0415  # pictures only

        yield from judge_picture(data, question)
        return
    if kind := formatted_kind(data):
        found = unknown(CheckId.READ, Reason.KIND_UNREAD, kind)
        yield Part(verdict_without_token([found], question))
        return
    content = _text(data)
    if content is None:
        found = unknown(CheckId.READ, Reason.UNREADABLE)
        yield Part(verdict_without_token([found], question))
        return
    yield from _parts(content, question)


def _parts(content: str, question: Question) -> Iterator[Part]:
    """A code a line where that is what the lines are; else what the whole holds."""
    lines = [(n, line) for n, line in enumerate(content.splitlines(), 1) if line.strip()]
    if len(lines) > MAX_LINES:
        found = unknown(CheckId.READ, Reason.TOO_LARGE, f"{len(lines)} lines")
        yield Part(verdict_without_token([found], question))
        return
    if _is_list([line for _, line in lines], content, question):
        for number, line in lines:
            yield Part(verify_token(line, question), line=number)
        return
    verdicts = judge_codes((content,), question).verdicts or (verify_token(content, question),)
    for verdict in verdicts:
        yield Part(verdict)


def _is_list(lines: list[str], content: str, question: Question) -> bool:
    """Whether a text has a code a line: two whole ones, or a whole one beside a damaged one.

    A damaged line that is part of a code that was wrapped is whole in the text; and a whole one
    may be lost among the digits of the lines around it.
    """
    whole = damaged = 0
    for line in lines:
        found = recognise(line, question.trust)
        whole += bool(found.frames)
        damaged += not found.frames and found.fault is not Fault.NOT_OURS
        if whole > 1:
            return True
    return whole > 0 and len(recognise(content, question.trust).frames) < whole + damaged


def _text(data: bytes) -> str | None:
    """The text of a file, or None where it is not text."""
    if len(data) > MAX_TEXT_BYTES:
        return None
    unicode = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    for encoding in (unicode, "gb18030"):
        try:
            content = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\x00" in content else content
    return None
