"""PDF/A-3b (ISO 19005-3) of files of every kind: by PDFBox's preflight, and by their structure.

Preflight knows part 1 and tests most of what both parts demand: fonts and their widths, colours,
metadata against information, trailer, annotations, streams.  What part 3 allows and part 1
forbids is named here, and what part 3 alone demands is looked for by pyHanko's reader.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any, Final
from xml.etree import ElementTree

import pytest
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject
from pyhanko.pdf_utils.reader import PdfFileReader
from tests.support.documentkinds import KINDS, PAGES, Kind, Press
from tests.support.seals import make_sealing
from tests.support.validators import Panel

from etitle.certificate.identity import Profile
from etitle.page.template import shipped_template

PART_1_ONLY: Final = {
    "1.2.9": "EmbeddedFile entry is present in a FileSpecification dictionary",  # 6.8 allows it
    "1.4.7": "EmbeddedFile entry is present in the Names dictionary",  # the same
    "2.1.6": "Invalid version of the ICCProfile",  # 6.2.3 follows ISO 32000-1, with version 4
    "3.1.11": "The CIDSet entry is missing for the Composite Subset",  # 6.2.11.4.2: may be absent
    "4.1.3": "BlendMode value isn't valid",  # 6.2.10 allows all of ISO 32000-1
    "7.11.2": "part must be 1",  # it is 3
}
"""Faults of part 1 that are none of part 3, by preflight's code."""

XMP: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
PDFAID: Final = "{http://www.aiim.org/pdfa/ns/id/}"
DC: Final = "{http://purl.org/dc/elements/1.1/}"
PDF: Final = "{http://ns.adobe.com/pdf/1.3/}"


def test_preflight_finds_only_what_part_3_allows(press: Press, panel: Panel) -> None:
    found = panel.preflight({f"{kind.name}.pdf": press(kind).pdf for kind in KINDS})
    for name, faults in found.items():
        assert faults.keys() == PART_1_ONLY.keys(), (name, faults)
        for code, words in faults.items():
            assert PART_1_ONLY[code] in words


def test_preflight_finds_faults_where_there_are_some(panel: Panel) -> None:
    # A blank page without metadata and output intent.
    (faults,) = panel.preflight({"a.pdf": make_sealing("p256").signed()}).values()
    assert any(code.startswith("7") for code in faults)


every_page = pytest.mark.parametrize("kind", PAGES, ids=lambda kind: kind.name)


@pytest.fixture
def reader(press: Press, kind: Kind) -> PdfFileReader:
    return PdfFileReader(io.BytesIO(press(kind).pdf), strict=True)


@every_page
def test_metadata_claim_part_3_level_b_and_agree_with_the_information(
    reader: PdfFileReader, kind: Kind
) -> None:
    stream = reader.root["/Metadata"]
    assert "/Filter" not in stream
    assert (stream["/Type"], stream["/Subtype"]) == ("/Metadata", "/XML")
    assert b"bytes=" not in stream.data.split(b"?>")[0]
    tree = ElementTree.fromstring(stream.data)  # noqa: S314  # our own
    said = {node.tag: (node.text or "").strip() for node in tree.iter()}
    assert (said[f"{PDFAID}part"], said[f"{PDFAID}conformance"]) == ("3", "B")
    titles = [item.text for item in tree.iter(f"{XMP}li")]
    info = reader.trailer_view["/Info"]
    title = shipped_template(kind.template).title
    assert titles == [title, "zh-CN"]
    assert info["/Title"] == title
    assert said[f"{PDF}Producer"] == info["/Producer"]
    # Whatever else stood in the information would need its like in the metadata.
    assert set(info) == {"/Title", "/Producer"}
    # No property of a schema that would have to be declared.
    assert {node.tag for node in tree.iter() if not node.tag.startswith(XMP)} <= {
        "{adobe:ns:meta/}xmpmeta", f"{PDFAID}part", f"{PDFAID}conformance", f"{PDF}Producer",
        f"{DC}format", f"{DC}title", f"{DC}language",
    }  # fmt: skip


@every_page
def test_trailer_and_catalog_are_archival(reader: PdfFileReader) -> None:
    trailer, root = reader.trailer_view, reader.root
    first, second = trailer["/ID"]
    # pyHanko takes some strings of bytes for text.
    assert first.original_bytes == second.original_bytes
    assert len(first.original_bytes) == 16
    assert "/Encrypt" not in trailer
    assert root["/Lang"] == "zh-CN"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert set(root["/Perms"]) == {"/DocMDP"}
    form = root["/AcroForm"]
    assert set(form) == {"/Fields", "/SigFlags"}
    for forbidden in ("/OpenAction", "/AA", "/OCProperties", "/Requirements", "/Version"):
        assert forbidden not in root
    assert set(root["/Names"]) == {"/EmbeddedFiles"}


@every_page
def test_the_one_output_intent_has_a_profile_of_rgb(reader: PdfFileReader) -> None:
    (intent,) = reader.root["/OutputIntents"]
    intent = intent.get_object()
    assert intent["/S"] == "/GTS_PDFA1"
    profile = intent["/DestOutputProfile"]
    data = profile.data
    size, version, kind, space = struct.unpack(">I4xB3x4s4s", data[:20])
    assert size == len(data)
    assert version in {2, 4}
    assert (kind, space, data[36:40]) == (b"mntr", b"RGB ", b"acsp")
    assert profile["/N"] == 3


