"""bundles.json: bundles and rescue lists that are believed or refused (docs/spec clause 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from tests.vectors.make import envelopes, grid, tomorrow
from tests.vectors.make.seals import certificate, rsa_modulus
from tests.vectors.make.shop import Json, WrongVectorError, high_s, shows, signer, signers, spoil
from tests.vectors.make.worlds import AT_S, DAY_S, bundles, document_keys, plain_bundle, root_set

from etitle import canon, cose
from etitle.errors import TrustError
from etitle.trust.bundle import Authority, Bundle, KeyUse, encode_bundle, fingerprint, url_for
from etitle.trust.rescue import (
    RESCUE_TYP,
    Rescue,
    encode_rescue,
    make_rescue,
    open_rescue,
    sign_rescue,
)
from etitle.trust.roots import BUNDLE_TYP, open_bundle, open_next, sign_bundle
from etitle.trust.words import spell_words

Row = tuple[str, str, str, bytes, str]
"""Name, what it shows in Chinese and English, the signed bundle, the code (empty: believed)."""

PLAIN: Final = plain_bundle()
SEALS: Final = bundles()["document-keys"]
"""The plain one with two keys that sign documents alone."""
ROOTS: Final = ("root-1", "root-2", "root-3")


def _signed(bundle: Bundle, *labels: str) -> bytes:
    return sign_bundle(bundle, signers=signers(*labels or ("root-1", "root-3")))


def _raw(payload: bytes, labels: Sequence[str] = ("root-1", "root-3")) -> bytes:
    return cose.sign(payload, signers=signers(*labels), typ=BUNDLE_TYP).to_bytes()


def _envelope(
    payload: bytes, signatures: object, *, typ: object = BUNDLE_TYP, free: object = None
) -> bytes:
    protected = canon.encode({16: typ})
    return b"\xd8\x62" + canon.encode((protected, free or {}, payload, signatures))


def _signature(label: str, payload: bytes, **changes: Any) -> tuple[bytes, object, bytes]:  # noqa: ANN401
    """One root signature; ``kid``, ``alg`` and ``twist`` make it a hostile one."""
    who = signer(label)
    headers = {
        1: changes.get("alg", who.public.suite.alg),
        4: changes.get("kid", who.public.thumbprint),
    }
    protected = canon.encode(headers)
    body = canon.encode({16: BUNDLE_TYP})
    made = who.sign(cose.to_be_signed(body, payload, signer_protected=protected))
    return protected, {}, changes.get("twist", bytes)(made)


def _edit(path: Sequence[int], value: object, *, of: Bundle = PLAIN) -> bytes:
    """A bundle's payload with the entry at a path replaced, or taken out where it is ``...``."""

    def walk(node: Any, rest: Sequence[int]) -> Any:  # noqa: ANN401
        if not rest:
            return value
        if isinstance(node, dict):
            changed = {**node, rest[0]: walk(node.get(rest[0]), rest[1:])}
            return {key: entry for key, entry in changed.items() if entry is not ...}
        items = list(node)
        items[rest[0]] = walk(items[rest[0]], rest[1:])
        return [item for item in items if item is not ...]

    tree = canon.decode(encode_bundle(of), max_bytes=1 << 20)
    return canon.encode(walk(tree, path))


def _with_key(cose_key: dict[int, object]) -> bytes:
    """The plain bundle's payload with another key beside its own, in its place."""
    tree: Any = canon.decode(encode_bundle(PLAIN), max_bytes=1 << 20)
    entry = {**tree[7][0], 1: cose_key, 2: None, 3: [KeyUse.TOKEN]}

    keys = sorted([*tree[7], entry], key=lambda item: canon.encode(item[1]))
    return canon.encode({**tree, 7: keys})


_P256_PRIME: Final = 2**256 - 2**224 + 2**192 + 2**96 - 1
_Y_OF_0: Final = bytes.fromhex("66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4")
"""The point of P-256 with x = 0: the prime is a second spelling of that x."""

_P: Final = 2**255 - 19
_Y_OF_8: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
"""A point of edwards25519 of order 8."""


def _edwards(y: int, sign: int = 0) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


