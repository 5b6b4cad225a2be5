"""The archived documents of documents.json: revisions after a seal, right and wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tests.support import forge
from tests.support.x509 import Maker
from tests.vectors.make.papers import maker, settled
from tests.vectors.make.people import plain
from tests.vectors.make.sheets import Sheet, cms, page, stamp
from tests.vectors.make.shop import WrongVectorError, signed_token
from tests.vectors.make.worlds import AT_S, DAY_S

from etitle.pades.archived import base_of, read_archived
from etitle.pades.dss import ValidationData
from etitle.pades.revision import build_revision
from etitle.verify.question import CLOCK_SKEW_S

FIRST_S: Final = AT_S - 35 * DAY_S
SECOND_S: Final = AT_S - 10 * DAY_S
"""When documents are archived: before and after the day of the worlds' compromises."""

Stamping = Callable[[bytes], bytes]
"""What a time-stamp is on -> its token."""


@dataclass(frozen=True)
class Tail:
    """A revision that is changed by somebody who gets it stamped all the same."""

    pdf: bytes
    hole: tuple[int, int]

    @classmethod
    def of(cls, pdf: bytes) -> Tail:
        """The last revision of an archived document."""
        found = read_archived(pdf)
        if found is None:
            raise WrongVectorError("archived", pdf[-20:])
        gap = found.revisions[-1].byte_range
        return cls(pdf, (gap.gap_start, gap.gap_end))

    def filled(self, token: bytes) -> bytes:
        """With another token, or whatever it is, in the hole."""
        start, end = self.hole
        digits = token.hex().encode().ljust(end - start - 2, b"0")
        return self.pdf[: start + 1] + digits + self.pdf[end - 1 :]

    def changed(self, old: bytes, new: bytes) -> bytes:
        """With the last of such bytes exchanged for as many others, and a right time-stamp."""
        at = self.pdf.rfind(old)
        if at < 0 or len(old) != len(new):
            raise WrongVectorError("archived", old)
        made = self.pdf[:at] + new + self.pdf[at + len(old) :]
        return Tail(made, self.hole).stamped()

    def stamped(self) -> bytes:
        """With a right time-stamp in the hole."""
        start, end = self.hole
        return self.filled(stamp(FIRST_S)(self.pdf[:start] + self.pdf[end:]))


def archived(
    pdf: bytes,
    stamping: Stamping | None = None,
    *,
    x509s: tuple[bytes, ...] = (),
    ocsps: tuple[bytes, ...] = (),
) -> bytes:
    """One more revision, with the authority's certificate as evidence unless there is other."""
    stamping = stamping or stamp(FIRST_S)
    found = read_archived(pdf)
    base = base_of(pdf) if found is None else found.base
    validation_data = ValidationData(x509s or (maker("tsa").der,), ocsps=ocsps)
    digits = 2 * (len(stamping(b"")) + 16)
    built = build_revision(base, validation_data, digits)
    token = stamping(b"".join((pdf, built.before, built.after)))
    filled = token.hex().encode().ljust(digits, b"0")
    return b"".join((pdf, built.before, b"<", filled, b">", built.after))


def _by(own: Maker, at_s: int = FIRST_S, **changes: object) -> Stamping:
    return forge.stamped(own, at_s, signing=settled, **changes)  # type: ignore[arg-type]


_CA: Final = maker("ca").der
OCSP: Final = b"\x30\x03\x0a\x01\x00"
"""An OCSP response that says no more than that it was successful; this verifier reads none."""
_ID: Final = b"5a" * 16


def _original(**changes: object) -> bytes:
    """A document whose trailer has all that a revision takes up."""
    about = {11: b"<< /Title (sample) >>"}
    trailer = b"/Info 11 0 R /ID [<%b> <%b>] " % (_ID, _ID)
    return page(objects=about, trailer=trailer, **changes).make(cms())


def bases() -> dict[str, bytes]:
    """The right ones, of which others are changes."""
    once = archived(_original(), ocsps=(OCSP,))
    return {"archived": once, "archived-twice": _again(once, stamp(SECOND_S, chain=(_CA,)))}


