"""Shadow attacks, certification attacks and whatever else redraws a page (docs/spec clause 9).

Each family comes in three ways: saved behind a genuine document by a stranger, within a document
that a stranger signed with the seal's certificate copied in, and signed by the seal itself, as if
the authority's software had been led to it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

import pytest
from tests.support.authority import AT
from tests.support.forge import Cms, masked, office, stream
from tests.support.mutations import HOLE_MARK, Parts, take_apart
from tests.support.population import certificates
from tests.support.question import EXAMPLES
from tests.support.realdocument import genuine
from tests.support.x509 import Maker

from etitle.errors import DecodeError
from etitle.pades import general, structure
from etitle.pades.byterange import find_byte_range
from etitle.pades.structure import read_strict
from etitle.verdict import CheckId, Reason, Summary, Verdict
from etitle.verify.document import verify_document
from etitle.verify.question import Question

OURS = office(masked(certificates(1)[0]))
SMALL = OURS.document()
REAL = genuine(OURS)
ROGUE = Maker.root("样例根证书").leaf("样例职称专用章")

Objects = dict[int, bytes]
"""New text of objects by their number."""


def verify(pdf: bytes) -> Verdict:
    return verify_document(
        pdf, Question(trust=OURS.world.trust, lists=OURS.world.lists, at=AT, policy=EXAMPLES)
    )


def reason(verdict: Verdict, check: CheckId) -> Reason:
    return next(one.reason for one in verdict.checks if one.id is check)


BODIES: Final = OURS.pdf.bodies()
OVERLAY: Final = stream(
    b"/Type /XObject /Subtype /Form /BBox [0 0 595 842]", b"1 g 0 0 595 842 re f 0 g"
)


def edited(number: int, old: bytes, new: bytes) -> Objects:
    assert old in BODIES[number]
    return {number: BODIES[number].replace(old, new)}


def annotation(kind: bytes, more: bytes = b"") -> Objects:
    text = b"<< /Type /Annot /Subtype /%b /Rect [0 0 595 842] /F 4 %b /AP << /N 31 0 R >> >>"
    return edited(4, b"[5 0 R]", b"[5 0 R 30 0 R]") | {30: text % (kind, more), 31: OVERLAY}


def field(kind: bytes, more: bytes = b"") -> Objects:
    return (
        edited(1, b"/Fields [5 0 R]", b"/Fields [5 0 R 30 0 R]")
        | edited(4, b"[5 0 R]", b"[5 0 R 30 0 R]")
        | {30: b"<< /Type /Annot /Subtype /Widget /FT /%b /T (x) /Rect [0 0 595 842] /F 4 /V (x) %b"
               b" /AP << /N 31 0 R >> >>" % (kind, more), 31: OVERLAY}
    )  # fmt: skip


def second_page(*, kids: bytes) -> Objects:
    other = (
        b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 595 842] /Resources << >> /Contents 31 0 R >>"
    )
    return {
        3: b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, kids.count(b"R")),
        30: other, 31: stream(b"", b"1 g 0 0 595 842 re f"),
    }  # fmt: skip


FAMILIES: Final[dict[str, Objects]] = {
    # Shadow attacks (Mainka, Mladenov, Rohlmann: hide, replace, hide and replace).
    "hide: an overlay by annotation": annotation(b"Square"),
    "hide: a layer that is off": edited(
        1, b"/Lang", b"/OCProperties << /OCGs [30 0 R] /D << /OFF [30 0 R] >> >> /Lang"
    )
    | {30: b"<< /Type /OCG /Name (x) >>"},
    "replace: a text field with another look": field(b"Tx"),
    "replace: a button over the page": field(b"Btn", b"/Ff 65536"),
    "replace: looks are to be made anew": edited(
        1, b"/SigFlags 3", b"/SigFlags 3 /NeedAppearances true"
    ),
    "replace: XFA": edited(1, b"/SigFlags 3", b"/SigFlags 3 /XFA [(x) 31 0 R]") | {31: OVERLAY},
    "hide and replace: another catalog": {
        1: BODIES[1].replace(b"/Pages 3 0 R", b"/Pages 32 0 R"),
        32: b"<< /Type /Pages /Kids [30 0 R] /Count 1 >>",
        **{n: b for n, b in second_page(kids=b"4 0 R").items() if n >= 30},
    },
    # Attacks on certification (the same authors: evil annotation, sneaky signature).
    "evil annotation: FreeText": annotation(b"FreeText", b"/Contents (x) /DA (/Helv 9 Tf)"),
    "evil annotation: Stamp": annotation(b"Stamp", b"/Name /Approved"),
    "evil annotation: Redact": annotation(b"Redact", b"/IC [1 1 1]"),
    "evil annotation: Widget without a field": annotation(b"Widget"),
    "evil annotation: on the field": edited(5, b"/FT /Sig", b"/FT /Sig /A << /S /Launch >>"),
    "evil annotation: on the page": edited(
        4, b"/Contents", b"/AA << /O << /S /URI >> >> /Contents"
    ),
    "sneaky signature: a second field": field(b"Sig", b"/Lock << /Type /SigFieldLock >>"),
    "sneaky signature: a second value": field(b"Sig", b"/V 2 0 R"),
    "sneaky signature: of more permission": edited(
        1, b"/Perms << /DocMDP 2 0 R >>", b"/Perms << /DocMDP 30 0 R >>"
    )
    | {30: b"<< /Type /Sig /Filter /Adobe.PPKLite >>"},
    "usage rights": edited(1, b"/Perms << /DocMDP 2 0 R", b"/Perms << /UR3 2 0 R /DocMDP 2 0 R"),
    # What acts or leads elsewhere.
    "JavaScript on opening": edited(1, b"/Lang", b"/OpenAction << /S /JavaScript /JS (x) >> /Lang"),
    "JavaScript among the names": edited(1, b"/Names << ", b"/Names << /JavaScript << >> "),
    "other pages for slides": edited(1, b"/Names << ", b"/Names << /AlternatePresentations << >> "),
    "a portfolio": edited(1, b"/Lang", b"/Collection << /Type /Collection >> /Lang"),
    "an attachment from elsewhere": edited(8, b"/Type /Filespec", b"/Type /Filespec /FS /URL"),
    "an attachment beside the associated ones": edited(1, b"/Names [", b"/Names [(a.pdf) 30 0 R ")
    | {30: b"<< /Type /Filespec /F (a.pdf) /UF (a.pdf) /EF << /F 31 0 R >> >>", 31: OVERLAY},
    "an associated file beside the attached ones": edited(1, b"/AF [", b"/AF [30 0 R ")
    | {30: b"<< /Type /Filespec /F (a.pdf) /UF (a.pdf) /EF << /F 31 0 R >> >>", 31: OVERLAY},
    "another attachment of the same name": edited(1, b"/AF [8 0 R 10 0 R]", b"/AF [8 0 R 30 0 R]")
    | {30: BODIES[10].replace(b"9 0 R", b"31 0 R"),
       31: stream(b"/Type /EmbeddedFile /Subtype /application#2Fcose", b"x")},
    "the page twice": {3: b"<< /Type /Pages /Kids [4 0 R 4 0 R] /Count 2 >>"},
    "a page that is nowhere": {3: b"<< /Type /Pages /Kids [] /Count 0 >>"},
    "a tree of pages that holds itself": {3: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"},
    "a page of seventeen": second_page(kids=b"4 0 R " + b"30 0 R " * 16),
    "a field without a name": edited(5, b"/T (seal)", b""),
}  # fmt: skip
"""What must not be on a document whoever signed it."""

DRAWN: Final[dict[str, Objects]] = {
    "another page": {6: stream(b"", b"1 g 0 0 595 842 re f")},
    "a redefined font": edited(4, b"/Resources << >>", b"/Resources << /Font << /F 30 0 R >> >>")
    | {30: b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [1 0 0 1 0 0]"
           b" /CharProcs << /a 31 0 R >> /Encoding << /Differences [49 /a] >> /FirstChar 49"
           b" /LastChar 49 /Widths [9] >>", 31: OVERLAY},
    "other characters by ToUnicode": {30: stream(b"", b"1 beginbfchar <0031> <0032> endbfchar")},
    "another look of the seal": edited(5, b"/V 2 0 R", b"/V 2 0 R /AP << /N 31 0 R >>")
    | {31: OVERLAY},
    "other metadata": edited(1, b"/Lang", b"/Metadata 31 0 R /Lang")
    | {31: stream(b"/Type /Metadata /Subtype /XML", b"<x/>")},
    "another page before": second_page(kids=b"30 0 R 4 0 R"),
    "a page in store": {n: b for n, b in second_page(kids=b"4 0 R").items() if n >= 30},
    "another crop": edited(
        4, b"/MediaBox [0 0 595 842]", b"/MediaBox [0 0 595 842] /CropBox [0 0 9 9]"
    ),
    "another page size": edited(4, b"[0 0 595 842]", b"[0 0 9 9]"),
}  # fmt: skip
"""What a page may have if the authority drew it, and nobody may change afterwards."""

EVERY: Final = FAMILIES | DRAWN


def appended(base: bytes, objects: Objects, *, root: int = 1) -> bytes:
    """A whole incremental save, as an editor writes it."""
    out = bytearray(base)
    offsets = {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    at = len(out)
    out += b"xref\n"
    for number, offset in sorted(offsets.items()):
        out += b"%d 1\n%010d 00000 n \n" % (number, offset)
    before = int(base.rpartition(b"startxref\n")[2].split()[0])
    out += b"trailer\n<< /Size 99 /Root %d 0 R /Prev %d >>\n" % (root, before)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % at)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("base", [SMALL, REAL], ids=["small", "real"])
def test_what_a_stranger_appends_is_invalid(base: bytes, name: str) -> None:
    verdict = verify(appended(base, EVERY[name]))
    assert verdict.summary is Summary.INVALID
    assert reason(verdict, CheckId.BYTE_RANGE) is Reason.SAVED_AGAIN


@pytest.mark.parametrize("name", EVERY)
def test_what_a_stranger_makes_around_the_seals_certificate_is_not_valid(name: str) -> None:
    pdf = replace(OURS.pdf, objects=filled(EVERY[name]))
    beside = verify(pdf.make(Cms(ROGUE, chain=(OURS.seal.der,))))
    assert reason(beside, CheckId.SIGNER_CERTIFICATE) is Reason.SEAL_UNKNOWN
    named = verify(pdf.make(Cms(Maker(ROGUE.key, OURS.seal.x509))))
    assert reason(named, CheckId.DOCUMENT_SIGNATURE) is Reason.SIGNATURE_BAD
    assert named.summary is Summary.INVALID
    for cms in (Cms(ROGUE, issuer_of=OURS.seal.der), Cms(ROGUE, named=OURS.seal.der)):
        assert verify(pdf.make(cms)).summary is not Summary.VALID


@pytest.mark.parametrize("name", FAMILIES)
def test_what_redraws_is_refused_under_the_seal_too(name: str) -> None:
    pdf = replace(OURS.pdf, objects=filled(FAMILIES[name])).make(OURS.cms)
    with pytest.raises(DecodeError) as caught:
        read_strict(pdf, find_byte_range(pdf))
    assert caught.value.code == "document.malformed"
    verdict = verify(pdf)
    assert verdict.summary is Summary.INVALID
    assert reason(verdict, CheckId.STRUCTURE) is Reason.DOCUMENT_MALFORMED


@pytest.mark.parametrize("name", DRAWN)
def test_what_the_authority_draws_is_its_own_and_can_not_be_switched_later(name: str) -> None:
    pdf = replace(OURS.pdf, objects=filled(DRAWN[name])).make(OURS.cms)
    assert verify(pdf).summary is Summary.VALID
    switched = appended(pdf, second_page(kids=b"30 0 R"))
    assert verify(switched).summary is Summary.INVALID


def filled(objects: Objects) -> Objects:
    """Without gaps in the numbers, which the one table can't have."""
    last = max(BODIES)
    return dict.fromkeys(range(last + 1, max(objects)), b"null") | objects