EDWARDS: Final = (
    ("不在曲线上：y = 2", "off the curve: y = 2", _edwards(2)),
    ("不在曲线上：y = 7", "off the curve: y = 7", _edwards(7, 1)),
    ("的 y 等于 p", "with y equal to p", _edwards(_P)),
    ("的 y 为 p + 3", "with y of p plus 3", _edwards(_P + 3)),
    ("的 x 为 0 而带符号", "with a sign for x of 0", _edwards(1, 1)),
    ("的阶为 1", "of order 1", _edwards(1)),
    ("的阶为 2", "of order 2", _edwards(_P - 1)),
    ("的阶为 4", "of order 4", _edwards(0)),
    ("的阶为 4，带符号", "of order 4 with the sign", _edwards(0, 1)),
    ("的阶为 8", "of order 8", _edwards(_Y_OF_8)),
    ("的阶为 8，带符号", "of order 8 with the sign", _edwards(_Y_OF_8, 1)),
    ("的阶为 8，另一点", "of order 8 another point", _edwards(_P - _Y_OF_8)),
)


def first_contact() -> Iterator[Row]:
    """Bundles for a verifier that has only the pin of the plain roots."""
    payload = encode_bundle(PLAIN)
    pair = sorted((signer("root-1"), signer("root-3")), key=lambda s: s.public.thumbprint)
    names = {s.public.thumbprint: label for label in ROOTS for s in (signer(label),)}
    one, two = (names[s.public.thumbprint] for s in pair)
    good = [_signature(one, payload), _signature(two, payload)]
    yield "two-of-three", "三取二", "two roots of three", _signed(PLAIN), ""
    yield "three-of-three", "三个都签", "all three", _signed(PLAIN, *ROOTS), ""
    yield (
        "stranger-too", "多出的外人签名不计", "a stranger's signature is ignored",
        _signed(PLAIN, "root-1", "root-3", "stranger"), "",
    )  # fmt: skip
    mixed = replace(PLAIN, roots=root_set(2, "root-1", "root-4"))
    yield (
        "other-roots", "根密钥集不是所核对的", "a root set that was not pinned",
        _signed(mixed, "root-1", "root-4"), "bundle.pin_mismatch",
    )  # fmt: skip
    lower = replace(PLAIN, roots=root_set(1, *ROOTS))
    yield (
        "lower-threshold", "门限被改低，指纹随之不同", "a lower threshold is another root set",
        _signed(lower), "bundle.pin_mismatch",
    )  # fmt: skip
    few = "bundle.too_few_signatures"
    for name, zh, en, data in (
        ("one-of-three", "只有一个签名", "one signature", _signed(PLAIN, "root-1")),
        ("root-and-stranger", "一个根加一个外人", "one root and a stranger",
         _signed(PLAIN, "root-1", "stranger")),
        ("bad-signature", "其中一个签名改了一位", "one bit of one signature changed",
         _envelope(payload, [good[0], _signature(two, payload, twist=spoil)])),
        ("high-s", "其中一个签名 s 大于 n/2", "one signature in the second form",
         _envelope(payload, [good[0], _signature(two, payload, twist=high_s)])),
        ("wrong-alg", "签名头写成另一算法", "a root's kid under another algorithm",
         _envelope(payload, [good[0], _signature(two, payload, alg=-19)])),
        ("borrowed-kid", "冒用另一根的 kid", "one root's signature under another's kid",
         _envelope(payload, sorted([
             good[0], _signature(one, payload, kid=signer(two).public.thumbprint),
         ]))),
        ("other-payload", "签名是对另一版的", "signatures over another version",
         _envelope(encode_bundle(replace(PLAIN, version=4)), list(good))),
        ("swapped-typ", "签名是作为救济名单签的", "signatures given for a rescue list",
         _swapped(payload)),
    ):  # fmt: skip
        yield name, zh, en, data, few
    strangers: tuple[tuple[str, str, str, dict[int, object], int], ...] = (
        ("unknown-alg", "外人用 ML-DSA-65 签名", "a stranger's signature by ML-DSA-65",
         {1: -49, 4: bytes(32)}, 3309),
        ("sm2", "外人用 SM2 签名（私用算法号）", "a stranger's signature by SM2, a private-use id",
         {1: -70_002, 4: bytes(32)}, 64),
        ("alg-text", "算法名是文本", "an algorithm that is text", {1: "SM2", 4: bytes(32)}, 64),
        ("16384-bytes", "签名有 16384 字节", "a signature of 16384 bytes",
         {1: -9, 4: bytes(32)}, 16_384),
        ("65-bytes", "外人的签名有 65 字节", "a stranger's signature of 65 bytes",
         {1: -9, 4: bytes(32)}, 65),
        ("short-kid", "外人的 kid 只有 1 字节", "a stranger's kid of 1 byte",
         {1: -9, 4: b"\0"}, 64),
        ("long-kid", "外人的 kid 有 64 字节", "a stranger's kid of 64 bytes",
         {1: -9, 4: bytes(64)}, 64),
        ("typ", "外人的签名头带 typ", "a typ in a stranger's header",
         {1: -9, 4: bytes(32), 16: "x"}, 64),
        ("header-16384-bytes", "外人的签名头有 16384 字节", "a stranger's header of 16384 bytes",
         {1: -9, 4: bytes(32), 33: bytes(16_341)}, 64),
    )  # fmt: skip
    for name, zh, en, header, length in strangers:
        by: object = (canon.encode(header), {}, bytes(length))
        yield f"stranger-{name}", zh, en, _envelope(payload, [by, *good]), ""
    for name, zh, en, label in (
        ("typ", "根的签名头带 typ 则不算数", "a root's header with a typ counts for nothing", 16),
        ("more", "根的签名头另有一项则不算数", "a root's header with more counts for nothing", -1),
    ):  # fmt: skip
        yield (
            f"root-{name}", zh, en, _envelope(payload, [good[0], _more(two, payload, label)]), few,
        )  # fmt: skip
    yield (
        "root-65-bytes", "根的签名多一字节", "a root's signature with a byte more",
        _envelope(payload, [good[0], (good[1][0], {}, good[1][2] + b"\0")]), few,
    )  # fmt: skip
    bad = "bundle.malformed"
    for name, zh, en, data in (
        ("same-signature-twice", "同一签名出现两次", "one signature twice",
         _envelope(payload, [good[0], good[0]])),
        ("signature-order", "签名次序颠倒", "signatures in descending order",
         _envelope(payload, good[::-1])),
        ("no-signatures", "没有签名", "no signatures", _envelope(payload, [])),
        ("signatures-bytes", "签名一栏是空字节串", "an empty byte string for the signatures",
         _envelope(payload, b"")),
        ("signatures-map", "签名一栏是空映射", "an empty map for the signatures",
         _envelope(payload, {})),
        ("signature-16385-bytes", "外人的签名有 16385 字节",
         "a stranger's signature of 16385 bytes",
         _envelope(payload, [(canon.encode({1: -9, 4: bytes(32)}), {}, bytes(16_385)), *good])),
        ("signature-header-16385-bytes", "外人的签名头有 16385 字节",
         "a stranger's header of 16385 bytes",
         _envelope(payload, [
             (canon.encode({1: -9, 4: bytes(32), 33: bytes(16_342)}), {}, bytes(64)), *good,
         ])),
        ("signature-no-kid", "外人的 kid 为空", "a stranger's kid of no bytes",
         _envelope(payload, [(canon.encode({1: -9, 4: b""}), {}, bytes(64)), *good])),
        ("signature-long-kid", "外人的 kid 有 65 字节", "a stranger's kid of 65 bytes",
         _envelope(payload, [(canon.encode({1: -9, 4: bytes(65)}), {}, bytes(64)), *good])),
        ("signature-alg-true", "算法是布尔", "an algorithm that is true",
         _envelope(payload, [(canon.encode({1: True, 4: bytes(32)}), {}, bytes(64)), *good])),
        ("signature-unprotected", "外人的签名有未保护头", "a stranger's unprotected header",
         _envelope(payload, [(canon.encode({1: -9, 4: bytes(32)}), {1: 1}, bytes(64)), *good])),
        ("signature-stranger-order", "外人的签名次序颠倒", "a stranger's signature out of order",
         _envelope(payload, [*good, (canon.encode({1: -49, 4: bytes(32)}), {}, bytes(3309))])),
        ("unprotected", "有未保护头", "an unprotected header",
         _envelope(payload, list(good), free={1: -9})),
        ("typ-of-rescue", "typ 是救济名单", "the typ of a rescue list",
         _envelope(payload, list(good), typ=RESCUE_TYP)),
        ("sign1", "COSE_Sign1 不能代替", "a COSE_Sign1 in its place",
         cose.sign1(payload, signer=signer("root-1"), typ=BUNDLE_TYP).to_bytes()),
        ("trailing", "末尾多一字节", "a byte after it", _signed(PLAIN) + b"\0"),
        ("empty", "空文件", "no bytes", b""),
    ):  # fmt: skip
        # Which of the two is asked first is the program's affair: nothing is believed either way.
        yield name, zh, en, data, few if name == "no-signatures" else bad
    yield (
        "schema-2",
        "更新的版本",
        "a newer schema",
        _raw(_edit([0], 2)),
        "bundle.version_unknown",
    )
    for zh, en, path, value in PAYLOADS:
        name = "payload-" + "-".join(en.split())
        yield name, zh, en, _raw(_edit(path, value)), bad
    yield (
        "payload-key-off-curve", "公钥不在曲线上", "a key that is no point of the curve",
        _raw(_with_key({1: 2, 3: -9, -1: 1, -2: bytes(32), -3: b"\1" * 32})), bad,
    )  # fmt: skip
    for zh, en, key in EDWARDS:
        name = "payload-ed25519-" + "-".join(re.findall(r"\w+", en))
        payload = _with_key({1: 1, 3: -19, -1: 6, -2: key})
        yield name, f"Ed25519 公钥{zh}", f"an Ed25519 key {en}", _raw(payload), bad
    second = {1: 2, 3: -9, -1: 1, -2: _P256_PRIME.to_bytes(32, "big"), -3: _Y_OF_0}
    yield (
        "payload-key-beyond-the-field", "坐标不小于域的素数",
        "a coordinate beyond the field's prime", _raw(_with_key(second)), bad,
    )  # fmt: skip
    yield "document-keys", "含只签文件的密钥", "keys that sign documents alone", _signed(SEALS), ""
    for zh, en, path, value in DOCUMENT_KEYS:
        name = "payload-" + "-".join(en.split())
        yield name, zh, en, _raw(_edit(path, value, of=SEALS)), bad
    yield from tomorrow.rows()
    yield from grid.rows()
    yield from envelopes.bundle_rows()
    yield (
        "payload-long-head", "非最短编码", "a head that is not the shortest",
        _raw(payload[:1] + b"\x00\x18\x01" + payload[3:]), bad,
    )  # fmt: skip


