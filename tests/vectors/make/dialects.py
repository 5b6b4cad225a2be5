"""What other software writes into a CMS, and what no software may (clauses 9.3 and 9.4)."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterator
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from tests.support import forge
from tests.support.elements import ATTRIBUTES, Element, Path, at, octets, put, tree
from tests.support.forge import attribute, integer, oid, tlv
from tests.vectors.make.elements import (
    BAD,
    BASE,
    INFO,
    MALFORMED,
    STAMP,
    STAMP_BAD,
    VALID,
    changed,
    of_info,
    sealed,
    statement,
)
from tests.vectors.make.papers import maker, private_key, settled
from tests.vectors.make.sheets import Sheet
from tests.vectors.make.worlds import AT_S

ECDSA: Final = {
    "sha256": "1.2.840.10045.4.3.2",
    "sha384": "1.2.840.10045.4.3.3",
    "sha512": "1.2.840.10045.4.3.4",
}
HASHES: Final = {
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
    "sha1": "1.3.14.3.2.26",
}
RSA_SHA256: Final = "1.2.840.113549.1.1.11"
_ESS_V1: Final = "1.2.840.113549.1.9.16.2.12"
NULL: Final = b"\x05\x00"
ALGORITHM: Final[Path] = (1, 0, 4, 0, 4)
_NAMED: Final[Path] = (*ATTRIBUTES, 2, 1, 0)
"""The value of ESS."""
_CERTIFICATE: Final[Path] = (*_NAMED, 0, 0)

Row = tuple[str, str, str, tuple[str, ...], bytes]


def algorithm(kind: str, parameters: bytes = b"") -> Element:
    return octets(tlv(0x30, oid(kind), parameters))


def cases() -> Iterator[Sheet]:
    """Every document of this file."""
    whole = statement()
    for rows in (_names(whole), _lengths(whole), _algorithms(whole), _twice(whole),
                 _certificates(whole), _stamps(whole), _infos(whole)):  # fmt: skip
        for name, zh, en, expects, pdf in rows:
            yield Sheet(name=name, zh=zh, en=en, expects=expects, pdf=pdf, base=BASE)


def _names(whole: Element) -> Iterator[Row]:
    """How ESS names the certificate."""
    seal = maker("seal")
    digest = at(whole, (*_CERTIFICATE, 0))
    issuer, serial = seal.x509.issuer.public_bytes(), seal.x509.serial_number
    other = maker("tsa").x509.subject.public_bytes()

    def by_serial(name: bytes, number: int, tag: int = 0xA4) -> Element:
        return octets(tlv(0x30, tlv(0x30, tlv(tag, name)), integer(number)))

    right = by_serial(issuer, serial)
    sha512 = Element(4, hashlib.sha512(seal.der).digest())
    for name, zh, en, expects, parts in (
        ("serial", "ESS 写明颁发者和序列号", "ESS with issuer and serial number", VALID,
         (digest, right)),
        ("other-issuer", "ESS 写另一颁发者", "ESS with another issuer", MALFORMED,
         (digest, by_serial(other, serial))),
        ("other-serial", "ESS 写另一序列号", "ESS with another serial number", MALFORMED,
         (digest, by_serial(issuer, serial + 1))),
        ("other-name", "ESS 颁发者不是目录名", "ESS with an issuer that is no directory name",
         MALFORMED, (digest, by_serial(issuer, serial, 0xA5))),
        ("serial-alone", "ESS 没有杂凑值", "ESS with issuer and serial number alone", MALFORMED,
         (right,)),
        ("serial-tag", "ESS 颁发者和序列号标签不对", "ESS with another tag of issuer and serial",
         MALFORMED, (digest, octets(b"\x31" + right.encoded()[1:]))),
        ("serial-behind", "ESS 序列号后还有内容", "ESS with more behind the serial number",
         MALFORMED, (digest, right, octets(NULL))),
        ("sha512", "ESS 用 SHA-512", "ESS with SHA-512", VALID,
         (algorithm(HASHES["sha512"]), sha512)),
        ("default", "ESS 写出默认的 SHA-256", "ESS with the default written out", MALFORMED,
         (algorithm(HASHES["sha256"]), digest)),
        ("algorithm-alone", "ESS 只有算法", "ESS with an algorithm alone", MALFORMED,
         (algorithm(HASHES["sha512"]),)),
        ("empty", "ESS 证书为空", "ESS of nothing", MALFORMED, ()),
    ):  # fmt: skip
        made = changed(whole, _CERTIFICATE, [Element(0x30, tuple(parts))])
        yield f"ess-{name}", zh, en, expects, sealed(made)
    listed = at(whole, (*_NAMED, 0))
    certificates = listed.content
    assert isinstance(certificates, tuple)
    policies = octets(tlv(0x30, tlv(0x30, oid("2.5.29.32.0"))))
    further = octets(tlv(0x30, tlv(4, hashlib.sha256(maker("ca").der).digest())))
    another = octets(b"\x31" + further.encoded()[1:])
    for name, zh, en, expects, items in (
        ("policies", "ESS 带策略", "ESS with policies", VALID, (listed, policies)),
        ("policies-set", "ESS 策略不是 SEQUENCE", "ESS with policies that are no SEQUENCE",
         MALFORMED, (listed, octets(b"\x31" + policies.encoded()[1:]))),
        ("three", "ESS 策略后还有内容", "ESS with more behind its policies", MALFORMED,
         (listed, policies, policies)),
        ("further", "ESS 还列出颁发者的证书", "ESS with its issuer's certificate too", VALID,
         (Element(0x30, (*certificates, further)),)),
        ("further-set", "ESS 另一证书不是 SEQUENCE",
         "ESS with a second certificate that is no SEQUENCE", MALFORMED,
         (Element(0x30, (*certificates, another)),)),
        ("further-first", "ESS 先列颁发者的证书", "ESS with its issuer's certificate first",
         MALFORMED, (Element(0x30, (further, *certificates)),)),
        ("none", "ESS 值为空", "ESS without certificates", MALFORMED, ()),
        ("no-list", "ESS 证书列表为空", "ESS with an empty list", MALFORMED,
         (Element(0x30, ()),)),
    ):  # fmt: skip
        made = changed(whole, _NAMED, [Element(0x30, tuple(items))])
        yield f"ess-{name}", zh, en, expects, sealed(made)


def _lengths(whole: Element) -> Iterator[Row]:
    """DER's lengths and tags, where the policies of ESS stand."""
    listed = at(whole, (*_NAMED, 0))

    def policies(size: int) -> bytes:
        return oid("2.5.29.32.0") + tlv(4, bytes(size - 6 - (2 if size < 136 else 3)))

    for name, zh, en, expects, data in (
        ("lone", "一个字节不成元素", "one octet is no element", MALFORMED, b"\x30"),
        ("high-tag", "标签号在 30 以上", "a tag number above 30", MALFORMED, b"\x3f\x00"),
        ("overrun", "长度超出", "a length beyond the end", MALFORMED, b"\x30\x01"),
        ("cut-length", "长度本身不完整", "a length that is cut short", MALFORMED, b"\x30\x81"),
        ("127", "长度 127", "a length of 127", VALID, b"\x30\x7f" + policies(127)),
        ("127-long", "长度 127 写成长形式", "a length of 127 in the long form", MALFORMED,
         b"\x30\x81\x7f" + policies(127)),
        ("128", "长度 128", "a length of 128", VALID, b"\x30\x81\x80" + policies(128)),
        ("128-unsaid", "长度写成不定长，后有 128 字节", "128 octets behind an indefinite length",
         MALFORMED, b"\x30\x80" + policies(128)),
        ("128-zero", "长度 128 前有零", "a length of 128 with a zero before", MALFORMED,
         b"\x30\x82\x00\x80" + policies(128)),
        ("257", "长度 257", "a length of 257", VALID, b"\x30\x82\x01\x01" + policies(257)),
    ):  # fmt: skip
        made = changed(whole, _NAMED, [Element(0x30, (listed, octets(data)))])
        yield f"der-{name}", zh, en, expects, sealed(made)


