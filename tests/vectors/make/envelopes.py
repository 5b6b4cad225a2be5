"""COSE envelopes of another shape around what is right in all else (docs/spec clause 3.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tests.vectors.make import grid
from tests.vectors.make.rows import Row
from tests.vectors.make.shop import signer

from etitle import canon, cose
from etitle.trust.roots import BUNDLE_TYP

BundleRow = tuple[str, str, str, bytes, str]
_BAD: Final = "bundle.malformed"


def _signed_by(label: str, payload: object, body: bytes, header: object = None) -> tuple[Any, ...]:
    """One signature of a COSE_Sign, over whatever stands where the payload stands."""
    who = signer(label)
    own = header or {1: who.public.suite.alg, 4: who.public.thumbprint}
    protected = canon.encode(own)
    covered = canon.encode(("Signature", body, protected, b"", payload))
    return protected, {}, who.sign(covered)


def bundle_rows() -> Iterator[BundleRow]:
    """Bundles and rescue lists: COSE_Sign."""
    payload = cose.parse_sign(grid.changed({}), max_bytes=1 << 20).payload
    body = canon.encode({16: BUNDLE_TYP})

    def whole(*parts: object, tag: bytes = b"\xd8\x62") -> bytes:
        return tag + canon.encode(parts)

    def by(covered: object, protected: bytes = body) -> list[Any]:
        labels = sorted(("root-1", "root-3"), key=lambda one: signer(one).public.thumbprint)
        return [_signed_by(label, covered, protected) for label in labels]

    good = by(payload)
    first, last = good
    stranger = {1: -9, 4: bytes(32)}
    for name, zh, en, data in (
        ("tag", "标签是 COSE_Mac", "the tag of a COSE_Mac",
         whole(body, {}, payload, good, tag=b"\xd8\x61")),
        ("integer", "不是数组", "an integer in place of the array", b"\xd8\x62\x05"),
        ("map", "映射代替数组", "a map in place of the array",
         b"\xd8\x62" + canon.encode({0: body, 1: {}, 2: payload, 3: good})),
        ("three", "只有三项", "three parts", whole(body, {}, payload)),
        ("five", "有五项", "five parts", whole(body, {}, payload, good, b"")),
        ("unprotected", "有未保护头", "an unprotected header", whole(body, {9: 1}, payload, good)),
        ("unprotected-null", "未保护头为 null", "an unprotected header that is null",
         whole(body, None, payload, good)),
        ("payload-null", "载荷为 null", "a payload that is null", whole(body, {}, None, by(None))),
        ("payload-text", "载荷为文本", "a payload that is text",
         whole(body, {}, "x", by("x"))),
        ("protected-map", "受保护头是映射", "a protected header that is a map",
         whole({16: BUNDLE_TYP}, {}, payload, good)),
        ("protected-more", "受保护头多一项", "a protected header with more",
         _more(payload)),
        ("signatures-null", "签名为 null", "signatures that are null",
         whole(body, {}, payload, None)),
        ("signatures-map", "签名为映射", "signatures in a map",
         whole(body, {}, payload, {0: first, 1: last})),
        ("signature-integer", "一个签名是整数", "a signature that is an integer",
         whole(body, {}, payload, [5, *good])),
        ("signature-two", "一个签名只有两项", "a signature of two parts",
         whole(body, {}, payload, [(canon.encode(stranger), {}), *good])),
        ("signature-four", "一个签名有四项", "a signature of four parts",
         whole(body, {}, payload, [first, (*last, b"")])),
        ("signature-unprotected", "签名有未保护头", "a signature with an unprotected header",
         whole(body, {}, payload, [first, (last[0], {9: 1}, last[2])])),
        ("signature-text", "外人的签名是文本", "a stranger's signature that is text",
         whole(body, {}, payload, [(canon.encode(stranger), {}, "x"), *good])),
        ("header-integer", "外人的签名头是整数", "a stranger's header that is an integer",
         whole(body, {}, payload, [(b"\x05", {}, bytes(64)), *good])),
        ("header-map", "外人的签名头不在字节串中", "a stranger's header that is a map",
         whole(body, {}, payload, [(stranger, {}, bytes(64)), *good])),
        ("header-without-alg", "外人的签名头没有算法", "a stranger's header without an algorithm",
         whole(body, {}, payload, [(canon.encode({4: bytes(32)}), {}, bytes(64)), *good])),
        ("header-without-kid", "外人的签名头没有 kid", "a stranger's header without a kid",
         whole(body, {}, payload, [(canon.encode({1: -9}), {}, bytes(64)), *good])),
        ("header-alg-null", "外人的算法为 null", "a stranger's algorithm that is null",
         whole(body, {}, payload, [(canon.encode({1: None, 4: bytes(32)}), {}, bytes(64)), *good])),
        ("header-kid-text", "外人的 kid 是文本", "a stranger's kid that is text",
         whole(body, {}, payload, [(canon.encode({1: -9, 4: "x"}), {}, bytes(64)), *good])),
        ("signature-again", "两个根之一签了两次", "one of two roots signed twice",
         whole(body, {}, payload, [first, last, last])),
        ("header-long", "签名头不是最短编码", "a stranger's header that is not the shortest",
         whole(body, {}, payload, [(b"\xa2\x01\x38\x08\x04\x41\0", {}, bytes(64)), *good])),
    ):  # fmt: skip
        yield f"envelope-{name}", zh, en, data, _BAD


def _more(payload: bytes) -> bytes:
    body = canon.encode({16: BUNDLE_TYP, 99: 1})
    labels = sorted(("root-1", "root-3"), key=lambda one: signer(one).public.thumbprint)
    signatures = [_signed_by(label, payload, body) for label in labels]
    return b"\xd8\x62" + canon.encode((body, {}, payload, signatures))


def sign1_parts(good: bytes, label: str, aad: bytes = b"") -> Iterator[tuple[str, str, str, bytes]]:
    """A COSE_Sign1 in every wrong shape, signed anew where the signature covers what changed."""
    parts: Any = canon.decode(good[1:], max_bytes=1 << 20)
    protected, _, payload, signature = parts
    header: Any = canon.decode(protected, max_bytes=1000)

    def whole(*parts: object) -> bytes:
        return b"\xd2" + canon.encode(parts)

    def by(covered: object, protected: object = protected) -> bytes:
        return signer(label).sign(canon.encode(("Signature1", protected, aad, covered)))

    def headed(changed: object) -> bytes:
        own = canon.encode(changed)
        return whole(own, {}, payload, by(payload, own))

    yield "tag", "标签是 COSE_Mac0", "the tag of a COSE_Mac0", b"\xd1" + good[1:]
    yield "integer", "不是数组", "an integer in place of the array", b"\xd2\x05"
    yield "three", "只有三项", "three parts", whole(protected, {}, payload)
    yield "five", "有五项", "five parts", whole(protected, {}, payload, signature, b"")
    yield ("unprotected", "有未保护头", "an unprotected header",
           whole(protected, {9: 1}, payload, signature))  # fmt: skip
    yield ("unprotected-null", "未保护头为 null", "an unprotected header that is null",
           whole(protected, None, payload, signature))  # fmt: skip
    yield ("payload-null", "载荷为 null", "a payload that is null",
           whole(protected, {}, None, by(None)))  # fmt: skip
    yield "payload-text", "载荷为文本", "a payload that is text", whole(protected, {}, "x", by("x"))
    yield (
        "signature-text",
        "签名是文本",
        "a signature that is text",
        whole(protected, {}, payload, "x" * 64),
    )
    yield (
        "protected-map",
        "受保护头是映射",
        "a protected header that is a map",
        whole(header, {}, payload, by(payload, header)),
    )
    yield "header-integer", "受保护头是整数", "a header that is an integer", headed(5)
    yield "header-more", "受保护头多一项", "a header with more", headed({**header, 5: b""})
    yield "header-alg-text", "算法是文本", "an algorithm that is text", headed({**header, 1: "x"})
    yield "header-alg-true", "算法是 true", "an algorithm that is true", headed({**header, 1: True})
    yield "header-kid-text", "kid 是文本", "a kid that is text", headed({**header, 4: "kid0"})
    for key, name in ((1, "alg"), (4, "kid")):
        left = {n: one for n, one in header.items() if n != key}
        yield (
            f"header-without-{name}",
            f"受保护头没有 {name}",
            f"a header without {name}",
            headed(left),
        )


def list_rows(good: bytes, code: str, base: str = "") -> Iterator[Row]:
    """Lists and deltas."""
    for name, zh, en, data in sign1_parts(good, "list"):
        kind = "delta" if base else "list"
        yield Row(f"envelope-{kind}-{name}", zh, en, data, code, base=base)
    if not base:
        token = cose.parse_sign1(good, max_bytes=1 << 20)
        for name, zh, en, alg, kid, said in (
            ("other-kid", "kid 是另一密钥的", "another key's kid", -9, "list-old", "signature_bad"),
            ("other-alg", "算法是另一种", "another algorithm", -19, "list", "suite_mismatch"),
        ):
            own = canon.encode({1: alg, 4: signer(kid).public.kid, 16: token.typ})
            covered = canon.encode(("Signature1", own, b"", token.payload))
            data = b"\xd2" + canon.encode((own, {}, token.payload, signer("list").sign(covered)))
            yield Row(f"envelope-{name}", zh, en, data, f"list.{said}")