def _kid(signature: tuple[bytes, object, bytes]) -> bytes:
    header: Any = canon.decode(signature[0], max_bytes=1000)
    return bytes(header[4])


def _more(label: str, payload: bytes, header: int) -> tuple[bytes, object, bytes]:
    """A right signature by a root, under a header that says more."""
    who = signer(label)
    own = canon.encode({1: who.public.suite.alg, 4: who.public.thumbprint, header: "x"})
    body = canon.encode({16: BUNDLE_TYP})
    return own, {}, who.sign(cose.to_be_signed(body, payload, signer_protected=own))


def _swapped(payload: bytes) -> bytes:
    rescue = cose.sign(payload, signers=signers("root-1", "root-3"), typ=RESCUE_TYP)
    return replace(rescue, typ=BUNDLE_TYP, protected=canon.encode({16: BUNDLE_TYP})).to_bytes()


_TREE: Final[Any] = canon.decode(encode_bundle(PLAIN), max_bytes=1 << 20)
_KEYS: Final = _TREE[7]
_STEP: Final = [[1, 100]]
_AT: Final = {
    label: [key.public for key in PLAIN.keys].index(signer(label).public) for label in ("token",)
}
"""Where a key stands in the plain bundle."""
PAYLOADS: Final[tuple[tuple[str, str, list[int], object], ...]] = (
    ("版本 0", "schema 0", [0], 0),
    ("缺键", "a key missing", [5], ...),
    ("机关代号大写", "authority id in upper case", [1, 1], "Sample"),
    ("机关代号 41 字", "authority id of 41 characters", [1, 1], "a" * 41),
    ("名称为空", "an empty name", [1, 2], ""),
    ("名称含控制字符", "a control character in a name", [1, 3], "a\u0007b"),
    ("版本号 0", "version 0", [2], 0),
    ("下次更新早于签发", "next update before issued", [4], PLAIN.issued_s - 1),
    ("样例标记不是布尔", "example as an integer", [5], 1),
    ("门限 0", "threshold 0", [6, 1], 0),
    ("门限大于根数", "threshold above the number of roots", [6, 1], 4),
    ("没有根", "no roots", [6, 2], []),
    ("根重复", "a root twice", [6, 2], [PLAIN.roots.keys[0].to_cose()] * 2),
    ("根未排序", "roots in descending order", [6, 2],
     [key.to_cose() for key in PLAIN.roots.keys[::-1]]),
    ("密钥类型不符", "a key of an unknown type", [7, 0, 1, 1], 3),
    ("坐标 31 字节", "a coordinate of 31 bytes", [7, 0, 1, -2], bytes(31)),
    ("算法是映射", "an algorithm that is a map", [7, len(_KEYS) - 1, 1, 3], {}),
    ("算法是含映射的数组", "an algorithm that is an array of a map",
     [7, len(_KEYS) - 1, 1, 3], [{}]),
    ("没有用途", "no use", [7, 0, 3], []),
    ("用途未排序", "uses in descending order", [7, 0, 3], [2, 1]),
    ("停用早于启用", "not after before not before", [7, 0, 5], 18_000),
    ("没有历史", "no history", [7, 0, 6], []),
    ("历史不从启用开始", "a history that begins retired", [7, 0, 6], [[2, 100]]),
    ("历史时间不升", "history times that do not ascend", [7, 0, 6], [*_STEP, [2, 100]]),
    ("泄露之后还有", "a state after compromised", [7, 0, 6], [*_STEP, [3, 200], [2, 300]]),
    ("未知状态", "an unknown state", [7, 0, 6], [*_STEP, [4, 200]]),
    ("印章名为空", "an empty seal name", [7, 0, 7], ""),
    ("密钥未排序", "seal keys out of order", [7], _KEYS[::-1]),
    ("编号段宽度 19", "segment width 19", [8, 0, 2], 19),
    ("编号段末号小于首号", "segment last before first", [8, 0, 4], 1),
    ("编号段末号超宽", "segment last wider than its width", [8, 0, 4], 10**10),
    ("编号段层级 5", "segment body level 5", [8, 0, 6], 5),
    ("列表重复", "a list twice", [9], [{1: 1, 2: 0, 3: 1, 4: "https://a.example"}] * 2),
    ("列表号 65536", "list id 65536", [9, 0, 1], 65_536),
    ("名称 201 字", "a name of 201 characters", [1, 2], "样" * 201),
    ("下次更新晚于 9998 年", "next update after the year 9998", [4], 253_370_764_800),
    ("印章证书是另一密钥的", "a seal certificate of another key", [7, _AT["token"], 2],
     certificate("list")),
    ("印章证书不是证书", "a seal certificate that is none", [7, _AT["token"], 2], b"0\x03no "),
    ("印章证书后多一字节", "a byte after a seal certificate", [7, _AT["token"], 2],
     certificate("token") + b"\0"),
    ("印章证书为空", "a seal certificate of no bytes", [7, 0, 2], b""),
    ("印章证书过大", "a seal certificate of 16385 bytes", [7, 0, 2], bytes(16_385)),
    ("编号段前缀 201 字", "a segment prefix of 201 characters", [8, 0, 1], "4" * 201),
    ("宽度 0 而末号不为 0", "segment of width 0 with a last", [8, 2, 4], 1),
    ("历史项有三部分", "a state of three parts", [7, 0, 6], [[1, 100, 0]]),
    ("历史时间为负", "a state before 1970", [7, 0, 6], [[1, -1]]),
    ("历史时间晚于 9999 年", "a state after the year 9999", [7, 0, 6], [[1, 253_402_300_800]]),
    ("停用日晚于 2199 年", "not after beyond 2199", [7, 0, 5], 84_006),
    ("列表地址 201 字", "a list address of 201 characters", [9, 0, 4],
     "https://a.example/" + "a" * 183),
    ("网址模板 201 字", "a template of 201 characters", [10],
     "https://a.example/{number}" + "a" * 175),
    ("机关没有英文名", "an authority without its second name", [1, 3], ...),
    ("网址模板含空格", "a template with a space", [10], "https://a.example/ {number}"),
    ("网址模板无占位", "a template without its slot", [10], "https://a.example/"),
    ("网址模板两个占位", "a template with two slots", [10], "https://a.example/{number}{number}"),
    ("网址模板不是 https", "a template that is not https", [10], "http://a.example/{number}"),
)  # fmt: skip


