"""What the objects of a document say, in the one shape of docs/spec clause 9."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest
from tests.support.forge import OPENING_TEXT, masked, office, stream
from tests.support.population import certificates

from etitle.errors import DecodeError
from etitle.pades.byterange import find_byte_range
from etitle.pades.lexer import PdfValue
from etitle.pades.structure import (
    MAX_ATTACHMENT_BYTES,
    MAX_PAGES,
    DocumentContent,
    inflate,
    read_strict,
    seconds_of,
)

OURS: Final = office(masked(certificates(1)[0]))
TOKEN: Final = OURS.token
SEALED_S: Final = seconds_of(b"D:20261120120000+08'00'")
GOOD: Final = DocumentContent(SEALED_S, TOKEN, OPENING_TEXT.encode())


def read(pdf: bytes) -> DocumentContent:
    return read_strict(pdf, find_byte_range(pdf))


def what(pdf: bytes) -> str:
    with pytest.raises(DecodeError) as caught:
        read(pdf)
    assert caught.value.code == "document.malformed"
    return str(caught.value.details["what"])


def changed(number: int, old: bytes, new: bytes) -> bytes:
    """The document with some bytes of an object exchanged, which stand there."""
    body = OURS.pdf.bodies()[number]
    assert old in body, body
    return OURS.document(objects={number: body.replace(old, new)})


def pages(count: int) -> bytes:
    """The document with so many pages, all but the first of them blank."""
    more = range(20, 20 + count - 1)
    kids = b" ".join(b"%d 0 R" % number for number in (4, *more))
    blank = b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 595 842] >>"
    filler = dict.fromkeys(range(11, 20), b"null")
    tree = b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, count)
    return OURS.document(objects={3: tree, **filler, **dict.fromkeys(more, blank)})


def with_signature(old: bytes, new: bytes) -> bytes:
    """The document with its signature dictionary changed, by bytes of the same number."""
    pdf = OURS.document()
    at = pdf.rindex(b"2 0 obj\n<< /Type /Sig ")
    assert old in pdf[at:]
    assert len(old) == len(new)
    return pdf[:at] + pdf[at:].replace(old, new, 1)


def test_a_right_document_says_when_and_what() -> None:
    assert read(OURS.document()) == GOOD
    assert read(OURS.document(opening=None)) == replace(GOOD, opening=None)
    assert read(OURS.document(token=None, opening=None)) == DocumentContent(SEALED_S, None, None)


# -- catalog and field -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "old", "new", "expected"),
    [
        (1, b"/Catalog", b"/Catalug", "the catalog"),
        (1, b"/Lang", b"/Longer", "the keys of a dictionary"),
        (1, b"/SigFlags 3", b"/SigFlags 1", "the signature flags"),
        (1, b"/SigFlags 3", b"", "the signature flags"),
        (1, b"/Fields [5 0 R]", b"/Fields []", "the form fields"),
        (1, b"/Fields [5 0 R]", b"/Fields [5 0 R 5 0 R]", "the form fields"),
        (1, b"/Fields [5 0 R]", b"/Fields [<< /FT /X >>]", "the form fields"),
        (1, b"/Fields [5 0 R]", b"/Fields 5 0 R", "Fields"),
        (1, b"/Fields [5 0 R]", b"/Fields [5 0 R] /CO []", "the keys of a dictionary"),
        (1, b"/DocMDP 2 0 R", b"/DocMDP 3 0 R", "the permissions"),
        (1, b"/DocMDP 2 0 R", b"/UR3 2 0 R", "the keys of a dictionary"),
        (1, b"/Pages 3 0 R", b"/Pages 99 0 R", "a reference"),
        (5, b"/FT /Sig", b"/FT /Tx", "the field"),
        (5, b"/Subtype /Widget", b"/Subtype /Stamp", "the field"),
        (5, b"/T (seal)", b"/T ()", "the field"),
        (5, b"/T (seal)", b"", "the field"),
        (5, b"/T (seal)", b"/T (seal) /Kids []", "the keys of a dictionary"),
        (5, b"/V 2 0 R", b"/V 3 0 R", "the permissions"),
    ],
)
def test_a_catalog_or_field_of_another_shape_is_refused(
    number: int, old: bytes, new: bytes, expected: str
) -> None:
    assert what(changed(number, old, new)) == expected


def test_a_file_of_a_name_that_no_document_has_is_refused() -> None:
    bodies = OURS.pdf.bodies()
    found = {
        number: body.replace(b"opening.txt", b"another.txt")
        for number, body in bodies.items()
        if b"opening.txt" in body
    }
    assert found.keys() == {1, 8}
    assert what(OURS.document(objects=found)) == "the name of a file"


@pytest.mark.parametrize("more", [b"/DR << >>", b"/DA (/F 0 Tf)", b"/DR << >> /DA ()"])
def test_a_form_may_have_resources_and_an_appearance(more: bytes) -> None:
    assert read(changed(1, b"/SigFlags 3", b"/SigFlags 3 " + more)) == GOOD


# -- pages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, MAX_PAGES])
def test_as_many_pages_as_the_limit_are_read(count: int) -> None:
    assert read(pages(count)) == GOOD


def test_one_page_more_is_refused() -> None:
    assert what(pages(MAX_PAGES + 1)) == "the pages"


@pytest.mark.parametrize(
    ("number", "old", "new", "expected"),
    [
        (3, b"/Count 1", b"/Count 2", "the pages"),
        (3, b"/Type /Pages", b"/Type /Page", "the pages"),
        (3, b"[4 0 R] /Count 1", b"[] /Count 0", "the pages"),
        (3, b"[4 0 R] /Count 1", b"[4 0 R 4 0 R] /Count 2", "the pages"),
        (3, b"/Count 1", b"/Count 1 /Parent 3 0 R", "the keys of a dictionary"),
        (4, b"/Type /Page", b"/Type /Pagf", "a page"),
        (4, b"/Type /Page", b"/Type /Pages", "a page"),
        (4, b"/Type /Page", b"/Type /Page /A << >>", "a page"),
        (4, b"/Annots [5 0 R]", b"", "the annotations"),
        (4, b"/Annots [5 0 R]", b"/Annots [5 0 R 5 0 R]", "the annotations"),
        (4, b"/Annots [5 0 R]", b"/Annots [6 0 R]", "the annotations"),
    ],
)
def test_pages_of_another_shape_are_refused(
    number: int, old: bytes, new: bytes, expected: str
) -> None:
    assert what(changed(number, old, new)) == expected


# -- attached files --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "old", "new", "expected"),
    [
        (7, b"text#2Fplain", b"text#2Fhtml", "a file"),
        (7, b"/Subtype /text#2Fplain", b"", "a file"),
        (8, b"/EF << /F 7 0 R >>", b"/EF << /F 3 0 R >>", "the keys of a dictionary"),
        (8, b"/EF << /F 7 0 R >>", b"/EF << /F 8 0 R >>", "the keys of a dictionary"),
        (8, b"/EF << /F 7 0 R >>", b"/EF << /F 7 0 R /UF 9 0 R >>", "a file"),
        (8, b"/EF << /F 7 0 R >>", b"/EF << /F (x) >>", "a file"),
        (8, b"/F (opening.txt)", b"/F (token.cose)", "the name of a file"),
        (8, b"/UF (opening.txt)", b"/UF (token.cose)", "the name of a file"),
        (8, b"(opening.txt)", b"(other.txt)", "the name of a file"),
        (8, b"/Supplement", b"/Data", "the relation of a file"),
        (8, b"/Filespec", b"/F", "the relation of a file"),
        (8, b"/Filespec", b"/Filespec /FS /URL", "the keys of a dictionary"),
    ],
)
def test_files_of_another_shape_are_refused(
    number: int, old: bytes, new: bytes, expected: str
) -> None:
    assert what(changed(number, old, new)) == expected


def test_a_file_is_a_stream() -> None:
    # A dictionary of the right entries that no data follow.
    body = OURS.pdf.bodies()[7].partition(b"\nstream")[0]
    assert what(OURS.document(objects={7: body})) == "a file"


def without_entry(start: bytes, end: bytes) -> bytes:
    """The document whose catalog lacks what stands from one text to another."""
    catalog = OURS.pdf.bodies()[1]
    at = catalog.index(start)
    until = catalog.index(end, at) + len(end)
    return OURS.document(objects={1: catalog[:at] + catalog[until:]})


def test_named_files_are_associated_and_associated_files_named() -> None:
    assert what(without_entry(b"/AF [", b"]")) == "AF"
    assert what(without_entry(b"/Names << ", b"] >> >>")) == "the keys of a dictionary"
    assert what(changed(1, b"/AF [8 0 R 10 0 R]", b"/AF [8 0 R]")) == "the attached files"
    assert what(changed(1, b"/AF [8 0 R 10 0 R]", b"/AF [8 0 R 8 0 R]")) == "the files"


def test_no_name_of_a_file_stands_twice() -> None:
    bodies = {at: OURS.pdf.bodies()[at].replace(b"token.cose", b"opening.txt") for at in (1, 10)}
    bodies[10] = bodies[10].replace(b"/Data", b"/Supplement")
    assert what(OURS.document(objects=bodies)) == "the name of a file"


def test_names_of_files_may_be_in_utf_16() -> None:
    name = (b"\xfe\xff" + "opening.txt".encode("utf-16-be")).hex().encode()
    objects = {
        number: OURS.pdf.bodies()[number].replace(b"(opening.txt)", b"<%b>" % name)
        for number in (1, 8)
    }
    assert b"FEFF" in objects[8].upper()
    assert read(OURS.document(objects=objects)) == GOOD
    # The same name in both spellings is one name.
    assert read(OURS.document(objects={8: objects[8]})) == GOOD


def test_a_compressed_file_is_read_up_to_the_limit() -> None:
    def attached(data: bytes, entries: bytes = b"/Filter /FlateDecode") -> bytes:
        subtype = b"/Type /EmbeddedFile /Subtype /text#2Fplain "
        return OURS.document(objects={7: stream(subtype + entries, data)})

    assert read(attached(zlib.compress(b"abc"))).opening == b"abc"
    assert read(attached(zlib.compress(b"abc"), b"/Filter [/FlateDecode]")).opening == b"abc"
    assert what(attached(b"abc", b"/Filter /LZWDecode")) == "a filter"
    most = bytes(MAX_ATTACHMENT_BYTES)
    assert read(attached(zlib.compress(most))).opening == most
    assert read(attached(most, b"")).opening == most
    assert what(attached(zlib.compress(most + b"x"))) == "a compressed stream"
    assert what(attached(most + b"x", b"")) == "a long file"


def test_one_whole_zlib_stream_is_inflated() -> None:
    data = zlib.compress(b"abc")
    assert inflate(data, 3) == b"abc"
    for odd, most in ((data, 2), (data[:-1], 3), (data + b"x", 3), (b"abc", 3)):
        with pytest.raises(DecodeError):
            inflate(odd, most)


# -- the signature dictionary ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/Type /Sig ", b"/Type /Sih "),
        (b"/Filter /Adobe.PPKLite", b"/Filter /Adobe.PPKLits"),
        (b"ETSI.CAdES.detached", b"adbe.pkcs7.detached"),
        (b"/P 1", b"/P 2"),
        (b"/P 1", b"    "),
        (b"/TransformMethod /DocMDP", b"/TransformMethod /UR3   "),
        (b"/Type /SigRef", b"/Data /SigRef"),
        (b"/V /1.2", b"/W /1.2"),
        (b"/Filter /Adobe.PPKLite", b"/Filtre /Adobe.PPKLite"),
        (b"/M (D:", b"/N (D:"),
        (b"+08'00'", b"+25'00'"),
        (b"+08'00'", b"+08'60'"),
        (b"D:20261120", b"D:20261320"),
    ],
)
def test_a_signature_of_another_shape_is_refused(old: bytes, new: bytes) -> None:
    what(with_signature(old, new))


@pytest.mark.parametrize("value", [b"(x)", b"3 0 R", b"null", b"<< >>"])
def test_a_signature_that_the_field_does_not_refer_to_is_refused(value: bytes) -> None:
    body = OURS.pdf.bodies()[5].replace(b"/V 2 0 R", b"/V " + value)
    assert body != OURS.pdf.bodies()[5]
    assert what(OURS.document(objects={5: body})) != ""


def test_a_second_contents_in_a_string_is_refused() -> None:
    pdf = replace(OURS.pdf, sealed=f"{OURS.pdf.sealed}) /Name (/Contents").make(OURS.cms)
    assert what(pdf) == "the place of the gap"
    fine = replace(OURS.pdf, sealed=f"{OURS.pdf.sealed}) /Name (/Content").make(OURS.cms)
    assert read(fine) == GOOD


def test_the_byte_range_stands_at_the_top_of_the_dictionary() -> None:
    # Within another dictionary it belongs to nothing, whatever a search for its name finds.
    pdf = OURS.document()
    at = pdf.rindex(b"/ByteRange [0 ")
    start = pdf.index(b" <", at) + 1
    written = pdf[at:start]
    within = b"/Reason<<" + written.replace(b" /Contents", b">>/Contents")
    while len(within) > len(written):
        assert b"  " in within
        within = within.replace(b"  ", b" ", 1)
    assert what(pdf[:at] + within + pdf[start:]) == "the signature dictionary"


# -- dates -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        (b"D:19700101000000Z", 0),
        (b"D:19700101080000+08'00'", 0),
        (b"D:19700101080000+08'00", 0),
        (b"D:19691231193000-04'30'", 0),
        (b"D:19700101235959+23'59'", 59),
    ],
)
def test_dates_are_read_with_their_zone(date: bytes, seconds: int) -> None:
    assert seconds_of(date) == seconds


DATES: Final[list[PdfValue]] = [
    None, "D:19700101000000Z", b"", b"D:19700101", b"D:19700101000000", b"19700101000000Z",
    b"D:19700101000000Z00'00'", b"D:19700101000000+24'00'", b"D:19700101000000+08'60'",
    b"D:19701301000000Z", b"D:19700101240000Z", b"D:19700101000000z", b"D:197001010000 0Z",
]  # fmt: skip


@pytest.mark.parametrize("date", DATES)
def test_other_dates_are_refused(date: PdfValue) -> None:
    with pytest.raises(DecodeError):
        seconds_of(date)


def test_each_reading_is_of_its_own_file() -> None:
    # The reading that is kept for one catalog serves no file with another text in an object.
    make: list[Callable[[], bytes]] = [
        OURS.document,
        lambda: OURS.document(token=b"another token"),
        lambda: OURS.document(opening=b"0" * 17),
        lambda: OURS.document(sealed="D:20261120120001+08'00'"),
    ]
    for _ in range(2):
        assert [read(document()) for document in make] == [
            GOOD,
            replace(GOOD, token=b"another token"),
            replace(GOOD, opening=b"0" * 17),
            replace(GOOD, sealed_s=SEALED_S + 1),
        ]
