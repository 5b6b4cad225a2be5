"""Tables, lists and deltas of any content: what goes in comes out, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import drawnkeys

from etitle.errors import EtitleError, TrustError
from etitle.keys.suite import EDDSA, ES256
from etitle.trust.delta import (
    apply_delta,
    decode_gaps,
    encode_gaps,
    make_delta,
    open_delta,
    sign_delta,
)
from etitle.trust.published import ListKey
from etitle.trust.status import (
    FIRST_STATUS_DAY,
    LAST_STATUS_DAY,
    VALID,
    StatusEntry,
    StatusKind,
    StatusTable,
)
from etitle.trust.statuslist import StatusList, open_list, sign_list

KEY = drawnkeys.signer(EDDSA)
MAX_COVERED = 2500
"""Ten blocks of ranks."""

numbers = st.integers(1, 10**20).map(str) | st.sampled_from(["样例0001号", "0", "A" * 40])
days = st.integers(FIRST_STATUS_DAY, LAST_STATUS_DAY) | st.integers(
    FIRST_STATUS_DAY, FIRST_STATUS_DAY + 3
)
entries = st.one_of(
    st.builds(StatusEntry, st.sampled_from([k for k in StatusKind if k]), days, st.none()),
    st.builds(StatusEntry, st.just(StatusKind.SUPERSEDED), days, numbers),
)


@st.composite
def maps(
    draw: st.DrawFn, coverage: int, values: st.SearchStrategy[StatusEntry]
) -> dict[int, StatusEntry]:
    if not coverage:
        return {}
    scattered = st.dictionaries(st.integers(0, coverage - 1), values, max_size=40)
    start = draw(st.integers(0, coverage - 1))
    run = range(start, min(coverage, start + draw(st.integers(0, 40))))
    return {**dict.fromkeys(run, draw(values)), **draw(scattered)}


@st.composite
def pairs(draw: st.DrawFn) -> tuple[dict[int, StatusEntry], int, dict[int, StatusEntry], int]:
    before, after = sorted((draw(st.integers(0, MAX_COVERED)), draw(st.integers(0, MAX_COVERED))))
    changes = maps(after, entries | st.just(VALID))
    return draw(maps(before, entries)), before, draw(changes), after


def table(content: dict[int, StatusEntry], coverage: int) -> StatusTable:
    return StatusTable.from_entries(list_id=7, epoch=1, coverage=coverage, entries=content)


def listed(content: StatusTable, sequence: int, previous: bytes | None) -> StatusList:
    return StatusList(
        authority_id="sample",
        table=content,
        sequence=sequence,
        previous=previous,
        issued_s=1_767_225_600 + sequence,
        expires_s=1_767_830_400 + sequence,
        ttl_s=86_400,
        uri="https://sample.example/lists/7",
    )


@settings(max_examples=60)
@given(pairs())
def test_look_up_agrees_with_a_plain_dictionary(
    drawn: tuple[dict[int, StatusEntry], int, dict[int, StatusEntry], int],
) -> None:
    content, before, changes, after = drawn
    first = table(content, before)
    assert [first.look_up(i) for i in range(before)] == [
        content.get(i, VALID) for i in range(before)
    ]
    second = first.changed(changes, coverage=after)
    expected = content | changes
    assert [second.look_up(i) for i in range(after)] == [
        expected.get(i, VALID) for i in range(after)
    ]
    assert second == table({i: e for i, e in expected.items() if e.kind}, after)
    assert first.difference(second) == {
        i: expected.get(i, VALID)
        for i in range(after)
        if expected.get(i, VALID) != content.get(i, VALID)
    }


@settings(max_examples=60)
@given(pairs())
def test_a_base_and_its_delta_make_the_new_list(
    drawn: tuple[dict[int, StatusEntry], int, dict[int, StatusEntry], int],
) -> None:
    content, before, changes, after = drawn
    base = listed(table(content, before), 1, None)
    new = listed(base.table.changed(changes, coverage=after), 2, base.table.state_hash())

    data = sign_delta(make_delta(base, new), signer=KEY)
    delta = open_delta(data, authority_id="sample", keys=lambda _: [ListKey(KEY.public)])
    assert apply_delta(base, delta) == new
    full = sign_list(new, signer=KEY)
    assert open_list(full, authority_id="sample", keys=lambda _: [ListKey(KEY.public)]) == new


@given(st.sets(st.integers(0, (1 << 27) - 1), max_size=50))
def test_gaps_come_back(chosen: set[int]) -> None:
    indices = sorted(chosen)
    k, gaps = encode_gaps(indices)
    coverage = indices[-1] + 1 if indices else 0
    assert decode_gaps(gaps, count=len(indices), k=k, coverage=coverage) == indices


@given(st.binary(max_size=40), st.integers(0, 60), st.integers(-1, 28), st.integers(0, 1 << 27))
def test_any_gaps_are_read_in_one_spelling_or_refused(
    gaps: bytes, count: int, k: int, coverage: int
) -> None:
    try:
        indices = decode_gaps(gaps, count=count, k=k, coverage=coverage)
    except TrustError:
        return
    assert len(indices) == count
    assert indices == sorted(set(indices))
    assert all(0 <= index < coverage for index in indices)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_code(data: bytes) -> None:
    for opening in (open_list, open_delta):
        with pytest.raises(TrustError):
            opening(data, authority_id="sample", keys=lambda _: [ListKey(KEY.public)])


SMALL = {
    3: StatusEntry(StatusKind.VOIDED, 20_454),
    9: StatusEntry(StatusKind.SUPERSEDED, 20_455, "样例0001号"),
}
BASE = listed(table(SMALL, 20), 1, None)
NEW = listed(BASE.table.changed({3: VALID, 4: SMALL[9]}, coverage=24), 2, BASE.table.state_hash())


@pytest.mark.parametrize("suite", [ES256, EDDSA])
def test_one_altered_byte_or_bit_is_never_accepted(suite: object) -> None:
    signer = drawnkeys.signer(suite)  # type: ignore[arg-type]
    for data, opening in (
        (sign_list(NEW, signer=signer), open_list),
        (sign_delta(make_delta(BASE, NEW), signer=signer), open_delta),
    ):
        for at in range(len(data)):
            for flip in (0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF):
                altered = data[:at] + bytes((data[at] ^ flip,)) + data[at + 1 :]
                with pytest.raises(EtitleError) as caught:
                    opening(altered, authority_id="sample", keys=lambda _: [ListKey(signer.public)])
                assert type(caught.value) is TrustError
        for length in range(len(data)):
            with pytest.raises(TrustError):
                opening(
                    data[:length], authority_id="sample", keys=lambda _: [ListKey(signer.public)]
                )
