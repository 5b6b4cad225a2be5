"""PDFs without a seal: what a person sees is judged, page by page (docs/spec clause 9.9)."""

from __future__ import annotations

import datetime
import importlib.util
import io
import time
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image
from tests.support import scans
from tests.support.authority import AT, make_world
from tests.support.population import certificates
from tests.support.question import EXAMPLES
from tests.support.scans import Page, as_jpeg, drawn, grey, pdf_of, picture, scan, shown, stream

from etitle.errors import ImageError
from etitle.report.json import as_line
from etitle.report.prose import as_text
from etitle.token import pages, pdfium, rendered, text
from etitle.trust.status import StatusEntry, StatusKind
from etitle.verdict import CheckId, Judged, Reason, Summary
from etitle.verify.document import verify_document
from etitle.verify.file import verify_bytes
from etitle.verify.part import Part
from etitle.verify.question import Policy, Question

ONE, OTHER, VOID = (
    replace(one, index=at, issued=datetime.date(2026, 1, 5))
    for at, one in enumerate(certificates(3))
)
WORLD = make_world([ONE, OTHER, VOID], entries={2: StatusEntry(StatusKind.VOIDED, 20_600)})
CODE, SECOND, VOIDED = (WORLD.code(one) for one in (ONE, OTHER, VOID))
QUESTION = Question(trust=WORLD.trust, lists=WORLD.lists, at=AT, policy=EXAMPLES)
FOREIGN = "https://pay.example.com/v/20261120123456"


def judge(data: bytes) -> list[Part]:
    return list(verify_bytes(data, QUESTION))


def pages_of(data: bytes) -> list[tuple[int | None, Summary]]:
    return [(part.page, part.verdict.summary) for part in judge(data)]


def reasons(data: bytes) -> list[Reason]:
    return [
        next(c.reason for c in part.verdict.checks if c.id is CheckId.READ) for part in judge(data)
    ]


VALID = [(1, Summary.VALID)]


def flate(image: Image.Image, entries: bytes) -> bytes:
    return picture(entries + b" /Filter /FlateDecode", *image.size, zlib.compress(image.tobytes()))


def palette() -> bytes:
    one = grey(CODE).point(lambda level: level > 127)
    lookup = b"/ColorSpace [/Indexed /DeviceRGB 1 <303030 F0F0F0>] /BitsPerComponent 8"
    return flate(one, lookup)


def strips() -> bytes:
    """A page in strips, as some scanners write it."""
    whole, height = grey(CODE), 60
    parts = [whole.crop((0, at, whole.width, at + height)) for at in range(0, whole.height, height)]
    scale = 100 / whole.width
    content = b"\n".join(
        b"q %.3f 0 0 %.3f 100 %.3f cm /S%d Do Q"
        % (100, height * scale, 400 - (at + 1) * height * scale, at)
        for at in range(len(parts))
    )
    return pdf_of(Page(content, {b"S%d" % at: as_jpeg(one) for at, one in enumerate(parts)}))


def jpeg2000() -> bytes:
    out = io.BytesIO()
    grey(CODE).save(out, "JPEG2000")
    return picture(b"/Filter /JPXDecode", *grey(CODE).size, out.getvalue())


def fax() -> bytes:
    out = io.BytesIO()
    one = grey(CODE).convert("1")
    one.save(out, "TIFF", compression="group4", strip_size=1 << 30)
    tags = Image.open(io.BytesIO(out.getvalue())).tag_v2  # type: ignore[attr-defined]
    start, size = tags[273][0], tags[279][0]
    black = b" /BlackIs1 true" if tags[262] == 1 else b""
    entries = b"/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode"
    entries += b" /DecodeParms << /K -1 /Columns %d%b >>" % (one.width, black)
    return picture(entries, *one.size, out.getvalue()[start : start + size])


