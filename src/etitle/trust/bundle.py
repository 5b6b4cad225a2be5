"""Bundle <-> canonical payload bytes, and what follows from a bundle (docs/spec clause 5).

``etitle.trust.roots`` verifies its signatures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Final, TypeVar
from urllib.parse import quote

from etitle import canon
from etitle.certificate.dates import FIRST_DAY, LAST_DAY
from etitle.certificate.decode import FORBIDDEN, MAX_LIST_ID
from etitle.certificate.model import BodyLevel, Level
from etitle.errors import DecodeError, FieldError
from etitle.keys import spki
from etitle.keys.documentkey import DOCUMENT_ALGS, DocumentKey
from etitle.keys.public import PublicKey
from etitle.keys.suite import BY_ALG
from etitle.trust.mapreader import MAX_UINT, MapReader
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
from etitle.trust.statuslist import MAX_TIME_S, KeyFinder

__all__ = [
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

SCHEMA: Final = 1
MAX_BUNDLE_BYTES: Final = 1 << 20
"""Bytes of a payload or of its envelope: some 15,000 segments or 1,500 keys."""

MAX_ROOTS: Final = 16
MAX_BUNDLE_TEXT: Final = 200
"""Most characters of a name, a prefix, a URI or a template."""
MAX_LISTS: Final = 64
"""Status lists that a bundle names: with 35 deltas each they fill a published folder."""
MAX_WIDTH: Final = 18
"""Digits of a segment: what fits the typed form of a number (docs/spec clause 2.3.1)."""
MAX_SEGMENT_ID: Final = (1 << 32) - 1

NUMBER_SLOT: Final = "{number}"
_KTY: Final = 1
_ALG: Final = 3

AUTHORITY_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""Shape of an authority's id (docs/spec clause 5.1), fit for the name of a folder."""


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


def decode_bundle(payload: bytes) -> Bundle:
    """Read a bundle's payload; refuse anything that ``encode_bundle`` would not write.

    Nothing in it is verified yet: ``etitle.trust.roots`` opens signed bundles.

    Raises:
        DecodeError: ``bundle.version_unknown``, ``bundle.malformed`` (names the field by its keys,
            ``7.0.6`` is the history of the first key), or a ``canon`` or ``keys`` code.
    """
    value = canon.decode(payload, max_bytes=MAX_BUNDLE_BYTES)
    schema = value.get(0) if isinstance(value, dict) else None
    if type(schema) is int and schema > SCHEMA:
        raise DecodeError("bundle.version_unknown", version=schema)
    top = _BundleMap(value, range(11), code="bundle.malformed", optional=(11,))
    top.integer(0, SCHEMA, SCHEMA)
    who = top.map(1, range(1, 4))
    issued_s = top.time(3)
    keys, unknown_keys = _keys(top.maps(7, range(1, 9), optional=(9,)))
    return Bundle(
        authority=Authority(_authority_id(who), who.text(2), who.text(3)),
        version=top.integer(2, 1, MAX_UINT),
        issued_s=issued_s,
        next_update_s=top.integer(4, issued_s, MAX_TIME_S),
        example=top.flag(5),
        roots=_roots(top.map(6, range(1, 3))),
        keys=keys,
        segments=_ascending(
            "8", [_segment(entry) for entry in top.maps(8, range(9))], lambda one: one.id
        ),
        lists=_lists(top),
        url_template=_template(top),
        contact=_contact(top.map(11, (1,), optional=(2, 3))) if top.has(11) else None,
        unknown_keys=unknown_keys,
        payload_hash=sha256(payload).digest(),
    )


_Item = TypeVar("_Item")
_USES: Final = {int(use): use for use in KeyUse}
_STATES: Final = {int(state): state for state in KeyState}
_BODY_LEVELS: Final = {int(level): level for level in BodyLevel}
_LEVELS: Final = {int(level): level for level in Level}


class _BundleMap(MapReader):
    """A map of a bundle, with the values that only bundles have."""

    __slots__ = ()
    NEWER = "bundle.version_unknown"

    def time(self, key: int) -> int:
        return self.integer(key, 0, MAX_TIME_S)

    def days(self, first: int, last: int) -> tuple[int, int | None]:
        not_before = self.integer(first, FIRST_DAY, LAST_DAY)
        if self.any(last) is None:
            return not_before, None
        return not_before, self.integer(last, not_before, LAST_DAY)

    def text(self, key: int, *, least: int = 1) -> str:
        return check_text(self.any(key), self.name(key), least=least)


