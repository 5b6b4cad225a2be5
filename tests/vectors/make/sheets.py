"""The documents of documents.json: one right base of each kind, and every way of going wrong."""

from __future__ import annotations

import datetime
import itertools
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from tests.support import forge, scans
from tests.support.forge import Cms, Pdf, stream, tlv
from tests.support.x509 import Maker
from tests.vectors.make.papers import maker, settled
from tests.vectors.make.people import NUMBERS, opening, plain
from tests.vectors.make.shop import BASE, Shop, WrongVectorError, signed_token
from tests.vectors.make.worlds import AT_S, DAY_S

from etitle.certificate.commitment import format_opening
from etitle.certificate.identity import DocumentKind
from etitle.token import text
from etitle.token.draw import draw_symbol
from etitle.verdict import Judged
from etitle.verify.question import Holder

NUMBER: Final = NUMBERS[DocumentKind.CN_RESIDENT]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One document vector before it is made.

    Attributes:
        name: unique.
        zh: what it shows.
        en: the same.
        expects: the summary, then check.reason of what it is there for; the maker insists on them.
        pdf: the file.
        base: the name of the document that it is written as a change of.
        world: name of the world.
        tsas: whether the vectors' time-stamp authority is believed.
        archival: whether archival revisions may follow the seal.
        holder: the person demanded.
        require: what the policy requires to be judged.
        examples: whether the policy takes examples.
    """

    name: str
    zh: str
    en: str
    expects: tuple[str, ...]
    pdf: bytes
    base: str = "p256"
    world: str = "sealed"
    tsas: bool = False
    archival: bool = False
    holder: Holder | None = None
    require: Judged = Judged.CODE
    examples: bool = True


def cms(label: str = "seal", **changes: Any) -> Cms:  # noqa: ANN401  # any field
    """A right CMS of a label, unless changed."""
    return replace(Cms(maker(label), signing=settled), **changes)


def stamp(at_s: int, **changes: Any) -> Callable[[bytes], bytes]:  # noqa: ANN401  # any field
    """A time-stamp by the vectors' authority."""
    return forge.stamped(maker("tsa"), at_s, signing=settled, **changes)


def page(**changes: Any) -> Pdf:  # noqa: ANN401  # any field
    """A right document of the plain certificate, unless changed."""
    token = signed_token(plain()).to_bytes()
    printed = format_opening(opening("plain")).replace("-", "").encode()
    return replace(Pdf(token, opening=printed, sealed="D:20261119120000+08'00'"), **changes)


def edited(number: int, old: bytes, new: bytes) -> dict[int, bytes]:
    """An object of the page with some text exchanged."""
    body = page().bodies()[number]
    if old not in body:
        raise WrongVectorError(number, old)
    return {number: body.replace(old, new)}


def bases(shop: Shop) -> dict[str, bytes]:
    """The right documents, of which the others are changes."""
    before_s = AT_S - 40 * DAY_S
    return {
        "p256": page().make(cms()),
        "ed25519": page().make(cms("seal-eddsa")),
        "rsa3072": page().make(cms("seal-rsa")),
        "stamped": page().make(cms(chain=(maker("ca").der,), stamp=stamp(before_s))),
        "scan": _scan(shop),
    }


def _scan(shop: Shop) -> bytes:
    """A picture of the plain certificate's code, as scanners put it into a PDF."""
    code = text.to_url(shop.frame(signed_token(plain())), base=BASE)
    symbol, scale, quiet = draw_symbol(code), 4, 4
    side = (len(symbol.rows) + 2 * quiet) * scale
    blank = [False] * quiet
    rows = [[False] * side] * (quiet * scale)
    for row in symbol.rows:
        wide = [dark for dark in [*blank, *row, *blank] for _ in range(scale)]
        rows += [wide] * scale
    rows += [[False] * side] * (quiet * scale)
    grey = b"".join(bytes(0 if dark else 255 for dark in row) for row in rows)
    entries = b"/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode"
    return scans.pdf_of(scans.shown(scans.picture(entries, side, side, shop.zlib(grey))))


def cases(made: dict[str, bytes]) -> Iterator[Sheet]:
    """Every document, the right ones first."""
    yield from _right(made)
    yield from _around(made["p256"])
    yield from _statements()
    yield from _times()
    yield from _agreements()


