"""What a right seal comes to: holders, openings, days, compromises, standing (clauses 9.7, 9.8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.support import forge
from tests.vectors.make.archives import SECOND_S, archived
from tests.vectors.make.papers import maker, settled
from tests.vectors.make.people import full
from tests.vectors.make.sheets import NUMBER, Sheet, cms, later, page, stamp, token_of
from tests.vectors.make.shop import token_over
from tests.vectors.make.worlds import AT_S, DAY_S

from etitle.certificate.commitment import format_opening
from etitle.certificate.identity import DocumentKind
from etitle.verify.question import CLOCK_SKEW_S, Holder

_STOLEN_S: Final = AT_S - 30 * DAY_S
"""When the keys of the worlds were compromised."""
_OPENING: Final = bytes(range(10, 20))
"""Another certificate's; it has a K."""


def cases(made: dict[str, bytes]) -> Iterator[Sheet]:
    """Every document of this file."""
    yield from _holders()
    yield from _agreements()
    yield from _days()
    yield from _compromises(made["stamped"])
    yield from _standings()


def _holders() -> Iterator[Sheet]:
    lower = (page().opening or b"").lower()
    printed = format_opening(_OPENING).replace("-", "").encode()
    for name, zh, en, expects, changes, holder in (
        ("holder-unmasked", "不含证件号码的证书，给出身份证号",
         "a holder's number, and no identity",
         ("INDETERMINATE", "agreement.ok", "holder.no_holder"),
         {"token": token_of(identity=None), "opening": None}, NUMBER),
        ("holder-lower-case", "核验码小写，给出身份证号",
         "a holder's number, and an opening in small letters",
         ("INVALID", "agreement.opening_mismatch", "holder.fits_mask"), {"opening": lower},
         NUMBER),
        ("full", "载明完整证件号码", "a number in full", ("VALID", "agreement.ok"),
         {"token": token_of(identity=full(DocumentKind.CN_RESIDENT)), "opening": None}, None),
        ("other-opening", "附另一证书的核验码，未核对持证人",
         "another certificate's opening, and nobody asks whose", ("VALID", "agreement.ok"),
         {"opening": printed}, None),
    ):  # fmt: skip
        yield Sheet(
            name=name, zh=zh, en=en, expects=expects, pdf=page(**changes).make(cms()),
            holder=Holder(number=holder) if holder else None,
        )  # fmt: skip


def _agreements() -> Iterator[Sheet]:
    shared = page().make(cms())
    for name, zh, en, expects, world, pdf in (
        ("opening-and-scope", "缺少核验码，又在印章范围之外", "no opening, and outside the scope",
         ("INVALID", "agreement.opening_mismatch"), "sealed-scope", page(opening=None).make(cms())),
        ("seal-shared", "两个机关同用一枚印章，另一机关的已泄露",
         "a seal of two authorities, compromised for the other one",
         ("VALID", "signing_time.ok", "agreement.ok"), "sealed-shared", shared),
        ("seal-of-another-real", "印章属于真实机关，令牌属于样例机关",
         "a seal of a real authority, and an example's token",
         ("INVALID", "agreement.authority_mismatch"), "sealed-elsewhere-real", shared),
        ("token-of-nothing", "附带的令牌签名正确，内容不合规范",
         "a token that is signed, over what is no certificate",
         ("INVALID", "payload.payload_malformed", "agreement.not_checked"), "sealed",
         page(token=token_over(b"\x05").to_bytes()).make(cms())),
        ("newer-seal-unread-other", "签名结构读不懂，不含未来套件的印章证书",
         "a CMS of another form without the seal of a suite to come",
         ("INDETERMINATE", "signer_certificate.seal_unknown"), "sealed-newer",
         page().make(cms("tsa", infos=2))),
    ):  # fmt: skip
        yield Sheet(name=name, zh=zh, en=en, expects=expects, world=world, pdf=pdf)
    yield Sheet(
        name="real", zh="真实机关的文件，未声明采用样例",
        en="a real authority's document, where no example is taken",
        expects=("VALID", "bundle.ok"), world="sealed-real", pdf=shared, examples=False,
    )  # fmt: skip


