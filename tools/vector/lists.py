"""lists.json: lists and deltas at every stage, look-ups, and refused files (docs/spec clause 6)."""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from etitle import canon, cose
from etitle.errors import TrustError
from etitle.trust.bundle import list_keys
from etitle.trust.delta import (
    DELTA_TYP,
    apply_delta,
    decode_gaps,
    make_delta,
    open_delta,
)
from etitle.trust.list import LIST_TYP, StatusList, open_list
from etitle.trust.status import Entry, Kind, StatusTable
from tools.vector.shop import Json, Shop, claims_of, high_s, shows, signed, signer, spoil
from tools.vector.worlds import AT_S, DAY_S, DAYS, PLAIN_ENTRIES, plain_bundle, status_lists

KEYS: Final = list_keys(plain_bundle())
_DAY: Final = DAYS(datetime.date(2026, 11, 20))
_LAST_DAY: Final = 18_262 + 65_535


@dataclass(frozen=True)
class Row:
    """One signed file before it is judged.

    Attributes:
        name: unique.
        zh: what it shows.
        en: the same.
        data: the signed file.
        code: expected error code; empty where it is believed.
        base: for deltas, the name of the list or delta it is applied to.
        look_ups: indices to look up in the result.
    """

    name: str
    zh: str
    en: str
    data: bytes
    code: str = ""
    base: str = ""
    look_ups: tuple[int, ...] = ()


def _plain() -> StatusList:
    return status_lists()["plain"][0]


def _table(coverage: int, entries: dict[int, Entry], **changes: int) -> StatusTable:
    return StatusTable.from_entries(
        list_id=changes.get("list_id", 1), epoch=changes.get("epoch", 1), coverage=coverage,
        entries=entries,
    )  # fmt: skip


def lists(shop: Shop) -> Iterator[Row]:
    """Lists that are believed."""
    plain = _plain()
    around = tuple(range(98, 110))
    yield Row("plain", "各种状态", "every kind", shop.list(plain, "list"),
              look_ups=(0, *around, 999, 1000))  # fmt: skip
    yield Row("empty", "覆盖为零", "covers nothing",
              shop.list(replace(plain, table=_table(0, {})), "list"), look_ups=(0,))  # fmt: skip
    yield Row("eddsa", "EdDSA 签名", "signed with EdDSA", shop.list(plain, "list-eddsa"),
              look_ups=(100,))  # fmt: skip
    edges = {
        0: Entry(Kind.SUPERSEDED, _DAY, "1"),
        1: Entry(Kind.VOIDED, 18_262),
        2: Entry(Kind.SUSPENDED, _LAST_DAY),
        3: Entry(Kind.SUPERSEDED, _DAY, "999999999999999999"),
        4: Entry(Kind.SUPERSEDED, _DAY, "0" + "9" * 39),
        5: Entry(Kind.SUPERSEDED, _DAY, "𠮷" * 40),
    }
    yield Row("edges", "最小与最大的值", "the least and greatest values",
              shop.list(replace(plain, table=_table(6, edges)), "list"),
              look_ups=tuple(range(7)))  # fmt: skip
    wide = {
        index: Entry(Kind.SUPERSEDED, _DAY, str(4520261000000000 + index))
        for index in (23, 24, 255, 256, 257, 65_535, 65_536, 99_999)
    }
    yield Row("wide", "跨块与跨编码宽度的序号", "indices across blocks and head widths",
              shop.list(replace(plain, table=_table(100_000, wide)), "list"),
              look_ups=(22, *wide, 65_537, 100_000))  # fmt: skip
    many = {
        index: Entry(Kind(index % 6 + 1), _DAY - index % 700) for index in range(5, 20_000, 53)
    }
    yield Row("many", "二万个序号中 378 个失效", "378 of 20,000 not valid",
              shop.list(replace(plain, table=_table(20_000, many)), "list"),
              look_ups=(4, 5, 6, 58, 111, 19_986, 19_999))  # fmt: skip
    first = replace(plain, sequence=1, previous=None)
    yield Row("first", "一轮的第一份", "the first of an epoch", shop.list(first, "list"))


def bad_lists(shop: Shop) -> Iterator[Row]:
    """Lists that are refused, at least one for each code."""
    plain = _plain()
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
         _headers(token, alg=-19), "suite_mismatch"),
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
        ("algorithm", "不认识的算法", "an unknown algorithm", _headers(token, alg=-7), "malformed"),
        ("signature-63", "签名 63 字节", "a signature of 63 bytes",
         replace(token, signature=token.signature[1:]).to_bytes(), "malformed"),
    ):  # fmt: skip
        yield Row(f"bad-{name}", zh, en, data, f"list.{code}")
    yield from _bad_claims(shop, good)


def _headers(token: cose.Sign1, *, alg: int) -> bytes:
    protected = canon.encode({1: alg, 4: token.kid, 16: token.typ})
    return replace(token, protected=protected).to_bytes()


