"""tokens.json: tokens that are what they should be; hostile ones are in ``hostile``."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from etitle import cose
from etitle.certificate.dates import PartialDate
from etitle.certificate.identity import DocumentKind, Identity
from etitle.certificate.model import Certificate, Level, Sex, Source
from etitle.certificate.opener import format_opener
from etitle.token import frame, text
from etitle.verdict import Verdict
from etitle.verify.policy import DEFAULT_GRACE_S, Holder, Policy
from etitle.verify.token import verify_token
from tools.vector.people import (
    BODIES,
    EVERYTHING,
    NUMBERS,
    RARE_NAME,
    full,
    longest,
    masked,
    opener,
    plain,
    to_json,
)
from tools.vector.shop import BASE, Json, Shop, shows, signer
from tools.vector.worlds import AT, DELEGATED_BODY, RETIRED_DAY, load_world

_DAY: Final = datetime.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One token vector before it is made.

    Attributes:
        name: unique.
        zh: what it shows.
        en: the same.
        expects: the summary, then check.reason of what it is there for; the maker insists on them.
        certificate: signed as it is; None where ``token`` or ``text`` is given.
        token: a token made otherwise.
        framed: a frame made otherwise.
        text: a code text made otherwise.
        envelope: a COSE_Sign1 as bytes, judged without a code text.
        signer: label of the key.
        world: name of the world.
        at: the time of the verdict.
        grace_s: the policy.
        holder: the person demanded.
        opened: the certificate's opener, where it has one.
    """

    name: str
    zh: str
    en: str
    expects: tuple[str, ...]
    certificate: Certificate | None = None
    token: cose.Sign1 | None = None
    framed: bytes | None = None
    text: str | None = None
    envelope: bytes | None = None
    signer: str = "token"
    world: str = "plain"
    at: datetime.datetime = AT
    grace_s: int = DEFAULT_GRACE_S
    holder: Holder | None = None
    opened: bytes | None = None


def stolen_token() -> cose.Sign1:
    """The token that the rescue list vouches for."""
    return frame.sign(plain(), signer=signer("stolen"))


def kinds() -> Iterator[Case]:
    """Every kind of document in both profiles, and the profile none."""
    for kind in DocumentKind:
        low = kind.name.lower().replace("_", "-")
        sex = Sex.FEMALE
        if kind <= DocumentKind.FOREIGN_PR_2023:
            sex = Sex.MALE if int(NUMBERS[kind][16]) % 2 else Sex.FEMALE
        name = f"masked-{low}"
        holder = Holder(number=NUMBERS[kind], opener=opener(name))
        yield Case(
            name=name,
            zh=f"证件类型 {int(kind)}，掩码加承诺；持证人与核验码相符",
            en=f"document kind {int(kind)}, mask and commitment; number and opener match",
            expects=("VALID", "holder.ok"),
            certificate=plain(identity=masked(name, kind), sex=sex),
            holder=holder,
            opened=opener(name),
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
    short = Identity(DocumentKind.CN_RESIDENT, "4**************123X", bytes(16))
    for name, identity, zh, en in (
        ("full-check-x", full(DocumentKind.CN_RESIDENT, "45009919900101110X"), "校验码为 X", "X"),
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
         plain(number="453000000000000001", approving_body=BODIES[BODY_COUNTY][1],
               body_level=BODY_COUNTY)),
        ("number-19", "19 位证号是文本", "a number of 19 digits is text",
         plain(number="4530000000000000001", approving_body=BODIES[BODY_COUNTY][1],
               body_level=BODY_COUNTY)),
        ("old-number", "老证号：任意文本", "a number from before the register",
         plain(number="样职证字第（1998）001号")),
        ("no-review-body", "没有评审机构", "no review body", plain(review_body=None)),
        ("issuer-approves", "审批机关即发证机关，省去", "the issuing body approves: key 16 absent",
         plain(issuing_body=DELEGATED_BODY, approving_body=DELEGATED_BODY, number="4540001",
               body_level=list(BODIES)[3])),
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
        expects=("VALID",), certificate=EVERYTHING, opened=opener("every-field"),
        holder=Holder(
            number=NUMBERS[DocumentKind.PASSPORT], opener=opener("every-field"), nationality="ZZZ"
        ),
    )  # fmt: skip
    yield Case(
        name="longest", zh="载荷恰为 1024 字节", en="a payload of 1024 bytes exactly",
        expects=("INVALID", "payload.ok", "segment.body_mismatch"), certificate=longest(),
        opened=opener("longest"),
    )  # fmt: skip
    yield Case(
        name="longest-name", zh="姓名 100 个 BMP 以外的字，400 字节",
        en="a name of 100 characters beyond the BMP, 400 bytes",
        expects=("VALID", "payload.ok"), certificate=plain(name="𠮷" * 100),
    )  # fmt: skip


