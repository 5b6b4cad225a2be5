"""trust.json: the keys, bundles, rescue lists, lists, and the worlds that they make up."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any, Final

from tests.support.forge import public_of
from tests.vectors.make.papers import maker, private_key, short_certificate
from tests.vectors.make.seals import certificate, lattice_key, rsa_key
from tests.vectors.make.shop import BASE, Json, Shop, describe_keys, signer, signers

from etitle import canon, cose
from etitle.certificate.dates import day_number
from etitle.certificate.model import BodyLevel, Level
from etitle.token import frame
from etitle.trust.anchors import Anchor, Lists, Trust
from etitle.trust.bundle import (
    Authority,
    Bundle,
    KeyState,
    KeyUse,
    ListEntry,
    PublishedKey,
    RootSet,
    Scope,
    Segment,
    encode_bundle,
    fingerprint,
    list_keys,
)
from etitle.trust.rescue import digest, make_rescue, open_rescue, sign_rescue
from etitle.trust.roots import BUNDLE_TYP, open_bundle, sign_bundle
from etitle.trust.status import StatusEntry, StatusKind, StatusTable
from etitle.trust.statuslist import StatusList, open_list

AT: Final = datetime.datetime(2026, 11, 20, 4, 0, tzinfo=datetime.UTC)
AT_S: Final = int(AT.timestamp())
DAY_S: Final = 86_400
DAYS: Final = day_number

REGION_BODY: Final = "样例省职称改革工作领导小组办公室"
CITY_BODY: Final = "样例市职称改革工作领导小组办公室"
COUNTY_BODY: Final = "样例县人力资源和社会保障局"
DELEGATED_BODY: Final = "样例大学"
ISSUER: Final = "样例省人力资源和社会保障厅"

START: Final = day_number(datetime.date(2020, 1, 1))
RETIRED_DAY: Final = day_number(datetime.date(2023, 12, 31))
_ACTIVE: Final = (KeyState.ACTIVE, 1_577_836_800)


def seal_key(label: str, *uses: KeyUse, **changes: Any) -> PublishedKey:  # noqa: ANN401  # any field
    """A key in force since 2020, unless changed."""
    plain = PublishedKey(
        public=signer(label).public,
        x509=None,
        uses=frozenset(uses),
        not_before=START,
        not_after=None,
        history=(_ACTIVE,),
        seal_name="职称专用章(1)",
        seal_number="4500990000001",
    )
    return replace(plain, **changes)


def document_keys() -> tuple[PublishedKey, ...]:
    """Keys that sign documents alone; the kid of the second one is that of ``twin-16654``."""
    plain = seal_key("token", KeyUse.DOCUMENT, seal_name="职称专用章(3)")
    return tuple(
        replace(plain, public=public, x509=certificate(label))
        for label, public in (
            ("rsa-1", rsa_key("rsa-1")), ("ml-dsa-119264", lattice_key("ml-dsa-119264")),
        )
    )  # fmt: skip


def root_set(threshold: int, *labels: str) -> RootSet:
    """The root set of some labels."""
    return RootSet.of(threshold, (each.public for each in signers(*labels)))


def in_order(*keys: PublishedKey) -> tuple[PublishedKey, ...]:
    """Seal keys in the order of a bundle."""
    return tuple(sorted(keys, key=lambda key: key.public.to_bytes()))


SCOPES: Final = {
    "bodies": Scope(bodies=(CITY_BODY,)),
    "body-levels": Scope(body_levels=(BodyLevel.CITY, BodyLevel.COUNTY)),
    "levels": Scope(levels=(Level.INTERMEDIATE, Level.ASSISTANT)),
    "segments": Scope(segments=(2,)),
    "all": Scope(
        bodies=(CITY_BODY,), body_levels=(BodyLevel.CITY,), levels=(Level.INTERMEDIATE,),
        segments=(2,),
    ),
}  # fmt: skip
"""What the token key of a world may sign for; all of it holds for a city's intermediate title."""


def _scoped(bundle: Bundle, scope: Scope) -> Bundle:
    """The bundle with a scope for its token key, which signs documents too."""
    keys = (replace(key, scope=scope) if KeyUse.TOKEN in key.uses else key for key in bundle.keys)
    return replace(bundle, keys=tuple(keys))


