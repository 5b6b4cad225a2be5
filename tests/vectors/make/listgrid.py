"""lists.json, continued: each entry of a list, a delta and a head of another type and beyond."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

from tests.vectors.make.badlists import Claims, rehash
from tests.vectors.make.grid import GONE, Path, each, put
from tests.vectors.make.rows import Row, plain_list
from tests.vectors.make.shop import Shop, claims_of, signed
from tests.vectors.make.worlds import AT_S, DAY_S

from etitle import canon
from etitle.trust.delta import DELTA_TYP
from etitle.trust.statuslist import LIST_TYP

_MOST: Final = (1 << 64) - 1
_OWN: Final = -70001
_LOG: Final[dict[int, object]] = {1: "log", 2: 5, 3: bytes(32)}

Change = tuple[str, tuple[int | str, ...], object, str]
"""What it is, where, what stands there, and the reason; empty where it is believed."""


def _named(path: tuple[int | str, ...]) -> str:
    return "-".join(str(one).strip("-") for one in path) or "all"


def _checkpoints(path: Path) -> Iterator[Change]:
    """Clause 6.12; the reasons are those of lists."""
    yield "null", path, None, "malformed"
    yield "array", path, [], "malformed"
    for what, label, value in each(
        ("integer", 1, 5), ("empty", 1, ""), ("201", 1, "l" * 201), ("true", 2, True),
        ("text", 2, "5"), ("minus-1", 2, -1), ("text", 3, "x" * 32), ("31", 3, bytes(31)),
        ("33", 3, bytes(33)), ("missing", 1, GONE), ("missing", 2, GONE), ("missing", 3, GONE),
    ):  # fmt: skip
        yield f"{label}-{what}", path, put(_LOG, (label,), value), "malformed"
    yield "0", path, {**_LOG, 2: 0}, ""
    yield "most", path, {**_LOG, 1: "l" * 200, 2: _MOST}, ""
    yield "critical", path, {**_LOG, 0: 1}, "version_unknown"


def _of_lists(shop: Shop) -> Iterator[Change]:
    bad = "malformed"
    yield "array", (), [], bad
    yield "integer", (), 5, bad
    for label in (2, 4, 6, 65533, 65534, _OWN):
        yield "missing", (label,), GONE, bad
    for label in range(1, 10):
        yield "missing", (_OWN, label), GONE, bad
    for what, path, value in each(
        ("integer", (2,), 5), ("text", (4,), "x"), ("text", (6,), "x"), ("true", (65534,), True),
        ("minus-1", (65534,), -1), ("text", (65534,), "1"), ("array", (65533,), []),
        ("more", (65533,), {"bits": 2, "lst": b"", "x": 0}),
        ("without-bits", (65533,), {"lst": b""}),
        ("without-lst", (65533,), {"bits": 2}), ("array", (_OWN,), []),
    ):  # fmt: skip
        yield what, path, value, bad
    for bits in (1, 3, "2"):
        yield f"{bits}", (65533, "bits"), bits, bad
    yield "0", (65534,), 0, ""
    for label, what, value, code in each(
        (1, "bytes", b"sample", bad), (2, "true", True, bad), (2, "text", "1", bad),
        (2, "0", 0, ""), (2, "65535", 65_535, ""), (3, "true", True, bad), (3, "minus-1", -1, bad),
        (3, "text", "1", bad), (3, "0", 0, ""), (3, "most", _MOST, ""), (4, "true", True, bad),
        (4, "text", "4", bad), (5, "text", "1000", bad), (6, "33-bytes", bytes(33), bad),
        (7, "text", "x" * 32, bad), (8, "text", "x", bad), (9, "text", "x", bad),
        (0, "critical", 1, "version_unknown"),
    ):  # fmt: skip
        yield what, (_OWN, label), value, code
    yield "critical", (0,), 1, "version_unknown"
    yield "label-text", ("x",), 1, "version_unknown"
    nothing = {5: -1, 8: shop.zlib(b""), 9: shop.zlib(b"\x80")}
    yield "negative-coverage", (), {65533: {"bits": 2, "lst": shop.zlib(b"")}, _OWN: nothing}, bad
    whole = claims_of(shop.list(plain_list(), "list"))[_OWN][9]
    yield "cut", (_OWN, 9), whole[:-1], bad
    for what, value in each(
        ("a-map", {}), ("an-integer", 5), ("not-pairs", [5]), ("short-pairs", [[105]]),
        ("long-pairs", [[105, 5, 5]]), ("an-array-as-index", [[[], 5]]),
        ("a-text-index", [["x", 5]]),
        ("true-as-index", [[True, 5]]), ("a-negative-index", [[-1, 5]]),
        ("an-index-twice", [[105, 5], [105, 6]]), ("number-0", [[105, 0]]),
        ("number-10-to-18", [[105, 10**18]]), ("number-true", [[105, True]]),
        ("number-empty", [[105, ""]]), ("number-null", [[105, None]]),
    ):  # fmt: skip
        yield f"successors-{what}", (_OWN, 9), shop.zlib(canon.encode(value)), bad
    yield from _checkpoints((_OWN, 10))


def list_rows(shop: Shop) -> Iterator[Row]:
    """Lists that differ from the plain one in one entry."""
    good = shop.list(plain_list(), "list")
    for what, path, value, code in _of_lists(shop):
        claims: Any = claims_of(good)
        if not path and isinstance(value, dict):
            for label, entries in value.items():
                claims[label] = {**claims[label], **entries}
        else:
            claims = put(claims, path, value)
        _try_to_hash(claims)
        name = f"grid-{_named(path)}-{what}"
        said = name[5:].replace("-", " ")
        yield Row(name, f"列表的一项：{said}", f"a list's entry {said}",
                  signed(claims, "list", typ=LIST_TYP), code and f"list.{code}",
                  look_ups=() if code else (100,))  # fmt: skip


def _try_to_hash(claims: object) -> None:
    """The right state hash, where there is one and it is not what is wrong."""
    try:
        if isinstance(claims, dict) and isinstance(claims[_OWN][7], bytes):
            rehash(claims)
    except (IndexError, KeyError, TypeError, AttributeError):
        pass  # nothing to hash


def _of_deltas() -> Iterator[Change]:
    bad = "delta_malformed"
    yield "array", (), [], bad
    yield "integer", (), 5, bad
    for label in range(14):
        yield "missing", (label,), GONE, bad
    for label, what, value, code in each(
        (0, "true", True, bad), (0, "text", "2", bad), (1, "bytes", b"sample", bad),
        (2, "true", True, bad), (3, "true", True, bad), (4, "text", "4", bad),
        (5, "text", "5", bad),
        (5, "most", (1 << 31) - 1, ""), (5, "least", 5, ""), (6, "text", "x", bad),
        (6, "integer", 5, bad), (7, "integer", 5, bad), (7, "text", "x", bad),
        (8, "text", "x", bad), (8, "minus-1", -1, bad),
        (9, "text", "x", bad),
        (10, "text", "x", bad),
        (10, "integer", 5, bad), (11, "integer", 5, bad), (11, "two", [0, 0], bad),
        (11, "four", [0, 0, b"", b""], bad), (11, "count-true", [False, 0, b""], bad),
        (11, "k-true", [0, False, b""], bad), (11, "count-text", ["0", 0, b""], bad),
        (11, "k-text", [0, "0", b""], bad), (11, "gaps-text", [0, 0, ""], bad),
        (11, "count-minus-1", [-1, 0, b""], bad), (11, "k-minus-1", [0, -1, b""], bad),
        (11, "k-26", [0, 26, b""], ""), (11, "k-27", [0, 27, b""], bad),
        (11, "ones", [1, 0, b"\xff"], bad), (11, "cut", [1, 6, b""], bad),
        (12, "text", "x", bad), (13, "text", "x", bad), (15, "critical", 1, "version_unknown"),
        (9, "as-its-base", AT_S - 3600, ""),
    ):  # fmt: skip
        yield what, (label,), value, code
    for what, path, value, code in _checkpoints((14,)):
        yield what, path, value, bad if code == "malformed" else code


def delta_rows(nothing: bytes) -> Iterator[Row]:
    """Deltas that change nothing, with one entry that is another."""
    for what, path, value, code in _of_deltas():
        claims: Any = put(claims_of(nothing), path, value)
        name = f"grid-delta-{_named(path)}-{what}"
        said = name[11:].replace("-", " ")
        yield Row(name, f"增量的一项：{said}", f"a delta's entry {said}",
                  signed(claims, "list", typ=DELTA_TYP), code and f"list.{code}", base="plain",
                  look_ups=() if code else (100,))  # fmt: skip


def head_changes() -> Iterator[Change]:
    """Heads of lists in slices, of 1,500 indices."""
    bad = "malformed"
    yield "array", (), [], bad
    yield "integer", (), 5, bad
    for label in range(11):
        yield "missing", (label,), GONE, bad
    for label, what, value, code in each(
        (0, "true", True, bad), (0, "text", "2", bad), (0, "0", 0, bad), (1, "bytes", b"s", bad),
        (2, "true", True, bad), (2, "minus-1", -1, bad), (2, "65536", 65_536, bad),
        (3, "minus-1", -1, bad), (3, "text", "1", bad), (4, "beyond", 1 << 31, bad),
        (4, "text", "4", bad), (5, "minus-1", -1, bad), (5, "text", "x", bad),
        (5, "beyond", (1 << 27) + 1, bad), (6, "text", "x" * 32, bad), (6, "33", bytes(33), bad),
        (7, "text", "x", bad), (8, "text", "x", bad), (8, "early", AT_S - 3601, bad),
        (8, "late", AT_S - 3600 + 400 * DAY_S + 1, bad), (9, "text", "x", bad),
        (9, "0", 0, bad), (10, "text", "x", bad), (10, "integer", 5, bad),
        (12, "critical", 1, "version_unknown"),
    ):  # fmt: skip
        yield what, (label,), value, code
    yield from _checkpoints((11,))


def slice_changes(shop: Shop, good: tuple[Any, ...]) -> Iterator[tuple[str, object, str]]:
    """First slices that their head names, wrong in one item."""
    bad = "malformed"
    yield "array-of-six", good[:6], bad
    yield "array-of-eight", (*good, b""), bad
    yield "map", {}, bad
    yield "map-of-seven", dict(enumerate(good)), bad
    for place, what, value, code in each(
        (0, "true", True, "slice_mismatch"), (1, "true", True, "slice_mismatch"),
        (3, "false", False, "slice_mismatch"), (4, "short", shop.zlib(bytes(255)), bad),
        (5, "text", "x", bad), (6, "text", "x", bad), (6, "trailing", good[6] + b"\0", bad),
    ):  # fmt: skip
        yield f"{place}-{what}", (*good[:place], value, *good[place + 1 :]), code


def hashed(head: Claims, part: bytes) -> Claims:
    """A head that names that first slice."""
    return {**head, 10: sha256(part).digest() + head[10][32:]}
