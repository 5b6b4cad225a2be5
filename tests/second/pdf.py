"""Clauses 9.1, 9.2 and 9.5 as a stranger reads them: a file, from its first byte to its last.

Imports nothing of etitle.  Objects are read one after the other from the header on, each by a small
parser; there is no complete PDF library behind, so what is of another shape is refused.
"""

from __future__ import annotations

import datetime
import re
import zlib
from typing import Any, TypeAlias

from tests.second.encoding import RefusedError, need

Pdf: TypeAlias = Any
"""Names are str with their slash, strings bytes, references tuples."""

TOKEN = re.compile(
    rb"(<<|\[|/(?:[^\x00-\x20()<>\[\]{}/%#\x7f-\xff]|#2F)*"
    rb"|\((?:[^()\\]|\\[^0-9])*\)"
    rb"|<[0-9A-Fa-f]*>|[1-9][0-9]* 0 R\b"
    rb"|[a-z0-9.+-]*)",
    re.DOTALL,
)
FORBIDDEN = (
    " JavaScript JS AA OpenAction XFA OCProperties OC OCG OCMD ObjStm XRef XRefStm Encrypt Crypt "
    "Launch URI SubmitForm ResetForm ImportData GoTo GoToR GoToE Named Hide SetOCGState Rendition "
    "Movie Sound RichMedia Screen Trans Thread FileAttachment Popup Link NeedAppearances "
    "Collection URLS Threads Outlines Dests PS Ref Alternates AlternateImages UserUnit FFilter "
    "FDecodeParms "
)
CATALOG = (
    "Type Version Extensions Pages PageLayout PageMode PageLabels ViewerPreferences Names AcroForm "
    "Perms AF Metadata OutputIntents MarkInfo StructTreeRoot Lang DSS"
)
FIELD = "Type Subtype FT T TU V F Ff Rect P AP StructParent M NM MK Border DA Lang"
SIGNATURE = "Type Filter SubFilter ByteRange Contents Name Reason Location ContactInfo M Reference"
ATTACHED = "Type Subtype Params Length Filter"
FILES = {
    "token.cose": ("/Data", "/application/cose"),
    "opening.txt": ("/Supplement", "/text/plain"),
}


