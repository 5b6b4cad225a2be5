"""store.json: sequences of published files, and what a store makes of each (clause 7.3)."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.vectors.make.office import Office
from tests.vectors.make.published import published
from tests.vectors.make.sequences import SEQUENCES, Step
from tests.vectors.make.shop import Json, Shop, WrongVectorError, shows
from tests.vectors.make.worlds import AT_S

from etitle.errors import StoreError
from etitle.store import disk
from etitle.store.local import AlarmError, Store
from etitle.trust.bundle import Bundle, fingerprint

_BEGINS: Final = ("b1", "other-b1")


def outcome(store: Store) -> Json:
    """What a store holds, as the vectors show it."""
    state = disk.read_state(store.path)
    if state is None:
        raise WrongVectorError("store", "no state")
    return {
        item.id: {
            "version": item.version,
            "lists": [
                {
                    "list_id": mark.list_id, "epoch": mark.epoch, "sequence": mark.sequence,
                    "state_hash": mark.state_hash.hex(), "files": len(mark.files),
                    "issued_s": mark.issued_s if mark.is_believed else None,
                }
                for mark in item.marks
            ],
            "rescues": [
                {"number": mark.number, "believed": mark.thumbprint in _rescued(store, item.id)}
                for mark in item.rescue_marks
            ],
        }
        for item in state.authorities
    }  # fmt: skip


def _rescued(store: Store, authority_id: str) -> set[bytes]:
    return {
        rescue.thumbprint
        for anchor in store.load()[0].anchors
        if anchor.bundle.authority.id == authority_id
        for rescue in anchor.rescues
    }


def _moment(at_s: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(at_s, datetime.UTC)


def begin(path: Path, bundles: Sequence[bytes], *, pin: bytes, at_s: int) -> Store:
    """A store that holds these authorities."""
    for bundle in bundles:
        Store.init(path, bundle, pin=pin, at=_moment(at_s))
    return Store(path)


def take(store: Store, files: Sequence[tuple[str, bytes]], *, at_s: int) -> list[str]:
    """Update; the alarms."""
    try:
        store.update(files, at=_moment(at_s))
    except AlarmError as error:
        return sorted(alarm.code for alarm in error.report.alarms)
    except StoreError as error:
        return [error.code]
    return []


def _run(name: str, steps: Sequence[Step], files: dict[str, bytes], bundle: Bundle) -> list[Json]:
    done: list[Json] = []
    with TemporaryDirectory() as folder:
        begins = [files[first] for first in _BEGINS]
        pin = fingerprint(bundle.roots)
        store = begin(Path(folder) / "store", begins, pin=pin, at_s=AT_S)
        for step in steps:
            alarms = take(store, [(each, files[each]) for each in step.files], at_s=step.at_s)
            if tuple(alarms) != step.alarms:
                raise WrongVectorError(name, step.files, alarms)
            done.append({
                "at_s": step.at_s, "files": list(step.files), "alarms": alarms,
                "state": outcome(store),
            })  # fmt: skip
    return done


def store_file(shop: Shop) -> Json:
    """The content of store.json."""
    files = published(shop)
    bundle = Office(shop).base
    vectors = [
        {"name": name, "shows": shows(zh, en), "steps": _run(name, steps, files, bundle)}
        for name, zh, en, steps in SEQUENCES
    ]
    return {
        "pin": fingerprint(bundle.roots).hex(),
        "begins": list(_BEGINS),
        "at_s": AT_S,
        "files": {name: data.hex() for name, data in files.items()},
        "vectors": vectors,
    }