def _algorithms(whole: Element) -> Iterator[Row]:
    """Algorithms of hashes and of signatures, and what protects them."""
    digests: Path = (1, 0, 1, 0)
    for name, zh, en, expects, path, new in (
        ("digests-other", "摘要算法与签名者的不同", "another digest algorithm than the signer's",
         MALFORMED, digests, algorithm(HASHES["sha384"])),
        ("digest-parameters", "摘要算法带参数", "a digest algorithm with parameters", MALFORMED,
         digests, algorithm(HASHES["sha256"], b"\x02\x01\x00")),
        ("ecdsa-sha384", "签名算法的杂凑不同", "a signature algorithm of another hash", MALFORMED,
         ALGORITHM, algorithm(ECDSA["sha384"])),
        ("rsa-for-p256", "P-256 签章写 RSA 算法", "RSA's algorithm on a seal of P-256", BAD,
         ALGORITHM, algorithm(RSA_SHA256, NULL)),
        ("algorithm-unknown", "签名算法未知：SM2", "a signature algorithm that is unknown: SM2",
         MALFORMED, ALGORITHM, algorithm("1.2.156.10197.1.501")),
        ("algorithm-empty", "签名算法为空", "an empty signature algorithm", MALFORMED, ALGORITHM,
         Element(0x30, ())),
    ):  # fmt: skip
        yield name, zh, en, expects, sealed(changed(whole, path, [new]))
    held = at(whole, ATTRIBUTES)
    assert isinstance(held.content, tuple)
    own = algorithm(ECDSA["sha256"]).encoded()[2:]
    for name, zh, en, expects, parts in (
        ("right", "算法保护", "algorithm protection", VALID, (forge.SHA256, tlv(0xA1, own))),
        ("digest", "算法保护写另一摘要算法", "protection of another digest algorithm", MALFORMED,
         (forge.SHA512, tlv(0xA1, own))),
        ("signature", "算法保护写另一签名算法", "protection of another signature algorithm",
         MALFORMED, (forge.SHA256, tlv(0xA1, oid(ECDSA["sha512"])))),
        ("mac", "算法保护写 MAC 算法", "protection of a MAC algorithm", MALFORMED,
         (forge.SHA256, tlv(0xA2, own))),
        ("one", "算法保护只有摘要算法", "protection of a digest algorithm alone", MALFORMED,
         (forge.SHA256,)),
        ("three", "算法保护多一项", "protection of one algorithm more", MALFORMED,
         (forge.SHA256, tlv(0xA1, own), tlv(0xA2, own))),
    ):  # fmt: skip
        guard = octets(attribute(forge.PROTECTION, tlv(0x30, *parts)))
        more = tuple(sorted((*held.content, guard), key=lambda one: one.encoded()))
        made = changed(whole, ATTRIBUTES, [Element(held.tag, more)])
        yield f"protection-{name}", zh, en, expects, sealed(made)


