"""What a store holds of one authority, and how it is read again from the pin on (clause 7.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest
from tests.support.publisher import NOW_S, P

from etitle.errors import EtitleError
from etitle.keys.documentkey import DocumentKey
from etitle.store.held import (
    Held,
    HeldList,
    Read,
    load_held,
    mark_alone,
    open_chain,
    open_files,
)
from etitle.store.incoming import read_incoming
from etitle.store.state import AuthorityState, FileName
from etitle.store.update import advance
from etitle.trust.bundle import KeyUse, UnknownKey, list_keys

FILES = (P.rotated(2), P.full(1), P.delta(1, 3), P.rescue(NOW_S, b"a" * 16, by=P.later_roots))
HELD = advance(
    Held(P.pin, (P.bundle(1),), P.make(1)),
    [read_incoming(f"file {number}", data) for number, data in enumerate(FILES)],
    at_s=NOW_S,
).held
KEPT = {file.name: data for file, data in HELD.files()}


def load(state: AuthorityState, *, read: Read = lambda file: KEPT[file.name]) -> Held:
    held = load_held(state, read=read)
    return replace(held, lists=tuple(map(held.opened, held.lists)))


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(EtitleError) as caught:
        action()
    return caught.value.code


def test_what_is_held_names_every_file_in_force() -> None:
    kinds = [file.name.partition("-")[0] for file, _ in HELD.files()]
    assert kinds == ["bundle", "bundle", "list", "delta", "rescue"]
    assert {file.name for file, _ in HELD.files()} == HELD.state().names()
    assert all(file.is_of(data) for file, data in HELD.files())


def test_the_state_says_what_is_held() -> None:
    state = HELD.state()
    assert (state.id, state.pin, state.version) == ("yangli", P.pin, 2)
    [mark] = state.marks
    assert (mark.list_id, mark.epoch, mark.sequence) == (1, 0, 3)
    assert mark.state_hash == P.table(3).state_hash()
    assert len(mark.files) == 2


def test_a_seal_of_a_suite_to_come_wakes_its_authority() -> None:
    bundle = replace(HELD.bundle, unknown_keys=(UnknownKey(b"later", b"x509"), UnknownKey(b"none")))
    held = replace(HELD, bundle=bundle)
    assert set(held.state().seals) - set(HELD.state().seals) == {sha256(b"x509").digest()}


def test_a_key_for_documents_alone_is_no_tokens() -> None:
    public = DocumentKey.rsa((1 << 3071) + 1, 65_537)
    entry = replace(HELD.bundle.keys[0], public=public, uses=frozenset({KeyUse.DOCUMENT}))
    held = replace(HELD, bundle=replace(HELD.bundle, keys=(*HELD.bundle.keys, entry)))
    assert held.state().keys == HELD.state().keys


def test_what_is_held_is_read_again_from_its_state() -> None:
    assert load(HELD.state()) == HELD


def test_a_list_that_was_given_up_keeps_its_mark() -> None:
    [held_list] = HELD.lists
    assert isinstance(held_list, HeldList)
    given_up = mark_alone(held_list)
    assert given_up == HeldList(1, 0, 3, held_list.state_hash, (), None)
    assert given_up.mark().files == ()
    assert load(replace(HELD, lists=(given_up,)).state()) == replace(HELD, lists=(given_up,))


@pytest.mark.parametrize(
    "change",
    [
        {"version": 3},
        {"id": "other"},
        {"keys": ()},
        {"seals": (bytes(32),)},
        {"marks": (replace(HELD.state().marks[0], coverage=9),)},
        {"marks": (replace(HELD.state().marks[0], issued_s=9),)},
        {"marks": (replace(HELD.state().marks[0], sequence=4),)},
        {"marks": (replace(HELD.state().marks[0], epoch=1),)},
        {"marks": (replace(HELD.state().marks[0], list_id=2),)},
        {"marks": (replace(HELD.state().marks[0], state_hash=bytes(32)),)},
        {"marks": (replace(HELD.state().marks[0], files=HELD.state().marks[0].files[:1]),)},
    ],
    ids=[
        "version",
        "authority",
        "keys",
        "seals",
        "coverage",
        "issued",
        "sequence",
        "epoch",
        "list",
        "hash",
        "one delta fewer",
    ],
)
def test_files_that_are_not_what_the_state_says_are_refused(change: dict[str, object]) -> None:
    state = replace(HELD.state(), **change)  # type: ignore[arg-type]
    assert code_of(lambda: load(state)) == "store.state_corrupt"


def test_every_signature_is_checked_again() -> None:
    def forged(file: FileName) -> bytes:
        data = KEPT[file.name]
        return data[:-1] + bytes((data[-1] ^ 1,)) if file.name.startswith("delta") else data

    assert code_of(lambda: load(HELD.state(), read=forged)) == "list.signature_bad"
    assert code_of(lambda: load(replace(HELD.state(), pin=bytes(32)))) == "bundle.pin_mismatch"


def test_a_chain_opens_from_the_pin_step_by_step() -> None:
    chain = [P.bundle(1), P.rotated(2), P.bundle(3, P.later_roots, roots=HELD.bundle.roots)]
    assert [open_chain(chain[:length], pin=P.pin).version for length in (1, 2, 3)] == [1, 2, 3]
    assert code_of(lambda: open_chain([chain[0], chain[2]], pin=P.pin)) == (
        "bundle.too_few_signatures"
    )


def test_deltas_apply_in_order_to_the_full_list() -> None:
    keys = list_keys(P.make(1))
    files = [P.full(1), P.delta(1, 2), P.delta(2, 4)]
    assert open_files(files, authority_id="yangli", keys=keys).table == P.table(4)
    out_of_order = [files[0], files[2], files[1]]
    assert code_of(lambda: open_files(out_of_order, authority_id="yangli", keys=keys)) == (
        "list.delta_gap"
    )


def test_verification_sees_bundle_rescue_lists_and_time() -> None:
    anchor = HELD.anchor(5)
    assert (anchor.bundle, anchor.latest_time_s) == (HELD.bundle, 5)
    assert anchor.rescues == tuple(rescue for _, rescue in HELD.rescues)
    assert len(anchor.rescues) == 1
