"""tokens.json, continued: rules that a second verifier could drop unnoticed (``make rules``)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace

from tests.vectors.make.hostile import amended
from tests.vectors.make.people import EVERYTHING, NATIONALITY, PLAIN, masked, plain
from tests.vectors.make.shop import signed_token, signer, token_over
from tests.vectors.make.tokens import Case
from tests.vectors.make.worlds import AT, DAY_S, START

from etitle import canon, cose
from etitle.certificate import payload
from etitle.certificate.identity import DocumentKind

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
    for name, days in (("last-day", 84_005), ("last-year", [2199])):
        yield Case(
            name=f"payload-qualified-{name}", zh="取得资格时间的最后", en="the last qualified",
            token=token_over(amended(_8=days)), expects=("VALID", "payload.ok"),
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


def cases() -> Iterator[Case]:
    """All of this file."""
    yield from payloads()
    yield from envelopes()
    yield from judged()