# -- the same by the slow reader -------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["JavaScript on opening", "evil annotation: on the field", "evil annotation: on the page",
     "hide: an overlay by annotation", "sneaky signature: a second field", "replace: XFA",
     "an attachment from elsewhere", "an attachment beside the associated ones",
     "an associated file beside the attached ones", "another attachment of the same name",
     "hide: a layer that is off", "replace: looks are to be made anew"],
)  # fmt: skip
def test_the_slow_reader_refuses_the_same(name: str) -> None:
    pdf = replace(OURS.pdf, objects=filled(FAMILIES[name]), trailer=b"/Custom 1 ").make(OURS.cms)
    with pytest.raises(DecodeError) as caught:
        general.read_general(pdf, find_byte_range(pdf), seal=OURS.seal.der)
    assert caught.value.code == "document.malformed"


def test_the_slow_reader_finds_an_action_wherever_it_can_be_reached() -> None:
    deep = edited(4, b"/Resources << >>", b"/Resources << /X [<< /Y 30 0 R >>] >>")
    for inner in (b"[<< /S /Launch >>]", b"<< /AA << >> >>"):
        objects = filled(deep | {30: inner})
        pdf = replace(OURS.pdf, objects=objects, trailer=b"/Custom 1 ").make(OURS.cms)
        assert verify(pdf).summary is Summary.INVALID
    harmless = filled(deep | {30: b"[<< /S /Lunch >> 30 0 R]"})
    pdf = replace(OURS.pdf, objects=harmless, trailer=b"/Custom 1 ").make(OURS.cms)
    assert verify(pdf).summary is Summary.VALID