_RSA, _LATTICE = (SEALS.keys.index(key) for key in document_keys())
_N: Final = rsa_modulus("rsa-1").to_bytes(384, "big")
DOCUMENT_KEYS: Final[tuple[tuple[str, str, list[int], object], ...]] = (
    ("RSA 密钥用于令牌", "an rsa key for tokens", [7, _RSA, 3], [1]),
    ("RSA 密钥用于名单", "an rsa key for lists and documents", [7, _RSA, 3], [2, 3]),
    ("RSA 密钥没有证书", "an rsa key without a seal certificate", [7, _RSA, 2], None),
    ("RSA 密钥配别人的证书", "an rsa key with the certificate of another", [7, _RSA, 2],
     certificate("rsa-2")),
    ("RSA 模数前有零字节", "an rsa modulus with a leading zero", [7, _RSA, 1, -1], b"\0" + _N),
    ("RSA 模数 3064 位", "an rsa modulus of 3064 bits", [7, _RSA, 1, -1], _N[:382] + b"\1"),
    ("RSA 模数 8200 位", "an rsa modulus of 8200 bits", [7, _RSA, 1, -1], b"\xff" * 1025),
    ("RSA 模数为偶数", "an even rsa modulus", [7, _RSA, 1, -1], _N[:-1] + b"\0"),
    ("RSA 指数 3", "an rsa exponent of 3", [7, _RSA, 1, -2], b"\3"),
    ("RSA 指数前有零字节", "an rsa exponent with a leading zero", [7, _RSA, 1, -2], b"\0\1\0\1"),
    ("RSA 密钥含私钥部分", "an rsa key with a private part", [7, _RSA, 1, -3], b"\1"),
    ("ML-DSA 密钥用于令牌", "an ml-dsa key for tokens", [7, _LATTICE, 3], [1, 3]),
    ("ML-DSA 密钥没有证书", "an ml-dsa key without a seal certificate", [7, _LATTICE, 2], None),
    ("ML-DSA 密钥 1951 字节", "an ml-dsa key of 1951 bytes", [7, _LATTICE, 1, -1], bytes(1951)),
    ("ML-DSA 密钥含种子", "an ml-dsa key with its seed", [7, _LATTICE, 1, -2], bytes(32)),
    ("RSA 作根", "a root of rsa", [6, 2, 2], {1: 3, 3: -257, -1: _N, -2: b"\1\0\1"}),
)  # fmt: skip


