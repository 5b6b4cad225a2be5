"""Heavy documents end in bounded time and memory, each in a process of its own (clause 9)."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Final

import pytest
from tests.support.authority import AT
from tests.support.forge import Cms, attribute, masked, office, stream, tlv
from tests.support.population import certificates
from tests.support.x509 import Maker

from etitle.pades.objects import MAX_OBJECTS
from etitle.pades.structure import MAX_PAGES
from etitle.trust.bundle import encode_bundle

OURS = office(masked(certificates(1)[0]))
ROGUE = Maker.root("样例根证书").leaf("样例职称专用章")
MEMORY_BYTES: Final = 1 << 30
"""Address space of the process, its own code and libraries included."""
CPU_S: Final = 20


CHILD: Final = """
import datetime, json, resource, sys, time
from pathlib import Path
from etitle.trust.anchors import Anchor, Lists, Trust
from etitle.trust.bundle import decode_bundle
from etitle.verify.document import verify_document
from etitle.verify.question import Question
memory, cpu = map(int, sys.argv[1:3])
folder = Path(sys.argv[3])
trust = Trust((Anchor(decode_bundle((folder / "bundle").read_bytes()), (), 0),))
pdf = (folder / "a.pdf").read_bytes()
resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
at = datetime.datetime.fromisoformat(sys.argv[4])
start = time.process_time()
verdict = verify_document(pdf, Question(trust=trust, lists=Lists(()), at=at))
print(json.dumps([verdict.summary, time.process_time() - start,
                  [check.reason for check in verdict.checks]]))
"""


def judged(pdf: bytes, folder: Path) -> tuple[str, float, list[str]]:
    """Summary, seconds of CPU and reasons, by a process with little memory."""
    (folder / "a.pdf").write_bytes(pdf)
    (folder / "bundle").write_bytes(encode_bundle(OURS.world.bundle))
    done = subprocess.run(  # noqa: S603  # ourselves
        [sys.executable, "-c", CHILD, str(MEMORY_BYTES), str(CPU_S), str(folder), AT.isoformat()],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    summary, cpu_s, reasons = json.loads(done.stdout)
    return summary, cpu_s, reasons


@cache
def zeros(size: int) -> bytes:
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    packed = [packer.compress(block) for _ in range(size >> 20)]
    return b"".join([*packed, packer.compress(bytes(size & ((1 << 20) - 1))), packer.flush()])


def picture(width: int, height: int, entries: bytes, data: bytes) -> bytes:
    head = b"/Type /XObject /Subtype /Image /Width %d /Height %d /Filter /FlateDecode %b"
    return b"1 0 obj\n" + stream(head % (width, height, entries), data) + b"\nendobj\n"


def scan(*pictures: bytes) -> bytes:
    return b"%PDF-1.4\n" + b"".join(pictures)


def stuffed(objects: dict[int, bytes], cms: Cms) -> bytes:
    last = max(OURS.pdf.bodies())
    gaps = dict.fromkeys(range(last + 1, max(objects)), b"null")
    return replace(OURS.pdf, objects=gaps | objects).make(cms)


def pages(count: int) -> dict[int, bytes]:
    kids = b" ".join(b"%d 0 R" % n for n in range(20, 20 + count))
    page = b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 9 9] /Resources << >> >>"
    tree = {3: b"<< /Type /Pages /Count %d /Kids [4 0 R %b] >>" % (count + 1, kids)}
    return tree | {20 + n: page for n in range(count)}


def bombs(cms: Cms) -> bytes:
    entries = b"/Type /ObjStm /N 9 /First 40 /Filter /FlateDecode"
    objects = {20 + n: stream(entries, zeros(100_000_000)) for n in range(4)}
    page = {6: stream(b"/Filter /FlateDecode", zeros(100_000_000))}
    return stuffed(objects | page, cms)


def chained(kind: bytes, count: int, cms: Cms) -> bytes:
    """A tree in which each node hangs on the one before, and the last on the first."""
    objects = {
        20 + n: b"<< /Type /%b /P %d 0 R /Kids [%d 0 R] /K %d 0 R /Count 1 >>"
        % (kind, 19 + n, 21 + n, 21 + n)
        for n in range(count)
    }
    objects[20 + count] = b"<< /Kids [20 0 R] /K 20 0 R >>"
    catalog = OURS.pdf.bodies()[1].replace(
        b"/Lang", b"/StructTreeRoot 20 0 R /PageLabels 20 0 R /Lang"
    )
    if kind == b"Pages":
        catalog = catalog.replace(b"/Pages 3 0 R", b"/Pages 20 0 R")
    return stuffed(objects | {1: catalog}, cms)


def long_attributes() -> bytes:
    """Half a megabyte of attributes around the seal's certificate."""
    many = [attribute(f"1.2.3.{n}", tlv(4, b"x")) for n in range(20_000)]
    return OURS.pdf.make(replace(OURS.cms, attributes=lambda found: [*found, *many]))


