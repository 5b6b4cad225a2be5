"""bundles.json, continued: scopes, contacts and segments, and what programs to come may add."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tests.vectors.make.shop import signers
from tests.vectors.make.worlds import plain_bundle

from etitle import canon, cose
from etitle.trust.bundle import encode_bundle
from etitle.trust.roots import BUNDLE_TYP

Row = tuple[str, str, str, bytes, str]
Map = dict[int, Any]

NEWER: Final = "bundle.version_unknown"
_BAD: Final = "bundle.malformed"
_SM2_KEY: Final[Map] = {1: 2, 3: -70_001, -1: -70_001, -2: b"\x11" * 32, -3: b"\x22" * 32}
"""A key as SM2 with SM3 may be written one day: private-use algorithm and curve."""
_LARGE_KEY: Final[Map] = {1: 7, 3: -50, -1: bytes(2592)}
"""ML-DSA-87, which no program knows today."""


def _tree() -> Map:
    tree: Map = canon.decode(encode_bundle(plain_bundle()), max_bytes=1 << 20)  # type: ignore[assignment]
    return tree


def _sealed(tree: Map, *labels: str) -> bytes:
    chosen = signers(*labels or ("root-1", "root-3"))
    return cose.sign(canon.encode(tree), signers=chosen, typ=BUNDLE_TYP).to_bytes()


def _by_key(items: list[Map]) -> list[Map]:
    return sorted(items, key=lambda item: canon.encode(item[1]))


def _each(changes: Map, label: int) -> bytes:
    """The plain bundle with entries added to each map of an array."""
    tree = _tree()
    return _sealed({**tree, label: [{**item, **changes} for item in tree[label]]})


def _key(changes: Map) -> bytes:
    """The plain bundle with entries of its first key added or replaced."""
    tree = _tree()
    first, *rest = tree[7]
    return _sealed({**tree, 7: [{**first, **changes}, *rest]})


def _with(changes: Map) -> bytes:
    return _sealed({**_tree(), **changes})


def _lists(count: int) -> list[Map]:
    return [{**_tree()[9][0], 1: n} for n in range(count)]


def believed() -> Iterator[Row]:
    """Bundles of tomorrow that today's verifier reads (clauses 5.11 and 5.12)."""
    tree = _tree()
    first = tree[7][0]
    for name, zh, en, data in (
        ("newer-keys", "含未来套件的密钥", "keys of suites to come",
         _with({7: _by_key([*tree[7], {**first, 1: _SM2_KEY}, {**first, 1: _LARGE_KEY, 2: b"x509",
                                                             3: [9]}])})),
        ("newer-text-algorithm", "算法以文本写出", "an algorithm named by a text",
         _with({7: _by_key([*tree[7], {**first, 1: {1: "SM2", 3: "SM2-SM3"}}])})),
        ("newer-use", "含未知的密钥用途", "a use that is not known", _key({3: [*first[3], 9]})),
        ("newer-uses-only", "只有未知用途的密钥", "a key with none but unknown uses",
         _key({3: [8, 9]})),
        ("uncritical-entries", "含可忽略的未知项", "unknown entries that may be ignored",
         _sealed({
             **tree, -1: "later", 1: {**tree[1], -1: 1}, 7: [{**k, -3: b""} for k in tree[7]],
             8: [{**s, -1: None} for s in tree[8]], 9: [{**e, -1: 5} for e in tree[9]],
             11: {1: "窗口", -1: {}},
         })),
        ("scope", "密钥有签发范围", "a key with a scope",
         _key({9: {1: ["样例大学"], 2: [1, 2], 3: [2, 5], 4: [0, 7]}})),
        ("scope-uncritical", "范围含可忽略的未知项", "a scope with an entry that may be ignored",
         _key({9: {1: ["样例大学"], -1: 0}})),
        ("contact", "咨询方式", "a contact",
         _with({11: {1: "服务窗口", 2: "000-00000000", 3: "https://zc.sample.cn/query"}})),
        ("lists-64", "六十四份列表", "64 lists", _with({9: _lists(64)})),
        ("segments-of-one-body-overlap", "同一机构的编号段可以重叠",
         "segments of one body may overlap", _with({8: [*tree[8], {**tree[8][0], 0: 99}]})),
    ):  # fmt: skip
        yield name, zh, en, data, ""


