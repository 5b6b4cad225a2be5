"""Documents that the seal signed, refused for their shape (clauses 9.1, 9.2, 9.7.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tests.support.forge import stream
from tests.support.mutations import Parts, plain_table, take_apart
from tests.support.packed import hybrid, object_stream, reference_stream, with_reference_stream
from tests.vectors.make.sheets import Sheet, cms, edited, page

_REFUSED: Final = ("INVALID", "structure.document_malformed")


def cases() -> Iterator[Sheet]:
    """Every shape."""
    yield from _shapes()
    yield from _objects()
    yield from _texts()
    yield from _files()


def _shapes() -> Iterator[Sheet]:
    """Signed by the seal, and yet of a shape that is refused."""
    field = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (x) /Rect [0 0 9 9] >>"
    note = b"<< /Type /Annot /Subtype /FreeText /Rect [0 0 595 842] /Contents (x) >>"
    for name, zh, en, objects in (
        ("javascript", "打开时运行脚本", "an action on opening",
         edited(1, b"/Lang", b"/OpenAction << /S /JavaScript /JS (x) >> /Lang")),
        ("layers", "可选内容", "optional content",
         edited(1, b"/Lang", b"/OCProperties << >> /Lang")),
        ("xfa", "XFA 表单", "XFA", edited(1, b"/SigFlags", b"/XFA [] /SigFlags")),
        ("annotation", "页面上有批注", "an annotation over the page",
         edited(4, b"[5 0 R]", b"[5 0 R 11 0 R]") | {11: note}),
        ("second-field", "还有另一个表单域", "a second field",
         edited(1, b"[5 0 R]", b"[5 0 R 11 0 R]") | {11: field}),
        ("unnamed-field", "签名域没有名字", "a field without a name", edited(5, b"/T (seal)", b"")),
        ("no-permission", "没有认证权限", "no permissions", edited(1, b"/DocMDP 2 0 R", b"")),
        ("pages-hold-themselves", "页树自我包含", "a tree of pages that holds itself",
         {3: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"}),
        ("other-attachment", "多一个附件", "another attachment",
         edited(1, b"/Names [", b"/Names [(a) 10 0 R ")),
        ("external-stream", "流的数据在文件之外", "a stream whose data stand elsewhere",
         {6: stream(b"/F (x.bin)", b"0 0 m 9 9 l S")}),
        ("user-unit", "页面改了单位", "a page with another unit",
         edited(4, b"/MediaBox", b"/UserUnit 2 /MediaBox")),
        ("page-stream", "页面是流", "a page that is a stream",
         {4: stream(page().bodies()[4][2:-2], b"x")}),
        ("count-wrong", "页数不符", "a wrong count of pages",
         {3: b"<< /Type /Pages /Kids [4 0 R] /Count 2 >>"}),
        ("two-files", "一个附件两份内容", "two files for one attachment",
         edited(8, b"/EF << /F", b"/EF << /UF 6 0 R /F")),
        ("not-associated", "附件与关联文件不一致", "files other than those associated",
         edited(1, b"/AF [8 0 R 10 0 R]", b"/AF [8 0 R 8 0 R]")),
    ):  # fmt: skip
        yield Sheet(
            name=name, zh=zh, en=en, expects=("INVALID", "structure.document_malformed"),
            pdf=page(objects=objects).make(cms()),
        )  # fmt: skip
    for name, zh, en, changes in (
        ("permission-2", "允许填写表单", "form filling allowed", {"permission": 2}),
        ("no-date", "没有签章时间", "no date", {"sealed": "yesterday"}),
        ("date-of-no-zone", "时区不存在", "a date in no zone",
         {"sealed": "D:20261119120000+24'00'"}),
        ("previous", "声称有旧版本", "a trailer that names another", {"trailer": b"/Prev 9 "}),
        ("encrypted", "声称加密", "a trailer that says encrypted", {"trailer": b"/Encrypt 4 0 R "}),
    ):  # fmt: skip
        yield Sheet(
            name=name, zh=zh, en=en, expects=("INVALID", "structure.document_malformed"),
            pdf=page(**changes).make(cms()),
        )  # fmt: skip
    yield Sheet(
        name="no-token", zh="没有附带令牌", en="nothing attached",
        expects=("INDETERMINATE", "structure.token_missing", "signing_time.not_checked",
                 "agreement.not_checked"),
        pdf=page(token=None, opening=None).make(cms()),
    )  # fmt: skip


def _streamed(number: int, key: bytes) -> dict[int, bytes]:
    """A dictionary within an object, which becomes a stream of its own."""
    body = page().bodies()[number]
    found = re.search(rb"%b (<< (?:[^<>]|<< [^<>]* >>)* >>)" % key, body)
    if found is None:
        raise LookupError(key)
    inside = found[1][2:-2].strip()
    return {
        number: body.replace(found[1], b"11 0 R"),
        11: stream(inside, b"x"),
    }


def _objects() -> Iterator[Sheet]:
    """What 9.7.4 names of a file's objects."""
    bodies = page().bodies()
    widget = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (x) /Rect [0 0 9 9] >>"
    for name, zh, en, objects in (
        ("spare-object-stream", "表外的对象流", "an object stream that nothing refers to",
         {11: object_stream([(4, bodies[4].replace(b"[0 0 595 842]", b"[0 0 9 9]"))])}),
        ("spare-reference-stream", "表外的交叉引用流",
         "a cross-reference stream that nothing refers to",
         {11: reference_stream({4: 9}, size=11)}),
        ("spare-action", "引用不到的动作", "an action that nothing refers to",
         {11: b"<< /S /JavaScript /JS (x) >>"}),
        ("catalog-stream", "目录是流", "a catalog that is a stream",
         {1: stream(bodies[1][2:-2], b"x")}),
        ("form-stream", "表单是流", "a form that is a stream", _streamed(1, b"/AcroForm")),
        ("permissions-stream", "权限是流", "permissions that are a stream",
         _streamed(1, b"/Perms")),
        ("names-stream", "名字树是流", "a name tree that is a stream",
         _streamed(1, b"/EmbeddedFiles")),
        ("field-stream", "签名域是流", "a field that is a stream",
         {5: stream(bodies[5].replace(b"/F 132", b"")[2:-2], b"x")}),
        ("files-stream", "附件的 EF 是流", "an /EF that is a stream", _streamed(8, b"/EF")),
        ("named-empty", "签名域的名字是空的", "a field with an empty name",
         edited(5, b"(seal)", b"()")),
        ("widget-elsewhere", "页面上是另一个签名域", "another widget than the field on the page",
         edited(4, b"[5 0 R]", b"[11 0 R]") | {11: widget}),
        ("no-widget", "签名域不是小部件", "a field that is no widget",
         edited(5, b"/Widget", b"/Stamp")),
        ("no-uf", "附件没有 UF", "a file without /UF", edited(8, b"/UF (opening.txt)", b"")),
        ("other-uf", "附件的 F 与 UF 不同", "a file of two names",
         edited(8, b"/UF (opening.txt)", b"/UF (token.cose)")),
        ("key-twice", "一个键出现两次", "a key twice",
         edited(4, b"/MediaBox", b"/MediaBox [0 0 9 9] /MediaBox")),
        ("page-in-tree", "页树有两层", "a nested tree of pages",
         {3: b"<< /Type /Pages /Kids [11 0 R] /Count 1 >>",
          11: b"<< /Type /Pages /Parent 3 0 R /Kids [4 0 R] /Count 1 >>"}),
        ("blank-page-twice", "一张空白页出现两次", "a page without annotations twice",
         {3: b"<< /Type /Pages /Kids [4 0 R 11 0 R 11 0 R] /Count 3 >>",
          11: b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 9 9] /Resources << >> >>"}),
        ("page-twice", "一页出现两次", "a page twice",
         {3: b"<< /Type /Pages /Kids [4 0 R 4 0 R] /Count 2 >>"}),
    ):  # fmt: skip
        yield Sheet(
            name=name, zh=zh, en=en, expects=_REFUSED, pdf=page(objects=objects).make(cms())
        )
    for name, zh, en, count, expects in (
        ("pages-16", "16 页", "16 pages", 16, ("VALID", "structure.ok")),
        ("pages-17", "17 页", "17 pages", 17, _REFUSED),
    ):  # fmt: skip
        numbers = [4, *range(11, 10 + count)]
        kids = b" ".join(b"%d 0 R" % number for number in numbers)
        blank = b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 9 9] /Resources << >> >>"
        objects = {3: b"<< /Type /Pages /Kids [%b] /Count %d >>" % (kids, count)}
        objects |= dict.fromkeys(numbers[1:], blank)
        yield Sheet(name=name, zh=zh, en=en, expects=expects, pdf=page(objects=objects).make(cms()))


