"""The ledger and the signed bundles become what verifiers fetch (docs/spec clauses 5 to 7).

The folder holds::

    bundles/0001.cose …          every bundle, because changes of roots are followed one by one
    lists/<id>.cwt               the newest list
    lists/<id>-<day>.cwt         a full list a week
    deltas/<id>-<from>-<to>.cose the last 35 changes
    rescue/<kid>.cose            rescue lists
    fingerprint.txt, index.json  for people; a verifier believes neither

The ledger remembers what was published before any file is written, so an interrupted run is
repeated with the same bytes, and a sequence is never used for two contents.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from etitle.certificate.dates import DAY_S, china_day, day_date
from etitle.errors import EtitleError, IssueError
from etitle.files import locked_folder, read_bounded, write_atomic
from etitle.keys.public import PublicKey
from etitle.keys.signer import Signer
from etitle.register.ledger import Ledger, Publication
from etitle.trust.bundle import KeyFinder, fingerprint
from etitle.trust.delta import make_delta, sign_delta
from etitle.trust.published import Bundle, KeyState, KeyUse, ListEntry
from etitle.trust.rescue import Rescue, digest, make_rescue, open_rescue
from etitle.trust.roots import missing_signatures, open_bundle, open_next, parse_bundle
from etitle.trust.statuslist import MAX_LIST_BYTES, StatusList, open_list, sign_list

KEEP_DELTAS: Final = 35
FULL_LIST_S: Final = 7 * DAY_S
"""A dated copy of the full list is kept each week (docs/spec clause 6.10)."""
DEFAULT_LIFETIME_S: Final = 7 * DAY_S
TTL_S: Final = DAY_S

_DATED: Final = re.compile(r"[0-9]+-[0-9]{4}-[0-9]{2}-[0-9]{2}\.cwt")


@dataclass(frozen=True, slots=True)
class PublicationReport:
    """What a list became.

    Attributes:
        list_id: the list.
        sequence: its sequence now.
        coverage: how many indices it covers.
        changes: entries that differ from the publication before; None for the first.
        list_bytes: bytes of the signed list.
        delta_bytes: bytes of the signed delta; None for the first.
        repeated: nothing new: the same files were written again.
    """

    list_id: int
    sequence: int
    coverage: int
    changes: int | None
    list_bytes: int
    delta_bytes: int | None
    repeated: bool


def open_chain(bundles: Sequence[bytes]) -> Bundle:
    """The last of an authority's bundles, each signed enough by the roots before and its own.

    Args:
        bundles: the signed bundles, oldest first.

    Raises:
        IssueError: ``issue.no_bundle``.
        TrustError: those of ``open_bundle`` and ``open_next``.
    """
    if not bundles:
        raise IssueError("issue.no_bundle")
    _, first = parse_bundle(bundles[0])
    current = open_bundle(bundles[0], pin=fingerprint(first.roots))
    for data in bundles[1:]:
        current = open_next(data, current=current)
    return current


def publish(  # noqa: PLR0913  # required keywords
    folder: Path,
    *,
    ledger: Ledger,
    bundles: Sequence[bytes],
    rescues: Sequence[bytes] = (),
    signer: Signer,
    at_s: int,
    lifetime_s: int = DEFAULT_LIFETIME_S,
) -> tuple[PublicationReport, ...]:
    """Publish every list that the bundle names, a delta each, and everything beside them.

    Run again at the same time with nothing changed, it writes the same bytes again.

    Args:
        folder: made where there is none.
        ledger: what was issued and what became of it.
        bundles: every signed bundle, oldest first.
        rescues: signed rescue lists.
        signer: signs lists; the last bundle must name it.
        at_s: now, seconds since 1970 UTC.
        lifetime_s: until when the next list is due.

    Raises:
        IssueError: ``issue.no_bundle``, ``issue.key_not_in_bundle``, ``issue.key_not_active``,
            ``issue.list_key_window``, ``issue.time_backwards_list``, ``issue.published_already``,
            ``issue.below_minimum`` or ``issue.sequence_published``.
        TrustError: for bundles or rescue lists that a verifier would not believe.
    """
    bundle = open_chain(bundles)
    _check_key(bundle, signer, at_s)
    opened = [open_rescue(data, bundle=bundle) for data in rescues]
    with locked_folder(folder):
        done = [
            _publish_list(folder, entry, bundle, ledger, signer, at_s, lifetime_s)
            for entry in bundle.lists
        ]
        for data in bundles:
            _put(folder / "bundles" / f"{parse_bundle(data)[1].version:04}.cose", data)
        for data, rescue in zip(rescues, opened, strict=True):
            _put(folder / "rescue" / f"{rescue.thumbprint[:4].hex()}.cose", data)
        _put(folder / "fingerprint.txt", fingerprint_text(parse_bundle(bundles[0])[1]).encode())
        _put(folder / "index.json", _index(folder, bundle, at_s))
    return tuple(done)


def _check_key(bundle: Bundle, signer: Signer, at_s: int) -> None:
    kid = signer.public.kid.hex()
    for key in bundle.keys:
        if key.public == signer.public and KeyUse.LIST in key.uses:
            if key.state is not KeyState.ACTIVE:
                raise IssueError("issue.key_not_active", kid=kid)
            if not key.covers(china_day(at_s)):
                raise IssueError("issue.list_key_window", kid=kid)
            return
    raise IssueError("issue.key_not_in_bundle", kid=kid)


def _publish_list(  # noqa: PLR0913, PLR0917  # what publish was given
    folder: Path,
    entry: ListEntry,
    bundle: Bundle,
    ledger: Ledger,
    signer: Signer,
    at_s: int,
    lifetime_s: int,
) -> PublicationReport:
    authority_id, list_id, epoch = bundle.authority.id, entry.list_id, entry.epoch
    table = ledger.table(list_id, epoch=epoch)
    history = ledger.publications(list_id, epoch=epoch)
    last = history[-1] if history else None
    base = None
    if last is not None and last.signed is not None:
        # Our own list, whatever has become of the key that signed it.
        base = open_list(last.signed, authority_id=authority_id, keys=_any_key(bundle))
        if at_s < last.issued_s:
            raise IssueError("issue.time_backwards_list", list_id=list_id)
        if at_s == last.issued_s:
            if base.table != table:
                raise IssueError("issue.published_already", list_id=list_id, sequence=last.sequence)
            _check_folder(folder, bundle, entry, last.sequence + 1)
            _write_list(folder, history, base)
            return _told(last, base, None, repeated=True)
    sequence = last.sequence + 1 if last else max(1, entry.minimum_sequence)
    if sequence < entry.minimum_sequence:
        raise IssueError(
            "issue.below_minimum",
            list_id=list_id,
            sequence=sequence,
            minimum=entry.minimum_sequence,
        )
    _check_folder(folder, bundle, entry, sequence)
    new = StatusList(
        authority_id=authority_id,
        table=table,
        sequence=sequence,
        previous=last.state_hash if last else None,
        issued_s=at_s,
        expires_s=at_s + lifetime_s,
        ttl_s=min(TTL_S, lifetime_s),
        uri=entry.uri,
    )
    delta = None if base is None else make_delta(base, new)
    publication = Publication(
        list_id,
        epoch,
        sequence,
        at_s,
        table.state_hash(),
        sign_list(new, signer=signer),
        None if delta is None else sign_delta(delta, signer=signer),
    )
    ledger.remember(publication, keep=KEEP_DELTAS)
    _write_list(folder, ledger.publications(list_id, epoch=epoch), new)
    return _told(publication, new, None if delta is None else len(delta.changes), repeated=False)


def _any_key(bundle: Bundle) -> KeyFinder:
    keys = [key.public for key in bundle.keys if isinstance(key.public, PublicKey)]
    return lambda kid: [key for key in keys if key.kid == kid]


def _told(
    publication: Publication, status_list: StatusList, changes: int | None, *, repeated: bool
) -> PublicationReport:
    signed, delta = publication.signed or b"", publication.delta
    return PublicationReport(
        publication.list_id,
        publication.sequence,
        status_list.table.coverage,
        changes,
        len(signed),
        None if delta is None else len(delta),
        repeated,
    )


def refuse_old_ledger(folder: Path, *, bundle: Bundle, ledger: Ledger) -> None:
    """Refuse a ledger that knows less than what was published: it is an old copy, or a new file.

    It would give numbers and indices a second time, and what was voided under such an index would
    be in force again.  What was issued and never published can't be known here.

    Args:
        folder: the published folder; it need not exist.
        bundle: the bundle in force.
        ledger: what is about to give out places.

    Raises:
        IssueError: ``issue.sequence_published``.
    """
    for entry in bundle.lists:
        there = _there(folder, bundle, entry.list_id)
        if there is None:
            continue
        known = ledger.publications(entry.list_id, epoch=there.table.epoch)
        last = known[-1].sequence if known else 0
        if there.sequence > last or there.table.coverage > ledger.coverage(entry.list_id):
            raise IssueError(
                "issue.sequence_published", list_id=there.table.list_id, sequence=there.sequence
            )


def _there(folder: Path, bundle: Bundle, list_id: int) -> StatusList | None:
    """The list in the folder; None for none, or one that a verifier would not believe."""
    try:
        data = read_bounded(folder / "lists" / f"{list_id}.cwt", limit=MAX_LIST_BYTES)
        if data is None:
            return None
        return open_list(data, authority_id=bundle.authority.id, keys=_any_key(bundle))
    except (OSError, EtitleError):
        return None


def _check_folder(folder: Path, bundle: Bundle, entry: ListEntry, sequence: int) -> None:
    """Refuse to use a sequence that the folder shows as used: the ledger is an old copy then."""
    there = _there(folder, bundle, entry.list_id)
    if there is not None and there.table.epoch == entry.epoch and there.sequence >= sequence:
        raise IssueError(
            "issue.sequence_published", list_id=there.table.list_id, sequence=there.sequence
        )


def _write_list(folder: Path, history: Sequence[Publication], newest: StatusList) -> None:
    lists, deltas = folder / "lists", folder / "deltas"
    list_id = newest.table.list_id
    wanted: set[str] = set()
    for publication in history:
        if publication.delta is not None:
            name = f"{list_id}-{publication.sequence - 1}-{publication.sequence}.cose"
            wanted.add(name)
            _put(deltas / name, publication.delta)
    signed = history[-1].signed or b""
    day = day_date(china_day(newest.issued_s))
    dated = sorted(
        path.name for path in lists.glob(f"{list_id}-*.cwt") if _DATED.fullmatch(path.name)
    )
    week_ago = day_date(china_day(newest.issued_s - FULL_LIST_S))
    if not dated or dated[-1] <= f"{list_id}-{week_ago}.cwt":
        _put(lists / f"{list_id}-{day}.cwt", signed)
    _put(lists / f"{list_id}.cwt", signed)
    for path in deltas.glob(f"{list_id}-*.cose"):
        if path.name not in wanted:
            path.unlink()


def fingerprint_text(bundle: Bundle) -> str:
    """The fingerprint of a bundle's roots as it is printed and read out: groups of four."""
    digits = fingerprint(bundle.roots).hex().upper()
    groups = [digits[at : at + 4] for at in range(0, len(digits), 4)]
    lines = [" ".join(groups[at : at + 4]) for at in range(0, len(groups), 4)]
    who = bundle.authority
    mark = ["样例 / EXAMPLE"] if bundle.example else []
    return "\n".join([*mark, f"{who.name_zh} / {who.name_en} ({who.id})", *lines, ""])