def plain_bundle() -> Bundle:
    """The bundle that most vectors are judged under."""
    region, city = BodyLevel.REGION, BodyLevel.CITY
    return Bundle(
        authority=Authority("sample", ISSUER, "Sample Province HR Department"),
        version=3,
        issued_s=AT_S - 7 * DAY_S,
        next_update_s=AT_S + 365 * DAY_S,
        example=True,
        roots=root_set(2, "root-1", "root-2", "root-3"),
        keys=in_order(
            seal_key("token", KeyUse.TOKEN, KeyUse.DOCUMENT, x509=certificate("token")),
            seal_key("token-eddsa", KeyUse.TOKEN, seal_name="职称专用章(2)", seal_number=""),
            seal_key("list", KeyUse.LIST),
            seal_key("list-eddsa", KeyUse.LIST),
            seal_key(
                "list-old", KeyUse.LIST, not_after=RETIRED_DAY,
                history=(_ACTIVE, (KeyState.RETIRED, 1_704_067_200)),
            ),
            seal_key(
                "list-retired", KeyUse.LIST,
                history=(_ACTIVE, (KeyState.RETIRED, 1_704_067_200)),
            ),
            seal_key(
                "retired", KeyUse.TOKEN, not_after=RETIRED_DAY,
                history=(_ACTIVE, (KeyState.RETIRED, 1_704_067_200)),
            ),
            seal_key(
                "stolen", KeyUse.TOKEN, KeyUse.LIST,
                history=(_ACTIVE, (KeyState.COMPROMISED, AT_S - 30 * DAY_S)),
            ),
        ),
        segments=(
            Segment("452026", 10, 10**9, 2 * 10**9 - 1, REGION_BODY, region, START, None, 1),
            Segment("452026", 10, 2 * 10**9, 3 * 10**9 - 1, CITY_BODY, city, START, None, 2),
            Segment("453", 0, 0, 0, COUNTY_BODY, BodyLevel.COUNTY, START, None, 3),
            Segment("454", 0, 0, 0, DELEGATED_BODY, BodyLevel.DELEGATED, START, None, 4),
            Segment("4521", 12, 0, 999, REGION_BODY, region, START, RETIRED_DAY, 5),
            Segment("0", 7, 0, 9_999_999, REGION_BODY, region, START, None, 6),
            Segment("样职证字", 0, 0, 0, REGION_BODY, region, -7_000, None, 7),
            Segment("SAMPLE-", 0, 0, 0, REGION_BODY, region, START, None, 8),
        ),
        lists=(
            ListEntry(1, 1, 2, f"{BASE}/lists/1.cwt"), ListEntry(2, 0, 1, f"{BASE}/lists/2.cwt"),
        ),
        url_template=f"{BASE}/c/{{number}}",
    )  # fmt: skip


_STOLEN_KEY: Final = (_ACTIVE, (KeyState.COMPROMISED, AT_S - 30 * DAY_S))


def sealed(plain: Bundle, *uses: KeyUse, **changes: Any) -> Bundle:  # noqa: ANN401  # any field
    """A bundle with the seals of documents; changed, where it is the seal ``seal``."""
    seals = [
        seal_key(label, *(uses or (KeyUse.DOCUMENT,)), x509=maker(label).der, **changes)
        if label == "seal"
        else seal_key(
            label, KeyUse.DOCUMENT, public=public_of(private_key(label)), x509=maker(label).der
        )
        for label in ("seal", "seal-eddsa", "seal-rsa")
    ]
    return replace(plain, keys=in_order(*plain.keys, *seals))


def _sealed_lattice() -> Bundle:
    """A bundle with a seal of ML-DSA-65 beside the others, and one of a short certificate."""
    made = sealed(plain_bundle())
    public = public_of(private_key("seal-ml-dsa"))
    key = seal_key("seal", KeyUse.DOCUMENT, public=public, x509=maker("seal-ml-dsa").der)
    short = seal_key("seal-short", KeyUse.DOCUMENT, x509=short_certificate("seal-short"))
    return replace(made, keys=in_order(*made.keys, key, short))


