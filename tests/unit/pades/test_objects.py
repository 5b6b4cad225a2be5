"""Where objects stand in a file, and nothing beside them: docs/spec clauses 9.1, 9.7."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from tests.support.forge import masked, office, stream
from tests.support.population import certificates

from etitle.errors import DecodeError
from etitle.pades.archived import base_of
from etitle.pades.byterange import find_byte_range
from etitle.pades.lexer import Ref
from etitle.pades.objects import FORBIDDEN, MAX_OBJECTS, FileObjects, read_objects

OURS = office(masked(certificates(1)[0]))
GOOD = OURS.document()


def read(pdf: bytes) -> FileObjects:
    return read_objects(pdf, find_byte_range(pdf))


def what(pdf: bytes) -> str:
    with pytest.raises(DecodeError) as caught:
        read(pdf)
    assert caught.value.code == "document.malformed"
    return str(caught.value.details["what"])


def test_each_object_is_found_where_it_stands() -> None:
    found = read(GOOD)
    bodies = OURS.pdf.bodies()
    assert found.root == Ref(1)
    assert found.texts.keys() == bodies.keys()
    for number, body in bodies.items():
        head, separator, data = body.partition(b"\nstream\n")
        if separator:
            # A length stands in no text: streams of many lengths share what is kept.
            assert re.sub(rb"/Length \d+", b"/Length 0", head) == found.texts[number].text
            start, end = found.streams[number]
            assert GOOD[start:end] == data.removesuffix(b"\nendstream")
        else:
            assert found.texts[number].text == head
            assert number not in found.streams
    number, start, end = found.signature
    assert number == 2
    assert GOOD[start:end].startswith(b"<< /Type /Sig ")
    assert GOOD[start:end].endswith(b"\n>>")


def test_a_text_is_parsed_when_it_is_asked_for() -> None:
    page_tree = read(GOOD).texts[3]
    assert page_tree.value == {"Type": "Pages", "Kids": [Ref(4)], "Count": 1}
    assert page_tree.value is page_tree.value


def with_object(number: int, change: Callable[[bytes], bytes]) -> bytes:
    return OURS.document(objects={number: change(OURS.pdf.bodies()[number])})


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "another version": (lambda: OURS.document(header=b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n"), "header"),
    "no line of bytes": (lambda: OURS.document(header=b"%PDF-1.7\n"), "header"),
    "more after the end": (lambda: OURS.document(tail=b"% more\n"), "the header or the end"),
    "another key in the trailer": (lambda: OURS.document(trailer=b"/Prev 9 "), "the trailer"),
    "endobj within an object of text": (
        lambda: with_object(3, lambda body: body.replace(b"/Count", b"/X (endobj) /Count")),
        "an object twice",
    ),
    "endobj within the dictionary of a stream": (
        lambda: with_object(6, lambda body: body.replace(b"/Length", b"/X (endobj) /Length")),
        "the head of a stream",
    ),
    "stream within an object of text": (
        lambda: with_object(3, lambda body: body.replace(b"/Count", b"/X (stream) /Count")),
        "words out of place",
    ),
    "an end of file within": (
        lambda: with_object(3, lambda body: body.replace(b"/Count", b"/X (%%EOF) /Count")),
        "words out of place",
    ),
    "an escape in a name": (
        lambda: with_object(3, lambda body: body.replace(b"/Count", b"/X#41 1 /Count")),
        "an escape in a name",
    ),
    "a second field of a signature": (
        lambda: OURS.document(objects={11: b"<< /FT /Sig >>", 10: b"<< /FT /Sig >>"}),
        "an object or a signature twice",
    ),
    "a second signature dictionary": (
        lambda: OURS.document(objects={11: b"<< /Type /Sig /Filter /X >>"}),
        "an object or a signature twice",
    ),
    "a second signature dictionary in lines": (
        lambda: OURS.document(objects={11: b"<< /Type /Sig\n/Filter /X >>"}),
        "an object or a signature twice",
    ),
    "a length elsewhere": (
        lambda: with_object(6, lambda body: body.replace(b"/Length 13", b"/Length 3 0 R")),
        "the length of a stream",
    ),
    "a length of eleven digits": (
        lambda: with_object(6, lambda body: body.replace(b"/Length 13", b"/Length 00000000013")),
        "the length of a stream",
    ),
    "two lengths": (
        lambda: with_object(6, lambda body: body.replace(b"<<", b"<< /Length 13", 1)),
        "the head of a stream",
    ),
    "no length": (
        lambda: with_object(6, lambda body: body.replace(b"/Length 13", b"/Longth 13")),
        "the length of a stream",
    ),
    "a length too short": (
        lambda: with_object(6, lambda body: body.replace(b"/Length 13", b"/Length 12")),
        "stream 6",
    ),
    "a length too long": (
        lambda: with_object(6, lambda body: body.replace(b"/Length 13", b"/Length 14")),
        "stream 6",
    ),
    "a bracket in the dictionary of a stream": (
        lambda: with_object(6, lambda body: body.replace(b"<<", b"<< /X (>>\\) ) ", 1)),
        "the dictionary of a stream",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_with_anything_beside_its_objects_is_refused(name: str) -> None:
    make, expected = REFUSED[name]
    assert expected in what(make())


@pytest.mark.parametrize("name", sorted(FORBIDDEN), ids=bytes.decode)
def test_each_forbidden_name_is_refused_wherever_it_stands(name: bytes) -> None:
    # In text and in the dictionary of a stream; a longer name is another name.
    for number in (3, 6):
        pdf = with_object(number, lambda body: body.replace(b"<<", b"<< " + name + b" 1", 1))
        assert what(pdf) == name.decode()
        longer = with_object(number, lambda body: body.replace(b"<<", b"<< " + name + b"x 1", 1))
        read(longer)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"00000 n \n", b"00001 n \n"),
        (b"00000 n \n", b"00000 f \n"),
        (b"xref\n0 ", b"xref\n1 "),
        (b"65535 f", b"65534 f"),
        (b"startxref\n", b"startxref\n1"),
        (b"\ntrailer", b"\n trailer"),
        (b"/Size ", b"/Size 1"),
        (b"/Root 1 0 R", b"/Root 1 1 R"),
        (b"/Root 1 0 R", b"/Root (1) "),
        (b"%%EOF", b"%EOFF"),
    ],
)
def test_a_table_or_trailer_of_another_form_is_refused(old: bytes, new: bytes) -> None:
    head, tail = GOOD[: GOOD.rindex(b">\n>>")], GOOD[GOOD.rindex(b">\n>>") :]
    assert old in tail
    pdf = head + tail.replace(old, new, 1)
    with pytest.raises(DecodeError):
        read_objects(pdf, find_byte_range(GOOD))


def test_each_entry_of_the_table_is_where_its_object_stands() -> None:
    at = GOOD.rindex(b"65535 f \n") + 9
    for place in range(at, GOOD.rindex(b"trailer"), 20):
        offset = int(GOOD[place : place + 10])
        for other in (offset + 1, offset - 1):
            pdf = GOOD[:place] + b"%010d" % other + GOOD[place + 10 :]
            with pytest.raises(DecodeError):
                read_objects(pdf, find_byte_range(GOOD))


def test_two_entries_exchanged_are_refused() -> None:
    at = GOOD.rindex(b"65535 f \n") + 9
    one, two = GOOD[at : at + 20], GOOD[at + 20 : at + 40]
    pdf = GOOD[:at] + two + one + GOOD[at + 40 :]
    with pytest.raises(DecodeError):
        read_objects(pdf, find_byte_range(GOOD))


@pytest.mark.parametrize("more", [b"/X (a)", b"/X (a) /Y (b)", b"/X () /Y (<)", b"/X <AB>"])
def test_the_dictionary_of_a_stream_may_have_plain_strings(more: bytes) -> None:
    read(with_object(6, lambda body: body.replace(b"<<", b"<< " + more, 1)))


@pytest.mark.parametrize(
    "more",
    [
        b"% a\n", b"/X (%)", b"/X (a) % b\n", b"/X \\", b"/X (\\\\)", b"/X (a) /Y \\",
        b"/X )", b"/X (", b"/X ((a))", b"/X (a) )", b"/X (a) (",
    ],
)  # fmt: skip
def test_the_dictionary_of_a_stream_has_one_reading(more: bytes) -> None:
    pdf = with_object(6, lambda body: body.replace(b"<<", b"<< " + more, 1))
    assert what(pdf) == "the dictionary of a stream"


def test_a_length_may_have_ten_digits() -> None:
    pdf = with_object(6, lambda body: body.replace(b"/Length 13", b"/Length 0000000013"))
    start, end = read(pdf).streams[6]
    assert end - start == 13


def test_a_file_has_as_many_objects_as_the_limit_and_no_more() -> None:
    most: dict[int, bytes] = dict.fromkeys(range(11, MAX_OBJECTS), b"null")
    assert len(read(OURS.document(objects=most)).texts) == MAX_OBJECTS - 2
    more = OURS.document(objects={**most, MAX_OBJECTS: b"null"})
    assert what(more) == "the number of objects"
    with pytest.raises(DecodeError):
        base_of(more)


def test_a_stream_may_hold_anything() -> None:
    data = b"/JavaScript endobj\nendstream\nendobj\n7 0 obj\n/ByteRang /Sig %%EOF"
    found = read(OURS.document(objects={6: stream(b"", data)}))
    start, end = found.streams[6]
    assert data == OURS.document(objects={6: stream(b"", data)})[start:end]


@pytest.mark.parametrize("key", [b"/Length1", b"/Lengthy", b"/LengthA", b"/Lengthz", b"/Length9"])
def test_a_longer_key_is_no_length(key: bytes) -> None:
    pdf = OURS.document(objects={6: stream(key + b" 5", b"0 0 m 9 9 l S")})
    assert 6 in read(pdf).streams


@pytest.mark.parametrize(
    ("octets", "fits"),
    [(b"\x80\xff\x80\xff", True), (b"\xe2" * 16, True), (b"\xe2" * 3, False),
     (b"\xe2" * 17, False), (b"\xe2\xe3\x7f\xd3", False), (b"", False)],
)  # fmt: skip
def test_a_header_says_that_the_file_is_binary(octets: bytes, *, fits: bool) -> None:
    pdf = OURS.document(header=b"%PDF-1.7\n%" + octets + b"\n")
    if fits:
        assert read(pdf).root == Ref(1)
        return
    with pytest.raises(DecodeError):
        read(pdf)
