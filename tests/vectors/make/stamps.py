"""Signature time-stamps of documents.json: whose, when, and who judges which of its bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.support import forge
from tests.support.forge import tlv
from tests.vectors.make.papers import Usage, maker, settled
from tests.vectors.make.sheets import Sheet, cms, page, stamp
from tests.vectors.make.worlds import AT_S

_FIRST_S: Final = 1_577_836_800
"""2020-01-01 and 2040-01-01 (UTC): the first and last second of the authority's certificate."""
_LAST_S: Final = 2_208_988_800
_TIME_STAMPING: Final = ExtendedKeyUsageOID.TIME_STAMPING
_BOTH: Final = (_TIME_STAMPING, ExtendedKeyUsageOID.EMAIL_PROTECTION)

_BAD: Final = ("INVALID", "document_signature.timestamp_bad", "structure.not_checked")
_MALFORMED: Final = ("INVALID", "document_signature.cms_malformed")
_VALID: Final = ("VALID", "document_signature.ok")

Stamp = Callable[[bytes], bytes]


def _by(usage: Usage) -> Stamp:
    """A right time-stamp but for its certificate's use."""
    return forge.stamped(maker("tsa", usage=usage), AT_S, signing=settled)


def _of_type(kind: str) -> Stamp:
    """A time-stamp whose signed attribute names another content type."""

    def made(value: bytes) -> bytes:
        other = forge.attribute(forge.CONTENT_TYPE, forge.oid(kind))
        return forge.stamped(
            maker("tsa"), AT_S, signing=settled,
            attributes=lambda found: [
                other if forge.oid(forge.CONTENT_TYPE) in one else one for one in found
            ],
        )(value)  # fmt: skip

    return made


def cases() -> Iterator[Sheet]:
    """Every document whose time-stamp, or content type, decides."""
    for name, zh, en, made, expects in (
        ("stamp-of-another", "时间戳属于另一签名", "a time-stamp of another signature",
         stamp(AT_S, imprint=bytes(32)), _BAD),
        ("stamp-first-second", "时间戳在其证书的第一秒", "in the first second of its certificate",
         stamp(_FIRST_S), _VALID),
        ("stamp-last-second", "时间戳在其证书的最后一秒", "in the last second of its certificate",
         stamp(_LAST_S), _VALID),
        ("stamp-outside-days", "时间戳在其证书期限之前", "a time-stamp before its days",
         stamp(_FIRST_S - 1), _BAD),
        ("stamp-after-days", "时间戳在其证书期限之后", "a time-stamp after its days",
         stamp(_LAST_S + 1), _BAD),
        ("stamp-no-usage", "时间戳证书没有扩展密钥用途",
         "by a certificate without an extended key usage", _by(Usage((), critical=False)), _BAD),
        ("stamp-usage-other", "时间戳证书用于其他用途", "by a certificate for something else",
         _by(Usage(_BOTH[1:], critical=True)), _BAD),
        ("stamp-usage-too", "时间戳证书还有其他用途", "by a certificate for something else too",
         _by(Usage(_BOTH, critical=True)), _BAD),
        ("stamp-usage-lax", "时间戳证书的用途不是关键扩展",
         "by a certificate whose usage is not critical",
         _by(Usage((_TIME_STAMPING,), critical=False)), _BAD),
        ("stamp-content-type", "时间戳的签名属性写另一内容类型",
         "a time-stamp whose attribute names another content type", _of_type(forge.DATA), _BAD),
        # What is within the token is its own: the CMS around it was read all the same.
        ("stamp-cut", "时间戳内部不完整", "a time-stamp cut short within",
         lambda value: tlv(0x30, stamp(AT_S)(value)[4:-9]), _BAD),
        ("stamp-empty", "时间戳是空的", "a time-stamp without content", lambda _: b"\x30\x00",
         _BAD),
        ("stamp-ber", "时间戳内部为 BER", "BER within a time-stamp",
         lambda value: tlv(0x30, stamp(AT_S)(value)[4:].replace(b"\xa0\x82", b"\xa0\x80", 1)),
         _BAD),
        # The token itself is one SEQUENCE, which fills its attribute: that is of the CMS.
        ("stamp-no-sequence", "时间戳不是 SEQUENCE", "a time-stamp that is no SEQUENCE",
         lambda _: b"\x04\x00", _MALFORMED),
        ("stamp-none", "时间戳属性没有值", "an attribute without a time-stamp", lambda _: b"",
         _MALFORMED),
        ("stamp-two", "时间戳属性有两个值", "two time-stamps in one attribute",
         lambda value: 2 * stamp(AT_S)(value), _MALFORMED),
        ("stamp-overlong", "时间戳超出所在的属性", "a time-stamp longer than its attribute",
         lambda _: b"\x30\x02\x05", _MALFORMED),
    ):  # fmt: skip
        yield Sheet(
            name=name, zh=zh, en=en, expects=expects, base="stamped",
            pdf=page().make(cms(stamp=made)),
        )  # fmt: skip
    other = forge.attribute(forge.CONTENT_TYPE, forge.oid(forge.TST_INFO))
    yield Sheet(
        name="other-content-type", zh="签名属性写另一内容类型",
        en="an attribute of another content type than the content's", expects=_MALFORMED,
        pdf=page().make(cms(attributes=lambda found: [
            other if forge.oid(forge.CONTENT_TYPE) in one else one for one in found
        ])),
    )  # fmt: skip
