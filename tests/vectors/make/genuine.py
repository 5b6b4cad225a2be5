"""tokens.json: certificates of every kind, in every form, signed as they should be."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from tests.vectors.make.people import (
    BODIES,
    EVERYTHING,
    NUMBERS,
    RARE_NAME,
    full,
    longest,
    masked,
    opening,
    plain,
)
from tests.vectors.make.tokens import Case
from tests.vectors.make.worlds import COUNTY_BODY, DELEGATED_BODY

from etitle.certificate.dates import PartialDate
from etitle.certificate.identity import DocumentKind, Identity
from etitle.certificate.model import BodyLevel, Level, Sex, Source
from etitle.verify.question import Holder


def kinds() -> Iterator[Case]:
    """Every kind of document in both profiles, and the profile none."""
    for kind in DocumentKind:
        low = kind.name.lower().replace("_", "-")
        sex = Sex.FEMALE
        if kind <= DocumentKind.FOREIGN_PR_2023:
            sex = Sex.MALE if int(NUMBERS[kind][16]) % 2 else Sex.FEMALE
        name = f"masked-{low}"
        holder = Holder(number=NUMBERS[kind], opening=opening(name))
        yield Case(
            name=name,
            zh=f"证件类型 {int(kind)}，掩码加承诺；持证人与核验码相符",
            en=f"document kind {int(kind)}, mask and commitment; number and opening match",
            expects=("VALID", "holder.ok"),
            certificate=plain(identity=masked(name, kind), sex=sex),
            holder=holder,
            opened=opening(name),
        )
        yield Case(
            name=f"full-{low}",
            zh=f"证件类型 {int(kind)}，完整号码；持证人相符",
            en=f"document kind {int(kind)}, number in full; the holder matches",
            expects=("VALID", "holder.ok"),
            certificate=plain(identity=full(kind), sex=sex),
            holder=Holder(number=NUMBERS[kind].lower()),
        )
    yield Case(
        name="no-identity",
        zh="不载身份证号；性别须写明",
        en="no identity; the sex must be written",
        expects=("VALID", "standing.in_force"),
        certificate=plain(identity=None),
    )
    short = Identity(DocumentKind.CN_RESIDENT, "45*********1234", bytes(16))
    for name, identity, zh, en in (
        ("full-check-x", full(DocumentKind.CN_RESIDENT, "45009919900111009X"), "校验码为 X", "X"),
        ("full-wrong-check", full(DocumentKind.CN_RESIDENT, "450099199001011230"),
         "校验码错误的号码以文本写入", "a wrong check digit: the number is text"),
        ("full-15-digits", full(DocumentKind.CN_RESIDENT, "450099900101123"),
         "15 位旧号码以文本写入", "an old number of 15 digits is text"),
        ("mask-odd-shape", short, "形状不同的掩码以文本写入", "a mask of another shape is text"),
        ("mask-check-x", Identity(DocumentKind.CN_RESIDENT, "45************110X", bytes(16)),
         "掩码末位为 X", "a mask that ends in X"),
        ("mask-lead-zero", Identity(DocumentKind.CN_RESIDENT, "00************0000", bytes(16)),
         "掩码以零开头：整数 0", "a mask of zeros: the integer 0"),
        ("mask-greatest", Identity(DocumentKind.CN_RESIDENT, "99************999X", bytes(16)),
         "最大的掩码整数", "the greatest mask integer"),
    ):  # fmt: skip
        yield Case(
            name=name,
            zh=zh,
            en=en if len(en) > 1 else "check digit X",
            expects=("VALID", "payload.ok"),
            certificate=plain(identity=identity, sex=Sex.FEMALE),
        )


def fields() -> Iterator[Case]:
    """Every field, present and absent, at its usual and its greatest."""
    for name, zh, en, certificate in (
        ("plain", "常见的一张证书", "a usual certificate", plain()),
        ("year-only", "取得资格时间只有年", "qualified: the year alone",
         plain(qualified=PartialDate(1998))),
        ("year-month", "取得资格时间只有年月", "qualified: year and month",
         plain(qualified=PartialDate(1998, 7))),
        ("before-1970", "1970 年以前的日期是负数", "a day before 1970 is negative",
         plain(qualified=PartialDate(1965, 12, 31))),
        ("first-day", "最早的日期 1900-01-01", "the first day there is",
         plain(qualified=PartialDate(1900, 1, 1))),
        ("rare-characters", "姓名含 BMP 以外的字", "a name with characters beyond the BMP",
         plain(name=RARE_NAME)),
        ("variation-selector", "姓名含异体选择符", "a name with a variation selector",
         plain(name="样例葛\U000e0100")),
        ("middle-dot", "姓名含间隔号", "a name with a middle dot", plain(name="阿样例·买买提")),
        ("latin-name", "拉丁字母姓名", "a name in Latin letters", plain(name="SAMPLE, José")),
        ("own-url", "自带网址", "a URL of its own", plain(url="https://zc.sample.cn/x/1")),
        ("sex-disagrees", "性别与号码推出的不同，须写明", "a sex that disagrees with the number",
         plain(sex=Sex.FEMALE)),
        ("sex-unknown", "性别 0", "sex 0", plain(sex=Sex.UNKNOWN)),
        ("sex-unstated", "性别 9", "sex 9", plain(sex=Sex.UNSTATED)),
        ("leading-zero", "以零开头的证号是文本", "a number with a leading zero is text",
         plain(number="01234567")),
        ("number-18", "18 位证号是整数", "a number of 18 digits is an integer",
         plain(number="453000000000000001", approving_body=COUNTY_BODY,
               body_level=BodyLevel.COUNTY)),
        ("number-19", "19 位证号是文本", "a number of 19 digits is text",
         plain(number="4530000000000000001", approving_body=COUNTY_BODY,
               body_level=BodyLevel.COUNTY)),
        ("old-number", "老证号：任意文本", "a number from before the register",
         plain(number="样职证字第（1998）001号")),
        ("no-review-body", "没有评审机构", "no review body", plain(review_body=None)),
        ("issuer-approves", "审批机关即发证机关，省去", "the issuing body approves: key 16 absent",
         plain(issuing_body=DELEGATED_BODY, approving_body=DELEGATED_BODY, number="4540001",
               body_level=BodyLevel.DELEGATED)),
        ("reissue", "换发：第 2 版，注明所替代的证号", "a reissue: version 2, what it supersedes",
         plain(version=2, supersedes="样职证字第0001号")),
        ("second-list", "第二份状态列表，EdDSA 签名", "the second list, signed with EdDSA",
         plain(list_id=2, index=9)),
        ("zeros", "列表内序号 0", "index 0", plain(index=0)),
    ):  # fmt: skip
        yield Case(
            name=name, zh=zh, en=en, expects=("VALID", "payload.ok"), certificate=certificate
        )
    for level in Level:
        yield Case(
            name=f"level-{int(level)}", zh=f"级别 {int(level)}", en=f"level {int(level)}",
            expects=("VALID",), certificate=plain(level=level, source=Source(int(level) % 3 + 1)),
        )  # fmt: skip
    for body_level, (number, body) in BODIES.items():
        yield Case(
            name=f"body-level-{int(body_level)}",
            zh=f"审批机关层级 {int(body_level)}",
            en=f"approving body of level {int(body_level)}",
            expects=("VALID", "segment.ok"),
            certificate=plain(number=number, body_level=body_level, approving_body=body),
        )
    yield Case(
        name="every-field", zh="所有可选字段都有", en="every optional field",
        expects=("VALID",), certificate=EVERYTHING, opened=opening("every-field"),
        holder=Holder(
            number=NUMBERS[DocumentKind.PASSPORT], opening=opening("every-field"), nationality="ZZZ"
        ),
    )  # fmt: skip
    yield Case(
        name="longest", zh="载荷恰为 1024 字节", en="a payload of 1024 bytes exactly",
        expects=("INVALID", "payload.ok", "segment.body_mismatch"), certificate=longest(),
        opened=opening("longest"),
    )  # fmt: skip
    yield Case(
        name="longest-name", zh="姓名 100 个 BMP 以外的字，400 字节",
        en="a name of 100 characters beyond the BMP, 400 bytes",
        expects=("VALID", "payload.ok"), certificate=plain(name="𠮷" * 100),
    )  # fmt: skip


def signing() -> Iterator[Case]:
    """Both suites, keys that were retired, and a kid that two authorities share."""
    yield Case(
        name="eddsa", zh="EdDSA 签名", en="signed with EdDSA",
        expects=("VALID", "signature.ok"), certificate=plain(), signer="token-eddsa",
    )  # fmt: skip
    yield Case(
        name="real", zh="信任包未标样例", en="a bundle that is not marked as an example",
        expects=("VALID",), certificate=plain(), world="real",
    )  # fmt: skip
    yield Case(
        name="retired-key", zh="密钥退役前签发，永远真实", en="issued before the key was retired",
        expects=("VALID", "window.ok", "compromise.ok"), signer="retired",
        certificate=plain(
            number="4521000000000001", issued=datetime.date(2023, 12, 31),
            qualified=PartialDate(2023, 6, 1),
        ),
    )  # fmt: skip
    for label in ("shared-7993", "shared-17067"):
        yield Case(
            name=f"same-kid-{label[7:]}", zh="两个机关的密钥 kid 相同，逐一试验",
            en="keys of two authorities share the kid: each is tried",
            expects=("VALID", "signature.ok"), certificate=plain(), signer=label,
            authority="sample" if label == "shared-7993" else "other", world="two-authorities",
        )  # fmt: skip
    yield Case(
        name="key-published-twice", zh="另一机关也公布了该密钥，不影响原机关的证书",
        en="another authority publishes the same key: it has no say",
        expects=("VALID", "signature.ok"), certificate=plain(), world="copied-key",
    )  # fmt: skip
    yield Case(
        name="key-copied", zh="抄录了别人的密钥的机关，不能为其证书作证",
        en="an authority that copied the key of another does not speak for its certificates",
        expects=("INVALID", "signature.signature_bad"), certificate=plain(), world="copier-alone",
    )  # fmt: skip
    yield Case(
        name="document-key-twin", zh="kid 与只签文件的密钥相同，不受其影响",
        en="a key that signs documents alone shares the kid: it has no part in the look-up",
        expects=("VALID", "signature.ok"), certificate=plain(), signer="twin-16654",
        world="document-key-twin",
    )  # fmt: skip


def holders() -> Iterator[Case]:
    """What can be said of a person."""
    number, other = NUMBERS[DocumentKind.CN_RESIDENT], "450099199001012334"
    for name, zh, en, certificate, holder, expects in (
        ("holder-fits-mask", "只有号码，没有核验码", "the number without the opening",
         plain(), Holder(number=number), ("INDETERMINATE", "holder.fits_mask")),
        ("holder-mask-differs", "号码与掩码不符", "a number that does not fit the mask",
         plain(), Holder(number=other), ("INVALID", "holder.holder_mismatch")),
        ("holder-wrong-opening", "核验码不对", "the wrong opening",
         plain(), Holder(number=number, opening=bytes(10)), ("INVALID", "holder.holder_mismatch")),
        ("holder-full-differs", "完整号码不同", "another number than the one in full",
         plain(identity=full(DocumentKind.CN_RESIDENT), sex=Sex.MALE), Holder(number=other),
         ("INVALID", "holder.holder_mismatch")),
        ("holder-nationality", "国籍不同", "another nationality",
         plain(identity=full(DocumentKind.PASSPORT)),
         Holder(number=NUMBERS[DocumentKind.PASSPORT], nationality="ABC"),
         ("INVALID", "holder.holder_mismatch")),
        ("holder-none", "证书不载身份证号", "a certificate without identity",
         plain(identity=None), Holder(number=number), ("INDETERMINATE", "holder.no_holder")),
    ):  # fmt: skip
        yield Case(name=name, zh=zh, en=en, expects=expects, certificate=certificate, holder=holder)
    yield Case(
        name="holder-of-voided", zh="持证人相符，证书已作废", en="the holder matches, voided",
        expects=("NOT_IN_FORCE", "holder.ok"), certificate=plain(index=100),
        holder=Holder(number=number, opening=opening("plain")), opened=opening("plain"),
    )  # fmt: skip
    yield Case(
        name="holder-not-checked", zh="没有证书，持证人无从核对",
        en="without a code the holder stays unchecked",
        expects=("INDETERMINATE", "holder.not_checked"), holder=Holder(number=number),
        text="https://example.com/",
    )  # fmt: skip


def cases() -> Iterator[Case]:
    """All of this file."""
    for part in (fields, kinds, signing, holders):
        yield from part()
