"""Archival revisions to the byte, and the originals that they follow (clauses 9.10.1 to 9.10.3).

Where an original or a revision is changed here, what stands around it keeps its length and
place: so the change is all that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tests.support.forge import stream
from tests.support.mutations import plain_table, take_apart
from tests.vectors.make.archives import FIRST_S, OCSP, Tail, archived, read_original
from tests.vectors.make.papers import maker
from tests.vectors.make.sheets import Sheet, cms, edited, page, stamp
from tests.vectors.make.shop import WrongVectorError

from etitle.pades.archived import read_archived
from etitle.pades.dss import EXTENSIONS, ValidationData
from etitle.pades.revision import build_revision
from etitle.verify.question import CLOCK_SKEW_S

PLAIN: Final = "archived-plain"
TEN: Final = "archived-10"
"""The bases."""
_MOST: Final = 10
"""Revisions."""
_AGAIN: Final = ("INVALID", "byte_range.saved_again")
_VALID: Final = ("VALID", "byte_range.ok", "archive.ok")
_DSS: Final = b"<< /Type /DSS /Certs [12 0 R] /CRLs [12 0 R] /OCSPs [12 0 R] >>"


def _times(pdf: bytes, count: int) -> bytes:
    for _ in range(count):
        pdf = archived(pdf)
    return pdf


def bases() -> dict[str, bytes]:
    """One without an identifier, and one of ten revisions."""
    plain = page().make(cms())
    return {PLAIN: archived(plain, ocsps=(OCSP,)), TEN: _times(plain, _MOST)}


def cases(made: dict[str, bytes]) -> Iterator[Sheet]:
    """Every document of this file."""
    yield _sheet(
        PLAIN,
        "归档的文件没有标识符",
        "archived, without an identifier",
        made[PLAIN],
        _VALID,
        base=PLAIN,
    )
    yield _sheet(TEN, "归档十次", "archived ten times", made[TEN], _VALID, base=TEN)
    yield _sheet(
        "archived-11", "归档十一次", "archived eleven times", _eleventh(made[TEN]), _AGAIN, base=TEN
    )
    for name, zh, en, pdf, expects in _originals(made["archived"]):
        yield _sheet(f"archive-{name}", zh, en, pdf, expects)
    for name, zh, en, pdf, expects in _plain(made[PLAIN]):
        yield _sheet(f"archive-{name}", zh, en, pdf, expects, base=PLAIN)
    for name, zh, en, pdf, expects in (*_sealed_evidence(), *_taken()):
        yield _sheet(f"archive-{name}", zh, en, pdf, expects, base=PLAIN)


Row = tuple[str, str, str, bytes, tuple[str, ...]]


def _sheet(
    name: str, zh: str, en: str, pdf: bytes, expects: tuple[str, ...], *, base: str = "archived"
) -> Sheet:
    return Sheet(
        name=name, zh=zh, en=en, expects=expects, pdf=pdf, base=base, tsas=True, archival=True
    )


def _swapped(pdf: bytes, *pairs: tuple[bytes, bytes], within: int = 0, count: int = 1) -> bytes:
    """Some bytes exchanged for as many others, the first time that they are there."""
    for old, new in pairs:
        if len(old) != len(new) or old not in pdf[within:]:
            raise WrongVectorError("revisions", old)
        pdf = pdf[:within] + pdf[within:].replace(old, new, count)
    return pdf


def _eleventh(pdf: bytes) -> bytes:
    """One revision more than there may be."""
    found = read_archived(pdf)
    if found is None:
        raise WrongVectorError("revisions", pdf[-20:])
    stamping = stamp(FIRST_S)
    base = replace(found.base, revisions=_MOST - 1)  # as if there were one less
    built = build_revision(base, ValidationData((maker("tsa").der,)), 2 * len(stamping(b"")) + 32)
    before = built.before.replace(b"(archive-10)", b"(archive-11)")
    token = stamping(pdf + before + built.after)
    digits = token.hex().encode().ljust(2 * len(stamping(b"")) + 32, b"0")
    return b"".join((pdf, before, b"<", digits, b">", built.after))


def _originals(once: bytes) -> Iterator[Row]:
    """What is read of an original."""
    original = read_original(once)
    table = int(original.rpartition(b"startxref\n")[2].split()[0])
    catalog = int(original[table:].split(b"\n")[3][:10])
    hole = original.index(b"/Contents <") + 12
    for name, zh, en, pairs in (
        ("size", "原文件 trailer 的 Size 不对", "another /Size", [(b"/Size 12 ", b"/Size 13 ")]),
        ("root-beyond", "原文件的目录不在表中", "a catalog beyond the table",
         [(b"/Root 1 0 R /Info", b"/Root 12 0 R/Info")]),
        ("root-array", "原文件的 Root 是数组", "a /Root that is an array",
         [(b"/Root 1 0 R ", b"/Root [1 0] ")]),
        ("root-off", "原文件目录的位置不对", "a place of the catalog that is one byte off",
         [(b"%010d 00000 n \n" % catalog, b"%010d 00000 n \n" % (catalog + 1))]),
        ("catalog-array", "原文件的目录是数组", "a catalog that is an array",
         [(b"<< /Type /Catalog", b"[  /Type /Catalog"),
          (b">> >> >>\nendobj", b">> >>  ]\nendobj")]),
        ("catalog-end", "原文件目录结尾不是空格", "a catalog that ends with a line feed",
         [(b">> >> >>\nendobj", b">> >>\n>>\nendobj")]),
        ("trailer-array", "原文件的 trailer 是数组", "a trailer that is an array",
         [(b"trailer\n<< /Size 12", b"trailer\n[  /Size 12"),
          (b">] >>\nstartxref", b">]  ]\nstartxref")]),
        ("trailer-two", "原文件的 trailer 后还有内容", "something behind the trailer",
         [(b">] >>\nstartxref", b">]>>1\nstartxref")]),
        ("table", "原文件没有交叉引用表", "no table", [(b"\nxref\n0 12", b"\nxreg\n0 12")]),
        ("end", "原文件没有 startxref", "no startxref", [(b"\nstartxref\n", b"\nstartxreg\n")]),
    ):  # fmt: skip
        yield f"original-{name}", zh, f"an original with {en}", _swapped(once, *pairs), _AGAIN
    torn = once[:hole] + b" " + once[hole + 1 :]
    yield ("original-hole", "原文件的签名中有空格", "an original with a space in its hole", torn,
           ("INVALID", "byte_range.changed"))  # fmt: skip


def _plain(plain: bytes) -> Iterator[Row]:
    """Revisions with a right time-stamp that are otherwise not to the byte."""
    start = len(read_original(plain))
    for name, zh, en, old, new in (
        ("item-set", "证据不是 SEQUENCE", "evidence that is no SEQUENCE", OCSP, b"\x31" + OCSP[1:]),
        ("item-two", "一项证据是两个元素", "two elements for one", OCSP, b"\x30\x00\x02\x01\x05"),
        ("item-long", "证据长度超出文件", "evidence that is longer than the file",
         b"<< /Length 5 >>", b"<</Length 9999>>"[:15]),
    ):  # fmt: skip
        changed = _swapped(plain, (old, new), within=start)
        hole = Tail.of(plain).hole
        yield name, zh, en, replace(Tail.of(plain), pdf=changed, hole=hole).stamped(), _AGAIN
    original = read_original(plain)
    first, second = FIRST_S, FIRST_S + 2 * CLOCK_SKEW_S
    pdf = archived(archived(archived(original, stamp(first)), stamp(second)),
                   stamp(second - CLOCK_SKEW_S - 1))  # fmt: skip
    yield ("third-before-the-second", "第三次归档早于第二次", "the third before the second", pdf,
           ("INVALID", "archive.timestamp_bad"))  # fmt: skip
    last = plain.rindex(b"/ByteRange")
    numbers = plain[last : plain.index(b"]", last) + 1]
    for name, zh, en, end in (
        ("range-back", "归档的签名范围在其之前结束", "a byte range that ends before itself", 16),
        (
            "range-at",
            "归档的签名范围结束于自身之处",
            "a byte range that ends where it stands",
            last,
        ),
    ):
        back = b"/ByteRange [0 %10d %10d %10d]" % (5, 7, end - 7)
        yield name, zh, en, plain.replace(numbers, back), _AGAIN


def _sealed_evidence() -> Iterator[Row]:
    """An original that holds evidence under its seal."""
    tsa = maker("tsa").der

    def holding(dss: bytes) -> bytes:
        objects = edited(1, b"/AF", b"/DSS 11 0 R /AF") | {11: dss, 12: stream(b"", tsa)}
        return archived(page(objects=objects).make(cms()))

    right = holding(_DSS)
    yield "of-evidence", "原文件已有证据", "an original with evidence", right, _VALID
    bare = holding(b"<< /Type /DSS /Certs [      ] >>")
    yield "of-no-evidence", "原文件的证据目录为空", "an original with an empty list", bare, _VALID
    for name, zh, en, pdf, old, new in (
        ("evidence-key", "原文件证据有别的键", "another key", right, b"<< /Type /DSS",
         b"<< /Typf /DSS"),
        ("evidence-array", "原文件的证据目录是数组", "an array for its dictionary", right, _DSS,
         b"[ " + _DSS[2:-2] + b" ]"),
        ("evidence-no-list", "原文件的证据不是数组", "a dictionary for a list", bare, b"[      ]",
         b"<<    >>"),
        ("evidence-within", "原文件的证据是数组的数组", "a list in its list", right,
         b"/Certs [12 0 R]", b"/Certs [ [12] ]"),
    ):  # fmt: skip
        yield name, zh, f"an original with {en}", _swapped(pdf, (old, new)), _AGAIN


def _taken() -> Iterator[Row]:
    """Originals that differ in what a revision takes up."""
    info = {11: b"<< /Title (sample) >>"}
    for name, zh, en, changes in (
        ("id-empty", "原文件的标识符数组为空", "an empty /ID", {"trailer": b"/ID [] "}),
        ("id-names", "原文件的标识符不是字符串", "an /ID of names", {"trailer": b"/ID [/a /b] "}),
        ("id-nothing", "原文件的标识符是空字符串", "an /ID of empty strings",
         {"trailer": b"/ID [<> <>] "}),
        ("id-number", "原文件的标识符是数", "an /ID that is a number", {"trailer": b"/ID 5 "}),
        ("many", "原文件有 39 个对象", "39 objects",
         {"objects": dict.fromkeys(range(11, 40), b"null")}),
        ("id-alone", "原文件有标识符，没有 Info", "an /ID and no /Info",
         {"trailer": b"/ID [<5a5a> <5a5a>] "}),
        ("info-alone", "原文件有 Info，没有标识符", "an /Info and no /ID",
         {"trailer": b"/Info 11 0 R ", "objects": info}),
    ):  # fmt: skip
        pdf = archived(page(**changes).make(cms()))
        yield f"of-{name}", zh, f"an original with {en}", pdf, _VALID
    parts = take_apart(page().make(cms()))
    spread = replace(parts, table=lambda at: plain_table(at).replace(b" \n", b"\r\n"))
    pdf = archived(spread.sealed(cms()) or b"")
    yield ("of-crlf", "原文件的交叉引用表用回车换行",
           "an original whose entries end with CR and LF", pdf, _VALID)  # fmt: skip
    yield from _catalogs()
    yield from _written_ones()
    twice = edited(1, b"/AF", b"/ViewerPreferences << /X (xFields [9 0 R]) >> /AF")
    pdf = archived(page(objects=twice).make(cms()))
    yield ("fields-twice", "目录中另有表单域字样", "a catalog that says /Fields twice",
           _swapped(pdf, (b"(xFields", b"(/Fields"), count=2), _AGAIN)  # fmt: skip


def _catalogs() -> Iterator[Row]:
    """Catalogs in which the form is not where it should be, amended all the same."""
    right = archived(page().make(cms()))
    within = (b">>\n/AcroForm << /Fields", b">>/AcroForm<</A(/Fields"), (b"3 >>\n/AF", b"3)>>\n/AF")
    for name, zh, en, pairs in (
        ("no-form", "目录中没有表单", "no form in the catalog", ((b"/AcroForm", b"/AcroFarm"),)),
        ("form-within", "表单域字样在字符串中", "the words of the fields in a string", within),
    ):
        yield name, zh, en, _swapped(right, *pairs, count=2), _AGAIN


def _written(catalog: bytes, items: tuple[bytes, ...], dss: bytes) -> bytes:
    """A revision of any catalog, items and evidence, with a right time-stamp."""
    original = page(objects={1: catalog}).make(cms())
    size = 1 + max(page().bodies())
    number = size + len(items)
    grown = b"/Fields [5 0 R %d 0 R]" % (number + 1)
    bodies = {1: catalog.replace(b"/Fields [5 0 R]", grown)}
    bodies[1] = b"%b\n%b\n/DSS %d 0 R >>" % (bodies[1][:-3], EXTENSIONS, number)
    for at, item in enumerate(items, size):
        bodies[at] = b"<< /Length %d >>\nstream\n%b\nendstream" % (len(item), item)
    bodies[number] = dss
    bodies[number + 1] = (
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (archive-1) /F 132 /Rect [0 0 0 0]"
        b" /V %d 0 R >>" % (number + 2)
    )
    out, offsets = original, list[int]()
    for at, body in bodies.items():
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (at, body)
    offsets.append(len(out))
    out += b"%d 0 obj\n<<\n/Type /DocTimeStamp\n/Filter /Adobe.PPKLite\n" % (number + 2)
    out += b"/SubFilter /ETSI.RFC3161\n/ByteRange "
    stamping = stamp(FIRST_S)
    start = len(out) + 36 + 11
    end = start + 2 + 2 * len(stamping(b"")) + 32
    table = end + len(b"\n>>\nendobj\n")
    tail = b"\n>>\nendobj\nxref\n1 1\n%010d 00000 n \n" % offsets[0]
    tail += b"%d %d\n" % (size, len(offsets) - 1)
    tail += b"".join(b"%010d 00000 n \n" % offset for offset in offsets[1:])
    before = int(original.rpartition(b"startxref\n")[2].split()[0])
    tail += b"trailer\n<< /Size %d /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (
        number + 3, before, table,
    )  # fmt: skip
    out += b"[0 %10d %10d %10d]\n/Contents " % (start, end, len(tail))
    digits = stamping(out + tail).hex().encode().ljust(end - start - 2, b"0")
    return b"".join((out, b"<", digits, b">", tail))


def _written_ones() -> Iterator[Row]:
    catalog, tsa = page().bodies()[1], maker("tsa").der
    spread = catalog.replace(b"/Fields [5 0 R]", b"/Fields[5 0 R]")
    named = spread.replace(b"/AF", b"/ViewerPreferences << /X (/Fields [5 0 R]) >> /AF")
    one = b"<< /Type /DSS /Certs [11 0 R] >>"
    for name, zh, en, expects, made in (
        ("written", "另一程序归档", "archived by another program", _VALID,
         _written(catalog, (tsa,), one)),
        ("unnamed", "一项证据没有列出", "evidence that is not listed", _AGAIN,
         _written(catalog, (tsa, OCSP), one)),
        ("named-nowhere", "列出的证据不存在", "a list of evidence that is not there", _AGAIN,
         _written(catalog, (tsa,), b"<< /Type /DSS /Certs [11 0 R] /OCSPs [12 0 R] >>")),
        ("nothing", "没有证据", "no evidence", _AGAIN, _written(catalog, (), b"<< /Type /DSS >>")),
        ("string-grown", "加长的是字符串中的表单域", "fields that grow in a string", _AGAIN,
         _written(named, (tsa,), one)),
    ):  # fmt: skip
        yield name, zh, en, made, expects
