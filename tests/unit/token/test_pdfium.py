"""The child that renders, asked within this process, and whoever asks it."""

from __future__ import annotations

import io
import os
import signal
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from tests.support.scans import Page, as_jpeg, drawn, grey, pdf_of, shown
from tests.unit.token.test_levels import Spent
from tests.unit.token.test_read import CODE, FOREIGN, foreign, ours

from etitle.errors import ImageError
from etitle.token import pages, pdfium, rendered
from etitle.token.kinds import is_pdf
from etitle.token.pdfium import HEAD, REQUEST
from etitle.token.read import PageTexts

A4 = (595, 842)
READY = f"print({pdfium.READY.decode()!r}, flush=True)"
PAGE = Page(drawn(CODE), size=A4)
LIMIT = pdfium._limit


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Counts how often limits would be set, which would hold for this process too."""
    counted: list[None] = []
    monkeypatch.setattr(pdfium, "_limit", lambda: counted.append(None))
    return counted


def opened(pdf: bytes) -> bytes:
    return REQUEST.pack(b"open", len(pdf), 0) + pdf


def asked(*requests: bytes) -> bytes:
    answers = io.BytesIO()
    pdfium.serve(io.BytesIO(b"".join(requests)), answers)
    return answers.getvalue()


def lines(*requests: bytes) -> list[bytes]:
    """The lines of an answer, without the time that each took at its end."""
    told = [line.rsplit(b" ", 1) for line in asked(*requests).splitlines()]
    assert all(int(spent_us) < 5e6 for _, spent_us in told)
    return [line for line, _ in told]


def sizes(answer: bytes) -> Iterator[tuple[int, int]]:
    """Of each page of an answer, without the line before them."""
    rest = answer.partition(b"\n")[2]
    while rest:
        width, height, spent_us, _ = HEAD.unpack(rest[: HEAD.size])
        assert spent_us < 5e6
        yield width, height
        rest = rest[HEAD.size + width * height :]


def test_a_document_is_opened_or_it_is_said_why_not() -> None:
    assert lines(opened(pdf_of(PAGE, PAGE))) == [b"pages 2"]
    assert lines(opened(b"no PDF")) == [b"damaged"]
    assert lines(opened(b"no PDF"), opened(pdf_of(PAGE))) == [b"damaged", b"pages 1"]
    assert asked() == asked(b"open") == b""


def test_a_page_is_rendered_at_its_resolution() -> None:
    pdf = opened(pdf_of(PAGE, Page(b"", size=(300, 72))))
    assert list(sizes(asked(pdf, REQUEST.pack(b"page", 0, 72)))) == [A4]
    both = [REQUEST.pack(b"page", number, 144) for number in (1, 0)]
    assert list(sizes(asked(pdf, *both))) == [(600, 144), (1190, 1684)]


def test_a_page_that_is_not_there_has_no_size() -> None:
    answer = asked(opened(pdf_of(PAGE)), REQUEST.pack(b"page", 1, 72))
    assert list(sizes(answer)) == [(0, 0)]


def test_no_page_is_asked_of_a_document_that_is_not_open() -> None:
    assert asked(REQUEST.pack(b"page", 0, 72)) == b""
    told = lines(opened(pdf_of(PAGE)), opened(b"no"), REQUEST.pack(b"page", 0, 72))
    assert told == [b"pages 1", b"damaged"]


def test_a_document_with_a_password_is_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(data: bytes) -> None:
        raise pypdfium2.PdfiumError(data.decode())

    monkeypatch.setattr(pypdfium2, "PdfDocument", refuse)
    assert lines(opened(b"Incorrect PassWord")) == [b"encrypted"]
    assert lines(opened(b"Data format")) == [b"damaged"]


@pytest.mark.parametrize("number", [0, 1])
def test_the_time_of_a_page_is_told(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([9.0, 9.5, 10.0, 10.25])
    monkeypatch.setattr(time, "process_time", lambda: next(times))
    answer = asked(opened(pdf_of(PAGE)), REQUEST.pack(b"page", number, 72))
    line, _, rest = answer.partition(b"\n")
    assert line == b"pages 1 500000"
    assert HEAD.unpack(rest[: HEAD.size])[2] == 250_000


def test_what_is_rendered_has_few_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    pdf = opened(pdf_of(Page(b"", size=(600, 100)), Page(b"", size=(100, 600))))
    both = [REQUEST.pack(b"page", number, 144) for number in (0, 1)]
    monkeypatch.setattr(pdfium, "MAX_SIDE_PX", 300)
    assert list(sizes(asked(pdf, *both))) == [(300, 50), (50, 300)]
    monkeypatch.setattr(pdfium, "MAX_RENDERED_PIXELS", 150 * 25)
    assert list(sizes(asked(pdf, *both))) == [(150, 25), (25, 150)]


def test_colours_become_the_grey_that_a_person_sees() -> None:
    content = b"1 0 0 rg 0 0 10 10 re f 0 0 1 rg 10 0 10 10 re f"
    pdf = opened(pdf_of(Page(content, size=(20, 10))))
    answer = asked(pdf, REQUEST.pack(b"page", 0, 72))
    samples = answer.partition(b"\n")[2][HEAD.size :]
    red, blue = (Image.new("RGB", (1, 1), one).convert("L").tobytes()[0] for one in ("red", "blue"))
    assert (samples[5], samples[15]) == (red, blue)


def test_limits_are_set_for_each_request(limits: list[None]) -> None:
    asked(opened(pdf_of(PAGE)), REQUEST.pack(b"page", 0, 72), REQUEST.pack(b"page", 0, 72))
    assert len(limits) == 3


def test_the_limits_are_those_that_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")  # POSIX only
    held: list[tuple[object, object]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda what, most: held.append((what, most)))
    monkeypatch.setattr(signal, "setitimer", lambda what, most: held.append((what, most)))
    LIMIT()
    assert held == [
        (resource.RLIMIT_DATA, (200 << 20, 200 << 20)),
        (resource.RLIMIT_CORE, (0, 0)),
        (signal.ITIMER_PROF, 1.0),
    ]


# -- who asks --------------------------------------------------------------------------------------


class Child:
    """Stands in the place of the process, with answers of its own."""

    def __init__(self, *answers: bytes) -> None:
        self.document: bytes | None = None
        self.asked: list[tuple[bytes, int, int]] = []
        self._answers = io.BytesIO(b"".join(answers))

    def ask(self, data: bytes) -> None:
        self.asked.append(REQUEST.unpack(data[: REQUEST.size]))

    def take(self, size: int) -> bytes:
        return self._answers.read(size)

    def line(self) -> bytes:
        return self._answers.readline()[:-1]


def renderer(monkeypatch: pytest.MonkeyPatch, *answers: bytes) -> tuple[rendered.Renderer, Child]:
    child = Child(b"pages 3 125000\n", *answers)
    monkeypatch.setattr(rendered, "_child", lambda: child)
    return rendered.Renderer(b"%PDF-"), child


def test_pages_are_asked_for_by_number_and_resolution(monkeypatch: pytest.MonkeyPatch) -> None:
    head = HEAD.pack(3, 2, 250_000, 0)
    may_differ = HEAD.pack(3, 2, 250_000, 1)
    source, child = renderer(monkeypatch, head, b"abcdef", may_differ, b"ABCDEF")
    assert source.pages == 3
    assert source.cpu_s == 0.125
    page, otherwise = source.page(2, 150)
    assert (page.size, page.tobytes(), otherwise) == ((3, 2), b"abcdef", False)
    assert source.cpu_s == 0.375
    page, otherwise = source.page(1, 300, printed=True)
    assert (page.tobytes(), otherwise) == (b"ABCDEF", True)
    assert source.cpu_s == 0.625
    assert child.asked == [(b"open", 5, 0), (b"page", 1, 150), (b"prnt", 0, 300)]


def test_a_child_that_holds_another_document_opens_this_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source, child = renderer(monkeypatch, b"pages 3 0\n", HEAD.pack(1, 1, 0, 0), b"x")
    child.document = b"another"
    source.page(1, 72)
    assert [word for word, _, _ in child.asked] == [b"open", b"open", b"page"]


@pytest.mark.parametrize(
    ("width", "height"), [(0, 0), (0, 9), (9_090_001, 1), (4_294_967_295, 2), (1, 0)]
)
def test_a_page_of_no_size_or_too_much_is_unread(
    width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, _ = renderer(monkeypatch, struct.pack(">IIIB", width, height, 7, 0))
    with pytest.raises(ImageError) as caught:
        source.page(1, 72)
    assert caught.value.code == "image.page_unread"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"encrypted 9", "image.encrypted"),
        (b"xfa 9", "image.kind_unread"),
        (b"damaged 9", "image.damaged"),
        (b"", "image.damaged"),
        (b"pages 3", "image.damaged"),
        (b"pages x 3", "image.damaged"),
        (b"hello", "image.damaged"),
    ],
)
def test_a_document_that_does_not_open_says_why(
    line: bytes, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendered, "_child", lambda: Child(line + b"\n"))
    with pytest.raises(ImageError) as caught:
        rendered.Renderer(b"%PDF-")
    assert caught.value.code == code


# -- page by page ----------------------------------------------------------------------------------


class Pages:
    """Stands in the place of a renderer: pictures by page and resolution."""

    def __init__(self, *shown: dict[int, Image.Image], cpu_s: float = 0) -> None:
        self.pages = len(shown)
        self.cpu_s = cpu_s
        self.asked: list[tuple[int, int]] = []
        self._shown = shown

    def page(self, number: int, dpi: int, *, printed: bool = False) -> tuple[Image.Image, bool]:
        assert not printed  # these pages are printed as a screen shows them
        self.asked.append((number, dpi))
        if dpi not in self._shown[number - 1]:
            raise ImageError("image.page_unread")
        return self._shown[number - 1][dpi], False


BLANK = {150: Image.new("L", (50, 50), 255), 300: Image.new("L", (50, 50), 255)}
OURS, OTHER = {150: grey(CODE)}, {150: foreign(), 300: foreign()}


def texts(source: Pages, monkeypatch: pytest.MonkeyPatch) -> list[PageTexts]:
    monkeypatch.setattr(pages, "Renderer", lambda _: source)
    return list(pages.read_pdf(b"%PDF-", wanted=ours))


class TwoWays:
    """A page that may be printed otherwise than a screen shows it."""

    pages, cpu_s = 1, 0.0

    def page(self, number: int, dpi: int, *, printed: bool = False) -> tuple[Image.Image, bool]:
        assert (number, dpi) in {(1, 150), (1, 300)}
        return Image.new("L", (9, 9), 99 if printed else 255), True


@pytest.mark.parametrize("on_screen", [True, False])
@pytest.mark.parametrize("on_paper", [True, False])
def test_screen_and_paper_are_looked_at_wholly(
    on_screen: bool, on_paper: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked(picture: Image.Image, *_: object) -> tuple[dict[str, None], bool]:
        return {}, on_paper if picture.getpixel((0, 0)) == 99 else on_screen

    monkeypatch.setattr(pages, "Renderer", lambda _: TwoWays())
    monkeypatch.setattr(pages, "look", looked)
    (found,) = pages.read_pdf(b"%PDF-", wanted=ours)
    assert found.fault == ("" if on_screen and on_paper else "image.too_slow")


def test_a_wanted_code_on_any_page_ends_the_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Pages(OTHER, BLANK, OURS)
    assert texts(source, monkeypatch) == [
        PageTexts(1, (FOREIGN,)), PageTexts(2, ()), PageTexts(3, (CODE,)),
    ]  # fmt: skip
    assert source.asked == [(1, 150), (2, 150), (3, 150)]


def test_without_one_the_first_pages_are_looked_at_closely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    close = {**BLANK, 300: grey(CODE)}
    source = Pages(OTHER, close, close)
    assert texts(source, monkeypatch) == [
        PageTexts(1, (FOREIGN,)), PageTexts(2, (CODE,)), PageTexts(3, ()),
    ]  # fmt: skip
    assert source.asked[3:] == [(1, 300), (2, 300)]


def test_what_a_closer_look_shows_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "climb", lambda *_: {"climbed": None})
    source = Pages({**BLANK, 300: foreign()}, {**OTHER, 300: grey(CODE)})
    assert texts(source, monkeypatch) == [
        PageTexts(1, (FOREIGN, "climbed")), PageTexts(2, (FOREIGN, CODE)),
    ]  # fmt: skip


def test_there_is_no_closer_look_without_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "Budget", lambda _: Spent(2))
    source = Pages(BLANK)
    assert texts(source, monkeypatch) == [PageTexts(1, ())]
    assert source.asked == [(1, 150)]


def test_a_page_that_is_not_rendered_has_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Pages({}, {150: BLANK[150]})
    found = texts(source, monkeypatch)
    assert [(page.texts, page.fault) for page in found] == [
        ((), "image.page_unread"), ((), "image.page_unread"),
    ]  # fmt: skip
    assert source.asked == [(1, 150), (2, 150), (2, 300)]


def test_the_childs_time_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Pages(BLANK, OURS, cpu_s=99)
    found = texts(source, monkeypatch)
    assert [(page.texts, page.fault) for page in found] == [((), "image.too_slow")]


def test_pages_up_to_the_limit_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_PDF_PAGES", 2)
    assert [page.fault for page in texts(Pages(BLANK, OURS), monkeypatch)] == ["", ""]
    late = texts(Pages(BLANK, OURS, OURS, OURS), monkeypatch)
    assert [page.fault for page in late] == ["", "", "image.too_many_pages"]


def test_a_code_that_is_seen_is_read_by_the_true_child() -> None:
    pdf = pdf_of(shown(as_jpeg(grey(CODE))))
    assert list(pages.read_pdf(pdf, wanted=ours)) == [PageTexts(1, (CODE,))]


# -- the process -----------------------------------------------------------------------------------


@pytest.fixture
def children() -> Iterator[list[object]]:
    """The children at hand, none of them true; what was there before comes back."""
    kept = rendered._children[:]
    held: list[object] = rendered._children  # type: ignore[assignment]
    held.clear()
    yield held
    held[:] = kept


class Kept:
    """Stands for a child, of this process or of another."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.closed = self.ended = False

    def has_ended(self) -> bool:
        return self.ended

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("ours", [True, False])
def test_only_a_child_of_this_process_is_ended(children: list[object], *, ours: bool) -> None:
    child = Kept(os.getpid() if ours else os.getpid() + 1)
    children.append(child)
    rendered._close()
    assert child.closed is ours
    assert not children


