"""A small fictional authority for tests: roots, keys, segments, one list; all made in memory."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from tests.support import drawnkeys
from tests.support.population import ISSUER

from etitle import cose
from etitle.certificate.dates import day_number
from etitle.certificate.model import BodyLevel, Certificate
from etitle.keys.signer import SoftSigner
from etitle.keys.suite import ES256, Suite
from etitle.token import frame, text
from etitle.trust.anchors import Anchor, Lists, Trust
from etitle.trust.bundle import (
    Authority,
    Bundle,
    KeyState,
    KeyUse,
    ListEntry,
    PublishedKey,
    RootSet,
    Segment,
)
from etitle.trust.rescue import Rescue
from etitle.trust.status import StatusEntry, StatusTable
from etitle.trust.statuslist import StatusList

AT: Final = datetime.datetime(2026, 11, 20, 4, 0, tzinfo=datetime.UTC)
AT_S: Final = int(AT.timestamp())
BASE: Final = "https://zc.sample.cn"
YEAR_S: Final = 365 * 86_400
WEEK_S: Final = 7 * 86_400
START_DAY: Final = day_number(datetime.date(2020, 1, 1))


@dataclass(frozen=True)
class World:
    """Everything that a verification of a test needs, and the keys behind it."""

    roots: tuple[SoftSigner, ...]
    token_signer: SoftSigner
    list_signer: SoftSigner
    bundle: Bundle
    status_list: StatusList
    rescues: tuple[Rescue, ...] = ()
    latest_s: int = 0

    @property
    def trust(self) -> Trust:
        return Trust((Anchor(self.bundle, self.rescues, self.latest_s),))

    @property
    def lists(self) -> Lists:
        return Lists((self.status_list,))

    def code(self, certificate: Certificate) -> str:
        return text.to_url(self.frame(certificate), base=BASE)

    def token(self, certificate: Certificate, *, signer: SoftSigner | None = None) -> cose.Sign1:
        """A token of this authority; by another key where one is given."""
        return frame.sign(
            certificate,
            signer=signer or self.token_signer,
            authority_id=self.bundle.authority.id,
        )

    def token_over(self, payload: bytes, *, signer: SoftSigner | None = None) -> cose.Sign1:
        """A token of this authority over any bytes."""
        aad = frame.binding(self.bundle.authority.id)
        return cose.sign1(payload, signer=signer or self.token_signer, external_aad=aad)

    def signed_part(self, token: cose.Sign1) -> bytes:
        """What this authority signs of a token."""
        return frame.sig_structure(token, authority_id=self.bundle.authority.id)

    def frame(self, certificate: Certificate) -> bytes:
        return frame.pack(self.token(certificate))

    def with_bundle(self, **changes: object) -> World:
        return replace(self, bundle=replace(self.bundle, **changes))  # type: ignore[arg-type]

    def with_token_key(self, **changes: object) -> World:
        keys = tuple(
            replace(key, **changes) if KeyUse.TOKEN in key.uses else key  # type: ignore[arg-type]
            for key in self.bundle.keys
        )
        return self.with_bundle(keys=keys)

    def with_list(self, **changes: object) -> World:
        return replace(self, status_list=replace(self.status_list, **changes))  # type: ignore[arg-type]


def seal_key(signer: SoftSigner, *uses: KeyUse, name: str = "职称专用章(1)") -> PublishedKey:
    """A key in force since 2020."""
    return PublishedKey(
        public=signer.public,
        x509=None,
        uses=frozenset(uses),
        not_before=START_DAY,
        not_after=None,
        history=((KeyState.ACTIVE, 1_577_836_800),),
        seal_name=name,
        seal_number="0000000000001",
    )


def bodies(certificates: list[Certificate]) -> tuple[Segment, ...]:
    """A segment for each approving body named, each taking every number that begins with 45."""
    pairs = sorted({(c.approving_body, int(c.body_level)) for c in certificates})
    return tuple(
        Segment("45", 0, 0, 0, body, BodyLevel(level), START_DAY, None, n)
        for n, (body, level) in enumerate(pairs)
    )


def one_by_one(certificates: list[Certificate]) -> tuple[Segment, ...]:
    """A segment for each certificate's number alone, as a bundle that is signed must have them."""
    return tuple(
        Segment(one.number, 0, 0, 0, one.approving_body, one.body_level, START_DAY, None, n)
        for n, one in enumerate(certificates)
    )


def make_world(
    certificates: list[Certificate],
    *,
    entries: Mapping[int, StatusEntry] | None = None,
    suite: Suite = ES256,
    coverage: int = 10_000_000,
    authority_id: str = "sample",
) -> World:
    """An authority that issued these certificates."""
    roots = tuple(drawnkeys.signer(ES256) for _ in range(3))
    token_signer, list_signer = drawnkeys.signer(suite), drawnkeys.signer(suite)
    keys = (seal_key(token_signer, KeyUse.TOKEN), seal_key(list_signer, KeyUse.LIST))
    bundle = Bundle(
        authority=Authority(authority_id, ISSUER, "Sample Province HR Department"),
        version=1,
        issued_s=AT_S - WEEK_S,
        next_update_s=AT_S + YEAR_S,
        example=True,
        roots=RootSet.of(2, (r.public for r in roots)),
        keys=tuple(sorted(keys, key=lambda key: key.public.to_bytes())),
        segments=bodies(certificates),
        lists=(ListEntry(1, 1, 1, f"{BASE}/lists/1.cwt"),),
        url_template=f"{BASE}/c/{{number}}",
    )
    table = StatusTable.from_entries(
        list_id=1, epoch=1, coverage=coverage, entries=dict(entries or {})
    )
    status_list = StatusList(
        authority_id=authority_id,
        table=table,
        sequence=1,
        previous=None,
        issued_s=AT_S - 3600,
        expires_s=AT_S + WEEK_S,
        ttl_s=86_400,
        uri=f"{BASE}/lists/1.cwt",
    )
    return World(roots, token_signer, list_signer, bundle, status_list)