def check_text(value: canon.Value, name: str, *, least: int = 1) -> str:
    """Clause 5.1.1: a text of a bundle."""
    if (
        not isinstance(value, str)
        or not least <= len(value) <= MAX_BUNDLE_TEXT
        or FORBIDDEN.search(value)
        or value != value.strip()
    ):
        raise DecodeError("bundle.malformed", field=name)
    return value


def _authority_id(who: _BundleMap) -> str:
    value = who.text(1)
    if not AUTHORITY_ID.fullmatch(value):
        raise DecodeError("bundle.malformed", field=who.name(1))
    return value


def _roots(entry: _BundleMap) -> RootSet:
    items = entry.items(2)
    if len(items) > MAX_ROOTS or len(entry) > len((1, 2)):  # it is pinned, so nothing is ignored
        raise DecodeError("bundle.malformed", field=entry.name(2))
    _ascending(entry.name(2), [canon.encode(item) for item in items], bytes)
    unknown = [item for item in items if _is_unknown(item)]
    keys = [PublicKey.from_cose(item) for item in items if item not in unknown]
    threshold = entry.integer(1, 1, len(items))
    return RootSet(
        threshold, tuple(keys), tuple(UnknownKey(canon.encode(item)) for item in unknown)
    )


def _is_unknown(cose_key: canon.Value) -> bool:
    """Clause 5.12: a COSE_Key whose algorithm this program does not know."""
    if not isinstance(cose_key, dict) or _KTY not in cose_key:
        return False
    alg = cose_key.get(_ALG)
    if isinstance(alg, str):
        return True
    return type(alg) is int and alg not in BY_ALG and alg not in DOCUMENT_ALGS


def _keys(
    entries: Sequence[_BundleMap],
) -> tuple[tuple[PublishedKey, ...], tuple[UnknownKey, ...]]:
    _ascending("7", [canon.encode(entry.any(1)) for entry in entries], bytes)
    known: list[PublishedKey] = []
    unknown: list[UnknownKey] = []
    for entry in entries:
        if _is_unknown(entry.any(1)):
            unknown.append(_unknown(entry))
        else:
            known.append(_key(entry))
    return tuple(known), tuple(unknown)


def _unknown(entry: _BundleMap) -> UnknownKey:
    """What else is said of an unknown key is for programs that know it."""
    x509 = entry.any(2)
    if x509 is not None and (not isinstance(x509, bytes) or len(x509) > spki.MAX_X509_BYTES):
        raise DecodeError("bundle.malformed", field=entry.name(2))
    return UnknownKey(canon.encode(entry.any(1)), x509)


def _contact(entry: _BundleMap) -> Contact:
    query_url = entry.text(3) if entry.has(3) else None
    if query_url is not None and not _is_url(query_url):
        raise DecodeError("bundle.malformed", field=entry.name(3))
    return Contact(entry.text(1), entry.text(2) if entry.has(2) else None, query_url)


def _scope(entry: _BundleMap) -> Scope:
    """Clause 5.13: no part is empty, and one at least is there."""
    path = entry.name(9)
    scope = entry.map(9, (), optional=range(1, 5))
    parts = {key: scope.items(key) if scope.has(key) else () for key in range(1, 5)}
    if not any(parts.values()) or any(scope.has(key) and not parts[key] for key in parts):
        raise DecodeError("bundle.malformed", field=path)
    return Scope(
        bodies=_ascending(
            scope.name(1), [check_text(item, scope.name(1)) for item in parts[1]], str.encode
        ),
        body_levels=_levels(scope, 2, _BODY_LEVELS),
        levels=_levels(scope, 3, _LEVELS),
        segments=_numbers(scope, 4, MAX_SEGMENT_ID),
    )


def _numbers(scope: _BundleMap, key: int, most: int) -> tuple[int, ...]:
    items = scope.items(key) if scope.has(key) else ()
    numbers = [item for item in items if type(item) is int and 0 <= item <= most]
    if len(numbers) != len(items):
        raise DecodeError("bundle.malformed", field=scope.name(key))
    return _ascending(scope.name(key), numbers, int)


def _levels(scope: _BundleMap, key: int, levels: Mapping[int, _Item]) -> tuple[_Item, ...]:
    numbers = _numbers(scope, key, max(levels))
    if not all(number in levels for number in numbers):
        raise DecodeError("bundle.malformed", field=scope.name(key))
    return tuple(levels[number] for number in numbers)


