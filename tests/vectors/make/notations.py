"""Documents that the seal signed, in other notations: taken or refused (clauses 9.1 to 9.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tests.support.forge import stream
from tests.support.mutations import Parts, plain_table, take_apart
from tests.vectors.make.sheets import Sheet, cms, edited, page, stored
from tests.vectors.make.shop import WrongVectorError

_REFUSED: Final = ("INVALID", "structure.document_malformed")
_VALID: Final = ("VALID", "structure.ok")
_UNREAD: Final = ("INDETERMINATE", "structure.ok", "read.not_ours")
_MOST: Final = 4096
"""Bytes of an attachment."""


def cases() -> Iterator[Sheet]:
    """Every document of this file."""
    parts = take_apart(page().make(cms()))
    for rows in (_around(parts), _signature(parts), _catalog(), _attached(), _packed(), _days()):
        for name, zh, en, expects, pdf in rows:
            yield Sheet(name=name, zh=zh, en=en, expects=expects, pdf=pdf)


Row = tuple[str, str, str, tuple[str, ...], bytes]


def _sealed(parts: Parts) -> bytes:
    made = parts.sealed(cms())
    if made is None:
        raise WrongVectorError("notations", parts)
    return made


def _with_signature(parts: Parts, old: bytes, new: bytes) -> bytes:
    objects = tuple((n, re.sub(old, new, body) if n == 2 else body) for n, body in parts.objects)
    return _sealed(replace(parts, objects=objects))


def _around(parts: Parts) -> Iterator[Row]:
    """What is around the objects."""
    page_body = dict(parts.objects)[4]
    last = b"startxref\n@AT@\n%%EOF"

    def second_named(at: dict[int, int]) -> bytes:
        return plain_table({**at, 4: at[5] - len(b"4 0 obj\n%b\nendobj\n" % page_body)})

    for name, zh, en, expects, changes in (
        ("table-crlf", "交叉引用表的行以回车换行结束", "entries that end with CR and LF", _VALID,
         {"table": lambda at: plain_table(at).replace(b" \n", b"\r\n")}),
        ("table-first-end", "首个条目以两个换行结束", "a first entry that ends with two line feeds",
         _REFUSED, {"table": lambda at: plain_table(at).replace(b"f \n", b"f\n\n")}),
        ("table-entry-end", "条目以两个换行结束", "an entry that ends with two line feeds",
         _REFUSED,
         {"table": lambda at: plain_table(at).replace(b"n \n", b"n\n\n", 1)}),
        ("trailer-array", "trailer 后是数组", "a trailer that is an array", _REFUSED,
         {"trailer": b"[]\n"}),
        ("trailer-spaces", "trailer 后有空白", "white space behind the trailer", _VALID,
         {"trailer": parts.trailer + b" \t\r\n"}),
        ("no-line-end", "末尾没有换行", "no line end at the end", _VALID, {"tail": last}),
        ("crlf-end", "末尾是回车换行", "CR and LF at the end", _VALID, {"tail": last + b"\r\n"}),
        ("object-twice-last", "一个对象出现两次，表中是后一个",
         "an object twice, the second in the table", _REFUSED,
         {"objects": ((4, page_body.replace(b"595", b"594")), *parts.objects),
          "table": second_named}),
    ):  # fmt: skip
        yield name, zh, en, expects, _sealed(replace(parts, **changes))
    body = page(objects={11: b"1 \n\r\t"}).make(cms())
    yield "space-before-endobj", "对象末尾有空白", "white space at an object's end", _VALID, body


def _signature(parts: Parts) -> Iterator[Row]:
    """The signature's dictionary."""
    hole = b"/Contents @HOLE@"
    for name, zh, en, old, new in (
        ("hole-elsewhere", "空隙是 Name 的值", "a gap that is the value of /Name", hole,
         b"/Contents () /Name @HOLE@"),
        ("hole-within", "空隙在内层字典中", "a gap in a dictionary within", hole,
         b"/Name << /Contents @HOLE@ >>"),
        ("range-within", "签名范围在内层字典中", "a byte range in a dictionary within",
         rb"/ByteRange (@RANGE@+)", rb"/Name << /ByteRange \1 >>"),
        ("no-time", "没有签章时间", "no time", rb"/M \([^)]*\)", b"/M null"),
        ("other-type", "签名字典的类型不对", "a signature of another type", b"/Type /Sig ",
         b"/Type /Sog "),
        ("two-references", "有两个 Reference", "two references", rb"/Reference \[",
         b"/Reference [<< /Type /SigRef >> "),
        ("other-transform", "另一种变换", "another transform", b"/DocMDP\n", b"/FieldMDP\n"),
    ):  # fmt: skip
        yield f"signature-{name}", zh, en, _REFUSED, _with_signature(parts, old, new)


