"""The places of a file's objects, with nothing between them (docs/spec clauses 9.1, 9.7).

``read_objects`` steps through a file from the header to the cross-reference table and compares
what it meets with the table; ``etitle.pades.structure`` interprets the objects.

Readings of single texts are kept and shared.  That is safe: a reading is a function of its text
alone, it is never changed, a fault is never kept, and the caches are bounded.  In verification only
documents already signed by a trusted seal come here (docs/adr/0012-kept-readings.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple

from etitle.errors import DecodeError
from etitle.pades.byterange import ByteRange
from etitle.pades.lexer import PdfValue, Ref, is_of_tokens, parse

MAX_OBJECTS: Final = 10_000
HEADER: Final = re.compile(rb"%PDF-1\.7\n%[\x80-\xff]{4,16}\n")
TAIL: Final = re.compile(rb"(?<=\n)startxref\n(\d{1,10})\n%%EOF\r?\n?")
TABLE: Final = re.compile(
    rb"xref\n0 (\d{1,6})\n(0{10} 65535 f[ \r]\n(?:\d{10} 00000 n[ \r]\n)+)trailer\n"
)
ENTRY_BYTES: Final = 20
_LENGTH: Final = re.compile(rb"/Length(?![0-9A-Za-z])(?: (\d{1,10})(?= *(?:/|>>|\n)))?")
"""Each key of that name; the number only where it stands there itself."""
_PLAIN: Final = re.compile(rb"[^()\\%]*+(?:\([^()\\%]*+\)[^()\\%]*+)*+")
"""Text in which nothing that looks like the end of a dictionary stands in a string or comment."""
_HEX: Final = re.compile(rb"<[0-9A-Fa-f]*+>")
OBJECT: Final = re.compile(rb"([1-9]\d{0,5}) 0 obj\n")
STREAM: Final = b">>\nstream\n"
END: Final = b"\nendobj\n"
STREAM_END: Final = b"\nendstream\nendobj\n"

FORBIDDEN: Final = frozenset(
    b"/" + name
    for name in (
        b"JavaScript JS AA OpenAction XFA OCProperties OC OCG OCMD ObjStm XRef XRefStm Encrypt "
        b"Crypt Launch URI SubmitForm ResetForm ImportData GoTo GoToR GoToE Named Hide SetOCGState "
        b"Rendition Movie Sound RichMedia Screen Trans Thread FileAttachment Popup Link "
        b"NeedAppearances Collection URLS Threads Outlines Dests PS Ref "
        b"Alternates AlternateImages UserUnit FFilter FDecodeParms"
    ).split()
)
"""Names of what may act, hide, or be taken for something else (clause 9.1); wherever they stand."""

_FOUND_FORBIDDEN: Final = re.compile(
    # By first letters, which is twice as fast as one name after the other.
    b"/(?:%b)(?![^ \n\r\t()<>\\[\\]{}/%%])"
    % b"|".join(
        b"%b(?:%b)" % (letter, b"|".join(name[2:] for name in names))
        for letter, names in groupby(sorted(FORBIDDEN), lambda name: name[1:2])
    )
)


@dataclass(slots=True)
class ObjectText:
    """An object's text, which passed every check on it alone; shared, not to be changed.

    Attributes:
        text: its value's text; of a stream its dictionary alone.
    """

    text: bytes
    _value: tuple[PdfValue, ...] = field(default=(), repr=False)

    @property
    def value(self) -> PdfValue:
        """The value of the text; read on first use."""
        if not self._value:
            self._value = (parse(self.text),)
        return self._value[0]


class Run(NamedTuple):
    """Objects without streams, end to end: shared, not to be changed.

    Attributes:
        text: all of it.
        texts: by their numbers.
        offsets: number and place of each, from the first on.
        signatures: how often they speak of a signature or its field.
    """

    text: bytes
    texts: dict[int, ObjectText]
    offsets: tuple[tuple[int, int], ...]
    signatures: int


class Head(NamedTuple):
    """The head of a stream: shared, not to be changed.

    Attributes:
        before: its text up to the length.
        after: from there up to ``stream`` and its line end, without those.
        number: of the object.
        text: its dictionary, with 0 for the length.
        signatures: as of ``Run``.
    """

    before: bytes
    after: bytes
    number: int
    text: ObjectText
    signatures: int


@lru_cache(maxsize=256)
def read_run(text: bytes) -> Run:
    """Read objects that stand end to end; documents of one template share most of theirs.

    Raises:
        DecodeError: ``document.malformed``.
    """
    texts: dict[int, ObjectText] = {}
    offsets: list[tuple[int, int]] = []
    at, end = 0, len(text)
    while at < end:
        head = OBJECT.match(text, at)
        stop = text.find(END, at)
        if head is None or stop < head.end():
            raise DecodeError("document.malformed", what="the head or the end of an object")
        number, own = int(head[1]), text[head.end() : stop]
        if not is_of_tokens(own):
            raise DecodeError("document.malformed", what="the text of an object")
        texts[number] = ObjectText(own)
        offsets.append((number, at))
        at = stop + len(END)
    if len(texts) != len(offsets) or text.count(b"endobj") != len(offsets):
        raise DecodeError("document.malformed", what="an object twice")
    return Run(text, texts, tuple(offsets), _count_signatures(text))


def read_head(text: bytes) -> tuple[Head, int]:
    """A stream's head, and its length.

    Raises:
        DecodeError: ``document.malformed``.
    """
    found = _LENGTH.search(text)
    if found is None or found[1] is None:
        raise DecodeError("document.malformed", what="the length of a stream")
    # The length is often all that two documents differ in.
    return _head_without(text[: found.start(1)], text[found.end() :]), int(found[1])


@lru_cache(maxsize=256)
def _head_without(before: bytes, after: bytes) -> Head:
    """The same from the text before and after its length, which is read as 0."""
    text = before + b"0" + after
    head = OBJECT.match(text)
    if head is None or b"endobj" in text or _LENGTH.findall(text) != [b"0"]:
        raise DecodeError("document.malformed", what="the head of a stream")
    # Where another reader might see the stream begin elsewhere, or other tokens.
    if _PLAIN.fullmatch(text) is None or not is_of_tokens(text):
        raise DecodeError("document.malformed", what="the dictionary of a stream")
    found = ObjectText(text[head.end() :])
    if b"/F" in text and isinstance(found.value, dict) and "F" in found.value:
        raise DecodeError("document.malformed", what="an external stream")
    return Head(before, after, int(head[1]), found, _count_signatures(text))


def _count_signatures(text: bytes) -> int:
    """How often the text of objects mentions a signature, if nothing in it is forbidden.

    Raises:
        DecodeError: ``document.malformed``.
    """
    if b"stream" in text or b"%%EOF" in text:
        raise DecodeError("document.malformed", what="words out of place")
    if text.count(b"#") != text.count(b"#2F"):
        raise DecodeError("document.malformed", what="an escape in a name")
    forbidden = _FOUND_FORBIDDEN.search(text)
    if forbidden is not None:
        raise DecodeError("document.malformed", what=forbidden[0].decode("ascii"))
    return text.count(b"/Sig ") + text.count(b"/Sig\n")


@dataclass(frozen=True, slots=True)
class FileObjects:
    """The objects of one file of one revision, found where its table says.

    Attributes:
        pdf: the file.
        texts: of every object but the signature, by number; of a stream its dictionary.
        streams: where the data of each stream begin and end, by number.
        signature: number of the object with the gap, and where its text begins and ends.
        root: a reference to the catalog.
        pieces: what they are in, from the header on; None stands for the signature.
    """

    pdf: bytes
    texts: dict[int, ObjectText]
    streams: dict[int, tuple[int, int]]
    signature: tuple[int, int, int]
    root: Ref
    pieces: tuple[Run | Head | None, ...] = field(default=(), repr=False, compare=False)


def read_objects(pdf: bytes, byte_range: ByteRange) -> FileObjects:
    """Find the objects of a file, which must hold nothing else.

    Args:
        pdf: the file.
        byte_range: what its signature covers, by ``find_byte_range``.

    Raises:
        DecodeError: ``document.malformed`` where anything else stands in the file.
    """
    header = HEADER.match(pdf)
    tail = TAIL.fullmatch(pdf, max(0, pdf.rfind(b"startxref")))
    if header is None or tail is None:
        raise DecodeError("document.malformed", what="the header or the end")
    end = int(tail[1])
    table = TABLE.match(pdf, end)
    if table is None:
        raise DecodeError("document.malformed", what="the cross-reference table")
    entries = table[2]
    size = len(entries) // ENTRY_BYTES
    if size != int(table[1]) or size > MAX_OBJECTS:
        raise DecodeError("document.malformed", what="the number of objects")
    # The signature is read separately; all other objects stand before and after it.
    first = max(header.end(), pdf.rfind(END, 0, byte_range.gap_start) + len(END))
    last = pdf.find(END, byte_range.gap_end) + len(END)
    walk = _Walk(pdf)
    walk.step_through(header.end(), first)
    walk.step_over_signature(first, last)
    walk.step_through(last, end)
    if walk.count != size - 1 or walk.signatures > 1:
        raise DecodeError("document.malformed", what="an object or a signature twice")
    offsets = list(map(int, entries[ENTRY_BYTES:].split()[::3]))
    if len(walk.offsets) != size - 1 or offsets != list(map(walk.offsets.get, range(1, size))):
        raise DecodeError("document.malformed", what="the entries of the cross-reference table")
    root = read_trailer(pdf[table.end() : tail.start()], size)
    pieces = tuple(walk.pieces)
    return FileObjects(pdf, walk.texts, walk.streams, walk.signature, root, pieces)


def read_trailer(text: bytes, size: int) -> Ref:
    """The reference to the catalog, if the trailer is one of a file of so many objects."""
    # Without its identifiers, which are unused and differ in every file.
    trailer = parse(_HEX.sub(b"<>", text))
    if not isinstance(trailer, dict) or not trailer.keys() <= {"Size", "Root", "Info", "ID"}:
        raise DecodeError("document.malformed", what="the trailer")
    root = trailer.get("Root")
    if trailer.get("Size") != size or not isinstance(root, Ref):
        raise DecodeError("document.malformed", what="the trailer")
    return root


class _Walk:
    """Steps from object to object and notes what it meets."""

    __slots__ = (
        "count", "offsets", "pdf", "pieces", "signature", "signatures", "streams", "texts",
    )  # fmt: skip

    def __init__(self, pdf: bytes) -> None:
        self.pdf = pdf
        self.texts: dict[int, ObjectText] = {}
        self.streams: dict[int, tuple[int, int]] = {}
        self.signature = (0, 0, 0)
        self.offsets: dict[int, int] = {}
        self.pieces: list[Run | Head | None] = []
        self.count = self.signatures = 0

    def step_through(self, at: int, end: int) -> None:
        """Step from object to object; they fill the place from the one offset to the other."""
        pdf, texts, offsets, streams = self.pdf, self.texts, self.offsets, self.streams
        pieces = self.pieces
        find, rfind = pdf.find, pdf.rfind
        while at < end:
            # Objects of text alone, up to the next stream, are taken together.
            data = find(STREAM, at, end)
            head = end if data < 0 else max(at, rfind(END, at, data) + len(END))
            if head > at:
                run = read_run(pdf[at:head])
                texts.update(run.texts)
                pieces.append(run)
                for number, offset in run.offsets:
                    offsets[number] = at + offset
                self.count += len(run.offsets)
                self.signatures += run.signatures
                at = head
            if data >= 0:
                piece, length = read_head(pdf[at : data + 2])
                number = piece.number
                texts[number] = piece.text
                pieces.append(piece)
                offsets[number] = at
                self.count += 1
                self.signatures += piece.signatures
                data += len(STREAM)
                over = data + length
                streams[number] = data, over
                at = over + len(STREAM_END)
                if pdf[over:at] != STREAM_END:
                    raise DecodeError("document.malformed", what=f"stream {number}")
        if at != end:
            raise DecodeError("document.malformed", what="the place of the objects")

    def step_over_signature(self, at: int, end: int) -> None:
        """Note the object with the gap, unread."""
        head = OBJECT.match(self.pdf, at)
        if head is None or end < at:
            raise DecodeError("document.malformed", what="the place of the gap")
        number = int(head[1])
        self.pieces.append(None)
        self.signature = number, head.end(), end - len(END)
        self.offsets[number] = at
        self.count += 1
