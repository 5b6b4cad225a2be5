"""Bundle -> canonical payload bytes, and what follows from a bundle (docs/spec clause 5).

``etitle.trust.bundlereader`` reads them again, ``etitle.trust.roots`` verifies the signatures.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import quote

from etitle import canon
from etitle.errors import DecodeError, FieldError
from etitle.keys.documentkey import DocumentKey
from etitle.trust.bundlereader import (
    AUTHORITY_ID,
    MAX_BUNDLE_BYTES,
    NUMBER_SLOT,
    SCHEMA,
    decode_bundle,
)
from etitle.trust.published import (
    Authority,
    Bundle,
    Contact,
    KeyState,
    KeyUse,
    ListEntry,
    ListKey,
    PublishedKey,
    RootSet,
    Scope,
    Segment,
    UnknownKey,
)
from etitle.trust.segments import find_overlap
from etitle.trust.statuslist import KeyFinder

__all__ = [
    "AUTHORITY_ID",
    "MAX_BUNDLE_BYTES",
    "Authority",
    "Bundle",
    "Contact",
    "KeyFinder",
    "KeyState",
    "KeyUse",
    "ListEntry",
    "ListKey",
    "PublishedKey",
    "RootSet",
    "Scope",
    "Segment",
    "UnknownKey",
    "decode_bundle",
    "encode_bundle",
    "fingerprint",
    "list_keys",
    "payload_hash",
    "url_for",
]


def url_for(bundle: Bundle, number: str) -> str:
    """The URL of a certificate that carries none of its own (docs/spec clause 5.2)."""
    return bundle.url_template.replace(NUMBER_SLOT, quote(number, safe=""))


def fingerprint(roots: RootSet) -> bytes:
    """What a verifier pins: the hash of the root set's canonical bytes, 32 bytes (clause 5.4)."""
    return sha256(canon.encode(_roots_value(roots))).digest()


def list_keys(bundle: Bundle) -> KeyFinder:
    """The keys whose lists and deltas are believed, by kid (docs/spec clause 6.11).

    What a retired key signed before it retired stays believable.  A compromised key's lists do
    not: nothing in a list can prove that it is older than the compromise.
    """
    by_kid: dict[bytes, list[ListKey]] = {}
    for key in bundle.keys:
        public = key.public
        if isinstance(public, DocumentKey):  # signs no list, whatever its uses say
            continue
        if KeyUse.LIST in key.uses and key.state is not KeyState.COMPROMISED:
            by_kid.setdefault(public.kid, []).append(ListKey(public, key))
    found = {kid: tuple(keys) for kid, keys in by_kid.items()}
    return lambda kid: found.get(kid, ())


def encode_bundle(bundle: Bundle) -> bytes:
    """The canonical payload of a bundle.

    Raises:
        FieldError: ``bundle.refused`` where ``decode_bundle`` would refuse or read something else.
    """
    if bundle.unknown_keys:
        raise FieldError("bundle.refused", field="7", rule="bundle.version_unknown")
    try:
        data = canon.encode(_value(bundle))
        again = decode_bundle(data)
    except DecodeError as error:
        raise FieldError(
            "bundle.refused", field=error.details.get("field", "?"), rule=error.code
        ) from None
    if again != bundle:
        raise FieldError("bundle.refused", field="?", rule="round trip")
    if find_overlap(bundle.segments):
        raise FieldError("bundle.refused", field="8", rule="bundle.segments_overlap")
    return data


def payload_hash(bundle: Bundle) -> bytes:
    """SHA-256 of a bundle's payload, entries that this program ignores included.

    Args:
        bundle: as it was read, or one not yet written; not a changed copy of one that was read.

    Raises:
        FieldError: as ``encode_bundle``, for one not yet written.
    """
    return bundle.payload_hash or sha256(encode_bundle(bundle)).digest()


def _value(bundle: Bundle) -> dict[int, object]:
    who = bundle.authority
    return {
        0: SCHEMA,
        1: {1: who.id, 2: who.name_zh, 3: who.name_en},
        2: bundle.version,
        3: bundle.issued_s,
        4: bundle.next_update_s,
        5: bundle.example,
        6: _roots_value(bundle.roots),
        7: [_key_value(key) for key in bundle.keys],
        8: [
            {0: s.id, 1: s.prefix, 2: s.width, 3: s.first, 4: s.last,
             5: s.body, 6: int(s.body_level), 7: s.not_before, 8: s.not_after}
            for s in bundle.segments
        ],
        9: [
            {1: entry.list_id, 2: entry.epoch, 3: entry.minimum_sequence, 4: entry.uri}
            for entry in bundle.lists
        ],
        10: bundle.url_template,
        **({} if bundle.contact is None else {11: _contact_value(bundle.contact)}),
    }  # fmt: skip


def _roots_value(roots: RootSet) -> dict[int, object]:
    known = [(key.to_bytes(), key.to_cose()) for key in roots.keys]
    unknown = [
        (key.cose_key, canon.decode(key.cose_key, max_bytes=MAX_BUNDLE_BYTES))
        for key in roots.unknown
    ]
    ordered = sorted([*known, *unknown], key=lambda item: item[0])
    return {1: roots.threshold, 2: [value for _, value in ordered]}


def _contact_value(contact: Contact) -> dict[int, object]:
    parts = {1: contact.office, 2: contact.telephone, 3: contact.query_url}
    return {key: value for key, value in parts.items() if value is not None}


def _scope_value(scope: Scope) -> dict[int, object]:
    parts: dict[int, Sequence[object]] = {
        1: scope.bodies,
        2: [int(level) for level in scope.body_levels],
        3: [int(level) for level in scope.levels],
        4: scope.segments,
    }
    return {key: items for key, items in parts.items() if items}


def _key_value(key: PublishedKey) -> dict[int, object]:
    return {
        **({} if key.scope is None else {9: _scope_value(key.scope)}),
        1: key.public.to_cose(),
        2: key.x509,
        3: sorted(int(use) for use in key.uses),
        4: key.not_before,
        5: key.not_after,
        6: [(int(state), since_s) for state, since_s in key.history],
        7: key.seal_name,
        8: key.seal_number,
    }