def _catalog() -> Iterator[Row]:
    """The form, the field and the pages."""
    form = b"/AcroForm << /Fields [5 0 R] /SigFlags 3 >>"
    for name, zh, en, number, old, new in (
        ("form-nowhere", "表单不存在", "a form that is nowhere", 1, form, b"/AcroForm 77 0 R"),
        ("form-array", "表单是数组", "a form that is an array", 1, form, b"/AcroForm []"),
        ("fields-nowhere", "签名域不存在", "a field that is nowhere", 1, b"[5 0 R]", b"[77 0 R]"),
        ("fields-no-array", "表单域不是数组", "fields that are no array", 1, b"[5 0 R]", b"5 0 R"),
        ("key-no-name", "字典的键不是名称", "a key that is no name", 1, b"/Lang",
         b"/ViewerPreferences << 1 2 >> /Lang"),
        ("page-of-other-type", "页面的类型不对", "a page of another type", 4, b"/Type /Page ",
         b"/Type /Template "),
        ("page-of-no-type", "页面没有类型", "a page without a type", 4, b"/Type /Page ", b""),
        ("pages-of-other-type", "页树的类型不对", "a page tree of another type", 3,
         b"/Type /Pages", b"/Type /Page"),
        ("page-action", "页面有动作", "a page with an action", 4, b"/MediaBox", b"/A 1 /MediaBox"),
        ("field-no-value", "签名域没有值", "a field without a value", 5, b"/V 2 0 R", b""),
        ("field-text", "签名域是文本域", "a field for text", 5, b"/FT /Sig", b"/FT /Tx"),
        ("field-key", "签名域多一个键", "another key of the field", 5, b"/F 132", b"/X 1 /F 132"),
    ):  # fmt: skip
        yield name, zh, en, _REFUSED, page(objects=edited(number, old, new)).make(cms())


def _attached() -> Iterator[Row]:
    """Attachments, and where they are listed."""
    bodies = page().bodies()
    listed = b"(opening.txt) 8 0 R (token.cose) 10 0 R"

    def with_more(name: bytes, specification: bytes) -> dict[int, bytes]:
        catalog = bodies[1].replace(b"/AF [8 0 R 10 0 R]", b"/AF [8 0 R 10 0 R 12 0 R]")
        return {
            1: catalog.replace(b"] >> >>", b" (%b) 12 0 R] >> >>" % name),
            11: stream(b"/Type /EmbeddedFile /Subtype /text#2Fplain", b"x"),
            12: specification.replace(b"7 0 R", b"11 0 R"),
        }

    opening = bodies[8]
    wide = b"<FEFF%b>" % "opening.txt".encode("utf-16-be").hex().encode()
    for name, zh, en, expects, objects in (
        ("no-af", "没有关联文件", "no associated files", _REFUSED,
         edited(1, b"/AF [8 0 R 10 0 R]", b"")),
        ("no-names", "没有名字树", "no name tree", _REFUSED,
         {1: re.sub(rb"/Names <<.*>> >> >>", b">>", bodies[1])}),
        ("names-odd", "名字树少一个文件", "a name without a file", _REFUSED,
         edited(1, b"10 0 R ] >> >>", b"10 0 R (x)] >> >>")),
        ("third-file", "多一个名称不同的附件", "another file of another name", _REFUSED,
         with_more(b"a.txt", opening.replace(b"opening", b"a"))),
        ("file-twice", "同名附件出现两次", "two files of one name", _REFUSED,
         with_more(b"opening.txt", opening)),
        ("names-swapped", "名字树中的名称互换", "names that are swapped in the tree", _REFUSED,
         edited(1, listed, b"(opening.txt) 10 0 R (token.cose) 8 0 R")),
        ("file-no-stream", "附件不是流", "a file that is no stream", _REFUSED,
         edited(8, b"/EF << /F 7 0 R", b"/EF << /F 3 0 R")),
        ("file-nowhere", "附件为空", "a file that is null", _REFUSED,
         edited(8, b"/EF << /F 7 0 R", b"/EF << /F null")),
        ("name-utf16", "名称用 UTF-16", "a name in UTF-16", _VALID,
         edited(8, b"/UF (opening.txt)", b"/UF " + wide)),
        ("name-no-string", "名称不是字符串", "a name that is no string", _REFUSED,
         edited(8, b"/UF (opening.txt)", b"/UF /opening.txt")),
    ):  # fmt: skip
        yield f"attached-{name}", zh, en, expects, page(objects=objects).make(cms())
    for size, outcome in ((_MOST, _UNREAD), (_MOST + 1, _REFUSED)):
        pdf = page(token=bytes(size)).make(cms())
        yield f"attached-{size}", f"附件有 {size} 字节", f"a file of {size} bytes", outcome, pdf


