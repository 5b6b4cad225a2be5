"""Documents with cross-reference streams and object streams, as other software writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.support.forge import Cms, stream
from tests.support.mutations import HOLE_MARK, RANGE_MARK, Parts


def object_stream(objects: Sequence[tuple[int, bytes]]) -> bytes:
    """A stream of these objects (ISO 32000-1 §7.5.7)."""
    heads = data = b""
    for number, body in objects:
        heads += b"%d %d " % (number, len(data))
        data += body + b"\n"
    entries = b"/Type /ObjStm /N %d /First %d" % (len(objects), len(heads))
    return stream(entries, heads + data)


def reference_stream(
    offsets: dict[int, int], *, packed: Sequence[int] = (), within: int = 0, size: int
) -> bytes:
    """A cross-reference stream (§7.5.8) of objects at places, and of those packed in another."""
    rows = b""
    for number in range(size):
        if number in packed:
            rows += b"\2" + within.to_bytes(4, "big") + bytes((packed.index(number),))
        elif number in offsets:
            rows += b"\1" + offsets[number].to_bytes(4, "big") + b"\0"
        else:
            rows += b"\0\0\0\0\0\xff"
    return stream(b"/Type /XRef /W [1 4 1] /Size %d /Root 1 0 R" % size, rows)


def with_reference_stream(parts: Parts, cms: Cms, *, packed: Sequence[int] = ()) -> bytes:
    """The same document, its objects found by a stream; some of them packed in another."""
    size = len(parts.objects) + 1
    held = [one for one in parts.objects if one[0] in packed]
    objects = [one for one in parts.objects if one[0] not in packed]
    if held:
        objects.append((size, object_stream(held)))
    own, room = size + bool(held), _room(cms)
    made = replace(parts, objects=tuple(objects), trailer=b"", tail=b"", room=room)

    def table(offsets: dict[int, int]) -> bytes:
        at = len(parts.header) + sum(
            len(b"%d 0 obj\n%b\nendobj\n" % one) for one in _spaced(objects, room)
        )
        whole = reference_stream(
            {**offsets, own: at}, packed=[n for n, _ in held], within=size, size=own + 1
        )
        return b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (own, whole, at)

    return replace(made, table=table, word=b"").sealed(cms) or b""


def hybrid(parts: Parts, cms: Cms, *, hidden: dict[int, bytes]) -> bytes:
    """A table, and a stream beside it that names other objects (§7.5.8.4).

    Readers of PDF 1.4 go by the table alone; later ones see in a stream what it says is free.
    """
    size = len(parts.objects) + 1
    kept = [one for one in parts.objects if one[0] not in hidden]
    objects = [*kept, (size, object_stream(list(hidden.items()))), (size + 1, b"")]
    room = _room(cms)
    spaced = _spaced(objects[:-1], room)
    at = len(parts.header) + sum(len(b"%d 0 obj\n%b\nendobj\n" % one) for one in spaced)
    objects[-1] = (
        size + 1,
        reference_stream({}, packed=list(hidden), within=size, size=size + 2),
    )
    trailer = parts.trailer.replace(b"/Size %d" % size, b"/Size %d" % (size + 2))
    trailer = trailer.replace(b"/Root", b"/XRefStm %d /Root" % at)
    made = replace(parts, objects=tuple(objects), trailer=trailer, room=room)
    return made.sealed(cms) or b""


def _room(cms: Cms) -> int:
    return len(cms.make(b"")) + 16


def _spaced(objects: Sequence[tuple[int, bytes]], room: int) -> list[tuple[int, bytes]]:
    """The objects with room for what is filled in when they are sealed."""
    hole, wide = bytes(2 * room + 2), bytes(36)
    return [(n, body.replace(HOLE_MARK, hole).replace(RANGE_MARK, wide)) for n, body in objects]
