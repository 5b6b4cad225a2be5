"""What a new bundle changes against the one in force: what roots look at before they sign.

A pure function of two bundles.  ``etitle.report.difference`` says the rows in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from etitle import canon
from etitle.certificate.dates import DAY_S
from etitle.trust.bundle import encode_bundle, fingerprint, payload_hash
from etitle.trust.overlaps import overlaps
from etitle.trust.published import (
    Bundle,
    KeyState,
    KeyUse,
    ListEntry,
    PublishedKey,
    RootSet,
    Segment,
)
from etitle.trust.rescue import DIGEST_BYTES, Rescue, encode_rescue

_DIGEST_LABEL: Final = "etitle-difference-1"
LONG_S: Final = 732 * DAY_S
"""A bundle that lasts longer than two years is unusual: so long nobody learns of a stolen key."""


class Permit(Enum):
    """What nobody does unless it was asked for by its own name."""

    LOWER_EPOCH = "lower-epoch"
    UNCOMPROMISE = "uncompromise"
    LOWER_THRESHOLD = "lower-threshold"


class At(int):
    """A time in a row, seconds since 1970 UTC."""

    __slots__ = ()


class Day(int):
    """A day in a row, day number in China."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a difference.

    Attributes:
        code: what changes, ``difference.reason``.
        details: values for its words; keys, times and days as such, not yet in words.
        is_dangerous: whether somebody could gain by it, or certificates could lose by it.
        permit: what must have been asked for by name; None for most rows.
    """

    code: str
    details: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    is_dangerous: bool = False
    permit: Permit | None = None


def difference(
    before: Bundle | None,
    after: Bundle,
    *,
    earlier: Sequence[Bundle] = (),
    at_s: int | None = None,
) -> tuple[Change, ...]:
    """What a bundle changes, in the order in which people should look at it.

    Args:
        before: the bundle in force; None for an authority's first.
        after: the bundle that is to follow it.
        earlier: the bundles before that.  A key or a list that was left out for a while is
            compared with what they said of it last.
        at_s: now, seconds since 1970 UTC; None where nobody knows.

    Returns:
        The rows; every one of them where there is no bundle in force.
    """
    history = (*earlier, *(() if before is None else (before,)))
    return (
        *_whole(before, after),
        *_times(before, after, at_s),
        *_roots(None if before is None else before.roots, after.roots),
        *_keys(before, after, history),
        *_segments(None if before is None else before.segments, after.segments),
        *_lists(before, after, history),
    )


def rescue_difference(
    before: Rescue | None, after: Rescue, *, key: PublishedKey
) -> tuple[Change, ...]:
    """What a rescue list says, and what it changes against the one in force.

    Args:
        before: the rescue list of that key in force; None where there is none.
        after: the one that is to be signed.
        key: the compromised key.
    """
    since = None if key.compromised_since_s is None else At(key.compromised_since_s)
    rows = [
        _row(
            "difference.rescue",
            **_named(key),
            since=since,
            tokens=len(after),
            at=At(after.issued_s),
            number=after.number,
        ),
    ]
    newest = 0 if before is None else before.number
    if after.number <= newest:
        rows.append(_danger("difference.rescue_not_later", number=after.number, before=newest))
    elif after.number > newest + 1:
        rows.append(_danger("difference.rescue_ahead", number=after.number, before=newest))
    if before is not None:
        old, new = _digests(before), _digests(after)
        rows.append(_row("difference.rescue_before", tokens=len(old), at=At(before.issued_s)))
        if new - old:
            rows.append(_danger("difference.rescue_more", count=len(new - old)))
        if old - new:
            rows.append(_danger("difference.rescue_fewer", count=len(old - new)))
        if after.issued_s < before.issued_s:
            rows.append(_danger("difference.rescue_earlier", at=At(after.issued_s)))
    return tuple(rows)


def _digests(rescue: Rescue) -> set[bytes]:
    return {
        rescue.digests[at : at + DIGEST_BYTES] for at in range(0, len(rescue.digests), DIGEST_BYTES)
    }


def rescue_digest(after: Rescue, *, bundle: Bundle, timeless: bool = False) -> bytes:
    """What stands for a rescue list that was shown, 32 bytes.

    Args:
        after: the rescue list.
        bundle: the bundle in force.
        timeless: leave its issue time open: whoever makes it gives it.
    """
    if timeless:
        after = replace(after, issued_s=0)
    held = payload_hash(bundle)
    return sha256(canon.encode([_DIGEST_LABEL, held, encode_rescue(after)])).digest()


def difference_digest(before: Bundle | None, after: Bundle, *, timeless: bool = False) -> bytes:
    """What stands for a difference that was shown, 32 bytes.

    Args:
        before: the bundle in force.
        after: the bundle that is to follow it.
        timeless: leave its times open, but for how long it lasts: whoever makes it gives them.
    """
    if timeless:
        lasting_s = after.next_update_s - after.issued_s
        after = replace(after, issued_s=0, next_update_s=lasting_s)
    old = None if before is None else payload_hash(before)
    return sha256(canon.encode([_DIGEST_LABEL, old, encode_bundle(after)])).digest()


def _row(code: str, /, **details: object) -> Change:
    return Change(code, MappingProxyType(details))


def _danger(code: str, /, **details: object) -> Change:
    return Change(code, MappingProxyType(details), is_dangerous=True)


def _permitted(permit: Permit, change: Change) -> Change:
    return replace(change, permit=permit)


# --- the whole ----------------------------------------------------------------------------------


def _whole(before: Bundle | None, after: Bundle) -> Iterator[Change]:
    who = after.authority
    if before is None:
        yield _row("difference.first", id=who.id, zh=who.name_zh, en=who.name_en)
        yield _row("difference.example_yes" if after.example else "difference.example_no")
        yield _row("difference.url_template", template=after.url_template)
    else:
        if before.authority.id != who.id:
            yield _danger("difference.other_authority", before=before.authority.id, after=who.id)
        if before.authority != who:
            old = before.authority
            yield _danger(
                "difference.renamed", zh=who.name_zh, en=who.name_en, zh_before=old.name_zh,
                en_before=old.name_en,
            )  # fmt: skip
        if before.example != after.example:
            yield _danger("difference.example_yes" if after.example else "difference.example_no")
        if before.url_template != after.url_template:
            yield _danger("difference.url_template", template=after.url_template)
    if after.unknown_keys != (() if before is None else before.unknown_keys):
        yield _danger("difference.unknown_keys", count=len(after.unknown_keys))
    if after.contact != (None if before is None else before.contact):
        told = after.contact
        parts = () if told is None else (told.office, told.telephone, told.query_url)
        say = _row if before is None else _danger
        yield say("difference.contact", contact=" · ".join(filter(None, parts)) or "-")


def _times(before: Bundle | None, after: Bundle, at_s: int | None) -> Iterator[Change]:
    issued_s, due_s = after.issued_s, after.next_update_s
    yield _row("difference.times", at=At(issued_s), due=At(due_s))
    if before is not None and issued_s < before.issued_s:
        yield _danger("difference.issued_earlier", at=At(issued_s), before=At(before.issued_s))
    if at_s is not None and issued_s > at_s + DAY_S:
        yield _danger("difference.issued_ahead", at=At(issued_s), now=At(at_s))
    if due_s - issued_s > LONG_S:
        yield _danger("difference.lasts_long", days=(due_s - issued_s) // DAY_S)


# --- roots --------------------------------------------------------------------------------------


def _roots(before: RootSet | None, after: RootSet) -> Iterator[Change]:
    count = {"needed": after.threshold, "keys": len(after.keys)}
    if before is None:
        yield _row("difference.roots", **count)
    elif after.threshold < before.threshold:
        lowered = _danger("difference.threshold_lowered", before=before.threshold, **count)
        yield _permitted(Permit.LOWER_THRESHOLD, lowered)
    elif after.threshold > before.threshold:
        yield _row("difference.threshold_raised", before=before.threshold, **count)
    known = frozenset(() if before is None else before.keys)
    say = _row if before is None else _danger
    for key in after.keys:
        if key not in known:
            yield say(
                "difference.root_added",
                kid=key.kid.hex(),
                suite=key.label,
                thumbprint=key.thumbprint,
            )
    for key in () if before is None else before.keys:
        if key not in after.keys:
            yield _danger("difference.root_removed", kid=key.kid.hex(), suite=key.label)
    if after.unknown != (() if before is None else before.unknown):
        yield _danger("difference.unknown_roots", count=len(after.unknown))
    if before != after:
        yield _row("difference.fingerprint", digest=fingerprint(after))


# --- keys ---------------------------------------------------------------------------------------


def _keys(before: Bundle | None, after: Bundle, history: Sequence[Bundle]) -> Iterator[Change]:
    known: dict[bytes, PublishedKey] = {}
    for bundle in history:
        known.update({key.public.thumbprint: key for key in bundle.keys})
    current = () if before is None else before.keys
    here = {key.public.thumbprint for key in current}
    for key in after.keys:
        old = known.get(key.public.thumbprint)
        if key.public.thumbprint not in here:
            say = _row if before is None else _danger  # what it signs will be authentic
            yield say(
                "difference.key_added",
                **_named(key),
                uses=key.uses,
                **_window(key),
                **_whole_key(key),
            )
            if key.scope is not None:
                yield _row("difference.key_scope", **_named(key), scope=_scope(key))
        if old is not None:
            yield from _key(old, key)
        if key not in current and key.scope is not None and KeyUse.LIST in key.uses:
            yield _danger("difference.key_scope_lists", **_named(key))
    left = {key.public.thumbprint for key in after.keys}
    for key in current:
        if key.public.thumbprint not in left:
            yield _danger("difference.key_removed", **_named(key), uses=key.uses)


def _named(key: PublishedKey) -> dict[str, object]:
    return {"kid": key.public.kid.hex(), "suite": key.public.label, "name": key.seal_name}


def _whole_key(key: PublishedKey) -> dict[str, object]:
    """The rest of a key.

    A kid has 32 bits, and whoever makes keys long enough has another one with the same: what a
    person compares is the thumbprint.
    """
    return {
        "thumbprint": key.public.thumbprint,
        "history": key.history,
        "number": key.seal_number or "-",
        "certificate": _x509(key),
    }


def _x509(key: PublishedKey) -> bytes | str:
    return "-" if key.x509 is None else sha256(key.x509).digest()


def _scope(key: PublishedKey) -> str:
    """What a key may sign for; levels as L1 to L5 and G1 to G4, segments by their ids.

    Bodies stand in quotation marks, so that no name looks like two, or like something else.
    """
    scope = key.scope
    if scope is None:
        return "*"
    levels = [f"L{level:d}" for level in scope.levels]
    body_levels = [f"G{level:d}" for level in scope.body_levels]
    bodies = ["“" + body.replace("”", "””") + "”" for body in scope.bodies]
    return " ".join((*bodies, *body_levels, *levels, *(f"#{n}" for n in scope.segments)))


def _window(key: PublishedKey) -> dict[str, object]:
    last = key.not_after
    return {"first": Day(key.not_before), "last": None if last is None else Day(last)}


def _key(before: PublishedKey, after: PublishedKey) -> Iterator[Change]:
    named = _named(after)
    yield from _history(before, after, named)
    if more := after.uses - before.uses:
        yield _danger("difference.key_uses_added", **named, uses=more)
    if fewer := before.uses - after.uses:
        yield _row("difference.key_uses_removed", **named, uses=fewer)
    window, old = _window(after), _window(before)
    if window != old:
        wider = after.not_before < before.not_before or _later(after.not_after, before.not_after)
        details = {**named, **window, "first_before": old["first"], "last_before": old["last"]}
        yield (
            _danger("difference.key_widened", **details)
            if wider
            else _row("difference.key_narrowed", **details)
        )
    if before.scope != after.scope:
        yield _danger("difference.key_scope", **named, scope=_scope(after))
    if before.x509 != after.x509:
        yield _danger("difference.key_x509", **named, certificate=_x509(after))
    seal = (after.seal_name, after.seal_number)
    if (before.seal_name, before.seal_number) != seal:
        yield _row(
            "difference.key_seal", **named, number=after.seal_number, name_before=before.seal_name
        )


def _later(day: int | None, than: int | None) -> bool:
    """Whether a last day lies after another; None is no last day."""
    return than is not None and (day is None or day > than)


def _history(
    before: PublishedKey, after: PublishedKey, named: Mapping[str, object]
) -> Iterator[Change]:
    if before.history == after.history:
        return
    since = At(after.history[-1][1])
    stolen = before.compromised_since_s
    if stolen is not None and after.state is not KeyState.COMPROMISED:
        again = _danger("difference.key_uncompromised", **named, state=after.state)
        yield _permitted(Permit.UNCOMPROMISE, again)
    elif stolen is not None:
        yield _danger("difference.key_compromise_moved", **named, since=since, before=At(stolen))
    elif after.state is KeyState.COMPROMISED:
        yield _danger("difference.key_compromised", **named, since=since)
    elif after.state is before.state:
        yield _danger(
            "difference.key_history", **named, since=since, before=At(before.history[-1][1])
        )
    elif after.state is KeyState.RETIRED:
        yield _row("difference.key_retired", **named, since=since)
    else:
        yield _danger("difference.key_reactivated", **named, since=since)
    # What was said of the past stays as it was, or the change of it is named.
    if after.state is not before.state and after.history[: len(before.history)] != before.history:
        yield _danger("difference.key_past", **named)


# --- segments and lists -------------------------------------------------------------------------


def _segments(before: Sequence[Segment] | None, after: Sequence[Segment]) -> Iterator[Change]:
    if before and not after:
        yield _danger("difference.segments_gone")
    elif before is None and not after:
        yield _row("difference.segments_none")
    old, new = frozenset(before or ()), frozenset(after)
    for segment in after:
        if segment not in old:
            yield _row("difference.segment_added", **_segment(segment))
    for segment in before or ():
        if segment not in new:
            yield _danger("difference.segment_removed", **_segment(segment))
    for one, other in overlaps(after):
        if one not in old or other not in old:
            yield _danger(
                "difference.segment_overlap",
                one=_name(one), body=one.body, other=_name(other), other_body=other.body,
            )  # fmt: skip


def _name(segment: Segment) -> str:
    return f"{segment.prefix}+{segment.width} ({_range(segment)})"


def _range(segment: Segment) -> str:
    return f"{segment.first}–{segment.last}" if segment.width else "*"


def _segment(segment: Segment) -> dict[str, object]:
    last = segment.not_after
    return {
        "id": segment.id,
        "prefix": segment.prefix,
        "width": segment.width,
        "digits": _range(segment),
        "body": segment.body,
        "level": segment.body_level,
        "first": Day(segment.not_before),
        "last": None if last is None else Day(last),
    }


def _lists(before: Bundle | None, after: Bundle, history: Sequence[Bundle]) -> Iterator[Change]:
    known: dict[int, ListEntry] = {}
    for bundle in history:
        known.update({entry.list_id: entry for entry in bundle.lists})
    here = {entry.list_id for entry in (() if before is None else before.lists)}
    for entry in after.lists:
        old = known.get(entry.list_id)
        said = {"list_id": entry.list_id, "epoch": entry.epoch}
        if entry.list_id not in here:
            yield _row(
                "difference.list_added", **said, minimum=entry.minimum_sequence, uri=entry.uri
            )
        if old is not None:
            yield from _list(old, entry)
    for list_id in sorted(here - {entry.list_id for entry in after.lists}):
        yield _danger("difference.list_removed", list_id=list_id)


def _list(before: ListEntry, after: ListEntry) -> Iterator[Change]:
    list_id = after.list_id
    if after.epoch < before.epoch:
        lowered = _danger(
            "difference.epoch_lowered", list_id=list_id, before=before.epoch, after=after.epoch
        )
        yield _permitted(Permit.LOWER_EPOCH, lowered)
    elif after.epoch > before.epoch:
        yield _danger(
            "difference.epoch_raised", list_id=list_id, before=before.epoch, after=after.epoch
        )
    least, was = after.minimum_sequence, before.minimum_sequence
    if least != was:
        lower = least < was and after.epoch <= before.epoch
        say = _danger if lower else _row
        yield say(
            "difference.minimum_lowered" if least < was else "difference.minimum_raised",
            list_id=list_id, before=was, after=least,
        )  # fmt: skip
    if before.uri != after.uri:
        yield _row("difference.list_uri", list_id=list_id, uri=after.uri)
