"""Clause 7.3 of docs/spec, read independently: what a store makes of published files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import Any, TypeAlias

from tests.second.bundles import (
    BUNDLE,
    RESCUE,
    Bundle,
    first_bundle,
    next_bundle,
    read_bundle,
    read_rescue,
)
from tests.second.encoding import Item, NewerError, RefusedError, decode, need, root_signed, sign1
from tests.second.lists import (
    DELTA,
    LIST,
    ListKey,
    StatusList,
    apply_delta,
    is_by,
    read_delta,
    read_list,
    until,
)
from tests.second.verifier import list_keys

Mark: TypeAlias = tuple[int, int, bytes, StatusList | None]
"""Epoch, sequence, state hash, and the list unless it was given up."""

Way: TypeAlias = tuple[StatusList, list["File"]]
"""A version, and the files that lead there from the held list."""


@dataclass
class File:
    """A file and what it claims."""

    data: bytes
    kind: str
    authority: str
    content: Item
    payload: bytes


@dataclass
class Island:
    """One authority of a store."""

    pin: bytes
    chain: list[Bundle]
    marks: dict[int, Mark] = field(default_factory=dict)
    rescues: dict[bytes, tuple[int, bytes, bytes | None]] = field(default_factory=dict)

    @property
    def bundle(self) -> Bundle:
        return self.chain[-1]


class Store:
    """Authorities, and the latest time seen."""

    def __init__(self, pin: bytes, bundles: Sequence[bytes], at: int) -> None:
        self.latest = at
        self.islands: dict[str, Island] = {}
        for data in bundles:
            bundle = first_bundle(data, pin)
            bundle[-2] = root_signed(data, BUNDLE)[0]
            self.islands[bundle[1][1]] = Island(pin, [bundle])

    def update(self, files: Sequence[bytes], now: int) -> list[str]:
        """The alarms of an update."""
        if now < self.latest - 300:
            return ["store.clock_behind"]
        self.latest = max(now, self.latest)
        found = [file for data in files if (file := _claims(data)) is not None]
        alarms: list[str] = []
        for name, island in self.islands.items():
            own = [file for file in found if file.authority == name]
            _bundles(island, [f for f in own if f.kind == "bundle"], alarms)
            _rescues(island, own, alarms)
            for entry in island.bundle[9]:
                mine = [f for f in own if f.kind in ("list", "delta") and _list_id(f) == entry[1]]
                _list(island, entry, mine, now, alarms)
        return sorted(alarms)

    def state(self) -> dict[str, Any]:
        """What is held, as the vectors write it."""
        return {
            name: {
                "version": island.bundle[2],
                "lists": [
                    {
                        "list_id": n, "epoch": mark[0], "sequence": mark[1],
                        "state_hash": mark[2].hex(), "files": len(mark[3].made) if mark[3] else 0,
                        "issued_s": mark[3].issued_s if mark[3] else None,
                    }
                    for n, mark in sorted(island.marks.items())
                ],
                "rescues": [
                    {"number": number, "believed": data is not None}
                    for _, (number, _, data) in sorted(island.rescues.items())
                ],
            }
            for name, island in self.islands.items()
        }  # fmt: skip


def _claims(data: bytes) -> File | None:
    """Clause 7.3.1: what a file is, before anything is believed."""
    try:
        if data[:1] == b"\xd2":
            header, payload, _, _ = sign1(data)
            kind = {LIST: "list", DELTA: "delta"}[str(header.get(16))]
            content = decode(payload)
            own = content[-70001] if kind == "list" else content
            numbers = [own[n] for n in (2, 3, 4, 5)]
            numbers += [content[6]] if kind == "list" else [content[8], content[9]]
            hashes = [own[7]] if own[6] is None and kind == "list" else [own[6], own[7]]
            need(all(type(one) is int for one in numbers))
            need(all(isinstance(one, bytes) for one in hashes))
            return File(data, kind, own[1], content, payload)
        for typ, kind in ((BUNDLE, "bundle"), (RESCUE, "rescue")):
            try:
                payload, _ = root_signed(data, typ)
            except RefusedError:
                continue
            content = decode(payload)
            name = content[1][1] if kind == "bundle" else content[1]
            return File(data, kind, name, content, payload)
    except (RefusedError, KeyError, TypeError):
        pass
    return None


# -- clause 7.3.2 ----------------------------------------------------------------------------------


def _believed(make: Callable[[], Any]) -> Any:  # noqa: ANN401  # whatever is made
    try:
        return make()
    except (RefusedError, NewerError):
        return None


def _bundles(island: Island, files: list[File], alarms: list[str]) -> None:
    start, chain = island.bundle, list(island.chain)
    if _elsewhere(chain, files):
        alarms.append("store.forked")
        return
    newest = max((file.content[2] for file in files), default=start[2])
    if newest < start[2] and any(
        _signed_by(file, chain) for file in files if file.content[2] == newest
    ):
        alarms.append("store.rollback")
    for file in sorted(files, key=lambda file: int(file.content[2])):
        now = chain[-1]
        same = file.content[2] == now[2]
        if file.content[2] < start[2] or file.payload == now[-2]:
            continue
        if same and now is start and _by_former(chain, file):
            alarms.append("store.forked")
            continue
        problem = _bundle_alarm(island, chain, file, same=same)
        if _branches(start, chain, file):
            problem = "store.forked"
        if problem is not None:
            alarms.append(problem)
            return
        made = _believed(lambda file=file, now=now: next_bundle(file.data, now))  # type: ignore[misc]
        if made is not None:
            made[-2] = file.payload
            chain.append(made)
            if _length(chain) > 64:
                alarms.append("store.too_many_roots")
                return
    island.chain = chain
    _give_up(island)


def _length(chain: list[Bundle]) -> int:
    """Clause 7.2: the last of the pinned roots, each that changed the roots, and the last.

    One too many where none changed them.
    """
    changed = [bool(one[-1] != before[-1]) for before, one in pairwise(chain)]
    return 1 + sum(changed) + (not changed[-1])


def _bundle_alarm(island: Island, chain: list[Bundle], file: File, *, same: bool) -> str | None:
    now = chain[-1]
    payload, is_signed_enough = root_signed(file.data, BUNDLE)
    made = _believed(lambda: read_bundle(payload))
    if made is None or not is_signed_enough(made[6]):
        return None
    follows = is_signed_enough(now[6])
    if same:
        return "store.forked" if follows else None
    if not follows:
        return None
    seen = {entry[1]: entry[2] for entry in now[9]}
    for list_id, mark in island.marks.items():
        seen[list_id] = max(mark[0], seen.get(list_id, mark[0]))
    lowered = any(entry[2] < seen.get(entry[1], entry[2]) for entry in made[9])
    return "store.rollback" if lowered or made[3] < now[3] else None


def _by_former(chain: list[Bundle], file: File) -> bool:
    """The roots before a change signed it, and those in force did not."""
    payload, is_signed_enough = root_signed(file.data, BUNDLE)
    made = _believed(lambda: read_bundle(payload))
    return (
        made is not None
        and len(chain) > 1
        and is_signed_enough(made[6])
        and is_signed_enough(chain[-2][6])
        and not is_signed_enough(chain[-1][6])
    )


def _branches(start: Bundle, chain: list[Bundle], file: File) -> bool:
    """It is not by the last roots, but by others that were left behind on the way."""
    payload, is_signed_enough = root_signed(file.data, BUNDLE)
    made = _believed(lambda: read_bundle(payload))
    on_the_way = chain[[one is start for one in chain].index(True) : -1]
    return (
        made is not None
        and is_signed_enough(made[6])
        and not is_signed_enough(chain[-1][6])
        and any(is_signed_enough(one[6]) for one in on_the_way)
    )


def _elsewhere(chain: list[Bundle], files: list[File]) -> bool:
    """An older bundle by which the roots in force were changed, and none that changes them back."""
    held = chain[-1]
    known = [bundle[-1] for bundle in chain]
    read = [(file, _believed(lambda f=file: read_bundle(root_signed(f.data, BUNDLE)[0])))  # type: ignore[misc]
            for file in sorted(files, key=lambda file: int(file.content[2]))]  # fmt: skip
    older = [
        (made, root_signed(file.data, BUNDLE)[1])
        for file, made in read
        if made is not None and made[2] <= held[2]
    ]
    for at, (made, signed) in enumerate(older):
        if made[2] == held[2] or made[-1] in known or not (signed(held[6]) and signed(made[6])):
            continue
        way = [made[6]]
        for later, also in older[at + 1 :]:
            if later[2] > made[2] and also(later[6]) and any(map(also, way)):
                way.append(later[6])
                if later[-1] in known:
                    break
        else:
            return True
    return False


def _signed_by(file: File, chain: list[Bundle]) -> bool:
    _, is_signed_enough = root_signed(file.data, BUNDLE)
    return any(is_signed_enough(bundle[6]) for bundle in chain)


def _give_up(island: Island) -> None:
    entries = {entry[1]: entry for entry in island.bundle[9]}
    keys = list_keys(island.bundle)
    for list_id, (epoch, sequence, state, held) in island.marks.items():
        entry = entries.get(list_id)
        stands = entry is not None and entry[2] == epoch and entry[3] <= sequence
        if held is not None and not (stands and all(is_by(one, keys) for one in held.made)):
            island.marks[list_id] = (epoch, sequence, state, None)
    for key, (number, content, data) in island.rescues.items():
        if data is not None and _believed(lambda d=data: read_rescue(d, island.bundle)) is None:  # type: ignore[misc]
            island.rescues[key] = (number, content, None)


# -- clause 7.3.3 ----------------------------------------------------------------------------------


def _rescues(island: Island, files: list[File], alarms: list[str]) -> None:
    best: dict[bytes, int] = {}
    read = [(_believed(lambda file=file: read_rescue(file.data, island.bundle)), file)  # type: ignore[misc]
            for file in files]  # fmt: skip
    believed = [(made, file) for made, file in read if made is not None]
    for made, file in sorted(believed, key=lambda one: int(one[1].content[5])):
        key, number, content = made[0], file.content[5], sha256(file.payload).digest()
        known = island.rescues.get(key)
        if known is not None and number == known[0] and content != known[1]:
            alarms.append("store.forked")
            best.pop(key, None)
            continue
        best[key] = number
        if known is None or number >= known[0]:
            island.rescues[key] = (number, content, file.data)
    for key, number in best.items():
        if number < island.rescues[key][0]:
            alarms.append("store.rollback")


# -- clause 7.3.4 ----------------------------------------------------------------------------------


def _own(file: File) -> Item:
    return file.content[-70001] if file.kind == "list" else file.content


def _list_id(file: File) -> int:
    return int(_own(file)[2])


def _end(file: File) -> tuple[int, bytes]:
    own = _own(file)
    return (own[4], own[7]) if file.kind == "list" else (own[5], own[7])


def _base(file: File) -> tuple[int, bytes | None]:
    own = _own(file)
    return (own[4] - 1, own[6]) if file.kind == "list" else (own[4], own[6])


def _list(island: Island, entry: Item, files: list[File], now: int, alarms: list[str]) -> None:
    keys = list_keys(island.bundle)
    name = island.bundle[1][1]
    signed = [
        file
        for file in files
        if is_by(file.data, keys)
        and (
            file.kind == "list" or _believed(lambda file=file: read_delta(file.data, name, keys))  # type: ignore[misc]
        )
    ]
    usable = [
        file
        for file in signed
        if _own(file)[3] == entry[2] and file.content[6 if file.kind == "list" else 9] <= now + 300
    ]
    if any(_own(file)[3] > entry[2] for file in signed):
        alarms.append("store.epoch_ahead")
    mark = island.marks.get(entry[1])
    if mark is not None and mark[0] < entry[2]:
        mark = None
    furthest = max((_end(file)[0] for file in usable), default=None)
    if furthest is None:
        if mark is None and any(_own(file)[3] < entry[2] for file in signed):
            alarms.append("store.below_minimum")
    elif furthest < entry[3]:
        alarms.append("store.below_minimum")
    elif mark is not None and furthest < mark[1]:
        alarms.append("store.rollback")
    else:
        _extend(island, entry, mark, usable, alarms)


def _outlived(mark: Mark | None, usable: list[File], keys: list[ListKey]) -> list[File]:
    """Files of keys that sign no more, where something was made after their end."""
    times = [_issued(file) for file in usable]
    if mark is not None and mark[3] is not None:
        times.append(mark[3].issued_s)
    return [
        file for file in usable if (end := until(file.data, keys)) is not None and end <= max(times)
    ]


def _issued(file: File) -> int:
    return int(file.content[6 if file.kind == "list" else 9])


def _extend(
    island: Island, entry: Item, mark: Mark | None, usable: list[File], alarms: list[str]
) -> None:
    name, keys = island.bundle[1][1], list_keys(island.bundle)
    outlived = _outlived(mark, usable, keys)
    usable = [file for file in usable if file.kind == "delta" or _opens(file, name, keys)]
    made, path = _reach(mark, usable, outlived, name, keys)
    while mark is not None and mark[3] is not None:
        assert made is not None  # what is held, at least
        problem = _contradiction(mark[3], made)
        if problem is None:
            break
        alarms.append(problem)
        usable.remove(path[-1])
        made, path = _reach(mark, usable, outlived, name, keys)
    deciding = [file for file in usable if file not in outlived]
    highest = None if made is None else made.sequence
    if made is not None and made.sequence < entry[3]:
        alarms.append("store.below_minimum")
        return
    if _is_forked(deciding, path, mark):
        alarms.append("store.forked")
        return
    if any(highest is None or _end(file)[0] > highest for file in deciding):
        alarms.append("store.delta_gap")
        return
    if made is not None:
        island.marks[entry[1]] = (entry[2], made.sequence, made.state_hash(), made)
    beyond = any(highest is None or _end(file)[0] > highest for file in usable)
    if beyond or _is_forked(usable, path, mark):
        alarms.append("store.list_backwards")


def _is_forked(files: list[File], path: list[File], mark: Mark | None) -> bool:
    settled: dict[int, bytes | None] = dict(_end(file) for file in path)
    if mark is not None:
        settled[mark[1]] = mark[2]
    for file in files:
        (end, state), (base, before) = _end(file), _base(file)
        if settled.get(end, state) != state:
            return True
        if settled.get(base, before) != before:
            return True
    return False


def _opens(file: File, name: str, keys: list[ListKey]) -> bool:
    return _believed(lambda: read_list(file.data, name, keys)) is not None


def _reach(
    mark: Mark | None, usable: list[File], outlived: list[File], name: str, keys: list[ListKey]
) -> Way | tuple[None, list[File]]:
    """The furthest version; deltas that do not apply are taken out of what is usable."""
    ways: list[Way] = [
        (read_list(file.data, name, keys), [file])
        for file in usable
        if file.kind == "list" and _leads(mark, file)
    ]
    if mark is not None and mark[3] is not None:
        ways.append((mark[3], []))
    deltas = [file for file in usable if file.kind == "delta"]
    for file in sorted(deltas, key=lambda file: (_base(file)[0], _end(file)[0])):
        bases = [way for way in ways if _version(way) == _base(file) and len(way[0].made) < 64]
        further: list[Way] = []
        for base, path in bases:
            made = _believed(lambda file=file, base=base: apply_delta(base, file.data, name, keys))  # type: ignore[misc]
            further += [(made, [*path, file])] if made else []
        if bases and not further:
            usable.remove(file)
        ways += further
    ends = [way for way in ways if not way[1] or way[1][-1] not in outlived]
    return min(ends, key=lambda way: _cost(way, outlived), default=(None, []))


def _leads(mark: Mark | None, file: File) -> bool:
    """A full list is later than the mark, or the mark itself that was given up."""
    if mark is None:
        return True
    sequence = _end(file)[0]
    return sequence > mark[1] or (sequence == mark[1] and mark[3] is None)


def _version(way: Way) -> tuple[int, bytes]:
    return way[0].sequence, way[0].state_hash()


def _cost(way: Way, outlived: list[File]) -> tuple[int, int, int, bytes, int]:
    """The furthest first, then with fewer outlived files, with fewer files, issued last."""
    (made, path), (sequence, state) = way, _version(way)
    stale = sum(file in outlived for file in path)
    return -sequence, stale, len(made.made), state, -made.issued_s


def _contradiction(held: StatusList, made: StatusList) -> str | None:
    """Clause 6.7."""
    if made.issued_s < held.issued_s or made.coverage < held.coverage:
        return "store.list_backwards"
    back = [
        index
        for index, entry in held.entries.items()
        if entry[0] != 5 and made.entries.get(index, (0,))[0] in (0, 5)
    ]
    return "store.state_taken_back" if back else None
