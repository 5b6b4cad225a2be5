"""The order of a file's objects, kept from one document to the next.

Documents of one template have the same objects in the same order; most of their texts are alike,
and what differs is the data of streams, their lengths, and with them the places of all objects.
So the pieces of an earlier file are compared where they should stand in this one, and its table is
written anew and compared.  Where anything is otherwise, ``etitle.pades.objects`` reads the file,
whose answer this one is: tests hold the two against each other (docs/adr/0012-kept-readings.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, NamedTuple

from etitle.errors import DecodeError
from etitle.pades.byterange import ByteRange
from etitle.pades.objects import (
    END,
    HEADER,
    OBJECT,
    STREAM,
    STREAM_END,
    TAIL,
    FileObjects,
    Head,
    ObjectText,
    Run,
    read_head,
    read_objects,
    read_run,
    read_trailer,
)

_LENGTH: Final = re.compile(rb"\d{1,10}")
_SIZE: Final = re.compile(rb"xref\n0 (\d{1,6})\n")
_MAX_KEPT: Final = 64


class _Piece(NamedTuple):
    """A run, or the head of a stream, as it should stand in another file.

    Attributes:
        text: all of the run; of a head what stands before its length.
        after: of a head, what follows the length up to the data; empty for a run.
        offsets: of the run's objects, from its begin on.
        numbers: of the objects; of a head, of one.
        signatures: how often it speaks of a signature.
    """

    text: bytes
    after: bytes
    offsets: tuple[int, ...]
    numbers: tuple[int, ...]
    signatures: int

    @classmethod
    def of(cls, piece: Run | Head) -> _Piece:
        if isinstance(piece, Head):
            after = piece.after + STREAM[2:]
            return cls(piece.before, after, (0,), (piece.number,), piece.signatures)
        offsets = tuple(offset for _, offset in piece.offsets)
        return cls(piece.text, b"", offsets, tuple(piece.texts), piece.signatures)


@dataclass(frozen=True, slots=True)
class Sequence:
    """The objects of a file that was read, the signature's being the last of them.

    Attributes:
        header: what stands before the first.
        pieces: what they are in, the signature apart.
        signature: number of the signature's object.
        texts: of all objects but the signature, by number.
        by_number: puts places in the order of their objects' numbers.
        table: the cross-reference table with ``%010d`` for each place.
    """

    header: bytes
    pieces: tuple[_Piece, ...]
    signature: int
    texts: dict[int, ObjectText]
    by_number: Callable[[list[int]], tuple[int, ...]]
    table: bytes

    @classmethod
    def of(cls, found: FileObjects) -> Sequence | None:
        """The sequence of a file, if its signature is the last of several objects."""
        header = HEADER.match(found.pdf)
        pieces = tuple(_Piece.of(piece) for piece in found.pieces if piece is not None)
        if header is None or not pieces or found.pieces[-1] is not None:
            return None
        signature = found.signature[0]
        numbers = [*(number for piece in pieces for number in piece.numbers), signature]
        places = {number: place for place, number in enumerate(numbers)}
        size = len(numbers) + 1
        entries = b"%010d 00000 n \n" * len(numbers)
        return cls(
            header=header[0],
            pieces=pieces,
            signature=signature,
            texts=dict(found.texts),
            by_number=itemgetter(*(places[number] for number in range(1, size))),
            table=b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n" % (size, entries),
        )

    def read(self, pdf: bytes, byte_range: ByteRange, tail: re.Match[bytes]) -> FileObjects | None:
        """The objects of another file of this sequence; None where it is not one.

        Args:
            pdf: the file.
            byte_range: what its signature covers.
            tail: its end, from ``startxref`` on.

        Raises:
            DecodeError: ``document.malformed``, as ``read_objects`` would.
        """
        end = int(tail[1])
        last = pdf.rfind(END, 0, byte_range.gap_start) + len(END)
        head = OBJECT.match(pdf, last)
        if head is None or int(head[1]) != self.signature or not pdf.startswith(self.header):
            return None
        if pdf.find(END, byte_range.gap_end) + len(END) != end:
            return None
        texts, streams = self.texts.copy(), dict[int, tuple[int, int]]()
        places = self._places(pdf, last, texts, streams)
        if places is None:
            return None
        table = self.table % self.by_number(places)
        if not pdf.startswith(table, end):
            return None
        root = read_trailer(pdf[end + len(table) : tail.start()], len(places) + 1)
        signature = self.signature, head.end(), end - len(END)
        return FileObjects(pdf, texts, streams, signature, root)

    def _places(
        self,
        pdf: bytes,
        last: int,
        texts: dict[int, ObjectText],
        streams: dict[int, tuple[int, int]],
    ) -> list[int] | None:
        """Where all objects begin, in their order; None if they are not those of the sequence.

        Args:
            pdf: the file.
            last: where the signature's object begins.
            texts: of the sequence; those that differ are exchanged.
            streams: is filled.
        """
        places: list[int] = []
        at, spoken = len(self.header), 0
        match, startswith = _LENGTH.match, pdf.startswith
        for text, after, offsets, numbers, signatures in self.pieces:
            mentions = signatures
            if not after:
                size = len(text)
                if not startswith(text, at):
                    run = _other_run(pdf, at, last, numbers)
                    if run is None:
                        return None
                    texts.update(run.texts)
                    offsets = tuple([offset for _, offset in run.offsets])  # noqa: PLW2901  # its own
                    size, mentions = len(run.text), run.signatures
                places += [at + offset for offset in offsets]
                at += size
            else:
                digits = match(pdf, at + len(text)) if startswith(text, at) else None
                if digits is not None and startswith(after, digits.end()):
                    data, over = digits.end() + len(after), int(digits[0])
                else:
                    head, data, over = _other_head(pdf, at, last)
                    if head is None or head.number != numbers[0]:
                        return None
                    texts[head.number], mentions = head.text, head.signatures
                over += data
                if not startswith(STREAM_END, over):
                    return None
                places.append(at)
                streams[numbers[0]] = data, over
                at = over + len(STREAM_END)
            spoken += mentions
        places.append(last)
        return places if at == last and spoken <= 1 else None


def _other_run(pdf: bytes, at: int, last: int, numbers: tuple[int, ...]) -> Run | None:
    """The run of these objects that begins at a place; None if there is none."""
    data = pdf.find(STREAM, at, last)
    run = read_run(pdf[at : last if data < 0 else pdf.rfind(END, at, data) + len(END)])
    return run if tuple(run.texts) == numbers else None


def _other_head(pdf: bytes, at: int, last: int) -> tuple[Head | None, int, int]:
    """The head of a stream that begins at a place, where its data begin, and their length."""
    data = pdf.find(STREAM, at, last)
    if data < 0:
        return None, 0, 0
    head, length = read_head(pdf[at : data + 2])
    return head, data + len(STREAM), length


KEPT: Final[dict[int, Sequence]] = {}
"""The latest sequence of each number of objects."""


def read_alike(pdf: bytes, byte_range: ByteRange) -> FileObjects:
    """What ``read_objects`` gives, by the sequence of an earlier file where there is one.

    Args:
        pdf: the file.
        byte_range: what its signature covers, by ``find_byte_range``.

    Raises:
        DecodeError: ``document.malformed``.
    """
    tail = TAIL.fullmatch(pdf, max(0, pdf.rfind(b"startxref")))
    size = None if tail is None else _SIZE.match(pdf, int(tail[1]))
    kept = None if size is None else KEPT.get(int(size[1]))
    if tail is not None and kept is not None:
        try:
            found = kept.read(pdf, byte_range, tail)
        except DecodeError:
            found = None  # the reference says what is wrong
        if found is not None:
            return found
    found = read_objects(pdf, byte_range)
    made = Sequence.of(found)
    if made is not None:
        if len(KEPT) >= _MAX_KEPT:
            KEPT.clear()
        KEPT[len(made.texts) + 2] = made
    return found
