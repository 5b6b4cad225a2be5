"""Clause 9.10 as a stranger reads it: what may follow a document, written anew and compared.

Imports nothing of etitle; values are parsed in ``leaf``, time-stamps read in ``sealing``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from tests.second.cms import NotWholeError, cms_of, elements, hole_of, range_at, read_stamp
from tests.second.encoding import RefusedError, need
from tests.second.pdf import Pdf, parse

KINDS: Final = ("Certs", "CRLs", "OCSPs")
EXTENSION: Final = b"/Extensions << /ESIC << /BaseVersion /1.7 /ExtensionLevel 5 >> >>"
REFERENCE: Final = rb"[1-9][0-9]* 0 R"
SKEW_S: Final = 300


@dataclass(frozen=True)
class Before:
    """What the next revision follows from: the file up to a place."""

    length: int
    size: int
    xref: int
    root: int
    catalog: bytes
    named: tuple[list[int], list[int], list[int]]
    about: bytes
    """/Info of the trailer, as it is written."""
    first: bytes
    """The first identifier in hexadecimal."""


@dataclass(frozen=True)
class Revision:
    """Where one revision's hole is, what its digits say, where it ends, and its certificates."""

    start: int
    stop: int
    content: bytes
    end: int
    certificates: list[bytes]


def split(pdf: bytes) -> tuple[bytes, list[Revision]]:
    """Clauses 9.10.1 to 9.10.3: the original, and at least one revision."""
    ends = _ends(pdf)
    original = pdf[: ends[0]]
    try:
        hole_of(original)
    except NotWholeError:
        raise RefusedError from None
    before = _original(original)
    found: list[Revision] = []
    for number, end in enumerate(ends[1:], 1):
        before, revision = _revision(pdf[:end], before, number)
        found.append(revision)
    return original, found


def _ends(pdf: bytes) -> list[int]:
    """Clause 9.10.3."""
    ends: list[int] = []
    while (behind := max(ends, default=0)) < len(pdf):
        at = pdf.find(b"/ByteRange", behind)
        _, second, rest = range_at(pdf, at)
        end = second + rest
        need(at < end)
        ends.append(end)
    need(len(ends) <= 11)
    return ends


def _original(pdf: bytes) -> Before:
    """What 9.10.2 takes from the original."""
    found = re.search(rb"startxref\n([0-9]+)\n%%EOF\n\Z", pdf)
    need(found)
    assert found is not None
    xref = int(found[1])
    table = re.compile(
        rb"xref\n0 [0-9]+\n(0000000000 65535 f[ \r]\n([0-9]{10} 00000 n[ \r]\n)+)trailer\n"
    ).match(pdf, xref)
    need(table)
    assert table is not None
    size = len(table[1]) // 20
    trailer = parse(pdf[table.end() : found.start()])
    need(isinstance(trailer, dict) and trailer.get("/Size") == size <= 10_000)

    def text(reference: Pdf) -> bytes:
        need(isinstance(reference, tuple) and reference[0] < size)
        at = int(table[1][20 * reference[0] :].split()[0])
        one = re.compile(rb"%d 0 obj\n(.*?)\nendobj\n" % reference[0], re.DOTALL).match(pdf, at)
        need(one)
        assert one is not None
        return one[1]

    catalog = text(trailer.get("/Root"))
    entries = parse(catalog)
    named: tuple[list[int], list[int], list[int]] = ([], [], [])
    if "/DSS" in entries:
        store = parse(text(entries["/DSS"]))
        need(isinstance(store, dict) and store.keys() <= {"/Type", "/Certs", "/CRLs", "/OCSPs"})
        for place, kind in enumerate(KINDS):
            listed = store.get(f"/{kind}", [])
            need(isinstance(listed, list) and all(isinstance(one, tuple) for one in listed))
            named[place].extend(one[0] for one in listed)
    info, identifier = trailer.get("/Info"), trailer.get("/ID")
    first = identifier[0] if isinstance(identifier, list) and identifier else b""
    return Before(
        len(pdf), size, xref, trailer["/Root"][0], catalog, named,
        b"/Info %d 0 R " % info[0] if isinstance(info, tuple) else b"",
        first.hex().encode() if isinstance(first, bytes) else b"",
    )  # fmt: skip


def _revision(pdf: bytes, before: Before, k: int) -> tuple[Before, Revision]:
    """One revision at the end of a file: its evidence and its hole are read, all is compared."""
    try:
        start, stop, content = hole_of(pdf, before.length)
    except NotWholeError:
        raise RefusedError from None
    need(pdf[start:stop] == pdf[start:stop].lower())
    items, at = _items(pdf, before)
    d = before.size + len(items)
    named = b"".join(rb"( /%b \[[0-9R ]*\])?" % kind.encode() for kind in KINDS)
    store = rb"%d 0 obj\n<< /Type /DSS%b >>\nendobj\n" % (d, named)
    written = re.compile(store).match(pdf, at)
    need(written)
    assert written is not None
    counts = [(one or b"").count(b" R") - len(old)
              for one, old in zip(written.groups(), before.named, strict=True)]  # fmt: skip
    need(sum(counts) == len(items) > 0 and d + 2 < 10_000)
    numbers = iter(range(before.size, d))
    certs, crls, ocsps = ([*old, *(next(numbers) for _ in range(count))]
                          for old, count in zip(before.named, counts, strict=True))  # fmt: skip
    after = replace(before, size=d + 3, named=(certs, crls, ocsps),
                    catalog=_catalog(before.catalog, d), length=len(pdf))  # fmt: skip
    text, xref = _write(before, after, items, k, (start, stop))
    need(pdf[before.length : start] + pdf[stop:] == text)
    return replace(after, xref=xref), Revision(start, stop, content, len(pdf), items[: counts[0]])


