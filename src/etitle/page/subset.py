"""The characters of a page -> the one font that it embeds (docs/spec clause 9.6).

A CID-keyed CFF font (Adobe technical notes 5176, 5177) with the characters in the order in which
they first occur, whichever font of the chain they came from.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Final

from etitle.page.font import EM, ENDCHAR, FontChain, units
from etitle.page.writer import Writer
from etitle.pdf import LEVEL, stream


class Subset:
    """The characters of one embedded font, numbered from 1 in the order of their first use.

    Each character has a glyph of its own even where a font draws two alike, so that each copies
    out as itself.
    """

    def __init__(self, chain: FontChain) -> None:
        self._chain = chain
        self._codes: dict[str, int] = {}

    def show(self, text: str) -> bytes:
        """The string operand that shows a text.

        Raises:
            IssueError: ``page.glyph_missing``.
        """
        codes = self._codes
        out: list[int] = []
        for unit in units(text):
            code = codes.get(unit)
            if code is None:
                self._chain.glyph(unit)
                code = codes[unit] = len(codes) + 1
            out.append(code)
        return ("<" + ("%04X" * len(out)) % tuple(out) + ">").encode()

    def has(self, unit: str) -> bool:
        """Whether a character is among them."""
        return unit in self._codes

    def embed(self, *, level: int = LEVEL) -> Embedded:
        """The font as it stands, ready to be written.

        Args:
            level: of DEFLATE.
        """
        glyphs = [self._chain.glyph(unit) for unit in self._codes]
        font = _cff([glyph.charstring for glyph in glyphs])
        tag = hashlib.sha256(font).digest()
        letters = bytes(65 + byte % 26 for byte in tag[:6])
        widths = b" ".join(
            b"%d [%d]" % (code, glyph.advance)
            for code, glyph in enumerate(glyphs, 1)
            if glyph.advance != EM
        )
        return Embedded(
            name=letters + b"+EtitleSerif",
            file=stream(b"/Subtype /CIDFontType0C", font, level=level),
            unicode=stream(b"", _to_unicode(self._codes), level=level),
            widths=widths,
            ascender=self._chain.ascender,
            descender=self._chain.descender,
        )


@dataclass(frozen=True, slots=True)
class Embedded:
    """A subset as PDF objects that only lack their numbers.

    Attributes:
        name: PostScript name with its subset tag.
        file: stream of the font program.
        unicode: stream of the ToUnicode map.
        widths: entries of /W.
        ascender: above the base line, in thousandths of an em.
        descender: below it, negative.
    """

    name: bytes
    file: bytes
    unicode: bytes
    widths: bytes
    ascender: int
    descender: int

    def write(self, writer: Writer) -> int:
        """Write the font's objects; the number of the one that a page's resources name."""
        descriptor = writer.add(
            b"<< /Type /FontDescriptor /FontName /%b /Flags 6 /FontBBox [%b] /ItalicAngle 0\n"
            b"/Ascent %d /Descent %d /CapHeight 730 /StemV 80 /FontFile3 %d 0 R >>"
            % (self.name, _BOX_TEXT, self.ascender, self.descender, writer.add(self.file))
        )
        descendant = writer.add(
            b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /%b\n"
            b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>\n"
            b"/FontDescriptor %d 0 R /DW %d /W [%b] >>" % (self.name, descriptor, EM, self.widths)
        )
        return writer.add(
            b"<< /Type /Font /Subtype /Type0 /BaseFont /%b-Identity-H /Encoding /Identity-H\n"
            b"/DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>"
            % (self.name, descendant, writer.add(self.unicode))
        )


_BOX: Final = (-1000, -1000, 3000, 2000)
"""Font box: wide enough for any glyph, so that it never depends on the subset."""
_BOX_TEXT: Final = b" ".join(b"%d" % value for value in _BOX)


def _cff(charstrings: list[bytes]) -> bytes:
    """A CID-keyed CFF font (technical note 5176) whose CIDs are its glyphs' numbers."""
    count = len(charstrings) + 1
    head = b"\x01\x00\x04\x04" + _index([b"EtitleSerif"])
    after = _index([b"Adobe", b"Identity"]) + b"\x00\x00"
    charset = b"\x02" + (b"\x00\x01" + (count - 2).to_bytes(2, "big") if charstrings else b"")
    select = b"\x03\x00\x01\x00\x00\x00" + count.to_bytes(2, "big")
    outlines = _index([ENDCHAR, *charstrings])
    private = _operand(EM) + b"\x14" + _operand(0) + b"\x15"
    start = len(head) + len(_index([_top(0, 0, 0, 0, count)])) + len(after)
    charset_at = start
    select_at = charset_at + len(charset)
    outlines_at = select_at + len(select)
    private_at = outlines_at + len(outlines)
    array_at = private_at + len(private)
    array = _index([_operand(len(private)) + _operand(private_at) + b"\x12"])
    top = _index([_top(charset_at, select_at, outlines_at, array_at, count)])
    return b"".join((head, top, after, charset, select, outlines, private, array))


def _top(charset: int, select: int, outlines: int, array: int, count: int) -> bytes:
    return b"".join(
        (
            *map(_operand, (391, 392, 0)),  # the two strings of our own: Adobe, Identity
            b"\x0c\x1e",  # ROS
            *map(_operand, _BOX),
            b"\x05",  # FontBBox
            _operand(count),
            b"\x0c\x22",  # CIDCount
            _operand(charset),
            b"\x0f",
            _operand(select),
            b"\x0c\x25",  # FDSelect
            _operand(outlines),
            b"\x11",  # CharStrings
            _operand(array),
            b"\x0c\x24",  # FDArray
        )
    )


def _operand(value: int) -> bytes:
    """An integer of a DICT, always five bytes, so that offsets don't move what they point to."""
    return b"\x1d" + value.to_bytes(4, "big", signed=True)


def _index(items: list[bytes]) -> bytes:
    offsets = bytearray()
    at = 1
    total = sum(map(len, items)) + 1
    width = max(1, math.ceil(total.bit_length() / 8))
    for item in items:
        offsets += at.to_bytes(width, "big")
        at += len(item)
    offsets += at.to_bytes(width, "big")
    return b"".join((len(items).to_bytes(2, "big"), bytes((width,)), offsets, *items))


_CMAP_ENTRIES: Final = 100
"""Entries of one bfchar section (ISO 32000-1 §9.10.3, technical note 5411)."""


_CMAP_HEAD: Final = (
    b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
    b"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
    b"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
    b"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange"
)


def _to_unicode(codes: dict[str, int]) -> bytes:
    entries = [
        b"<%04X> <%b>" % (code, unit.encode("utf-16-be").hex().upper().encode())
        for unit, code in codes.items()
    ]
    parts = [_CMAP_HEAD]
    for at in range(0, len(entries), _CMAP_ENTRIES):
        section = entries[at : at + _CMAP_ENTRIES]
        parts += (b"%d beginbfchar" % len(section), *section, b"endbfchar")
    parts.append(b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend")
    return b"\n".join(parts)