def _sealed_newer() -> bytes:
    """The bundle ``sealed`` with two keys of suites to come: a stranger's, and one like the seal.

    The second has the certificate of the seal ``seal``, whose own key counts (clause 9.7 step 2).
    """
    tree: Any = canon.decode(encode_bundle(sealed(plain_bundle())), max_bytes=1 << 20)
    first = tree[7][0]
    later = [
        {**first, 1: {1: "SM2", 3: "SM2-SM3"}, 2: maker("seal").der},
        {**first, 1: {1: 2, 3: -70_001, -1: b"later"}, 2: maker("stranger").der},
    ]
    keys = sorted([*tree[7], *later], key=lambda item: canon.encode(item[1]))
    chosen = signers("root-1", "root-3")
    return cose.sign(canon.encode({**tree, 7: keys}), signers=chosen, typ=BUNDLE_TYP).to_bytes()


def _stolen(plain: Bundle) -> Bundle:
    """Every key that signs tokens is compromised, one of them long since."""
    long = (_ACTIVE, (KeyState.COMPROMISED, AT_S - 60 * DAY_S))
    keys = (
        replace(key, history=long if key.not_after == RETIRED_DAY else _STOLEN_KEY)
        if KeyUse.TOKEN in key.uses
        else key
        for key in plain.keys
    )
    return replace(plain, keys=in_order(*keys))


def _elsewhere(plain: Bundle, **changes: Any) -> Bundle:  # noqa: ANN401  # any field
    """A third authority with the seal; changed, where it is that seal."""
    return replace(
        plain,
        authority=Authority("third", "第三样例省人力资源和社会保障厅", "Third Province HR"),
        roots=root_set(1, "root-4"),
        keys=in_order(
            seal_key("seal", KeyUse.DOCUMENT, x509=maker("seal").der, **changes),
            seal_key("shared-17067", KeyUse.TOKEN),
            seal_key("list-eddsa", KeyUse.LIST),
        ),
    )


def bundles() -> dict[str, Bundle]:
    """Every bundle of the worlds."""
    plain = plain_bundle()
    shared = seal_key("shared-7993", KeyUse.TOKEN)
    sealing = (*plain.keys, *document_keys())
    twin = seal_key("twin-16654", KeyUse.TOKEN)
    return {
        "plain": plain,
        "real": replace(plain, example=False),
        "stale": replace(plain, next_update_s=AT_S - 5 * DAY_S),
        "expired": replace(plain, issued_s=AT_S - 90 * DAY_S, next_update_s=AT_S - 40 * DAY_S),
        "no-segments": replace(plain, segments=()),
        "next-epoch": replace(plain, lists=(ListEntry(1, 2, 1, f"{BASE}/lists/1.cwt"),)),
        "higher-minimum": replace(plain, lists=(ListEntry(1, 1, 5, f"{BASE}/lists/1.cwt"),)),
        "no-lists": replace(plain, lists=()),
        "other-list": replace(plain, lists=(ListEntry(2, 1, 1, f"{BASE}/lists/2.cwt"),)),
        "shared-kid": replace(plain, keys=in_order(*plain.keys, shared)),
        "document-keys": replace(plain, keys=in_order(*sealing)),
        "document-key-twin": replace(plain, keys=in_order(*sealing, twin)),
        "sealed": sealed(plain),
        "sealed-lattice": _sealed_lattice(),
        "sealed-real": sealed(replace(plain, example=False)),
        "sealed-ended": sealed(plain, not_after=DAYS(datetime.date(2026, 11, 19))),
        "sealed-token-stolen": sealed(_stolen(plain)),
        "sealed-for-lists": sealed(plain, KeyUse.LIST),
        "sealed-stolen": sealed(plain, history=_STOLEN_KEY),
        "sealed-all-stolen": sealed(_stolen(plain), history=_STOLEN_KEY),
        "sealed-scope": sealed(plain, scope=SCOPES["bodies"]),
        "sealed-elsewhere": _elsewhere(plain),
        "sealed-elsewhere-real": replace(_elsewhere(plain), example=False),
        "sealed-elsewhere-stolen": _elsewhere(plain, history=_STOLEN_KEY),
        "nested-segments": replace(
            plain,
            segments=(
                *plain.segments,
                Segment("452", 0, 0, 0, DELEGATED_BODY, BodyLevel.DELEGATED, START, None, 9),
                Segment("4539", 0, 0, 0, DELEGATED_BODY, BodyLevel.DELEGATED, START, None, 10),
                Segment("4520261", 0, 0, 0, DELEGATED_BODY, BodyLevel.DELEGATED, START, None, 11),
            ),
        ),
        **{f"scope-{name}": _scoped(plain, scope) for name, scope in SCOPES.items()},
        "copier": replace(
            plain,
            authority=Authority("copier", "抄录样例省人力资源和社会保障厅", "Copier Province HR"),
            roots=root_set(1, "root-4"),
            keys=in_order(seal_key("token", KeyUse.TOKEN, history=_STOLEN_KEY)),
        ),
        "other": replace(
            plain,
            authority=Authority("other", "另一样例省人力资源和社会保障厅", "Other Province HR"),
            roots=root_set(1, "root-4"),
            keys=in_order(
                seal_key("shared-17067", KeyUse.TOKEN), seal_key("list-eddsa", KeyUse.LIST)
            ),
        ),
    }


