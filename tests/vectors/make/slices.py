"""lists.json, its entry ``slices``: heads of lists in slices, and slices (clause 6.14)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

from tests.vectors.make.grid import put
from tests.vectors.make.listgrid import hashed, head_changes, slice_changes
from tests.vectors.make.shop import Json, Shop, WrongVectorError, shows, signed
from tests.vectors.make.worlds import AT_S, DAY_S, PLAIN_ENTRIES, plain_bundle

from etitle import canon
from etitle.errors import TrustError
from etitle.trust.bundle import list_keys
from etitle.trust.slices import SLICED_TYP, open_sliced
from etitle.trust.status import StatusEntry, StatusKind, StatusTable

_COVERAGE: Final = 1500
_ENTRIES: Final = {
    **PLAIN_ENTRIES,
    1023: StatusEntry(StatusKind.VOIDED, 20_000),
    1024: StatusEntry(StatusKind.SUPERSEDED, 20_000, "4520261000000002"),
    1499: StatusEntry(StatusKind.SUSPENDED, 20_000),
}


def _slice(shop: Shop, which: int, *, size: int = 1024, **changes: object) -> bytes:
    """One slice of so many indices, which count from its first."""
    first = which * size
    size = min(size, _COVERAGE - first)
    own = {n - first: entry for n, entry in _ENTRIES.items() if first <= n < first + size}
    table = StatusTable.from_entries(list_id=1, epoch=1, coverage=size, entries=own)
    parts: dict[str, object] = {
        "list_id": 1, "epoch": 1, "sequence": 4, "number": which,
        "bits": shop.zlib(table.bits),
        "columns": shop.zlib(table.kinds + table.lows + table.highs),
        "successors": shop.zlib(table.successors),
    }  # fmt: skip
    return canon.encode(tuple((parts | changes).values()))


def _head(slices: list[bytes]) -> dict[int, Any]:
    whole = StatusTable.from_entries(list_id=1, epoch=1, coverage=_COVERAGE, entries=_ENTRIES)
    return {
        0: 1, 1: "sample", 2: 1, 3: 1, 4: 4, 5: _COVERAGE, 6: whole.state_hash(),
        7: AT_S - 3600, 8: AT_S + 7 * DAY_S, 9: 1024,
        10: b"".join(sha256(each).digest() for each in slices),
    }  # fmt: skip


def _rows(shop: Shop) -> Iterator[tuple[str, str, str, bytes, int, bytes, str]]:
    slices = [_slice(shop, 0), _slice(shop, 1)]
    good = _head(slices)

    def head(by: str = "list", typ: str = SLICED_TYP, **changes: object) -> bytes:
        return signed(
            {**good, **{int(label[1:].replace("m", "-")): one for label, one in changes.items()}},
            by, typ=typ,
        )  # fmt: skip

    for index in (0, 100, 105, 1023, 1024, 1025, 1499):
        yield (
            f"slice-index-{index}", f"序号 {index}", f"index {index}", head(), index,
            slices[index // 1024], "",
        )  # fmt: skip
    yield (
        "slice-checkpoint",
        "带检查点",
        "with a checkpoint",
        head(_11={1: "log", 2: 5, 3: bytes(32)}, _m1=["new"]),
        0,
        slices[0],
        "",
    )
    yield (
        "slice-beyond",
        "超出涵盖范围",
        "beyond the coverage",
        head(),
        1500,
        slices[1],
        ("list.beyond_coverage"),
    )
    for name, zh, en, data, index, part, code in (
        ("other", "另一片", "another slice", head(), 0, slices[1], "slice_mismatch"),
        ("hash", "摘要是别的", "another hash", head(_10=bytes(32) + good[10][32:]), 0, slices[0],
         "slice_mismatch"),
        ("changed", "改了一字节", "one byte changed", head(), 0, slices[0][:-1] + b"\x01",
         "slice_mismatch"),
        ("schema", "更新的版本", "a newer schema", head(_0=2), 0, slices[0], "version_unknown"),
        ("unknown", "未知的项", "an unknown entry", head(_12=1), 0, slices[0], "version_unknown"),
        ("authority", "另一机关", "another authority", head(_1="other"), 0, slices[0],
         "wrong_authority"),
        ("signer", "密钥不在信任包中", "a key of no bundle", head("stranger"), 0, slices[0],
         "signer_unknown"),
        ("window", "密钥停用后签发", "issued after its key's last day", head("list-old"), 0,
         slices[0], "outside_window"),
        ("typ", "typ 是列表", "the typ of a list", head(typ="application/statuslist+cwt"), 0,
         slices[0], "malformed"),
        ("size-512", "每片 512 个", "slices of 512", head(_9=512, _10=bytes(96)), 0, slices[0],
         "malformed"),
        ("hashes", "少一个摘要", "one hash too few", head(_10=good[10][:32]), 0, slices[0],
         "malformed"),
        ("state-hash", "状态摘要 31 字节", "a state hash of 31 bytes", head(_6=bytes(31)), 0,
         slices[0], "malformed"),
        ("sequence", "期号 0", "sequence 0", head(_4=0), 0, slices[0], "malformed"),
        ("expires", "到期晚于签发 400 天", "expires more than 400 days after it was issued",
         head(_8=AT_S - 3600 + 400 * DAY_S + 1), 0, slices[0], "malformed"),
    ):  # fmt: skip
        yield f"slice-{name}", zh, en, data, index, part, f"list.{code}"
    yield from _bad_slices(shop, good)


def _bad_slices(
    shop: Shop, good: dict[int, Any]
) -> Iterator[tuple[str, str, str, bytes, int, bytes, str]]:
    """Slices that the head names and that are wrong all the same."""
    for name, zh, en, part, code in (
        ("sequence-other", "片属于另一期", "a slice of another sequence",
         _slice(shop, 0, sequence=3), "slice_mismatch"),
        ("number-other", "片号不符", "a slice with another number", _slice(shop, 0, number=1),
         "slice_mismatch"),
        ("list-other", "片属于另一列表", "a slice of another list", _slice(shop, 0, list_id=2),
         "slice_mismatch"),
        ("epoch-other", "片属于另一轮次", "a slice of another epoch", _slice(shop, 0, epoch=2),
         "slice_mismatch"),
        ("bits-bomb", "状态位解压过长", "status bits beyond their size",
         _slice(shop, 0, bits=shop.zlib(bytes(257))), "bomb"),
        ("bits-text", "状态位是文本", "status bits that are text", _slice(shop, 0, bits="x"),
         "malformed"),
        ("no-cbor", "不是 CBOR", "no CBOR", b"\xff", "malformed"),
    ):  # fmt: skip
        data = signed(hashed(good, part), "list", typ=SLICED_TYP)
        yield f"slice-{name}", zh, en, data, 0, part, f"list.{code}"
    first: Any = canon.decode(_slice(shop, 0), max_bytes=1 << 20)
    for name, content, code in slice_changes(shop, first):
        part = canon.encode(content)
        data = signed(hashed(good, part), "list", typ=SLICED_TYP)
        said = name.replace("-", " ")
        yield (
            f"slice-item-{name}", f"片的一项：{said}", f"a slice's item {said}", data, 0, part,
            f"list.{code}",
        )  # fmt: skip
    yield from _within_slices(shop, good)
    for name, path, value, code in head_changes():
        changed: Any = put(good, path, value)
        data = signed(changed, "list", typ=SLICED_TYP)
        said = f"{'.'.join(map(str, path))} {name.replace('-', ' ')}"
        yield (
            "-".join(("slice-head", *map(str, path), name)), f"片首的一项：{said}",
            f"a head's entry {said}", data, 0, _slice(shop, 0), code and f"list.{code}",
        )  # fmt: skip
    for size in (1536, 1 << 27, 1 << 28):
        whole = _slice(shop, 0, size=_COVERAGE)
        changed = {**good, 9: size, 10: sha256(whole).digest()}
        yield (
            f"slice-size-{size}", f"每片 {size} 个", f"slices of {size}",
            signed(changed, "list", typ=SLICED_TYP), 1499, whole,
            "" if size == 1 << 27 else "list.malformed",
        )  # fmt: skip
    yield from _bounds(shop, good)
    last = _slice(shop, 1)
    more = signed({**good, 10: good[10] + bytes(32)}, "list", typ=SLICED_TYP)
    yield (
        "slice-last-hash", "多一个摘要", "one hash too many", more, 1499, last, "list.malformed"
    )  # fmt: skip


def _bounds(
    shop: Shop, good: dict[int, Any]
) -> Iterator[tuple[str, str, str, bytes, int, bytes, str]]:
    """Heads at their bounds and beyond, with the slice that they name."""
    labels = {"list_id": 2, "epoch": 3, "sequence": 4}
    for what, value, said in (
        ("list_id", 0, True), ("list_id", -1, False), ("list_id", 65_535, True),
        ("list_id", 65_536, False), ("epoch", 0, True), ("epoch", -1, False),
        ("sequence", 1, True), ("sequence", 0, False), ("sequence", (1 << 31) - 1, True),
        ("sequence", 1 << 31, False),
    ):  # fmt: skip
        part = _slice(shop, 0, **{what: value})
        head = {**hashed(good, part), labels[what]: value}
        name = f"{what.replace('_', '-')}-{value}".replace("--", "-minus-")
        yield (
            f"slice-bound-{name}", f"首与片的一项：{name.replace('-', ' ')}",
            f"of head and slice {name.replace('-', ' ')}", signed(head, "list", typ=SLICED_TYP),
            100, part, "" if said else "list.malformed",
        )  # fmt: skip
    small = [_slice(shop, n, size=512) for n in range(3)]
    head = {**good, 9: 512, 10: b"".join(sha256(each).digest() for each in small)}
    yield (
        "slice-size-512-right", "每片 512 个，片也是", "slices of 512 and a head that says so",
        signed(head, "list", typ=SLICED_TYP), 100, small[0], "list.malformed",
    )  # fmt: skip
    one = canon.encode((1, 1, 4, 1, shop.zlib(b"\0"), shop.zlib(b""), shop.zlib(b"\x80")))
    for size in (1 << 26, 1 << 27):
        head = {**good, 5: size + 1, 9: size, 10: bytes(32) + sha256(one).digest()}
        yield (
            f"slice-coverage-{size + 1}", f"涵盖 {size + 1} 个序号", f"covers {size + 1}",
            signed(head, "list", typ=SLICED_TYP), size, one,
            "" if size == 1 << 26 else "list.malformed",
        )  # fmt: skip
    parts = (shop.zlib(bytes(256)), shop.zlib(b""), shop.zlib(b"\x80"))
    middle = canon.encode((1, 1, 4, 1, *parts))
    head = {**good, 5: 3000, 10: bytes(32) + sha256(middle).digest() + bytes(32)}
    yield (
        "slice-middle", "三片中的第二片", "the second of three slices",
        signed(head, "list", typ=SLICED_TYP), 1500, middle, "",
    )  # fmt: skip


def _within_slices(
    shop: Shop, good: dict[int, Any]
) -> Iterator[tuple[str, str, str, bytes, int, bytes, str]]:
    """What a list's state hash would tell; a slice has none."""
    items: Any = canon.decode(_slice(shop, 0), max_bytes=1 << 20)
    bits, columns, names = (zlib.decompress(items[n]) for n in (4, 5, 6))
    count = len(columns) // 3
    dayless = bytearray(columns)
    dayless[0] = dayless[count] = dayless[2 * count] = 0
    pairs: Any = canon.decode(names, max_bytes=1000)
    for name, zh, en, place, content, code in (
        ("bits-long", "多一个状态字节", "a byte of statuses too many", 4, bits + b"\0", "bomb"),
        ("kind-status", "种类与状态不符", "a kind that is not of its status", 5,
         b"\5" + columns[1:], "malformed"),
        ("kind-0", "种类 0", "kind 0", 5, bytes(dayless), "malformed"),
        ("successors-order", "新证号未排序", "successors out of order", 6,
         canon.encode(pairs[::-1]), "malformed"),
        ("successors-twice", "新证号重复", "a successor twice", 6,
         canon.encode([pairs[0], *pairs]), "malformed"),
        ("successors-beyond", "有效的却有新证号", "a successor of what is valid", 6,
         canon.encode([[1, 5], *pairs]), "malformed"),
    ):  # fmt: skip
        part = canon.encode([*items[:place], shop.zlib(content), *items[place + 1 :]])
        data = signed(hashed(good, part), "list", typ=SLICED_TYP)
        yield f"slice-within-{name}", zh, en, data, 105, part, f"list.{code}"


def slice_vectors(shop: Shop) -> list[Json]:
    """The entry ``slices`` of lists.json."""
    found: list[Json] = []
    for name, zh, en, data, index, part, code in _rows(shop):
        entry: Json | None = None
        said = ""
        try:
            head = open_sliced(data, authority_id="sample", keys=list_keys(plain_bundle()))
            kind, day, successor = head.look_up(index, part)
            entry = {"index": index, "kind": int(kind), "day": day, "successor": successor}
        except TrustError as error:
            said = error.code
        if said != code:
            raise WrongVectorError(name, said)
        found.append({
            "name": name, "shows": shows(zh, en), "head": data.hex(), "index": index,
            "slice": part.hex(), "code": code or None, "look_up": entry,
        })  # fmt: skip
    return found