def _items(pdf: bytes, before: Before) -> tuple[list[bytes], int]:
    """The evidence, and where it ends."""
    at = pdf.find(b"\nendobj\n", before.length) + 8
    items: list[bytes] = []
    while one := re.compile(
        rb"%d 0 obj\n<< /Length ([0-9]+) >>\nstream\n" % (before.size + len(items))
    ).match(pdf, at):
        end = one.end() + int(one[1])
        items.append(pdf[one.end() : end])
        at = end + len(b"\nendstream\nendobj\n")
    for item in items:
        first = elements(item)
        need(len(first) == 1 and first[0][0] == 0x30)
    return items, at


def _catalog(old: bytes, d: int) -> bytes:
    """The catalog, amended in two places."""
    was = parse(old)
    fields = re.findall(rb"/Fields \[(%b(?: %b)*)\]" % (REFERENCE, REFERENCE), old)
    need(len(fields) == 1 and old.endswith(b" >>"))
    new = old.replace(b"/Fields [%b]" % fields[0], b"/Fields [%b %d 0 R]" % (fields[0], d + 1))
    expected = dict(was)
    if "/DSS" in was:
        new = re.sub(rb"/DSS %b" % REFERENCE, b"/DSS %d 0 R" % d, new)
    else:
        new = new[:-3] + b"\n%b\n/DSS %d 0 R >>" % (EXTENSION, d)
        expected["/Extensions"] = {"/ESIC": {"/BaseVersion": "/1.7", "/ExtensionLevel": 5}}
    form = was.get("/AcroForm")
    need(isinstance(form, dict) and isinstance(form.get("/Fields"), list))
    expected["/AcroForm"] = {**form, "/Fields": [*form["/Fields"], (d + 1,)]}
    expected["/DSS"] = (d,)
    need(parse(new) == expected)
    return new


def _write(
    before: Before, after: Before, items: list[bytes], k: int, hole: tuple[int, int]
) -> tuple[bytes, int]:
    """Clause 9.10.2: the revision without its hole, and the offset of its ``xref``."""
    s, r, d = before.size, before.root, after.size - 3
    objects = [b"%d 0 obj\n%b\nendobj\n" % (r, after.catalog)]
    for n, item in enumerate(items, s):
        objects.append(
            b"%d 0 obj\n<< /Length %d >>\nstream\n%b\nendstream\nendobj\n" % (n, len(item), item)
        )
    store = b"".join(
        b" /%b [%b]" % (kind.encode(), b" ".join(b"%d 0 R" % number for number in numbers))
        for kind, numbers in zip(KINDS, after.named, strict=True)
        if numbers
    )
    objects.append(b"%d 0 obj\n<< /Type /DSS%b >>\nendobj\n" % (d, store))
    objects.append(
        b"%d 0 obj\n<< /Type /Annot /Subtype /Widget /FT /Sig /T (archive-%d) /F 132 "
        b"/Rect [0 0 0 0] /V %d 0 R >>\nendobj\n" % (d + 1, k, d + 2)
    )
    second = sha256(b"".join(objects)).hexdigest()[:32].encode()
    a, b = hole
    objects.append(
        b"%d 0 obj\n<<\n/Type /DocTimeStamp\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.RFC3161\n"
        b"/ByteRange [0 %10d %10d %10d]\n/Contents " % (d + 2, a, b, after.length - b)
    )
    offsets = [before.length]
    for one in objects[:-1]:
        offsets.append(offsets[-1] + len(one))
    closing = b"\n>>\nendobj\n"
    xref = b + len(closing)
    identifier = b"/ID [<%b> <%b>] " % (before.first, second) if before.first else b""
    tail = [closing, b"xref\n%d 1\n%010d 00000 n \n%d %d\n" % (r, offsets[0], s, d + 3 - s)]
    tail += [b"%010d 00000 n \n" % one for one in offsets[1:]]
    tail.append(
        b"trailer\n<< /Size %d /Root %d 0 R %b%b/Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
        % (d + 3, r, before.about, identifier, before.xref, xref)
    )
    return b"".join(objects + tail), xref


def judge(
    pdf: bytes, revisions: list[Revision], now: int, tsas: set[bytes]
) -> tuple[tuple[str, str], int | None]:
    """Clause 9.10.4: the check, and the time of the first time-stamp where it passed."""
    doubts: list[str] = []
    times: list[int] = []
    try:
        for one in revisions:
            covered = pdf[: one.start] + pdf[one.stop : one.end]
            at, signer, others = read_stamp(cms_of(one.content), covered)
            need(all(other in one.certificates for other in others))
            need(not times or at >= times[-1] - SKEW_S)
            times.append(at)
            if signer not in tsas:
                doubts.append("stamper_unknown")
            elif at > now + SKEW_S:
                doubts.append("archived_in_future")
    except RefusedError:
        return ("fail", "timestamp_bad"), None
    return (("unknown", doubts[0]), None) if doubts else (("pass", "ok"), times[0])