def successors() -> Iterator[Row]:
    """Bundles for a verifier that holds the plain one."""
    later = replace(PLAIN, version=4, issued_s=AT_S, next_update_s=AT_S + DAY_S)
    turned = replace(later, roots=root_set(2, "root-4", "root-5"))
    overlapping = replace(later, roots=root_set(2, "root-1", "root-4"))
    few = "bundle.too_few_signatures"
    yield "next", "下一版", "the next version", _signed(later), ""
    yield (
        "version-skipped",
        "跳过一版",
        "a version left out",
        _signed(replace(later, version=9)),
        "",
    )
    yield (
        "same-second", "同一秒签发的下一版", "issued in the same second",
        _signed(replace(later, issued_s=PLAIN.issued_s)), "",
    )  # fmt: skip
    yield (
        "rotation", "更换全部根：新旧门限都够", "all roots change: both thresholds are met",
        _signed(turned, "root-1", "root-2", "root-4", "root-5"), "",
    )  # fmt: skip
    yield (
        "rotation-overlap", "一个根留任，一签两用", "a root stays, and its signature counts twice",
        _signed(overlapping, "root-1", "root-2", "root-4"),
        "",
    )  # fmt: skip
    payload = encode_bundle(turned)
    by = [_signature(label, payload) for label in ("root-1", "root-2", "root-5")]
    for name, zh, en, twist in (
        ("bad", "新根之一的 EdDSA 签名改了一位", "one bit of a new root's EdDSA signature changed",
         spoil),
        ("long", "新根之一的 EdDSA 签名多一字节", "a new root's EdDSA signature with a byte more",
         lambda made: made + b"\0"),
    ):  # fmt: skip
        signed = sorted([*by, _signature("root-4", payload, twist=twist)], key=_kid)
        yield f"rotation-eddsa-{name}", zh, en, _envelope(payload, signed), few
    yield (
        "rotation-without-old", "只有新根签名", "only the new roots signed",
        _signed(turned, "root-4", "root-5"), few,
    )  # fmt: skip
    yield (
        "rotation-without-new", "只有旧根签名", "only the old roots signed",
        _signed(turned, "root-1", "root-2"), few,
    )  # fmt: skip
    yield "next-one-signature", "签名不足", "too few", _signed(later, "root-2"), few
    yield (
        "rollback", "版本更低", "a lower version", _signed(replace(later, version=2)),
        "bundle.rollback",
    )  # fmt: skip
    yield (
        "issued-earlier", "版本更高而签发更早", "a greater version issued earlier",
        _signed(replace(later, issued_s=PLAIN.issued_s - 1)), "bundle.rollback",
    )  # fmt: skip
    yield (
        "fork", "同版不同内容", "the same version with other content",
        _signed(replace(later, version=3)), "bundle.forked",
    )  # fmt: skip
    yield (
        "fork-earlier", "同版不同内容，签发更早",
        "the same version with other content, issued earlier",
        _signed(replace(PLAIN, issued_s=PLAIN.issued_s - 1)), "bundle.forked",
    )  # fmt: skip
    yield (
        "fork-unsigned", "同版不同内容而签名不足：不是证据",
        "the same version with other content, not signed enough: no evidence",
        _signed(replace(later, version=3), "root-1"), few,
    )  # fmt: skip
    yield (
        "example-real", "样例变为真实", "an example that becomes real",
        _signed(replace(later, example=False)), "bundle.example_changed",
    )  # fmt: skip
    yield (
        "unchanged", "即现有版本", "the current one again", _signed(PLAIN, "root-2", "root-3"),
        "bundle.unchanged",
    )  # fmt: skip
    tree: Any = canon.decode(encode_bundle(PLAIN), max_bytes=1 << 20)
    yield (
        "fork-uncritical", "同版而可忽略项不同", "the same version with another entry to ignore",
        _raw(canon.encode({**tree, -1: 0})), "bundle.forked",
    )  # fmt: skip
    twin = replace(PLAIN.segments[0], id=99, body="样例大学")
    yield (
        "next-segments-overlap", "下一版的编号段重叠", "the next version's segments overlap",
        _raw(canon.encode({
            **canon.decode(encode_bundle(later), max_bytes=1 << 20),  # type: ignore[dict-item]
            8: [*tree[8], {**tree[8][0], 0: twin.id, 5: twin.body}],
        })), "bundle.segments_overlap",
    )  # fmt: skip
    stranger = Authority("other", "另一样例省", "Other Province")
    yield (
        "other-authority", "另一机关", "another authority",
        _signed(replace(later, authority=stranger)), "bundle.wrong_authority",
    )  # fmt: skip
    yield from grid.root_rows()


