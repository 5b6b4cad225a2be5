"""The shape of docs/spec clause 9, read strictly from the objects of a document.

``read_strict`` takes the one shape that clause 9 allows; each departure is an error.

What documents of one template share is kept.  That is safe: what is kept is a function of the
bytes that it was read from, a fault is never kept, and the caches are bounded.  In verification
only documents already signed by a trusted seal come here (docs/adr/0012-kept-readings.md).
"""

from __future__ import annotations

import datetime
import re
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from etitle.errors import DecodeError
from etitle.pades.byterange import ByteRange
from etitle.pades.lexer import PdfValue, Ref, parse
from etitle.pades.objects import FileObjects, ObjectText
from etitle.pades.sequence import read_alike
from etitle.pdf import OPENING_NAME, TOKEN_NAME

MAX_PAGES: Final = 16
MAX_ATTACHMENT_BYTES: Final = 4096
"""Bytes of an attached file; the longest token has 1110."""

_RANGE: Final = re.compile(rb"/ByteRange ?\[[ \d]*\]")
_SIGNING_TIME: Final = re.compile(rb"/M ?\((D:[^()\\]*)\)")
_DATE: Final = re.compile(
    rb"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|([+-])([01]\d|2[0-3])'([0-5]\d)'?)"
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


_ATTACHED: Final = frozenset({"Type", "Subtype", "Params", "Length", "Filter"})


@dataclass(frozen=True, slots=True)
class _Dictionaries:
    """The dictionaries of a document, except the signature's and those of the files.

    Attributes:
        signature: a reference to the signature, if it is one.
        files: name, reference and media type of each attached file.
    """

    signature: PdfValue
    files: tuple[tuple[str, Ref, str], ...]


class _Kept:
    """Readings of dictionaries by the catalog's text, each with every text that it was read from.

    A reading is used again only for a file in which each of these objects has the same text, so
    that it says what a reading of that file would say.  Under one catalog the pages of a template
    differ in a few ways, as the place of the seal does with the length of a table.
    """

    MAX: Final = 64
    MAX_EACH: Final = 8

    def __init__(self) -> None:
        self._by_catalog: dict[bytes, list[tuple[dict[int, bytes], _Dictionaries]]] = {}

    def find(self, catalog: bytes, texts: dict[int, ObjectText]) -> _Dictionaries | None:
        """The reading of a file with this catalog and these objects, if there is one."""
        for used, dictionaries in self._by_catalog.get(catalog, ()):
            for number, text in used.items():
                if number not in texts or texts[number].text != text:
                    break
            else:
                return dictionaries
        return None

    def keep(self, catalog: bytes, used: dict[int, bytes], dictionaries: _Dictionaries) -> None:
        """Keep a reading of these objects beside the latest ones under this catalog."""
        if len(self._by_catalog) >= self.MAX:
            self._by_catalog.clear()
        kept = self._by_catalog.get(catalog, [])
        self._by_catalog[catalog] = [*kept[-self.MAX_EACH + 1 :], (used, dictionaries)]

    def clear(self) -> None:
        """Forget all of them."""
        self._by_catalog.clear()

    def __len__(self) -> int:
        return sum(map(len, self._by_catalog.values()))


_KEPT: Final = _Kept()


@dataclass(frozen=True, slots=True)
class DocumentContent:
    """What a document carries besides its page; trusted only with the signature over it.

    Attributes:
        sealed_s: /M, when it was signed as the signer says; seconds since 1970 UTC.
        token: ``token.cose``; None where nothing is attached.
        opening: ``opening.txt``; None where there is none.
    """

    sealed_s: int
    token: bytes | None
    opening: bytes | None


def read_strict(pdf: bytes, byte_range: ByteRange) -> DocumentContent:
    """Read a document of exactly the shape of clause 9.

    Args:
        pdf: the file.
        byte_range: what its signature covers, by ``find_byte_range``.

    Raises:
        DecodeError: ``document.malformed``.
    """
    return _Reader(read_alike(pdf, byte_range), byte_range).read()


def seconds_of(date: PdfValue) -> int:
    """A date string (ISO 32000-1 §7.9.4), seconds since 1970 UTC.

    Raises:
        DecodeError: ``document.malformed``.

    >>> seconds_of(b"D:19700101080000+08'00'")
    0
    """
    found = _DATE.fullmatch(date) if isinstance(date, bytes) else None
    if found is None:
        raise DecodeError("document.malformed", what="a date")
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    try:
        at = datetime.datetime(year, month, day, hour, minute, second, tzinfo=datetime.UTC)
    except ValueError:
        raise DecodeError("document.malformed", what="a date") from None
    ahead_s = 0
    if found[7]:
        ahead_s = (int(found[8]) * 60 + int(found[9])) * 60 * (1 if found[7] == b"+" else -1)
    return int(at.timestamp()) - ahead_s


class _Reader:
    """Reads the objects of one file."""

    __slots__ = ("_byte_range", "_objects", "_texts", "_used")

    def __init__(self, objects: FileObjects, byte_range: ByteRange) -> None:
        self._byte_range = byte_range
        self._objects = objects
        self._texts = objects.texts
        self._used: dict[int, bytes] = {}

    def read(self) -> DocumentContent:
        dictionaries = self._dictionaries(self._objects.root)
        sealed_s = self._check_signature(dictionaries.signature)
        files = {name: self._content(value, kind) for name, value, kind in dictionaries.files}
        return DocumentContent(sealed_s, files.get(TOKEN_NAME), files.get(OPENING_NAME))

    def _dictionaries(self, root: Ref) -> _Dictionaries:
        """Their content, read again only where the text of one of their objects differs."""
        texts = self._texts
        catalog = texts[root.number].text if root.number in texts else b""
        dictionaries = _KEPT.find(catalog, texts)
        if dictionaries is None:
            dictionaries = self._read_dictionaries(root)
            _KEPT.keep(catalog, dict(self._used), dictionaries)
        return dictionaries

    def _read_dictionaries(self, root: Ref) -> _Dictionaries:
        catalog = self._catalog(root)
        fields = self._map(catalog, "AcroForm", {"Fields", "SigFlags", "DA", "DR"})
        form = self._list(fields, "Fields")
        _demand(len(form) == 1 and isinstance(form[0], Ref), "the form fields")
        _demand(fields.get("SigFlags") == 3, "the signature flags")  # noqa: PLR2004  # signed, append only
        field = self._object(form[0], FIELD)
        _demand(field.get("FT") == "Sig" and field.get("Subtype") == "Widget", "the field")
        # Some readers ignore a field without a name, and then see no signature.
        _demand(bool(_text(field.get("T"))), "the field")
        self._check_pages(catalog, form[0])
        signature = field.get("V")
        permissions = self._map(catalog, "Perms", {"DocMDP"})
        _demand(permissions.get("DocMDP") == signature, "the permissions")
        return _Dictionaries(signature, self._files(catalog))

    # -- values ------------------------------------------------------------------------------------

    def _value(self, value: PdfValue) -> PdfValue:
        if not isinstance(value, Ref):
            return value
        text = self._texts.get(value.number)
        if text is None:
            raise DecodeError("document.malformed", what="a reference")
        self._used[value.number] = text.text
        return text.value

    def _object(
        self, value: PdfValue, keys: frozenset[str] | set[str] | None
    ) -> dict[str, PdfValue]:
        found = self._value(value)
        if isinstance(value, Ref) and keys is not _ATTACHED:
            _demand(b"/Length" not in self._texts[value.number].text, "a stream for a dictionary")
        if not isinstance(found, dict) or (keys is not None and not found.keys() <= keys):
            raise DecodeError("document.malformed", what="the keys of a dictionary")
        return found

    def _map(self, within: dict[str, PdfValue], key: str, keys: set[str]) -> dict[str, PdfValue]:
        return self._object(within.get(key), keys)

    def _list(self, within: dict[str, PdfValue], key: str) -> list[PdfValue]:
        found = self._value(within.get(key))
        if not isinstance(found, list):
            raise DecodeError("document.malformed", what=key)
        return found

    # -- the parts ---------------------------------------------------------------------------------

    def _catalog(self, root: Ref) -> dict[str, PdfValue]:
        catalog = self._object(root, _CATALOG)
        _demand(catalog.get("Type") == "Catalog", "the catalog")
        return catalog

    def _check_pages(self, catalog: dict[str, PdfValue], field: PdfValue) -> None:
        """A flat tree of few pages; the signature's field is the only annotation of all."""
        pages = self._map(catalog, "Pages", {"Type", "Kids", "Count"})
        kids = self._list(pages, "Kids")
        numbers = {kid.number for kid in kids if isinstance(kid, Ref)}
        _demand(0 < len(numbers) <= MAX_PAGES, "the pages")
        _demand(pages.get("Type") == "Pages", "the pages")
        _demand(pages.get("Count") == len(kids) == len(numbers), "the pages")
        annotations: list[PdfValue] = []
        for kid in kids:
            page = self._object(kid, None)
            _demand(page.get("Type") == "Page" and "A" not in page, "a page")
            if "Annots" in page:
                annotations += self._list(page, "Annots")
        _demand(annotations == [field], "the annotations")

    def _check_signature(self, value: PdfValue) -> int:
        """The signature dictionary that the gap belongs to; when it was made, in seconds."""
        byte_range = self._byte_range
        number, start, end = self._objects.signature
        if not (isinstance(value, Ref) and value.number == number and byte_range.gap_end < end):
            raise DecodeError("document.malformed", what="the place of the gap")
        pdf = self._objects.pdf
        before, after = pdf[start : byte_range.gap_start], pdf[byte_range.gap_end : end]
        # Its numbers are those that the byte range was found by: the file has no other /ByteRange.
        before, ranges = _RANGE.subn(b"/ByteRange []", before)
        signing_times = _SIGNING_TIME.findall(before)
        if ranges != 1 or len(signing_times) != 1:
            raise DecodeError("document.malformed", what="the signature dictionary")
        _check_signature(before.replace(signing_times[0], b""), after)
        return seconds_of(signing_times[0])

    def _files(self, catalog: dict[str, PdfValue]) -> tuple[tuple[str, Ref, str], ...]:
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
                raise DecodeError("document.malformed", what="a file")
            found[text] = text, inner, kind
        return tuple(found.values())

    def _content(self, value: Ref, kind: str) -> bytes:
        entries = self._object(value, _ATTACHED)
        place = self._objects.streams.get(value.number)
        if place is None or entries.get("Subtype") != kind:
            raise DecodeError("document.malformed", what="a file")
        data = self._objects.pdf[place[0] : place[1]]
        # The one length, by which it was found, could stand in a dictionary within.
        _demand("Length" in entries, "a stream's length")
        if "Filter" in entries:
            _demand(entries["Filter"] in ("FlateDecode", ["FlateDecode"]), "a filter")
            data = inflate(data, MAX_ATTACHMENT_BYTES)
        _demand(len(data) <= MAX_ATTACHMENT_BYTES, "a long file")
        return data


_FILES: Final = {
    TOKEN_NAME: ("Data", "application/cose"),
    OPENING_NAME: ("Supplement", "text/plain"),
}


@lru_cache(maxsize=64)
def _check_signature(before: bytes, after: bytes) -> None:
    """Check a signature dictionary, of which two documents of one seal have nothing else alike.

    Args:
        before: its text up to the gap, with an empty byte range and an empty date.
        after: the rest.

    Raises:
        DecodeError: ``document.malformed``.
    """
    # The gap follows the one key /Contents, and no text that could be taken for it.
    signature = parse(before + b"<>" + after)
    if (
        not isinstance(signature, dict)
        or not signature.keys() <= _SIGNATURE
        or not before.rstrip(b" ").endswith(b"/Contents")
        or before.count(b"/Contents") + after.count(b"/Contents") != 1
    ):
        raise DecodeError("document.malformed", what="the place of the gap")
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
            raise DecodeError("document.malformed", what="the permission")


def inflate(data: bytes, most: int) -> bytes:
    """A whole zlib stream of at most that many bytes.

    Raises:
        DecodeError: ``document.malformed``.
    """
    inflater = zlib.decompressobj()
    try:
        found = inflater.decompress(data, most + 1)
    except zlib.error:
        raise DecodeError("document.malformed", what="a compressed stream") from None
    if len(found) > most or not inflater.eof or inflater.unused_data:
        raise DecodeError("document.malformed", what="a compressed stream")
    return found


def _text(value: PdfValue) -> str:
    if not isinstance(value, bytes):
        return ""
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", "replace")
    return value.decode("latin-1")


def _demand(holds: bool, what: str) -> None:  # noqa: FBT001  # a condition, said in place
    if not holds:
        raise DecodeError("document.malformed", what=what)