def newer() -> Iterator[Row]:
    """Bundles with an entry that must not be ignored."""
    tree = _tree()
    for name, zh, en, data in (
        ("top", "信任包", "the bundle", _with({12: 0})),
        ("text", "以文本为标签", "a label that is a text", _with({"x": 0})),  # type: ignore[dict-item]
        ("authority", "机关", "the authority", _with({1: {**tree[1], 4: 0}})),
        ("roots", "根", "the root set", _with({6: {**tree[6], 3: 0}})),
        ("key", "密钥", "a key", _key({10: 0})),
        ("scope", "签发范围", "a scope", _key({9: {1: ["样例大学"], 5: [1]}})),
        ("segment", "编号段", "a segment", _each({9: 0}, 8)),
        ("list", "列表", "a list's entry", _each({5: 0}, 9)),
        ("contact", "咨询方式", "the contact", _with({11: {1: "窗口", 4: 0}})),
    ):  # fmt: skip
        yield (
            f"newer-entry-{name}", f"不可忽略的未知项：{zh}",
            f"an unknown entry that is critical: {en}", data, NEWER,
        )  # fmt: skip


def malformed() -> Iterator[Row]:
    """Entries of the right label and the wrong shape."""
    tree = _tree()
    first = tree[7][0]
    for name, zh, en, data in (
        ("roots-uncritical", "根集合不含其他项", "a root set has no other entry",
         _with({6: {**tree[6], -1: 0}})),
        ("newer-key-twice", "未知密钥重复", "an unknown key twice",
         _with({7: _by_key([*tree[7], {**first, 1: _SM2_KEY}, {**first, 1: _SM2_KEY}])})),
        ("newer-key-order", "未知密钥未排序", "an unknown key out of order",
         _with({7: [*tree[7], {**first, 1: _LARGE_KEY}]})),
        ("newer-key-certificate", "未知密钥的证书过大",
         "an unknown key's certificate of 16,385 bytes",
         _with({7: _by_key([*tree[7], {**first, 1: _SM2_KEY, 2: bytes(16_385)}])})),
        ("newer-key-without-kty", "未知密钥没有类型", "an unknown key without a type",
         _with({7: _by_key([*tree[7], {**first, 1: {3: -70_001}}])})),
        ("known-key-newer-curve", "已知算法配未知曲线", "a known algorithm with an unknown curve",
         _with({7: _by_key([*tree[7], {**first, 1: {1: 2, 3: -9, -1: 9, -2: bytes(32),
                                                   -3: bytes(32)}}])})),
        ("use-0", "用途 0", "use 0", _key({3: [0]})),
        ("scope-empty", "空的范围", "an empty scope", _key({9: {}})),
        ("scope-part-empty", "范围的一项为空", "an empty part of a scope", _key({9: {1: []}})),
        ("scope-body-empty", "范围的机构名为空", "an approving body without a name in a scope",
         _key({9: {1: [""]}})),
        ("scope-order", "范围的机构未排序", "bodies of a scope out of order",
         _key({9: {1: ["乙", "丙", "甲"]}})),
        ("scope-body-level-5", "层级 5", "body level 5 in a scope", _key({9: {2: [5]}})),
        ("scope-level-6", "级别 6", "level 6 in a scope", _key({9: {3: [6]}})),
        ("scope-level-order", "级别未排序", "levels of a scope out of order",
         _key({9: {3: [2, 1]}})),
        ("scope-segment-order", "编号段未排序", "segments of a scope out of order",
         _key({9: {4: [2, 1]}})),
        ("scope-segment-2-32", "编号段号 2^32", "segment 2^32 in a scope",
         _key({9: {4: [1 << 32]}})),
        ("contact-office", "咨询方式没有单位", "a contact without an office",
         _with({11: {2: "0"}})),
        ("contact-url", "查询网址不是 https", "a query address that is not https",
         _with({11: {1: "窗口", 3: "http://zc.sample.cn/"}})),
        ("contact-url-space", "查询网址含空格", "a query address with a space",
         _with({11: {1: "窗口", 3: "https://zc.sample.cn/ q"}})),
        ("contact-empty", "电话为空", "an empty telephone", _with({11: {1: "窗口", 2: ""}})),
        ("lists-65", "六十五份列表", "65 lists", _with({9: _lists(65)})),
        ("segment-id-twice", "编号段号重复", "a segment id twice", _each({0: 1}, 8)),
        ("segment-id-order", "编号段号未排序", "segment ids in descending order",
         _with({8: tree[8][::-1]})),
        ("segment-id-2-32", "编号段号 2^32", "segment id 2^32",
         _with({8: [*tree[8][:-1], {**tree[8][-1], 0: 1 << 32}]})),
    ):  # fmt: skip
        yield f"payload-{name}", zh, en, data, _BAD