PLAIN_ENTRIES: Final = {
    100: StatusEntry(StatusKind.VOIDED, DAYS(datetime.date(2026, 11, 1))),
    101: StatusEntry(StatusKind.WITHDRAWN, DAYS(datetime.date(2026, 11, 2))),
    102: StatusEntry(StatusKind.CANCELLED, DAYS(datetime.date(2020, 1, 1))),
    103: StatusEntry(StatusKind.OTHER, DAYS(datetime.date(2026, 11, 4))),
    104: StatusEntry(StatusKind.SUSPENDED, DAYS(datetime.date(2026, 11, 5))),
    105: StatusEntry(StatusKind.SUPERSEDED, DAYS(datetime.date(2026, 11, 6)), "4520261000000002"),
    106: StatusEntry(StatusKind.SUPERSEDED, DAYS(datetime.date(2026, 11, 7))),
    107: StatusEntry(StatusKind.SUPERSEDED, DAYS(datetime.date(2026, 11, 8)), "样职证字第0002号"),
}


def status_lists() -> dict[str, tuple[StatusList, str]]:
    """Every list of the worlds, and the label of its key."""
    table = StatusTable.from_entries(list_id=1, epoch=1, coverage=1000, entries=PLAIN_ENTRIES)
    plain = StatusList(
        authority_id="sample",
        table=table,
        sequence=4,
        previous=bytes(range(32)),
        issued_s=AT_S - 3600,
        expires_s=AT_S + 7 * DAY_S,
        ttl_s=DAY_S,
        uri=f"{BASE}/lists/1.cwt",
    )
    second = StatusTable.from_entries(list_id=2, epoch=0, coverage=10, entries={})
    empty = replace(plain, table=second, sequence=1, previous=None, uri=f"{BASE}/lists/2.cwt")
    return {
        "plain": (plain, "list"),
        "second": (empty, "list-eddsa"),
        "other": (replace(plain, authority_id="other"), "list-eddsa"),
    }


_BOTH = ["plain", "second"]
_STOLEN = {"rescues": ["stolen"]}
WORLDS: Final[dict[str, list[Json]]] = {
    "plain": [{"bundle": "plain", "lists": _BOTH}],
    "real": [{"bundle": "real", "lists": _BOTH}],
    "nobody": [],
    "stale-bundle": [{"bundle": "stale", "lists": _BOTH}],
    "expired-bundle": [{"bundle": "expired", "lists": _BOTH}],
    "no-segments": [{"bundle": "no-segments", "lists": _BOTH}],
    "no-list": [{"bundle": "plain", "lists": []}],
    "next-epoch": [{"bundle": "next-epoch", "lists": _BOTH[:1]}],
    "higher-minimum": [{"bundle": "higher-minimum", "lists": _BOTH[:1]}],
    "list-not-named": [{"bundle": "no-lists", "lists": _BOTH[:1]}],
    "other-list-named": [{"bundle": "other-list", "lists": _BOTH[:1]}],
    "rescued-other": [{"bundle": "plain", "lists": _BOTH, "rescues": ["token"]}],
    "rescued": [{"bundle": "plain", "lists": _BOTH, **_STOLEN}],
    "seen-later": [{"bundle": "plain", "lists": _BOTH, "latest_time_s": AT_S + DAY_S}],
    "document-keys": [{"bundle": "document-keys", "lists": _BOTH}],
    "document-key-twin": [{"bundle": "document-key-twin", "lists": _BOTH}],
    "sealed": [{"bundle": "sealed", "lists": _BOTH}],
    "sealed-lattice": [{"bundle": "sealed-lattice", "lists": _BOTH}],
    "sealed-newer": [{"bundle": "sealed-newer", "lists": _BOTH}],
    "sealed-for-lists": [{"bundle": "sealed-for-lists", "lists": _BOTH}],
    "sealed-stolen": [{"bundle": "sealed-stolen", "lists": _BOTH}],
    "sealed-all-stolen": [{"bundle": "sealed-all-stolen", "lists": _BOTH}],
    "sealed-scope": [{"bundle": "sealed-scope", "lists": _BOTH}],
    "sealed-real": [{"bundle": "sealed-real", "lists": _BOTH}],
    "sealed-ended": [{"bundle": "sealed-ended", "lists": _BOTH}],
    "sealed-token-stolen": [{"bundle": "sealed-token-stolen", "lists": _BOTH}],
    "sealed-no-list": [{"bundle": "sealed", "lists": []}],
    "sealed-elsewhere": [
        {"bundle": "plain", "lists": _BOTH},
        {"bundle": "sealed-elsewhere", "lists": []},
    ],
    "sealed-elsewhere-real": [
        {"bundle": "plain", "lists": _BOTH},
        {"bundle": "sealed-elsewhere-real", "lists": []},
    ],
    "sealed-shared": [
        {"bundle": "sealed", "lists": _BOTH},
        {"bundle": "sealed-elsewhere-stolen", "lists": []},
    ],
    "nested-segments": [{"bundle": "nested-segments", "lists": _BOTH}],
    **{f"scope-{name}": [{"bundle": f"scope-{name}", "lists": _BOTH}] for name in SCOPES},
    "copied-key": [{"bundle": "copier", "lists": []}, {"bundle": "plain", "lists": _BOTH}],
    "copier-alone": [{"bundle": "copier", "lists": []}],
    "two-authorities": [
        {"bundle": "shared-kid", "lists": _BOTH},
        {"bundle": "other", "lists": ["other"]},
    ],
}


