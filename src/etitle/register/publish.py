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
from typing import Final, NamedTuple

from etitle.certificate.dates import DAY_S, china_day, day_date
from etitle.errors import DecodeError, EtitleError, IssueError, TrustError
from etitle.files import locked_folder, read_bounded, write_atomic
from etitle.issue.bundlechain import fingerprint_text, open_bundle_chain
from etitle.issue.publication import (
    DEFAULT_LIFETIME_S,
    SignedList,
    any_key,
    demand_list_key,
    sign_next_list,
)
from etitle.keys.public import PublicKey
from etitle.keys.signer import Signer
from etitle.register.ledger import Ledger, Publication
from etitle.token import frame, text
from etitle.trust.published import Bundle, KeyState, ListEntry
from etitle.trust.rescue import (
    MAX_RESCUE_BYTES,
    Rescue,
    digest,
    make_rescue,
    open_rescue,
    parse_rescue,
)
from etitle.trust.roots import parse_bundle
from etitle.trust.statuslist import MAX_LIST_BYTES, StatusList, open_list

KEEP_DELTAS: Final = 35
KEEP_DATED: Final = 52
"""Dated full lists that are kept of each list: a year of weeks."""
MAX_FILES: Final = 3000
MAX_BYTES: Final = 1 << 27
"""What a published folder may hold, well within what a verifier reads of one (4,096 files and
2^28 bytes): dated full lists make room, the oldest first."""
FULL_LIST_S: Final = 7 * DAY_S
"""A dated copy of the full list is kept each week (docs/spec clause 6.10)."""

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
            ``issue.below_minimum``, ``issue.sequence_published`` or ``issue.rescue_missing``.
        TrustError: for bundles or rescue lists that a verifier would not believe.
    """
    bundle = open_bundle_chain(bundles)
    demand_list_key(bundle, signer, at_s=at_s)
    opened = [open_rescue(data, bundle=bundle) for data in rescues]
    _demand_rescues(folder, bundle, opened)
    with locked_folder(folder):
        done = [
            _publish_list(folder, entry, bundle, ledger, signer, at_s, lifetime_s)
            for entry in bundle.lists
        ]
        _prune(folder)
        for data in bundles:
            _put(folder / "bundles" / f"{parse_bundle(data)[1].version:04}.cose", data)
        for path in (folder / "rescue").glob("*.cose"):
            if path.stem not in {rescue.thumbprint[:4].hex() for rescue in opened}:
                path.unlink()  # by roots that are none any more: no verifier takes it
        for data, rescue in zip(rescues, opened, strict=True):
            _put(folder / "rescue" / f"{rescue.thumbprint[:4].hex()}.cose", data)
        _put(folder / "fingerprint.txt", fingerprint_text(bundle).encode())
        _put(folder / "index.json", _index(folder, bundle, at_s))
    return tuple(done)


def _publish_list(  # noqa: PLR0913, PLR0917  # what publish was given
    folder: Path,
    entry: ListEntry,
    bundle: Bundle,
    ledger: Ledger,
    signer: Signer,
    at_s: int,
    lifetime_s: int,
) -> PublicationReport:
    list_id, epoch = entry.list_id, entry.epoch
    history = ledger.publications(list_id, epoch=epoch)
    done = sign_next_list(
        ledger.table(list_id, epoch=epoch),
        bundle=bundle,
        previous=history[-1].signed if history else None,
        signer=signer,
        at_s=at_s,
        lifetime_s=lifetime_s,
    )
    if done.is_repeated:
        _check_folder(folder, bundle, entry, done.sequence + 1)
    else:
        _check_folder(folder, bundle, entry, done.sequence)
        publication = Publication(
            list_id,
            epoch,
            done.sequence,
            at_s,
            done.content.table.state_hash(),
            done.signed,
            done.delta,
        )
        ledger.remember(publication, keep=KEEP_DELTAS)
        history = ledger.publications(list_id, epoch=epoch)
    _write_list(folder, history, done.content)
    return _report(done, history[-1])


def _report(done: SignedList, newest: Publication) -> PublicationReport:
    return PublicationReport(
        list_id=newest.list_id,
        sequence=newest.sequence,
        coverage=done.coverage,
        changes=done.changes,
        list_bytes=len(done.signed),
        delta_bytes=None if newest.delta is None else len(newest.delta),
        repeated=done.is_repeated,
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
        return open_list(data, authority_id=bundle.authority.id, keys=any_key(bundle))
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


def _demand_rescues(folder: Path, bundle: Bundle, opened: Sequence[Rescue]) -> None:
    """Refuse to publish without a rescue list that was published: new roots must sign it again.

    Without it every certificate that it names would turn from authentic to unknown.
    """
    signed = {rescue.thumbprint: rescue.number for rescue in opened}
    compromised = {
        key.public.thumbprint for key in bundle.keys if key.state is KeyState.COMPROMISED
    }
    for path in sorted((folder / "rescue").glob("*.cose")):
        data = read_bounded(path, limit=MAX_RESCUE_BYTES) or b""
        try:
            _, out = parse_rescue(data)
        except TrustError:
            continue
        if out.thumbprint in compromised and signed.get(out.thumbprint, 0) < out.number:
            raise IssueError(
                "issue.rescue_missing", kid=out.thumbprint[:4].hex(), number=out.number
            )


def _prune(folder: Path) -> None:
    """Delete the oldest dated lists, so that no verifier's limits are ever reached."""
    lists = folder / "lists"
    dated = [path for path in lists.glob("*.cwt") if _DATED.fullmatch(path.name)]
    by_list: dict[str, list[Path]] = {}
    for path in sorted(dated, key=_day_of, reverse=True):
        by_list.setdefault(path.name.partition("-")[0], []).append(path)
    for paths in by_list.values():
        for path in paths[KEEP_DATED:]:
            path.unlink()
            dated.remove(path)
    kept = [path for path in folder.glob("*/*") if path.is_file()]
    files, size = len(kept), sum(path.stat().st_size for path in kept)
    for path in sorted(dated, key=_day_of):
        if files <= MAX_FILES and size <= MAX_BYTES:
            break
        files, size = files - 1, size - path.stat().st_size
        path.unlink()