def test_a_child_serves_until_this_process_is_another(
    children: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendered, "_Child", lambda: Kept(os.getpid()))
    first = rendered._child()
    assert rendered._child() is first
    assert children == [first]
    first.pid += 1
    second = rendered._child()
    assert second is not first
    assert children == [second]


def test_a_child_that_is_closed_has_ended_whatever_it_does(
    children: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendered, "_PROGRAM", f"{READY}; import time; time.sleep(5)")
    process = rendered._child().process
    rendered._close()
    assert process.returncode  # not 0, which it would be after its sleep
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdin.closed
    assert process.stdout.closed


def test_a_child_that_says_nothing_is_given_up(
    children: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendered, "_PROGRAM", f"{READY}; import sys; sys.stdin.read()")
    monkeypatch.setattr(rendered, "WAIT_S", 0.5)
    with pytest.raises(ImageError) as caught:
        rendered.Renderer(b"%PDF-")
    assert caught.value.code == "image.damaged"
    assert not children


def test_a_child_that_takes_nothing_is_given_up(
    children: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendered, "_PROGRAM", f"{READY}; import time; time.sleep(30)")
    monkeypatch.setattr(rendered, "WAIT_S", 0.5)
    with pytest.raises(ImageError) as caught:
        rendered.Renderer(b"%PDF-" + bytes(1 << 20))
    assert caught.value.code == "image.damaged"
    assert not children