def _index(folder: Path, bundle: Bundle, at_s: int) -> bytes:
    files = sorted(
        path for path in folder.rglob("*") if path.suffix in {".cose", ".cwt"} and path.is_file()
    )
    index = {
        "note": "For people. A verifier believes signatures, never this file.",
        "authority": bundle.authority.id,
        "example": bundle.example,
        "published_s": at_s,
        "files": [
            {
                "path": path.relative_to(folder).as_posix(),
                "bytes": path.stat().st_size,
                "sha256": sha256(path.read_bytes()).hexdigest(),
            }
            for path in files
        ],
    }
    return (json.dumps(index, ensure_ascii=False, indent=1) + "\n").encode()


def rescue_of(ledger: Ledger, *, bundle: Bundle, thumbprint: bytes, at_s: int) -> Rescue:
    """The rescue list of a compromised key: every token that the ledger knows it to have signed.

    Raises:
        IssueError: ``issue.key_unknown`` where the bundle names no such key of tokens.
    """
    signers = {key.public.thumbprint for key in bundle.keys if isinstance(key.public, PublicKey)}
    if thumbprint not in signers:  # a key that signs documents alone has no tokens to rescue
        raise IssueError("issue.key_unknown", kid=thumbprint[:4].hex())
    digests = [
        digest(each.signed.to_be_signed)
        for each in ledger.entries()
        if each.signed.thumbprint == thumbprint
    ]
    return make_rescue(
        digests, authority_id=bundle.authority.id, thumbprint=thumbprint, issued_s=at_s
    )


def is_signed_enough(data: bytes, *, before: Bundle | None) -> bool:
    """Whether a bundle has the signatures that its own roots, and those before, demand."""
    _, bundle = parse_bundle(data)
    sets = [bundle.roots] if before is None else [bundle.roots, before.roots]
    return all(missing_signatures(data, roots=roots) == 0 for roots in sets)


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, data)
