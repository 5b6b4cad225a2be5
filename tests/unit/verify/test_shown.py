"""What a page of a PDF without a seal shows: fields, notes, layers, on a screen and on paper."""

from __future__ import annotations

import datetime
import io
import struct
from dataclasses import replace

import pytest
from PIL import Image
from tests.support.authority import AT, make_world
from tests.support.population import certificates
from tests.support.scans import Page, as_jpeg, grey, pdf_of, picture, shown, stream

from etitle.token import pdfium, rendered
from etitle.trust.status import StatusEntry, StatusKind
from etitle.verdict import CheckId, Reason, Summary
from etitle.verify.file import verify_bytes
from etitle.verify.question import Policy, Question

ONE, VOID = (
    replace(one, index=at, issued=datetime.date(2026, 1, 5))
    for at, one in enumerate(certificates(2))
)
WORLD = make_world([ONE, VOID], entries={1: StatusEntry(StatusKind.VOIDED, 20_600)})
CODE, VOIDED = (WORLD.code(one) for one in (ONE, VOID))
QUESTION = Question(trust=WORLD.trust, lists=WORLD.lists, at=AT, policy=Policy(examples=True))

HIDDEN, PRINT, NO_VIEW = 2, 4, 32
VALID, ENDED = [Summary.VALID], [Summary.NOT_IN_FORCE]


def judge(pdf: bytes) -> list[Summary]:
    return [part.verdict.summary for part in verify_bytes(pdf, QUESTION)]


def reasons(pdf: bytes) -> list[str]:
    found = [part.verdict.checks for part in verify_bytes(pdf, QUESTION)]
    return [next(c.detail or c.reason for c in checks if c.id is CheckId.READ) for checks in found]


def covered(entries: bytes, *, catalog: bytes = b"") -> bytes:
    """A page with a good code, and a note over it that shows one that is void."""
    appearance = (
        b"/Type /XObject /Subtype /Form /BBox [0 0 85 85] /Resources << /XObject << /Q 7 0 R >> >>"
    )
    note = b"<< /Type /Annot /Rect [200 200 285 285] /AP << /N 6 0 R >> %b >>" % entries
    paint = b"q 85 0 0 85 200 200 cm /I Do Q"
    page = Page(
        paint,
        {
            b"I": as_jpeg(grey(CODE)),
            b"Form": stream(appearance, b"q 85 0 0 85 0 0 cm /Q Do Q"),
            b"Q": as_jpeg(grey(VOIDED)),
            b"Note": note,
        },
    )
    pdf = pdf_of(page)
    assert b"\n8 0 obj\n<< /Type /Annot" in pdf
    pdf = pdf.replace(b"/Type /Page /Parent", b"/Type /Page /Annots [8 0 R] /Parent")
    return pdf.replace(b"/Type /Catalog", b"/Type /Catalog " + catalog)


FORM = b"/AcroForm << /Fields [8 0 R] >>"
FIELDS = {
    "a button": b"/Subtype /Widget /FT /Btn /T (a)",
    "a text": b"/Subtype /Widget /FT /Tx /T (a) /V (x)",
    "a state": b"/Subtype /Widget /FT /Btn /T (a) /AS /Off",
    "in disguise": b"/Subtype /Wid#67et /FT /Btn /T (a)",
    "a stamp": b"/Subtype /Stamp",
    "unheard of": b"/Subtype /Nonesuch",
}


@pytest.mark.parametrize("name", FIELDS)
def test_what_covers_a_code_on_screen_and_on_paper_is_what_counts(name: str) -> None:
    assert judge(covered(FIELDS[name] + b" /F %d" % PRINT, catalog=FORM)) == ENDED
    assert judge(covered(FIELDS[name] + b" /F %d" % HIDDEN, catalog=FORM)) == VALID


@pytest.mark.parametrize("name", FIELDS)
def test_a_page_that_is_printed_otherwise_is_never_valid(name: str) -> None:
    for flags, on_screen in ((0, ENDED), (PRINT | NO_VIEW, VALID)):
        pdf = covered(FIELDS[name] + b" /F %d" % flags, catalog=FORM)
        assert judge(pdf) == [*on_screen, Summary.INDETERMINATE]
        assert reasons(pdf)[-1] == "image.shown_differently"