def _texts() -> Iterator[Sheet]:
    """Of an object that nothing refers to: tokens, and what two viewers read differently."""
    refused = (
        ("round", "名称后有反圆括号", "a round bracket that closes nothing", b"<< /X) 1 >>"),
        ("curly", "名称后有花括号", "a curly bracket", b"<< /X{ 1 >>"),
        ("curly-closed", "名称后有反花括号", "a curly bracket that closes nothing", b"<< /X} 1 >>"),
        ("angle", "字典只有一个结束符", "a single bracket at the end of a dictionary",
         b"<< /X 1 >"),
        ("open", "字符串没有结束", "a string that does not end", b"[(a(b)]"),
        ("closed", "字符串后多一个反圆括号", "a round bracket too many behind a string",
         b"[(a) 1)]"),
        ("nested", "字符串内括号有两层", "brackets of two levels within a string", b"[(a(b(c)))]"),
    )  # fmt: skip
    taken = (
        ("numbers", "各种写法的数", "numbers of every spelling",
         b"[0 12 +1 -1 .5 4. -.5 +0.25 1.0 -0]"),
        ("strings", "各种写法的字符串", "strings of every spelling",
         b"[() (a\\)b\\(c\\\\) (\\n\\r\\t\\b\\f\\\nx) <> <41> <aF> <AB9>]"),
        ("words", "真、假和空", "true, false and null", b"[true false null]"),
        ("names", "各种字符的名称", "names of every character",
         b"[/ /a!\"$&'*+,-.:;=?@^_`|~\\ /A#2FB]"),
        ("reference", "七位编号的引用", "a reference of seven digits", b"[1234567 0 R]"),
        ("spaces", "各种空白", "white space of every kind",
         b"[\r1\t2\n3 4\r\n<<\r/A\t1\r>>\t]\r\t"),
        ("spaces-2", "各种空白（另一种）", "white space of every kind, otherwise",
         b"[\t1\r]"),
        ("tight", "没有空白", "no white space", b"[<</A[1/B(x)<41>/C]/D<</E/F>>/G<41>/H(x)>>]"),
    )  # fmt: skip
    for expects, rows in ((_REFUSED, refused), (("VALID", "structure.ok"), taken)):
        for name, zh, en, body in rows:
            yield Sheet(
                name=f"text-{name}", zh=f"引用不到的对象：{zh}",
                en=f"an object that nothing refers to: {en}", expects=expects,
                pdf=page(objects={11: body}).make(cms()),
            )  # fmt: skip


