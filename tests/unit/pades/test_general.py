"""Documents of other shapes than ours, read by pyHanko: docs/spec clauses 9.7 and 9.7.4."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest
from tests.support.forge import masked, office, stream
from tests.support.mutations import plain_table, take_apart
from tests.support.packed import hybrid, object_stream, reference_stream, with_reference_stream
from tests.support.population import certificates

from etitle.errors import DecodeError
from etitle.pades.byterange import find_byte_range
from etitle.pades.general import read_general
from etitle.pades.structure import FIELD, DocumentContent, read_strict

OURS = office(masked(certificates(1)[0]))
BODIES: Final = OURS.pdf.bodies()
PARTS: Final = take_apart(OURS.document())
SIZE: Final = len(PARTS.objects) + 1
OTHER: Final = PARTS.trailer.replace(b"/Root", b"/Custom 1 /Root")
"""A trailer that only the general reader takes."""
Edit = Callable[[bytes], bytes]


def read(pdf: bytes) -> DocumentContent:
    return read_general(pdf, find_byte_range(pdf), seal=OURS.seal.der)


def what(pdf: bytes) -> str:
    with pytest.raises(DecodeError) as caught:
        read(pdf)
    assert caught.value.code == "document.malformed"
    return str(caught.value.details["what"])


def same(body: bytes) -> bytes:
    return body


def made(*more: bytes, edits: dict[int, Edit] | None = None, **changes: object) -> bytes:
    """Our document with more objects, from 11 on, and with others edited."""
    objects = [(n, (edits or {}).get(n, same)(body)) for n, body in PARTS.objects]
    objects += enumerate(more, SIZE)
    trailer = OTHER.replace(b"/Size %d" % SIZE, b"/Size %d" % (SIZE + len(more)))
    changed = replace(PARTS, **{"objects": tuple(objects), "trailer": trailer, **changes})  # type: ignore[arg-type]
    pdf = changed.sealed(OURS.cms)
    assert pdf is not None
    with pytest.raises(DecodeError):
        read_strict(pdf, find_byte_range(pdf))
    return pdf


def edit(number: int, old: bytes, new: bytes) -> dict[int, Edit]:
    assert old in dict(PARTS.objects)[number]
    return {number: lambda body: body.replace(old, new)}


def apart(number: int, key: bytes) -> tuple[dict[int, Edit], bytes]:
    """A dictionary within an object as a stream of its own, which becomes object 11."""
    found = re.search(rb"%b (<< (?:[^<>]|<< [^<>]* >>)* >>)" % key, BODIES[number])
    assert found is not None
    return edit(number, found[1], b"11 0 R"), stream(found[1][2:-2].strip(), b"x")


def freed(offsets: dict[int, int]) -> bytes:
    """A table with one more entry, which is free."""
    table = plain_table({**offsets, SIZE + 2: 9})
    return table.replace(b"0000000009 00000 n", b"0000000000 00000 f")


SAME: Final[dict[str, Callable[[], bytes]]] = {
    "another key of the trailer": made,
    "another header": lambda: made(header=b"%PDF-1.4\n"),
    "comments and text between": lambda: made(foot=b"\nendobj\n% x\n"),
    "other line ends": lambda: made(foot=b"\r\nendobj\r\n"),
    "an indirect length": lambda: made(b"13", edits=edit(6, b"/Length 13", b"/Length 11 0 R")),
    "a list of pages of its own": lambda: made(
        b"[4 0 R]", edits=edit(3, b"[4 0 R]", b"11 0 R")
    ),
    "another key of the catalog": lambda: made(edits=edit(1, b"/Lang", b"/Custom 1 /Lang")),
    "another key of the signature": lambda: made(
        edits=edit(2, b"/Filter", b"/Prop_Build << /App << /Name /X >> >> /Filter")
    ),
    "another type of an attachment": lambda: made(
        edits=edit(9, b"application#2Fcose", b"text#2Fhtml")
    ),
    "an octal escape": lambda: made(edits=edit(4, b"/MediaBox", b"/X (\\101) /MediaBox")),
    "a field with all that it may have": lambda: made(
        edits=edit(
            5,
            b"/T (seal)",
            b" ".join(
                b"/%b 1" % key.encode() for key in sorted(FIELD) if b"/%b " % key.encode()
                not in BODIES[5]
            )
            + b" /T (seal)",
        )
    ),
    "a text that looks like a name": lambda: made(
        edits=edit(4, b"/MediaBox", b"/X (/JS) /MediaBox")
    ),
    "a file twice the same": lambda: made(edits=edit(8, b"<< /F 7 0 R", b"<< /F 7 0 R /UF 7 0 R")),
    "a free entry": lambda: made(
        b"null", trailer=OTHER.replace(b"/Size %d" % SIZE, b"/Size %d" % (SIZE + 3)), table=freed
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_other_shapes_that_all_viewers_read_alike_say_the_same(name: str) -> None:
    right = OURS.document()
    assert read(SAME[name]()) == read_strict(right, find_byte_range(right))


def test_a_document_without_attachments_is_read() -> None:
    found = read(OURS.document(token=None, opening=None))
    assert (found.token, found.opening) == (None, None)


NAMES: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "an object stream": (lambda: made(object_stream([(4, BODIES[4])])), "/ObjStm"),
    "a stream of references": (lambda: made(reference_stream({4: 9}, size=11)), "/XRef"),
    "a hybrid": (lambda: hybrid(PARTS, OURS.cms, hidden={4: BODIES[4]}), "/XRefStm"),
    "an action that nothing refers to": (lambda: made(b"<< /JS (x) >>"), "/JS"),
    "an action in the trailer": (
        lambda: made(trailer=OTHER.replace(b"/Custom 1", b"/Custom [<< /S /Launch >>]")),
        "/Launch",
    ),
    "a key of the trailer": (
        lambda: made(trailer=OTHER.replace(b"/Custom", b"/Encrypt")),
        "/Encrypt",
    ),
    "an escaped name": (lambda: made(b"<< /#41A 1 >>"), "/AA"),
    "another unit": (lambda: made(edits=edit(4, b"/Parent", b"/UserUnit 2 /Parent")), "/UserUnit"),
    "data elsewhere": (lambda: made(stream(b"/F (x)", b"")), "an external stream"),
    "a list of filters elsewhere": (lambda: made(stream(b"/FFilter /X", b"")), "/FFilter"),
}


@pytest.mark.parametrize("name", NAMES)
def test_no_object_has_a_name_that_acts_or_hides(name: str) -> None:
    make, reason = NAMES[name]
    assert what(make()) == reason


STREAMS: Final = {
    "form": (1, b"/AcroForm"), "permissions": (1, b"/Perms"), "files": (1, b"/EmbeddedFiles"),
    "names": (1, b"/Names"), "file": (8, b"/EF"),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
def test_no_dictionary_is_a_stream(name: str) -> None:
    edits, body = apart(*STREAMS[name])
    body = body.replace(b"/F 7 0 R", b"/UF 7 0 R")
    assert what(made(body, edits=edits)) == "a stream for a dictionary"


def test_no_dictionary_of_the_signature_is_a_stream() -> None:
    for found in (b"<< /Type /TransformParams /P 1 /V /1.2 >>", None):
        body = dict(PARTS.objects)[2]
        inner = found or re.findall(rb"\[(<< .* >>)\]", body, re.DOTALL)[0]
        edits = edit(2, inner, b"11 0 R")
        assert what(made(stream(inner[2:-2].strip(), b"x"), edits=edits)) != ""


@pytest.mark.parametrize("number", [1, 3, 4, 5, 8])
def test_no_object_that_should_be_a_dictionary_is_a_stream(number: int) -> None:
    bare = re.sub(rb"/F (\(|132)", rb"/X \1", dict(PARTS.objects)[number])
    edits: dict[int, Edit] = {number: lambda _: stream(bare[2:-2], b"x")}
    assert what(made(edits=edits)) == "a stream for a dictionary"


PAGES: Final = {
    "nested": (b"<< /Type /Pages /Kids [11 0 R] /Count 1 >>",
               b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>"),
    "another type": (b"<< /Type /Page /Kids [4 0 R] /Count 1 >>", b"null"),
    "no type": (b"<< /Kids [4 0 R] /Count 1 >>", b"null"),
    "none": (b"<< /Type /Pages /Kids [] /Count 0 >>", b"null"),
    "twice": (b"<< /Type /Pages /Kids [4 0 R 4 0 R] /Count 2 >>", b"null"),
    "miscounted": (b"<< /Type /Pages /Kids [4 0 R] /Count 2 >>", b"null"),
    "in place": (b"<< /Type /Pages /Kids [<< /Type /Page /Annots [5 0 R] >>] /Count 1 >>", b"null"),
    "an action": (b"<< /Type /Pages /Kids [4 0 R 11 0 R] /Count 2 >>", b"<< /Type /Page /A 1 >>"),
    "too many": (b"<< /Type /Pages /Kids [4 0 R %b] /Count 17 >>"
                 % b" ".join(b"%d 0 R" % n for n in range(11, 27)), b"<< /Type /Page >>"),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_the_tree_of_pages_is_flat_and_counted(name: str) -> None:
    tree, other = PAGES[name]
    more = [other] * (16 if name == "too many" else 1)
    assert what(made(*more, edits={3: lambda _: tree})) == "the pages"


WIDGET: Final = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (x) /Rect [0 0 9 9] >>"
FIELDS: Final = {
    "an empty name": (edit(5, b"(seal)", b"()"), "the form fields"),
    "another key": (edit(5, b"/T (seal)", b"/T (seal) /Parent 3 0 R"), "the form fields"),
    "no widget": (edit(5, b"/Widget", b"/Stamp"), "the form fields"),
    "another widget": (edit(4, b"[5 0 R]", b"[11 0 R]"), "the annotations"),
    "two widgets": (edit(4, b"[5 0 R]", b"[5 0 R 11 0 R]"), "the annotations"),
    "a second field": (edit(1, b"[5 0 R]", b"[5 0 R 11 0 R]"), "the annotations"),
    "no annotation": (edit(4, b"/Annots [5 0 R]", b""), "the annotations"),
    "permission for another": (edit(1, b"/DocMDP 2 0 R", b"/DocMDP 5 0 R"), "the permissions"),
    "usage rights": (edit(1, b"/Perms <<", b"/Perms << /UR3 2 0 R"), "the permissions"),
}


@pytest.mark.parametrize("name", FIELDS)
def test_the_field_is_named_and_alone(name: str) -> None:
    edits, reason = FIELDS[name]
    assert what(made(WIDGET, edits=edits)) == reason


FILES: Final[dict[str, dict[int, Edit]]] = {
    "a file of no list": edit(1, b"/AF [8 0 R 10 0 R]", b""),
    "a file of one list": edit(1, b"/AF [8 0 R 10 0 R]", b"/AF [8 0 R]"),
    "other names": edit(1, b"/Names << /EmbeddedFiles", b"/Names << /IDS << >> /EmbeddedFiles"),
    "limits": edit(1, b"/EmbeddedFiles <<", b"/EmbeddedFiles << /Limits [(a) (z)]"),
    "another file": edit(8, b"opening.txt", b"other.txt"),
    "two names": edit(8, b"/UF (opening.txt)", b"/UF (token.cose)"),
    "another name for old viewers": edit(8, b"/F (opening.txt)", b"/F (other.txt)"),
    "another name in the tree": edit(1, b"(opening.txt)", b"(other.txt)"),
    "no UF": edit(8, b"/UF (opening.txt)", b""),
    "from elsewhere": edit(8, b"/Type /Filespec", b"/Type /Filespec /FS /URL"),
    "two contents": edit(8, b"/EF << /F", b"/EF << /UF 6 0 R /F"),
    "a content for Unix": edit(8, b"/EF << /F", b"/EF << /Unix 6 0 R /F"),
    "twice": edit(8, b"opening.txt", b"token.cose"),
    "long": {7: lambda _: stream(b"/Subtype /text#2Fplain", bytes(4097))},
}


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_those_attached(name: str) -> None:
    assert what(made(edits=FILES[name])) in {"the attached files", "the names", "KeyError"}


def test_the_signature_is_the_one_that_was_found() -> None:
    pdf = made()
    found = find_byte_range(pdf)
    with pytest.raises(DecodeError) as caught:
        read_general(pdf, replace(found, gap_end=found.gap_end + 1), seal=OURS.seal.der)
    assert caught.value.details["what"] == "the byte range"
    assert what(made(trailer=OTHER.replace(b"/Root 1 0 R", b"/Root 3 0 R"))) != ""
    assert what(OURS.document(trailer=b"/Custom 1 ", permission=2)) == "the permission"
    other = replace(OURS.pdf, trailer=b"/Custom 1 ").make(replace(OURS.cms, digest=bytes(32)))
    assert what(other) == "the signature"


def test_the_layout_is_refused_without_pyhanko_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.startswith("pyhanko")]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "pyhanko", None)
    with pytest.raises(DecodeError) as caught:
        read(made())
    assert caught.value.code == "document.reader_missing"
    for packed in ((), (1, 3, 4, 5)):
        assert what(with_reference_stream(PARTS, OURS.cms, packed=packed))
