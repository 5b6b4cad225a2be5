"""tokens.json, continued: whose certificate it is (2.5.3), and endorsed copies (2.6)."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tests.vectors.make.hostile import amended
from tests.vectors.make.people import EVERYTHING, NUMBERS, full, masked, opening, plain
from tests.vectors.make.shop import token_over
from tests.vectors.make.tokens import Case
from tests.vectors.make.worlds import AT

from etitle import canon
from etitle.certificate.commitment import commit, format_opening
from etitle.certificate.dates import china_day, day_date
from etitle.certificate.identity import DocumentKind, Identity, mask
from etitle.certificate.model import Certificate, EndorsedCopy, Sex
from etitle.verify.question import Holder

_OK: Final = ("VALID", "holder.ok")
_MISMATCH: Final = ("INVALID", "holder.holder_mismatch")
_MALFORMED: Final = ("INDETERMINATE", "holder.number_malformed")
_MISTYPED: Final = ("INDETERMINATE", "holder.opening_mistyped")
_FITS: Final = ("INDETERMINATE", "holder.fits_mask")

_Row = tuple[str, str, str, Certificate, Holder, tuple[str, ...]]

_RESIDENT: Final = NUMBERS[DocumentKind.CN_RESIDENT]
_PASSPORT: Final = NUMBERS[DocumentKind.PASSPORT]
_PRINTED: Final = format_opening(opening("plain"))
_OLD: Final = _RESIDENT[:6] + _RESIDENT[8:17]
_NEIGHBOUR: Final = "450099196003011235"
"""Another person whose number fits the mask."""


def _whose(kind: DocumentKind, number: str | None = None) -> Certificate:
    return plain(identity=masked("person", kind, number), sex=Sex.FEMALE)


def _shown(kind: DocumentKind, number: str | None = None) -> Certificate:
    return plain(identity=full(kind, number), sex=Sex.FEMALE)


def _spellings() -> Iterator[_Row]:
    number = _RESIDENT
    for name, zh, en, typed, given, expects in (
        ("15-digits", "旧的 15 位号码", "the old number of 15 digits", _OLD, _PRINTED, _OK),
        ("wide", "全角数字、空格与不可见字符", "full width, white and unseen space",
         "\u202d４５0099 1990\u00a0" + number[10:] + "\u202c", _PRINTED, _OK),
        ("opening-spelling", "核验码的另一种写法", "another spelling of the opening",
         number, _PRINTED.lower().replace("-", " ").replace("1", "l"), _OK),
        ("opening-mistyped", "核验码错一位", "one character of the opening is wrong",
         number, ("1" if _PRINTED[0] != "1" else "2") + _PRINTED[1:], _MISTYPED),
        ("opening-short", "核验码缺校验位", "the opening without its check character",
         number, _PRINTED[:-1], _MISTYPED),
        ("opening-mistyped-other", "核验码错一位，号码也不是其人",
         "a mistyped opening and somebody else's number", _NEIGHBOUR, _PRINTED[:-1], _MISTYPED),
        ("neighbour", "另一人，号码与掩码相符", "another person whose number fits the mask",
         _NEIGHBOUR, _PRINTED, _MISMATCH),
        ("neighbour-fits", "另一人，只有号码", "another person who fits, without the opening",
         _NEIGHBOUR, None, _FITS),
        ("abc", "不成号码", "no number at all", "abc", _PRINTED, _MALFORMED),
        ("abc-fits", "不成号码，没有核验码", "no number at all, and no opening", "abc", None,
         _MALFORMED),
        ("check-digit", "校验位错", "a wrong check digit", number[:-1] + "8", _PRINTED, _MALFORMED),
        ("check-digit-fits", "与掩码相符，校验位错", "a number that fits, with a wrong check digit",
         number[:8] + "91" + number[10:], None, _MALFORMED),
        ("passport-number", "另一种证件的号码", "a number of another kind of document", _PASSPORT,
         None, _MALFORMED),
        ("64", "号码 64 个字符", "a number of 64 characters", number + " " * 46, _PRINTED, _OK),
        ("65", "号码 65 个字符", "a number of 65 characters", number + " " * 47, _PRINTED,
         _MALFORMED),
        ("nationality", "居民身份证附带国籍", "a nationality beside a resident's number", number,
         _PRINTED, _OK),
    ):  # fmt: skip
        nationality = "CHN" if name == "nationality" else None
        holder = Holder(number=typed, opening=given, nationality=nationality)
        yield name, zh, en, plain(), holder, expects


def _renewed() -> Iterator[_Row]:
    key = format_opening(opening("person"))
    permit, taiwan = NUMBERS[DocumentKind.HM_TRAVEL], NUMBERS[DocumentKind.TW_TRAVEL]
    for kind, number in ((DocumentKind.HM_TRAVEL, permit), (DocumentKind.TW_TRAVEL, taiwan)):
        low = kind.name.lower().replace("_", "-")
        yield (f"{low}-renewed", "换发后的号码", "the number after a renewal",
               _whose(kind), Holder(number=number + "03", opening=key), _OK)  # fmt: skip
        yield (f"{low}-first", "证书按换发后的号码签发", "issued for a renewed permit",
               _whose(kind, number + "02"), Holder(number=number, opening=key), _OK)  # fmt: skip
        yield (f"{low}-full", "完整号码，已换发", "a number in full, renewed since",
               _shown(kind, number + "01"), Holder(number=number + "02"), _OK)  # fmt: skip
        yield (f"{low}-fits", "换发后的号码，没有核验码", "a renewed number without the opening",
               _whose(kind), Holder(number=number + "03"), _FITS)  # fmt: skip
        other = number[:-1] + "2"
        yield (f"{low}-other", "另一人的号码", "another person's number",
               _shown(kind, number + "01"), Holder(number=other), _MISMATCH)  # fmt: skip
        yield (f"{low}-cut", "号码少一位", "a number without its last digit",
               _whose(kind), Holder(number=number[:-1], opening=key), _MALFORMED)  # fmt: skip
    yield ("old-full", "完整号码写作 15 位", "a number in full of 15 digits",
           plain(identity=Identity(DocumentKind.CN_RESIDENT, _OLD), sex=Sex.MALE),
           Holder(number=_RESIDENT), _OK)  # fmt: skip
    odd = "0" * 17 + "1"
    yield ("odd-full", "号码的校验位本来就错", "a number that never had a right check digit",
           plain(identity=Identity(DocumentKind.CN_RESIDENT, odd), sex=Sex.FEMALE),
           Holder(number=odd), _OK)  # fmt: skip
    yield ("hmt-15", "居住证没有 15 位的旧号码", "no residence permit had 15 digits",
           _whose(DocumentKind.HMT_RESIDENCE),
           Holder(number="810099900101124", opening=key), _MALFORMED)  # fmt: skip


def _nations() -> Iterator[_Row]:
    key = format_opening(opening("person"))
    for name, zh, en, nationality, given, expects in (
        ("nation", "护照，国籍小写", "a passport, the nationality in small letters", " zzz", key,
         _OK),
        ("nation-other", "国籍不同", "another nationality", "ABC", key, _MISMATCH),
        ("nation-other-fits", "国籍不同，没有核验码", "another nationality, without the opening",
         "ABC", None, _MISMATCH),
        ("nation-fits", "国籍相同，没有核验码", "the same nationality, without the opening", "ZZZ",
         None, _FITS),
        ("nation-malformed", "国籍不成代码", "no code of a nationality", "中国", key, _MALFORMED),
        ("nation-long", "国籍 65 个字符", "a nationality of 65 characters", "ZZZ" + " " * 62, key,
         _MALFORMED),
    ):  # fmt: skip
        holder = Holder(number=_PASSPORT, opening=given, nationality=nationality)
        yield name, zh, en, _whose(DocumentKind.PASSPORT), holder, expects
    yield ("nation-full-malformed", "完整号码，国籍不成代码", "in full, no code of a nationality",
           _shown(DocumentKind.PASSPORT), Holder(number=_PASSPORT, nationality="ZZ"),
           _MALFORMED)  # fmt: skip


def _others() -> Iterator[_Row]:
    number, key = _RESIDENT, opening("person")
    kind = DocumentKind.CN_RESIDENT
    resident = full(kind)
    for name, zh, en, given in (
        ("full-opening", "完整号码，另给核验码", "in full, and an opening all the same", _PRINTED),
        (
            "full-opening-mistyped",
            "完整号码，另给的核验码有错",
            "in full, and a mistyped opening all the same",
            "x",
        ),
    ):
        yield (name, zh, en, plain(identity=resident), Holder(number=number, opening=given),
               _OK)  # fmt: skip
    yield ("mask", "把掩码当作号码", "the mask itself for a number", plain(),
           Holder(number=f"{number[:2]}{'*' * 12}{number[-4:]}"), _MALFORMED)  # fmt: skip
    other = Identity(kind, f"46{'*' * 12}{number[-4:]}", commit(key, kind, number, pepper=5))
    yield ("other-mask", "承诺相符，掩码是别人的", "the right commitment beside another's mask",
           plain(identity=other), Holder(number=number, opening=format_opening(key)),
           _MISMATCH)  # fmt: skip
    person = hashlib.scrypt(
        canon.encode(("etitle-id-1", 1, number, None, 128)), salt=key, n=1024, r=8, p=1, dklen=16,
    )  # fmt: skip
    yield ("pepper-128", "掺值 128", "a pepper of 128",
           plain(identity=Identity(kind, mask(kind, number), person)),
           Holder(number=number, opening=format_opening(key)), _MISMATCH)  # fmt: skip
    yield ("nation-64", "国籍 64 个字符", "a nationality of 64 characters",
           _whose(DocumentKind.PASSPORT),
           Holder(number=_PASSPORT, opening=format_opening(key), nationality="ZZZ".ljust(64)),
           _OK)  # fmt: skip


def persons() -> Iterator[Case]:
    """Clause 2.5.3, row by row."""
    for rows in (_spellings, _renewed, _nations, _others):
        for name, zh, en, certificate, holder, expects in rows():
            yield Case(
                name=f"person-{name}", zh=zh, en=en, expects=expects, certificate=certificate,
                holder=holder,
            )  # fmt: skip
    yield Case(
        name="person-unsigned", zh="签名未通过，不核对持证人",
        en="nobody is asked where the signature is bad",
        expects=("INVALID", "signature.signature_bad", "holder.not_checked"), certificate=plain(),
        authority="nobody", holder=Holder(number=_RESIDENT, opening=_PRINTED),
    )  # fmt: skip


_TODAY: Final = day_date(china_day(int(AT.timestamp())))
_COPY: Final = EndorsedCopy("样例：应聘", "样例单位", _TODAY, bytes(range(16)))
_TEXT: Final = "样" * 60


def copies() -> Iterator[Case]:
    """Clause 2.6."""
    day = datetime.timedelta(days=1)
    past = replace(_COPY, expires=_TODAY - day)
    valid = ("VALID", "standing.in_force")
    for name, zh, en, copy, expects in (
        ("last-day", "加注件，有效期最后一天", "an endorsed copy on its last day", _COPY, valid),
        ("nobody", "加注件，不限接收单位", "an endorsed copy for nobody in particular",
         replace(_COPY, recipient=None, expires=_TODAY + day), valid),
        ("longest", "加注件，文字 60 字", "an endorsed copy with texts of 60 characters",
         replace(_COPY, scene=_TEXT, recipient=_TEXT), valid),
        ("over", "加注件，有效期已过", "an endorsed copy after its last day", past,
         ("INDETERMINATE", "standing.copy_expired")),
    ):  # fmt: skip
        yield Case(name=f"copy-{name}", zh=zh, en=en, expects=expects, certificate=plain(copy=copy))
    yield Case(
        name="copy-over-voided", zh="加注件已过期，原证书已作废", en="an old copy of a voided one",
        expects=("NOT_IN_FORCE", "standing.voided"), certificate=plain(index=100, copy=past),
    )  # fmt: skip
    yield Case(
        name="copy-over-no-list", zh="加注件已过期，没有状态列表", en="an old copy, and no list",
        expects=("INDETERMINATE", "standing.standing_unknown"), certificate=plain(copy=past),
        world="no-list",
    )  # fmt: skip
    yield Case(
        name="copy-of-everything", zh="各字段俱全的加注件", en="an endorsed copy with every field",
        expects=("VALID",), certificate=replace(EVERYTHING, copy=_COPY),
    )  # fmt: skip
    yield from _malformed()


def _malformed() -> Iterator[Case]:
    scene, hash16, end = "样例", bytes(16), 20_000
    for name, zh, en, value in (
        ("three", "缺一项", "an item too few", [scene, None, end]),
        ("five", "多一项", "an item too many", [scene, None, end, hash16, None]),
        ("number", "不是数组", "no array", 1),
        ("scene-null", "没有使用场景", "no scene", [None, None, end, hash16]),
        ("scene-empty", "使用场景为空", "an empty scene", ["", None, end, hash16]),
        ("scene-61", "使用场景 61 字", "a scene of 61 characters",
         ["样" * 61, None, end, hash16]),
        ("scene-bidi", "使用场景含双向控制字符", "a bidirectional override in the scene",
         ["样\u202e例", None, end, hash16]),
        ("scene-space", "使用场景末尾有空格", "white space at the end of the scene",
         ["样例 ", None, end, hash16]),
        ("recipient-empty", "接收单位为空", "an empty recipient", [scene, "", end, hash16]),
        ("recipient-61", "接收单位 61 字", "a recipient of 61 characters",
         [scene, "样" * 61, end, hash16]),
        ("recipient-number", "接收单位不是文字", "a recipient that is no text",
         [scene, 1, end, hash16]),
        ("recipient-invisible", "接收单位含不可见字符", "an unseen character in the recipient",
         [scene, "样\u200b例", end, hash16]),
        ("expires-null", "没有有效期", "no last day", [scene, None, None, hash16]),
        ("expires-true", "有效期为 true", "a last day that is true", [scene, None, True, hash16]),
        ("expires-2200", "有效期至 2200 年", "a last day in 2200", [scene, None, 84_006, hash16]),
        ("expires-1899", "有效期至 1899 年", "a last day in 1899", [scene, None, -25_568, hash16]),
        ("original-15", "原件摘要 15 字节", "a hash of 15 bytes", [scene, None, end, bytes(15)]),
        ("original-17", "原件摘要 17 字节", "a hash of 17 bytes", [scene, None, end, bytes(17)]),
        ("original-text", "原件摘要为文本", "a hash that is text", [scene, None, end, "0" * 16]),
    ):  # fmt: skip
        yield Case(
            name=f"payload-copy-{name}", zh=f"加注：{zh}", en=f"endorsement: {en}",
            token=token_over(amended(_22=value)),
            expects=("INVALID", "payload.payload_malformed", "signature.ok"),
        )  # fmt: skip
    for name, days in (("first", -25_567), ("last", 84_005)):
        data = amended(_22=["样例", None, days, bytes(16)])
        standing = "standing.copy_expired" if days < 0 else "standing.in_force"
        yield Case(
            name=f"payload-copy-{name}-day",
            zh=f"加注：有效期取{'最早' if days < 0 else '最晚'}一天",
            en=f"endorsement: the {name} day there is", token=token_over(data),
            expects=("INDETERMINATE" if days < 0 else "VALID", "payload.ok", standing),
        )  # fmt: skip


def cases() -> Iterator[Case]:
    """All of this file."""
    yield from persons()
    yield from copies()
