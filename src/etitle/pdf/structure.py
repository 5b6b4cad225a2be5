"""The shape of docs/spec clause 9, read strictly: where everything stands, and nothing else.

``read_strict`` takes the one shape that clause 9 allows; each departure is an error.
"""

from __future__ import annotations

import datetime
import re
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple

from etitle.pdf.hole import Hole
from etitle.pdf.lexer import Ref, Value, parse, reject

MAX_OBJECTS: Final = 10_000
MAX_PAGES: Final = 16
MAX_ATTACHMENT_BYTES: Final = 4096
"""Bytes of an attached file; the longest token has 1110."""

TOKEN_NAME: Final = "token.cose"  # noqa: S105  # a file's name
OPENER_NAME: Final = "opener.txt"
_HEADER: Final = re.compile(rb"%PDF-1\.7\n%[\x80-\xff]{4,16}\n")
_TAIL: Final = re.compile(rb"(?<=\n)startxref\n(\d{1,10})\n%%EOF\r?\n?")
_TABLE: Final = re.compile(
    rb"xref\n0 (\d{1,6})\n(0{10} 65535 f[ \r]\n(?:\d{10} 00000 n[ \r]\n)+)trailer\n"
)
_ENTRY_BYTES: Final = 20
_LENGTH: Final = re.compile(rb"/Length(?![0-9A-Za-z])(?: (\d{1,10})(?= *(?:/|>>|\n)))?")
"""Each key of that name; the number only where it stands there itself."""
_PLAIN: Final = re.compile(rb"[^()\\%]*+(?:\([^()\\%]*+\)[^()\\%]*+)*+")
"""Text in which nothing that looks like the end of a dictionary stands in a string or comment."""
_HEX: Final = re.compile(rb"<[0-9A-Fa-f]*+>")
_RANGE: Final = re.compile(rb"/ByteRange ?\[[ \d]*\]")
_MOMENT: Final = re.compile(rb"/M ?\((D:[^()\\]*)\)")
_DATE: Final = re.compile(
    rb"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|([+-])([01]\d|2[0-3])'([0-5]\d)'?)"
)

