"""Elements of the CMS of a seal and of a time-stamp, each in turn other than it is (clause 9.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from tests.support import elements, forge
from tests.support.elements import ATTRIBUTES, CHANGES, Element, Path, at, put, tree
from tests.vectors.make.papers import maker, settled
from tests.vectors.make.sheets import Sheet, cms, page, stamp
from tests.vectors.make.worlds import AT_S

_HOLE: Final = 4400
"""Bytes: the same for all, so that the range of each document is the base's."""
BASE: Final = "elements"

_NAMES: Final = {
    "0": ("signedData 类型", "the type signed data"),
    "1": ("签名结构的内容", "the content of the CMS"),
    "1.0": ("SignedData", "the signed data"),
    "1.0.0": ("版本", "the version"),
    "1.0.1": ("摘要算法集合", "the set of digest algorithms"),
    "1.0.1.0": ("摘要算法", "the digest algorithm"),
    "1.0.1.0.0": ("摘要算法的标识", "the digest algorithm's identifier"),
    "1.0.2": ("内容信息", "the content info"),
    "1.0.2.0": ("内容类型", "the content type"),
    "1.0.2.1": ("内容的标签", "the tag around the content"),
    "1.0.2.1.0": ("内容", "the content"),
    "1.0.3": ("证书集合", "the set of certificates"),
    "1.0.4": ("签名者集合", "the set of signer infos"),
    "1.0.4.0": ("签名者", "the signer info"),
    "1.0.4.0.0": ("签名者的版本", "the signer info's version"),
    "1.0.4.0.1": ("签名者标识", "the signer's identifier"),
    "1.0.4.0.1.0": ("颁发者", "the issuer"),
    "1.0.4.0.1.1": ("序列号", "the serial number"),
    "1.0.4.0.2": ("签名者的摘要算法", "the signer's digest algorithm"),
    "1.0.4.0.2.0": ("签名者摘要算法的标识", "the identifier of the signer's digest algorithm"),
    "1.0.4.0.3": ("签名属性", "the signed attributes"),
    "1.0.4.0.3.0": ("内容类型属性", "the content type attribute"),
    "1.0.4.0.3.0.0": ("内容类型属性的标识", "the content type attribute's identifier"),
    "1.0.4.0.3.0.1": ("内容类型属性的值集", "the content type attribute's set"),
    "1.0.4.0.3.0.1.0": ("内容类型属性的值", "the content type attribute's value"),
    "1.0.4.0.3.1": ("摘要属性", "the digest attribute"),
    "1.0.4.0.3.1.0": ("摘要属性的标识", "the digest attribute's identifier"),
    "1.0.4.0.3.1.1": ("摘要属性的值集", "the digest attribute's set"),
    "1.0.4.0.3.1.1.0": ("摘要", "the digest"),
    "1.0.4.0.3.2": ("ESS 属性", "the ESS attribute"),
    "1.0.4.0.3.2.0": ("ESS 属性的标识", "the ESS attribute's identifier"),
    "1.0.4.0.3.2.1": ("ESS 属性的值集", "the ESS attribute's set"),
    "1.0.4.0.3.2.1.0": ("ESS 属性的值", "the ESS attribute's value"),
    "1.0.4.0.3.2.1.0.0": ("ESS 证书列表", "the list of certificates of ESS"),
    "1.0.4.0.3.2.1.0.0.0": ("ESS 证书", "the certificate of ESS"),
    "1.0.4.0.3.2.1.0.0.0.0": ("ESS 证书的杂凑值", "the certificate's hash of ESS"),
    "1.0.4.0.4": ("签名算法", "the signature algorithm"),
    "1.0.4.0.4.0": ("签名算法的标识", "the signature algorithm's identifier"),
    "1.0.4.0.5": ("签名值", "the signature"),
    "1.0.4.0.6": ("非签名属性", "the unsigned attributes"),
    "1.0.4.0.6.0": ("时间戳属性", "the time-stamp attribute"),
    "1.0.4.0.6.0.0": ("时间戳属性的标识", "the time-stamp attribute's identifier"),
    "1.0.4.0.6.0.1": ("时间戳属性的值集", "the time-stamp attribute's set"),
}
_INFO_NAMES: Final = {
    "0": ("版本", "the version"),
    "1": ("策略", "the policy"),
    "2": ("所盖对象", "the imprint"),
    "2.0": ("所盖对象的杂凑算法", "the imprint's hash algorithm"),
    "2.0.0": ("所盖对象杂凑算法的标识", "the identifier of the imprint's hash algorithm"),
    "2.1": ("所盖对象的杂凑值", "the imprint's hash"),
    "3": ("序列号", "the serial number"),
    "4": ("时间", "the time"),
}
_HOW: Final = {
    "missing": ("缺少", "is missing"),
    "another tag": ("标签不对", "has another tag"),
    "another value": ("值不对", "has another value"),
}
INFO: Final[Path] = (1, 0, 2, 1, 0)
_DIGEST: Final[Path] = (*ATTRIBUTES, 1, 1, 0)
_SIGNATURE: Final[Path] = (1, 0, 4, 0, 5)
STAMP: Final[Path] = (1, 0, 4, 0, 6, 0, 1, 0)