def _right(made: dict[str, bytes]) -> Iterator[Sheet]:
    valid = ("VALID", "byte_range.ok", "signer_certificate.ok", "document_signature.ok",
             "structure.ok", "signing_time.ok", "agreement.ok")  # fmt: skip
    for base, zh, en in (
        ("p256", "P-256 签章", "sealed with P-256"),
        ("ed25519", "Ed25519 签章", "sealed with Ed25519"),
        ("rsa3072", "RSA-3072 签章", "sealed with RSA-3072"),
        ("stamped", "证书链到根，带时间戳", "with a chain up to the root, and a time-stamp"),
    ):
        yield Sheet(name=base, zh=zh, en=en, expects=valid, pdf=made[base], base=base)
    for name, zh, en, number, typed, expects in (
        ("holder", "核验码与身份证号相符", "the opening within and the holder's number", NUMBER,
         None, ("VALID", "holder.ok")),
        ("holder-other", "别人的身份证号", "another person's number", "450099199001012334", None,
         ("INVALID", "holder.holder_mismatch")),
        ("holder-other-opening", "另给他证的核验码：以文件所附为准",
         "another certificate's opening: the document's own counts", NUMBER,
         format_opening(bytes(10)), ("VALID", "holder.ok")),
        ("holder-mistyped", "另给的核验码有误：以文件所附为准",
         "a mistyped opening: the document's own counts", NUMBER, "000", ("VALID", "holder.ok")),
    ):  # fmt: skip
        yield Sheet(
            name=name,
            zh=zh,
            en=en,
            expects=expects,
            pdf=made["p256"],
            holder=Holder(number=number, opening=typed),
        )
    yield Sheet(
        name="unmasked", zh="不含证件号码，也没有核验码", en="no identity, and no opening",
        expects=valid, pdf=page(token=token_of(identity=None), opening=None).make(cms()),
    )  # fmt: skip
    packed = stream(
        b"/Type /EmbeddedFile /Subtype /application#2Fcose /Filter /FlateDecode",
        stored(page().token or b""),
    )
    yield Sheet(
        name="packed", zh="附件经过压缩", en="an attachment deflated", expects=valid,
        pdf=page(objects={9: packed}).make(cms()),
    )  # fmt: skip
    yield Sheet(
        name="capitals", zh="十六进制全用大写", en="hexadecimal in capitals throughout",
        expects=valid, pdf=in_capitals(made["p256"]),
    )  # fmt: skip
    yield from _makers_alone(valid)
    yield Sheet(
        name="unsigned", zh="没有签章的扫描件：只判断二维码", en="a scan: the code alone is judged",
        expects=("VALID", "structure.unsigned", "read.ok"), pdf=made["scan"], base="scan",
    )  # fmt: skip
    yield Sheet(
        name="unsigned-required", zh="要求整份文件，却没有签章",
        en="a scan where a document is required",
        expects=("INDETERMINATE", "structure.page_not_judged", "read.ok"), pdf=made["scan"],
        base="scan", require=Judged.DOCUMENT,
    )  # fmt: skip
    yield Sheet(
        name="example", zh="样例机关的文件，未声明采用样例",
        en="a document of an authority marked as an example, where none is taken",
        expects=("INDETERMINATE", "bundle.example"), pdf=made["p256"], examples=False,
        base="p256",
    )  # fmt: skip
    yield Sheet(
        name="required", zh="要求整份文件，文件有签章",
        en="a sealed document where one is required",
        expects=valid, pdf=made["p256"], require=Judged.DOCUMENT,
    )  # fmt: skip


