"""lists.json: lists and deltas that are refused, at least one for each code."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final, TypeAlias

from tests.vectors.make.rows import FIRST_S, Row, plain_list, relabelled, timed
from tests.vectors.make.shop import Shop, claims_of, high_s, signed, spoil
from tests.vectors.make.worlds import AT_S, DAY_S, PLAIN_ENTRIES

from etitle import canon, cose
from etitle.trust.delta import DELTA_TYP
from etitle.trust.status import StatusEntry, StatusKind
from etitle.trust.statuslist import LIST_TYP

Claims: TypeAlias = dict[Any, Any]
LAST_S: Final = 253_370_764_799
"""The last second of the year 9998."""
Change: TypeAlias = Callable[[Claims], None]
"""Makes the claims of a good list bad."""


def bad_lists(shop: Shop) -> Iterator[Row]:
    """Lists that are refused, at least one for each code."""
    plain = plain_list()
    good = shop.list(plain, "list")
    token = cose.parse_sign1(good, max_bytes=1 << 20)
    eddsa = cose.parse_sign1(shop.list(plain, "list-eddsa"), max_bytes=1 << 20)
    for name, zh, en, data, code in (
        ("signer-unknown", "密钥不在信任包中", "a key of no bundle", shop.list(plain, "stranger"),
         "signer_unknown"),
        ("signer-token-key", "密钥不可签列表", "a key that may not sign lists",
         shop.list(plain, "token"), "signer_unknown"),
        ("outside-window", "密钥停用后签发", "issued after its key's last day",
         shop.list(plain, "list-old"), "outside_window"),
        ("after-window", "停用日之后、退役之前签发", "after its key's last day, before it retired",
         shop.list(timed(plain, 1_704_038_400), "list-old"), "outside_window"),
        ("before-window", "早于密钥启用日签发", "issued before its key's first day",
         shop.list(timed(plain, FIRST_S - 1), "list"), "outside_window"),
        ("retired-before", "密钥退役后签发", "issued after its key was retired",
         shop.list(timed(plain, 1_704_067_200), "list-retired"), "outside_window"),
        ("signer-compromised", "密钥已泄露", "a compromised key", shop.list(plain, "stolen"),
         "signer_unknown"),
        ("suite-mismatch", "算法与密钥不符", "an algorithm that is not the key's",
         relabelled(token, alg=-19), "suite_mismatch"),
        ("high-s", "s 大于 n/2", "the second form of the signature",
         replace(token, signature=high_s(token.signature)).to_bytes(), "signature_second_form"),
        ("signature-bit", "签名改了一位", "one bit of the signature changed",
         replace(token, signature=spoil(token.signature)).to_bytes(), "signature_bad"),
        ("signature-eddsa-bit", "EdDSA 签名改了一位", "one bit of an EdDSA signature changed",
         replace(eddsa, signature=spoil(eddsa.signature)).to_bytes(), "signature_bad"),
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
        claims[65533].update(lst=shop.zlib(b"\x11"))
        claims[-70001].update({5: 2, 8: shop.zlib(b"\1\1\0\0\0\0"), 9: shop.zlib(b"\x80")})

    short = bytes(ord("\1") if n == 25 else 0 for n in range(250))
    beyond = canon.decode(names, max_bytes=1000)
    rows: tuple[tuple[str, str, str, Change, str], ...] = (
        ("bits-bomb", "状态位解压过长", "status bits beyond their size", lst(bytes(251)), "bomb"),
        ("bits-short", "状态位太短", "too few status bits", lst(bytes(249)), "malformed"),
        ("bits-less", "状态位与列数不符", "fewer statuses than columns", lst(short), "bomb"),
        ("columns-bomb", "列解压过长", "columns beyond their size", col(columns + b"\0"), "bomb"),
        ("columns-short", "列太短", "columns too short", col(columns[:-1]), "malformed"),
        ("kind-0", "种类 0", "kind 0", col(_dayless(columns)), "malformed"),
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
        ("zlib-checksum", "zlib 的校验和不符", "a wrong checksum of zlib",
         private(_9=_flipped(shop.zlib(names))), "malformed"),
        ("zlib-none", "不是 zlib", "no zlib stream", private(_9=names), "malformed"),
        ("zlib-raw", "没有 zlib 头", "raw DEFLATE", private(_9=_raw(names)), "malformed"),
        ("bits-1", "每序号一位", "one bit an index",
         lambda claims: claims[65533].update(bits=1), "malformed"),
        ("coverage-beyond", "覆盖超过 2^27", "a coverage above 2^27",
         private(_5=(1 << 27) + 1), "malformed"),
        ("coverage-tail", "覆盖之外的状态位", "a status bit beyond the coverage",
         tail, "malformed"),
        ("list-id", "列表号 65536", "list id 65536", private(_2=65_536), "malformed"),
        ("sequence-0", "期号 0", "sequence 0", private(_4=0, _6=None), "malformed"),
        ("sequence-0-later", "期号 0，有前一摘要", "sequence 0 with a previous hash", private(_4=0),
         "malformed"),
        ("sequence-beyond", "期号超过 2^31−1", "a sequence above 2^31 − 1", private(_4=1 << 31),
         "malformed"),
        ("previous-31", "前一摘要 31 字节", "a previous hash of 31 bytes", private(_6=bytes(31)),
         "malformed"),
        ("previous-none", "第 4 期没有前一摘要", "sequence 4 without a previous hash",
         private(_6=None), "malformed"),
        ("previous-first", "第 1 期却有前一摘要", "sequence 1 with a previous hash",
         private(_4=1), "malformed"),
        ("expires-early", "到期早于签发", "expires before issued", claim(_4=AT_S - 3601),
         "malformed"),
        ("expires-late", "到期晚于签发 400 天", "expires more than 400 days after it was issued",
         claim(_4=AT_S - 3600 + 400 * DAY_S + 1), "malformed"),
        ("issued-9999", "签发于 9999 年", "issued in the year 9999",
         claim(_6=LAST_S + 1, _4=LAST_S + 1), "malformed"),
        ("expires-9999", "到期于 9999 年", "expires in the year 9999",
         claim(_6=LAST_S - 5, _4=LAST_S + 1), "malformed"),
        ("ttl", "ttl 超过 400 天", "a ttl of more than 400 days",
         claim(_65534=400 * DAY_S + 1), "malformed"),
        ("uri-empty", "列表地址为空", "an empty URI", claim(_2=""), "malformed"),
        ("uri-201", "列表地址 201 字", "a URI of 201 characters", claim(_2="u" * 201),
         "malformed"),
        ("uri-space", "列表地址以空格结尾", "a URI that ends in a space", claim(_2="u "),
         "malformed"),
        ("uri-control", "列表地址含控制字符", "a control character in the URI", claim(_2="u\x7fu"),
         "malformed"),
        ("unknown-claim", "未知的声明", "an unknown claim", claim(_3="x"), "version_unknown"),
        ("unknown-entry", "未知的项", "an unknown entry", private(_11=1), "version_unknown"),
        ("checkpoint-array", "检查点不是映射", "a checkpoint that is an array",
         private(_10=["log", 5, bytes(32)]), "malformed"),
        ("checkpoint-name", "检查点没有日志名", "a checkpoint with an empty name",
         private(_10={1: "", 2: 5, 3: bytes(32)}), "malformed"),
        ("checkpoint-size", "检查点的条数为负", "a checkpoint of a negative size",
         private(_10={1: "log", 2: -1, 3: bytes(32)}), "malformed"),
        ("checkpoint-root", "检查点的根 31 字节", "a checkpoint with a root of 31 bytes",
         private(_10={1: "log", 2: 5, 3: bytes(31)}), "malformed"),
        ("checkpoint-newer", "检查点中有未知的项", "an unknown entry in a checkpoint",
         private(_10={1: "log", 2: 5, 3: bytes(32), 4: 1}), "version_unknown"),
        ("issued-negative", "签发早于 1970 年", "issued before 1970", claim(_6=-1, _4=5),
         "malformed"),
        ("checkpoint-null", "检查点为 null", "a checkpoint that is null", private(_10=None),
         "malformed"),
        ("checkpoint-name-201", "日志名 201 字", "a checkpoint with a name of 201 characters",
         private(_10={1: "l" * 201, 2: 5, 3: bytes(32)}), "malformed"),
        ("list-id-negative", "列表号为负", "a negative list id", private(_2=-1), "malformed"),
        ("previous-text", "前一摘要为文本", "a previous hash as text", private(_6="x" * 32),
         "malformed"),
        ("epoch-true", "轮次为 true", "epoch true", private(_3=True), "malformed"),
    )  # fmt: skip
    for name, zh, en, change, code in rows:
        claims = claims_of(good)
        change(claims)
        rehash(claims)
        yield Row(f"bad-{name}", zh, en, signed(claims, "list", typ=LIST_TYP), f"list.{code}")


def _flipped(data: bytes) -> bytes:
    return data[:-1] + bytes((data[-1] ^ 1,))


def _dayless(columns: bytes) -> bytes:
    """The first entry of kind 0 and without a day."""
    made, n = bytearray(columns), len(columns) // 3
    made[0] = made[n] = made[2 * n] = 0
    return bytes(made)


def rehash(claims: Claims) -> None:
    """The state hash of what is there, so that the list is wrong in one thing only."""
    own = claims[-70001]
    try:
        parts = [zlib.decompress(part) for part in (claims[65533]["lst"], own[8], own[9])]
        head = canon.encode((own[2], own[3], own[5]))
    except zlib.error:
        return  # no zlib: nothing to hash
    own[7] = sha256(b"".join((head, *parts))).digest()


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
        ("schema", "更新的版本", "a newer schema", {0: 2}, "list.version_unknown"),
        ("schema-0", "版本 0", "schema 0", {0: 0}, malformed),
        ("sequence-beyond", "新期号超过 2^31−1", "a new sequence above 2^31 − 1", {5: 1 << 31},
         malformed),
        ("expires-late", "到期晚于签发 400 天", "expires more than 400 days after it was issued",
         {10: int(before[9]) + 400 * DAY_S + 1}, malformed),
        ("issued-9999", "签发于 9999 年", "issued in the year 9999",
         {9: LAST_S + 1, 10: LAST_S + 1}, malformed),
        ("expires-9999", "到期于 9999 年", "expires in the year 9999",
         {9: LAST_S - 5, 10: LAST_S + 1}, malformed),
        ("checkpoint-root", "检查点的根 31 字节", "a checkpoint with a root of 31 bytes",
         {14: {1: "log", 2: 5, 3: bytes(31)}}, malformed),
        ("authority", "另一机关", "another authority", {1: "other"}, "list.wrong_authority"),
        ("list-id", "另一份列表", "another list", {2: 2}, "list.delta_gap"),
        ("epoch", "另一轮次", "another epoch", {3: 2}, "list.delta_gap"),
        ("base-sequence", "底的期号不符", "another base sequence", {4: 3}, "list.delta_gap"),
        ("base-hash", "底的摘要不符", "another base hash", {6: bytes(32)}, "list.delta_gap"),
        ("new-hash", "结果的摘要不符", "another new hash", {7: bytes(32)}, "list.delta_result"),
        ("sequence", "新序号不大于底", "a new sequence that is not greater", {5: 4}, malformed),
        ("coverage-less", "覆盖变小", "a smaller coverage", {8: 999, 11: [0, 0, b""],
         12: shop.zlib(b""), 13: shop.zlib(b"\x80"), 7: _state_hash(999, PLAIN_ENTRIES)},
         "list.delta_gap"),
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
        ("columns-bomb", "列解压过长", "columns beyond their size",
         {12: shop.zlib(columns + b"\0")}, "list.bomb"),
        ("columns-short", "列太短", "columns too short", {12: shop.zlib(columns[1:])}, malformed),
        ("successor-other", "未变更的有新证号", "a successor of what is not changed",
         {13: shop.zlib(canon.encode([[9, 5]]))}, malformed),
        ("unknown-key", "未知的键", "an unknown key", {15: 1}, "list.version_unknown"),
    )  # fmt: skip
    for name, zh, en, changes, code in rows:
        claims = {**before, **changes}
        data = signed(claims, "list", typ=DELTA_TYP)
        yield Row(f"bad-delta-{name}", zh, en, data, code, base="plain")
    yield from _single_changes(shop, before)
    yield from _coded_deltas(shop, before)


def _single_changes(shop: Shop, before: Claims) -> Iterator[Row]:
    """Deltas of one change each; their new hash is that of what a careless reader would make."""
    same, gone = PLAIN_ENTRIES[100], dict(PLAIN_ENTRIES)
    del gone[100]
    named = StatusEntry(StatusKind.VOIDED, same.day, "5")
    long = StatusEntry(StatusKind.SUPERSEDED, same.day, "S" * 41)
    rows: tuple[tuple[str, str, str, int, bytes, object, dict[int, StatusEntry]], ...] = (
        ("idle", "没有改变的变更", "a change that changes nothing", 100,
         bytes((int(same.kind), *_offset(same))), [], PLAIN_ENTRIES),
        ("valid-idle", "本来有效的恢复有效", "valid again though it was valid", 7, bytes(3), [],
         PLAIN_ENTRIES),
        ("valid-day", "恢复有效却有日期", "a day of what is valid again", 100, b"\0\1\0", [], gone),
        ("successor-kind", "未补发的有新证号", "a successor of what is not superseded", 7,
         bytes((int(named.kind), *_offset(named))), [[7, 5]], {7: named, **PLAIN_ENTRIES}),
        ("successor-41", "新证号 41 字", "a successor of 41 characters", 7,
         bytes((int(long.kind), *_offset(long))), [[7, "S" * 41]], {7: long, **PLAIN_ENTRIES}),
    )  # fmt: skip
    for name, zh, en, index, column, names, result in rows:
        claims: Claims = {
            **before, 7: _state_hash(1000, result), 8: 1000, 11: [1, 6, _rice(index)],
            12: shop.zlib(column), 13: shop.zlib(canon.encode(names)),
        }  # fmt: skip
        yield Row(f"bad-delta-{name}", zh, en, signed(claims, "list", typ=DELTA_TYP),
                  "list.delta_malformed", base="plain")  # fmt: skip


def _coded_deltas(shop: Shop, before: Claims) -> Iterator[Row]:
    """Codes of gaps that end just where they must, or elsewhere (clause 6.8)."""
    day = PLAIN_ENTRIES[100].day
    void = StatusEntry(StatusKind.VOIDED, day)
    column = bytes((1, *_offset(void)))
    two = b"\1\1" + b"".join(_offset(void)[n : n + 1] * 2 for n in (0, 1))
    bad = "list.delta_malformed"
    one = {7: void, **PLAIN_ENTRIES}
    rows: tuple[
        tuple[str, str, str, tuple[int, int, bytes], int, dict[int, StatusEntry], str], ...
    ] = (
        ("code-exact", "编码恰满一字节", "a code that just fills its byte", (1, 7, b"\7"), 1000,
         one, ""),
        ("code-byte-more", "编码之后多一个零字节", "a byte of zeros behind a full one",
         (1, 7, b"\7\0"), 1000, one, bad),
        ("code-bit-cut", "编码少一位", "a code without its last bit", (1, 8, b"\7"), 1000, one,
         bad),
        ("code-cut", "编码少十九位", "a code without its last 19 bits", (1, 26, b"\7"), 1000, one,
         bad),
        ("code-no-zero", "编码里没有零", "a code without a zero", (1, 0, b""), 1000,
         {-1: void, **PLAIN_ENTRIES}, bad),
        ("index-beyond", "变更的序号超出覆盖", "a change beyond the coverage",
         (2, 10, _bits("0" + f"{7:010b}" + "0" + f"{1001 - 8:010b}")), 1001,
         {7: void, 1001: void, **PLAIN_ENTRIES}, bad),
        ("coverage-most", "覆盖 2^27", "a coverage of 2^27", (1, 7, b"\7"), 1 << 27, one, ""),
        ("coverage-beyond", "覆盖超过 2^27", "a coverage above 2^27", (1, 7, b"\7"),
         (1 << 27) + 1, one, bad),
    )  # fmt: skip
    for name, zh, en, code, coverage, result, said in rows:
        claims: Claims = {
            **before, 7: _state_hash(coverage, result), 8: coverage, 11: list(code),
            12: shop.zlib(two if code[0] == 2 else column), 13: shop.zlib(b"\x80"),
        }  # fmt: skip
        yield Row(f"delta-{name}", zh, en, signed(claims, "list", typ=DELTA_TYP), said,
                  base="plain", look_ups=() if said else (7,))  # fmt: skip


def _state_hash(coverage: int, entries: Mapping[int, StatusEntry]) -> bytes:
    """Clause 6.5, of entries that no table would hold."""
    bits = bytearray((coverage + 3) // 4)
    statuses = {StatusKind.SUSPENDED: 2, StatusKind.SUPERSEDED: 3}
    for index, entry in entries.items():
        bits[index // 4] |= statuses.get(entry.kind, 1) << index % 4 * 2
    ordered = [entries[index] for index in sorted(entries)]
    offsets = [_offset(entry) for entry in ordered]
    numbers = {index: entries[index].successor for index in sorted(entries)}
    named = [
        [index, int(number) if number.isdecimal() else number]
        for index, number in numbers.items()
        if number is not None
    ]
    parts = (
        canon.encode((1, 1, coverage)), bytes(bits), bytes(int(entry.kind) for entry in ordered),
        bytes(offset[0] for offset in offsets), bytes(offset[1] for offset in offsets),
        canon.encode(named),
    )  # fmt: skip
    return sha256(b"".join(parts)).digest()


def _rice(index: int) -> bytes:
    return _bits("1" * (index >> 6) + "0" + f"{index & 63:06b}")


def _bits(bits: str) -> bytes:
    """Filled up with zeros to whole bytes."""
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _offset(entry: StatusEntry) -> bytes:
    return ((entry.day or 0) - 18_262).to_bytes(2, "little")