def rescues() -> Iterator[Row]:
    """Rescue lists for a verifier that holds the plain bundle."""
    rescue = make_rescue(
        [bytes(16), b"\x01" * 16, b"\xff" * 16],
        authority_id="sample",
        thumbprint=signer("stolen").public.thumbprint,
        issued_s=AT_S,
        number=1,
    )
    payload = encode_rescue(rescue)

    def raw(changed: Rescue | None = None, data: bytes = payload, typ: str = RESCUE_TYP) -> bytes:
        if changed is not None:
            data = canon.encode({
                0: 1, 1: changed.authority_id, 2: changed.thumbprint, 3: changed.issued_s,
                4: changed.digests, 5: changed.number,
            })  # fmt: skip
        return cose.sign(data, signers=signers("root-1", "root-3"), typ=typ).to_bytes()

    bad = "bundle.rescue_malformed"
    yield "rescue", "救济名单", "a rescue list", raw(), ""
    for name, zh, en, issued_s in (
        ("last", "最晚的签发时间", "issued in the last second there is", 253_370_764_799),
        ("first", "最早的签发时间", "issued in the first second there is", 0),
    ):  # fmt: skip
        made = _entries(payload, **{"3": issued_s})
        yield f"rescue-issued-{name}", zh, en, raw(data=made), ""
    yield "rescue-empty", "空名单", "an empty one", raw(replace(rescue, digests=b"")), ""
    yield (
        "rescue-one-signature", "签名不足", "too few signatures",
        sign_rescue(rescue, signers=signers("root-1")), "bundle.too_few_signatures",
    )  # fmt: skip
    yield (
        "rescue-other-authority", "另一机关", "another authority",
        raw(replace(rescue, authority_id="other")), "bundle.wrong_authority",
    )  # fmt: skip
    for name, zh, en, data in (
        ("rescue-order", "摘要未排序", "digests out of order",
         raw(replace(rescue, digests=rescue.digests[16:] + rescue.digests[:16]))),
        ("rescue-twice", "摘要重复", "a digest twice", raw(replace(rescue, digests=bytes(32)))),
        ("rescue-length", "摘要长度不齐", "digests of 17 bytes",
         raw(replace(rescue, digests=bytes(16) + b"\1"))),
        ("rescue-digests-text", "摘要是文本", "digests that are text",
         raw(data=_entries(payload, **{"4": "x" * 16}))),
        ("rescue-issued-9999", "签发于 9999 年", "issued in the year 9999",
         raw(data=_entries(payload, **{"3": 253_370_764_800}))),
        ("rescue-issued-negative", "签发早于 1970 年", "issued before 1970",
         raw(data=_entries(payload, **{"3": -1}))),
        ("rescue-thumbprint-text", "指纹是文本", "a thumbprint that is text",
         raw(data=_entries(payload, **{"2": "x" * 32}))),
        ("rescue-schema-text", "版本是文本", "a schema that is text",
         raw(data=_entries(payload, **{"0": "2"}))),
        ("rescue-schema-true", "版本为 true", "schema true",
         raw(data=_entries(payload, **{"0": True}))),
        ("rescue-thumbprint", "指纹 31 字节", "a thumbprint of 31 bytes",
         raw(replace(rescue, thumbprint=bytes(31)))),
        ("rescue-number-0", "编号 0", "number 0", raw(replace(rescue, number=0))),
        ("rescue-array", "不是映射", "an array", raw(data=canon.encode([1]))),
        ("rescue-schema-0", "版本 0", "schema 0", raw(data=_entries(payload, **{"0": 0}))),
        ("rescue-no-number", "没有编号", "no number", raw(data=_entries(payload, 5))),
        ("rescue-number-true", "编号为 true", "number true",
         raw(data=_entries(payload, **{"5": True}))),
        ("rescue-typ", "typ 是信任包", "the typ of a bundle", raw(typ=BUNDLE_TYP)),
    ):  # fmt: skip
        yield name, zh, en, data, bad
    yield (
        "rescue-uncritical", "未知而可忽略的项", "an unknown entry that is ignored",
        raw(data=_entries(payload, **{"-1": [1]})), "",
    )  # fmt: skip
    yield (
        "rescue-unknown", "未知的项", "an unknown entry",
        raw(data=_entries(payload, **{"6": 1})), "bundle.version_unknown",
    )  # fmt: skip
    yield (
        "rescue-schema-2", "更新的版本", "a newer schema",
        raw(data=canon.encode({0: 2})), "bundle.version_unknown",
    )  # fmt: skip