def nested(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = tlv(0x30, inner)
    return OURS.pdf.make(replace(OURS.cms, finish=lambda _: inner))


STRANGERS: Final[dict[str, Callable[[], bytes]]] = {
    "object-stream and content bombs": partial(bombs, Cms(ROGUE)),
    "ten thousand pages": lambda: stuffed(pages(9_900), Cms(ROGUE)),
    "a million pages that are nowhere": lambda: (
        b"%PDF-1.7\n3 0 obj\n<< /Kids [" + b"4 0 R " * 1_000_000 + b"] >>\nendobj\n/ByteRange"
    ),
    "a tree of pages that holds itself": partial(chained, b"Pages", 3000, Cms(ROGUE)),
    "a tree of structure that holds itself": partial(chained, b"StructElem", 3000, Cms(ROGUE)),
    "brackets a million deep": lambda: (
        b"%PDF-1.7\n" + b"[<< /A " * 1_000_000 + b"/ByteRange [0 1 2 3]"
    ),
    "a name of megabytes": lambda: b"%PDF-1.7\n/" + b"N" * 30_000_000 + b"/ByteRange [0 1 2 3]",
    "a string of megabytes": lambda: b"%PDF-1.7\n(" + b"\\(" * 15_000_000 + b"/ByteRange [0 1 2 3]",
    "half a million byte ranges": lambda: b"%PDF-1.7\n" + b"/ByteRange [0 1 2 3]" * 500_000,
    "half of a byte range, again and again": lambda: (
        b"%PDF-1.7\n" + (b"/ByteRange [0" + b" " * 10) * 500_000
    ),
    "a hole of 60 megabytes": lambda: longest_hole(60_000_000),
    "a hole as long as is read": lambda: longest_hole(1 << 20),
    "the seal's certificate in megabytes of digits": lambda: (
        b"%PDF-1.7\n/ByteRange" + b"ab" * 5_000_000 + OURS.seal.der.hex().encode() + b"c" * 900_001
    ),
    "digits in pieces": lambda: b"%PDF-1.7\n/ByteRange" + (b"a" * 513 + b" ") * 30_000,
    "DER a thousand deep": partial(nested, 1000),
    "twenty thousand attributes": long_attributes,
    "a certificate of its own size": lambda: OURS.pdf.make(
        replace(OURS.cms, chain=(tlv(0x30, bytes(20_000)),))
    ),
    "a hundred certificates": lambda: OURS.pdf.make(
        replace(OURS.cms, chain=tuple(tlv(0x30, bytes((n,))) for n in range(100)))
    ),
}  # fmt: skip

HEAD: Final = b" /Image /Width 99 /Height 99 "
SCANS: Final[dict[str, Callable[[], bytes]]] = {
    "a picture of 300 megabytes": lambda: scan(
        picture(7071, 7071, b"/ColorSpace /DeviceRGB /BitsPerComponent 16", zeros(299_994_246))
    ),
    "one of 150 megabytes": lambda: scan(
        picture(7071, 7071, b"/ColorSpace /DeviceRGB /BitsPerComponent 8", zeros(149_997_123))
    ),
    "many streams": lambda: scan(
        (b"1 0 obj << /Filter[" + b"/a" * 200 + HEAD + b"stream\nendstream\n") * 20_000
    ),
    "filters that open and never close": lambda: scan(
        (b"/Filter[" * 240 + HEAD + b"stream\nendstream\n") * 5_000
    ),
}  # fmt: skip

SEALED: Final[dict[str, Callable[[], bytes]]] = {
    "bombs": partial(bombs, OURS.cms),
    "a tree of pages that holds itself": partial(chained, b"Pages", 3000, OURS.cms),
    "brackets": lambda: stuffed({6: b"[" * 60_000 + b"]" * 60_000}, OURS.cms),
    "an object too long": lambda: stuffed({3: b"<< /A (" + b"x" * 70_000 + b") >>"}, OURS.cms),
    "pages over the limit": lambda: stuffed(pages(MAX_PAGES), OURS.cms),
    "objects over the limit": lambda: stuffed({MAX_OBJECTS + 1: b"null"}, OURS.cms),
}  # fmt: skip


@pytest.mark.parametrize("name", STRANGERS)
def test_what_a_stranger_makes_heavy_is_soon_put_aside(name: str, tmp_path: Path) -> None:
    summary, cpu_s, reasons = judged(STRANGERS[name](), tmp_path)
    assert summary != "VALID"
    assert cpu_s < 5
    assert set(reasons) & {"seal_unknown", "cut_short", "signature_unreadable", "cms_malformed"}


@pytest.mark.parametrize("name", SCANS)
def test_a_scan_takes_no_more_than_its_pictures(name: str, tmp_path: Path) -> None:
    summary, _, reasons = judged(SCANS[name](), tmp_path)
    assert summary == "INDETERMINATE"
    assert reasons[0] == "unsigned"


@pytest.mark.parametrize("name", SEALED)
def test_even_the_seals_own_odd_documents_are_bounded(name: str, tmp_path: Path) -> None:
    _, _, reasons = judged(SEALED[name](), tmp_path)
    assert reasons[:3] == ["ok", "ok", "ok"]


def longest_hole(size: int) -> bytes:
    """A file in order around a hole that is full of digits."""
    before = b"%%PDF-1.7\n/ByteRange [0 %10d %10d %10d] /Contents "
    start = len(before % (0, 0, 0))
    end = start + size
    return before % (start, end, 1) + b"<" + b"3" * (size - 2) + b">" + b"\n"
