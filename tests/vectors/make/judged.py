"""tokens.json: the same certificate in other worlds, at other times, by other keys."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tests.vectors.make.people import plain
from tests.vectors.make.tokens import Case
from tests.vectors.make.worlds import (
    AT,
    CITY_BODY,
    COUNTY_BODY,
    DELEGATED_BODY,
    RETIRED_DAY,
    SCOPES,
)

from etitle.certificate.model import BodyLevel, Level
from etitle.verdict import Judged

_DAY: Final = datetime.timedelta(days=1)


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
    for name, zh, en, world, days, expected in (
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
        ("list-end", "列表到期的那一秒", "the very second in which a list expires", "plain", 7,
         ("VALID", "freshness.ok")),
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
            name=name, zh=zh, en=en, world=world, expects=expected, at=AT + days * _DAY,
            certificate=plain(),
        )  # fmt: skip
    yield Case(
        name="signer-document-key", zh="只有只签文件的密钥有此 kid：签名者未知",
        en="nothing but a key that signs documents alone has the kid: an unknown signer",
        expects=("INDETERMINATE", "signer.signer_unknown", "signature.not_checked"),
        certificate=plain(), signer="twin-16654", world="document-keys",
    )  # fmt: skip
    for name, zh, en, index, signed, wanted in (
        ("required-document", "要求整份文件，只有二维码", "a document is required, not a code",
         0, "token", ("INDETERMINATE", "structure.page_not_judged", "standing.in_force")),
        ("required-document-voided", "要求整份文件，二维码的证书已作废",
         "a document is required, and this is a voided certificate's code",
         100, "token", ("INDETERMINATE", "structure.page_not_judged", "standing.voided")),
        ("required-document-use", "要求整份文件，二维码也不对",
         "a document is required, and this is a code by a wrong key",
         0, "list", ("INVALID", "structure.page_not_judged", "use.use_wrong")),
    ):  # fmt: skip
        yield Case(
            name=name, zh=zh, en=en, expects=wanted, require=Judged.DOCUMENT, signer=signed,
            certificate=plain(index=index),
        )  # fmt: skip
    yield Case(
        name="list-stale-no-grace", zh="不给宽限", en="no grace",
        expects=("INDETERMINATE", "freshness.expired"), at=AT + 10 * _DAY, grace_s=0,
        certificate=plain(),
    )  # fmt: skip
    for name, zh, en, index, world, said in (
        ("example", "样例机关的二维码，未声明采用样例",
         "a code of an authority marked as an example, where none is taken",
         0, "plain", ("INDETERMINATE", "bundle.example")),
        ("example-voided", "样例已作废，且未声明采用样例",
         "a voided example, where none is taken",
         100, "plain", ("INDETERMINATE", "bundle.example")),
        ("example-old", "样例机关的信任包已逾期，且未声明采用样例",
         "an example under a bundle long overdue, where none is taken",
         0, "expired-bundle", ("INDETERMINATE", "bundle.example")),
        ("no-example", "不是样例，也未声明采用样例",
         "no example, where none is taken", 0, "real", ("VALID", "bundle.ok")),
    ):  # fmt: skip
        yield Case(
            name=name, zh=zh, en=en, expects=said, examples=False, world=world,
            certificate=plain(index=index),
        )  # fmt: skip
    yield Case(
        name="no-example-either", zh="不是样例，但声明采用样例",
        en="no example, where examples are taken", expects=("VALID", "bundle.ok"),
        world="real", certificate=plain(),
    )  # fmt: skip
    for name, zh, en, seconds, age, expected in (
        ("list-past-end", "列表到期后一秒", "a second after a list expires", 7 * 86_400 + 1, 90,
         ("VALID", "freshness.stale")),
        ("list-grace-end", "宽限的最后一秒", "the last second of a list's grace", 37 * 86_400, 90,
         ("VALID", "freshness.stale")),
        ("list-past-grace", "宽限之后一秒", "a second after a list's grace", 37 * 86_400 + 1, 90,
         ("INDETERMINATE", "freshness.expired")),
        ("list-age", "列表恰到最长可用天数", "a list of just the maximum age", 5 * 86_400 - 3600, 5,
         ("VALID", "freshness.ok")),
        ("list-too-old", "列表未到期，但超过最长可用天数",
         "a list beyond the maximum age, though it has not expired", 5 * 86_400 - 3599, 5,
         ("INDETERMINATE", "freshness.expired")),
        ("list-stale-age", "过期列表恰到最长可用天数", "a stale list of just the maximum age",
         10 * 86_400 - 3600, 10, ("VALID", "freshness.stale")),
        ("list-stale-too-old", "过期列表超过最长可用天数", "a stale list beyond the maximum age",
         10 * 86_400 - 3599, 10, ("INDETERMINATE", "freshness.expired")),
        ("clock-300", "时钟慢 300 秒", "a clock 300 seconds behind the list", -3900, 90,
         ("VALID", "freshness.ok")),
        ("clock-301", "时钟慢 301 秒", "a clock 301 seconds behind the list", -3901, 90,
         ("INDETERMINATE", "freshness.clock_behind")),
    ):  # fmt: skip
        yield Case(
            name=name, zh=zh, en=en, expects=expected, max_age_s=age * 86_400,
            at=AT + datetime.timedelta(seconds=seconds), certificate=plain(),
        )  # fmt: skip
    for name, zh, en, world, days, issued, expected in (
        ("voided-bundle-expired", "信任包过期，作废仍算数", "voided, under an expired bundle",
         "expired-bundle", 0, None, ("NOT_IN_FORCE", "bundle.bundle_expired", "standing.voided")),
        ("voided-clock-behind", "时钟落后，作废仍算数", "voided, by a clock that is behind",
         "plain", -8, None, ("NOT_IN_FORCE", "bundle.clock_behind", "freshness.clock_behind",
                    "standing.voided")),
        ("voided-seen-later", "早于所见的最晚时间，作废仍算数",
         "voided, before the latest time seen", "seen-later", 0, None,
         ("NOT_IN_FORCE", "bundle.clock_behind", "standing.voided")),
        ("voided-in-future", "发证日期在将来，作废仍算数", "voided, and issued in the future",
         "plain", 0, datetime.date(2026, 11, 21),
         ("NOT_IN_FORCE", "window.issued_in_future", "coverage.newer_than_list",
          "standing.voided")),
        ("voided-newer", "证书晚于列表，作废仍算数", "voided on a list that is older", "plain", 2,
         datetime.date(2026, 11, 21),
         ("NOT_IN_FORCE", "coverage.newer_than_list", "standing.voided")),
        ("voided-other-epoch", "别的轮次的列表，作废仍算数", "voided on a list of another epoch",
         "next-epoch", 0, None, ("NOT_IN_FORCE", "list.list_unknown", "standing.voided")),
        ("voided-no-segments", "没有编号段，真实性未知", "voided, but no segment is known",
         "no-segments", 0, None, ("INDETERMINATE", "segment.no_segments", "standing.voided")),
    ):  # fmt: skip
        yield Case(
            name=name, zh=zh, en=en, world=world, expects=expected, at=AT + days * _DAY,
            certificate=plain(index=100) if issued is None else plain(index=100, issued=issued),
        )  # fmt: skip
    yield Case(
        name="voided-other-segment", zh="证号不合编号段的，仍是无效",
        en="voided, of no segment, by a clock that is behind",
        expects=("INVALID", "segment.outside_segment"), at=AT - 8 * _DAY,
        certificate=plain(index=100, number="4599990000000001"),
    )  # fmt: skip
    yield Case(
        name="voided-compromised-in-future", zh="密钥已泄露且时钟落后，真实性未知",
        en="voided, by a compromised key and a clock that is behind", signer="stolen",
        expects=("INDETERMINATE", "compromise.compromised", "standing.voided"), at=AT - 8 * _DAY,
        certificate=plain(index=100),
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
        ("segment-too-long-within", "证号位数不合编号段，数值却在段内",
         "a number with too many digits of a value within its segment",
         plain(number="45202601000000001")),
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
        expects=("INVALID", "segment.body_mismatch"),
        certificate=plain(body_level=BodyLevel.COUNTY),
    )  # fmt: skip
    delegated = {"approving_body": DELEGATED_BODY, "body_level": BodyLevel.DELEGATED}
    county = {"approving_body": COUNTY_BODY, "body_level": BodyLevel.COUNTY}
    for name, zh, en, certificate, expects in (
        ("segment-width-0-yields", "宽度 0 的编号段不夺他人的号",
         "a segment of width 0 takes no number of another segment",
         plain(**delegated), ("INVALID", "segment.body_mismatch")),
        ("segment-width-0-rest", "宽度 0 的编号段收其余的号",
         "a segment of width 0 takes what no other takes",
         plain(number="4529", **delegated), ("VALID", "segment.ok")),
        ("segment-width-0-longest", "前缀最长者为准", "the longest prefix decides",
         plain(number="45391", **county), ("INVALID", "segment.body_mismatch")),
        ("segment-width-0-longest-own", "前缀最长者的机构", "the body of the longest prefix",
         plain(number="45391", **delegated), ("VALID", "segment.ok")),
        ("segment-width-0-shorter", "其余仍归较短的前缀", "what is left to the shorter prefix",
         plain(number="45381", **county), ("VALID", "segment.ok")),
    ):  # fmt: skip
        yield Case(name=name, zh=zh, en=en, expects=expects, certificate=certificate,
                   world="nested-segments")  # fmt: skip
    city = plain(number="4520262000000001", approving_body=CITY_BODY, body_level=BodyLevel.CITY,
                 level=Level.INTERMEDIATE)  # fmt: skip
    for scope in SCOPES:
        yield Case(
            name=f"scope-{scope}", zh="密钥的签发范围之内", en="within the scope of the key",
            expects=("VALID", "segment.ok"), certificate=city, world=f"scope-{scope}",
        )  # fmt: skip
        yield Case(
            name=f"scope-{scope}-outside", zh="密钥的签发范围之外",
            en="outside the scope of the key",
            expects=("INVALID", "segment.outside_scope"), certificate=plain(),
            world=f"scope-{scope}",
        )  # fmt: skip
    for name, certificate in (
        ("level", replace(city, level=Level.ASSISTANT)),
        ("unsegmented", replace(city, level=Level.TECHNICIAN)),
    ):
        yield Case(
            name=f"scope-all-but-{name}", zh="范围的各项须同时满足",
            en="all parts of a scope must hold",
            expects=("INVALID", "segment.outside_scope"), certificate=certificate,
            world="scope-all",
        )  # fmt: skip


def cases() -> Iterator[Case]:
    """All of this file."""
    yield from worlds()
    yield from keys()