MALFORMED: Final = ("INVALID", "signer_certificate.ok", "document_signature.cms_malformed")
BAD: Final = ("INVALID", "signer_certificate.ok", "document_signature.signature_bad")
STAMP_BAD: Final = ("INVALID", "signer_certificate.ok", "document_signature.timestamp_bad")
VALID: Final = ("VALID", "signer_certificate.ok", "document_signature.ok")
_UNKNOWN: Final = ("INDETERMINATE", "signer_certificate.seal_unknown")
_SEAL: Final = {
    ("1", "missing"): _UNKNOWN,  # with the seal's certificate
    ("1.0", "missing"): _UNKNOWN,
    ("1.0.3", "missing"): _UNKNOWN,
    ("1.0.1.0", "another value"): VALID,  # NULL as its parameters
    ("1.0.4.0.2", "another value"): VALID,
    ("1.0.4.0.3.1.1.0", "another value"): BAD,
    ("1.0.4.0.5", "another value"): BAD,
    ("1.0.4.0.6", "missing"): VALID,
}
_STAMPED: Final = {
    ("1.0.1.0", "another value"): VALID,
    ("1.0.4.0.2", "another value"): VALID,
}
_INFO: Final = {
    ("0", "another value"): VALID,  # nobody compares these three
    ("1", "another value"): VALID,
    ("3", "another value"): VALID,
    ("2.0", "another value"): VALID,
    ("4", "another value"): STAMP_BAD,
}


def plain(found: list[bytes]) -> list[bytes]:
    """Attributes without algorithm protection, which would notice another algorithm too."""
    return [one for one in found if forge.oid(forge.PROTECTION) not in one]


def _stamp_of(value: bytes) -> bytes:
    return stamp(AT_S, attributes=plain)(value)


def _made(label: str = "seal", **changes: object) -> bytes:
    right = cms(label, stamp=_stamp_of, attributes=plain)
    return page(hole_bytes=_HOLE).make(replace(right, **changes))  # type: ignore[arg-type]


def bases() -> dict[str, bytes]:
    """The document of which those here are changes."""
    return {BASE: _made()}


def statement() -> Element:
    """The CMS of the base."""
    pdf = _made()
    start = pdf.index(b"/Contents <") + 11
    data = bytes.fromhex(pdf[start : start + 2 * _HOLE].decode())
    return tree(data[: 4 + int.from_bytes(data[2:4], "big")])


def _signed_again(whole: Element, label: str) -> Element:
    """Signed attributes in DER's order, and the signature over them."""
    held = at(whole, ATTRIBUTES)
    value = settled(maker(label).key, b"\x31" + held.encoded()[1:])
    return put(whole, _SIGNATURE, [replace(at(whole, _SIGNATURE), content=value)])


def sealed(changed: Element) -> bytes:
    """A document with another CMS in its hole."""
    return _made(finish=lambda _: changed.encoded())