@pytest.mark.parametrize(
    "program",
    ["", "import sys; sys.stdin.read()", "print('x', flush=True)", "print('x' * 5000)",
     "while True: print('x')"],
)  # fmt: skip
def test_a_child_that_does_not_become_ready_is_no_fault_of_the_file(
    program: str, children: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendered, "_PROGRAM", program)
    monkeypatch.setattr(rendered, "WAIT_S", 0.5)
    with pytest.raises(ImageError) as caught:
        rendered.Renderer(b"%PDF-")
    assert caught.value.code == "image.reader_missing"
    assert not children


@pytest.mark.parametrize("program", ["", None, "/nonexistent/python", "/dev/null"])
def test_where_no_program_starts_the_reader_is_missing(
    program: str | None, children: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", program)
    with pytest.raises(ImageError) as caught:
        rendered.Renderer(b"%PDF-")
    assert caught.value.code == "image.reader_missing"
    assert not children


def test_what_else_is_written_to_the_output_does_not_matter(
    children: list[object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('hello', flush=True)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert rendered.Renderer(pdf_of(PAGE)).pages == 1
    rendered._close()


def test_a_child_that_ended_while_it_was_idle_is_replaced(
    children: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendered, "_Child", lambda: Kept(os.getpid()))
    first = rendered._child()
    first.ended = True  # type: ignore[attr-defined]
    second = rendered._child()
    assert second is not first
    assert first.closed  # type: ignore[attr-defined]
    assert children == [second]


@pytest.mark.parametrize("step", ["take", "line"])
def test_an_answer_that_an_interruption_left_is_not_that_to_the_next_question(
    step: str, children: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interruption(BaseException):
        pass

    def interrupt(*_: object) -> bytes:
        raise Interruption

    one, other = (pdf_of(Page(b"", size=size)) for size in ((72, 72), (72, 144)))
    source = rendered.Renderer(one)
    with monkeypatch.context() as patch:
        patch.setattr(rendered._Child, step, interrupt)
        with pytest.raises(Interruption):
            source.page(1, 72) if step == "take" else rendered.Renderer(one)
    assert not children
    assert rendered.Renderer(other).page(1, 72)[0].size == (72, 144)
    assert source.page(1, 72)[0].size == (72, 72)
    rendered._close()


@pytest.mark.parametrize("answer", [b"pages\n", b"hello\n", HEAD.pack(1, 1, 7, 0) + b"\n"])
def test_after_an_answer_that_is_none_the_child_is_another(
    answer: bytes, children: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    children.append(Kept(os.getpid()))
    monkeypatch.setattr(rendered, "_child", lambda: Child(answer))
    with pytest.raises(ImageError):
        rendered.Renderer(b"%PDF-")
    assert not children


@pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX only")
def test_a_fork_while_another_thread_renders_has_a_lock_of_its_own() -> None:
    with rendered._locks[0]:
        pid = os.fork()
        if not pid:
            os._exit(0 if rendered._locks[0].acquire(timeout=1) else 1)
        assert os.waitpid(pid, 0)[1] == 0


@pytest.mark.parametrize(("before", "found"), [(0, True), (1019, True), (1020, False)])
def test_a_pdf_is_told_by_its_first_bytes(before: int, *, found: bool) -> None:
    assert is_pdf(bytes(before) + b"%PDF-1.7") is found
    assert not is_pdf(bytes(before) + b"%PDG-1.7")