def _twice(whole: Element) -> Iterator[Row]:
    """An attribute that is there twice, each time right."""
    held = at(whole, ATTRIBUTES)
    assert isinstance(held.content, tuple)
    made = changed(whole, ATTRIBUTES, [Element(held.tag, (held.content[0], *held.content))])
    yield "attribute-twice", "同一属性出现两次", "an attribute twice", MALFORMED, sealed(made)


def _issuer(label: str, *, named: str = "", above: str = "") -> bytes:
    """A certificate of the CA's name or another, by the key ``seal-eddsa`` under a name."""
    own = private_key(label)
    subject, issuer = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)])
        if one
        else maker("ca").x509.subject
        for one in (named, above)
    )
    builder = x509.CertificateBuilder(
        issuer, subject, own.public_key(), 5,
        datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
        datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC),
    ).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)  # fmt: skip
    return builder.sign(private_key("seal-eddsa"), None).public_bytes(Encoding.DER)


def _issuers(count: int) -> tuple[bytes, ...]:
    """So many issuers of the seal's certificate, one above the other, the last a root."""
    names = ["", *(f"样例上级证书({place})" for place in range(1, count))]
    pairs = zip(names, [*names[1:], names[-1]], strict=True)
    return tuple(
        _issuer("seal-eddsa" if name else "ca", named=name, above=above) for name, above in pairs
    )


def _unused_bits() -> bytes:
    """A certificate of the CA whose signature ends with a bit that is said to be unused."""
    right = next(one for n in range(1, 99) if (one := maker("ca", serial=n).der)[-1] % 2 == 0)
    return right[:-65] + b"\x01" + right[-64:]


def _first_version() -> bytes:
    """The CA's certificate as one of X.509 version 1."""
    whole = tree(maker("ca").der)
    body = at(whole, (0,)).content
    assert isinstance(body, tuple)
    signed = Element(0x30, body[1:-1]).encoded()
    value = settled(private_key("ca"), signed)
    return tlv(0x30, signed, at(whole, (1,)).encoded(), tlv(3, b"\0" + value))


