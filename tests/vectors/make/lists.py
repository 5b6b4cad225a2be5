"""lists.json: lists and deltas at every stage, look-ups, and refused files (docs/spec clause 6)."""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from tests.vectors.make import envelopes, listgrid
from tests.vectors.make.badlists import LAST_S, bad_delta_claims, bad_lists
from tests.vectors.make.rows import FIRST_S, Row, plain_list, relabelled, timed
from tests.vectors.make.shop import (
    Json,
    Shop,
    WrongVectorError,
    claims_of,
    high_s,
    shows,
    signed,
    signer,
    spoil,
)
from tests.vectors.make.slices import slice_vectors
from tests.vectors.make.worlds import DAY_S, DAYS, PLAIN_ENTRIES, plain_bundle, status_lists

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
from etitle.trust.status import StatusEntry, StatusKind, StatusTable
from etitle.trust.statuslist import LIST_TYP, Checkpoint, StatusList, open_list

KEYS: Final = list_keys(plain_bundle())
_DAY: Final = DAYS(datetime.date(2026, 11, 20))
_LAST_DAY: Final = 18_262 + 65_535


def _table(coverage: int, entries: dict[int, StatusEntry], **changes: int) -> StatusTable:
    return StatusTable.from_entries(
        list_id=changes.get("list_id", 1), epoch=changes.get("epoch", 1), coverage=coverage,
        entries=entries,
    )  # fmt: skip


def lists(shop: Shop) -> Iterator[Row]:
    """Lists that are believed."""
    plain = plain_list()
    around = tuple(range(98, 110))
    yield Row("plain", "各种状态", "every kind", shop.list(plain, "list"),
              look_ups=(0, *around, 999, 1000))  # fmt: skip
    yield Row("empty", "覆盖为零", "covers nothing",
              shop.list(replace(plain, table=_table(0, {})), "list"), look_ups=(0,))  # fmt: skip
    yield Row("eddsa", "EdDSA 签名", "signed with EdDSA", shop.list(plain, "list-eddsa"),
              look_ups=(100,))  # fmt: skip
    yield Row("retired-key", "密钥退役前一秒签发，列表仍可信",
              "by a retired key, a second before it retired: believed",
              shop.list(timed(plain, 1_704_067_199), "list-retired"), look_ups=(100,))  # fmt: skip
    yield Row("last-day", "密钥最后一日的最后一秒", "the last second of its key's last day",
              shop.list(timed(plain, 1_704_038_399), "list-old"), look_ups=(100,))  # fmt: skip
    yield Row("first-day", "密钥第一日的第一秒", "the first second of its key's first day",
              shop.list(timed(plain, FIRST_S), "list"), look_ups=(100,))  # fmt: skip
    last = replace(
        plain, sequence=(1 << 31) - 1, issued_s=LAST_S - 400 * DAY_S, expires_s=LAST_S,
        ttl_s=400 * DAY_S, uri="列" * 200,
    )  # fmt: skip
    yield Row("last", "最大的期号、时间与有效期", "the greatest sequence, times and lifetime",
              shop.list(last, "list"), look_ups=(100,))  # fmt: skip
    logged = replace(plain, checkpoint=Checkpoint("log", 5, bytes(range(32))))
    logged_data = shop.list(logged, "list")
    yield Row("checkpoint", "带审计日志的检查点", "with a checkpoint of the audit log", logged_data,
              look_ups=(100,))  # fmt: skip
    tomorrow = claims_of(logged_data)
    tomorrow[-5] = tomorrow[-70001][-1] = tomorrow[-70001][10][-1] = ["new", 1]
    yield Row("uncritical", "未知而可忽略的项", "unknown entries that are ignored",
              signed(tomorrow, "list", typ=LIST_TYP), look_ups=(100,))  # fmt: skip
    edges = {
        0: StatusEntry(StatusKind.SUPERSEDED, _DAY, "1"),
        1: StatusEntry(StatusKind.VOIDED, 18_262),
        2: StatusEntry(StatusKind.SUSPENDED, _LAST_DAY),
        3: StatusEntry(StatusKind.SUPERSEDED, _DAY, "999999999999999999"),
        4: StatusEntry(StatusKind.SUPERSEDED, _DAY, "0" + "9" * 39),
        5: StatusEntry(StatusKind.SUPERSEDED, _DAY, "𠮷" * 40),
    }
    yield Row("edges", "最小与最大的值", "the least and greatest values",
              shop.list(replace(plain, table=_table(6, edges)), "list"),
              look_ups=tuple(range(7)))  # fmt: skip
    wide = {
        index: StatusEntry(StatusKind.SUPERSEDED, _DAY, str(4520261000000000 + index))
        for index in (23, 24, 255, 256, 257, 65_535, 65_536, 99_999)
    }
    yield Row("wide", "跨块与跨编码宽度的序号", "indices across blocks and head widths",
              shop.list(replace(plain, table=_table(100_000, wide)), "list"),
              look_ups=(22, *wide, 65_537, 100_000))  # fmt: skip
    many = {
        index: StatusEntry(StatusKind(index % 6 + 1), _DAY - index % 700)
        for index in range(5, 20_000, 53)
    }
    yield Row("many", "二万个序号中 378 个失效", "378 of 20,000 not valid",
              shop.list(replace(plain, table=_table(20_000, many)), "list"),
              look_ups=(4, 5, 6, 58, 111, 19_986, 19_999))  # fmt: skip
    for coverage in (1, 2, 3):
        one = {0: StatusEntry(StatusKind.VOIDED, _DAY)}
        yield Row(f"coverage-{coverage}", f"覆盖 {coverage} 个序号",
         f"covers {coverage} of an octet",
                  shop.list(replace(plain, table=_table(coverage, one)), "list"),
                  look_ups=(0, coverage))  # fmt: skip
    first = replace(plain, sequence=1, previous=None)
    yield Row("first", "一轮的第一份", "the first of an epoch", shop.list(first, "list"))


