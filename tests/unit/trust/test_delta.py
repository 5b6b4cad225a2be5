"""Deltas between lists: docs/spec clauses 6.8 and 6.9."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any

import pytest

from etitle import canon, cose
from etitle.errors import FieldError, TrustError, explain
from etitle.keys.signer import SoftSigner, generate
from etitle.keys.suite import EDDSA, ES256
from etitle.trust import delta as delta_module
from etitle.trust.delta import (
    DELTA_TYP,
    MAX_DELTA_BYTES,
    Delta,
    apply_delta,
    decode_gaps,
    encode_gaps,
    make_delta,
    open_delta,
    sign_delta,
)
from etitle.trust.published import KeyState, KeyUse, ListKey, PublishedKey
from etitle.trust.status import MAX_COVERAGE, VALID, StatusEntry, StatusKind, StatusTable
from etitle.trust.statuslist import LIST_TYP, Checkpoint, StatusList, sign_list

DAY = 20_454
KEY = generate(ES256)
ENTRIES = {
    index: StatusEntry(
        StatusKind(1 + index % 6), DAY + index, "样例0001号" if index % 6 == 5 else None
    )
    for index in range(3, 600, 7)
}
BASE = StatusList(
    authority_id="sample",
    table=StatusTable.from_entries(list_id=7, epoch=1, coverage=601, entries=ENTRIES),
    sequence=3,
    previous=bytes(range(32)),
    issued_s=1_767_225_600,
    expires_s=1_767_830_400,
    ttl_s=86_400,
    uri="https://sample.example/lists/7",
)
CHANGES = {
    0: StatusEntry(StatusKind.VOIDED, DAY),
    3: VALID,
    17: StatusEntry(StatusKind.SUPERSEDED, DAY, "450099202600001"),
    24: StatusEntry(StatusKind.SUSPENDED, DAY + 300),
    699: StatusEntry(StatusKind.SUPERSEDED, DAY, "样例0002号"),
}
NEW = replace(
    BASE,
    table=BASE.table.changed(CHANGES, coverage=700),
    sequence=5,
    previous=BASE.table.state_hash(),
    issued_s=BASE.issued_s + 86_400,
    expires_s=BASE.expires_s + 86_400,
)
DELTA = make_delta(BASE, NEW)


def opened(data: bytes, *signers: SoftSigner) -> Delta:
    found = [ListKey(signer.public) for signer in signers or (KEY,)]
    return open_delta(data, authority_id="sample", keys=lambda _: found)


def code_of(caught: pytest.ExceptionInfo[TrustError]) -> str:
    for language in ("zh", "en"):
        assert "?" not in explain(caught.value.code, language, **caught.value.details)[0]
    return caught.value.code


def refusal(data: bytes, *signers: SoftSigner) -> str:
    with pytest.raises(TrustError) as caught:
        opened(data, *signers)
    return code_of(caught)


def forged(changes: dict[int, object]) -> bytes:
    """The delta with some members replaced, signed rightly all the same."""
    payload = cose.parse_sign1(sign_delta(DELTA, signer=KEY), max_bytes=1 << 20).payload
    value: Any = canon.decode(payload, max_bytes=1 << 20)
    value.update(changes)
    return cose.sign1(canon.encode(value), signer=KEY, typ=DELTA_TYP).to_bytes()


def gap(base: StatusList, delta: Delta) -> tuple[str, object]:
    with pytest.raises(TrustError) as caught:
        apply_delta(base, delta)
    return code_of(caught), caught.value.details.get("what")


def test_a_delta_holds_what_changed() -> None:
    assert dict(DELTA.changes) == CHANGES


def test_a_base_and_its_delta_make_the_new_list() -> None:
    assert apply_delta(BASE, opened(sign_delta(DELTA, signer=KEY))) == NEW


def test_deltas_follow_one_another() -> None:
    third = replace(
        NEW,
        table=NEW.table.changed({0: VALID}, coverage=700),
        sequence=6,
        previous=NEW.table.state_hash(),
    )
    assert apply_delta(apply_delta(BASE, DELTA), make_delta(NEW, third)) == third


def test_a_delta_without_changes_only_freshens() -> None:
    fresh = replace(
        BASE, sequence=4, previous=BASE.table.state_hash(), expires_s=BASE.expires_s + 1
    )
    made = opened(sign_delta(make_delta(BASE, fresh), signer=KEY))
    assert made.changes == ()
    assert apply_delta(BASE, made) == fresh


@pytest.mark.parametrize(
    ("what", "base"),
    [
        ("authority_id", replace(BASE, authority_id="other")),
        ("sequence", replace(BASE, sequence=4)),
        ("issued_s", replace(BASE, issued_s=NEW.issued_s + 1, expires_s=NEW.expires_s)),
        ("hash", replace(BASE, table=BASE.table.changed({0: CHANGES[0]}, coverage=601))),
        ("list_id", replace(BASE, table=replace(BASE.table, list_id=8))),
        ("epoch", replace(BASE, table=replace(BASE.table, epoch=2))),
    ],
)
def test_a_delta_applies_to_its_base_alone(what: str, base: StatusList) -> None:
    assert gap(base, DELTA) == ("list.delta_gap", what)


def test_a_delta_never_covers_less() -> None:
    smaller = replace(DELTA, coverage=600, changes=())
    assert gap(BASE, smaller) == ("list.delta_gap", "coverage")


def test_a_result_that_is_not_the_promised_one_is_refused() -> None:
    for other in (
        replace(DELTA, new_hash=bytes(32)),
        replace(DELTA, changes=DELTA.changes[1:]),
        replace(DELTA, coverage=701),
    ):
        assert gap(BASE, other)[0] == "list.delta_result"


@pytest.mark.parametrize(
    "change", [(1, VALID), (650, VALID), (17, ENTRIES[17]), (3, ENTRIES[3])], ids=str
)
def test_a_change_that_changes_nothing_is_refused(change: tuple[int, StatusEntry]) -> None:
    assert gap(BASE, replace(DELTA, changes=(change,)))[0] == "list.delta_malformed"


@pytest.mark.parametrize(
    ("what", "new"),
    [
        ("authority_id", replace(NEW, authority_id="other")),
        ("sequence", replace(NEW, sequence=3)),
        ("issued_s", replace(NEW, issued_s=BASE.issued_s - 1)),
        ("list_id", replace(NEW, table=replace(NEW.table, list_id=8))),
        ("epoch", replace(NEW, table=replace(NEW.table, epoch=2))),
        (
            "coverage",
            replace(
                NEW,
                table=StatusTable.from_entries(list_id=7, epoch=1, coverage=600, entries={}),
            ),
        ),
    ],
)
def test_a_delta_is_made_between_lists_that_follow(what: str, new: StatusList) -> None:
    with pytest.raises(TrustError) as caught:
        make_delta(BASE, new)
    assert (code_of(caught), caught.value.details["what"]) == ("list.delta_gap", what)


@pytest.mark.parametrize(
    "fields",
    [
        {"list_id": 1 << 16},
        {"epoch": -1},
        {"base_sequence": 0},
        {"sequence": DELTA.base_sequence},
        {"base_hash": b""},
        {"new_hash": bytes(33)},
        {"coverage": MAX_COVERAGE + 1},
        {"coverage": 699},
        {"issued_s": -1},
        {"expires_s": DELTA.issued_s - 1},
        {"changes": ((5, VALID), (5, VALID))},
        {"changes": ((5, VALID), (4, VALID))},
        {"changes": ((-1, VALID),)},
    ],
    ids=str,
)
def test_a_delta_that_could_not_be_read_is_never_made(fields: dict[str, Any]) -> None:
    with pytest.raises(FieldError) as caught:
        replace(DELTA, **fields)
    assert caught.value.code == "list.field_refused"


def test_more_changes_than_a_delta_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = sign_delta(DELTA, signer=KEY)
    monkeypatch.setattr(delta_module, "MAX_CHANGES", len(CHANGES) - 1)
    with pytest.raises(FieldError):
        make_delta(BASE, NEW)
    assert refusal(data) == "list.delta_malformed"


def test_an_entry_without_a_place_in_a_list_is_not_signed() -> None:
    with pytest.raises(FieldError) as caught:
        sign_delta(replace(DELTA, changes=((1, StatusEntry(StatusKind.VOIDED)),)), signer=KEY)
    assert caught.value.code == "list.entry_refused"


def test_the_signature_is_checked_as_for_lists() -> None:
    data = sign_delta(DELTA, signer=KEY)
    assert opened(data, generate(ES256), KEY) == DELTA
    assert refusal(data, generate(ES256)) == "list.signature_bad"
    assert refusal(data, generate(EDDSA)) == "list.suite_mismatch"
    with pytest.raises(TrustError) as caught:
        open_delta(data, authority_id="sample", keys=lambda _: ())
    assert code_of(caught) == "list.signer_unknown"


def test_the_delta_of_another_authority_is_refused() -> None:
    assert refusal(forged({1: "other"})) == "list.wrong_authority"


def test_a_list_is_no_delta() -> None:
    assert refusal(sign_list(BASE, signer=KEY)) == "list.delta_malformed"
    payload = cose.parse_sign1(sign_delta(DELTA, signer=KEY), max_bytes=1 << 20).payload
    data = cose.sign1(payload, signer=KEY, typ=LIST_TYP).to_bytes()
    assert refusal(data) == "list.delta_malformed"


def test_a_payload_that_is_not_canonical_is_refused() -> None:
    data = cose.sign1(b"\xff", signer=KEY, typ=DELTA_TYP).to_bytes()
    assert refusal(data) == "list.delta_malformed"


def test_a_delta_beyond_the_limit_is_refused_unread() -> None:
    assert refusal(b"\xd2".ljust(MAX_DELTA_BYTES + 2, b"\0")) == "list.delta_malformed"


K, GAPS = encode_gaps(list(CHANGES))
MEMBERS: Any = canon.decode(
    cose.parse_sign1(sign_delta(DELTA, signer=KEY), max_bytes=1 << 20).payload, max_bytes=1 << 20
)
COLUMNS = zlib.decompress(MEMBERS[12])
"""Five kinds, five low bytes, five high bytes, for the indices 0, 3, 17, 24 and 699."""
NAMES = canon.encode(((17, 450_099_202_600_001), (699, "样例0002号")))


def with_byte(at: int, value: int) -> bytes:
    return zlib.compress(COLUMNS[:at] + bytes((value,)) + COLUMNS[at + 1 :])


@pytest.mark.parametrize(
    "changes",
    [
        {0: 0},
        {0: True},
        {1: 1},
        {2: 1 << 16},
        {3: -1},
        {4: 0},
        {5: 3},
        {5: True},
        {6: bytes(31)},
        {7: bytes(33)},
        {8: -1},
        {8: 699},
        {8: MAX_COVERAGE + 1},
        {8: 1 << 63},
        {9: -1},
        {10: 0},
        {11: (5, K)},
        {11: (4, K, GAPS)},
        {11: (6, K, GAPS)},
        {11: (-1, K, GAPS)},
        {11: (True, K, GAPS)},
        {11: (701, K, GAPS)},
        {11: (1 << 63, K, GAPS)},
        {11: (5, -1, GAPS)},
        {11: (5, 27, GAPS)},
        {11: (5, False, GAPS)},
        {11: (5, K, GAPS + b"\0")},
        {11: (5, K, GAPS[:-1])},
        {12: b""},
        {12: zlib.compress(COLUMNS[:-1])},
        {12: with_byte(0, 7)},
        {12: with_byte(0, 0)},
        {12: with_byte(2, 1)},
        {12: with_byte(6, 1)},
        {12: with_byte(11, 1)},
        {13: zlib.compress(b"")},
        {13: zlib.compress(canon.encode(((0, 1),)))},
        {13: zlib.compress(canon.encode(((3, 1),)))},
        {13: zlib.compress(canon.encode(((18, 1),)))},
        {13: zlib.compress(canon.encode(((17, "1"),)))},
        {14: None},
    ],
    ids=str,
)
def test_other_members_are_refused(changes: dict[int, object]) -> None:
    assert refusal(forged(changes)) == "list.delta_malformed"


@pytest.mark.parametrize("changes", [{0: 2}, {15: 1}], ids=str)
def test_a_newer_delta_is_refused_as_newer(changes: dict[int, object]) -> None:
    assert refusal(forged(changes)) == "list.version_unknown"


def test_unknown_members_with_negative_labels_are_ignored() -> None:
    assert opened(forged({-1: None, -70_001: {}})) == DELTA


def test_a_checkpoint_is_that_of_the_result() -> None:
    point = Checkpoint("log", 3, bytes(32))
    logged = make_delta(BASE, replace(NEW, checkpoint=point))
    delta = opened(sign_delta(logged, signer=KEY))
    assert apply_delta(BASE, delta).checkpoint == delta.checkpoint == point
    assert apply_delta(replace(BASE, checkpoint=point), DELTA).checkpoint is None


def test_a_delta_is_of_the_days_of_its_key() -> None:
    key = PublishedKey(
        public=KEY.public, x509=None, uses=frozenset({KeyUse.LIST}), not_before=0, not_after=9,
        history=((KeyState.ACTIVE, 1),), seal_name="样例", seal_number="",
    )  # fmt: skip
    data = sign_delta(DELTA, signer=KEY)
    with pytest.raises(TrustError) as caught:
        open_delta(data, authority_id="sample", keys=lambda _: [ListKey(KEY.public, key)])
    assert caught.value.code == "list.outside_window"


def test_the_forged_members_are_otherwise_read() -> None:
    same = {11: (5, K, GAPS), 12: zlib.compress(COLUMNS), 13: zlib.compress(NAMES)}
    assert opened(forged(same)) == DELTA  # type: ignore[arg-type]


def test_a_bomb_is_refused_before_it_is_inflated() -> None:
    bomb = zlib.compress(bytes(10_000_000))
    assert refusal(forged({12: bomb})) == "list.bomb"
    assert refusal(forged({13: bomb})) == "list.bomb"


@pytest.mark.parametrize(
    ("indices", "k", "bits"),
    [
        ([], 0, ""),
        ([0], 0, "0"),
        ([3], 0, "1110"),
        ([3], 1, "10 1"),
        ([3], 2, "0 11"),
        ([5, 6, 20], 2, "10 01  0 00  1110 01"),
        ([MAX_COVERAGE - 1], 26, "10" + "1" * 26),
    ],
)
def test_gaps_are_read_as_specified(indices: list[int], k: int, bits: str) -> None:
    plain = bits.replace(" ", "")
    plain += "0" * (-len(plain) % 8)
    gaps = int(plain or "0", 2).to_bytes(len(plain) // 8, "big")
    coverage = max(indices, default=0) + 1
    assert decode_gaps(gaps, count=len(indices), k=k, coverage=coverage) == indices
    assert encode_gaps(indices)[1] <= gaps or len(encode_gaps(indices)[1]) <= len(gaps)


@pytest.mark.parametrize(
    ("gaps", "count", "k", "coverage"),
    [
        ("", 1, 0, 10),
        ("00", 0, 0, 10),
        ("01", 1, 0, 10),
        ("0000", 1, 0, 100),
        ("ff", 1, 0, 100),
        ("e0", 1, 0, 3),
        ("7f", 1, 8, 1000),
        ("00", 1, 27, 1000),
        ("ff" * 1000, 1, 0, 1000),
    ],
)
def test_gaps_of_any_other_form_are_refused(gaps: str, count: int, k: int, coverage: int) -> None:
    with pytest.raises(TrustError) as caught:
        decode_gaps(bytes.fromhex(gaps), count=count, k=k, coverage=coverage)
    assert code_of(caught) == "list.delta_malformed"


def test_the_parameter_is_the_one_that_makes_the_gaps_shortest() -> None:
    indices = list(range(100, 100_000, 777))
    gaps = [100] + [776] * (len(indices) - 1)
    sizes = [sum((gap >> k) + 1 + k for gap in gaps) for k in range(27)]
    k, data = encode_gaps(indices)
    assert (sizes[k], len(data)) == (min(sizes), (min(sizes) + 7) // 8)
    assert encode_gaps([MAX_COVERAGE - 1])[0] == 26
    assert encode_gaps([0])[0] == 0


@pytest.mark.parametrize("count", [-1, 21])
def test_a_count_is_at_least_none_and_at_most_the_coverage(count: int) -> None:
    with pytest.raises(TrustError) as caught:
        opened(forged({8: 20, 11: (count, 0, b"")}))
    assert (code_of(caught), caught.value.details["what"]) == ("list.delta_malformed", "11")