def _certificates(whole: Element) -> Iterator[Row]:
    """What stands beside the seal's certificate."""
    held: Path = (1, 0, 3)
    own = maker("seal").der
    for name, zh, en, expects, beside in (
        ("certificates-8", "共 8 张证书", "8 certificates", VALID, _issuers(7)),
        ("certificates-9", "共 9 张证书", "9 certificates", MALFORMED, _issuers(8)),
        ("root-unused-bits", "根证书的签名有未用的位", "unused bits in its root's signature",
         MALFORMED, (_unused_bits(),)),
        ("root-version-1", "根证书是第 1 版", "a root of X.509 version 1", MALFORMED,
         (_first_version(),)),
        ("root-beside", "证书链到根", "a chain up to its root", VALID, (maker("ca").der,)),
        ("namesake", "同名的另一根证书", "another root of the issuer's name", MALFORMED,
         (_issuer("seal-eddsa"),)),
        ("no-root", "链尾不是自签", "a chain whose last has another issuer", MALFORMED,
         (_issuer("ca", above="样例上级证书"),)),
        ("own-twice", "签名者证书出现两次", "the signer certificate twice", MALFORMED, (own,)),
        ("no-certificate", "证书集合中有别的东西", "something else among the certificates",
         MALFORMED, (b"\x31" + maker("ca").der[1:],)),
    ):  # fmt: skip
        listed = tuple(octets(one) for one in sorted((own, *beside)))
        yield name, zh, en, expects, sealed(put(whole, held, [Element(0xA0, listed)]))