def _bad_claims(shop: Shop, good: bytes) -> Iterator[Row]:
    table = _plain().table
    columns = table.kinds + table.lows + table.highs
    names = table.successors

    def lst(bits: bytes) -> Callable[[Any, Any], None]:
        return lambda claims, own: claims[65533].update(lst=shop.zlib(bits))

    def col(data: bytes) -> Callable[[Any, Any], None]:
        return lambda claims, own: own.update({8: shop.zlib(data)})

    def suc(value: object) -> Callable[[Any, Any], None]:
        return lambda claims, own: own.update({9: shop.zlib(canon.encode(value))})

    def claim(**changes: object) -> Callable[[Any, Any], None]:
        return lambda claims, own: claims.update({int(k[1:]): v for k, v in changes.items()})

    def private(**changes: object) -> Callable[[Any, Any], None]:
        return lambda claims, own: own.update({int(k[1:]): v for k, v in changes.items()})

    def tail(claims: Any, own: Any) -> None:  # noqa: ANN401  # decoded claims
        claims[65533].update(lst=shop.zlib(b"\x10"))
        own.update({5: 2, 8: shop.zlib(b"\x01\x00\x00"), 9: shop.zlib(b"\x80")})

    short = bytes(ord("\1") if n == 25 else 0 for n in range(250))
    beyond = canon.decode(names, max_bytes=1000)
    rows: tuple[tuple[str, str, str, Callable[[Any, Any], None], str], ...] = (
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
         lambda claims, own: claims[65533].update(bits=1), "malformed"),
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
        change(claims, claims[-70001])
        yield Row(f"bad-{name}", zh, en, signed(claims, "list", typ=LIST_TYP), f"list.{code}")


def _raw(content: bytes) -> bytes:
    # One stored block: no compressor has a choice.
    size = len(content)
    return b"\x01" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + content


def _later(base: StatusList, changes: dict[int, Entry], *, coverage: int = 0) -> StatusList:
    table = base.table.changed(changes, coverage=coverage or base.table.coverage)
    return replace(
        base, table=table, sequence=base.sequence + 1, previous=base.table.state_hash(),
        issued_s=base.issued_s + DAY_S, expires_s=base.expires_s + DAY_S,
    )  # fmt: skip


_CHANGES: Final = {
    7: Entry(Kind.VOIDED, _DAY),
    8: Entry(Kind.SUPERSEDED, _DAY, "4520261000000009"),
    100: Entry(Kind.VALID),
    104: Entry(Kind.VALID),
    105: Entry(Kind.SUPERSEDED, _DAY),
    106: Entry(Kind.SUPERSEDED, _DAY, "样职证字第0009号"),
    1005: Entry(Kind.SUSPENDED, _DAY),
}


def deltas(shop: Shop) -> Iterator[Row]:
    """Deltas that are believed and those that are refused."""
    base = _plain()
    one = _later(base, _CHANGES, coverage=1010)
    two = _later(one, {105: Entry(Kind.VALID), 1009: Entry(Kind.OTHER, _DAY)})
    looks = (7, 8, 9, *range(99, 108), 1005, 1009, 1010)
    good = shop.delta(make_delta(base, one), "list")
    yield Row("delta", "各种变更", "every kind of change", good, base="plain", look_ups=looks)
    yield Row("delta-second", "接在增量之后", "after a delta",
              shop.delta(make_delta(one, two), "list-eddsa"), base="delta", look_ups=looks)  # fmt: skip
    yield Row("delta-span", "跨两个序号", "over two sequences",
              shop.delta(make_delta(base, two), "list"), base="plain", look_ups=looks)  # fmt: skip
    yield Row("delta-nothing", "没有变更", "no change",
              shop.delta(make_delta(base, _later(base, {})), "list"), base="plain",
              look_ups=(100,))  # fmt: skip
    wide = status_lists()["plain"][0]
    wide = replace(wide, table=_table(100_000, {}))
    spread = {n: Entry(Kind.VOIDED, _DAY) for n in (0, 1, 2, 50_000, 99_999)}
    yield Row("wide-base", "覆盖十万", "covers 100,000", shop.list(wide, "list"))
    yield Row("delta-wide", "稀疏的变更", "changes far apart",
              shop.delta(make_delta(wide, _later(wide, spread)), "list"), base="wide-base",
              look_ups=(0, 1, 2, 3, 50_000, 99_999))  # fmt: skip
    gap = "list.delta_gap"
    yield Row("bad-delta-base", "接错了底", "another base", good, gap, base="many")
    yield Row("bad-delta-twice", "重复应用", "applied twice", good, gap, base="delta")
    yield Row("bad-delta-order", "漏了一份", "one left out",
              shop.delta(make_delta(one, two), "list"), gap, base="plain")  # fmt: skip
    token = cose.parse_sign1(good, max_bytes=1 << 20)
    for name, zh, en, data, code in (
        ("signer", "密钥不在信任包中", "a key of no bundle",
         shop.delta(make_delta(base, one), "stranger"), "signer_unknown"),
        ("high-s", "s 大于 n/2", "the second form of the signature",
         replace(token, signature=high_s(token.signature)).to_bytes(), "signature_second_form"),
        ("signature", "签名改了一位", "one bit of the signature changed",
         replace(token, signature=spoil(token.signature)).to_bytes(), "signature_bad"),
        ("suite", "算法与密钥不符", "an algorithm that is not the key's",
         _headers(token, alg=-19), "suite_mismatch"),
        ("typ", "typ 是列表", "the typ of a list",
         signed(claims_of(good), "list", typ=LIST_TYP), "delta_malformed"),
    ):  # fmt: skip
        yield Row(f"bad-delta-{name}", zh, en, data, f"list.{code}", base="plain")
    yield from _bad_delta_claims(shop, good)