# -- who gets how far ------------------------------------------------------------------------------


def test_no_bytes_of_a_stranger_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    # Clause 9.7.1: the readers see only what the seal signed, byte for byte.
    def never(*_: object, **__: object) -> None:
        raise AssertionError

    strangers = [appended(base, one) for base in (SMALL, REAL) for one in EVERY.values()]
    for one in EVERY.values():
        pdf = replace(OURS.pdf, objects=filled(one))
        strangers += [
            pdf.make(Cms(ROGUE, chain=(OURS.seal.der,))),
            pdf.make(Cms(Maker(ROGUE.key, OURS.seal.x509))),
        ]
    monkeypatch.setattr(structure, "read_strict", never)
    monkeypatch.setattr(general, "read_general", never)
    for made in strangers:
        assert verify(made).summary is not Summary.VALID
    with pytest.raises(AssertionError):
        verify(SMALL)


# -- a whole page ----------------------------------------------------------------------------------


def flipped(pdf: bytes, place: int) -> bytes:
    damaged = bytearray(pdf)
    damaged[place] ^= 1 << place % 8
    return bytes(damaged)


def test_a_whole_page_is_valid() -> None:
    assert verify(REAL).summary is Summary.VALID


def test_a_flip_anywhere_on_a_whole_page_is_seen() -> None:
    step = 37  # no divisor of anything in the file
    places = range(0, len(REAL), step)
    assert [n for n in places if verify(flipped(REAL, n)).summary is Summary.VALID] == []


