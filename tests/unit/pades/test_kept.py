"""What the readers of documents keep from one to the next changes no answer."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.authority import AT_S
from tests.support.forge import Cms, Office, masked, office, stamped
from tests.support.population import certificates
from tests.support.x509 import Maker

from etitle.errors import DecodeError
from etitle.pades import objects, sequence, signeddata, structure
from etitle.pades.byterange import find_byte_range

ONE, TWO = certificates(2)
OURS = office(masked(ONE))
SEALS = [office(masked(ONE), kind=kind) for kind in ("p256", "rsa3072", "ed25519", "mldsa65")]
TSA = Maker.root("样例时间戳根").leaf("样例时间戳", timestamps=True)


def outcome(read: Callable[[bytes], object], data: bytes) -> object:
    """What a reader gives, or what it says of what it refuses."""
    try:
        return read(data)
    except DecodeError as error:
        return error.code, error.details


def cms_of(pdf: bytes) -> bytes:
    return signeddata.split(find_byte_range(pdf).contents)


CMSES = [
    cms_of(pdf)
    for by in SEALS
    for pdf in (by.document(), by.signed(chain=(by.root.der,)), by.signed(stamp=stamped(TSA, AT_S)))
]


def agreed(data: bytes) -> object:
    quick = outcome(signeddata.read_signature, data)
    assert quick == outcome(signeddata.read_signature_reference, data)
    return quick


def test_a_statement_of_every_seal_reads_as_in_full() -> None:
    for data in CMSES:
        found = agreed(data)
        assert isinstance(found, signeddata.SignedData)
        assert found == agreed(data)  # by what the first reading kept


def test_a_usual_statement_is_not_read_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = [data for data in CMSES if signeddata.read_signature(data).timestamp is None]
    assert len(usual) == 2 * len(SEALS)
    signed = [cms_of(OURS.document(opening=b"%016d" % at)) for at in range(40)]
    by_size = {len(data): data for data in signed}
    assert len(by_size) >= 3  # signatures of 70, 71 and 72 bytes
    monkeypatch.setattr(signeddata, "read_signature_reference", None)
    for data in (*usual, *by_size.values()):
        signeddata.read_signature(data)


def test_two_documents_of_one_seal_share_what_is_kept() -> None:
    before = signeddata._form.cache_info()
    for number in range(20):
        agreed(cms_of(OURS.document(opening=str(number).encode().zfill(16))))
    after = signeddata._form.cache_info()
    assert after.hits - before.hits >= 15
    assert after.misses - before.misses <= 4  # a signature of 69 to 72 bytes each


@pytest.mark.parametrize("at", range(len(CMSES)))
def test_a_flip_at_every_byte_reads_as_in_full(at: int) -> None:
    data = CMSES[at]
    assert isinstance(agreed(data), signeddata.SignedData)
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 1 << place % 8
        agreed(bytes(damaged))


@settings(max_examples=300)
@given(st.sampled_from(CMSES), st.integers(0, 4096), st.integers(0, 40), st.binary(max_size=40))
def test_a_statement_with_a_piece_exchanged_reads_as_in_full(
    data: bytes, at: int, size: int, new: bytes
) -> None:
    at %= len(data)
    agreed(data[:at] + new + data[at + size :])


def test_a_digest_among_the_certificates_is_not_taken_for_the_digest() -> None:
    # A second place that looks like the digest's, behind the true one and before it.
    marker = signeddata._DIGESTS[0][0] + bytes(range(32))
    for data in CMSES[:2]:
        for place in (40, len(data) - 80, len(data) - 74):
            agreed(data[:place] + marker + data[place + len(marker) :])
            agreed(data[:place] + marker + data[place:])


def cold(pdf: bytes) -> object:
    """What the strict reader says that has seen nothing before."""
    for kept in (objects.read_run, objects._head_without):
        kept.cache_clear()
    structure._KEPT.clear()
    sequence.KEPT.clear()
    return outcome(lambda data: structure.read_strict(data, find_byte_range(data)), pdf)


def warm(pdf: bytes) -> object:
    return outcome(lambda data: structure.read_strict(data, find_byte_range(data)), pdf)


def changed(by: Office, number: int, old: bytes, new: bytes) -> bytes:
    body = by.pdf.bodies()[number]
    assert old in body
    return by.document(objects={number: body.replace(old, new)})


VARIANTS = [
    OURS.document(),
    OURS.document(opening=None),
    OURS.document(token=None),
    OURS.document(token=None, opening=None),
    OURS.document(token=office(masked(TWO)).token),
    OURS.document(permission=2),
    OURS.document(sealed="D:20261121120000Z"),
    changed(OURS, 1, b"/SigFlags 3", b"/SigFlags 1"),
    changed(OURS, 1, b"/Lang (zh-CN)", b"/Lang (en-US)"),
    changed(OURS, 1, b"/DocMDP 2 0 R", b"/DocMDP 4 0 R"),
    changed(OURS, 3, b"/Count 1", b"/Count 2"),
    changed(OURS, 4, b"/Annots [5 0 R]", b"/Annots [5 0 R 5 0 R]"),
    changed(OURS, 4, b"/Type /Page", b"/Type /Pagf"),
    changed(OURS, 5, b"/FT /Sig", b"/FT /Tx"),
    changed(OURS, 5, b"/V 2 0 R", b"/V 3 0 R"),
    changed(OURS, 8, b"/AFRelationship", b"/AFRelatiunship"),
    changed(OURS, 8, b"(opening.txt)", b"(opening.txx)"),
    changed(OURS, 7, b"text#2Fplain", b"text#2Fplaim"),
    changed(OURS, 7, b"/Length 17", b"/Length 18"),
    changed(OURS, 6, b"/Length", b"/Lengti"),
]


def test_documents_read_one_after_another_read_as_each_alone() -> None:
    alone = [cold(pdf) for pdf in VARIANTS]
    assert sum(isinstance(one, structure.DocumentContent) for one in alone) >= 5
    order = random.Random(7)
    for _ in range(30):
        places = order.choices(range(len(VARIANTS)), k=12)
        assert [warm(VARIANTS[place]) for place in places] == [alone[place] for place in places]


def test_a_layout_is_kept_by_all_that_it_was_read_from() -> None:
    # Each object in turn has another text under a catalog that is known: it is read anew.
    first = OURS.document()
    for number, body in OURS.pdf.bodies().items():
        odd = OURS.document(objects={number: body.replace(b"/Type /", b"/Type /X", 1)})
        expected = cold(odd)
        cold(first)
        assert warm(odd) == expected


def test_the_ways_in_which_pages_of_one_catalog_differ_are_kept_side_by_side(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    each = structure._KEPT.MAX_EACH
    ways = [changed(OURS, 5, b"[400 80 520 200]", b"[%d 80 520 200]" % n) for n in range(each)]
    alone = [cold(pdf) for pdf in ways]
    structure._KEPT.clear()
    assert [warm(pdf) for pdf in ways] == alone
    monkeypatch.setattr(structure._KEPT, "keep", None)  # nothing is read again
    assert [warm(pdf) for pdf in ways] == alone
    monkeypatch.undo()
    for n in range(each, 3 * each):
        warm(changed(OURS, 5, b"[400 80 520 200]", b"[%d 80 520 200]" % n))
    assert len(structure._KEPT) == each


def test_what_is_kept_is_bounded() -> None:
    cold(OURS.document())
    for number in range(2 * structure._KEPT.MAX):
        warm(changed(OURS, 1, b"zh-CN", b"zh-%d" % number))
    assert 0 < len(structure._KEPT) <= structure._KEPT.MAX


def test_a_large_statement_is_read_and_not_kept() -> None:
    big = replace(OURS.cms, finish=lambda cms: cms + bytes(signeddata.MAX_KEPT_BYTES)).make(b"x")
    before = signeddata._form.cache_info().currsize
    assert isinstance(agreed(big), tuple)
    assert signeddata._form.cache_info().currsize == before
    assert isinstance(agreed(Cms(OURS.seal).make(b"x")), signeddata.SignedData)
