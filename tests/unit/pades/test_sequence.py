"""What is read by the sequence of an earlier document is what a full reading gives."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Final

import pytest
from tests.support.forge import masked, office, stream
from tests.support.mutations import change, plain_table, take_apart
from tests.support.population import certificates
from tests.support.realdocument import genuine

from etitle.errors import DecodeError
from etitle.pades import sequence
from etitle.pades.byterange import ByteRange, find_byte_range
from etitle.pades.objects import FileObjects, read_objects
from etitle.pades.sequence import KEPT, Sequence, read_alike

OURS = office(masked(certificates(1)[0]))
SMALL: Final = OURS.document()
REAL: Final = genuine(OURS)
BODIES: Final = OURS.pdf.bodies()
PARTS: Final = take_apart(SMALL)


def told(found: FileObjects) -> object:
    texts = {number: (text.text, text.value) for number, text in found.texts.items()}
    return texts, found.streams, found.signature, found.root


def outcome(pdf: bytes, byte_range: ByteRange, *, alike: bool) -> object:
    """What a reader gives, or what it says of what it refuses."""
    try:
        return told((read_alike if alike else read_objects)(pdf, byte_range))
    except DecodeError as error:
        return error.code, error.details


def agreed(pdf: bytes, after: bytes) -> object:
    """What both readers say of a document, the one after another document."""
    byte_range = find_byte_range(pdf)
    KEPT.clear()
    read_alike(after, find_byte_range(after))
    found = outcome(pdf, byte_range, alike=True)
    assert found == outcome(pdf, byte_range, alike=False)
    return found


def known(pdf: bytes, after: bytes, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a document is read without a full reading after another one."""
    KEPT.clear()
    read_alike(after, find_byte_range(after))
    found: list[FileObjects] = []
    with monkeypatch.context() as patched:
        patched.setattr(sequence, "read_objects", None)
        try:
            found.append(read_alike(pdf, find_byte_range(pdf)))
        except TypeError:
            return False
    assert told(found[0]) == told(read_objects(pdf, find_byte_range(pdf)))
    return True


def edited(number: int, old: bytes, new: bytes) -> bytes:
    assert old in BODIES[number]
    return OURS.document(objects={number: BODIES[number].replace(old, new)})


ALIKE: Final = {
    "the same": SMALL,
    "another length": OURS.document(token=OURS.token + b"x" * 90),
    "a length of more digits": OURS.document(objects={6: stream(b"", b" " * 99_999)}),
    "another text": edited(5, b"(seal)", b"(another seal)"),
    "another head": edited(7, b"/Type /EmbeddedFile", b"/Type /EmbeddedFile /Params << >>"),
    "another catalog": edited(1, b"zh-CN", b"en"),
}


@pytest.mark.parametrize("name", ALIKE)
def test_what_is_alike_is_read_by_the_sequence(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert known(ALIKE[name], SMALL, monkeypatch)
    assert known(SMALL, ALIKE[name], monkeypatch)


def test_a_whole_page_is_read_by_the_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    other = genuine(office(masked(certificates(2)[1])))
    assert other != REAL
    assert known(other, REAL, monkeypatch)


OTHERWISE: Final = {
    "one object more": OURS.document(objects={11: b"null"}),
    "another order": replace(PARTS, objects=(PARTS.objects[1], PARTS.objects[0],
                                             *PARTS.objects[2:])).sealed(OURS.cms),
    "a stream for a text": edited(4, BODIES[4], stream(BODIES[4][2:-2], b"x")),
    "a text for a stream": edited(6, BODIES[6], b"null"),
    "another signature object": replace(PARTS, objects=tuple(
        ({2: 5, 5: 2}.get(number, number), body) for number, body in PARTS.objects
    )).sealed(OURS.cms),
    "other line ends in the table": replace(
        PARTS, table=lambda at: plain_table(at).replace(b" \n", b"\r\n", 3)
    ).sealed(OURS.cms),
    "another header": OURS.document(header=b"%PDF-1.7\n%\xff\xff\xff\xff\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_is_otherwise_is_read_in_full(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pdf = OTHERWISE[name]
    assert pdf is not None
    agreed(pdf, SMALL)
    assert not known(pdf, SMALL, monkeypatch)


def test_a_file_whose_signature_is_not_last_has_no_sequence() -> None:
    first = (PARTS.objects[-1], *PARTS.objects[:-1])
    pdf = replace(PARTS, objects=first).sealed(OURS.cms)
    assert pdf is not None
    found = read_objects(pdf, find_byte_range(pdf))
    assert Sequence.of(found) is None
    KEPT.clear()
    assert told(read_alike(pdf, find_byte_range(pdf))) == told(found)
    assert not KEPT


def test_a_flip_at_every_byte_reads_as_in_full() -> None:
    byte_range = find_byte_range(SMALL)
    right = 0
    for place in range(len(SMALL)):
        if not byte_range.gap_start <= place < byte_range.gap_end:
            damaged = bytearray(SMALL)
            damaged[place] ^= 1 << place % 8
            KEPT.clear()
            read_alike(SMALL, byte_range)
            found = outcome(bytes(damaged), byte_range, alike=True)
            assert found == outcome(bytes(damaged), byte_range, alike=False), place
            right += len(found) == 4 if isinstance(found, tuple) else 0
    assert right > 100  # within streams and texts


@pytest.mark.parametrize("words", [b"\nendobj\n", b">>\nstream\n", b"/Length 3", b"/Sig ", b"99"])
def test_words_put_anywhere_read_as_in_full(words: bytes) -> None:
    byte_range = find_byte_range(SMALL)
    for place in range(0, byte_range.gap_start, 3):
        for made in (
            SMALL[:place] + words + SMALL[place:],
            SMALL[:place] + words + SMALL[place + len(words) :],
        ):
            moved = byte_range.gap_start + len(made) - len(SMALL)
            found = ByteRange(moved, moved + byte_range.gap_end - byte_range.gap_start, b"")
            KEPT.clear()
            read_alike(SMALL, byte_range)
            assert outcome(made, found, alike=True) == outcome(made, found, alike=False), place


def test_documents_changed_by_chance_read_as_in_full() -> None:
    rng = random.Random(2026)
    for base in (SMALL, REAL):
        parts = take_apart(base)
        for _ in range(150):
            pdf = change(parts, rng).sealed(OURS.cms)
            if pdf is not None and pdf.count(b"/ByteRange") == 1:
                agreed(pdf, base)


def test_what_is_kept_is_bounded() -> None:
    KEPT.clear()
    for count in range(80):
        pdf = OURS.document(objects=dict.fromkeys(range(11, 12 + count), b"null"))
        read_alike(pdf, find_byte_range(pdf))
        assert 0 < len(KEPT) <= 64