def _bad_delta_claims(shop: Shop, good: bytes) -> Iterator[Row]:
    before = claims_of(good)
    count, k, gaps = before[11]  # type: ignore[misc]
    columns = zlib.decompress(before[12])  # type: ignore[arg-type]
    malformed = "list.delta_malformed"
    rows: tuple[tuple[str, str, str, dict[int, object], str], ...] = (
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
    idle = {
        **before, 8: 1000, 11: [1, 6, _rice(100)],
        12: shop.zlib(bytes((int(same.kind), *_offset(same)))), 13: shop.zlib(b"\x80"),
    }  # fmt: skip
    yield Row("bad-delta-idle", "没有改变的变更", "a change that changes nothing",
              signed(idle, "list", typ=DELTA_TYP), malformed, base="plain")  # fmt: skip


def _rice(index: int) -> bytes:
    bits = "1" * (index >> 6) + "0" + f"{index & 63:06b}"
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _offset(entry: Entry) -> bytes:
    return ((entry.day or 0) - 18_262).to_bytes(2, "little")


class WrongListError(AssertionError):
    """A list or delta is believed or refused otherwise than its author meant."""


def _stages(data: bytes) -> Json:
    token = cose.parse_sign1(data, max_bytes=1 << 24)
    claims: Any = claims_of(data)
    stages: Json = {
        "protected": token.protected.hex(),
        "payload": token.payload.hex(),
        "sig_structure": token.to_be_signed().hex(),
    }
    if token.typ == LIST_TYP:
        own = claims[-70001]
        parts = {"bits": claims[65533]["lst"], "columns": own[8], "successors": own[9]}
        stages["state_hash"] = own[7].hex()
    else:
        parts = {"columns": claims[12], "successors": claims[13]}
        count, k, gaps = claims[11]
        found = decode_gaps(gaps, count=count, k=k, coverage=claims[8])
        stages |= {"rice": k, "gaps": gaps.hex(), "indices": found, "state_hash": claims[7].hex()}
    return stages | {name: zlib.decompress(part).hex() for name, part in parts.items()}


def _look_up(made: StatusList, index: int) -> Json:
    try:
        entry = made.table.look_up(index)
    except TrustError as error:
        return {"index": index, "code": error.code}
    return {
        "index": index, "kind": int(entry.kind), "day": entry.day, "successor": entry.successor,
    }  # fmt: skip


def _judge(row: Row, known: dict[str, StatusList]) -> StatusList | None:
    try:
        if row.base:
            delta = open_delta(row.data, authority_id="sample", keys=KEYS)
            made = apply_delta(known[row.base], delta)
        else:
            made = open_list(row.data, authority_id="sample", keys=KEYS)
    except TrustError as error:
        if error.code != row.code:
            raise WrongListError(f"{row.name}: {error.code}") from error
        return None
    if row.code:
        raise WrongListError(f"{row.name}: believed")
    return made


def lists_file(shop: Shop) -> Json:
    """The content of lists.json."""
    known: dict[str, StatusList] = {}
    vectors: list[Json] = []
    for row in (*lists(shop), *bad_lists(shop), *deltas(shop)):
        made = _judge(row, known)
        vector: Json = {
            "name": row.name,
            "shows": shows(row.zh, row.en),
            "base": row.base or None,
            "data": row.data.hex(),
            "code": row.code or None,
            "stages": None,
            "result": None,
        }
        if made is not None:
            known[row.name] = made
            vector["stages"] = _stages(row.data)
            vector["result"] = {
                "sequence": made.sequence,
                "coverage": made.table.coverage,
                "state_hash": made.table.state_hash().hex(),
                "issued_s": made.issued_s,
                "expires_s": made.expires_s,
                "look_ups": [_look_up(made, index) for index in row.look_ups],
            }
        vectors.append(vector)
    return {
        "authority": "sample",
        "keys": {
            label: canon.encode(signer(label).public.to_cose()).hex()
            for label in ("list", "list-eddsa")
        },
        "vectors": vectors,
    }