def _day_of(path: Path) -> str:
    return path.stem.partition("-")[2]


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


class RescueDraft(NamedTuple):
    """A rescue list before the roots sign it.

    Attributes:
        rescue: the list.
        unverified: numbers of the entries that are left out: the key did not sign them.
    """

    rescue: Rescue
    unverified: tuple[str, ...]


def rescue_of(
    ledger: Ledger, *, bundle: Bundle, thumbprint: bytes, at_s: int, number: int
) -> RescueDraft:
    """The rescue list of a compromised key: every token of the ledger that it signed.

    Each signature is verified: what stands in the ledger as signed, and is not, is left out.

    Args:
        ledger: what was issued.
        bundle: the bundle in force.
        thumbprint: of the compromised key.
        at_s: now, seconds since 1970 UTC.
        number: greater than that of any rescue list of the key before.

    Raises:
        IssueError: ``issue.key_unknown`` where the bundle names no such key of tokens.
    """
    signers = {
        key.public.thumbprint: key.public
        for key in bundle.keys
        if isinstance(key.public, PublicKey)  # one of documents alone has no tokens to rescue
    }
    if thumbprint not in signers:
        raise IssueError("issue.key_unknown", kid=thumbprint[:4].hex())
    digests: list[bytes] = []
    unverified: list[str] = []
    for each in ledger.entries():
        if each.signed.thumbprint != thumbprint:
            continue
        signed = _signed_by(each.signed.code_text, signers[thumbprint], bundle)
        if signed is None:
            unverified.append(each.number)
        else:
            digests.append(digest(signed))
    rescue = make_rescue(
        digests,
        authority_id=bundle.authority.id,
        thumbprint=thumbprint,
        issued_s=at_s,
        number=number,
    )
    return RescueDraft(rescue, tuple(unverified))


def _signed_by(code_text: str, key: PublicKey, bundle: Bundle) -> bytes | None:
    """The Sig_structure of a code that the key signed; None where it did not."""
    try:
        token = frame.unpack(text.to_frame(code_text))
    except DecodeError:
        return None
    signed = frame.sig_structure(token, authority_id=bundle.authority.id)
    is_right = (
        token.suite is key.suite
        and key.suite.is_canonical(token.signature)
        and key.verify(token.signature, signed)
    )
    return signed if is_right else None


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, data)
