"""tokens.json, continued: rules that a second verifier could drop unnoticed (``make rules``)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace

from tests.vectors.make.hostile import amended
from tests.vectors.make.people import (
    EVERYTHING,
    NATIONALITY,
    NUMBERS,
    PLAIN,
    longest,
    masked,
    plain,
)
from tests.vectors.make.shop import BASE, Shop, WrongVectorError, signed_token, signer, token_over
from tests.vectors.make.tokens import Case
from tests.vectors.make.worlds import AT, DAY_S, START

from etitle import canon, cose
from etitle.certificate import payload
from etitle.certificate.identity import DocumentKind
from etitle.certificate.model import EndorsedCopy
from etitle.token import frame, text
from etitle.verify.question import Holder

REQUIRED = (1, 5, 6, 7, 8, 9, 11, 13, 14, 15, 20, 21)
"""Keys of clause 2.2 that every payload has; those without a name or a schema are elsewhere."""


def payloads() -> Iterator[Case]:
    """Clause 2."""
    commitment = bytes(16)
    every = payload.encode(EVERYTHING)
    rows = [
        (f"without-{key}", f"没有键 {key}", f"no key {key}", amended(**{f"_{key}": ...}))
        for key in REQUIRED
    ]
    rows += [
        ("level-0", "级别 0", "level 0", amended(_13=0)),
        ("source-0", "来源 0", "source 0", amended(_14=0)),
        ("number-18-text", "18 位数字写成文本", "18 digits as text", amended(_1="4" * 18)),
        ("identity-21", "证件号码 21 位", "a document number of 21 characters",
         amended(every, _3=[7, "A" * 21, NATIONALITY])),
        ("identity-18-digits", "17 位以上的整数", "a number of 18 digits as an integer",
         amended(_3=[1, 10**17])),
        ("identity-mask-second", "居住证掩码露出三位", "a mask that shows three characters first",
         amended(_3=[2, "810*********0112", commitment], _4=1)),
        ("without-0", "没有版本", "no schema", amended(_0=...)),
        ("schema-text", "版本写成文本", "a schema that is text", amended(_0="2")),
        ("number-wide-small", "证号含全角小写字母", "a small full-width letter in the number",
         amended(_1="\uff41450-001")),
        ("number-spacing-mark", "证号含占位的组合符", "a spacing mark in the number",
         amended(_1="450\u0903-001")),
        ("number-enclosing-mark", "证号含圈形组合符", "an enclosing mark in the number",
         amended(_1="450\u20dd-001")),
        ("identity-integer", "身份是整数", "an identity that is an integer",
         amended(_3=1, _4=1)),
        ("identity-map", "身份是映射", "an identity that is a map",
         amended(_3={0: 7, "ABCDE": 0}, _4=1)),
        ("identity-kind-alone", "身份只有类型", "a kind alone", amended(_3=[7], _4=1)),
        ("identity-kind-0", "证件类型 0", "kind 0", amended(_3=[0, "ABCDE12"], _4=1)),
        ("identity-more", "身份多一项", "an identity of one item more",
         amended(every, _3=[7, "E******01", commitment, NATIONALITY, NATIONALITY])),
        ("identity-4", "证件号码 4 位", "a document number of 4 characters",
         amended(_3=[7, "ABCD"], _4=1)),
        ("identity-full-text-x", "可为整数的号码以 X 结尾", "a number as text that ends in X",
         amended(_3=[1, "45009919900111009X"])),
        ("identity-mask-text-x", "可为整数的掩码以 X 结尾", "a mask as text that ends in X",
         amended(_3=[1, "45************110X", commitment], _4=1)),
        ("identity-mask-negative", "掩码整数为负", "a mask below 0",
         amended(_3=[1, -1, commitment])),
        ("sex-false", "性别为 false", "sex false", amended(_4=False)),
        ("qualified-2200", "2200 年取得", "qualified in the year 2200", amended(_8=[2200])),
        ("qualified-month-0", "月份 0", "month 0", amended(_8=[1998, 0])),
        ("qualified-day-1899", "1899 年的一天取得", "qualified on a day of 1899",
         amended(_8=-25_568)),
        ("qualified-day-2200", "2200 年的一天取得", "qualified on a day of 2200",
         amended(_8=84_006)),
        ("qualified-text", "取得资格时间是文本", "qualified as text", amended(_8="1998")),
        ("body-level-5", "层级 5", "body level 5", amended(_15=5)),
        ("list-id-negative", "列表号为负", "a negative list id", amended(_20=-1)),
    ]  # fmt: skip
    for name, zh, en, data in rows:
        yield Case(
            name=f"payload-{name}", zh=zh, en=en, token=token_over(data),
            expects=("INVALID", "payload.payload_malformed", "signature.ok"),
        )  # fmt: skip
    yield Case(
        name="payload-schema-2-text-number", zh="更新的版本，证号为文本",
        en="a newer schema, with a number as text", token=token_over(amended(_0=2, _1="S-1")),
        expects=("INDETERMINATE", "payload.version_unknown"),
    )  # fmt: skip
    kinds = (DocumentKind.HMT_RESIDENCE, DocumentKind.FOREIGN_PR_2023)
    for place, kind in enumerate(kinds, 2):
        number = "810099900101123"
        yield Case(
            name=f"payload-mask-15-{place}", zh=f"15 位号码的掩码，证件 {place}",
            en=f"a mask of 15 characters, kind {place}", expects=("VALID", "payload.ok"),
            certificate=replace(PLAIN, identity=masked("mask-15", kind, number)),
        )  # fmt: skip
    resident = NUMBERS[DocumentKind.CN_RESIDENT]
    for name, zh, en, data in (
        ("qualified-last-day", "最晚的取得日", "the last day qualified", amended(_8=84_005)),
        ("qualified-last-year", "最晚的取得年份", "the last year qualified", amended(_8=[2199])),
        ("qualified-first-year", "最早的取得年份", "the first year qualified", amended(_8=[1900])),
        ("qualified-january", "一月取得", "qualified in January", amended(_8=[1998, 1])),
        ("qualified-december", "十二月取得", "qualified in December", amended(_8=[1998, 12])),
        ("identity-5", "证件号码 5 位", "a document number of 5 characters",
         amended(_3=[7, "ABCDE"], _4=1)),
        ("identity-passport-18", "护照号形如公民身份号码",
         "a passport number that looks like a resident's", amended(_3=[7, resident], _4=1)),
        ("identity-greatest", "最大的号码整数", "the greatest number as an integer",
         amended(_3=[1, 10**17 - 1])),
    ):  # fmt: skip
        yield Case(
            name=f"payload-{name}", zh=zh, en=en, token=token_over(data),
            expects=("VALID", "payload.ok"),
        )  # fmt: skip
    for name, zh, en, expects, changes in (
        ("issued-first", "最早的发证日期", "the first day of issue",
         ("INVALID", "payload.ok", "window.outside_window"), {"_9": -25_567}),
        ("issued-last", "最晚的发证日期", "the last day of issue",
         ("INDETERMINATE", "payload.ok", "window.issued_in_future"), {"_9": 84_005}),
        ("list-id-0", "列表号 0", "list id 0",
         ("INDETERMINATE", "payload.ok", "list.list_missing"), {"_20": 0}),
    ):  # fmt: skip
        yield Case(
            name=f"payload-{name}", zh=zh, en=en, token=token_over(amended(**changes)),
            expects=expects,
        )  # fmt: skip


def envelopes() -> Iterator[Case]:
    """Clause 4.1, of Ed25519."""
    eddsa = signed_token(PLAIN, "token-eddsa")
    key = signer("token-eddsa")
    typed = cose.sign1(eddsa.payload, signer=key, typ="application/statuslist+cwt")
    wide = replace(eddsa, protected=canon.encode({1: -19, 4: key.public.thumbprint}))
    for name, zh, en, data in (
        ("typ", "带 typ 的 EdDSA 不是凭据", "a typ: not a token, by EdDSA", typed),
        ("long-kid", "EdDSA 的 kid 为 32 字节", "a kid of 32 bytes, by EdDSA", wide),
    ):
        yield Case(
            name=f"cose-{name}-eddsa", zh=zh, en=en, envelope=data.to_bytes(),
            expects=("INVALID", "read.ok", "frame.frame_malformed"),
        )  # fmt: skip


def judged() -> Iterator[Case]:
    """Clauses 5.7 and 7.4, at their bounds."""
    for seconds, summary, reason in (
        (-300, "VALID", "ok"), (-301, "INDETERMINATE", "clock_behind"),
    ):  # fmt: skip
        yield Case(
            name=f"seen-{-seconds}", zh=f"比所见最晚时间早 {-seconds} 秒",
            en=f"{-seconds} seconds before the latest time seen", world="seen-later",
            at=AT + datetime.timedelta(seconds=DAY_S + seconds), certificate=plain(),
            expects=(summary, f"bundle.{reason}", f"freshness.{reason}"),
        )  # fmt: skip
    yield Case(
        name="seen-later-too-old", zh="时钟落后先于列表太旧",
        en="a clock that is behind counts before a list that is too old", world="seen-later",
        max_age_s=1, certificate=plain(),
        expects=("INDETERMINATE", "bundle.clock_behind", "freshness.clock_behind"),
    )  # fmt: skip
    first = datetime.date(1970, 1, 1) + datetime.timedelta(days=START)
    yield Case(
        name="segment-first-day", zh="编号段启用当天发证", en="issued on a segment's first day",
        certificate=plain(issued=first), expects=("VALID", "segment.ok"),
    )  # fmt: skip
    for name, number in (("first", "4520261000000000"), ("last", "4520261999999999")):
        yield Case(
            name=f"segment-{name}", zh="编号段的首号和末号", en=f"the {name} number of a segment",
            certificate=plain(number=number), expects=("VALID", "segment.ok"),
        )  # fmt: skip


def standings() -> Iterator[Case]:
    """Clauses 2.6.3, 5.7, 5.8, 7.7 and 8.2.1."""
    day = datetime.timedelta(days=1)
    past = EndorsedCopy("样例：应聘", None, (AT - day).date(), bytes(16))
    nested = "nested-segments"
    for name, zh, en, world, later, certificate, expects in (
        ("copy-over-list-expired", "加注件已过期，列表也过期", "an old copy, and an expired list",
         "plain", 60, plain(copy=past),
         ("INDETERMINATE", "freshness.expired", "standing.standing_unknown")),
        ("list-only-other-named", "信任包只列另一份列表，轮次与期号相当",
         "a list that is not named, but another of its epoch", "other-list-named", 0, plain(),
         ("INDETERMINATE", "list.list_unknown")),
        ("segment-before-first-day", "编号段启用前一天发证",
         "issued the day before a segment's first", "plain", 0,
         plain(issued=datetime.date(2019, 12, 31)),
         ("INVALID", "window.outside_window", "segment.outside_segment")),
        ("segment-width-0-longer", "宽度 0 而前缀更长的编号段也不夺他人的号",
         "a longer prefix of width 0 takes no number of another segment", nested, 0,
         plain(number="4520261500000001"), ("VALID", "segment.ok")),
    ):  # fmt: skip
        yield Case(
            name=name, zh=zh, en=en, world=world, at=AT + later * day, certificate=certificate,
            expects=expects,
        )  # fmt: skip
    yield Case(
        name="rescued-for-another-key", zh="摘要在另一密钥的确认清单上",
        en="on the rescue list of another key", world="rescued-other", signer="stolen",
        certificate=plain(), expects=("INDETERMINATE", "compromise.compromised"),
    )  # fmt: skip
    yield Case(
        name="voided-holder-unknown", zh="信任包过期，持证人只合掩码，作废仍算数",
        en="voided, under an expired bundle, by a number that fits the mask",
        world="expired-bundle", certificate=plain(index=100),
        holder=Holder(number=NUMBERS[DocumentKind.CN_RESIDENT]),
        expects=("NOT_IN_FORCE", "bundle.bundle_expired", "holder.fits_mask", "standing.voided"),
    )  # fmt: skip


def unknown() -> Iterator[Case]:
    """Clauses 3.2.2 and 4.1."""
    token = signed_token(PLAIN)
    for name, zh, en, header in (
        ("kid", "kid 为 32 字节", "a kid of 32 bytes", {1: -7, 4: bytes(32)}),
        ("typ", "带 typ", "a typ", {1: -7, 4: token.kid, 16: "x"}),
    ):
        made = replace(token, protected=canon.encode(header))
        yield Case(
            name=f"cose-unknown-{name}", zh=f"算法未知，{zh}", en=f"an unknown algorithm, and {en}",
            envelope=made.to_bytes(), expects=("INDETERMINATE", "frame.format_unknown"),
        )  # fmt: skip
    twin = signer("twin-16654").public.kid
    number = int.from_bytes(b"\x01\x11" + twin + b"\xff" * 80, "big")
    yield Case(
        name="text-document-key", zh="数字里的 kid 只有签文件的密钥才有",
        en="a number whose kid is one of documents alone", text=f"{BASE}/v#{number}",
        world="document-keys", expects=("INDETERMINATE", "read.not_ours"),
    )  # fmt: skip


def ends() -> Iterator[Case]:
    """Clauses 2.2, 4.1, 5.6 and 5.10."""
    for what, days, seconds, expects in (
        ("end", -5, 0, ("INDETERMINATE", "bundle.ok", "freshness.clock_behind")),
        ("end", -5, 1, ("INDETERMINATE", "bundle.bundle_stale", "freshness.clock_behind")),
        ("grace", 25, 0, ("VALID", "bundle.bundle_stale")),
        ("grace", 25, 1, ("INDETERMINATE", "bundle.bundle_expired")),
    ):
        yield Case(
            name=f"bundle-{what}-{seconds}", zh="信任包到期与宽限的那一秒和后一秒",
            en="the end of a bundle and of its grace, and a second later", world="stale-bundle",
            at=AT + datetime.timedelta(days=days, seconds=seconds), certificate=plain(),
            expects=expects,
        )  # fmt: skip
    yield Case(
        name="outside-window-in-future", zh="在密钥停用日之后，又在将来",
        en="after the key's last day, and in the future", signer="retired",
        certificate=plain(issued=datetime.date(2026, 12, 1)),
        expects=("INVALID", "window.outside_window"),
    )  # fmt: skip
    yield Case(
        name="url-of-the-template", zh="网址与信任包的模板相同，又写明",
        en="a URL that is that of the bundle's template", expects=("VALID", "payload.ok"),
        certificate=plain(url=f"{BASE}/c/{PLAIN.number}"),
    )  # fmt: skip
    token = signed_token(PLAIN)
    over = token.to_bytes()
    size = 2048 - len(over) + len(token.payload)
    for count in (2048, 2049):
        made = token_over(token.payload.ljust(size + count - 2048, b"\0")).to_bytes()
        if len(made) != count:
            raise WrongVectorError("cose-bytes", len(made))
        yield Case(
            name=f"cose-{count}-bytes", zh=f"COSE_Sign1 有 {count} 字节",
            en=f"a COSE_Sign1 of {count} bytes", envelope=made,
            expects=("INVALID", "payload.payload_malformed", "signature.ok")
            if count == 2048
            else ("INVALID", "read.ok", "frame.frame_malformed"),
        )  # fmt: skip


def texts(shop: Shop) -> Iterator[Case]:
    """Clauses 4.4.3 and 4.4.4."""
    one, voided = (text.to_number(shop.frame(signed_token(plain(index=n)))) for n in (7, 100))
    half = len(voided) // 2
    for name, zh, en, code, expects in (
        ("two-groups", "一串数字里有两张证书，各为一组：末尾少取在先",
         "two certificates in one run, a group each: what leaves out the end comes first",
         f"{one} {voided}", ("VALID", "standing.in_force")),
        ("three-groups", "一串数字里有两张证书，后者分两组：少取的组少者在先",
         "two certificates in one run, the second in two groups: what leaves out less comes first",
         f"{one} {voided[:half]} {voided[half:]}", ("NOT_IN_FORCE", "standing.voided")),
        ("zeros", "三十位数字，有效位只够四个字节", "30 digits of no more than four bytes",
         str(int.from_bytes(b"\x01\x11\0\0\0", "big")).zfill(30),
         ("INDETERMINATE", "read.not_ours")),
        ("unknown-format-cut", "格式不认识，又缺最后一位", "an unknown format, and a digit lost",
         f"{BASE}/v#{text.to_number(b'1' + signer('token').public.kid + bytes(90))}"[:-1],
         ("INDETERMINATE", "read.not_ours")),
    ):  # fmt: skip
        yield Case(name=f"text-{name}", zh=zh, en=en, text=code, expects=expects)
    whole, most = (shop.frame(signed_token(one)) for one in (PLAIN, longest()))
    for name, zh, en, framed in (
        ("cut-1", "缺最后一个字节", "the last byte is lost", whole[:-1]),
        ("cut-2", "缺最后两个字节", "the last two bytes are lost", whole[:-2]),
        ("longest-cut", "载荷 1024 字节，缺最后一个字节", "the last byte of a longest one is lost",
         most[:-1]),
    ):  # fmt: skip
        yield Case(
            name=f"frame-{name}", zh=zh, en=en, framed=framed,
            expects=("INDETERMINATE", "read.ok", "frame.incomplete"),
        )  # fmt: skip
    yield Case(
        name="frame-incomplete-code", zh="DEFLATE 的码表不完整",
        en="an incomplete set of codes in DEFLATE",
        framed=whole[:5] + _incomplete(signed_token(PLAIN).payload) + whole[-64:],
        expects=("INVALID", "frame.frame_malformed"),
    )  # fmt: skip
    start = frame.dictionary(1).decode(errors="ignore")[:40]
    far = signed_token(replace(EVERYTHING, approval_document=start, supersedes="S" * 40))
    yield Case(
        name="frame-far", zh="引用字典开头，距离超过 16384",
        en="a match more than 16,384 bytes back",
        framed=shop.frame(far), expects=("VALID", "frame.ok"),
    )  # fmt: skip
    framed = next(
        made
        for n in range(100)
        for made in (shop.frame(signed_token(plain(number=str(4520261000000000 + n)))),)
        if "*" in text.to_base45(made)
    )
    yield Case(
        name="text-base45-star", zh="小写的 base 45，其中有星号",
        en="base 45 in small letters, with a star", text=text.to_base45(framed).lower(),
        expects=("VALID", "read.ok"),
    )  # fmt: skip


def _incomplete(content: bytes) -> bytes:
    """A DEFLATE block whose codes are all of 8 bits, and fewer than 256."""
    used = sorted({*content, 256})
    code = {symbol: f"{n:08b}" for n, symbol in enumerate(used)}
    bits = "1" + "01" + "00000" + "00000" + "1000"  # last, dynamic, 257 and 1 codes, 5 lengths
    bits += "000" * 3 + "100" * 2  # none of 16, 17 and 18; of 0 and 8 one bit each
    bits += "".join("1" if symbol in code else "0" for symbol in range(257)) + "0"
    bits += "".join(code[symbol] for symbol in (*content, 256))
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))


def cases(shop: Shop) -> Iterator[Case]:
    """All of this file."""
    yield from texts(shop)
    yield from payloads()
    yield from standings()
    yield from unknown()
    yield from ends()
    yield from envelopes()
    yield from judged()