def _makers_alone(valid: tuple[str, ...]) -> Iterator[Sheet]:
    """What a maker owes and no verifier asks for (clause 9.1.1)."""
    info = b"/Info 11 0 R "
    for name, zh, en, changes in (
        ("no-language", "没有语言", "no language", {"objects": edited(1, b"/Lang (zh-CN)", b"")}),
        ("other-language", "另一语言", "another language",
         {"objects": edited(1, b"(zh-CN)", b"(en)")}),
        ("title", "有标题", "a title", {"objects": {11: b"<< /Title (x) >>"}, "trailer": info}),
        ("small-page", "页面不是 A4", "a page that is not of A4",
         {"objects": edited(4, b"[0 0 595 842]", b"[0 0 9 9]")}),
        ("empty-page", "空白页", "a page that shows nothing", {"objects": {6: stream(b"", b"")}}),
        ("two-pages", "两页", "two pages", {"objects": {
            3: b"<< /Type /Pages /Kids [4 0 R 11 0 R] /Count 2 >>",
            11: b"<< /Type /Page /Parent 3 0 R /MediaBox [0 0 9 9] /Resources << >> >>"}}),
    ):  # fmt: skip
        yield Sheet(name=name, zh=zh, en=en, expects=valid, pdf=page(**changes).make(cms()))
    for name, zh, en, spelled in (
        ("byte-range-narrow", "签名范围不按固定宽度书写", "a byte range without a fixed width",
         b"[0 %d %d %d]"),
        ("byte-range-spaces", "签名范围的括号内有空格", "a byte range with spaces in its brackets",
         b"[ 0 %d  %d %d ]"),
    ):  # fmt: skip
        pdf = page(byte_range=spelled).make(cms())
        yield Sheet(name=name, zh=zh, en=en, expects=valid, pdf=pdf)


def stored(data: bytes) -> bytes:
    """A zlib stream of one block as it is, which no compressor has a choice about (RFC 1951)."""
    size = len(data).to_bytes(2, "little")
    turned = bytes(255 - byte for byte in size)
    return b"\x78\x01\x01" + size + turned + data + zlib.adler32(data).to_bytes(4, "big")


def token_of(**changes: Any) -> bytes:  # noqa: ANN401  # any field
    """The token of the plain certificate, changed."""
    return signed_token(plain(**changes)).to_bytes()


def hole_of(pdf: bytes) -> tuple[int, int]:
    """Where the hole of a document begins and ends."""
    start = pdf.index(b"/Contents <") + 10
    return start, pdf.index(b">", start) + 1


def in_capitals(pdf: bytes) -> bytes:
    """A document with capitals in its hole."""
    start, end = hole_of(pdf)
    return pdf[:start] + pdf[start:end].upper() + pdf[end:]


