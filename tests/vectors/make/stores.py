"""store.json: sequences of published files, and what a store makes of each (clause 7.3)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.vectors.make.shop import BASE, Json, Shop, WrongVectorError, shows, signer, signers
from tests.vectors.make.worlds import AT_S, DAY_S, in_order, plain_bundle, root_set, seal_key

from etitle import canon, cose
from etitle.certificate.dates import china_day
from etitle.errors import StoreError
from etitle.store import disk
from etitle.store.local import AlarmError, Store
from etitle.trust.bundle import (
    Authority,
    Bundle,
    KeyState,
    KeyUse,
    ListEntry,
    encode_bundle,
    fingerprint,
)
from etitle.trust.delta import make_delta
from etitle.trust.rescue import make_rescue, sign_rescue
from etitle.trust.roots import BUNDLE_TYP, sign_bundle
from etitle.trust.status import StatusEntry, StatusKind, StatusTable
from etitle.trust.statuslist import StatusList

_VOID: Final = StatusEntry(StatusKind.VOIDED, 20_000)
_BEGINS: Final = ("b1", "other-b1")
_OLD_ROOTS: Final = ("root-1", "root-2", "root-3")
_NEW_ROOTS: Final = ("root-4", "root-5")


@dataclass(frozen=True)
class Step:
    """One update: its files by name, and the alarms that its author means."""

    files: tuple[str, ...]
    alarms: tuple[str, ...] = ()
    at_s: int = AT_S


class Office:
    """An authority of these sequences: small bundles, list 1 and list 2.

    Args:
        shop: makes the lists.
        authority_id: whose.
    """

    def __init__(self, shop: Shop, authority_id: str = "sample") -> None:
        self.shop, self.id = shop, authority_id
        plain = plain_bundle()
        self.base = replace(
            plain,
            authority=Authority(authority_id, "样例", authority_id),
            version=1,
            segments=(),
            lists=self.entries(),
            roots=root_set(2, *_OLD_ROOTS),
            keys=in_order(
                seal_key("token", KeyUse.TOKEN),
                seal_key("list", KeyUse.LIST),
                seal_key("list-eddsa", KeyUse.LIST),
            ),
        )

    def entries(self, epoch: int = 0, minimum: int = 1) -> tuple[ListEntry, ...]:
        """Lists 1 and 2; list 1 in an epoch."""
        return (
            ListEntry(1, epoch, minimum, f"{BASE}/1"), ListEntry(2, 0, 1, f"{BASE}/2"),
        )  # fmt: skip

    def bundle(self, version: int, *by: str, **changes: Any) -> bytes:  # noqa: ANN401  # any field
        """A signed bundle."""
        issued_s = self.base.issued_s + 60 * version
        made = replace(self.base, **{"version": version, "issued_s": issued_s, **changes})
        return sign_bundle(made, signers=signers(*(by or _OLD_ROOTS[:2])))

    def stolen(self) -> dict[str, Any]:
        """Changes of a bundle: the list key is compromised, and list 1 begins again."""
        history = ((KeyState.ACTIVE, 1_577_836_800), (KeyState.COMPROMISED, AT_S - DAY_S))
        keys = (
            replace(key, history=history) if key.public == signer("list").public else key
            for key in self.base.keys
        )
        return {"keys": in_order(*keys), "lists": self.entries(1)}

    def ended(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # fields of a key
        """Changes of a bundle: the first list key signs no more."""
        keys = (
            replace(key, **changes) if key.public == signer("list").public else key
            for key in self.base.keys
        )
        return {"keys": in_order(*keys)}

    def table(self, sequence: int, **changes: int) -> StatusTable:
        """One index more is voided with each sequence."""
        entries = {3 * n: _VOID for n in range(sequence)}
        if changes.get("twist"):
            entries[1] = _VOID
        return StatusTable.from_entries(
            list_id=changes.get("list_id", 1), epoch=changes.get("epoch", 0), coverage=100,
            entries=entries,
        )  # fmt: skip

    def status_list(self, sequence: int, **changes: int) -> StatusList:
        """A list; changes are of the table."""
        before = self.table(sequence - 1, **changes).state_hash()
        return StatusList(
            authority_id=self.id,
            table=self.table(sequence, **changes),
            sequence=sequence,
            previous=None if sequence == 1 else before,
            issued_s=AT_S - DAY_S + 60 * sequence,
            expires_s=AT_S + DAY_S,
            ttl_s=DAY_S,
            uri=f"{BASE}/1",
        )

    def full(self, sequence: int, by: str = "list", **changes: int) -> bytes:
        """A signed list."""
        return self.shop.list(self.status_list(sequence, **changes), by)

    def delta(self, base: int, end: int, by: str = "list", **changes: int) -> bytes:
        """A signed delta."""
        lists = (self.status_list(n, **changes) for n in (base, end))
        return self.shop.delta(make_delta(*lists), by)

    def rescue(self, number: int, content: int, *by: str, key: str = "token") -> bytes:
        """A signed rescue list of a key."""
        made = make_rescue(
            [bytes((content,)) * 16], authority_id=self.id,
            thumbprint=signer(key).public.thumbprint, issued_s=AT_S, number=number,
        )  # fmt: skip
        return sign_rescue(made, signers=signers(*(by or _OLD_ROOTS[:2])))


def _files(shop: Shop) -> dict[str, bytes]:
    """Every file of the sequences, by name."""
    one, two = Office(shop), Office(shop, "other")
    files = {f"b{n}": one.bundle(n) for n in range(1, 6)}
    files |= {f"l{n}": one.full(n) for n in range(1, 8)}
    files |= {f"d{n}{n + 1}": one.delta(n, n + 1) for n in range(1, 7)}
    files |= {f"other-b{n}": two.bundle(n) for n in (1, 2, 3)}
    files |= {f"other-l{n}": two.full(n) for n in (1, 2)}
    rotated = {"roots": root_set(2, *_NEW_ROOTS)}
    lifted = replace(
        one.status_list(6),
        table=one.table(5).changed({3: StatusEntry(StatusKind.VALID)}, coverage=100),
        previous=one.table(5).state_hash(),
    )
    suspended = replace(
        lifted,
        table=one.table(5).changed({3: StatusEntry(StatusKind.SUSPENDED, 20_000)}, coverage=100),
    )
    fewer = StatusTable.from_entries(
        list_id=1, epoch=0, coverage=99, entries={3 * n: _VOID for n in range(7)}
    )
    seven = one.status_list(7)
    later = replace(
        seven, table=one.table(6).changed({3: StatusEntry(StatusKind.VALID)}, coverage=100),
        previous=one.table(6).state_hash(),
    )  # fmt: skip
    broken: Any = canon.decode(encode_bundle(replace(one.base, version=2)), max_bytes=1 << 20)
    unread = cose.sign(
        canon.encode({**broken, 5: 1}), signers=signers(*_OLD_ROOTS[:2]), typ=BUNDLE_TYP
    ).to_bytes()
    retired_s = AT_S - DAY_S + 60 * 5 + 30  # between 5 and 6
    retired = (KeyState.ACTIVE, 1_577_836_800), (KeyState.RETIRED, retired_s)
    ended = one.ended(history=retired)

    def backdated(sequence: int, **changes: Any) -> bytes:  # noqa: ANN401  # of the table
        """By the key that signs no more, as if it had been made before its end."""
        made = replace(one.status_list(sequence, **changes), issued_s=retired_s - 1)
        return shop.list(made, "list")

    former = {"roots": root_set(1, "stranger")}
    far = {"sequence": (1 << 31) - 1, "previous": bytes(32)}
    return (
        files
        | {
            "b2-other": one.bundle(2, url_template=f"{BASE}/x/{{number}}"),
            "b3-few": one.bundle(3, "root-1"),
            "b3-early": one.bundle(3, issued_s=one.base.issued_s - 1),
            "b3-rotated": one.bundle(3, *_OLD_ROOTS[:2], *_NEW_ROOTS, **rotated),
            "b4-rotated": one.bundle(4, *_NEW_ROOTS, **rotated),
            "b2-epoch": one.bundle(2, lists=one.entries(1)),
            "b3-no-lists": one.bundle(3, lists=()),
            "b2-minimum": one.bundle(2, lists=one.entries(0, 6)),
            "b2-stolen": one.bundle(2, **one.stolen()),
            "b2-one-list": one.bundle(2, lists=one.entries()[1:]),
            "l1-epoch": one.full(1, epoch=1),
            "l1-epoch-new": one.full(1, "list-eddsa", epoch=1),
            "l2-list-2": one.full(2, list_id=2),
            "l1-list-2": one.full(1, list_id=2),
            "l5-twist": one.full(5, twist=1),
            "l6-twist": one.full(6, twist=1),
            "d56-twist": one.delta(5, 6, twist=1),
            "d45-twist": one.delta(4, 5, twist=1),
            "l6-stranger": one.full(6, "stranger"),
            "l5-stranger-twist": one.full(5, "stranger", twist=1),
            "l6-lifted": shop.list(lifted, "list"),
            "l6-suspended": shop.list(suspended, "list"),
            "d56-lifted": shop.delta(make_delta(one.status_list(5), lifted), "list"),
            "l7-early": shop.list(replace(seven, issued_s=one.status_list(5).issued_s - 1), "list"),
            "l7-fewer": shop.list(replace(seven, table=fewer), "list"),
            "l7-future": shop.list(replace(seven, issued_s=AT_S + 301), "list"),
            "l7-soon": shop.list(replace(seven, issued_s=AT_S + 300), "list"),
            "b2-retired": one.bundle(2, **ended),
            "b2-last-day": one.bundle(2, **one.ended(not_after=china_day(AT_S - DAY_S))),
            "l6-other-key": one.full(6, "list-eddsa"),
            "l7-other-key": one.full(7, "list-eddsa"),
            "l6-today": shop.list(
                replace(one.status_list(6), issued_s=AT_S, expires_s=AT_S + DAY_S), "list-eddsa"
            ),
            "d56-other-key": one.delta(5, 6, "list-eddsa"),
            "l6-backdated": backdated(6, twist=1),
            "l7-backdated": backdated(7, twist=1),
            "l5-backdated": backdated(5, twist=1),
            "l4-same-backdated": backdated(4),
            "l6-same-backdated": backdated(6),
            "l7-same-backdated": backdated(7),
            "d57-same-backdated": shop.delta(
                make_delta(one.status_list(5), replace(seven, issued_s=retired_s - 1)), "list"
            ),
            "l5-other-key": one.full(5, "list-eddsa"),
            "d45-other-key": one.delta(4, 5, "list-eddsa"),
            "d67-other-key": one.delta(6, 7, "list-eddsa"),
            "l-far-backdated": shop.list(
                replace(seven, sequence=(1 << 31) - 1, issued_s=retired_s - 1), "list"
            ),
            "b2-former": one.bundle(2, *_OLD_ROOTS[:2], "stranger", **former),
            "b3-former": one.bundle(3, *_OLD_ROOTS[:2], "stranger", **former),
            "b4-former": one.bundle(4, *_OLD_ROOTS[:2], "stranger", **former),
            "l-far": shop.list(replace(lifted, **far), "list"),  # type: ignore[arg-type]
            "l-far-void": shop.list(replace(seven, **far), "list"),  # type: ignore[arg-type]
            "r1": one.rescue(1, 1),
            "r2": one.rescue(2, 2),
            "r2-other": one.rescue(2, 3),
            "r2-new-roots": one.rescue(2, 2, *_NEW_ROOTS),
            "r1-new-roots": one.rescue(1, 1, *_NEW_ROOTS),
            "r3-few": one.rescue(3, 3, "root-1"),
            "b2-unread": unread,
            "b3-claims": cose.sign(
                canon.encode({1: {1: one.id}, 2: 3}), signers=signers("stranger"), typ=BUNDLE_TYP
            ).to_bytes(),
            "b2-not-own": one.bundle(2, **rotated),
            "b3-not-own": one.bundle(3, **rotated),
            "b2-another-key": one.bundle(
                2,
                keys=in_order(seal_key("token", KeyUse.TOKEN), seal_key("list-eddsa", KeyUse.LIST)),
            ),
            "b1-few": one.bundle(1, "root-1", url_template=f"{BASE}/x/{{number}}"),
            "b2-few": one.bundle(2, "root-1"),
            "l5-broken": shop.resign_list(one.full(5), "list", _7=bytes(32)),
            "l6-broken": shop.resign_list(one.full(6), "list", _7=bytes(32)),
            "l1-epoch-stranger": one.full(1, "stranger", epoch=1),
            "d56-future": shop.delta(
                make_delta(
                    one.status_list(5),
                    replace(one.status_list(6), issued_s=AT_S + 301, expires_s=AT_S + DAY_S),
                ),
                "list",
            ),
            "d67-lifted": shop.delta(make_delta(one.status_list(6), later), "list"),
            "r1-few": one.rescue(1, 1, "root-1"),
            "s1": one.rescue(1, 1, key="list"),
            "s3": one.rescue(3, 3, key="list"),
            "page": b"<html>log in</html>",
            "cut": files["l6"][:-20],
        }
    )


_FIVE: Final = Step(("l5",))
_SEQUENCES: Final[tuple[tuple[str, str, str, Sequence[Step]], ...]] = (
    ("ordinary", "全量、增量、历史并存", "full lists, deltas and history", (
        Step(("l1", "d12", "d23")), Step(("d34", "d12", "l2")), Step(("l5", "l1")),
        Step(("b1", "b2", "d56")), Step(("d56", "d67")), Step(("l5", "l7")))),
    ("order", "次序不要紧", "order does not matter", (
        Step(("d34", "d12", "b3", "d23", "l1", "b2")),
    )),
    ("rollback", "列表后退", "a list goes back", (
        _FIVE, Step(("l4",), ("store.rollback",)), Step(("d34",), ("store.rollback",)),
        Step(("l4", "l5")))),
    ("fork", "同一期号两份内容", "two contents of one sequence", (
        _FIVE, Step(("l5-twist",), ("store.forked",)), Step(("d45-twist",), ("store.forked",)),
        Step(("d56-twist",), ("store.forked",)), Step(("l6-twist",), ("store.forked",)),
        Step(("l6-twist", "l6"), ("store.forked",)), Step(("l5-stranger-twist", "l6")))),
    ("gap", "增量不衔接", "a delta that continues nothing", (
        Step(("d12",), ("store.delta_gap",)), _FIVE, Step(("d67",), ("store.delta_gap",)),
        Step(("d56", "d67")))),
    ("unsigned", "无人签名的略过", "what nobody signed is passed over", (
        _FIVE, Step(("l6-stranger",)), Step(("page", "cut", "b3-few", "r3-few")),
        Step(("l6-stranger", "d56", "page")))),
    ("minimum", "低于最小期号", "below the minimum sequence", (
        _FIVE, Step(("b2-minimum",)), Step(("l5",), ("store.below_minimum",)), Step(("l6",)))),
    ("epoch", "新的纪元", "a new epoch", (
        _FIVE, Step(("l1-epoch",), ("store.epoch_ahead",)),
        Step(("l1-epoch", "d56"), ("store.epoch_ahead",)), Step(("b2-epoch",)),
        Step(("l7",), ("store.below_minimum",)), Step(("l1-epoch", "l7")),
        Step(("b3", "l7"), ("store.rollback",)))),
    ("epoch-forgotten", "列表去而复来，纪元仍不得降低", "a list that comes back keeps its epoch", (
        Step(("b2-epoch", "l1-epoch")), Step(("b3-no-lists",)),
        Step(("b4",), ("store.rollback",)))),
    ("bundles", "信任包后退与分叉", "bundles that go back or fork", (
        Step(("b3", "b2")), Step(("b2",), ("store.rollback",)), Step(("b2", "b3")),
        Step(("b3-early",), ("store.forked",)), Step(("b3-few",)), Step(("b4",)))),
    ("bundle-fork", "一次收到两份同版信任包", "two bundles of one version at once", (
        Step(("b2", "b2-other", "b3"), ("store.forked",)), Step(("b2", "b3", "l1")))),
    ("bundle-early", "信任包签发时间后退", "a bundle that was issued before the one in force", (
        Step(("b3-early",), ("store.rollback",)), Step(("b3-early", "l1"), ("store.rollback",)))),
    ("minimum-not-reached", "声称够高而实际达不到", "more is claimed than can be reached", (
        Step(("b2-minimum", "l5", "d67"), ("store.below_minimum",)), Step(("l5", "d56")))),
    ("retired", "退役密钥倒签的列表", "lists that a retired key backdates", (
        Step(("l-far-backdated", "b2-retired", "l6-other-key"), ("store.list_backwards",)),
        Step(("l6-backdated", "l7-other-key"), ("store.list_backwards",)),
        Step(("l7-backdated",), ("store.list_backwards",)),
        Step(("l5", "l5-backdated", "l7-other-key")))),
    ("retired-held", "已有列表之后的倒签", "backdated beside the held list", (
        Step(("l5",)), Step(("b2-retired", "l6-other-key")),
        Step(("l-far-backdated",), ("store.list_backwards",)),
        Step(("l-far-backdated", "l7-other-key"), ("store.list_backwards",)))),
    ("retired-shadow", "退役密钥倒签内容相同的一份", "a retired key backdates the same content", (
        Step(("l6-same-backdated", "b2-retired", "l6-other-key")),
        Step(("l7-same-backdated", "l7-other-key")))),
    ("retired-shortcut", "退役密钥倒签的捷径", "a retired key backdates a shorter way", (
        Step(("b2-retired", "l5-other-key")),
        Step(("d57-same-backdated", "d56-other-key", "d67-other-key")))),
    ("retired-between", "倒签而晚于后一份增量", "backdated, and later than what follows on", (
        Step(("l4-same-backdated", "l4", "b2-retired", "d45-other-key", "d56-other-key")),)),
    ("retired-alone", "退役密钥签的列表在无新者时仍作数", "a retired key alone", (
        Step(("b2-retired", "l4")), Step(("l5",)), Step(("l5-backdated",), ("store.forked",)))),
    ("retired-base", "新列表接在退役密钥所签之后", "what follows on from a retired key's list", (
        Step(("b2-retired", "l5", "d56-other-key")), Step(("l7-other-key",)))),
    ("last-day", "密钥最后一日之后", "after the last day of a key", (
        Step(("l7", "b2-last-day", "l6-today"), ("store.list_backwards",)), Step(("l6-today",)))),
    ("claims-of-a-bundle", "更换根密钥后，自称同版而读不懂的文件",
     "after a change of roots, a file that claims its version and is no bundle", (
        Step(("b3-rotated",)), Step(("b3-claims", "l5", "b4-rotated")))),
    ("former-roots", "换下的根密钥另签一份", "former roots sign another change", (
        Step(("b3-rotated",)), Step(("b3-former",), ("store.forked",)),
        Step(("b3-former", "b4-former", "b4-rotated"), ("store.forked",)))),
    ("branch", "同一组根密钥引向两处", "two ways lead on from one root set", (
        Step(("b2-former", "b3-rotated"), ("store.forked",)),
        Step(("b3-rotated", "b4-former"), ("store.forked",)), Step(("b2", "b3-rotated")))),
    ("roots", "更换根密钥", "a change of roots", (
        Step(("r2",)), Step(("b4-rotated",)), Step(("b4-rotated", "b3-rotated")),
        Step(("r2",)), Step(("r1-new-roots",), ("store.rollback",)), Step(("r2-new-roots",)),
        Step(("b5",)))),
    ("rescue", "确认清单的编号", "numbers of rescue lists", (
        Step(("r1",)), Step(("r2", "r1")), Step(("r1",), ("store.rollback",)),
        Step(("r2-other",), ("store.forked",)), Step(("r3-few", "r2")))),
    ("taken-back", "让失效的恢复有效", "a final state is taken back", (
        _FIVE, Step(("l6-lifted",), ("store.state_taken_back",)),
        Step(("l6-suspended",), ("store.state_taken_back",)),
        Step(("d56-lifted",), ("store.state_taken_back",)),
        Step(("l-far", "d56"), ("store.state_taken_back",)))),
    ("backwards", "签发时间后退或涵盖变小", "issued earlier, or covers less", (
        _FIVE, Step(("l7-early",), ("store.list_backwards",)),
        Step(("l7-fewer",), ("store.list_backwards",)), Step(("l7",)))),
    ("future", "签发于将来", "made in the future", (
        _FIVE, Step(("l7-future",)), Step(("l7-future", "d56")), Step(("l7-soon",)))),
    ("clock", "时钟后退", "the clock goes back", (
        Step(("l1",), at_s=AT_S + 400), Step(("l2",), ("store.clock_behind",), AT_S + 99),
        Step(("l2",), at_s=AT_S + 100))),
    ("islands", "机关互不影响", "authorities are islands", (
        Step(("b3", "other-b3", "l5", "other-l2")),
        Step(("b4", "other-b2", "l6", "other-l1"), ("store.rollback", "store.rollback")),
        Step(("b2", "other-l2", "l7"), ("store.rollback",)))),
    ("lists", "列表互不影响", "lists are islands", (
        Step(("l5", "l1-list-2")), Step(("l4", "l2-list-2", "b2"), ("store.rollback",)),
        Step(("b2-one-list", "l6"), ("store.forked",)))),
    ("no-evidence", "读不懂或签名不足的信任包", "bundles that are no evidence", (
        Step(("b2", "l5")), Step(("b2-unread",)), Step(("b2-not-own",)), Step(("b3-not-own",)),
        Step(("b1-few",)), Step(("b2-few", "b1"), ()))),
    ("older-unsigned", "更旧的信任包签名不足", "older bundles that are not signed enough", (
        Step(("b3",)), Step(("b2-few",)), Step(("b2-few", "b1")))),
    ("given-up", "因最小期号放弃之后", "after a list was given up", (
        _FIVE, Step(("b2-minimum",)), Step(("b3",)), Step(("l5",)))),
    ("minimum-held", "所持恰为最小期号", "the list held is just the minimum", (
        Step(("l6",)), Step(("b2-minimum",)))),
    ("key-gone", "签列表的密钥不再列出", "the key of the held list is no longer named", (
        _FIVE, Step(("b2-another-key",)), Step(("l5",)), Step(("l6-other-key",)))),
    ("rescue-given-up", "确认清单放弃之后", "after a rescue list was given up", (
        Step(("r2", "s1")), Step(("b2",)), Step(("b3-rotated",)), Step(("b4-rotated",)))),
    ("rescue-keys", "各密钥的确认清单互不影响", "rescue lists of two keys", (
        Step(("r1-few", "r2", "s1")), Step(("r1", "r2-other"), ("store.forked",)),
        Step(("r2-other", "s3"), ("store.forked",)))),
    ("broken-list", "内容不符的列表", "lists that are signed and broken", (
        Step(("l5-broken",)), _FIVE, Step(("l5-broken",)), Step(("l6-broken",)),
        Step(("l6-broken", "d56")))),
    ("stranger-epoch", "外人的新纪元", "a stranger's new epoch", (
        _FIVE, Step(("l1-epoch-stranger",)))),
    ("future-first", "第一份就签发于将来", "the first list is made in the future", (
        Step(("l7-future",)), _FIVE, Step(("d56-future",)), Step(("d56",)))),
    ("last-of-two", "两份增量中后一份收回状态", "the second of two deltas takes back a state", (
        _FIVE, Step(("d56", "d67-lifted"), ("store.state_taken_back",)))),
    ("theft", "列表密钥失窃之后", "after the theft of a list key", (
        Step(("l-far-void",)), Step(("l5",), ("store.rollback",)),
        Step(("b2-stolen", "l-far-void", "l1-epoch", "l5")),
        Step(("l1-epoch-new", "l-far", "l1-epoch")))),
)  # fmt: skip


def outcome(store: Store) -> Json:
    """What a store holds, as the vectors show it."""
    state = disk.read_state(store.path)
    if state is None:
        raise WrongVectorError("store", "no state")
    return {
        item.id: {
            "version": item.version,
            "lists": [
                {
                    "list_id": mark.list_id, "epoch": mark.epoch, "sequence": mark.sequence,
                    "state_hash": mark.state_hash.hex(), "believed": mark.is_believed,
                }
                for mark in item.marks
            ],
            "rescues": [
                {"number": mark.number, "believed": mark.thumbprint in _rescued(store, item.id)}
                for mark in item.rescue_marks
            ],
        }
        for item in state.authorities
    }  # fmt: skip


def _rescued(store: Store, authority_id: str) -> set[bytes]:
    return {
        rescue.thumbprint
        for anchor in store.load()[0].anchors
        if anchor.bundle.authority.id == authority_id
        for rescue in anchor.rescues
    }


def _moment(at_s: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(at_s, datetime.UTC)


def begin(path: Path, bundles: Sequence[bytes], *, pin: bytes, at_s: int) -> Store:
    """A store that holds these authorities."""
    for bundle in bundles:
        Store.init(path, bundle, pin=pin, at=_moment(at_s))
    return Store(path)


def take(store: Store, files: Sequence[tuple[str, bytes]], *, at_s: int) -> list[str]:
    """Update; the alarms."""
    try:
        store.update(files, at=_moment(at_s))
    except AlarmError as error:
        return sorted(alarm.code for alarm in error.report.alarms)
    except StoreError as error:
        return [error.code]
    return []


def _run(name: str, steps: Sequence[Step], files: dict[str, bytes], bundle: Bundle) -> list[Json]:
    done: list[Json] = []
    with TemporaryDirectory() as folder:
        begins = [files[first] for first in _BEGINS]
        pin = fingerprint(bundle.roots)
        store = begin(Path(folder) / "store", begins, pin=pin, at_s=AT_S)
        for step in steps:
            alarms = take(store, [(each, files[each]) for each in step.files], at_s=step.at_s)
            if tuple(alarms) != step.alarms:
                raise WrongVectorError(name, step.files, alarms)
            done.append({
                "at_s": step.at_s, "files": list(step.files), "alarms": alarms,
                "state": outcome(store),
            })  # fmt: skip
    return done


def store_file(shop: Shop) -> Json:
    """The content of store.json."""
    files = _files(shop)
    bundle = Office(shop).base
    vectors = [
        {"name": name, "shows": shows(zh, en), "steps": _run(name, steps, files, bundle)}
        for name, zh, en, steps in _SEQUENCES
    ]
    return {
        "pin": fingerprint(bundle.roots).hex(),
        "begins": list(_BEGINS),
        "at_s": AT_S,
        "files": {name: data.hex() for name, data in files.items()},
        "vectors": vectors,
    }