def _again(once: bytes, stamping: Stamping) -> bytes:
    return archived(once, stamping, x509s=(maker("tsa").der, _CA))


def cases(made: dict[str, bytes]) -> Iterator[Sheet]:
    """Every archived document, the right ones first."""
    once, twice = made["archived"], made["archived-twice"]
    yield from _policies(made)
    yield from _shapes(once)
    yield from _stamps(once)
    yield from _doubts(once, twice)
    yield from _originals(once)
    yield from _proofs(made)


def _sheet(  # what a vector says
    name: str,
    zh: str,
    en: str,
    pdf: bytes,
    *expects: str,
    base: str = "archived",
    world: str = "sealed",
    tsas: bool = True,
    archival: bool = True,
) -> Sheet:
    return Sheet(
        name=name, zh=zh, en=en, expects=expects, pdf=pdf, base=base, world=world, tsas=tsas,
        archival=archival,
    )  # fmt: skip


def _policies(made: dict[str, bytes]) -> Iterator[Sheet]:
    for name, zh, en in (
        ("archived", "归档一次", "archived once"),
        ("archived-twice", "归档两次", "archived twice"),
    ):
        yield _sheet(
            name,
            zh,
            en,
            made[name],
            "VALID",
            "byte_range.ok",
            "archive.ok",
            "signing_time.ok",
            base=name,
        )
        yield _sheet(
            f"{name}-no-policy", f"{zh}，未开启归档策略", f"{en}, without an archival policy",
            made[name], "INDETERMINATE", "byte_range.archived", "document_signature.ok",
            "agreement.ok", base=name, archival=False,
        )  # fmt: skip
    yield _sheet(
        "never-archived", "归档策略下，没有归档的文件", "an archival policy, and nothing archived",
        made["p256"], "VALID", "byte_range.ok", "document_signature.ok", base="p256",
    )  # fmt: skip


def _shapes(once: bytes) -> Iterator[Sheet]:
    """Not to the byte what may follow; with a right time-stamp all the same, where one can be."""
    tail = Tail.of(once)
    table = once.rpartition(b"startxref\n")[2].split()[0]
    for name, zh, en, old, new in (
        ("archive-field-shown", "时间戳域改为可见", "the time-stamp's field is shown",
         b"/Rect [0 0 0 0]", b"/Rect [0 0 9 9]"),
        ("archive-field-name", "时间戳域的名字改了", "the field's name",
         b"(archive-1)", b"(archive-2)"),
        ("archive-pages", "目录换了页树", "the catalog names other pages",
         b"/Pages 3 0 R", b"/Pages 4 0 R"),
        ("archive-identifier", "文件标识符不对", "another identifier",
         b"/ID [<5a", b"/ID [<5b"),
        ("archive-entry", "交叉引用的代号不对", "an entry of another generation",
         b" 00000 n \ntrailer", b" 00001 n \ntrailer"),
        ("archive-end", "结尾指向别处", "an end that leads elsewhere",
         b"startxref\n" + table, b"startxref\n%d" % (int(table) - 1)),
        ("archive-evidence", "证据的种类对调", "evidence of another kind",
         b"/OCSPs", b"/CRLs "),
    ):  # fmt: skip
        pdf = tail.changed(old, new)
        yield _sheet(name, zh, en, pdf, "INVALID", "byte_range.saved_again")
    start, end = tail.hole
    second = len(read_original(once))
    for name, zh, en, pdf in (
        ("archive-changed", "归档部分改了一个字节", "one byte of the revision changed",
         once.replace(b"(archive-1)", b"(archive-l)")),
        ("archive-capitals", "时间戳用大写十六进制", "a time-stamp in capitals",
         once[:start] + once[start:end].upper() + once[end:]),
        ("archive-byte-behind", "归档后多一个字节", "a byte behind", once + b"x"),
        ("archive-byte-between", "原文件与归档之间多一个字节", "a byte between",
         once[:second] + b"\n" + once[second:]),
        ("archive-twice-the-same", "同一归档附加两次", "the same revision twice",
         once + once[second:]),
    ):  # fmt: skip
        yield _sheet(name, zh, en, pdf, "INVALID", "byte_range.saved_again")
    yield _sheet(
        "archive-space-behind", "归档后多一个换行", "a line feed behind", once + b"\n",
        "VALID", "byte_range.trailing_space", "archive.ok",
    )  # fmt: skip