class _Text:
    """A place in some bytes, and what is read from there."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at

    def take(self, literal: bytes) -> None:
        need(self.data.startswith(literal, self.at))
        self.at += len(literal)

    def value(self) -> Pdf:
        self.skip()
        found = TOKEN.match(self.data, self.at)
        assert found is not None
        token, self.at = found[1], found.end()
        if token == b"<<":
            return self._pairs()
        if token == b"[":
            items = []
            while self.skip() != b"]":
                items.append(self.value())
            self.take(b"]")
            return items
        return _scalar(token)

    def _pairs(self) -> Pdf:
        made: dict[str, Pdf] = {}
        while self.skip() != b">>":
            key = self.value()
            need(isinstance(key, str) and key not in made)
            made[key] = self.value()
        self.take(b">>")
        return made

    def skip(self) -> bytes:
        """What is next, behind white space."""
        found = re.compile(rb"[ \n\r\t]*(>>|.|\Z)", re.DOTALL).match(self.data, self.at)
        assert found is not None
        self.at = found.start(1)
        return found[1]


def _scalar(token: bytes) -> Pdf:
    if token[:1] == b"/":
        return token.decode().replace("#2F", "/")
    if token[:1] == b"(":
        return token[1:-1]  # as it is: with escapes it is none of the strings that count
    if token[:1] == b"<":
        return bytes.fromhex(token[1:-1].decode() + "0" * (len(token) % 2))
    if token.endswith(b"R"):
        return (int(token.split()[0]),)
    if token in (b"true", b"false", b"null"):
        return None
    try:
        return float(token) if b"." in token else int(token)
    except ValueError:
        raise RefusedError from None


def parse(data: bytes) -> Pdf:
    """One value, with nothing but spaces around it."""
    text = _Text(data, 0)
    value = text.value()
    need(not data[text.at :].strip(b" \n\r\t"))
    return value


class File:
    """Clauses 9.1, 9.2, 9.5: a document that is read from its first byte to its last."""

    def __init__(self, pdf: bytes, start: int, end: int) -> None:
        self.pdf, self.hole = pdf, (start, end)
        head = re.match(rb"%PDF-1\.7\n%[\x80-\xff]+\n", pdf)
        need(head)
        assert head is not None
        # The hole holds nothing that could be taken for an object.
        text = _Text(pdf[:start] + b"()".ljust(end - start) + pdf[end:], head.end())
        self.values: dict[int, Pdf] = {}
        self.streams: dict[int, bytes] = {}
        offsets: dict[int, int] = {}
        while begin := re.compile(rb"([1-9][0-9]*) 0 obj\n").match(pdf, text.at):
            number = int(begin[1])
            need(number not in offsets)
            offsets[number] = text.at
            text.at = begin.end()
            self._object(text, number)
        table = text.at
        text.take(b"xref\n0 %d\n0000000000 65535 f" % (len(offsets) + 1))
        need(pdf[text.at : text.at + 2] in (b" \n", b"\r\n"))
        text.at += 2
        for number in range(1, len(offsets) + 1):
            text.take(b"%010d 00000 n" % offsets.get(number, -1))
            need(pdf[text.at : text.at + 2] in (b" \n", b"\r\n"))
            text.at += 2
        text.take(b"trailer\n")
        trailer = self.map(text.value(), "Size Root Info ID")
        need(trailer.get("/Size") == len(offsets) + 1)
        need(
            re.fullmatch(rb"[ \n\r\t]*(?<=\n)startxref\n%d\n%%%%EOF\r?\n?" % table, pdf[text.at :])
        )
        self.root = self.map(trailer.get("/Root"), CATALOG)

    def _object(self, text: _Text, number: int) -> None:
        self.values[number] = value = text.value()
        self._allowed(value)
        if text.data.startswith(b"\nstream\n", text.at):
            text.at += 8
            need(isinstance(value, dict) and "/F" not in value)
            length = value.get("/Length")
            need(type(length) is int)
            self.streams[number] = text.data[text.at : text.at + length]
            text.at += length
            text.take(b"\nendstream")
        text.skip()
        text.take(b"endobj\n")

    def _allowed(self, value: Pdf) -> None:
        if isinstance(value, str):
            need(f" {value[1:]} " not in FORBIDDEN)
        for one in value if isinstance(value, (dict, list)) else ():
            self._allowed(one)
            if isinstance(value, dict):
                self._allowed(value[one])

    def get(self, value: Pdf) -> Pdf:
        if isinstance(value, tuple):
            need(value[0] in self.values)
            return self.values[value[0]]
        return value

    def map(self, value: Pdf, keys: str = "") -> dict[str, Pdf]:
        """A dictionary, with no other keys than these of clause 9.2.1 where some are given."""
        found = self.get(value)
        need(isinstance(found, dict))
        need(keys == ATTACHED or not isinstance(value, tuple) or value[0] not in self.streams)
        need(not keys or {key[1:] for key in found} <= set(keys.split()))
        return found  # type: ignore[no-any-return]

    def list(self, value: Pdf) -> list[Pdf]:
        found = self.get(value)
        need(isinstance(found, list))
        return found  # type: ignore[no-any-return]

    def sealed_s(self) -> int:
        """Clause 9.2; when it was signed, in seconds."""
        root = self.root
        need(root.get("/Type") == "/Catalog")
        form = self.map(root.get("/AcroForm"), "Fields SigFlags DA DR")
        need(form.get("/SigFlags") == 3)
        places = self.list(form.get("/Fields"))
        need(len(places) == 1)
        place = places[0]
        field = self.map(place, FIELD)
        need(field.get("/FT") == "/Sig" and field.get("/Subtype") == "/Widget")
        need(isinstance(field.get("/T"), bytes) and field["/T"])
        pages = self.map(root.get("/Pages"), "Type Kids Count")
        need(pages.get("/Type") == "/Pages")
        kids = self.list(pages.get("/Kids"))
        need(len(kids) <= 16 and len(set(map(repr, kids))) == len(kids) == pages.get("/Count"))
        found = []
        for kid in kids:
            page = self.map(kid)
            need(page.get("/Type") == "/Page" and "/A" not in page)
            found += self.list(page.get("/Annots", []))
        need(found == [place])
        permissions = self.map(root.get("/Perms"))
        need(permissions == {"/DocMDP": field.get("/V")})
        value = self.map(field.get("/V"), SIGNATURE)
        start, end = self.hole
        need(value.get("/Contents") == b"" and value.get("/Type") == "/Sig")
        need(value.get("/Filter") == "/Adobe.PPKLite")
        need(value.get("/SubFilter") == "/ETSI.CAdES.detached")
        need(value.get("/ByteRange") == [0, start, end, len(self.pdf) - end])
        need(re.search(rb"/Contents *\Z", self.pdf[:start]))
        references = self.list(value.get("/Reference"))
        need(len(references) == 1)
        reference = self.map(references[0], "Type TransformMethod TransformParams")
        parameters = self.map(reference.get("/TransformParams"), "Type P V")
        need(reference.get("/TransformMethod") == "/DocMDP" and parameters.get("/P") == 1)
        return seconds(value.get("/M"))

    def files(self) -> dict[str, bytes]:
        """Clause 9.5."""
        if "/AF" not in self.root and "/Names" not in self.root:
            return {}
        names = self.map(self.root.get("/Names"), "EmbeddedFiles")
        tree = self.map(names.get("/EmbeddedFiles"), "Names")
        listed = self.list(tree.get("/Names"))
        need(sorted(map(repr, listed[1::2])) == sorted(map(repr, self.list(self.root.get("/AF")))))
        need(len(listed) % 2 == 0)
        found: dict[str, bytes] = {}
        for name, file in zip(listed[::2], listed[1::2], strict=True):
            one = self.map(file, "Type F UF AFRelationship Desc EF")
            need(one.get("/Type") == "/Filespec")
            text = _name(name)
            need(text in FILES and text not in found)
            need(text == _name(one.get("/F")) == _name(one.get("/UF")))
            held = self.map(one.get("/EF"), "F UF")
            inner = held.get("/F")
            need(one.get("/AFRelationship") == FILES[text][0])
            need(held.get("/UF", inner) == inner and isinstance(inner, tuple))
            assert isinstance(inner, tuple)
            found[text] = self._content(inner[0], FILES[text][1])
        return found

    def _content(self, number: int, kind: str) -> bytes:
        entries = self.map((number,), ATTACHED)
        need(number in self.streams)
        data = self.streams[number]
        need(entries.get("/Subtype") == kind)
        if "/Filter" in entries:
            need(entries["/Filter"] in ("/FlateDecode", ["/FlateDecode"]))
            inflater = zlib.decompressobj()
            try:
                data = inflater.decompress(data)
            except zlib.error:
                raise RefusedError from None
            need(inflater.eof and not inflater.unused_data)
        need(len(data) <= 4096)
        return data


def _name(value: Pdf) -> str:
    if not isinstance(value, bytes):
        return ""
    return (
        value[2:].decode("utf-16-be", "replace")
        if value[:2] == b"\xfe\xff"
        else value.decode("latin-1")
    )


def seconds(date: Pdf) -> int:
    """Clause 9.8: /M, seconds since 1970 UTC."""
    need(isinstance(date, bytes))
    found: Any = re.fullmatch(rb"D:([0-9]{14})(Z|([+-])([0-9]{2})'([0-9]{2})'?)", date)
    need(found)
    assert found is not None
    text = found[1].decode()
    try:
        at = datetime.datetime.strptime(text + "+0000", "%Y%m%d%H%M%S%z")
    except ValueError:
        raise RefusedError from None
    if found[2] == b"Z":
        return int(at.timestamp())
    hours, minutes = int(found[4]), int(found[5])
    need(hours < 24 and minutes < 60)
    ahead_s = (hours * 60 + minutes) * 60
    return int(at.timestamp()) + (ahead_s if found[3] == b"-" else -ahead_s)