def twice_coded() -> bytes:
    out = io.BytesIO()
    grey(CODE).save(out, "JPEG", quality=90)
    entries = b"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter [/FlateDecode /DCTDecode]"
    return picture(entries, *grey(CODE).size, zlib.compress(out.getvalue()))


CODED: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: pdf_of(shown(as_jpeg(grey(CODE)))),
    "JPEG in colour": lambda: pdf_of(shown(as_jpeg(grey(CODE).convert("RGB")))),
    "CMYK": lambda: pdf_of(shown(flate(
        Image.merge("CMYK", [*[Image.new("L", grey(CODE).size)] * 3,
                             grey(CODE).point(lambda level: 255 - level)]),
        b"/ColorSpace /DeviceCMYK /BitsPerComponent 8"))),
    "no filter": lambda: pdf_of(shown(picture(
        b"/ColorSpace /DeviceGray /BitsPerComponent 8", *grey(CODE).size, grey(CODE).tobytes()))),
    "Flate over JPEG": lambda: pdf_of(shown(twice_coded())),
    "palette": lambda: pdf_of(shown(palette())),
    "strips": strips,
    "JPEG 2000": lambda: pdf_of(shown(jpeg2000())),
    "fax": lambda: pdf_of(shown(fax())),
    "vectors": lambda: pdf_of(Page(drawn(CODE))),
    "turned": lambda: pdf_of(shown(as_jpeg(grey(CODE).rotate(90)))),
    "an A3 page": lambda: pdf_of(replace(shown(as_jpeg(grey(CODE))), size=(1191, 842))),
    "a name escaped": lambda: pdf_of(shown(as_jpeg(grey(CODE)))).replace(
        b"/Subtype /Image", b"/Sub#74ype /Image"),
    "junk before": lambda: b"x" * 900 + pdf_of(shown(as_jpeg(grey(CODE)))),
}  # fmt: skip


@pytest.mark.parametrize("name", CODED)
def test_a_code_that_a_person_sees_is_read(name: str) -> None:
    assert pages_of(CODED[name]()) == VALID


def test_each_page_and_each_certificate_has_its_verdict() -> None:
    six = scan(CODE, *[FOREIGN] * 2, SECOND, CODE, VOIDED)
    assert pages_of(six) == [
        (1, Summary.VALID), (4, Summary.VALID), (5, Summary.VALID), (6, Summary.NOT_IN_FORCE)
    ]  # fmt: skip
    first, *rest = judge(six)
    assert (first.without_code, first.foreign) == ((2, 3), 2)
    assert all((one.without_code, one.foreign) == ((), 0) for one in rest)
    assert verify_document(six, QUESTION).summary is Summary.NOT_IN_FORCE


def test_two_certificates_on_a_page_are_two_and_have_no_one_verdict() -> None:
    both = Page(drawn(CODE) + drawn(SECOND, at=(400, 500)))
    assert pages_of(pdf_of(both)) == [(1, Summary.VALID)] * 2
    verdict = verify_document(pdf_of(both), QUESTION)
    assert verdict.summary is Summary.INDETERMINATE
    assert Reason.SEVERAL_CODES in {check.reason for check in verdict.checks}
    twice = pdf_of(Page(drawn(CODE)), Page(drawn(CODE)))
    assert verify_document(twice, QUESTION).summary is Summary.VALID


def test_notes_are_in_both_reports() -> None:
    first = judge(scan(CODE, FOREIGN))[0]
    said = as_line(first.verdict, file="a", page=1, without_code=(2,), foreign=1)
    assert '"pages_without_code": [2]' in said
    assert '"foreign_codes": 1' in said
    for language, words in (
        ("en", "without a certificate's code: 2"),
        ("zh", "没有证书二维码的页：2"),
    ):
        shown_text = as_text(
            first.verdict, file="a", language=language, page=1, without_code=(2,), foreign=1  # type: ignore[arg-type]
        )  # fmt: skip
        assert words in shown_text