FORBIDDEN: Final = frozenset(
    b"/" + name
    for name in (
        b"JavaScript JS AA OpenAction XFA OCProperties OC OCG OCMD ObjStm XRef XRefStm Encrypt "
        b"Crypt Launch URI SubmitForm ResetForm ImportData GoTo GoToR GoToE Named Hide SetOCGState "
        b"Rendition Movie Sound RichMedia Screen Trans Thread FileAttachment Popup Link "
        b"NeedAppearances Collection URLS Threads Outlines Dests PS Ref"
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

_CATALOG: Final = frozenset(
    "Type Version Extensions Pages PageLayout PageMode PageLabels ViewerPreferences Names".split()  # noqa: SIM905
    + "AcroForm Perms AF Metadata OutputIntents MarkInfo StructTreeRoot Lang DSS".split()  # noqa: SIM905
)
FIELD: Final = frozenset(
    "Type Subtype FT T TU V F Ff Rect P AP StructParent M NM MK Border DA Lang".split()  # noqa: SIM905
)
"""Keys of the signature's field: none that acts, and no kids."""
_SPECIFICATION: Final = frozenset({"Type", "F", "UF", "AFRelationship", "Desc", "EF"})
_SIGNATURE: Final = frozenset(
    "Type Filter SubFilter ByteRange Contents Name Reason Location ContactInfo M Reference".split()  # noqa: SIM905
)


_OBJECT: Final = re.compile(rb"([1-9]\d{0,5}) 0 obj\n")
_STREAM: Final = b">>\nstream\n"
_END: Final = b"\nendobj\n"
_STREAM_END: Final = b"\nendstream\nendobj\n"

_ATTACHED: Final = frozenset({"Type", "Subtype", "Params", "Length", "Filter"})


@dataclass(slots=True)
class _Object:
    """An object's text, which passed what can be asked of it by itself; shared, not to be changed.

    Attributes:
        text: its value's text; of a stream its dictionary alone.
    """

    text: bytes
    _value: tuple[Value, ...] = field(default=(), repr=False)

    @property
    def value(self) -> Value:
        """What the text says; read when it is first asked for."""
        if not self._value:
            self._value = (parse(self.text),)
        return self._value[0]


class _Run(NamedTuple):
    """Objects without streams, end to end: shared, not to be changed.

    Attributes:
        objects: by their numbers.
        offsets: number and place of each, from the first on.
        seals: how often they speak of a signature or its field.
    """

    objects: dict[int, _Object]
    offsets: tuple[tuple[int, int], ...]
    seals: int


@lru_cache(maxsize=256)
def _run(text: bytes) -> _Run:
    """Read objects that stand end to end; documents of one template share most of theirs.

    Raises:
        DecodeError: ``document.malformed``.
    """
    objects: dict[int, _Object] = {}
    offsets: list[tuple[int, int]] = []
    at, end = 0, len(text)
    while at < end:
        head = _OBJECT.match(text, at)
        stop = text.find(_END, at)
        if head is None or stop < head.end():
            reject("the head or the end of an object")
        number = int(head[1])
        objects[number] = _Object(text[head.end() : stop])
        offsets.append((number, at))
        at = stop + len(_END)
    if len(objects) != len(offsets) or text.count(b"endobj") != len(offsets):
        reject("an object twice")
    return _Run(objects, tuple(offsets), _count_seals(text))


def _head(text: bytes) -> tuple[int, _Object, int, int]:
    """A stream's head and dictionary: its number, itself, its length, its part in the seals.

    Raises:
        DecodeError: ``document.malformed``.
    """
    found = _LENGTH.search(text)
    if found is None or found[1] is None:
        reject("the length of a stream")
    # The length is often all that two documents differ in.
    number, one, seals = _head_without(text[: found.start(1)], text[found.end(1) :])
    return number, one, int(found[1]), seals


@lru_cache(maxsize=256)
def _head_without(before: bytes, after: bytes) -> tuple[int, _Object, int]:
    """The same from what stands before and after its length, for which 0 stands."""
    text = before + b"0" + after
    head = _OBJECT.match(text)
    if head is None or b"endobj" in text or _LENGTH.findall(text) != [b"0"]:
        reject("the head of a stream")
    if _PLAIN.fullmatch(text) is None:  # where another reader might see the stream begin elsewhere
        reject("the dictionary of a stream")
    return int(head[1]), _Object(text[head.end() :]), _count_seals(text)


def _count_seals(text: bytes) -> int:
    """How often the text of objects speaks of a signature, if nothing in it is forbidden.

    Raises:
        DecodeError: ``document.malformed``.
    """
    if b"stream" in text or b"%%EOF" in text:
        reject("words out of place")
    if text.count(b"#") != text.count(b"#2F"):
        reject("an escape in a name")
    forbidden = _FOUND_FORBIDDEN.search(text)
    if forbidden is not None:
        reject(forbidden[0].decode("ascii"))
    return text.count(b"/Sig ") + text.count(b"/Sig\n")


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the dictionaries of a document say, but for the signature's and those of the files.

    Attributes:
        signature: a reference to the signature, if it is one.
        files: name, reference and media type of each attached file.
    """

    signature: Value
    files: tuple[tuple[str, Ref, str], ...]


_LAYOUTS: Final[dict[bytes, tuple[dict[int, bytes], _Layout | None]]] = {}
"""By the catalog's text: the objects that a layout was read from, and the layout."""
_MAX_LAYOUTS: Final = 64


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a document carries beside its page; believed only with the signature over it.

    Attributes:
        sealed_s: /M, when it was signed as the signer says; seconds since 1970 UTC.
        token: ``token.cose``; None where nothing is attached.
        opener: ``opener.txt``; None where there is none.
    """

    sealed_s: int
    token: bytes | None
    opener: bytes | None


def read_strict(pdf: bytes, hole: Hole) -> Sheet:
    """Read a document of exactly the shape of clause 9.

    Args:
        pdf: the file.
        hole: its hole, by ``find_hole``.

    Raises:
        DecodeError: ``document.malformed``.
    """
    return _Reader(pdf, hole).read()


def seconds_of(date: Value) -> int:
    """A date string (ISO 32000-1 §7.9.4), seconds since 1970 UTC.

    Raises:
        DecodeError: ``document.malformed``.

    >>> seconds_of(b"D:19700101080000+08'00'")
    0
    """
    found = _DATE.fullmatch(date) if isinstance(date, bytes) else None
    if found is None:
        reject("a date")
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    try:
        at = datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.UTC)
    except ValueError:
        reject("a date")
    ahead_s = 0
    if found[7]:
        ahead_s = (int(found[8]) * 60 + int(found[9])) * 60 * (1 if found[7] == b"+" else -1)
    return int(at.timestamp()) - ahead_s


class _Reader:
    """One file of the shape; ``read`` runs once."""

    __slots__ = (
        "_count",
        "_data",
        "_hole",
        "_objects",
        "_offsets",
        "_pdf",
        "_seals",
        "_signature",
        "_used",
    )

    def __init__(self, pdf: bytes, hole: Hole) -> None:
        self._pdf = pdf
        self._hole = hole
        self._objects: dict[int, _Object] = {}
        self._offsets: dict[int, int] = {}
        self._data: dict[int, tuple[int, int]] = {}
        self._used: dict[int, bytes] = {}
        self._count = self._seals = 0
        self._signature = (0, 0, 0)  # number of the object with the hole, its text's place

    def read(self) -> Sheet:
        layout = self._layout(self._walk())
        sealed_s = self._check_signature(layout.signature)
        files = {name: self._content(value, kind) for name, value, kind in layout.files}
        return Sheet(sealed_s, files.get(TOKEN_NAME), files.get(OPENER_NAME))

    def _layout(self, root: Ref) -> _Layout:
        """The layout, which is read anew only where an object of it has another text."""
        objects = self._objects
        key = objects[root.number].text if root.number in objects else b""
        used, layout = _LAYOUTS.get(key, ({}, None))
        for number, text in used.items():
            if number not in objects or objects[number].text != text:
                layout = None
                break
        if layout is None:
            layout = self._read_layout(root)
            if len(_LAYOUTS) >= _MAX_LAYOUTS:
                _LAYOUTS.clear()
            _LAYOUTS[key] = dict(self._used), layout
        return layout

    def _read_layout(self, root: Ref) -> _Layout:
        catalog = self._catalog(root)
        fields = self._map(catalog, "AcroForm", {"Fields", "SigFlags", "DA", "DR"})
        form = self._list(fields, "Fields")
        _demand(len(form) == 1 and isinstance(form[0], Ref), "the form fields")
        _demand(fields.get("SigFlags") == 3, "the signature flags")  # noqa: PLR2004  # signed, append only
        field = self._object(form[0], FIELD)
        _demand(field.get("FT") == "Sig" and field.get("Subtype") == "Widget", "the field")
        # A field without a name is none to some readers, which then see no signature.
        _demand(bool(_text(field.get("T"))), "the field")
        self._check_pages(catalog, form[0])
        signature = field.get("V")
        permissions = self._map(catalog, "Perms", {"DocMDP"})
        _demand(permissions.get("DocMDP") == signature, "the permissions")
        return _Layout(signature, self._files(catalog))

    # -- the file ----------------------------------------------------------------------------------

    def _walk(self) -> Ref:
        """Find every object; nothing but objects, the table and the trailer is there."""
        pdf, hole = self._pdf, self._hole
        header = _HEADER.match(pdf)
        tail = _TAIL.fullmatch(pdf, max(0, pdf.rfind(b"startxref")))
        if header is None or tail is None:
            reject("the header or the end")
        end = int(tail[1])
        table = _TABLE.match(pdf, end)
        if table is None:
            reject("the cross-reference table")
        entries = table[2]
        size = len(entries) // _ENTRY_BYTES
        if size != int(table[1]) or size > MAX_OBJECTS:
            reject("the number of objects")
        # The signature is looked at by itself; before and after it stand all the others.
        first = max(header.end(), pdf.rfind(_END, 0, hole.start) + len(_END))
        last = pdf.find(_END, hole.end) + len(_END)
        self._walk_objects(header.end(), first)
        self._step_over_signature(first, last)
        self._walk_objects(last, end)
        if self._count != size - 1 or self._seals > 1:
            reject("an object or a signature twice")
        offsets = self._offsets
        found = list(map(int, entries[_ENTRY_BYTES:].split()[::3]))
        if len(offsets) != size - 1 or found != list(map(offsets.get, range(1, size))):
            reject("the entries of the cross-reference table")
        # Without its identifiers, which nobody asks about and no other file has.
        trailer = parse(_HEX.sub(b"<>", pdf[table.end() : tail.start()]))
        if not isinstance(trailer, dict) or not trailer.keys() <= {"Size", "Root", "Info", "ID"}:
            reject("the trailer")
        root = trailer.get("Root")
        if trailer.get("Size") != size or not isinstance(root, Ref):
            reject("the trailer")
        return root

    def _walk_objects(self, at: int, end: int) -> None:
        """Step from object to object; they fill the place from the one offset to the other."""
        pdf, objects, offsets, streams = self._pdf, self._objects, self._offsets, self._data
        find, rfind = pdf.find, pdf.rfind
        while at < end:
            # Objects of text alone, up to the next stream, are taken together.
            data = find(_STREAM, at, end)
            head = end if data < 0 else max(at, rfind(_END, at, data) + len(_END))
            if head > at:
                run = _run(pdf[at:head])
                objects.update(run.objects)
                for number, offset in run.offsets:
                    offsets[number] = at + offset
                self._count += len(run.offsets)
                self._seals += run.seals
                at = head
            if data >= 0:
                number, objects[number], length, seals = _head(pdf[at : data + 2])
                offsets[number] = at
                self._count += 1
                self._seals += seals
                data += len(_STREAM)
                over = data + length
                streams[number] = data, over
                at = over + len(_STREAM_END)
                if pdf[over:at] != _STREAM_END:
                    reject(f"stream {number}")
        if at != end:
            reject("the place of the objects")

    def _step_over_signature(self, at: int, end: int) -> None:
        head = _OBJECT.match(self._pdf, at)
        if head is None or end < at:
            reject("the place of the hole")
        number = int(head[1])
        self._signature = number, head.end(), end - len(_END)
        self._offsets[number] = at
        self._count += 1

    # -- values ------------------------------------------------------------------------------------

    def _value(self, value: Value) -> Value:
        if not isinstance(value, Ref):
            return value
        one = self._objects.get(value.number)
        if one is None:
            reject("a reference")
        self._used[value.number] = one.text
        return one.value

    def _object(self, value: Value, keys: frozenset[str] | set[str] | None) -> dict[str, Value]:
        found = self._value(value)
        if not isinstance(found, dict) or (keys is not None and not found.keys() <= keys):
            reject("the keys of a dictionary")
        return found

    def _map(self, within: dict[str, Value], key: str, keys: set[str]) -> dict[str, Value]:
        return self._object(within.get(key), keys)

    def _list(self, within: dict[str, Value], key: str) -> list[Value]:
        found = self._value(within.get(key))
        if not isinstance(found, list):
            reject(key)
        return found

    # -- the parts ---------------------------------------------------------------------------------

    def _catalog(self, root: Ref) -> dict[str, Value]:
        catalog = self._object(root, _CATALOG)
        _demand(catalog.get("Type") == "Catalog", "the catalog")
        return catalog

    def _check_pages(self, catalog: dict[str, Value], field: Value) -> None:
        """A flat tree of few pages; the signature's field is the only annotation of all."""
        pages = self._map(catalog, "Pages", {"Type", "Kids", "Count"})
        kids = self._list(pages, "Kids")
        numbers = {kid.number for kid in kids if isinstance(kid, Ref)}
        _demand(0 < len(numbers) <= MAX_PAGES, "the pages")
        _demand(pages.get("Type") == "Pages", "the pages")
        _demand(pages.get("Count") == len(kids) == len(numbers), "the pages")
        annotations: list[Value] = []
        for kid in kids:
            page = self._object(kid, None)
            _demand(page.get("Type") == "Page" and "A" not in page, "a page")
            if "Annots" in page:
                annotations += self._list(page, "Annots")
        _demand(annotations == [field], "the annotations")

    def _check_signature(self, value: Value) -> int:
        """The signature dictionary that the hole belongs to; when it was made, in seconds."""
        hole = self._hole
        number, start, end = self._signature
        if not (isinstance(value, Ref) and value.number == number and hole.end < end):
            reject("the place of the hole")
        before, after = self._pdf[start : hole.start], self._pdf[hole.end : end]
        # Its numbers are those that the hole was found by: the file has no other /ByteRange.
        before, ranges = _RANGE.subn(b"/ByteRange []", before)
        moments = _MOMENT.findall(before)
        if ranges != 1 or len(moments) != 1:
            reject("the signature dictionary")
        _check_signature(before.replace(moments[0], b""), after)
        return seconds_of(moments[0])

    def _files(self, catalog: dict[str, Value]) -> tuple[tuple[str, Ref, str], ...]:
        """The attached files: those of the name tree, which are those associated (clause 9.5)."""
        if "AF" not in catalog and "Names" not in catalog:
            return ()
        tree = self._map(self._map(catalog, "Names", {"EmbeddedFiles"}), "EmbeddedFiles", {"Names"})
        names = self._list(tree, "Names")
        associated = self._list(catalog, "AF")
        specifications = names[1::2]
        _demand(len(names) == 2 * len(associated), "the attached files")  # name and file in turn
        _demand(sorted(map(repr, specifications)) == sorted(map(repr, associated)), "the files")
        found: dict[str, tuple[str, Ref, str]] = {}
        for name, reference in zip(names[::2], specifications, strict=True):
            specification = self._object(reference, _SPECIFICATION)
            text = _text(specification.get("UF"))
            _demand(
                text in _FILES
                and text not in found
                and text == _text(specification.get("F")) == _text(name),
                "the name of a file",
            )
            relation, kind = _FILES[text]
            _demand(
                specification.get("Type") == "Filespec"
                and specification.get("AFRelationship") == relation,
                "the relation of a file",
            )
            held = self._map(specification, "EF", {"F", "UF"})
            inner = held.get("F")
            if not isinstance(inner, Ref) or held.get("UF", inner) != inner:
                reject("a file")
            found[text] = text, inner, kind
        return tuple(found.values())

    def _content(self, value: Ref, kind: str) -> bytes:
        entries = self._object(value, _ATTACHED)
        place = self._data.get(value.number)
        if place is None or entries.get("Subtype") != kind:
            reject("a file")
        data = self._pdf[place[0] : place[1]]
        # The one length, by which it was found, could stand in a dictionary within.
        _demand("Length" in entries, "a stream's length")
        if "Filter" in entries:
            _demand(entries["Filter"] in ("FlateDecode", ["FlateDecode"]), "a filter")
            data = inflate(data, MAX_ATTACHMENT_BYTES)
        _demand(len(data) <= MAX_ATTACHMENT_BYTES, "a long file")
        return data


_FILES: Final = {
    TOKEN_NAME: ("Data", "application/cose"),
    OPENER_NAME: ("Supplement", "text/plain"),
}


@lru_cache(maxsize=64)
def _check_signature(before: bytes, after: bytes) -> None:
    """Check a signature dictionary, of which two documents of one seal have nothing else alike.

    Args:
        before: its text up to the hole, with an empty byte range and an empty date.
        after: the rest.

    Raises:
        DecodeError: ``document.malformed``.
    """
    # The hole follows the one key of its name, and no text that could be taken for it.
    signature = parse(before + b"<>" + after)
    if (
        not isinstance(signature, dict)
        or not signature.keys() <= _SIGNATURE
        or not before.rstrip(b" ").endswith(b"/Contents")
        or before.count(b"/Contents") + after.count(b"/Contents") != 1
    ):
        reject("the place of the hole")
    _demand(
        signature.get("Type") == "Sig"
        and signature.get("Filter") == "Adobe.PPKLite"
        and signature.get("SubFilter") == "ETSI.CAdES.detached"
        and signature.get("Contents") == signature.get("M") == b""
        and signature.get("ByteRange") == [],
        "the signature dictionary",
    )
    # Its one reference is to what may change, which is nothing (P 1).
    match signature.get("Reference"):
        case [
            {
                "TransformMethod": "DocMDP",
                "TransformParams": {"P": 1, **parameters},
                **reference,
            }
        ] if parameters.keys() <= {"Type", "V"} and reference.keys() <= {"Type"}:
            pass
        case _:
            reject("the permission")


def inflate(data: bytes, most: int) -> bytes:
    """A whole zlib stream of at most so many bytes.

    Raises:
        DecodeError: ``document.malformed``.
    """
    inflater = zlib.decompressobj()
    try:
        found = inflater.decompress(data, most + 1)
    except zlib.error:
        reject("a compressed stream")
    if len(found) > most or not inflater.eof or inflater.unused_data:
        reject("a compressed stream")
    return found


def _text(value: Value) -> str:
    if not isinstance(value, bytes):
        return ""
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", "replace")
    return value.decode("latin-1")


def _demand(holds: bool, what: str) -> None:  # noqa: FBT001  # a condition, said in place
    if not holds:
        reject(what)
