"""Suites of seals and time-stamps: signatures that are wrong, RSA's least bits, ML-DSA-65."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from tests.support import forge
from tests.support.elements import ATTRIBUTES, Element, at, octets, put, tree
from tests.support.forge import oid, tlv
from tests.vectors.make import kept
from tests.vectors.make.dialects import (
    ALGORITHM,
    ECDSA,
    HASHES,
    NULL,
    RSA_SHA256,
    algorithm,
    in_order_and_signed,
)
from tests.vectors.make.elements import BAD, INFO, MALFORMED, STAMP_BAD, VALID, plain
from tests.vectors.make.papers import maker, private_key, settled
from tests.vectors.make.sheets import Sheet, cms, digit_changed, page
from tests.vectors.make.worlds import AT_S

LATTICE: Final = "ml-dsa-65"
"""The base."""
_OID: Final = "2.16.840.1.101.3.4.3.18"
_HOLE: Final = 15_600
"""Bytes: the same for all, so that one signature is right for all of them."""
_RIGHT: Final = tlv(0x30, oid(_OID))
_SPKI: Final = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _lattice(**changes: object) -> bytes:
    right = cms("seal-ml-dsa", attributes=plain, chain=(maker("ca-ml-dsa").der,))
    return page(hole_bytes=_HOLE).make(replace(right, **changes))  # type: ignore[arg-type]


def bases() -> dict[str, bytes]:
    """A document by a seal of ML-DSA-65, with its chain."""
    return {LATTICE: _lattice()}


def cases(made: dict[str, bytes]) -> Iterator[Sheet]:
    """Every document of this file."""
    for base, name, zh in (
        ("ed25519", "Ed25519", "Ed25519"), ("rsa3072", "RSA-3072", "RSA-3072"),
    ):  # fmt: skip
        yield Sheet(
            name=f"{base}-signature-changed", zh=f"{zh} 签章：签名值改了一位",
            en=f"sealed with {name}: one digit of the signature changed", expects=BAD, base=base,
            pdf=digit_changed(made[base]),
        )  # fmt: skip
    for bits, expects in ((2048, VALID), (2047, STAMP_BAD)):
        stamp = forge.stamped(maker(f"tsa-rsa-{bits}"), AT_S, signing=settled)
        yield Sheet(
            name=f"stamp-rsa-{bits}", zh=f"时间戳用 RSA，模数 {bits} 位",
            en=f"a time-stamp by RSA with {bits} bits", expects=expects, base="stamped",
            pdf=page().make(cms(stamp=stamp)),
        )  # fmt: skip
    for name in ("sha384", "sha512"):
        yield Sheet(
            name=f"stamp-rsa-{name}", zh=f"时间戳用 RSA 与 {name.upper()}",
            en=f"a time-stamp by RSA with {name.upper()}", expects=VALID, base="stamped",
            pdf=page().make(cms(stamp=_by_rsa(name))),
        )  # fmt: skip
    yield from _algorithms()
    yield from _lattices(made[LATTICE])


def _by_rsa(name: str) -> Callable[[bytes], bytes]:
    digests = {"sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
    label, kind = "tsa-rsa-2048", {"sha384": 12, "sha512": 13}[name]

    def signing(key: object, data: bytes) -> bytes:
        assert isinstance(key, rsa.RSAPrivateKey)
        return key.sign(data, padding.PKCS1v15(), digests[name])

    def made(value: bytes) -> bytes:
        whole = tree(forge.stamped(maker(label), AT_S, signing=settled, attributes=plain)(value))
        content = at(whole, INFO).content
        assert isinstance(content, bytes)
        digest = hashlib.new(name, content).digest()
        for path, new in (
            ((1, 0, 1, 0), algorithm(HASHES[name])),
            ((1, 0, 4, 0, 2), algorithm(HASHES[name])),
            (ALGORITHM, algorithm(f"1.2.840.113549.1.1.{kind}", NULL)),
            ((*ATTRIBUTES, 1, 1, 0), Element(4, digest)),
        ):
            whole = put(whole, path, [new])
        return in_order_and_signed(whole, signing, label).encoded()

    return made


def _algorithms() -> Iterator[Sheet]:
    """Algorithms of seals of RSA and Ed25519."""
    for label, name, zh, en, expects, new in (
        ("rsa", "rsa-encryption", "RSA 算法写 rsaEncryption", "rsaEncryption as the algorithm",
         VALID, algorithm("1.2.840.113549.1.1.1", NULL)),
        ("rsa", "rsa-no-null", "RSA 算法没有 NULL", "RSA's algorithm without NULL", VALID,
         algorithm(RSA_SHA256)),
        ("rsa", "rsa-parameters", "RSA 算法带别的参数", "RSA's algorithm with other parameters",
         MALFORMED, algorithm(RSA_SHA256, b"\x02\x01\x00")),
        ("rsa", "rsa-as-ecdsa", "RSA 签章写 ECDSA 算法", "ECDSA's algorithm on a seal of RSA", BAD,
         algorithm(ECDSA["sha256"])),
        ("eddsa", "ed25519-null", "Ed25519 算法带 NULL", "Ed25519 with NULL", MALFORMED,
         algorithm("1.3.101.112", NULL)),
        ("eddsa", "ed25519-as-lattice", "Ed25519 签章写 ML-DSA-65 算法",
         "ML-DSA-65's algorithm on a seal of Ed25519", BAD, algorithm(_OID)),
    ):  # fmt: skip
        yield Sheet(
            name=f"seal-{name}", zh=zh, en=en, expects=expects,
            base={"rsa": "rsa3072", "eddsa": "ed25519"}[label],
            pdf=page().make(cms(
                f"seal-{label}", attributes=plain,
                finish=lambda data, new=new: put(tree(data), ALGORITHM, [new]).encoded(),
            )),
        )  # fmt: skip


def _root(
    *, issuer: str = "", inner: bytes = _RIGHT, outer: bytes = _RIGHT, key: str = "ca-ml-dsa"
) -> bytes:
    """The root with something else in it, and yet signed by itself."""
    body = put(at(tree(maker("ca-ml-dsa").der), (0,)), (2,), [octets(inner)])
    if issuer:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)])
        body = put(body, (3,), [octets(name.public_bytes())])
    own = private_key(key)
    assert isinstance(own, mldsa.MLDSA65PrivateKey)
    body = put(body, (6,), [octets(own.public_key().public_bytes(*_SPKI))])
    value = kept.signature(own, body.encoded())
    return tlv(0x30, body.encoded(), outer, tlv(3, b"\0" + value))


def _lattices(good: bytes) -> Iterator[Sheet]:
    """What ML-DSA-65 asks of a CMS and of certificates (clauses 9.3, 9.4; RFC 9881, RFC 9882)."""
    root = maker("ca-ml-dsa").der
    null = tlv(0x30, oid(_OID), b"\x05\x00")
    for name, zh, en, expects, pdf in (
        ("", "签章，证书链到根", "with a chain up to the root", VALID, good),
        ("-alone", "签章，不带证书链", "without a chain", VALID, _lattice(chain=())),
        ("-signature-changed", "签章：签名值改了一位", "one digit of the signature changed", BAD,
         digit_changed(good)),
        ("-null", "签章：签名算法带 NULL", "its algorithm with NULL", MALFORMED,
         _lattice(finish=lambda data: put(tree(data), ALGORITHM, [octets(null)]).encoded())),
        ("-as-ed25519", "签章写 Ed25519 算法", "Ed25519's algorithm on it", BAD,
         _lattice(finish=lambda data: put(
             tree(data), ALGORITHM, [algorithm("1.3.101.112")]).encoded())),
        ("-root-changed", "签章：根证书的签名改了一位", "one bit of its root's signature changed",
         MALFORMED, _lattice(chain=(root[:-1] + bytes((root[-1] ^ 1,)),))),
        ("-root-of-another", "签章：根证书由上级颁发", "a root that another issued", MALFORMED,
         _lattice(chain=(_root(issuer="样例上级证书"),))),
        ("-root-inner", "签章：根证书内写另一签名算法", "another algorithm within its root",
         MALFORMED, _lattice(chain=(_root(inner=tlv(0x30, oid("1.3.101.112"))),))),
        ("-root-null", "签章：根证书的签名算法带 NULL", "its root's algorithm with NULL", MALFORMED,
         _lattice(chain=(_root(inner=null, outer=null),))),
        ("-namesake", "签章：同名的另一根证书", "another root of the issuer's name", MALFORMED,
         _lattice(chain=(_root(key="seal-ml-dsa"),))),
    ):  # fmt: skip
        yield Sheet(
            name=f"{LATTICE}{name}", zh=f"ML-DSA-65 {zh}", en=f"sealed with ML-DSA-65: {en}",
            expects=expects, base=LATTICE, world="sealed-lattice", pdf=pdf,
        )  # fmt: skip
    stamp = forge.stamped(maker("tsa-ml-dsa"), AT_S, signing=settled)
    yield Sheet(
        name="stamp-ml-dsa-issuer", zh="时间戳的证书由 ML-DSA-65 根证书颁发",
        en="a time-stamp by a certificate below a root of ML-DSA-65", expects=VALID,
        base="stamped", pdf=page().make(cms(stamp=stamp)),
    )  # fmt: skip
