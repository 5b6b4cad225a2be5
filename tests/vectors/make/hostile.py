"""tokens.json, continued: texts, frames, payloads and signatures that must not be believed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tests.vectors.make.people import EVERYTHING, PLAIN, full
from tests.vectors.make.shop import (
    BASE,
    Shop,
    WrongVectorError,
    high_s,
    signed_token,
    signer,
    spoil,
    token_over,
)
from tests.vectors.make.tokens import Case

from etitle import canon, cose
from etitle.certificate import payload
from etitle.certificate.identity import DocumentKind
from etitle.errors import DecodeError
from etitle.keys.suite import EDDSA
from etitle.token import frame, text

_ZERO: Final = b"\x00"
Map = dict[int, object]


def texts(shop: Shop) -> Iterator[Case]:
    """Code texts: the other forms that are accepted, and the damaged ones."""
    framed = shop.frame(_token())
    number = text.to_number(framed)
    for name, zh, en, code in (
        ("text-upper-case", "大写的网址", "a URL in upper case", f"HTTPS://ZC.SAMPLE.CN/V/{number}"),
        ("text-other-host", "主机从不作为信任依据", "the host is never an input of trust",
         f"https://evil.example:8443/a/b/v#{number}"),
        ("text-bare-number", "只有数字", "the number alone", number),
        ("text-grouped-number", "按组抄写的数字", "the number in groups, as typed from paper",
         "\n".join(" ".join(number[i : i + 4] for i in range(j, min(j + 40, len(number)), 4))
                   for j in range(0, len(number), 40))),
        ("text-base45", "base 45", "base 45", text.to_base45(framed)),
        *_copied(framed),
        ("text-with-spaces", "首尾空白不计", "white space around it is ignored",
         f" \r\n{text.to_base45(framed)}\n"),
    ):  # fmt: skip
        yield Case(name=name, zh=zh, en=en, expects=("VALID", "read.ok"), text=code)
    for name, zh, en, code in (("text-empty", "空白", "nothing but white space", " \n"),):
        yield Case(
            name=name,
            zh=zh,
            en=en,
            text=code,
            expects=("INDETERMINATE", "read.empty", "frame.not_checked"),
        )
    foreign = int.from_bytes((1, 0x11, *bytes(120)), "big")
    for name, zh, en, code in (
        ("text-foreign", "别人的二维码", "somebody else's code", "https://example.com/"),
        ("text-short-number", "149 位数字", "149 digits are somebody's number", "1" * 149),
        ("text-wide-digits", "全角数字", "full-width digits", "１" * 400),
        ("text-no-guard", "没有保护字节", "no guard byte",
         f"{BASE}/v#{int.from_bytes(bytes((2,)) + framed, 'big')}"),
        ("text-too-many-digits", "超过 2720 位的别的数字", "2,721 digits of nobody's",
         f"{BASE}/v#{'1' * 2721}"),
        ("text-foreign-v", "别人网址里的 /v/ 数字", "a number behind /v/ in somebody's address",
         "https://pay.example.com/v/20261120123456"),
        ("text-foreign-format", "保护字节和格式相同，kid 不认识",
         "guard and format, and an unknown kid", f"{BASE}/v#{foreign}"),
        ("text-unknown-format", "保护字节之后的格式和 kid 不认识",
         "guard, an unknown format and an unknown kid",
         f"{BASE}/v#{foreign + (0x20 << 8 * 120)}"),
        ("text-base45-foreign", "别人的 ZC1", "somebody else's ZC1", "ZC1:HELLO WORLD"),
        ("text-base45-empty", "前缀之后没有内容", "nothing after the prefix", "ZC1:"),
        ("text-29-digits", "只剩 29 位数字", "29 digits of a code", number[:29]),
        ("text-tail", "只剩后半", "the second half of a code", number[len(number) // 2 :]),
        ("text-four-captions", "数字后面另有四组数字", "four groups of digits behind it",
         f"{BASE}/v#{number} 1 2 3 4"),
        ("text-other-prefix", "别的前缀", "another prefix", "HC1:" + text.to_base45(framed)[4:]),
    ):  # fmt: skip
        yield Case(name=name, zh=zh, en=en, text=code, expects=("INDETERMINATE", "read.not_ours"))
    base45 = text.to_base45(framed)
    for name, zh, en, code in (
        ("text-leading-zero", "数字有前导零", "a leading zero", f"{BASE}/v#0{number}"),
        ("text-longer", "末尾多出字节，超过 2720 位", "bytes behind it, beyond 2,720 digits",
         f"{BASE}/v#{text.to_number(framed + bytes(1124))}"),
        ("text-base45-overflow", "base 45 一组超过 65535", "a group of base 45 above 65535",
         base45[:16] + ":::" + base45[19:]),
    ):  # fmt: skip
        yield Case(name=name, zh=zh, en=en, text=code, expects=("INVALID", "read.text_malformed"))
    for name, zh, en, code, check in (
        ("text-cut", "缺最后一位数字", "the last digit is lost", f"{BASE}/v#{number}"[:-1], "read"),
        ("text-cut-half", "缺后半", "the second half is lost", number[: len(number) // 2], "read"),
        ("text-cut-30", "只剩 30 位数字", "30 digits are left", number[:30], "read"),
        (
            "text-base45-lone",
            "base 45 余一个字符",
            "one character of base 45 left over",
            base45[: 4 + 3 * 40 + 1],
            "read",
        ),
        (
            "text-base45-cut",
            "base 45 缺后半",
            "the second half of base 45 is lost",
            base45[: 4 + 3 * 40],
            "frame",
        ),
        (
            "text-base45-alphabet",
            "base 45 之外的字符截断了它",
            "cut by a character outside base 45",
            base45[: 4 + 3 * 40] + "\u6837" + base45[4 + 3 * 40 :],
            "frame",
        ),
    ):
        yield Case(
            name=name, zh=zh, en=en, text=code, expects=("INDETERMINATE", f"{check}.incomplete")
        )
    other = text.to_number(shop.frame(_token("token-eddsa")))
    yield Case(
        name="text-two-codes", zh="一段文字里有两张证书", en="two certificates in one text",
        text=f"1. {BASE}/v#{number}; 2. {BASE}/v#{other}",
        expects=("INDETERMINATE", "read.several_codes"),
    )  # fmt: skip


def _copied(framed: bytes) -> tuple[tuple[str, str, str, str], ...]:
    """Clause 4.4.3: texts as people copy them."""
    number, base45 = text.to_number(framed), text.to_base45(framed)
    url = f"{BASE}/v#{number}"

    def parted(code: str, size: int, by: str) -> str:
        return by.join(code[at : at + size] for at in range(0, len(code), size))

    return (
        ("text-wrapped", "邮件每 76 列折行", "wrapped by mail at 76 columns",
         parted(url, 76, "\r\n")),
        ("text-quoted", "邮件引用的折行", "wrapped and quoted by mail", parted(url, 70, "\n> ")),
        ("text-printable", "quoted-printable 折行", "quoted-printable", parted(url, 75, "=\r\n")),
        ("text-escaped", "# 写成 %23", "%23 for #", url.replace("#", "%23")),
        ("text-escaped-twice", "# 写成 %2523", "%2523 for #", url.replace("#", "%2523")),
        ("text-entity", "# 写成字符引用", "a character reference for #", url.replace("#", "&#35;")),
        ("text-http", "http 网址", "http, not https", url.replace("https", "http")),
        ("text-query", "数字在查询串里", "the number in a query", f"{BASE}/?v={number}"),
        ("text-nsukey", "# 之前有参数", "a parameter before #", f"{BASE}/v?nsukey=a1b2#{number}"),
        ("text-slash", "# 之后有斜杠", "a slash behind #", f"{BASE}/v/#/{number}"),
        ("text-brackets", "尖括号和句号", "angle brackets and a full stop", f"<{url}>。"),
        ("text-quotation", "引号", "quotation marks", f"“{url}”"),
        ("text-caption", "同一行有说明", "a caption on the line", f"样例甲，2026 年：{url}"),
        ("text-captions", "前后各有三组数字", "three groups of digits at either end",
         f"1 2 3 {number} 4 5 6"),
        ("text-zero-width", "零宽字符", "characters of no width", parted(url, 40, "\u200b")),
        ("text-full-width", "全角数字", "full-width digits",
         url.translate({0x30 + at: 0xFF10 + at for at in range(10)})),
        ("text-no-break", "不换行空格和全角空格分组", "groups parted by U+00A0 and U+3000",
         parted(number, 5, "\u00a0\u3000")),
        ("text-base45-small", "小写的 base 45", "base 45 in small letters", base45.lower()),
        ("text-base45-wrapped", "base 45 折行", "base 45, wrapped", parted(base45, 76, "\n")),
    )  # fmt: skip


def _token(label: str = "token") -> cose.Sign1:
    return signed_token(PLAIN, label)


def frames(shop: Shop) -> Iterator[Case]:
    """Frames."""
    framed = shop.frame(_token())
    head, deflated, tail = framed[:5], framed[5:-64], framed[-64:]
    longer = shop.frame(token_over(bytes(1024)))
    # A stored block of 1025 zeros: over the cap by one.
    stored = b"\x01" + (1025).to_bytes(2, "little") + (1025 ^ 0xFFFF).to_bytes(2, "little")
    for name, zh, en, data in (
        ("frame-69-bytes", "69 字节，太短", "69 bytes are too few", framed[:5] + framed[-64:]),
        ("frame-too-long", "1125 字节，太长", "1,125 bytes are too many",
         head + bytes(1125 - 69) + tail),
        ("frame-not-deflate", "不是 DEFLATE", "no DEFLATE stream", head + b"\xff" * 40 + tail),
        ("frame-cut", "DEFLATE 没有结束", "a DEFLATE stream without an end",
         _cut(head, deflated, tail)),
        ("frame-trailing", "DEFLATE 之后还有字节", "a byte after the DEFLATE stream",
         head + deflated + _ZERO + tail),
        ("frame-over-cap", "解压后 1025 字节", "1,025 bytes inflated",
         head + stored + bytes(1025) + tail),
        ("frame-bomb", "压缩炸弹", "a compression bomb",
         head + shop.settle("raw1", _deflate(bytes(100_000))) + tail),
    ):  # fmt: skip
        yield Case(
            name=name, zh=zh, en=en, framed=data, expects=("INVALID", "frame.frame_malformed")
        )
    for name, zh, en, first in (
        ("frame-suite-0", "套件 0", "suite 0", 0x01),
        ("frame-suite-sm2", "套件 3 为国密预留", "suite 3 is reserved for SM2", 0x31),
        ("frame-dictionary-0", "字典 0", "dictionary 0", 0x10),
        ("frame-dictionary-2", "字典 2 尚未发布", "dictionary 2 is not published", 0x12),
    ):
        yield Case(
            name=name, zh=zh, en=en, framed=bytes((first,)) + framed[1:],
            expects=("INDETERMINATE", "frame.format_unknown"),
        )  # fmt: skip
    # One payload, another compression: the same token.
    block = b"\x01" + len(_token().payload).to_bytes(2, "little")
    block += (len(_token().payload) ^ 0xFFFF).to_bytes(2, "little") + _token().payload
    yield Case(name="frame-stored", zh="不压缩的 DEFLATE 块也是同一凭据",
               en="a stored block is the same token", framed=head + block + tail,
               expects=("VALID", "frame.ok"))  # fmt: skip
    yield Case(
        name="frame-1024-inflated",
        zh="解压恰为 1024 字节",
        en="1,024 bytes inflated",
        framed=longer,
        expects=("INVALID", "frame.ok", "payload.payload_malformed"),
    )


def _deflate(content: bytes) -> bytes:
    import zlib  # noqa: PLC0415  # one vector

    maker = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=frame.dictionary(1))
    return maker.compress(content) + maker.flush()


def signatures() -> Iterator[Case]:
    """Signatures and keys."""
    token, eddsa = _token(), _token("token-eddsa")
    for name, zh, en, hostile, expects in (
        ("signature-bit", "签名改了一位", "one bit of the signature changed",
         replace(token, signature=spoil(token.signature)), ("INVALID", "signature.signature_bad")),
        ("signature-eddsa-bit", "EdDSA 签名改了一位", "one bit of an EdDSA signature changed",
         replace(eddsa, signature=spoil(eddsa.signature)), ("INVALID", "signature.signature_bad")),
        ("signature-payload", "内容改了一处", "another payload under the signature",
         replace(token, payload=payload.encode(replace(PLAIN, title="正高级工程师"))),
         ("INVALID", "signature.signature_bad")),
        ("signature-other-key", "别的密钥签名，冒用 kid", "another key's signature under the kid",
         replace(token, signature=_token("stranger").signature),
         ("INVALID", "signature.signature_bad")),
        ("signature-zero", "签名全为零", "a signature of zeros",
         replace(token, signature=bytes(64)), ("INVALID", "signature.signature_bad")),
        ("signature-high-s", "s 大于 n/2", "the second form: s above n/2",
         replace(token, signature=high_s(token.signature)),
         ("INVALID", "signature.signature_second_form")),
        ("suite-mismatch", "kid 属于另一套件的密钥", "a kid of a key of the other suite",
         replace(eddsa, kid=token.kid, protected=cose.protected_header(EDDSA, token.kid)),
         ("INVALID", "signer.suite_mismatch")),
        ("signer-stranger", "不在信任包中的密钥", "a key of no bundle", _token("stranger"),
         ("INDETERMINATE", "signer.signer_unknown")),
    ):  # fmt: skip
        yield Case(name=name, zh=zh, en=en, token=hostile, expects=expects)


def envelopes() -> Iterator[Case]:
    """COSE_Sign1 as bytes, not by way of a frame."""
    token = _token()
    free: dict[int, object] = {}
    parts = (token.protected, free, token.payload, token.signature)
    tagged = token.to_bytes()
    typed = cose.sign1(token.payload, signer=signer("token"), typ="application/statuslist+cwt")
    long_kid = canon.encode({1: -9, 4: signer("token").public.thumbprint})
    for name, zh, en, data in (
        ("cose-unprotected", "有未保护头", "an unprotected header",
         b"\xd2" + canon.encode((parts[0], {4: b"\0\0\0\0"}, *parts[2:]))),
        ("cose-three-parts", "少一部分", "three parts", b"\xd2" + canon.encode(parts[:3])),
        ("cose-trailing", "末尾多一字节", "a byte after it", tagged + _ZERO),
        ("cose-typ", "带 typ 的不是凭据", "a typ: not a token", typed.to_bytes()),
        ("cose-long-kid", "kid 为 32 字节", "a kid of 32 bytes",
         replace(token, protected=long_kid).to_bytes()),
        ("cose-other-header", "多出的头参数", "a header too many",
         replace(token, protected=canon.encode({1: -9, 4: token.kid, 5: b""})).to_bytes()),
    ):  # fmt: skip
        yield Case(name=name, zh=zh, en=en, envelope=data,
                   expects=("INVALID", "read.ok", "frame.frame_malformed"))  # fmt: skip
    yield Case(name="cose-untagged", zh="没有标签 18", en="no tag 18", envelope=tagged[1:],
               expects=("INDETERMINATE", "read.not_ours"))  # fmt: skip
    yield Case(
        name="cose-sign-tag",
        zh="标签 98",
        en="tag 98",
        envelope=b"\xd8\x62" + tagged[1:],
        expects=("INDETERMINATE", "read.not_ours"),
    )
    sm2 = replace(token, protected=canon.encode({1: -70_000, 4: token.kid}))
    yield Case(
        name="cose-unknown-algorithm",
        zh="不认识的算法",
        en="an unknown algorithm",
        envelope=sm2.to_bytes(),
        expects=("INDETERMINATE", "frame.format_unknown"),
    )
    yield Case(name="cose-plain", zh="直接给出 COSE_Sign1", en="the COSE_Sign1 itself",
               envelope=tagged, expects=("VALID", "frame.ok"))  # fmt: skip
    short = replace(token, signature=token.signature[:63])
    yield Case(
        name="cose-short-signature",
        zh="签名 63 字节",
        en="a signature of 63 bytes",
        envelope=short.to_bytes(),
        expects=("INVALID", "signature.signature_second_form"),
    )


def _cut(head: bytes, deflated: bytes, tail: bytes) -> bytes:
    """A frame whose stream lacks its last bytes: the fewest that the signature does not make up."""
    for count in range(2, len(deflated)):
        framed = head + deflated[:-count] + tail
        try:
            frame.unpack(framed)
        except DecodeError as error:
            if error.code == "token.frame_malformed":
                return framed
    raise WrongVectorError("frame-cut", "every cut is taken")


def amended(base: bytes | None = None, /, **changes: object) -> bytes:
    """A payload with other entries: ``_12=…`` sets key 12; ``...`` takes it out."""
    value = canon.decode(base or payload.encode(PLAIN), max_bytes=1024)
    entries: Map = {int(key): entry for key, entry in value.items()}  # type: ignore[union-attr]
    for name, entry in changes.items():
        key = int(name.removeprefix("_"))
        if entry is ...:
            entries.pop(key)
        else:
            entries[key] = entry
    return canon.encode(entries)


def payloads() -> Iterator[Case]:
    """Payloads that break clause 2, each signed by the right key."""
    plain = payload.encode(PLAIN)
    every = payload.encode(EVERYTHING)
    whole = payload.encode(replace(PLAIN, identity=full(DocumentKind.CN_RESIDENT)))
    first17 = int(str(full(DocumentKind.CN_RESIDENT).shown)[:17])
    commitment = bytes(16)
    for name, zh, en, data in (
        ("empty", "空载荷", "no bytes", b""),
        ("not-a-map", "不是映射", "an array", canon.encode([1, 2])),
        ("trailing", "末尾多一字节", "a byte after the map", plain + _ZERO),
        ("key-order", "键的次序颠倒", "keys out of order", plain[:1] + plain[3:] + plain[1:3]),
        ("long-head", "非最短编码", "a head that is not the shortest",
         plain.replace(b"\x0d\x02", b"\x0d\x18\x02", 1)),
        ("unknown-key", "未知的键", "an unknown key", amended(_23=1)),
        ("schema-0", "版本 0", "schema 0", amended(_0=0)),
        ("schema-true", "版本为 true", "schema true", amended(_0=True)),
        ("no-name", "没有姓名", "no name", amended(_2=...)),
        ("empty-name", "姓名为空", "an empty name", amended(_2="")),
        ("name-101", "姓名 101 字", "a name of 101 characters", amended(_2="样" * 101)),
        ("name-space", "姓名末尾有空格", "white space at the end", amended(_2="样例 ")),
        ("name-wide-space", "姓名开头有全角空格", "an ideographic space at the start",
         amended(_2="\u3000样例")),
        ("name-control", "控制字符", "a control character", amended(_2="样\u0007例")),
        ("name-bidi", "双向控制字符", "a bidirectional override", amended(_2="样\u202e例")),
        ("name-invisible", "不可见字符", "a zero-width space", amended(_2="样\u200b例")),
        ("name-filler", "谚文填充符不可见", "a Hangul filler", amended(_2="样\u3164例")),
        ("name-nonchar", "非字符", "a noncharacter", amended(_2="样\uffff例")),
        ("name-tag", "标签字符", "a tag character", amended(_2="样\U000e0041例")),
        ("name-not-nfc", "不是 NFC", "text that is not NFC",
         plain.replace(b"\x02\x69" + "样例甲".encode(), b"\x02\x6a" + "样例Ae\u0301".encode(), 1)),
        ("name-not-utf8", "不是 UTF-8", "text that is not UTF-8",
         plain.replace("样例甲".encode(), b"\xff" * 9, 1)),
        ("number-text", "可为整数的证号写成文本", "a number as text that is an integer",
         amended(_1="4520261000000001")),
        ("number-zero", "证号为 0", "the number 0", amended(_1=0)),
        ("number-19", "19 位整数", "an integer of 19 digits", amended(_1=10**18)),
        ("number-41", "证号 41 字", "a number of 41 characters", amended(_1="S" * 41)),
        ("sex-derived", "可推出的性别又写明", "a sex that is derivable", amended(_4=1)),
        ("sex-3", "性别 3", "sex 3", amended(_4=3)),
        ("sex-missing", "无从推出而未写明", "no sex and none to derive", amended(_3=...)),
        ("qualified-13", "月份 13", "month 13", amended(_8=[1998, 13])),
        ("qualified-1899", "1899 年", "the year 1899", amended(_8=[1899])),
        ("qualified-empty", "空的日期", "an empty date", amended(_8=[])),
        ("qualified-day-array", "年月日写成数组", "a day written as an array",
         amended(_8=[2026, 5, 18])),
        ("issued-2200", "2200 年", "a day in 2200", amended(_9=84_006)),
        ("issued-1899", "1899 年的日期", "a day in 1899", amended(_9=-25_568)),
        ("issued-array", "发证日期不完整", "a partial issue date", amended(_9=[2026, 9])),
        ("url-http", "网址不是 https", "a URL that is not https", amended(_12="http://a.example/")),
        ("url-201", "网址 201 字", "a URL of 201 characters", amended(_12="https://" + "u" * 193)),
        ("level-6", "级别 6", "level 6", amended(_13=6)),
        ("level-true", "级别为 true", "level true", amended(_13=True)),
        ("source-4", "来源 4", "source 4", amended(_14=4)),
        ("body-level-0", "层级 0", "body level 0", amended(_15=0)),
        ("approving-same", "审批机关与发证机关相同又写明", "an approving body that is the issuer",
         amended(_16="样例省人力资源和社会保障厅")),
        ("version-1", "第 1 版又写明", "version 1, written", amended(_18=1)),
        ("version-1000", "第 1000 版", "version 1000", amended(_18=1000)),
        ("supersedes-text", "所替代证号写成文本", "supersedes as text that is an integer",
         amended(_19="17")),
        ("list-id-65536", "列表号 65536", "list id 65536", amended(_20=65_536)),
        ("index-negative", "序号为负", "a negative index", amended(_21=-1)),
        ("index-beyond", "序号 2^27", "index 2^27", amended(_21=1 << 27)),
        ("identity-kind-8", "证件类型 8", "kind 8", amended(_3=[8, "ABCDE12"], _4=1)),
        ("identity-short", "承诺 15 字节", "a commitment of 15 bytes",
         amended(_3=[7, "E******01", bytes(15)], _4=1)),
        ("identity-lower", "掩码含小写", "lower case in a mask",
         amended(_3=[7, "e******01", commitment], _4=1)),
        ("identity-nationality", "居民身份证带国籍", "a nationality on a resident number",
         amended(_3=[1, 45_123_000, commitment, "ZZZ"], _4=1)),
        ("identity-nationality-2", "国籍两个字母", "a nationality of two letters",
         amended(every, _3=[7, "E******01", commitment, "ZZ"])),
        ("identity-full-text", "可为整数的号码写成文本", "a number as text that is an integer",
         amended(whole, _3=[1, full(DocumentKind.CN_RESIDENT).shown])),
        ("identity-mask-text", "可为整数的掩码写成文本", "a mask as text that is an integer",
         amended(_3=[1, "45************1230", commitment])),
        ("identity-mask-beyond", "掩码整数过大", "a mask integer beyond the greatest",
         amended(_3=[1, 1_100_000, commitment], _4=1)),
        ("identity-full-star", "完整号码含星号", "a star in a number in full",
         amended(_3=[7, "E******01"], _4=1)),
        ("identity-mask-one-star", "掩码只遮一个字符", "a mask that hides one character",
         amended(_3=[7, "E0099000*", commitment], _4=1)),
        ("identity-mask-other-kind", "掩码不是该类证件的形式", "a mask of another kind's form",
         amended(_3=[7, "45*****2345", commitment], _4=1)),
        ("identity-mask-int-passport", "护照掩码写成整数", "a passport's mask as an integer",
         amended(_3=[7, 496363, commitment], _4=1)),
        ("identity-mask-whole", "掩码没有星号", "a mask without a star",
         amended(_3=[7, "E00990001", commitment], _4=1)),
        ("identity-null", "多出一个 null", "a null too many",
         amended(_3=[7, "E00990001", None], _4=1)),
        ("identity-16-digits", "号码整数 16 位", "an integer of 16 digits for a number",
         amended(whole, _3=[1, first17 // 10])),
        ("identity-int-passport", "护照号写成整数", "a passport number as an integer",
         amended(_3=[7, first17], _4=1)),
        ("identity-empty", "空的身份", "an empty identity", amended(_3=[], _4=1)),
        ("number-wide", "证号含全角数字", "a full-width digit in the number",
         amended(_1="450\uff11-001")),
        ("number-wide-letter", "证号含全角字母", "a full-width letter in the number",
         amended(_1="\uff21450-001")),
        ("number-wide-hyphen", "证号含全角连字符", "a full-width hyphen in the number",
         amended(_1="450\uff0d001")),
        ("number-mark", "证号含组合附加符", "a combining mark in the number",
         amended(_1="4500001\u0301")),
        ("number-other-digit", "证号含别种数字", "a digit of another script in the number",
         amended(_1="450\u0660-001")),
        ("number-space", "证号含空格", "a space in the number", amended(_1="4500 001")),
        ("supersedes-wide", "被替换的证号含全角数字", "a full-width digit in the number replaced",
         amended(_19="450\uff11-001")),
        ("nested", "嵌套过深", "nesting beyond 8 levels",
         plain.replace(b"\x0d\x02", b"\x0d" + b"\x81" * 9 + b"\x02", 1)),
        ("float", "浮点数", "a float", plain.replace(b"\x0d\x02", b"\x0d\xf9\x40\x00", 1)),
        ("tag", "带标签的值", "a tag", plain.replace(b"\x0d\x02", b"\x0d\xc0\x02", 1)),
        ("indefinite", "不定长", "an indefinite length", b"\xbf" + plain[1:] + b"\xff"),
    ):  # fmt: skip
        token = token_over(data)
        yield Case(name=f"payload-{name}", zh=zh, en=en, token=token,
                   expects=("INVALID", "payload.payload_malformed", "signature.ok"))  # fmt: skip
    newer = token_over(amended(_0=2, _2=[1]))
    yield Case(
        name="payload-schema-2",
        zh="更新的版本",
        en="a newer schema",
        token=newer,
        expects=("INDETERMINATE", "payload.version_unknown", "window.not_checked"),
    )
    yield Case(
        name="payload-newer-signer-unknown",
        zh="版本与签名者都不认识",
        en="a newer schema by a stranger",
        token=token_over(amended(_0=2), "stranger"),
        expects=("INDETERMINATE", "payload.version_unknown", "signer.signer_unknown"),
    )


def cases(shop: Shop) -> Iterator[Case]:
    """All of this file."""
    yield from texts(shop)
    yield from frames(shop)
    yield from signatures()
    yield from envelopes()
    yield from payloads()