def _entries(payload: bytes, *gone: int, **new: object) -> bytes:
    """A payload without some entries and with others."""
    entries: Any = canon.decode(payload, max_bytes=1 << 20)
    for label in gone:
        del entries[label]
    return canon.encode({**entries, **{int(label): item for label, item in new.items()}})


def _check(name: str, data: bytes, code: str, *, door: str, pin: bytes) -> Json | None:
    """What the library says: the facts of a believed one, or the code."""
    try:
        if door == "rescue":
            held = open_rescue(data, bundle=PLAIN)
            facts: Json = {"thumbprint": held.thumbprint.hex(), "digests": len(held)}
        else:
            bundle = open_bundle(data, pin=pin) if door == "pin" else open_next(data, current=PLAIN)
            facts = describe(bundle)
    except TrustError as error:
        if error.code != code:
            raise WrongVectorError(name, error.code) from error
        return None
    if code:
        raise WrongVectorError(name, "believed")
    return facts


def describe(bundle: Bundle) -> Json:
    """The facts of a bundle that vectors compare."""
    return {
        "authority": bundle.authority.id,
        "version": bundle.version,
        "fingerprint": fingerprint(bundle.roots).hex(),
        "words": [spell_words(fingerprint(bundle.roots), language) for language in ("zh", "en")],
        "kids": [key.public.kid.hex() for key in bundle.keys],
        "url": url_for(bundle, "样-1/2"),
    }


def bundles_file() -> Json:
    """The content of bundles.json."""
    pin = fingerprint(PLAIN.roots)
    doors = (("pin", first_contact()), ("current", successors()), ("rescue", rescues()))
    return {
        "pin": pin.hex(),
        "current": _signed(PLAIN).hex(),
        "vectors": [
            {
                "name": name,
                "shows": shows(zh, en),
                "door": door,
                "data": data.hex(),
                "code": code or None,
                "facts": _check(name, data, code, door=door, pin=pin),
            }
            for door, rows in doors
            for name, zh, en, data, code in rows
        ],
    }
