"""Whatever bytes come, a document gives a verdict, and a changed one is never VALID."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.authority import AT
from tests.support.forge import Cms, masked, office
from tests.support.population import certificates
from tests.support.question import EXAMPLES
from tests.support.x509 import Maker
from tests.vectors.make.papers import settled

from etitle import der
from etitle.errors import DecodeError
from etitle.keys.x509 import is_chain
from etitle.pades import lexer, signeddata, structure, timestamp
from etitle.pades.byterange import find_byte_range
from etitle.verdict import Summary, Verdict
from etitle.verify.document import verify_document
from etitle.verify.question import Question

OURS = replace(office(masked(certificates(1)[0])), signing=settled)
GOOD = OURS.document()
CMS = OURS.cms.make(b"")
STRANGER = Cms(Maker.root("样例外人"), signing=settled)
PIECES = st.sampled_from(
    [b"/ByteRange [0 9 12 3]", b"<", b">", b"<<", b">>", b"endobj\n", b"stream\n", b"%%EOF",
     b"xref\n", b"/Type /Image", b"/Filter /FlateDecode", b"/Width 99", b"/Height 99",
     b" obj", b"/SubFilter",
     OURS.seal.der.hex().encode(), CMS.hex().encode(), b"\x00", b"startxref\n9\n"]
)  # fmt: skip


def verify(pdf: bytes) -> Verdict:
    return verify_document(
        pdf, Question(trust=OURS.world.trust, lists=OURS.world.lists, at=AT, policy=EXAMPLES)
    )


def refusal(read: Callable[[], object]) -> str:
    """The code of what a reader raises; empty where it reads."""
    try:
        read()
    except DecodeError as error:
        return error.code
    return ""


@settings(max_examples=150)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=9)), max_size=25))
def test_any_bytes_give_a_verdict(pieces: list[bytes]) -> None:
    assert verify(b"%PDF-1.7\n" + b"".join(pieces)).summary is not Summary.VALID


@settings(max_examples=150)
@given(st.integers(0, len(GOOD)), st.integers(0, 60), st.one_of(PIECES, st.binary(max_size=60)))
def test_a_document_with_a_piece_exchanged_is_not_valid(at: int, size: int, new: bytes) -> None:
    changed = GOOD[:at] + new + GOOD[at + size :]
    if changed != GOOD:
        assert verify(changed).summary is not Summary.VALID


@settings(max_examples=60)
@given(st.dictionaries(st.integers(1, 8).filter(lambda n: n != 2), st.binary(max_size=80)))
def test_any_objects_under_a_strangers_seal_are_not_valid(objects: dict[int, bytes]) -> None:
    made = type(OURS.pdf)(OURS.token, objects=objects).make(STRANGER)
    assert verify(made).summary is not Summary.VALID


@settings(max_examples=60)
@given(st.dictionaries(st.integers(1, 8).filter(lambda n: n != 2), st.binary(max_size=80)))
def test_any_objects_are_read_or_refused(objects: dict[int, bytes]) -> None:
    pdf = type(OURS.pdf)(OURS.token, objects=objects).make(OURS.cms)
    code = refusal(lambda: structure.read_strict(pdf, find_byte_range(pdf)))
    assert code in {"", "document.malformed", "document.not_whole"}


@settings(max_examples=200)
@given(st.integers(0, len(CMS)), st.integers(0, 4), st.binary(max_size=4))
def test_a_changed_cms_is_read_or_refused(at: int, size: int, new: bytes) -> None:
    data = CMS[:at] + new + CMS[at + size :]
    for read in (signeddata.split, signeddata.read_signature):
        assert refusal(partial(read, data)) in {"", "document.cms_malformed"}


@settings(max_examples=100)
@given(st.binary(max_size=60))
def test_any_bytes_are_der_or_refused(data: bytes) -> None:
    for read in (
        lambda: der.node(data, 0, len(data)),
        lambda: der.children(data, der.DerNode(0x30, 0, 0, len(data))),
        lambda: timestamp.read_timestamp(data, b""),
        lambda: is_chain(data, (data,), to_root=True),
    ):
        assert refusal(read) in {"", "document.cms_malformed"}


@settings(max_examples=200)
@given(st.text("<>[]()/\\# \nRA0123.+-%truefalsn_\0", max_size=40))
def test_any_text_is_an_object_or_refused(text: str) -> None:
    assert refusal(lambda: lexer.parse(text.encode())) in {"", "document.malformed"}


@pytest.mark.parametrize(
    "text",
    ["\0 0 R", "x 0 R", "1_0", "1_0.5", "inf", "nan", "(a(b)", "(a\\1)", "<0g>", "<0 0>", "1 1 R",
     "/A#20", "[1 2", "<< /A >>", "<< 1 /A >>", "1 2", "", "% x", "{1}", "0 0 R", "--1", "1e5"],
)  # fmt: skip
def test_a_text_of_another_spelling_is_refused(text: str) -> None:
    assert refusal(lambda: lexer.parse(text.encode())) == "document.malformed"


@pytest.mark.parametrize("at", [0, 9, 30])
def test_an_object_is_not_read_beyond_its_depth(at: int) -> None:
    text = b"[" * at + b"]" * at
    if 0 < at <= lexer.MAX_DEPTH:
        assert lexer.parse(text) is not None
        return
    with pytest.raises(DecodeError) as caught:
        lexer.parse(text)
    assert caught.value.code == "document.malformed"
