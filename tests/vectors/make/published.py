"""The files of store.json: what authorities, thieves and strangers publish."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.vectors.make.grid import each
from tests.vectors.make.office import NEW_ROOTS, OLD_ROOTS, VOID, Office
from tests.vectors.make.shop import BASE, Shop, claims_of, high_s, signed, signers
from tests.vectors.make.worlds import AT_S, DAY_S, in_order, root_set, seal_key

from etitle import canon, cose
from etitle.certificate.dates import china_day
from etitle.trust.bundle import KeyState, KeyUse, ListEntry, encode_bundle
from etitle.trust.delta import DELTA_TYP, make_delta
from etitle.trust.roots import BUNDLE_TYP
from etitle.trust.status import StatusEntry, StatusKind, StatusTable
from etitle.trust.statuslist import LIST_TYP, StatusList


def published(shop: Shop) -> dict[str, bytes]:
    """Every file of the sequences, by name."""
    one, two = Office(shop), Office(shop, "other")
    files = {f"b{n}": one.bundle(n) for n in range(1, 6)}
    files |= {f"l{n}": one.full(n) for n in range(1, 8)}
    files |= {f"d{n}{n + 1}": one.delta(n, n + 1) for n in range(1, 7)}
    files |= {f"other-b{n}": two.bundle(n) for n in (1, 2, 3)}
    files |= {f"other-l{n}": two.full(n) for n in (1, 2)}
    rotated = {"roots": root_set(2, *NEW_ROOTS)}
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
        list_id=1, epoch=0, coverage=99, entries={3 * n: VOID for n in range(7)}
    )
    seven = one.status_list(7)
    later = replace(
        seven, table=one.table(6).changed({3: StatusEntry(StatusKind.VALID)}, coverage=100),
        previous=one.table(6).state_hash(),
    )  # fmt: skip
    broken: Any = canon.decode(encode_bundle(replace(one.base, version=2)), max_bytes=1 << 20)
    unread = cose.sign(
        canon.encode({**broken, 5: 1}), signers=signers(*OLD_ROOTS[:2]), typ=BUNDLE_TYP
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
            "b3-rotated": one.bundle(3, *OLD_ROOTS[:2], *NEW_ROOTS, **rotated),
            "b4-rotated": one.bundle(4, *NEW_ROOTS, **rotated),
            "b4-back": one.bundle(4, *OLD_ROOTS[:2], *NEW_ROOTS),
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
            "b2-former": one.bundle(2, *OLD_ROOTS[:2], "stranger", **former),
            "b3-former": one.bundle(3, *OLD_ROOTS[:2], "stranger", **former),
            "b4-former": one.bundle(4, *OLD_ROOTS[:2], "stranger", **former),
            "l-far": shop.list(replace(lifted, **far), "list"),  # type: ignore[arg-type]
            "l-far-void": shop.list(replace(seven, **far), "list"),  # type: ignore[arg-type]
            "r1": one.rescue(1, 1),
            "r2": one.rescue(2, 2),
            "r2-other": one.rescue(2, 3),
            "r2-new-roots": one.rescue(2, 2, *NEW_ROOTS),
            "r1-new-roots": one.rescue(1, 1, *NEW_ROOTS),
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
            **_bundles(one),
            **_other_lists(one, shop, retired_s),
            **_other_claims(one, shop),
            "page": b"<html>log in</html>",
            "cut": files["l6"][:-20],
        }
    )


def _bundles(one: Office) -> dict[str, bytes]:
    """Bundles beside the ordinary ones."""
    strange = {"roots": root_set(1, "stranger")}
    return {
        **{f"turned-{n}": one.turned(n) for n in range(2, 66)},
        **{f"left-{n}-by-63": one.turned(n, 63) for n in (64, 65)},
        "left-65-by-64": one.turned(65, 64),
        "b1-other": one.bundle(1, url_template=f"{BASE}/x/{{number}}"),
        "b2-as-b1": one.bundle(2, issued_s=one.base.issued_s + 60),
        "b2-list-3": one.bundle(2, lists=(*one.entries(), ListEntry(3, 0, 1, f"{BASE}/3"))),
        "b3-stranger": one.bundle(3, "stranger", **strange),
        "b3-former-not-own": one.bundle(3, *OLD_ROOTS[:2], **strange),
        "b4-stranger-early": one.bundle(4, "stranger", issued_s=one.base.issued_s - 1, **strange),
        "b4-early": one.bundle(4, issued_s=one.base.issued_s + 120),
        "b4-old-not-own": one.bundle(4, *OLD_ROOTS[:2], roots=root_set(2, "root-5", "stranger")),
    }


def _other_lists(one: Office, shop: Shop, retired_s: int) -> dict[str, bytes]:
    """Lists and deltas about the end of a key."""
    last_s = (china_day(AT_S - DAY_S) + 1) * DAY_S - 28_800
    just = (KeyState.ACTIVE, 1_577_836_800), (KeyState.RETIRED, one.status_list(6).issued_s)
    return {
        "b2-retired-at-6": one.bundle(2, **one.ended(history=just)),
        "d34-other-key": one.delta(3, 4, "list-eddsa"),
        "l5-today": shop.list(_at(one.status_list(5), AT_S), "list-eddsa"),
        "l5-later": shop.list(_at(one.status_list(5), one.status_list(5).issued_s + 30), "list"),
        "l6-broken-other-key": shop.resign_list(
            one.full(6, "list-eddsa"), "list-eddsa", _7=bytes(32)
        ),
        **{
            f"l6-{name}": shop.list(_at(one.status_list(6), last_s + more), "list-eddsa")
            for name, more in (("before-end", -1), ("at-end", 0))
        },
    }


def _at(made: StatusList, issued_s: int) -> StatusList:
    return replace(made, issued_s=issued_s, expires_s=issued_s + DAY_S)


def _other_claims(one: Office, shop: Shop) -> dict[str, bytes]:
    """Lists and deltas that are signed, and of another content or form."""
    five, six = one.status_list(5), one.status_list(6)
    paused = {1: StatusEntry(StatusKind.SUSPENDED, 20_000)}
    suspended = replace(five, table=five.table.changed(paused, coverage=100))
    early = replace(one.status_list(5, twist=1), issued_s=five.issued_s - 61)
    full, delta = one.full(4), one.delta(3, 4)
    files = {
        "l5-suspended": shop.list(suspended, "list"),
        "l6-resumed": shop.list(replace(six, previous=suspended.table.state_hash()), "list"),
        "l5-twist-early": shop.list(early, "list"),
        "d24": one.delta(2, 4),
        "d36": one.delta(3, 6),
        "d46": one.delta(4, 6),
        "d56-broken": signed({**claims_of(one.delta(5, 6)), 7: bytes(32)}, "list", typ=DELTA_TYP),
        "l4-token-key": one.full(4, "token"),
        "l4-second-form": _second_form(full),
        "m1": one.full(1, every=1),
        **{f"m{n}{n + 1}": one.delta(n, n + 1, every=1) for n in range(1, 65)},
    }
    for name, label, value in (
        ("id-text", 2, "1"), ("id-true", 2, True), ("epoch-text", 3, "0"),
        ("epoch-false", 3, False), ("sequence-text", 4, "4"), ("coverage-text", 5, "100"),
        ("coverage-true", 5, True), ("previous-text", 6, "x" * 32), ("hash-text", 7, "x" * 32),
        ("hash-null", 7, None), ("authority-bytes", 1, b"sample"),
    ):  # fmt: skip
        files[f"l4-{name}"] = shop.resign_list(full, "list", **{f"_{label}": value})
    for name, label, entry in each(
        ("id-true", 2, True), ("epoch-false", 3, False), ("base-0", 4, 0), ("base-text", 4, "3"),
        ("sequence-text", 5, "4"), ("before-null", 6, None), ("before-text", 6, "x" * 32),
        ("before-31", 6, bytes(31)), ("hash-text", 7, "x" * 32), ("hash-33", 7, bytes(33)),
        ("coverage-text", 8, "1"), ("issued-text", 9, "1"),
        ("form", 12, b""), ("log", 14, {1: "log"}),
    ):  # fmt: skip
        files[f"d34-{name}"] = signed({**claims_of(delta), label: entry}, "list", typ=DELTA_TYP)
    nothing = {11: [0, 0, b""], 12: shop.zlib(b""), 13: shop.zlib(b"\x80")}
    for name, coverage in (("0", 0), ("minus-1", -1)):
        claims = {**claims_of(delta), **nothing, 8: coverage}
        files[f"d34-coverage-{name}"] = signed(claims, "list", typ=DELTA_TYP)
    claims = claims_of(full)
    files["l4-issued-text"] = signed({**claims, 6: "x"}, "list", typ=LIST_TYP)
    return files


def _second_form(data: bytes) -> bytes:
    token = cose.parse_sign1(data, max_bytes=1 << 20)
    return replace(token, signature=high_s(token.signature)).to_bytes()