def overlaps() -> Iterator[Row]:
    """Segments of two bodies that take one number on one day (clause 5.7), and that do not."""
    tree = _tree()
    region = {1: "46", 2: 4, 3: 1000, 4: 1999, 5: "样例省职改办", 6: 1, 7: 18_262, 8: 19_000}
    other = {**region, 0: 91, 5: "样例大学"}

    def pair(**changes: object) -> bytes:
        second = {**other, **{int(key[1:]): value for key, value in changes.items()}}
        return _with({8: [*tree[8], {**region, 0: 90}, second]})

    for name, zh, en, data in (
        ("same", "同一段", "the same numbers", pair()),
        ("touching", "首尾相接重一号", "one number in common", pair(_3=1999, _4=2500)),
        ("longer-prefix", "前缀更长", "a longer prefix", pair(_1="461", _2=3, _3=999, _4=999)),
        ("shorter-prefix", "前缀更短", "a shorter prefix",
         pair(_1="4", _2=5, _3=61_999, _4=62_000)),
        ("no-prefix", "没有前缀", "no prefix", pair(_1="", _2=6, _3=0, _4=999_999)),
        ("level", "同一机构的另一层级", "the same body at another level", pair(_5=region[5], _6=2)),
        ("day", "只重一天", "one day in common", pair(_7=19_000, _8=None)),
        ("width-0", "宽度 0 的同一前缀", "one prefix of width 0",
         _with({8: [*tree[8], {**tree[8][2], 0: 90, 5: "样例大学"}]})),
    ):  # fmt: skip
        yield (
            f"segments-overlap-{name}",
            f"编号段重叠：{zh}",
            f"segments overlap: {en}",
            data,
            ("bundle.segments_overlap"),
        )
    for name, zh, en, data in (
        ("next", "首尾相接不重", "one after the other", pair(_3=2000, _4=2500)),
        ("width", "位数不同", "another number of digits", pair(_2=5, _3=0, _4=99_999)),
        ("longer-prefix", "前缀更长而不重", "a longer prefix", pair(_1="462", _2=3, _3=0, _4=999)),
        ("days", "日期不重", "other days", pair(_7=19_001, _8=None)),
        ("width-0", "宽度 0 的同一前缀", "the same prefix of width 0",
         pair(_1="46", _2=0, _3=0, _4=0)),
        ("width-0-longer", "宽度 0 的更长前缀", "a longer prefix of width 0",
         pair(_1="461000", _2=0, _3=0, _4=0)),
        ("prefix", "前缀不同", "another prefix", pair(_1="47")),
        ("letter", "前缀更长，多出的不是数字", "a longer prefix by a letter",
         pair(_1="46A", _2=3, _3=0, _4=999)),
    ):  # fmt: skip
        yield f"segments-apart-{name}", f"编号段不重叠：{zh}", f"segments apart: {en}", data, ""


def rows() -> Iterator[Row]:
    """All of this file."""
    yield from believed()
    yield from newer()
    yield from malformed()
    yield from overlaps()