def _later(base: StatusList, changes: dict[int, StatusEntry], *, coverage: int = 0) -> StatusList:
    table = base.table.changed(changes, coverage=coverage or base.table.coverage)
    return replace(
        base, table=table, sequence=base.sequence + 1, previous=base.table.state_hash(),
        issued_s=base.issued_s + DAY_S, expires_s=base.expires_s + DAY_S,
    )  # fmt: skip


_CHANGES: Final = {
    7: StatusEntry(StatusKind.VOIDED, _DAY),
    8: StatusEntry(StatusKind.SUPERSEDED, _DAY, "4520261000000009"),
    100: StatusEntry(StatusKind.VALID),
    104: StatusEntry(StatusKind.VALID),
    105: StatusEntry(StatusKind.SUPERSEDED, _DAY),
    106: StatusEntry(StatusKind.SUPERSEDED, _DAY, "样职证字第0009号"),
    1005: StatusEntry(StatusKind.SUSPENDED, _DAY),
}


def deltas(shop: Shop) -> Iterator[Row]:
    """Deltas that are believed and those that are refused."""
    base = plain_list()
    one = _later(base, _CHANGES, coverage=1010)
    two = _later(
        one, {105: StatusEntry(StatusKind.VALID), 1009: StatusEntry(StatusKind.OTHER, _DAY)}
    )
    looks = (7, 8, 9, *range(99, 108), 1005, 1009, 1010)
    good = shop.delta(make_delta(base, one), "list")
    yield Row("delta", "各种变更", "every kind of change", good, base="plain", look_ups=looks)
    yield Row(
        "delta-second",
        "接在增量之后",
        "after a delta",
        shop.delta(make_delta(one, two), "list-eddsa"),
        base="delta",
        look_ups=looks,
    )
    yield Row("delta-span", "跨两个序号", "over two sequences",
              shop.delta(make_delta(base, two), "list"), base="plain", look_ups=looks)  # fmt: skip
    tomorrow = claims_of(good)
    tomorrow[-1] = tomorrow[-70002] = {1: 2}
    yield Row("delta-uncritical", "未知而可忽略的项", "unknown entries that are ignored",
              signed(tomorrow, "list", typ=DELTA_TYP), base="plain", look_ups=(100,))  # fmt: skip
    logged = replace(one, checkpoint=Checkpoint("log", 6, bytes(32)))
    yield Row("delta-checkpoint", "增量带检查点", "with a checkpoint",
              shop.delta(make_delta(base, logged), "list"), base="checkpoint",
              look_ups=(100,))  # fmt: skip
    yield Row("delta-no-checkpoint", "增量不带检查点，结果就没有",
              "without a checkpoint: neither has the result", good, base="checkpoint",
              look_ups=(100,))  # fmt: skip
    unnamed = PLAIN_ENTRIES[106]
    for name, zh, en, entry in (
        ("successor", "只添新证号", "a successor alone",
         StatusEntry(unnamed.kind, unnamed.day, "5")),
        ("day", "只改日期", "another day alone", StatusEntry(unnamed.kind, _DAY)),
    ):  # fmt: skip
        yield Row(f"delta-{name}-alone", zh, en,
                  shop.delta(make_delta(base, _later(base, {106: entry})), "list"), base="plain",
                  look_ups=(106,))  # fmt: skip
    yield Row("delta-nothing", "没有变更", "no change",
              shop.delta(make_delta(base, _later(base, {})), "list"), base="plain",
              look_ups=(100,))  # fmt: skip
    wide = status_lists()["plain"][0]
    wide = replace(wide, table=_table(100_000, {}))
    spread = {n: StatusEntry(StatusKind.VOIDED, _DAY) for n in (0, 1, 2, 50_000, 99_999)}
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
        ("signature-eddsa", "EdDSA 签名改了一位", "one bit of an EdDSA signature changed",
         _spoiled(shop.delta(make_delta(base, one), "list-eddsa")), "signature_bad"),
        ("outside-window", "密钥停用后签发", "issued after its key's last day",
         shop.delta(make_delta(base, one), "list-old"), "outside_window"),
        ("suite", "算法与密钥不符", "an algorithm that is not the key's",
         relabelled(token, alg=-19), "suite_mismatch"),
        ("typ", "typ 是列表", "the typ of a list",
         signed(claims_of(good), "list", typ=LIST_TYP), "delta_malformed"),
    ):  # fmt: skip
        yield Row(f"bad-delta-{name}", zh, en, data, f"list.{code}", base="plain")
    yield from bad_delta_claims(shop, good)


