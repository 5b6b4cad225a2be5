"""The builder of archival revisions, and the bases that it takes: docs/spec clause 9.10."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest
from tests.support.authority import AT_S
from tests.support.forge import LocalTsa, masked, office, tlv
from tests.support.population import certificates
from tests.support.x509 import Maker

from etitle.errors import DecodeError, IssueError
from etitle.pades.archived import base_of, read_archived
from etitle.pades.augment import augment
from etitle.pades.dss import EXTENSIONS, ValidationData
from etitle.pades.lexer import Ref, parse
from etitle.pades.objects import MAX_OBJECTS
from etitle.pades.revision import MAX_REVISIONS, AugmentationBase, build_revision

OURS: Final = office(masked(certificates(1)[0]))
PLAIN: Final = OURS.document()
BASE: Final = base_of(PLAIN)
ITEM: Final = tlv(0x30, b"\x05\x00")
DATA: Final = ValidationData((ITEM,))
TSA: Final = Maker.root("样例时间戳根").leaf("样例时间戳", timestamps=True)


def refused(base: AugmentationBase, data: ValidationData = DATA) -> str:
    with pytest.raises(DecodeError) as caught:
        build_revision(base, data, 8)
    assert caught.value.code == "document.malformed"
    return str(caught.value.details["what"])


def refused_base(pdf: bytes) -> str:
    with pytest.raises(DecodeError) as caught:
        base_of(pdf)
    assert caught.value.code == "document.malformed"
    return str(caught.value.details["what"])


# -- the base --------------------------------------------------------------------------------------


def test_a_base_says_what_the_file_says() -> None:
    catalog = OURS.pdf.bodies()[1]
    assert BASE.length == len(PLAIN)
    assert BASE.size == 11
    assert PLAIN[BASE.table :].startswith(b"xref\n0 11\n")
    assert (BASE.root, BASE.catalog) == (1, catalog)
    assert (BASE.dss, BASE.info, BASE.identifier, BASE.revisions) == (((), (), ()), b"", b"", 0)


def with_trailer(entries: bytes) -> bytes:
    return OURS.document(trailer=entries)


def test_information_and_identifier_are_carried_on() -> None:
    base = base_of(with_trailer(b"/Info 3 0 R /ID [<AB01> <FF>] "))
    assert (base.info, base.identifier) == (b"/Info 3 0 R ", b"ab01")
    end = build_revision(base, DATA, 8).after
    assert b"/Info 3 0 R /ID [<ab01> <" in end
    assert b"/ID" not in build_revision(BASE, DATA, 8).after


@pytest.mark.parametrize("number", [11, 12, 9_999_999])
def test_a_reference_beyond_the_table_is_refused(number: int) -> None:
    # The object after the last one, and those far beyond it.
    pdf = PLAIN.replace(b"/Root 1 0 R ", b"/Root %d 0 R " % number)
    assert refused_base(pdf) == "a reference of the original"


@pytest.mark.parametrize("number", [3, 10])
def test_a_reference_to_another_object_is_no_catalog_for_a_revision(number: int) -> None:
    base = base_of(PLAIN.replace(b"/Root 1 0 R ", b"/Root %d 0 R " % number))
    assert refused(base) == "the catalog"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"%%EOF\n", b"%%EOF", "the end of the original"),
        (b"startxref\n", b"startxref\n9", "the end of the original"),
        (b"/Size 11", b"/Size 12", "the trailer of the original"),
        (b"/Root 1 0 R", b"/Root (1)", "a reference of the original"),
        (b"\n1 0 obj", b"\n1 1 obj", "an object of the original"),
    ],
)
def test_another_end_or_trailer_is_refused(old: bytes, new: bytes, expected: str) -> None:
    assert old in PLAIN
    assert refused_base(PLAIN.replace(old, new)) == expected


def test_validation_data_sealed_within_stays_named() -> None:
    dss = b"<< /Type /DSS /Certs [6 0 R] /OCSPs [3 0 R 4 0 R] >>"
    catalog = OURS.pdf.bodies()[1].removesuffix(b" >>") + b" " + EXTENSIONS + b" /DSS 11 0 R >>"
    base = base_of(OURS.document(objects={1: catalog, 11: dss}))
    assert base.dss == ((6,), (), (3, 4))
    data = ValidationData((ITEM, ITEM), (ITEM,), (ITEM,))
    assert build_revision(base, data, 8).base.dss == ((6, 12, 13), (14,), (3, 4, 15))


@pytest.mark.parametrize(
    "dss", [b"[]", b"<< /Certs 6 0 R >>", b"<< /Certs [6] >>", b"<< /VRI << >> >>"]
)
def test_a_dss_of_another_shape_is_refused(dss: bytes) -> None:
    catalog = OURS.pdf.bodies()[1].removesuffix(b" >>") + b" /DSS 11 0 R >>"
    assert refused_base(OURS.document(objects={1: catalog, 11: dss})) == "the evidence"


# -- the revision ----------------------------------------------------------------------------------


def test_a_revision_covers_all_but_its_gap() -> None:
    built = build_revision(BASE, DATA, 8)
    start = BASE.length + len(built.before)
    ranged = b"/ByteRange [0 %10d %10d %10d]" % (start, start + 10, len(built.after))
    assert built.before.count(b"/ByteRange") == 1
    assert ranged in built.before
    assert built.base.length == start + 10 + len(built.after)


def test_its_table_points_to_each_object() -> None:
    data = ValidationData((ITEM,), (ITEM + b"", tlv(0x30, bytes(200))), (ITEM,))
    built = build_revision(BASE, data, 8)
    whole = PLAIN + built.before + b"<00000000>" + built.after
    table = whole[built.base.table :]
    assert table.startswith(b"xref\n1 1\n")
    lines = [line for line in table.split(b"\n") if line.endswith(b" 00000 n ")]
    numbers = [BASE.root, *range(BASE.size, built.base.size)]
    for number, line in zip(numbers, lines, strict=True):
        assert whole[int(line[:10]) :].startswith(b"%d 0 obj\n" % number)
    assert built.after.endswith(
        b"/Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (BASE.table, built.base.table)
    )


def test_the_catalog_gets_a_field_and_a_dss_and_nothing_else() -> None:
    built = build_revision(BASE, DATA, 8)
    before, after = parse(BASE.catalog), parse(built.base.catalog)
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert after.keys() - before.keys() == {"DSS", "Extensions"}
    assert after["AcroForm"] == {"Fields": [Ref(5), Ref(13)], "SigFlags": 3}
    assert {key for key in before if after[key] != before[key]} == {"AcroForm"}
    again = build_revision(built.base, DATA, 8).base
    assert again.catalog.count(b"/DSS") == again.catalog.count(b"/Extensions") == 1


def test_the_gap_has_the_width_that_is_asked_for() -> None:
    narrow, wide = build_revision(BASE, DATA, 2), build_revision(BASE, DATA, 2000)
    assert wide.base.length - narrow.base.length == 1998
    assert len(wide.before) == len(narrow.before)


@pytest.mark.parametrize(
    "item", [b"", b"\x30", b"\x30\x01", b"\x30\x00\x00", b"\x02\x01\x00", b"\x30\x80\x00\x00"]
)
def test_each_item_is_one_sequence(item: bytes) -> None:
    for data in (
        ValidationData((item,)),
        ValidationData(crls=(ITEM, item)),
        ValidationData(ocsps=(item, ITEM)),
    ):
        assert refused(BASE, data) == "the evidence"
    assert refused(BASE, ValidationData()) == "the evidence"


def test_revisions_are_built_up_to_their_limit() -> None:
    last = build_revision(replace(BASE, revisions=MAX_REVISIONS - 1), DATA, 8)
    assert last.base.revisions == MAX_REVISIONS
    assert b"/T (archive-%d)" % MAX_REVISIONS in last.before
    assert refused(replace(BASE, revisions=MAX_REVISIONS)) == "the evidence"


def test_objects_are_numbered_up_to_their_limit() -> None:
    # An item, the DSS, a field and a time-stamp: the last has the last number that a file may have.
    most = MAX_OBJECTS - 1 - 3
    assert build_revision(replace(BASE, size=most), DATA, 8).base.size == MAX_OBJECTS
    assert refused(replace(BASE, size=most + 1)) == "the evidence"


@pytest.mark.parametrize(
    "catalog",
    [
        b"<< /Type /Catalog >>",
        b"<< /AcroForm << /Fields [] >> >>",
        b"<< /AcroForm << /Fields [5 0 R] >> /X << /Fields [5 0 R] >> >>",
        b"<< /X << /Fields [5 0 R] >> >>",
        b"<< /AcroForm << /X [5 0 R] >> /X << /Fields [5 0 R] >> >>",
        b"<< /AcroForm << /Fields [5 0 R] >> >>\n",
        b"<< /AcroForm << /Fields [5 0 R] >> /Extensions << >> >>",
        b"<< /AcroForm << /Fields [5 0 R] >> /DSS 7 0 R /X << /DSS 7 0 R >> >>",
        b"<< /AcroForm << /Fields [5 0 R] >> /DSS << >> >>",
        b"[]",
    ],
)
def test_a_catalog_that_can_not_be_amended_is_refused(catalog: bytes) -> None:
    assert refused(replace(BASE, catalog=catalog)) == "the catalog"


# -- read back -------------------------------------------------------------------------------------


def archive(pdf: bytes) -> bytes:
    return augment(pdf, validation_data=DATA, tsa=LocalTsa(TSA, AT_S), now_s=AT_S)


def test_a_file_is_read_back_with_what_was_put_into_it() -> None:
    once = archive(PLAIN)
    twice = archive(once)
    found = read_archived(twice)
    assert found is not None
    assert found.original == PLAIN
    assert [revision.end for revision in found.revisions] == [len(once), len(twice)]
    assert [revision.x509s for revision in found.revisions] == [(ITEM,), (ITEM,)]
    for revision in found.revisions:
        gap = slice(revision.byte_range.gap_start, revision.byte_range.gap_end)
        assert revision.covered(twice) == twice[: gap.start] + twice[gap.stop : revision.end]
    assert found.base.revisions == 2


def test_no_other_file_is_archived() -> None:
    once = archive(PLAIN)
    for pdf in (b"", b"%PDF-1.7", PLAIN, once[:-1], once + b"\n", PLAIN + once[len(PLAIN) + 1 :]):
        assert read_archived(pdf) is None


def test_every_changed_byte_outside_the_gap_is_seen() -> None:
    once = archive(PLAIN)
    found = read_archived(once)
    assert found is not None
    gap = found.revisions[0].byte_range
    places = {*range(len(PLAIN), gap.gap_start), *range(gap.gap_end, len(once))}
    for place in places:
        changed = bytearray(once)
        changed[place] ^= 1
        read = read_archived(bytes(changed))
        # Within an item of validation data another item is read; anywhere else nothing is.
        assert read is None or read.revisions[0].x509s != (ITEM,), place


def test_the_revision_after_the_last_is_refused() -> None:
    full = PLAIN
    for _ in range(MAX_REVISIONS):
        full = archive(full)
    found = read_archived(full)
    assert found is not None
    assert len(found.revisions) == MAX_REVISIONS
    with pytest.raises(IssueError) as caught:
        archive(full)
    assert caught.value.code == "sign.archive_full"
