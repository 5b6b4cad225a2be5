"""Documents taken apart, changed by chance, put together again and signed by the seal.

What no stranger can make: it asks whether the strict reader sees what other readers see, even
where the authority's own software went wrong.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from tests.support.forge import Cms

_RANGE: Final = re.compile(rb"\[0 +\d+ +\d+ +\d+\]")
_HOLE: Final = re.compile(rb"(?<=/Contents )<[0-9a-f]*>")
RANGE_MARK: Final = b"@RANGE@".ljust(36, b"@")
"""As long as the byte range that takes its place."""
HOLE_MARK: Final = b"@HOLE@"


def plain_table(offsets: dict[int, int]) -> bytes:
    size = max(offsets) + 1
    entries = b"".join(
        b"%010d 00000 n \n" % offsets[n] if n in offsets else b"0000000000 65535 f \n"
        for n in range(size)
    )
    return b"xref\n0 %d\n%b" % (size, entries)


@dataclass(frozen=True)
class Parts:
    """A document of one revision in its parts; offsets are worked out when it is signed.

    Attributes:
        header: up to the first object.
        objects: number and text between ``obj`` and ``endobj``, in the order of the file.
        trailer: the dictionary.
        tail: from ``startxref`` on, with ``@AT@`` for its number.
        table: makes the cross-reference table of the objects' offsets.
        head: how an object begins.
        word: what stands between the table and the dictionary.
    """

    header: bytes
    objects: tuple[tuple[int, bytes], ...]
    trailer: bytes
    tail: bytes = b"startxref\n@AT@\n%%EOF\n"
    table: Callable[[dict[int, int]], bytes] = plain_table
    head: Callable[[int], bytes] = lambda number: b"%d 0 obj\n" % number
    foot: bytes = b"\nendobj\n"
    room: int = 0
    word: bytes = b"trailer\n"

    def with_object(self, place: int, body: bytes) -> Parts:
        objects = list(self.objects)
        objects[place] = objects[place][0], body
        return replace(self, objects=tuple(objects))

    def sealed(self, cms: Cms) -> bytes | None:
        """Signed as a whole; None where a change took the place of the signature away."""
        out = bytearray(self.header)
        offsets: dict[int, int] = {}
        hole = 2 * (self.room or len(cms.make(b"")) + 16) + 2
        start = 0
        for number, body in self.objects:
            offsets.setdefault(number, len(out))
            text = self.head(number) + body + self.foot
            if HOLE_MARK in text and not start:
                start = len(out) + text.index(HOLE_MARK)
                text = text.replace(HOLE_MARK, bytes(hole), 1)
            out += text
        at = len(out)
        out += self.table(offsets) + self.word + self.trailer
        out += self.tail.replace(b"@AT@", b"%d" % at)
        if not start or out.count(RANGE_MARK) != 1:
            return None
        end = start + hole
        byte_range = b"[0 %10d %10d %10d]" % (start, end, len(out) - end)
        made = bytes(out).replace(RANGE_MARK, byte_range)
        digits = cms.make(made[:start] + made[end:]).hex().encode().ljust(hole - 2, b"0")
        return made[:start] + b"<" + digits + b">" + made[end:]


def take_apart(pdf: bytes) -> Parts:
    """The parts of a document of clause 9."""
    table = int(pdf.rpartition(b"startxref\n")[2].split()[0])
    entries, _, rest = pdf[table:].partition(b"trailer\n")
    offsets = [int(line[:10]) for line in entries.splitlines()[3:]]
    order = sorted(zip(offsets, range(1, len(offsets) + 1), strict=True))
    objects = []
    for (at, number), stop in zip(order, [one for one, _ in order[1:]] + [table], strict=True):
        body = pdf[at:stop].removeprefix(b"%d 0 obj\n" % number).removesuffix(b"\nendobj\n")
        if b"/ByteRange" in body:
            body = _HOLE.sub(HOLE_MARK, _RANGE.sub(RANGE_MARK, body))
        objects.append((number, body))
    return Parts(pdf[: order[0][0]], tuple(objects), rest.partition(b"startxref")[0])


# -- changes ---------------------------------------------------------------------------------------

SNIPPETS: Final = (
    b" ", b"\n", b"\r", b"\t", b"\0", b"\x0c", b"% x\n", b"% (", b"(", b")", b"\\", b"<", b">",
    b"<<",
    b">>", b"[", b"]", b"()", b"(x)", b"(\\))", b"(\\050)", b"<41>", b"<4>", b"<4 1>", b"null",
    b" true ", b" 1 ", b" -0 ", b" +1 ", b" 1. ", b" 9 0 R ", b" 0 0 R ", b" 1 1 R ", b" 4 0 R",
    b"/AA << >>", b"/A 1", b"/X 1", b"/Lang (x)", b"/Kids [4 0 R]", b"/Type /Page", b"/Type /Sig",
    b"/Annots [5 0 R]", b"/V 2 0 R", b"/Length 3", b"/Length 3 0 R", b"/Length\n3", b"/Filter []",
    b"/Filter null", b"/DecodeParms << /Predictor 12 >>", b"/F (x)", b"/UF (token.cose)",
    b"/EF << >>",
    b"/FS /URL", b"/Names []", b"/Limits [(a) (b)]", b"/Parent 1 0 R", b"/Root 4 0 R", b"/J#53 1",
    b"/Version /1.3", b"stream\n", b"endstream\n", b"\nendobj\n", b">>\nstream\n", b"xref\n",
    b"%%EOF",
    b"trailer\n<< >>\n", b"startxref\n9\n", b"/P 2", b"/P 1", b"/ByteRange [0 1 2 3]",
    b"/Contents <>",
    b"/DocMDP 4 0 R", b"/#41F []", b"/AF [8 0 R]", b"\x80", b"\xef\xbb\xbf", b"\xfe\xff",
)  # fmt: skip

_NAME: Final = re.compile(rb"/[A-Za-z]+")
_STRING: Final = re.compile(rb"\(([^()\\]*)\)")
_NUMBER: Final = re.compile(rb"(?<![\w#@.-])\d+(?![\w#@.])")
_GAP: Final = re.compile(rb"[ \n]+")
_PAIR: Final = re.compile(rb"/[A-Za-z]+ (?:/[\w#.]+|\d+ 0 R|\d+|\([^()]*\)|\[[^\[\]]*\])")


def _one(pattern: re.Pattern[bytes], text: bytes, rng: random.Random) -> re.Match[bytes] | None:
    found = list(pattern.finditer(text))
    return rng.choice(found) if found else None


def _exchange(text: bytes, found: re.Match[bytes] | None, new: bytes) -> bytes:
    return text if found is None else text[: found.start()] + new + text[found.end() :]


def _byte(text: bytes, rng: random.Random) -> bytes:
    at, size = rng.randrange(len(text) + 1), rng.choice((0, 0, 1, 1, 2, 9))
    return text[:at] + rng.randbytes(rng.randrange(3)) + text[at + size :]


def _snippet(text: bytes, rng: random.Random) -> bytes:
    found = _one(_GAP, text, rng)
    at = rng.randrange(len(text) + 1) if found is None or rng.random() < 0.3 else found.end()
    return text[:at] + rng.choice(SNIPPETS) + rng.choice((b"", b" ")) + text[at:]


def _escaped(text: bytes, rng: random.Random) -> bytes:
    found = _one(_NAME, text, rng)
    if found is None:
        return text
    name = found[0]
    at = rng.randrange(1, len(name))
    return _exchange(text, found, name[:at] + b"#%02x" % name[at] + name[at + 1 :])


def _renamed(text: bytes, rng: random.Random) -> bytes:
    other = _one(_NAME, text, rng)
    return _exchange(text, _one(_NAME, text, rng), other[0] if other else b"/X")


def _string(text: bytes, rng: random.Random) -> bytes:
    found = _one(_STRING, text, rng)
    if found is None:
        return text
    inside = found[1]
    spelled = rng.choice(
        (
            b"<%b>" % inside.hex().encode(),
            b"<%b>" % inside.hex().upper().encode(),
            b"(%b)" % b"".join(b"\\%03o" % one for one in inside),
            b"(\\\n%b)" % inside,
            b"(%b\r)" % inside,
            b"(%b\\)" % inside,
            b"(%b())" % inside,
            b"<FEFF%b>" % inside.decode("latin-1").encode("utf-16-be").hex().encode(),
            b"<FFFE%b>" % inside.decode("latin-1").encode("utf-16-le").hex().encode(),
            b"(\xef\xbb\xbf%b)" % inside,
        )
    )
    return _exchange(text, found, spelled)


def _number(text: bytes, rng: random.Random) -> bytes:
    found = _one(_NUMBER, text, rng)
    if found is None:
        return text
    value = int(found[0])
    new = rng.choice(
        (b"%d" % (value + 1), b"%d" % rng.randrange(14), b"+%d" % value, b"0%d" % value,
         b"-%d" % value,
         b"%d.0" % value, b"%d." % value, b"%d" % (value + (1 << 32)), b"%d 0 R" % value)
    )  # fmt: skip
    return _exchange(text, found, new)


def _gap(text: bytes, rng: random.Random) -> bytes:
    new = rng.choice((b"", b" ", b"\n", b"\r", b"\r\n", b"\t", b"\0", b"\x0c", b"%\n", b"  "))
    return _exchange(text, _one(_GAP, text, rng), new)


def _twice(text: bytes, rng: random.Random) -> bytes:
    pair = _one(_PAIR, text, rng)
    return text if pair is None else _exchange(text, pair, pair[0] + b" " + _number(pair[0], rng))


def _dropped(text: bytes, rng: random.Random) -> bytes:
    return _exchange(text, _one(_PAIR, text, rng), b"")


TEXTUAL: Final = (
    _byte, _snippet, _snippet, _escaped, _renamed, _string, _number, _gap, _gap, _twice, _dropped,
)  # fmt: skip


def _in_object(parts: Parts, rng: random.Random) -> Parts:
    # Long data is left alone half of the time, so that dictionaries get their share.
    place = rng.randrange(len(parts.objects))
    _, body = parts.objects[place]
    text, mark, data = body.partition(b"\nstream\n")
    if mark and rng.random() < 0.1:
        return parts.with_object(place, text + mark + _byte(data, rng))
    return parts.with_object(place, rng.choice(TEXTUAL)(text, rng) + mark + data)


def _swapped(parts: Parts, rng: random.Random) -> Parts:
    one, two = (rng.randrange(len(parts.objects)) for _ in range(2))
    bodies = parts.objects[one][1], parts.objects[two][1]
    return parts.with_object(one, bodies[1]).with_object(two, bodies[0])


def _reordered(parts: Parts, rng: random.Random) -> Parts:
    objects = list(parts.objects)
    rng.shuffle(objects)
    return replace(parts, objects=tuple(objects))


def _copied(parts: Parts, rng: random.Random) -> Parts:
    """An object twice: the table knows the first."""
    number, body = rng.choice(parts.objects)
    if HOLE_MARK in body:
        return parts
    other = rng.choice(parts.objects)[1]
    return replace(parts, objects=(*parts.objects, (number, body if HOLE_MARK in other else other)))


def _added(parts: Parts, rng: random.Random) -> Parts:
    number = max(n for n, _ in parts.objects) + rng.choice((1, 1, 2))
    body = rng.choice((b"null", b"<< /AA 1 >>", b"<< /Type /Page >>", b"(endobj)", b"[1 0 R]"))
    return replace(parts, objects=(*parts.objects, (number, body)))


def _table(parts: Parts, rng: random.Random) -> Parts:
    edit = rng.choice((_byte, _number, _gap, _snippet))
    seed = rng.random()
    return replace(
        parts,
        table=lambda offsets: edit(plain_table(offsets), random.Random(seed)),
    )


def _crossed(parts: Parts, rng: random.Random) -> Parts:
    """Two entries of the table changed with each other, or one for another."""
    seed, both = rng.random(), rng.random() < 0.5

    def table(offsets: dict[int, int]) -> bytes:
        one, two = random.Random(seed).sample(sorted(offsets), 2)
        crossed = offsets | {one: offsets[two]}
        return plain_table(crossed | {two: offsets[one]} if both else crossed)

    return replace(parts, table=table)


def _trailer(parts: Parts, rng: random.Random) -> Parts:
    return replace(parts, trailer=rng.choice(TEXTUAL)(parts.trailer, rng))


def _ends(parts: Parts, rng: random.Random) -> Parts:
    what = rng.randrange(4)
    if what == 0:
        return replace(parts, header=rng.choice((_byte, _snippet))(parts.header, rng))
    if what == 1:
        return replace(
            parts, foot=rng.choice((b"\nendobj\r\n", b" endobj\n", b"\n\nendobj\n", b"\nendobj "))
        )
    if what == 2:
        begin = rng.choice(
            (
                b"%d 0 obj ",
                b"%d 0 obj<<",
                b"%d  0 obj\n",
                b"0%d 0 obj\n",
                b"%d 1 obj\n",
                b"\n%d 0 obj\n",
            )
        )
        return replace(parts, head=lambda number: begin % number)
    tail = parts.tail.replace(b"@AT@", b"12345") if rng.random() < 0.1 else parts.tail
    return replace(
        parts,
        tail=_snippet(tail, rng)
        if rng.random() < 0.5
        else tail + rng.choice((b"", b"\r\n", b" ", b"x")),
    )


CHANGES: Final = (
    *(_in_object,) * 14, _swapped, _reordered, _copied, _added, _table, _crossed, _trailer, _ends,
)  # fmt: skip


def change(parts: Parts, rng: random.Random) -> Parts:
    """One to three changes."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        parts = rng.choice(CHANGES)(parts, rng)
    return parts


def damage(pdf: bytes, rng: random.Random) -> bytes:
    """What a stranger can do to a finished file: any bytes, anywhere."""
    what = rng.randrange(6)
    at, size = rng.randrange(len(pdf)), rng.choice((1, 1, 2, 8, 64))
    if what == 0:
        return pdf[:at] + rng.randbytes(size) + pdf[at + size :]
    if what == 1:
        return pdf[:at] + rng.choice(SNIPPETS) + pdf[at:]
    if what == 2:
        return pdf[:at] + pdf[at + size :]
    if what == 3:
        other = rng.randrange(len(pdf))
        return pdf[:at] + pdf[other : other + size] + pdf[at + size :]
    if what == 4:
        return pdf + rng.choice(SNIPPETS) * rng.choice((1, 1, 50))
    text = bytearray(pdf)
    text[at] ^= 1 << rng.randrange(8)
    return bytes(text)
