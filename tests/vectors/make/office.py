"""An authority of store.json: what it signs, by version, sequence and number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from tests.vectors.make.shop import BASE, Shop, signer, signers
from tests.vectors.make.worlds import AT_S, DAY_S, in_order, plain_bundle, root_set, seal_key

from etitle.trust.bundle import Authority, KeyState, KeyUse, ListEntry
from etitle.trust.delta import make_delta
from etitle.trust.rescue import make_rescue, sign_rescue
from etitle.trust.roots import sign_bundle
from etitle.trust.status import StatusEntry, StatusKind, StatusTable
from etitle.trust.statuslist import StatusList

VOID: Final = StatusEntry(StatusKind.VOIDED, 20_000)
OLD_ROOTS: Final = ("root-1", "root-2", "root-3")
NEW_ROOTS: Final = ("root-4", "root-5")


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
            roots=root_set(2, *OLD_ROOTS),
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
        return sign_bundle(made, signers=signers(*(by or OLD_ROOTS[:2])))

    def turned(self, version: int, roots: int | None = None) -> bytes:
        """A bundle whose roots are others than before, or still those of a version."""
        before, after = (("root-4", "root-5", "stranger")[(version + n) % 3] for n in (2, 0))
        if roots is not None:
            before = after = ("root-4", "root-5", "stranger")[roots % 3]
        by = OLD_ROOTS[:2] if version == 2 else (before,)
        return self.bundle(version, *by, after, roots=root_set(1, after))

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
        entries = {changes.get("every", 3) * n: VOID for n in range(sequence)}
        if changes.get("twist"):
            entries[1] = VOID
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
        return sign_rescue(made, signers=signers(*(by or OLD_ROOTS[:2])))