HIDDEN: dict[str, Callable[[], bytes]] = {
    "unreferenced": lambda: pdf_of(Page(b""), loose=(as_jpeg(grey(SECOND)),)),
    "unpainted": lambda: pdf_of(Page(b"", {b"I": as_jpeg(grey(SECOND))})),
    "outside the page": lambda: pdf_of(shown(as_jpeg(grey(SECOND)), at=(900, 900))),
    "clipped away": lambda: pdf_of(Page(
        b"0 0 1 1 re W n q 85 0 0 85 200 200 cm /I Do Q", {b"I": as_jpeg(grey(SECOND))})),
    "painted over": lambda: pdf_of(Page(
        b"q 85 0 0 85 200 200 cm /I Do Q 1 g 150 150 300 300 re f", {b"I": as_jpeg(grey(SECOND))})),
    "a pixel large": lambda: pdf_of(shown(as_jpeg(grey(SECOND)), side=1)),
}  # fmt: skip


@pytest.mark.parametrize("name", HIDDEN)
def test_a_code_that_nobody_sees_decides_nothing(name: str) -> None:
    assert reasons(HIDDEN[name]()) == [Reason.NOTHING_FOUND]


def test_a_larger_picture_that_is_hidden_does_not_decide() -> None:
    hidden = as_jpeg(grey(SECOND, 40))
    page = Page(b"q 85 0 0 85 200 200 cm /I Do Q", {b"I": as_jpeg(grey(CODE)), b"J": hidden})
    (part,) = judge(pdf_of(page, loose=(hidden,)))
    assert part.verdict.require() == ONE


def test_a_page_is_not_what_was_judged() -> None:
    (part,) = judge(scan(CODE))
    assert part.verdict.judged is Judged.CODE
    strict = replace(QUESTION, policy=Policy(require=Judged.DOCUMENT, examples=True))
    (part,) = verify_bytes(scan(CODE), strict)
    assert part.verdict.checks[0].reason is Reason.PAGE_NOT_JUDGED
    assert part.verdict.summary is Summary.INDETERMINATE


def test_a_picture_that_holds_a_pdf_is_the_pdf() -> None:
    out = io.BytesIO()
    grey(SECOND).save(out, "PNG")
    inner = scan(CODE)
    length = len(inner).to_bytes(4, "big")
    png = out.getvalue()
    chunk = length + b"prVt" + inner + zlib.crc32(b"prVt" + inner).to_bytes(4, "big")
    (part,) = judge(png[:33] + chunk + png[33:])
    assert part.page == 1
    assert part.verdict.claimed == ONE


def test_a_name_in_disguise_is_still_a_signature() -> None:
    for name in (b"/Byte#52ange", b"/Sub#46ilter", b"/SigFl#61gs"):
        (part,) = judge(scan(CODE).replace(b"/Type /Catalog", b"/Type /Catalog " + name + b" 1"))
        assert part.verdict.judged is Judged.DOCUMENT
        assert part.verdict.summary is not Summary.VALID


def test_without_the_reader_nothing_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pypdfium2" else find(name)
    )
    (part,) = judge(scan(CODE))
    assert part.verdict.checks[0].reason is Reason.READER_MISSING
    assert part.verdict.summary is Summary.INDETERMINATE
    assert "etitle[foreign,scan]" in part.verdict.checks[0].explain("en")[1]


BROKEN = {
    "header alone": b"%PDF-1.7",
    "garbage": b"%PDF-1.4\n" + bytes(range(256)) * 40,
    "cut": scan(CODE)[:400],
    "no pages": pdf_of(),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_pdf_is_indeterminate(name: str) -> None:
    (part,) = judge(BROKEN[name])
    assert part.verdict.summary is Summary.INDETERMINATE


def test_pages_beyond_the_limit_make_the_file_indeterminate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "MAX_PDF_PAGES", 2)
    assert pages_of(scan(CODE, SECOND, VOIDED)) == [
        (1, Summary.VALID), (2, Summary.VALID), (3, Summary.INDETERMINATE)
    ]  # fmt: skip
    assert reasons(scan(CODE, SECOND, VOIDED))[-1] is Reason.PAGE_UNREAD