def test_a_flip_in_the_signature_dictionary_of_a_whole_page_is_seen() -> None:
    start = REAL.rindex(b" 0 obj", 0, REAL.index(b"/ByteRange"))
    places = range(start, len(REAL))
    assert [n for n in places if verify(flipped(REAL, n)).summary is Summary.VALID] == []


# -- other readers' weak spots, signed by the seal -------------------------------------------------


def with_text(number: int, change: Callable[[bytes], bytes]) -> bytes:
    parts = take_apart(SMALL)
    place = [n for n, _ in parts.objects].index(number)
    pdf = parts.with_object(place, change(parts.objects[place][1])).sealed(OURS.cms)
    assert pdf is not None
    return pdf


def refused(pdf: bytes) -> bool:
    try:
        read_strict(pdf, find_byte_range(pdf))
    except DecodeError:
        return True
    return False


TOKEN_PLACE: Final = next(n for n, body in BODIES.items() if b"cose" in body and b"stream" in body)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b"/Length 335", b"/Params << /A (/Length 335 /) >> /Length\n500"),
        lambda body: body.replace(b"/Length 335", b"/Length 335 /Length 3 0 R"),
        lambda body: body.replace(b"/Length 335", b"/Length 335 /Length\n9"),
        lambda body: body.replace(b"/Length 335", b"/Params << /Length 335 >>"),
        lambda body: body.replace(b"/Length 335", b"/Params << /A (>>\nstream\n) >> /Length 335"),
        lambda body: body.replace(b"/Length 335", b"/Length 335 % >>\nstream\n"),
        lambda body: body.replace(b"/Length 335", b"/Params << /A (\\)) >> /Length 335"),
        lambda body: body.replace(b"/Length 335", b"/Length 335 /F (elsewhere)"),
        lambda body: body.replace(b"/Length 335", b"/Length 335 /DecodeParms << /Predictor 12 >>"),
        lambda body: body.replace(b"/Length 335", b"/Length 335 /Filter [/LZW /LZW]"),
        lambda body: body.replace(b"\nstream\n", b"\nstream\r\n"),
        lambda body: body.replace(b"\nendstream", b"endstream"),
    ],
)  # fmt: skip
def test_a_stream_that_readers_might_measure_differently_is_refused(
    change: Callable[[bytes], bytes],
) -> None:
    size = len(OURS.token)
    body = BODIES[TOKEN_PLACE].replace(b"/Length %d" % size, b"/Length 335")
    spelled = change(body).replace(b"335", b"%d" % size)
    assert spelled != BODIES[TOKEN_PLACE]
    assert refused(with_text(TOKEN_PLACE, lambda _: spelled))