def read_original(pdf: bytes) -> bytes:
    """The document before its revisions."""
    found = read_archived(pdf)
    if found is None:
        raise WrongVectorError("archived", pdf[-20:])
    return found.original


def _stamps(once: bytes) -> Iterator[Sheet]:
    """Of the right shape, with a time-stamp that is none of it."""
    original, tail = read_original(once), Tail.of(once)
    token = stamp(FIRST_S)(once[: tail.hole[0]] + once[tail.hole[1] :])
    end = tail.hole[1]
    for name, zh, en, pdf in (
        ("archive-stamp-of-another", "归档时间戳属于另一文件", "a time-stamp over other bytes",
         archived(original, stamp(FIRST_S, imprint=bytes(32)), ocsps=(OCSP,))),
        ("archive-stamp-cut", "归档时间戳不完整", "a time-stamp cut short",
         tail.filled(token[:-9])),
        ("archive-stamp-empty", "归档时间戳是空的", "a hole of zeros", tail.filled(b"")),
        ("archive-stamp-padding", "归档时间戳后的填充不是零", "padding other than zeros",
         once[: end - 2] + b"1" + once[end - 1 :]),
        ("archive-stamp-outside-days", "归档时间戳在其证书期限之外", "outside its days",
         archived(original, stamp(1_000_000_000), ocsps=(OCSP,))),
        ("archive-stamp-by-seal", "印章自己盖的时间戳", "a time-stamp by the seal itself",
         archived(original, _by(maker("seal")), ocsps=(OCSP,))),
        ("archive-chain-elsewhere", "时间戳的证书链不在证据中", "a chain that is no evidence",
         archived(original, stamp(FIRST_S, chain=(_CA,)), ocsps=(OCSP,))),
        ("archive-before-the-first", "第二次归档早于第一次", "the second before the first",
         _again(once, stamp(FIRST_S - CLOCK_SKEW_S - 1))),
    ):  # fmt: skip
        yield _sheet(name, zh, en, pdf, "INVALID", "archive.timestamp_bad", "signing_time.ok")
    yield _sheet(
        "archive-clocks-apart", "两次归档的时钟相差 300 秒", "clocks that differ by 300 s",
        _again(once, stamp(FIRST_S - CLOCK_SKEW_S)), "VALID", "archive.ok",
    )  # fmt: skip


def _doubts(once: bytes, twice: bytes) -> Iterator[Sheet]:
    original = read_original(once)
    other = maker("tsa", serial=7)
    late = AT_S + CLOCK_SKEW_S
    voided = signed_token(plain(index=100)).to_bytes()
    unknown, future = "archive.stamper_unknown", "archive.archived_in_future"
    for name, zh, en, pdf, tsas, expects in (
        ("archive-unbelieved", "时间戳机构不受信任", "nobody believes the authority", once, False,
         ("INDETERMINATE", unknown)),
        ("archive-second-unbelieved", "第二次归档的机构不受信任", "nor the second one's",
         archived(once, _by(other, SECOND_S), x509s=(other.der,)), True,
         ("INDETERMINATE", unknown)),
        ("archive-in-future", "归档时间在将来", "archived later than the time asked about",
         archived(original, stamp(late + 1), ocsps=(OCSP,)), True, ("INDETERMINATE", future)),
        ("archive-in-future-voided", "归档时间在将来，证书已作废",
         "archived later than the time asked about, and voided",
         archived(_original(token=voided), stamp(late + 1), ocsps=(OCSP,)), True,
         ("NOT_IN_FORCE", future)),
        ("archive-just-now", "归档时间晚 300 秒", "archived 300 s later",
         archived(original, stamp(late), ocsps=(OCSP,)), True, ("VALID", "archive.ok")),
        ("archive-doubt-and-bad", "一个不受信任，另一个不对", "one not believed, and one wrong",
         _again(archived(original, _by(other), x509s=(other.der,)),
                stamp(SECOND_S, imprint=bytes(32))), True, ("INVALID", "archive.timestamp_bad")),
        ("archive-two-doubts", "先在将来，后不受信任", "first in the future, then not believed",
         archived(archived(original, stamp(late + 1), ocsps=(OCSP,)), _by(other, late + 1),
                  x509s=(other.der,)), True, ("INDETERMINATE", future)),
    ):  # fmt: skip
        base = "archived-twice" if pdf.count(b"%%EOF") > twice.count(b"%%EOF") - 1 else "archived"
        yield _sheet(name, zh, en, pdf, *expects, base=base, tsas=tsas)


