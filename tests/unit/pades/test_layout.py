"""Whether every viewer finds the same objects in a file: docs/spec clause 9.7.4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest
from tests.support.forge import masked, office
from tests.support.mutations import Parts, plain_table, take_apart
from tests.support.packed import with_reference_stream
from tests.support.population import certificates
from tests.support.realdocument import genuine

from etitle.errors import DecodeError
from etitle.pades.layout import check_layout

OURS = office(masked(certificates(1)[0]))
PARTS: Final = take_apart(OURS.document())
OBJECTS: Final = PARTS.objects
COUNT: Final = len(OBJECTS)
TAIL: Final = PARTS.tail
BODIES: Final = dict(OBJECTS)


def made(**changes: object) -> bytes:
    parts: Parts = replace(PARTS, **changes)  # type: ignore[arg-type]
    pdf = parts.sealed(OURS.cms)
    assert pdf is not None
    return pdf


def what(pdf: bytes) -> str:
    with pytest.raises(DecodeError) as caught:
        check_layout(pdf)
    assert caught.value.code == "document.malformed"
    return str(caught.value.details["what"])


def spelled(make: Callable[[dict[int, int]], bytes]) -> Callable[[dict[int, int]], bytes]:
    return make


def headed(make: Callable[[int], bytes]) -> Callable[[int], bytes]:
    return make


def table(old: bytes, new: bytes, count: int = 1) -> Callable[[dict[int, int]], bytes]:
    return lambda offsets: plain_table(offsets).replace(old, new, count)


def moved(by: int) -> Callable[[dict[int, int]], bytes]:
    return lambda offsets: plain_table({**offsets, 4: offsets[4] + by})


def test_our_documents_pass() -> None:
    numbers = tuple(range(1, COUNT + 1))
    assert check_layout(OURS.document()) == numbers
    assert len(check_layout(genuine(OURS))) > COUNT


@pytest.mark.parametrize(
    "changes",
    [
        {"header": b"%PDF-1.0\n"},
        {"header": b"%PDF-2.0\r\n"},
        {"header": PARTS.header + b"% a comment\n"},
        {"foot": b"\nendobj\n% obj, objects, 0 Objects\n"},
        {"foot": b"\r\nendobj\r\n\r\n"},
        {"head": headed(lambda number: b"%d  0\tobj " % number)},
        {"table": table(b" \n", b"\r\n", -1)},
        {"table": table(b" \n", b" \r", -1)},
        {"table": table(b"xref\n0 %d\n" % (COUNT + 1), b"xref\r0 %d \r\n" % (COUNT + 1))},
        {"table": table(b"xref\n0 %d\n" % (COUNT + 1), b"xref\n0 0\n0 %d\n" % (COUNT + 1))},
        {"table": table(b"00000 65535 f", b"00000 00000 f")},
        {"tail": TAIL[:-1]},
        {"tail": TAIL[:-1] + b"\r"},
        {"tail": TAIL[:-1] + b"\r\n"},
        {"tail": b"startxref @AT@\t%%EOF\n"},
        {"trailer": PARTS.trailer.replace(b"/Root", b"/Custom 1 /Root")},
        {"word": b"\n trailer"},
    ],
)
def test_spellings_that_all_viewers_read_alike_pass(changes: dict[str, object]) -> None:
    assert check_layout(made(**changes)) == tuple(range(1, COUNT + 1))


@pytest.mark.parametrize(
    ("head", "passes"),
    [(b"9999999999 1", True), (b"10000000000 1", False), (b"0000000099 1", True),
     (b"00000000099 1", False), (b"99 0000000001", True), (b"99 00000000001", False),
     (b"99  1", False), (b"99 1  ", True)],
)  # fmt: skip
def test_a_section_is_headed_by_two_numbers_of_ten_digits_at_most(
    head: bytes, *, passes: bool
) -> None:
    pdf = made(table=lambda offsets: plain_table(offsets) + head + b"\n0000000000 00007 f \n")
    if passes:
        assert check_layout(pdf) == tuple(range(1, COUNT + 1))
        return
    assert what(pdf) == "the cross-reference table"


def test_sections_and_free_entries_pass() -> None:
    def parted(offsets: dict[int, int]) -> bytes:
        lines = plain_table(offsets).splitlines(keepends=True)[2:]
        head, rest = b"".join(lines[:3]), b"".join(lines[3:])
        freed = b"0000000000 00007 f \n"
        return b"xref\n0 3\n%b3 %d\n%b%d 1\n%b" % (
            head,
            len(lines) - 3,
            rest,
            len(lines) + 5,
            freed,
        )

    assert check_layout(made(table=parted)) == tuple(range(1, COUNT + 1))


@pytest.mark.parametrize(
    "changes",
    [
        {"header": b"\n" + PARTS.header},
        {"header": b"%PDF-1.8\n"},
        {"header": b"%PDF-2.1\n"},
        {"header": b"%PDF-11.7\n"},
        {"header": b"%PDF-1.7 \n"},
        {"header": PARTS.header + b"%PDF-1.4\n"},
        {"header": PARTS.header + b"% trailer\n"},
        {"header": PARTS.header + b"% startxref\n"},
        {"header": PARTS.header + b"%%EOF\n"},
        {"tail": TAIL + b"\n"},
        {"tail": TAIL + b"x"},
        {"tail": TAIL + TAIL},
        {"tail": b"startxref\n9\n" + TAIL},
        {"tail": b"startxref\n-@AT@\n%%EOF\n"},
        {"tail": b"startxref\n@AT@\n"},
        {"tail": b"startxref\n%%EOF\n"},
        {"trailer": PARTS.trailer + b"trailer\n" + PARTS.trailer},
    ],
)
def test_one_header_one_trailer_one_end(changes: dict[str, object]) -> None:
    assert what(made(**changes)) == "the header or the end"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"tail": b"startxref\n9\n%%EOF\n"}, "the cross-reference table"),
        ({"table": table(b"xref\n", b"xrex\n")}, "the cross-reference table"),
        ({"table": spelled(lambda at: plain_table(at) + b"x")}, "the cross-reference table"),
        ({"table": table(b"xref\n0 ", b"xref\n0 2\n0 ")}, "an entry of the table"),
        (
            {"table": spelled(lambda at: plain_table(at) + b"4 1\n0000000009 00000 n \n")},
            "an entry twice",
        ),
        ({"table": table(b"00000 n", b"00001 n")}, "an entry of the table"),
        ({"table": table(b"00000 n ", b"00000 x ")}, "an entry of the table"),
        ({"table": table(b"00000 n \n", b"00000 n\n")}, "an entry of the table"),
        ({"table": table(b"00000 n", b"00000 f")}, "objects beside those of the table"),
        ({"table": moved(1)}, "the place of an object"),
        ({"table": moved(-1)}, "the place of an object"),
        ({"table": table(b"xref\n0 ", b"xref\n1 ")}, "the place of an object"),
        ({"table": spelled(lambda at: plain_table({**at, 4: at[3]}))}, "the place of an object"),
        ({"objects": (*OBJECTS, OBJECTS[2])}, "objects beside those of the table"),
        ({"head": headed(lambda number: b"%d 1 obj\n" % number)}, "the place of an object"),
        ({"head": headed(lambda number: b"%d 0 object\n" % -number)}, "the place of an object"),
    ],
)
def test_the_table_has_every_object_and_its_place(changes: dict[str, object], reason: str) -> None:
    assert what(made(**changes)) == reason


@pytest.mark.parametrize(
    "text", [b"4 0 obj", b"4 0obj", b"4\r0\tobj", b"4 0 % x\n obj", b"4 0%\r%\nobj", b"0\0\x0cobj"]
)
@pytest.mark.parametrize(
    "around", [b"% %b\n", b"%% x\n%b\n", b"(%b)\n", b"stream\n%b\nendstream\n"]
)
def test_what_a_repair_would_take_for_an_object_is_refused(around: bytes, text: bytes) -> None:
    pdf = made(header=PARTS.header + around.replace(b"%b", text))
    assert what(pdf) == "objects beside those of the table"


@pytest.mark.parametrize(
    "text",
    [b"(a (b) c)", b"(\\))", b"(\\(\\\\)", b"<4 1\n>", b"/", b"/A#42", b"% >)\n1", b"[]",
     b"<</A<<>>>>", b"-.5", b"\0\x0c1", b"true", b"(\n>\n)", b"(endobj)", b"/endobj 1"],
)  # fmt: skip
def test_an_object_is_made_of_tokens(text: bytes) -> None:
    pdf = made(objects=((11, text), *OBJECTS), trailer=b"<< >>\n")
    assert check_layout(pdf)[-1] == 11


@pytest.mark.parametrize(
    "text",
    [b"<< /A 1 >", b"<< /A << /B 1 > >>", b"(a", b"a)", b"<4g>", b"<41", b"{}", b"((()))", b"(\\)",
     b"> >", b"/A " * 5000 + b">"],
)  # fmt: skip
def test_an_object_of_other_text_is_refused(text: bytes) -> None:
    assert what(made(objects=((11, text), *OBJECTS))) == "the text of an object"


def test_a_dictionary_before_a_stream_ends_with_two_brackets() -> None:
    right = BODIES[6]
    assert check_layout(made(objects=((11, right), *OBJECTS)))
    for old, new in ((b">>\nstream", b">\nstream"), (b">>\nstream", b"> >\nstream")):
        wrong = right.replace(old, new)
        assert wrong != right
        assert what(made(objects=((11, wrong), *OBJECTS))) == "the text of an object"


def test_a_stream_of_references_is_no_table() -> None:
    pdf = with_reference_stream(PARTS, OURS.cms)
    assert b"/XRef" in pdf
    assert what(pdf) == "the header or the end"
    # Nor with the words around it.
    pdf = with_reference_stream(replace(PARTS, header=PARTS.header + b"% trailer\n"), OURS.cms)
    assert what(pdf) == "the cross-reference table"