def _around(good: bytes) -> Iterator[Sheet]:
    """Whole, or not."""
    start, end = hole_of(good)
    size = len(good)
    old = b"[0 %10d %10d %10d]" % (start, end, size - end)
    table = int(good.rpartition(b"startxref\n")[2].split()[0])
    update = (
        b"4 0 obj\n<< /Type /Page /Parent 3 0 R /MediaBox [0 0 9 9] >>\nendobj\n"
        b"xref\n4 1\n%010d 00000 n \ntrailer\n<< /Size 11 /Root 1 0 R /Prev %d >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size + 63)
    )
    for name, zh, en, tail in (
        ("byte-behind", "文件后多一个换行", "a line feed behind", b"\n"),
        ("space-behind", "文件后有 1024 字节空白", "1,024 bytes of white space behind",
         b" \t\r\n\f\0" * 170 + b"    "),
    ):  # fmt: skip
        yield Sheet(
            name=name, zh=zh, en=en, expects=("VALID", "byte_range.trailing_space"),
            pdf=good + tail,
        )  # fmt: skip
    spread = good.replace(b"\n", b"\r\n")
    for name, zh, en, reason, pdf in (
        ("space-long", "文件后有 1025 字节空白", "1,025 bytes of white space behind", "saved_again",
         good + b" " * 1025),
        ("letter-behind", "文件后多一个字符", "a letter behind", "saved_again", good + b"x"),
        ("vertical-tab", "文件后有竖向制表符", "a vertical tab, which is no white space of PDF",
         "saved_again", good + b"\v"),
        ("saved-again", "签章后增量保存", "an incremental save behind", "saved_again",
         good + update),
        ("tail", "后面附加内容，没有结束标记", "a tail without an end", "saved_again",
         good + b"% " * 188),
        ("byte-before", "文件前多一行", "a line before", "changed", b"%PDF-1.7\n" + good),
        ("gap", "签名范围留有空隙", "a gap in the byte range", "changed",
         good.replace(old, b"[0 %10d %10d %10d]" % (start, end + 9, size - end - 9))),
        ("overlap", "签名范围重叠", "a byte range that overlaps", "changed",
         good.replace(old, b"[0 %10d %10d %10d]" % (start, end - 9, size - end + 9))),
        ("negative", "签名范围为负", "a negative byte range", "changed",
         good.replace(old, b"[0 %10d %10d %10d]" % (start, -end, size - end))),
        ("byte-range-twice", "两个签名范围", "two byte ranges", "changed",
         good.replace(b"/Length 13", b"/ByteRange")),
        ("hole-case", "大小写混用", "hexadecimal of both cases", "changed",
         good[:start] + good[start : start + 40].upper() + good[start + 40 :]),
        ("hole-space", "签名中有空格", "a space in the hole", "changed",
         good[: end - 2] + b" " + good[end - 1 :]),
        ("cut-99", "文件缺少末尾", "the end of the file is missing", "cut_short",
         good[: size * 99 // 100]),
        ("shorter", "另存后变短，结尾还在", "saved shorter, with its end", "changed",
         good[: start - 30] + good[start - 20 :]),
        ("cut-spaces", "缺少末尾，后有空白", "its end is missing, and white space stands there",
         "cut_short", good[:-6] + b" " * 2000),
        ("cut-last", "文件少了最后一个字节", "the last byte is missing", "cut_short", good[:-1]),
        ("line-ends", "换行符被转换", "line ends converted", "changed", spread),
        ("joined", "两份文件合并", "two sealed files in one", "joined", good + good),
        ("password", "文件被加密", "a password set on it", "protected",
         good.replace(b"/Root 1 0 R", b"/Encrypt 9 0 R /Root 1 0 R")),
        ("escaped-range", "ByteRange 写成转义", "/ByteRange with an escape", "changed",
         good.replace(b"/ByteRange", b"/Byte#52ange")),
    ):  # fmt: skip
        yield Sheet(name=name, zh=zh, en=en, expects=("INVALID", f"byte_range.{reason}"), pdf=pdf)
    yield from _joined(good)
    for name, zh, en, pdf in (
        ("cut-half", "文件只剩一半", "half of the file", good[: start - 400]),
        ("stranger-cut", "他人的签名，文件不完整", "cut short, by a stranger",
         page().make(cms("stranger"))[:-40]),
        ("stranger-password", "他人的签名，文件被加密", "with a password, by a stranger",
         page(trailer=b"/Encrypt 4 0 R ").make(cms("stranger")) + b"x"),
    ):  # fmt: skip
        yield Sheet(
            name=name, zh=zh, en=en,
            expects=("INDETERMINATE", "byte_range.signature_unreadable",
                     "signer_certificate.not_checked"),
            pdf=pdf,
        )  # fmt: skip
    yield Sheet(
        name="stranger-not-whole", zh="他人的签名，范围不完整", en="not whole, by a stranger",
        expects=("INDETERMINATE", "signer_certificate.seal_unknown", "byte_range.not_checked"),
        pdf=page().make(cms("stranger")) + b"x",
    )  # fmt: skip
    yield Sheet(
        name="page-changed", zh="页面改了一个字节", en="one byte of the page changed",
        expects=("INVALID", "document_signature.signature_bad", "structure.not_checked"),
        pdf=good.replace(b"0 0 m 9 9 l S", b"0 0 m 9 8 l S"),
    )  # fmt: skip
    yield Sheet(
        name="signature-changed", zh="签名值改了一位", en="one digit of the signature changed",
        expects=("INVALID", "document_signature.signature_bad"), pdf=digit_changed(good),
    )  # fmt: skip
    yield Sheet(
        name="padding", zh="签名后的填充不是零", en="padding other than zeros",
        expects=("INVALID", "document_signature.cms_malformed"),
        pdf=good[: end - 2] + b"1" + good[end - 1 :],
    )  # fmt: skip
    yield Sheet(
        name="empty-hole", zh="签名是空的", en="a hole of zeros",
        expects=("INDETERMINATE", "signer_certificate.seal_unknown"),
        pdf=good[: start + 1] + b"0" * (end - start - 2) + good[end - 1 :],
    )  # fmt: skip


def _joined(good: bytes) -> Iterator[Sheet]:
    """What programs make that join files, or save them anew."""
    first = good.index(b"1 0 obj")
    other = page(token=token_of(number="4500000000999")).make(cms())
    theirs = page().make(cms("stranger"))
    rsa = page().make(cms("seal-rsa"))

    def beside(hole: bytes) -> bytes:
        signature = b"90 0 obj\n<< /Type /Sig /Contents %b >>\nendobj\n" % hole
        return good[:first] + signature + good[first:]

    own, second, foreign = (pdf[slice(*hole_of(pdf))] for pdf in (good, other, theirs))
    for name, zh, en, reason, pdf in (
        ("joined-anew", "两份文件合并，另写文件", "two sealed files in one that was written anew",
         "joined", beside(second)),
        ("joined-strings", "两份文件合并，签名写成字符串",
         "two sealed files in one, with their signatures as strings", "joined",
         beside(_literal(second)).replace(own, _literal(own))),
        ("joined-octal", "两份文件合并，签名写成带八进制的字符串",
         "two sealed files in one, with their signatures as strings in octal", "joined",
         beside(_literal(second, octal=True)).replace(own, _literal(own, octal=True))),
        ("joined-stranger", "与他人签名的文件合并", "in one file with a stranger's", "changed",
         beside(foreign)),
        ("signature-twice", "同一签名写了两次", "one signature twice", "changed", beside(own)),
        ("string-escapes", "签名写成字符串，用尽各种转义",
         "the signature as a string with every kind of escape", "changed",
         rsa.replace(rsa[slice(*hole_of(rsa))], _escaped(rsa[slice(*hole_of(rsa))]))),
        ("string", "签名写成字符串", "the signature as a string", "changed",
         good.replace(own, _literal(own))),
    ):  # fmt: skip
        yield Sheet(name=name, zh=zh, en=en, expects=("INVALID", f"byte_range.{reason}"), pdf=pdf)
    for name, zh, en, place, read in (
        ("seal-lost", "签章已丢失", "the seal is lost", b"91 0 R", False),
        ("hex-511", "只有 511 个十六进制数字", "511 hexadecimal digits", b"<%b>" % (b"0" * 511),
         False),
        ("hex-512", "有 512 个十六进制数字", "512 hexadecimal digits", b"<%b>" % (b"0" * 512),
         True),
        ("string-255", "字符串 255 字节", "a string of 255 bytes", b"(%b)" % (b"0" * 255), False),
        ("string-256", "字符串 256 字节", "a string of 256 bytes", b"(%b)" % (b"0" * 256), True),
        ("string-other", "字符串不以 0 开头", "a string that begins otherwise",
         b"(%b)" % (b"g" * 256), False),
        ("string-parentheses", "字符串里有括号", "a string with parentheses within",
         b"(0%b)" % (b"()" * 256), False),
    ):  # fmt: skip
        unknown = ("byte_range.not_checked", "signer_certificate.seal_unknown")
        unread = ("byte_range.signature_unreadable", "signer_certificate.not_checked")
        yield Sheet(
            name=name, zh=zh, en=en, expects=("INDETERMINATE", *(unknown if read else unread)),
            pdf=good.replace(own, place),
        )  # fmt: skip
    foreign = page().make(cms("stranger"))
    yield Sheet(
        name="stranger-saved-anew", zh="他人的签名，附件是真的", en="saved anew, by a stranger",
        expects=("INDETERMINATE", "byte_range.not_checked", "signer_certificate.seal_unknown"),
        pdf=foreign.replace(b"1 0 obj", b" 1 0 obj", 1),
    )  # fmt: skip


def _escaped(hole: bytes) -> bytes:
    """The same with letters, short octals and those beyond a byte, and broken lines."""
    made, data = bytearray(b"0"), bytes.fromhex(hole[1:-1].decode())
    ends = itertools.cycle((b"\\\n", b"\\\r\n", b"\\\r"))
    for byte, after in itertools.pairwise(data[1:] + b"\0"):
        one = bytes((byte,))
        if one == b"\x06" and after not in b"01234567":
            made += b"\\6"
        elif one == b"\x82":
            made += b"\\602"
        elif one == b"U":
            made += b"\\U" + next(ends)
        elif one in b"()\\":
            made += b"\\" + one
        else:
            made += _LETTERS.get(one, one)
    return b"(%b)" % bytes(made)


_LETTERS: Final = {
    b"\n": b"\\n", b"\r": b"\\r", b"\t": b"\\t", b"\b": b"\\b", b"\f": b"\\f",
}  # fmt: skip


def _literal(hole: bytes, *, octal: bool = False) -> bytes:
    """A signature as a literal string (ISO 32000-1 §7.3.4.2)."""
    made = bytearray()
    for byte in bytes.fromhex(hole[1:-1].decode()):
        one = bytes((byte,))
        if octal and (byte < 48 or byte > 126):
            made += b"\\%03o" % byte
        elif one in {b"(", b")", b"\\"}:
            made += b"\\" + one
        else:
            made += {b"\n": b"\\n", b"\r": b"\\r"}.get(one, one)
    return b"(%b)" % bytes(made)


def digit_changed(pdf: bytes) -> bytes:
    """A document with another digit near the end of its signature's value."""
    at = hole_of(pdf)[1] - 40
    while pdf[at : at + 1] in {b"0", b">"}:
        at -= 1
    new = b"1" if pdf[at : at + 1] != b"1" else b"2"
    return pdf[:at] + new + pdf[at + 1 :]


def _without(kind: str) -> Callable[[list[bytes]], list[bytes]]:
    return lambda found: [one for one in found if forge.oid(kind) not in one]


def _with(kind: str, value: bytes) -> Callable[[list[bytes]], list[bytes]]:
    return lambda found: [*_without(kind)(found), forge.attribute(kind, value)]


def _statements() -> Iterator[Sheet]:
    """The CMS: whose it is, and of what form."""
    seal = maker("seal")
    for name, zh, en, made in (
        ("stranger", "同名的他人证书", "a stranger of the seal's name", cms("stranger")),
        ("same-key", "同一密钥的另一张证书", "another certificate of the seal's key",
         Cms(maker("seal", serial=7), signing=settled)),
        ("issuer-as-seal", "用发证机构的证书签", "sealed by the seal's issuer", cms("ca")),
        ("tsa-as-seal", "用时间戳证书签", "sealed by the time-stamp authority", cms("tsa")),
    ):  # fmt: skip
        yield Sheet(
            name=name, zh=zh, en=en, expects=("INDETERMINATE", "signer_certificate.seal_unknown"),
            pdf=page().make(made),
        )  # fmt: skip
    yield from _newer_seals()
    yield Sheet(
        name="nobody", zh="不信任任何机关", en="nobody is trusted", world="nobody",
        expects=("INDETERMINATE", "signer_certificate.seal_unknown"), pdf=page().make(cms()),
    )  # fmt: skip
    yield Sheet(
        name="use-wrong", zh="此章不可用于文件", en="a seal that is not for documents",
        expects=("INVALID", "signer_certificate.use_wrong"), world="sealed-for-lists",
        pdf=page().make(cms()),
    )  # fmt: skip
    stolen = Maker(maker("stranger").key, seal.x509)
    for name, zh, en, made in (
        ("strangers-key", "盗用印章证书，另一密钥", "the seal's certificate with another key",
         Cms(stolen, signing=settled)),
        ("other-digest", "另一文件的摘要", "the digest of something else", cms(digest=bytes(32))),
    ):  # fmt: skip
        yield Sheet(
            name=name, zh=zh, en=en, expects=("INVALID", "document_signature.signature_bad"),
            pdf=page().make(made),
        )  # fmt: skip
    for name, zh, en, changes in (
        ("two-signer-infos", "两个签名者", "two signer infos", {"infos": 2}),
        ("no-signer-info", "没有签名者", "no signer info", {"infos": 0}),
        ("no-attributes", "没有签名属性", "no signed attributes", {"signed": False}),
        ("no-ess", "没有 ESS 属性", "no ESS", {"attributes": _without(forge.ESS_V2)}),
        ("other-ess", "ESS 指向另一证书", "ESS of another certificate",
         {"named": maker("ca").der}),
        ("no-digest", "没有摘要属性", "no message digest",
         {"attributes": _without(forge.MESSAGE_DIGEST)}),
        ("signing-time", "带签名时间属性", "a signing time",
         {"attributes": _with(forge.SIGNING_TIME, tlv(0x17, b"261119040000Z"))}),
        ("attribute-order", "属性次序不对", "attributes out of order",
         {"order": lambda found: b"".join(sorted(found)[::-1])}),
        ("content-within", "带有内容", "content within", {"content": b"x"}),
        ("ber", "BER 不定长", "BER", {"finish": lambda one: b"\x30\x80" + one[4:] + bytes(2)}),
        ("long-length", "长度不是最短", "a length that is not minimal",
         {"finish": lambda one: b"\x30\x83\x00" + one[2:]}),
        ("behind-cms", "签名后还有 DER", "DER behind", {"finish": lambda one: one + b"\x05\x00"}),
        ("half-chain", "证书链不到根", "a chain that ends before its root",
         {"chain": (maker("tsa").der,)}),
    ):  # fmt: skip
        yield Sheet(
            name=name, zh=zh, en=en, expects=("INVALID", "document_signature.cms_malformed"),
            pdf=page().make(cms(**changes)),
        )  # fmt: skip


def _newer_seals() -> Iterator[Sheet]:
    """Under a bundle with seals of suites to come."""
    newer = ("INDETERMINATE", "byte_range.ok", "signer_certificate.suite_unknown",
             "document_signature.not_checked")  # fmt: skip
    unknown = ("INDETERMINATE", "signer_certificate.seal_unknown")
    both = cms(infos=2, chain=(maker("stranger").der,))
    other = Cms(maker("seal", serial=7), signing=settled)
    for name, zh, en, expects, pdf in (
        ("newer-seal", "印章属于未来套件", "a seal of a suite to come", newer,
         page().make(cms("stranger"))),
        ("newer-seal-unread", "未来套件的印章，签名结构读不懂",
         "a seal of a suite to come, in a CMS of another form", newer,
         page().make(cms("stranger", infos=2))),
        ("newer-seal-too", "已知密钥与未来套件的密钥同用一张证书",
         "a known key's certificate that a key of a suite to come has too",
         ("VALID", "signer_certificate.ok"), page().make(cms())),
        ("newer-seal-beside", "签名结构不合规范，两种印章证书都在",
         "a malformed CMS with both seals' certificates",
         ("INVALID", "signer_certificate.ok", "document_signature.cms_malformed"),
         page().make(both)),
        ("newer-seal-other", "不是未来套件印章的那张证书",
         "another certificate than that of a suite to come", unknown, page().make(other)),
        ("newer-seal-damaged", "未来套件的印章，文件有改动",
         "a seal of a suite to come, on a file that is not whole",
         (*unknown, "byte_range.not_checked"), page().make(cms("stranger")) + b"x"),
    ):  # fmt: skip
        yield Sheet(name=name, zh=zh, en=en, expects=expects, world="sealed-newer", pdf=pdf)


def later(seconds: int) -> str:
    """The time of the vectors' verdicts and so many seconds, as ``/M`` has it."""
    moment = datetime.datetime.fromtimestamp(AT_S + seconds, datetime.UTC)
    return f"{moment:%Y%m%d%H%M%S}Z"


def _times() -> Iterator[Sheet]:
    for name, zh, en, day, expects in (
        ("first-day", "启用日签章", "sealed on the key's first day", "20200101000000+08'00'",
         ("VALID", "signing_time.ok")),
        ("before-window", "启用日之前签章", "sealed before the key's first day",
         "20191231235959+08'00'", ("INVALID", "signing_time.sealed_outside_window")),
        ("in-future", "签章时间在将来", "sealed in the future", "20261121000000Z",
         ("INDETERMINATE", "signing_time.sealed_in_future")),
        ("future-300", "签章时间晚 300 秒", "sealed 300 s later than the verdict's time",
         later(300), ("VALID", "signing_time.ok")),
        ("future-301", "签章时间晚 301 秒", "sealed 301 s later than the verdict's time",
         later(301), ("INDETERMINATE", "signing_time.sealed_in_future")),
        ("other-zone", "另一时区的时间", "a time in another zone", "20261119190000-09'00'",
         ("VALID", "signing_time.ok")),
    ):  # fmt: skip
        yield Sheet(
            name=name, zh=zh, en=en, expects=expects, pdf=page(sealed=f"D:{day}").make(cms())
        )
    before = page().make(cms(stamp=stamp(AT_S - 40 * DAY_S)))
    after = page().make(cms(stamp=stamp(AT_S - 20 * DAY_S)))
    stolen: tuple[tuple[str, str, str, bytes, str, bool, tuple[str, ...]], ...] = (
        ("stolen", "印章密钥已泄露", "the seal's key is compromised", page().make(cms()),
         "sealed-stolen", False, ("INDETERMINATE", "signing_time.compromised")),
        ("stolen-future", "密钥已泄露，签章时间在将来", "compromised, and sealed in the future",
         page(sealed=f"D:{later(301)}").make(cms()), "sealed-stolen", False,
         ("INDETERMINATE", "signing_time.sealed_in_future")),
        ("stolen-later", "泄露前的可信时间戳", "a believed time-stamp before the compromise",
         before, "sealed-stolen", True, ("VALID", "signing_time.timestamped")),
        ("stolen-before", "泄露后的时间戳", "a time-stamp after the compromise", after,
         "sealed-stolen", True, ("INDETERMINATE", "signing_time.compromised")),
        ("stolen-unbelieved", "不受信任的时间戳", "a time-stamp that nobody believes", before,
         "sealed-stolen", False, ("INDETERMINATE", "signing_time.compromised")),
        ("all-stolen-later", "令牌密钥也已泄露，时间戳在先", "it answers for the token too", before,
         "sealed-all-stolen", True,
         ("VALID", "signing_time.timestamped", "compromise.timestamped")),
    )  # fmt: skip
    for name, zh, en, pdf, world, tsas, proof in stolen:
        yield Sheet(
            name=name,
            zh=zh,
            en=en,
            expects=proof,
            pdf=pdf,
            base="stamped",
            world=world,
            tsas=tsas,
        )


def _agreements() -> Iterator[Sheet]:
    yield Sheet(
        name="seal-of-another", zh="印章与令牌不属同一机关", en="seal and token of two authorities",
        expects=("INVALID", "agreement.authority_mismatch"), world="sealed-elsewhere",
        pdf=page().make(cms()),
    )  # fmt: skip
    yield Sheet(
        name="seal-out-of-scope", zh="印章的范围之外", en="outside the scope of the seal",
        expects=("INVALID", "agreement.outside_scope", "segment.ok"), world="sealed-scope",
        pdf=page().make(cms()),
    )  # fmt: skip
    for name, zh, en, changes in (
        ("no-opening", "缺少核验码", "no opening", {"opening": None}),
        ("lower-case-opening", "核验码小写", "an opening in small letters",
         {"opening": (page().opening or b"").lower()}),
        ("mistyped-opening", "核验码校验位错", "an opening with another's check character",
         {"opening": (page().opening or b"")[:-1] + b"Z"}),
        ("unchecked-opening", "核验码缺校验位", "an opening without its check character",
         {"opening": (page().opening or b"")[:-1]}),
        ("long-opening", "核验码后有换行", "an opening with a line end",
         {"opening": (page().opening or b"") + b"\n"}),
        ("needless-opening", "不该有的核验码", "an opening where there is no mask",
         {"token": token_of(identity=None)}),
    ):  # fmt: skip
        yield Sheet(
            name=name, zh=zh, en=en, expects=("INVALID", "agreement.opening_mismatch"),
            pdf=page(**changes).make(cms()),
        )  # fmt: skip
    token = page().token or b""
    yield Sheet(
        name="token-cut", zh="附带的令牌不完整", en="a token cut short",
        expects=("INVALID", "frame.frame_malformed", "agreement.not_checked"),
        pdf=page(token=token[:-1]).make(cms()),
    )  # fmt: skip
    yield Sheet(
        name="voided", zh="证书已作废", en="a certificate that is voided",
        expects=("NOT_IN_FORCE", "standing.voided"),
        pdf=page(token=token_of(index=100)).make(cms()),
    )  # fmt: skip
    yield Sheet(
        name="voided-future", zh="证书已作废，签章时间在将来",
        en="a voided certificate, sealed in the future",
        expects=("NOT_IN_FORCE", "signing_time.sealed_in_future", "standing.voided"),
        pdf=page(token=token_of(index=100), sealed=f"D:{later(301)}").make(cms()),
    )  # fmt: skip