def test_a_note_without_a_code_of_ours_changes_nothing() -> None:
    note = b"<< /Type /Annot /Subtype /Square /Rect [10 10 50 50] /IC [1 0 0] >>"
    page = Page(b"q 85 0 0 85 200 200 cm /I Do Q", {b"I": as_jpeg(grey(CODE)), b"Note": note})
    pdf = pdf_of(page).replace(b"/Type /Page /Parent", b"/Type /Page /Annots [6 0 R] /Parent")
    assert judge(pdf) == VALID


def layered(configuration: bytes, group: bytes = b"", escape: bytes = b"/OCProperties") -> bytes:
    """A page with a good code, and a layer over it that shows one that is void."""
    page = Page(
        b"q 85 0 0 85 200 200 cm /I Do Q /OC /L BDC q 85 0 0 85 200 200 cm /J Do Q EMC",
        {b"I": as_jpeg(grey(CODE)), b"J": as_jpeg(grey(VOIDED))},
    )
    pdf = pdf_of(page, loose=(b"<< /Type /OCG /Name (x) %b >>" % group,))
    pdf = pdf.replace(b"/Resources <<", b"/Resources << /Properties << /L 7 0 R >>")
    properties = escape + b" << /OCGs [7 0 R] /D << %b >> >>" % configuration
    return pdf.replace(b"/Type /Catalog", b"/Type /Catalog " + properties)


def test_a_layer_that_is_off_counts_for_nothing() -> None:
    assert judge(layered(b"/OFF [7 0 R]")) == VALID
    assert judge(layered(b"")) == ENDED


@pytest.mark.parametrize("escape", [b"/OCProperties", b"/OCPro#70erties"])
def test_a_layer_for_print_alone_is_never_valid(escape: bytes) -> None:
    usage = b"/Usage << /View << /ViewState /OFF >> /Print << /PrintState /ON >> >>"
    event = b"<< /Event /%b /Category [/%b] /OCGs [7 0 R] >>"
    both = b"/AS [%b %b]" % (event % (b"View", b"View"), event % (b"Print", b"Print"))
    pdf = layered(both, usage, escape)
    assert judge(pdf) == [Summary.VALID, Summary.INDETERMINATE]


def test_a_form_that_only_some_viewers_show_is_not_read() -> None:
    pdf = pdf_of(shown(as_jpeg(grey(CODE))), loose=(stream(b"", b"<xdp:xdp/>"),))
    pdf = pdf.replace(b"/Type /Catalog", b"/Type /Catalog /AcroForm << /Fields [] /XFA 6 0 R >>")
    (part,) = verify_bytes(pdf, QUESTION)
    assert part.verdict.summary is Summary.INDETERMINATE
    read = next(check for check in part.verdict.checks if check.id is CheckId.READ)
    assert (read.reason, read.detail) == (Reason.KIND_UNREAD, "XFA")


def test_opening_a_file_is_on_its_account(monkeypatch: pytest.MonkeyPatch) -> None:
    pdf = pdf_of(shown(as_jpeg(grey(CODE))))
    monkeypatch.setattr(rendered._Child, "line", lambda _: b"pages 1 1600000")
    assert rendered.Renderer(pdf).cpu_s == 1.6
    assert reasons(pdf) == ["image.too_slow"]
    monkeypatch.undo()
    rendered._close()  # its answer was not read
    assert judge(pdf) == VALID