@every_page
def test_every_file_specification_is_whole_and_associated(
    reader: PdfFileReader, kind: Kind
) -> None:
    names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    by_name = {names[at]: names.raw_get(at + 1) for at in range(0, len(names), 2)}
    masked = kind.profile is Profile.MASKED
    assert list(by_name) == ["opening.txt", "token.cose"][not masked :]
    associated = reader.root["/AF"]
    assert [associated.raw_get(at).reference for at in range(len(associated))] == [
        one.reference for one in by_name.values()
    ]
    relations = {"opening.txt": "/Supplement", "token.cose": "/Data"}
    types = {"opening.txt": "/text/plain", "token.cose": "/application/cose"}
    for name, reference in by_name.items():
        about = reference.get_object()
        assert (about["/Type"], about["/F"], about["/UF"]) == ("/Filespec", name, name)
        assert about["/AFRelationship"] == relations[name]
        assert about["/Desc"]
        file = about["/EF"]["/F"]
        assert about["/EF"].raw_get("/UF").reference == about["/EF"].raw_get("/F").reference
        assert file["/Subtype"] == types[name]
        assert file["/Params"]["/Size"] == len(file.data)
        assert file["/Params"]["/ModDate"].startswith("D:20")
    # And there is no other.
    specifications = [one for one in objects(reader) if one.get("/Type") == "/Filespec"]
    assert len(specifications) == len(by_name)


@every_page
def test_every_font_is_embedded_with_widths_and_a_map_to_unicode(reader: PdfFileReader) -> None:
    fonts = [one for one in objects(reader) if one.get("/Type") == "/Font"]
    composite = [one for one in fonts if one["/Subtype"] == "/Type0"]
    assert len(fonts) == 2 * len(composite) == 4
    for font in composite:
        assert font["/Encoding"] == "/Identity-H"
        assert b"beginbfchar" in font["/ToUnicode"].data
        (below,) = font["/DescendantFonts"]
        below = below.get_object()
        descriptor = below["/FontDescriptor"]
        assert below["/BaseFont"] == descriptor["/FontName"]
        assert font["/BaseFont"] == below["/BaseFont"] + "-Identity-H"
        program = descriptor["/FontFile3"]
        assert program["/Subtype"] == "/CIDFontType0C"
        assert program.data[0] == 1  # of CFF version 1
        assert "/CIDSet" not in descriptor
        assert set(below["/CIDSystemInfo"]) == {"/Registry", "/Ordering", "/Supplement"}
        assert below["/DW"] == 1000


@every_page
def test_only_the_seals_ink_blends_and_nothing_acts_or_hides(reader: PdfFileReader) -> None:
    keys: set[str] = set()
    for one in objects(reader):
        keys |= set(one)
        if one.get("/Subtype") == "/Image":
            assert one["/ColorSpace"] in {"/DeviceRGB", "/DeviceGray"}
            assert not one.get("/Interpolate", False)
        if "/A" in one:  # attributes of a structure element, not an action
            assert one["/A"]["/O"] in {"/Layout", "/Table"}
        if "/Filter" in one:
            assert one["/Filter"] in {"/FlateDecode", "/DCTDecode", "/Adobe.PPKLite"}
    # No soft mask, no opacity, no group: none is needed beside an output intent (6.2.10).
    assert not keys & {"/SMask", "/Group", "/CA", "/ca", "/OC"}
    assert not keys & {"/AA", "/JS", "/OpenAction", "/Next", "/URI", "/Alternates", "/OPI"}
    assert not keys & {"/DigestLocation", "/DigestMethod", "/DigestValue", "/Ref", "/PS"}
    (page,) = reader.root["/Pages"]["/Kids"]
    (widget,) = page.get_object()["/Annots"]
    # Printed and locked; neither hidden nor invisible, and with one appearance.
    assert widget.get_object()["/F"] == 4 + 128
    assert set(widget.get_object()["/AP"]) == {"/N"}
    seal = widget.get_object()["/AP"]["/N"]
    assert seal["/Resources"] == {"/ExtGState": {"/M": {"/BM": "/Multiply"}}}
    assert "/ExtGState" not in page.get_object()["/Resources"]


@every_page
def test_each_part_of_the_page_is_tagged_once(reader: PdfFileReader) -> None:
    tree = reader.root["/StructTreeRoot"]
    (page,) = reader.root["/Pages"]["/Kids"]
    page = page.get_object()
    numbers = tree["/ParentTree"]["/Nums"]
    owners = numbers[numbers.index(page["/StructParents"]) + 1]
    marked: list[int] = []
    seen: list[Any] = []

    def walk(element: DictionaryObject, above: DictionaryObject) -> None:
        assert element.raw_get("/P").reference == above.container_ref
        for kid in element["/K"]:
            if isinstance(kid, int):
                assert owners.raw_get(kid).reference == element.container_ref
                marked.append(kid)
            elif isinstance(kid, IndirectObject):
                walk(reader.get_object(kid.reference), element)  # type: ignore[no-untyped-call]
            else:
                assert kid["/Type"] == "/OBJR"
                seen.append(kid.raw_get("/Obj").reference)

    (top,) = tree["/K"]
    walk(top.get_object(), tree)
    # Reading order is the order on the page, and nothing is owned twice or by nobody.
    assert marked == list(range(len(owners)))
    assert seen == [page["/Annots"].raw_get(0).reference]
    content = zlib.decompress(page["/Contents"].encoded_data)
    assert content.count(b"BDC") + content.count(b"BMC") == content.count(b"EMC")
    assert content.count(b"/MCID") == len(owners)


def objects(reader: PdfFileReader) -> Iterator[DictionaryObject]:
    """Every dictionary of the file, within others too, and of streams."""
    references = list(reader.xrefs.explicit_refs_in_revision(0))
    assert len(references) > 20
    waiting: list[Any] = list(map(reader.get_object, references))
    while waiting:
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            yield one
            waiting += [one.raw_get(key) for key in one]
        elif isinstance(one, ArrayObject):
            waiting += [one.raw_get(at) for at in range(len(one))]
