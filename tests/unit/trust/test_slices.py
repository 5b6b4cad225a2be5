"""A list in slices: its head and its slices (docs/spec clause 6.14); the vectors hold the rest."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from etitle import canon, cose
from etitle.errors import TrustError
from etitle.keys.signer import generate
from etitle.keys.suite import ES256
from etitle.trust.published import ListKey
from etitle.trust.slices import SLICED_TYP, SlicedList, open_sliced
from etitle.trust.status import StatusEntry, StatusKind, StatusTable
from etitle.trust.statuslist import Checkpoint, deflate

KEY = generate(ES256)
TABLE = StatusTable.from_entries(
    list_id=7, epoch=0, coverage=1024, entries={5: StatusEntry(StatusKind.VOIDED, 20_000)}
)
SLICE = canon.encode((
    7, 0, 1, 0, deflate(TABLE.bits), deflate(TABLE.kinds, TABLE.lows, TABLE.highs),
    deflate(TABLE.successors),
))  # fmt: skip
HEAD: dict[int, Any] = {
    0: 1, 1: "sample", 2: 7, 3: 0, 4: 1, 5: 1024, 6: TABLE.state_hash(), 7: 100, 8: 200, 9: 1024,
    10: sha256(SLICE).digest(),
}  # fmt: skip


def opened(**changes: object) -> SlicedList:
    value = {**HEAD, **{int(label[1:]): one for label, one in changes.items()}}
    data = cose.sign1(canon.encode(value), signer=KEY, typ=SLICED_TYP).to_bytes()
    return open_sliced(data, authority_id="sample", keys=lambda _: [ListKey(KEY.public)])


def test_a_slice_says_the_state_of_its_indices() -> None:
    head = opened(_11={1: "log", 2: 3, 3: bytes(32)})
    assert head.checkpoint == Checkpoint("log", 3, bytes(32))
    assert head.look_up(5, SLICE).kind is StatusKind.VOIDED
    assert head.look_up(6, SLICE).kind is StatusKind.VALID
    assert (head.slice_of(0), head.slice_of(1023)) == (0, 0)
    for index in (-1, 1024):
        with pytest.raises(TrustError) as caught:
            head.slice_of(index)
        assert caught.value.code == "list.beyond_coverage"


def test_a_head_has_the_least_and_the_greatest_numbers() -> None:
    least = opened(_2=0, _3=0, _4=1, _5=0, _10=b"")
    assert (least.list_id, least.epoch, least.sequence, least.coverage) == (0, 0, 1, 0)
    most = opened(_2=(1 << 16) - 1, _3=(1 << 64) - 1, _4=(1 << 31) - 1, _9=1 << 27)
    assert (most.list_id, most.epoch, most.sequence) == (
        (1 << 16) - 1,
        (1 << 64) - 1,
        (1 << 31) - 1,
    )
    assert most.slice_size == 1 << 27


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"_0": 0}, "list.malformed"),
        ({"_0": 2}, "list.version_unknown"),
        ({"_7": 300}, "list.malformed"),
        ({"_2": -1}, "list.malformed"),
        ({"_2": 1 << 16}, "list.malformed"),
        ({"_3": -1}, "list.malformed"),
        ({"_4": 0}, "list.malformed"),
        ({"_4": 1 << 31}, "list.malformed"),
        ({"_5": -1, "_10": b""}, "list.malformed"),
        ({"_9": 512, "_10": bytes(64)}, "list.malformed"),
        ({"_9": 1 << 28}, "list.malformed"),
        ({"_9": 2000}, "list.malformed"),
        ({"_10": b""}, "list.malformed"),
        ({"_11": {1: "", 2: 3, 3: bytes(32)}}, "list.malformed"),
        ({"_1": "other"}, "list.wrong_authority"),
    ],
    ids=str,
)
def test_other_heads_are_refused(changes: dict[str, object], code: str) -> None:
    with pytest.raises(TrustError) as caught:
        opened(**changes)
    assert caught.value.code == code


def test_a_head_that_is_no_map_is_refused() -> None:
    data = cose.sign1(canon.encode(1), signer=KEY, typ=SLICED_TYP).to_bytes()
    with pytest.raises(TrustError) as caught:
        open_sliced(data, authority_id="sample", keys=lambda _: [ListKey(KEY.public)])
    assert caught.value.code == "list.malformed"