def painted(pdf: bytes) -> tuple[bytes, bytes]:
    """The samples of its page as a screen shows it and as it is printed."""
    asked = pdfium.REQUEST.pack(b"open", len(pdf), 0) + pdf
    asked += pdfium.REQUEST.pack(b"page", 0, 72) + pdfium.REQUEST.pack(b"prnt", 0, 72)
    answers = io.BytesIO()
    pdfium.serve(io.BytesIO(asked), answers)
    _, rest = answers.getvalue().split(b"\n", 1)
    width, height, *_ = pdfium.HEAD.unpack_from(rest)
    size = pdfium.HEAD.size
    both = rest[: len(rest) // 2], rest[len(rest) // 2 :]
    assert len(both[0]) == len(both[1]) == size + width * height
    return both[0][size:], both[1][size:]


@pytest.mark.parametrize("name", FIELDS)
def test_the_child_paints_notes_and_fields_as_asked(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdfium, "_limit", lambda: None)
    bare, printed = painted(covered(FIELDS[name] + b" /F %d" % HIDDEN, catalog=FORM))
    assert bare == printed
    for flags, on_screen, on_paper in ((PRINT, 1, 1), (0, 1, 0), (PRINT | NO_VIEW, 0, 1)):
        shown, printed = painted(covered(FIELDS[name] + b" /F %d" % flags, catalog=FORM))
        assert (shown != bare, printed != bare) == (on_screen, on_paper)


def test_the_child_tells_what_may_be_printed_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfium, "_limit", lambda: None)
    xfa = layered(b"").replace(b"/Type /Catalog", b"/Type /Catalog /AcroForm << /XFA [] >>")
    for pdf, otherwise in (
        (layered(b""), True),
        (covered(FIELDS["a text"], catalog=FORM), True),
        (pdf_of(Page(b"")), False),
    ):
        asked = pdfium.REQUEST.pack(b"open", len(pdf), 0) + pdf
        asked += pdfium.REQUEST.pack(b"page", 0, 36) + pdfium.REQUEST.pack(b"prnt", 0, 36)
        answers = io.BytesIO()
        pdfium.serve(io.BytesIO(asked), answers)
        _, rest = answers.getvalue().split(b"\n", 1)
        width, height, _, told = pdfium.HEAD.unpack_from(rest)
        assert bool(told) is otherwise
        assert len(rest) == 2 * (pdfium.HEAD.size + width * height)
    answers = io.BytesIO()
    pdfium.serve(io.BytesIO(pdfium.REQUEST.pack(b"open", len(xfa), 0) + xfa), answers)
    assert answers.getvalue().split()[0] == b"xfa"


CUT = VOIDED[:-40]


@pytest.mark.parametrize("lines", [(CODE, CUT), (CUT, CODE), (CODE, "", "see also:", CUT)])
def test_a_damaged_code_beside_a_whole_one_is_not_passed_over(lines: tuple[str, ...]) -> None:
    found = [part.verdict for part in verify_bytes("\n".join(lines).encode(), QUESTION)]
    assert {one.summary for one in found} == {Summary.VALID, Summary.INDETERMINATE}
    assert Reason.INCOMPLETE in {check.reason for one in found for check in one.checks}


def test_codes_that_were_wrapped_are_whole() -> None:
    wrapped = "\n".join(VOIDED[at : at + 76] for at in range(0, len(VOIDED), 76))
    assert judge(wrapped.encode()) == ENDED
    assert judge(f"{CODE}\n{wrapped}".encode()) == [*VALID, *ENDED]
    assert judge(f"{CODE}\nwith regards".encode()) == VALID


def jbig2(code: str) -> bytes:
    """A picture as one generic region of JBIG2 (ITU-T T.88), whose rows are coded as a fax's."""
    one, out = grey(code).convert("1"), io.BytesIO()
    one.save(out, "TIFF", compression="group4", strip_size=1 << 30)
    tags = Image.open(io.BytesIO(out.getvalue())).tag_v2  # type: ignore[attr-defined]
    rows = out.getvalue()[tags[273][0] :][: tags[279][0]]

    def segment(number: int, kind: int, content: bytes) -> bytes:
        return struct.pack(">IBBBI", number, kind, 0, 1, len(content)) + content

    size = struct.pack(">II", *one.size) + bytes(8)
    data = segment(0, 48, size + bytes(3)) + segment(1, 38, size + b"\0\1" + rows)
    entries = b"/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /JBIG2Decode"
    return picture(entries, *one.size, data)


def test_a_picture_in_jbig2_is_read() -> None:
    assert judge(pdf_of(shown(jbig2(CODE)))) == VALID
    assert judge(pdf_of(shown(jbig2(VOIDED)))) == ENDED