def _key(entry: _BundleMap) -> PublishedKey:
    not_before, not_after = entry.days(4, 5)
    public = _public(entry.any(1))
    uses = _uses(entry)
    if isinstance(public, DocumentKey) and uses != frozenset({KeyUse.DOCUMENT}):
        raise DecodeError("bundle.malformed", field=entry.name(3))
    return PublishedKey(
        public=public,
        x509=_x509(entry, public),
        uses=uses,
        not_before=not_before,
        not_after=not_after,
        history=_history(entry),
        seal_name=entry.text(7),
        seal_number=entry.text(8, least=0),
        scope=_scope(entry) if entry.has(9) else None,
    )


def _public(value: canon.Value) -> PublicKey | DocumentKey:
    alg = value.get(_ALG) if isinstance(value, dict) else None
    return DocumentKey.from_cose(value) if alg in DOCUMENT_ALGS else PublicKey.from_cose(value)


def _x509(entry: _BundleMap, public: PublicKey | DocumentKey) -> bytes | None:
    """Clause 5.6.1: a seal certificate holds the very key beside it."""
    x509 = entry.any(2)
    if x509 is None and isinstance(public, PublicKey):
        return None
    if (
        not isinstance(x509, bytes)
        or len(x509) > spki.MAX_X509_BYTES
        or spki.held_by(x509) != public.to_spki()
    ):
        raise DecodeError("bundle.malformed", field=entry.name(2))
    return x509


def _uses(entry: _BundleMap) -> frozenset[KeyUse]:
    """The uses that this program knows; others are for newer programs (clause 5.11)."""
    items = entry.items(3)
    numbers = [item for item in items if type(item) is int and item > 0]
    if not numbers or len(numbers) != len(items):
        raise DecodeError("bundle.malformed", field=entry.name(3))
    ordered = _ascending(entry.name(3), numbers, int)
    return frozenset(_USES[number] for number in ordered if number in _USES)


def _history(entry: _BundleMap) -> tuple[tuple[KeyState, int], ...]:
    path = entry.name(6)
    history: list[tuple[KeyState, int]] = []
    for item in entry.items(6):
        match item:
            case (int() as number, int() as since_s) if (
                type(number) is type(since_s) is int
                and number in _STATES
                and 0 <= since_s <= MAX_TIME_S
            ):
                history.append((_STATES[number], since_s))
            case _:
                raise DecodeError("bundle.malformed", field=path)
    # Clause 5.6: the first is active, times ascend, nothing follows compromised.
    if not history or history[0][0] is not KeyState.ACTIVE:
        raise DecodeError("bundle.malformed", field=path)
    if any(state is KeyState.COMPROMISED for state, _ in history[:-1]):
        raise DecodeError("bundle.malformed", field=path)
    return _ascending(path, history, lambda step: step[1])


def _segment(entry: _BundleMap) -> Segment:
    width = entry.integer(2, 0, MAX_WIDTH)
    first = entry.integer(3, 0, 10**width - 1)
    not_before, not_after = entry.days(7, 8)
    return Segment(
        id=entry.integer(0, 0, MAX_SEGMENT_ID),
        prefix=entry.text(1, least=0),
        width=width,
        first=first,
        last=entry.integer(4, first, 10**width - 1),
        body=entry.text(5),
        body_level=_BODY_LEVELS[entry.integer(6, 1, len(_BODY_LEVELS))],
        not_before=not_before,
        not_after=not_after,
    )


def _lists(top: _BundleMap) -> tuple[ListEntry, ...]:
    if len(top.items(9)) > MAX_LISTS:
        raise DecodeError("bundle.malformed", field=top.name(9))
    return _ascending("9", [_list(entry) for entry in top.maps(9, range(1, 5))], _list_id)


def _list(entry: _BundleMap) -> ListEntry:
    return ListEntry(
        list_id=entry.integer(1, 0, MAX_LIST_ID),
        epoch=entry.integer(2, 0, MAX_UINT),
        minimum_sequence=entry.integer(3, 0, MAX_UINT),
        uri=entry.text(4),
    )


def _template(top: _BundleMap) -> str:
    template = top.text(10)
    if not _is_url(template) or template.count(NUMBER_SLOT) != 1:
        raise DecodeError("bundle.malformed", field=top.name(10))
    return template


def _is_url(text: str) -> bool:
    return (
        text.startswith("https://")
        and text != "https://"
        and not any(character.isspace() for character in text)
    )


def _list_id(entry: ListEntry) -> int:
    return entry.list_id


def _ascending(
    path: str, items: Sequence[_Item], order: Callable[[_Item], bytes] | Callable[[_Item], int]
) -> tuple[_Item, ...]:
    """The items, if each comes after the one before; equal ones do not."""
    places = [order(item) for item in items]
    if not all(before < after for before, after in pairwise(places)):  # type: ignore[operator]
        raise DecodeError("bundle.malformed", field=path)
    return tuple(items)