def changed(whole: Element, path: Path, new: Sequence[Element]) -> Element:
    """The seal's CMS with an element changed, and all right about it but that."""
    made = elements.in_order(put(whole, path, new), path)
    if path[: len(ATTRIBUTES)] != ATTRIBUTES or (path == ATTRIBUTES and not new):
        return made
    made = _signed_again(made, "seal")
    value = at(made, _SIGNATURE).content
    assert isinstance(value, bytes)
    return put(made, STAMP, [tree(_stamp_of(value))])


def _changed_stamp(whole: Element, path: Path, new: Sequence[Element]) -> Element:
    """The seal's CMS with an element of its time-stamp changed."""
    made = elements.in_order(put(at(whole, STAMP), path, new), path)
    if path[: len(ATTRIBUTES)] == ATTRIBUTES and (path != ATTRIBUTES or new):
        made = _signed_again(made, "tsa")
    return put(whole, STAMP, [made])


def of_info(whole: Element, info: bytes) -> Element:
    """The seal's CMS with something else in its time-stamp, signed like it."""
    made = put(at(whole, STAMP), INFO, [Element(4, info)])
    made = put(made, _DIGEST, [Element(4, hashlib.sha256(info).digest())])
    return put(whole, STAMP, [_signed_again(made, "tsa")])


def _each(names: dict[str, tuple[str, str]]) -> Iterator[tuple[str, Path, str, str, str]]:
    for place, (zh, en) in names.items():
        for how, (how_zh, how_en) in _HOW.items():
            path = tuple(map(int, place.split(".")))
            yield place, path, how, f"{zh}{how_zh}", f"{en} {how_en}"


def cases() -> Iterator[Sheet]:
    """The right document, and every change of one element."""
    whole = statement()
    yield Sheet(
        name=BASE, zh="不带算法保护属性，带时间戳",
        en="without algorithm protection, with a time-stamp",
        expects=VALID, base=BASE, pdf=sealed(whole),
    )  # fmt: skip
    yield Sheet(
        name="element-1-0-4-0-empty", zh="印章签名：签名者是空的",
        en="the seal's CMS: the signer info is empty", expects=MALFORMED, base=BASE,
        pdf=sealed(put(whole, (1, 0, 4, 0), [Element(0x30, ())])),
    )  # fmt: skip
    yield from _in_turn(whole)
    yield from _in_info(whole)


def _in_turn(whole: Element) -> Iterator[Sheet]:
    for place, path, how, zh, en in _each(_NAMES):
        name = f"{place.replace('.', '-')}-{how.replace(' ', '-')}"
        if not place.startswith("1.0.2.1"):
            new = CHANGES[how](at(whole, path))
            yield Sheet(
                name=f"element-{name}", zh=f"印章签名：{zh}", en=f"the seal's CMS: {en}",
                expects=_SEAL.get((place, how), MALFORMED), base=BASE,
                pdf=sealed(changed(whole, path, new)),
            )  # fmt: skip
        if not place.startswith("1.0.4.0.6"):
            new = CHANGES[how](at(at(whole, STAMP), path))
            yield Sheet(
                name=f"stamp-element-{name}", zh=f"时间戳：{zh}", en=f"the time-stamp: {en}",
                expects=_STAMPED.get((place, how), STAMP_BAD), base=BASE,
                pdf=sealed(_changed_stamp(whole, path, new)),
            )  # fmt: skip


def _in_info(whole: Element) -> Iterator[Sheet]:
    content = at(at(whole, STAMP), INFO).content
    assert isinstance(content, bytes)
    info = tree(content)
    for place, path, how, zh, en in _each(_INFO_NAMES):
        made = put(info, path, CHANGES[how](at(info, path))).encoded()
        yield Sheet(
            name=f"stamp-info-{place.replace('.', '-')}-{how.replace(' ', '-')}",
            zh=f"时间戳内容：{zh}", en=f"what the time-stamp says: {en}",
            expects=_INFO.get((place, how), STAMP_BAD), base=BASE,
            pdf=sealed(of_info(whole, made)),
        )  # fmt: skip
