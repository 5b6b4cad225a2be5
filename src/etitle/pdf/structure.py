"""The shape of docs/spec clause 9, read strictly: where everything stands, and nothing else.

``read_strict`` takes the one shape that clause 9 allows; each departure is an error.
"""

from __future__ import annotations

import datetime
import re
import zlib
from dataclasses import dataclass
from itertools import count, groupby, pairwise
from typing import Final

from etitle.pdf.hole import Hole
from etitle.pdf.lexer import Ref, Value, parse, reject

MAX_OBJECTS: Final = 10_000
MAX_PAGES: Final = 16
MAX_ATTACHMENT_BYTES: Final = 4096
"""Bytes of an attached file; the longest token has 1110."""

TOKEN_NAME: Final = "token.cose"  # noqa: S105  # a file's name
OPENER_NAME: Final = "opener.txt"
_HEADER: Final = re.compile(rb"%PDF-1\.7\n%[\x80-\xff]{4,16}\n")
_TAIL: Final = re.compile(rb"startxref\n(\d{1,10})\n%%EOF\r?\n?")
_TABLE: Final = re.compile(
    rb"xref\n0 (\d{1,6})\n(0{10} 65535 f[ \r]\n(?:\d{10} 00000 n[ \r]\n)+)trailer\n"
)
_ENTRY_BYTES: Final = 20
_LENGTH: Final = re.compile(rb"/Length (\d{1,10})(?= *(?:/|>>|\n))")
_DATE: Final = re.compile(rb"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|([+-])(\d\d)'(\d\d)'?)")

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
_FIELD: Final = frozenset(
    "Type Subtype FT T TU V F Ff Rect P AP StructParent M NM MK Border DA Lang".split()  # noqa: SIM905
)
_SIGNATURE: Final = frozenset(
    "Type Filter SubFilter ByteRange Contents Name Reason Location ContactInfo M Reference".split()  # noqa: SIM905
)


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

    __slots__ = ("_data", "_hole", "_pdf", "_text")

    def __init__(self, pdf: bytes, hole: Hole) -> None:
        self._pdf = pdf
        self._hole = hole
        self._text: dict[int, tuple[int, int]] = {}
        self._data: dict[int, tuple[int, int]] = {}

    def read(self) -> Sheet:
        catalog = self._catalog(self._walk())
        fields = self._map(catalog, "AcroForm", {"Fields", "SigFlags", "DA", "DR"})
        form = self._list(fields, "Fields")
        _demand(len(form) == 1 and isinstance(form[0], Ref), "the form fields")
        _demand(fields.get("SigFlags") == 3, "the signature flags")  # noqa: PLR2004  # signed, append only
        field = self._object(form[0], _FIELD)
        _demand(field.get("FT") == "Sig" and field.get("Subtype") == "Widget", "the field")
        self._check_pages(catalog, form[0])
        signature = field.get("V")
        permissions = self._map(catalog, "Perms", {"DocMDP"})
        _demand(permissions.get("DocMDP") == signature, "the permissions")
        sealed_s = self._check_signature(signature)
        files = self._files(catalog)
        return Sheet(sealed_s, files.get(TOKEN_NAME), files.get(OPENER_NAME))

    # -- the file ----------------------------------------------------------------------------------

    def _walk(self) -> Ref:
        """Find every object; nothing but objects, the table and the trailer is there."""
        pdf = self._pdf
        header = _HEADER.match(pdf)
        tail = _TAIL.fullmatch(pdf, max(0, pdf.rfind(b"startxref")))
        if header is None or tail is None:
            reject("the header or the end")
        at = int(tail[1])
        table = _TABLE.match(pdf, at)
        if table is None:
            reject("the cross-reference table")
        entries = table[2]
        size = len(entries) // _ENTRY_BYTES
        if size != int(table[1]) or size > MAX_OBJECTS:
            reject("the number of objects")
        offsets = map(int, entries[_ENTRY_BYTES:].split()[::3])
        starts = sorted(zip(offsets, count(1), strict=False))
        if starts[0][0] != header.end():
            reject("bytes before the first object")
        self._check_objects(starts, at)
        trailer = parse(pdf[table.end() : tail.start()])
        if not isinstance(trailer, dict) or not trailer.keys() <= {"Size", "Root", "Info", "ID"}:
            reject("the trailer")
        root = trailer.get("Root")
        if trailer.get("Size") != size or not isinstance(root, Ref):
            reject("the trailer")
        return root

    def _check_objects(self, starts: list[tuple[int, int]], end: int) -> None:
        pdf, texts = self._pdf, self._text
        starts.append((end, 0))
        for (at, number), (stop, _) in pairwise(starts):
            head = b"%d 0 obj\n" % number
            body, last = at + len(head), stop - 8
            if pdf[at:body] != head or pdf[last:stop] != b"\nendobj\n":
                reject(f"object {number}")
            data = pdf.find(b">>\nstream\n", body, stop)
            if data >= 0:
                last, data = data + 2, data + 10
                found = _LENGTH.findall(pdf, body, last)
                over = data + int(found[0]) if len(found) == 1 else 0
                if pdf[over:stop] != b"\nendstream\nendobj\n":
                    reject(f"stream {number}")
                self._data[number] = data, over
            texts[number] = body, last
        # Every text but the signature's, which is long and looked at by itself.
        hole = self._hole.start
        whole = b"\n".join(
            [pdf[body:last] for body, last in texts.values() if not body < hole < last]
        )
        if any(word in whole for word in (b"stream", b"endobj", b"%%EOF")):
            reject("words out of place")
        if whole.count(b"#") != whole.count(b"#2F"):
            reject("an escape in a name")
        forbidden = _FOUND_FORBIDDEN.search(whole)
        if forbidden is not None:
            reject(forbidden[0].decode("ascii"))
        if whole.count(b"/Sig ") + whole.count(b"/Sig\n") > 1:
            reject("signature fields")

    # -- values ------------------------------------------------------------------------------------

    def _value(self, value: Value) -> Value:
        if not isinstance(value, Ref):
            return value
        place = self._text.get(value.number)
        if place is None:
            reject("a reference")
        return parse(self._pdf[place[0] : place[1]])

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
        _demand(0 < len(kids) <= MAX_PAGES and pages.get("Count") == len(kids), "the pages")
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
        start, end = self._text.get(value.number, (0, 0)) if isinstance(value, Ref) else (0, 0)
        if not start < hole.start < hole.end < end:
            reject("the place of the hole")
        # Without its content, which the caller has read: the one key of that name, and no text
        # that could be taken for it.
        before, after = self._pdf[start : hole.start], self._pdf[hole.end : end]
        signature = self._object(parse(before + b"<>" + after), _SIGNATURE)
        _demand(
            before.rstrip(b" ").endswith(b"/Contents")
            and signature.get("Contents") == b""
            and before.count(b"/Contents") + after.count(b"/Contents") == 1,
            "the place of the hole",
        )
        expected = [0, hole.start, hole.end, len(self._pdf) - hole.end]
        _demand(
            signature.get("Type") == "Sig"
            and signature.get("Filter") == "Adobe.PPKLite"
            and signature.get("SubFilter") == "ETSI.CAdES.detached"
            and signature.get("ByteRange") == expected,
            "the signature dictionary",
        )
        references = self._list(signature, "Reference")
        _demand(len(references) == 1, "the signature's references")
        reference = self._object(references[0], {"Type", "TransformMethod", "TransformParams"})
        parameters = self._map(reference, "TransformParams", {"Type", "P", "V"})
        _demand(
            reference.get("TransformMethod") == "DocMDP" and parameters.get("P") == 1,
            "the permission",
        )
        return seconds_of(signature.get("M"))

    def _files(self, catalog: dict[str, Value]) -> dict[str, bytes]:
        """The attached files: those of the name tree, which are those associated (clause 9.5)."""
        if "AF" not in catalog and "Names" not in catalog:
            return {}
        tree = self._map(self._map(catalog, "Names", {"EmbeddedFiles"}), "EmbeddedFiles", {"Names"})
        names = self._list(tree, "Names")
        associated = self._list(catalog, "AF")
        specifications = names[1::2]
        _demand(len(names) == 2 * len(associated), "the attached files")  # name and file in turn
        _demand(sorted(map(repr, specifications)) == sorted(map(repr, associated)), "the files")
        found: dict[str, bytes] = {}
        for name, reference in zip(names[::2], specifications, strict=True):
            specification = self._object(reference, None)
            text = _text(specification.get("UF"))
            _demand(
                text in _FILES
                and text not in found
                and text == _text(specification.get("F")) == _text(name),
                "the name of a file",
            )
            relation, kind = _FILES[text]
            _demand(specification.get("AFRelationship") == relation, "the relation of a file")
            held = self._map(specification, "EF", {"F", "UF"})
            inner = held.get("F")
            _demand(isinstance(inner, Ref) and held.get("UF", inner) == inner, "a file")
            found[text] = self._content(inner, kind)
        return found

    def _content(self, value: Value, kind: str) -> bytes:
        entries = self._object(value, {"Type", "Subtype", "Params", "Length", "Filter"})
        place = self._data.get(value.number) if isinstance(value, Ref) else None
        if place is None or entries.get("Subtype") != kind:
            reject("a file")
        data = self._pdf[place[0] : place[1]]
        if "Filter" in entries:
            _demand(entries["Filter"] in ("FlateDecode", ["FlateDecode"]), "a filter")
            data = inflate(data, MAX_ATTACHMENT_BYTES)
        _demand(len(data) <= MAX_ATTACHMENT_BYTES, "a long file")
        return data


_FILES: Final = {
    TOKEN_NAME: ("Data", "application/cose"),
    OPENER_NAME: ("Supplement", "text/plain"),
}


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