def _by_hash(name: str) -> Callable[[object, bytes], bytes]:
    algorithm = {"sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[name]

    def signing(key: object, data: bytes) -> bytes:
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key.sign(data, ec.ECDSA(algorithm, deterministic_signing=True))

    return signing


def _stamps(whole: Element) -> Iterator[Row]:
    """The CMS of time-stamps."""
    own = at(whole, STAMP)
    tsa = maker("tsa").der
    content = at(own, (1, 0, 2, 1, 0)).content
    assert isinstance(content, bytes)

    def told(new: Element) -> bytes:
        return sealed(put(whole, STAMP, [new]))

    for name in ("sha384", "sha512"):
        new = put(own, (1, 0, 1, 0), [algorithm(HASHES[name])])
        new = put(new, (1, 0, 4, 0, 2), [algorithm(HASHES[name])])
        new = put(new, ALGORITHM, [algorithm(ECDSA[name])])
        new = put(new, (*ATTRIBUTES, 1, 1, 0), [Element(4, hashlib.new(name, content).digest())])
        new = in_order_and_signed(new, _by_hash(name))
        yield (f"stamp-{name}", f"时间戳用 {name.upper()}", f"a time-stamp with {name.upper()}",
               VALID, told(new))  # fmt: skip
    old = attribute(_ESS_V1, tlv(0x30, tlv(0x30, tlv(0x30, tlv(4, hashlib.sha1(tsa).digest())))))  # noqa: S324  # what ESS had first
    for label, zh, en, expects, named in (
        ("ess-v1", "时间戳用第一版 ESS", "a time-stamp with the first ESS", VALID, [octets(old)]),
        ("no-ess", "时间戳没有 ESS", "a time-stamp without ESS", STAMP_BAD, []),
    ):
        made = in_order_and_signed(put(own, (*ATTRIBUTES, 2), named), settled)
        yield f"stamp-{label}", zh, en, expects, told(made)
    held = at(own, ATTRIBUTES)
    assert isinstance(held.content, tuple)
    for label, zh, en, expects, value in (
        ("attribute", "时间戳多一个属性", "a time-stamp with another attribute", VALID, NULL),
        ("high-tag", "时间戳的属性值标签号为 31", "a value of tag number 31 in a time-stamp",
         STAMP_BAD, b"\x1f\x1f\x1e" + bytes(30)),
    ):  # fmt: skip
        more = octets(attribute("1.3.6.1.4.1.99999.2", value))
        made = put(own, ATTRIBUTES, [Element(held.tag, (*held.content, more))])
        yield f"stamp-{label}", zh, en, expects, told(in_order_and_signed(made, settled))
    other = put(own, (*ATTRIBUTES, 1, 1, 0), [Element(4, bytes(32))])
    yield ("stamp-digest", "时间戳的摘要属于别的内容", "a time-stamp with the digest of another",
           STAMP_BAD, told(in_order_and_signed(other, settled)))  # fmt: skip
    signer = at(own, (1, 0, 4, 0))
    assert isinstance(signer.content, tuple)
    twice = octets(tlv(0xA1, attribute(forge.STAMP, own.encoded())))
    yield ("stamp-on-stamp", "时间戳上又有时间戳", "a time-stamp on a time-stamp", STAMP_BAD,
           told(put(own, (1, 0, 4, 0), [Element(0x30, (*signer.content, twice))])))  # fmt: skip
    for label, zh, en, expects, beside in (
        ("root", "时间戳带根证书", "a time-stamp with its root", VALID, maker("ca").der),
        ("no-root", "时间戳的证书链不到根", "a time-stamp whose chain ends before its root", VALID,
         _issuer("ca", above="样例上级证书")),
        ("namesake", "时间戳带同名的另一根证书",
         "a time-stamp with another root of the issuer's name", STAMP_BAD,
         _issuer("seal-eddsa")),
    ):  # fmt: skip
        listed = tuple(octets(one) for one in sorted((tsa, beside)))
        yield (f"stamp-chain-{label}", zh, en, expects,
               told(put(own, (1, 0, 3), [Element(0xA0, listed)])))  # fmt: skip


def in_order_and_signed(
    whole: Element, signing: Callable[[object, bytes], bytes], label: str = "tsa"
) -> Element:
    """Signed attributes in DER's order, and the signature of a label over them."""
    held = at(whole, ATTRIBUTES)
    assert isinstance(held.content, tuple)
    new = Element(held.tag, tuple(sorted(held.content, key=lambda one: one.encoded())))
    whole = put(whole, ATTRIBUTES, [new])
    value = signing(maker(label).key, b"\x31" + new.encoded()[1:])
    return put(whole, (1, 0, 4, 0, 5), [Element(4, value)])


def _infos(whole: Element) -> Iterator[Row]:
    """What time-stamps say."""
    content = at(at(whole, STAMP), INFO).content
    signature = at(whole, (1, 0, 4, 0, 5)).content
    assert isinstance(content, bytes) and isinstance(signature, bytes)  # noqa: PT018  # of one kind
    info = tree(content)
    assert isinstance(info.content, tuple)
    day = datetime.datetime.fromtimestamp(AT_S, datetime.UTC).strftime("%Y%m%d%H%M")
    for name, zh, en, expects, text in (
        ("fraction", "秒有小数", "a fraction of a second", VALID, f"{day}00.5Z"),
        ("fraction-9", "秒有九位小数", "nine digits of a fraction", VALID, f"{day}00.123456789Z"),
        (
            "fraction-10",
            "秒有十位小数",
            "ten digits of a fraction",
            STAMP_BAD,
            f"{day}00.1234567891Z",
        ),
        (
            "fraction-zero",
            "小数末位是零",
            "a fraction that ends with a zero",
            STAMP_BAD,
            f"{day}00.50Z",
        ),
        ("fraction-comma", "小数用逗号", "a fraction behind a comma", STAMP_BAD, f"{day}00,5Z"),
        ("no-seconds", "没有秒", "no seconds", STAMP_BAD, f"{day}Z"),
        ("no-zone", "没有时区", "no zone", STAMP_BAD, f"{day}00"),
        ("other-zone", "另一时区", "another zone", STAMP_BAD, f"{day}00+0800"),
        ("no-day", "没有这一天", "a day that there is not", STAMP_BAD, "20260231000000Z"),
    ):
        new = put(info, (4,), [Element(0x18, text.encode())]).encoded()
        yield (
            f"stamp-time-{name}",
            f"时间戳：{zh}",
            f"a time-stamp: {en}",
            expects,
            sealed(of_info(whole, new)),
        )
    for name, expects in (("sha384", VALID), ("sha512", VALID), ("sha1", STAMP_BAD)):
        digest = hashlib.new(name, signature).digest()
        imprint = octets(tlv(0x30, tlv(0x30, oid(HASHES[name])), tlv(4, digest)))
        yield (f"stamp-imprint-{name}", f"时间戳：所盖对象用 {name.upper()}",
               f"a time-stamp: an imprint of {name.upper()}", expects,
               sealed(of_info(whole, put(info, (2,), [imprint]).encoded())))  # fmt: skip
    accuracy, ordering, nonce = b"\x30\x03\x02\x01\x01", b"\x01\x01\xff", b"\x02\x01\x05"
    for name, zh, en, expects, behind in (
        ("all", "精度、次序、随机数、机构和扩展",
         "accuracy, ordering, nonce, authority and extensions", VALID,
         (accuracy, ordering, nonce, b"\xa0\x00", b"\xa1\x00")),
        ("null", "多一个 NULL", "a NULL more", STAMP_BAD, (NULL,)),
        ("tag-2", "多一个标签为 2 的元素", "an element more of tag 2", STAMP_BAD, (b"\xa2\x00",)),
    ):  # fmt: skip
        new = Element(0x30, (*info.content, *map(octets, behind))).encoded()
        yield (
            f"stamp-with-{name}",
            f"时间戳：{zh}",
            f"a time-stamp: {en}",
            expects,
            sealed(of_info(whole, new)),
        )
