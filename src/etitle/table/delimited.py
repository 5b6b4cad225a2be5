"""CSV: its encoding, its delimiter, its rows."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Final, NoReturn, TextIO

from etitle.errors import DecodeError
from etitle.table.limits import MAX_CELL_CHARS, PIECE_BYTES
from etitle.table.sheet import TableRow
from etitle.table.strings import is_blank

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS: Final = ",\t;，"
_HEAD_CHARS: Final = 4096
_HEAD_LINES: Final = 10
"""Where the delimiter is looked for."""
_SOUND: Final = {"utf-8": 3, "gb18030": 50}
"""Sound characters for each broken one from which a text counts as one of the encoding.

GB18030 read as UTF-8 has a sound character of three bytes only by accident; much that is no text
has pairs of bytes that GB18030 knows.
"""


def encoding_of(data: bytes) -> str:
    """The encoding of a text: UTF-8, GB18030, or UTF-16 with its mark.

    Raises:
        DecodeError: ``table.byte_unreadable`` where one is meant and some bytes are broken,
            ``table.encoding_unknown``.

    >>> encoding_of("样例".encode("gb18030")), encoding_of("样例".encode())
    ('gb18030', 'utf-8')
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            _check(data, encoding)
            return encoding
    if b"\0" in data:
        raise DecodeError("table.encoding_unknown")
    for encoding in _SOUND:
        broken = _first_broken(data, encoding)
        if broken is None:
            return encoding
        if _is_mostly(data, encoding):
            _refuse_byte(data, broken, encoding)
    raise DecodeError("table.encoding_unknown")


def _check(data: bytes, encoding: str) -> None:
    plain = encoding.removesuffix("-sig")  # its decoder doesn't count the mark
    broken = _first_broken(data, plain)
    if broken is not None:
        _refuse_byte(data, broken, plain)


def _first_broken(data: bytes, encoding: str) -> int | None:
    """The place of the first byte that the encoding has no use for."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for at in range(0, len(data) + 1, PIECE_BYTES):
        # Bytes that the decoder holds back count into the place of its error.
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(data[at : at + PIECE_BYTES], final=at + PIECE_BYTES > len(data))
        except UnicodeDecodeError as error:
            return at - held + error.start
    return None


def _is_mostly(data: bytes, encoding: str) -> bool:
    text = data.decode(encoding, "replace")
    broken = text.count("\ufffd")
    return sum(each >= "\u0800" for each in text) - broken >= _SOUND[encoding] * broken


def _refuse_byte(data: bytes, place: int, encoding: str) -> NoReturn:
    before = data[:place].decode(encoding, "replace").removeprefix("\ufeff")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    raise DecodeError("table.byte_unreadable", line=line, column=column)


def _text(data: bytes, encoding: str) -> TextIO:
    return io.TextIOWrapper(io.BytesIO(data), encoding, newline="")


def csv_rows(data: bytes, encoding: str, *, columns: int) -> Iterator[TableRow]:
    """The rows of a CSV text that hold something, numbered as a spreadsheet program shows them.

    A line ``sep=;`` at the top names the delimiter and is no row.

    Raises:
        DecodeError: ``table.csv_malformed``.
    """
    with _text(data, encoding) as file:
        head = file.read(_HEAD_CHARS)
    first = head.splitlines()[:_HEAD_LINES]
    said = first[0].strip().strip('"') if first else ""
    file = _text(data, encoding)
    skipped = 0
    if said.lower().startswith("sep=") and len(said) == len("sep=") + 1:
        delimiter, skipped = said[-1], 1
        file.readline()
    elif first and first[0].lower().startswith("sep=\t"):
        delimiter, skipped = "\t", 1
        file.readline()
    else:
        delimiter = max(_DELIMITERS, key=lambda sign: sum(line.count(sign) for line in first))
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    number = 0
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            raise DecodeError("table.csv_malformed", line=reader.line_num + skipped) from None
        if row is None:
            return
        number += 1
        if any(len(value) > MAX_CELL_CHARS for value in row):
            raise DecodeError("table.csv_malformed", line=reader.line_num + skipped)
        values = [None if is_blank(value) else value for value in row]
        while values and values[-1] is None:
            values.pop()
        if values:
            beyond = next(
                (at for at in range(columns, len(values)) if values[at] is not None), None
            )
            yield TableRow(number, tuple(values[:columns]), beyond=beyond)
