"""The signed revocation list: docs/spec clauses 3 and 6."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

import cbor2
import cwt
import pytest

from etitle import canon, cose
from etitle.errors import FieldError, TrustError, explain
from etitle.keys.signer import SoftSigner, generate
from etitle.keys.suite import EDDSA, ES256, Suite
from etitle.trust.published import KeyState, KeyUse, ListKey, PublishedKey
from etitle.trust.status import VALID, StatusEntry, StatusKind, StatusTable
from etitle.trust.statuslist import (
    LIST_TYP,
    MAX_LIFETIME_S,
    MAX_LIST_BYTES,
    MAX_TIME_S,
    Checkpoint,
    StatusList,
    deflate,
    inflate,
    open_list,
    sign_list,
)

DAY = 20_454
KEY = generate(ES256)
ENTRIES = {
    index: StatusEntry(
        StatusKind(1 + index % 6), DAY + index, "样例0001号" if index % 6 == 5 else None
    )
    for index in range(3, 600, 7)
}
LIST = StatusList(
    authority_id="sample",
    table=StatusTable.from_entries(list_id=7, epoch=1, coverage=601, entries=ENTRIES),
    sequence=3,
    previous=bytes(range(32)),
    issued_s=1_767_225_600,
    expires_s=1_767_830_400,
    ttl_s=86_400,
    uri="https://sample.example/lists/7",
)


def keys(*signers: SoftSigner) -> Callable[[bytes], Sequence[ListKey]]:
    return lambda _: [ListKey(signer.public) for signer in signers]


def opened(data: bytes, *signers: SoftSigner) -> StatusList:
    return open_list(data, authority_id="sample", keys=keys(*(signers or (KEY,))))


def refusal(data: bytes, *signers: SoftSigner) -> str:
    with pytest.raises(TrustError) as caught:
        opened(data, *signers)
    for language in ("zh", "en"):
        assert "?" not in explain(caught.value.code, language, **caught.value.details)[0]
    return caught.value.code


def claims() -> dict[int, Any]:
    payload = cose.parse_sign1(sign_list(LIST, signer=KEY), max_bytes=1 << 20).payload
    return cast("dict[int, Any]", canon.decode(payload, max_bytes=1 << 20))


def signed(value: object) -> bytes:
    return cose.sign1(canon.encode(value), signer=KEY, typ=LIST_TYP).to_bytes()


def forged(own: dict[int, object] | None = None, **outer: object) -> bytes:
    """The list with some claims replaced, signed rightly all the same."""
    value = claims()
    value[-70001].update(own or {})
    value.update({int(label[1:]): item for label, item in outer.items()})
    return signed(value)


@pytest.mark.parametrize("suite", [ES256, EDDSA])
def test_a_signed_list_comes_back(suite: Suite) -> None:
    signer = generate(suite)
    assert opened(sign_list(LIST, signer=signer), signer) == LIST


def test_a_first_list_without_entries_comes_back() -> None:
    table = StatusTable.from_entries(list_id=0, epoch=0, coverage=0, entries={})
    first = replace(LIST, table=table, sequence=1, previous=None)
    assert opened(sign_list(first, signer=KEY)) == first


def test_an_ordinary_status_list_reader_reads_it() -> None:
    public = cwt.COSEKey.new({
        1: 2, 3: -9, 2: KEY.public.kid, -1: 1, -2: KEY.public.x, -3: KEY.public.y,
    })  # fmt: skip
    data = sign_list(LIST, signer=KEY)
    protected, _, payload = cwt.COSE.new(kid_auto_inclusion=False).decode_with_headers(data, public)
    assert protected[16] == "application/statuslist+cwt"
    read = cbor2.loads(payload)
    assert (read[2], read[4], read[6], read[65534]) == (
        LIST.uri, LIST.expires_s, LIST.issued_s, LIST.ttl_s,
    )  # fmt: skip
    bits, lst = read[65533]["bits"], zlib.decompress(read[65533]["lst"])
    per_byte = 8 // bits
    statuses = {StatusKind.VALID: 0, StatusKind.SUSPENDED: 2, StatusKind.SUPERSEDED: 3}
    for index in range(LIST.table.coverage):
        status = lst[index // per_byte] >> index % per_byte * bits & (1 << bits) - 1
        assert status == statuses.get(LIST.table.look_up(index).kind, 1)


def test_a_key_that_is_not_known_is_refused() -> None:
    with pytest.raises(TrustError) as caught:
        open_list(sign_list(LIST, signer=KEY), authority_id="sample", keys=lambda _: ())
    assert caught.value.code == "list.signer_unknown"


def test_keys_are_found_by_the_kid_of_the_list() -> None:
    found = {KEY.public.kid: [ListKey(KEY.public)]}
    data = sign_list(LIST, signer=KEY)
    assert open_list(data, authority_id="sample", keys=found.__getitem__) == LIST


def test_each_key_of_a_kid_is_tried() -> None:
    assert opened(sign_list(LIST, signer=KEY), generate(EDDSA), generate(ES256), KEY) == LIST


def test_a_key_of_another_suite_is_refused() -> None:
    assert refusal(sign_list(LIST, signer=KEY), generate(EDDSA)) == "list.suite_mismatch"


def test_the_signature_of_another_key_is_refused() -> None:
    assert refusal(sign_list(LIST, signer=KEY), generate(ES256)) == "list.signature_bad"


def test_the_second_form_of_a_signature_is_refused() -> None:
    parsed = cose.parse_sign1(sign_list(LIST, signer=KEY), max_bytes=1 << 20)
    s = ES256.order - int.from_bytes(parsed.signature[32:], "big")
    second = replace(parsed, signature=parsed.signature[:32] + s.to_bytes(32, "big"))
    assert refusal(second.to_bytes()) == "list.signature_second_form"


def test_a_signature_of_another_length_is_refused() -> None:
    parsed = cose.parse_sign1(sign_list(LIST, signer=KEY), max_bytes=1 << 20)
    longer = replace(parsed, signature=parsed.signature + b"\0")
    assert refusal(longer.to_bytes()) == "list.malformed"


@pytest.mark.parametrize(
    "typ", [None, "statuslist+cwt", "application/vnd.etitle.delta+cbor", LIST_TYP + " "]
)
def test_another_typ_is_refused(typ: str | None) -> None:
    data = cose.sign1(canon.encode(claims()), signer=KEY, typ=typ).to_bytes()
    assert refusal(data) == "list.malformed"


def test_the_list_of_another_authority_is_refused() -> None:
    assert refusal(forged({1: "other"})) == "list.wrong_authority"


def test_a_wrong_state_hash_is_refused() -> None:
    assert refusal(forged({7: bytes(32)})) == "list.state_hash"


def test_the_hash_covers_list_epoch_and_coverage() -> None:
    for label, value in ((2, 8), (3, 2), (5, 602)):
        assert refusal(forged({label: value})) == "list.state_hash"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xd2",
        canon.encode(()),
        sign_list(LIST, signer=KEY)[1:],
        sign_list(LIST, signer=KEY) + b"\0",
        signed(1),
        signed({}),
        cose.sign1(b"\xff", signer=KEY, typ=LIST_TYP).to_bytes(),
    ],
    ids=range(8),
)
def test_what_is_no_list_is_refused(data: bytes) -> None:
    assert refusal(data) == "list.malformed"


def test_a_list_beyond_the_limit_is_refused_unread() -> None:
    assert refusal(b"\xd2".ljust(MAX_LIST_BYTES + 2, b"\0")) == "list.malformed"


@pytest.mark.parametrize("length", range(0, 400, 7))
def test_a_list_cut_short_is_refused(length: int) -> None:
    assert refusal(sign_list(LIST, signer=KEY)[:length]) == "list.malformed"


@pytest.mark.parametrize(
    "outer",
    [
        {"_2": 1},
        {"_4": -1},
        {"_4": LIST.issued_s - 1},
        {"_6": LIST.expires_s + 1},
        {"_6": True},
        {"_65533": {"bits": 1, "lst": b""}},
        {"_65533": {"bits": 2}},
        {"_65533": {"bits": 2, "lst": deflate(LIST.table.bits), "aggregation_uri": "x"}},
        {"_65534": -1},
        {"_65534": None},
        {"_4": LIST.issued_s + MAX_LIFETIME_S + 1},
        {"_6": MAX_TIME_S + 1, "_4": MAX_TIME_S + 1},
        {"_65534": MAX_LIFETIME_S + 1},
        {"_2": ""},
        {"_2": "u" * 201},
        {"_2": "\u200b"},
        {"_70001": 1},
    ],
    ids=str,
)
def test_other_claims_are_refused(outer: dict[str, Any]) -> None:
    outer = {label.replace("_70001", "_-70001"): value for label, value in outer.items()}
    assert refusal(forged(**outer)) == "list.malformed"


@pytest.mark.parametrize(
    ("outer", "own"), [({"_1": "issuer"}, {}), ({}, {11: 1}), ({}, {"a": 1})], ids=str
)
def test_unknown_entries_are_newer(outer: dict[str, Any], own: dict[Any, Any]) -> None:
    assert refusal(forged(own, **outer)) == "list.version_unknown"


def test_unknown_entries_with_negative_labels_are_ignored() -> None:
    assert opened(forged({-1: "x", -99: {1: 2}}, **{"_-5": b"x"})) == LIST


CHECKPOINT = Checkpoint("log", 12, bytes(range(32)))


def test_a_checkpoint_comes_back() -> None:
    made = replace(LIST, checkpoint=CHECKPOINT)
    assert opened(sign_list(made, signer=KEY)).checkpoint == CHECKPOINT
    value = {**CHECKPOINT.value(), -1: "ignored"}
    assert opened(forged({10: value})).checkpoint == CHECKPOINT
    for size in (0, 1, (1 << 64) - 1):
        of_size = replace(CHECKPOINT, tree_size=size)
        assert opened(forged({10: of_size.value()})).checkpoint == of_size


@pytest.mark.parametrize(
    "value",
    [None, [], {1: "log", 2: 12}, {1: "", 2: 12, 3: bytes(32)}, {1: "log", 2: -1, 3: bytes(32)},
     {1: "log", 2: 12, 3: bytes(31)}, {1: 1, 2: 12, 3: bytes(32)}],
    ids=str,
)  # fmt: skip
def test_other_checkpoints_are_refused(value: object) -> None:
    assert refusal(forged({10: value})) == "list.malformed"


@pytest.mark.parametrize(
    ("sequence", "previous"), [(1, bytes(32)), (2, None), (1 << 31, bytes(32)), (0, None)]
)
def test_previous_is_null_in_the_first_alone(sequence: int, previous: bytes | None) -> None:
    with pytest.raises(FieldError):
        replace(LIST, sequence=sequence, previous=previous)
    assert refusal(forged({4: sequence, 6: previous})) == "list.malformed"


ACTIVE = (KeyState.ACTIVE, 1)


def windowed(issued_s: int, **changes: Any) -> str:  # noqa: ANN401  # any field
    """What becomes of a list of that time, by a key with that window."""
    plain = PublishedKey(
        public=KEY.public, x509=None, uses=frozenset({KeyUse.LIST}), not_before=0, not_after=None,
        history=(ACTIVE,), seal_name="样例", seal_number="",
    )  # fmt: skip
    key = ListKey(KEY.public, replace(plain, **changes))
    data = sign_list(replace(LIST, issued_s=issued_s, expires_s=issued_s), signer=KEY)
    try:
        open_list(data, authority_id="sample", keys=lambda _: [key])
    except TrustError as error:
        return error.code
    return ""


def test_a_list_is_of_the_days_of_its_key() -> None:
    outside = "list.outside_window"
    assert windowed(86_400 * 9 - 28_801, not_before=9) == outside
    assert windowed(86_400 * 9 - 28_800, not_before=9, not_after=9) == ""
    assert windowed(86_400 * 10 - 28_801, not_after=9) == ""
    assert windowed(86_400 * 10 - 28_800, not_after=9) == outside


def test_a_list_is_not_of_a_retired_key() -> None:
    retired = (ACTIVE, (KeyState.RETIRED, 500))
    assert windowed(499, history=retired) == ""
    assert windowed(500, history=retired) == "list.outside_window"
    again = (*retired, (KeyState.ACTIVE, 600))
    assert windowed(599, history=again) == "list.outside_window"
    assert windowed(600, history=again) == ""
    assert windowed(0, history=retired) == ""


@pytest.mark.parametrize(
    "own",
    [
        {1: 1},
        {2: -1},
        {2: 1 << 16},
        {3: -1},
        {4: 0},
        {4: True},
        {5: -1},
        {5: (1 << 27) + 1},
        {5: 1 << 63},
        {6: b""},
        {6: bytes(31)},
        {6: "previous"},
        {10: None},
    ],
    ids=str,
)
def test_other_private_claims_are_refused(own: dict[int, object]) -> None:
    assert refusal(forged(own)) == "list.malformed"


def test_a_missing_claim_is_refused() -> None:
    for label in (2, 4, 6, 65533, 65534, -70001):
        value = claims()
        del value[label]
        assert refusal(signed(value)) == "list.malformed"
    for label in range(1, 10):
        value = claims()
        del value[-70001][label]
        assert refusal(signed(value)) == "list.malformed"


BITS = zlib.compress(LIST.table.bits)


@pytest.mark.parametrize(
    "lst",
    [b"", b"x", BITS[:-1], BITS + b"\0", BITS[:-1] + b"\0", BITS[2:-4], zlib.compress(b"")],
    ids=range(7),
)
def test_compressed_data_must_be_one_whole_stream_of_the_right_size(lst: bytes) -> None:
    assert refusal(forged(_65533={"bits": 2, "lst": lst})) == "list.malformed"


BOMB = zlib.compress(bytes(10_000_000))


@pytest.mark.parametrize("where", ["lst", "columns", "successors"])
def test_a_bomb_is_refused_before_it_is_inflated(where: str) -> None:
    data = {
        "lst": lambda: forged(_65533={"bits": 2, "lst": BOMB}),
        "columns": lambda: forged({8: BOMB}),
        "successors": lambda: forged({9: BOMB}),
    }[where]()
    assert refusal(data) == "list.bomb"


def test_content_that_disagrees_is_refused() -> None:
    table = LIST.table
    kinds = bytes((kind % 6) + 1 for kind in table.kinds)
    columns = zlib.compress(kinds + table.lows + table.highs)
    assert refusal(forged({8: columns})) == "list.malformed"


def test_any_compression_of_the_same_content_is_read() -> None:
    stored = zlib.compress(LIST.table.bits, 0)
    assert opened(forged(_65533={"bits": 2, "lst": stored})) == LIST


def test_parts_compress_and_inflate_to_their_sum() -> None:
    parts = (b"abc" * 100, b"", bytes(500), b"\x01\x02" * 50)
    assert inflate(deflate(*parts), size=900) == b"".join(parts)
    assert inflate(deflate(b"", b"", b""), size=0) == b""


@pytest.mark.parametrize(
    "fields",
    [
        {"sequence": 0},
        {"previous": b"short"},
        {"issued_s": -1},
        {"expires_s": LIST.issued_s - 1},
        {"ttl_s": 1 << 64},
    ],
    ids=str,
)
def test_a_list_that_could_not_be_read_is_never_made(fields: dict[str, Any]) -> None:
    with pytest.raises(FieldError) as caught:
        replace(LIST, **fields)
    assert caught.value.code == "list.field_refused"
    assert caught.value.details["field"] in fields


def test_a_list_and_a_checkpoint_have_the_least_and_the_greatest_numbers() -> None:
    assert [replace(LIST, ttl_s=one).ttl_s for one in (0, 34_560_000)] == [0, 34_560_000]
    assert [Checkpoint("log", size, bytes(32)).tree_size for size in (0, (1 << 64) - 1)] == [
        0, (1 << 64) - 1,
    ]  # fmt: skip
    for wrong in (-1, 34_560_001):
        with pytest.raises(FieldError):
            replace(LIST, ttl_s=wrong)
    for wrong in (-1, 1 << 64):
        with pytest.raises(FieldError):
            Checkpoint("log", wrong, bytes(32))


def test_valid_again_takes_no_room() -> None:
    table = LIST.table.changed(dict.fromkeys(ENTRIES, VALID), coverage=LIST.table.coverage)
    assert table.kinds == b""
    assert table.successors == b"\x80"
