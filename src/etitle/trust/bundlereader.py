"""Canonical payload bytes -> bundle (docs/spec clause 5).

Nothing in it is verified yet: ``etitle.trust.roots`` opens signed bundles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Final, TypeVar

from etitle import canon
from etitle.certificate.dates import FIRST_DAY, LAST_DAY
from etitle.certificate.decode import FORBIDDEN, MAX_LIST_ID
from etitle.certificate.model import BodyLevel, Level
from etitle.errors import DecodeError
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
    PublishedKey,
    RootSet,
    Scope,
    Segment,
    UnknownKey,
)
from etitle.trust.statuslist import MAX_TIME_S

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
    is_document = type(alg) is int and alg in DOCUMENT_ALGS  # it may be anything, a map too
    return DocumentKey.from_cose(value) if is_document else PublicKey.from_cose(value)


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