def _originals(once: bytes) -> Iterator[Sheet]:
    """The original is judged as it ever was."""
    left = "archive.not_checked"
    page_changed = once.replace(b"0 0 m 9 9 l S", b"0 0 m 9 8 l S")
    for name, zh, en, pdf, expects, world in (
        ("archive-of-a-stranger", "他人签章后归档", "archived, by an unknown seal",
         once, ("INDETERMINATE", "signer_certificate.seal_unknown", left), "nobody"),
        ("archive-page-changed", "归档文件的页面改了", "a page changed, then stamped",
         Tail.of(once).changed(b"0 0 m 9 9 l S", b"0 0 m 9 8 l S"),
         ("INVALID", "byte_range.ok", "document_signature.signature_bad", left), "sealed"),
        ("archive-page-and-stamp", "页面改了，时间戳也不符", "a page changed under a time-stamp",
         page_changed, ("INVALID", "byte_range.ok", "document_signature.signature_bad", left),
         "sealed"),
        ("archive-shape", "原文件的形式被拒绝", "an original of a refused shape",
         archived(_original(permission=2), ocsps=(OCSP,)),
         ("INVALID", "structure.document_malformed", left), "sealed"),
    ):  # fmt: skip
        yield _sheet(name, zh, en, pdf, *expects, world=world)


def _proofs(made: dict[str, bytes]) -> Iterator[Sheet]:
    """After a compromise (clause 9.8)."""
    once = made["archived"]
    original, stamped = read_original(once), made["stamped"]
    later = archived(original, stamp(SECOND_S), ocsps=(OCSP,))
    timely, late = (
        ("VALID", "signing_time.timestamped"),
        ("INDETERMINATE", "signing_time.compromised"),
    )
    for name, zh, en, pdf, base, tsas, archival, expects in (
        ("stolen-archived", "泄露前归档", "archived before the compromise", once, "archived",
         True, True, timely),
        ("stolen-archived-twice", "泄露前首次归档", "first archived before it",
         made["archived-twice"], "archived-twice", True, True, timely),
        ("stolen-archived-later", "泄露后归档", "archived after it", later, "archived",
         True, True, (*late, "archive.ok")),
        ("stolen-archived-no-policy", "未开启归档策略", "without an archival policy", once,
         "archived", True, False, (*late, "byte_range.archived")),
        ("stolen-archived-unbelieved", "归档机构不受信任", "nobody believes it", once, "archived",
         False, True, (*late, "archive.stamper_unknown")),
        ("stolen-stamped-archived", "泄露前有时间戳，泄露后归档", "stamped before, archived after",
         archived(stamped, stamp(SECOND_S)), "stamped", True, True, (*timely, "archive.ok")),
    ):  # fmt: skip
        yield _sheet(
            name, zh, en, pdf, *expects, base=base, tsas=tsas, archival=archival,
            world="sealed-stolen",
        )  # fmt: skip
    yield _sheet(
        "all-stolen-archived", "令牌密钥也已泄露，归档在先", "it answers for the token too", once,
        "VALID", "signing_time.timestamped", "compromise.timestamped", world="sealed-all-stolen",
    )  # fmt: skip