def slow() -> Page:
    lines = (
        b"%d %d m %d %d l S" % (a % 595, a % 842, a * 7 % 595, a * 13 % 842) for a in range(90_000)
    )
    return Page(b" ".join(lines))


def endless() -> Page:
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 600 800]"
    form += b" /Resources << /XObject << /I 8 0 R >> >>"
    return Page(b"/I Do", {b"I": stream(form, b"/I Do /I Do /I Do")})


@pytest.mark.parametrize("page", [slow, endless])
def test_a_page_that_ends_the_child_is_unread_and_the_next_is_read(
    page: Callable[[], Page],
) -> None:
    start = time.process_time()
    pdf = pdf_of(shown(as_jpeg(grey(CODE))), page(), shown(as_jpeg(grey(VOIDED))))
    found = pages_of(pdf)
    assert found[0] == (1, Summary.VALID)
    assert (2, Summary.INDETERMINATE) in found
    assert time.process_time() - start < 3
    assert pages_of(scan(CODE)) == VALID


def test_a_child_that_was_killed_is_replaced() -> None:
    assert pages_of(scan(CODE)) == VALID
    rendered._children[0].process.kill()
    rendered._children[0].process.wait()
    assert pages_of(scan(CODE)) == VALID


def test_a_child_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = f"print({pdfium.READY.decode()!r}, flush=True); import time; time.sleep(60)"
    monkeypatch.setattr(rendered, "_PROGRAM", silent)
    monkeypatch.setattr(rendered, "WAIT_S", 0.5)
    rendered._close()
    with pytest.raises(ImageError) as caught:
        rendered.Renderer(scan(CODE))
    assert caught.value.code == "image.damaged"
    monkeypatch.undo()
    assert pages_of(scan(CODE)) == VALID


def test_the_text_of_a_page_is_no_code() -> None:
    words = b"BT /F 9 Tf (" + text.to_number(WORLD.frame(ONE)).encode() + b") Tj ET"
    assert reasons(pdf_of(Page(words))) == [Reason.NOTHING_FOUND]


def test_the_same_child_serves_many_files() -> None:
    judge(scan(CODE))
    first = rendered._children[0].process.pid
    for _ in range(5):
        judge(scans.scan(SECOND))
    assert rendered._children[0].process.pid == first


def test_the_child_answers_in_this_process_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfium, "_limit", lambda: None)
    pdf = scan(CODE)
    asked = [
        pdfium.REQUEST.pack(b"page", 0, 150),  # before any file: no answer
        pdfium.REQUEST.pack(b"open", 4, 0) + b"%PDF",
        pdfium.REQUEST.pack(b"open", len(pdf), 0) + pdf,
        pdfium.REQUEST.pack(b"page", 0, 72),
        pdfium.REQUEST.pack(b"page", 9, 72),
    ]
    answers = io.BytesIO()
    pdfium.serve(io.BytesIO(b"".join(asked)), answers)
    first, second, rest = answers.getvalue().split(b"\n", 2)
    assert (first.split()[0], second.split()[:2]) == (b"damaged", [b"pages", b"1"])
    width, height, _, otherwise = pdfium.HEAD.unpack_from(rest)
    assert (width, height, otherwise) == (595, 842, False)
    assert len(rest) == 2 * pdfium.HEAD.size + width * height
    assert pdfium.HEAD.unpack_from(rest, pdfium.HEAD.size + width * height)[:2] == (0, 0)


def test_a_damaged_code_of_ours_is_not_passed_over() -> None:
    longer = text.to_url(WORLD.frame(OTHER) + b"\0", base="https://zc.sample.cn")
    assert pages_of(scan(longer)) == [(1, Summary.INVALID)]
    assert pages_of(scan(CODE, longer)) == [(1, Summary.VALID), (2, Summary.INVALID)]
