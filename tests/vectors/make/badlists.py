"""lists.json: lists and deltas that are refused, at least one for each code."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

from tests.vectors.make.rows import Row, plain_list, relabelled
from tests.vectors.make.shop import Shop, claims_of, high_s, signed, spoil
from tests.vectors.make.worlds import AT_S, PLAIN_ENTRIES

from etitle import canon, cose
from etitle.trust.delta import DELTA_TYP
from etitle.trust.status import StatusEntry
from etitle.trust.statuslist import LIST_TYP

Claims: TypeAlias = dict[Any, Any]
Change: TypeAlias = Callable[[Claims], None]
"""Makes the claims of a good list bad."""


def bad_lists(shop: Shop) -> Iterator[Row]:
    """Lists that are refused, at least one for each code."""
    plain = plain_list()
    good = shop.list(plain, "list")
    token = cose.parse_sign1(good, max_bytes=1 << 20)
    for name, zh, en, data, code in (
        ("signer-unknown", "密钥不在信任包中", "a key of no bundle", shop.list(plain, "stranger"),
         "signer_unknown"),
        ("signer-token-key", "密钥不可签列表", "a key that may not sign lists",
         shop.list(plain, "token"), "signer_unknown"),
        ("signer-compromised", "密钥已泄露", "a compromised key", shop.list(plain, "stolen"),
         "signer_unknown"),
        ("suite-mismatch", "算法与密钥不符", "an algorithm that is not the key's",
         relabelled(token, alg=-19), "suite_mismatch"),
        ("high-s", "s 大于 n/2", "the second form of the signature",
         replace(token, signature=high_s(token.signature)).to_bytes(), "signature_second_form"),
        ("signature-bit", "签名改了一位", "one bit of the signature changed",
         replace(token, signature=spoil(token.signature)).to_bytes(), "signature_bad"),
        ("other-authority", "另一机关的列表", "another authority's list",
         shop.list(replace(plain, authority_id="other"), "list"), "wrong_authority"),
        ("state-hash", "状态摘要不符", "a state hash of something else",
         shop.resign_list(good, "list", _7=bytes(32)), "state_hash"),
        ("typ-delta", "typ 是增量", "the typ of a delta",
         signed(claims_of(good), "list", typ=DELTA_TYP), "malformed"),
        ("no-typ", "没有 typ", "no typ", signed(claims_of(good), "list", typ=None), "malformed"),
        ("trailing", "末尾多一字节", "a byte after it", good + b"\0", "malformed"),
        ("empty", "空文件", "no bytes", b"", "malformed"),
        ("algorithm", "不认识的算法", "an unknown algorithm",
         relabelled(token, alg=-7), "malformed"),
        ("signature-63", "签名 63 字节", "a signature of 63 bytes",
         replace(token, signature=token.signature[1:]).to_bytes(), "malformed"),
    ):  # fmt: skip
        yield Row(f"bad-{name}", zh, en, data, f"list.{code}")
    yield from _bad_claims(shop, good)


def _bad_claims(shop: Shop, good: bytes) -> Iterator[Row]:
    table = plain_list().table
    columns = table.kinds + table.lows + table.highs
    names = table.successors

    def lst(bits: bytes) -> Change:
        return lambda claims: claims[65533].update(lst=shop.zlib(bits))

    def col(data: bytes) -> Change:
        return lambda claims: claims[-70001].update({8: shop.zlib(data)})

    def suc(value: object) -> Change:
        return lambda claims: claims[-70001].update({9: shop.zlib(canon.encode(value))})

    def claim(**changes: object) -> Change:
        return lambda claims: claims.update({int(k[1:]): v for k, v in changes.items()})

    def private(**changes: object) -> Change:
        return lambda claims: claims[-70001].update({int(k[1:]): v for k, v in changes.items()})

    def tail(claims: Claims) -> None:
        claims[65533].update(lst=shop.zlib(b"\x10"))
        claims[-70001].update({5: 2, 8: shop.zlib(b"\x01\x00\x00"), 9: shop.zlib(b"\x80")})

    short = bytes(ord("\1") if n == 25 else 0 for n in range(250))
    beyond = canon.decode(names, max_bytes=1000)
    rows: tuple[tuple[str, str, str, Change, str], ...] = (
        ("bits-bomb", "状态位解压过长", "status bits beyond their size", lst(bytes(251)), "bomb"),
        ("bits-short", "状态位太短", "too few status bits", lst(bytes(249)), "malformed"),
        ("bits-less", "状态位与列数不符", "fewer statuses than columns", lst(short), "bomb"),
        ("columns-bomb", "列解压过长", "columns beyond their size", col(columns + b"\0"), "bomb"),
        ("columns-short", "列太短", "columns too short", col(columns[:-1]), "malformed"),
        ("kind-0", "种类 0", "kind 0", col(b"\0" + columns[1:]), "malformed"),
        ("kind-7", "种类 7", "kind 7", col(b"\7" + columns[1:]), "malformed"),
        ("kind-status", "种类与状态不符", "a kind that is not of its status",
         col(b"\5" + columns[1:]), "malformed"),
        ("successors-order", "补发证号未排序", "successors out of order",
         suc([*beyond][::-1] if isinstance(beyond, tuple) else None), "malformed"),
        ("successors-kind", "未补发的有新证号", "a successor of what is not superseded",
         suc([[100, 5]]), "malformed"),
        ("successors-beyond", "新证号的序号超出覆盖", "a successor beyond the coverage",
         suc([[1000, 5]]), "malformed"),
        ("successors-text", "可为整数的新证号写成文本", "a successor as text that is an integer",
         suc([[105, "5"]]), "malformed"),
        ("successors-41", "新证号 41 字", "a successor of 41 characters",
         suc([[105, "S" * 41]]), "malformed"),
        ("successors-bomb", "新证号解压过长", "successors beyond their bound",
         suc([[105, "S" * 2000]]), "bomb"),
        ("zlib-trailing", "zlib 之后还有字节", "a byte after the zlib stream",
         private(_9=shop.zlib(names) + b"\0"), "malformed"),
        ("zlib-none", "不是 zlib", "no zlib stream", private(_9=names), "malformed"),
        ("zlib-raw", "没有 zlib 头", "raw DEFLATE", private(_9=_raw(names)), "malformed"),
        ("bits-1", "每序号一位", "one bit an index",
         lambda claims: claims[65533].update(bits=1), "malformed"),
        ("coverage-beyond", "覆盖超过 2^27", "a coverage above 2^27",
         private(_5=(1 << 27) + 1), "malformed"),
        ("coverage-tail", "覆盖之外的状态位", "a status bit beyond the coverage",
         tail, "malformed"),
        ("list-id", "列表号 65536", "list id 65536", private(_2=65_536), "malformed"),
        ("sequence-0", "序号 0", "sequence 0", private(_4=0), "malformed"),
        ("previous-31", "前一摘要 31 字节", "a previous hash of 31 bytes", private(_6=bytes(31)),
         "malformed"),
        ("expires-early", "到期早于签发", "expires before issued", claim(_4=AT_S - 3601),
         "malformed"),
        ("unknown-claim", "未知的声明", "an unknown claim", claim(_3="x"), "malformed"),
        ("unknown-entry", "未知的项", "an unknown entry", private(_10=1), "malformed"),
        ("epoch-true", "轮次为 true", "epoch true", private(_3=True), "malformed"),
    )  # fmt: skip
    for name, zh, en, change, code in rows:
        claims = claims_of(good)
        change(claims)
        yield Row(f"bad-{name}", zh, en, signed(claims, "list", typ=LIST_TYP), f"list.{code}")


def _raw(content: bytes) -> bytes:
    # One stored block: no compressor has a choice.
    size = len(content)
    return b"\x01" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + content


def bad_delta_claims(shop: Shop, good: bytes) -> Iterator[Row]:
    """Deltas whose claims are wrong, each signed by the right key."""
    before: dict[Any, Any] = dict(claims_of(good))
    count, k, gaps = before[11]
    columns = zlib.decompress(before[12])
    malformed = "list.delta_malformed"
    rows: tuple[tuple[str, str, str, dict[int, Any], str], ...] = (
        ("schema", "更新的版本", "a newer schema", {0: 2}, malformed),
        ("authority", "另一机关", "another authority", {1: "other"}, "list.wrong_authority"),
        ("list-id", "另一份列表", "another list", {2: 2}, "list.delta_gap"),
        ("epoch", "另一轮次", "another epoch", {3: 2}, "list.delta_gap"),
        ("base-hash", "底的摘要不符", "another base hash", {6: bytes(32)}, "list.delta_gap"),
        ("new-hash", "结果的摘要不符", "another new hash", {7: bytes(32)}, "list.delta_result"),
        ("sequence", "新序号不大于底", "a new sequence that is not greater", {5: 4}, malformed),
        ("coverage-less", "覆盖变小", "a smaller coverage", {8: 999, 11: [0, 0, b""],
         12: shop.zlib(b""), 13: shop.zlib(b"\x80")}, "list.delta_gap"),
        ("issued", "签发早于底", "issued before its base", {9: AT_S - 3601}, "list.delta_gap"),
        ("expires", "到期早于签发", "expires before issued", {10: 1}, malformed),
        ("count", "个数不符", "another count", {11: [int(count) + 1, k, gaps]}, malformed),
        ("count-less", "少数一个", "one too few", {11: [int(count) - 1, k, gaps]}, malformed),
        ("k-27", "参数 27", "k 27", {11: [count, 27, gaps]}, malformed),
        ("padding-byte", "多一字节填充", "a byte of padding too many",
         {11: [count, k, bytes(gaps) + b"\0"]}, malformed),
        ("padding-ones", "填充不为零", "padding that is not zeros",
         {11: [count, k, bytes(gaps[:-1]) + bytes((gaps[-1] | 1,))]}, malformed),
        ("kind-7", "种类 7", "kind 7", {12: shop.zlib(b"\7" + columns[1:])}, malformed),
        ("valid-day", "恢复有效却有日期", "a day of what is valid again",
         {12: shop.zlib(b"\0" + columns[1:])}, malformed),
        ("columns-bomb", "列解压过长", "columns beyond their size",
         {12: shop.zlib(columns + b"\0")}, "list.bomb"),
        ("columns-short", "列太短", "columns too short", {12: shop.zlib(columns[1:])}, malformed),
        ("successor-kind", "未补发的有新证号", "a successor of what is not superseded",
         {13: shop.zlib(canon.encode([[7, 5]]))}, malformed),
        ("successor-other", "未变更的有新证号", "a successor of what is not changed",
         {13: shop.zlib(canon.encode([[9, 5]]))}, malformed),
        ("unknown-key", "未知的键", "an unknown key", {14: 1}, malformed),
    )  # fmt: skip
    for name, zh, en, changes, code in rows:
        claims = {**before, **changes}
        data = signed(claims, "list", typ=DELTA_TYP)
        yield Row(f"bad-delta-{name}", zh, en, data, code, base="plain")
    same = PLAIN_ENTRIES[100]
    idle: dict[Any, Any] = {
        **before, 8: 1000, 11: [1, 6, _rice(100)],
        12: shop.zlib(bytes((int(same.kind), *_offset(same)))), 13: shop.zlib(b"\x80"),
    }  # fmt: skip
    yield Row("bad-delta-idle", "没有改变的变更", "a change that changes nothing",
              signed(idle, "list", typ=DELTA_TYP), malformed, base="plain")  # fmt: skip


def _rice(index: int) -> bytes:
    bits = "1" * (index >> 6) + "0" + f"{index & 63:06b}"
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _offset(entry: StatusEntry) -> bytes:
    return ((entry.day or 0) - 18_262).to_bytes(2, "little")