def exchanged(new: bytes, _old: bytes) -> bytes:
    return new


def test_bytes_after_a_packed_attachment_are_refused() -> None:
    kind = b"/Type /EmbeddedFile /Subtype /application#2Fcose /Filter /FlateDecode"
    packed = zlib.compress(OURS.token)
    assert not refused(with_text(TOKEN_PLACE, lambda _: stream(kind, packed)))
    for data in (packed + b"x", packed + packed, packed[:-1], zlib.compress(bytes(5000))):
        spelled = stream(kind, data)
        assert refused(with_text(TOKEN_PLACE, partial(exchanged, spelled)))


def changed(**changes: object) -> bytes:
    pdf = replace(take_apart(SMALL), **changes).sealed(OURS.cms)  # type: ignore[arg-type]
    assert pdf is not None
    return pdf


PARTS: Final = take_apart(SMALL)


def table(entries: Callable[[dict[int, int]], bytes]) -> bytes:
    return changed(table=entries)


SPELLINGS: Final[dict[str, Callable[[], bytes]]] = {
    "the end after a space": lambda: changed(trailer=PARTS.trailer.rstrip(b"\n") + b" "),
    "the table's place elsewhere": lambda: changed(tail=b"startxref\n9\n%%EOF\n"),
    "the table's place twice": lambda: changed(tail=b"startxref\n9\nstartxref\n@AT@\n%%EOF\n"),
    "two trailers": lambda: changed(trailer=PARTS.trailer + b"trailer\n" + PARTS.trailer),
    "two roots": lambda: changed(trailer=PARTS.trailer.replace(b"/Root", b"/Root 4 0 R /Root")),
    "an older revision": lambda: changed(trailer=PARTS.trailer.replace(b"/Root", b"/Prev 9 /Root")),
    "encrypted": lambda: changed(trailer=PARTS.trailer.replace(b"/Root", b"/Encrypt 4 0 R /Root")),
    "a stream of references": lambda: changed(
        trailer=PARTS.trailer.replace(b"/Root", b"/XRefStm 9 /Root")
    ),
    "a later generation": lambda: table(
        lambda at: PARTS.table(at).replace(b"00000 n", b"00001 n", 1)
    ),
    "a freed object": lambda: table(lambda at: PARTS.table(at).replace(b"00000 n", b"00000 f", 1)),
    "two of one place": lambda: table(lambda at: PARTS.table({**at, 4: at[3]})),
    "two exchanged": lambda: table(lambda at: PARTS.table({**at, 4: at[3], 3: at[4]})),
    "one off": lambda: table(lambda at: PARTS.table({**at, 4: at[4] + 1})),
    "in two sections": lambda: table(
        lambda at: PARTS.table(at).replace(b"xref\n0 11", b"xref\n0 0\n0 11")
    ),
    "counted from one": lambda: table(lambda at: PARTS.table(at).replace(b"xref\n0 ", b"xref\n1 ")),
    "an object twice": lambda: changed(objects=(*PARTS.objects, (4, BODIES[4]))),
    "an object in a comment": lambda: changed(header=PARTS.header + b"%4 0 obj\n"),
    "another header before": lambda: changed(header=b"%PDF-1.4\n" + PARTS.header),
    "junk before": lambda: changed(header=b"\n" + PARTS.header),
    "an odd end of objects": lambda: changed(foot=b"\nendobj \n"),
    "an odd begin of objects": lambda: changed(head=lambda number: b"%d 0  obj\n" % number),
    "a zero before a number": lambda: changed(head=lambda number: b"0%d 0 obj\n" % number),
    "the hole in a string": lambda: with_text(
        2, lambda body: body.replace(b"/Contents ", b"/Reason (/Contents ") + b") >>"
    ),
    "the hole under another key": lambda: with_text(
        2, lambda body: body.replace(b"/Contents ", b"/Contents <> /Cert ")
    ),
    "the hole in a dictionary within": lambda: with_text(
        2, lambda body: body.replace(b"/ByteRange", b"/Prop_Build << /ByteRange") + b" >>"
    ),
    "the byte range of another": lambda: with_text(
        2,
        lambda body: body.replace(b"/ByteRange", b"/Name (/ByteRange").replace(
            b"@ /Contents", b"@) /ByteRange [0 1 2 3] /Contents"
        ),
    ),
    "the signature is a reference's": lambda: with_text(5, lambda b: b.replace(b"2 0 R", b"3 0 R")),
    "a date of no day": lambda: OURS.document(sealed="D:20261131120000+08'00'"),
    "a date of no hour": lambda: OURS.document(sealed="D:20261120240000+08'00'"),
    "a date in no zone": lambda: OURS.document(sealed="D:20261120120000+24'00'"),
    "a date in half a zone": lambda: OURS.document(sealed="D:20261120120000+08'60'"),
    "a date without a zone": lambda: OURS.document(sealed="D:20261120120000"),
    "a date of the year zero": lambda: OURS.document(sealed="D:00001120120000Z"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_file_that_readers_might_read_differently_is_refused(name: str) -> None:
    pdf = SPELLINGS[name]()
    with pytest.raises(DecodeError) as caught:
        read_strict(pdf, find_byte_range(pdf))
    assert caught.value.code in {"document.malformed", "document.not_whole"}


@pytest.mark.parametrize(
    ("sealed", "outcome"),
    [("D:99991231235959Z", Reason.SEALED_IN_FUTURE),
     ("D:00010101000000+23'59'", Reason.SEALED_OUTSIDE_WINDOW),
     ("D:20261119200000-08'00'", Reason.OK), ("D:20191231160000Z", Reason.OK),
     ("D:20191231155959Z", Reason.SEALED_OUTSIDE_WINDOW), ("D:20261120040459Z", Reason.OK),
     ("D:20261120040501Z", Reason.SEALED_IN_FUTURE), ("D:20261120180000+14'00'", Reason.OK)],
)  # fmt: skip
def test_the_time_of_sealing_is_of_any_zone_and_never_after_the_verdict(
    sealed: str, outcome: Reason
) -> None:
    assert reason(verify(OURS.document(sealed=sealed)), CheckId.SIGNING_TIME) is outcome


def test_taking_apart_and_sealing_gives_the_same_document() -> None:
    for pdf in (SMALL, REAL):
        made = take_apart(pdf).sealed(OURS.cms)
        assert made is not None
        assert verify(made).summary is Summary.VALID
        assert isinstance(take_apart(made), Parts)
    assert HOLE_MARK not in SMALL