def _packed() -> Iterator[Row]:
    """Attachments that are deflated."""
    token = page().token or b""
    block = stored(token)
    for name, zh, en, expects, kind, data in (
        ("array", "压缩方式写成数组", "a filter in an array", _VALID, b"[/FlateDecode]", block),
        ("other", "另一种压缩方式", "another filter than it is packed with", _REFUSED,
         b"/ASCIIHexDecode", block),
        ("cut", "压缩数据不完整", "a stream that is cut short", _REFUSED, b"/FlateDecode",
         block[:-1]),
        ("wrong", "不是压缩数据", "a stream that is not packed", _REFUSED, b"/FlateDecode",
         b"xyz"),
    ):  # fmt: skip
        entries = b"/Type /EmbeddedFile /Subtype /application#2Fcose /Filter " + kind
        yield (
            f"packed-{name}",
            zh,
            en,
            expects,
            page(objects={9: stream(entries, data)}).make(cms()),
        )


def _days() -> Iterator[Row]:
    """Notations of ``/M``."""
    for name, zh, en, expects, text in (
        ("open", "时区末尾没有撇号", "no apostrophe at the end", _VALID, "20261119120000+08'00"),
        ("23-59", "时区差 23 小时 59 分", "an offset of 23:59", _VALID, "20261119120000+23'59'"),
        ("minus", "时区差负 1 分钟", "an offset of a minute less", _VALID, "20261119120000-00'01'"),
        ("60", "时区差 60 分钟", "an offset of 60 minutes", _REFUSED, "20261119120000+08'60'"),
        ("hours", "时区只有小时", "an offset in hours alone", _REFUSED, "20261119120000+08"),
        ("no-zone", "没有时区", "no zone", _REFUSED, "20261119120000"),
        ("no-seconds", "没有秒", "no seconds", _REFUSED, "202611191200+08'00'"),
        ("month-13", "没有这个月", "a month that there is not", _REFUSED, "20261319120000Z"),
        ("13-digits", "少一位数字", "a digit less", _REFUSED, "2026111912000Z"),
        ("15-digits", "多一位数字", "a digit more", _REFUSED, "202611191200000Z"),
        ("short-hour", "时区差的小时只有一位", "an hour of one digit", _REFUSED,
         "20261119120000+8'00'"),
        ("short-minute", "时区差的分钟只有一位", "a minute of one digit", _REFUSED,
         "20261119120000+08'0'"),
        ("long-hour", "时区差的小时有三位", "an hour of three digits", _REFUSED,
         "20261119120000+008'00'"),
        ("long-minute", "时区差的分钟有三位", "a minute of three digits", _REFUSED,
         "20261119120000+08'000'"),
    ):  # fmt: skip
        yield (f"date-{name}", f"签章时间：{zh}", f"the time of the seal: {en}", expects,
               page(sealed=f"D:{text}").make(cms()))  # fmt: skip