def _files() -> Iterator[Sheet]:
    """What 9.7.4 names of a file."""
    parts = take_apart(page().make(cms()))
    trailer, small = parts.trailer, page().bodies()[4].replace(b"[0 0 595 842]", b"[0 0 9 9]")
    last = b"startxref\n@AT@\n%%EOF\n"
    for name, zh, en, pdf in (
        ("reference-stream", "以交叉引用流代替表", "a cross-reference stream for the table",
         with_reference_stream(parts, cms())),
        ("object-stream", "对象在对象流中", "objects in an object stream",
         with_reference_stream(parts, cms(), packed=(1, 3, 4, 5))),
        ("hybrid", "表与交叉引用流并存", "a table and a cross-reference stream",
         hybrid(parts, cms(), hidden={4: page().bodies()[4]})),
        ("object-twice", "一个对象出现两次", "an object twice",
         _sealed(replace(parts, objects=(*parts.objects, (4, small))))),
        ("object-in-comment", "注释里有对象", "an object in a comment",
         _sealed(replace(parts, header=parts.header + b"%4 0 obj\n"))),
        ("trailer-twice", "两个 trailer", "two trailers",
         _sealed(replace(parts, trailer=trailer + b"trailer\n" + trailer))),
        ("startxref-twice", "两个 startxref", "two places of the table",
         _sealed(replace(parts, tail=b"startxref\n9\n" + last))),
        ("end-twice", "两个结束标记", "two ends", _sealed(replace(parts, tail=last + b"%%EOF\n"))),
        ("text-behind-end", "结束标记后有文字", "text behind the end",
         _sealed(replace(parts, tail=last + b"% x\n"))),
        ("header-twice", "两个文件头", "two headers",
         _sealed(replace(parts, header=b"%PDF-1.4\n" + parts.header))),
        ("header-later", "文件头不在开头", "a header that is not at the start",
         _sealed(replace(parts, header=b"\n" + parts.header))),
        ("header-unknown", "版本 1.8", "version 1.8",
         _sealed(replace(parts, header=parts.header.replace(b"1.7", b"1.8")))),
        ("generation-1", "对象的代号为 1", "an object of generation 1",
         _sealed(replace(parts, table=lambda at: plain_table(at).replace(
             b"00000 n", b"00001 n", 1)))),
        ("offset-off", "表中位置差一个字节", "a place that is one byte off",
         _sealed(replace(parts, table=lambda at: plain_table({**at, 4: at[4] - 1})))),
        ("entry-freed", "表中的对象被删除", "an object that the table leaves out",
         _sealed(replace(parts, table=lambda at: plain_table(at).replace(
             b"00000 n", b"00000 f", 1)))),
    ):  # fmt: skip
        yield Sheet(name=name, zh=zh, en=en, expects=_REFUSED, pdf=pdf)


def _sealed(parts: Parts) -> bytes:
    return parts.sealed(cms()) or b""