def _days() -> Iterator[Sheet]:
    for name, zh, en, day, expects in (
        ("last-day", "停用日签章", "sealed on the key's last day", "20261119235959+08'00'",
         ("VALID", "signing_time.ok")),
        ("after-window", "停用日次日签章", "sealed on the day after the key's last",
         "20261120000000+08'00'", ("INVALID", "signing_time.sealed_outside_window")),
        ("last-day-elsewhere", "停用日签章，当地已是次日",
         "sealed on the key's last day in China, and on the next where the seal was",
         "20261120011500+09'30'", ("VALID", "signing_time.ok")),
        ("after-window-elsewhere", "停用日次日签章，当地还是停用日",
         "sealed on the day after in China, and on the last where the seal was",
         "20261119200000-09'00'", ("INVALID", "signing_time.sealed_outside_window")),
    ):  # fmt: skip
        yield Sheet(
            name=name, zh=zh, en=en, expects=expects, world="sealed-ended",
            pdf=page(sealed=f"D:{day}").make(cms()),
        )  # fmt: skip


def _compromises(stamped: bytes) -> Iterator[Sheet]:
    at = page().make(cms(stamp=stamp(_STOLEN_S)))
    for name, zh, en, expects, world, tsas, pdf in (
        ("stolen-at-once", "泄露同一秒的时间戳", "a time-stamp of the compromise's second",
         ("INDETERMINATE", "signing_time.compromised"), "sealed-stolen", True, at),
        ("all-stolen", "令牌密钥也已泄露，没有时间戳",
         "the token's key is compromised too, without a time-stamp",
         ("INDETERMINATE", "signing_time.compromised", "compromise.compromised"),
         "sealed-all-stolen", False, page().make(cms())),
        ("token-stolen-later", "令牌密钥已泄露，时间戳在先",
         "the token's key is compromised after the time-stamp",
         ("VALID", "signing_time.ok", "compromise.timestamped"), "sealed-token-stolen", True,
         stamped),
        ("token-stolen-at-once", "令牌密钥泄露与时间戳在同一秒",
         "the token's key is compromised in the time-stamp's second",
         ("INDETERMINATE", "signing_time.ok", "compromise.compromised"), "sealed-token-stolen",
         True, at),
        ("token-stolen-before", "令牌密钥已泄露，时间戳在后",
         "the token's key is compromised before the time-stamp",
         ("INDETERMINATE", "signing_time.ok", "compromise.compromised"), "sealed-token-stolen",
         True, page().make(cms(stamp=stamp(AT_S - 20 * DAY_S)))),
    ):  # fmt: skip
        yield Sheet(
            name=name, zh=zh, en=en, expects=expects, base="stamped", world=world, tsas=tsas,
            pdf=pdf,
        )  # fmt: skip
    other = maker("tsa", serial=7)
    yield Sheet(
        name="stolen-stamped-unbelieved", zh="泄露前有时间戳，归档机构不受信任",
        en="stamped before the compromise, archived by an authority that nobody believes",
        expects=("INDETERMINATE", "archive.stamper_unknown", "signing_time.timestamped"),
        base="stamped", world="sealed-stolen", tsas=True, archival=True,
        pdf=archived(stamped, forge.stamped(other, SECOND_S, signing=settled), x509s=(other.der,)),
    )  # fmt: skip


def _standings() -> Iterator[Sheet]:
    yield Sheet(
        name="no-list", zh="没有状态列表", en="no list",
        expects=("INDETERMINATE", "agreement.ok", "list.list_missing"), world="sealed-no-list",
        pdf=page().make(cms()),
    )  # fmt: skip
    voided = page(token=token_of(index=100))
    future = page(token=token_of(index=100), sealed=f"D:{later(301)}").make(cms())
    late = archived(voided.make(cms()), stamp(AT_S + CLOCK_SKEW_S + 1))
    for name, zh, en, expects, world, pdf in (
        ("voided-in-future", "证书已作废，签章时间在将来", "voided, and sealed in the future",
         ("NOT_IN_FORCE", "signing_time.sealed_in_future", "standing.voided"), "sealed", future),
        ("voided-archived-in-future", "证书已作废，归档时间在将来",
         "voided, and archived in the future",
         ("NOT_IN_FORCE", "archive.archived_in_future", "standing.voided"), "sealed", late),
        ("voided-stolen", "证书已作废，印章密钥已泄露", "voided, and the seal's key is compromised",
         ("INDETERMINATE", "signing_time.compromised", "standing.voided"), "sealed-stolen",
         voided.make(cms())),
    ):  # fmt: skip
        yield Sheet(
            name=name, zh=zh, en=en, expects=expects, world=world, tsas=True, archival=True,
            pdf=pdf,
        )  # fmt: skip