def _spoiled(data: bytes) -> bytes:
    token = cose.parse_sign1(data, max_bytes=1 << 20)
    return replace(token, signature=spoil(token.signature)).to_bytes()


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


def _checkpoint(made: StatusList) -> Json | None:
    found = made.checkpoint
    if found is None:
        return None
    return {
        "log": found.log_id, "tree_size": found.tree_size, "root_hash": found.root_hash.hex(),
    }  # fmt: skip


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
            raise WrongVectorError(row.name, error.code) from error
        return None
    if row.code:
        raise WrongVectorError(row.name, "believed")
    return made


def _envelopes(shop: Shop) -> Iterator[Row]:
    base = plain_list()
    yield from envelopes.list_rows(shop.list(base, "list"), "list.malformed")
    made = shop.delta(make_delta(base, _later(base, {})), "list")
    yield from envelopes.list_rows(made, "list.delta_malformed", base="plain")
    yield from listgrid.list_rows(shop)
    yield from listgrid.delta_rows(made)


def lists_file(shop: Shop) -> Json:
    """The content of lists.json."""
    known: dict[str, StatusList] = {}
    vectors: list[Json] = []
    for row in (*lists(shop), *bad_lists(shop), *deltas(shop), *_envelopes(shop)):
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
                "checkpoint": _checkpoint(made),
                "look_ups": [_look_up(made, index) for index in row.look_ups],
            }
        vectors.append(vector)
    return {
        "authority": "sample",
        "keys": {
            label: {
                "cose_key": canon.encode(key.public.to_cose()).hex(),
                "not_before": key.not_before,
                "not_after": key.not_after,
                "history": [[int(state), since_s] for state, since_s in key.history],
            }
            for label in ("list", "list-eddsa", "list-old", "list-retired")
            for key in plain_bundle().keys
            if key.public == signer(label).public
        },
        "vectors": vectors,
        "slices": slice_vectors(shop),
    }