def trust_file(shop: Shop, rescued: cose.Sign1) -> Json:
    """The content of trust.json.

    Args:
        shop: makes the lists.
        rescued: the token whose digest the rescue list holds.
    """
    made = bundles()
    roots = dict.fromkeys(made, ("root-1", "root-3")) | dict.fromkeys(
        ("other", "sealed-elsewhere", "sealed-elsewhere-real", "sealed-elsewhere-stolen", "copier"),
        ("root-4",),
    )
    signed = rescued.to_be_signed(external_aad=frame.binding("sample"))
    rescues = {
        label: make_rescue(
            [digest(signed), bytes(16), b"\xff" * 16], authority_id="sample",
            thumbprint=signer(label).public.thumbprint, issued_s=AT_S - 20 * DAY_S, number=1,
        )
        for label in ("stolen", "token")
    }  # fmt: skip
    return {
        "keys": describe_keys(),
        "bundles": {
            name: {
                "pin": fingerprint(bundle.roots).hex(),
                "cose_sign": sign_bundle(bundle, signers=signers(*roots[name])).hex(),
            }
            for name, bundle in made.items()
        }
        | {
            "sealed-newer": {
                "pin": fingerprint(made["sealed"].roots).hex(),
                "cose_sign": _sealed_newer().hex(),
            }
        },
        "rescues": {
            label: sign_rescue(rescue, signers=signers("root-2", "root-3")).hex()
            for label, rescue in rescues.items()
        },
        "lists": {
            name: shop.list(one, label).hex() for name, (one, label) in status_lists().items()
        },
        "worlds": {
            name: [{"rescues": [], "latest_time_s": 0} | anchor for anchor in anchors]
            for name, anchors in WORLDS.items()
        },
    }


def load_world(trust_json: Json, name: str) -> tuple[Trust, Lists]:
    """A world of trust.json, opened as a verifier opens what it received."""
    anchors: list[Anchor] = []
    lists: list[StatusList] = []
    for item in trust_json["worlds"][name]:
        entry = trust_json["bundles"][item["bundle"]]
        bundle = open_bundle(bytes.fromhex(entry["cose_sign"]), pin=bytes.fromhex(entry["pin"]))
        rescues = tuple(
            open_rescue(bytes.fromhex(trust_json["rescues"][one]), bundle=bundle)
            for one in item["rescues"]
        )
        anchors.append(Anchor(bundle, rescues, item["latest_time_s"]))
        lists += [
            open_list(
                bytes.fromhex(trust_json["lists"][one]),
                authority_id=bundle.authority.id,
                keys=list_keys(bundle),
            )
            for one in item["lists"]
        ]
    return Trust(tuple(anchors)), Lists(lists)