BODY_COUNTY: Final = list(BODIES)[2]


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
            world="two-authorities",
        )  # fmt: skip


def holders() -> Iterator[Case]:
    """What can be said of a person."""
    number, other = NUMBERS[DocumentKind.CN_RESIDENT], "450099199001012330"
    for name, zh, en, certificate, holder, expects in (
        ("holder-fits-mask", "只有号码，没有核验码", "the number without the opener",
         plain(), Holder(number=number), ("INDETERMINATE", "holder.fits_mask")),
        ("holder-mask-differs", "号码与掩码不符", "a number that does not fit the mask",
         plain(), Holder(number=other), ("INVALID", "holder.holder_mismatch")),
        ("holder-wrong-opener", "核验码不对", "the wrong opener",
         plain(), Holder(number=number, opener=bytes(10)), ("INVALID", "holder.holder_mismatch")),
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
        yield Case(
            name=name, zh=zh, en=en, expects=expects, certificate=certificate, holder=holder
        )
    yield Case(
        name="holder-of-voided", zh="持证人相符，证书已作废", en="the holder matches, voided",
        expects=("NOT_IN_FORCE", "holder.ok"), certificate=plain(index=100),
        holder=Holder(number=number, opener=opener("plain")), opened=opener("plain"),
    )  # fmt: skip
    yield Case(
        name="holder-not-checked", zh="签名不对，持证人不再核对",
        en="a bad signature leaves the holder unchecked",
        expects=("INVALID", "holder.not_checked"), holder=Holder(number=number),
        text="ZC1:!",
    )  # fmt: skip


def worlds() -> Iterator[Case]:
    """The same certificate in other worlds, at other times and with other states."""
    for name, zh, en, index, expects in (
        ("voided", "已作废", "voided", 100, "NOT_IN_FORCE"),
        ("withdrawn", "已撤销", "withdrawn", 101, "NOT_IN_FORCE"),
        ("cancelled", "已注销", "cancelled", 102, "NOT_IN_FORCE"),
        ("other", "其他失效", "not in force for another reason", 103, "NOT_IN_FORCE"),
        ("suspended", "已暂停", "suspended", 104, "NOT_IN_FORCE"),
        ("superseded", "已补发：给出新证号", "superseded, by whom", 105, "NOT_IN_FORCE"),
        ("superseded-unnamed", "已补发：未给出新证号", "superseded, not by whom", 106,
         "NOT_IN_FORCE"),
        ("superseded-text", "已补发：新证号是文本", "superseded by a number that is text", 107,
         "NOT_IN_FORCE"),
    ):  # fmt: skip
        state = name.partition("-")[0]
        yield Case(
            name=f"standing-{name}", zh=zh, en=en, expects=(expects, f"standing.{state}"),
            certificate=plain(index=index),
        )  # fmt: skip
    for name, zh, en, world, days, expects in (
        ("bundle-stale", "信任包过期未超宽限", "a bundle within its grace", "stale-bundle", 0,
         ("VALID", "bundle.bundle_stale")),
        ("bundle-expired", "信任包过期超宽限", "a bundle beyond its grace", "expired-bundle", 0,
         ("INDETERMINATE", "bundle.bundle_expired")),
        ("clock-before-bundle", "时钟早于信任包与列表", "a clock before bundle and list", "plain",
         -8, ("INDETERMINATE", "bundle.clock_behind", "freshness.clock_behind")),
        ("clock-before-list", "时钟早于列表", "a clock before the list", "plain", -1,
         ("INDETERMINATE", "freshness.clock_behind", "standing.standing_unknown")),
        ("clock-before-seen", "时钟早于所见的最晚时间", "a clock before the latest time seen",
         "seen-later", 0, ("INDETERMINATE", "bundle.clock_behind", "freshness.clock_behind")),
        ("list-stale", "列表过期未超宽限", "a list within its grace", "plain", 10,
         ("VALID", "freshness.stale")),
        ("list-expired", "列表过期超宽限", "a list beyond its grace", "plain", 60,
         ("INDETERMINATE", "freshness.expired", "standing.standing_unknown")),
        ("list-missing", "没有列表", "no list", "no-list", 0,
         ("INDETERMINATE", "list.list_missing", "freshness.not_checked", "coverage.not_checked")),
        ("list-other-epoch", "列表不是信任包所定的轮次", "a list of another epoch", "next-epoch", 0,
         ("INDETERMINATE", "list.list_unknown")),
        ("list-below-minimum", "列表序号低于下限", "a list below the minimum", "higher-minimum", 0,
         ("INDETERMINATE", "list.list_unknown")),
        ("list-not-named", "信任包没有列出这份列表", "a list that the bundle does not name",
         "list-not-named", 0, ("INDETERMINATE", "list.list_unknown")),
        ("no-segments", "信任包没有编号段", "a bundle without segments", "no-segments", 0,
         ("INDETERMINATE", "segment.no_segments")),
        ("signer-unknown", "没有信任任何机关", "nobody is trusted", "nobody", 0,
         ("INDETERMINATE", "signer.signer_unknown", "signature.not_checked")),
    ):  # fmt: skip
        yield Case(
            name=name, zh=zh, en=en, world=world, expects=expects, at=AT + days * _DAY,
            certificate=plain(),
        )  # fmt: skip
    yield Case(
        name="list-stale-no-grace", zh="不给宽限", en="no grace",
        expects=("INDETERMINATE", "freshness.expired"), at=AT + 10 * _DAY, grace_s=0,
        certificate=plain(),
    )  # fmt: skip
    yield Case(
        name="voided-on-expired-list", zh="过期列表上的作废仍然算数",
        en="a voiding counts however old the list",
        expects=("NOT_IN_FORCE", "freshness.expired", "standing.voided"), at=AT + 60 * _DAY,
        certificate=plain(index=100),
    )  # fmt: skip
    yield Case(
        name="beyond-coverage", zh="序号超出列表覆盖", en="an index beyond the coverage",
        expects=("INDETERMINATE", "coverage.beyond_coverage"), certificate=plain(index=1000),
    )  # fmt: skip
    yield Case(
        name="last-covered", zh="列表覆盖的最后一个序号", en="the last index covered",
        expects=("VALID", "coverage.ok"), certificate=plain(index=999),
    )  # fmt: skip
    yield Case(
        name="newer-than-list", zh="证书晚于列表签发", en="issued after the list",
        expects=("INDETERMINATE", "coverage.newer_than_list"), at=AT + 2 * _DAY,
        certificate=plain(issued=datetime.date(2026, 11, 21)),
    )  # fmt: skip
    yield Case(
        name="issued-in-future", zh="发证日期在将来", en="issued in the future",
        expects=("INDETERMINATE", "window.issued_in_future"),
        certificate=plain(issued=datetime.date(2026, 11, 21)),
    )  # fmt: skip
    yield Case(
        name="issued-today-in-china", zh="按北京时间是今天", en="today in China, not yet in UTC",
        expects=("VALID", "window.ok"), certificate=plain(issued=datetime.date(2026, 11, 20)),
        at=AT - datetime.timedelta(seconds=3600),
    )  # fmt: skip


def keys() -> Iterator[Case]:
    """What a key may not do."""
    yield Case(
        name="use-wrong", zh="列表密钥签了证书", en="signed by a key for lists",
        expects=("INVALID", "use.use_wrong"), certificate=plain(), signer="list",
    )  # fmt: skip
    yield Case(
        name="outside-window", zh="早于密钥启用日签发", en="issued before the key's first day",
        expects=("INVALID", "window.outside_window"),
        certificate=plain(issued=datetime.date(2019, 12, 31), number="样职证字1"),
    )  # fmt: skip
    yield Case(
        name="after-retirement", zh="密钥停用后签发", en="issued after the key's last day",
        expects=("INVALID", "window.outside_window"), signer="retired",
        certificate=plain(issued=datetime.date.fromordinal(RETIRED_DAY + 719_163 + 1)),
    )  # fmt: skip
    yield Case(
        name="compromised", zh="密钥已泄露，没有救济名单", en="a compromised key, no rescue list",
        expects=("INDETERMINATE", "compromise.compromised"), certificate=plain(), signer="stolen",
    )  # fmt: skip
    yield Case(
        name="rescued", zh="密钥已泄露，证书在救济名单上", en="a compromised key, rescued",
        expects=("VALID", "compromise.rescued"), world="rescued", signer="stolen",
        certificate=plain(),
    )  # fmt: skip
    yield Case(
        name="not-rescued", zh="密钥已泄露，证书不在名单上", en="a compromised key, not rescued",
        expects=("INDETERMINATE", "compromise.compromised"), world="rescued", signer="stolen",
        certificate=plain(name="样例乙"),
    )  # fmt: skip
    yield Case(
        name="voided-and-compromised", zh="真实性未知时不说有效与否",
        en="voided, under a compromised key", signer="stolen",
        expects=("INDETERMINATE", "standing.voided"), certificate=plain(index=100),
    )  # fmt: skip
    for name, zh, en, certificate in (
        ("outside-segment", "证号不在任何编号段内", "a number of no segment",
         plain(number="4599990000000001")),
        ("segment-too-long", "证号位数不合编号段", "a number with too many digits for its segment",
         plain(number="45202610000000010")),
        ("segment-beyond", "证号超出编号段", "a number beyond the range of its segment",
         plain(number="4520263000000000")),
        ("segment-day", "发证日期在编号段之外", "a segment that was closed on the issue day",
         plain(number="4521000000000001")),
    ):  # fmt: skip
        yield Case(
            name=name, zh=zh, en=en, expects=("INVALID", "segment.outside_segment"),
            certificate=certificate,
        )  # fmt: skip
    yield Case(
        name="body-mismatch", zh="证号属于另一审批机关", en="a number of another body's segment",
        expects=("INVALID", "segment.body_mismatch"), certificate=plain(number="4520262000000001"),
    )  # fmt: skip
    yield Case(
        name="body-level-mismatch", zh="审批机关层级不符", en="the right body at the wrong level",
        expects=("INVALID", "segment.body_mismatch"), certificate=plain(body_level=BODY_COUNTY),
    )  # fmt: skip


class WrongVectorError(AssertionError):
    """A vector does not show what it is there for."""


def make(case: Case, *, shop: Shop, trust_json: Json) -> Json:
    """One vector.

    Raises:
        WrongVectorError: the verdict is not the one that the case names.
    """
    token, stages, code = case.token, dict[str, object](), case.text
    if case.certificate is not None:
        token = frame.sign(case.certificate, signer=signer(case.signer))
    if token is not None and case.framed is None:
        stages = shop.token_stages(token)
        code = str(stages["text"])
    if case.framed is not None:
        stages = {"frame": case.framed.hex(), "text": text.to_url(case.framed, base=BASE)}
        code = str(stages["text"])
    if case.envelope is not None:
        stages = {"cose_sign1": case.envelope.hex()}
    judged = case.envelope or code
    if judged is None:
        raise WrongVectorError(f"{case.name}: nothing to judge")
    trust, lists = load_world(trust_json, case.world)
    verdict = verify_token(
        judged, trust=trust, lists=lists, at=case.at,
        policy=Policy(grace_s=case.grace_s), holder=case.holder,
    )  # fmt: skip
    expected = expectation(verdict)
    insist(case.name, case.expects, expected)
    return {
        "name": case.name,
        "shows": shows(case.zh, case.en),
        "certificate": None if case.certificate is None else to_json(case.certificate),
        "opener": None
        if case.opened is None
        else {"bytes": case.opened.hex(), "printed": format_opener(case.opened)},
        "signer": case.signer if token is not None else None,
        "stages": stages,
        "code": code,
        "world": case.world,
        "at": case.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "grace_s": case.grace_s,
        "holder": None if case.holder is None else holder_json(case.holder),
        "expected": expected,
    }


def holder_json(holder: Holder) -> Json:
    """A demanded holder as the vectors show it."""
    return {
        "number": holder.number,
        "opener": None if holder.opener is None else holder.opener.hex(),
        "nationality": holder.nationality,
    }


def expectation(verdict: Verdict) -> Json:
    """A verdict as the vectors show it; details of checks are for people and left out."""
    standing = verdict.standing
    return {
        "summary": str(verdict.summary),
        "authenticity": str(verdict.authenticity),
        "standing": str(standing.state),
        "since": None if standing.since is None else standing.since.isoformat(),
        "successor": standing.successor,
        "list_age_s": verdict.list_age_s,
        "authority": verdict.authority,
        "example": verdict.example,
        "checks": [
            {"id": str(c.id), "outcome": str(c.outcome), "reason": str(c.reason)}
            for c in verdict.checks
        ],
    }


def insist(name: str, expects: tuple[str, ...], expected: Json) -> None:
    """Refuse a vector whose verdict is not what its author meant."""
    found = {f"{check['id']}.{check['reason']}" for check in expected["checks"]}
    summary, *pairs = expects
    missing = [pair for pair in pairs if pair not in found]
    if expected["summary"] != summary or missing:
        raise WrongVectorError(f"{name}: {expected['summary']}, without {missing}: {found}")


def cases() -> Iterator[Case]:
    """All of this file."""
    for part in (fields, kinds, signing, holders, worlds, keys):
        yield from part()

